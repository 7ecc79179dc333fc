"""Promise: whatever happens between us and Gmail, no letter is lost and none is logged twice."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rules.mail_counts import count_mail
from sync.errors import SyncError
from sync.google.auth import Accounts, load_account
from sync.google.gmail import GoogleMail
from sync.google.units import Units
from sync.plan import Plan
from sync.run import run_pass
from sync.snapshot import read_snapshot
from tests.sync.conftest import CONTACT, DEAL, MAILBOXES, Crm
from worker.passes import run_to_end

CLIENT = "anna@steppe.example"
OPEN_DEAL = {**DEAL, "stage": "MQL"}


@pytest.fixture
def crm(crm: Crm) -> Crm:
    crm.fill(OPEN_DEAL)
    return crm


def texts(crm: Crm) -> list[str]:
    return sorted(row["text"] for row in crm.rows("comments"))


def units(crm: Crm) -> Counter[str]:
    """Quota units of Gmail that were spent, by mailbox."""
    spent: Counter[str] = Counter()
    for call in crm.calls("gmail.*"):
        spent[call["user"]] += call["quota_cost"]
    return spent


def gmail(crm: Crm, method: str, mailbox: str = MAILBOXES[0], **params: Any) -> Any:
    """A call of the Gmail API in the name of the mailbox's owner."""
    body = params.pop("body", {})
    wish = {"user": mailbox, "method": f"gmail.users.{method}", "body": body}
    return crm.control("POST", "act", **wish, params={"userId": "me", **params})


def message_ids(crm: Crm, mailbox: str = MAILBOXES[0]) -> list[str]:
    answer = gmail(crm, "messages.list", mailbox)
    return [message["id"] for message in answer.get("messages", [])]


def make_label(crm: Crm, name: str, mailbox: str = MAILBOXES[0]) -> str:
    return str(gmail(crm, "labels.create", mailbox, body={"name": name})["id"])


def relabel(crm: Crm, message_id: str, *, add: str = "", remove: str = "") -> None:
    body = {"addLabelIds": [add] if add else [], "removeLabelIds": [remove] if remove else []}
    gmail(crm, "messages.modify", id=message_id, body=body)


@dataclass
class SetClock:
    """A clock that stands until it is moved."""

    moment: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def timed(crm: Crm, clock: SetClock) -> Iterator[Crm]:
    """The worker with a clock that the test moves."""
    accounts = Accounts(load_account(crm.credentials))
    mail = GoogleMail(accounts, Units(clock.now), crm.box.url)
    crm.outside = replace(crm.outside, mail=mail, clock=clock)
    yield crm
    mail.close()


# ── What it costs ────────────────────────────────────────────────────────────────────────────────


def test_an_idle_check_is_one_call_of_two_units_and_writes_nothing(crm: Crm) -> None:
    crm.letter(sender=CLIENT, text="hello")
    crm.sync()
    crm.control("DELETE", "log")
    assert crm.sync().cells == 0
    assert [call["method"] for call in crm.calls("gmail.*")] == ["gmail.users.history.list"] * 2
    assert units(crm) == dict.fromkeys(MAILBOXES, 2)
    assert not [call for call in crm.calls("sheets.*") if call["kind"] == "write"]


def test_reading_mail_moves_no_cursor_and_costs_no_letter(crm: Crm) -> None:
    crm.letter(sender=CLIENT, text="hello")
    crm.sync()
    relabel(crm, message_ids(crm)[0], remove="UNREAD")
    crm.control("DELETE", "log")
    crm.sync()
    assert units(crm) == dict.fromkeys(MAILBOXES, 2)
    assert not [call for call in crm.calls("sheets.*") if call["kind"] == "write"]


def test_letters_of_strangers_are_never_fetched_whole(crm: Crm) -> None:
    crm.sync()
    for number in range(40):
        crm.letter(sender=f"stranger{number}@nowhere.example", text="private")
    crm.letter(sender=CLIENT, text="for us")
    crm.control("DELETE", "log")
    crm.sync()
    assert texts(crm) == ["for us"]
    # One search tells of most, a look at the headers of the latest ten, and one letter whole.
    assert units(crm)[MAILBOXES[0]] <= 2 + 1 + 5 + 10 * 20 + 20


def test_who_is_named_by_reply_to_alone_is_found_in_a_new_mailbox_and_later(crm: Crm) -> None:
    crm.letter(sender=CLIENT, text="before")
    for number in (1, 2):
        form = f"From: forms@site.example\r\nReply-To: {CLIENT}\r\n\r\nform {number}"
        crm.letter(raw=base64.urlsafe_b64encode(form.encode()).decode())
        crm.sync()
    assert texts(crm) == ["before", "form 1", "form 2"]


# ── Trouble ──────────────────────────────────────────────────────────────────────────────────────


def test_a_message_deleted_between_list_and_get_stops_no_other(crm: Crm) -> None:
    crm.letter(sender=CLIENT, text="deleted meanwhile")
    crm.letter(sender=CLIENT, text="stays")
    doomed = message_ids(crm)[-1]
    crm.control(
        "POST",
        "act",
        user=MAILBOXES[0],
        method="gmail.users.messages.delete",
        params={"userId": "me", "id": doomed},
        after={"method": "gmail.users.messages.list"},
    )
    assert crm.sync().failures == ()
    assert texts(crm) == ["stays"]


def test_a_page_that_fails_in_mid_run_loses_nothing_and_what_came_before_is_kept(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.google.gmail.SEARCH_PAGE", 2)
    start = datetime.now(UTC) - timedelta(days=20)
    for day in range(9):
        crm.letter(sender=CLIENT, text=f"day {day}", date=(start + timedelta(days=day)).isoformat())
    crm.fault("error", "gmail.users.messages.list", calls=[14], code=400)
    result = crm.sync()
    assert len(result.failures) == 1
    assert 0 < len(texts(crm)) < 9
    crm.control("DELETE", "log")
    assert crm.sync().failures == ()
    assert texts(crm) == [f"day {day}" for day in range(9)]
    # It goes on where it stopped: no letter is fetched again.
    assert len(crm.calls("gmail.users.messages.get")) < 9


def test_a_refusal_with_a_time_is_obeyed_and_counts_against_nobody(
    timed: Crm, clock: SetClock
) -> None:
    timed.letter(sender=CLIENT, text="hello")
    timed.letter(MAILBOXES[1], sender=CLIENT, text="to the other")
    timed.fault("rate", "gmail.users.messages.list")
    result = timed.sync()
    assert result.failures == ()
    assert list(result.waiting) == [MAILBOXES[0]]
    assert texts(timed) == ["to the other"]
    timed.control("DELETE", "log")
    clock.sleep(14 * 60)
    timed.sync()
    assert units(timed)[MAILBOXES[0]] == 0
    clock.sleep(2 * 60)
    result = timed.sync()
    assert (result.failures, result.waiting) == ((), {})
    assert texts(timed) == ["hello", "to the other"]


def test_a_refusal_inside_a_batch_postpones_only_what_was_refused(
    timed: Crm, clock: SetClock
) -> None:
    for number in range(5):
        timed.letter(sender=CLIENT, text=f"letter {number}")
    timed.fault("rate", "gmail.users.messages.get", calls=[1, 3], limit=2)
    assert timed.sync().failures == ()
    assert len(texts(timed)) == 3
    clock.sleep(16 * 60)
    timed.sync()
    assert texts(timed) == [f"letter {number}" for number in range(5)]


def test_hours_without_quota_cost_few_calls_and_end_by_themselves(
    timed: Crm, clock: SetClock
) -> None:
    timed.letter(sender=CLIENT, text="at last")
    timed.fault("error", "gmail.*", code=429, limit=None)
    for _ in range(6 * 60):
        timed.sync()
        clock.sleep(60)
    assert len(timed.calls("gmail.*")) <= 2 * 6 * 60
    timed.control("DELETE", "faults")
    clock.sleep(64)
    timed.sync()
    assert texts(timed) == ["at last"]


def test_a_message_that_google_does_not_give_wedges_nothing_and_comes_with_the_recheck(
    timed: Crm, clock: SetClock
) -> None:
    for number in range(3):
        timed.letter(sender=CLIENT, text=f"letter {number}")
    timed.fault("error", "gmail.users.messages.get", calls=[1, 3, 4], limit=3)
    assert timed.sync().failures == ()
    assert len(texts(timed)) == 2
    clock.sleep(25 * 3600)
    timed.sync()
    assert texts(timed) == [f"letter {number}" for number in range(3)]


def test_the_same_message_on_several_pages_and_in_several_records_is_logged_once(crm: Crm) -> None:
    crm.sync()
    crm.letter(sender=CLIENT, text="once", message_id="<one@steppe.example>")
    crm.letter(sender=CLIENT, text="once", message_id="<one@steppe.example>")
    for label in ("STARRED", "IMPORTANT"):
        relabel(crm, message_ids(crm)[0], add=label)
    crm.sync()
    crm.sync()
    assert texts(crm) == ["once"]


def test_a_flood_since_the_cursor_is_searched_for_and_caught_up(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm.sync()
    monkeypatch.setattr("sync.mail_reading.MOST_CHANGES", 4)
    monkeypatch.setattr("sync.google.gmail.PAGE", 2)
    for number in range(9):
        crm.letter(sender=CLIENT, text=f"letter {number}")
    crm.sync()
    crm.sync()
    assert texts(crm) == [f"letter {number}" for number in range(9)]


def test_two_workers_at_once_log_a_letter_once(crm: Crm) -> None:
    """The second worker does a whole pass between the first one's reading and its writing."""
    crm.sync()
    crm.letter(sender=CLIENT, text="once")
    sheets = _Interrupted(crm, crm.outside.sheets)
    with suppress(SyncError):
        run_pass(crm.spreadsheet_id, crm.playbook, replace(crm.outside, sheets=sheets))
    assert sheets.interrupted
    crm.sync()
    crm.sync()
    assert texts(crm) == ["once"]


@dataclass
class _Interrupted:
    """Sheets as one worker sees them while another works: it comes first, just before a write."""

    crm: Crm
    sheets: Any
    interrupted: bool = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sheets, name)

    def write(self, *args: Any, **kwargs: Any) -> Any:
        if not self.interrupted:
            self.interrupted = True
            self.crm.sync()
        return self.sheets.write(*args, **kwargs)


FAULTS = [("close", "before"), ("close", "after"), ("cut", "after"), ("error", "before")]
CALLS_OF_A_PASS = 26


@pytest.mark.parametrize(("kind", "when"), FAULTS)
@pytest.mark.parametrize("number", range(CALLS_OF_A_PASS))
def test_whichever_call_fails_the_log_is_the_mailboxes_in_the_end(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, kind: str, when: str, number: int
) -> None:
    monkeypatch.setattr("sync.google.retry._retry._timeout", 0.2)
    crm.letter(sender=CLIENT, text="deleted by hand")
    for mailbox in MAILBOXES:
        crm.letter(mailbox, sender="late@steppe.example", text=f"earlier, to {mailbox}")
    crm.sync()
    rows = {"sheetId": crm.sheet_id("comments"), "dimension": "ROWS"}
    crm.batch_update({"deleteDimension": {"range": {**rows, "startIndex": 1, "endIndex": 2}}})
    for mailbox in MAILBOXES:
        crm.letter(mailbox, sender=CLIENT, text="to both", message_id="<both@steppe.example>")
        crm.letter(mailbox, sender=CLIENT, text=f"to {mailbox}")
        bulk = f"From: {CLIENT}\r\nPrecedence: bulk\r\n\r\nnews"
        crm.letter(mailbox, raw=base64.urlsafe_b64encode(bulk.encode()).decode())
    crm.write("contacts", 0, {"additional_email": "late@steppe.example"})
    crm.control("DELETE", "log")
    crm.fault(kind, "*", calls=[number], when=when, code=503)
    for _ in range(2):
        with suppress(SyncError):
            crm.sync()
    assert crm.sync().failures == ()
    expected = [f"{which}to {box}" for box in MAILBOXES for which in ("", "earlier, ")]
    assert texts(crm) == sorted(["to both", *expected])
    assert crm.sync().cells == 0


# ── Labels ───────────────────────────────────────────────────────────────────────────────────────


def test_a_label_keeps_a_letter_and_its_thread_out_and_takes_out_what_was_logged(crm: Crm) -> None:
    crm.letter(sender=CLIENT, subject="Offer", text="first", message_id="<root@x.example>")
    [offer] = message_ids(crm)
    crm.letter(sender=CLIENT, subject="Other", text="another matter")
    crm.write("comments", 0, {"deal_id": "D-000001", "text": "a note"})
    crm.sync()
    assert texts(crm) == ["a note", "another matter", "first"]
    label = make_label(crm, "CRM/skip")
    relabel(crm, offer, add=label)
    crm.sync()
    assert texts(crm) == ["a note", "another matter"]
    crm.letter(sender=CLIENT, subject="Offer", text="reply", in_reply_to="<root@x.example>")
    crm.sync()
    assert texts(crm) == ["a note", "another matter"]
    assert crm.sync().cells == 0
    relabel(crm, offer, remove=label)
    crm.sync()
    assert "first" in texts(crm)


def test_a_label_in_one_mailbox_takes_out_a_letter_that_another_mailbox_has_too(crm: Crm) -> None:
    for mailbox in MAILBOXES:
        crm.letter(mailbox, sender=CLIENT, text="to both", message_id="<both@x.example>")
    crm.sync()
    label = make_label(crm, "CRM/skip", MAILBOXES[1])
    body = {"addLabelIds": [label]}
    [message] = message_ids(crm, MAILBOXES[1])
    gmail(crm, "messages.modify", MAILBOXES[1], id=message, body=body)
    crm.sync()
    assert texts(crm) == []
    crm.sync()
    assert texts(crm) == []


def test_a_label_in_one_mailbox_keeps_the_thread_out_of_all_and_lets_it_in_again(crm: Crm) -> None:
    def deliver(text: str, **more: str) -> None:
        for mailbox in MAILBOXES:
            crm.letter(mailbox, sender=CLIENT, text=text, subject="Salary", **more)

    deliver("first", message_id="<1@x.example>")
    firsts = [message_ids(crm, mailbox) for mailbox in MAILBOXES]
    crm.sync()
    for box in reversed(range(2)):
        label = make_label(crm, "CRM/skip", MAILBOXES[box])
        [*_, first] = firsts[box]
        gmail(crm, "messages.modify", MAILBOXES[box], id=first, body={"addLabelIds": [label]})
        crm.sync()
        assert texts(crm) == []
        deliver(f"reply {box}", message_id=f"<r{box}@x.example>", in_reply_to="<1@x.example>")
        crm.sync()
        assert texts(crm) == []
        crm.control("POST", "history-loss", mailbox=MAILBOXES[1 - box])
        crm.sync()
        assert texts(crm) == []
        assert crm.sync().cells == 0
        gmail(crm, "messages.modify", MAILBOXES[box], id=first, body={"removeLabelIds": [label]})
        crm.sync()
        assert "first" in texts(crm)


def test_with_a_label_required_a_letter_counts_when_it_gets_it(crm: Crm) -> None:
    letters = crm.playbook.letters.model_copy(update={"count": "label", "label": "CRM"})
    crm.playbook = crm.playbook.model_copy(update={"letters": letters})
    crm.letter(sender=CLIENT, text="not yet")
    crm.sync()
    label = make_label(crm, "CRM")
    crm.letter(sender=CLIENT, text="never")
    crm.sync()
    assert texts(crm) == []
    relabel(crm, message_ids(crm)[-1], add=label)
    crm.sync()
    assert texts(crm) == ["not yet"]
    crm.control("POST", "history-loss", mailbox=MAILBOXES[0])
    relabel(crm, message_ids(crm)[0], add=label)
    crm.control("POST", "history-loss", mailbox=MAILBOXES[0])
    crm.sync()
    assert texts(crm) == ["never", "not yet"]


def test_a_letter_that_comes_out_of_spam_is_logged(crm: Crm) -> None:
    crm.letter(sender=CLIENT, text="thought to be spam", labels=["SPAM"])
    crm.sync()
    assert texts(crm) == []
    found = gmail(crm, "messages.list", includeSpamTrash=True)["messages"]
    relabel(crm, found[0]["id"], remove="SPAM")
    crm.sync()
    assert texts(crm) == ["thought to be spam"]


# ── Many letters ─────────────────────────────────────────────────────────────────────────────────


def test_a_command_waits_for_the_quota_and_stays_within_it(timed: Crm, clock: SetClock) -> None:
    accounts = Accounts(load_account(timed.credentials))
    mail = GoogleMail(accounts, Units(clock.now, 400), timed.box.url)
    timed.outside = replace(timed.outside, mail=mail)
    began = clock.now()
    start = began - timedelta(days=9)
    for number in range(30):
        when = start + timedelta(hours=number)
        timed.letter(sender=CLIENT, text=f"letter {number:02d}", date=when.isoformat())
    result = run_to_end(timed.spreadsheet_id, timed.playbook, timed.outside, clock.sleep)
    mail.close()
    assert (result.failures, result.letters) == ((), 30)
    moments = [row["when"] for row in timed.rows("comments")]
    assert moments == sorted(moments)
    assert clock.now() - began >= timedelta(minutes=1)


def test_a_new_contact_of_many_is_searched_for_alone(crm: Crm) -> None:
    contacts = [
        {**CONTACT, "first_name": f"P{n}", "email": f"p{n:02d}@steppe.example"} for n in range(45)
    ]
    crm.type_rows("contacts", CONTACT, *contacts)
    crm.letter(sender="p44@steppe.example", text="from the last")
    crm.sync()
    assert texts(crm) == ["from the last"]
    crm.letter(sender="late@steppe.example", text="from before")
    crm.sync()
    crm.write("contacts", 3, {"additional_email": "late@steppe.example"})
    crm.control("DELETE", "log")
    crm.sync()
    assert texts(crm) == ["from before", "from the last"]
    assert len(crm.calls("gmail.users.messages.list")) == len(MAILBOXES)
    assert crm.sync().cells == 0


def test_nothing_is_left_of_a_plan_that_removes_nothing() -> None:
    assert not Plan()
    assert Plan(removed={"comments": frozenset({1})})


# ── What is tried again, and what is not ─────────────────────────────────────────────────────────


def test_a_message_that_is_never_given_wedges_no_search_and_comes_when_it_is_given(
    timed: Crm, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.google.gmail.SEARCH_PAGE", 1)
    start = clock.now() - timedelta(days=9)
    for day in range(3):
        moment = (start + timedelta(days=2 * day)).isoformat()
        timed.letter(sender=CLIENT, text=f"day {day}", date=moment)
    # The oldest letter is alone on its page; each pass asks for it three times.
    timed.fault("error", "gmail.users.messages.get", code=500, limit=6)
    [failure] = timed.sync().failures
    assert "Google does not give 1 message(s)" in failure
    assert texts(timed) == []
    clock.sleep(11 * 60)
    assert timed.sync().failures == ()  # it is believed by now, and the search goes on
    assert texts(timed) == ["day 1", "day 2"]
    timed.fault("error", "gmail.users.messages.get", code=500, limit=3)
    assert timed.sync().failures == ()
    timed.control("DELETE", "log")
    timed.sync()
    assert not timed.calls("gmail.users.messages.get")
    clock.sleep(15 * 60)
    assert timed.sync().failures == ()
    assert texts(timed) == ["day 0", "day 1", "day 2"]
    assert timed.sync().cells == 0


def test_a_message_that_was_not_given_and_is_gone_is_no_failure_any_more(
    timed: Crm, clock: SetClock
) -> None:
    timed.letter(sender=CLIENT, text="good")
    timed.letter(sender=CLIENT, text="bad")
    timed.fault("error", "gmail.users.messages.get", calls=[0, 2, 3], limit=3)
    timed.sync()
    assert len(texts(timed)) == 1
    for message_id in message_ids(timed):
        gmail(timed, "messages.trash", id=message_id)
    clock.sleep(16 * 60)
    timed.sync()
    tables = read_snapshot(
        timed.outside.sheets, timed.spreadsheet_id, timed.playbook, clock, None
    ).tables
    counts = count_mail(tables["letters"], tables["comments"])
    assert sum(count.failed for days in counts.values() for count in days.values()) == 0
    writes = len(timed.calls("sheets.spreadsheets.batchUpdate"))
    clock.sleep(16 * 60)
    timed.sync()
    assert len(timed.calls("sheets.spreadsheets.batchUpdate")) == writes


def test_history_that_expires_again_and_again_leads_to_one_whole_search_a_day(
    timed: Crm, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.mail_reading.LOOKED_AT_AFTER_A_SEARCH", 1)
    timed.sync()
    old = (clock.now() - timedelta(days=60)).isoformat()
    for number in range(4):
        timed.letter(sender=CLIENT, text=f"letter {number}", date=clock.now().isoformat())
        timed.letter(sender=CLIENT, text=f"old {number}", date=old)  # an import
        timed.control("POST", "history-loss", mailbox=MAILBOXES[0])
        assert timed.sync().failures == ()
        assert f"letter {number}" in texts(timed)
        assert "old 0" in texts(timed)
        clock.sleep(3600)
    assert "old 1" not in texts(timed)
    clock.sleep(24 * 3600)
    timed.sync()
    assert texts(timed) == sorted(f"{kind} {n}" for kind in ("letter", "old") for n in range(4))
    clock.sleep(24 * 3600)
    assert timed.sync().letters == 0


def test_history_that_expires_while_a_mailbox_is_searched_does_not_begin_it_again(
    timed: Crm, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.letters.MOST_LETTERS", 2)
    monkeypatch.setattr("sync.google.gmail.SEARCH_PAGE", 1)
    monkeypatch.setattr("sync.mail_reading.LETTERS_A_FETCH", 1)
    start = clock.now() - timedelta(days=20)
    for day in range(8):
        moment = (start + timedelta(days=day)).isoformat()
        timed.letter(sender=CLIENT, text=f"day {day}", date=moment)
    passes = 0
    while timed.sync().waiting:
        passes += 1
        timed.control("POST", "history-loss", mailbox=MAILBOXES[0])
        timed.letter(MAILBOXES[0], sender="stranger@nowhere.example", text="moves the history")
        assert passes < 9
    assert texts(timed) == [f"day {day}" for day in range(8)]


def test_the_label_that_keeps_letters_out_may_be_written_in_any_case(crm: Crm) -> None:
    crm.letter(sender=CLIENT, text="private")
    crm.sync()
    assert texts(crm) == ["private"]
    relabel(crm, message_ids(crm)[0], add=make_label(crm, "crm/Skip"))
    crm.sync()
    assert texts(crm) == []


def test_a_draft_is_no_letter_until_it_is_sent(crm: Crm) -> None:
    crm.sync()
    lines = [f"From: {MAILBOXES[0]}", f"To: {CLIENT}", "Subject: Offer", "", "our offer"]
    raw = base64.urlsafe_b64encode("\r\n".join(lines).encode()).decode()
    draft = gmail(crm, "drafts.create", body={"message": {"raw": raw}})
    crm.sync()
    assert texts(crm) == []
    gmail(crm, "drafts.send", body={"id": draft["id"]})
    crm.sync()
    assert texts(crm) == ["our offer"]


def test_an_answer_that_names_no_letter_follows_gmails_own_thread(crm: Crm) -> None:
    crm.type_rows("deals", OPEN_DEAL, {**OPEN_DEAL, "title": "Autumn campaign"})
    crm.letter(sender=CLIENT, subject="Hello", text="which?", message_id="<1@x.example>")
    crm.sync()
    crm.write("comments", 0, {"deal_id": "D-000002"})
    thread = gmail(crm, "messages.list")["messages"][0]["threadId"]
    lines = [f"From: {CLIENT}", f"To: {MAILBOXES[0]}", "Subject: Hello", "", "no references"]
    raw = base64.urlsafe_b64encode("\r\n".join(lines).encode()).decode()
    gmail(crm, "messages.insert", body={"raw": raw, "threadId": thread})
    crm.sync()
    assert [row["deal_id"] for row in crm.rows("comments")] == ["D-000002"] * 2


def test_a_mistyped_choice_is_not_passed_on_to_the_thread(crm: Crm) -> None:
    crm.type_rows("deals", OPEN_DEAL, {**OPEN_DEAL, "title": "Autumn campaign"})
    for number in (1, 2):
        crm.letter(sender=CLIENT, text=f"{number}", in_reply_to="<0@x.example>")
    crm.sync()
    crm.write("comments", 0, {"deal_id": "D-00002"})
    crm.sync()
    assert [row["deal_id"] for row in crm.rows("comments")] == ["D-00002", None]
    crm.write("comments", 0, {"deal_id": " d-000002"})
    crm.sync()
    assert crm.row("comments", 1)["deal_id"] == "D-000002"
