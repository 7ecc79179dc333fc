"""Reading a column: each different cell once, texts in bulk.

100,000 rows make no objects of their own here. A column is passed through at the speed of the
interpreter's own loops (`map`, `set`, one join); Python's own statements run for what is unusual.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, filterfalse, repeat
from operator import is_, not_
from typing import NamedTuple

from rules.table import Raw
from rules.text import fold
from rules.values import TEXT, Parser, Refused, Value

LONGEST_CELL = 50_000
"""Characters that a cell holds (Google Sheets)."""


class Reading(NamedTuple):
    """A column, read.

    `values` is as long as the column; `refused` holds the rows whose cell cannot be read, and
    `none` the rows that say "there is none". `empty` are the rows with no value, a byte a row, if
    they are known. `full`: there is a value in every row. `truthy`: no value is 0 or False.
    `ticks`: it may hold True or 1, which Python takes for equal.
    """

    values: Sequence[Value]
    refused: Mapping[int, Refused]
    none: Sequence[int]
    empty: bytes | None = None
    full: bool = False
    truthy: bool = False
    ticks: bool = False


@dataclass(frozen=True)
class NoneWords:
    """The words for "there is none", folded."""

    words: frozenset[str]

    @cached_property
    def longest(self) -> int:
        """The length of the longest word; any length where a word may be spaced differently."""
        if any(" " in word for word in self.words):
            return LONGEST_CELL
        return max(map(len, self.words), default=0)

    def among(self, texts: Sequence[str]) -> frozenset[str]:
        """Return those of the texts that are one of the words; they are read texts."""
        lengths = list(map(len, texts))
        if min(lengths) > self.longest:
            return frozenset()
        short = compress(texts, map(self.longest.__ge__, lengths))
        return frozenset(text for text in set(short) if fold(text) in self.words)

    def holds(self, text: str) -> bool:
        """Return whether a read text is one of the words."""
        return len(text) <= self.longest and fold(text) in self.words

    def __contains__(self, cell: Raw) -> bool:
        """Return whether the cell says so."""
        return isinstance(cell, str) and fold(cell) in self.words


def read_column(column: Sequence[Raw], parser: Parser, none_words: NoneWords) -> Reading:
    """Return what the cells mean; empty ones and those that say "none" read as None."""
    if parser is TEXT or parser.usual is not None:
        cells = set(column) if _repeats(column) else column
        texts = _only_texts(cells)
        if texts is not None and not texts:
            return Reading(column, {}, (), truthy=True)
        full = texts is not None and len(texts) == len(cells)
        if texts is not None and parser.usual is not None:
            return _read_matching(column, texts, parser, parser.usual, none_words, full=full)
        if texts is not None and (
            reading := _read_plain_texts(column, texts, none_words, full=full)
        ):
            return reading
    return _read_cells(column, parser, none_words)


# ── Any kind ─────────────────────────────────────────────────────────────────────────────────────


def _read_cells(column: Sequence[Raw], parser: Parser, none_words: NoneWords) -> Reading:
    cells = set(column)
    if cells <= {None}:
        return Reading(column, {}, (), truthy=True)
    if not cells.isdisjoint((0, 1)):
        kinds = set(map(type, column))
        if bool in kinds and not kinds <= {str, bool, type(None)}:
            return _read_typed(column, parser, none_words)  # 1 and True would be one key
    return _read_distinct(column, cells, parser, none_words)


def _read_distinct(
    column: Sequence[Raw], cells: set[Raw], parser: Parser, none_words: NoneWords
) -> Reading:
    filled = None not in cells
    cells.discard(None)
    least, most = parser.least, parser.most
    meaning: dict[Raw, Value] = {
        cell: float(cell)
        for cell in cells
        if (type(cell) is int or type(cell) is float) and least <= cell <= most
    }
    refused: dict[Raw, Refused] = {}
    none: set[Raw] = set()
    for cell in cells.difference(meaning) if meaning else cells:
        value = read_cell(cell, parser, none_words)
        if value is None:
            none.add(cell)
        elif isinstance(value, Refused):
            refused[cell] = value
        else:
            meaning[cell] = value
    values = list(map(meaning.get, column))
    full = filled and not refused and not none
    truthy = all(meaning.values())
    nothing = map(not_, values) if truthy else map(is_, values, repeat(None))
    empty = bytes(len(values) if full else nothing)
    said = {cell for cell in none if cell in none_words}
    unread = list(compress(range(len(values)), empty)) if refused or said else ()
    return Reading(
        values,
        {row: refused[column[row]] for row in unread if column[row] in refused},
        [row for row in unread if column[row] in said],
        empty,
        full=full,
        truthy=truthy,
        ticks=not cells.isdisjoint((0, 1)),
    )


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
    if isinstance(cell, str) and not (cell[:1].isalnum() or fold(cell)):
        return None
    try:
        value = parser.one(cell)
    except Refused as refused:
        return None if cell in none_words else refused.kept()
    if isinstance(value, tuple):
        return value if value and not all(map(none_words.holds, value)) else None
    return None if isinstance(value, str) and (not value or none_words.holds(value)) else value


def _rows_with(column: Sequence[Raw], cells: Collection[Raw]) -> Sequence[int]:
    return list(compress(range(len(column)), map(cells.__contains__, column))) if cells else ()


# ── Text ─────────────────────────────────────────────────────────────────────────────────────────


def _repeats(column: Sequence[Raw]) -> bool:
    """Return whether a column seems to hold a few different cells only."""
    sample = column[::_SAMPLED]
    return 2 * len(set(sample)) <= len(sample)


_SAMPLED = 997
"""Every so many-th cell is looked at to find out."""


def _only_texts(cells: Collection[Raw]) -> list[str] | None:
    """Return those of the cells that are filled; None if they are not all texts."""
    filled = list(filter(None, cells))
    if len(filled) < len(cells) and not set(filterfalse(None, cells)) <= {None}:
        return None
    return filled if set(map(type, filled)) <= {str} else None  # type: ignore[return-value]  # as was just seen


def _read_matching(
    column: Sequence[Raw],
    texts: Sequence[str],
    parser: Parser,
    usual: re.Pattern[str],
    none_words: NoneWords,
    *,
    full: bool,
) -> Reading:
    """Read a column of addresses or links: those that match stand for themselves.

    `texts` are its filled cells, or the different ones; `full`: there are no others.
    """
    others = set(filterfalse(usual.fullmatch, texts))
    if not others and not parser.several:
        return Reading(column, {}, (), full=full, truthy=True)
    values: list[Value] = list(zip(column, strict=True)) if parser.several else list(column)  # type: ignore[arg-type]  # None is set right below
    rows = _rows_with(column, others if full else {None, *others})
    read: dict[Raw, Value | Refused] = {
        cell: read_cell(cell, parser, none_words) for cell in others
    }
    read[None] = None
    refused: dict[int, Refused] = {}
    none: list[int] = []
    for row in rows:
        cell = column[row]
        value = read[cell]
        if isinstance(value, Refused):
            refused[row] = value
            value = None
        elif value is None and cell in none_words:
            none.append(row)
        values[row] = value
    return Reading(values, refused, none, full=not rows, truthy=True)


def _read_plain_texts(
    column: Sequence[Raw], texts: Sequence[str], none_words: NoneWords, *, full: bool
) -> Reading | None:
    """Read a column of texts that stand for themselves; None if one needs a closer look.

    `texts` are its filled cells, or the different ones; `full`: there are no others.
    """
    if list(map(str.strip, texts)) != texts:
        return None
    joined = "|".join(texts)
    if "#" in joined or not joined.isprintable():
        return None
    if not joined.isascii() and not unicodedata.is_normalized("NFC", joined):
        return None
    said = none_words.among(texts)
    if not said:
        return Reading(column, {}, (), full=full, truthy=True)
    none = _rows_with(column, said)
    values: list[Value] = list(column)
    for row in none:
        values[row] = None
    return Reading(values, {}, none, truthy=True)
