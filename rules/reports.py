"""The report tables, by the definitions that leadership relies on (sales guide, section 4)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median

from rules.check import Checked, RowFindings
from rules.history import History, finished_stays, first_events, read_history
from rules.messages import REPORT_HEADERS, REPORT_LINES
from rules.playbook import Playbook, Subject
from rules.report_deals import Deal, read_rates, report_deals
from rules.report_table import (
    BUDGET,
    CLIENTS,
    DEALS,
    LEADS,
    LOST,
    LOST_BUDGET,
    MQL,
    NO_NAME,
    SQL,
    UNQUALIFIED,
    WIN_RATE,
    WON,
    WON_BUDGET,
    ReportCell,
    ReportTable,
    all_months,
    by_month,
    by_name,
    count_columns,
    make_table,
    month_of,
    reached,
    total_budget,
    without_rate,
)
from rules.table import as_text
from rules.team_reports import key_figures_table, managers_table, quality_table
from rules.text import fold
from rules.values import spelling_table
from rules.words import say, say_in_context

SOURCE_COLUMNS = (LEADS, MQL, SQL, CLIENTS, LOST, UNQUALIFIED, BUDGET, WON_BUDGET)
RESULT_COLUMNS = (WON, WON_BUDGET, LOST, LOST_BUDGET, UNQUALIFIED, WIN_RATE)

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
                total_budget(found),
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
        total=(
            say(locale, REPORT_LINES["total"]),
            len(deals),
            total_budget(deals),
            None,
            None,
            None,
        ),
        notes=without_rate(checked, deals),
    )


def _ever_reached(
    playbook: Playbook, stage: str | None, deals: Sequence[Deal], history: History
) -> int | None:
    if stage is None:
        return None
    if stage in playbook.funnel:
        return reached(stage)(deals)
    return sum(
        deal.stage == stage or any(e.stage == stage for e in history.get(deal.deal_id, ()))
        for deal in deals
    )


def _conversion(playbook: Playbook, stage: str | None, deals: Sequence[Deal]) -> float | None:
    if stage not in playbook.funnel[:-1]:
        return None
    start = reached(stage)(deals)
    following = playbook.funnel[playbook.funnel.index(stage) + 1]
    return reached(following)(deals) / start if start else None


def results_table(checked: Checked, deals: Sequence[Deal]) -> ReportTable:
    """Return won, lost and unqualified deals by the month in which they first became so."""
    ended = _ended(checked, deals)
    return make_table(
        checked, "month", "month", by_month(ended, lambda d: d.ended), ended, RESULT_COLUMNS
    )


def reasons_table(checked: Checked, deals: Sequence[Deal]) -> ReportTable:
    """Return the deals that have ended, by the reason of their outcome."""
    ended = _ended(checked, deals)
    groups = by_name(ended, lambda deal: deal.outcome_reason)
    return make_table(checked, "outcome_reason", "text", groups, ended, (DEALS, BUDGET))


def _ended(checked: Checked, deals: Iterable[Deal]) -> list[Deal]:
    stages = checked.playbook.stages
    return [deal for deal in deals if deal.stage and not stages[deal.stage].open]


def sources_table(checked: Checked, deals: Sequence[Deal]) -> ReportTable:
    """Return what each acquisition channel has brought."""
    groups = by_name(deals, lambda deal: deal.channel)
    return make_table(checked, "channel", "text", groups, deals, SOURCE_COLUMNS)


def traffic_table(checked: Checked, deals: Sequence[Deal]) -> ReportTable:
    """Return what each traffic source has brought."""
    groups = by_name(deals, lambda deal: deal.traffic_source)
    return make_table(checked, "traffic_source", "text", groups, deals, SOURCE_COLUMNS)


def qualified_table(
    checked: Checked, deals: Sequence[Deal], first_seen: Mapping[str, float]
) -> ReportTable:
    """Return leads, MQL, SQL and clients, each by the month in which they first became so."""
    locale = checked.book.locale
    moments: Mapping[str, Callable[[Deal], float | None]] = {
        "leads": lambda deal: first_seen.get(deal.deal_id),
        **{header: _entry(stage) for header, stage in QUALIFIED_STAGES.items()},
    }
    counts: dict[ReportCell, dict[str, int]] = {}
    for header, moment in moments.items():
        stage = QUALIFIED_STAGES.get(header)
        counted = [deal for deal in deals if stage is None or stage in deal.entered]
        for month, found in by_month(counted, moment):
            counts.setdefault(month, dict.fromkeys(moments, 0))[header] = len(found)
    months = all_months(counts)
    headers = ("month", *moments)
    rows: list[tuple[ReportCell, ...]] = [
        (month, *(counts.get(month, {}).get(header, 0) for header in moments)) for month in months
    ]
    return ReportTable(
        headers=tuple(say(locale, REPORT_HEADERS[header]) for header in headers),
        formats=("month", "count", "count", "count", "count"),
        rows=tuple(rows),
        total=(
            say(locale, REPORT_LINES["total"]),
            *(sum(row[header] for row in counts.values()) for header in moments),
        ),
    )


QUALIFIED_STAGES: Mapping[str, str] = {"mql": "mql", "sql": "sql", "clients": "client"}


def _entry(stage: str) -> Callable[[Deal], float | None]:
    return lambda deal: deal.entered.get(stage)


def triggers_table(checked: Checked) -> ReportTable:
    """Return how often each kind of event happened, in all and by month; first sights are none."""
    locale, choices = checked.book.locale, checked.playbook.choices
    names = {**choices["event"], **choices["trigger"]}
    shown = {key: name.in_locale(locale) for key, name in names.items()}
    counts: dict[str, Counter[ReportCell]] = {name: Counter() for name in shown.values()}
    key_of = spelling_table(names)
    events = checked.book.tables["events"]
    columns = (events.column(field) for field in ("when", "event", "from"))
    for when, kind, source in zip(*columns, strict=True):
        key = key_of.get(fold(as_text(kind)))
        if not as_text(kind) or (key == "stage" and not as_text(source)):
            continue
        name = shown[key] if key else as_text(kind)
        counts.setdefault(name, Counter())[month_of(when)] += 1
    months = all_months({month for counter in counts.values() for month in counter})
    return ReportTable(
        headers=(
            say(locale, REPORT_HEADERS["event"]),
            say_in_context(locale, "column", REPORT_HEADERS["total"]),
            *(str(month) for month in months),
        ),
        formats=("text", "count", *count_columns(months)),
        rows=tuple(
            (name, counter.total(), *(counter[month] for month in months))
            for name, counter in counts.items()
        ),
        total=(
            say(locale, REPORT_LINES["total"]),
            sum(counter.total() for counter in counts.values()),
            *(sum(counter[month] for counter in counts.values()) for month in months),
        ),
    )


def make_reports(
    checked: Checked,
    found: Mapping[Subject, RowFindings],
    base_currency: str,
) -> Mapping[str, Sequence[ReportTable]]:
    """Return the tables of each report tab, by its key in the playbook.

    `found` are the findings of every record, as `find_problems` gives them.
    """
    events, lists = checked.book.tables["events"], checked.book.tables["lists"]
    history = read_history(events, checked.playbook)
    deals = report_deals(checked, history, read_rates(lists, base_currency), base_currency)
    return {
        "dashboard": (key_figures_table(checked, deals, found),),
        "funnel": (funnel_table(checked, deals, history),),
        "qualified": (qualified_table(checked, deals, first_events(events)),),
        "results": (results_table(checked, deals), reasons_table(checked, deals)),
        "sources": (sources_table(checked, deals),),
        "traffic": (traffic_table(checked, deals),),
        "triggers": (triggers_table(checked),),
        "managers": (managers_table(checked, deals, found),),
        "quality": (quality_table(checked, found),),
    }
