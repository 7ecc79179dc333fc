"""Field masks of update requests: which facts of the given object replace the stored ones."""

from __future__ import annotations

from sandbox.fields import Mask, parse_cached_mask
from sandbox.sheets.cells import Json
from sandbox.sheets.refusals import NO_FIELDS, RefusedError


def required_mask(request: Json) -> Mask:
    """Read the `fields` of a request; an empty mask means all. Raises RefusedError without one."""
    text = request.get("fields", "")
    if not text.strip():
        raise RefusedError(NO_FIELDS)
    mask = parse_cached_mask(text)
    return {} if "*" in mask else mask


def wants(mask: Mask, name: str) -> bool:
    """Give true when the mask names this field or all."""
    return not mask or name in mask


def merge(old: Json, new: Json, mask: Mask) -> Json:
    """Give `old` with the masked facts taken from `new`; what `new` lacks of them is removed."""
    if not mask or "*" in mask:
        return new
    merged = dict(old)
    for name, inner in mask.items():
        fact = new.get(name)
        if inner:
            fact = merge(_object(old.get(name)), _object(fact), inner)
        if fact is None or fact == {}:
            merged.pop(name, None)
        else:
            merged[name] = fact
    return merged


def _object(fact: object) -> Json:
    return fact if isinstance(fact, dict) else {}
