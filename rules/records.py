"""The deals, contacts and companies of a workbook, each row read by itself."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from rules.columns import NoneWords, Reading, read_column
from rules.findings import Finding
from rules.phone_regions import PhoneRegions, reread_phones
from rules.playbook import SUBJECT_TABS, Locale, Playbook, Subject
from rules.requirements import (
    Flags,
    Gaps,
    Needs,
    all_of,
    false_flags,
    make_gaps,
    missing_flags,
    needs_of,
)
from rules.shared_keys import changed_rows
from rules.table import Table, as_text
from rules.text import clean, fold
from rules.values import Lists, Parser, Refused, Value, ValueList, parser_of


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
    `refused` are, by field, the rows whose cell cannot be read; `gaps` what each row lacks.
    """

    subject: Subject
    table: Table
    rows: Sequence[int]
    values: Mapping[str, Sequence[Value]]
    refused: Mapping[str, Mapping[int, Refused]]
    gaps: Gaps
    ticks: frozenset[str] = frozenset()
    """Fields that may hold True or 1, which Python takes for equal."""

    def text(self, key: str, row: int) -> str:
        """Return the read value as text, "" when empty or not readable."""
        value = self.values[key][row]
        return _value_text(value)

    def texts(self, key: str) -> Sequence[str]:
        """Return `text` of each row."""
        return [
            value if isinstance(value, str) else "" if value is None else _value_text(value)
            for value in self.values[key]
        ]

    def findings(self, rows: Container[int]) -> Iterator[Finding]:
        """Yield the cells of these rows that cannot be read, and why."""
        for key, refused in self.refused.items():
            for row, why in refused.items():
                if row in rows:
                    yield Finding(
                        "error", why.code, self.table.tab, row, (key,), why.value, why.expected
                    )


def _value_text(value: Value) -> str:
    return ", ".join(value) if isinstance(value, tuple) else as_text(value)


@dataclass(frozen=True)
class Reader:
    """How the rows of one tab are read: the parser of each field, and what may be missing.

    `phones` are the fields with phone numbers, which the row's region decides upon.
    """

    subject: Subject
    parsers: Mapping[str, Parser]
    phones: Sequence[str]
    regions: PhoneRegions
    none_words: NoneWords
    none_allowed: frozenset[str]
    needs: Needs

    @property
    def fields(self) -> Sequence[str]:
        """The fields that decide how a row reads."""
        return ("id", *self.parsers)

    def read(self, table: Table) -> Records:
        """Return the records of the table, each row read by itself."""
        read = {
            key: read_column(table.column(key), parser, self.none_words)
            for key, parser in self.parsers.items()
        }
        if "region" in read:
            regions = self.regions.foreign(read["region"].values)
            for key in self.phones:
                cells = table.column(key)
                read[key] = reread_phones(
                    read[key], cells, regions, self.regions.default, self.none_words
                )
        rows = table.rows_with_content(self.fields)
        if len(rows) < table.height:
            read = {key: _only_at(rows, reading) for key, reading in read.items()}
        return Records(
            subject=self.subject,
            table=table,
            rows=rows,
            values={key: reading.values for key, reading in read.items()},
            refused={key: reading.refused for key, reading in read.items() if reading.refused},
            gaps=self._gaps(read, table.height),
            ticks=frozenset(key for key, reading in read.items() if reading.ticks),
        )

    def reread(self, before: Records, table: Table) -> tuple[Records, Sequence[int]]:
        """Return what `read` would, given what it returned for an earlier state of the table.

        The rows whose cells differ are returned too; only they are read, unless they are many.
        """
        rows = _changed_rows(before, table, self.fields)
        if not rows and before.table.height == table.height:
            return replace(before, table=table), ()
        if 2 * len(rows) > table.height:
            return self.read(table), range(table.height)
        part = self.read(table.take(rows))
        splice = _Splice(rows, table.height)
        return Records(
            subject=self.subject,
            table=table,
            rows=table.rows_with_content(self.fields),
            values={
                key: splice.column(values, part.values[key])
                for key, values in before.values.items()
            },
            refused=splice.by_row(before.refused, part.refused),
            gaps=Gaps(tuple(map(splice.plane, before.gaps.planes, part.gaps.planes))),
            ticks=before.ticks | part.ticks,
        ), rows

    def _gaps(self, read: Mapping[str, Reading], height: int) -> Gaps:
        everywhere = b"\1" * height
        missing = []
        for item in self.needs.items:
            alone = len(item) == 1
            lacking = [
                _lacking(read[key], height, none_counts=alone and key in self.none_allowed)
                if key in read
                else everywhere
                for key in item
            ]
            missing.append(all_of(lacking))
        return make_gaps(self.needs, missing, height)


def _lacking(reading: Reading, height: int, *, none_counts: bool) -> Flags:
    """Return the rows where nothing stands for the field; what cannot be read stands for it."""
    if reading.full:
        return bytes(height)
    answered = [*reading.refused, *(reading.none if none_counts else ())]
    lacking = reading.empty
    if lacking is None:
        lacking = false_flags(reading.values) if reading.truthy else missing_flags(reading.values)
    if not answered:
        return lacking
    flags = bytearray(lacking)
    for row in answered:
        flags[row] = 0
    return bytes(flags)


def _only_at(rows: Sequence[int], reading: Reading) -> Reading:
    """Return the reading without what it found in rows that hold no record."""
    known = frozenset(rows)
    refused = {row: why for row, why in reading.refused.items() if row in known}
    return reading._replace(refused=refused)


def make_readers(book: Book, playbook: Playbook) -> Mapping[Subject, Reader]:
    """Return how the rows of a workbook are read."""
    lists = read_lists(book.tables["lists"])
    none_words = NoneWords(frozenset(map(fold, playbook.none_words)))
    readers: dict[Subject, Reader] = {}
    for subject, tab in SUBJECT_TABS.items():
        fields = playbook.tabs[tab].fields
        readers[subject] = Reader(
            subject=subject,
            parsers={
                key: parser_of(spec, playbook, lists, book.locale)
                for key, spec in fields.items()
                if spec.owner != "worker"
            },
            phones=[key for key, spec in fields.items() if spec.kind == "phone"],
            regions=PhoneRegions.of(playbook),
            none_words=none_words,
            none_allowed=playbook.none_allowed.of(subject),
            needs=needs_of(playbook, subject),
        )
    return readers


def read_lists(table: Table) -> Lists:
    """Return the columns of the Lists tab."""
    return {
        key: ValueList(
            table.headers[key],
            {fold(text): text for value in table.column(key) if (text := clean(as_text(value)))},
        )
        for key in table.headers
    }


# ── What has changed ─────────────────────────────────────────────────────────────────────────────

T = TypeVar("T")


def _changed_rows(before: Records, table: Table, fields: Sequence[str]) -> Sequence[int]:
    """Return the rows in which one of the fields differs from before, new rows among them."""
    old, height = before.table, table.height
    columns = [(old.column(key), table.column(key)) for key in fields]
    ticked = [(old.column(key), table.column(key)) for key in fields if key in before.ticks]
    ones, others = zip(*columns, strict=True)
    changed = changed_rows(ones, others)
    kinds = [
        (list(map(type, one)), list(map(type, other)))  # 1 is no True
        for one, other in ticked
        if one is not other
    ]
    if kinds:
        ones, others = zip(*kinds, strict=True)
        changed = sorted({*changed, *changed_rows(ones, others)})
    return changed if height >= old.height else [row for row in changed if row < height]


@dataclass(frozen=True)
class _Splice:
    """Puts what a few rows hold now into what all rows held before."""

    changed: Sequence[int]
    height: int

    def column(self, before: Sequence[Value], part: Sequence[Value]) -> Sequence[Value]:
        """Return the column as it is now; the very one of before if it holds the same."""
        common = min(len(before), self.height)
        if len(before) == self.height and all(
            old is new or (old == new and type(old) is type(new))
            for old, new in zip(map(before.__getitem__, self.changed), part, strict=True)
        ):
            return before
        spliced = [*before[:common], *[None] * (self.height - common)]
        for row, value in zip(self.changed, part, strict=True):
            spliced[row] = value
        return spliced

    def plane(self, before: bytes, part: bytes) -> bytes:
        spliced = bytearray(before[: self.height].ljust(self.height, b"\0"))
        for row, byte in zip(self.changed, part, strict=True):
            spliced[row] = byte
        return bytes(spliced)

    def by_row(
        self, before: Mapping[str, Mapping[int, T]], part: Mapping[str, Mapping[int, T]]
    ) -> Mapping[str, Mapping[int, T]]:
        changed = frozenset(self.changed)
        spliced = {}
        for key in {**before, **part}:
            kept = before.get(key, {})
            rows = {r: it for r, it in kept.items() if r < self.height and r not in changed}
            rows |= {self.changed[at]: it for at, it in part.get(key, {}).items()}
            if rows:
                spliced[key] = rows
        return spliced
