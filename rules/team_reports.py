"""Reports on the team's work: key figures, managers, and how complete the workbook is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from rules.check import Checked, RowFindings
from rules.letters import letters_by_deal
from rules.messages import KEY_FIGURES, REPORT_HEADERS, REPORT_LINES
from rules.playbook import SUBJECT_TABS, Subject
from rules.report_deals import Deal
from rules.report_table import (
    LOST,
    WIN_RATE,
    WON,
    WON_BUDGET,
    Column,
    Format,
    ReportCell,
    ReportTable,
    by_name,
    count_columns,
    make_table,
    total_budget,
    without_rate,
)
from rules.words import say

GAPS = frozenset(
    {
        *("missing", "missing_any", "missing_condition", "missing_none_word"),
        *("worker_fills", "some_decision_maker"),
    }
)
"""Codes of findings that say a field is not filled in; the others say it is wrong."""


def _open_deals(checked: Checked, deals: Sequence[Deal]) -> list[Deal]:
    stages = checked.playbook.stages
    return [deal for deal in deals if deal.stage and stages[deal.stage].open]


def key_figures_table(
    checked: Checked, deals: Sequence[Deal], found: Mapping[Subject, RowFindings]
) -> ReportTable:
    """Return the figures that leadership asks for first."""
    locale = checked.book.locale
    still_open = _open_deals(checked, deals)
    wrong = sum(
        bool(findings) and findings[0].severity == "error"
        for rows in found.values()
        for _, findings in rows
    )
    values: tuple[tuple[ReportCell, Format], ...] = (
        (len(deals), "count"),
        (len(still_open), "count"),
        (total_budget(still_open), "money"),
        (WON.of(deals), "count"),
        (WON_BUDGET.of(deals), "money"),
        (WIN_RATE.of(deals), "percent"),
        (wrong, "count"),
    )
    return ReportTable(
        headers=(
            say(locale, REPORT_HEADERS["key_figure"]),
            say(locale, REPORT_HEADERS["value"]),
        ),
        formats=("text", "count"),
        rows=tuple(
            (say(locale, name), value)
            for name, (value, _) in zip(KEY_FIGURES.values(), values, strict=True)
        ),
        row_formats=tuple(("text", style) for _, style in values),
        notes=without_rate(checked, deals),
    )


def managers_table(
    checked: Checked, deals: Sequence[Deal], found: Mapping[Subject, RowFindings]
) -> ReportTable:
    """Return what each manager has in hand, has won and lost, and leaves undone."""
    wrong = {row for row, findings in found["deal"] if findings and findings[0].severity == "error"}
    late = {
        row
        for row, findings in found["deal"]
        if any(finding.code == "next_step_past" for finding in findings)
    }
    letters = letters_by_deal(checked.book.tables["comments"], checked.playbook)
    columns = (
        Column("open_deals", "count", lambda some: len(_open_deals(checked, some))),
        Column("open_budget", "money", lambda some: total_budget(_open_deals(checked, some))),
        Column("errors", "count", lambda some: sum(deal.row in wrong for deal in some)),
        Column("overdue_steps", "count", lambda some: sum(deal.row in late for deal in some)),
        WON,
        LOST,
        WIN_RATE,
        Column("letters", "count", lambda some: sum(len(letters.get(d.deal_id, ())) for d in some)),
    )
    groups = by_name(deals, lambda deal: deal.accountable)
    return make_table(checked, "accountable", "text", groups, deals, columns)


def quality_table(checked: Checked, found: Mapping[Subject, RowFindings]) -> ReportTable:
    """Return, by field, the rows where it is missing or wrong, and the deals of each manager."""
    locale = checked.book.locale
    missing: Counter[str] = Counter()
    invalid: Counter[str] = Counter()
    by_manager: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for subject, rows in found.items():
        tab = SUBJECT_TABS[subject]
        for row, findings in rows:
            for finding in findings:
                name = _field_name(checked, finding.tab, finding.fields)
                if finding.tab == tab:
                    (missing if finding.code in GAPS else invalid)[name] += 1
                if subject == "deal":
                    by_manager[checked.deals.text("accountable", row)][name] += 1
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
