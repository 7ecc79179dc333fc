"""How far a mailbox has been read, as the workbook's developer metadata keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import orjson

CURSOR = "crm.mail."
"""Developer metadata key of a mailbox's state; the mailbox's address follows."""


@dataclass(frozen=True)
class Scan:
    """A search through a mailbox under way, for addresses in alphabetical order, some at a time.

    It is about the addresses whose mark is above `low`, up to `high`. Those up to `done` are done;
    those after it, up to `last`, are being searched for, from the oldest letter on: before the
    moment `place` nothing is left. Moments are epoch seconds; letters before `since` are not
    looked for.
    """

    low: int
    high: int
    since: int
    until: int
    done: str = ""
    last: str = ""
    place: int = 0


@dataclass(frozen=True)
class MailboxState:
    """How far a mailbox has been read.

    `address` is the mailbox's, also of `me`. All that happened up to the `history` id is settled.
    Every address with a mark up to `searched` has been searched for. `written`, `rechecked` (the
    last days have been searched again), `retried` (single messages have), `renewed` (all has) and
    `doubted` (Google gave nothing of what was asked for) are moments in epoch seconds. With `lost`,
    some history has expired since.
    """

    history: str
    address: str = ""
    searched: int = 0
    written: int = 0
    rechecked: int = 0
    retried: int = 0
    renewed: int = 0
    doubted: int = 0
    lost: bool = False
    scan: Scan | None = None

    @property
    def newest_mark(self) -> int:
        """The highest mark that this mailbox has to do with."""
        return max(self.searched, self.scan.high if self.scan else 0)


def parse_state(text: str) -> MailboxState | None:
    """Return the state that the metadata's value holds, None where it holds none."""
    try:
        found = orjson.loads(text)
        scan = found.pop("scan", None)
        return MailboxState(**found, scan=Scan(**scan) if scan else None)
    except (orjson.JSONDecodeError, TypeError, AttributeError):
        return None


def write_state(state: MailboxState) -> str:
    """Return the state as the metadata's value."""
    return orjson.dumps(asdict(state)).decode()


def read_states(metadata: Mapping[str, str]) -> Mapping[str, MailboxState]:
    """Return the states of all mailboxes, by address."""
    found = {
        key.removeprefix(CURSOR): parse_state(value)
        for key, value in metadata.items()
        if key.startswith(CURSOR)
    }
    return {mailbox: state for mailbox, state in found.items() if state is not None}
