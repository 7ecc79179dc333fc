"""How deals came to their stage, and how long they have stayed: what the sales lead should see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, compress, repeat
from typing import TypeAlias

from rules.dates import show_day
from rules.facts import Facts
from rules.findings import Finding
from rules.history import begin_alike, event_moment, funnel_rank
from rules.playbook import Playbook
from rules.shared_keys import Columns, changed_rows
from rules.table import Raw, Table, as_text
from rules.text import fold
from rules.values import Value, spelling_table

Told: TypeAlias = tuple[Raw, Raw, Raw]
"""What an event tells of a change of stage: when, from which, to which; as it stands there."""

_EVENT_FIELDS = ("deal_id", "event", "when", "from", "to")


@dataclass(frozen=True)
class Moves:
    """The latest change of stage of each deal on the Events tab: its row there, by ID.

    `columns` are those that tell it; `touched` the deals whose latest move is another than that
    of the earlier state that it was made from, None if any may be.
    """

    columns: Columns
    latest: Mapping[str, int]
    touched: frozenset[str] | None = None

    def told(self) -> Sequence[Told]:
        """Return what each row of the Events tab tells."""
        _, _, whens, origins, targets = self.columns
        return list(zip(whens, origins, targets, strict=True))

    def entered(self, playbook: Playbook) -> Mapping[str, tuple[str, float | None]]:
        """Return, by ID, the stage that each deal entered last, and when."""
        _, _, whens, _, targets = self.columns
        stages = spelling_table(playbook.stages)
        return {
            deal_id: (stages[fold(as_text(targets[row]))], event_moment(whens[row]))
            for deal_id, row in self.latest.items()
        }


def latest_moves(events: Table, playbook: Playbook, before: Moves | None = None) -> Moves:
    """Return the latest moves; with those of an earlier state only events after it are read."""
    columns = tuple(events.column(key) for key in _EVENT_FIELDS)
    height = len(columns[0])
    known = len(before.columns[0]) if before else 0
    if before is None or known > height or not all(map(begin_alike, before.columns, columns)):
        return Moves(columns, _gather({}, columns, range(height), playbook))
    if known == height:
        return Moves(columns, before.latest, frozenset())
    added = range(known, height)
    latest = _gather(dict(before.latest), columns, added, playbook)
    return Moves(columns, latest, frozenset(as_text(columns[0][row]) for row in added))


def _gather(
    latest: dict[str, int], columns: Columns, rows: Sequence[int], playbook: Playbook
) -> Mapping[str, int]:
    """Return the latest moves with those that these rows tell of; of two at once the lower row."""
    ids, kinds, whens, _, targets = (
        list(column) if len(rows) == len(column) else column for column in columns
    )
    stages, moves = spelling_table(playbook.stages), playbook.choices["event"]["stage"].spellings
    is_move = {cell: fold(as_text(cell)) in moves for cell in set(kinds)}
    is_stage = {cell: fold(as_text(cell)) in stages for cell in set(targets)}
    moment_of = lru_cache(maxsize=None, typed=True)(lambda when: event_moment(when) or 0.0)
    for row in rows:
        if (deal_id := ids[row]) is None or not (is_move[kinds[row]] and is_stage[targets[row]]):
            continue
        key = deal_id if isinstance(deal_id, str) else as_text(deal_id)
        other = latest.setdefault(key, row)
        if other != row and moment_of(whens[other]) <= moment_of(whens[row]):
            latest[key] = row
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
    judge = _Judge(facts, moves)
    if before is None or moves.touched is None or before.today != facts.today:
        return Moved(judge.findings(range(len(ids))), moves, columns, facts.today)
    height = len(ids)
    changed = set(changed_rows(before.columns, columns))
    if moves.touched:
        changed.update(
            compress(range(height), map(moves.touched.__contains__, facts.deals.table.ids))
        )
    findings = {row: some for row, some in before.findings.items() if row not in changed}
    findings |= judge.findings([row for row in changed if row < height])
    return Moved(findings, moves, columns, facts.today)


class _Judge:
    """Says what is unusual of deals' latest moves. Equal moves are judged once."""

    def __init__(self, facts: Facts, moves: Moves) -> None:
        self._facts, self._moves = facts, moves
        self._usual = _Usual(facts)
        self._spellings = spelling_table(facts.playbook.stages)

    def findings(self, rows: Sequence[int]) -> dict[int, Sequence[Finding]]:
        """Return the findings of those deal rows that have any."""
        deals = self._facts.deals
        ids, since = deals.table.ids, deals.table.column("stage_since")
        stages = deals.values["stage"]
        if not self._moves.latest and not any(since):
            return {}
        if len(rows) < len(ids):
            ids, since = [ids[row] for row in rows], [since[row] for row in rows]
            stages = [stages[row] for row in rows]
        told_by = [*self._moves.told(), None]
        moves = map(told_by.__getitem__, map(self._moves.latest.get, ids, repeat(-1)))
        judge = lru_cache(maxsize=None, typed=True)(self._judge)  # 1 is no True
        told = list(map(judge, moves, since, stages))
        return {
            row: [
                Finding("warning", code, "deals", row, ("stage",), *shown) for code, *shown in some
            ]
            for row, some in compress(zip(rows, told, strict=True), told)
        }

    def _judge(self, move: Told | None, since: Raw, stage: Value) -> Sequence[tuple[str, str, str]]:
        """Return what is to be said of a deal at that stage: code, value and what would be usual.

        `move` is its latest one, `since` what the table says where there is none.
        """
        if not isinstance(stage, str):
            return ()
        origin: str | None
        if move is None:
            origin, moment = None, event_moment(since)
        elif (entered := self._stage(move[2])) == stage:
            origin, moment = self._stage(move[1]), event_moment(move[0])
        else:  # moved, and not written down yet
            origin, moment = entered, None
        found = []
        if origin is not None and (doubt := self._usual.doubt(origin, stage)):
            found.append(doubt)
        limit = self._facts.playbook.stages[stage].stale_days
        if limit is not None and moment is not None and self._facts.today - int(moment) > limit:
            found.append(("stale", show_day(moment), str(limit)))
        return found

    def _stage(self, cell: Raw) -> str | None:
        return self._spellings.get(fold(as_text(cell)))


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
