"""All findings of each row together, in the order in which they should be dealt with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, compress
from operator import not_
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rules.chunks import Column
from rules.findings import Finding
from rules.playbook import (
    SOME_DECISION_MAKER,
    SUBJECT_TABS,
    Playbook,
    Requirement,
    Severity,
    Subject,
)
from rules.refused import shorten
from rules.requirements import NO_STAGE, Flags, any_of, flags_at, gather, places_of, rows_set
from rules.rows import cells_at
from rules.table import Raw, is_blank

if TYPE_CHECKING:
    from rules.check import Checked

Findings: TypeAlias = tuple[Finding, ...]
Problems: TypeAlias = Mapping[Subject, Mapping[int, Findings]]
"""The findings of each row that has any, by subject and row."""

Noted: TypeAlias = Mapping[Subject, Mapping[int, Findings]]
"""What lies in a row itself, whatever its stage: cells that cannot be read, what the rules say."""

SEVERITIES: Sequence[Severity] = ("error", "warning")

_SUBJECT_OF = {tab: subject for subject, tab in SUBJECT_TABS.items()}


def note(*found: Iterable[Finding]) -> Noted:
    """Return the findings by subject and row."""
    noted: dict[Subject, dict[int, list[Finding]]] = {subject: {} for subject in SUBJECT_TABS}
    by_tab = {tab: noted[subject] for tab, subject in _SUBJECT_OF.items()}
    for finding in chain.from_iterable(found):
        by_tab[finding.tab].setdefault(finding.row, []).append(finding)
    return {
        subject: dict(zip(rows, map(tuple, rows.values()), strict=True))
        for subject, rows in noted.items()
    }


def make_problems(
    checked: Checked, before: Problems | None, renewed: Mapping[Subject, Collection[int]]
) -> Problems:
    """Return all findings of each row; only those `renewed` may differ from before.

    A deal answers for its contact and its company as well, at its own stage; a contact or a
    company stands at the furthest stage of its deals.
    """
    maker = _Maker(checked)
    problems: dict[Subject, Mapping[int, Findings]] = {}
    for subject in SUBJECT_TABS:
        height = checked.records(subject).table.height
        if before is None:
            problems[subject] = dict(maker.told(subject, range(height)))
            continue
        told = dict(before[subject])
        for row in renewed[subject]:
            told.pop(row, None)
        told.update(maker.told(subject, sorted(row for row in renewed[subject] if row < height)))
        problems[subject] = told
    return problems


# ── One row's findings ───────────────────────────────────────────────────────────────────────────


class _Part(NamedTuple):
    """What rows answer for: themselves, or the row of another tab that each refers to."""

    told: Flags
    """Where there is anything to tell."""
    places: Sequence[int]
    teller: _Teller


class _Maker:
    """Puts the findings of one row together."""

    def __init__(self, checked: Checked) -> None:
        self._checked = checked
        stages = dict(enumerate(checked.playbook.stages))
        self._stage_of = {**stages, NO_STAGE: checked.playbook.funnel[0]}
        self._rank = _ranks(checked.playbook)
        self._tellers = {subject: _Teller(checked, subject) for subject in SUBJECT_TABS}

    def told(self, subject: Subject, rows: Sequence[int]) -> Iterator[tuple[int, Findings]]:
        """Yield those of the rows that have any problem, and all of their findings."""
        own_codes = self._codes(subject)
        codes = own_codes if len(rows) == len(own_codes) else gather(own_codes, rows)
        parts = list(self._parts(subject, rows, codes))
        for flags, places, teller in parts[1:]:  # in the order in which cells are fast to look at
            asked = zip(compress(places, flags), compress(codes, flags), strict=True)
            for place, code in sorted(set(asked)):
                teller.tell(place, self._stage_of[code])
        for at in rows_set(any_of(part.told for part in parts)):
            stage = self._stage_of[codes[at]]
            found: Findings = ()
            for flags, places, teller in parts:
                if flags[at]:
                    found += teller.tell(places[at], stage)
            if len(found) > 1:
                found = tuple(sorted(found, key=self._urgency))
            yield rows[at], found

    def _codes(self, subject: Subject) -> bytes:
        """Return the code of the stage that each row is held to."""
        if subject == "deal":
            return self._checked.deal_codes
        return self._checked.judged.furthest[subject]

    def _parts(self, subject: Subject, rows: Sequence[int], codes: bytes) -> Iterator[_Part]:
        """Yield what the rows answer for, at stages of these codes."""
        yield self._tellers[subject].part(rows, codes)
        if subject == "deal":
            links = self._checked.references
            referred: Mapping[Subject, Sequence[int | None]] = {
                "contact": links.deal_contact,
                "company": links.deal_company,
            }
            for other, meant in referred.items():
                teller = self._tellers[other]
                yield teller.part(places_of(cells_at(meant, rows), teller.height), codes)

    def _urgency(self, finding: Finding) -> tuple[bool, bool, int]:
        """Errors first; what the worker does itself last; else as the tabs and columns stand."""
        return (
            finding.severity == "warning",
            finding.code in _WAITING,
            self._rank[finding.tab, finding.fields[0]],
        )


class _Asked(NamedTuple):
    """One thing that a row lacks, and how it is told."""

    severity: Severity
    code: str
    fields: Requirement
    expected: str
    cells: Sequence[Raw] | None
    """The cells that may say "none", which is no answer there."""


class _Teller:
    """Tells what is wrong with a row by itself, at a stage."""

    def __init__(self, checked: Checked, subject: Subject) -> None:
        self._checked, self._subject = checked, subject
        records = checked.records(subject)
        self._table, self._gaps, self._planes = records.table, records.gaps, records.gaps.planes
        self.height = records.table.height
        self._noted = checked.judged.noted[subject]
        self._asked: dict[tuple[bytes, str], Sequence[_Asked]] = {}
        self._missing: dict[tuple[int, str], Findings] = {}

    def part(self, rows: Sequence[int], codes: bytes) -> _Part:
        """Return where there is anything to tell of these rows, held to stages of these codes."""
        noted, gaps = flags_at(self._noted, self.height), self._gaps
        if not isinstance(rows, range):
            noted, gaps = gather(noted, rows), gaps.of(rows)
        needs = self._checked.needs(self._subject)
        return _Part(any_of((noted, gaps.asked_at(needs, codes))), rows, self)

    def tell(self, row: int, stage: str) -> Findings:
        """Return the findings of a row."""
        key = bytes([plane[row] for plane in self._planes]), stage
        if (asked := self._asked.get(key)) is None:
            asked = self._asked[key] = list(self._make_asked(*key))
        noted = self._noted.get(row, ())
        if not asked:
            return noted
        if (missing := self._missing.get((row, stage))) is None:  # several deals may tell of it
            missing = self._missing[row, stage] = tuple([self._find(row, *one) for one in asked])
        return noted + missing

    def _find(
        self,
        row: int,
        severity: Severity,
        code: str,
        fields: Requirement,
        expected: str,
        cells: Sequence[Raw] | None,
    ) -> Finding:
        """Return how it is told that the row lacks something."""
        if code in _WAITING and self._is_untitled(row):
            code = _WAITING[code]
        tab, value = self._table.tab, ""
        if cells is not None and not is_blank(cells[row]):
            value = shorten(self._table.text(fields[0], row))
        if value:
            return Finding(severity, "missing_none_word", tab, row, fields, value)
        return Finding(severity, code, tab, row, fields, "", expected)

    def _is_untitled(self, row: int) -> bool:
        """Return whether a deal's company, or the company itself, has no title for a folder."""
        is_deal = self._subject == "deal"
        company = self._checked.references.deal_company[row] if is_deal else row
        if company is None or self._subject == "contact":
            return False
        return self._untitled[company] != 0

    @cached_property
    def _untitled(self) -> Flags:
        """The companies without a title."""
        return Column.of(self._checked.companies.values["title"]).as_bytes(not_)

    def _make_asked(self, gaps: bytes, stage: str) -> Iterator[_Asked]:
        """Yield what is asked for at the stage of what is missing, errors first."""
        needs = self._checked.needs(self._subject)
        for severity in SEVERITIES:
            missing = int.from_bytes(gaps, "little") & needs.masks(severity)[stage]
            for item in needs.split(missing):
                code, expected = self._code(severity, item, stage)
                cells = self._table.columns.get(item[0]) if code in _FILLABLE else None
                yield _Asked(severity, code, item, expected, cells)

    def _code(self, severity: Severity, item: Requirement, stage: str) -> tuple[str, str]:
        """Return the code for what is missing, and the stage that it is the condition of."""
        playbook = self._checked.playbook
        fields = playbook.tabs[SUBJECT_TABS[self._subject]].fields
        if len(item) > 1:
            return "missing_any", ""
        if item[0] not in fields:
            return item[0], ""
        if fields[item[0]].owner == "both":
            return "worker_fills", ""
        if self._subject == "deal" and severity == "error":
            for key, _ in playbook.requirement_chain(stage):
                condition = playbook.stages[key].condition
                if condition is not None and condition.field == item[0]:
                    return "missing_condition", playbook.stages[key].in_locale(
                        self._checked.book.locale
                    )
        return "missing", ""


_WAITING: Mapping[str, str] = {"worker_fills": "folder_waits", "folder_waits": "folder_waits"}
"""What the worker does itself, and how it is told where the company has no title yet."""

_FILLABLE = frozenset({"missing", "missing_condition"})


def _ranks(playbook: Playbook) -> Mapping[tuple[str, str], int]:
    """Return the order of all fields: deals, contacts, companies, as their columns stand."""
    keys = [(tab, key) for tab in SUBJECT_TABS.values() for key in playbook.tabs[tab].fields]
    ranks = {key: place for place, key in enumerate(keys)}
    ranks[SUBJECT_TABS["company"], SOME_DECISION_MAKER] = len(keys)
    return ranks
