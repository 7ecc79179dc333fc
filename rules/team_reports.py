"""Reports on the team's work: key figures, managers, and how complete the workbook is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rules.check import Checked, RowFindings
from rules.letters import letters_by_deal
from rules.messages import KEY_FIGURES, REPORT_HEADERS, REPORT_LINES
from rules.playbook import SUBJECT_TABS, Subject
from rules.problems import Findings
from rules.report_deals import Deals
from rules.report_table import (
    DEALS,
    LOST,
    WIN_RATE,
    WON,
    WON_BUDGET,
    Column,
    Format,
    Groups,
    ReportCell,
    ReportTable,
    Rows,
    budget_at,
    count_at,
    count_columns,
    make_table,
    totals,
    without_rate,
)
from rules.text import fold
from rules.words import say

GAPS = frozenset(
    {
        *("missing", "missing_any", "missing_condition", "missing_none_word"),
        *("worker_fills", "some_decision_maker"),
    }
)
"""Codes of findings that say a field is not filled in; the others say it is wrong."""


def _is_wrong(findings: Findings) -> bool:
    return findings[0].severity == "error"


def _is_late(findings: Findings) -> bool:
    return any(finding.code == "next_step_past" for finding in findings)


def _open_stages(checked: Checked) -> Sequence[str]:
    return [key for key, stage in checked.playbook.stages.items() if stage.open]


def key_figures_table(
    checked: Checked, deals: Deals, groups: Groups[str], found: Mapping[Subject, RowFindings]
) -> ReportTable:
    """Return the figures that leadership asks for first."""
    locale, still_open = checked.book.locale, _open_stages(checked)
    columns = (
        DEALS,
        Column("open_deals", "count", count_at(*still_open)),
        Column("open_budget", "money", budget_at(*still_open)),
        WON,
        WON_BUDGET,
        WIN_RATE,
    )
    wrong = sum(_is_wrong(one) for rows in found.values() for _, one in rows if one)
    formats: list[Format] = [*(column.format for column in columns), "count"]
    values: list[ReportCell] = [*totals(groups, columns), wrong]
    return ReportTable(
        headers=(
            say(locale, REPORT_HEADERS["key_figure"]),
            say(locale, REPORT_HEADERS["value"]),
        ),
        formats=("text", "count"),
        rows=tuple(
            (say(locale, name), value)
            for name, value in zip(KEY_FIGURES.values(), values, strict=True)
        ),
        row_formats=tuple(("text", style) for style in formats),
        notes=without_rate(checked, deals),
    )


def managers_table(
    checked: Checked,
    deals: Deals,
    managers: tuple[Rows[str], Groups[str]],
    found: Mapping[Subject, RowFindings],
) -> ReportTable:
    """Return what each manager has in hand, has won and lost, and leaves undone."""
    still_open, who = _open_stages(checked), checked.deals.texts("accountable")
    told = [(row, findings) for row, findings in found["deal"] if findings]
    letters = letters_by_deal(checked.book.tables["comments"], checked.playbook)
    written: Counter[str] = Counter()
    for deal_id, manager in zip(deals.ids, deals.names["accountable"], strict=True):
        if deal_id in letters:
            written[manager] += len(letters[deal_id])
    columns = (
        Column("open_deals", "count", count_at(*still_open)),
        Column("open_budget", "money", budget_at(*still_open)),
        Column(
            "errors", "count", _sum_of(Counter(who[row] for row, one in told if _is_wrong(one)))
        ),
        Column(
            "overdue_steps",
            "count",
            _sum_of(Counter(who[row] for row, one in told if _is_late(one))),
        ),
        WON,
        LOST,
        WIN_RATE,
        Column("letters", "count", _sum_of(written)),
    )
    return make_table(checked, ("accountable", "text"), managers, columns, deals)


def _sum_of(counts: Counter[str]) -> Callable[[Groups[Any]], Mapping[Any, int]]:
    """Return what was counted by name, for the groups of names in all their spellings."""
    by_key: Counter[str | None] = Counter({None: counts.total()})
    for name, number in counts.items():
        by_key[fold(name)] += number
    return lambda groups: by_key


def quality_table(checked: Checked, found: Mapping[Subject, RowFindings]) -> ReportTable:
    """Return, by field, the rows where it is missing or wrong, and the deals of each manager."""
    locale = checked.book.locale
    missing: Counter[str] = Counter()
    invalid: Counter[str] = Counter()
    by_manager: defaultdict[str, Counter[str]] = defaultdict(Counter)
    who = checked.deals.texts("accountable")
    for subject, rows in found.items():
        told = Counter(
            (who[row] if subject == "deal" else "", finding.tab, finding.fields, finding.code)
            for row, findings in rows
            for finding in findings
        )
        for (manager, tab, fields, code), number in told.items():
            name = _field_name(checked, tab, fields)
            if tab == SUBJECT_TABS[subject]:
                (missing if code in GAPS else invalid)[name] += number
            by_manager[manager][name] += number
    names = sorted({*missing, *invalid}, key=lambda name: (-missing[name] - invalid[name], name))
    managers = sorted(name for name in by_manager if name)
    return ReportTable(
        headers=(
            say(locale, REPORT_HEADERS["field"]),
            say(locale, REPORT_HEADERS["missing"]),
            say(locale, REPORT_HEADERS["invalid"]),
            *managers,
        ),
        formats=("text", "count", "count", *count_columns(managers)),
        rows=tuple(
            (name, missing[name], invalid[name], *(by_manager[who][name] for who in managers))
            for name in names
        ),
        total=(
            say(locale, REPORT_LINES["total"]),
            missing.total(),
            invalid.total(),
            *(sum(by_manager[who][name] for name in names) for who in managers),
        ),
    )


def _field_name(checked: Checked, tab: str, fields: Sequence[str]) -> str:
    specs, locale = checked.playbook.tabs[tab], checked.book.locale
    known = [specs.fields[key].in_locale(locale) for key in fields if key in specs.fields]
    return f"{specs.in_locale(locale)}: {' / '.join(known) or specs.in_locale(locale)}"
