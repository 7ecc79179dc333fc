"""All findings of each row together, in the order in which they should be dealt with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
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
from rules.requirements import (
    Flags,
    any_of,
    flags_at,
    flags_of,
    gather,
    number_of,
    places_of,
    rows_set,
)
from rules.shared_keys import changed_rows
from rules.table import Raw, is_blank

if TYPE_CHECKING:
    from rules.check import Checked

Findings: TypeAlias = tuple[Finding, ...]
Problems: TypeAlias = Mapping[Subject, Mapping[int, Findings]]
"""The findings of each row that has any, by subject and row."""

Noted: TypeAlias = Mapping[Subject, Mapping[int, Sequence[Finding]]]
"""What lies in a row itself, whatever its stage: cells that cannot be read, what the rules say."""

SEVERITIES: Sequence[Severity] = ("error", "warning")

_SUBJECT_OF = {tab: subject for subject, tab in SUBJECT_TABS.items()}


def note(*found: Iterable[Finding]) -> Noted:
    """Return the findings by subject and row."""
    noted: dict[Subject, dict[int, list[Finding]]] = {subject: {} for subject in SUBJECT_TABS}
    by_tab = {tab: noted[subject] for tab, subject in _SUBJECT_OF.items()}
    for findings in found:
        for finding in findings:
            by_tab[finding.tab].setdefault(finding.row, []).append(finding)
    return noted


def make_problems(checked: Checked, before: Checked | None) -> Problems:
    """Return all findings of each row; those of unchanged rows are taken from before.

    A deal answers for its contact and its company as well, at its own stage; a contact or a
    company stands at the furthest stage of its deals.
    """
    maker = _Maker(checked)
    makers: Mapping[Subject, Callable[[int], Findings]] = {
        "deal": maker.of_deal,
        "contact": lambda row: maker.of_own("contact", row),
        "company": lambda row: maker.of_own("company", row),
    }
    if before is None:
        return {
            subject: {row: make(row) for row in rows_set(maker.rows_told[subject])}
            for subject, make in makers.items()
        }
    dirty = _dirty_rows(checked, before)
    problems: dict[Subject, Mapping[int, Findings]] = {}
    for subject, make in makers.items():
        anew, known = dirty[subject], before.problems[subject]
        told = {row: some for row, some in known.items() if row < len(anew) and not anew[row]}
        for row in rows_set(anew):
            if maker.may_have_problems(subject, row) and (found := make(row)):
                told[row] = found
        problems[subject] = told
    return problems


# ── Which rows have changed ──────────────────────────────────────────────────────────────────────


def _dirty_rows(now: Checked, before: Checked) -> Mapping[Subject, Flags]:
    """Return the rows whose problems may differ from before."""
    own = {subject: _own_dirty(now, before, subject) for subject in SUBJECT_TABS}
    links, old_links = now.references, before.references
    deals = any_of(
        (
            own["deal"],
            _different(old_links.deal_company, links.deal_company),
            _different(old_links.deal_contact, links.deal_contact),
            _referring(links.deal_company, own["company"]),
            _referring(links.deal_contact, own["contact"]),
        )
    )
    dirty: dict[Subject, Flags] = {"deal": deals}
    for subject, furthest in now.furthest.items():
        dirty[subject] = any_of((own[subject], _differing(before.furthest[subject], furthest)))
    return dirty


def _own_dirty(now: Checked, before: Checked, subject: Subject) -> Flags:
    """Return the rows whose own cells, gaps or noted findings differ from before."""
    records = now.records(subject)
    height = records.table.height
    noted, old_noted = now.noted[subject], before.noted[subject]
    renoted = [
        row
        for row in noted.keys() | old_noted.keys()
        if row < height and noted.get(row) != old_noted.get(row)
    ]
    old_planes = before.records(subject).gaps.planes
    return any_of(
        (
            flags_at(now.changed[subject], height),
            flags_at(renoted, height),
            *map(_differing, old_planes, records.gaps.planes),
        )
    )


def _referring(referred: Sequence[int | None], flags: Flags) -> Flags:
    """Return the rows that refer to a row of another tab that has a flag."""
    rows = frozenset(rows_set(flags))
    return bytes(map(rows.__contains__, referred)) if rows else bytes(len(referred))


def _different(old: Sequence[object], new: Sequence[object]) -> Flags:
    """Return the places in which the new column differs from the old one, or goes beyond it."""
    changed = changed_rows((old,), (new,))
    return flags_at((row for row in changed if row < len(new)), len(new))


def _differing(old: Flags, new: Flags) -> Flags:
    """Return the places in which the new flags differ from the old ones, or go beyond them."""
    common = min(len(old), len(new))
    differing = number_of(old[:common]) ^ number_of(new[:common])
    return flags_of(differing, common) + b"\1" * (len(new) - common)


# ── One row's findings ───────────────────────────────────────────────────────────────────────────


class _Maker:
    """Puts the findings of one row together."""

    def __init__(self, checked: Checked) -> None:
        self._checked = checked
        self._stages = tuple(checked.playbook.stages)
        self._rank = _ranks(checked.playbook)
        self._tellers = {subject: _Teller(checked, subject) for subject in SUBJECT_TABS}

    @cached_property
    def rows_told(self) -> Mapping[Subject, Flags]:
        """The rows that have any problem, by subject."""
        return {
            "deal": any_of(self._deals_told()),
            **{
                subject: any_of((self._noted[subject], self._lacking(subject, furthest)))
                for subject, furthest in self._checked.furthest.items()
            },
        }

    def may_have_problems(self, subject: Subject, row: int) -> bool:
        """Return whether a row holds a record, or something is said of it at least."""
        return self._is_record[subject][row] != 0 or row in self._checked.noted[subject]

    @cached_property
    def _is_record(self) -> Mapping[Subject, Flags]:
        found = {}
        for subject in SUBJECT_TABS:
            records = self._checked.records(subject)
            whole = len(records.rows) == records.table.height
            found[subject] = (
                b"\1" * records.table.height
                if whole
                else flags_at(records.rows, records.table.height)
            )
        return found

    def _deals_told(self) -> Iterator[Flags]:
        """Yield the deals that have problems of their own, or of their contact and company."""
        links, codes = self._checked.references, self._checked.deal_codes
        yield self._noted["deal"]
        yield self._lacking("deal", codes)
        rows: Mapping[Subject, Sequence[int | None]] = {
            "contact": links.deal_contact,
            "company": links.deal_company,
        }
        for subject, referred in rows.items():
            records = self._checked.records(subject)
            places = places_of(referred, records.table.height)
            yield gather(self._noted[subject], places)
            yield records.gaps.of(places).asked_at(self._checked.needs(subject), codes)

    @cached_property
    def _noted(self) -> Mapping[Subject, Flags]:
        return {
            subject: flags_at(rows, self._checked.records(subject).table.height)
            for subject, rows in self._checked.noted.items()
        }

    def _lacking(self, subject: Subject, codes: bytes) -> Flags:
        gaps, needs = self._checked.records(subject).gaps, self._checked.needs(subject)
        return gaps.asked_at(needs, codes)

    def of_deal(self, row: int) -> Findings:
        """Return the findings of a deal, its company and its contact, at the deal's stage."""
        stage, links = self._checked.stage_asked(row), self._checked.references
        found: list[Finding] = []
        self._tellers["deal"].tell(found, row, stage)
        if (contact := links.deal_contact[row]) is not None:
            self._tellers["contact"].tell(found, contact, stage)
        if (company := links.deal_company[row]) is not None:
            self._tellers["company"].tell(found, company, stage)
        return self._sorted(found)

    def of_own(self, subject: Subject, row: int) -> Findings:
        """Return the findings of a contact or a company, at the furthest stage of its deals."""
        found: list[Finding] = []
        stage = self._stages[self._checked.furthest[subject][row]]
        self._tellers[subject].tell(found, row, stage)
        return self._sorted(found)

    def _sorted(self, found: list[Finding]) -> Findings:
        if len(found) > 1:
            found.sort(key=self._urgency)
        return tuple(found)

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
        self._table, self._planes = records.table, records.gaps.planes
        self._noted = checked.noted[subject]
        self._asked: dict[tuple[bytes, str], Sequence[_Asked]] = {}

    def tell(self, found: list[Finding], row: int, stage: str) -> None:
        """Add the findings of a row."""
        found += self._noted.get(row, ())
        key = bytes([plane[row] for plane in self._planes]), stage
        if (asked := self._asked.get(key)) is None:
            asked = self._asked[key] = list(self._make_asked(*key))
        for severity, code, fields, expected, cells in asked:
            if code in _WAITING and self._is_untitled(row):
                code = _WAITING[code]
            value = ""
            if cells is not None and not is_blank(cells[row]):
                value = shorten(self._table.text(fields[0], row))
            if value:
                found.append(
                    Finding(severity, "missing_none_word", self._table.tab, row, fields, value)
                )
            else:
                found.append(Finding(severity, code, self._table.tab, row, fields, "", expected))

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
