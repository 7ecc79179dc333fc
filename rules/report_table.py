"""How a report's table is made: columns over groups of deals, a total, notes below."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress, count
from operator import add
from typing import Any, Literal, TypeVar

from rules.check import Checked
from rules.messages import REPORT_HEADERS, REPORT_LINES
from rules.months import NO_NAME, all_months
from rules.report_deals import Deals, Kinds, name_text
from rules.text import fold_all
from rules.words import say

Format = Literal["text", "count", "money", "percent", "days", "month"]
ReportCell = str | float | int | None

T = TypeVar("T", int, float)


@dataclass(frozen=True)
class ReportTable:
    """A table of a report tab; `total` is its last row if it has one, `notes` stand below it.

    Rows are as wide as the header. `row_formats` are the formats of each row where rows differ.
    """

    headers: tuple[str, ...]
    formats: tuple[Format, ...]
    rows: tuple[tuple[ReportCell, ...], ...]
    total: tuple[ReportCell, ...] = ()
    notes: tuple[str, ...] = ()
    row_formats: tuple[tuple[Format, ...], ...] = ()


# ── Groups ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Groups:
    """Deals counted, and their budgets added up, by group and kind.

    A group's number is its place among the `keys`. Both are by one number that tells group and
    kind: the group's times the number of all kinds, and the kind's.
    """

    kinds: Kinds
    keys: Sequence[Any]
    counts: Mapping[int, int]
    budgets: Mapping[int, float]

    def as_one(self) -> Groups:
        """Return all groups as one."""
        return self.merged([None] * len(self.keys)) if self.keys else replace(self, keys=[None])

    def merged(self, keys: Sequence[Any]) -> Groups:
        """Return the groups under other keys, which stand in their order; equal keys are one."""
        different = dict.fromkeys(keys)
        if len(different) == len(keys):
            return replace(self, keys=keys)
        numbers = dict(zip(different, range(len(different)), strict=True))
        every = len(self.kinds)
        counts: defaultdict[int, int] = defaultdict(int)
        for at, number in self.counts.items():
            counts[numbers[keys[at // every]] * every + at % every] += number
        budgets: defaultdict[int, float] = defaultdict(float)
        for at, budget in self.budgets.items():
            budgets[numbers[keys[at // every]] * every + at % every] += budget
        return Groups(self.kinds, list(numbers), counts, budgets)

    def added(self, values: Mapping[int, T], kinds: Collection[int] | None) -> Sequence[T]:
        """Return what the deals of these kinds add up to, by group; None for all kinds."""
        sums: list[Any] = [0] * len(self.keys)
        every = len(self.kinds)
        for at, value in values.items():
            if kinds is None or at % every in kinds:
                sums[at // every] += value
        return sums


def grouped(deals: Deals, keys: Sequence[Any]) -> Groups:
    """Return the deals under each of the keys, which stand beside them."""
    first: Mapping[Any, int] = defaultdict(count(step=len(deals.kinds)).__next__)  # as they come
    places = list(map(add, map(first.__getitem__, keys), deals.kind_of_each))
    budgets: defaultdict[int, float] = defaultdict(float)
    for at, budget in zip(compress(places, deals.paid), deals.budgets, strict=True):
        budgets[at] += budget
    return Groups(deals.kinds, list(first), Counter(places), budgets)


@dataclass(frozen=True)
class Rows:
    """The groups of a table, by number, in their order, and how each is shown."""

    order: Sequence[int]
    shown: Sequence[str]


def by_name(deals: Deals, field: str) -> tuple[Rows, Groups]:
    """Group by name, the largest first; spellings of one name are one group, no name is last."""
    as_typed = grouped(deals, deals.names[field])
    texts = ["" if name is None else name_text(name) for name in as_typed.keys]
    folded = fold_all(texts)
    groups = as_typed.merged(folded)
    shown = texts
    if len(groups.keys) < len(texts):  # a name is shown as it was first written
        first = dict(zip(reversed(folded), reversed(texts), strict=True))
        shown = [first[key] for key in groups.keys]
    order = sorted(range(len(shown)), key=groups.keys.__getitem__)
    order.sort(key=count_all(groups).__getitem__, reverse=True)
    if "" in shown:
        unnamed = groups.keys.index("")
        shown[unnamed] = NO_NAME
        order.remove(unnamed)
        order.append(unnamed)
    return Rows(order, list(map(shown.__getitem__, order))), groups


def by_month(deals: Deals, months: Sequence[str]) -> tuple[Rows, Groups]:
    """Group by month, from the first to the last without a gap; deals without a month are last."""
    groups = grouped(deals, months)
    every = all_months(set(months))
    groups = replace(groups, keys=list(dict.fromkeys([*groups.keys, *every])))
    return Rows(list(map(groups.keys.index, every)), every), groups


# ── Columns ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Column:
    """A column of a report: its header's key, its format, and its values by the groups' numbers.

    Only what is `added_up` has the sum of its values as the value over all groups.
    """

    header: str
    format: Format
    of: Callable[[Groups], Sequence[ReportCell]]
    added_up: bool = True

    def total(self, groups: Groups, values: Sequence[Any]) -> ReportCell:
        """Return the value over all groups together, given that of each."""
        total: ReportCell = sum(values) if self.added_up else self.of(groups.as_one())[0]
        return total


def count_all(groups: Groups) -> Sequence[int]:
    """Return how many deals each group has."""
    return groups.added(groups.counts, None)


def total_budget(groups: Groups) -> Sequence[float]:
    """Return the budgets in the base currency, added up; those without a rate are left out."""
    return groups.added(groups.budgets, None)


def count_at(*stages: str | None) -> Callable[[Groups], Sequence[int]]:
    """Return a count of the deals that are at one of the stages now."""
    return lambda groups: groups.added(groups.counts, groups.kinds.at(*stages))


def budget_at(*stages: str | None) -> Callable[[Groups], Sequence[float]]:
    """Return the budget of the deals that are at one of the stages now."""
    return lambda groups: groups.added(groups.budgets, groups.kinds.at(*stages))


def count_reached(stage: str) -> Callable[[Groups], Sequence[int]]:
    """Return a count of the deals that have ever reached the stage."""
    return lambda groups: groups.added(groups.counts, groups.kinds.reached(stage))


def _win_rate(groups: Groups) -> Sequence[float | None]:
    won, ended = count_at("client")(groups), count_at("client", "lost")(groups)
    return [part / whole if whole else None for part, whole in zip(won, ended, strict=True)]


DEALS = Column("deals", "count", count_all)
LEADS = Column("leads", "count", count_all)
BUDGET = Column("budget", "money", total_budget)
MQL = Column("mql", "count", count_reached("mql"))
SQL = Column("sql", "count", count_reached("sql"))
CLIENTS = Column("clients", "count", count_reached("client"))
WON = Column("won", "count", count_at("client"))
WON_BUDGET = Column("won_budget", "money", budget_at("client"))
LOST = Column("lost", "count", count_at("lost"))
LOST_BUDGET = Column("lost_budget", "money", budget_at("lost"))
UNQUALIFIED = Column("unqualified", "count", count_at("unqualified"))
WIN_RATE = Column("win_rate", "percent", _win_rate, added_up=False)


def count_columns(columns: Sequence[object]) -> list[Format]:
    """Return the formats of that many columns of counts."""
    return ["count"] * len(columns)


def make_table(
    checked: Checked,
    key: tuple[str, Format],
    groups: tuple[Rows, Groups],
    columns: Sequence[Column],
    deals: Deals,
) -> ReportTable:
    """Return a row for each group of the deals, and a total; `key` is their header and format."""
    locale, (rows, sums) = checked.book.locale, groups
    values = [column.of(sums) for column in columns]
    headers = [key[0], *(column.header for column in columns)]
    cells = [map(of.__getitem__, rows.order) for of in values]
    return ReportTable(
        headers=tuple(say(locale, REPORT_HEADERS[header]) for header in headers),
        formats=(key[1], *(column.format for column in columns)),
        rows=tuple(zip(rows.shown, *cells, strict=True)),
        total=(
            say(locale, REPORT_LINES["total"]),
            *(column.total(sums, of) for column, of in zip(columns, values, strict=True)),
        ),
        notes=without_rate(checked, deals),
    )


def without_rate(checked: Checked, deals: Deals) -> tuple[str, ...]:
    """Return a note naming the deals whose currency has no rate, if there are any."""
    left_out = [deal for deal, _ in deals.without_rate]
    if not left_out:
        return ()
    shown = ", ".join(left_out[:20]) + (" …" if len(left_out) > 20 else "")
    return (say(checked.book.locale, REPORT_LINES["no_rate"], deals=shown),)
