"""How a report's table is made: columns over groups of deals, a total, notes below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rules.check import Checked
from rules.history import event_moment
from rules.messages import REPORT_HEADERS, REPORT_LINES
from rules.report_deals import Deal
from rules.table import Raw
from rules.text import fold
from rules.values import serial_date
from rules.words import say

Format = Literal["text", "count", "money", "percent", "days", "month"]
ReportCell = str | float | int | None

NO_NAME = "—"
"""Shown for a group with an empty name."""


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


# ── Columns and groups ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Column:
    """A column of a report: its header's key, its format, and its value over a group of deals."""

    header: str
    format: Format
    of: Callable[[Sequence[Deal]], ReportCell]


def total_budget(deals: Iterable[Deal]) -> float:
    """Return the budgets in the base currency, added up; those without a rate are left out."""
    return sum(deal.budget or 0.0 for deal in deals)


def in_stage(stage: str) -> Callable[[Sequence[Deal]], int]:
    """Return a count of the deals that are at the stage now."""
    return lambda deals: sum(deal.stage == stage for deal in deals)


def reached(stage: str) -> Callable[[Sequence[Deal]], int]:
    """Return a count of the deals that have ever reached the stage."""
    return lambda deals: sum(stage in deal.entered for deal in deals)


def _budget_in(stage: str) -> Callable[[Sequence[Deal]], float]:
    return lambda deals: total_budget(deal for deal in deals if deal.stage == stage)


def _win_rate(deals: Sequence[Deal]) -> float | None:
    won, lost = in_stage("client")(deals), in_stage("lost")(deals)
    return won / (won + lost) if won + lost else None


DEALS = Column("deals", "count", len)
LEADS = Column("leads", "count", len)
BUDGET = Column("budget", "money", total_budget)
MQL = Column("mql", "count", reached("mql"))
SQL = Column("sql", "count", reached("sql"))
CLIENTS = Column("clients", "count", reached("client"))
WON = Column("won", "count", in_stage("client"))
WON_BUDGET = Column("won_budget", "money", _budget_in("client"))
LOST = Column("lost", "count", in_stage("lost"))
LOST_BUDGET = Column("lost_budget", "money", _budget_in("lost"))
UNQUALIFIED = Column("unqualified", "count", in_stage("unqualified"))
WIN_RATE = Column("win_rate", "percent", _win_rate)


def count_columns(columns: Sequence[object]) -> list[Format]:
    """Return the formats of that many columns of counts."""
    return ["count"] * len(columns)


def make_table(
    checked: Checked,
    key_header: str,
    key_format: Format,
    groups: Iterable[tuple[ReportCell, Sequence[Deal]]],
    everything: Sequence[Deal],
    columns: Sequence[Column],
) -> ReportTable:
    """Return a row for each group and a total over `everything`."""
    locale = checked.book.locale
    headers = [key_header, *(column.header for column in columns)]
    return ReportTable(
        headers=tuple(say(locale, REPORT_HEADERS[header]) for header in headers),
        formats=(key_format, *(column.format for column in columns)),
        rows=tuple((key, *(column.of(deals) for column in columns)) for key, deals in groups),
        total=(
            say(locale, REPORT_LINES["total"]),
            *(column.of(everything) for column in columns),
        ),
        notes=without_rate(checked, everything),
    )


def without_rate(checked: Checked, deals: Iterable[Deal]) -> tuple[str, ...]:
    """Return a note naming the deals whose currency has no rate, if there are any."""
    left_out = [deal.deal_id for deal in deals if deal.budget is None]
    if not left_out:
        return ()
    shown = ", ".join(left_out[:20]) + (" …" if len(left_out) > 20 else "")
    return (say(checked.book.locale, REPORT_LINES["no_rate"], deals=shown),)


def by_name(
    deals: Sequence[Deal], name: Callable[[Deal], str]
) -> list[tuple[ReportCell, Sequence[Deal]]]:
    """Group by name, the largest first; spellings of one name are one group, no name is last."""
    groups: dict[str, list[Deal]] = defaultdict(list)
    for deal in deals:
        groups[fold(name(deal))].append(deal)
    ordered = sorted(groups.items(), key=lambda group: (not group[0], -len(group[1]), group[0]))
    return [(name(found[0]) or NO_NAME, found) for _, found in ordered]


def by_month(
    deals: Sequence[Deal], moment: Callable[[Deal], float | None]
) -> list[tuple[ReportCell, Sequence[Deal]]]:
    """Group by month, from the first to the last without a gap; deals without a moment are last."""
    groups: dict[ReportCell, list[Deal]] = defaultdict(list)
    for deal in deals:
        groups[month_of(moment(deal))].append(deal)
    return [(month, groups.get(month, [])) for month in all_months(groups)]


def month_of(cell: Raw) -> str:
    """Return the month of an event's serial time, as 2026-11; `NO_NAME` where there is none."""
    moment = event_moment(cell)
    return NO_NAME if moment is None else serial_date(moment).strftime("%Y-%m")


def all_months(months: Collection[ReportCell]) -> list[str]:
    """Return the months from the first to the last without a gap, `NO_NAME` last if it is there."""
    named = sorted(str(month) for month in months if month != NO_NAME)
    numbers = [int(name[:4]) * 12 + int(name[5:]) - 1 for name in named]
    span = range(numbers[0], numbers[-1] + 1) if numbers else ()
    every = [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in span]
    return [*every, NO_NAME] if NO_NAME in months else every
