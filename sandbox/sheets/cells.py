"""Cells and rows: what a grid is made of. Everything here is immutable, so that sharing is safe.

A row keeps two parallel tuples. `values` are the effective values, ready to be serialised as they
stand: "" is a blank cell. `marks` are what a cell has besides its value, None for most of them.
Both are cut after their last entry, so an empty row costs nothing and a plain one little.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest
from typing import Any, NamedTuple, TypeVar

import orjson

Json = dict[str, Any]
T = TypeVar("T")


class CellError(str):
    """A formula's error, which reads as its text (`#DIV/0!`)."""

    __slots__ = ("message",)
    message: str

    KINDS = {  # noqa: RUF012 - a table of facts: ErrorValue.type of the discovery document
        "#ERROR!": "ERROR",
        "#NULL!": "NULL_VALUE",
        "#DIV/0!": "DIVIDE_BY_ZERO",
        "#VALUE!": "VALUE",
        "#REF!": "REF",
        "#NAME?": "NAME",
        "#NUM!": "NUM",
        "#N/A": "N_A",
        "Loading...": "LOADING",
    }

    def __new__(cls, text: str, message: str = "") -> CellError:
        """Make the error of this text with Google's explanation of it."""
        error = super().__new__(cls, text)
        error.message = message
        return error

    @property
    def kind(self) -> str:
        """ErrorValue.type."""
        return self.KINDS[str(self)]


Value = str | int | float | bool
"""An effective value. Numbers without a fraction are ints, so that they print without one."""

BLANK = ""


class Shared(Json):
    """A read-only JSON object of which there is one for each content: equality is identity."""

    __slots__ = ()
    __hash__ = object.__hash__  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return self is other


_SHARED: dict[bytes, Shared] = {}


def share(content: Json | None) -> Shared | None:
    """Give the one shared object of this content; None for nothing."""
    if not content:
        return None
    key = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    shared = _SHARED.get(key)
    if shared is None:
        shared = _SHARED.setdefault(key, Shared(orjson.loads(orjson.dumps(content))))
    return shared


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """What a cell has besides its value; equality is identity, as those that recur are shared.

    `runs` holds textFormatRuns and chipRuns as given, `inferred` the number format that a formula's
    result has by itself.
    """

    formula: str = ""
    format: Shared | None = None
    note: str = ""
    validation: Shared | None = None
    runs: Shared | None = None
    inferred: Shared | None = None


PLAIN = Mark()


@lru_cache(maxsize=1 << 14)
def make_mark(
    formula: str,
    shape: Shared | None,
    note: str,
    validation: Shared | None,
    runs: Shared | None,
    inferred: Shared | None = None,
) -> Mark | None:
    """Give the mark of these facts, shared where it recurs; None when there is none of them."""
    if not (formula or shape or note or validation or runs):
        return None
    return Mark(formula, shape, note, validation, runs, inferred)


def formatted_mark(mark: Mark | None, shape: Shared | None) -> Mark | None:
    """Give the same mark with another format."""
    old = mark or PLAIN
    return make_mark(old.formula, shape, old.note, old.validation, old.runs, old.inferred)


def entered_mark(mark: Mark | None, formula: str = "") -> Mark | None:
    """Give the mark after a new value came in: formula replaced, runs gone, the rest stays."""
    if mark is None and not formula:
        return None
    old = mark or PLAIN
    return make_mark(formula, old.format, old.note, old.validation, None)


class Cell(NamedTuple):
    """A cell taken out of its row."""

    value: Value = BLANK
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells with its own height and visibility (`shape`: DimensionProperties)."""

    values: tuple[Value, ...] = ()
    marks: tuple[Mark | None, ...] = ()
    shape: Shared | None = None
    has_formulas: bool = False
    texts: tuple[object, tuple[str, ...]] | None = field(default=None, compare=False, repr=False)
    """A cache: how the values read, after the locale they were written for."""

    def cell(self, column: int) -> Cell:
        """Give the cell of a column, blank beyond the stored ones."""
        return Cell(
            self.values[column] if column < len(self.values) else BLANK,
            self.marks[column] if column < len(self.marks) else None,
        )

    def cells(self, left: int, right: int) -> list[Cell]:
        """Give the cells of columns left..right-1, as many as asked for."""
        return [self.cell(column) for column in range(left, right)]

    @property
    def width(self) -> int:
        """How many columns are stored."""
        return max(len(self.values), len(self.marks))

    @property
    def is_empty(self) -> bool:
        """True when nothing is stored at all."""
        return not (self.values or self.marks or self.shape)

    def with_cells(self, left: int, cells: Sequence[Cell]) -> Row:
        """Give the row with cells overwritten from a column on."""
        if len(cells) == 1:
            return self._with_cell(left, *cells[0])
        values = replace_slice(self.values, left, [cell.value for cell in cells], BLANK)
        fresh = [cell.mark for cell in cells]
        if not self.marks and not any(fresh):
            return make_row(values, (), self.shape)
        return make_row(values, replace_slice(self.marks, left, fresh, None), self.shape)

    def _with_cell(self, column: int, value: Value, mark: Mark | None) -> Row:
        """Give the row with one cell overwritten; requests for one cell come by the thousand."""
        values = _with_item(self.values, column, value, BLANK)
        marks = _with_item(self.marks, column, mark, None)
        has_formulas = _has_formula(marks if self.has_formulas else (mark,))
        return Row(values, marks, self.shape, has_formulas)

    def part(self, left: int, right: int) -> Row:
        """Give the cells of columns left..right-1 as a row of their own, without a shape."""
        return make_row(list(self.values[left:right]), list(self.marks[left:right]))

    def with_part(self, left: int, right: int, part: Row) -> Row:
        """Give the row with columns left..right-1 replaced by another row's cells."""
        if not left and self.width <= right:
            return Row(part.values, part.marks, self.shape, part.has_formulas)
        values = list(part.values) + [BLANK] * (right - left - len(part.values))
        marks = list(part.marks) + [None] * (right - left - len(part.marks))
        return make_row(
            replace_slice(self.values, left, values, BLANK),
            replace_slice(self.marks, left, marks, None),
            self.shape,
        )

    def with_columns(self, change: Callable[[list[Cell]], list[Cell]]) -> Row:
        """Give the row with its cells rearranged by a function over all stored cells."""
        cells = change(self.cells(0, self.width))
        return make_row([c.value for c in cells], [c.mark for c in cells], self.shape)


EMPTY_ROW = Row()


def make_row(
    values: Sequence[Value], marks: Sequence[Mark | None], shape: Shared | None = None
) -> Row:
    """Make a row; ends without content are cut."""
    if not marks:
        return Row(_cut(values, BLANK), (), shape)
    kept = _cut(marks, None)
    return Row(_cut(values, BLANK), kept, shape, _has_formula(kept))


def _has_formula(marks: Sequence[Mark | None]) -> bool:
    for mark in marks:  # noqa: SIM110 - any() with a generator takes three times as long
        if mark is not None and mark.formula:
            return True
    return False


def _cut(items: Sequence[T], filler: T) -> tuple[T, ...]:
    end = len(items)
    while end and items[end - 1] == filler:
        end -= 1
    return tuple(items) if end == len(items) else tuple(items[:end])


def _with_item(old: tuple[T, ...], index: int, item: T, filler: T) -> tuple[T, ...]:
    """Overwrite one item of a tuple that is cut after its last entry."""
    if index < len(old) - 1:
        return old if old[index] is item else (*old[:index], item, *old[index + 1 :])
    if item == filler:
        return _cut(old[:index], filler)
    return (*old[:index], *(filler,) * (index - len(old)), item)


def replace_slice(old: tuple[T, ...], left: int, new: Sequence[T], filler: T) -> tuple[T, ...]:
    """Overwrite items from an index on, filling a gap before it."""
    gap = (filler,) * (left - len(old))
    return (*old[:left], *gap, *new, *old[left + len(new) :])


def paired(row: Row) -> Iterable[tuple[Value | None, Mark | None]]:
    """Go through value and mark of every stored cell; a value of None means blank."""
    return zip_longest(row.values, row.marks)


def plain_number(number: float) -> int | float:
    """Give a number as Sheets serialises it: without a fraction when it has none."""
    if isinstance(number, float) and number.is_integer() and abs(number) < 1e15:
        return int(number)
    return number
