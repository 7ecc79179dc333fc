"""Whose credentials, and whose mailboxes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from rules.playbook_file import load_playbook
from sandbox.server import Box
from sync.outside import Outside
from tests.sync.conftest import CONTACT, DEAL, MAILBOXES, Crm
from worker.settings import Settings
from worker.setup import create_workbook
from worker.wiring import connected

CLIENT = "anna@steppe.example"


@pytest.fixture
def own_settings(outside: Outside, shared_box: Box, tmp_path: Path) -> Settings:
    """Settings of manager1, with an authorised user's credentials."""
    url = shared_box.url
    wish = {"user": MAILBOXES[0]}
    info = requests.post(f"{url}/sandbox/authorized-user", json=wish, timeout=10).json()
    path = tmp_path / "user.json"
    path.write_text(json.dumps({"type": "authorized_user", **info}))
    return Settings.model_validate(
        {
            "google_credentials": path,
            "drive_root": outside.drive_root,
            "mailboxes": "me",
            "sheets_endpoint": url,
            "drive_endpoint": url,
            "gmail_endpoint": url,
        }
    )


@pytest.fixture
def signed_in(own_settings: Settings) -> Iterator[Outside]:
    """The outside as manager1 sees it."""
    with connected(own_settings) as person:
        yield person


def test_a_persons_own_credentials_serve_everything_at_the_endpoints_that_are_set(
    signed_in: Outside, shared_box: Box, tmp_path: Path
) -> None:
    playbook = load_playbook()
    spreadsheet_id = create_workbook("Mine", playbook, signed_in, "en")
    crm = Crm(shared_box, playbook, "en", signed_in, spreadsheet_id, tmp_path / "user.json")
    crm.fill()
    crm.letter(sender=CLIENT, text="to me")
    crm.letter(sender=MAILBOXES[0], to=CLIENT, text="from me", labels=["SENT"])
    result = crm.sync()
    assert (result.failures, result.deal_folders) == ((), 1)
    directions = {row["text"]: row["direction"] for row in crm.rows("comments")}
    assert directions == {"to me": "Incoming", "from me": "Outgoing"}
    assert crm.sync().cells == 0


def test_ones_own_mailbox_lets_in_no_colleague_and_is_one_call_when_idle_in_a_new_process(
    signed_in: Outside, own_settings: Settings, shared_box: Box, tmp_path: Path
) -> None:
    playbook = load_playbook()
    spreadsheet_id = create_workbook("Mine", playbook, signed_in, "en")
    crm = Crm(shared_box, playbook, "en", signed_in, spreadsheet_id, tmp_path / "user.json")
    colleagues = [{**CONTACT, "email": mailbox} for mailbox in (MAILBOXES[0], "lead@example.com")]
    crm.fill(contacts=(CONTACT, *colleagues))
    crm.letter(sender=CLIENT, text="for us")
    crm.letter(sender="lead@example.com", to=MAILBOXES[0], text="among colleagues")
    crm.letter(sender="bank@elsewhere.example", to=MAILBOXES[0], text="private")
    crm.sync()
    assert [row["text"] for row in crm.rows("comments")] == ["for us"]
    with connected(own_settings) as again:
        crm.outside = again
        crm.control("DELETE", "log")
        assert crm.sync().cells == 0
        assert sum(call["quota_cost"] for call in crm.calls("gmail.*")) == 2


def test_a_persons_credentials_cannot_read_another_mailbox(signed_in: Outside, crm: Crm) -> None:
    crm.outside = replace(crm.outside, mail=signed_in.mail)
    crm.fill()
    [first, second] = crm.sync().failures
    assert first.startswith(f"mailbox {MAILBOXES[0]}: ")
    assert "CRM_MAILBOXES=me" in second


def test_gmail_may_have_an_account_of_its_own(
    outside: Outside, shared_box: Box, tmp_path: Path
) -> None:
    """The workbook as a person sees it, the mailboxes by a service account's delegation."""
    wish = {"user": "lead@example.com"}
    url = shared_box.url
    info = requests.post(f"{url}/sandbox/authorized-user", json=wish, timeout=10).json()
    person = tmp_path / "person.json"
    person.write_text(json.dumps({"type": "authorized_user", **info}))
    settings = Settings.model_validate(
        {
            "google_credentials": person,
            "gmail_credentials": shared_box.write_credentials(tmp_path),
            "drive_root": outside.drive_root,
            "mailboxes": MAILBOXES,
            "sheets_endpoint": url,
            "drive_endpoint": url,
            "gmail_endpoint": url,
        }
    )
    with connected(settings) as mixed:
        playbook = load_playbook()
        spreadsheet_id = create_workbook("Mixed", playbook, mixed, "en")
        crm = Crm(shared_box, playbook, "en", mixed, spreadsheet_id, person)
        crm.fill({**DEAL, "stage": "MQL"})
        crm.letter(MAILBOXES[1], sender=CLIENT, text="hello")
        assert crm.sync().failures == ()
        assert [row["text"] for row in crm.rows("comments")] == ["hello"]
        assert {call["user"] for call in crm.calls("sheets.*")} == {"lead@example.com"}
        assert {call["user"] for call in crm.calls("gmail.*")} == set(MAILBOXES)


def test_without_a_setting_the_mailboxes_are_those_on_the_lists_tab(crm: Crm) -> None:
    crm.outside = replace(crm.outside, mailboxes=None)
    crm.write("lists", 0, {"managers": "Dana", "mailboxes": f" {MAILBOXES[1].upper()} "})
    crm.fill({**DEAL, "stage": "MQL"})
    crm.letter(MAILBOXES[0], sender=CLIENT, text="to the first")
    crm.letter(MAILBOXES[1], sender=CLIENT, text="to the second")
    crm.sync()
    assert [row["text"] for row in crm.rows("comments")] == ["to the second"]
