"""Reports on the team's work: key figures, managers, and how complete the workbook is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain, compress, repeat
from operator import eq, itemgetter
from typing import TypeAlias

from rules import chunks
from rules.check import Checked, RowFindings
from rules.findings import Finding
from rules.letters import letters_by_deal
from rules.messages import KEY_FIGURES, REPORT_HEADERS, REPORT_LINES
from rules.playbook import SUBJECT_TABS, Subject
from rules.problems import Findings
from rules.report_deals import changed_places, name_text
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
    budget_at,
    count_at,
    count_columns,
    make_table,
    shifted,
)
from rules.report_tally import Counted
from rules.table import Raw, is_same_column
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


Kind: TypeAlias = tuple[str, tuple[str, ...], str]
"""What a finding is about: tab, fields and code."""

_KIND = itemgetter(*map(Finding._fields.index, ("tab", "fields", "code")))
_SEVERITY = itemgetter(Finding._fields.index("severity"))


@dataclass(frozen=True)
class Told:
    """What is found of one subject's rows.

    `findings` are those of each row that has any, `managers` the manager of each row of the tab.
    `counts` has the findings by manager and kind, `wrong` the rows with an error by manager.
    """

    findings: Mapping[int, Findings]
    managers: Sequence[Value]
    counts: Mapping[tuple[Value, Kind], int]
    wrong: Mapping[Value, int]


def read_findings(
    checked: Checked,
    found: Mapping[Subject, RowFindings],
    before: Mapping[Subject, Told] | None = None,
) -> Mapping[Subject, Told]:
    """Return what is found of the rows of each subject; only deals have a manager.

    With what was found `before` only rows that have changed since are counted anew.
    """
    told = {}
    for subject, every in found.items():
        records = checked.records(subject)
        everywhere = len(every) == records.table.height
        findings = every.told if everywhere else dict(filter(itemgetter(1), every))
        managers = (
            records.values["accountable"]
            if subject == "deal"
            else chunks.Column.blank(records.table.height)
        )
        told[subject] = (
            _told_since(before[subject], findings, managers)
            if before
            else Told(findings, managers, *_counted_in(findings, findings, managers))
        )
    return told


def _told_since(before: Told, findings: Mapping[int, Findings], managers: Sequence[Value]) -> Told:
    known = before.findings
    rows = [row for row, some in findings.items() if known.get(row) is not some]
    rows += [row for row in known if row not in findings]
    rows += changed_places(before.managers, managers)
    changed = frozenset(rows)
    gone = _counted_in(sorted(changed & known.keys()), known, before.managers)
    come = _counted_in(sorted(changed & findings.keys()), findings, managers)
    return Told(
        findings,
        managers,
        shifted(before.counts, gone[0], come[0]),
        shifted(before.wrong, gone[1], come[1]),
    )


def _counted_in(
    rows: Collection[int], findings: Mapping[int, Findings], managers: Sequence[Value]
) -> tuple[Counter[tuple[Value, Kind]], Counter[Value]]:
    """Return the findings of these rows by manager and kind, and the rows with an error."""
    some = list(map(findings.__getitem__, rows))
    if 50 * len(some) > len(managers):
        managers = list(managers)  # a column is slow to pick from
    whose = list(map(managers.__getitem__, rows))
    each = chain.from_iterable(map(repeat, whose, map(len, some)))
    kinds = map(_KIND, chain.from_iterable(some))
    severities = map(_SEVERITY, map(itemgetter(0), some))  # the most urgent is first
    wrong = compress(whose, map(eq, severities, repeat("error")))
    return Counter(zip(each, kinds, strict=True)), Counter(wrong)


@dataclass(frozen=True)
class LettersTold:
    """How many letters there are with each deal, by its ID, and what of the Comments tab tells."""

    columns: tuple[Sequence[Raw], ...]
    by_deal: Mapping[str, int]

    def by_manager(self, counted: Counted) -> Mapping[Value, int]:
        """Return the letters with the deals of each manager."""
        numbering, managers = counted.basis.numbering, counted.basis.sources.values["accountable"]
        deals = {
            numbering.by_id[deal]: letters
            for deal, letters in self.by_deal.items()
            if deal in numbering.by_id
        }
        written: Counter[Value] = Counter()
        for number, letters in deals.items():
            written[managers[number]] += letters
        for place, number in numbering.twins:
            written[managers[place]] += deals.get(number, 0)
        return written


def count_letters(checked: Checked, before: LettersTold | None = None) -> LettersTold:
    """Return how many letters there are with each deal."""
    comments = checked.book.tables["comments"]
    columns = tuple(map(comments.column, ("deal_id", "letter_key", "when", "direction")))
    if before is not None and all(map(is_same_column, before.columns, columns)):
        return before
    letters = letters_by_deal(comments, checked.playbook)
    return LettersTold(columns, {deal: len(some) for deal, some in letters.items() if some})


def _open_stages(checked: Checked) -> Sequence[str]:
    return [key for key, stage in checked.playbook.stages.items() if stage.open]


def key_figures_table(
    checked: Checked, whole: Groups, told: Mapping[Subject, Told], notes: tuple[str, ...]
) -> ReportTable:
    """Return the figures that leadership asks for first; `whole` are all deals as one group."""
    locale, still_open = checked.book.locale, _open_stages(checked)
    columns = (
        DEALS,
        Column("open_deals", "count", count_at(*still_open)),
        Column("open_budget", "money", budget_at(*still_open), added_up=False),
        WON,
        WON_BUDGET,
        WIN_RATE,
    )
    wrong = sum(sum(of.wrong.values()) for of in told.values())
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
        notes=notes,
    )


def managers_table(
    checked: Checked,
    managers: tuple[Sequence[str], Groups],
    told: Mapping[Subject, Told],
    letters: Mapping[Value, int],
    notes: tuple[str, ...],
) -> ReportTable:
    """Return what each manager has in hand, has won and lost, and leaves undone.

    `managers` are the deals by manager, as they are shown; `letters` those with their deals.
    """
    still_open, of_deals = _open_stages(checked), told["deal"]
    late: Counter[Value] = Counter()
    for (manager, (_, _, code)), number in of_deals.counts.items():
        if code == "next_step_past":  # once a deal at most
            late[manager] += number
    columns = (
        Column("open_deals", "count", count_at(*still_open)),
        Column("open_budget", "money", budget_at(*still_open), added_up=False),
        Column("errors", "count", _counted(of_deals.wrong)),
        Column("overdue_steps", "count", _counted(late)),
        WON,
        LOST,
        WIN_RATE,
        Column("letters", "count", _counted(letters)),
    )
    return make_table(checked, ("accountable", "text"), managers, columns, notes)


def _counted(counts: Mapping[Value, int]) -> Callable[[Groups], Sequence[int]]:
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
    field_name = cache(partial(_field_name, checked))
    for subject, of in told.items():
        for (manager, (tab, fields, code)), number in of.counts.items():
            name = field_name(tab, fields)
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
