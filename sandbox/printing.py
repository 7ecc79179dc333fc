"""JSON as Google prints it; large tables of values in pieces.

A table is printed a band of rows at a time: what a band holds lies close together in memory, and
other threads get their turn in between. Texts of many megabytes are not copied to put them
together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import orjson

Piece = bytes | memoryview

BAND_ROWS = 500
INDENT = 2

_PLACE = b"\0"
"""Stands for a table until it is printed, and between lists; no JSON has this byte."""

_BETWEEN = orjson.Fragment(_PLACE)


@runtime_checkable
class Table(Protocol):
    """A list of lists of values, one at least, that prints itself."""

    def pieces(self, level: int, *, pretty: bool) -> Iterable[Piece]:
        """Print it where brackets are indented by a number of levels."""


@dataclass(frozen=True)
class RowTable:
    """Rows of values, one at least, printed as they are."""

    rows: Sequence[Sequence[Any]]

    def pieces(self, level: int, *, pretty: bool) -> Iterator[Piece]:
        """Print the rows, a band at a time."""
        printer = ListPrinter(level, pretty=pretty)
        for top in range(0, len(self.rows), BAND_ROWS):
            yield b"," if top else b"["
            yield printer.print_items(self.rows[top : top + BAND_ROWS])
        yield printer.closing


def encode(value: Any) -> bytes:
    """Print JSON for people."""
    return b"".join(print_answer(value, pretty=True))


def as_plain(value: Any) -> Any:
    """Return an answer as whoever asked reads it: plain JSON, its tables lists of lists."""
    return orjson.loads(encode(value))


def print_answer(value: Any, *, pretty: bool) -> list[Piece]:
    """Print JSON that may have tables in it, in pieces."""
    tables: list[Table] = []

    def hold_place(item: Any) -> orjson.Fragment:
        if not isinstance(item, Table):
            raise TypeError(f"no JSON: {type(item)}")
        tables.append(item)
        return orjson.Fragment(_PLACE)

    option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE if pretty else 0
    option |= orjson.OPT_PASSTHROUGH_DATACLASS
    around = orjson.dumps(value, default=hold_place, option=option).split(_PLACE)
    pieces: list[Piece] = [around[0]]
    for table, before, after in zip(tables, around, around[1:], strict=False):
        line = before[before.rfind(b"\n") + 1 :]
        level = (len(line) - len(line.lstrip(b" "))) // INDENT
        pieces += table.pieces(level, pretty=pretty)
        pieces.append(after)
    return pieces


class ListPrinter:
    """Prints what stands in a list whose brackets are indented by a number of levels.

    The library starts at level 0, so the list is put into that many others, and all brackets are
    cut off again.
    """

    def __init__(self, level: int, *, pretty: bool) -> None:
        self.form = (level, pretty)
        self._wrappers = range(level if pretty else 0)
        self._option = orjson.OPT_INDENT_2 if pretty else 0
        breaks = [b"\n" + b" " * INDENT * i for i in range(level + 2)] if pretty else [b"", b""]
        self.opening = breaks[-2] + b"["
        self.closing = breaks[-2] + b"]"
        self._tail = sum(len(line_break + b"]") for line_break in breaks[:-1])
        self._head = self._tail - len(breaks[0])
        self._break_within = breaks[-1]
        self._opening_within = len(b"," + breaks[-1] + b"[")
        self._closing_within = len(breaks[-1] + b"]," + breaks[-1])

    def print_items(self, values: Sequence[Any]) -> memoryview:
        """Print the items of a list that has some."""
        text = self._print(values)
        return memoryview(text)[self._head : len(text) - self._tail]

    def print_items_within(self, lists: Sequence[Sequence[Any]]) -> list[Piece]:
        """Print the items of each of the lists in a list, at one go; nothing for an empty one."""
        values: list[Any] = []
        for items in lists:
            values += (items, _BETWEEN)
        texts = self._print(values).split(_PLACE)
        texts[0] = texts[0][self._head - 1 :]
        # What stands before a list's bracket and after it belongs to the list around.
        start, end = self._opening_within, -self._closing_within
        return [
            memoryview(text)[start:end] if items else b""
            for text, items in zip(texts, lists, strict=False)
        ]

    def print_blanks(self, count: int) -> bytes:
        """Print items that are empty texts."""
        return b",".join([self._break_within + b'""'] * count)

    def _print(self, values: Sequence[Any]) -> bytes:
        for _ in self._wrappers:
            values = [values]
        return orjson.dumps(values, option=self._option)
