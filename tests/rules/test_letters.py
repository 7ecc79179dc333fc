"""Status letters: whose deal they belong to, and what of their text is the writer's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rules.check import check_book
from rules.letter_matching import Match, known_people, make_matcher, threads_with_deal
from rules.letter_text import own_text
from rules.letters import Letter, cut_text, direction_of, letters_by_deal
from rules.table import Table
from tests.rules.books import (
    PLAYBOOK,
    STAGES,
    TODAY,
    Cells,
    Rows,
    full_contact,
    full_deal,
    full_rows,
    joined,
    make_book,
    make_table,
)

NO_LETTERS = Table("letters", {}, {}, 0)


def letter(
    sender: str = "manager1@example.com",
    *others: str,
    subject: str = "Status",
    thread: str = "t1",
) -> Letter:
    return Letter(
        key="<1@mail>",
        thread=thread,
        gmail_id="g1",
        mailbox="manager1@example.com",
        when=datetime(2026, 3, 1, tzinfo=UTC),
        sender=sender,
        others=others,
        shown_from=sender,
        shown_to=", ".join(others),
        subject=subject,
        text="Hello",
        attachments=(),
    )


def deal_of(
    rows: Rows, found: Letter, deal_by_thread: dict[str, str] | None = None
) -> Match | None:
    checked = check_book(make_book("en", rows), PLAYBOOK, TODAY)
    matcher = make_matcher(checked, known_people(checked, ()), NO_LETTERS)
    matcher.deal_by_thread.update(deal_by_thread or {})
    return matcher.match(found)


# ── Which deal ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", ["person1@client.kz", "person1@home.kz"])
def test_letter_with_the_contact_belongs_to_the_deal(address: str) -> None:
    rows = joined(full_rows("en", "sql", 1), full_rows("en", "sql", 2))
    sent, received = letter("manager1@example.com", address), letter(address, "x@example.com")
    assert deal_of(rows, sent) == deal_of(rows, received) == Match("D-000001")


def test_case_of_an_address_in_the_sheet_does_not_matter() -> None:
    rows = full_rows("en", "sql")
    rows["contacts"][0]["email"] = " Person1@Client.KZ "
    assert deal_of(rows, letter("person1@client.kz")) == Match("D-000001")


def test_letter_with_another_contact_of_the_deal_belongs_to_it() -> None:
    rows = joined(full_rows("en", "sql", 1), full_rows("en", "cold", 2))
    rows["contacts"].append(full_contact("en", 30, 1) | {"company": None})
    found = letter("person30@client.kz", "manager1@example.com")
    assert deal_of(rows, found) is None
    rows["deals"][0]["other_contacts"] = "P-000030"
    assert deal_of(rows, found) == Match("D-000001")


def test_letter_of_a_colleague_or_a_stranger_belongs_nowhere() -> None:
    found = letter("manager1@example.com", "lead@example.com", subject="[D-000001] budget")
    assert deal_of(full_rows("en", "sql"), found) is None


@pytest.mark.parametrize("stage", STAGES)
def test_only_open_deals_get_letters(stage: str) -> None:
    found = deal_of(full_rows("en", stage), letter("person1@client.kz"))
    is_open = stage in ("cold", "mql", "sql", "negotiation")
    assert found == (Match("D-000001") if is_open else None)


def two_deals_of_one_contact() -> Rows:
    rows = full_rows("en", "sql", 1)
    rows["deals"].append(full_deal("en", 2, "mql", 1, 1))
    return rows


def test_of_several_deals_a_person_chooses() -> None:
    found = deal_of(two_deals_of_one_contact(), letter("person1@client.kz"))
    assert found is not None
    assert found.deal_id == ""
    assert set(found.candidates) == {"D-000001", "D-000002"}


def test_letter_to_contacts_of_two_deals_is_for_a_person_to_place() -> None:
    rows = joined(full_rows("en", "sql", 1), full_rows("en", "sql", 2))
    found = deal_of(rows, letter("person1@client.kz", "person2@client.kz"))
    assert found == Match("", ("D-000001", "D-000002"))


@pytest.mark.parametrize("subject", ["[D-000002] Media plan", "Re: plan [d-000002]"])
def test_deal_named_in_the_subject_wins(subject: str) -> None:
    found = letter("person1@client.kz", subject=subject)
    match = deal_of(two_deals_of_one_contact(), found, {"t1": "D-000001"})
    assert match == Match("D-000002")


def test_unknown_deal_named_in_the_subject_is_no_answer() -> None:
    found = letter("person1@client.kz", subject="[D-000099] Media plan")
    assert deal_of(full_rows("en", "sql"), found) == Match("D-000001")


def test_answer_goes_where_its_thread_went() -> None:
    rows = two_deals_of_one_contact()
    comments: list[Cells] = [
        {"deal_id": "D-000002", "thread": "t1", "letter_key": "<0@mail>"},
        {"deal_id": None, "thread": "t2", "letter_key": "<9@mail>"},
        {"deal_id": "D-000001", "text": "a manager's note"},
    ]
    threads = dict(
        threads_with_deal(make_table("comments", "en", comments), {"D-000001", "D-000002"})
    )
    assert threads == {"t1": "D-000002", "<0@mail>": "D-000002"}
    assert deal_of(rows, letter("person1@client.kz", thread="t1"), threads) == Match("D-000002")
    undecided = deal_of(rows, letter("person1@client.kz", thread="t2"), threads)
    assert undecided is not None
    assert undecided.deal_id == ""


def test_two_contacts_with_one_address_bring_both_deals() -> None:
    rows = joined(full_rows("en", "sql", 1), full_rows("en", "sql", 2))
    rows["contacts"][2] = full_contact("en", 2, 2) | {"email": "person1@client.kz"}
    match = deal_of(rows, letter("person1@client.kz"))
    assert match == Match("", ("D-000001", "D-000002"))


def test_what_one_of_us_wrote_is_outgoing_from_whichever_address() -> None:
    ours = ["agency.kz", "manager2@gmail.com"]
    for sender in ("manager1@example.com", "manager2@gmail.com", "sales@agency.kz"):
        assert direction_of(letter(sender), ours) == "outgoing"
    alias = replace(letter("manager1@alias.kz"), labels=frozenset({"SENT"}))
    assert direction_of(alias, ours) == "outgoing"
    assert direction_of(letter("person1@client.kz"), ours) == "incoming"


def test_logged_letters_are_counted_without_notes_latest_first() -> None:
    rows: list[Cells] = [
        {"deal_id": "D-000001", "letter_key": "a", "when": 46_000.5, "subject": "old"},
        {"deal_id": "D-000001", "letter_key": "b", "when": 46_002, "subject": "new"},
        {"deal_id": "D-000001", "when": 46_003, "text": "note"},
        {"deal_id": None, "letter_key": "c", "when": 46_004, "subject": "whose?"},
    ]
    found = letters_by_deal(make_table("comments", "en", rows), PLAYBOOK)
    assert {deal: [one.title for one in letters] for deal, letters in found.items()} == {
        "D-000001": ["new", "old"]
    }


# ── Whose words ──────────────────────────────────────────────────────────────────────────────────

OWN = "Добрый день!\n\nСогласны на 5 млн.\n\nС уважением,\nАнна"

QUOTED_BELOW = {
    "Gmail": "On Mon, Mar 2, 2026 at 10:00 AM Bob Lee <bob@b.kz> wrote:\n\n> Hi\n> Budget?",
    "Gmail, wrapped": "On Mon, Mar 2, 2026 at 10:00 AM Bob Very Long Name\n"
    "<bob@example.com> wrote:\n\n> Hi\n>\n> Budget?\n",
    "Gmail, wrapped before the verb": "On Mon, Mar 2, 2026 at 10:00 AM Bob Very Long Name "
    "<bob@b.kz>\nwrote:\n\n> Hi\n>\n> Budget?\n",
    "Gmail in Russian": "пн, 2 мар. 2026 г. в 10:00, Bob Lee <bob@b.kz>:\n\n> Привет\n> Как?",
    "Apple Mail, wrapped": "23 марта 2026 г., в 10:00, Bob Lee\n<bob@b.kz> написал(а):\n\n> Привет",
    "Apple Mail": "2 марта 2026 г., в 10:00, Bob Lee <bob@example.com> написал(а):\n\n> Привет\n",
    "Mail.ru": "Понедельник, 2 марта 2026, 10:00 +05:00 от Bob Lee <bob@b.kz>:\n>Привет\n>\n",
    "no introduction": "> Hi\n> Budget?",
    "quote in a quote": "Bob Lee <bob@example.com> пишет:\n> Hi\n>> Older\n> > Oldest\n",
    "Outlook": "From: Bob Lee <bob@example.com>\nSent: Monday, March 2, 2026 10:00 AM\n"
    "To: Anna <anna@client.kz>\nSubject: Budget\n\nHi, what is the budget?\n",
    "Outlook in Russian": "От: Bob Lee <bob@example.com>\nОтправлено: 2 марта 2026 г. 10:00\n"
    "Кому: Anna <anna@client.kz>\nТема: Бюджет\n\nКакой бюджет?\n",
    "old Outlook": "-----Original Message-----\nFrom: Bob Lee\nSent: Monday\n\nHi\n",
    "old Outlook in Russian": "-----Исходное сообщение-----\nОт: Bob\n\nПривет\n",
}


@pytest.mark.parametrize("quote", QUOTED_BELOW.values(), ids=QUOTED_BELOW)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_earlier_letter_below_is_cut(quote: str, line_end: str) -> None:
    text = f"{OWN}\n\n{quote}".replace("\n", line_end)
    assert own_text(text) == OWN


UNSURE = {
    "no quote": OWN,
    "answers between the lines": "> What budget?\n5 млн\n> When?\nIn May",
    "own words below a quote": "> What budget?\n\n5 млн, as agreed.",
    "a citation with words of one's own": "Вот наш ответ на ваш вопрос:\n> какой бюджет?\n5 млн",
    "a citation at the end": "Добрый день!\nМы не согласны только с этим:\n> срок до 1 мая",
    "a colon at the end": "Our conditions:\n- 5 млн\n- May",
    "a brief with from and date": "The route is\nFrom: Almaty\nDate: 12 May\nand back again",
    "a brief in Russian": "Бюджет\nОт: 5 млн\nДата: до 1 мая\nЖдём предложение",
    "greater than": "Our reach is\n5 > 3\nand so on",
    "dashes": "Price\n-----\n5 млн",
    "the words original message": "This is the original message we meant.\nBye",
    "nothing but a quote": "> Forwarded for you\n> to read",
    "wrote": "She wrote:\nwe agree to everything",
}


@pytest.mark.parametrize("text", UNSURE.values(), ids=UNSURE)
def test_when_unsure_nothing_is_cut(text: str) -> None:
    assert own_text(text) == text


@pytest.mark.parametrize("text", ["", " \n ", "\r\n"])
def test_empty_letter_stays_empty(text: str) -> None:
    assert own_text(text) == ""


def test_too_long_text_is_cut_visibly() -> None:
    assert cut_text("abc", 3) == "abc"
    assert cut_text("abcd", 3) == "ab…"
