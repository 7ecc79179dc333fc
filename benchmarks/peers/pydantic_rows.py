"""One plain pydantic model per row, with a validator for each field that is more than a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ValidationError, create_model
from pydantic_core import PydanticCustomError

from benchmarks.peers.common import Problem, Rules, read_text, run, stage_problems


def make_model(rules: Rules) -> type[BaseModel]:
    """Return the model of a deal's cells."""
    fields: dict[str, Any] = {
        field: (Any, None)
        if read is read_text
        else (Annotated[Any, AfterValidator(_validator(read, rules.code(field)))], None)
        for field, read in rules.readers().items()
    }
    return create_model("Deal", **fields)


def _validator(read: Callable[[Any], Any], code: str) -> Callable[[Any], Any]:
    def validate(value: Any) -> Any:
        if value is None:
            return None
        try:
            return read(value)
        except ValueError:
            raise PydanticCustomError(code, "{value}", {"value": str(value)}) from None

    return validate


def find(rules: Rules) -> Sequence[Problem]:
    """Return all problems."""
    validate, of_stage = make_model(rules).model_validate, stage_problems(rules)
    names = list(rules.columns)
    problems: list[Problem] = []
    for row, cells in enumerate(zip(*rules.columns.values(), strict=True)):
        record = dict(zip(names, cells, strict=True))
        try:
            validate(record)
        except ValidationError as error:
            details = error.errors(include_url=False)
            problems += [(row, str(one["loc"][0]), one["type"]) for one in details]
        problems += of_stage(row, record)
    return problems


if __name__ == "__main__":
    run("pydantic_rows", find)
