"""Reading a column: each different cell once, texts in bulk.

100,000 rows make no objects of their own here. A column is passed through at the speed of the
interpreter's own loops (`map`, `set`, one join); Python's own statements run for what is unusual.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rules.table import Raw
from rules.text import fold
from rules.values import TEXT, Parser, Refused, Value


class Reading(NamedTuple):
    """A column, read.

    `values` is as long as the column; `refused` holds the rows whose cell cannot be read, and
    `none` the rows that say "there is none". `ticks`: it may hold True or 1, which Python takes
    for equal.
    """

    values: Sequence[Value]
    refused: Mapping[int, Refused]
    none: Sequence[int]
    ticks: bool = False


@dataclass(frozen=True)
class NoneWords:
    """The words for "there is none", folded."""

    words: frozenset[str]

    @property
    def longest(self) -> int:
        """The length of the longest word; any length where a word may be spaced differently."""
        if any(" " in word for word in self.words):
            return sys.maxsize
        return max(map(len, self.words), default=0)

    def __contains__(self, cell: Raw) -> bool:
        """Return whether the cell says so."""
        return isinstance(cell, str) and fold(cell) in self.words


def read_column(column: Sequence[Raw], parser: Parser, none_words: NoneWords) -> Reading:
    """Return what the cells mean; empty ones and those that say "none" read as None."""
    kinds = set(map(type, column))
    if kinds <= {type(None)}:
        return Reading(column, {}, ())
    if parser is TEXT and kinds <= {str, type(None)}:
        values = _plain_texts(column, sparse=len(kinds) > 1)
        if values is not None:
            return _without_none_words(values, none_words)
    if bool in kinds and not kinds <= {str, bool, type(None)}:
        return _read_typed(column, parser, none_words)  # 1 and True would be one key
    return _read_distinct(column, parser, none_words)


# ── Any kind ─────────────────────────────────────────────────────────────────────────────────────


def _read_distinct(column: Sequence[Raw], parser: Parser, none_words: NoneWords) -> Reading:
    cells = set(column)
    cells.discard(None)
    meaning: dict[Raw, Value] = dict(parser.usual(cells)) if parser.usual else {}
    refused: dict[Raw, Refused] = {}
    none: set[Raw] = set()
    for cell in cells - meaning.keys():
        value = read_cell(cell, parser, none_words)
        if value is None:
            none.add(cell)
        elif isinstance(value, Refused):
            refused[cell] = value
        else:
            meaning[cell] = value
    values = list(map(meaning.get, column))
    none = {cell for cell in none if cell in none_words}
    ticks = not cells.isdisjoint((0, 1))
    return Reading(values, _rows_refused(column, refused), _rows_with(column, none), ticks)


def _read_typed(column: Sequence[Raw], parser: Parser, none_words: NoneWords) -> Reading:
    values: list[Value] = []
    refused: dict[int, Refused] = {}
    none: list[int] = []
    for row, cell in enumerate(column):
        value = None if cell is None else read_cell(cell, parser, none_words)
        if isinstance(value, Refused):
            refused[row] = value
            value = None
        elif value is None and cell in none_words:
            none.append(row)
        values.append(value)
    return Reading(values, refused, none, ticks=True)


def read_cell(cell: Raw, parser: Parser, none_words: NoneWords) -> Value | Refused:
    """Return the value; a field may know a word for "none" as its own, as yes/no fields do."""
    if isinstance(cell, str) and not fold(cell):
        return None
    try:
        value = parser.one(cell)
    except Refused as refused:
        return None if cell in none_words else refused
    if isinstance(value, tuple):
        return value if value and not all(map(none_words.__contains__, value)) else None
    return None if value == "" or value in none_words else value  # type: ignore[operator]  # no tuple


def _rows_refused(column: Sequence[Raw], refused: Mapping[Raw, Refused]) -> Mapping[int, Refused]:
    if not refused:
        return {}
    return {row: refused[cell] for row, cell in enumerate(column) if cell in refused}


def _rows_with(column: Sequence[Raw], cells: set[Raw]) -> Sequence[int]:
    return [row for row, cell in enumerate(column) if cell in cells] if cells else ()


# ── Text ─────────────────────────────────────────────────────────────────────────────────────────


def _plain_texts(column: Sequence[Raw], *, sparse: bool) -> list[Value] | None:
    """Return the trimmed texts, None if any cell needs a closer look."""
    joined = " ".join(filter(None, column))  # type: ignore[arg-type]  # texts and None only
    if "#" in joined or not joined.isprintable():
        return None
    if not joined.isascii() and not unicodedata.is_normalized("NFC", joined):
        return None
    if sparse:
        return [(cell.strip() or None) if cell else None for cell in column]  # type: ignore[union-attr]
    values: list[Value] = list(map(str.strip, column))  # type: ignore[arg-type]
    return values if all(values) else [value or None for value in values]


def _without_none_words(values: list[Value], none_words: NoneWords) -> Reading:
    longest = none_words.longest
    none = [
        row
        for row, value in enumerate(values)
        if value and len(value) <= longest and value in none_words  # type: ignore[arg-type]
    ]
    for row in none:
        values[row] = None
    return Reading(values, {}, none)
