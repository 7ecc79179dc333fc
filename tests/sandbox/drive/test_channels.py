"""Push channels are recorded; nobody is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from sandbox.server import Box

MANAGER1 = "manager1@example.com"
HOUR, DAY, WEEK = 3_600, 86_400, 604_800


def refusal(call: Any) -> tuple[int, str, str]:
    with pytest.raises(HttpError) as refused:
        call.execute()
    item = refused.value.error_details[0]
    return refused.value.resp.status, item["reason"], item["message"]


@pytest.fixture
def owner(drive_as: Callable[[str], Any]) -> Any:
    return drive_as(MANAGER1)


@pytest.fixture
def file_id(owner: Any) -> str:
    return str(owner.files().create(body={"name": "f"}).execute()["id"])


def wish(channel_id: str = "c-1", **more: Any) -> dict[str, Any]:
    return {"id": channel_id, "type": "web_hook", "address": "https://example.com/hook", **more}


def life(channel: Any, box: Box) -> float:
    return float(int(channel["expiration"]) / 1000 - box.world.clock.now().timestamp())


def test_a_channel_of_changes(owner: Any, box: Box, control: Callable[..., Any]) -> None:
    box.world.clock.freeze()
    token = owner.changes().getStartPageToken().execute()["startPageToken"]
    made = owner.changes().watch(pageToken=token, body=wish(token="secret")).execute()
    assert made["kind"] == "api#channel"
    assert (made["id"], made["token"]) == ("c-1", "secret")
    assert made["resourceUri"].startswith("https://www.googleapis.com/drive/v3/changes?alt=json")
    assert life(made, box) == pytest.approx(HOUR, abs=0.01), "D: an hour unless told"
    (known,) = control("GET", "world")["channels"]
    assert (known["address"], known["user"]) == ("https://example.com/hook", MANAGER1)
    stopped = {"id": made["id"], "resourceId": made["resourceId"]}
    owner.channels().stop(body=stopped).execute()
    assert control("GET", "world")["channels"] == []
    assert refusal(owner.channels().stop(body=stopped)) == (
        404,
        "notFound",
        "Channel 'c-1' not found for project '482915036671'",
    )


@pytest.mark.parametrize(("kind", "longest"), [("files", DAY), ("changes", WEEK)])
def test_the_longest_lives(owner: Any, file_id: str, box: Box, kind: str, longest: int) -> None:
    """G: a day for files, a week for changes."""
    box.world.clock.freeze()
    end = int(box.world.clock.now().timestamp() * 1000) + 30 * DAY * 1000
    body = wish(expiration=str(end))
    if kind == "files":
        made = owner.files().watch(fileId=file_id, body=body).execute()
    else:
        made = owner.changes().watch(pageToken="1", body=body).execute()
    assert life(made, box) == pytest.approx(longest, abs=0.01)


def test_a_wished_life(owner: Any, file_id: str, box: Box) -> None:
    box.world.clock.freeze()
    made = owner.files().watch(fileId=file_id, body=wish(params={"ttl": "60"})).execute()
    assert life(made, box) == pytest.approx(60, abs=0.01)


@pytest.mark.parametrize(
    ("change", "reason", "message"),
    [
        ({"address": "http://example.com"}, "push.webhookUrlNotHttps",
         "WebHook callback must be HTTPS: http://example.com"),
        ({"id": ""}, "required", "entity.id is required"),
        ({"type": "pigeon"}, "channelUnknown", "Unknown channel type."),
        ({"expiration": "1000"}, "invalid", "Channel expiration is in the past."),
    ],
)  # fmt: skip
def test_refused_channels(
    owner: Any, file_id: str, change: dict[str, str], reason: str, message: str
) -> None:
    call = owner.files().watch(fileId=file_id, body={**wish(), **change})
    assert refusal(call) == (400, reason, message)


def test_an_id_is_used_once_while_it_lives(owner: Any, file_id: str, box: Box) -> None:
    owner.files().watch(fileId=file_id, body=wish()).execute()
    again = owner.files().watch(fileId=file_id, body=wish())
    assert refusal(again) == (400, "channelIdNotUnique", "Channel id c-1 not unique")
    box.world.clock.advance(HOUR - 10)
    assert refusal(again)[1] == "channelIdNotUnique"


def test_another_cannot_stop_it(owner: Any, file_id: str, drive_as: Callable[[str], Any]) -> None:
    made = owner.files().watch(fileId=file_id, body=wish()).execute()
    stopped = {"id": made["id"], "resourceId": made["resourceId"]}
    assert refusal(drive_as("lead@example.com").channels().stop(body=stopped))[0] == 404


def test_what_cannot_be_seen_cannot_be_watched(owner: Any) -> None:
    assert refusal(owner.files().watch(fileId="missing", body=wish()))[0] == 404
    assert refusal(owner.changes().watch(pageToken="junk", body=wish()))[0] == 400
