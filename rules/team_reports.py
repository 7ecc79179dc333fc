"""Reports on the team's work: key figures, managers, and how complete the workbook is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, compress, repeat
from operator import attrgetter, eq, itemgetter
from typing import Any

from rules.check import Checked, RowFindings
from rules.letters import letters_by_deal
from rules.messages import KEY_FIGURES, REPORT_HEADERS, REPORT_LINES
from rules.playbook import SUBJECT_TABS, Subject
from rules.problems import Findings
from rules.report_deals import Deals, name_text
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
    without_rate,
)
from rules.requirements import rows_set
from rules.text import fold
from rules.values import Value
from rules.words import say

GAPS = frozenset(
    {
        *("missing", "missing_any", "missing_condition", "missing_none_word"),
        *("worker_fills", "some_decision_maker"),
    }
)
"""Codes of findings that say a field is not filled in; the others say it is wrong."""


@dataclass(frozen=True)
class Told:
    """What is found of one subject's rows: those that have findings, and the findings of each.

    `managers` has the manager of each row of the tab.
    """

    rows: Sequence[int]
    findings: Sequence[Findings]
    managers: Sequence[Value]

    @cached_property
    def wrong(self) -> Sequence[int]:
        """The rows with an error; the most urgent finding is the first."""
        severities = map(attrgetter("severity"), map(itemgetter(0), self.findings))
        return list(compress(self.rows, map(eq, severities, repeat("error"))))

    @cached_property
    def counts(self) -> Counter[tuple[Value, str, tuple[str, ...], str]]:
        """How many findings there are by manager, tab, fields and code."""
        managers = map(self.managers.__getitem__, self.rows)
        columns = (
            chain.from_iterable(map(repeat, managers, map(len, self.findings))),
            *(self._all(field) for field in ("tab", "fields", "code")),
        )
        return Counter(zip(*columns, strict=True))

    def _all(self, field: str) -> Iterator[Any]:
        return map(attrgetter(field), chain.from_iterable(self.findings))


def read_findings(checked: Checked, found: Mapping[Subject, RowFindings]) -> Mapping[Subject, Told]:
    """Return what is found of the rows of each subject; only deals have a manager."""
    told = {}
    for subject, every in found.items():
        rows = list(filter(itemgetter(1), every))
        records = checked.records(subject)
        told[subject] = Told(
            rows=[row for row, _ in rows],
            findings=[findings for _, findings in rows],
            managers=records.values["accountable"]
            if subject == "deal"
            else [None] * records.table.height,
        )
    return told


def _open_stages(checked: Checked) -> Sequence[str]:
    return [key for key, stage in checked.playbook.stages.items() if stage.open]


def key_figures_table(
    checked: Checked, deals: Deals, whole: Groups, told: Mapping[Subject, Told]
) -> ReportTable:
    """Return the figures that leadership asks for first; `whole` are all deals as one group."""
    locale, still_open = checked.book.locale, _open_stages(checked)
    columns = (
        DEALS,
        Column("open_deals", "count", count_at(*still_open)),
        Column("open_budget", "money", budget_at(*still_open)),
        WON,
        WON_BUDGET,
        WIN_RATE,
    )
    wrong = sum(len(of.wrong) for of in told.values())
    formats: list[Format] = [*(column.format for column in columns), "count"]
    values: list[ReportCell] = [*(column.of(whole)[0] for column in columns), wrong]
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
    managers: tuple[Rows, Groups],
    told: Mapping[Subject, Told],
) -> ReportTable:
    """Return what each manager has in hand, has won and lost, and leaves undone."""
    still_open, of_deals = _open_stages(checked), told["deal"]
    letters = letters_by_deal(checked.book.tables["comments"], checked.playbook)
    written: Counter[Value] = Counter()
    has_letters = bytes(map(letters.__contains__, deals.ids))
    for place in rows_set(has_letters):
        written[deals.names["accountable"][place]] += len(letters[deals.ids[place]])
    late: Counter[Value] = Counter()
    for (manager, _, _, code), number in of_deals.counts.items():
        if code == "next_step_past":  # once a deal at most
            late[manager] += number
    wrong = Counter(map(of_deals.managers.__getitem__, of_deals.wrong))
    columns = (
        Column("open_deals", "count", count_at(*still_open)),
        Column("open_budget", "money", budget_at(*still_open)),
        Column("errors", "count", _counted(wrong)),
        Column("overdue_steps", "count", _counted(late)),
        WON,
        LOST,
        WIN_RATE,
        Column("letters", "count", _counted(written)),
    )
    return make_table(checked, ("accountable", "text"), managers, columns, deals)


def _counted(counts: Counter[Value]) -> Callable[[Groups], Sequence[int]]:
    """Return what was counted by name, for the groups of names in all their spellings."""
    by_key: Counter[str] = Counter()
    for name, number in counts.items():
        by_key[fold(name_text(name))] += number
    return lambda groups: [by_key[key] for key in groups.keys]


def quality_table(checked: Checked, told: Mapping[Subject, Told]) -> ReportTable:
    """Return, by field, the rows where it is missing or wrong, and the deals of each manager."""
    locale = checked.book.locale
    missing: Counter[str] = Counter()
    invalid: Counter[str] = Counter()
    by_manager: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for subject, of in told.items():
        for (manager, tab, fields, code), number in of.counts.items():
            name = _field_name(checked, tab, fields)
            if tab == SUBJECT_TABS[subject]:
                (missing if code in GAPS else invalid)[name] += number
            by_manager[name_text(manager)][name] += number
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
