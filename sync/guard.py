"""Between plan and effects: changes in mass are not acted upon before a person has confirmed them.

Measured against what the worker recorded at its last commit. Rows new to the workbook, as by an
import, never count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, count, repeat
from operator import is_
from typing import Literal

import orjson

from rules.check import Checked
from rules.playbook import SUBJECT_TABS, Limits
from rules.rows import cells_at
from sync.commit import FILLED
from sync.identity import People
from sync.plan import Plan
from sync.scope import Scope, recorded_rows
from sync.snapshot import Snapshot


@dataclass(frozen=True)
class MassChange:
    """So many (`count`) of so many (`of`) rows of a tab, or cells of a field there, at once."""

    kind: Literal["rows_vanished", "stages_changed", "column_emptied"]
    tab: str
    count: int
    of: int
    field: str = ""

    def __str__(self) -> str:
        """Return the line that an operator reads."""
        what = self.kind.replace("_", " ")
        where = f"{self.tab}.{self.field}" if self.field else self.tab
        return f"{what} on {where}: {self.count} of {self.of} at once"


def find_mass_changes(
    snapshot: Snapshot, checked: Checked, people: People, scope: Scope
) -> tuple[MassChange, ...]:
    """Return the changes since the last commit that are beyond the playbook's limits."""
    limits = checked.playbook.limits
    return (
        *_vanished(snapshot, people, limits),
        *_stages_changed(snapshot, checked, scope, limits),
        *_emptied(snapshot, checked, limits),
    )


def _vanished(snapshot: Snapshot, people: People, limits: Limits) -> Iterator[MassChange]:
    for tab, who in people.found.items():
        gone = len(who.vanished) + len(who.rewritten)
        if not snapshot.has(tab) or gone < limits.rows_at_least:
            continue
        recorded = snapshot.tables["records"].row_by_id
        before = len(who.vanished) + sum(map(recorded.__contains__, who.ids))
        if _is_mass(gone, before, limits.rows_vanished_share, limits):
            yield MassChange("rows_vanished", tab, gone, before)


def _stages_changed(
    snapshot: Snapshot, checked: Checked, scope: Scope, limits: Limits
) -> Iterator[MassChange]:
    records, deals = snapshot.tables["records"], snapshot.tables["deals"]
    rows: Sequence[int] = scope.rows(checked.deals, "stage", recorded=("stage",))
    at_rest = 0
    if scope.left is not None:
        unclear = compress(count(), map(is_, checked.stages, repeat(None)))
        rows = sorted({*rows, *unclear})  # all others with a record are at the recorded stage
        at_rest = deals.height - records.rows_for(deals).count(None)
    rows, places = recorded_rows(rows, deals, records)
    recorded = cells_at(records.column("stage"), places)
    pairs = compress(zip(recorded, cells_at(checked.stages, rows), strict=True), recorded)
    differ = [before != now for before, now in pairs]
    changed, known = sum(differ), len(differ) + max(0, at_rest - len(rows))
    if _is_mass(changed, known, limits.stages_changed_share, limits):
        yield MassChange("stages_changed", "deals", changed, known, "stage")


def _emptied(snapshot: Snapshot, checked: Checked, limits: Limits) -> Iterator[MassChange]:
    before = _recorded_counts(snapshot)
    for key, now in count_filled(snapshot, checked).items():
        tab, _, name = key.partition(".")
        was = before.get(key, 0)
        if _is_mass(was - now, was, limits.column_emptied_share, limits):
            yield MassChange("column_emptied", tab, was - now, was, name)


def _is_mass(count: int, of: int, share: float, limits: Limits) -> bool:
    return count >= limits.rows_at_least and count > share * of


def count_filled(snapshot: Snapshot, checked: Checked) -> Mapping[str, int]:
    """Return how many cells of each of the managers' fields are filled, by "tab.field"."""
    return {
        f"{tab}.{name}": snapshot.tables[tab].filled(name)
        for tab in SUBJECT_TABS.values()
        if snapshot.has(tab)
        for name, spec in checked.playbook.tabs[tab].fields.items()
        if spec.owner == "managers" and name in snapshot.layouts[tab].columns
    }


def _recorded_counts(snapshot: Snapshot) -> Mapping[str, int]:
    try:
        found = orjson.loads(snapshot.structure.metadata.get(FILLED, "{}"))
    except orjson.JSONDecodeError:
        return {}
    return {key: count for key, count in found.items() if isinstance(count, int)}


def plan_counts(snapshot: Snapshot, checked: Checked) -> Plan:
    """Plan to record how much of each column is filled."""
    before, now = _recorded_counts(snapshot), count_filled(snapshot, checked)
    return Plan(metadata={FILLED: orjson.dumps(now).decode()}) if now != before else Plan()
