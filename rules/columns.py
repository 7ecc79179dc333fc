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
from typing import Any, NamedTuple

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
        filled = list(filter(None, cells))
        if len(filled) == len(cells) or set(filterfalse(None, cells)) <= {None}:
            texts = _Texts(column, filled, full=len(filled) == len(cells))
            try:
                if not filled:
                    return Reading(column, {}, (), truthy=True)
                if parser.usual is not None:
                    return _read_matching(texts, parser, parser.usual, none_words)
                if reading := _read_plain_texts(texts, none_words):
                    return reading
            except TypeError:  # numbers among them
                pass
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
    numbers = [
        cell
        for cell in cells
        if (type(cell) is int or type(cell) is float) and least <= cell <= most
    ]
    meaning: dict[Raw, Value] = dict(zip(numbers, map(float, numbers), strict=True))
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
    unread: Sequence[int] = ()
    if refused or said:
        without = compress(range(len(values)), empty)
        unread = [row for row in without if column[row] is not None]
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
        if not value or all(map(none_words.holds, value)):
            return None
        return value[0] if len(value) == 1 else value
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


class _Texts(NamedTuple):
    """A column, and its filled cells, or the different ones of them. `full`: there are no others.

    If not all of them are texts, what works on them raises TypeError.
    """

    column: Sequence[Raw]
    filled: Sequence[Any]
    full: bool


def _read_matching(
    texts: _Texts, parser: Parser, usual: re.Pattern[str], none_words: NoneWords
) -> Reading:
    """Read a column of addresses or links: those that match stand for themselves."""
    column, filled, full = texts
    others = set(filterfalse(usual.fullmatch, filled))
    if not others:
        return Reading(column, {}, (), full=full, truthy=True)
    values: list[Value] = list(column)
    rows = _rows_with(column, others)
    read = {cell: read_cell(cell, parser, none_words) for cell in others}
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
    return Reading(values, refused, none, truthy=True)


def _read_plain_texts(texts: _Texts, none_words: NoneWords) -> Reading | None:
    """Read a column of texts that stand for themselves; None if one needs a closer look."""
    column, filled, full = texts
    joined = "|".join(filled)
    if "#" in joined or not _is_plain(joined) or list(map(str.strip, filled)) != filled:
        return None
    said = none_words.among(filled)
    if not said:
        return Reading(column, {}, (), full=full, truthy=True)
    none = _rows_with(column, said)
    values: list[Value] = list(column)
    for row in none:
        values[row] = None
    return Reading(values, {}, none, truthy=True)


_PLAIN_BYTES = bytes([*range(0x20, 0x7F), *range(0x80, 0xC0), *range(0xD0, 0xD4)])
"""The bytes of what is printed of ASCII, and of U+0400 to U+04FF: all is printed and NFC there."""

_PLAIN_SIGNS = "«»–—№"
"""What else there is in many texts, and is printed and NFC, too."""


def _is_plain(text: str) -> bool:
    """Return whether a text is NFC and holds nothing but what is printed."""
    if _has_plain_bytes(text):
        return True
    without = text
    for sign in _PLAIN_SIGNS:
        without = without.replace(sign, "")
    if _has_plain_bytes(without):
        return True
    return text.isprintable() and unicodedata.is_normalized("NFC", text)


def _has_plain_bytes(text: str) -> bool:
    # Bytes are looked at several times faster than letters.
    return not text.encode("utf-8", "surrogatepass").translate(None, _PLAIN_BYTES)
