"""Partial responses: the ``fields`` parameter in its dotted, ``a/b`` and ``a(b,c)`` forms."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.calls import ApiError, Json
from sandbox.discovery import Api
from sandbox.violations import BAD_REQUEST_TYPE

Mask = Mapping[str, "Mask"]
"""Wanted names and, in turn, what is wanted of them; an empty mask wants everything."""

_TOKEN = re.compile(r"\s*([(),./]|[^\s(),./]+)")
_ANY = "*"


def parse_mask(text: str) -> Mask:
    """Return the mask of a selector; ApiError 400 when it is malformed."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text):
        raise invalid_selection(text)
    stream = iter([*tokens, ""])
    mask, end = _parse_list(stream, text)
    if end:
        raise invalid_selection(text)
    return mask


def _parse_list(tokens: Iterator[str], text: str) -> tuple[Mask, str]:
    """Comma-separated selectors up to a closing bracket or the end, and that token."""
    mask: dict[str, Mask] = {}
    while True:
        path, children, following = _parse_selector(tokens, text)
        _insert(mask, path, children)
        if following != ",":
            return mask, following


def _parse_selector(tokens: Iterator[str], text: str) -> tuple[list[str], Mask, str]:
    """One path with its bracketed children, and the token after it."""
    path: list[str] = []
    while True:
        name = next(tokens, "")
        if not name or name in "(),./":
            raise invalid_selection(text)
        path.append(name)
        following = next(tokens, "")
        if following not in (".", "/"):
            break
    if following != "(":
        return path, {}, following
    children, end = _parse_list(tokens, text)
    if end != ")":
        raise invalid_selection(text)
    return path, children, next(tokens, "")


def _insert(mask: dict[str, Mask], path: list[str], children: Mask) -> None:
    name, rest = path[0], path[1:]
    wanted: dict[str, Mask] = {}
    if rest:
        _insert(wanted, rest, children)
    else:
        wanted = dict(children)
    mask[name] = _merge(mask[name], wanted) if name in mask else wanted


def _merge(one: Mask, other: Mask) -> Mask:
    if not one or not other:
        return {}
    shared = {name: _merge(one[name], other[name]) for name in one.keys() & other.keys()}
    return {**one, **other, **shared}


def invalid_selection(text: str) -> ApiError:
    """Return the 400 for a selector that names what is not there.

    The text of the newer front end (Sheets, Gmail); Drive's is in its own style.
    """
    description = (
        f"Error expanding 'fields' parameter. Cannot find matching fields for path '{text}'."
    )
    return ApiError(
        400,
        "Request contains an invalid argument.",
        reason="invalidParameter",
        location="fields",
        location_type="parameter",
        details=[
            {
                "@type": BAD_REQUEST_TYPE,
                "fieldViolations": [{"field": text, "description": description}],
            }
        ],
    )


def drive_invalid_selection(text: str) -> ApiError:
    """Drive's 400 for the same."""
    return ApiError(
        400,
        f"Invalid field selection {text}",
        reason="invalidParameter",
        location="fields",
        location_type="parameter",
    )


def check_mask(mask: Mask, api: Api, schema_name: str) -> None:
    """Raise ApiError 400 when the mask names a field that the response's schema has not."""
    complain = drive_invalid_selection if api.name == "drive" else invalid_selection
    if unknown := _find_unknown(mask, api, {"$ref": schema_name}):
        raise complain(unknown)


def _find_unknown(mask: Mask, api: Api, spec: Json) -> str:
    """Return the dotted path of the first field that is not in the schema, or nothing."""
    properties = _properties(api, spec)
    if properties is None:
        return ""
    for name, wanted in mask.items():
        if name == _ANY:
            found = ""
        elif name not in properties:
            return name
        else:
            found = _find_unknown(wanted, api, properties[name])
        if found:
            return f"{name}.{found}"
    return ""


def _properties(api: Api, spec: Json) -> Mapping[str, Json] | None:
    """Return the named properties of a schema, None where any name may stand."""
    while spec.get("type") == "array":
        spec = spec["items"]
    if "$ref" in spec:
        spec = api.schemas[spec["$ref"]]
    if "additionalProperties" in spec or spec.get("type") == "any":
        return None
    properties: Mapping[str, Json] = spec.get("properties", {})
    return properties


@functools.lru_cache(maxsize=512)
def parse_cached_mask(text: str) -> Mask:
    """Return the same as parse_mask, remembered."""
    return parse_mask(text)


def apply_mask(mask: Mask, value: Any) -> Any:
    """Return the wanted part of a JSON value; objects and lists are copied, scalars shared."""
    if not mask:
        return value
    if isinstance(value, list):
        parts = [apply_mask(mask, item) for item in value]
        return [part for part in parts if part is not None]
    if not isinstance(value, dict):
        return value
    if _ANY in mask:
        rest = mask[_ANY]
        return {
            name: apply_mask(_merge(mask[name], rest) if name in mask else rest, item)
            for name, item in value.items()
        }
    return {name: apply_mask(mask[name], item) for name, item in value.items() if name in mask}
