"""History: the first sight of a deal, and every change of its stage, as rows of the Events tab."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rules.check import Checked
from rules.history import read_history
from rules.table import Raw, as_text
from sync.plan import Cell, Plan, Row
from sync.snapshot import Snapshot


@dataclass(frozen=True)
class _Known:
    """What was recorded of a deal: its stage, and since when."""

    stage: str
    since: float | None


def plan_events(snapshot: Snapshot, checked: Checked, now: float) -> Plan:
    """Plan the events of deals that are new or have another stage than recorded, and the record.

    A deal without a record but with events of its own (a workbook whose memory was lost, or that
    was kept elsewhere before) goes on from its last event.
    """
    records = snapshot.tables["records"]
    known = _known_stages(snapshot, checked)
    events: list[Row] = []
    stages: dict[int, Cell] = {}
    since: dict[int, Cell] = {}
    for row, stage in checked.stages.items():
        deal_id = snapshot.tables["deals"].text("id", row)
        at = records.row_by_id.get(deal_id)
        if at is None:
            continue
        before = known.get(deal_id)
        moment: float | None = now
        if before is not None and before.stage == stage:
            moment = before.since
        else:
            events += _events(checked, row, deal_id, before, now)
        if records.column("stage")[at] != stage:
            stages[at], since[at] = stage, moment
    return Plan(
        cells={("records", "stage"): stages, ("records", "stage_since"): since} if stages else {},
        appended={"events": events} if events else {},
    )


def _known_stages(snapshot: Snapshot, checked: Checked) -> Mapping[str, _Known]:
    records = snapshot.tables["records"]
    known: dict[str, _Known] = {}
    for deal_id, entries in read_history(snapshot.tables["events"], checked.playbook).items():
        known[deal_id] = _Known(entries[-1].stage, entries[-1].when)
    columns = (records.column(field) for field in ("id", "stage", "stage_since"))
    for deal_id, stage, since in zip(*columns, strict=True):
        if deal_id and stage in checked.playbook.stages:
            known[as_text(deal_id)] = _Known(as_text(stage), _number(since))
    return known


def _number(value: Raw) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _events(
    checked: Checked, row: int, deal_id: str, before: _Known | None, now: float
) -> Iterator[Row]:
    locale, playbook = checked.book.locale, checked.playbook
    kinds = playbook.choices["event"]
    common: dict[str, Cell] = {
        "when": now,
        "deal_id": deal_id,
        "accountable": checked.deals.text("accountable", row) or None,
    }
    yield {
        **common,
        "event": kinds["stage"].in_locale(locale),
        "from": playbook.stages[before.stage].in_locale(locale) if before else None,
        "to": playbook.stages[checked.stages[row]].in_locale(locale),
    }
    direction = checked.deals.values["direction"][row]
    if before is None and direction is not None:
        yield {**common, "event": kinds[f"{direction}_lead"].in_locale(locale)}


def plan_stage_since(snapshot: Snapshot, checked: Checked) -> Plan:
    """Plan the day since which each deal is at its stage."""
    records = snapshot.tables["records"]
    whens = records.column("stage_since")
    cells: dict[int, Cell] = {}
    for row in checked.deals.rows:
        at = records.row_by_id.get(snapshot.tables["deals"].text("id", row))
        when = _number(whens[at]) if at is not None else None
        cells[row] = float(int(when)) if when is not None else None
    return Plan(cells={("deals", "stage_since"): cells})
