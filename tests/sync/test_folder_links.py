"""Links that managers type: respected, checked, marked; another record's folder is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.sync import drive_hands as hands
from tests.sync.conftest import COMPANY, DEAL, MANAGER, Crm, both_locales


def problems(crm: Crm, number: int = 0, tab: str = "deals") -> str:
    return str(crm.row(tab, number)["problems"] or "")


@pytest.fixture
def mine(crm: Crm) -> str:
    """A folder in a manager's My Drive that the worker cannot see."""
    return hands.make_folder(crm, "Mine", "root", MANAGER)


def let_in(crm: Crm, folder: str, role: str = "writer") -> None:
    body = {"type": "user", "role": role, "emailAddress": hands.WORKER}
    hands.act(crm, "permissions.create", MANAGER, body, fileId=folder)


def test_a_linked_folder_is_marked_and_otherwise_left_alone(crm: Crm) -> None:
    own = hands.make_folder(crm, "Our own")
    crm.fill({**DEAL, "drive": hands.link_to(own)})
    assert crm.sync().failures == ()
    crm.write("deals", 0, {"service": "Strategy"})
    assert crm.sync().folders_changed == 0
    folder = crm.folders()[own]
    assert (folder["name"], folder["parent"]) == ("Our own", crm.outside.drive_root)
    assert folder["app"] == {"crmDeal": "D-000001", "crmWorkbook": crm.spreadsheet_id}
    assert hands.inside(crm, own) == {}
    assert crm.row("deals")["check"] == "OK"
    assert crm.sync().cells == 0


def test_a_linked_folder_gets_subfolders_if_the_playbook_says_so(crm: Crm) -> None:
    crm.playbook = hands.with_folders(crm.playbook, subfolders_in_linked=True)
    own = hands.make_folder(crm, "Our own")
    crm.fill({**DEAL, "drive": hands.link_to(own)})
    for _ in range(2):
        assert crm.sync().failures == ()
    names = {name.en for name in crm.playbook.folders.subfolders.values()}
    assert set(hands.inside(crm, own)) == names
    assert crm.sync().cells == 0
    assert set(hands.inside(crm, own)) == names


def test_a_linked_company_folder_holds_the_folders_of_its_deals(crm: Crm, mine: str) -> None:
    let_in(crm, mine)
    crm.fill()
    crm.write("companies", 0, {"drive": hands.link_to(mine)})
    crm.sync()
    result = crm.sync()
    assert (result.failures, result.folders_waiting) == ((), 0)
    assert hands.look(crm, hands.linked(crm.row("deals")))["parents"] == [mine]
    assert hands.look(crm, mine)["name"] == "Mine"
    assert crm.row("deals")["check"] == "OK"


@both_locales
def test_a_link_that_cannot_be_opened_is_a_problem_until_it_is_shared(crm: Crm, mine: str) -> None:
    crm.fill({**crm.local(DEAL), "drive": hands.link_to(mine)})
    for _ in range(2):
        crm.sync()
        words = {"en": "the linked folder cannot be opened", "ru": "папка по ссылке не открывается"}
        assert f"Google Drive: {words[crm.locale]}" in problems(crm)
        assert hands.WORKER in problems(crm)
    let_in(crm, mine)
    crm.sync()
    assert crm.row("deals")["check"] in ("OK", "ОК")
    assert hands.linked(crm.row("deals")) == mine
    assert crm.sync().cells == 0


def test_a_link_to_a_folder_that_may_only_be_looked_into_is_a_warning(crm: Crm, mine: str) -> None:
    let_in(crm, mine, "reader")
    crm.fill({**DEAL, "drive": hands.link_to(mine)})
    crm.sync()
    assert "may only look into the linked folder" in problems(crm)
    assert crm.row("deals")["check"] == "Warning"


def test_a_link_to_a_file_is_a_problem(crm: Crm) -> None:
    document = hands.make_document(crm, str(crm.outside.drive_root))
    crm.fill({**DEAL, "drive": hands.link_to(document)})
    crm.sync()
    assert "the link leads to a file, not to a folder" in problems(crm)


def test_a_link_to_a_folder_in_the_trash_is_a_problem(crm: Crm) -> None:
    own = hands.make_folder(crm, "Our own")
    hands.trash(crm, own)
    crm.fill({**DEAL, "drive": hands.link_to(own)})
    crm.sync()
    assert "the linked folder is in the trash" in problems(crm)


def test_a_link_to_another_deals_folder_is_a_problem(crm: Crm) -> None:
    crm.fill(DEAL, {**hands.SECOND, "stage": "MQL"})
    crm.sync()
    crm.write("deals", 1, {"stage": "SQL", "drive": crm.row("deals")["drive"]})
    result = crm.sync()
    assert (result.failures, result.deal_folders) == ((), 0)
    assert "Google Drive: this is the folder of D-000001." in problems(crm, 1)
    assert crm.row("deals", 1)["check"] == "Error"
    assert crm.row("deals", 0)["check"] == "OK"
    assert crm.sync().cells == 0
    crm.write("deals", 1, {"drive": None})
    assert crm.sync().deal_folders == 1
    assert crm.row("deals", 1)["check"] == "OK"
    assert len({row["drive"] for row in crm.rows("deals")}) == 2


@both_locales
def test_a_link_to_the_root_is_a_problem(crm: Crm) -> None:
    root = hands.make_folder(crm, "CRM")
    crm.outside = replace(crm.outside, drive_root=root)
    crm.fill({**crm.local(DEAL), "drive": hands.link_to(root)})
    for _ in range(2):
        assert crm.sync().deal_folders == 0
    words = {"en": "the folder that holds all others", "ru": "в которой лежат все остальные"}
    assert words[crm.locale] in problems(crm)
    assert "crmDeal" not in hands.look(crm, root).get("appProperties", {})


def test_of_two_deals_with_one_new_link_the_first_has_it(crm: Crm) -> None:
    link = hands.link_to(hands.make_folder(crm, "Our own"))
    crm.fill({**DEAL, "drive": link}, {**hands.SECOND, "drive": link})
    crm.sync()
    assert crm.row("deals", 0)["check"] == "OK"
    assert "this is the folder of D-000001" in problems(crm, 1)


def test_a_link_to_the_companys_own_folder_is_a_problem_on_the_deal(crm: Crm) -> None:
    crm.fill({**DEAL, "stage": "MQL"}, {**hands.SECOND})
    crm.sync()
    crm.write("deals", 0, {"stage": "SQL", "drive": crm.row("companies")["drive"]})
    crm.sync()
    assert "this is the folder of C-000001" in problems(crm)


def test_a_folder_that_another_deal_had_before_is_still_that_deals(crm: Crm) -> None:
    crm.fill()
    crm.sync()
    first = crm.row("deals")["drive"]
    crm.write("deals", 0, {"drive": hands.link_to(hands.make_folder(crm, "Our own"))})
    crm.write("deals", 1, {**hands.SECOND, "drive": first})
    crm.sync()
    assert crm.row("deals", 0)["check"] == "OK"
    assert "this is the folder of D-000001" in problems(crm, 1)


def test_a_linked_folder_takes_the_place_of_the_worker_made_one(crm: Crm) -> None:
    crm.fill()
    crm.sync()
    made = set(crm.folders())
    own = hands.make_folder(crm, "Our own")
    crm.write("deals", 0, {"drive": hands.link_to(own)})
    crm.sync()
    crm.write("deals", 0, {"drive": None})
    crm.sync()
    assert hands.linked(crm.row("deals")) == own
    assert set(crm.folders()) == {*made, own}


def test_a_bad_link_that_is_cleared_gives_way_to_the_folder_there_was(crm: Crm, mine: str) -> None:
    crm.fill()
    crm.sync()
    made = crm.row("deals")["drive"]
    crm.write("deals", 0, {"drive": hands.link_to(mine)})
    crm.sync()
    assert "cannot be opened" in problems(crm)
    crm.write("deals", 0, {"drive": None})
    crm.sync()
    assert crm.row("deals")["drive"] == made
    assert crm.row("deals")["check"] == "OK"
    assert len(crm.folders()) == 7


def test_a_folder_that_could_not_be_made_yet_gives_way_to_a_linked_one(crm: Crm) -> None:
    crm.fill()
    crm.fault("error", "drive.files.create", limit=None, code=400)
    crm.sync()
    crm.control("DELETE", "faults")
    own = hands.make_folder(crm, "Our own")
    crm.write("deals", 0, {"drive": hands.link_to(own)})
    for _ in range(2):
        assert crm.sync().failures == ()
    deals = [f for f, folder in crm.folders().items() if "crmDeal" in folder["app"]]
    assert deals == [own]
    assert crm.row("deals")["check"] == "OK"


def test_a_linked_folder_is_watched_as_any(crm: Crm, mine: str) -> None:
    let_in(crm, mine)
    crm.fill({**DEAL, "drive": hands.link_to(mine)})
    crm.sync()
    hands.act(crm, "files.update", MANAGER, {"trashed": True}, fileId=mine)
    crm.sync()
    assert "the folder is in the trash" in problems(crm)


def test_a_copied_row_has_a_folder_of_its_own(crm: Crm) -> None:
    crm.fill()
    crm.sync()
    row = {**DEAL, "id": "D-000001", "drive": crm.row("deals")["drive"]}
    crm.write("deals", 1, row)
    for _ in range(2):
        assert crm.sync().failures == ()
    first, second = crm.rows("deals")
    assert (first["id"], second["id"]) == ("D-000001", "D-000002")
    assert first["drive"] != second["drive"]
    assert "Google Drive" not in problems(crm, 0) + problems(crm, 1)


def test_companies_of_one_title_have_a_folder_each(crm: Crm) -> None:
    crm.fill({**DEAL, "company": "C-000001"}, {**hands.SECOND, "company": "C-000002"})
    crm.write("companies", 1, COMPANY)
    assert crm.sync().company_folders == 2
    folders = [hands.linked(row) for row in crm.rows("companies")]
    assert {crm.folders()[folder]["name"] for folder in folders} == {"Steppe Bank"}
    parents = [crm.folders()[hands.linked(row)]["parent"] for row in crm.rows("deals")]
    assert parents == folders
