"""What a plan changes, one by one: for `crm plan` before the write, and for the log after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sync.layout import HIDDEN_TABS, ROW_KEYS
from sync.plan import Cell, Plan
from sync.ports import Change, DocumentCopy, FileChange, Folder, Grant
from sync.relocate import Placed
from sync.snapshot import Snapshot


def changes_of(snapshot: Snapshot, placed: Placed) -> Iterator[Change]:
    """Yield what a settled plan changes on the tabs that people see, tab by tab and row by row."""
    plan = placed.plan
    cells = [
        change
        for (tab, name), column in plan.cells.items()
        if tab not in HIDDEN_TABS
        for row, after in column.items()
        for change in (_cell_change(snapshot, placed, tab, name, row, after),)
    ]
    yield from sorted(cells, key=lambda change: (change.tab, change.row or 0))
    for tab, rows in plan.appended.items():
        if tab not in HIDDEN_TABS:
            for row in rows:
                yield Change("row", tab, None, str(row.get(ROW_KEYS[tab]) or ""), after=dict(row))
    for tab, removed in plan.removed.items():
        if tab not in HIDDEN_TABS:
            for at in sorted(removed):
                key = snapshot.tables[tab].text(ROW_KEYS[tab], placed.origin(tab, at) or 0)
                yield Change("removed", tab, at, key)


def _cell_change(
    snapshot: Snapshot, placed: Placed, tab: str, name: str, row: int, after: Cell
) -> Change:
    origin = placed.origin(tab, row)
    table = snapshot.tables[tab]
    before = None if origin is None else table.column(name)[origin]
    new_key = placed.plan.cells.get((tab, ROW_KEYS[tab]), {}).get(row)
    key = str(new_key or ("" if origin is None else table.text(ROW_KEYS[tab], origin)))
    return Change("cell", tab, row, key, name, before, after)


@dataclass
class Rehearsal:
    """What a pass would do: its plans with the snapshots that they start from, and its folders.

    `drive` is what else it would do on Drive.
    """

    steps: list[tuple[Snapshot, Plan]] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)
    drive: list[FileChange | Grant | DocumentCopy] = field(default_factory=list)

    def generate_ids(self, count: int) -> Sequence[str]:
        """Return stand-ins: the ids of folders are new ones at each pass."""
        return [f"NEW-FOLDER-{number}" for number in range(1, count + 1)]

    def changes(self) -> Iterator[Change]:
        """Yield what the pass would change on the tabs that people see."""
        for snapshot, plan in self.steps:
            yield from changes_of(snapshot, Placed(plan))

    def notices(self) -> tuple[str, ...]:
        """Return what the dashboard would say at its top that it does not say yet."""
        banners = [plan.banner for _, plan in self.steps if plan.banner]
        return tuple(str(text) for text in (banner[0][0][0] for banner in banners) if text)

    def reports(self) -> tuple[str, ...]:
        """Return the report tabs that would be rewritten, by key."""
        return tuple(dict.fromkeys(key for _, plan in self.steps for key in plan.reports))
