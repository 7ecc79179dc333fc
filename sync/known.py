"""What a pass leaves behind in its process, so that the next one need not begin from nothing.

It may vanish at any time, and is a help and no more: what it says is held against the workbook.
"""

from __future__ import annotations

from dataclasses import dataclass

from rules.check import Checked
from sync.snapshot import Snapshot, is_same_answer

MOST_PASSES = 20
"""After so many passes the structure is read again all the same."""


@dataclass(frozen=True)
class Known:
    """A workbook after a pass.

    `snapshot` is as it was read; `checked` is the check of what the pass left. `settled`: it had
    nothing to write, and nothing that waits.
    """

    snapshot: Snapshot
    checked: Checked
    settled: bool
    passes: int = 0

    def still_holds(self, snapshot: Snapshot) -> bool:
        """Return whether a new reading leaves nothing to check: the same cells on the same day."""
        days = {int(one.serial(one.read_at)) for one in (self.snapshot, snapshot)}
        return self.settled and len(days) == 1 and is_same_answer(self.snapshot, snapshot)
