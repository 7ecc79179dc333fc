"""Which deal a letter belongs to, in order; which letters count at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from rules.check import check_book
from rules.letter_matching import Match, known_people, make_matcher, threads_to_bind
from rules.letter_policy import internal_addresses, reason_to_leave_out
from rules.letters import Letter, Marks
from tests.rules.books import (
    PLAYBOOK,
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
from tests.rules.test_letters import NO_LETTERS, letter

CLIENT = "person1@client.kz"
POLICY = PLAYBOOK.letters


def deal_of(rows: Rows, found: Letter, comments: list[Cells] | None = None) -> Match | None:
    rows = {**rows, "comments": comments or []}
    checked = check_book(make_book("en", rows), PLAYBOOK, TODAY)
    return make_matcher(checked, known_people(checked, ()), NO_LETTERS).match(found)


def two_deals(**second: str) -> Rows:
    rows = full_rows("en", "sql", 1)
    rows["deals"].append({**full_deal("en", 2, "mql", 1, 1), **second})
    return rows


@pytest.mark.parametrize("text", ["About [D-000002].", "Hi\n\n> [d-000002] Media plan"])
def test_a_deal_named_in_the_body_wins(text: str) -> None:
    assert deal_of(two_deals(), replace(letter(CLIENT), text=text)) == Match("D-000002")


def test_the_writers_own_words_come_before_those_that_are_quoted() -> None:
    found = replace(letter(CLIENT), text="It is about [D-000002].\n\n> [D-000001] Old plan")
    assert deal_of(two_deals(), found) == Match("D-000002")


def test_two_deals_named_at_once_name_none() -> None:
    found = deal_of(two_deals(), letter(CLIENT, subject="[D-000001] and [D-000002]"))
    assert found == Match("", ("D-000001", "D-000002"))


@pytest.mark.parametrize("known", ["<0@mail>", "<2@mail>"])
def test_an_answer_to_any_letter_of_a_thread_follows_it(known: str) -> None:
    """Some programs name the last letter only, and not the thread's first one."""
    logged: Cells = {"deal_id": "D-000002", "thread": "<0@mail>", "letter_key": "<2@mail>"}
    found = replace(letter(CLIENT, thread="<9@mail>"), references=("<9@mail>", known))
    assert deal_of(two_deals(), found, [logged]) == Match("D-000002")


def test_a_thread_of_a_deal_that_is_gone_decides_nothing() -> None:
    logged: Cells = {"deal_id": "D-000099", "thread": "t1", "letter_key": "a"}
    found = deal_of(full_rows("en", "sql", 1), letter(CLIENT, thread="t1"), [logged])
    assert found == Match("D-000001")


def test_a_managers_choice_counts_more_than_later_letters_of_the_thread() -> None:
    comments: list[Cells] = [
        {"deal_id": "D-000002", "thread": "t1", "letter_key": "a", "candidates": "D-000001, …"},
        {"deal_id": "D-000001", "thread": "t1", "letter_key": "b"},
    ]
    assert deal_of(two_deals(), letter(CLIENT, thread="t1"), comments) == Match("D-000002")


def test_comments_that_wait_follow_the_choice_made_in_their_thread() -> None:
    comments: list[Cells] = [
        {"deal_id": "D-000002", "thread": "t1", "letter_key": "a", "candidates": "D-000001, …"},
        {"deal_id": None, "thread": "t1", "letter_key": "b", "candidates": "D-000001, …"},
        {"deal_id": None, "thread": "t2", "letter_key": "c", "candidates": "D-000001, …"},
        {"deal_id": None, "thread": "t1", "letter_key": "d"},
    ]
    assert bound(comments) == {1: "D-000002"}


def test_a_choice_that_names_no_deal_is_passed_on_to_nothing() -> None:
    comments: list[Cells] = [
        {"deal_id": "?", "thread": "t1", "letter_key": "a", "candidates": "D-000001, …"},
        {"deal_id": "D-000099", "thread": "t1", "letter_key": "a", "candidates": "D-000001, …"},
        {"deal_id": None, "thread": "t1", "letter_key": "b", "candidates": "D-000001, …"},
    ]
    assert bound(comments) == {}


def bound(comments: list[Cells]) -> Mapping[int, str]:
    return threads_to_bind(make_table("comments", "en", comments), NO_LETTERS, {"D-000002"})


def test_a_colleague_of_the_contact_belongs_to_the_only_open_deal_of_their_company() -> None:
    rows = full_rows("en", "sql", 1)
    rows["contacts"].append(full_contact("en", 30, 1))
    found = letter("person30@client.kz")
    assert deal_of(rows, found) == Match("D-000001")
    rows["deals"].append(full_deal("en", 2, "mql", 1, 1))
    assert deal_of(rows, found) == Match("", ("D-000001", "D-000002"))
    rows["deals"][0]["stage"] = "Lost"
    assert deal_of(rows, found) == Match("D-000002")


def test_the_contacts_own_deal_comes_before_those_that_name_them() -> None:
    rows = joined(full_rows("en", "sql", 1), full_rows("en", "sql", 2))
    rows["deals"][1]["other_contacts"] = "P-000001"
    assert deal_of(rows, letter(CLIENT)) == Match("D-000001")


def test_the_deal_that_names_somebody_comes_before_their_companys_deals() -> None:
    rows = two_deals(other_contacts="P-000030")
    rows["contacts"].append(full_contact("en", 30, 1))
    assert deal_of(rows, letter("person30@client.kz")) == Match("D-000002")


@pytest.mark.parametrize("subject", ["Re: spring  TENDER, prices", "«Spring tender»: терминология"])
def test_of_several_deals_the_one_in_the_subject_is_meant(subject: str) -> None:
    rows = two_deals(title="Spring tender")
    assert deal_of(rows, letter(CLIENT, subject=subject)) == Match("D-000002")


@pytest.mark.parametrize("subject", ["Deal 1 and Deal 2", "Springtender", ""])
def test_a_subject_that_names_both_or_none_decides_nothing(subject: str) -> None:
    rows = two_deals(title="Deal 2", service="Other")
    rows["deals"][0].update({"title": "Deal 1", "service": "Thing"})
    found = deal_of(rows, letter(CLIENT, subject=subject))
    assert found == Match("", ("D-000001", "D-000002"))


# ── Which letters count ──────────────────────────────────────────────────────────────────────────


def reason(found: Letter, **policy: object) -> str | None:
    checked = check_book(make_book("en", full_rows("en", "sql", 1)), PLAYBOOK, TODAY)
    mailboxes = ("manager1@agency.kz",)
    internal = internal_addresses(POLICY, mailboxes)
    known = known_people(checked, internal)
    return reason_to_leave_out(found, known, POLICY.model_copy(update=policy), internal)


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        (Marks(), None),
        (Marks(list_id="News <news.client.kz>"), "bulk"),
        (Marks(list_id="<sales.agency.kz>", precedence="list"), None),
        (Marks(precedence="Bulk"), "bulk"),
        (Marks(precedence="first-class"), None),
        (Marks(auto_submitted="auto-replied"), "bulk"),
        (Marks(auto_submitted="No"), None),
        (Marks(auto_submitted="auto-generated", list_id="<sales.agency.kz>"), "bulk"),
        (Marks(invitation=True), "invitation"),
        (Marks(unsubscribe="<mailto:off@client.kz>"), "bulk"),
        (Marks(unsubscribe="<mailto:off@agency.kz>", list_id="<sales.agency.kz>"), None),
    ],
)
def test_letters_of_machines_and_invitations_are_left_out(
    marks: Marks, expected: str | None
) -> None:
    assert reason(replace(letter(CLIENT), marks=marks)) == expected


def test_letters_with_nobody_who_counts_are_strangers() -> None:
    assert reason(letter("somebody@else.kz", "manager1@agency.kz")) == "stranger"
    assert reason(letter("manager1@agency.kz", CLIENT)) is None


def test_what_we_send_with_a_program_that_counts_its_readers_is_no_bulk_mail() -> None:
    marks = Marks(unsubscribe="<https://tracker.example>")
    assert reason(replace(letter("manager1@agency.kz", CLIENT), marks=marks)) is None


def test_the_policy_may_ask_for_a_label_or_a_subject() -> None:
    labelled = replace(letter(CLIENT), labels=frozenset({"CRM"}))
    assert reason(labelled, count="label") is None
    assert reason(letter(CLIENT), count="label") == "no_label"
    assert (
        reason(letter(CLIENT, subject="Re: СТАТУС недели"), count="subject", subject="*статус*")
        is None
    )
    assert reason(letter(CLIENT, subject="Lunch"), count="subject", subject="*статус*") == "subject"
    skipped = replace(letter(CLIENT), labels=frozenset({"CRM", "CRM/skip"}))
    assert reason(skipped, count="label") == "skipped"
    otherwise_written = replace(letter(CLIENT), labels=frozenset({"crm", "Crm/Skip"}))
    assert reason(otherwise_written, count="label") == "skipped"


def test_colleagues_never_count_even_as_contacts() -> None:
    rows = full_rows("en", "sql", 1)
    rows["contacts"][0]["email"] = "boss@agency.kz"
    checked = check_book(make_book("en", rows), PLAYBOOK, TODAY)
    ours = internal_addresses(POLICY, ["manager1@agency.kz"])
    assert "boss@agency.kz" not in known_people(checked, ours).addresses
    assert "boss@agency.kz" in known_people(checked, ()).addresses


def test_a_public_domain_makes_nobody_a_colleague_and_the_playbook_names_more() -> None:
    policy = POLICY.model_copy(update={"internal_domains": ("@Holding.kz",)})
    internal = internal_addresses(policy, ["me", "A@gmail.com", "b@Agency.kz"])
    assert internal == {"holding.kz", "agency.kz", "a@gmail.com", "b@agency.kz"}


def test_a_mailbox_of_ours_that_is_noted_as_a_contact_lets_nothing_in() -> None:
    rows = full_rows("en", "sql", 1)
    rows["contacts"][0].update({"email": CLIENT, "additional_email": "sales@gmail.com"})
    checked = check_book(make_book("en", rows), PLAYBOOK, TODAY)
    known = known_people(checked, internal_addresses(POLICY, ["sales@gmail.com"]))
    assert CLIENT in known.addresses
    assert "sales@gmail.com" not in known.addresses
