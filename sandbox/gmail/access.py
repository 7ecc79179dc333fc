"""Whose mailbox a call may touch, and the errors that all Gmail methods share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sandbox.calls import ApiError, Call
from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.model import UNTOUCHABLE, Letter

if TYPE_CHECKING:
    from sandbox.world import World

METADATA_SCOPE = "https://www.googleapis.com/auth/gmail.metadata"
MAX_PAGE = 500


def own_mailbox(world: World, call: Call) -> Mailbox:
    """Return the caller's mailbox; 403 for another's, 400 for a caller without one."""
    wanted = call.params["userId"].lower()
    if wanted not in ("me", call.user):
        raise ApiError(403, f"Delegation denied for {call.user}", reason="forbidden")
    mailbox = world.gmail.mailboxes.get(call.user)
    if mailbox is None:
        # What a service account gets that acts for nobody.
        raise ApiError(
            400,
            "Precondition check failed.",
            status="FAILED_PRECONDITION",
            reason="failedPrecondition",
        )
    return mailbox


def not_found() -> ApiError:
    """404 for anything that is not in the mailbox."""
    return ApiError(404, "Requested entity was not found.", reason="notFound")


def invalid_argument(message: str) -> ApiError:
    """400 for a value that cannot be."""
    return ApiError(400, message, reason="invalidArgument")


def find_letter(mailbox: Mailbox, letter_id: str) -> Letter:
    """Return the letter; 400 for something that is no id, 404 when it is not there."""
    if not letter_id or not all(digit in "0123456789abcdef" for digit in letter_id):
        raise invalid_argument("Invalid id value")
    letter = mailbox.letters.get(letter_id)
    if letter is None:
        raise not_found()
    return letter


def check_known_labels(mailbox: Mailbox, label_ids: Iterable[str]) -> None:
    """Refuse labels that do not exist."""
    for label_id in label_ids:
        if not mailbox.has_label(label_id):
            raise invalid_argument(f"Invalid label: {label_id}")


def check_labels(mailbox: Mailbox, *label_lists: list[str]) -> None:
    """Refuse labels that do not exist or cannot be set by hand."""
    for label_id in (label for labels in label_lists for label in labels):
        if not mailbox.has_label(label_id) or label_id in UNTOUCHABLE:
            raise invalid_argument(f"Invalid label: {label_id}")


def sees_metadata_only(call: Call) -> bool:
    """Whether the metadata scope is granted: it takes away what other scopes would give."""
    return METADATA_SCOPE in call.scopes


def page_bounds(call: Call, default: int = 100) -> tuple[int, int]:
    """From and to of the asked page; more than 500 a page gives 500."""
    token = call.params.get("pageToken") or "0"
    if not (token.isascii() and token.isdigit() and len(token) < 20):
        raise invalid_argument("Invalid pageToken")
    start = int(token)
    return start, start + min(call.params.get("maxResults") or default, MAX_PAGE)
