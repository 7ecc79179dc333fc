"""A column read in bulk says what its cells say one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.columns import read_cell, read_column
from rules.playbook import LOCALES
from rules.records import Reader, make_readers
from rules.refused import Refused
from rules.table import Raw, Table
from tests.rules.books import PLAYBOOK, Rows, in_small_chunks, make_book

NO_ROWS = Rows(deals=[], contacts=[], companies=[], events=[])
READERS: Mapping[str, Reader] = {
    f"{locale} {subject}": reader
    for locale in LOCALES
    for subject, reader in make_readers(make_book(locale, NO_ROWS), PLAYBOOK).items()
}
FIELDS = [(name, key) for name, reader in READERS.items() for key in reader.parsers]

USUAL: Sequence[Raw] = [
    "Kazakhstan", "Алматы", "SQL", "Холодный лид", "Yes", "да", "no", "Media plan, Стратегия",
    "anna@kim.kz", "anna@kim.kz, b@c.kz", "+77011234567", "8 701 123 45 67", "https://www.a.kz/",
    "https://drive.google.com/drive/folders/abcdefghijklmn", "31.12.2026", "5 млн", "-", "нет",
    "Нет данных", 46_000, 46_000.5, 5_000_000, 0, 1, 1.0, 0.0, True, False, None,
]  # fmt: skip

ODD: Sequence[Raw] = [
    "", " ", "\t", "\u200b", "\u200bнет", " - ", "нет ", "н\u200bет", "й", "и\u0306", "é",
    "e\u0301", "a|b", "|", "#REF!", "a\x00b", "a\nb", "\ufeffanna@kim.kz", "Anna@Kim.kz",
    "аnna@kim.kz", "anna@kim.kz,b@c.kz", "anna@kim.kz, anna@kim.kz", "-, -", "нет, anna@kim.kz",
    ", ", "a@b",
    ".a@b.kz", "a..b@c.kz", f"{'a' * 65}@b.kz", "+7701123456", "12", "call the office", "ТОО «Ё»",
    -1, -0.5, 1e300, 10**30, 73_415, 200_000,
]  # fmt: skip

CELLS = st.one_of(
    st.sampled_from(USUAL),
    st.sampled_from(ODD),
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),  # as in JSON
    st.text(max_size=12),
)
NEARLY_USUAL = st.sampled_from(
    ["Alfa", "ТОО «Ё»", "a|b", " Alfa", "Alfa ", "и\u0306", "e\u0301", "#REF!", "-", "Нет", None]
)
ALIKE = st.sampled_from(USUAL).flatmap(
    lambda cell: st.lists(st.one_of(st.just(cell), st.none()), min_size=1, max_size=6)
)
COLUMNS = st.one_of(
    st.lists(CELLS, max_size=12),
    st.lists(st.sampled_from([c for c in USUAL if isinstance(c, str)]), max_size=12),
    st.lists(st.text(max_size=12) | st.none(), max_size=12),
    st.lists(NEARLY_USUAL, max_size=4),
    ALIKE,
)


def one_by_one(name: str, key: str, column: Sequence[Raw]) -> Mapping[str, Any]:
    """Return what the cells say, each read by itself."""
    parser, none_words = READERS[name].parsers[key], READERS[name].none_words
    found = [None if cell is None else read_cell(cell, parser, none_words) for cell in column]
    return {
        "values": [as_seen(None if isinstance(it, Refused) else it) for it in found],
        "refused": {row: told(it) for row, it in enumerate(found) if isinstance(it, Refused)},
        "none": [
            row for row, it in enumerate(found) if it is None and column[row] in none_words
        ],
    }  # fmt: skip


def in_bulk(name: str, key: str, column: Sequence[Raw]) -> Mapping[str, Any]:
    """Return what the column says, in small chunks and as a list."""
    in_chunks = told_in_bulk(name, key, in_small_chunks(column))
    assert told_in_bulk(name, key, column) == in_chunks
    return in_chunks


def told_in_bulk(name: str, key: str, column: Sequence[Raw]) -> Mapping[str, Any]:
    read = read_column(column, READERS[name].parsers[key], READERS[name].none_words)
    nothing = bytes(value is None for value in read.values)
    assert read.empty in (None, nothing)
    assert not read.full or not any(nothing)
    assert not read.truthy or all(value is None or value for value in read.values)
    return {
        "values": list(map(as_seen, read.values)),
        "refused": {row: told(why) for row, why in read.refused.items()},
        "none": sorted(read.none),
    }


def as_seen(value: Any) -> tuple[type, str]:
    """Return a value so that 1 is not True."""
    return type(value), repr(value)


def told(why: Refused) -> tuple[str, Raw, str]:
    return why.code, why.value, why.expected


@settings(max_examples=600, deadline=None)
@given(field=st.sampled_from(FIELDS), column=COLUMNS)
def test_in_bulk_as_one_by_one(field: tuple[str, str], column: list[Raw]) -> None:
    assert in_bulk(*field, column) == one_by_one(*field, column)


@settings(max_examples=60, deadline=None)
@given(field=st.sampled_from(FIELDS), column=st.lists(CELLS, min_size=1, max_size=3))
def test_a_long_column_that_repeats_itself(field: tuple[str, str], column: list[Raw]) -> None:
    tall = (column + column) * 997
    expected = one_by_one(*field, column)
    found = in_bulk(*field, tall)
    assert found["values"] == expected["values"] * 2 * 997
    assert {row % len(column): why for row, why in found["refused"].items()} == expected["refused"]
    assert {row % len(column) for row in found["none"]} == set(expected["none"])


@settings(max_examples=200, deadline=None)
@given(name=st.sampled_from(list(READERS)), data=st.data())
def test_what_is_missing_is_what_has_no_value(name: str, data: st.DataObject) -> None:
    reader = READERS[name]
    height = data.draw(st.integers(1, 5))
    keys = sorted({key for item in reader.needs.items for key in item} & set(reader.parsers))
    column = st.lists(CELLS, min_size=height, max_size=height)
    columns = {key: data.draw(column, label=key) for key in keys[:: data.draw(st.integers(1, 9))]}
    columns["id"] = [f"X-{row}" for row in range(height)]
    records = reader.read(Table("deals", {}, columns, height))
    for row in range(height):
        for item in reader.needs.split(records.gaps.mask(row)):
            assert not any(stands(reader, columns, item, key, row) for key in item)
        for item in set(reader.needs.items) - set(reader.needs.split(records.gaps.mask(row))):
            assert any(stands(reader, columns, item, key, row) for key in item)


def stands(
    reader: Reader,
    columns: Mapping[str, Sequence[Raw]],
    item: tuple[str, ...],
    key: str,
    row: int,
) -> bool:
    """Return whether something stands for a field: a value, something else, or an allowed no."""
    cell = columns[key][row] if key in columns else None
    if cell is None or key not in reader.parsers:
        return False
    read = read_cell(cell, reader.parsers[key], reader.none_words)
    answers = len(item) == 1 and key in reader.none_allowed and cell in reader.none_words
    return read is not None or answers


def test_each_letter_alone() -> None:
    for code in (*range(0x20, 0x3000), *range(0xF900, 0x10000)):
        column: list[Raw] = [f"Alfa{chr(code)}", "Beta"]
        field = ("en company", "title")
        assert in_bulk(*field, column) == one_by_one(*field, column), hex(code)
