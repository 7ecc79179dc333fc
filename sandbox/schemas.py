"""JSON bodies checked against the discovery document's schemas, as Google's front end does.

A checker takes a value with the path to it, returns the value in canonical form (camelCase names,
numbers for numeric strings, no nulls) and notes violations. Messages follow protobuf's JSON
parser. Not verified: the enum's type name (the document does not carry it), the texts for a
list or an object in the place of a scalar, that a new spreadsheet's body is named `spreadsheet`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sandbox.base64url import decode_bytes
from sandbox.calls import Json
from sandbox.discovery import PROTO_PACKAGES, Api
from sandbox.violations import (
    Path,
    Violation,
    bad_request,
    invalid_value,
    show_path,
    show_value,
    snake_case,
)

Checker = Callable[[Any, Path, "list[Violation]"], Any]
"""Leaves its value as it is; what is not canonical is copied, what is comes back itself."""


class Field(NamedTuple):
    """A field of an object: its canonical name, and what checks it.

    A value of exactly the type `plain` needs no check: most of a large body is such values.
    """

    name: str
    plain: type | None
    check: Checker


BODY_FIELDS = {
    "sheets.spreadsheets.create": "spreadsheet",
    "sheets.spreadsheets.values.append": "data",
    "sheets.spreadsheets.values.update": "data",
}
"""The field of the request message that the body is, where it is not the whole message."""

_NESTED_TYPES = {"Request": "BatchUpdateSpreadsheetRequest.Request"}
"""Messages of Sheets whose full name the documents do not give."""

_ONEOFS: dict[str, tuple[str, frozenset[str] | None]] = {
    "ColorStyle": ("kind", frozenset({"rgbColor", "themeColor"})),
    "ConditionalFormatRule": ("rule", frozenset({"booleanRule", "gradientRule"})),
    "Request": ("kind", None),
}
"""Fields of Sheets of which a message has one: the name of the choice, None for all of them."""

_INT_BITS = {"int32": (32, True), "uint32": (32, False), "int64": (64, True), "uint64": (64, False)}
_INTEGER = re.compile(r"[+-]?\d{1,20}")
_SPECIAL_NUMBERS = ("NaN", "Infinity", "-Infinity")


def _unknown_name(name: str, path: Path, complaint: str) -> Violation:
    place = show_path(path)
    where = f" at '{place}'" if place else ""
    text = f'Invalid JSON payload received. Unknown name "{name}"{where}: {complaint}'
    return Violation(place, text)


def parse_integer(value: Any, format_name: str) -> int | None:
    """Return the integer of a JSON number or numeric string within the format's range, or None."""
    bits, signed = _INT_BITS[format_name]
    low, high = (-(1 << bits - 1), 1 << bits - 1) if signed else (0, 1 << bits)
    is_text = isinstance(value, str) and _INTEGER.fullmatch(value) is not None
    is_whole = isinstance(value, int | float) and value == value // 1
    if isinstance(value, bool) or not (is_text or is_whole):
        return None
    number = int(value)
    return number if low <= number < high else None


def _check_any(value: Any, path: Path, violations: list[Violation]) -> Any:
    return value


def _check_string(value: Any, path: Path, violations: list[Violation]) -> Any:
    if not isinstance(value, str):
        violations.append(invalid_value(path, "TYPE_STRING", value))
    return value


def _check_boolean(value: Any, path: Path, violations: list[Violation]) -> Any:
    if value in ("true", "false"):
        return value == "true"
    if not isinstance(value, bool):
        violations.append(invalid_value(path, "TYPE_BOOL", value))
    return value


def _check_bytes(value: Any, path: Path, violations: list[Violation]) -> Any:
    try:
        decode_bytes(value)
    except (ValueError, AttributeError):
        place = show_path(path)
        text = f"Invalid value at '{place}' (TYPE_BYTES), Base64 decoding failed for "
        violations.append(Violation(place, text + show_value(value)))
    return value


def _make_integer_checker(format_name: str, *, as_text: bool) -> Checker:
    bits = _INT_BITS[format_name][0] - 1

    def check(value: Any, path: Path, violations: list[Violation]) -> Any:
        if type(value) is int and 0 <= value < 1 << bits and not as_text:
            return value
        number = parse_integer(value, format_name)
        if number is None:
            violations.append(invalid_value(path, f"TYPE_{format_name.upper()}", value))
        return str(number) if as_text else number

    return check


def _check_number(value: Any, path: Path, violations: list[Violation]) -> Any:
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            number = None
        if number is not None and (math.isfinite(number) or value in _SPECIAL_NUMBERS):
            return number
    elif isinstance(value, int | float) and not isinstance(value, bool):
        return value
    violations.append(invalid_value(path, "TYPE_DOUBLE", value))
    return value


def _make_enum_checker(names: Sequence[str], type_name: str) -> Checker:
    allowed = frozenset(names)

    def check(value: Any, path: Path, violations: list[Violation]) -> Any:
        if type(value) is int and 0 <= value < len(names):
            # Protobuf's parser takes the number, too; not verified: that none is left out.
            return names[value]
        if not isinstance(value, str) or value not in allowed:
            violations.append(invalid_value(path, type_name, value))
        return value

    return check


def _make_array_checker(check_item: Checker) -> Checker:
    def check(value: Any, path: Path, violations: list[Violation]) -> Any:
        if not isinstance(value, list):
            # Protobuf's parser takes a single value for a repeated field.
            return [check_item(value, path, violations)]
        changes: dict[int, Any] = {}
        for index, item in enumerate(value):
            if type(item) is list and check_item is not _check_list_value:
                return check(_flat(value), path, violations)
            checked = check_item(item, (path, index), violations)
            if checked is not item:
                changes[index] = checked
        if not changes:
            return value
        return [changes.get(index, item) for index, item in enumerate(value)]

    return check


def _flat(items: list[Any]) -> list[Any]:
    """Put the items of lists within a list into it, as Google does: pygsheets relies on it."""
    return [deep for item in items for deep in (_flat(item) if type(item) is list else [item])]


def _check_list_value(value: Any, path: Path, violations: list[Violation]) -> Any:
    """Check a row of values, which is a message of its own: a single value is none."""
    if not isinstance(value, list):
        violations.append(
            invalid_value(path, "type.googleapis.com/google.protobuf.ListValue", value)
        )
    return value


def _make_map_checker(check_item: Checker, type_name: str) -> Checker:
    def check(value: Any, path: Path, violations: list[Violation]) -> Any:
        if not isinstance(value, dict):
            violations.append(invalid_value(path, type_name, value))
            return value
        return {
            name: None if item is None else check_item(item, (path, name), violations)
            for name, item in value.items()
        }

    return check


def _check_oneof(
    name: str, choices: frozenset[str] | None, value: Json, path: Path, violations: list[Violation]
) -> None:
    """Complain of every field but the first of those that exclude one another."""
    chosen = [field for field in value if choices is None or field in choices]
    place = show_path(path)
    for field in chosen[1:]:
        text = (
            f"Invalid value at '{place}' (oneof), oneof field '{name}' is already set. "
            f"Cannot set '{field}'"
        )
        violations.append(Violation(place, text))


def _changed(value: Json, changes: Json, known: Mapping[str, Field]) -> Json:
    """Give an object under canonical names with some fields changed, those of None dropped."""
    kept = {name: changes.get(name, item) for name, item in value.items()}
    return {known[name].name: item for name, item in kept.items() if item is not None}


def _plain_type(spec: Json) -> type | None:
    """Return the type whose every value fits the schema as it stands, None when there is none."""
    if "enum" in spec or "format" in spec:
        return float if spec.get("format") == "double" else None
    return {"string": str, "boolean": bool}.get(spec.get("type", ""))


class BodyChecker:
    """Checks the bodies of one API."""

    def __init__(self, api: Api) -> None:
        self._schemas = api.schemas
        self._package = PROTO_PACKAGES[api.name]
        # Drive's bodies go through an older parser that drops what it does not know (not verified).
        self._ignores_unknown = api.name == "drive"
        self._by_schema: dict[str, Checker] = {}

    def check(self, schema_name: str, body: Any) -> list[Violation]:
        """Return what is wrong with a body, without changing it."""
        violations: list[Violation] = []
        self._object_checker(schema_name)(body, None, violations)
        return violations

    def parse(self, schema_name: str, body: Any, name: str = "") -> Json:
        """Return the canonical form of a body of that name; ApiError 400 with every violation."""
        violations: list[Violation] = []
        path: Path = (None, name) if name else None
        parsed = self._object_checker(schema_name)(body, path, violations)
        if violations:
            raise bad_request(violations)
        return parsed if isinstance(parsed, dict) else {}

    def _object_checker(self, schema_name: str) -> Checker:
        if schema_name not in self._by_schema:
            # Schemas refer to one another in circles, so the table of fields is made when used.
            self._by_schema[schema_name] = self._make_object_checker(schema_name)
        return self._by_schema[schema_name]

    def _make_object_checker(self, schema_name: str) -> Checker:
        is_sheets = self._package == PROTO_PACKAGES["sheets"]
        full_name = _NESTED_TYPES.get(schema_name, schema_name) if is_sheets else schema_name
        type_name = f"type.googleapis.com/{self._package}.{full_name}"
        oneof = _ONEOFS.get(schema_name) if is_sheets else None
        ignores_unknown = self._ignores_unknown
        known: Mapping[str, Field] = {}

        def check(value: Any, path: Path, violations: list[Violation]) -> Any:
            nonlocal known
            if not isinstance(value, dict):
                violations.append(invalid_value(path, type_name, value))
                return value
            known = known or self._make_fields(self._schemas[schema_name].get("properties", {}))
            changes: dict[str, Any] = {}
            for name, item in value.items():
                field = known.get(name)
                if field is None or item is None:
                    changes[name] = None
                    if field is None and not ignores_unknown:
                        violations.append(_unknown_name(name, path, "Cannot find field."))
                    continue
                canonical, plain, check_item = field
                if type(item) is not plain:
                    checked = check_item(item, (path, canonical), violations)
                    if checked is not item:
                        changes[name] = checked
                if canonical != name:
                    changes.setdefault(name, item)
            if oneof and len(value) > 1:
                _check_oneof(*oneof, value, path, violations)
            # The same object where nothing differs: a large body is not held twice.
            return _changed(value, changes, known) if changes else value

        return check

    def _make_fields(self, properties: Mapping[str, Json]) -> Mapping[str, Field]:
        fields = {
            name: Field(name, _plain_type(spec), self._checker_of(name, spec))
            for name, spec in properties.items()
        }
        return {snake_case(name): field for name, field in fields.items()} | fields

    def _checker_of(self, name: str, spec: Json) -> Checker:
        if "$ref" in spec:
            return self._object_checker(spec["$ref"])
        match spec.get("type"):
            case "array" if spec["items"].get("type") == "any":
                return _check_list_value
            case "array":
                return _make_array_checker(self._checker_of(name, spec["items"]))
            case "object" if "additionalProperties" in spec:
                item = self._checker_of(name, spec["additionalProperties"])
                return _make_map_checker(item, "type.googleapis.com/google.protobuf.Struct")
            case "object":
                return self._nested_object(name, spec)
            case _:
                return self._scalar_checker(name, spec)

    def _nested_object(self, name: str, spec: Json) -> Checker:
        fields = self._make_fields(spec.get("properties", {}))

        def check(value: Any, path: Path, violations: list[Violation]) -> Any:
            if not isinstance(value, dict):
                violations.append(invalid_value(path, name, value))
                return value
            return {
                fields[key].name: fields[key].check(item, (path, key), violations)
                for key, item in value.items()
                if key in fields and item is not None
            }

        return check

    def _scalar_checker(self, name: str, spec: Json) -> Checker:
        if "enum" in spec:
            type_name = f"type.googleapis.com/{self._package}.{name[0].upper()}{name[1:]}"
            return _make_enum_checker(spec["enum"], type_name)
        format_name = spec.get("format", "")
        match spec.get("type"):
            case "boolean":
                return _check_boolean
            case "integer":
                return _make_integer_checker(format_name, as_text=False)
            case "number":
                return _check_number
            case "string" if format_name in _INT_BITS:
                return _make_integer_checker(format_name, as_text=True)
            case "string" if format_name == "byte":
                return _check_bytes
            case "string":
                return _check_string
            case _:
                return _check_any
