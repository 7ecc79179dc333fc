"""Reading a column: each different cell once, texts in bulk.

100,000 rows make no objects of their own here. A column is passed through at the speed of the
interpreter's own loops (`map`, `set`, one join); Python's own statements run for what is unusual.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import compress, filterfalse
from operator import is_, not_
from typing import Any, NamedTuple

from rules.chunks import Chunk, Column, Packed, Raw
from rules.rows import cells_at
from rules.text import fold
from rules.values import TEXT, Parser, Refused, Value

LONGEST_CELL = 50_000
"""Characters that a cell holds (Google Sheets)."""


class Reading(NamedTuple):
    """A column, read.

    `values` is as long as the column; `refused` holds the rows whose cell cannot be read, and
    `none` the rows that say "there is none". `empty` are the rows with no value, a byte a row, if
    they are known. `full`: there is a value in every row. `truthy`: no value is 0 or False.
    """

    values: Column
    refused: Mapping[int, Refused]
    none: Sequence[int]
    empty: bytes | None = None
    full: bool = False
    truthy: bool = False


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
    """Return what the cells mean; empty ones and those that say "none" read as None.

    Where all cells stand for themselves, the values are the very column.
    """
    as_kept = Column.coded(column)
    cells = as_kept.listed()
    if parser is TEXT or parser.usual is not None:
        each = list(cells.each())
        if _repeats(each):
            each = list(set(each))
        filled = list(filter(None, each))
        if len(filled) == len(each) or set(filterfalse(None, each)) <= {None}:
            texts = _Texts(as_kept, cells, filled, full=len(filled) == len(each))
            try:
                if not filled:
                    return Reading(as_kept, {}, (), b"\1" * len(cells), truthy=True)
                if parser.usual is not None:
                    return _read_matching(texts, parser, parser.usual, none_words)
                if reading := _read_plain_texts(texts, none_words):
                    return reading
            except TypeError:  # numbers among them
                pass
    return _read_cells(cells, parser, none_words)


# ── Any kind ─────────────────────────────────────────────────────────────────────────────────────


class _Meanings(dict[Raw, Value]):
    """What each different cell means, found out when it is first met."""

    def __init__(self, parser: Parser, none_words: NoneWords) -> None:
        self._parser, self._none_words = parser, none_words
        self._least, self._most = parser.least, parser.most
        self.refused: dict[Raw, Refused] = {}
        self.none: set[Raw] = set()
        """The cells that say "there is none"."""

    def __missing__(self, cell: Raw) -> Value:
        kind = type(cell)
        value: Value = None
        if (kind is int or kind is float) and self._least <= cell <= self._most:  # type: ignore[operator]  # numbers
            value = float(cell)  # type: ignore[arg-type]  # as was just seen
        elif cell is not None:
            read = read_cell(cell, self._parser, self._none_words)
            if isinstance(read, Refused):
                self.refused[cell] = read
            elif read is None and cell in self._none_words:
                self.none.add(cell)
            else:
                value = read
        self[cell] = value
        return value


def _read_cells(cells: Column, parser: Parser, none_words: NoneWords) -> Reading:
    meanings = _Meanings(parser, none_words)
    values = cells.mapped(meanings.__getitem__)
    each = meanings.keys()
    if each <= {None}:
        return Reading(cells, {}, (), b"\1" * len(cells), truthy=True)
    if 0 in each or 1 in each:
        kinds = cells.kinds()
        if bool in kinds and not kinds <= {str, bool, type(None)}:
            return _read_typed(cells, parser, none_words)  # 1 and True were one key
    nothing = set(filterfalse(None, meanings.values()))
    full, truthy = None not in nothing, nothing <= {None}
    empty = bytes(len(values)) if full else values.as_bytes(not_ if truthy else partial(is_, None))
    refused, none = meanings.refused, meanings.none
    unread = _rows_with(cells, refused)
    return Reading(
        values,
        {row: refused[cell] for row, cell in zip(unread, cells_at(cells, unread), strict=True)},
        _rows_with(cells, none),
        empty,
        full=full,
        truthy=truthy,
    )


def _read_typed(cells: Column, parser: Parser, none_words: NoneWords) -> Reading:
    values: list[Value] = []
    refused: dict[int, Refused] = {}
    none: list[int] = []
    for row, cell in enumerate(cells):
        value = None if cell is None else read_cell(cell, parser, none_words)
        if isinstance(value, Refused):
            refused[row] = value
            value = None
        elif value is None and cell in none_words:
            none.append(row)
        values.append(value)
    return Reading(Column.of(values), refused, none)


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


def _rows_with(cells: Column, wanted: Collection[Raw]) -> Sequence[int]:
    flags = cells.as_bytes(wanted.__contains__) if wanted else b""
    return list(compress(range(len(cells)), flags)) if 1 in flags else ()


# ── Text ─────────────────────────────────────────────────────────────────────────────────────────


def _repeats(cells: Sequence[Raw]) -> bool:
    """Return whether there seem to be a few different cells only."""
    sample = cells[::_SAMPLED]
    return 2 * len(set(sample)) <= len(sample)


_SAMPLED = 997
"""Every so many-th cell is looked at to find out."""


class _Texts(NamedTuple):
    """A column as it is kept, with its cells at hand, and each of the filled ones at least once.

    `full`: there are no others. If not all of them are texts, what works on them raises TypeError.
    """

    column: Column
    cells: Column
    filled: Sequence[Any]
    full: bool


def _read_matching(
    texts: _Texts, parser: Parser, usual: re.Pattern[str], none_words: NoneWords
) -> Reading:
    """Read a column of addresses or links: those that match stand for themselves."""
    column, cells, filled, full = texts
    others = set(filterfalse(usual.fullmatch, filled))
    if not others:
        return Reading(column, {}, (), _without_value(cells, full=full), full=full, truthy=True)
    values: dict[int, Value] = {}
    read = {cell: read_cell(cell, parser, none_words) for cell in others}
    refused: dict[int, Refused] = {}
    none: list[int] = []
    rows = _rows_with(cells, others)
    for row, cell in zip(rows, cells_at(cells, rows), strict=True):
        value = read[cell]
        if isinstance(value, Refused):
            refused[row] = value
            value = None
        elif value is None and cell in none_words:
            none.append(row)
        values[row] = value
    empty = _without_value(cells, (row for row, value in values.items() if value is None))
    return Reading(column.replaced(values), refused, none, empty, truthy=True)


def _read_plain_texts(texts: _Texts, none_words: NoneWords) -> Reading | None:
    """Read a column of texts that stand for themselves; None if one needs a closer look."""
    column, cells, filled, full = texts
    chunks = zip(column.chunks, cells.chunks, strict=True)
    if not all(_is_plain_chunk(chunk) or _are_plain_texts(at_hand) for chunk, at_hand in chunks):
        return None
    said = none_words.among(filled)
    if not said:
        return Reading(column, {}, (), _without_value(cells, full=full), full=full, truthy=True)
    none = _rows_with(cells, said)
    if any(isinstance(chunk, Packed) for chunk in column.chunks):
        values = column.replaced(dict.fromkeys(none))
    else:
        values = column.mapped(lambda cell: None if cell in said else cell)
    return Reading(values, {}, none, _without_value(cells, none), truthy=True)


def _without_value(cells: Column, further: Iterable[int] = (), *, full: bool = False) -> bytes:
    """Return the rows that have no value: the empty ones of these texts, and further rows."""
    if full:
        return bytes(len(cells))
    empty = bytearray(cells.as_bytes(not_))
    for row in further:
        empty[row] = 1
    return bytes(empty)


_PLAIN_BYTES = bytes([*range(0x20, 0x7F), *range(0x80, 0xC0), *range(0xD0, 0xD4)])
"""The bytes of what is printed of ASCII, and of U+0400 to U+04FF: all is printed and NFC there."""

_CLEAR_BYTES = bytes(set(_PLAIN_BYTES) - set(b"\\#"))
"""Those that neither begin what is escaped nor, perhaps, an error's name."""

_PLAIN_SIGNS = tuple(sign.encode() for sign in "«»–—№")
"""What else there is in many texts, and is printed and NFC, too."""


def _are_plain_texts(chunk: Chunk) -> bool:
    """Return whether a chunk's texts stand for themselves."""
    texts = list(filter(None, chunk.each))
    joined = "|".join(texts)
    return "#" not in joined and _is_plain(joined) and list(map(str.strip, texts)) == texts


def _is_plain(text: str) -> bool:
    """Return whether a text is NFC and holds nothing but what is printed."""
    if _are_plain(text.encode("utf-8", "surrogatepass")):
        return True
    return text.isprintable() and unicodedata.is_normalized("NFC", text)


def _is_plain_chunk(chunk: Chunk) -> bool:
    """Return whether a glance at a chunk's JSON tells that its texts stand for themselves."""
    if not isinstance(chunk, Packed) or chunk.others:
        return False
    packed = chunk.packed
    return b'" ' not in packed and b' "' not in packed and _are_plain(packed, _CLEAR_BYTES)


def _are_plain(content: bytes, plain: bytes = _PLAIN_BYTES) -> bool:
    # Bytes are looked at several times faster than letters. One is left of each other letter.
    others = content.translate(None, plain)
    signs = (content.count(sign) for sign in _PLAIN_SIGNS if sign[:1] in others)
    return not others or len(others) == sum(signs)
