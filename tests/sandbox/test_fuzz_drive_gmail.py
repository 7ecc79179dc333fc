"""Searches, letters, uploads, downloads and batches of any form: no 500 of the sandbox's own."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.base64url import encode_bytes
from sandbox.discovery import known_scopes
from sandbox.front import front_door
from sandbox.people import MAILBOX_OWNERS
from sandbox.tokens import ServiceKey
from sandbox.wire import Reply, Request
from sandbox.world import World
from tests.sandbox.test_fuzz import EXAMPLES

USER = MAILBOX_OWNERS[0]
SCOPES = known_scopes() - {"https://www.googleapis.com/auth/gmail.metadata"}
LONG = settings(
    max_examples=25 * EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def world(service_key: ServiceKey) -> World:
    world = World(key=service_key, sa_storage=True, checks_responses=True)
    for number in range(3):
        raw = f"Subject: {number}\nList-ID: <a.b>\n\nhttps://drive.google.com/x".encode()
        world.gmail.deliver(USER, raw, world.clock.now())
    send(world, "POST", "/drive/v3/files", body=b'{"name": "a", "starred": true}')
    return world


def send(
    world: World,
    method: str,
    path: str,
    query: str = "",
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> Reply:
    """A request with a good token; a crash inside fails the test."""
    token = world.tokens.issue(USER, "fuzz", SCOPES, world.clock.now())
    known = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    request = Request(method, path, query, {**known, **(headers or {})}, body, "http://x")
    reply = front_door(world, request)
    assert world.crashes == [], world.crashes[0]
    assert reply.status != 500
    return reply


def pieces(*fixed: str) -> st.SearchStrategy[str]:
    """Texts put together of the words of a language and of anything else."""
    return st.lists(st.sampled_from(fixed) | st.text(max_size=3), max_size=9).map(" ".join)


DRIVE_WORDS = (
    "name", "=", "!=", "contains", "'a'", '"b"', "and", "or", "not", "(", ")", "in", "parents",
    "'root'", "'me'", "owners", "trashed", "true", "false", "modifiedTime", ">", "<=",
    "'2026-11-05T10:00:00'", "appProperties", "properties", "has", "{", "}", "key", "value",
    "visibility", "'limited'", "shortcutDetails.targetId", "sharedWithMe", "fullText", "\\",
    "hidden", "memberCount", "organizerCount", "2", "createdTime", "mimeType", "starred", "labels",
)  # fmt: skip


@LONG
@given(pieces(*DRIVE_WORDS), st.sampled_from(["/drive/v3/files", "/drive/v3/drives"]))
def test_searches_of_drive(world: World, query: str, path: str) -> None:
    reply = send(world, "GET", path, urlencode({"q": query}))
    assert reply.status in (200, 400)


MAIL_WORDS = (
    "from:", "to:me", "cc:a@b", "subject:", "label:inbox", "in:anywhere", "is:unread", "has:drive",
    "has:attachment", "filename:pdf", "after:2026/11/05", "before:1793854800", "newer_than:2d",
    "older_than:1y", "-", "OR", "{", "}", "(", ")", '"a b"', "rfc822msgid:<a@b>", "list:a.b",
    "larger:1M", "size:x", "category:primary", "AND", "|", ":", "AROUND",
)  # fmt: skip


@LONG
@given(pieces(*MAIL_WORDS), st.sampled_from(["messages", "threads", "drafts"]))
def test_searches_of_gmail(world: World, query: str, resource: str) -> None:
    path = f"/gmail/v1/users/me/{resource}"
    assert send(world, "GET", path, urlencode({"q": query})).status == 200


HEADERS = (
    b"To: a@b.example", b"To: ", b"From: x", b"Bcc: manager2@example.com",
    b"Subject: =?koi8-r?B?98/R1A==?=",
    b"Content-Type: multipart/mixed; boundary=b", b"Content-Type: text/html; charset=no-such",
    b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: base64", b"Message-ID: <a@b>",
    b"References: <a@b>", b" folded", b"Date: never", b"--b", b"--b--", b"", b"text", b"\xff\xfe",
    b"Content-Disposition: attachment; filename*=utf-8''%FF", b"Subject: =?x?Q?=zz?=",
)  # fmt: skip
LETTERS = st.lists(st.sampled_from(HEADERS) | st.binary(max_size=6), max_size=12).map(b"\r\n".join)
FORMATS = ("full", "raw", "metadata", "minimal")


@LONG
@given(LETTERS)
def test_letters(world: World, raw: bytes) -> None:
    body = json.dumps({"raw": encode_bytes(raw) or "IA"}).encode()
    root = "/gmail/v1/users/me"
    for path in ("messages/send", "messages", "messages/import"):
        reply = send(world, "POST", f"{root}/{path}", body=body)
        assert reply.status in (200, 400)
        if reply.status == 200:
            made = json.loads(reply.body)["id"]
            for style in FORMATS:
                assert (
                    send(world, "GET", f"{root}/messages/{made}", f"format={style}").status == 200
                )
            send(world, "DELETE", f"{root}/messages/{made}")


NUMBERS = st.integers(-2, 12) | st.sampled_from([262_143, 262_144, 10**17, 10**25])
RANGES = st.one_of(
    st.builds("bytes {}-{}/{}".format, NUMBERS, NUMBERS, NUMBERS | st.just("*")),
    st.builds("bytes */{}".format, NUMBERS | st.just("*")),
    st.text(max_size=8),
)


@LONG
@given(st.lists(st.tuples(RANGES | st.none(), st.binary(max_size=6)), max_size=4), st.booleans())
def test_resumable_uploads(
    world: World, steps: list[tuple[str | None, bytes]], gives_up: bool
) -> None:
    path = "/upload/drive/v3/files"
    started = send(world, "POST", path, "uploadType=resumable", b'{"name": "x"}')
    query = started.headers["location"].partition("?")[2]
    for content_range, content in steps:
        headers = {} if content_range is None else {"content-range": content_range}
        reply = send(world, "PUT", path, query, content, headers)
        assert reply.status in (200, 308, 400)
    if gives_up:
        assert send(world, "DELETE", path, query).status == 499
        assert send(world, "PUT", path, query, b"x").status == 404


@LONG
@given(st.builds("bytes={}-{}".format, NUMBERS | st.just(""), NUMBERS | st.just("")) | st.text())
def test_ranges(world: World, wanted: str) -> None:
    files = [file.id for file in world.drive.files.values() if file.content is not None]
    path = f"/drive/v3/files/{quote(files[0])}"
    reply = send(world, "GET", path, "alt=media", headers={"range": wanted})
    assert reply.status in (200, 206, 416)


CALLS = st.sampled_from(
    ["GET /gmail/v1/users/me/profile", "GET /drive/v3/files?q=%FF", "DELETE /drive/v3/files/x",
     "POST /gmail/v1/users/me/messages/send HTTP/1.1\r\ncontent-type: application/json\r\n\r\n{}",
     "POST /batch", "GET http://x/drive/v3/about?fields=user HTTP/1.1", "", "ODD", "GET",
     "POST /upload/drive/v3/files?uploadType=resumable"]
)  # fmt: skip


@LONG
@given(
    st.lists(CALLS | st.text(max_size=6), max_size=5),
    st.sampled_from(["/batch", "/batch/drive/v3", "/batch/gmail/v1", "/batch/sheets/v4"]),
)
def test_batches(world: World, calls: list[str], path: str) -> None:
    part = "--b\r\nContent-Type: application/http\r\nContent-ID: <{}>\r\n\r\n{}\r\n\r\n"
    body = "".join(part.format(number, call) for number, call in enumerate(calls)) + "--b--"
    headers = {"content-type": "multipart/mixed; boundary=b"}
    reply = send(world, "POST", path, body=body.encode(), headers=headers)
    assert reply.status == (200 if calls else 400)
    assert reply.body.count(b"Content-ID: <response-") == len(calls)


BODIES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


@LONG
@given(BODIES, st.sampled_from(["delays", "act", "letters", "quotas", "faults", "clock", "log"]))
def test_wishes(world: World, body: Any, endpoint: str) -> None:
    reply = send(world, "POST", f"/sandbox/{endpoint}", body=json.dumps(body).encode())
    assert reply.status < 500
    world.faults.clear()
    world.quotas.set({})
