"""The column Accepted: warnings that stood there are dismissed, new ones and errors are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.check import Book, check_book, find_problems
from rules.dismissal import accept_warnings, standing
from rules.playbook import Locale
from rules.table import Raw
from rules.words import Wording
from tests.rules.books import (
    BOTH_LOCALES,
    PLAYBOOK,
    TODAY,
    Rows,
    full_rows,
    header,
    make_book,
    stage_event,
    with_cell,
)


def warned(locale: Locale = "en") -> Rows:
    """Return a deal with two warnings: a step that has passed, and a move backwards."""
    rows = with_cell(full_rows(locale, "mql"), "deals", "next_step", TODAY - 1)
    return {**rows, "events": [stage_event("D-000001", TODAY - 2, "mql", "sql", locale)]}


def book_of(rows: Rows, accepted: Raw, shown: str = "", locale: Locale = "en") -> Book:
    book = make_book(locale, rows)
    deals = book.tables["deals"]
    columns = {**deals.columns, "accepted": [accepted], "problems": [shown]}
    return replace(book, tables={**book.tables, "deals": replace(deals, columns=columns)})


def look(book: Book, memory: dict[str, str]) -> tuple[str, ...]:
    """Return the problems that a pass shows; what it remembers goes into `memory`."""
    checked = check_book(book, PLAYBOOK, TODAY)
    found = find_problems(checked)
    memories = accept_warnings(checked, found, memory)
    memory.clear()
    memory.update({book.tables["deals"].text("id", row): text for row, text in memories.items()})
    [(_, findings)] = standing(checked, found, memories)["deal"]
    return tuple(Wording(book, PLAYBOOK).problem("deals", finding) for finding in findings)


@pytest.mark.parametrize("locale", BOTH_LOCALES)
@pytest.mark.parametrize("yes", ["Yes", "да", True])
def test_warnings_that_stood_there_are_dismissed(locale: Locale, yes: Raw) -> None:
    rows, memory = warned(locale), dict[str, str]()
    shown = "\n".join(look(book_of(rows, None, locale=locale), memory))
    assert len(shown.splitlines()) == 2
    assert look(book_of(rows, yes, shown, locale), memory) == ()
    assert look(book_of(rows, yes, "", locale), memory) == ()


def accepted() -> tuple[Rows, dict[str, str]]:
    rows, memory = warned(), dict[str, str]()
    shown = "\n".join(look(book_of(rows, None), memory))
    assert look(book_of(rows, "Yes", shown), memory) == ()
    return rows, memory


def test_new_kind_still_shows() -> None:
    rows, memory = accepted()
    rows = with_cell(rows, "deals", "traffic_source", None)
    assert look(book_of(rows, "Yes"), memory) == ("Traffic source: fill it in.",)


def test_changed_cause_shows_again() -> None:
    rows, memory = accepted()
    later = with_cell(rows, "deals", "next_step", TODAY - 3)
    assert [line.partition(":")[0] for line in look(book_of(later, "Yes"), memory)] == ["Next step"]
    assert look(book_of(rows, "Yes"), memory) == ()


def test_error_is_never_dismissed() -> None:
    rows, memory = accepted()
    rows = with_cell(rows, "deals", "channel", None)
    assert look(book_of(rows, "Yes"), memory) == ("Acquisition channel: fill it in.",)


def test_warning_that_did_not_stand_there_is_not_dismissed() -> None:
    rows, memory = warned(), dict[str, str]()
    shown = look(book_of(rows, None), memory)
    rest = look(book_of(rows, "Yes", shown[0]), memory)
    assert rest == shown[1:]


@pytest.mark.parametrize("no", [None, "No", False, "maybe"])
def test_what_is_accepted_no_more_shows_again(no: Raw) -> None:
    rows, memory = accepted()
    shown = look(book_of(rows, no), memory)
    assert {line.partition(":")[0] for line in shown} >= {"Next step", "Stage"}
    assert memory == {}


def test_warning_of_the_contact_is_dismissed_on_the_deal_alone() -> None:
    rows, memory = with_cell(full_rows("en", "mql"), "contacts", "group", None), dict[str, str]()
    shown = "\n".join(look(book_of(rows, None), memory))
    assert shown == f"Contacts P-000001 → {header('contacts', 'group', 'en')}: fill it in."
    book = book_of(rows, "Yes", shown)
    assert look(book, memory) == ()
    assert find_problems(check_book(book, PLAYBOOK, TODAY))["contact"][0][1]
