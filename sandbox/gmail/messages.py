"""The methods of ``users.messages`` and ``users.getProfile``."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from sandbox.base64url import decode_bytes, encode_bytes
from sandbox.calls import ApiError, Call, Json
from sandbox.gmail.access import (
    check_known_labels,
    check_labels,
    find_letter,
    invalid_argument,
    not_found,
    own_mailbox,
    page_bounds,
    sees_metadata_only,
)
from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.mime import summarize
from sandbox.gmail.model import DRAFT, HIDDEN_BY_DEFAULT, INBOX, SENT, TRASH, UNREAD, Letter
from sandbox.gmail.query import asks_for_hidden, parse_query
from sandbox.gmail.resources import (
    find_attachment,
    show_labelled,
    show_letter,
    show_reference,
)
from sandbox.gmail.sending import check_recipients, header_names, with_own_sender

if TYPE_CHECKING:
    from sandbox.world import World

IMPORT_LABELS = (INBOX, UNREAD, "CATEGORY_PERSONAL")
"""What a letter imported without labels gets, as if it had come by SMTP (not verified)."""


def get_profile(world: World, call: Call) -> Json:
    """``users.getProfile``."""
    mailbox = own_mailbox(world, call)
    return {
        "emailAddress": mailbox.owner,
        "messagesTotal": len(mailbox.letters),
        "threadsTotal": len(mailbox.threads),
        "historyId": str(mailbox.history_id),
    }


def search(mailbox: Mailbox, call: Call) -> list[Letter]:
    """Return the letters that ``q``, ``labelIds`` and ``includeSpamTrash`` choose, newest first."""
    query = call.params.get("q", "")
    if query and sees_metadata_only(call):
        raise ApiError(403, "Metadata scope does not support 'q' parameter", reason="forbidden")
    wanted = frozenset(call.params.get("labelIds", ()))
    check_known_labels(mailbox, wanted)
    shows_hidden = call.params.get("includeSpamTrash") or asks_for_hidden(query)
    hidden = frozenset() if shows_hidden else HIDDEN_BY_DEFAULT - wanted
    found = parse_query(query, mailbox, call.now).run(mailbox) if query else mailbox.newest_first()
    if wanted:
        found = (letter for letter in found if wanted <= letter.labels)
    return [letter for letter in found if hidden.isdisjoint(letter.labels)]


def list_messages(world: World, call: Call) -> Json:
    """``messages.list``: ids only; no ``messages`` key when there are none."""
    mailbox = own_mailbox(world, call)
    found = search(mailbox, call)
    start, end = page_bounds(call)
    answer: Json = {"resultSizeEstimate": len(found)}
    if page := found[start:end]:
        answer = {"messages": [show_reference(letter) for letter in page], **answer}
    if end < len(found):
        answer["nextPageToken"] = str(end)
    return answer


def get(world: World, call: Call) -> Json:
    """``messages.get`` in one of the four formats."""
    mailbox = own_mailbox(world, call)
    style = call.params.get("format", "full").lower()
    if sees_metadata_only(call) and style in ("full", "raw"):
        text = f"Metadata scope doesn't allow format {style.upper()}"
        raise ApiError(403, text, reason="forbidden")
    letter = find_letter(mailbox, call.params["id"])
    names = call.params.get("metadataHeaders")
    headers = frozenset(name.lower() for name in names) if names else None
    return show_letter(letter, style, headers)


def get_attachment(world: World, call: Call) -> Json:
    """``messages.attachments.get``."""
    letter = find_letter(own_mailbox(world, call), call.params["messageId"])
    part = find_attachment(letter, call.params["id"])
    if part is None:
        raise invalid_argument("Invalid attachment token")
    return {"size": len(part.content), "data": encode_bytes(part.content)}


def read_raw(message: Json, call: Call) -> bytes:
    """Return the letter's bytes, uploaded or in ``raw``; ApiError 400 when there are none."""
    if call.media is not None:
        return call.media.content
    text = message.get("raw", "")
    if not text:
        raise invalid_argument(
            "'raw' RFC822 payload message string or uploading message via /upload/* URL required"
        )
    return decode_bytes(text)


def _chosen_thread(mailbox: Mailbox, message: Json) -> str | None:
    thread_id = message.get("threadId") or None
    if thread_id is not None and thread_id not in mailbox.threads:
        raise not_found()
    return thread_id


def _put(world: World, call: Call, default_labels: tuple[str, ...], date_source: str) -> Letter:
    mailbox = own_mailbox(world, call)
    labels = call.body.get("labelIds", list(default_labels))
    check_known_labels(mailbox, labels)
    raw = read_raw(call.body, call)
    date_ms = summarize(raw).date_ms if date_source == "dateHeader" else None
    return mailbox.add(
        raw, labels, call.now, date_ms=date_ms, thread_id=_chosen_thread(mailbox, call.body)
    )


def insert(world: World, call: Call) -> Json:
    """``messages.insert``: as IMAP APPEND; dated now unless told."""
    source = call.params.get("internalDateSource", "receivedTime")
    return show_labelled(_put(world, call, (), source))


def import_message(world: World, call: Call) -> Json:
    """``messages.import``: as if received; dated by its Date header unless told."""
    source = call.params.get("internalDateSource", "dateHeader")
    return show_labelled(_put(world, call, IMPORT_LABELS, source))


def send(world: World, call: Call) -> Json:
    """``messages.send``: into Sent, and into the mailboxes of recipients who have one here."""
    mailbox = own_mailbox(world, call)
    return show_labelled(send_raw(world, mailbox, call.body, call))


def send_raw(world: World, mailbox: Mailbox, message: Json, call: Call) -> Letter:
    """Send a letter, with the headers that Gmail adds where they lack."""
    written = read_raw(message, call)
    check_recipients(written)
    raw = complete(written, mailbox, world.new_id("message"), call.now)
    letter = mailbox.add(raw, (SENT,), call.now, thread_id=_chosen_thread(mailbox, message))
    world.gmail.deliver_to_recipients(raw, call.now)
    return letter


def complete(raw: bytes, mailbox: Mailbox, unique: str, now: datetime) -> bytes:
    """Return a letter to be sent with Date, From and Message-ID, the rest byte for byte.

    A sender whose address is not the mailbox's to use becomes its owner (not verified).
    """
    raw = with_own_sender(raw, mailbox.owner, mailbox.settings.may_send_as)
    names = header_names(raw)
    added = {
        "date": f"Date: {format_datetime(now)}",
        "from": f"From: {mailbox.owner}",
        "message-id": f"Message-ID: <CA{unique}@mail.gmail.com>",
    }
    lines = [line for name, line in added.items() if name not in names]
    return "".join(f"{line}\r\n" for line in lines).encode() + raw


def modify(world: World, call: Call) -> Json:
    """``messages.modify``."""
    mailbox = own_mailbox(world, call)
    letter = find_letter(mailbox, call.params["id"])
    added, removed = read_label_change(mailbox, call.body)
    mailbox.relabel(letter, added, removed, call.now)
    return show_labelled(letter)


def read_label_change(mailbox: Mailbox, body: Json) -> tuple[list[str], list[str]]:
    """Labels to add and to remove; ApiError 400 when there are none or one cannot be set."""
    added, removed = body.get("addLabelIds", []), body.get("removeLabelIds", [])
    if not added and not removed:
        raise invalid_argument("No label add or removes specified")
    check_labels(mailbox, added, removed)
    return added, removed


def trash(world: World, call: Call) -> Json:
    """``messages.trash``: a label like others, but the inbox is left."""
    mailbox = own_mailbox(world, call)
    letter = find_letter(mailbox, call.params["id"])
    mailbox.relabel(letter, (TRASH,), (INBOX,), call.now)
    return show_labelled(letter)


def untrash(world: World, call: Call) -> Json:
    """``messages.untrash``; the inbox does not come back (not verified)."""
    mailbox = own_mailbox(world, call)
    letter = find_letter(mailbox, call.params["id"])
    mailbox.relabel(letter, (), (TRASH,), call.now)
    return show_labelled(letter)


def delete(world: World, call: Call) -> None:
    """``messages.delete``: for good."""
    mailbox = own_mailbox(world, call)
    letter = find_letter(mailbox, call.params["id"])
    forget_draft(mailbox, letter)
    mailbox.remove(letter, call.now)


def forget_draft(mailbox: Mailbox, letter: Letter) -> None:
    """Return a draft whose letter goes is no draft any more."""
    if DRAFT in letter.labels:
        kept = {key: value for key, value in mailbox.drafts.items() if value != letter.id}
        mailbox.drafts = kept


def batch_modify(world: World, call: Call) -> None:
    """``messages.batchModify``: at most 1,000 ids; unknown ones are passed over."""
    mailbox = own_mailbox(world, call)
    added, removed = read_label_change(mailbox, call.body)
    for letter in _known_letters(mailbox, call):
        mailbox.relabel(letter, added, removed, call.now)


def batch_delete(world: World, call: Call) -> None:
    """``messages.batchDelete``: no word about ids that were not there."""
    mailbox = own_mailbox(world, call)
    for letter in _known_letters(mailbox, call):
        forget_draft(mailbox, letter)
        mailbox.remove(letter, call.now)


def _known_letters(mailbox: Mailbox, call: Call) -> list[Letter]:
    ids = call.body.get("ids", [])
    if not ids:
        raise invalid_argument("No message ids specified")
    if len(ids) > 1000:
        raise invalid_argument("Too many message ids: the limit is 1000")
    return [mailbox.letters[name] for name in dict.fromkeys(ids) if name in mailbox.letters]
