"""The report tables are what a plain count of each figure, deal by deal, comes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Any, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.check import RowFindings, check_book, find_problems
from rules.playbook import SUBJECT_TABS, Subject
from rules.report_table import ReportTable
from rules.reports import make_reports
from rules.table import Raw
from rules.team_reports import GAPS
from tests.rules.books import HEADERS, PLAYBOOK, STAGES, TABS, TODAY, make_book

RATES = {"": 1.0, "KZT": 1.0, "USD": 500.0}
DEPTHS = {
    "cold": 1, "mql": 2, "sql": 3, "negotiation": 4, "client": 5, "lost": 3, "unqualified": 1,
    "": 0,
}  # fmt: skip
"""How many stages of the funnel a deal has reached at least, by its stage now."""
OPEN = ("cold", "mql", "sql", "negotiation")
UNNAMED = "—"
NAMES: Mapping[str, Sequence[Raw]] = {
    "channel": [None, "Сайт", " сайт", "Referral", "Billboards", "BILLBOARDS", "-", " "],
    "traffic_source": [None, "google", "Google ", "GOOGLE", "seo", "Ёлка", "елка"],
    "outcome_reason": [None, "Price", "price ", "Тендер", "-"],
    "accountable": [None, "Анна Ким", "анна  ким", "Bob Lee", "Nobody"],
}
"""What is typed."""
MEANT = {
    " сайт": "Сайт", "анна  ким": "Анна Ким", "Nobody": "", "-": "", " ": "", None: "",
}  # fmt: skip
"""How it is meant, where that is not as it is typed; a channel that is unknown shows as typed."""

Deal: TypeAlias = Mapping[str, Any]

some_deal = st.fixed_dictionaries(
    {
        "id": st.sampled_from([None, *(f"D-{n:06d}" for n in range(1, 9))]),
        "title": st.just("Deal"),
        "stage": st.sampled_from([*STAGES, *STAGES, ""]),
        "budget": st.sampled_from([None, 0, 5, 1_000.5, "1 000", "USD 7", "no idea", "EUR 3"]),
        "currency": st.sampled_from([None, "KZT", "usd", "EUR", "-"]),
        "next_step": st.sampled_from([None, TODAY - 3, TODAY + 3]),
        **{key: st.sampled_from(typed) for key, typed in NAMES.items()},
    }
)
some_when = st.one_of(
    st.floats(45_900, 46_090), st.integers(45_900, 46_090), st.sampled_from([None, "then", 5, True])
)
some_event = st.fixed_dictionaries(
    {
        "when": some_when,
        "deal_id": st.sampled_from([None, "D-000099", *(f"D-{n:06d}" for n in range(1, 9))]),
        "event": st.sampled_from(["Stage", "Stage", "этап ", "Warm-up", "Incoming lead", "Call"]),
        "from": st.sampled_from([None, " ", "Cold Lead"]),
        "to": st.sampled_from([None, "Nowhere", *(name["ru"] for name in STAGES.values())]),
    }
)
some_letter = st.fixed_dictionaries(
    {
        "deal_id": st.sampled_from(["D-000001", "d-000002 ", "D-000099", None]),
        "when": st.just(46_000),
        "direction": st.sampled_from(["Incoming", "Note"]),
    }
)


def folded(text: str) -> str:
    return " ".join(text.casefold().replace("ё", "е").split())


class Plain:
    """The figures, counted one deal at a time."""

    def __init__(self, deals: Sequence[Deal], events: Sequence[Deal]) -> None:
        self.deals = [deal for deal in deals if any(deal.values())]
        keys = {folded(str(name["ru"])): key for key, name in STAGES.items()}
        self.events = [
            {
                "deal": event["deal_id"],
                "when": when
                if isinstance(when := event["when"], float | int) and when > 9
                else None,
                "to": keys.get(folded(str(event["to"])), "")
                if folded(str(event["event"])) in ("stage", "этап")
                else "",
            }
            for event in events
        ]

    def entries(self, deal: Deal) -> list[dict[str, Any]]:
        """Return the events of the deal."""
        return [event for event in self.events if deal["id"] and event["deal"] == deal["id"]]

    def depth(self, deal: Deal) -> int:
        """Return how many stages of the funnel it has ever reached."""
        return max(
            [DEPTHS[str(deal["stage"])], *(DEPTHS[event["to"]] for event in self.entries(deal))]
        )

    def first_month(self, deal: Deal, depth: int, stage: str = "") -> str:
        """Return the month of its first event that led so far, or to that very stage."""
        whens = [
            event["when"]
            for event in self.entries(deal)
            if event["when"] and DEPTHS[event["to"]] >= depth and stage in ("", event["to"])
        ]
        return month(min(whens)) if whens else UNNAMED

    def days(self, stage: str) -> list[float]:
        """Return the days of all finished stays at the stage."""
        found = []
        for deal_id in {deal["id"] for deal in self.deals if deal["id"]}:
            moves = [
                event
                for event in self.events
                if event["deal"] == deal_id and event["to"] and event["when"]
            ]
            moves.sort(key=lambda event: event["when"])
            for one, other in pairwise(moves):
                if one["to"] == stage != other["to"]:
                    found.append(other["when"] - one["when"])
        return found


def month(when: float) -> str:
    """Return a month between August 2025 and March 2026."""
    ends = {45_901: "2025-08", 45_931: "2025-09", 45_962: "2025-10", 45_992: "2025-11"}
    ends |= {46_023: "2025-12", 46_054: "2026-01", 46_082: "2026-02", 46_113: "2026-03"}
    return next(name for end, name in ends.items() if when < end)


def budget(deal: Deal) -> float | None:
    """Return the budget in the base currency, None where that has no rate."""
    typed = deal["budget"]
    amounts = {"1 000": 1_000.0, "USD 7": 7.0, "EUR 3": 3.0, None: 0.0, "no idea": 0.0}
    amount = amounts[typed] if isinstance(typed, str | None) else float(typed)
    said = "" if deal["currency"] in (None, "-") else str(deal["currency"]).upper()
    beside = str(typed)[:3] if typed in ("USD 7", "EUR 3") else ""
    if typed in (None, "no idea"):
        return 0.0
    rate = RATES.get(said or beside)
    return None if rate is None else amount * rate


def added(deals: Iterable[Deal]) -> float:
    return sum(budget(deal) or 0.0 for deal in deals)


def name_of(deal: Deal, field: str) -> str:
    typed = deal[field]
    meant = MEANT.get(typed, str(typed).strip())
    return str(typed) if field == "channel" and typed == "-" else meant


def by_name(deals: Sequence[Deal], field: str) -> list[tuple[str, list[Deal]]]:
    """Return the deals by name, the most frequent first, those without a name last."""
    groups: dict[str, list[Deal]] = {}
    for deal in deals:
        groups.setdefault(folded(name_of(deal, field)), []).append(deal)
    order = sorted(groups, key=lambda key: (not key, -len(groups[key]), key))
    return [(name_of(groups[key][0], field) or UNNAMED, groups[key]) for key in order]


def at(deals: Iterable[Deal], *stages: str) -> list[Deal]:
    return [deal for deal in deals if deal["stage"] in stages]


def win_rate(deals: Iterable[Deal]) -> float | None:
    deals = list(deals)
    ended = at(deals, "client", "lost")
    return len(at(deals, "client")) / len(ended) if ended else None


def sources(plain: Plain, field: str) -> list[tuple[Any, ...]]:
    def figures(name: str, deals: list[Deal]) -> tuple[Any, ...]:
        reached = (sum(plain.depth(deal) >= depth for deal in deals) for depth in (2, 3, 5))
        stages = (len(at(deals, stage)) for stage in ("lost", "unqualified"))
        return name, len(deals), *reached, *stages, added(deals), added(at(deals, "client"))

    groups = by_name(plain.deals, field)
    return [figures(*group) for group in groups] + [figures("Total", plain.deals)]


def funnel(plain: Plain) -> list[tuple[Any, ...]]:
    reached = [sum(plain.depth(deal) >= depth for deal in plain.deals) for depth in range(1, 6)]
    rows: list[tuple[Any, ...]] = []
    for place, (stage, names) in enumerate(STAGES.items()):
        here = at(plain.deals, stage)
        share = reached[place + 1] / reached[place] if place < 4 and reached[place] else None
        ever = [
            deal
            for deal in plain.deals
            if deal["stage"] == stage or any(e["to"] == stage for e in plain.entries(deal))
        ]
        days = plain.days(stage)
        shown = round(float(median(days)), 1) if days else None
        count = reached[place] if place < 5 else len(ever)
        rows.append((names["en"], len(here), added(here), count, share, shown))
    if unknown := at(plain.deals, ""):
        rows.append((UNNAMED, len(unknown), added(unknown), None, None, None))
    return [*rows, ("Total", len(plain.deals), added(plain.deals), None, None, None)]


def months_told(found: Iterable[str]) -> list[str]:
    """Return the months between the first and the last, and none at the end if it is there."""
    every = [f"2025-{n:02d}" for n in range(8, 13)] + [f"2026-{n:02d}" for n in range(1, 4)]
    known = set(found)
    dated = [at for at, name in enumerate(every) if name in known]
    span = every[dated[0] : dated[-1] + 1] if dated else []
    return [*span, UNNAMED] if UNNAMED in known else span


def qualified(plain: Plain) -> list[tuple[Any, ...]]:
    columns = [[plain.first_month(deal, 0) for deal in plain.deals]]
    for depth in (2, 3, 5):
        there = [deal for deal in plain.deals if plain.depth(deal) >= depth]
        columns.append([plain.first_month(deal, depth) for deal in there])
    months = months_told(name for column in columns for name in column)
    rows = [(name, *(column.count(name) for column in columns)) for name in months]
    return [*rows, ("Total", *map(len, columns))]


def results(plain: Plain) -> list[tuple[Any, ...]]:
    ended: dict[str, list[Deal]] = {}
    for deal in at(plain.deals, "client", "lost", "unqualified"):
        ended.setdefault(plain.first_month(deal, 0, deal["stage"]), []).append(deal)

    def figures(name: str, deals: list[Deal]) -> tuple[Any, ...]:
        won, lost = at(deals, "client"), at(deals, "lost")
        sums = (len(won), added(won), len(lost), added(lost), len(at(deals, "unqualified")))
        return name, *sums, win_rate(deals)

    rows = [figures(name, ended.get(name, [])) for name in months_told(ended)]
    return [*rows, figures("Total", [deal for deals in ended.values() for deal in deals])]


def reasons(plain: Plain) -> list[tuple[Any, ...]]:
    ended = at(plain.deals, "client", "lost", "unqualified")
    rows = [(name, len(some), added(some)) for name, some in by_name(ended, "outcome_reason")]
    return [*rows, ("Total", len(ended), added(ended))]


def events_told(events: Sequence[Deal]) -> dict[str, dict[str, int]]:
    """Return how often each kind of event happened, by month."""
    told: dict[str, dict[str, int]] = {}
    for event in events:
        kind = "Stage" if event["event"] == "этап " else str(event["event"])
        if kind == "Stage" and not (event["from"] or "").strip():
            continue
        when = event["when"]
        name = month(when) if isinstance(when, float | int) and when > 9 else UNNAMED
        told.setdefault(kind, {}).setdefault(name, 0)
        told[kind][name] += 1
    return told


def quality(found: Mapping[Subject, RowFindings]) -> dict[str, tuple[int, int]]:
    """Return how often each field is missing, and how often it is wrong."""
    told: dict[str, tuple[int, int]] = {}
    for subject, rows in found.items():
        own = [f for _, one in rows for f in one if f.tab == SUBJECT_TABS[subject]]
        for finding in own:
            known = HEADERS[finding.tab]
            fields = " / ".join(known[key]["en"] for key in finding.fields if key in known)
            tab = TABS[finding.tab]["en"]
            gaps, wrong = told.get(name := f"{tab}: {fields or tab}", (0, 0))
            is_gap = finding.code in GAPS
            told[name] = gaps + is_gap, wrong + (not is_gap)
    return told


def cells_of(table: ReportTable) -> list[tuple[Any, ...]]:
    return [*table.rows, table.total]


@settings(max_examples=150, deadline=None, database=None)
@given(
    deals=st.lists(st.one_of(some_deal, some_deal, st.just({})), max_size=12),
    events=st.lists(some_event, max_size=25),
    letters=st.lists(some_letter, max_size=5),
)
def test_reports_are_what_a_plain_count_comes_to(
    deals: list[Deal], events: list[Deal], letters: list[Deal]
) -> None:
    rows: Mapping[str, Any] = {
        "deals": [
            {**deal, "stage": STAGES[str(deal["stage"])]["en"] if deal.get("stage") else None}
            for deal in deals
        ],
        "events": events,
        "comments": letters,
    }
    checked = check_book(make_book("en", rows), PLAYBOOK, TODAY)
    found = find_problems(checked)
    reports = make_reports(checked, found, "KZT").tables
    plain = Plain(deals, events)
    told = {name: [cells_of(table) for table in tables] for name, tables in reports.items()}
    assert told["funnel"] == [funnel(plain)]
    assert told["qualified"] == [qualified(plain)]
    assert told["results"] == [results(plain), reasons(plain)]
    assert told["sources"] == [sources(plain, "channel")]
    assert told["traffic"] == [sources(plain, "traffic_source")]
    left_out = sum(budget(deal) is None for deal in plain.deals)
    notes = "".join(reports["sources"][0].notes)
    assert bool(notes) == bool(left_out)
    assert notes.count("D-") + notes.count("#") == left_out

    happened, table = events_told(events), reports["triggers"][0]
    for row in table.rows:
        name, total, numbers = str(row[0]), row[1], row[2:]
        by_month = dict(zip(table.headers[2:], numbers, strict=True))
        happened_at = happened.pop(name, {})
        assert {at: number for at, number in by_month.items() if number} == happened_at
        assert [total] == [sum(happened_at.values())]
    assert not happened

    wrong = [row for row, one in found["deal"] if any(f.severity == "error" for f in one)]
    late = [row for row, one in found["deal"] if any(f.code == "next_step_past" for f in one)]
    logged = [letter for letter in letters if letter["direction"] == "Incoming"]
    in_letters = [str(letter["deal_id"]).strip().upper() for letter in logged]

    def of_manager(name: str, some: list[Deal]) -> tuple[Any, ...]:
        undone = (sum(any(deals[row] is deal for deal in some) for row in r) for r in (wrong, late))
        won = (len(at(some, "client")), len(at(some, "lost")), win_rate(some))
        written = sum(in_letters.count(str(deal["id"])) for deal in some)
        hand = at(some, *OPEN)
        return name, len(hand), added(hand), *undone, *won, written

    managers = [of_manager(*group) for group in by_name(plain.deals, "accountable")]
    assert told["managers"] == [[*managers, of_manager("Total", plain.deals)]]

    figures = (
        *(len(plain.deals), len(at(plain.deals, *OPEN)), added(at(plain.deals, *OPEN))),
        *(len(at(plain.deals, "client")), added(at(plain.deals, "client")), win_rate(plain.deals)),
        sum(any(f.severity == "error" for f in one) for rows in found.values() for _, one in rows),
    )
    assert tuple(value for _, value in reports["dashboard"][0].rows) == figures
    assert {row[0]: row[1:3] for row in reports["quality"][0].rows} == quality(found)
    whose = dict.fromkeys(reports["quality"][0].headers[3:], 0)
    for row_number, one in found["deal"]:
        if name := name_of(deals[row_number], "accountable"):
            whose[name] += len(one)
    assert reports["quality"][0].total[3:] == tuple(whose.values())
