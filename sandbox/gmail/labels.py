"""The methods of ``users.labels``."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from sandbox.calls import ApiError, Call, Json
from sandbox.discovery import load_methods
from sandbox.gmail.access import invalid_argument, not_found, own_mailbox
from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.model import SYSTEM_LABELS, Label
from sandbox.gmail.resources import show_label, show_label_counts, show_system_label

if TYPE_CHECKING:
    from sandbox.world import World


def list_labels(world: World, call: Call) -> Json:
    """``labels.list``: system labels, then the user's."""
    mailbox = own_mailbox(world, call)
    system = [show_system_label(label_id) for label_id in SYSTEM_LABELS]
    return {"labels": system + [show_label(label) for label in mailbox.labels.values()]}


def get(world: World, call: Call) -> Json:
    """``labels.get``: with counts."""
    mailbox = own_mailbox(world, call)
    if not mailbox.has_label(call.params["id"]):
        raise not_found()
    return show_label_counts(mailbox, call.params["id"])


def create(world: World, call: Call) -> Json:
    """``labels.create``; 409 for a name that exists, 400 for none."""
    mailbox = own_mailbox(world, call)
    _check_name(mailbox, call.body.get("name", ""))
    _check_color(call.body.get("color"))
    label = mailbox.add_label(call.body["name"])
    _set_fields(label, call.body)
    return show_label(label)


def _check_name(mailbox: Mailbox, name: str, own: Label | None = None) -> None:
    if not name.strip():
        raise invalid_argument("Label name required")
    if name.upper() in SYSTEM_LABELS:
        raise invalid_argument("Invalid label name")
    names = {label.name.lower() for label in mailbox.labels.values() if label is not own}
    if name.lower() in names:
        raise ApiError(409, "Label name exists or conflicts", reason="aborted")


@functools.cache
def _palette() -> frozenset[str]:
    """Return the colours that a label may have, as the discovery document lists them."""
    schema = load_methods()["gmail.users.labels.get"].api.schemas["LabelColor"]["properties"]
    return frozenset(re.findall(r"#[0-9a-f]{6}", schema["backgroundColor"]["description"]))


def _check_color(color: Json | None) -> None:
    if color is None:
        return
    for side in ("textColor", "backgroundColor"):
        value = str(color.get(side, ""))
        if value.lower() not in _palette():
            raise invalid_argument(f"Label color {value} is not on the allowed color palette")


def _set_fields(label: Label, body: Json) -> None:
    label.name = body.get("name", label.name)
    label.message_visibility = body.get("messageListVisibility", label.message_visibility)
    label.list_visibility = body.get("labelListVisibility", label.list_visibility)
    label.color = body.get("color", label.color)


def _find_own(mailbox: Mailbox, label_id: str) -> Label:
    if label_id in SYSTEM_LABELS:
        raise invalid_argument("Invalid update request")
    label = mailbox.labels.get(label_id)
    if label is None:
        raise not_found()
    return label


def update(world: World, call: Call) -> Json:
    """``labels.update`` and ``labels.patch``."""
    mailbox = own_mailbox(world, call)
    label = _find_own(mailbox, call.params["id"])
    _check_name(mailbox, call.body.get("name", label.name), label)
    _check_color(call.body.get("color"))
    _set_fields(label, call.body)
    return show_label(label)


def delete(world: World, call: Call) -> None:
    """``labels.delete``: off every letter, too."""
    mailbox = own_mailbox(world, call)
    label_id = call.params["id"]
    if label_id in SYSTEM_LABELS:
        raise invalid_argument("Invalid delete request")
    mailbox.remove_label(_find_own(mailbox, label_id), call.now)
