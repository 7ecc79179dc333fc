"""Letters as native comment threads, one for each deal, if the playbook says so."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from sync.errors import SyncError
from tests.sync.conftest import DEAL, Crm

CLIENT = "anna@steppe.example"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    letters = crm.playbook.letters.model_copy(update={"native_comments": True})
    crm.playbook = crm.playbook.model_copy(update={"letters": letters})
    crm.fill({**DEAL, "stage": "MQL"})
    return crm


def threads(crm: Crm) -> list[list[str]]:
    found = crm.outside.sheets.read_discussions(crm.spreadsheet_id)
    return [[post.split("\n")[1] for post in thread.posts] for thread in found]


def sync_twice(crm: Crm) -> None:
    for _ in range(2):
        with suppress(SyncError):
            crm.sync()


def test_a_deal_has_one_thread_which_its_letters_join(crm: Crm) -> None:
    for number in range(3):
        crm.letter(sender=CLIENT, subject=f"Letter {number}", text="text")
        sync_twice(crm)
    assert threads(crm) == [["Letter 0", "Letter 1", "Letter 2"]]
    crm.control("DELETE", "log")
    assert crm.sync().cells == 0
    assert [call["kind"] for call in crm.calls("sheets.*")] == ["read", "read"]


@pytest.mark.parametrize("number", range(3))
def test_a_lost_answer_posts_nothing_twice(crm: Crm, number: int) -> None:
    crm.sync()
    crm.letter(sender=CLIENT, subject="Letter", text="text")
    crm.fault("close", "sheets.spreadsheets.batchUpdate", when="after", calls=[number])
    for _ in range(3):
        sync_twice(crm)
    assert threads(crm) == [["Letter"]]


def test_long_letters_are_cut_to_what_a_post_takes_and_old_ones_are_not_posted(crm: Crm) -> None:
    crm.letter(sender=CLIENT, subject="Long", text="Длинный текст. " * 500)
    old = datetime.now(UTC) - timedelta(days=30)
    crm.letter(sender=CLIENT, subject="Old", text="text", date=old.isoformat())
    sync_twice(crm)
    [thread] = crm.outside.sheets.read_discussions(crm.spreadsheet_id)
    [post] = thread.posts
    assert "Long" in post
    assert "https://mail.google.com/" in post
    assert len(post.encode()) <= 2_048
