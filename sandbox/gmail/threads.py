"""The methods of ``users.threads``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sandbox.calls import ApiError, Call, Json
from sandbox.gmail.access import not_found, own_mailbox, page_bounds, sees_metadata_only
from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.messages import forget_draft, read_label_change, search
from sandbox.gmail.model import INBOX, TRASH, Letter
from sandbox.gmail.resources import show_labelled, show_letter

if TYPE_CHECKING:
    from sandbox.world import World


def _find(mailbox: Mailbox, call: Call) -> list[Letter]:
    letters = mailbox.thread(call.params["id"])
    if not letters:
        raise not_found()
    return letters


def list_threads(world: World, call: Call) -> Json:
    """``threads.list``: threads of which a letter matches, by their newest match."""
    mailbox = own_mailbox(world, call)
    newest: dict[str, Letter] = {}
    for letter in search(mailbox, call):
        newest.setdefault(letter.thread_id, letter)
    start, end = page_bounds(call)
    answer: Json = {"resultSizeEstimate": len(newest)}
    if page := list(newest.values())[start:end]:
        shown = [
            {
                "id": letter.thread_id,
                "snippet": letter.summary.snippet,
                "historyId": _history_id(mailbox.thread(letter.thread_id)),
            }
            for letter in page
        ]
        answer = {"threads": shown, **answer}
    if end < len(newest):
        answer["nextPageToken"] = str(end)
    return answer


def _history_id(letters: list[Letter]) -> str:
    return str(max(letter.history_id for letter in letters))


def get(world: World, call: Call) -> Json:
    """``threads.get``: all its letters, oldest first."""
    letters = _find(own_mailbox(world, call), call)
    style = call.params.get("format", "full").lower()
    if sees_metadata_only(call) and style == "full":
        raise ApiError(403, "Metadata scope doesn't allow format FULL", reason="forbidden")
    names = call.params.get("metadataHeaders")
    headers = frozenset(name.lower() for name in names) if names else None
    return {
        "id": call.params["id"],
        "historyId": _history_id(letters),
        "messages": [show_letter(letter, style, headers) for letter in letters],
    }


def _relabel(world: World, call: Call, added: Iterable[str], removed: Iterable[str]) -> Json:
    mailbox = own_mailbox(world, call)
    letters = _find(mailbox, call)
    for letter in letters:
        mailbox.relabel(letter, added, removed, call.now)
    shown = [show_labelled(letter) for letter in letters]
    return {"id": call.params["id"], "messages": shown}


def modify(world: World, call: Call) -> Json:
    """``threads.modify``: every letter of the thread."""
    added, removed = read_label_change(own_mailbox(world, call), call.body)
    return _relabel(world, call, added, removed)


def trash(world: World, call: Call) -> Json:
    """``threads.trash``."""
    return _relabel(world, call, (TRASH,), (INBOX,))


def untrash(world: World, call: Call) -> Json:
    """``threads.untrash``."""
    return _relabel(world, call, (), (TRASH,))


def delete(world: World, call: Call) -> None:
    """``threads.delete``: every letter for good."""
    mailbox = own_mailbox(world, call)
    for letter in _find(mailbox, call):
        forget_draft(mailbox, letter)
        mailbox.remove(letter, call.now)
