"""Values printed by columns, a band of rows at a time.

Turning rows into columns touches every value once more and takes as long as printing them. Rows
are immutable, so a band that was printed once is printed for as long as its rows are the same,
and a write costs no more than the bands that it touches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from operator import is_
from typing import NamedTuple

from sandbox.printing import BAND_ROWS, ListPrinter, Piece
from sandbox.sheets.cells import BLANK, Value
from sandbox.sheets.ranges import Area

Values = Sequence[Value]
Columns = list[tuple[Value, ...]]


class Part(NamedTuple):
    """A band's part of a column: its items down to the last filled one, and how many follow."""

    text: Piece
    blanks: int


class PrintedBands:
    """The bands of a sheet as they were last printed, in one form: some 50 MB at the most."""

    def __init__(self) -> None:
        self._printed: tuple[object, dict[int, tuple[Sequence[Values], list[Part]]]] = None, {}

    def print(self, number: int, rows: Sequence[Values], printer: ListPrinter) -> list[Part]:
        """Print all columns of a band, from memory where rows and form are the same."""
        form, printed = self._printed
        if form != printer.form:
            # Another thread may be at it in another form: each keeps to the object that it found.
            printed = {}
            self._printed = printer.form, printed
        known = printed.get(number)
        if known is None or len(known[0]) != len(rows) or not all(map(is_, known[0], rows)):
            known = printed[number] = rows, _print_parts(_turned(rows), printer)
        return known[1]

    def forget_after(self, row_count: int) -> None:
        """Forget the bands below rows that are no longer there."""
        _, printed = self._printed
        for number in [known for known in list(printed) if known * BAND_ROWS >= row_count]:
            printed.pop(number, None)


def _turned(rows: Sequence[Values]) -> Columns:
    """Give the columns of rows, blank where a row is shorter than the widest."""
    return list(zip_longest(*rows, fillvalue=BLANK))


def _print_parts(columns: Columns, printer: ListPrinter) -> list[Part]:
    shown = [_without_blank_end(column) for column in columns]
    texts = printer.print_items_within(shown)
    return [
        Part(text, len(column) - len(items))
        for text, column, items in zip(texts, columns, shown, strict=True)
    ]


def _without_blank_end(column: tuple[Value, ...]) -> tuple[Value, ...]:
    end = len(column)
    while end and column[end - 1] == BLANK:
        end -= 1
    return column[:end]


def aligned(area: Area) -> Area:
    """Give the rows of the bands that an area lies on, in the area's columns."""
    top, bottom = area.top - area.top % BAND_ROWS, area.bottom + -area.bottom % BAND_ROWS
    return area._replace(top=top, bottom=bottom)


@dataclass(frozen=True)
class ColumnTable:
    """The columns of an area without their blank ends; one filled cell at least.

    `rows` are the values of the rows of the whole bands that the area lies on.
    """

    rows: Sequence[Values]
    area: Area
    printed: PrintedBands

    def pieces(self, level: int, *, pretty: bool) -> Iterator[Piece]:
        """Print the columns one after the other."""
        outer, inner = ListPrinter(level, pretty=pretty), ListPrinter(level + 1, pretty=pretty)
        columns: list[list[Piece]] = [[] for _ in range(self.area.width)]
        held_back = [0] * self.area.width
        """Blanks that may be a column's end."""
        for height, parts in self._parts(outer):
            for index, pieces in enumerate(columns):
                text, blanks = parts[index] if index < len(parts) else (b"", height)
                if not text:
                    held_back[index] += blanks
                    continue
                if held_back[index]:
                    pieces += (b",", inner.print_blanks(held_back[index]))
                pieces += (b",", text)
                held_back[index] = blanks
        while not columns[-1]:
            columns.pop()
        for index, pieces in enumerate(columns):
            yield (b"," if index else b"[") + inner.opening
            yield from pieces[1:]
            yield inner.closing if pieces else b"]"
        yield outer.closing

    def _parts(self, printer: ListPrinter) -> Iterator[tuple[int, list[Part]]]:
        """Give the height of each band and its parts of the area's columns."""
        area, first = self.area, aligned(self.area).top
        for top in range(first, min(area.bottom, first + len(self.rows)), BAND_ROWS):
            rows = self.rows[top - first : top - first + BAND_ROWS]
            start, end = max(area.top - top, 0), min(area.bottom - top, len(rows))
            if end - start == len(rows):
                parts = self.printed.print(top // BAND_ROWS, rows, printer)[area.left : area.right]
            else:
                columns = _turned(rows[start:end])[area.left : area.right]
                parts = _print_parts(columns, printer)
            yield end - start, parts
