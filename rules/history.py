"""What the Events tab tells of each deal: when it entered which stage, how long it stayed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rules.playbook import Playbook
from rules.table import Raw, Table, as_text
from rules.text import fold
from rules.values import spelling_table


@dataclass(frozen=True)
class StageEntry:
    """A deal's entry into a stage; `when` is a serial date and time, None if none is written."""

    when: float | None
    stage: str


History = Mapping[str, Sequence[StageEntry]]
"""Stage entries by deal ID, oldest first."""

_EARLIEST, _LATEST = 36_526, 73_051  # serials of 2000-01-01 and 2100-01-01


def event_moment(value: Raw) -> float | None:
    """Return the serial time of an event, None where a cell holds none that can be true."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if _EARLIEST <= value < _LATEST else None


def read_history(events: Table, playbook: Playbook) -> History:
    """Return the stage entries of the Events tab. Rows that name no known stage are left out."""
    stage_of = spelling_table(playbook.stages)
    stage_event = playbook.choices["event"]["stage"].spellings
    history: dict[str, list[StageEntry]] = defaultdict(list)
    whens, ids = events.column("when"), events.column("deal_id")
    kinds, targets = events.column("event"), events.column("to")
    for when, deal_id, kind, target in zip(whens, ids, kinds, targets, strict=True):
        stage = stage_of.get(fold(as_text(target)))
        if stage and deal_id and fold(as_text(kind)) in stage_event:
            history[as_text(deal_id)].append(StageEntry(event_moment(when), stage))
    for entries in history.values():
        entries.sort(key=lambda entry: entry.when if entry.when is not None else 0.0)
    return history


def first_events(events: Table) -> Mapping[str, float]:
    """Return when each deal was first heard of: the time of its first event of any kind."""
    first: dict[str, float] = {}
    for when, deal_id in zip(events.column("when"), events.column("deal_id"), strict=True):
        moment = event_moment(when)
        if deal_id and moment is not None:
            key = as_text(deal_id)
            first[key] = min(moment, first.get(key, moment))
    return first


def funnel_rank(playbook: Playbook) -> Mapping[str, int]:
    """Return how far along the funnel each stage is; an ended one as far as it `reached`."""
    rank = {stage: place for place, stage in enumerate(playbook.funnel)}
    for key, stage in playbook.stages.items():
        rank.setdefault(key, rank[stage.reached] if stage.reached else 0)
    return rank


def finished_stays(entries: Sequence[StageEntry]) -> list[tuple[str, float]]:
    """Return the stage and the days of each stay that ended in a move to another stage."""
    stays = []
    for entry, after in pairwise(entries):
        if entry.when is not None and after.when is not None and entry.stage != after.stage:
            stays.append((entry.stage, after.when - entry.when))
    return stays
