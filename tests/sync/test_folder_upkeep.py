"""Folders stay right: renamed and moved with their deals, and what others do to them is seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sync.ports import FileChange
from sync.run import rehearse
from tests.sync import drive_hands as hands
from tests.sync.conftest import COMPANY, DEAL, MANAGER, Crm, both_locales


def deal_folder(crm: Crm, number: int = 0) -> str:
    return hands.linked(crm.row("deals", number))


def company_folder(crm: Crm, number: int = 0) -> str:
    return hands.linked(crm.row("companies", number))


@pytest.fixture
def made(crm: Crm) -> Crm:
    """A workbook whose one deal has its folder."""
    crm.fill()
    assert crm.sync().failures == ()
    return crm


def problems(crm: Crm, tab: str = "deals") -> str:
    return str(crm.row(tab)["problems"] or "")


# ── Names and places ─────────────────────────────────────────────────────────────────────────────


def test_a_renamed_company_renames_its_folder_and_those_of_its_deals(made: Crm) -> None:
    made.write("companies", 0, {"title": "Prairie Bank"})
    made.write("deals", 0, {"company": "Prairie Bank"})
    result = made.sync()
    assert (result.failures, result.folders_changed) == ((), 2)
    folders = made.folders()
    assert folders[company_folder(made)]["name"] == "Prairie Bank"
    assert folders[deal_folder(made)]["name"] == "D-000001 Prairie Bank — Campaign"
    assert made.sync().folders_changed == 0


def test_another_service_renames_the_deals_folder(made: Crm) -> None:
    made.write("deals", 0, {"service": "Strategy"})
    made.sync()
    assert made.folders()[deal_folder(made)]["name"] == "D-000001 Steppe Bank — Strategy"


def test_a_name_given_by_hand_stays_until_the_deal_changes(made: Crm) -> None:
    folder = deal_folder(made)
    hands.rename(made, folder, "D-000001 our best")
    assert made.sync().folders_changed == 0
    assert made.folders()[folder]["name"] == "D-000001 our best"
    assert made.row("deals")["check"] == "OK"
    made.write("deals", 0, {"service": "Strategy"})
    made.sync()
    assert made.folders()[folder]["name"] == "D-000001 Steppe Bank — Strategy"


def test_a_deal_of_another_company_has_its_folder_moved_there(made: Crm) -> None:
    made.write("companies", 1, {**COMPANY, "title": "Prairie Bank"})
    made.write("deals", 0, {"company": "Prairie Bank"})
    before = deal_folder(made)
    result = made.sync()
    assert (result.failures, result.folders_changed, result.company_folders) == ((), 1, 1)
    assert deal_folder(made) == before
    assert made.folders()[before]["parent"] == company_folder(made, 1)
    assert made.folders()[before]["name"] == "D-000001 Prairie Bank — Campaign"
    assert "Google Drive" not in problems(made)


def test_a_lost_deals_folder_stays(made: Crm) -> None:
    made.write("deals", 0, {"stage": "Lost", "outcome_reason": "price"})
    folder = deal_folder(made)
    assert made.sync().folders_changed == 0
    assert made.folders()[folder]["parent"] == company_folder(made)


def test_a_lost_deals_folder_moves_to_the_archive_and_back(made: Crm) -> None:
    archive = hands.make_folder(made, "Archive")
    made.playbook = hands.with_folders(made.playbook, archive=hands.link_to(archive))
    folder = deal_folder(made)
    assert made.sync().folders_changed == 0
    for stage in ("Lost", "Unqualified"):
        made.write("deals", 0, {"stage": stage, "outcome_reason": "price"})
        made.sync()
        assert made.folders()[folder]["parent"] == archive
    made.write("deals", 0, {"stage": "SQL"})
    made.sync()
    assert made.folders()[folder]["parent"] == company_folder(made)
    assert "Google Drive" not in problems(made)


# ── What others do ───────────────────────────────────────────────────────────────────────────────


@both_locales
def test_a_trashed_folder_is_a_problem_and_no_second_one_is_made(crm: Crm) -> None:
    crm.fill(crm.local(DEAL))
    crm.sync()
    folders = set(crm.folders())
    folder = deal_folder(crm)
    hands.trash(crm, folder)
    assert crm.sync().failures == ()
    words = {"en": "the folder is in the trash", "ru": "папка в корзине"}[crm.locale]
    assert f"Google Drive: {words}" in problems(crm)
    assert crm.row("deals")["check"] == {"en": "Error", "ru": "Ошибка"}[crm.locale]
    assert crm.sync().cells == 0
    hands.trash(crm, folder, trashed=False)
    crm.sync()
    assert words not in problems(crm)
    assert (set(crm.folders()), deal_folder(crm)) == (folders, folder)


def test_a_cleared_cell_asks_for_a_new_folder_in_place_of_a_lost_one(made: Crm) -> None:
    old = deal_folder(made)
    hands.trash(made, old)
    made.sync()
    made.write("deals", 0, {"drive": None})
    assert made.sync().deal_folders == 1
    new = deal_folder(made)
    assert new != old
    assert made.folders()[new]["parent"] == company_folder(made)
    assert made.row("deals")["check"] == "OK"
    assert made.sync().deal_folders == 0


def test_a_folder_trashed_and_cleared_at_once_is_told_of_first(made: Crm) -> None:
    old = deal_folder(made)
    hands.trash(made, old)
    made.write("deals", 0, {"drive": None})
    assert made.sync().deal_folders == 0
    assert deal_folder(made) == old
    assert "in the trash" in problems(made)


def test_a_deleted_folder_is_a_problem_and_no_second_one_is_made(made: Crm) -> None:
    hands.delete(made, deal_folder(made))
    made.sync()
    assert f"the folder is deleted, or no longer shared with {hands.WORKER}" in problems(made)
    assert made.sync().deal_folders == 0
    made.write("deals", 0, {"drive": None})
    assert made.sync().deal_folders == 1
    assert made.row("deals")["check"] == "OK"


def test_a_company_folder_that_is_lost_makes_new_deals_wait(made: Crm) -> None:
    hands.trash(made, company_folder(made))
    made.write("deals", 1, {**hands.SECOND})
    result = made.sync()
    assert (result.deal_folders, result.folders_waiting) == (0, 1)
    assert "Companies C-000001 → Google Drive: the folder is in the trash" in problems(made)
    assert "Google Drive: the folder is in the trash" in problems(made, "companies")
    hands.trash(made, company_folder(made), trashed=False)
    assert made.sync().deal_folders == 1
    assert {row["check"] for row in made.rows("deals")} == {"OK"}


def test_a_folder_moved_by_hand_is_a_warning_until_it_is_back(made: Crm) -> None:
    folder = deal_folder(made)
    hands.move(made, folder, hands.make_folder(made, "My favourites"))
    result = made.sync()
    assert (result.failures, result.folders_changed) == ((), 0)
    assert made.row("deals")["check"] == "Warning"
    assert "the folder was moved away from its place" in problems(made)
    hands.move(made, folder, company_folder(made))
    made.sync()
    assert made.row("deals")["check"] == "OK"


def test_a_folder_moved_out_of_the_shared_drive_is_seen(made: Crm) -> None:
    mine = hands.make_folder(made, "Mine", "root", MANAGER)
    shared = {"type": "user", "role": "writer", "emailAddress": hands.WORKER}
    hands.act(made, "permissions.create", MANAGER, shared, fileId=mine)
    folder = deal_folder(made)
    hands.move(made, folder, mine, hands.WORKER)
    made.sync()
    assert "the folder was moved away from its place" in problems(made)
    hands.act(made, "files.update", MANAGER, {"trashed": True}, fileId=folder)
    made.sync()
    assert "the folder is in the trash" in problems(made)


def test_a_moved_folder_may_go_where_its_deal_goes(made: Crm) -> None:
    """The manager moves the folder first, and changes the company's name on the deal after."""
    made.write("companies", 1, {**COMPANY, "title": "Prairie Bank"})
    made.write("deals", 1, {**hands.SECOND, "company": "Prairie Bank"})
    made.sync()
    folder = deal_folder(made)
    hands.move(made, folder, company_folder(made, 1))
    made.sync()
    assert "moved away" in problems(made)
    made.write("deals", 0, {"company": "Prairie Bank"})
    assert made.sync().failures == ()
    assert "Google Drive" not in problems(made)
    assert made.folders()[folder]["parent"] == company_folder(made, 1)


def test_a_subfolder_that_is_not_needed_may_go(made: Crm) -> None:
    hands.trash(made, hands.inside(made, deal_folder(made))["Proposal"])
    assert made.sync().failures == ()
    assert made.row("deals")["check"] == "OK"


def test_a_folder_of_a_deal_that_is_over_may_go(made: Crm) -> None:
    made.write("deals", 0, {"stage": "Lost", "outcome_reason": "price"})
    made.sync()
    hands.trash(made, deal_folder(made))
    made.sync()
    assert "trash" not in problems(made)


def test_what_happened_while_the_worker_did_not_run_is_seen(made: Crm) -> None:
    for number in range(150):
        hands.make_folder(made, f"something else {number}")
    hands.trash(made, deal_folder(made))
    assert made.sync().failures == ()
    assert "in the trash" in problems(made)
    assert made.sync().cells == 0


def test_a_workbook_that_lost_its_place_in_the_log_looks_at_every_folder(made: Crm) -> None:
    hands.trash(made, deal_folder(made))
    key = {"developerMetadataLookup": {"metadataKey": "crm.drive"}}
    made.batch_update({"deleteDeveloperMetadata": {"dataFilter": key}})
    assert made.sync().failures == ()
    assert "in the trash" in problems(made)


# ── Rehearsed ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_a_log_that_can_be_read_no_more_is_begun_anew(made: Crm, status: int) -> None:
    """As after a change of the account, or of its membership in the shared drive."""
    own = deal_folder(made)
    hands.trash(made, own)
    made.fault("error", "drive.changes.list", code=status)
    assert made.sync().failures == ()
    assert "in the trash" in problems(made)
    hands.trash(made, own, trashed=False)
    assert made.sync().failures == ()
    assert made.row("deals")["check"] == "OK"


def test_a_rehearsal_tells_what_would_be_done_on_drive_and_does_nothing(made: Crm) -> None:
    made.write("deals", 0, {"service": "Strategy"})
    made.write("deals", 1, {**hands.SECOND})
    before = made.folders()
    made.control("DELETE", "log")
    rehearsal = rehearse(made.spreadsheet_id, made.playbook, made.outside).rehearsal
    assert rehearsal.folders[0].name == "D-000002 Steppe Bank — Strategy"
    assert len(rehearsal.folders) == 6
    assert rehearsal.drive == [
        FileChange(deal_folder(made), name="D-000001 Steppe Bank — Strategy")
    ]
    assert {call["kind"] for call in made.calls()} == {"read"}
    assert made.folders() == before


# ── The root ─────────────────────────────────────────────────────────────────────────────────────


def with_root(crm: Crm, root: str) -> Crm:
    crm.outside = replace(crm.outside, drive_root=root)
    return crm


def test_a_root_in_somebodys_my_drive_serves_as_well(crm: Crm) -> None:
    root = hands.make_folder(crm, "CRM", "root", MANAGER)
    shared = {"type": "user", "role": "writer", "emailAddress": hands.WORKER}
    hands.act(crm, "permissions.create", MANAGER, shared, fileId=root)
    crm.fill()
    assert with_root(crm, root).sync().failures == ()
    assert hands.look(crm, company_folder(crm))["parents"] == [root]
    hands.trash(crm, deal_folder(crm))
    crm.sync()
    assert "in the trash" in problems(crm)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("missing", "does not exist, or is not shared with"),
        ("file", "is a file. Give the id of a folder or of a shared drive."),
        ("trashed", "is in the trash. Restore it, or choose another one."),
        ("private", f"is not shared with {hands.WORKER}. Share it with that account"),
        ("readable", f"{hands.WORKER} may only look into the Drive folder"),
    ],
)
def test_a_root_that_is_no_use_is_named_to_the_operator_and_on_the_dashboard(
    crm: Crm, kind: str, words: str
) -> None:
    crm.fill()
    root = bad_root(crm, kind)
    for _ in range(2):
        (failure,) = with_root(crm, root).sync().failures
        assert failure.startswith("No folders are made: ")
        assert root in failure
        assert words in failure
        assert failure in dashboard(crm)
    assert "Google Drive" in problems(crm)
    assert crm.sync().cells == 0


def bad_root(crm: Crm, kind: str) -> str:
    """A root under which no folders can be made."""
    if kind == "missing":
        return "1nothing"
    if kind == "file":
        return hands.make_document(crm, str(crm.outside.drive_root))
    if kind == "trashed":
        root = hands.make_folder(crm, "CRM")
        hands.trash(crm, root)
        return root
    root = hands.make_folder(crm, "CRM", "root", MANAGER)
    if kind == "readable":
        reader = {"type": "user", "role": "reader", "emailAddress": hands.WORKER}
        hands.act(crm, "permissions.create", MANAGER, reader, fileId=root)
    return root


@both_locales
def test_trouble_with_the_root_stands_on_the_dashboard_until_it_is_over(crm: Crm) -> None:
    root = hands.make_folder(crm, "CRM")
    crm.fill(crm.local(DEAL))
    with_root(crm, root).sync()
    hands.trash(crm, root)
    crm.sync()
    words = {"en": "No folders are made: the Drive folder", "ru": "Папки не создаются: папка"}
    assert words[crm.locale] in dashboard(crm)
    assert crm.sync().cells == 0
    hands.trash(crm, root, trashed=False)
    crm.sync()
    assert words[crm.locale] not in dashboard(crm)


def dashboard(crm: Crm) -> str:
    return "\n".join(str(cell) for line in crm.values("dashboard") for cell in line)


def test_a_trashed_root_is_named_until_it_is_restored(crm: Crm) -> None:
    root = hands.make_folder(crm, "CRM")
    crm.fill()
    with_root(crm, root).sync()
    hands.trash(crm, root)
    crm.write("deals", 1, {**hands.SECOND})
    for _ in range(2):
        result = crm.sync()
        assert "is in the trash" in result.failures[0]
        assert (len(result.failures), result.folders_waiting) == (1, 1)
    hands.trash(crm, root, trashed=False)
    result = crm.sync()
    assert (result.failures, result.deal_folders, result.folders_waiting) == ((), 1, 0)


def test_a_root_no_longer_shared_is_named(crm: Crm) -> None:
    root = hands.make_folder(crm, "CRM", "root", MANAGER)
    shared = {"type": "user", "role": "writer", "emailAddress": hands.WORKER}
    right = hands.act(crm, "permissions.create", MANAGER, shared, fileId=root)["id"]
    crm.fill()
    assert with_root(crm, root).sync().failures == ()
    hands.act(crm, "permissions.delete", MANAGER, fileId=root, permissionId=right)
    for _ in range(2):
        (failure,) = crm.sync().failures
        assert f"not shared with {hands.WORKER}" in failure


def test_a_shared_drive_that_the_worker_has_left_is_named(made: Crm) -> None:
    drive = str(made.outside.drive_root)
    rights = hands.act(made, "permissions.list", hands.WORKER, fileId=drive, fields="*")
    own = {right["emailAddress"]: right["id"] for right in rights["permissions"]}[hands.WORKER]
    share_workbook(made)
    hands.act(made, "permissions.delete", hands.WORKER, fileId=drive, permissionId=own)
    for _ in range(2):
        (failure,) = made.sync().failures
        assert f"not shared with {hands.WORKER}" in failure
    assert "No folders are made" in dashboard(made)


def share_workbook(crm: Crm) -> None:
    """Let the worker edit the workbook itself, whatever becomes of the drive."""
    body = {"type": "user", "role": "writer", "emailAddress": hands.WORKER}
    hands.act(crm, "permissions.create", hands.WORKER, body, fileId=crm.spreadsheet_id)


def test_another_root_is_for_new_companies_alone(made: Crm) -> None:
    other = hands.make_folder(made, "CRM 2")
    before = company_folder(made)
    made.write("companies", 1, {**COMPANY, "title": "Prairie Bank"})
    made.write("deals", 1, {**hands.SECOND, "company": "Prairie Bank"})
    assert with_root(made, other).sync().failures == ()
    assert made.folders()[before]["parent"] != other
    assert made.folders()[company_folder(made, 1)]["parent"] == other
    assert "Google Drive" not in problems(made)
