"""A Drive that does as Google documents, and yet not as our sandbox."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sync.errors import BusyError, TransientError
from sync.google.errors import rest_seconds
from tests.sync import drive_hands as hands
from tests.sync.conftest import Crm
from tests.sync.drive_front import drive_behind

OPTIONAL = ("driveId", "capabilities", "createdTime", "modifiedTime", "webViewLink", "kind")


def bare(_path: str, answer: Any) -> Any:
    """Leave out what need not be there; add what nobody has asked for."""
    if isinstance(answer, list):
        return [bare("", item) for item in answer]
    if not isinstance(answer, dict):
        return answer
    kept = {key: bare("", value) for key, value in answer.items() if key not in OPTIONAL}
    if kept.get("appProperties") == {}:
        del kept["appProperties"]
    return {**kept, "somethingNew": {"of": 2027}}


def only_what_was_asked_least(path: str, answer: Any) -> Any:
    """Answer creations with the usual fields alone, whatever fields were asked for."""
    if path.startswith("/drive/v3/files?") and "id" in answer:
        return {key: answer[key] for key in ("id", "name", "mimeType")}
    return answer


def a_page_is_one_entry(path: str) -> str:
    """A page may hold less than was asked for."""
    return path.replace("pageSize=1000", "pageSize=1")


def with_entries_of_drives(path: str, answer: Any) -> Any:
    """Changes tell of shared drives too, and of files without saying what has become of them."""
    if "/changes?" in path:
        drive = {"changeType": "drive", "time": "2026-11-05T10:00:00Z", "driveId": "0AbC"}
        answer["changes"] = [
            {"kind": "drive#change", **drive, "removed": True},
            {"kind": "drive#change", **drive, "removed": False, "drive": {"id": "0AbC"}},
            *answer.get("changes", ()),
        ]
    return answer


@pytest.mark.parametrize(
    "server",
    [
        {"answered": bare},
        {"answered": only_what_was_asked_least},
        {"asked": a_page_is_one_entry},
        {"answered": with_entries_of_drives},
    ],
    ids=["bare", "usual fields", "small pages", "entries of drives"],
)
def test_every_deal_has_its_folder_and_it_stays_right(crm: Crm, server: dict[str, Any]) -> None:
    hands.fill_two(crm)
    with drive_behind(crm, **server) as drive:
        crm.outside = replace(crm.outside, drive=drive)
        hands.check_whole(crm)
        crm.write("deals", 0, {"service": "Strategy"})
        assert crm.sync().folders_changed == 1
        own = hands.linked(crm.row("deals"))
        contract = crm.playbook.folders.subfolders["contract"].en
        hands.make_document(crm, hands.inside(crm, own)[contract])
        assert crm.sync().failures == ()
        hands.trash(crm, own)
        assert crm.sync().failures == ()
        assert "the folder is in the trash" in crm.row("deals")["problems"]
        assert crm.sync().cells == 0


def test_what_left_a_log_of_changes_and_can_still_be_seen_is_not_gone(crm: Crm) -> None:
    """`removed` says that an entry's file is no longer on this list, and no more."""

    def as_removed(path: str, answer: Any) -> Any:
        if "/changes?" in path:
            for change in answer["changes"]:
                change.pop("file", None)
                change["removed"] = True
        return answer

    crm.fill()
    crm.sync()
    own = hands.linked(crm.row("deals"))
    with drive_behind(crm, answered=as_removed) as drive:
        crm.outside = replace(crm.outside, drive=drive)
        hands.rename(crm, own, "by hand")
        assert crm.sync().failures == ()
        assert crm.row("deals")["check"] == "OK"
        hands.delete(crm, own)
        crm.sync()
        assert "the folder is deleted" in crm.row("deals")["problems"]


def test_a_search_that_was_not_complete_counts_nothing(crm: Crm) -> None:
    def incomplete(path: str, answer: Any) -> Any:
        return {**answer, "incompleteSearch": True, "files": []} if "q=" in path else answer

    crm.fill()
    crm.sync()
    contract = crm.playbook.folders.subfolders["contract"].en
    hands.make_document(crm, hands.inside(crm, hands.linked(crm.row("deals")))[contract])
    usual = crm.outside
    with drive_behind(crm, answered=incomplete) as drive:
        crm.outside = replace(usual, drive=drive)
        assert "the search was not complete" in crm.sync().failures[0]
    crm.outside = usual
    assert crm.sync().failures == ()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("answer", [{}, [], "nonsense", {"ids": []}, {"changes": [{}]}])
def test_an_answer_that_makes_no_sense_is_trouble_for_the_next_pass(crm: Crm, answer: Any) -> None:
    crm.fill()
    usual = crm.outside
    with drive_behind(crm, answered=lambda _path, _answer: answer) as drive:
        crm.outside = replace(usual, drive=drive)
        assert crm.sync().failures
        with pytest.raises(TransientError):
            drive.generate_ids(1)
        with pytest.raises(TransientError):
            drive.read_changes(None, "1")
    crm.outside = usual
    assert crm.sync().failures == ()
    assert len(crm.folders()) == 7


def test_a_rest_that_is_asked_for_is_kept(crm: Crm) -> None:
    with drive_behind(crm, refusals=[{"Retry-After": "1"}]) as drive:
        started = time.monotonic()
        assert len(drive.generate_ids(1)) == 1
        assert time.monotonic() - started >= 1
    with drive_behind(crm, refusals=[{"Retry-After": "3600"}] * 2) as drive:
        for _ in range(2):
            started = time.monotonic()
            with pytest.raises(BusyError):
                drive.generate_ids(1)
            assert time.monotonic() - started < 1, "no pass waits so long: the next one asks"
        assert len(drive.generate_ids(1)) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("Thu, 05 Nov 2026 10:00:30 GMT", 30.0),
        ("Thu, 05 Nov 2026 09:00:00 GMT", 0.0),
        ("", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("Thu, 05 Nov 2026 10:00:30", 0.0),
    ],
)
def test_how_long_to_rest(header: str, seconds: float) -> None:
    assert rest_seconds(header, datetime(2026, 11, 5, 10, tzinfo=UTC)) == seconds
