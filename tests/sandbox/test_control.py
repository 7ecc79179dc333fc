"""The control endpoints."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import requests

from sandbox.server import Box

Api = Callable[..., requests.Response]
Control = Callable[..., Any]

FOLDER = {"name": "x", "mimeType": "application/vnd.google-apps.folder"}


def test_list_names_every_endpoint_with_its_parameters(box: Box) -> None:
    answer = requests.get(f"{box.url}/sandbox/", timeout=10).json()
    described = {(end["method"], end["path"]): end for end in answer["endpoints"]}
    assert ("POST", "/sandbox/faults") in described
    letter = described["POST", "/sandbox/letters"]
    assert letter["required"] == ["mailbox"]
    assert "subject" in letter["parameters"]
    assert all(end["description"] for end in answer["endpoints"])


def test_world_tells_which_methods_exist(control: Control) -> None:
    methods = control("GET", "world")["methods"]
    assert methods["drive.files.list"] is True
    assert methods["drive.apps.list"] is False


def test_bad_wishes_are_refused(box: Box) -> None:
    def ask(endpoint: str, body: Any) -> requests.Response:
        return requests.post(f"{box.url}/sandbox/{endpoint}", json=body, timeout=10)

    assert ask("nothing", {}).status_code == 404
    assert ask("faults", {"kind": "plague"}).status_code == 400
    assert ask("faults", {"kind": "error", "colour": 1}).status_code == 400
    assert ask("faults", [1]).status_code == 400
    assert ask("letters", {"mailbox": "nobody@example.com"}).status_code == 404
    assert ask("quotas", {"limits": {"X": 1}}).status_code == 400
    assert requests.post(f"{box.url}/sandbox/clock", data=b"{", timeout=10).status_code == 400


def test_reset_forgets_files_but_keeps_the_shared_drive_id(api: Api, control: Control) -> None:
    first = control("POST", "reset")
    api("POST", "/drive/v3/files", json=FOLDER)
    assert control("POST", "reset") == first
    assert api("GET", "/drive/v3/files").json()["files"] == []


def test_letter_from_simple_fields(gmail: Any, control: Control) -> None:
    delivered = control(
        "POST",
        "letters",
        mailbox="manager1@example.com",
        sender="Иван <ivan@acme.kz>",
        subject="Счёт",
        text="Добрый день",
        date="2026-11-05T10:00:00Z",
        attachments={"a.pdf": base64.b64encode(b"%PDF").decode()},
    )
    message = gmail.users().messages().get(userId="me", id=delivered["id"]).execute()
    headers = {header["name"]: header["value"] for header in message["payload"]["headers"]}
    assert headers["Subject"] == "Счёт"
    assert message["internalDate"] == "1793872800000"
    assert set(message["labelIds"]) == {"INBOX", "UNREAD"}


def test_letter_from_raw_bytes(box: Box, gmail: Any) -> None:
    raw = b"From: a@b.c\nSubject: raw\n\nbody\n"
    answer = requests.post(
        f"{box.url}/sandbox/letters?mailbox=manager1@example.com",
        data=raw,
        headers={"content-type": "message/rfc822"},
        timeout=10,
    )
    message = gmail.users().messages().get(userId="me", id=answer.json()["id"], format="raw")
    assert base64.urlsafe_b64decode(message.execute()["raw"]) == raw


def test_clock_moves_and_freezes(control: Control) -> None:
    moved = control("POST", "clock", set="2030-01-01T00:00:00Z", frozen=True)
    assert moved == {"now": "2030-01-01T00:00:00+00:00"}
    assert control("POST", "clock", advance_seconds=90)["now"] == "2030-01-01T00:01:30+00:00"
    control("POST", "clock", frozen=False)
    assert control("GET", "clock")["now"] > "2030-01-01T00:01:30+00:00"


def test_log_of_requests_with_filters(api: Api, box: Box, control: Control) -> None:
    api("POST", "/drive/v3/files", json=FOLDER)
    api("GET", "/drive/v3/files", user="lead@example.com")
    entries = control("GET", "log")["entries"]
    assert [entry["index"] for entry in entries] == [0, 1]
    assert entries[0]["method"] == "drive.files.create"
    assert (entries[0]["kind"], entries[0]["quota_cost"], entries[0]["effect"]) == (
        "write",
        50,
        True,
    )
    assert (entries[1]["kind"], entries[1]["effect"]) == ("read", False)
    assert entries[1]["response_bytes"] > 0
    url = f"{box.url}/sandbox/log?user=lead@example.com&method=drive.*&kind=read&status=200&since=1"
    assert len(requests.get(url, timeout=10).json()["entries"]) == 1
    control("DELETE", "log")
    assert control("GET", "log")["entries"] == []


def test_act_as_somebody_else(api: Api, control: Control, box: Box) -> None:
    control("POST", "act", user="lead@example.com", method="drive.files.create", body=FOLDER)
    assert len(api("GET", "/drive/v3/files", user="lead@example.com").json()["files"]) == 1
    assert box.world.log.select(method="drive.files.create") == []


def test_refused_act_gives_googles_error(box: Box) -> None:
    wish = {
        "user": "lead@example.com",
        "method": "drive.files.get",
        "params": {"fileId": "missing"},
    }
    answer = requests.post(f"{box.url}/sandbox/act", json=wish, timeout=10)
    assert answer.status_code == 404
    assert "File not found: missing." in answer.json()["error"]


def test_act_waits_for_a_call(api: Api, control: Control) -> None:
    control(
        "POST",
        "act",
        user="manager1@example.com",
        method="drive.files.create",
        body=FOLDER,
        after={"method": "drive.files.list", "skip": 1},
    )
    seen = [len(api("GET", "/drive/v3/files").json()["files"]) for _ in range(4)]
    assert seen == [0, 0, 1, 1]


def test_failed_planned_act_is_told(api: Api, control: Control) -> None:
    control(
        "POST",
        "act",
        user="lead@example.com",
        method="drive.files.get",
        params={"fileId": "missing"},
        after={"method": "drive.*"},
    )
    api("GET", "/drive/v3/files")
    assert control("GET", "world")["failed_acts"] == [
        "drive.files.get as lead@example.com: File not found: missing."
    ]
