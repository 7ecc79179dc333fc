"""JSON as Google prints it; large tables of values in pieces.

A table is printed a band of rows at a time: what a band holds lies close together in memory,
columns are made of it while the processor has it at hand, and other threads get their turn in
between. Texts of many megabytes are not copied to put them together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

Piece = bytes | memoryview

BAND_ROWS = 500
INDENT = 2
BLANK = ""

_PLACE = b"\0"
"""Stands for a table until it is printed; no JSON has this byte."""


@dataclass(frozen=True)
class ValueTable:
    """Rows of values, one at least, printed as they are or by columns without their blank ends."""

    rows: Sequence[Sequence[Any]]
    by_columns: bool = False


def encode(value: Any) -> bytes:
    """Print JSON for people."""
    return b"".join(print_answer(value, pretty=True))


def as_plain(value: Any) -> Any:
    """Return an answer as whoever asked reads it: plain JSON, its tables lists of lists."""
    return orjson.loads(encode(value))


def print_answer(value: Any, *, pretty: bool) -> list[Piece]:
    """Print JSON that may have tables in it, in pieces."""
    tables: list[ValueTable] = []

    def hold_place(item: Any) -> orjson.Fragment:
        if not isinstance(item, ValueTable):
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
        outer, inner = _ListPrinter(level, pretty=pretty), _ListPrinter(level + 1, pretty=pretty)
        if table.by_columns:
            pieces += _print_columns(table.rows, outer, inner)
        else:
            pieces += _print_rows(table.rows, outer)
        pieces.append(after)
    return pieces


class _ListPrinter:
    """Prints what stands in a list whose brackets are indented by a number of levels.

    The library starts at level 0, so the list is put into that many others, and all brackets are
    cut off again.
    """

    def __init__(self, level: int, *, pretty: bool) -> None:
        self._wrappers = range(level if pretty else 0)
        self._option = orjson.OPT_INDENT_2 if pretty else 0
        breaks = [b"\n" + b" " * INDENT * i for i in range(level + 1)] if pretty else [b""]
        self.opening = breaks[-1] + b"["
        self.closing = breaks[-1] + b"]"
        self._tail = sum(len(line_break + b"]") for line_break in breaks)
        self._head = self._tail - len(breaks[0])

    def print_items(self, values: Sequence[Any]) -> memoryview:
        """Print the items of a list that has some."""
        for _ in self._wrappers:
            values = [values]
        text = orjson.dumps(values, option=self._option)
        return memoryview(text)[self._head : len(text) - self._tail]


def _print_rows(rows: Sequence[Sequence[Any]], printer: _ListPrinter) -> Iterator[Piece]:
    for top in range(0, len(rows), BAND_ROWS):
        yield b"," if top else b"["
        yield printer.print_items(rows[top : top + BAND_ROWS])
    yield printer.closing


def _print_columns(
    rows: Sequence[Sequence[Any]], outer: _ListPrinter, inner: _ListPrinter
) -> Iterator[Piece]:
    width = max(map(len, rows))
    columns: list[list[Piece]] = [[] for _ in range(width)]
    held_back = [0] * width
    """Blanks that may be a column's end."""
    for top in range(0, len(rows), BAND_ROWS):
        band = _flattened(rows[top : top + BAND_ROWS], width)
        for index, pieces in enumerate(columns):
            values = band[index::width]
            height = len(values)
            while values and values[-1] == BLANK:
                values.pop()
            blanks = height - len(values)
            if not values:
                held_back[index] += blanks
                continue
            if held_back[index]:
                values = [BLANK] * held_back[index] + values
            held_back[index] = blanks
            pieces.append(b"," if pieces else b"")
            pieces.append(inner.print_items(values))
    for index, pieces in enumerate(columns):
        yield (b"," if index else b"[") + inner.opening
        yield from pieces
        yield inner.closing if pieces else b"]"
    yield outer.closing


def _flattened(rows: Sequence[Sequence[Any]], width: int) -> list[Any]:
    """Put rows after one another, filled up to a width."""
    values: list[Any] = []
    for row in rows:
        values.extend(row)
        if len(row) < width:
            values.extend((BLANK,) * (width - len(row)))
    return values
