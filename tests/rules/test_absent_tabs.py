"""A book of which some tabs were left out: what would have to be looked up there is not judged."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from rules.playbook import Locale
from tests.rules.books import BOTH_LOCALES, FINE, full_rows, header, make_book, verdicts

LEFT_OUT = [
    tabs for count in (1, 2) for tabs in combinations(("deals", "contacts", "companies"), count)
]


@pytest.mark.parametrize("locale", BOTH_LOCALES)
@pytest.mark.parametrize("left_out", LEFT_OUT)
@pytest.mark.parametrize("stage", ["cold", "sql", "client", "lost"])
def test_complete_rows_stay_fine(stage: str, left_out: tuple[str, ...], locale: Locale) -> None:
    rows = {tab: [] if tab in left_out else rows for tab, rows in full_rows(locale, stage).items()}
    book = replace(make_book(locale, rows), absent=frozenset(left_out))
    assert set(verdicts(book).values()) == {FINE}


@pytest.mark.parametrize("locale", BOTH_LOCALES)
def test_tabs_that_are_there_and_empty_are_judged(locale: Locale) -> None:
    rows = {**full_rows(locale, "client"), "contacts": [], "companies": []}
    assert set(verdicts(make_book(locale, rows))["D-000001"].named) == {
        header("deals", key, locale) for key in ("contact", "company")
    }


def test_gaps_of_the_row_itself_are_still_told() -> None:
    rows = {**full_rows("en", "client"), "contacts": [], "companies": []}
    rows["deals"][0] |= {"contact": None, "learnings": None}
    book = replace(make_book("en", rows), absent=frozenset({"contacts", "companies"}))
    assert set(verdicts(book)["D-000001"].named) == {"Contact", "Key learnings"}
