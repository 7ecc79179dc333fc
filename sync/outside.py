"""What a pass works with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rules.playbook import Playbook
from sync.changes import Rehearsal
from sync.committing import Committer
from sync.letters import Recheck
from sync.ports import ChangeLog, Clock, DrivePort, MailPort, SheetsPort
from sync.snapshot import Snapshot

if TYPE_CHECKING:
    from sync.run import Known


@dataclass(frozen=True)
class Outside:
    """What a pass works with.

    Without a Drive root no folders are made. `effect_seconds` is how long folders and letters may
    each take in one pass; without it they are all done. With a `rehearsal` nothing is written. With
    `recheck` the mailboxes are compared with the log.
    """

    sheets: SheetsPort
    drive: DrivePort
    mail: MailPort
    clock: Clock
    drive_root: str | None = None
    mailboxes: Sequence[str] | None = None
    base_currency: str = "KZT"
    time_zone: str | None = None
    effect_seconds: float | None = None
    log: ChangeLog | None = None
    rehearsal: Rehearsal | None = None
    known: dict[str, Known] | None = None
    recheck: Recheck | None = None

    def deadline(self) -> datetime | None:
        """Return when to stop starting work outside the workbook; what is left waits."""
        if self.effect_seconds is None:
            return None
        return self.clock.now() + timedelta(seconds=self.effect_seconds)

    def recall(self, spreadsheet_id: str) -> Known | None:
        """Return what an earlier pass of this process left behind."""
        return self.known.get(spreadsheet_id) if self.known and self.rehearsal is None else None

    def remember(self, known: Known) -> None:
        """Keep what a pass leaves behind, if this process does."""
        if self.known is not None and self.rehearsal is None:
            self.known[known.left.snapshot.structure.spreadsheet_id] = known

    def forget(self, spreadsheet_id: str) -> None:
        """Start from nothing the next time."""
        if self.known is not None:
            self.known.pop(spreadsheet_id, None)

    def committer(self, playbook: Playbook) -> Committer:
        """Return what writes to the workbook."""
        return Committer(self.sheets, self.clock, playbook, self.log, self.rehearsal)

    def mailboxes_of(self, snapshot: Snapshot) -> Sequence[str]:
        """Return the mailboxes to read: the settings' or, without any, the workbook's."""
        return listed_mailboxes(snapshot) if self.mailboxes is None else self.mailboxes


def listed_mailboxes(snapshot: Snapshot) -> Sequence[str]:
    """Return the addresses that the tab Lists names as mailboxes."""
    listed = snapshot.tables["lists"].column("mailboxes")
    return [text.strip().lower() for text in listed if isinstance(text, str) and "@" in text]
