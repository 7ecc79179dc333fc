"""What the Events tab tells of the deals, column by column: who entered which stage, and when."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress, islice
from operator import le
from typing import Any

from rules.chunks import Column
from rules.months import month_of
from rules.playbook import Playbook
from rules.requirements import NO_STAGE, Flags, any_of, missing_flags, rows_set
from rules.table import Raw, Table, as_text, differing
from rules.text import fold
from rules.values import spelling_table

_NUMBERS = (int, float)  # a name: an `int | float` is made anew at each call

_EARLIEST, _LATEST = 36_526, 73_051  # serials of 2000-01-01 and 2100-01-01


def event_moment(value: Raw) -> float | None:
    """Return the serial time of an event, None where a cell holds none that can be true."""
    if isinstance(value, bool) or not isinstance(value, _NUMBERS):
        return None
    return float(value) if _EARLIEST <= value < _LATEST else None


# ── Stages as codes ──────────────────────────────────────────────────────────────────────────────


def stage_codes(playbook: Playbook) -> Mapping[object, int]:
    """Return the code of each stage: its place among them. What is no stage has `NO_STAGE`."""
    return {stage: code for code, stage in enumerate(playbook.stages)}


def flags_where(codes: bytes, wanted: Collection[int]) -> Flags:
    """Return where one of the codes stands."""
    return codes.translate(bytes(code in wanted for code in range(256)))


def funnel_rank(playbook: Playbook) -> Mapping[str, int]:
    """Return how far along the funnel each stage is; an ended one as far as it `reached`."""
    rank = {stage: place for place, stage in enumerate(playbook.funnel)}
    for key, stage in playbook.stages.items():
        rank.setdefault(key, rank[stage.reached] if stage.reached else 0)
    return rank


# ── Events ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Entries:
    """What events tell of known deals, column by column.

    `deals` are their numbers; `whens` serial times, 0 where none is written; `stages` codes of the
    stages entered, `NO_STAGE` where an event tells of something else.
    """

    deals: Sequence[int]
    whens: Sequence[float]
    months: Sequence[str]
    stages: bytes

    def only(self, flags: Flags) -> Entries:
        """Return those that are flagged."""
        if 0 not in flags:
            return self
        return Entries(
            deals=list(compress(self.deals, flags)),
            whens=list(compress(self.whens, flags)),
            months=list(compress(self.months, flags)),
            stages=bytes(compress(self.stages, flags)),
        )

    def of(self, numbers: Collection[int]) -> Entries:
        """Return those of these deals."""
        rows = list(compress(range(len(self.deals)), map(numbers.__contains__, self.deals)))
        return self._at(rows)

    def into_stages(self) -> Entries:
        """Return those into a stage."""
        return self.only(flags_where(self.stages, range(NO_STAGE)))

    def then(self, later: Entries) -> Entries:
        """Return these and later ones."""
        return Entries(
            deals=[*self.deals, *later.deals],
            whens=[*self.whens, *later.whens],
            months=[*self.months, *later.months],
            stages=self.stages + later.stages,
        )

    def in_order(self) -> Entries:
        """Return those of one deal in the order of time, the undated ones last."""
        if not self._any_deal_twice or _ascending(self.whens):
            return self
        dated = [when or math.inf for when in self.whens]
        return self._at(sorted(range(len(dated)), key=dated.__getitem__))

    def _at(self, rows: Sequence[int]) -> Entries:
        return Entries(
            deals=[self.deals[row] for row in rows],
            whens=[self.whens[row] for row in rows],
            months=[self.months[row] for row in rows],
            stages=bytes(map(self.stages.__getitem__, rows)),
        )

    def first_months(self, stages: Collection[int]) -> Mapping[int, str]:
        """Return, by deal, the month in which it first entered one of the stages (in order)."""
        there = flags_where(self.stages, stages)
        columns: Iterable[Iterable[Any]] = (reversed(self.deals), reversed(self.months))
        if 0 in there:
            columns = (compress(column, there[::-1]) for column in columns)
        return dict(zip(*columns, strict=True))  # of several months of a deal the first one stays

    def months_first_entered(self, stages: Collection[int]) -> Iterable[str]:
        """Return these months alone, one for each deal that ever entered one of the stages."""
        if self._any_deal_twice:
            return self.first_months(stages).values()
        return compress(self.months, flags_where(self.stages, stages))

    def ever_at(self, stage: int) -> Collection[int]:
        """Return the deals that ever entered the stage."""
        return set(compress(self.deals, flags_where(self.stages, (stage,))))

    def finished_stays(self) -> Iterator[tuple[int, float]]:
        """Yield stage and days of each stay that ended in a move to another stage (in order)."""
        if not self._any_deal_twice:
            return
        entered: dict[int, tuple[int, float]] = {}
        for deal, stage, when in zip(self.deals, self.stages, self.whens, strict=True):
            if when:
                before = entered.get(deal)
                entered[deal] = stage, when
                if before is not None and before[0] != stage:
                    yield before[0], when - before[1]

    @cached_property
    def _any_deal_twice(self) -> bool:
        return len(set(self.deals)) < len(self.deals)


def _ascending(whens: Sequence[float]) -> bool:
    return whens[0] > 0 and all(map(le, whens, islice(whens, 1, None)))


@dataclass(frozen=True)
class Events:
    """What the Events tab tells.

    `counts` is by what stands in Event, and by month; the first sights of deals are none. `heard`
    is all that is told of known deals, in the order of the tab; `strangers` are the IDs of no deal.
    `columns` are what was read.
    """

    counts: Counter[tuple[Raw, str]]
    heard: Entries
    strangers: frozenset[str]
    columns: tuple[Sequence[Raw], ...]

    def go_on_in(self, events: Table, numbers: Mapping[str, int]) -> bool:
        """Return whether the tab begins with these events, and they are of the same deals."""
        return (
            events.height >= len(self.columns[0])
            and all(map(begin_alike, self.columns, _columns(events)))
            and numbers.keys().isdisjoint(self.strangers)
        )


def _columns(events: Table) -> tuple[Sequence[Raw], ...]:
    return tuple(map(events.column, ("when", "deal_id", "event", "from", "to")))


def begin_alike(one: Sequence[Raw], other: Sequence[Raw]) -> bool:
    """Return whether two columns do not differ, as far as both reach."""
    return one is other or next(differing(one, other), None) is None


def read_events(events: Table, playbook: Playbook, numbers: Mapping[str, int]) -> Events:
    """Return what the Events tab holds; `numbers` are those of the known deals, by ID."""
    return _read(_columns(events), playbook, numbers)


def read_more_events(
    before: Events, events: Table, playbook: Playbook, numbers: Mapping[str, int]
) -> Events:
    """Return what `read_events` would, where those of `before` go on in the tab."""
    columns, height = _columns(events), len(before.columns[0])
    if events.height == height:
        return replace(before, columns=columns)
    added = _read(tuple(column[height:] for column in columns), playbook, numbers)
    counts = Counter(before.counts)
    counts.update(added.counts)
    return Events(
        counts=counts,
        heard=before.heard.then(added.heard),
        strangers=before.strangers | added.strangers,
        columns=columns,
    )


def _read(
    columns: tuple[Sequence[Raw], ...], playbook: Playbook, numbers: Mapping[str, int]
) -> Events:
    code_of, stage_of = stage_codes(playbook), spelling_table(playbook.stages)
    moves = playbook.choices["event"]["stage"].spellings
    when, ids, kinds, origins, targets = columns
    ids = list(ids)  # walked through more than once
    whens, months = _moments(when)
    no_move = _codes(kinds, lambda text: 0 if fold(text) in moves else NO_STAGE)
    stages = _codes(targets, lambda text: code_of.get(stage_of.get(fold(text)), NO_STAGE))
    told = any_of((no_move, _codes(origins, bool)))
    deals, unknown = _numbers(ids, numbers)
    every = Entries(deals, whens, months, any_of((stages, no_move)))  # type: ignore[arg-type]  # None is left out at once
    return Events(
        counts=Counter(zip(compress(kinds, told), compress(months, told), strict=True)),
        heard=every.only(flags_where(unknown, (0,))),
        strangers=frozenset(map(as_text, compress(ids, unknown))),
        columns=columns,
    )


def _moments(cells: Sequence[Raw]) -> tuple[Sequence[float], Sequence[str]]:
    """Return `event_moment` of each cell, 0 for None, and the months of these."""
    column = Column.of(cells).listed()
    try:
        days = column.mapped(math.floor)
        different = set(days.each())
        usual = not different or (min(different) >= _EARLIEST and max(different) < _LATEST)
    except (TypeError, ValueError, OverflowError):
        usual = False
    if not usual:
        column = column.mapped(lambda cell: event_moment(cell) or 0.0)
        days = column.mapped(math.floor)
    month_by_day = {day: month_of(day or None) for day in set(days.each())}
    return column, list(days.mapped(month_by_day.__getitem__))


def _codes(cells: Sequence[Raw], code_of: Callable[[str], int]) -> bytes:
    """Return the code of each cell's text."""
    column = Column.of(cells)
    codes = {cell: code_of(as_text(cell)) for cell in set(column.each())}
    return column.as_bytes(codes.__getitem__)


def _numbers(ids: Sequence[Raw], numbers: Mapping[str, int]) -> tuple[Sequence[int | None], Flags]:
    """Return the number of the deal that each ID is of, and where it is of none."""
    deals = list(map(numbers.get, ids))  # type: ignore[arg-type]  # what is no text is not found
    unknown = missing_flags(deals)
    for row in rows_set(unknown):
        deals[row] = numbers.get(as_text(ids[row]))
    return deals, missing_flags(deals) if 1 in unknown else unknown
