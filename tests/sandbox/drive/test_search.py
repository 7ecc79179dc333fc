"""``files.list``: the query language, order and pages."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from googleapiclient.errors import HttpError
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.calls import ApiError
from sandbox.drive.query import parse_query
from sandbox.server import Box

FOLDER = "application/vnd.google-apps.folder"


@pytest.fixture
def mine(box: Box, drive_as: Callable[[str], Any]) -> Any:
    drive = drive_as("manager1@example.com")
    for name, kind, more in (
        ("Acme O'Neil", FOLDER, {"appProperties": {"crm": "7"}}),
        ('Back\\slash "quoted"', FOLDER, {"properties": {"p": "1"}, "starred": True}),
        ("HelloWorld notes", "text/plain", {}),
    ):
        body = {"name": name, "mimeType": kind, **more}
        drive.files().create(body=body).execute()
        box.world.clock.advance(60)
    return drive


def names(drive: Any, query: str, **more: Any) -> list[str]:
    found = drive.files().list(q=query, **more).execute()
    return [file["name"][:4] for file in found["files"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (r"name = 'Acme O\'Neil'", ["Acme"]),
        ('name = "Acme O\'Neil"', ["Acme"]),
        (r"""name = 'Back\\slash "quoted"'""", ["Back"]),
        (r'name = "Back\\slash \"quoted\""', ["Back"]),
        ("name = 'acme o\\'neil'", ["Acme"]),
        ("name contains 'Hello'", ["Hell"]),
        ("name contains 'World'", []),
        ("name contains 'notes'", ["Hell"]),
        (f"mimeType = '{FOLDER}'", ["Back", "Acme"]),
        (f"mimeType != '{FOLDER}'", ["Hell"]),
        ("mimeType contains 'text/'", ["Hell"]),
        ("not name contains 'Acme'", ["Hell", "Back"]),
        ("name contains 'Acme' or name contains 'Hello'", ["Hell", "Acme"]),
        ("(name contains 'Acme' or name contains 'Hello') and mimeType='text/plain'", ["Hell"]),
        ("name contains 'Acme' or name contains 'H' and mimeType='text/plain'", ["Hell", "Acme"]),
        ("appProperties has { key='crm' and value='7' }", ["Acme"]),
        ("properties has {key='p' and value='1'}", ["Back"]),
        ("starred = true", ["Back"]),
        ("starred != true", ["Hell", "Acme"]),
        ("trashed=false", ["Hell", "Back", "Acme"]),
        ("'root' in parents", ["Hell", "Back", "Acme"]),
        ("'nowhere' in parents", []),
        ("'manager1@example.com' in owners", ["Hell", "Back", "Acme"]),
        ("'manager2@example.com' in readers", []),
        ("sharedWithMe = true", []),
        ("modifiedTime > '2020-01-01T00:00:00'", ["Hell", "Back", "Acme"]),
        ("modifiedTime < '2020-01-01T00:00:00Z'", []),
        ("createdTime >= '2020-01-01T12:00:00-08:00'", ["Hell", "Back", "Acme"]),
        ("fullText contains 'notes'", ["Hell"]),
        ("", ["Hell", "Back", "Acme"]),
    ],
)  # fmt: skip
def test_queries(mine: Any, query: str, expected: list[str]) -> None:
    """In `q`, escape `'` and `\\`."""
    assert names(mine, query) == expected


@pytest.mark.parametrize(
    "query",
    [
        "name = 'O'Neil'",
        "name = unquoted",
        "name ~ 'x'",
        "name >= 'x'",
        "name =",
        "nonsense = 'x'",
        "name = 'a' name = 'b'",
        "(name = 'a'",
        "name = 'a')",
        "name = 'a' and",
        "not",
        "'x' in nowhere",
        "modifiedTime > 'yesterday'",
        "trashed = 'maybe'",
        "appProperties has {key='a'}",
        "name = 'open",
        "'x'",
        "in parents",
    ],
)
def test_malformed_queries_are_refused(drive: Any, query: str) -> None:
    """400 `invalid` on a malformed query."""
    with pytest.raises(HttpError) as refused:
        drive.files().list(q=query).execute()
    assert refused.value.resp.status == 400
    assert refused.value.error_details[0]["reason"] == "invalid"
    assert refused.value.error_details[0]["location"] == "q"


QUERY_BITS = st.sampled_from(
    ["name", "=", "'a'", '"b"', "and", "or", "not", "(", ")", "in", "parents", "{", "\\'", "'"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(QUERY_BITS | st.text(max_size=3), max_size=8))
def test_parser_never_fails_but_by_refusing(shared_box: Box, bits: list[str]) -> None:
    state = shared_box.world.drive
    with contextlib.suppress(ApiError):
        test = parse_query(" ".join(bits), state, "manager1@example.com", "c")
        assert test(state.files[state.shared_drive_id]) in (True, False)


def test_order(mine: Any) -> None:
    assert names(mine, "", orderBy="name") == ["Acme", "Back", "Hell"]
    assert names(mine, "", orderBy="folder,name desc") == ["Back", "Acme", "Hell"]
    assert names(mine, "", orderBy="createdTime") == ["Acme", "Back", "Hell"]
    with pytest.raises(HttpError):
        names(mine, "", orderBy="size")


def test_pages(mine: Any) -> None:
    first = mine.files().list(pageSize=2, orderBy="name").execute()
    assert len(first["files"]) == 2
    assert first["incompleteSearch"] is False
    request = mine.files().list(pageSize=2, orderBy="name")
    rest = mine.files().list_next(request, first).execute()
    assert [file["name"] for file in rest["files"]] == ["HelloWorld notes"]
    assert "nextPageToken" not in rest
    with pytest.raises(HttpError):
        mine.files().list(pageToken="junk").execute()


@pytest.mark.parametrize("wrong", [{"corpora": "world"}, {"spaces": "cellar"}])
def test_unknown_corpora_and_spaces_are_refused(drive: Any, wrong: dict[str, str]) -> None:
    with pytest.raises(HttpError) as refused:
        drive.files().list(**wrong).execute()
    (item,) = refused.value.error_details
    assert (item["reason"], item["location"]) == ("invalid", next(iter(wrong)))


def test_files_of_the_organisation(drive_as: Callable[[str], Any]) -> None:
    owner, other = drive_as("manager1@example.com"), drive_as("manager2@example.com")
    shared, linked = (owner.files().create(body={}).execute()["id"] for _ in "ab")
    for file_id, found in ((shared, True), (linked, False)):
        right = {
            "type": "domain", "domain": "example.com", "role": "reader",
            "allowFileDiscovery": found,
        }  # fmt: skip
        owner.permissions().create(fileId=file_id, body=right).execute()
    listed = other.files().list(corpora="domain").execute()["files"]
    assert [file["id"] for file in listed] == [shared]
