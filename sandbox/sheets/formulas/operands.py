"""Values inside a formula: how they turn into one another, as operators and functions need."""

from __future__ import annotations

from datetime import date

from sandbox.sheets.cells import CellError, Value
from sandbox.sheets.entering import enter
from sandbox.sheets.locales import LocaleFacts
from sandbox.sheets.rendering import format_plain

Operand = Value | None
"""A value; None is a blank cell or an argument left out."""

Matrix = list[list[Operand]]
"""Rows of a range."""

Result = Operand | Matrix


_NO_DAY = date(2000, 1, 1)
"""Texts in formulas are read without a present day."""


class FormulaFailure(Exception):  # noqa: N818 - it is the way a formula's error value travels
    """The evaluation ends with an error value."""

    def __init__(self, error: CellError) -> None:
        super().__init__(error)
        self.error = error


def failure(text: str, message: str) -> FormulaFailure:
    """Make the failure of an error text such as `#N/A`."""
    return FormulaFailure(CellError(text, message))


def scalar(result: Result) -> Operand:
    """Give the single value of a result; a range of more cells has none here.

    Raises FormulaFailure for an error value.
    """
    if isinstance(result, list):
        if len(result) != 1 or len(result[0]) != 1:
            raise failure("#VALUE!", "An array value could not be found.")
        result = result[0][0]
    if isinstance(result, CellError):
        raise FormulaFailure(result)
    return result


def number(operand: Operand, function: str, parameter: int, locale: LocaleFacts) -> float:
    """Turn an operand into a number: blanks are 0, texts are read as typed."""
    if operand is None:
        return 0
    if not isinstance(operand, str):
        return operand
    read = enter(operand, locale, _NO_DAY).value if operand else operand
    if isinstance(read, str | bool):
        raise failure(
            "#VALUE!",
            f"Function {function} parameter {parameter} expects number values. But "
            f"'{operand}' is a text and cannot be coerced to a number.",
        )
    return read


def text(operand: Operand, locale: LocaleFacts) -> str:
    """Turn an operand into a text."""
    if operand is None:
        return ""
    if isinstance(operand, bool):
        return locale.true if operand else locale.false
    return str(operand) if isinstance(operand, str) else format_plain(operand, locale)


def truth(operand: Operand, function: str) -> bool:
    """Turn an operand into a boolean."""
    if isinstance(operand, str):
        if operand.upper() in {"TRUE", "FALSE"}:
            return operand.upper() == "TRUE"
        raise failure(
            "#VALUE!",
            f"Function {function} parameter 1 expects boolean values. But '{operand}' is a text "
            "and cannot be coerced to a boolean.",
        )
    return bool(operand)


def compare(left: Operand, right: Operand) -> int:
    """Order two operands: numbers before texts before booleans; a blank is like the other."""
    left, right = _like(left, right), _like(right, left)
    left_rank, right_rank = _rank(left), _rank(right)
    if left_rank != right_rank:
        return left_rank - right_rank
    first, second = _comparable(left), _comparable(right)
    if isinstance(first, str) and isinstance(second, str):
        return (first > second) - (first < second)
    if isinstance(first, str) or isinstance(second, str):
        return 0
    return (first > second) - (first < second)


def _like(operand: Operand, other: Operand) -> Operand:
    if operand is not None:
        return operand
    return "" if isinstance(other, str) else False if isinstance(other, bool) else 0


def _rank(operand: Operand) -> int:
    return 2 if isinstance(operand, bool) else 1 if isinstance(operand, str) else 0


def _comparable(operand: Operand) -> str | float:
    return operand.casefold() if isinstance(operand, str) else float(operand or 0)
