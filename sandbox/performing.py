"""Running a validated call: its handler, the locks it needs, the part of the answer asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.calls import ApiError, Call, Json, Media
from sandbox.costs import is_write
from sandbox.discovery import Api, Method, load_methods
from sandbox.errors import not_implemented
from sandbox.fields import apply_mask, check_mask, parse_cached_mask
from sandbox.people import MAILBOX_OWNERS
from sandbox.printing import as_plain
from sandbox.registry import DEFAULT_FIELDS, HANDLERS, NEEDS_FIELDS
from sandbox.schemas import BODY_FIELDS, BodyChecker

if TYPE_CHECKING:
    from sandbox.world import World

_CHECKERS: dict[Api, BodyChecker] = {}


def body_checker(method: Method) -> BodyChecker:
    """Return the checker of the method's API, made once."""
    if method.api not in _CHECKERS:
        _CHECKERS[method.api] = BodyChecker(method.api)
    return _CHECKERS[method.api]


def parse_body(method: Method, body: Any) -> Json:
    """Return the canonical body of a call; ApiError 400 when it does not fit the schema."""
    if not method.request:
        return {}
    return body_checker(method).parse(method.request, body, BODY_FIELDS.get(method.id, ""))


def perform(world: World, method: Method, call: Call) -> Json | Media | None:
    """Run the method's handler under the locks of what it touches; mask what it gives."""
    handler = HANDLERS.get(method.id)
    if handler is None:
        raise not_implemented(method)
    mask_text = _mask_text(method, call.params)
    if mask_text and method.response:
        check_mask(parse_cached_mask(mask_text), method.api, method.response)
    with world.locked(*_lock_keys(call)):
        if method.api.name == "drive":
            with world.drive.lock:
                world.drive.settle(call.now)
                content = handler(world, call)
        else:
            content = handler(world, call)
    if method.api.name == "sheets" and is_write(method):
        world.drive.note_edit(call)
    if isinstance(content, dict):
        if world.checks_responses and method.response:
            _check_response(method, as_plain(content))
        return apply_mask(parse_cached_mask(mask_text), content) if mask_text else content
    return content


def _mask_text(method: Method, params: Mapping[str, Any]) -> str:
    asked = params.get("fields", "")
    if not asked and method.id in NEEDS_FIELDS:
        raise ApiError(
            400,
            "The 'fields' parameter is required for this method.",
            reason="required",
            location="fields",
            location_type="parameter",
        )
    return asked or DEFAULT_FIELDS.get(method.id, "")


def _lock_keys(call: Call) -> list[str]:
    named = (call.params.get("spreadsheetId"), call.params.get("fileId"))
    keys = [f"file:{name}" for name in (*named, call.body.get("destinationSpreadsheetId")) if name]
    if call.method.endswith(".send"):
        keys += [f"mailbox:{owner}" for owner in MAILBOX_OWNERS]
    elif "userId" in call.params:
        keys.append(f"mailbox:{call.user}")
    return keys


def _check_response(method: Method, content: Json) -> None:
    assert method.response
    if violations := body_checker(method).check(method.response, content):
        raise AssertionError(f"{method.id} answers against its schema: {violations}")


def show_registry() -> dict[str, bool]:
    """Every method of the three documents and whether the sandbox has it."""
    return {name: name in HANDLERS for name in sorted(load_methods())}
