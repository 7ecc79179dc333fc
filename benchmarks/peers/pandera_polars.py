"""A pandera schema over a polars frame, lazy, so that it tells all failures.

A polars column is of one type: cells are texts there, and numbers are read back out of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandera.polars as pandera
import polars

from benchmarks.peers.common import Problem, Rules, read_text, run


def make_schema(rules: Rules) -> Any:
    """Return the schema: a check for each field, and one a field for what the stages ask for."""
    columns = {
        field: pandera.Column(
            str,
            nullable=True,
            checks=[]
            if read is read_text
            else [pandera.Check(_passes(rules, field, read), name=f"{field}:{rules.code(field)}")],
        )
        for field, read in rules.readers().items()
    }
    asked: dict[str, list[str]] = {}
    for stage, fields in rules.required.items():
        for field in fields:
            asked.setdefault(field, []).append(stage)
    checks = [
        pandera.Check(_is_there(rules, field, at), name=f"{field}:missing")
        for field, at in asked.items()
    ]
    checks.append(pandera.Check(_is_ahead(rules), name="next_step:next_step_past"))
    return pandera.DataFrameSchema(columns, checks=checks)


def _passes(rules: Rules, field: str, read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    if field in rules.words:
        words = rules.words[field]
        if field in rules.several:
            good = polars.col(field).str.split(", ").list.eval(polars.element().is_in(list(words)))
            return lambda data: data.lazyframe.select(good.list.all())
        return lambda data: data.lazyframe.select(polars.col(field).is_in(list(words)))

    def passes(text: str) -> bool:
        try:
            read(_cell(text))
        except ValueError:
            return False
        return True

    return lambda data: data.lazyframe.select(
        polars.col(field).map_elements(passes, return_dtype=polars.Boolean)
    )


def _cell(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _stage(rules: Rules) -> Any:
    return polars.col("stage").replace_strict(rules.words["stage"], default=None)


def _is_there(rules: Rules, field: str, at: list[str]) -> Callable[[Any], Any]:
    none_words = [] if field in rules.none_fields else rules.none_words
    asked = _stage(rules).fill_null(rules.first_stage).is_in(at)
    missing = polars.col(field).is_null() | polars.col(field).is_in(none_words)
    return lambda data: data.lazyframe.select(~(asked & missing.fill_null(value=True)))


def _is_ahead(rules: Rules) -> Callable[[Any], Any]:
    still_open = _stage(rules).is_in(rules.open_stages).fill_null(value=False)
    past = polars.col("next_step").cast(polars.Float64, strict=False) < rules.today
    return lambda data: data.lazyframe.select(~(still_open & past.fill_null(value=False)))


def find(rules: Rules) -> Sequence[Problem]:
    """Return all problems."""
    frame = polars.DataFrame(
        {
            field: polars.Series(
                field, [None if cell is None else str(cell) for cell in column], dtype=polars.String
            )
            for field, column in rules.columns.items()
        }
    )
    try:
        make_schema(rules).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases
    else:
        return []
    found = zip(cases["check"].to_list(), cases["index"].to_list(), strict=True)
    return [(int(row), *str(check).split(":")) for check, row in set(found)]  # type: ignore[misc]


if __name__ == "__main__":
    run("pandera_polars", find)
