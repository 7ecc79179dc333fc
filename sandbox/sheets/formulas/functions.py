"""The functions that formulas may call, in one table. What is not there is `#NAME?`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from sandbox.sheets.cells import CellError
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
from sandbox.sheets.locales import LocaleFacts
from sandbox.sheets.serials import moment_of, serial_of

Work = Callable[[list[Result], LocaleFacts, datetime], Result]


@dataclass(frozen=True)
class FunctionFacts:
    """A function: how many arguments it takes and what it does with their values."""

    work: Work
    least: int = 1
    most: int = 255


def _flat(results: list[Result]) -> Iterator[tuple[Operand, bool]]:
    """Go through all values, telling which come out of ranges. Raises FormulaFailure on errors."""
    for result in results:
        matrix = result if isinstance(result, list) else [[result]]
        for row in matrix:
            for operand in row:
                if isinstance(operand, CellError):
                    raise FormulaFailure(operand)
                yield operand, isinstance(result, list)


def _numbers(results: list[Result], name: str, locale: LocaleFacts) -> list[float]:
    """Give the numbers of all arguments; texts, booleans and blanks within ranges do not count."""
    found: list[float] = []
    for operand, in_range in _flat(results):
        if not in_range:
            found.append(number(operand, name, len(found) + 1, locale))
        elif _is_number(operand) and not isinstance(operand, str | None):
            found.append(operand)
    return found


def _over_numbers(name: str, work: Callable[[list[float]], float]) -> FunctionFacts:
    return FunctionFacts(lambda results, locale, _: work(_numbers(results, name, locale)))


def _average(numbers: list[float]) -> float:
    if not numbers:
        raise failure("#DIV/0!", "Evaluation of function AVERAGE caused a divide by zero error.")
    return math.fsum(numbers) / len(numbers)


def _count(results: list[Result], _locale: LocaleFacts, _now: datetime) -> Operand:
    return sum(_is_number(operand) for operand, _ in _flat(results))


def _count_filled(results: list[Result], _locale: LocaleFacts, _now: datetime) -> Operand:
    matrices = [result if isinstance(result, list) else [[result]] for result in results]
    return sum(operand is not None for matrix in matrices for row in matrix for operand in row)


def _truths(results: list[Result], name: str) -> list[bool]:
    return [
        truth(operand, name)
        for operand, in_range in _flat(results)
        if not (in_range and (operand is None or isinstance(operand, str)))
    ]


def _over_text(work: Callable[[str], Operand]) -> FunctionFacts:
    return FunctionFacts(lambda results, locale, _: work(text(scalar(results[0]), locale)), 1, 1)


def _concatenate(results: list[Result], locale: LocaleFacts, _now: datetime) -> Operand:
    return "".join(text(operand, locale) for operand, _ in _flat(results))


def _rounding(name: str, mode: str) -> FunctionFacts:
    def work(results: list[Result], locale: LocaleFacts, _now: datetime) -> Operand:
        value = number(scalar(results[0]), name, 1, locale)
        places = int(number(scalar(results[1]), name, 2, locale)) if len(results) > 1 else 0
        return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), mode))

    return FunctionFacts(work, 1, 2)


def _one_number(name: str, work: Callable[[float], float]) -> FunctionFacts:
    return FunctionFacts(
        lambda results, locale, _: work(number(scalar(results[0]), name, 1, locale)), 1, 1
    )


def _square_root(value: float) -> float:
    if value < 0:
        raise failure(
            "#NUM!", "Function SQRT parameter 1 value is negative. It should be positive or zero."
        )
    return math.sqrt(value)


def _is(check: Callable[[Operand], bool]) -> FunctionFacts:
    def work(results: list[Result], _locale: LocaleFacts, _now: datetime) -> Operand:
        return all(check(operand) for row in _as_matrix(results[0]) for operand in row)

    return FunctionFacts(work, 1, 1)


def _is_number(operand: Operand) -> bool:
    return isinstance(operand, int | float) and not isinstance(operand, bool)


def _is_text(operand: Operand) -> bool:
    return isinstance(operand, str) and not isinstance(operand, CellError)


def _part_of_date(name: str, work: Callable[[datetime], int]) -> FunctionFacts:
    return _one_number(name, lambda serial: work(moment_of(serial)))


def _date(results: list[Result], locale: LocaleFacts, _now: datetime) -> Operand:
    year, month, day = (
        int(number(scalar(result), "DATE", index, locale))
        for index, result in enumerate(results, 1)
    )
    months = year * 12 + month - 1
    return serial_of(date(months // 12, months % 12 + 1, 1)) + day - 1


def _hyperlink(results: list[Result], locale: LocaleFacts, _now: datetime) -> Operand:
    return scalar(results[-1]) if len(results) > 1 else text(scalar(results[0]), locale)


def _left(results: list[Result], locale: LocaleFacts, _now: datetime) -> Operand:
    count = int(number(scalar(results[1]), "LEFT", 2, locale)) if len(results) > 1 else 1
    return text(scalar(results[0]), locale)[:count]


def _right(results: list[Result], locale: LocaleFacts, _now: datetime) -> Operand:
    count = int(number(scalar(results[1]), "RIGHT", 2, locale)) if len(results) > 1 else 1
    whole = text(scalar(results[0]), locale)
    return whole[max(len(whole) - count, 0) :]


def _as_matrix(result: Result) -> Matrix:
    return result if isinstance(result, list) else [[result]]


def _vlookup(results: list[Result], locale: LocaleFacts, _now: datetime) -> Operand:
    wanted, table = scalar(results[0]), _as_matrix(results[1])
    column = int(number(scalar(results[2]), "VLOOKUP", 3, locale))
    is_sorted = truth(scalar(results[3]), "VLOOKUP") if len(results) > 3 else True
    if not 1 <= column <= len(table[0]):
        raise failure(
            "#REF!", f"VLOOKUP evaluates to an out of bounds range. Parameter 3 is {column}."
        )
    found: list[Operand] | None = None
    for row in table:
        order = 1 if row[0] is None or isinstance(row[0], CellError) else compare(row[0], wanted)
        if order == 0 or (is_sorted and order < 0):
            found = row
        if order == 0 and not is_sorted:
            break
    if found is None:
        raise failure("#N/A", f"Did not find value '{text(wanted, locale)}' in VLOOKUP evaluation.")
    return scalar(found[column - 1])


def _matches(operand: Operand, criterion: Operand, locale: LocaleFacts) -> bool:
    """Tell whether a cell meets a criterion such as `>5`, `<>x` or a plain value."""
    wanted, holds = criterion, _CRITERIA["="]
    if isinstance(criterion, str):
        for sign, check in _CRITERIA.items():
            if criterion.startswith(sign):
                wanted, holds = criterion[len(sign) :], check
                break
        with suppress(FormulaFailure):
            wanted = number(wanted, "COUNTIF", 2, locale)
    same_kind = isinstance(wanted, str) == isinstance(operand, str)
    if operand is None or not same_kind:
        return holds is _CRITERIA["<>"]
    return holds(compare(operand, wanted))


_CRITERIA: dict[str, Callable[[int], bool]] = {
    "<>": lambda order: order != 0,
    "<=": lambda order: order <= 0,
    ">=": lambda order: order >= 0,
    "<": lambda order: order < 0,
    ">": lambda order: order > 0,
    "=": lambda order: order == 0,
}


def _count_if(results: list[Result], locale: LocaleFacts, _now: datetime) -> Operand:
    criterion = scalar(results[1])
    return sum(
        _matches(operand, criterion, locale) for row in _as_matrix(results[0]) for operand in row
    )


def _sum_if(results: list[Result], locale: LocaleFacts, _now: datetime) -> Operand:
    criterion = scalar(results[1])
    asked = [operand for row in _as_matrix(results[0]) for operand in row]
    summed = [
        operand for row in _as_matrix(results[-1 if len(results) > 2 else 0]) for operand in row
    ]
    return math.fsum(
        value
        for operand, value in zip(asked, summed, strict=False)
        if _matches(operand, criterion, locale)
        and isinstance(value, int | float)
        and not isinstance(value, bool)
    )


EAGER: dict[str, FunctionFacts] = {
    "SUM": _over_numbers("SUM", math.fsum),
    "AVERAGE": _over_numbers("AVERAGE", _average),
    "MIN": _over_numbers("MIN", lambda numbers: min(numbers, default=0)),
    "MAX": _over_numbers("MAX", lambda numbers: max(numbers, default=0)),
    "PRODUCT": _over_numbers("PRODUCT", lambda numbers: math.prod(numbers) if numbers else 0),
    "COUNT": FunctionFacts(_count),
    "COUNTA": FunctionFacts(_count_filled),
    "COUNTIF": FunctionFacts(_count_if, 2, 2),
    "SUMIF": FunctionFacts(_sum_if, 2, 3),
    "AND": FunctionFacts(lambda results, *_: all(_truths(results, "AND"))),
    "OR": FunctionFacts(lambda results, *_: any(_truths(results, "OR"))),
    "NOT": FunctionFacts(lambda results, *_: not truth(scalar(results[0]), "NOT"), 1, 1),
    "CONCATENATE": FunctionFacts(_concatenate),
    "CONCAT": FunctionFacts(_concatenate, 2, 2),
    "LEN": _over_text(len),
    "TRIM": _over_text(lambda value: " ".join(value.split())),
    "UPPER": _over_text(str.upper),
    "LOWER": _over_text(str.lower),
    "LEFT": FunctionFacts(_left, 1, 2),
    "RIGHT": FunctionFacts(_right, 1, 2),
    "ROUND": _rounding("ROUND", ROUND_HALF_UP),
    "ROUNDDOWN": _rounding("ROUNDDOWN", ROUND_DOWN),
    "SQRT": _one_number("SQRT", _square_root),
    "ABS": _one_number("ABS", abs),
    "INT": _one_number("INT", math.floor),
    "TODAY": FunctionFacts(lambda _results, _locale, now: serial_of(now.date()), 0, 0),
    "NOW": FunctionFacts(lambda _results, _locale, now: serial_of(now), 0, 0),
    "DATE": FunctionFacts(_date, 3, 3),
    "YEAR": _part_of_date("YEAR", lambda moment: moment.year),
    "MONTH": _part_of_date("MONTH", lambda moment: moment.month),
    "DAY": _part_of_date("DAY", lambda moment: moment.day),
    "ISBLANK": _is(lambda operand: operand is None),
    "ISTEXT": _is(_is_text),
    "ISNUMBER": _is(_is_number),
    "ISERROR": _is(lambda operand: isinstance(operand, CellError)),
    "NA": FunctionFacts(lambda *_: CellError("#N/A"), 0, 0),
    "HYPERLINK": FunctionFacts(_hyperlink, 1, 2),
    "VLOOKUP": FunctionFacts(_vlookup, 3, 4),
}
