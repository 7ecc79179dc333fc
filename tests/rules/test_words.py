"""What a Problems cell looks like: order, ten lines at most, the rest counted."""

from __future__ import annotations

import pytest

from rules.check import check_book, find_problems
from rules.messages import MORE_PROBLEMS
from rules.playbook import Locale
from rules.words import MOST_LINES, Wording, say_count
from tests.rules.books import (
    BOTH_LOCALES,
    PLAYBOOK,
    TODAY,
    Rows,
    full_rows,
    make_book,
    reports_of,
    total_of,
    verdicts_of,
    with_cell,
    without,
)


@pytest.mark.parametrize("locale", BOTH_LOCALES)
def test_ten_problems_are_named_and_the_rest_is_counted(locale: Locale) -> None:
    rows: Rows = {**full_rows(locale, "sql"), "deals": [{"id": "D-000001", "stage": "SQL"}]}
    book = make_book(locale, rows)
    checked = check_book(book, PLAYBOOK, TODAY)
    [(_, findings)] = find_problems(checked)["deal"]
    lines = checked.texts["deal"][0].splitlines()
    assert len(findings) > MOST_LINES
    assert len(lines) == MOST_LINES + 1
    rest = len(findings) - MOST_LINES
    assert lines[-1] == {"en": f"and {rest} more problems", "ru": f"и ещё {rest} проблем"}[locale]
    missing = total_of(reports_of(book)["quality"][0])[
        {"en": "Missing", "ru": "Не заполнено"}[locale]
    ]
    assert missing == len(findings)


@pytest.mark.parametrize(
    ("count", "en", "ru"),
    [
        (1, "and 1 more problem", "и ещё 1 проблема"),
        (2, "and 2 more problems", "и ещё 2 проблемы"),
        (4, "and 4 more problems", "и ещё 4 проблемы"),
        (5, "and 5 more problems", "и ещё 5 проблем"),
        (11, "and 11 more problems", "и ещё 11 проблем"),
        (21, "and 21 more problems", "и ещё 21 проблема"),
        (22, "and 22 more problems", "и ещё 22 проблемы"),
    ],
)
def test_number_has_its_form(count: int, en: str, ru: str) -> None:
    assert say_count("en", MORE_PROBLEMS, count) == en
    assert say_count("ru", MORE_PROBLEMS, count) == ru


def test_errors_come_before_warnings_and_else_as_the_columns_stand() -> None:
    rows = without(full_rows("en", "sql"), "deals", "direction", "info", "channel")
    rows = with_cell(rows, "deals", "budget", "soon")
    rows = with_cell(rows, "deals", "drive", None)
    rows = with_cell(rows, "contacts", "position", None)
    assert verdicts_of("en", rows)["D-000001"].named == (
        "Budget",
        "Acquisition channel",
        "Information about the Lead",
        "Contacts P-000001 → Position",
        "Google Drive",
        "Direction",
    )


def test_headers_are_those_of_the_workbook() -> None:
    book = make_book("en", with_cell(full_rows("en", "sql"), "deals", "budget", "soon"))
    book.tables["deals"].headers["budget"] = "Amount"  # type: ignore[index]
    [(_, [finding])] = find_problems(check_book(book, PLAYBOOK, TODAY))["deal"]
    assert Wording(book, PLAYBOOK).problem("deals", finding).startswith("Amount: “soon”")
