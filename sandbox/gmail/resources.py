"""Gmail's resources as JSON."""

from __future__ import annotations

import itertools
import re
from collections.abc import Container

from sandbox.base64url import decode_bytes, encode_bytes
from sandbox.calls import Json
from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.mime import Part, parse_letter
from sandbox.gmail.model import SYSTEM_LABELS, Happening, Label, Letter

# An attachment's id differs at every get; it is good for fetching, never for comparing.
_attachment_serials = itertools.count(1)
_ATTACHMENT_ID = re.compile(r"ANGjdJ(.+)")


def show_reference(letter: Letter) -> Json:
    """Return a letter in a list: its ids only."""
    return {"id": letter.id, "threadId": letter.thread_id}


def show_labelled(letter: Letter) -> Json:
    """Return a letter as the answer to a change of its labels."""
    shown = show_reference(letter)
    if letter.labels:
        shown["labelIds"] = sorted(letter.labels)
    return shown


def show_letter(letter: Letter, style: str, headers: Container[str] | None) -> Json:
    """Return a letter in the style minimal, full, raw or metadata (with the named headers only)."""
    shown = show_labelled(letter)
    shown["snippet"] = letter.summary.snippet
    match style:
        case "raw":
            shown["raw"] = encode_bytes(letter.raw)
        case "metadata":
            root = parse_letter(letter.raw)
            shown["payload"] = {
                "mimeType": root.mime_type,
                "headers": _show_headers(root, headers),
            }
        case "full":
            shown["payload"] = _show_part(parse_letter(letter.raw))
    shown["sizeEstimate"] = len(letter.raw)
    shown["historyId"] = str(letter.history_id)
    shown["internalDate"] = str(letter.date_ms)
    return shown


def _show_headers(part: Part, wanted: Container[str] | None) -> list[Json]:
    return [
        {"name": name, "value": value}
        for name, value in part.headers
        if wanted is None or name.lower() in wanted
    ]


def _show_part(part: Part) -> Json:
    body: Json = {"size": len(part.content)}
    if part.is_attachment and not part.mime_type.startswith("multipart/"):
        body = {"attachmentId": _make_attachment_id(part.part_id), **body}
    elif part.content:
        body["data"] = encode_bytes(part.content)
    shown: Json = {
        "partId": part.part_id,
        "mimeType": part.mime_type,
        "filename": part.filename,
        "headers": _show_headers(part, None),
        "body": body,
    }
    if part.children:
        shown["parts"] = [_show_part(child) for child in part.children]
    return shown


def _make_attachment_id(part_id: str) -> str:
    secret = f"{next(_attachment_serials):012d}:{part_id}:{'~' * 60}"
    return "ANGjdJ" + encode_bytes(secret.encode()).rstrip("=")


def find_attachment(letter: Letter, attachment_id: str) -> Part | None:
    """Return the part that an attachment id stands for."""
    match = _ATTACHMENT_ID.fullmatch(attachment_id)
    if match is None:
        return None
    try:
        _, part_id, _ = decode_bytes(match.group(1)).decode().split(":")
    except ValueError:
        return None
    parts = parse_letter(letter.raw).walk()
    return next((part for part in parts if part.part_id == part_id), None)


def show_happening(happening: Happening) -> Json:
    """Return a history record."""
    reference: Json = {"id": happening.letter_id, "threadId": happening.thread_id}
    labelled: Json = {**reference, "labelIds": list(happening.letter_labels)}
    event: Json = {"message": labelled}
    key = {
        "messageAdded": "messagesAdded",
        "messageDeleted": "messagesDeleted",
        "labelAdded": "labelsAdded",
        "labelRemoved": "labelsRemoved",
    }[happening.kind]
    if key.startswith("labels"):
        event["labelIds"] = list(happening.label_ids)
    return {"id": str(happening.id), "messages": [reference], key: [event]}


def show_system_label(label_id: str) -> Json:
    """Return a label that every mailbox has."""
    shown: Json = {"id": label_id, "name": label_id, "type": "system"}
    if label_id.startswith("CATEGORY_"):
        shown |= {"messageListVisibility": "hide", "labelListVisibility": "labelHide"}
    return shown


def show_label(label: Label) -> Json:
    """Return a user's label."""
    shown: Json = {
        "id": label.id,
        "name": label.name,
        "messageListVisibility": label.message_visibility,
        "labelListVisibility": label.list_visibility,
        "type": "user",
    }
    if label.color:
        shown["color"] = label.color
    return shown


def show_label_counts(mailbox: Mailbox, label_id: str) -> Json:
    """Return a label with how much it has, as ``labels.get`` gives it."""
    shown = (
        show_system_label(label_id)
        if label_id in SYSTEM_LABELS
        else show_label(mailbox.labels[label_id])
    )
    letters = [letter for letter in mailbox.letters.values() if label_id in letter.labels]
    unread = [letter for letter in letters if "UNREAD" in letter.labels]
    return {
        **shown,
        "messagesTotal": len(letters),
        "messagesUnread": len(unread),
        "threadsTotal": len({letter.thread_id for letter in letters}),
        "threadsUnread": len({letter.thread_id for letter in unread}),
    }
