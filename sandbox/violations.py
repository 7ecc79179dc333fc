"""What is wrong with a request, in the words of Google's front end."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.calls import ApiError, Json

BAD_REQUEST_TYPE = "type.googleapis.com/google.rpc.BadRequest"

Path = tuple["Path", "str | int"] | None


@dataclass(frozen=True)
class Violation:
    """One thing wrong with a request."""

    field: str
    description: str

    def as_json(self) -> Json:
        """Its form in ``fieldViolations``: no field for the top of the body."""
        described = {"description": self.description}
        return {"field": self.field, **described} if self.field else described


def bad_request(violations: Sequence[Violation]) -> ApiError:
    """Google's 400 for a request that does not fit its schema."""
    return ApiError(
        400,
        "\n".join(violation.description for violation in violations),
        reason="invalid",
        details=[
            {
                "@type": BAD_REQUEST_TYPE,
                "fieldViolations": [violation.as_json() for violation in violations],
            }
        ],
    )


def snake_case(name: str) -> str:
    """Return the proto name of a JSON name: ``updateCells`` is ``update_cells``."""
    return re.sub(r"[A-Z]", lambda capital: "_" + capital.group().lower(), name)


def show_path(path: Path) -> str:
    """Return a path as Google writes it: ``requests[0].update_cells``."""
    steps: list[str] = []
    while path is not None:
        path, step = path
        steps.append(f"[{step}]" if isinstance(step, int) else "." + snake_case(step))
    return "".join(reversed(steps)).lstrip(".")


def show_value(value: object) -> str:
    """Return a value as the complaint quotes it."""
    return json.dumps(value, ensure_ascii=False)


def invalid_value(path: Path, type_name: str, value: object) -> Violation:
    """Return a value of the wrong type."""
    place = show_path(path)
    return Violation(place, f"Invalid value at '{place}' ({type_name}), {show_value(value)}")
