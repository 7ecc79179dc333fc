"""The report tables, by the definitions that leadership relies on (sales guide, section 4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from statistics import median

from rules.check import Checked, RowFindings
from rules.collecting import uncollected
from rules.history import Events, stage_codes
from rules.messages import REPORT_HEADERS, REPORT_LINES
from rules.months import NO_NAME, all_months
from rules.playbook import Playbook, Subject
from rules.report_deals import Grounds, names_of, read_rates
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
    ReportCell,
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
from rules.report_tally import Counted, Tally, closed_stages, count_deals
from rules.table import as_text
from rules.team_reports import (
    LettersTold,
    Told,
    count_letters,
    key_figures_table,
    managers_table,
    quality_table,
    read_findings,
)
from rules.text import fold
from rules.values import Value, spelling_table
from rules.words import say, say_in_context

SOURCE_COLUMNS = (LEADS, MQL, SQL, CLIENTS, LOST, UNQUALIFIED, BUDGET, WON_BUDGET)
RESULT_COLUMNS = (WON, WON_BUDGET, LOST, LOST_BUDGET, UNQUALIFIED, WIN_RATE)

# ── The tables ───────────────────────────────────────────────────────────────────────────────────


def funnel_table(checked: Checked, tally: Tally, whole: Groups) -> ReportTable:
    """Return deals, budget, conversion and median days of finished stays, by stage.

    `whole` are all deals as one group.
    """
    locale, playbook = checked.book.locale, checked.playbook
    code_of = whole.kinds.code_of
    reached = {stage: count_reached(stage)(whole)[0] for stage in playbook.funnel}
    rows: list[tuple[ReportCell, ...]] = [
        (
            name.in_locale(locale),
            count_at(stage)(whole)[0],
            budget_at(stage)(whole)[0],
            reached[stage] if stage in reached else tally.ever.get(code_of[stage], 0),
            _conversion(playbook, stage, reached),
            _median(tally.stays.get(code_of[stage], ())),
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
        notes=without_rate(checked, tally.unrated),
    )


def _conversion(playbook: Playbook, stage: str, reached: Mapping[str, int]) -> float | None:
    if stage not in playbook.funnel[:-1] or not reached[stage]:
        return None
    return reached[playbook.funnel[playbook.funnel.index(stage) + 1]] / reached[stage]


def _median(days: Sequence[float]) -> float | None:
    return round(float(median(days)), 1) if days else None


def results_tables(checked: Checked, counted: Counted) -> tuple[ReportTable, ReportTable]:
    """Return the deals that have ended: won, lost and unqualified ones by month, all by reason.

    The month is the one in which they first were at their stage.
    """
    tally, grounds = counted.tally, counted.basis.grounds
    codes = stage_codes(grounds.playbook)
    closed = [codes[key] for key in closed_stages(grounds.playbook)]
    notes = without_rate(
        checked, (place for place, stage in tally.unrated.items() if stage in closed)
    )
    reasons = by_name(tally.by_name["outcome_reason"], _reasons(counted))
    months = by_month(tally.by_month)
    return (
        make_table(checked, ("month", "month"), months, RESULT_COLUMNS, notes),
        make_table(checked, ("outcome_reason", "text"), reasons, (DEALS, BUDGET), notes),
    )


def _reasons(counted: Counted) -> Iterator[Value]:
    """Yield the reasons of the deals that have ended, as they stand."""
    closed = frozenset(closed_stages(counted.basis.grounds.playbook))
    values = counted.basis.sources.values
    yield from compress(values["outcome_reason"], map(closed.__contains__, values["stage"]))


def sources_table(checked: Checked, counted: Counted, field: str) -> ReportTable:
    """Return what each acquisition channel, or each traffic source, has brought."""
    tally = counted.tally
    groups = by_name(tally.by_name[field], _names(counted, field))
    notes = without_rate(checked, tally.unrated)
    return make_table(checked, (field, "text"), groups, SOURCE_COLUMNS, notes)


def _names(counted: Counted, field: str) -> Iterator[Value]:
    """Yield the names of all deals, as they stand."""
    yield from names_of(counted.basis.sources, field)


def qualified_table(checked: Checked, tally: Tally) -> ReportTable:
    """Return leads, MQL, SQL and clients, each by the month in which they first became so."""
    locale, counts = checked.book.locale, tally.qualified
    months = all_months({month for counter in counts.values() for month in counter})
    return ReportTable(
        headers=tuple(say(locale, REPORT_HEADERS[header]) for header in ("month", *counts)),
        formats=("month", "count", "count", "count", "count"),
        rows=tuple(
            (month, *(counter.get(month, 0) for counter in counts.values())) for month in months
        ),
        total=(
            say(locale, REPORT_LINES["total"]),
            *(sum(counter.values()) for counter in counts.values()),
        ),
    )


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


@dataclass(frozen=True)
class Reported:
    """The tables of each report tab, by its key in the playbook, and what the next go on from."""

    tables: Mapping[str, Sequence[ReportTable]]
    counted: Counted
    told: Mapping[Subject, Told]
    letters: LettersTold


def make_reports(
    checked: Checked,
    found: Mapping[Subject, RowFindings],
    base_currency: str,
    before: Reported | None = None,
) -> Reported:
    """Return the tables of all reports.

    `found` are the findings of every record, as `find_problems` gives them. With the reports
    `before` of an earlier state of the workbook only what has changed is counted anew; the tables
    are the same.
    """
    with uncollected():
        rates = read_rates(checked.book.tables["lists"], base_currency)
        grounds = Grounds(checked.playbook, rates, base_currency)
        if before is not None and before.counted.basis.grounds != grounds:
            before = None
        counted = count_deals(checked, grounds, before.counted if before else None)
        told = read_findings(checked, found, before.told if before else None)
        letters = count_letters(checked, before.letters if before else None)
        return Reported(_make_tables(checked, counted, told, letters), counted, told, letters)


def _make_tables(
    checked: Checked, counted: Counted, told: Mapping[Subject, Told], letters: LettersTold
) -> Mapping[str, Sequence[ReportTable]]:
    tally = counted.tally
    whole = tally.by_name["accountable"].as_one()
    managers = by_name(tally.by_name["accountable"], _names(counted, "accountable"))
    notes = without_rate(checked, tally.unrated)
    return {
        "dashboard": (key_figures_table(checked, whole, told, notes),),
        "funnel": (funnel_table(checked, tally, whole),),
        "qualified": (qualified_table(checked, tally),),
        "results": results_tables(checked, counted),
        "sources": (sources_table(checked, counted, "channel"),),
        "traffic": (sources_table(checked, counted, "traffic_source"),),
        "triggers": (triggers_table(checked, counted.basis.events),),
        "managers": (managers_table(checked, managers, told, letters.by_manager(counted), notes),),
        "quality": (quality_table(checked, told),),
    }
