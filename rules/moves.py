"""How deals came to their stage, and how long they have stayed: what the sales lead should see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TypeAlias

from rules.dates import show_day
from rules.facts import Facts
from rules.findings import Finding
from rules.history import event_moment, funnel_rank
from rules.playbook import Playbook
from rules.table import Table, as_text
from rules.text import fold
from rules.values import spelling_table

Move: TypeAlias = tuple[float | None, str | None, str]
"""A change of stage: when, from which (None at a deal's first sight), and to which."""


def latest_moves(events: Table, playbook: Playbook) -> Mapping[str, Move]:
    """Return the latest change of stage of each deal on the Events tab, by ID."""
    spellings = spelling_table(playbook.stages)
    moves = playbook.choices["event"]["stage"].spellings
    columns = [events.column(key) for key in ("deal_id", "event", "when", "from", "to")]
    is_move = {cell: fold(as_text(cell)) in moves for cell in set(columns[1])}
    stage_of = {
        cell: spellings.get(fold(as_text(cell))) for cell in {*set(columns[3]), *set(columns[4])}
    }
    latest: dict[str, Move] = {}
    for deal_id, kind, when, origin, target in zip(*columns, strict=True):
        if deal_id is None or not is_move[kind] or (entered := stage_of[target]) is None:
            continue
        key = deal_id if isinstance(deal_id, str) else as_text(deal_id)
        moment = event_moment(when)
        if (before := latest.get(key)) is None or (before[0] or 0.0) <= (moment or 0.0):
            latest[key] = (moment, stage_of[origin], entered)
    return latest


def find_moves(facts: Facts) -> Iterator[Finding]:
    """Yield the deals that came to their stage in an unusual way, or have stayed there too long."""
    moves = latest_moves(facts.book.tables["events"], facts.playbook)
    usual = _Usual(facts)
    limits = {key: stage.stale_days for key, stage in facts.playbook.stages.items()}
    ids, since_column = facts.deals.table.column("id"), facts.deals.table.column("stage_since")
    for row, stage in facts.stages.items():
        move = moves.get(as_text(ids[row]))
        if move is None:
            origin, since = None, event_moment(since_column[row])
        elif move[2] == stage:
            since, origin, _ = move
        else:  # moved, and not written down yet
            origin, since = move[2], None
        if origin is not None and (doubt := usual.doubt(origin, stage)):
            yield Finding("warning", doubt[0], "deals", row, ("stage",), *doubt[1:])
        limit = limits[stage]
        if limit is not None and since is not None and facts.today - int(since) > limit:
            yield Finding("warning", "stale", "deals", row, ("stage",), show_day(since), str(limit))


class _Usual:
    """Which moves are usual, by the playbook's `leaves_to`."""

    def __init__(self, facts: Facts) -> None:
        self._playbook = facts.playbook
        self._locale = facts.book.locale
        self._rank = funnel_rank(facts.playbook)
        self.doubt = cache(self._doubt)

    def _doubt(self, origin: str, stage: str) -> tuple[str, str, str] | None:
        """Return code, value and what would be usual of an unusual move, None if it is usual."""
        start = self._playbook.stages[origin]
        if origin == stage or stage in start.leaves_to:
            return None
        name = start.in_locale(self._locale)
        if not start.open:
            return "stage_reopened", name, ""
        funnel = self._playbook.funnel
        if stage not in funnel:
            return "stage_unusual", name, self._names(start.leaves_to)
        if self._rank[stage] < self._rank[origin]:
            return "stage_back", name, ""
        skipped = funnel[funnel.index(origin) + 1 : funnel.index(stage)]
        if not skipped:
            return "stage_unusual", name, self._names(start.leaves_to)
        return "stage_skipped", name, self._names(skipped)

    def _names(self, stages: tuple[str, ...]) -> str:
        return ", ".join(self._playbook.stages[key].in_locale(self._locale) for key in stages)
