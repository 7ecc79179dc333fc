"""A check that goes on from an earlier one says what a full check says."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rules.check import Book, Checked, check_book, find_problems
from rules.playbook import Playbook
from rules.table import Raw
from tests.rules.books import (
    HEADERS,
    LISTS,
    PLAYBOOK,
    STAGES,
    TODAY,
    Cells,
    full_rows,
    joined,
    make_book,
    stage_event,
)

TABS = ("deals", "contacts", "companies")

CELLS: Sequence[Raw] = [
    None, "", " ", "-", "нет", "Yes", "no", True, False, 0, 1, 1.0, 46000, 46000.5, "#REF!",
    "D-000001", "P-000001", "P-000002", "p-000010", "C-000001", "С-000002", "C-000009",
    "Company 1", "Company 2", "company 1 ", "Brand 1", "First1 Last1", "Last2 First2",
    "person1@client.kz", "person2@client.kz, x@y.kz", "а@client.kz", "8 701 123 45 67",
    "90 123 45 67", "+77011234567", 77011234567, "Cold Lead", "SQL", "Клиент", "Lost", "Nowhere",
    "5 млн", "USD 5k", "1.200", "31.12.2026", "Uzbekistan", "Казахстан", "Анна Ким",
    "Not qualified",
]  # fmt: skip


def what_is_seen(checked: Checked) -> Mapping[str, Any]:
    """Return all that anybody is told of a check."""
    records = {tab: getattr(checked, tab) for tab in TABS}
    return {
        "problems": find_problems(checked),
        "texts": checked.texts,
        "values": {
            tab: {key: list(v) for key, v in r.values.items()} for tab, r in records.items()
        },
        "rows": {tab: list(r.rows) for tab, r in records.items()},
        "stages": list(checked.stages.items()),
        "duplicates": checked.duplicates.findings,
        "links": [
            list(checked.references.deal_company),
            list(checked.references.deal_contact),
            dict(checked.references.deal_other_contacts),
            list(checked.references.contact_company),
        ],
    }


Tabs = dict[str, list[Cells]]


def start() -> Tabs:
    rows = joined(*(full_rows("en", stage, n) for n, stage in enumerate(STAGES, 1)))
    events = [stage_event(f"D-{n:06d}", TODAY - 60 * n, "sql", "cold") for n in range(1, 5)]
    return {**rows, "events": events}


@st.composite
def edits(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """Return what people do to a workbook: cells typed, rows moved, inserted, copied, deleted."""
    kinds = st.sampled_from(["cell", "cell", "cell", "move", "insert", "copy", "delete"])
    steps: list[tuple[Any, ...]] = []
    for _ in range(draw(st.integers(1, 6))):
        tab = draw(st.sampled_from((*TABS, "events")))
        key = draw(st.sampled_from(sorted(HEADERS[tab])))
        places = (draw(st.integers(0, 20)), draw(st.integers(0, 20)))
        steps.append((draw(kinds), tab, key, draw(st.sampled_from(CELLS)), *places))
    return steps


def edited(tabs: Tabs, steps: list[tuple[Any, ...]]) -> Tabs:
    changed = {tab: [dict(row) for row in rows] for tab, rows in tabs.items()}
    for kind, tab, key, cell, one, other in steps:
        rows = changed[tab]
        at, to = one % (len(rows) or 1), other % (len(rows) or 1)
        if kind == "insert":
            rows.insert(at, {key: cell})
        elif not rows:
            continue
        elif kind == "cell":
            rows[at][key] = cell
        elif kind == "move":
            rows.insert(to, rows.pop(at))
        elif kind == "copy":
            rows.insert(to, dict(rows[at]))
        else:
            rows.pop(at)
    return changed


quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


@quick
@given(first=edits(), second=edits(), looked_at=st.booleans())
@example(  # a tick missing makes no record; with something beside it, it is wrong
    first=[("insert", "deals", "accountable", False, 1, 0)],
    second=[("cell", "deals", "brief_received", " ", 1, 0)],
    looked_at=False,
)
def test_check_that_goes_on_says_what_a_full_check_says(
    first: list[tuple[Any, ...]], second: list[tuple[Any, ...]], looked_at: bool
) -> None:
    tabs = start()
    checked = check_book(make_book("en", tabs), PLAYBOOK, TODAY)
    for steps in (first, second, []):
        if looked_at:
            assert checked.texts is not None
        tabs = edited(tabs, steps)
        checked = check_book(make_book("en", tabs), PLAYBOOK, TODAY, before=checked)
        assert what_is_seen(checked) == what_is_seen(
            check_book(make_book("en", tabs), PLAYBOOK, TODAY)
        )


NAMING: Mapping[str, Sequence[str]] = {
    "deals": ("id", "stage", "company", "contact", "other_contacts", "service"),
    "contacts": ("id", "first_name", "patronymic", "last_name", "email", "additional_email",
                 "phone", "company"),
    "companies": ("id", "title", "additional_titles", "site"),
}  # fmt: skip

NAMES: Sequence[Raw] = [
    None, "Alfa Trade", "ТОО Alfa Trade", "Alfa Trado", "Trade", "alfa trade", "alfa.kz",
    "C-000003", "С-000003", "c-000004", "P-000004", "p-000005", "Р-000004", "Anna", "Kim",
    "Anna Kim", "Kim Anna", "Anna Maria Kim", "anna@kim.kz", "anna@kim.kz, kim@kim.kz",
    "+77011234567", "Company 3", "First4 Last4", "Last5", "Media plan", "SQL", "Lost",
]  # fmt: skip


@st.composite
def renamings(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """Return what people do to the cells by which rows are known, in a few rows of many."""
    steps: list[tuple[Any, ...]] = []
    for _ in range(draw(st.integers(1, 8))):
        tab = draw(st.sampled_from(TABS))
        key, cell = draw(st.sampled_from(NAMING[tab])), draw(st.sampled_from(NAMES))
        kind = "insert" if draw(st.integers(0, 7)) == 0 else "cell"
        steps.append((kind, tab, key, cell, -1 if kind == "insert" else draw(st.integers(0, 5)), 0))
    return steps


@quick
@given(changes=st.lists(renamings(), min_size=2, max_size=4))
def test_what_rows_mean_to_one_another_is_found_as_in_a_full_check(
    changes: list[list[tuple[Any, ...]]],
) -> None:
    tabs: Tabs = joined(*(full_rows("en", "sql", number) for number in range(1, 31)))
    tabs["events"] = []
    checked = check_book(make_book("en", tabs), PLAYBOOK, TODAY)
    for steps in changes:
        tabs = edited(tabs, steps)
        book = make_book("en", tabs)
        checked = check_book(book, PLAYBOOK, TODAY, before=checked)
        assert what_is_seen(checked) == what_is_seen(check_book(book, PLAYBOOK, TODAY))


def test_another_day_or_list_or_playbook_is_seen() -> None:
    tabs = start()
    book = make_book("en", tabs)
    checked = check_book(book, PLAYBOOK, TODAY)
    assert checked.texts is not None
    lists = {**LISTS, "managers": ["Somebody New"]}
    content = PLAYBOOK.model_dump(by_alias=True)
    content["stages"]["mql"] |= {"en": "Warm", "also": ()}
    other = Playbook.model_validate(content)
    ways: Sequence[tuple[Book, Playbook, float]] = [
        (book, PLAYBOOK, TODAY + 30),
        (make_book("en", tabs, lists), PLAYBOOK, TODAY),
        (make_book("ru", tabs), PLAYBOOK, TODAY),
        (book, other, TODAY),
    ]
    for later, playbook, today in ways:
        seen = what_is_seen(check_book(later, playbook, today, before=checked))
        assert seen == what_is_seen(check_book(later, playbook, today))
        assert seen["texts"] != checked.texts


def test_only_changed_rows_are_read_again() -> None:
    tabs = start()
    checked = check_book(make_book("en", tabs), PLAYBOOK, TODAY)
    tabs["deals"][2]["info"] = "another remark"
    tabs["companies"].append({"title": "New"})
    again = check_book(make_book("en", tabs), PLAYBOOK, TODAY, before=checked)
    assert list(again.changed["deal"]) == [2]
    assert list(again.changed["contact"]) == []
    assert list(again.changed["company"]) == [len(tabs["companies"]) - 1]


def test_one_and_a_tick_are_not_taken_for_equal() -> None:
    tabs = start()
    tabs["deals"][2]["budget"] = 1
    checked = check_book(make_book("en", tabs), PLAYBOOK, TODAY)
    tabs["deals"][2]["budget"] = True
    book = make_book("en", tabs)
    again = check_book(book, PLAYBOOK, TODAY, before=checked)
    assert again.texts == check_book(book, PLAYBOOK, TODAY).texts
    assert "Budget: “TRUE” is not an amount" in again.texts["deal"][2]
    tabs["deals"][2]["accountable"] = 1
    ones, ticks = (make_book("en", tabs, {**LISTS, "managers": [one]}) for one in (1, True))
    checked = check_book(ones, PLAYBOOK, TODAY)
    again = check_book(ticks, PLAYBOOK, TODAY, before=checked)
    assert again.texts == check_book(ticks, PLAYBOOK, TODAY).texts


def test_rows_that_have_not_changed_are_not_worded_again() -> None:
    tabs = start()
    tabs["deals"][0]["budget"] = "soon"
    checked = check_book(make_book("en", tabs), PLAYBOOK, TODAY)
    assert checked.texts["deal"][0]
    tabs["deals"][3]["budget"] = "soon"
    again = check_book(make_book("en", tabs), PLAYBOOK, TODAY, before=checked)
    assert again.texts["deal"][0] is checked.texts["deal"][0]
    assert "Budget" in again.texts["deal"][3]


def test_what_is_no_longer_needed_is_gone_at_once() -> None:
    """A whole workbook may hang on it, and the collector rests during a pass."""
    tabs = start()
    tabs["deals"][0]["budget"] = "soon"
    tabs["contacts"][0]["email"] = "anna@"
    book = make_book("en", tabs)
    gc.collect()
    gc.disable()
    try:
        checked = check_book(book, PLAYBOOK, TODAY)
        assert find_problems(checked)["deal"]
        assert checked.texts["deal"]
        whole = weakref.ref(checked)
        deals, links = weakref.ref(checked.deals), weakref.ref(checked.references)
        del checked
        assert (whole(), deals(), links()) == (None, None, None)
    finally:
        gc.enable()


def test_a_refused_cell_keeps_no_column_alive() -> None:
    tabs = start()
    tabs["contacts"][0] |= {"email": "anna@", "phone": "call the office", "birthday": "soon"}
    tabs["deals"][0] |= {"budget": "soon", "tender": "maybe", "stage": "Nowhere"}
    checked = check_book(make_book("en", tabs), PLAYBOOK, TODAY)
    refused = [
        why
        for records in (checked.deals, checked.contacts)
        for rows in records.refused.values()
        for why in rows.values()
    ]
    assert len(refused) >= 6
    for why in refused:
        assert (why.__traceback__, why.__context__, why.__cause__) == (None, None, None)
