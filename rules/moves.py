"""How deals came to their stage, and how long they have stayed: what the sales lead should see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, compress
from typing import TypeAlias

from rules.dates import show_day
from rules.facts import Facts
from rules.findings import Finding
from rules.history import event_moment, funnel_rank
from rules.playbook import Playbook
from rules.shared_keys import Columns, changed_rows
from rules.table import Raw, Table, as_text, as_texts
from rules.text import fold
from rules.values import Value, spelling_table

Move: TypeAlias = tuple[float | None, str | None, str]
"""A change of stage: when, from which (None at a deal's first sight), and to which."""


_EVENT_FIELDS = ("deal_id", "event", "when", "from", "to")


@dataclass(frozen=True)
class Moves:
    """The latest change of stage of each deal on the Events tab, by ID.

    `columns` are those that tell it; `touched` the deals whose latest move is another than that
    of the earlier state that it was made from, None if any may be.
    """

    columns: Columns
    latest: Mapping[str, Move]
    touched: frozenset[str] | None = None


def latest_moves(events: Table, playbook: Playbook, before: Moves | None = None) -> Moves:
    """Return the latest moves; with those of an earlier state only events after it are read."""
    columns = tuple(events.column(key) for key in _EVENT_FIELDS)
    height = len(columns[0])
    known = len(before.columns[0]) if before else 0
    if before is None or known > height or changed_rows(before.columns, columns, known):
        return Moves(columns, _gather({}, columns, playbook))
    if known == height:
        return Moves(columns, before.latest, frozenset())
    added = tuple(column[known:] for column in columns)
    latest = _gather(dict(before.latest), added, playbook)
    return Moves(columns, latest, frozenset(map(as_text, added[0])))


def _gather(latest: dict[str, Move], columns: Columns, playbook: Playbook) -> Mapping[str, Move]:
    """Return the latest moves with those that the columns tell of."""
    spellings = spelling_table(playbook.stages)
    moves = playbook.choices["event"]["stage"].spellings
    is_move = {cell: fold(as_text(cell)) in moves for cell in set(columns[1])}
    stage_of = {
        cell: spellings.get(fold(as_text(cell))) for cell in {*set(columns[3]), *set(columns[4])}
    }
    for deal_id, kind, when, origin, target in zip(*columns, strict=True):
        if deal_id is None or not is_move[kind] or (entered := stage_of[target]) is None:
            continue
        key = deal_id if isinstance(deal_id, str) else as_text(deal_id)
        moment = event_moment(when)
        if (before := latest.get(key)) is None or (before[0] or 0.0) <= (moment or 0.0):
            latest[key] = (moment, stage_of[origin], entered)
    return latest


@dataclass(frozen=True)
class Moved:
    """What is to be said of moves, by row; the rest is what a later check goes on from."""

    findings: Mapping[int, Sequence[Finding]]
    moves: Moves
    columns: Columns
    today: float

    def all_findings(self) -> Iterator[Finding]:
        """Yield every finding."""
        return chain.from_iterable(self.findings.values())


def find_moves(facts: Facts, before: Moved | None = None) -> Moved:
    """Return the deals that came to their stage in an unusual way, or have stayed there too long.

    `before` is what was said of an earlier state; the outcome does not depend on it.
    """
    moves = latest_moves(
        facts.book.tables["events"], facts.playbook, before.moves if before else None
    )
    ids, stages = facts.deals.table.column("id"), facts.deals.values["stage"]
    columns = (ids, facts.deals.table.column("stage_since"), stages)
    judge = _Judge(facts, moves.latest)
    if before is None or moves.touched is None or before.today != facts.today:
        return Moved(judge.findings(range(len(ids))), moves, columns, facts.today)
    height = len(ids)
    changed = set(changed_rows(before.columns, columns))
    if moves.touched:
        changed.update(compress(range(height), map(moves.touched.__contains__, as_texts(ids))))
    findings = {row: some for row, some in before.findings.items() if row not in changed}
    findings |= judge.findings([row for row in changed if row < height])
    return Moved(findings, moves, columns, facts.today)


class _Judge:
    """Says what is unusual of deals' latest moves. Equal moves are judged once."""

    def __init__(self, facts: Facts, moves: Mapping[str, Move]) -> None:
        self._facts, self._moves = facts, moves
        self._usual = _Usual(facts)

    def findings(self, rows: Sequence[int]) -> dict[int, Sequence[Finding]]:
        """Return the findings of those deal rows that have any."""
        deals = self._facts.deals
        ids, since = deals.table.column("id"), deals.table.column("stage_since")
        stages = deals.values["stage"]
        if len(rows) < len(ids):
            ids, since = [ids[row] for row in rows], [since[row] for row in rows]
            stages = [stages[row] for row in rows]
        moves = map(self._moves.get, as_texts(ids))
        judge = lru_cache(maxsize=None, typed=True)(self._judge)  # 1 is no True
        told = list(map(judge, moves, since, stages))
        return {
            row: [
                Finding("warning", code, "deals", row, ("stage",), *shown) for code, *shown in some
            ]
            for row, some in compress(zip(rows, told, strict=True), told)
        }

    def _judge(self, move: Move | None, since: Raw, stage: Value) -> Sequence[tuple[str, str, str]]:
        """Return what is to be said of a deal at that stage: code, value and what would be usual.

        `move` is its latest one, `since` what the table says where there is none.
        """
        if not isinstance(stage, str):
            return ()
        origin: str | None
        if move is None:
            origin, moment = None, event_moment(since)
        elif move[2] == stage:
            moment, origin, _ = move
        else:  # moved, and not written down yet
            origin, moment = move[2], None
        found = []
        if origin is not None and (doubt := self._usual.doubt(origin, stage)):
            found.append(doubt)
        limit = self._facts.playbook.stages[stage].stale_days
        if limit is not None and moment is not None and self._facts.today - int(moment) > limit:
            found.append(("stale", show_day(moment), str(limit)))
        return found


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
