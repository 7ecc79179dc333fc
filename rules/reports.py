"""The report tables, by the definitions that leadership relies on (sales guide, section 4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Literal

from rules.check import Checked
from rules.history import History, StageEntry, finished_stays, funnel_rank
from rules.messages import REPORT_HEADERS, REPORT_LINES
from rules.playbook import Playbook
from rules.table import Table, as_text
from rules.text import fold
from rules.values import serial_date
from rules.words import say

Format = Literal["text", "count", "money", "percent", "days", "month"]
ReportCell = str | float | int | None

NO_NAME = "—"
"""Shown for a group with an empty name."""


@dataclass(frozen=True)
class ReportTable:
    """A table of a report tab; `total` is its last row, `notes` stand below it."""

    headers: tuple[str, ...]
    formats: tuple[Format, ...]
    rows: tuple[tuple[ReportCell, ...], ...]
    total: tuple[ReportCell, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deal:
    """What the reports need of a deal.

    `budget` is in the base currency, None when its currency has no rate. `entered` holds, for each
    stage of the funnel that the deal has ever reached, the serial time of its first entry there or
    beyond (None when unknown); `ended` the first entry into its present stage, if that ends it.
    """

    deal_id: str
    stage: str | None
    budget: float | None
    channel: str
    traffic_source: str
    outcome_reason: str
    entered: Mapping[str, float | None]
    ended: float | None


def read_rates(lists: Table, base_currency: str) -> Mapping[str, float]:
    """Return base units for one unit, by folded currency code; the base currency itself is 1."""
    rates = {fold(base_currency): 1.0}
    for code, rate in zip(lists.column("currencies"), lists.column("rates"), strict=True):
        if isinstance(rate, int | float) and not isinstance(rate, bool) and rate > 0:
            rates.setdefault(fold(as_text(code)), float(rate))
    return rates


def report_deals(
    checked: Checked, history: History, rates: Mapping[str, float], base_currency: str
) -> list[Deal]:
    """Return the deals of a workbook as the reports see them, in row order."""
    deals, playbook = checked.deals, checked.playbook
    rank = funnel_rank(playbook)
    found = []
    for row in deals.rows:
        deal_id, stage = deals.table.text("id", row), checked.stages.get(row)
        entries = history.get(deal_id, ())
        amount = deals.values["budget"][row]
        rate = rates.get(fold(deals.table.text("currency", row) or base_currency))
        if not isinstance(amount, float):
            budget: float | None = 0.0
        else:
            budget = amount * rate if rate is not None else None
        found.append(
            Deal(
                deal_id=deal_id or f"#{row + 2}",
                stage=stage,
                budget=budget,
                channel=deals.text("channel", row) or deals.table.text("channel", row),
                traffic_source=deals.text("traffic_source", row),
                outcome_reason=deals.text("outcome_reason", row),
                entered=_entered(playbook, rank, stage, entries),
                ended=_first(entry.when for entry in entries if entry.stage == stage),
            )
        )
    return found


def _entered(
    playbook: Playbook, rank: Mapping[str, int], stage: str | None, entries: Sequence[StageEntry]
) -> Mapping[str, float | None]:
    ranks = [rank[entry.stage] for entry in entries]
    farthest = max([*ranks, rank[stage] if stage else -1], default=-1)
    return {
        key: _first(e.when for e, r in zip(entries, ranks, strict=True) if r >= place)
        for place, key in enumerate(playbook.funnel[: farthest + 1])
    }


def _first(moments: Iterable[float | None]) -> float | None:
    return min((moment for moment in moments if moment is not None), default=None)


# ── Columns and groups ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Column:
    """A column of a report: its header's key, its format, and its value over a group of deals."""

    header: str
    format: Format
    of: Callable[[Sequence[Deal]], ReportCell]


def _budget(deals: Iterable[Deal]) -> float:
    return sum(deal.budget or 0.0 for deal in deals)


def _in_stage(stage: str) -> Callable[[Sequence[Deal]], int]:
    return lambda deals: sum(deal.stage == stage for deal in deals)


def _reached(stage: str) -> Callable[[Sequence[Deal]], int]:
    return lambda deals: sum(stage in deal.entered for deal in deals)


def _budget_in(stage: str) -> Callable[[Sequence[Deal]], float]:
    return lambda deals: _budget(deal for deal in deals if deal.stage == stage)


def _win_rate(deals: Sequence[Deal]) -> float | None:
    won, lost = _in_stage("client")(deals), _in_stage("lost")(deals)
    return won / (won + lost) if won + lost else None


DEALS = Column("deals", "count", len)
LEADS = Column("leads", "count", len)
BUDGET = Column("budget", "money", _budget)
MQL = Column("mql", "count", _reached("mql"))
SQL = Column("sql", "count", _reached("sql"))
CLIENTS = Column("clients", "count", _reached("client"))
WON = Column("won", "count", _in_stage("client"))
WON_BUDGET = Column("won_budget", "money", _budget_in("client"))
LOST = Column("lost", "count", _in_stage("lost"))
LOST_BUDGET = Column("lost_budget", "money", _budget_in("lost"))
UNQUALIFIED = Column("unqualified", "count", _in_stage("unqualified"))
WIN_RATE = Column("win_rate", "percent", _win_rate)

SOURCE_COLUMNS = (LEADS, MQL, SQL, CLIENTS, LOST, UNQUALIFIED, BUDGET, WON_BUDGET)
RESULT_COLUMNS = (WON, WON_BUDGET, LOST, LOST_BUDGET, UNQUALIFIED, WIN_RATE)


def _grouped(
    checked: Checked,
    key_header: str,
    key_format: Format,
    groups: Iterable[tuple[ReportCell, Sequence[Deal]]],
    everything: Sequence[Deal],
    columns: Sequence[Column],
) -> ReportTable:
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
        notes=_without_rate(checked, everything),
    )


def _without_rate(checked: Checked, deals: Iterable[Deal]) -> tuple[str, ...]:
    left_out = [deal.deal_id for deal in deals if deal.budget is None]
    if not left_out:
        return ()
    shown = ", ".join(left_out[:20]) + (" …" if len(left_out) > 20 else "")
    return (say(checked.book.locale, REPORT_LINES["no_rate"], deals=shown),)


def _by_name(
    deals: Sequence[Deal], name: Callable[[Deal], str]
) -> list[tuple[ReportCell, Sequence[Deal]]]:
    """Group by name, the largest first; spellings of one name are one group, no name is last."""
    groups: dict[str, list[Deal]] = defaultdict(list)
    for deal in deals:
        groups[fold(name(deal))].append(deal)
    ordered = sorted(groups.items(), key=lambda group: (not group[0], -len(group[1]), group[0]))
    return [(name(found[0]) or NO_NAME, found) for _, found in ordered]


def _by_month(
    deals: Sequence[Deal], moment: Callable[[Deal], float | None]
) -> list[tuple[ReportCell, Sequence[Deal]]]:
    """Group by month, from the first to the last without a gap; deals without a moment are last."""
    groups: dict[int, list[Deal]] = defaultdict(list)
    undated: list[Deal] = []
    for deal in deals:
        when = moment(deal)
        if when is None:
            undated.append(deal)
        else:
            day = serial_date(when)
            groups[day.year * 12 + day.month - 1].append(deal)
    months = range(min(groups), max(groups) + 1) if groups else ()
    by_month: list[tuple[ReportCell, Sequence[Deal]]] = [
        (date(month // 12, month % 12 + 1, 1).strftime("%Y-%m"), groups.get(month, []))
        for month in months
    ]
    return [*by_month, (NO_NAME, undated)] if undated else by_month


# ── The tables ───────────────────────────────────────────────────────────────────────────────────


def funnel_table(checked: Checked, deals: Sequence[Deal], history: History) -> ReportTable:
    """Return deals, budget, conversion and median days of finished stays, by stage."""
    locale, playbook = checked.book.locale, checked.playbook
    stays: defaultdict[str, list[float]] = defaultdict(list)
    for deal in deals:
        for stage, days in finished_stays(history.get(deal.deal_id, ())):
            stays[stage].append(days)
    groups: dict[str | None, list[Deal]] = {stage: [] for stage in playbook.stages}
    for deal in deals:
        groups.setdefault(deal.stage, []).append(deal)
    rows = []
    for key, found in groups.items():
        name = playbook.stages[key].in_locale(locale) if key else NO_NAME
        lengths = stays[key or ""]
        rows.append(
            (
                name,
                len(found),
                _budget(found),
                _ever_reached(playbook, key, deals, history),
                _conversion(playbook, key, deals),
                round(median(lengths), 1) if lengths else None,
            )
        )
    headers = ("stage", "deals", "budget", "reached", "conversion", "median_days")
    return ReportTable(
        headers=tuple(say(locale, REPORT_HEADERS[header]) for header in headers),
        formats=("text", "count", "money", "count", "percent", "days"),
        rows=tuple(rows),
        total=(say(locale, REPORT_LINES["total"]), len(deals), _budget(deals), None, None, None),
        notes=_without_rate(checked, deals),
    )


def _ever_reached(
    playbook: Playbook, stage: str | None, deals: Sequence[Deal], history: History
) -> int | None:
    if stage is None:
        return None
    if stage in playbook.funnel:
        return _reached(stage)(deals)
    return sum(
        deal.stage == stage or any(e.stage == stage for e in history.get(deal.deal_id, ()))
        for deal in deals
    )


def _conversion(playbook: Playbook, stage: str | None, deals: Sequence[Deal]) -> float | None:
    if stage not in playbook.funnel[:-1]:
        return None
    reached = _reached(stage)(deals)
    following = playbook.funnel[playbook.funnel.index(stage) + 1]
    return _reached(following)(deals) / reached if reached else None


def results_table(checked: Checked, deals: Sequence[Deal]) -> ReportTable:
    """Return won, lost and unqualified deals by the month in which they first became so."""
    ended = _ended(checked, deals)
    return _grouped(
        checked, "month", "month", _by_month(ended, lambda d: d.ended), ended, RESULT_COLUMNS
    )


def reasons_table(checked: Checked, deals: Sequence[Deal]) -> ReportTable:
    """Return the deals that have ended, by the reason of their outcome."""
    ended = _ended(checked, deals)
    groups = _by_name(ended, lambda deal: deal.outcome_reason)
    return _grouped(checked, "outcome_reason", "text", groups, ended, (DEALS, BUDGET))


def _ended(checked: Checked, deals: Iterable[Deal]) -> list[Deal]:
    stages = checked.playbook.stages
    return [deal for deal in deals if deal.stage and not stages[deal.stage].open]


def sources_table(checked: Checked, deals: Sequence[Deal]) -> ReportTable:
    """Return what each acquisition channel has brought."""
    groups = _by_name(deals, lambda deal: deal.channel)
    return _grouped(checked, "channel", "text", groups, deals, SOURCE_COLUMNS)


def make_reports(
    checked: Checked, history: History, base_currency: str
) -> Mapping[str, Sequence[ReportTable]]:
    """Return the tables of each report tab, by its key in the playbook."""
    rates = read_rates(checked.book.tables["lists"], base_currency)
    deals = report_deals(checked, history, rates, base_currency)
    return {
        "funnel": (funnel_table(checked, deals, history),),
        "results": (results_table(checked, deals), reasons_table(checked, deals)),
        "sources": (sources_table(checked, deals),),
    }
