"""Who is let into a deal's folder: without mails, never in public, taken back when asked."""

from __future__ import annotations

from typing import Any

import pytest

from rules.playbook import Sharing
from tests.sync import drive_hands as hands
from tests.sync.conftest import DEAL, Crm

DANA, TIMUR, GROUP = "dana@agency.example", "timur@agency.example", "kz@agency.example"


@pytest.fixture
def team(crm: Crm) -> Crm:
    """Two managers with mailboxes, and a playbook that shares folders with them."""
    crm.type_rows(
        "lists",
        {"managers": "Dana", "mailboxes": DANA},
        {"managers": "Timur", "mailboxes": f" {TIMUR.upper()} "},
    )
    return shared(crm, accountable=True, groups={"kazakhstan": GROUP})


def shared(crm: Crm, **rules: Any) -> Crm:
    crm.playbook = hands.with_folders(crm.playbook, share=Sharing(**rules))
    return crm


def guests(crm: Crm, number: int = 0) -> dict[str, str]:
    """Who has a right of their own on a deal's folder: roles by address."""
    answer = hands.act(
        crm,
        "permissions.list",
        hands.WORKER,
        fileId=hands.linked(crm.row("deals", number)),
        fields="permissions(emailAddress,type,role,permissionDetails)",
    )
    return {
        right.get("emailAddress", right["type"]): right["role"]
        for right in answer["permissions"]
        if not right["permissionDetails"][0]["inherited"]
    }


def mails(crm: Crm) -> list[Any]:
    found: list[Any] = crm.box.world.drive.notifications
    return found


def test_the_accountable_manager_and_the_regions_group_are_let_in_without_a_mail(team: Crm) -> None:
    before = len(mails(team))
    team.fill()
    assert team.sync().failures == ()
    assert guests(team) == {DANA: "writer", GROUP: "writer"}
    assert len(mails(team)) == before
    calls = len(team.calls("drive.permissions.create"))
    assert team.sync().cells == 0
    assert len(team.calls("drive.permissions.create")) == calls


def test_without_a_word_in_the_playbook_nobody_is_let_in(crm: Crm) -> None:
    crm.type_rows("lists", {"managers": "Dana", "mailboxes": DANA})
    crm.fill()
    crm.sync()
    assert guests(crm) == {}


@pytest.mark.parametrize("revoke", [False, True])
def test_another_accountable_is_let_in_and_the_former_one_out_if_the_playbook_says_so(
    team: Crm, *, revoke: bool
) -> None:
    shared(team, accountable=True, role="commenter", revoke=revoke)
    team.fill()
    team.sync()
    team.write("deals", 0, {"accountable": "Timur"})
    assert team.sync().failures == ()
    staying = {} if revoke else {DANA: "commenter"}
    assert guests(team) == {TIMUR: "commenter", **staying}
    assert team.sync().cells == 0


def test_a_manager_without_a_mailbox_is_not_let_in(team: Crm) -> None:
    team.fill({**DEAL, "accountable": "Somebody"})
    assert team.sync().failures == ()
    assert guests(team) == {GROUP: "writer"}


def test_who_cannot_be_let_in_is_a_warning_and_not_asked_for_again(team: Crm) -> None:
    team.fill()
    team.fault("error", "drive.permissions.create", calls=[0], code=400)
    result = team.sync()
    assert "D-000001: folder not shared" in result.failures[0]
    assert (
        f"Google Drive: {DANA} could not be let into the folder." in (team.row("deals")["problems"])
    )
    assert team.row("deals")["check"] == "Warning"
    assert team.sync().failures == ()
    team.write("deals", 0, {"accountable": "Timur"})
    shared(team, accountable=True, revoke=True)
    team.sync()
    assert guests(team) == {TIMUR: "writer"}
    assert team.row("deals")["check"] == "OK"


@pytest.mark.usefixtures("impatient")
def test_an_answer_that_was_lost_lets_nobody_in_twice(team: Crm) -> None:
    team.fill()
    team.fault("close", "drive.permissions.create", limit=None, when="after")
    assert team.sync().failures
    team.control("DELETE", "faults")
    assert team.sync().failures == ()
    assert guests(team) == {DANA: "writer", GROUP: "writer"}


def test_a_right_that_is_gone_already_is_taken_back(team: Crm) -> None:
    shared(team, accountable=True, revoke=True)
    team.fill()
    team.sync()
    folder = hands.linked(team.row("deals"))
    rights = hands.act(team, "permissions.list", hands.WORKER, fileId=folder, fields="*")
    right = next(r["id"] for r in rights["permissions"] if r["emailAddress"] == DANA)
    hands.act(team, "permissions.delete", hands.WORKER, fileId=folder, permissionId=right)
    team.write("deals", 0, {"accountable": "Timur"})
    assert team.sync().failures == ()
    assert guests(team) == {TIMUR: "writer"}


def test_a_linked_folder_is_not_shared(team: Crm) -> None:
    team.fill({**DEAL, "drive": hands.link_to(hands.make_folder(team, "Our own"))})
    assert team.sync().failures == ()
    assert guests(team) == {}
