"""How a report's table is made: columns over groups of deals, a total, notes below."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, repeat
from typing import Any, Generic, Literal, TypeVar

from rules.check import Checked
from rules.messages import REPORT_HEADERS, REPORT_LINES
from rules.months import NO_NAME, all_months
from rules.report_deals import Deals
from rules.text import fold_all
from rules.words import say

Format = Literal["text", "count", "money", "percent", "days", "month"]
ReportCell = str | float | int | None

Key = TypeVar("Key", bound=str | None)


@dataclass(frozen=True)
class ReportTable:
    """A table of a report tab; `total` is its last row if it has one, `notes` stand below it."""

    headers: tuple[str, ...]
    formats: tuple[Format, ...]
    rows: tuple[tuple[ReportCell, ...], ...]
    total: tuple[ReportCell, ...] = ()
    notes: tuple[str, ...] = ()
    row_formats: tuple[tuple[Format, ...], ...] = ()

    def formats_of(self, row: int) -> tuple[Format, ...]:
        """Return the formats of a row: its own where rows differ, else those of the columns."""
        return self.row_formats[row] if self.row_formats else self.formats


# ── Groups ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Groups(Generic[Key]):
    """Deals counted, and their budgets added up.

    Both by the group's key, the stage now, and how many stages of the `funnel` were ever reached.
    """

    funnel: Sequence[str]
    counts: Mapping[tuple[Key, str | None, int], int]
    budgets: Mapping[tuple[Key, str | None, int], float]

    def as_one(self) -> Groups[None]:
        """Return all groups as one."""
        counts: defaultdict[tuple[None, str | None, int], int] = defaultdict(int)
        budgets: defaultdict[tuple[None, str | None, int], float] = defaultdict(float)
        for (_, stage, reached), number in self.counts.items():
            counts[None, stage, reached] += number
        for (_, stage, reached), budget in self.budgets.items():
            budgets[None, stage, reached] += budget
        return Groups(self.funnel, counts, budgets)


def grouped(deals: Deals, keys: Sequence[Key]) -> Groups[Key]:
    """Return the deals under each of the keys, which stand beside them."""
    kinds = (keys, deals.stages, deals.reached)
    paid = (compress(column, deals.budgets) for column in (*kinds, deals.budgets))
    budgets: defaultdict[tuple[Key, str | None, int], float] = defaultdict(float)
    for key, stage, reached, budget in zip(*paid, strict=True):
        budgets[key, stage, reached] += budget
    return Groups(deals.funnel, Counter(zip(*kinds, strict=True)), budgets)


Rows = Mapping[Key, str]
"""The groups of a table in their order, by key, and how each is shown."""


def by_name(deals: Deals, field: str) -> tuple[Rows[str], Groups[str]]:
    """Group by name, the largest first; spellings of one name are one group, no name is last."""
    names = list(dict.fromkeys(deals.names[field]))
    folded = fold_all(names)
    key_of = dict(zip(names, folded, strict=True))
    groups = grouped(deals, list(map(key_of.__getitem__, deals.names[field])))
    shown = dict(zip(reversed(folded), reversed(names), strict=True))  # as first written
    sizes = count(groups)
    keys = sorted(sorted(shown), key=sizes.__getitem__, reverse=True)
    rows = {key: shown[key] for key in keys if key}
    return rows if "" not in shown else {**rows, "": NO_NAME}, groups


def by_month(deals: Deals, months: Sequence[str]) -> tuple[Rows[str], Groups[str]]:
    """Group by month, from the first to the last without a gap; deals without a month are last."""
    return {month: month for month in all_months(set(months))}, grouped(deals, months)


# ── Columns ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Column:
    """A column of a report: its header's key, its format, and its values by the groups' keys.

    A group without a value has `otherwise`.
    """

    header: str
    format: Format
    of: Callable[[Groups[Any]], Mapping[Any, ReportCell]]
    otherwise: ReportCell = 0


def count(groups: Groups[Key]) -> Mapping[Key, int]:
    """Return how many deals each group has."""
    counts: defaultdict[Key, int] = defaultdict(int)
    for (key, _, _), number in groups.counts.items():
        counts[key] += number
    return counts


def total_budget(groups: Groups[Key]) -> Mapping[Key, float]:
    """Return the budgets in the base currency, added up; those without a rate are left out."""
    budgets: defaultdict[Key, float] = defaultdict(float)
    for (key, _, _), budget in groups.budgets.items():
        budgets[key] += budget
    return budgets


def count_at(*stages: str) -> Callable[[Groups[Key]], Mapping[Key, int]]:
    """Return a count of the deals that are at one of the stages now."""
    return lambda groups: count(_at(stages, groups))


def budget_at(*stages: str) -> Callable[[Groups[Key]], Mapping[Key, float]]:
    """Return the budget of the deals that are at one of the stages now."""
    return lambda groups: total_budget(_at(stages, groups))


def _at(stages: Collection[str], groups: Groups[Key]) -> Groups[Key]:
    return Groups(
        funnel=groups.funnel,
        counts={kind: number for kind, number in groups.counts.items() if kind[1] in stages},
        budgets={kind: budget for kind, budget in groups.budgets.items() if kind[1] in stages},
    )


def count_reached(stage: str) -> Callable[[Groups[Key]], Mapping[Key, int]]:
    """Return a count of the deals that have ever reached the stage."""

    def of(groups: Groups[Key]) -> Mapping[Key, int]:
        counts = {k: n for k, n in groups.counts.items() if stage in groups.funnel[: k[2]]}
        return count(Groups(groups.funnel, counts, {}))

    return of


def _win_rate(groups: Groups[Key]) -> Mapping[Key, float]:
    won, ended = count_at("client")(groups), count_at("client", "lost")(groups)
    return {key: won.get(key, 0) / number for key, number in ended.items()}


DEALS = Column("deals", "count", count)
LEADS = Column("leads", "count", count)
BUDGET = Column("budget", "money", total_budget)
MQL = Column("mql", "count", count_reached("mql"))
SQL = Column("sql", "count", count_reached("sql"))
CLIENTS = Column("clients", "count", count_reached("client"))
WON = Column("won", "count", count_at("client"))
WON_BUDGET = Column("won_budget", "money", budget_at("client"))
LOST = Column("lost", "count", count_at("lost"))
LOST_BUDGET = Column("lost_budget", "money", budget_at("lost"))
UNQUALIFIED = Column("unqualified", "count", count_at("unqualified"))
WIN_RATE = Column("win_rate", "percent", _win_rate, otherwise=None)


def count_columns(columns: Sequence[object]) -> list[Format]:
    """Return the formats of that many columns of counts."""
    return ["count"] * len(columns)


def make_table(
    checked: Checked,
    key: tuple[str, Format],
    groups: tuple[Rows[str], Groups[str]],
    columns: Sequence[Column],
    deals: Deals,
) -> ReportTable:
    """Return a row for each group of the deals, and a total; `key` is their header and format."""
    locale, (rows, cells) = checked.book.locale, groups
    values = [map(column.of(cells).get, rows, repeat(column.otherwise)) for column in columns]
    headers = [key[0], *(column.header for column in columns)]
    return ReportTable(
        headers=tuple(say(locale, REPORT_HEADERS[header]) for header in headers),
        formats=(key[1], *(column.format for column in columns)),
        rows=tuple(zip(rows.values(), *values, strict=True)),
        total=(say(locale, REPORT_LINES["total"]), *totals(cells, columns)),
        notes=without_rate(checked, deals),
    )


def totals(groups: Groups[Key], columns: Sequence[Column]) -> Sequence[ReportCell]:
    """Return the values of the columns over all groups together."""
    total = groups.as_one()
    return [column.of(total).get(None, column.otherwise) for column in columns]


def without_rate(checked: Checked, deals: Deals) -> tuple[str, ...]:
    """Return a note naming the deals whose currency has no rate, if there are any."""
    left_out = [deal for deal, _ in deals.without_rate]
    if not left_out:
        return ()
    shown = ", ".join(left_out[:20]) + (" …" if len(left_out) > 20 else "")
    return (say(checked.book.locale, REPORT_LINES["no_rate"], deals=shown),)
