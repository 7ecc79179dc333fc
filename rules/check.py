"""The check of a workbook: rows read, references resolved, gaps by stage, findings by row.

A check that is given an earlier one of the same workbook reads and judges anew only what has
changed since, and says exactly what a full check says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress, repeat
from operator import is_
from typing import overload

from rules.collecting import uncollected
from rules.contact_phones import place_phones
from rules.facts import Facts
from rules.folder_findings import told_columns
from rules.judging import Judged, judge
from rules.playbook import SOME_DECISION_MAKER, SUBJECT_TABS, Playbook, Subject
from rules.problems import Findings, Problems, make_problems
from rules.records import Book, Reader, Records, make_readers
from rules.references import References, addresses, resolve_references
from rules.requirements import NO_STAGE, Needs
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


@dataclass(frozen=True)
class Told:
    """What was told of an earlier state: the problems of its rows, and maybe their texts.

    Of the rows of `renewed` something else may be told now.
    """

    problems: Problems
    texts: ProblemTexts | None
    renewed: Mapping[Subject, AbstractSet[int]]


@dataclass(frozen=True)
class Checked(Facts):
    """A workbook, read and checked; `changed` are the rows that were read anew."""

    judged: Judged
    changed: Mapping[Subject, Sequence[int]] = field(repr=False)
    _readers: Mapping[Subject, Reader] = field(repr=False)
    _alone: Mapping[Subject, Records] = field(repr=False)
    """Each row read by itself, as a later check goes on from it."""
    _told: Told | None = field(repr=False)

    def needs(self, subject: Subject) -> Needs:
        """Return what the playbook asks of the deals, the contacts or the companies."""
        return self._readers[subject].needs

    @cached_property
    def problems(self) -> Problems:
        """All findings of each row that has any, by subject and row, the most urgent first."""
        told = self._told
        with uncollected():
            return make_problems(self, *((told.problems, told.renewed) if told else (None, {})))

    @cached_property
    def texts(self) -> ProblemTexts:
        """What stands in the Problems cell of each row that has problems, by subject and row."""
        told = self._told
        with uncollected():
            return write_texts(
                self.book, self.playbook, self.problems,
                *((told.texts, told.renewed) if told else (None, {})),
            )  # fmt: skip

    @cached_property
    def deal_codes(self) -> bytes:
        """The code of the stage that each deal row is held to."""
        first = list(self.playbook.stages).index(self.playbook.funnel[0])
        held = bytearray(range(256))
        held[NO_STAGE] = first
        codes = self.judged.stage_codes.translate(held)
        if len(self.deals.rows) == len(codes):
            return codes
        found = bytearray([NO_STAGE]) * len(codes)
        for row in self.deals.rows:
            found[row] = codes[row]
        return bytes(found)

    def of_book(self, book: Book) -> Checked:
        """Return this check as that of a book with the same cells."""
        whole = replace(
            self,
            book=book,
            deals=replace(self.deals, table=book.tables["deals"]),
            contacts=replace(self.contacts, table=book.tables["contacts"]),
            companies=replace(self.companies, table=book.tables["companies"]),
            _told=None if "texts" in vars(self) else self._told,
        )
        vars(whole).update({key: vars(self)[key] for key in _KEPT if key in vars(self)})
        return whole

    def told_before(self, renewed: Mapping[Subject, AbstractSet[int]] | None) -> Told | None:
        """Return what a later check may take from this one, `renewed` being what it tells anew."""
        if renewed is None:
            return None
        if "problems" in vars(self):
            return Told(self.problems, vars(self).get("texts"), renewed)
        if self._told is None:
            return None
        both = {subject: rows | self._told.renewed[subject] for subject, rows in renewed.items()}
        return replace(self._told, renewed=both)


_KEPT = ("problems", "texts", "deal_codes")
"""What is worth keeping of a check for the next one."""


class RowFindings(Sequence[tuple[int, Findings]]):
    """Each record's row and its findings, the most urgent first.

    `rows` hold records, in ascending order; `told` are the findings of each row that has any.
    """

    def __init__(self, rows: Sequence[int], told: Mapping[int, Findings]) -> None:
        self.rows, self.told = rows, told

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[int, Findings]]:
        return zip(self.rows, map(self.told.get, self.rows, repeat(())), strict=True)

    @overload
    def __getitem__(self, at: int) -> tuple[int, Findings]: ...

    @overload
    def __getitem__(self, at: slice) -> RowFindings: ...

    def __getitem__(self, at: int | slice) -> tuple[int, Findings] | RowFindings:
        if isinstance(at, slice):
            return RowFindings(self.rows[at], self.told)
        return self.rows[at], self.told.get(self.rows[at], ())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as a list


def find_problems(checked: Checked) -> Mapping[Subject, RowFindings]:
    """Return the findings of every record, by subject."""
    with uncollected():
        return {
            subject: RowFindings(checked.records(subject).rows, problems)
            for subject, problems in checked.problems.items()
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
    everything = {subject: range(table.height) for subject, table in tables.items()}
    facts = _resolve(book, playbook, today, alone, readers, everything)
    return Checked(
        **vars(facts),
        judged=judge(facts, everything, None),
        changed=everything,
        _readers=readers,
        _alone=alone,
        _told=None,
    )


def _check_changes(book: Book, today: float, before: Checked) -> Checked:
    readers = before._readers
    alone: dict[Subject, Records] = {}
    changed: dict[Subject, Sequence[int]] = {}
    for subject, reader in readers.items():
        table = book.tables[SUBJECT_TABS[subject]]
        alone[subject], changed[subject] = reader.reread(before._alone[subject], table)
    if _nothing_changed(book, today, before, changed):
        return before.of_book(book)
    facts = _resolve(book, before.playbook, today, alone, readers, changed, before)
    judged = judge(facts, changed, before)
    return Checked(
        **vars(facts),
        judged=judged,
        changed=changed,
        _readers=readers,
        _alone=alone,
        _told=before.told_before(judged.renewed),
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
    changed: Mapping[Subject, Sequence[int]],
    before: Checked | None = None,
) -> Facts:
    """Return the records with what they mean to one another."""
    deals, companies = alone["deal"], alone["company"]
    known = (before.references, before._alone) if before else None
    links = resolve_references(alone, book.absent, changed, known)
    contacts = place_phones(alone["contact"], companies, links.contact_company, readers["contact"])
    return Facts(
        book=book,
        playbook=playbook,
        deals=deals,
        contacts=contacts,
        companies=_with_deciders(companies, contacts, links, readers["company"], book),
        references=links,
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
