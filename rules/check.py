"""The check of a workbook: rows read, references resolved, gaps by stage, findings by row.

A check that is given an earlier one of the same workbook reads and judges anew only what has
changed since, and says exactly what a full check says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress, repeat
from operator import is_
from typing import TypeAlias, overload

from rules.collecting import uncollected
from rules.contact_phones import place_phones
from rules.deal_rules import (
    find_contacts_elsewhere,
    find_other_currencies,
    find_past_steps,
    find_unmet_conditions,
)
from rules.duplicates import Duplicates, Sources, find_duplicates
from rules.facts import Facts
from rules.findings import Finding
from rules.folder_findings import find_folder_problems, told_columns
from rules.moves import Moved, find_moves
from rules.playbook import SOME_DECISION_MAKER, SUBJECT_TABS, Playbook, Subject
from rules.problems import Findings, Noted, Problems, make_problems, note
from rules.records import Book, Reader, Records, make_readers
from rules.references import References, addresses, resolve_references
from rules.requirements import NO_STAGE, Needs, furthest_stages
from rules.table import Table, is_same_column
from rules.words import ProblemTexts, write_texts

__all__ = [
    "Book",
    "Checked",
    "Records",
    "References",
    "RowFindings",
    "addresses",
    "check_book",
    "find_problems",
]

RULES: Sequence[Callable[[Facts], Iterable[Finding]]] = (
    find_past_steps,
    find_contacts_elsewhere,
    find_other_currencies,
    find_unmet_conditions,
    find_folder_problems,
)
"""The rules that look beyond one cell. Each yields its findings, on any tab and in any order."""

RowFindings: TypeAlias = Sequence[tuple[int, Findings]]
"""Each record's row and its findings, the most urgent first."""


@dataclass(frozen=True)
class Checked(Facts):
    """A workbook, read and checked.

    `noted` are the findings that lie in a row itself; `changed` the rows that were read anew.
    """

    moved: Moved
    duplicates: Duplicates
    noted: Noted
    changed: Mapping[Subject, Sequence[int]] = field(repr=False)
    _readers: Mapping[Subject, Reader] = field(repr=False)
    _alone: Mapping[Subject, Records] = field(repr=False)
    """Each row read by itself, as a later check goes on from it."""
    _before: Checked | None = field(repr=False)

    def needs(self, subject: Subject) -> Needs:
        """Return what the playbook asks of the deals, the contacts or the companies."""
        return self._readers[subject].needs

    @cached_property
    def problems(self) -> Problems:
        """All findings of each row that has any, by subject and row, the most urgent first."""
        with uncollected():
            return make_problems(self, self._before)

    @cached_property
    def texts(self) -> ProblemTexts:
        """What stands in the Problems cell of each row that has problems, by subject and row."""
        before = self._before
        known = (before.problems, before.texts) if before and "texts" in vars(before) else None
        with uncollected():
            return write_texts(self.book, self.playbook, self.problems, known)

    @cached_property
    def deal_codes(self) -> bytes:
        """The code of the stage that each deal row is held to."""
        return self._codes_of_deals(default=self.playbook.funnel[0])

    @cached_property
    def furthest(self) -> Mapping[Subject, bytes]:
        """The code of the furthest stage among the deals of each contact and company."""
        links, known = self.references, self._codes_of_deals(default=None)
        rows: Mapping[Subject, Sequence[int | None]] = {
            "contact": links.deal_contact,
            "company": links.deal_company,
        }
        first = list(self.playbook.stages).index(self.playbook.funnel[0])
        found: dict[Subject, bytes] = {}
        for subject, referred in rows.items():
            records = self.records(subject)
            nobody = bytes([first]) * records.table.height
            codes = furthest_stages(self.playbook, referred, known, nobody)
            found[subject] = _only_records(records, codes)
        return found

    def _codes_of_deals(self, default: str | None) -> bytes:
        codes: dict[object, int] = {key: code for code, key in enumerate(self.playbook.stages)}
        otherwise = NO_STAGE if default is None else codes[default]
        stages = self.deals.values["stage"]
        found = bytes(map(codes.get, stages, repeat(otherwise)))
        return _only_records(self.deals, found)

    def of_book(self, book: Book) -> Checked:
        """Return this check as that of a book with the same cells.

        What has been found out already stands without the check before it.
        """
        whole = replace(
            self,
            book=book,
            deals=replace(self.deals, table=book.tables["deals"]),
            contacts=replace(self.contacts, table=book.tables["contacts"]),
            companies=replace(self.companies, table=book.tables["companies"]),
            _before=None if "problems" in vars(self) else self._before,
        )
        vars(whole).update({key: vars(self)[key] for key in _KEPT if key in vars(self)})
        return whole


_KEPT = ("problems", "texts", "furthest")
"""What is worth keeping of a check for the next one."""


def _only_records(records: Records, codes: bytes) -> bytes:
    """Return the codes, with none where a row holds no record."""
    if len(records.rows) == records.table.height:
        return codes
    found = bytearray([NO_STAGE]) * records.table.height
    for row in records.rows:
        found[row] = codes[row]
    return bytes(found)


class _Pairs(Sequence[tuple[int, Findings]]):
    """Rows and their findings; a pair is made when it is asked for, as there are many."""

    def __init__(self, rows: Sequence[int], findings: Sequence[Findings]) -> None:
        self._rows, self._findings = rows, findings

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[tuple[int, Findings]]:
        return zip(self._rows, self._findings, strict=True)

    @overload
    def __getitem__(self, at: int) -> tuple[int, Findings]: ...

    @overload
    def __getitem__(self, at: slice) -> _Pairs: ...

    def __getitem__(self, at: int | slice) -> tuple[int, Findings] | _Pairs:
        if isinstance(at, slice):
            return _Pairs(self._rows[at], self._findings[at])
        return self._rows[at], self._findings[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as a list


def find_problems(checked: Checked) -> Mapping[Subject, RowFindings]:
    """Return the findings of every record, by subject."""
    with uncollected():
        return {
            subject: _Pairs(rows, list(map(problems.get, rows, repeat(()))))
            for subject, problems in checked.problems.items()
            for rows in (checked.records(subject).rows,)
        }


def check_book(
    book: Book, playbook: Playbook, today: float, before: Checked | None = None
) -> Checked:
    """Read and check a workbook; `today` is a serial date. Nothing a cell holds makes it fail.

    With the check `before` of an earlier state of the workbook, only what has changed is read and
    judged anew; the result is the same.
    """
    with uncollected():
        if before is not None and _goes_on(before, book, playbook):
            return _check_changes(book, today, before)
        return _check_whole(book, playbook, today)


def _check_whole(book: Book, playbook: Playbook, today: float) -> Checked:
    readers = make_readers(book, playbook)
    tables = {subject: book.tables[SUBJECT_TABS[subject]] for subject in readers}
    alone = {subject: reader.read(tables[subject]) for subject, reader in readers.items()}
    for table in book.tables.values():
        table.cool()
    everything = {subject: range(table.height) for subject, table in tables.items()}
    facts = _resolve(book, playbook, today, alone, readers)
    return _judge(facts, alone, readers, everything, None)


def _check_changes(book: Book, today: float, before: Checked) -> Checked:
    readers = before._readers
    alone: dict[Subject, Records] = {}
    changed: dict[Subject, Sequence[int]] = {}
    for subject, reader in readers.items():
        table = book.tables[SUBJECT_TABS[subject]]
        alone[subject], changed[subject] = reader.reread(before._alone[subject], table)
    for table in book.tables.values():
        table.cool()
    if _nothing_changed(book, today, before, changed):
        return before.of_book(book)
    facts = _resolve(book, before.playbook, today, alone, readers, before.references)
    return _judge(facts, alone, readers, changed, before)


def _judge(
    facts: Facts,
    alone: Mapping[Subject, Records],
    readers: Mapping[Subject, Reader],
    changed: Mapping[Subject, Sequence[int]],
    before: Checked | None,
) -> Checked:
    links = facts.references
    sources = Sources(
        facts.deals, facts.contacts, facts.companies, links.deal_contact, links.contact_company
    )
    duplicates = find_duplicates(sources, facts.playbook, before.duplicates if before else None)
    moved = find_moves(facts, before.moved if before else None)
    noted = note(
        *(facts.records(subject).findings() for subject in SUBJECT_TABS),
        facts.references.findings,
        moved.all_findings(),
        *(rule(facts) for rule in RULES),
        duplicates.all_findings(),
    )
    return Checked(
        **vars(facts),
        moved=moved,
        duplicates=duplicates,
        noted=noted,
        changed=changed,
        _readers=readers,
        _alone=alone,
        _before=before.of_book(before.book) if before and "problems" in vars(before) else None,
    )


def _nothing_changed(
    book: Book, today: float, before: Checked, changed: Mapping[Subject, Sequence[int]]
) -> bool:
    heights = {tab: book.tables[tab].height for tab in SUBJECT_TABS.values()}
    return (
        not any(changed.values())
        and all(before.book.tables[tab].height == height for tab, height in heights.items())
        and today == before.today
        and book.tables["events"] == before.book.tables["events"]
        and book.tables["deals"].column("stage_since")
        == before.book.tables["deals"].column("stage_since")
        and told_columns(book.tables) == told_columns(before.book.tables)
    )


def _goes_on(before: Checked, book: Book, playbook: Playbook) -> bool:
    """Return whether the cells alone may differ from those of an earlier check."""
    if playbook != before.playbook or book.locale != before.book.locale:
        return False
    if book.absent != before.book.absent:
        return False
    if not _same_cells(book.tables["lists"], before.book.tables["lists"]):
        return False
    return all(
        book.tables[tab].headers == before.book.tables[tab].headers
        and book.tables[tab].columns.keys() == before.book.tables[tab].columns.keys()
        for tab in SUBJECT_TABS.values()
    )


def _same_cells(one: Table, other: Table) -> bool:
    """Return whether two tables are the same."""
    columns = zip(one.columns.values(), other.columns.values(), strict=False)
    return one == other and all(is_same_column(*pair) for pair in columns)


def _resolve(
    book: Book,
    playbook: Playbook,
    today: float,
    alone: Mapping[Subject, Records],
    readers: Mapping[Subject, Reader],
    before: References | None = None,
) -> Facts:
    """Return the records with what they mean to one another."""
    deals, companies = alone["deal"], alone["company"]
    links = resolve_references(deals, alone["contact"], companies, book.absent, before)
    contacts = place_phones(alone["contact"], companies, links.contact_company, readers["contact"])
    stages = deals.values["stage"]
    if len(deals.rows) < len(stages):
        stages = [stages[row] for row in deals.rows]
    return Facts(
        book=book,
        playbook=playbook,
        deals=deals,
        contacts=contacts,
        companies=_with_deciders(companies, contacts, links, readers["company"], book),
        references=links,
        stages=dict(compress(zip(deals.rows, stages, strict=True), stages)),  # type: ignore[arg-type]  # keys of stages, or None
        today=today,
    )


def _with_deciders(
    companies: Records, contacts: Records, links: References, reader: Reader, book: Book
) -> Records:
    """Return the companies, with those that lack a decision maker among their contacts."""
    decides = map(is_, contacts.values["decision_maker"], repeat(True))
    missing = bytearray([contacts.table.tab not in book.absent]) * companies.table.height
    for company in set(compress(links.contact_company, decides)):
        if company is not None:
            missing[company] = 0
    gaps = companies.gaps.with_item(reader.needs, (SOME_DECISION_MAKER,), bytes(missing))
    return replace(companies, gaps=gaps)
