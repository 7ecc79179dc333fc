"""Resumable uploads step by step, and downloads in pieces."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from googleapiclient.http import MediaIoBaseDownload

from sandbox.server import Box

Api = Callable[..., requests.Response]

CHUNK = 256 * 1024
START = "/upload/drive/v3/files?uploadType=resumable"


@pytest.fixture
def location(api: Api, box: Box) -> str:
    """Where the content of an upload that has begun goes."""
    started = api("POST", START, json={"name": "x"})
    assert started.status_code == 200
    return started.headers["location"].removeprefix(box.url)


def send(api: Api, location: str, data: bytes, first: int, total: int) -> requests.Response:
    last = first + len(data) - 1
    headers = {"content-range": f"bytes {first}-{last}/{total}"}
    return api("PUT", location, data=data, headers=headers)


def test_it_tells_how_far_it_is(api: Api, location: str) -> None:
    total = CHUNK + 2
    asked = api("PUT", location, headers={"content-range": f"bytes */{total}"})
    assert (asked.status_code, "range" in asked.headers) == (308, False)
    some = send(api, location, b"a" * CHUNK, 0, total)
    assert (some.status_code, some.headers["range"]) == (308, f"bytes=0-{CHUNK - 1}")
    assert send(api, location, b"b", CHUNK + 1, total).status_code == 400, "a gap"
    done = send(api, location, b"bc", CHUNK, total)
    assert done.json()["name"] == "x"
    again = api("PUT", location, headers={"content-range": f"bytes */{total}"})
    assert again.json() == done.json(), "whoever lost the answer gets it again"
    made = api("GET", f"/drive/v3/files/{done.json()['id']}?alt=media")
    assert made.content == b"a" * CHUNK + b"bc"


def test_clients_that_take_308_for_a_redirect(api: Api, location: str) -> None:
    """C: Google's Go client sends this header, and looks at the other one."""
    headers = {"x-guploader-no-308": "yes", "content-range": f"bytes 0-{CHUNK - 1}/*"}
    some = api("POST", location, data=b"a" * CHUNK, headers=headers)
    assert (some.status_code, some.headers["x-http-status-code-override"]) == (200, "308")
    assert some.headers["range"] == f"bytes=0-{CHUNK - 1}"
    headers["content-range"] = f"bytes {CHUNK}-{CHUNK}/{CHUNK + 1}"
    done = api("POST", location, data=b"b", headers=headers)
    assert done.json()["name"] == "x"
    assert "x-http-status-code-override" not in done.headers


def test_the_address_of_an_upload_is_its_key(box: Box, location: str) -> None:
    """G: the address that an upload got is all that the content needs."""
    done = requests.put(box.url + location, data=b"x", timeout=10)
    assert (done.status_code, done.json()["name"]) == (200, "x")
    (file,) = [one for one in box.world.drive.files.values() if one.content == b"x"]
    assert file.owner == "manager1@example.com"


def test_an_answer_given_again_changes_nothing(api: Api, box: Box, location: str) -> None:
    for _ in range(2):
        assert api("PUT", location, data=b"x").status_code == 200
    effects = [entry["effect"] for entry in box.world.log.select(method="drive.files.create")]
    assert effects == [False, True, False]


def test_only_the_last_chunk_may_be_small(api: Api, location: str) -> None:
    """R: the text as others recorded it."""
    answer = send(api, location, b"ab", 0, 4)
    assert answer.status_code == 400
    assert answer.text == (
        "Invalid request.  The number of bytes uploaded is required to be equal or greater than "
        "262144, except for the final request (it's recommended to be the exact multiple of "
        "262144).  The received request contained 2 bytes, which does not meet this requirement."
    )


def test_it_can_be_given_up(api: Api, box: Box, location: str) -> None:
    files = len(box.world.drive.files)
    assert api("DELETE", location).status_code == 499
    assert api("PUT", location, data=b"x").status_code == 404
    assert len(box.world.drive.files) == files


def test_an_upload_that_nobody_began_creates_nothing(api: Api, box: Box) -> None:
    files = len(box.world.drive.files)
    assert api("POST", f"{START}&upload_id=junk", data=b"x").status_code == 404
    assert len(box.world.drive.files) == files


def test_bad_metadata_is_refused_at_the_start(api: Api) -> None:
    answer = api("POST", START, json={"starred": "perhaps"})
    assert answer.status_code == 400
    assert "location" not in answer.headers


def test_another_size_than_announced_is_refused(api: Api, box: Box) -> None:
    started = api("POST", START, json={}, headers={"x-upload-content-length": "3"})
    location = started.headers["location"].removeprefix(box.url)
    assert api("PUT", location, data=b"four").status_code == 400
    assert api("PUT", location, data=b"abc").status_code == 200


@pytest.fixture
def file_id(api: Api) -> str:
    headers = {"content-type": "text/plain"}
    made = api(
        "POST", "/upload/drive/v3/files?uploadType=media", data=b"0123456789", headers=headers
    )
    return str(made.json()["id"])


@pytest.mark.parametrize(
    ("wanted", "content", "content_range"),
    [
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=8-100", b"89", "bytes 8-9/10"),
        ("bytes=-100", b"0123456789", "bytes 0-9/10"),
    ],
)
def test_a_range_is_206(
    api: Api, file_id: str, wanted: str, content: bytes, content_range: str
) -> None:
    got = api("GET", f"/drive/v3/files/{file_id}?alt=media", headers={"range": wanted})
    assert (got.status_code, got.content) == (206, content)
    assert got.headers["content-range"] == content_range


@pytest.mark.parametrize("wanted", ["", "bytes=-", "bytes=0-1,4-5", "lines=1-2", "bytes=a-b"])
def test_what_is_no_single_range_gives_the_whole(api: Api, file_id: str, wanted: str) -> None:
    got = api("GET", f"/drive/v3/files/{file_id}?alt=media", headers={"range": wanted})
    assert (got.status_code, got.content) == (200, b"0123456789")


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=5-3", "bytes=-0"])
def test_an_impossible_range_is_416(api: Api, file_id: str, wanted: str) -> None:
    got = api("GET", f"/drive/v3/files/{file_id}?alt=media", headers={"range": wanted})
    assert (got.status_code, got.headers["content-range"]) == (416, "bytes */10")
    assert got.json()["error"]["errors"] == [
        {
            "message": "Request range not satisfiable",
            "domain": "global",
            "reason": "requestedRangeNotSatisfiable",
            "location": "Range",
            "locationType": "header",
        }
    ]


def test_metadata_has_no_ranges(api: Api, file_id: str) -> None:
    got = api("GET", f"/drive/v3/files/{file_id}", headers={"range": "bytes=0-1"})
    assert got.json()["id"] == file_id


def pieces(drive: Any, file_id: str) -> Iterator[float]:
    """Let the official client download in chunks; how far it is after each."""
    sink = io.BytesIO()
    download = MediaIoBaseDownload(sink, drive.files().get_media(fileId=file_id), chunksize=4)
    done = False
    while not done:
        status, done = download.next_chunk()
        yield status.progress()
    assert sink.getvalue() == b"0123456789"


def test_the_official_client_downloads_in_chunks(
    drive_as: Callable[[str], Any], file_id: str
) -> None:
    assert list(pieces(drive_as("manager1@example.com"), file_id)) == [0.4, 0.8, 1.0]
