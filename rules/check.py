"""The check of a workbook: cells read, references resolved, gaps by stage, findings by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from rules.findings import Finding
from rules.folder_findings import find_folder_problems
from rules.playbook import SOME_DECISION_MAKER, SUBJECT_TABS, Locale, Playbook, Severity, Subject
from rules.references import Index, make_index, resolve
from rules.requirements import Needs, furthest_stages, needs_of
from rules.table import Table, as_text
from rules.text import fold, split_several
from rules.values import (
    Invalid,
    Lists,
    Value,
    ValueList,
    parser_of,
    read_column,
    serial_date,
    shorten,
)


@dataclass(frozen=True)
class Book:
    """The tables of a workbook by tab key, and its language.

    `absent` are the tabs that were left out (an exported file holds some of them only). They read
    as empty, and what would have to be looked up there is not judged.
    """

    locale: Locale
    tables: Mapping[str, Table]
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Records:
    """The deals, contacts or companies of a workbook, read.

    `rows` are the rows that hold a record. `values` holds a list per field, as long as the table.
    `findings` are those of the row's own cells, `gaps` the mask of what is missing (see `Needs`).
    """

    subject: Subject
    table: Table
    rows: Sequence[int]
    values: Mapping[str, Sequence[Value]]
    findings: Mapping[int, list[Finding]]
    gaps: Sequence[int]

    def text(self, key: str, row: int) -> str:
        """Return the read value as text, "" when empty or not readable."""
        value = self.values[key][row]
        return ", ".join(value) if isinstance(value, tuple) else as_text(value)


@dataclass(frozen=True)
class References:
    """Which row each row refers to: None where nothing or nothing certain is meant."""

    deal_company: Sequence[int | None]
    deal_contact: Sequence[int | None]
    deal_other_contacts: Mapping[int, tuple[int, ...]]
    contact_company: Sequence[int | None]


@dataclass(frozen=True)
class Checked:
    """A workbook, read and checked. `stages` holds the stage key of each deal row that has one."""

    book: Book
    playbook: Playbook
    deals: Records
    contacts: Records
    companies: Records
    references: References
    stages: Mapping[int, str]
    today: float
    _needs: Mapping[Subject, Needs] = field(repr=False)

    def records(self, subject: Subject) -> Records:
        """Return the deals, the contacts or the companies."""
        return {"deal": self.deals, "contact": self.contacts, "company": self.companies}[subject]

    def stage_asked(self, row: int) -> str:
        """Return the stage that a deal row is held to: the first one while its own is unclear."""
        return self.stages.get(row, self.playbook.funnel[0])

    def deal_findings(self, row: int) -> list[Finding]:
        """Return the findings of a deal, its company and its contact, at the deal's stage."""
        stage = self.stage_asked(row)
        found = self._row_findings("deal", row, stage)
        if (company := self.references.deal_company[row]) is not None:
            found += self._row_findings("company", company, stage)
        if (contact := self.references.deal_contact[row]) is not None:
            found += self._row_findings("contact", contact, stage)
        return _most_urgent_first(found)

    def own_findings(self, subject: Subject, row: int) -> list[Finding]:
        """Return the findings of a contact or a company, at the furthest stage of its deals."""
        stage = self._furthest[subject][row]
        return _most_urgent_first(self._row_findings(subject, row, stage))

    def findings(self, subject: Subject) -> Iterator[tuple[int, list[Finding]]]:
        """Yield each record's row and what stands in its Problems cell."""
        for row in self.records(subject).rows:
            yield (
                row,
                (self.deal_findings(row) if subject == "deal" else self.own_findings(subject, row)),
            )

    @cached_property
    def _furthest(self) -> Mapping[Subject, Sequence[str]]:
        first, links = self.playbook.funnel[0], self.references
        return {
            "contact": furthest_stages(
                self.playbook, self.contacts.table.height, links.deal_contact, self.stages, first
            ),
            "company": furthest_stages(
                self.playbook, self.companies.table.height, links.deal_company, self.stages, first
            ),
        }

    def _row_findings(self, subject: Subject, row: int, stage: str) -> list[Finding]:
        records, needs = self.records(subject), self._needs[subject]
        found = list(records.findings.get(row, ()))
        gaps = records.gaps[row]
        masks: tuple[tuple[Severity, int], ...] = (
            ("error", needs.errors[stage]),
            ("warning", needs.warnings[stage]),
        )
        for severity, mask in masks:
            if gaps & mask:
                found += self._missing(records, row, severity, needs.split(gaps & mask))
        return found

    def _missing(
        self, records: Records, row: int, severity: Severity, items: Iterable[tuple[str, ...]]
    ) -> Iterator[Finding]:
        fields = self.playbook.tabs[records.table.tab].fields
        for item in items:
            value = ""
            if len(item) > 1:
                code = "missing_any"
            elif item[0] not in fields:
                code = item[0]
            elif fields[item[0]].owner == "both":
                code = self._why_no_folder(records.subject, row)
            else:
                value = records.table.text(item[0], row)
                code = "missing_none_word" if value else "missing"
            yield Finding(severity, code, records.table.tab, row, item, shorten(value))

    def _why_no_folder(self, subject: Subject, row: int) -> str:
        company = row if subject == "company" else self.references.deal_company[row]
        if company is None:
            return "worker_fills"
        return "folder_comes" if self.companies.values["title"][company] else "folder_waits"


def _most_urgent_first(found: list[Finding]) -> list[Finding]:
    found.sort(key=lambda finding: finding.severity == "warning")
    return found


RowFindings: TypeAlias = Sequence[tuple[int, list[Finding]]]
"""Each record's row and what stands in its Problems cell."""


def find_problems(checked: Checked) -> Mapping[Subject, RowFindings]:
    """Return the findings of every record, by subject."""
    return {subject: list(checked.findings(subject)) for subject in SUBJECT_TABS}


def check_book(book: Book, playbook: Playbook, today: float) -> Checked:
    """Read and check a workbook; `today` is a serial date. Nothing a cell holds makes it fail."""
    lists = read_lists(book.tables["lists"])
    read = {subject: _read_records(book, playbook, subject, lists) for subject in SUBJECT_TABS}
    deals, contacts, companies = read["deal"], read["contact"], read["company"]
    references = _resolve_references(deals, contacts, companies)
    stages = {
        row: stage for row in deals.rows if isinstance(stage := deals.values["stage"][row], str)
    }
    _mark_decision_makers(contacts, companies, references)
    _find_past_steps(deals, stages, playbook, today)
    for found in find_folder_problems(
        book.tables, playbook, book.locale, stages, references.deal_company
    ):
        read[found.subject].add(found.row, found.severity, found.code, "drive", found.value)
    needs = {subject: needs_of(playbook, subject) for subject in SUBJECT_TABS}
    for subject, reading in read.items():
        reading.find_gaps(needs[subject], playbook)
    return Checked(
        book=book,
        playbook=playbook,
        deals=deals.as_records(),
        contacts=contacts.as_records(),
        companies=companies.as_records(),
        references=references,
        stages=stages,
        today=today,
        _needs=needs,
    )


def read_lists(table: Table) -> Lists:
    """Return the columns of the Lists tab."""
    return {
        key: ValueList(
            table.headers[key],
            {fold(text): text for value in table.column(key) if (text := as_text(value))},
        )
        for key in table.headers
    }


@dataclass
class _Reading:
    """Records while they are being read; `absent` where their tab was left out of the book."""

    subject: Subject
    table: Table
    absent: bool
    rows: list[int]
    values: dict[str, list[Value]]
    invalid: dict[str, dict[int, Invalid]]
    findings: dict[int, list[Finding]] = field(default_factory=dict)
    gaps: list[int] = field(default_factory=list)

    def add(self, row: int, severity: Severity, code: str, key: str, *values: str) -> None:
        finding = Finding(severity, code, self.table.tab, row, (key,), *values)
        self.findings.setdefault(row, []).append(finding)

    def find_gaps(self, needs: Needs, playbook: Playbook) -> None:
        none_words = frozenset(map(fold, playbook.none_words))
        allowed = playbook.none_allowed.of(self.subject)
        self.gaps = [0] * self.table.height
        for item in needs.items:
            missing: set[int] = set(self.rows)
            for key in item:
                answers = none_words if key in allowed and len(item) == 1 else frozenset()
                missing &= self._without(key, answers)
            bit = needs.bit[item]
            for row in missing:
                self.gaps[row] |= bit

    def _without(self, key: str, answers: frozenset[str]) -> set[int]:
        values, invalid = self.values.get(key), self.invalid.get(key, {})
        if values is None:
            return set(self.rows)
        missing = {row for row in self.rows if values[row] is None and row not in invalid}
        if not answers:
            return missing
        raw = self.table.column(key)
        return {row for row in missing if fold(as_text(raw[row])) not in answers}

    def as_records(self) -> Records:
        return Records(self.subject, self.table, self.rows, self.values, self.findings, self.gaps)


def _read_records(book: Book, playbook: Playbook, subject: Subject, lists: Lists) -> _Reading:
    tab = SUBJECT_TABS[subject]
    table, spec = book.tables[tab], playbook.tabs[tab]
    none_words = frozenset(map(fold, playbook.none_words))
    typed = [key for key, column in spec.fields.items() if column.owner != "worker"]
    rows = table.rows_with_content(["id", *typed])
    reading = _Reading(subject, table, tab in book.absent, rows, {}, {})
    for key in typed:
        parser = parser_of(spec.fields[key], playbook, lists, book.locale)
        values, invalid = read_column(table.column(key), reading.rows, parser, none_words)
        reading.values[key], reading.invalid[key] = values, invalid
        for row, refused in invalid.items():
            reading.add(row, "error", refused.code, key, refused.value, refused.expected)
    return reading


# ── References ───────────────────────────────────────────────────────────────────────────────────


def _resolve_references(deals: _Reading, contacts: _Reading, companies: _Reading) -> References:
    company_indexes = _company_indexes(companies)
    contact_indexes = _contact_indexes(contacts)
    other: dict[int, tuple[int, ...]] = {}
    for row in deals.rows:
        text = deals.values["other_contacts"][row]
        if isinstance(text, str):
            found = (
                _refer(deals, row, "other_contacts", part, contact_indexes, contacts)
                for part in split_several(text)
            )
            other[row] = tuple(match for match in found if match is not None)
    return References(
        deal_company=_refer_column(deals, "company", company_indexes, companies),
        deal_contact=_refer_column(deals, "contact", contact_indexes, contacts),
        deal_other_contacts=other,
        contact_company=_refer_column(contacts, "company", company_indexes, companies),
    )


def _refer_column(
    source: _Reading, key: str, indexes: Sequence[Index], target: _Reading
) -> list[int | None]:
    found: list[int | None] = [None] * source.table.height
    values = source.values[key]
    for row in source.rows:
        text = values[row]
        if isinstance(text, str):
            found[row] = _refer(source, row, key, text, indexes, target)
    return found


def _refer(
    source: _Reading, row: int, key: str, text: str, indexes: Sequence[Index], target: _Reading
) -> int | None:
    if target.absent:
        return None
    matches = resolve(indexes, text)
    if len(matches) == 1:
        return matches[0]
    if not matches:
        source.add(row, "error", f"{target.subject}_not_found", key, shorten(text))
    else:
        names = ", ".join(target.table.text("id", match) or "?" for match in matches[:5])
        source.add(row, "error", "several_found", key, shorten(text), names)
    return None


def _company_indexes(companies: _Reading) -> tuple[Index, ...]:
    titles = companies.values["title"]
    more = companies.values["additional_titles"]
    return (
        _id_index(companies),
        make_index((row, str(titles[row] or "")) for row in companies.rows),
        make_index(
            (row, title)
            for row in companies.rows
            if isinstance(text := more[row], str)
            for title in split_several(text)
        ),
    )


def _contact_indexes(contacts: _Reading) -> tuple[Index, ...]:
    return (
        _id_index(contacts),
        make_index((row, address) for row in contacts.rows for address in addresses(contacts, row)),
        make_index((row, name) for row in contacts.rows for name in full_names(contacts, row)),
    )


def _id_index(records: _Reading) -> Index:
    return make_index((row, records.table.text("id", row)) for row in records.rows)


def addresses(contacts: _Reading | Records, row: int) -> tuple[str, ...]:
    """Return all email addresses of a contact, in lower case, the main one first."""
    main, more = contacts.values["email"][row], contacts.values["additional_email"][row]
    first = (main,) if isinstance(main, str) else ()
    rest = more if isinstance(more, tuple) else ()
    return tuple(dict.fromkeys((*first, *rest)))


def full_names(contacts: _Reading | Records, row: int) -> tuple[str, ...]:
    """Return the ways in which a contact's full name is written: both orders, with patronymic."""
    first, middle, last = (
        as_text(contacts.values[key][row])  # type: ignore[arg-type]  # text fields hold no tuples
        for key in ("first_name", "patronymic", "last_name")
    )
    if not first or not last:
        return (first or last,)
    names = [f"{first} {last}", f"{last} {first}"]
    if middle:
        names += [f"{first} {middle} {last}", f"{last} {first} {middle}"]
    return tuple(names)


# ── Rules over several rows or the calendar ──────────────────────────────────────────────────────


def _mark_decision_makers(contacts: _Reading, companies: _Reading, links: References) -> None:
    decides = contacts.values["decision_maker"]
    marks: list[Value] = [True if contacts.absent else None] * companies.table.height
    for row in contacts.rows:
        company = links.contact_company[row]
        if company is not None and decides[row] is True:
            marks[company] = True
    companies.values[SOME_DECISION_MAKER] = marks


def _find_past_steps(
    deals: _Reading, stages: Mapping[int, str], playbook: Playbook, today: float
) -> None:
    steps = deals.values["next_step"]
    for row, stage in stages.items():
        step = steps[row]
        if playbook.stages[stage].open and isinstance(step, float) and step < today:
            day = serial_date(step).strftime("%d.%m.%Y")
            deals.add(row, "warning", "next_step_past", "next_step", day)
