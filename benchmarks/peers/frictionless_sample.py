"""A frictionless schema with a check of our own, on the first 3,000 deals: it is slow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from frictionless import Check, Checklist, Resource, Schema, errors, validate

from benchmarks.peers.common import Problem, Rules, read_text, run, stage_problems

ROWS = 3_000
MOST_ERRORS = 10**9


class DealCheck(Check):  # type: ignore[misc]  # its base has no types here
    """The rules on a deal's cells, as frictionless wants a rule of one's own."""

    Errors = [errors.CellError]  # noqa: RUF012  # the name that frictionless looks for

    def __init__(self, rules: Rules) -> None:
        super().__init__()
        self._readers = {f: r for f, r in rules.readers().items() if r is not read_text}
        self._rules, self._of_stage = rules, stage_problems(rules)

    def validate_row(self, row: Any) -> Iterator[Any]:
        """Yield an error for each problem of the row."""
        cells = {field: row[field] for field in self._rules.columns}
        number = row.row_number - 2
        for field, read in self._readers.items():
            if cells[field] is not None:
                try:
                    read(cells[field])
                except ValueError:
                    yield self._error(row, field, self._rules.code(field))
        for _, field, code in self._of_stage(number, cells):
            yield self._error(row, field, code)

    def _error(self, row: Any, field: str, code: str) -> Any:
        return errors.CellError.from_row(row, note=code, field_name=field)


def find(rules: Rules) -> Sequence[Problem]:
    """Return all problems."""
    names = list(rules.columns)
    rows = [list(cells) for cells in zip(*rules.columns.values(), strict=True)]
    schema = {"fields": [{"name": name, "type": "any"} for name in names]}
    resource = Resource(data=[names, *rows], schema=Schema.from_descriptor(schema))
    checklist = Checklist(checks=[DealCheck(rules)])
    report = validate(resource, checklist=checklist, limit_errors=MOST_ERRORS)
    found = report.flatten(["rowNumber", "fieldName", "note"])
    return [(int(row) - 2, str(field), str(code)) for row, field, code in found]


if __name__ == "__main__":
    run("frictionless_sample", find, ROWS)
