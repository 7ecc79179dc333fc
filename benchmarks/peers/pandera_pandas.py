"""A pandera schema over a pandas frame, lazy, so that it tells all failures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas
import pandera.pandas as pandera

from benchmarks.peers.common import Problem, Rules, read_text, run


def make_schema(rules: Rules) -> Any:
    """Return the schema: a check for each field, and one a field for what the stages ask for."""
    columns = {
        field: pandera.Column(
            nullable=True,
            checks=[]
            if read is read_text
            else [pandera.Check(_passes(read), name=rules.code(field), ignore_na=True)],
        )
        for field, read in rules.readers().items()
    }
    stages = rules.words["stage"]
    asked: dict[str, set[str]] = {}
    for stage, fields in rules.required.items():
        for field in fields:
            asked.setdefault(field, set()).add(stage)
    checks = [
        pandera.Check(_is_there(rules, stages, field, at), name=f"{field}:missing", ignore_na=False)
        for field, at in asked.items()
    ]
    checks.append(pandera.Check(_is_ahead(rules, stages), name="next_step:next_step_past"))
    return pandera.DataFrameSchema(columns, checks=checks)


def _passes(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def passes(value: Any) -> bool:
        try:
            read(value)
        except ValueError:
            return False
        return True

    return lambda series: series.map(passes)


def _is_there(
    rules: Rules, stages: dict[str, Any], field: str, at: set[str]
) -> Callable[[Any], Any]:
    none_words = set() if field in rules.none_fields else set(rules.none_words)

    def check(frame: Any) -> Any:
        asked = frame["stage"].map(stages).fillna(rules.first_stage).isin(at)
        missing = frame[field].isna() | frame[field].isin(none_words)
        return ~(asked & missing)

    return check


def _is_ahead(rules: Rules, stages: dict[str, Any]) -> Callable[[Any], Any]:
    def check(frame: Any) -> Any:
        still_open = frame["stage"].map(stages).isin(rules.open_stages)
        steps = pandas.to_numeric(frame["next_step"], errors="coerce")
        return ~(still_open & (steps < rules.today))

    return check


def find(rules: Rules) -> Sequence[Problem]:
    """Return all problems."""
    frame = pandas.DataFrame(
        {field: pandas.Series(column, dtype=object) for field, column in rules.columns.items()}
    )
    try:
        make_schema(rules).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases
    else:
        return []
    problems = set()
    for context, column, check, row in zip(
        cases["schema_context"], cases["column"], cases["check"], cases["index"], strict=True
    ):
        if context == "Column":
            problems.add((int(row), str(column), str(check)))
        else:
            field, _, code = str(check).partition(":")
            problems.add((int(row), field, code))
    return list(problems)


if __name__ == "__main__":
    run("pandera_pandas", find)
