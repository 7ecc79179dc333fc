"""Every deal, contact and company has an ID, assigned once and never again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from rules.check import Checked
from rules.playbook import SUBJECT_TABS, Subject
from rules.table import Table
from sync.plan import Cell, ColumnCells, Plan
from sync.snapshot import Snapshot

COUNTER = "crm.counter."
"""Developer metadata key of the last number given to deals (D), contacts (P), companies (C)."""


def plan_identity(snapshot: Snapshot, checked: Checked) -> Plan:
    """Plan an ID for each record without one, and for each copy of a row but the first.

    A copied row also brought the other deal's worker-filled cells: they are cleared.
    """
    plan = Plan()
    for subject, tab in SUBJECT_TABS.items():
        plan = plan.then(_number_rows(snapshot, checked, subject, tab))
    return plan


def _number_rows(snapshot: Snapshot, checked: Checked, subject: Subject, tab: str) -> Plan:
    spec, table = checked.playbook.tabs[tab], snapshot.tables[tab]
    prefix = spec.prefix or ""
    keep = _rightful_ids(table, prefix)
    without = [row for row in checked.records(subject).rows if row not in keep]
    if not without:
        return Plan()
    key = COUNTER + prefix
    last = max(_last_number(snapshot.structure.metadata, key), *map(_number, keep.values()), 0)
    numbered: dict[int, Cell] = {
        row: f"{prefix}-{last + place:06d}" for place, row in enumerate(without, 1)
    }
    cells: dict[tuple[str, str], ColumnCells] = {(tab, "id"): numbered}
    copies: dict[int, Cell] = {
        row: None for row in without if table.text("id", row) in set(keep.values())
    }
    if copies:
        filled = [field for field, column in spec.fields.items() if column.owner == "both"]
        cells.update({(tab, field): copies for field in filled})
    return Plan(cells=cells, metadata={key: str(last + len(without))})


def _rightful_ids(table: Table, prefix: str) -> Mapping[int, str]:
    form = re.compile(rf"{prefix}-\d{{6,}}")
    return {row: text for text, row in table.row_by_id.items() if form.fullmatch(text)}


def _last_number(metadata: Mapping[str, str], key: str) -> int:
    text = metadata.get(key, "0")
    return int(text) if text.isdigit() else 0


def _number(text: str) -> int:
    return int(text.partition("-")[2])


def plan_memory(snapshot: Snapshot, ids: Iterable[str]) -> Plan:
    """Plan a row of the hidden records tab for each ID that has none."""
    known = snapshot.tables["records"].row_by_id
    new = [{"id": text} for text in dict.fromkeys(ids) if text and text not in known]
    return Plan(appended={"records": new}) if new else Plan()


def ids_of(snapshot: Snapshot, checked: Checked) -> Iterator[str]:
    """Yield the IDs of all records."""
    for subject, tab in SUBJECT_TABS.items():
        for row in checked.records(subject).rows:
            yield snapshot.tables[tab].text("id", row)
