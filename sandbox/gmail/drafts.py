"""The methods of ``users.drafts``: every save makes another letter under the same draft id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.base64url import encode_bytes
from sandbox.calls import Call, Json
from sandbox.gmail.access import not_found, own_mailbox, page_bounds
from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.messages import read_raw, search, send_raw
from sandbox.gmail.model import DRAFT, Letter
from sandbox.gmail.resources import show_labelled, show_letter, show_reference

if TYPE_CHECKING:
    from sandbox.world import World


def _find(mailbox: Mailbox, draft_id: str) -> Letter:
    letter = mailbox.letters.get(mailbox.drafts.get(draft_id, ""))
    if letter is None:
        raise not_found()
    return letter


def _save(mailbox: Mailbox, draft_id: str, call: Call) -> Json:
    message = call.body.get("message", {})
    thread_id = message.get("threadId")
    known = thread_id if thread_id in mailbox.threads else None
    letter = mailbox.add(read_raw(message, call), (DRAFT,), call.now, thread_id=known)
    mailbox.drafts[draft_id] = letter.id
    return {"id": draft_id, "message": show_labelled(letter)}


def create(world: World, call: Call) -> Json:
    """``drafts.create``."""
    return _save(own_mailbox(world, call), world.new_id("draft"), call)


def update(world: World, call: Call) -> Json:
    """``drafts.update``: the letter is another one afterwards."""
    mailbox = own_mailbox(world, call)
    old = _find(mailbox, call.params["id"])
    saved = _save(mailbox, call.params["id"], call)
    mailbox.remove(old, call.now)
    return saved


def get(world: World, call: Call) -> Json:
    """``drafts.get``."""
    letter = _find(own_mailbox(world, call), call.params["id"])
    style = call.params.get("format", "full").lower()
    return {"id": call.params["id"], "message": show_letter(letter, style, None)}


def list_drafts(world: World, call: Call) -> Json:
    """``drafts.list``."""
    mailbox = own_mailbox(world, call)
    draft_ids = {letter_id: draft_id for draft_id, letter_id in mailbox.drafts.items()}
    found = [letter for letter in search(mailbox, call) if letter.id in draft_ids]
    start, end = page_bounds(call)
    answer: Json = {"resultSizeEstimate": len(found)}
    if page := found[start:end]:
        shown = [{"id": draft_ids[letter.id], "message": show_reference(letter)} for letter in page]
        answer = {"drafts": shown, **answer}
    if end < len(found):
        answer["nextPageToken"] = str(end)
    return answer


def delete(world: World, call: Call) -> None:
    """``drafts.delete``: for good."""
    mailbox = own_mailbox(world, call)
    letter = _find(mailbox, call.params["id"])
    del mailbox.drafts[call.params["id"]]
    mailbox.remove(letter, call.now)


def send(world: World, call: Call) -> Json:
    """``drafts.send``: the saved draft, or the message given with the request."""
    mailbox = own_mailbox(world, call)
    draft_id = call.body.get("id", "")
    letter = _find(mailbox, draft_id)
    message = call.body.get("message") or {
        "raw": encode_bytes(letter.raw),
        "threadId": letter.thread_id,
    }
    sent = send_raw(world, mailbox, message, call)
    del mailbox.drafts[draft_id]
    mailbox.remove(letter, call.now)
    return show_labelled(sent)
