"""History: new deals, changes of stage and trigger events, as rows of the Events tab."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import ne

from rules.check import Checked
from rules.moves import latest_moves
from rules.rows import cells_at
from rules.table import Raw, Table
from sync.plan import Cell, Plan, Row, same_value
from sync.scope import Scope, recorded_rows
from sync.snapshot import Snapshot

_TELLING = ("stage", "trigger")
"""The fields of a deal, and of its record, that tell what has happened."""

_NUMBERS = (int, float)  # a name: an `int | float` is made anew at each call


@dataclass(frozen=True)
class _Known:
    """What was recorded of a deal: its stage, since when, and its trigger event."""

    stage: str
    since: float | None
    trigger: str


def plan_events(snapshot: Snapshot, checked: Checked, scope: Scope, now: float) -> Plan:
    """Plan the events of deals that are new or changed since recorded, and the new record.

    A deal without a record but with events of its own (a workbook whose memory was lost, or that
    was kept elsewhere before) goes on from its last event.
    """
    records, commit = snapshot.tables["records"], snapshot.structure.last_commit
    stages, deals = records.column("stage"), snapshot.tables["deals"]
    news = _find_news(snapshot, checked, scope)
    last_events: Mapping[str, _Known] | None = None
    events: list[Row] = []
    cells: dict[tuple[str, str], dict[int, Cell]] = defaultdict(dict)
    for row, at, stage in news:
        deal_id, trigger = deals.ids[row], _trigger(checked, row)
        if stages[at] in checked.playbook.stages:
            before: _Known | None = _recorded(records, at)
        else:
            if last_events is None:
                last_events = _last_events(snapshot, checked)
            before = last_events.get(deal_id)
        events += _events(checked, row, deal_id, before, now, commit)
        stayed = before is not None and before.stage == stage
        wanted: dict[str, Cell] = {
            "stage": stage,
            "stage_since": before.since if stayed and before else now,
            "trigger": trigger,
        }
        for field, cell in wanted.items():
            if not same_value(records.column(field)[at], cell):
                cells["records", field][at] = cell
    return Plan(cells=cells, appended={"events": events} if events else {})


def _find_news(
    snapshot: Snapshot, checked: Checked, scope: Scope
) -> Sequence[tuple[int, int, str]]:
    """Return the deals that are not as recorded: row, place in the memory, stage."""
    records = snapshot.tables["records"]
    rows, places = recorded_rows(
        scope.rows(checked.deals, *_TELLING, recorded=_TELLING), snapshot.tables["deals"], records
    )
    return [
        (row, at, stage)
        for row, at, stage, trigger, known_stage, known_trigger in zip(
            rows,
            places,
            cells_at(checked.stages, rows),
            cells_at(checked.deals.values["trigger"], rows),
            cells_at(records.column("stage"), places),
            cells_at(records.column("trigger"), places),
            strict=True,
        )
        if stage is not None and (known_stage != stage or (known_trigger or "") != (trigger or ""))
    ]


def _recorded(records: Table, at: int) -> _Known:
    since = _number(records.column("stage_since")[at])
    return _Known(records.text("stage", at), since, records.text("trigger", at))


def _last_events(snapshot: Snapshot, checked: Checked) -> Mapping[str, _Known]:
    moves = latest_moves(snapshot.tables["events"], checked.playbook)
    entered = moves.entered(checked.playbook)
    return {deal_id: _Known(stage, when, "") for deal_id, (stage, when) in entered.items()}


def _number(value: Raw) -> float | None:
    return float(value) if isinstance(value, _NUMBERS) else None


def _trigger(checked: Checked, row: int) -> str:
    value = checked.deals.values["trigger"][row]
    return value if isinstance(value, str) else ""


def _events(
    checked: Checked, row: int, deal_id: str, before: _Known | None, now: float, commit: int
) -> Iterator[Row]:
    """Yield the events of a deal; their key tells events that two writers wrote at once."""
    for event, row_of_event in _event_rows(checked, row, deal_id, before, now):
        yield {**row_of_event, "key": f"{deal_id}:{event}:{commit}"}


def _event_rows(
    checked: Checked, row: int, deal_id: str, before: _Known | None, now: float
) -> Iterator[tuple[str, Row]]:
    """Yield the events of a deal with a name for each; a deal has no two of one name at once."""
    locale, playbook = checked.book.locale, checked.playbook
    kinds, triggers = playbook.choices["event"], playbook.choices["trigger"]
    stage, trigger = checked.stage_asked(row), _trigger(checked, row)
    common: dict[str, Cell] = {
        "when": now,
        "deal_id": deal_id,
        "accountable": checked.deals.text("accountable", row) or None,
    }
    if before is None or before.stage != stage:
        move: Row = {
            **common,
            "event": kinds["stage"].in_locale(locale),
            "from": playbook.stages[before.stage].in_locale(locale) if before else None,
            "to": playbook.stages[stage].in_locale(locale),
        }
        yield stage, move
    direction = checked.deals.values["direction"][row]
    if before is None and direction is not None:
        yield "lead", {**common, "event": kinds[f"{direction}_lead"].in_locale(locale)}
    if before is not None and trigger and trigger != before.trigger:
        yield trigger, {**common, "event": triggers[trigger].in_locale(locale)}


def plan_stage_since(snapshot: Snapshot, checked: Checked, scope: Scope) -> Plan:
    """Plan the day since which each deal is at its stage."""
    records, deals = snapshot.tables["records"], snapshot.tables["deals"]
    rows = scope.rows(checked.deals, "stage_since", recorded=("stage_since",))
    known, places = recorded_rows(rows, deals, records)
    days: dict[int, Cell] = dict.fromkeys(rows)
    for row, when in zip(known, cells_at(records.column("stage_since"), places), strict=True):
        if isinstance(when, _NUMBERS):
            days[row] = float(int(when))
    present = cells_at(deals.column("stage_since"), rows)
    cells = dict(compress(days.items(), map(ne, present, days.values())))
    return Plan(cells={("deals", "stage_since"): cells}) if cells else Plan()
