"""Formula cells brought up to date after a change."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from sandbox.sheets.cells import BLANK, PLAIN, Row, Shared, Value, make_row
from sandbox.sheets.formulas.evaluation import Evaluation, Place
from sandbox.sheets.state import Workbook

_OF_TODAY = re.compile(r"\b(?:TODAY|NOW)\(", re.I)

Outcome = tuple[int, Value, Shared | None]
"""A formula's column, value and inferred number format."""


def recalculate(workbook: Workbook, now: datetime) -> None:
    """Evaluate all formulas of a workbook and store their values; `now` is its local time."""
    formulas = collect_formulas(workbook)
    is_dated = any(_OF_TODAY.search(formula) for formula in formulas.values())
    workbook.dated = now.date() if is_dated else None
    if not formulas:
        return
    evaluation = Evaluation(workbook, now, formulas)
    evaluation.run()
    by_row: dict[tuple[int, int], list[Outcome]] = {}
    for place, value in evaluation.results.items():
        sheet_id, row, column = place
        outcome = (column, BLANK if value is None else value, evaluation.formats.get(place))
        by_row.setdefault((sheet_id, row), []).append(outcome)
    for (sheet_id, index), results in by_row.items():
        sheet = workbook.sheet(sheet_id)
        sheet.rows[index] = _with_results(sheet.rows[index], results)


def collect_formulas(workbook: Workbook) -> dict[Place, str]:
    """Give all formulas of a workbook by their place."""
    return {
        (sheet.sheet_id, index, column): mark.formula
        for sheet in workbook.sheets
        for index, row in enumerate(sheet.rows)
        if row.has_formulas
        for column, mark in enumerate(row.marks)
        if mark and mark.formula
    }


def _with_results(row: Row, outcomes: list[Outcome]) -> Row:
    values, marks = list(row.values), list(row.marks)
    for column, value, inferred in outcomes:
        values += [BLANK] * (column + 1 - len(values))
        values[column] = value
        mark = marks[column] or PLAIN
        if mark.inferred is not inferred:
            marks[column] = replace(mark, inferred=inferred)
    return make_row(values, marks, row.shape)
