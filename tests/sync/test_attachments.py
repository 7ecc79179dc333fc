"""Files of letters are put into the deal's folder, once, if the playbook says so."""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.auth.transport.requests import AuthorizedSession

from rules.letter_files import file_name, is_program, place_of
from sync.errors import SyncError
from sync.google.auth import DRIVE_SCOPE, load_account
from sync.run import run_pass
from tests.sync import drive_hands as hands
from tests.sync.conftest import CONTACT, DEAL, Crm
from tests.sync.interrupted import Killed, Points, die, interrupted

CLIENT = "anna@steppe.example"
OTHER = "bo@steppe.example"
PDF = b"%PDF-1.7 the brief"


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.fixture
def crm(crm: Crm) -> Crm:
    letters = crm.playbook.letters
    files = letters.attachments.model_copy(update={"file": True, "most_megabytes": 1})
    letters = letters.model_copy(update={"attachments": files})
    crm.playbook = crm.playbook.model_copy(update={"letters": letters})
    crm.fill(DEAL)
    return crm


def files_on_drive(crm: Crm) -> dict[str, str]:
    """The names of the parents of all files that are no folders and no workbooks, by file name."""
    with AuthorizedSession(load_account(crm.credentials).scoped([DRIVE_SCOPE])) as session:
        query = "mimeType != 'application/vnd.google-apps.folder' and trashed = false"
        everywhere = {"supportsAllDrives": "true", "includeItemsFromAllDrives": "true"}
        params: dict[str, Any] = {"q": query, "fields": "files(name,parents)", **everywhere}
        answer = session.get(f"{crm.box.url}/drive/v3/files", params=params).json()
    folders = crm.folders()
    # The workbook lies in the root, which is none of these folders.
    inside = [file for file in answer["files"] if file["parents"][0] in folders]
    return {file["name"]: folders[file["parents"][0]]["name"] for file in inside}


def test_files_lie_in_the_folder_that_their_name_speaks_of_and_are_linked(crm: Crm) -> None:
    files = {"Бриф банка.pdf": encoded(PDF), "logo.png": encoded(b"\x89PNG")}
    crm.letter(sender=CLIENT, text="see", attachments=files)
    for _ in range(2):
        assert crm.sync().failures == ()
    places = files_on_drive(crm)
    assert places["Бриф банка.pdf"] == "Brief"
    assert places["logo.png"].startswith("D-000001")
    lines = crm.row("comments")["attachments"].split("\n")
    assert [line.partition(": ")[0] for line in lines] == list(files)
    assert all("https://drive.google.com/file/d/" in line for line in lines)
    crm.sync()  # which sees what lies in the folder now
    crm.control("DELETE", "log")
    assert crm.sync().cells == 0
    assert crm.calls("gmail.users.messages.*") == []


def test_a_content_that_comes_again_is_put_away_once(crm: Crm) -> None:
    crm.control("POST", "delays", search_seconds=600)
    for number in range(2):
        crm.letter(sender=CLIENT, text=f"{number}", attachments={"brief.pdf": encoded(PDF)})
        crm.sync()
    crm.sync()
    assert len(crm.calls("drive.files.create")) == 7 + 1
    first, second = (row["attachments"] for row in crm.rows("comments"))
    assert first == second
    hands.trash(crm, first.rpartition("/d/")[2].removesuffix("/view"))
    crm.letter(sender=CLIENT, text="once more", attachments={"brief.pdf": encoded(PDF)})
    for _ in range(2):
        crm.sync()
    assert crm.rows("comments")[2]["attachments"] != first, "what is in the trash is no use"


def test_programs_and_what_is_too_large_stay_in_the_letter(crm: Crm) -> None:
    files = {
        "brief.pdf": encoded(b"MZ\x90 not a brief"),
        "run.js": encoded(b"alert(1)"),
        "film.mov": encoded(b"x" * 1_100_000),
    }
    crm.letter(sender=CLIENT, text="see", attachments=files)
    for _ in range(2):
        crm.sync()
    assert files_on_drive(crm) == {}
    assert crm.row("comments")["attachments"].split("\n") == [
        "brief.pdf (a program, left in the letter)",
        "run.js (a program, left in the letter)",
        "film.mov (too large, it is in the letter)",
    ]


def test_files_wait_for_the_deals_folder(crm: Crm) -> None:
    crm.write("deals", 0, {"stage": "MQL"})
    crm.letter(sender=CLIENT, text="see", attachments={"brief.pdf": encoded(PDF)})
    crm.sync()
    assert crm.row("comments")["attachments"] == "brief.pdf"
    crm.write("deals", 0, {"stage": "SQL"})
    for _ in range(2):
        crm.sync()
    assert files_on_drive(crm) == {"brief.pdf": "Brief"}


def test_a_refusal_for_good_is_told_and_tried_again_after_an_hour(crm: Crm) -> None:
    """As where a service account has no storage of its own: Google gives it no time to wait for."""
    for number in range(3):
        crm.letter(sender=CLIENT, text=f"{number}", attachments={f"{number}.pdf": encoded(PDF)})
    crm.sync()
    crm.fault("error", "drive.files.create", limit=None, code=403)
    for _ in range(3):
        (failure,) = crm.sync().failures
        assert "files of a letter not put away" in failure
    crm.control("DELETE", "log")
    assert (crm.sync().failures, crm.sync().cells) == ((), 0)
    assert crm.calls("gmail.users.messages.get") == []
    crm.control("DELETE", "faults")
    crm.outside = replace(crm.outside, clock=Later())
    for _ in range(2):
        assert crm.sync().failures == ()
    assert all("https://" in row["attachments"] for row in crm.rows("comments"))


class Later:
    """A clock, an hour and a bit later."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(minutes=61)


def test_files_do_not_go_into_a_folder_that_is_lost(crm: Crm) -> None:
    crm.sync()
    hands.trash(crm, hands.linked(crm.row("deals")))
    crm.letter(sender=CLIENT, text="see", attachments={"brief.pdf": encoded(PDF)})
    for _ in range(2):
        assert crm.sync().failures == ()
    assert crm.row("comments")["attachments"] == "brief.pdf"
    hands.trash(crm, hands.linked(crm.row("deals")), trashed=False)
    for _ in range(2):
        crm.sync()
    assert files_on_drive(crm) == {"brief.pdf": "Brief"}


# ── Once, whatever happens ───────────────────────────────────────────────────────────────────────


@pytest.fixture
def waiting(crm: Crm) -> Crm:
    """A letter whose two files the next pass puts away; Drive's searches do not show new files."""
    crm.sync()
    files = {"brief.pdf": encoded(PDF), "contract.pdf": encoded(b"%PDF the contract")}
    crm.letter(sender=CLIENT, text="see", attachments=files)
    crm.sync()
    crm.control("POST", "delays", search_seconds=600)
    return crm


def check_filed_once(crm: Crm) -> None:
    """After two passes in peace each file is there, once, and linked."""
    for _ in range(2):
        result = crm.sync()
    assert (result.failures, crm.sync().cells) == ((), 0)
    crm.control("POST", "clock", advance_seconds=601)
    folders = crm.folders()
    names = {folder["name"]: file_id for file_id, folder in folders.items()}
    assert set(hands.inside(crm, names["Brief"])) == {"brief.pdf"}
    assert set(hands.inside(crm, names["Contract"])) == {"contract.pdf"}
    assert crm.row("comments")["attachments"].count("https://") == 2


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("limit", [1, None])
def test_a_lost_answer_to_an_upload_doubles_no_file(
    waiting: Crm, when: str, limit: int | None
) -> None:
    waiting.fault("close", "drive.files.create", when=when, limit=limit)
    told = waiting.sync().failures
    assert all("files of a letter not put away" in failure for failure in told)
    assert told or limit
    waiting.control("DELETE", "faults")
    check_filed_once(waiting)


POINTS = range(13)
"""At least as many as such a pass has: one before each call of a port."""


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_between_any_two_calls_doubles_no_file(waiting: Crm, point: int) -> None:
    points = Points(point, die)
    with suppress(Killed):
        run_pass(waiting.spreadsheet_id, waiting.playbook, interrupted(waiting.outside, points))
    assert points.passed <= len(POINTS)
    check_filed_once(waiting)


@pytest.mark.parametrize("point", POINTS)
def test_a_second_worker_doubles_no_file(waiting: Crm, point: int) -> None:
    points = Points(point, lambda: suppressed_sync(waiting))
    with suppress(SyncError):
        run_pass(waiting.spreadsheet_id, waiting.playbook, interrupted(waiting.outside, points))
    check_filed_once(waiting)


def suppressed_sync(crm: Crm) -> None:
    with suppress(SyncError):
        crm.sync()


# ── Names and programs ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("brief.pdf", "brief.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\brief.pdf", "brief.pdf"),
        ("invoice\u202efdp.exe", "invoice fdp.exe"),
        ("a\x00b\n.pdf", "a b.pdf"),
        ("", "file"),
        ("...", "file"),
        ("x" * 300 + ".pdf", "x" * 150 + ".pdf"),
    ],
)
def test_names_are_one_clean_name(name: str, clean: str) -> None:
    assert file_name(name) == clean


@pytest.mark.parametrize("content", [b"MZ\x00", b"\x7fELF\x02", b"#!/bin/sh", b"\xca\xfe\xba\xbe"])
def test_a_program_is_known_by_its_content(content: bytes) -> None:
    assert is_program("brief.pdf", content)
    assert not is_program("brief.pdf", b"%PDF" + content)


def test_a_name_that_speaks_of_two_folders_decides_nothing(crm: Crm) -> None:
    subfolders = list(crm.playbook.folders.subfolders.values())
    assert place_of("contract and brief.pdf", subfolders) is None
    assert place_of("briefing.pdf", subfolders) is None
    assert place_of("Договор_2.pdf", subfolders) == 3


def test_folders_that_take_no_files_keep_none_from_the_others(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.attachments.MOST_LETTERS", 3)
    crm.sync()
    crm.type_rows("contacts", CONTACT, {**CONTACT, "first_name": "Bo", "email": OTHER})
    other = {**DEAL, "title": "Autumn campaign", "contact": OTHER}
    crm.write("deals", 1, other)
    crm.sync()
    for number in range(4):
        name = f"notes {number}.pdf"
        crm.letter(sender=CLIENT, subject="[D-000001]", attachments={name: encoded(name.encode())})
    crm.letter(sender=OTHER, subject="[D-000002]", attachments={"logo.png": encoded(b"\x89PNG")})
    crm.sync()
    crm.fault("error", "drive.files.create", calls=[0], code=403)
    assert len(crm.sync().failures) == 1
    for _ in range(4):
        assert crm.sync().failures == ()
    assert {"logo.png", *(f"notes {number}.pdf" for number in range(1, 4))} <= set(
        files_on_drive(crm)
    ), "the one that was refused is tried again after an hour"
