"""All mailboxes of the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.mime import recipients
from sandbox.gmail.model import INBOX, UNREAD, Letter
from sandbox.gmail.sending import without_bcc
from sandbox.people import MAILBOX_OWNERS

FIRST_HISTORY_ID = 1_204_771


class GmailState:
    """Mailboxes by address."""

    def __init__(self, new_id: Callable[[str], str]) -> None:
        self.mailboxes = {
            owner: Mailbox(owner, new_id, FIRST_HISTORY_ID + 90_001 * place)
            for place, owner in enumerate(MAILBOX_OWNERS)
        }

    def deliver(
        self,
        address: str,
        raw: bytes,
        now: datetime,
        *,
        labels: Iterable[str] = (INBOX, UNREAD),
        date_ms: int | None = None,
    ) -> Letter:
        """Let a letter arrive in a mailbox; KeyError for an address without one."""
        return self.mailboxes[address].add(raw, labels, now, date_ms=date_ms)

    def deliver_to_recipients(self, raw: bytes, now: datetime) -> None:
        """Let a sent letter arrive with those of its recipients who have a mailbox here."""
        delivered = without_bcc(raw)
        for address in dict.fromkeys(recipients(raw)):
            if address in self.mailboxes:
                self.deliver(address, delivered, now)
