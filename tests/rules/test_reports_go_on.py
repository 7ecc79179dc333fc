"""Reports that go on from earlier ones say what reports from nothing say, to the last digit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.check import Checked, check_book, find_problems
from rules.reports import Reported, make_reports
from rules.table import Raw
from tests.rules.books import LISTS, PLAYBOOK, STAGES, TODAY, Cells, make_book
from tests.rules.test_reports_plainly import some_deal, some_event, some_letter

Tabs = dict[str, list[Cells]]
Step = tuple[Any, ...]

SOME_ROW: Mapping[str, st.SearchStrategy[Any]] = {
    "deals": some_deal, "events": some_event, "comments": some_letter,
}  # fmt: skip

CELLS: Mapping[str, Sequence[Raw]] = {
    "stage": [None, "Nowhere", *(names["en"] for names in STAGES.values())],
    "budget": [None, 0.1, 0.2, 0.3, 7, 1e15, 4e14, 1_000.005, "USD 7", "EUR 3", "no idea", True],
    "currency": [None, "usd", "KZT", "EUR", "-", 1, True],
    "channel": [None, "Сайт", " сайт", "Billboards", "BILLBOARDS", 1, True, "-"],
    "traffic_source": [None, "google", "GOOGLE", "Ёлка", "елка", "seo"],
    "outcome_reason": [None, "Price", "price ", "Тендер"],
    "accountable": [None, "Анна Ким", "анна  ким", "Bob Lee", "Nobody"],
    "next_step": [None, TODAY - 3, TODAY + 3],
    "id": [None, "D-000001", "D-000030", "D-000099"],
    "title": [None, "Another"],
}


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    """Return what happens to a workbook: cells typed, rows added, changed and deleted."""
    found: list[Step] = []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["cell", "cell", "cell", "add", "add", "replace", "delete"]))
        if kind == "cell":
            key = draw(st.sampled_from(sorted(CELLS)))
            found.append((kind, "deals", {key: draw(st.sampled_from(CELLS[key]))}, 0))
        else:
            tab = draw(st.sampled_from(["events", "events", "deals", "comments"]))
            found.append((kind, tab, draw(SOME_ROW[tab]), draw(st.integers(0, 3))))
        found[-1] = (*found[-1][:3], draw(st.integers(0, 40)), found[-1][3])
    return found


def changed(tabs: Tabs, some: list[Step]) -> Tabs:
    after = {tab: [dict(row) for row in rows] for tab, rows in tabs.items()}
    for kind, tab, row, place, _ in some:
        rows = after[tab]
        if kind == "add":
            rows.append(readable(tab, row))
        elif not rows:
            continue
        elif kind == "cell":
            rows[place % len(rows)].update(row)
        elif kind == "replace":
            rows[place % len(rows)] = dict(readable(tab, row))
        else:
            rows.pop(place % len(rows))
    return after


def readable(tab: str, row: Cells) -> Cells:
    """Return a row as it is typed: a stage by its name."""
    stage = row.get("stage")
    named = {"stage": STAGES[str(stage)]["en"]} if stage in STAGES else {"stage": None}
    return {**row, **named} if tab == "deals" else row


def reported(checked: Checked, before: Reported | None = None) -> Reported:
    return make_reports(checked, find_problems(checked), "KZT", before)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(
    deals=st.lists(
        st.one_of(some_deal, some_deal, some_deal, st.just({})), min_size=25, max_size=30
    ),
    events=st.lists(some_event, max_size=30),
    letters=st.lists(some_letter, max_size=5),
    later=st.lists(steps(), min_size=1, max_size=4),
)
def test_reports_that_go_on_say_what_reports_from_nothing_say(
    deals: list[Cells], events: list[Cells], letters: list[Cells], later: list[list[Step]]
) -> None:
    tabs: Tabs = {
        "deals": [readable("deals", row) for row in deals],
        "events": events,
        "comments": letters,
    }
    checked = check_book(make_book("en", tabs), PLAYBOOK, TODAY)
    known = reported(checked)
    for some in later:
        tabs = changed(tabs, some)
        checked = check_book(make_book("en", tabs), PLAYBOOK, TODAY, before=checked)
        known = reported(checked, known)
        assert known.tables == reported(checked).tables


def many_deals(number: int = 40) -> Tabs:
    deals: list[Cells] = [
        {
            "id": f"D-{place:06d}",
            "title": f"Deal {place}",
            "stage": "SQL",
            "budget": 0.1 * place,
            "accountable": "Анна Ким",
            "traffic_source": "google" if place else "Google",
        }
        for place in range(number)
    ]
    return {"deals": deals, "events": [], "comments": []}


def test_other_rates_are_seen_at_once() -> None:
    tabs = many_deals()
    tabs["deals"][3]["currency"] = "USD"
    checked = check_book(make_book("en", tabs), PLAYBOOK, TODAY)
    before = reported(checked)
    dearer = {**LISTS, "rates": [10 * rate if rate else rate for rate in LISTS["rates"]]}
    checked = check_book(make_book("en", tabs, dearer), PLAYBOOK, TODAY, before=checked)
    after = reported(checked, before)
    assert after.tables != before.tables
    assert after.tables == reported(checked).tables


def test_a_name_is_shown_as_it_stands_first_now() -> None:
    tabs = many_deals()
    checked = check_book(make_book("en", tabs), PLAYBOOK, TODAY)
    before = reported(checked)
    assert before.tables["traffic"][0].rows[0][0] == "Google"
    tabs["deals"][0]["traffic_source"] = None
    checked = check_book(make_book("en", tabs), PLAYBOOK, TODAY, before=checked)
    assert reported(checked, before).tables["traffic"][0].rows[0][0] == "google"


def test_sums_of_budgets_are_exact_whatever_came_and_went() -> None:
    """Tenths are no binary fractions: sums of floats would depend on their order."""
    tabs = many_deals()
    checked = check_book(make_book("en", tabs), PLAYBOOK, TODAY)
    known = reported(checked)
    assert known.tables["traffic"][0].rows[0][-2] == 78.0
    for place in range(0, 40, 3):
        tabs["deals"][place]["budget"] = 123_456_789.1
        checked = check_book(make_book("en", tabs), PLAYBOOK, TODAY, before=checked)
        known = reported(checked, known)
        tabs["deals"][place]["budget"] = 0.1 * place
        checked = check_book(make_book("en", tabs), PLAYBOOK, TODAY, before=checked)
        known = reported(checked, known)
    assert known.tables["traffic"][0].rows[0][-2] == 78.0


def test_a_budget_too_large_for_exact_sums_leaves_no_trace() -> None:
    tabs = many_deals()
    tabs["deals"][7]["budget"] = 9e14
    checked = check_book(make_book("en", tabs), PLAYBOOK, TODAY)
    known = reported(checked)
    tabs["deals"][7]["budget"] = 0.7
    checked = check_book(make_book("en", tabs), PLAYBOOK, TODAY, before=checked)
    assert reported(checked, known).tables["traffic"][0].rows[0][-2] == 78.0
