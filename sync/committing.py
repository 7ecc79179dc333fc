"""The one way to the workbook: a plan becomes a commit, is written, verified, put right, logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rules.playbook import Playbook
from sync.changes import Rehearsal, changes_of
from sync.commit import is_quiet, make_commits, settled, settled_again
from sync.doubles import plan_doubles
from sync.errors import ConflictError, RefusedError, UnknownOutcomeError
from sync.plan import Plan
from sync.ports import ChangeLog, Clock, SheetsPort
from sync.relocate import Placed, fills_managers_cells, relocate
from sync.snapshot import Snapshot, after, with_structure
from sync.verify import (
    Found,
    all_in_place,
    find_misplaced,
    find_moved_columns,
    make_column_repair,
    make_repair,
    make_row_repair,
    make_watches,
    read_watches,
    spans_of,
)

FRESH_SECONDS = 1.0
"""A snapshot older than this is not written by without reading the IDs again."""

MOST_REPAIRS = 3


@dataclass(frozen=True)
class Committed:
    """The workbook as it reads after a commit, what was written, and how many cells of it."""

    snapshot: Snapshot
    written: Plan = field(default_factory=Plan)
    cells: int = 0


@dataclass(frozen=True)
class Committer:
    """Writes plans; with a `rehearsal` it only says what it would write."""

    sheets: SheetsPort
    clock: Clock
    playbook: Playbook
    log: ChangeLog | None = None
    rehearsal: Rehearsal | None = None

    def commit(self, snapshot: Snapshot, plan: Plan, *, reread: bool = True) -> Committed:
        """Write what differs from the snapshot; nothing if nothing does.

        Where the snapshot is no longer fresh, keys are read again before, unless `reread` is off: a
        pass reads them once, before its last commit. Either way the write is verified.

        Raises ConflictError if somebody else wrote or moved rows meanwhile: what landed on a wrong
        row has been put right, and the workbook is to be read and planned again. Raises
        UnknownOutcomeError if the answer was lost.
        """
        changed = settled(snapshot, plan)
        if changed and snapshot.structure.remembered:
            snapshot = self._as_it_is_now(snapshot)
            changed = settled_again(snapshot, changed, plan)
        if not changed:
            return Committed(after(snapshot, plan))
        if is_quiet(changed):  # what is not written is not known to stand there
            return Committed(after(snapshot, replace(plan, metadata={})))
        cells = sum(map(len, changed.cells.values()))
        if self.rehearsal is not None:
            self.rehearsal.steps.append((snapshot, changed))
            return Committed(after(snapshot, plan), changed, cells)
        placed = self._placed(snapshot, changed, reread=reread)
        written = self._write(snapshot, placed)
        return Committed(after(written, plan), changed, cells)

    def _as_it_is_now(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot with tabs and metadata read anew: nothing is written by memory alone.

        Tabs may have been exchanged under their names; or two writers were let through at once, and
        what stands twice is to be removed first. Raises ConflictError in either case.
        """
        structure = self.sheets.read_structure(snapshot.structure.spreadsheet_id)
        now = with_structure(snapshot, structure)
        if plan_doubles(now):
            raise ConflictError("two workers wrote at once: doubled rows are to be removed")
        return now

    def _placed(self, snapshot: Snapshot, changed: Plan, *, reread: bool) -> Placed:
        age = self.clock.now() - snapshot.read_at
        stale = reread and age.total_seconds() > FRESH_SECONDS
        if stale or changed.removed or fills_managers_cells(changed, self.playbook):
            return relocate(snapshot, changed, self.sheets, self.playbook)
        return Placed(changed)

    def _write(self, snapshot: Snapshot, placed: Placed) -> Snapshot:
        """Write a plan and look where it landed; put right what landed on other rows."""
        written, found = self._send(snapshot, placed, "written")
        if all_in_place(snapshot, placed, found):
            return written
        if moved := find_moved_columns(snapshot, found):
            written = self._write_blindly(written, make_column_repair(written, placed, found))
            if appended := [tab for tab in moved if tab in placed.plan.appended]:
                self._write_blindly(written, self._row_repair(written, placed, appended))
        for _ in range(MOST_REPAIRS):
            if moved or not find_misplaced(snapshot, placed, found):
                break
            placed = make_repair(snapshot, placed, found)
            written, found = self._send(written, placed, "repaired")
        raise ConflictError("rows or columns moved while they were being written: put right")

    def _row_repair(
        self, snapshot: Snapshot, placed: Placed, tabs: Sequence[str]
    ) -> tuple[Snapshot, Placed]:
        titles = [snapshot.layouts[tab].sheet.title for tab in tabs]
        contents = self.sheets.read_tabs(snapshot.structure.spreadsheet_id, titles)
        return make_row_repair(snapshot, placed, dict(zip(tabs, contents, strict=True)))

    def _write_blindly(self, snapshot: Snapshot, repair: tuple[Snapshot, Placed]) -> Snapshot:
        """Write a repair of columns: there is no telling rows while their keys have moved.

        Returns the snapshot with the commits counted.
        """
        repaired, placed = repair
        batches = make_commits(repaired, placed.plan, self.playbook) if placed.plan else []
        for batch in batches:
            self.sheets.write(snapshot.structure.spreadsheet_id, batch)
        self._log(repaired, placed, "repaired")
        return _numbered(snapshot, len(batches))

    def _send(self, snapshot: Snapshot, placed: Placed, outcome: str) -> tuple[Snapshot, Found]:
        """Send a plan; return the snapshot with the commits counted, and what the answer shows."""
        watches = make_watches(snapshot, placed.plan, self.playbook)
        spans = spans_of(snapshot, watches)
        spreadsheet_id = snapshot.structure.spreadsheet_id
        *earlier, last = make_commits(snapshot, placed.plan, self.playbook)
        try:
            for batch in earlier:
                self.sheets.write(spreadsheet_id, batch)
            answer = self.sheets.write(spreadsheet_id, last, spans)
        except RefusedError as error:
            self._tell_conflict(snapshot, error)
            raise
        except UnknownOutcomeError:
            self._log(snapshot, placed, "unknown")
            raise
        self._log(snapshot, placed, outcome)
        return _numbered(snapshot, len(earlier) + 1), read_watches(watches, answer)

    def _tell_conflict(self, snapshot: Snapshot, error: RefusedError) -> None:
        """Raise ConflictError if the write was refused because somebody else wrote first."""
        now = self.sheets.read_structure(snapshot.structure.spreadsheet_id)
        if now.last_commit > snapshot.structure.last_commit or now.sheets != (
            snapshot.structure.sheets
        ):
            raise ConflictError("somebody else wrote first: planned again") from error

    def _log(self, snapshot: Snapshot, placed: Placed, outcome: str) -> None:
        if self.log is not None:
            changes = changes_of(snapshot, placed)
            self.log.record(snapshot.structure.spreadsheet_id, outcome, changes)


def _numbered(snapshot: Snapshot, commits: int) -> Snapshot:
    """Return the snapshot with the numbers of commits that have been made since."""
    structure = snapshot.structure
    last = structure.last_commit
    numbers = (*structure.commits, *range(last + 1, last + 1 + commits))
    return replace(snapshot, structure=replace(structure, commits=numbers))
