"""The report tables, by the definitions that leadership relies on (sales guide, section 4)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain
from statistics import median

from rules.check import Checked, RowFindings
from rules.collecting import uncollected
from rules.history import Entries, Events, flags_where, funnel_rank, read_events
from rules.messages import REPORT_HEADERS, REPORT_LINES
from rules.months import NO_NAME, all_months
from rules.playbook import Playbook, Subject
from rules.report_deals import Deals, deal_ids, number_deals, read_rates, report_deals
from rules.report_table import (
    BUDGET,
    CLIENTS,
    DEALS,
    LEADS,
    LOST,
    LOST_BUDGET,
    MQL,
    SQL,
    UNQUALIFIED,
    WIN_RATE,
    WON,
    WON_BUDGET,
    Groups,
    ReportTable,
    budget_at,
    by_month,
    by_name,
    count_all,
    count_at,
    count_columns,
    count_reached,
    make_table,
    total_budget,
    without_rate,
)
from rules.table import as_text
from rules.team_reports import (
    key_figures_table,
    managers_table,
    quality_table,
    read_findings,
)
from rules.text import fold
from rules.values import spelling_table
from rules.words import say, say_in_context

SOURCE_COLUMNS = (LEADS, MQL, SQL, CLIENTS, LOST, UNQUALIFIED, BUDGET, WON_BUDGET)
RESULT_COLUMNS = (WON, WON_BUDGET, LOST, LOST_BUDGET, UNQUALIFIED, WIN_RATE)

# ── The tables ───────────────────────────────────────────────────────────────────────────────────


def funnel_table(checked: Checked, deals: Deals, whole: Groups, entries: Entries) -> ReportTable:
    """Return deals, budget, conversion and median days of finished stays, by stage.

    `whole` are all deals as one group.
    """
    locale, playbook = checked.book.locale, checked.playbook
    code_of = deals.kinds.code_of
    reached = {stage: count_reached(stage)(whole)[0] for stage in playbook.funnel}
    stays: defaultdict[int, list[float]] = defaultdict(list)
    for stage, days in entries.finished_stays():
        stays[stage].append(days)
    rows = [
        (
            name.in_locale(locale),
            count_at(stage)(whole)[0],
            budget_at(stage)(whole)[0],
            reached.get(stage) if stage in reached else _ever_at(code_of[stage], deals, entries),
            _conversion(playbook, stage, reached),
            round(float(median(stays[code_of[stage]])), 1) if code_of[stage] in stays else None,
        )
        for stage, name in playbook.stages.items()
    ]
    if unknown := count_at(None)(whole)[0]:
        rows.append((NO_NAME, unknown, budget_at(None)(whole)[0], None, None, None))
    headers = ("stage", "deals", "budget", "reached", "conversion", "median_days")
    return ReportTable(
        headers=tuple(say(locale, REPORT_HEADERS[header]) for header in headers),
        formats=("text", "count", "money", "count", "percent", "days"),
        rows=tuple(rows),
        total=(
            say(locale, REPORT_LINES["total"]),
            *(count_all(whole)[0], total_budget(whole)[0]),
            *(None, None, None),
        ),
        notes=without_rate(checked, deals),
    )


def _ever_at(stage: int, deals: Deals, entries: Entries) -> int:
    entered = entries.ever_at(stage)
    twins = (place for place, other in deals.twins if other in entered)
    now = bytes(map(deals.stages.__getitem__, chain(entered, twins)))
    return deals.stages.count(stage) + len(now) - now.count(stage)


def _conversion(playbook: Playbook, stage: str, reached: Mapping[str, int]) -> float | None:
    if stage not in playbook.funnel[:-1] or not reached[stage]:
        return None
    return reached[playbook.funnel[playbook.funnel.index(stage) + 1]] / reached[stage]


def results_table(checked: Checked, ended: Deals, entries: Entries) -> ReportTable:
    """Return won, lost and unqualified deals by the month in which they first became so."""
    first = {stage: entries.first_months((stage,)) for stage in set(ended.stages)}
    columns = zip(ended.stages, ended.numbers, strict=True)
    months = [first[stage].get(deal, NO_NAME) for stage, deal in columns]
    groups = by_month(ended, months)
    return make_table(checked, ("month", "month"), groups, RESULT_COLUMNS, ended)


def reasons_table(checked: Checked, ended: Deals) -> ReportTable:
    """Return the deals that have ended, by the reason of their outcome."""
    groups = by_name(ended, "outcome_reason")
    return make_table(checked, ("outcome_reason", "text"), groups, (DEALS, BUDGET), ended)


def sources_table(checked: Checked, deals: Deals) -> ReportTable:
    """Return what each acquisition channel has brought."""
    groups = by_name(deals, "channel")
    return make_table(checked, ("channel", "text"), groups, SOURCE_COLUMNS, deals)


def traffic_table(checked: Checked, deals: Deals) -> ReportTable:
    """Return what each traffic source has brought."""
    groups = by_name(deals, "traffic_source")
    return make_table(checked, ("traffic_source", "text"), groups, SOURCE_COLUMNS, deals)


def qualified_table(checked: Checked, deals: Deals, events: Events) -> ReportTable:
    """Return leads, MQL, SQL and clients, each by the month in which they first became so."""
    locale = checked.book.locale
    counts = {"leads": _by_first_month(deals, events.first_seen, len(deals.ids))}
    for header, stage in QUALIFIED_STAGES.items():
        counts[header] = _months_reached(checked.playbook, stage, deals, events.entries)
    months = all_months({month for counter in counts.values() for month in counter})
    return ReportTable(
        headers=tuple(say(locale, REPORT_HEADERS[header]) for header in ("month", *counts)),
        formats=("month", "count", "count", "count", "count"),
        rows=tuple((month, *(counter[month] for counter in counts.values())) for month in months),
        total=(
            say(locale, REPORT_LINES["total"]),
            *(counter.total() for counter in counts.values()),
        ),
    )


def _months_reached(playbook: Playbook, stage: str, deals: Deals, entries: Entries) -> Counter[str]:
    """Return how many deals first reached the stage, or one beyond it, in each month."""
    if stage not in playbook.funnel:
        return Counter()
    rank = funnel_rank(playbook)
    depth = rank[stage]
    beyond = [code for code, key in enumerate(playbook.stages) if rank[key] >= depth]
    there = flags_where(deals.reached, range(depth + 1, 256))
    return _by_first_month(deals, entries.first_months(beyond), there.count(1))


def _by_first_month(deals: Deals, first: Mapping[int, str], number: int) -> Counter[str]:
    """Return how many of that number of deals each month is the first of."""
    twins = (first[other] for _, other in deals.twins if other in first)
    counts = Counter(chain(first.values(), twins))
    unknown = number - counts.total()
    return counts + Counter({NO_NAME: unknown})


QUALIFIED_STAGES: Mapping[str, str] = {"mql": "mql", "sql": "sql", "clients": "client"}


def triggers_table(checked: Checked, events: Events) -> ReportTable:
    """Return how often each kind of event happened, in all and by month; first sights are none."""
    locale, choices = checked.book.locale, checked.playbook.choices
    names = {**choices["event"], **choices["trigger"]}
    shown = {key: name.in_locale(locale) for key, name in names.items()}
    counts: dict[str, Counter[str]] = {name: Counter() for name in shown.values()}
    key_of = spelling_table(names)
    for (kind, month), number in events.counts.items():
        if text := as_text(kind):
            key = key_of.get(fold(text))
            counts.setdefault(shown[key] if key else text, Counter())[month] += number
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
    with uncollected():
        return _make_reports(checked, found, base_currency)


def _make_reports(
    checked: Checked, found: Mapping[Subject, RowFindings], base_currency: str
) -> Mapping[str, Sequence[ReportTable]]:
    ids = deal_ids(checked)
    numbers = number_deals(checked, ids)
    tables = checked.book.tables
    rates = read_rates(tables["lists"], base_currency)
    events = read_events(tables["events"], checked.playbook, numbers)
    deals = report_deals(checked, ids, numbers, events.entries, rates, base_currency)
    closed = [key for key, stage in checked.playbook.stages.items() if not stage.open]
    ended = deals.at(closed, "outcome_reason")
    managers = by_name(deals, "accountable")
    whole = managers[1].as_one()
    told = read_findings(checked, found)
    return {
        "dashboard": (key_figures_table(checked, deals, whole, told),),
        "funnel": (funnel_table(checked, deals, whole, events.entries),),
        "qualified": (qualified_table(checked, deals, events),),
        "results": (
            results_table(checked, ended, events.entries),
            reasons_table(checked, ended),
        ),
        "sources": (sources_table(checked, deals),),
        "traffic": (traffic_table(checked, deals),),
        "triggers": (triggers_table(checked, events),),
        "managers": (managers_table(checked, deals, managers, told),),
        "quality": (quality_table(checked, told),),
    }
