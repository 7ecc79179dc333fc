"""The memory of letters: every letter with a client that was ever seen, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from rules.letter_policy import REVIEWED
from rules.table import Table, as_text

LOGGED, COPY, FAILED, SKIPPED, GONE = "logged", "copy", "failed", "skipped", "gone"
"""States besides the reasons of `letter_policy`: it has a comment (or had one, before somebody
deleted it); another mailbox has it too; Google does not give it; its label keeps it out; it is no
matter any more: not there, a stranger's, or kept out by the label of another mailbox."""


@dataclass(frozen=True)
class Ledger:
    """The rows of the hidden tab `_letters`, and the comments that stand."""

    table: Table
    comments: Table

    @cached_property
    def row_by_place(self) -> Mapping[str, int]:
        """The row of each message, by mailbox and Gmail's id."""
        places = self.table.column("message")
        return {as_text(place): row for row, place in enumerate(places) if place}

    @cached_property
    def keys(self) -> frozenset[str]:
        """The Message-IDs of the letters that are settled: one more copy adds nothing."""
        columns = map(self.table.column, ("key", "state"))
        pairs = zip(*columns, strict=True)
        settled = {as_text(key) for key, state in pairs if as_text(state) not in REVIEWED}
        logged = map(as_text, self.comments.column("letter_key"))
        return frozenset(settled.union(logged) - {""})

    @cached_property
    def failed(self) -> Mapping[str, str]:
        """The places of the messages that Google did not give, each with its thread."""
        states = self.table.column("state")
        if FAILED not in states:
            return {}
        columns = map(self.table.column, ("message", "thread"))
        return {
            as_text(place): as_text(thread)
            for place, thread, state in zip(*columns, states, strict=True)
            if state == FAILED
        }

    @cached_property
    def _kept_out(self) -> Mapping[str, frozenset[str]]:
        """The mailboxes whose label keeps a letter out, by its Message-ID."""
        states = self.table.column("state")
        found: defaultdict[str, set[str]] = defaultdict(set)
        columns = map(self.table.column, ("key", "message"))
        for key, place, state in zip(*columns, states, strict=True) if SKIPPED in states else ():
            if state == SKIPPED and key:
                found[as_text(key)].add(as_text(place).rpartition("/")[0])
        return {key: frozenset(mailboxes) for key, mailboxes in found.items()}

    def kept_out_elsewhere(self, key: str, mailbox: str) -> bool:
        """Return whether the label of another mailbox keeps the letter out."""
        return bool(self._kept_out.get(key, frozenset()) - {mailbox})

    def settled(self, place: str) -> bool:
        """Return whether nothing more is to be done about a message."""
        row = self.row_by_place.get(place)
        return row is not None and self.table.text("state", row) not in REVIEWED
