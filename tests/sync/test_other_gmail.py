"""A Gmail that keeps to its documentation and is not like the sandbox: nothing lost or doubled."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync.google.auth import Accounts, load_account
from sync.google.gmail import GoogleMail
from sync.google.units import Units
from tests.sync.conftest import CONTACT, DEAL, MAILBOXES, Crm
from tests.sync.odd_gmail import Change, Json, WholeAnswer, odd_gmail

CLIENT = "anna@steppe.example"
BOX = MAILBOXES[0]


@pytest.fixture
def crm(crm: Crm) -> Crm:
    crm.fill(DEAL)
    crm.outside = replace(crm.outside, mailboxes=(BOX,))
    return crm


@contextmanager
def through(
    crm: Crm, change: Change | None = None, instead: WholeAnswer | None = None
) -> Iterator[None]:
    """Let the worker read its mail from a server that changes the sandbox's answers."""
    before = crm.outside
    changes: dict[str, Any] = {"change": change} if change else {}
    if instead:
        changes["instead"] = instead
    with odd_gmail(crm.box.url, **changes) as url:
        accounts = Accounts(load_account(crm.credentials))
        with closing(GoogleMail(accounts, Units(lambda: datetime.now(UTC)), url)) as mail:
            crm.outside = replace(before, mail=mail)
            yield
    crm.outside = before


def texts(crm: Crm) -> list[str]:
    return sorted(str(row["text"]) for row in crm.rows("comments"))


def parts_of(answer: Json) -> Iterator[Json]:
    if "payload" in answer:
        yield from _inside(answer["payload"])


def _inside(part: Json) -> Iterator[Json]:
    yield part
    for one in part.get("parts", ()):
        yield from _inside(one)


# ── The ways in which answers may differ ─────────────────────────────────────────────────────────


def history_ids_are_numbers(_path: str, _query: Mapping[str, str], answer: Json) -> Json:
    if "historyId" in answer:
        answer["historyId"] = int(answer["historyId"])
    return answer


def empty_lists_are_told(path: str, _query: Mapping[str, str], answer: Json) -> Json:
    if path in ("messages", "history"):
        answer.setdefault(path, [])
        answer["resultSizeEstimate"] = 201
    return answer


def every_page_comes_twice(path: str, query: Mapping[str, str], answer: Json) -> Json:
    if path in ("messages", "history") and "pageToken" not in query:
        answer["nextPageToken"] = "again"
    return answer


def the_last_page_is_empty(path: str, query: Mapping[str, str], answer: Json) -> Json:
    if path in ("messages", "history"):
        if query.get("pageToken") == "9999":
            answer.pop(path, None)
        elif "nextPageToken" not in answer:
            answer["nextPageToken"] = "9999"
    return answer


def what_may_lack_lacks(_path: str, _query: Mapping[str, str], answer: Json) -> Json:
    if "payload" in answer:
        for key in ("internalDate", "labelIds", "snippet", "sizeEstimate"):
            answer.pop(key, None)
    for record in answer.get("history", ()):
        record.pop("messages", None)
        for event in record.get("messagesAdded", ()):
            event["message"].pop("labelIds", None)
    return answer


def base64_has_no_padding(_path: str, _query: Mapping[str, str], answer: Json) -> Json:
    for part in parts_of(answer):
        if data := part.get("body", {}).get("data"):
            part["body"]["data"] = data.rstrip("=")
    return answer


@pytest.mark.parametrize(
    "change",
    [
        history_ids_are_numbers,
        empty_lists_are_told,
        every_page_comes_twice,
        the_last_page_is_empty,
        what_may_lack_lacks,
        base64_has_no_padding,
    ],
)
def test_an_answer_that_is_written_otherwise_is_read_the_same(crm: Crm, change: Change) -> None:
    expected = [f"letter {number}" for number in range(5)]
    for text in expected[:3]:
        crm.letter(sender=CLIENT, text=text)
    with through(crm, change):
        assert crm.sync().failures == ()
        for text in expected[3:]:
            crm.letter(sender=CLIENT, text=text)
        assert crm.sync().failures == ()
        assert texts(crm) == expected
        crm.control("POST", "history-loss", mailbox=BOX)
        crm.letter(sender=CLIENT, text="letter 5")
        assert crm.sync().failures == ()
        assert crm.sync().cells == 0
    assert texts(crm) == [*expected, "letter 5"]
    this_year = (datetime.now(UTC).date() - datetime(1899, 12, 30).date()).days
    assert all(abs(row["when"] - this_year) < 2 for row in crm.rows("comments"))


def test_a_text_that_is_sent_as_an_attachment_is_fetched(crm: Crm) -> None:
    bodies: dict[str, str] = {}

    def elsewhere(path: str, query: Mapping[str, str], answer: Json) -> Json:
        for number, part in enumerate(parts_of(answer) if query.get("format") == "full" else ()):
            if data := part["body"].pop("data", None):
                part["body"]["attachmentId"] = f"body-{number}"
                bodies[f"/{path.rpartition('/')[2]}/attachments/body-{number}"] = data
        return answer

    def fetched(path: str, _body: bytes) -> tuple[int, bytes] | None:
        for place, data in bodies.items():
            if place in path:
                return 200, f'{{"size": 1, "data": "{data}"}}'.encode()
        return None

    long = " ".join(f"word{number}" for number in range(200))
    crm.letter(sender=CLIENT, text=long, html=f"<p>{long}</p>")
    crm.letter(sender=CLIENT, html="<p>Только HTML</p>", text="Только текст")
    with through(crm, elsewhere, fetched):
        assert crm.sync().failures == ()
    assert texts(crm) == sorted([long, "Только текст"])


def test_a_file_that_stands_in_its_message_is_put_away(crm: Crm) -> None:
    def within(_path: str, _query: Mapping[str, str], answer: Json) -> Json:
        for part in parts_of(answer):
            if part.get("filename") and part["body"].pop("attachmentId", None):
                part["body"]["data"] = base64.urlsafe_b64encode(b"the brief").decode().rstrip("=")
        return answer

    letters = crm.playbook.letters
    filing = letters.attachments.model_copy(update={"file": True})
    letters = letters.model_copy(update={"attachments": filing})
    crm.playbook = crm.playbook.model_copy(update={"letters": letters})
    crm.letter(sender=CLIENT, attachments={"Brief.pdf": "QUJD"})
    with through(crm, within):
        crm.sync()
        assert crm.sync().failures == ()
    assert re.fullmatch(r"Brief\.pdf: https://\S+", crm.row("comments")["attachments"])


@pytest.mark.parametrize("status", [400, 404, 405, 501])
@pytest.mark.usefixtures("impatient")
def test_without_batches_letters_are_fetched_one_by_one(crm: Crm, status: int) -> None:
    _with_batches_answered(crm, status, b'{"error": {"code": 400, "message": "What?"}}')


@pytest.mark.usefixtures("impatient")
def test_a_batch_whose_answer_cannot_be_read_is_asked_for_in_single_calls(crm: Crm) -> None:
    _with_batches_answered(crm, 200, b'{"what": "is this"}')


def _with_batches_answered(crm: Crm, status: int, content: bytes) -> None:
    for number in range(3):
        crm.letter(sender=CLIENT, text=f"letter {number}")

    def refused(path: str, _body: bytes) -> tuple[int, bytes] | None:
        return (status, content) if path.startswith("/batch") else None

    with through(crm, instead=refused):
        assert crm.sync().failures == ()
    assert texts(crm) == [f"letter {number}" for number in range(3)]


def test_the_answers_of_a_batch_may_come_in_any_order(crm: Crm) -> None:
    for number in range(9):
        crm.letter(sender=CLIENT, text=f"letter {number}", message_id=f"<{number}@x.example>")
    with through(crm):
        assert crm.sync().failures == ()
    links = {row["text"]: row["letter"] for row in crm.rows("comments")}
    assert len(set(links.values())) == len(links) == 9


def test_long_addresses_make_no_request_that_the_client_would_send_in_another_way(crm: Crm) -> None:
    def address(number: int) -> str:
        return f"somebody.with.a.long.name.{number:02d}@a.long.subdomain.of.steppe.example"

    def overridden(path: str, body: bytes) -> tuple[int, bytes] | None:
        """What a server says that knows no `x-http-method-override`."""
        return (404, b"{}") if path.endswith("/messages") and body else None

    contacts = [{**CONTACT, "first_name": f"P{n}", "email": address(n)} for n in range(12)]
    crm.type_rows("contacts", CONTACT, *contacts)
    crm.letter(sender=address(11), text="from the last")
    with through(crm, instead=overridden):
        assert crm.sync().failures == ()
    assert texts(crm) == ["from the last"]


# ── Answers that nothing can be made of ──────────────────────────────────────────────────────────


def test_a_message_that_cannot_be_read_stops_no_other_and_is_counted(crm: Crm) -> None:
    def broken(_path: str, query: Mapping[str, str], answer: Json) -> Json:
        headers = answer.get("payload", {}).get("headers", ())
        bad = any("bad@x.example" in header["value"] for header in headers)
        return {**answer, "payload": {"headers": 7, "parts": "?"}} if bad else answer

    crm.letter(sender=CLIENT, text="unreadable", message_id="<bad@x.example>")
    crm.letter(sender=CLIENT, text="a good one")
    with through(crm, broken):
        assert crm.sync().failures == ()
        assert texts(crm) == ["a good one"]
        assert crm.sync().cells == 0


@pytest.mark.parametrize("path", ["profile", "messages", "history", "labels"])
def test_an_answer_that_is_no_answer_is_one_mailboxs_trouble(crm: Crm, path: str) -> None:
    def nonsense(asked: str, _query: Mapping[str, str], answer: Json) -> Json:
        lists = {"messages": [{}], "history": [{"messagesAdded": [{}]}], "labels": [{}]}
        return {path: lists.get(path, 1)} if asked == path else answer

    if path == "history":
        crm.sync()
    crm.letter(sender=CLIENT, text="at last")
    with through(crm, nonsense):
        result = crm.sync()
    [failure] = result.failures
    assert failure.startswith(f"mailbox {BOX}: ")
    assert crm.row("deals")["check"] == "OK"
    crm.sync()
    assert texts(crm) == ["at last"]


def test_an_attachment_that_is_gone_meanwhile_stops_nothing(crm: Crm) -> None:
    letters = crm.playbook.letters
    filing = letters.attachments.model_copy(update={"file": True})
    letters = letters.model_copy(update={"attachments": filing})
    crm.playbook = crm.playbook.model_copy(update={"letters": letters})
    crm.letter(sender=CLIENT, text="see", attachments={"Brief.pdf": "QUJD"})
    crm.fault("error", "gmail.users.messages.attachments.get", code=404)
    assert crm.sync().failures == ()
    [failure] = crm.sync().failures
    assert failure.startswith("D-000001: files of a letter not put away")
    assert texts(crm) == ["see"]
    assert crm.sync().failures == ()


HARD_TO_READ: list[Callable[[Json], Json]] = [
    lambda letter: {**letter, "internalDate": "soon"},
    lambda letter: {**letter, "internalDate": str(10**18)},
    lambda letter: {**letter, "internalDate": str(-(10**14))},
    lambda letter: {**letter, "labelIds": None, "snippet": None, "threadId": None},
]


@pytest.mark.parametrize("change", HARD_TO_READ)
def test_an_odd_message_is_logged_all_the_same(crm: Crm, change: Callable[[Json], Json]) -> None:
    crm.letter(sender=CLIENT, text="odd")
    with through(crm, lambda _, __, answer: change(answer) if "payload" in answer else answer):
        assert crm.sync().failures == ()
    assert texts(crm) == ["odd"]
    day = crm.row("comments")["when"]
    assert abs(day - (datetime.now(UTC) - datetime(1899, 12, 30, tzinfo=UTC)).days) < 2
    assert timedelta(days=day) > timedelta(days=40_000)
