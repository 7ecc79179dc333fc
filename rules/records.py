"""The deals, contacts and companies of a workbook, each row read by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from operator import is_, not_
from typing import NamedTuple

from rules.chunks import Column
from rules.columns import NoneWords, Reading, read_column
from rules.findings import Finding
from rules.phone_regions import PhoneRegions, reread_phones
from rules.playbook import SUBJECT_TABS, Locale, Playbook, Requirement, Subject
from rules.requirements import (
    Flags,
    Gaps,
    Needs,
    all_of,
    make_gaps,
    needs_of,
)
from rules.table import Table, as_text, differing, is_blank
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

    def findings(self) -> Iterator[Finding]:
        """Yield the cells that cannot be read, and why."""
        for key, refused in self.refused.items():
            for row, why in refused.items():
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

    @cached_property
    def groups(self) -> Sequence[_Group]:
        """The fields in groups: what one says may depend on the others of its group alone."""
        groups = [{key} for key in self.parsers]
        for joined in ({*self.phones, "region"}, *map(set, self.needs.items)):
            if known := joined & self.parsers.keys():
                apart = [group for group in groups if not group & known]
                groups = [*apart, set().union(*(group for group in groups if group & known))]
        return [
            *(_Group.of(group, self.needs.items) for group in groups),
            _Group((), [at for at, item in enumerate(self.needs.items)
                        if not self.parsers.keys() & set(item)]),
        ]  # fmt: skip

    def read(self, table: Table) -> Records:
        """Return the records of the table, each row read by itself."""
        read = self._read(table, tuple(self.parsers))
        rows = table.rows_with_content(self.fields)
        if len(rows) < table.height:
            read = {key: _only_at(rows, reading) for key, reading in read.items()}
        missing = [self._missing(item, read, table.height) for item in self.needs.items]
        return Records(
            subject=self.subject,
            table=table,
            rows=rows,
            values={key: reading.values for key, reading in read.items()},
            refused={key: reading.refused for key, reading in read.items() if reading.refused},
            gaps=make_gaps(self.needs, missing, table.height),
        )

    def reread(self, before: Records, table: Table) -> tuple[Records, Sequence[int]]:
        """Return what `read` would, given what it returned for an earlier state of the table.

        The rows whose cells differ are returned too; of them only what differs is read, unless
        they are many.
        """
        changed = {key: _changed_rows(before.table, table, key) for key in self.fields}
        rows = sorted(set().union(*changed.values()))
        if not rows and before.table.height == table.height:
            return replace(before, table=table), ()
        if 2 * len(rows) > table.height:
            return self.read(table), range(table.height)
        values, refused = dict(before.values), dict(before.refused)
        planes = [bytearray(_to_height(plane, table.height)) for plane in before.gaps.planes]
        holding = self._rows(before, table, rows)
        new = {*range(before.table.height, table.height)}
        if len(holding) < table.height or len(before.rows) < before.table.height:
            new |= {row for row in {*holding} ^ {*before.rows} if row < table.height}
        for group in self.groups:
            touched = sorted(new.union(*(changed[key] for key in group.fields)))
            part = self._read(table.take(touched, group.fields), group.fields)
            for key, reading in part.items():
                values[key] = _spliced(before, table, key, touched, reading.values)
                refused[key] = _respliced(refused.get(key, {}), table, touched, reading.refused)
            missing = [
                self._missing(self.needs.items[at], part, len(touched)) for at in group.items
            ]
            for at, flags in zip(group.items, missing, strict=True):
                plane, bit = planes[at // 8], 1 << at % 8
                for row, flag in zip(touched, flags, strict=True):
                    plane[row] = plane[row] | bit if flag else plane[row] & ~bit
        if len(holding) < table.height:
            refused = {key: _only_in(holding, found) for key, found in refused.items()}
        return Records(
            subject=self.subject,
            table=table,
            rows=holding,
            values=values,
            refused={key: found for key, found in refused.items() if found},
            gaps=Gaps(tuple(map(bytes, planes))),
        ), rows

    def _rows(self, before: Records, table: Table, changed: Sequence[int]) -> Sequence[int]:
        """Return the rows that hold a record, given those in which something has changed."""
        everywhere = len(before.rows) == before.table.height
        if everywhere and not any(is_blank(table.column("id")[row]) for row in changed):
            return range(table.height)
        return table.rows_with_content(self.fields)

    def _read(self, table: Table, keys: Sequence[str]) -> Mapping[str, Reading]:
        """Return these fields of the table, read."""
        read = {
            key: read_column(table.column(key), self.parsers[key], self.none_words) for key in keys
        }
        if "region" in read:
            regions = self.regions.foreign(read["region"].values)
            for key in self.phones:
                cells = table.column(key)
                read[key] = reread_phones(
                    read[key], cells, regions, self.regions.default, self.none_words
                )
        return read

    def _missing(self, item: Requirement, read: Mapping[str, Reading], height: int) -> Flags:
        """Return the rows that lack one of the things that a row may be asked for."""
        alone = len(item) == 1
        return all_of(
            [
                _lacking(read[key], height, none_counts=alone and key in self.none_allowed)
                if key in read
                else b"\1" * height
                for key in item
            ]
        )


class _Group(NamedTuple):
    """Fields that are read together, and the places of the needs that they answer."""

    fields: Sequence[str]
    items: Sequence[int]

    @classmethod
    def of(cls, fields: Collection[str], items: Sequence[Requirement]) -> _Group:
        """Return the group of these fields."""
        places = [at for at, item in enumerate(items) if not set(fields).isdisjoint(item)]
        return cls(tuple(fields), places)


def _lacking(reading: Reading, height: int, *, none_counts: bool) -> Flags:
    """Return the rows where nothing stands for the field; what cannot be read stands for it."""
    if reading.full:
        return bytes(height)
    answered = [*reading.refused, *(reading.none if none_counts else ())]
    lacking = reading.empty
    if lacking is None:
        lacking = reading.values.as_bytes(not_ if reading.truthy else partial(is_, None))
    if not answered:
        return lacking
    flags = bytearray(lacking)
    for row in answered:
        flags[row] = 0
    return bytes(flags)


def _only_at(rows: Sequence[int], reading: Reading) -> Reading:
    """Return the reading without what it found in rows that hold no record."""
    return reading._replace(refused=_only_in(rows, reading.refused))


def _only_in(rows: Sequence[int], refused: Mapping[int, Refused]) -> Mapping[int, Refused]:
    known = frozenset(rows)
    return {row: why for row, why in refused.items() if row in known}


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


def _changed_rows(before: Table, table: Table, field: str) -> Sequence[int]:
    """Return the rows in which a field differs from before, new rows among them."""
    old, new = before.column(field), table.column(field)
    return [*differing(old, new), *range(before.height, table.height)]


def _to_height(plane: bytes, height: int) -> bytes:
    return plane[:height].ljust(height, b"\0")


def _spliced(
    before: Records, table: Table, key: str, rows: Sequence[int], part: Sequence[Value]
) -> Sequence[Value]:
    """Return a column of values as it is now; the very one of before if it holds the same."""
    known, cells = before.values[key], table.column(key)
    as_cells = known is before.table.column(key)
    if as_cells and all(map(_is_same, map(cells.__getitem__, rows), part)):
        return cells
    column = Column.of(known).cut(table.height)
    changes = dict(zip(rows, part, strict=True))
    added = [changes.pop(row) for row in range(len(column), table.height)]
    changes = {row: value for row, value in changes.items() if not _is_same(known[row], value)}
    if not changes and not added and len(column) == len(known):
        return known
    return column.replaced(changes, added)


def _is_same(one: Value, other: Value) -> bool:
    return one is other or (one == other and type(one) is type(other))


def _respliced(
    before: Mapping[int, Refused], table: Table, rows: Sequence[int], part: Mapping[int, Refused]
) -> Mapping[int, Refused]:
    """Return the rows that cannot be read now."""
    changed = frozenset(rows)
    kept = {row: why for row, why in before.items() if row < table.height and row not in changed}
    return {**kept, **{rows[at]: why for at, why in part.items()}}
