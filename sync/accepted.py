"""The memory of accepted warnings: a column of the hidden records tab."""

from __future__ import annotations

from collections.abc import Mapping

from rules.check import Checked, RowFindings
from rules.dismissal import accept_warnings, accepted_rows
from rules.playbook import Subject
from sync.layout import RECORDS
from sync.plan import Cell, Plan
from sync.snapshot import Snapshot


def accepted_warnings(
    snapshot: Snapshot, checked: Checked, found: Mapping[Subject, RowFindings]
) -> Mapping[int, str]:
    """Return which warnings of each accepted deal row are dismissed, as the next write records.

    A deal without a record waits: what nobody remembers would be told again at the next pass.
    """
    if not snapshot.has(RECORDS) or not (rows := accepted_rows(checked)):
        return {}
    records, deals = snapshot.tables[RECORDS], checked.deals.table
    remembered = {
        deal_id: records.text("accepted", at)
        for row in rows
        if (at := records.row_by_id.get(deal_id := deals.text("id", row))) is not None
    }
    memories = accept_warnings(checked, found, remembered)
    return {row: one for row, one in memories.items() if deals.text("id", row) in remembered}


def plan_accepted(snapshot: Snapshot, memories: Mapping[int, str]) -> Plan:
    """Plan the memory of the accepted deals, and to forget that of deals accepted no more."""
    records, deals = snapshot.tables[RECORDS], snapshot.tables["deals"]
    remembered = records.column("accepted")
    if not memories and not any(remembered):
        return Plan()
    wanted = {deals.text("id", row): memory for row, memory in memories.items()}
    cells: dict[int, Cell] = {
        row: wanted.get(deal_id)
        for row, deal_id in enumerate(records.ids)
        if deal_id in wanted or remembered[row]
    }
    return Plan(cells={(RECORDS, "accepted"): cells} if cells else {})
