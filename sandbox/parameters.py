"""Path and query parameters, typed and checked by the discovery document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.calls import ApiError
from sandbox.discovery import PROTO_PACKAGES, Method
from sandbox.schemas import parse_integer
from sandbox.violations import Violation, bad_request, invalid_value, snake_case

HIDDEN = frozenset({"access_token", "oauth_token", "key", "bearer_token", "prettyPrint", "pp"})
"""Common parameters that are no business of a method."""

# Parameters whose type differs from their capitalised name.
_ENUM_TYPES = {"majorDimension": "Dimension", "responseValueRenderOption": "ValueRenderOption"}

Raise = Callable[[str, str, str], ApiError]


def parse_parameters(
    method: Method, path: Mapping[str, str], query: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """All parameters that were given, by their documented names; ApiError 400 for a bad one.

    Drive ignores query parameters it does not know (not verified), the others refuse them.
    """
    is_drive = method.api.name == "drive"
    known = {**method.api.common_parameters, **method.parameters}
    names = {**{snake_case(name): name for name in known}, **{name: name for name in known}}
    values: dict[str, Any] = {}
    violations: list[Violation] = []
    for given, text in [*path.items(), *query]:
        name = names.get(given)
        if name is None:
            if not is_drive:
                violations.append(_unknown_parameter(given))
            continue
        value = _parse_value(method, name, known[name], text, violations)
        if known[name].get("repeated"):
            values.setdefault(name, []).append(value)
        elif name not in HIDDEN:
            values[name] = value
    if violations:
        raise bad_request(violations)
    _check_required(method, values)
    return values


def _unknown_parameter(name: str) -> Violation:
    return Violation(
        "",
        f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
        f"Field '{name}' could not be found in request message.",
    )


def _check_required(method: Method, values: Mapping[str, Any]) -> None:
    for name, spec in method.parameters.items():
        if spec.get("required") and name not in values:
            raise ApiError(
                400,
                f"Required parameter: {name}",
                reason="required",
                location=name,
                location_type="parameter",
            )


def _parse_value(
    method: Method, name: str, spec: Mapping[str, Any], text: str, violations: list[Violation]
) -> Any:
    value, type_name = _convert(method, name, spec, text)
    if value is not None:
        if method.api.name == "drive":
            _check_range(name, spec, value)
        return value
    if method.api.name == "drive":
        raise _invalid_parameter(name, f"Invalid value '{text}' for parameter '{name}'.")
    violations.append(invalid_value((None, name), type_name, text))
    return None


def _convert(method: Method, name: str, spec: Mapping[str, Any], text: str) -> tuple[Any, str]:
    """Return the typed value, None when it does not fit, with the type's name for the complaint."""
    if "enum" in spec:
        enum_name = _ENUM_TYPES.get(name, name[0].upper() + name[1:])
        type_name = f"type.googleapis.com/{PROTO_PACKAGES[method.api.name]}.{enum_name}"
        return (text if text in spec["enum"] else None), type_name
    match spec.get("type"):
        case "boolean":
            return {"true": True, "1": True, "false": False, "0": False}.get(
                text.lower()
            ), "TYPE_BOOL"
        case "integer":
            format_name = spec["format"]
            return parse_integer(text, format_name), f"TYPE_{format_name.upper()}"
        case _ if spec.get("format") == "uint64":
            return parse_integer(text, "uint64"), "TYPE_UINT64"
        case _:
            return text, "TYPE_STRING"


def _check_range(name: str, spec: Mapping[str, Any], value: Any) -> None:
    low, high = spec.get("minimum"), spec.get("maximum")
    if low is not None and high is not None and not int(low) <= value <= int(high):
        text = f"Invalid value '{value}'. Values must be within the range: [{low}, {high}]"
        raise _invalid_parameter(name, text)


def _invalid_parameter(name: str, text: str) -> ApiError:
    return ApiError(400, text, reason="invalidParameter", location=name, location_type="parameter")
