"""All findings of each row together, in the order in which they should be dealt with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

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
from rules.requirements import Flags, Gaps, any_of, flags_at, gather, places_of
from rules.shared_keys import take
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
    makers: Mapping[Subject, Callable[[int], Findings]] = {
        "deal": maker.of_deal,
        "contact": lambda row: maker.of_own("contact", row),
        "company": lambda row: maker.of_own("company", row),
    }
    problems: dict[Subject, Mapping[int, Findings]] = {}
    for subject, make in makers.items():
        height = checked.records(subject).table.height
        if before is None:
            rows: Sequence[int] = range(height)
            told: dict[int, Findings] = {}
        else:
            rows = sorted(row for row in renewed[subject] if row < height)
            told = dict(before[subject])
            for row in renewed[subject]:
                told.pop(row, None)
        for row in compress(rows, maker.told(subject, rows)):
            told[row] = make(row)
        problems[subject] = told
    return problems


# ── One row's findings ───────────────────────────────────────────────────────────────────────────


class _Maker:
    """Puts the findings of one row together."""

    def __init__(self, checked: Checked) -> None:
        self._checked = checked
        self._stages = tuple(checked.playbook.stages)
        self._rank = _ranks(checked.playbook)
        self._tellers = {subject: _Teller(checked, subject) for subject in SUBJECT_TABS}
        self._noted = {
            subject: flags_at(rows, checked.records(subject).table.height)
            for subject, rows in checked.judged.noted.items()
        }

    def told(self, subject: Subject, rows: Sequence[int]) -> Flags:
        """Return which of these rows have any problem."""
        if subject == "deal":
            return any_of(self._deals_told(rows))
        return any_of(self._own_told(subject, rows, self._checked.judged.furthest[subject]))

    def _deals_told(self, rows: Sequence[int]) -> Iterator[Flags]:
        """Yield the deals that have problems of their own, or of their contact and company."""
        links, codes = self._checked.references, self._checked.deal_codes
        yield from self._own_told("deal", rows, codes)
        referred: Mapping[Subject, Sequence[int | None]] = {
            "contact": links.deal_contact,
            "company": links.deal_company,
        }
        for subject, meant in referred.items():
            records = self._checked.records(subject)
            places = places_of(take(meant, rows), records.table.height)
            yield gather(self._noted[subject], places)
            gaps = records.gaps.of(places)
            yield gaps.asked_at(self._checked.needs(subject), _at(codes, rows))

    def _own_told(self, subject: Subject, rows: Sequence[int], codes: bytes) -> Iterator[Flags]:
        """Yield the rows of which something is noted, and those that lack anything."""
        gaps = Gaps(tuple(_at(plane, rows) for plane in self._checked.records(subject).gaps.planes))
        yield _at(self._noted[subject], rows)
        yield gaps.asked_at(self._checked.needs(subject), _at(codes, rows))

    def of_deal(self, row: int) -> Findings:
        """Return the findings of a deal, its company and its contact, at the deal's stage."""
        stage, links = self._checked.stage_asked(row), self._checked.references
        found = self._tellers["deal"].tell(row, stage)
        if (contact := links.deal_contact[row]) is not None:
            found += self._tellers["contact"].tell(contact, stage)
        if (company := links.deal_company[row]) is not None:
            found += self._tellers["company"].tell(company, stage)
        return self._sorted(found)

    def of_own(self, subject: Subject, row: int) -> Findings:
        """Return the findings of a contact or a company, at the furthest stage of its deals."""
        stage = self._stages[self._checked.judged.furthest[subject][row]]
        return self._sorted(self._tellers[subject].tell(row, stage))

    def _sorted(self, found: Findings) -> Findings:
        return tuple(sorted(found, key=self._urgency)) if len(found) > 1 else found

    def _urgency(self, finding: Finding) -> tuple[bool, bool, int]:
        """Errors first; what the worker does itself last; else as the tabs and columns stand."""
        return (
            finding.severity == "warning",
            finding.code in _WAITING,
            self._rank[finding.tab, finding.fields[0]],
        )


def _at(flags: Flags, rows: Sequence[int]) -> Flags:
    """Return the flags of these rows, which may be all."""
    return flags if len(rows) == len(flags) else bytes(map(flags.__getitem__, rows))


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
        self._table, self._planes = records.table, records.gaps.planes
        self._noted = checked.judged.noted[subject]
        self._asked: dict[tuple[bytes, str], Sequence[_Asked]] = {}
        self._missing: dict[tuple[int, str], Findings] = {}

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
        return not self._checked.companies.values["title"][company]

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
