"""Checks and reports that go on from pass to pass say what those from nothing say.

The cells are read as they are in a pass: from answers, of which pieces are known from before.
"""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.check import Book, check_book, find_problems
from rules.reports import make_reports
from rules.table import Table
from sync.google.answers import TabReader
from tests.rules.books import PLAYBOOK, TODAY, full_rows, joined, make_book, stage_event
from tests.rules.test_incremental import CELLS, NAMES, NAMING, Tabs, edited, what_is_seen

REPORTED = ("stage", "budget", "currency", "channel", "traffic_source", "outcome_reason",
            "accountable")  # fmt: skip


def answered(reader: TabReader, book: Book) -> Book:
    """Return the workbook as it is read from an answer for all of its tabs."""
    ranges = [
        {
            "range": tab,
            "majorDimension": "COLUMNS",
            "values": [
                [table.headers[key], *("" if cell is None else cell for cell in column)]
                for key, column in table.columns.items()
            ],
        }
        for tab, table in book.tables.items()
    ]
    contents = reader.read([orjson.dumps({"valueRanges": ranges})], list(book.tables))
    tables = {
        tab: Table(
            tab,
            table.headers,
            dict(zip(table.columns, content.columns, strict=True)),
            content.height,
        )
        for (tab, table), content in zip(book.tables.items(), contents, strict=True)
    }
    return Book(book.locale, tables)


@st.composite
def edits(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """Return what people do: cells typed, whole columns filled, rows moved, copied and deleted."""
    steps: list[tuple[Any, ...]] = []
    for _ in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(["cell", "cell", "cell", "cell", "move", "copy", "delete"]))
        tab = draw(st.sampled_from((*NAMING, "deals", "events")))
        keys = (*NAMING.get(tab, ("to", "event", "when")), *(REPORTED if tab == "deals" else ()))
        cell = draw(st.sampled_from([*CELLS, *NAMES]))
        places = (draw(st.integers(0, 40)), draw(st.integers(0, 40)))
        steps.append((kind, tab, draw(st.sampled_from(keys)), cell, *places))
    return steps


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(changes=st.lists(edits(), min_size=2, max_size=5), piece=st.sampled_from([40, 300, 6_000]))
def test_pass_after_pass_says_what_a_first_pass_says(
    changes: list[list[tuple[Any, ...]]], piece: int
) -> None:
    tabs: Tabs = joined(
        *(full_rows("en", "sql" if number % 3 else "lost", number) for number in range(1, 31))
    )
    tabs["events"] = [
        stage_event(f"D-{n:06d}", TODAY - 9 * n, "mql" if n % 4 else "sql", "cold")
        for n in range(1, 25)
    ]
    reader = TabReader(piece)
    checked = reported = None
    for steps in ([], *changes):
        tabs = edited(tabs, steps)
        book = make_book("en", tabs)
        checked = check_book(answered(reader, book), PLAYBOOK, TODAY, before=checked)
        reported = make_reports(checked, find_problems(checked), "KZT", reported)
        whole = check_book(book, PLAYBOOK, TODAY)
        assert what_is_seen(checked) == what_is_seen(whole)
        assert reported.tables == make_reports(whole, find_problems(whole), "KZT").tables
        first = check_book(answered(TabReader(piece), book), PLAYBOOK, TODAY)
        assert what_is_seen(first) == what_is_seen(whole)


def test_a_name_that_is_gone_from_all_deals_is_gone_from_the_reports() -> None:
    """A column remembers what stood in it, and is read as it is."""
    tabs: Tabs = joined(*(full_rows("en", "sql", number) for number in range(1, 31)))
    tabs["events"] = [stage_event(f"D-{n:06d}", TODAY - n, "mql", "cold") for n in range(1, 25)]
    reader = TabReader()
    for cell in ("mailing", "google", "seo"):
        for row in tabs["deals"]:
            row["traffic_source"] = cell
        for event in tabs["events"]:
            event["event"] = cell
        checked = check_book(answered(reader, make_book("en", tabs)), PLAYBOOK, TODAY)
        tables = make_reports(checked, find_problems(checked), "KZT").tables
        assert [row[0] for row in tables["traffic"][0].rows] == [cell]
        assert (cell, 24) in [row[:2] for row in tables["triggers"][0].rows]
