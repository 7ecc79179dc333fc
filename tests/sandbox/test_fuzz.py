"""Whatever a client sends by the schemas or against them, there is no 500 of the sandbox's own."""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.calls import Json
from sandbox.control import ENDPOINTS
from sandbox.discovery import Method, known_scopes, load_methods
from sandbox.front import front_door
from sandbox.people import MAILBOX_OWNERS
from sandbox.performing import show_registry
from sandbox.tokens import ServiceKey
from sandbox.wire import Request
from sandbox.world import World

EXAMPLES = int(os.environ.get("SANDBOX_FUZZ_EXAMPLES", "6"))
"""For each method; the long run sets more."""
MAX_DEPTH = 4

IMPLEMENTED = [load_methods()[name] for name, has in show_registry().items() if has]
USER = MAILBOX_OWNERS[0]

TEXTS = st.sampled_from(["", "a", "A1", "Sheet1!A1:B2", "*", "0", "me", "INBOX", "root", "ё'\\\""])
WILD: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.just([]) | st.just({})
)


@pytest.fixture(scope="module")
def world(service_key: ServiceKey) -> World:
    return World(key=service_key, sa_storage=True, checks_responses=True)


def scalars(spec: Json) -> st.SearchStrategy[Any]:
    if "enum" in spec:
        return st.sampled_from(spec["enum"])
    match spec.get("type"):
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(-2, 30) | st.integers(-(2**31), 2**31 - 1)
        case "number":
            return st.floats(-1e9, 1e9) | st.integers(0, 3)
        case "string":
            return TEXTS | st.text(max_size=6)
        case _:
            return WILD


def values(method: Method, spec: Json, depth: int = 0) -> st.SearchStrategy[Any]:
    """Mostly what the schema wants, seldom something else."""
    if "$ref" in spec:
        spec = method.api.schemas[spec["$ref"]]
    kind = spec.get("type")
    if kind == "array":
        inner = values(method, spec["items"], depth + 1)
        fitting: st.SearchStrategy[Any] = st.lists(inner, max_size=2 if depth < MAX_DEPTH else 0)
    elif kind == "object" and "additionalProperties" in spec:
        fitting = st.dictionaries(TEXTS, values(method, spec["additionalProperties"], depth + 1))
    elif kind == "object":
        fitting = objects(method, spec.get("properties", {}), depth)
    else:
        fitting = scalars(spec)
    return st.integers(0, 40).flatmap(lambda dice: WILD if dice == 0 else fitting)


def objects(method: Method, properties: Json, depth: int) -> st.SearchStrategy[Any]:
    if depth >= MAX_DEPTH or not properties:
        return st.just({})
    names = st.lists(st.sampled_from(sorted(properties)), max_size=4, unique=True)
    return names.flatmap(
        lambda chosen: st.fixed_dictionaries(
            {name: values(method, properties[name], depth + 1) for name in chosen}
        )
    )


def known_ids(world: World) -> st.SearchStrategy[str]:
    mailbox = world.gmail.mailboxes[USER]
    known = [*world.drive.files, *mailbox.letters, *mailbox.threads, *mailbox.labels]
    return st.sampled_from(known[-40:]) | TEXTS


@st.composite
def requests(draw: st.DrawFn, world: World, method: Method) -> Request:
    path = "/" + method.path
    query: list[tuple[str, str]] = []
    for name, spec in method.parameters.items():
        if spec["location"] == "path":
            value = USER if name == "userId" else draw(known_ids(world))
            path = path.replace("{" + name + "}", quote(value or "x", safe=""))
        elif draw(st.booleans()):
            drawn = draw(scalars(spec) | TEXTS)
            query.append((name, str(drawn).lower() if isinstance(drawn, bool) else str(drawn)))
    body = draw(values(method, {"$ref": method.request})) if method.request else None
    token = world.tokens.issue(USER, "fuzz", method.scopes, world.clock.now())
    return Request(
        method.http_method,
        path,
        urlencode(query),
        {"authorization": f"Bearer {token}", "content-type": "application/json"},
        b"" if body is None else json.dumps(body).encode(),
        "http://127.0.0.1",
    )


def furnish(world: World) -> None:
    """Something to work on."""
    world.reset()
    world.gmail.deliver(USER, b"Subject: x\n\nbody", world.clock.now())
    token = world.tokens.issue(USER, "fuzz", IMPLEMENTED[0].api.scopes, world.clock.now())
    headers = {"authorization": f"Bearer {token}"}
    body = json.dumps({"mimeType": "application/vnd.google-apps.spreadsheet"}).encode()
    for _ in range(2):
        front_door(world, Request("POST", "/drive/v3/files", "", headers, body, ""))


@pytest.mark.parametrize("method", IMPLEMENTED, ids=lambda method: method.id)
def test_no_500_that_was_not_asked_for(world: World, method: Method) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def run(data: st.DataObject) -> None:
        furnish(world)
        for _ in range(2):
            request = data.draw(requests(world, method))
            reply = front_door(world, request)
            assert world.crashes == [], world.crashes[0]
            assert reply.status != 500

    run()


PIECES = st.sampled_from(
    [b"--b", b"--b--", b"\r\n", b"\n", b"{}", b"[1]", b"null", b"1e999", b'{"kind": "error"}',
     b"GET /drive/v3/files HTTP/1.1", b"Content-Type: application/http", b"[" * 50, b"\xff\x00",
     b"Content-Transfer-Encoding: base64"]
)  # fmt: skip
PATHS = st.sampled_from(
    ["/batch", "/token", "/upload/drive/v3/files", "/upload/gmail/v1/users/me/messages", "/", "//",
     "/v4/spreadsheets/%FF/values/%00", "/%", *(endpoint.path for endpoint in ENDPOINTS)]
)  # fmt: skip
TYPES = st.sampled_from(
    ["", "multipart/mixed; boundary=b", "multipart/related", "multipart/mixed; boundary=",
     "application/x-www-form-urlencoded", "text/plain;;;"]
)  # fmt: skip
QUERIES = st.sampled_from(
    ["", "uploadType=multipart", "uploadType=resumable&upload_id=x", "uploadType=resumable",
     "fields=(", "alt=proto", "x=%FF&&=", "access_token=", "prettyPrint=maybe"]
)  # fmt: skip


@settings(max_examples=40 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "ODD"]),
    PATHS,
    QUERIES,
    TYPES,
    st.lists(PIECES | st.binary(max_size=4), max_size=8),
)
def test_raw_bytes_never_crash_the_server(
    world: World, http_method: str, path: str, query: str, content_type: str, body: list[bytes]
) -> None:
    token = world.tokens.issue(USER, "fuzz", known_scopes(), world.clock.now())
    headers = {"content-type": content_type, "authorization": f"Bearer {token}"}
    front_door(world, Request(http_method, path, query, headers, b"".join(body), "http://x"))
    assert world.crashes == []
    world.faults.clear()
