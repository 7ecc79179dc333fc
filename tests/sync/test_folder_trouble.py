"""What Drive may answer besides what was asked for, and what comes of it.

The faults are those of `shared/reliability.md`; a lost answer at any call is in
`test_folder_faults.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rules.playbook import Sharing
from sync.errors import AccountError
from sync.google.auth import load_account
from sync.google.drive import GoogleDrive
from sync.ports import Folder
from tests.sync import drive_hands as hands
from tests.sync.conftest import COMPANY, DEAL, MANAGER, Crm


def problems(crm: Crm, tab: str = "deals") -> str:
    return str(crm.row(tab)["problems"] or "")


# ── 401: one new token, one more try ─────────────────────────────────────────────────────────────


def test_tokens_that_die_in_the_middle_of_a_pass_are_made_anew(crm: Crm) -> None:
    hands.fill_two(crm)
    crm.fault("error", "drive.files.create", calls=[0, 2, 7], limit=3, code=401)
    assert crm.sync().failures == ()
    assert len(crm.calls("drive.files.create")) == 13 + 3
    crm.control("POST", "revoke")
    hands.check_whole(crm)


def test_credentials_refused_for_good_stop_the_folders_and_say_what_to_do(crm: Crm) -> None:
    hands.fill_two(crm)
    crm.sync()
    crm.write("companies", 0, {"title": "Prairie Bank"})
    for number in range(2):
        crm.write("deals", number, {"company": "Prairie Bank"})
    crm.control("DELETE", "log")
    crm.fault("error", "drive.files.update", limit=None, code=401)
    failures = crm.sync().failures
    assert all(f"the credentials of {hands.WORKER} are not accepted" in f for f in failures)
    assert all("make a new key, or sign in again" in failure for failure in failures)
    assert len(crm.calls("drive.files.update")) == 2 * 3, "each once more with a new token"
    assert "Google Drive" not in problems(crm), "nothing was learnt about the folders"
    crm.control("DELETE", "faults")
    assert crm.sync().folders_changed == 3


def test_credentials_refused_for_good_do_not_count_as_an_address_refused(crm: Crm) -> None:
    crm.playbook = hands.with_folders(crm.playbook, share=Sharing(accountable=True))
    crm.write("lists", 0, {"managers": DEAL["accountable"], "mailboxes": MANAGER})
    crm.fill()
    crm.fault("error", "drive.permissions.create", limit=None, code=401)
    assert "folder not shared" in crm.sync().failures[0]
    assert "could not be let into the folder" not in problems(crm)
    crm.control("DELETE", "faults")
    assert crm.sync().failures == ()
    rights = hands.act(
        crm, "permissions.list", hands.WORKER, fileId=hands.linked(crm.row("deals")), fields="*"
    )
    assert MANAGER in {right["emailAddress"] for right in rights["permissions"]}


# ── A clock that is wrong ────────────────────────────────────────────────────────────────────────


@pytest.fixture
def signing_in_anew(crm: Crm) -> Iterator[Crm]:
    """A worker that has a token for Sheets, and none yet for Drive."""
    hands.fill_two(crm)
    with closing(GoogleDrive(load_account(crm.credentials), crm.box.url)) as drive:
        crm.outside = replace(crm.outside, drive=drive)
        yield crm


def set_clock(patch: pytest.MonkeyPatch, off: timedelta) -> None:
    """Let google-auth see a clock that is wrong; the tokens that it has seem fresh."""
    patch.setattr(
        "google.auth._helpers.utcnow", lambda: datetime.now(UTC).replace(tzinfo=None) + off
    )


def test_a_clock_that_is_wrong_is_named_and_nothing_is_lost(
    signing_in_anew: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm = signing_in_anew
    with monkeypatch.context() as patch:
        set_clock(patch, timedelta(days=-1))
        failures = crm.sync().failures
    assert all("invalid_grant" in line and "clock is wrong" in line for line in failures)
    assert crm.calls("drive.*") == []
    assert crm.row("deals")["drive"] is None
    assert "Google Drive: the folder appears by itself" in problems(crm)
    hands.check_whole(crm)


def test_a_clock_that_is_ahead_stops_the_pass_by_that_name(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All tokens seem to have run out, also that for Sheets."""
    hands.fill_two(crm)
    with monkeypatch.context() as patch:
        set_clock(patch, timedelta(days=1))
        with pytest.raises(AccountError, match=r"invalid_grant.*clock is wrong"):
            crm.sync()
    hands.check_whole(crm)


# ── 409: something is there under the id already ─────────────────────────────────────────────────


def recorded_ids(crm: Crm) -> dict[str, str]:
    """The ids recorded for the folders of the records; nothing is made under them yet."""
    crm.fault("error", "drive.files.create", limit=None, code=400)
    crm.sync()
    crm.control("DELETE", "faults")
    return {row[0]: row[4].split()[0] for row in crm.values_of_memory() if row[4]}


def put_there(crm: Crm, kind: str, file_id: str) -> None:
    """Put something of another owner under an id that was recorded for a folder."""
    root = str(crm.outside.drive_root)
    if kind == "a stranger's document":
        body = {"id": file_id, "name": "Mine", "mimeType": hands.TEXT, "parents": [root]}
        hands.act(crm, "files.create", MANAGER, body)
        return
    own = {"crmWorkbook": crm.spreadsheet_id, "crmDeal": "D-000001", "crmCompany": "C-000001"}
    other = {
        "a folder without an owner": {},
        "another workbook's folder": {**own, "crmWorkbook": "1other"},
        "another record's folder": {**own, "crmDeal": "D-000007", "crmCompany": "C-000007"},
    }[kind]
    (made,) = crm.outside.drive.make_folders([Folder(file_id, "Theirs", root, other)])
    assert not isinstance(made, Exception), made


@pytest.mark.parametrize(("tab", "record_id"), [("deals", "D-000001"), ("companies", "C-000001")])
@pytest.mark.parametrize(
    "kind",
    [
        "a stranger's document",
        "a folder without an owner",
        "another workbook's folder",
        "another record's folder",
    ],
)
def test_what_belongs_to_somebody_else_is_told_left_alone_and_not_linked(
    crm: Crm, kind: str, tab: str, record_id: str
) -> None:
    crm.fill()
    taken = recorded_ids(crm)[record_id]
    put_there(crm, kind, taken)
    before = hands.look(crm, taken)
    (failure,) = crm.sync().failures
    assert failure == f"{record_id}: {taken} belongs to something else"
    row = crm.row(tab)
    assert (row["drive"], row["check"]) == (None, "Error")
    assert f"Google Drive: something else has the id that was kept for the folder ({taken})" in str(
        row["problems"]
    )
    result = crm.sync()
    assert (result.failures, result.folders_waiting) == ((), 0)
    assert hands.look(crm, taken) == before
    assert hands.linked(crm.row(tab)) != taken
    own = {folder["app"].get("crmDeal") for folder in crm.folders().values()} - {None, "D-000007"}
    assert own == {"D-000001"}
    assert crm.row("deals")["check"] == "OK"
    assert crm.sync().cells == 0


def test_our_folder_that_was_put_into_the_trash_before_we_knew_of_it_is_a_problem(
    crm: Crm,
) -> None:
    crm.fill()
    own = made_without_an_answer(crm)
    hands.trash(crm, own)
    for _ in range(2):
        assert crm.sync().deal_folders <= 1
        assert hands.linked(crm.row("deals")) == own
        assert "Google Drive: the folder is in the trash." in problems(crm)
    assert deal_folders(crm) == set()


def test_our_folder_that_was_moved_before_we_knew_of_it_is_a_warning(crm: Crm) -> None:
    crm.fill()
    own = made_without_an_answer(crm)
    hands.move(crm, own, hands.make_folder(crm, "Elsewhere"))
    crm.sync()
    assert hands.linked(crm.row("deals")) == own
    assert "Google Drive: the folder was moved away from its place." in problems(crm)
    assert deal_folders(crm) == {own}


def test_our_folder_that_was_deleted_before_we_knew_of_it_is_a_problem_with_the_choice(
    crm: Crm,
) -> None:
    """Its id stays in use, and nothing is to be seen under it: 409, then 404."""
    crm.fill()
    own = made_without_an_answer(crm)
    hands.delete(crm, own)
    for _ in range(2):
        crm.sync()
        assert hands.linked(crm.row("deals")) == own
        assert "Google Drive: the folder is deleted, or no longer shared" in problems(crm)
        assert crm.row("companies")["check"] == "OK", "the company's folder is well"
        assert deal_folders(crm) == set()
    crm.write("deals", 0, {"drive": None})
    for _ in range(2):
        assert crm.sync().failures == ()
    assert deal_folders(crm) == {hands.linked(crm.row("deals"))} != {own}
    assert crm.row("deals")["check"] == "OK"


def test_a_subfolder_that_was_deleted_before_we_knew_of_it_may_go(crm: Crm) -> None:
    crm.fill()
    crm.fault("error", "drive.files.create", calls=[4], when="after", code=400)
    assert "subfolder not made" in crm.sync().failures[0]
    own = hands.linked(crm.row("deals"))
    gone = next(iter(hands.inside(crm, own).values()))
    hands.delete(crm, gone)
    crm.fault("error", "drive.files.create", calls=[1], when="after", code=400)
    for _ in range(3):
        result = crm.sync()
    assert (result.failures, result.folders_waiting, result.cells) == ((), 0, 0)
    assert crm.row("deals")["check"] == "OK"
    assert len(hands.inside(crm, own)) == 4


def made_without_an_answer(crm: Crm) -> str:
    """The deal's folder, which is there, but its answer never came, nor another one since."""
    crm.fault("error", "drive.files.create", calls=[1], when="after", code=400)
    crm.sync()
    (own,) = deal_folders(crm)
    assert crm.row("deals")["drive"] is None
    return own


def deal_folders(crm: Crm) -> set[str]:
    return {
        folder_id
        for folder_id, folder in crm.folders().items()
        if "crmDeal" in folder["app"] and "crmPart" not in folder["app"]
    }


# ── 404: a refusal that does not say what is missing ─────────────────────────────────────────────


@pytest.mark.parametrize("call", [1, 3])
def test_a_404_for_a_folder_that_is_well_costs_nobody_the_folder(crm: Crm, call: int) -> None:
    """The deal's folder is refused, then a subfolder: what they lie in is there all the same."""
    crm.fill()
    crm.fault("error", "drive.files.create", calls=[call], code=404)
    (failure,) = crm.sync().failures
    assert "not found, or not shared" in failure
    assert "is deleted" not in problems(crm) + problems(crm, "companies")
    for _ in range(2):
        result = crm.sync()
    assert (result.failures, result.folders_waiting) == ((), 0)
    assert len(crm.folders()) == 7


def test_a_company_folder_whose_end_the_log_does_not_tell_yet_is_seen(crm: Crm) -> None:
    crm.fill()
    crm.sync()
    crm.control("POST", "delays", changes_seconds=600)
    hands.delete(crm, hands.linked(crm.row("companies")))
    crm.write("deals", 1, hands.SECOND)
    crm.sync()
    assert "the folder is deleted" in problems(crm, "companies")
    assert crm.sync().folders_waiting == 1
    assert crm.folders() == {}


def test_a_404_on_renaming_a_folder_that_is_well_is_no_problem_on_its_row(crm: Crm) -> None:
    crm.fill()
    crm.sync()
    crm.write("deals", 0, {"service": "Strategy"})
    crm.fault("error", "drive.files.update", code=404)
    assert "folder not renamed or moved" in crm.sync().failures[0]
    assert crm.row("deals")["check"] == "OK"
    assert crm.sync().folders_changed == 1


def test_a_folder_that_may_not_be_renamed_is_a_warning(crm: Crm) -> None:
    crm.fill()
    crm.sync()
    crm.write("deals", 0, {"service": "Strategy"})
    crm.fault("error", "drive.files.update", code=403, limit=None)
    assert crm.sync().failures == ()
    assert f"Google Drive: {hands.WORKER} may only look into the folder." in problems(crm)


def test_a_folder_moved_by_hand_and_not_yet_in_the_log_goes_where_its_deal_goes(crm: Crm) -> None:
    crm.fill()
    crm.sync()
    own = hands.linked(crm.row("deals"))
    crm.control("POST", "delays", changes_seconds=600)
    hands.move(crm, own, hands.make_folder(crm, "Elsewhere"))
    crm.write("companies", 1, {**COMPANY, "title": "Prairie Bank"})
    crm.write("deals", 0, {"company": "C-000002"})
    assert "folder not renamed or moved" in crm.sync().failures[0]
    assert "the folder was moved away from its place" in problems(crm)
    assert crm.sync().failures == ()
    assert crm.folders()[own]["parent"] == hands.linked(crm.row("companies", 1))
    assert "Google Drive" not in problems(crm)


@pytest.mark.parametrize(
    ("kind", "words"),
    [("missing", "does not exist, or is not shared with"), ("trashed", "is in the trash")],
)
def test_an_archive_that_is_no_use_is_named_once_and_no_folder_is_called_gone(
    crm: Crm, kind: str, words: str
) -> None:
    archive = "1nothing-at-all" if kind == "missing" else hands.make_folder(crm, "Archive")
    if kind == "trashed":
        hands.trash(crm, archive)
    crm.playbook = hands.with_folders(crm.playbook, archive=archive)
    hands.fill_two(crm)
    crm.sync()
    for number in range(2):
        crm.write("deals", number, {"stage": "Lost"})
    (failure,) = crm.sync().failures
    assert f"the archive {archive} of the playbook {words}" in failure
    for number in range(2):
        crm.write("deals", number, {"stage": "SQL"})
    assert crm.sync().failures == ()
    assert "Google Drive" not in problems(crm)


# ── An answer that comes too late ────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("call", [0, 1, 5])
def test_an_answer_that_nobody_waits_for_any_more_makes_no_second_folder(
    crm: Crm, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands.fill_two(crm)
    usual = crm.outside
    monkeypatch.setattr("sync.google.auth.TIMEOUT_SECONDS", 0.3)
    with closing(GoogleDrive(load_account(crm.credentials), crm.box.url)) as drive:
        crm.outside = replace(usual, drive=drive)
        crm.fault("latency", "drive.files.create", calls=[call], seconds=0.6)
        assert any("no answer (TimeoutError)" in failure for failure in crm.sync().failures)
    crm.outside = usual
    hands.check_never_two(crm)
    hands.check_whole(crm)


# ── The log of changes does not tell all ─────────────────────────────────────────────────────────


def test_what_lies_in_a_trashed_company_folder_is_a_problem_until_it_is_back(crm: Crm) -> None:
    """The log has an entry for the company's folder alone."""
    crm.fill()
    crm.sync()
    hands.trash(crm, hands.linked(crm.row("companies")))
    crm.sync()
    assert "the folder is in the trash" in problems(crm)
    assert "the folder is in the trash" in problems(crm, "companies")
    hands.trash(crm, hands.linked(crm.row("companies")), trashed=False)
    crm.sync()
    assert (crm.row("deals")["check"], crm.row("companies")["check"]) == ("OK", "OK")
    assert crm.sync().cells == 0
