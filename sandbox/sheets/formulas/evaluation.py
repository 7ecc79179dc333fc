"""Formula trees evaluated against a workbook, without recursion from cell to cell."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.sheets.a1 import Corners
from sandbox.sheets.cells import (
    BLANK,
    CellError,
    Json,
    Shared,
    entered_mark,
    plain_number,
    share,
)
from sandbox.sheets.formulas.functions import EAGER
from sandbox.sheets.formulas.operands import (
    FormulaFailure,
    Matrix,
    Operand,
    Result,
    compare,
    failure,
    number,
    scalar,
    text,
    truth,
)
from sandbox.sheets.formulas.parsing import (
    Cells,
    FormulaError,
    Function,
    Literal,
    Name,
    Node,
    Operation,
    parse_formula,
)
from sandbox.sheets.locales import LocaleFacts, locale_facts
from sandbox.sheets.ranges import GridRange
from sandbox.sheets.rendering import number_format
from sandbox.sheets.state import Sheet, Workbook

Place = tuple[int, int, int]
"""Sheet id, row, column."""


class UnreadyError(Exception):
    """Another formula cell must be evaluated first."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.place = place


@dataclass
class Evaluation:
    """All formulas of a workbook on their way to values."""

    workbook: Workbook
    now: datetime
    formulas: Mapping[Place, str]
    results: dict[Place, Operand] = field(default_factory=dict)
    formats: dict[Place, Shared | None] = field(default_factory=dict)

    @property
    def locale(self) -> LocaleFacts:
        """The facts of the spreadsheet's locale."""
        return locale_facts(self.workbook.locale)

    def run(self) -> None:
        """Evaluate every formula into `results`, and into `formats` the number formats inferred.

        Those come first that others need; a circle gives #REF!.
        """
        for start in self.formulas:
            waiting = [start]
            while waiting:
                place = waiting[-1]
                try:
                    self.results.setdefault(place, self._value_of(place))
                    waiting.pop()
                except UnreadyError as unready:
                    if unready.place in waiting:
                        self._break_circle(waiting[waiting.index(unready.place) :])
                    else:
                        waiting.append(unready.place)

    def _break_circle(self, places: list[Place]) -> None:
        message = (
            "Circular dependency detected. To resolve with iterative calculation, see "
            "File > Settings."
        )
        for place in places:
            self.results[place] = CellError("#REF!", message)

    def _value_of(self, place: Place) -> Operand:
        if place in self.results:
            return self.results[place]
        try:
            tree = parse_formula(self.formulas[place], self.locale.decimal)
            home = self.workbook.sheet(place[0])
            value = scalar(self.evaluate(tree, home))
            self.formats[place] = self._infer(tree, home)
            return _storable(value)
        except (FormulaError, RecursionError):
            return CellError("#ERROR!", "Formula parse error.")
        except FormulaFailure as failed:
            return failed.error
        except (ArithmeticError, ValueError):
            return CellError("#NUM!", "Numeric value is out of range.")

    def evaluate(self, node: Node, home: Sheet) -> Result:
        """Give the value of a tree that stands on a sheet. Raises FormulaFailure."""
        match node:
            case Literal(value):
                return value
            case Cells(reference):
                sheet = self.workbook.sheet_titled(reference.title) if reference.title else home
                if sheet is None:
                    raise failure("#REF!", f"Unresolved sheet name '{reference.title}'.")
                return self.matrix(sheet, reference.corners or Corners())
            case Name(name):
                return self._named(name)
            case Operation(operator, operands):
                return self._operate(operator, [self.evaluate(one, home) for one in operands])
            case Function(name, arguments):
                return self._call(name, arguments, home)

    def _infer(self, node: Node | None, home: Sheet) -> Shared | None:
        """Give the number format that a result has by itself: dates and plain references do."""
        match node:
            case Function(name, _):
                return share(_TYPES_OF_RESULTS.get(name.upper()))
            case Cells(reference) if reference.corners and reference.corners.is_single_cell:
                sheet = self.workbook.sheet_titled(reference.title) if reference.title else home
                return self._format_at(sheet, reference.corners) if sheet else None
            case Operation("+" | "-", operands):
                formats = [self._infer(operand, home) for operand in operands]
                return next((one for one in formats if one), None)
            case _:
                return None

    def _format_at(self, sheet: Sheet, corners: Corners) -> Shared | None:
        row, column = corners.top or 0, corners.left or 0
        place = (sheet.sheet_id, row, column)
        entered = number_format(entered_mark(sheet.cell(row, column).mark))
        return share(dict(entered)) or self.formats.get(place)

    def _named(self, name: str) -> Result:
        for named in self.workbook.named_ranges.values():
            if named.name.casefold() == name.casefold():
                sheet = self.workbook.sheet(named.range.sheet_id)
                return self.matrix(sheet, named.range.corners())
        raise failure("#NAME?", f"Unknown range name: '{name.upper()}'.")

    def matrix(self, sheet: Sheet, corners: Corners) -> Matrix:
        """Give the cells of a range down to the last filled row. Raises UnreadyError."""
        place = GridRange(sheet.sheet_id, corners.top, corners.left, corners.bottom, corners.right)
        area = place.area(sheet.row_count, sheet.column_count)
        if area.height == 0 or area.width == 0:
            raise failure("#REF!", "Reference does not exist.")
        last = max(min(area.bottom, len(sheet.rows)), area.top + 1)
        if corners.bottom is not None and area.height * area.width < 1000:
            last = area.bottom
        return [
            [self._cell(sheet, row, column) for column in range(area.left, area.right)]
            for row in range(area.top, last)
        ]

    def _cell(self, sheet: Sheet, row: int, column: int) -> Operand:
        values = sheet.row(row).values
        value: Operand = values[column] if column < len(values) else None
        if sheet.row(row).has_formulas:
            place = (sheet.sheet_id, row, column)
            if place in self.results:
                return self.results[place]
            if place in self.formulas:
                raise UnreadyError(place)
        return None if value == BLANK else value

    def _operate(self, operator: str, results: list[Result]) -> Operand:
        operands = [scalar(result) for result in results]
        if operator in _COMPARISONS:
            return _COMPARISONS[operator](compare(operands[0], operands[1]))
        if operator == "&":
            return text(operands[0], self.locale) + text(operands[1], self.locale)
        name, work = _ARITHMETIC[operator]
        numbers = [
            number(operand, name, index, self.locale) for index, operand in enumerate(operands, 1)
        ]
        return work(*numbers)

    def _call(self, called: str, arguments: tuple[Node | None, ...], home: Sheet) -> Result:
        name = called.upper()
        if name == "IF":
            return self._if(arguments, home)
        if name in {"IFERROR", "IFNA"}:
            return self._if_error(name, arguments, home)
        function = EAGER.get(name)
        if function is None:
            raise failure("#NAME?", f"Unknown function: '{called}'.")
        if not function.least <= len(arguments) <= function.most:
            raise failure(
                "#N/A",
                f"Wrong number of arguments to {name}. Expected {function.least} arguments, "
                f"but got {len(arguments)} arguments.",
            )
        results = [None if one is None else self.evaluate(one, home) for one in arguments]
        return function.work(results, self.locale, self.now)

    def _if(self, arguments: tuple[Node | None, ...], home: Sheet) -> Result:
        if not 2 <= len(arguments) <= 3:
            raise failure("#N/A", "Wrong number of arguments to IF. Expected 2 to 3 arguments.")
        condition, *branches = arguments
        asked = None if condition is None else scalar(self.evaluate(condition, home))
        index = 0 if truth(asked, "IF") else 1
        if index >= len(branches):
            return False
        branch = branches[index]
        return None if branch is None else self.evaluate(branch, home)

    def _if_error(self, name: str, arguments: tuple[Node | None, ...], home: Sheet) -> Result:
        first, second = (*arguments, None, None)[:2]
        try:
            return None if first is None else scalar(self.evaluate(first, home))
        except FormulaFailure as failed:
            if name == "IFNA" and failed.error != "#N/A":
                raise
            return "" if second is None else self.evaluate(second, home)


def _storable(value: Operand) -> Operand:
    """Give a result as cells hold it. Raises OverflowError for a number that is no double."""
    if value is None or isinstance(value, str | bool):
        return value
    if not math.isfinite(value):
        raise OverflowError(value)
    return plain_number(float(value))


def _divide(left: float, right: float) -> float:
    if right == 0:
        raise failure("#DIV/0!", "Function DIVIDE parameter 2 cannot be zero.")
    return left / right


def _power(base: float, exponent: float) -> float:
    result = base**exponent
    if isinstance(result, complex):
        raise failure("#NUM!", "POWER evaluates to an imaginary number.")
    return float(result)


_TYPES_OF_RESULTS: dict[str, Json] = {
    "DATE": {"type": "DATE"},
    "TODAY": {"type": "DATE"},
    "NOW": {"type": "DATE_TIME"},
}

_ARITHMETIC: dict[str, tuple[str, Callable[..., float]]] = {
    "+": ("ADD", lambda left, right: left + right),
    "-": ("MINUS", lambda left, right: left - right),
    "*": ("MULTIPLY", lambda left, right: left * right),
    "/": ("DIVIDE", _divide),
    "^": ("POW", _power),
    "negate": ("UMINUS", lambda operand: -operand),
    "%": ("UNARY_PERCENT", lambda operand: operand / 100),
}

_COMPARISONS: dict[str, Callable[[int], bool]] = {
    "=": lambda order: order == 0,
    "<>": lambda order: order != 0,
    "<": lambda order: order < 0,
    ">": lambda order: order > 0,
    "<=": lambda order: order <= 0,
    ">=": lambda order: order >= 0,
}
