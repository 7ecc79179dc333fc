"""What the Events tab tells of the deals, column by column: who entered which stage, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, repeat

from rules.months import NO_NAME, month_of
from rules.playbook import Playbook
from rules.table import Raw, Table, as_text, as_texts
from rules.text import fold
from rules.values import spelling_table

_NUMBERS = (int, float)  # a name: an `int | float` is made anew at each call

_EARLIEST, _LATEST = 36_526, 73_051  # serials of 2000-01-01 and 2100-01-01


def event_moment(value: Raw) -> float | None:
    """Return the serial time of an event, None where a cell holds none that can be true."""
    if isinstance(value, bool) or not isinstance(value, _NUMBERS):
        return None
    return float(value) if _EARLIEST <= value < _LATEST else None


@dataclass(frozen=True)
class Entries:
    """The entries of known deals into stages, column by column, as the rows stand.

    `deals` are numbers below `deal_count`; `whens` serial times, 0 where none is written.
    """

    deal_count: int
    deals: Sequence[int]
    whens: Sequence[float]
    months: Sequence[str]
    stages: Sequence[str]

    def first_months(self, stages: Collection[str]) -> Sequence[str]:
        """Return, by deal, the month in which it first entered one of the stages."""
        there = list(map(frozenset(stages).__contains__, self.stages))
        entered = zip(compress(self.deals, there), compress(self.months, there), strict=True)
        return first_months(self.deal_count, entered)

    def ever_at(self, stage: str) -> Collection[int]:
        """Return the deals that ever entered the stage."""
        return {deal for deal, at in zip(self.deals, self.stages, strict=True) if at == stage}

    def farthest(self, reached: Mapping[str, int]) -> Sequence[int]:
        """Return, by deal, how far it ever came, given how far each stage is; 0 for nowhere."""
        highest = [0] * self.deal_count
        for deal, place in zip(self.deals, map(reached.__getitem__, self.stages), strict=True):
            if place > highest[deal]:
                highest[deal] = place
        return highest

    def finished_stays(self) -> Iterator[tuple[str, float]]:
        """Yield stage and days of each stay that ended in a move to another stage."""
        entries = Counter(self.deals)
        columns = zip(self.deals, self.whens, strict=True)
        moved = [when > 0 and entries[deal] > 1 for deal, when in columns]
        rows = sorted(compress(range(len(moved)), moved), key=self.whens.__getitem__)
        left: list[int | None] = [None] * self.deal_count
        for row in rows:
            deal = self.deals[row]
            before, left[deal] = left[deal], row
            if before is not None and self.stages[before] != self.stages[row]:
                yield self.stages[before], self.whens[row] - self.whens[before]


def first_months(deal_count: int, months: Iterable[tuple[int, str]]) -> Sequence[str]:
    """Return, by deal, the first of its months; `NO_NAME`, which is after all, without any."""
    first = [NO_NAME] * deal_count
    for deal, month in months:
        if month < first[deal]:
            first[deal] = month
    return first


@dataclass(frozen=True)
class Events:
    """What the Events tab tells.

    `counts` is by what stands in Event and in From, and by month; `first_seen` is the month in
    which each deal was first heard of.
    """

    counts: Mapping[tuple[Raw, Raw, str], int]
    first_seen: Sequence[str]
    entries: Entries


def read_events(
    events: Table, playbook: Playbook, numbers: Mapping[str, int], deal_count: int
) -> Events:
    """Return what the Events tab holds; `numbers` are those of the known deals, by ID."""
    whens = [event_moment(when) or 0.0 for when in events.column("when")]
    days = list(map(int, whens))
    month_by_day = {day: month_of(day or None) for day in set(days)}
    months = list(map(month_by_day.__getitem__, days))
    kinds, sources = events.column("event"), events.column("from")
    deals = list(map(numbers.get, as_texts(events.column("deal_id")), repeat(-1)))
    stages = _stages_entered(kinds, events.column("to"), playbook)
    is_known = [deal >= 0 for deal in deals]
    of_known = zip(compress(deals, is_known), compress(months, is_known), strict=True)
    is_entry = [bool(known and stage) for known, stage in zip(is_known, stages, strict=True)]
    return Events(
        counts=Counter(zip(kinds, sources, months, strict=True)),
        first_seen=first_months(deal_count, of_known),
        entries=Entries(
            deal_count=deal_count,
            deals=list(compress(deals, is_entry)),
            whens=list(compress(whens, is_entry)),
            months=list(compress(months, is_entry)),
            stages=list(compress(stages, is_entry)),
        ),
    )


def _stages_entered(
    kinds: Sequence[Raw], targets: Sequence[Raw], playbook: Playbook
) -> Sequence[str]:
    """Return the stage that each event says was entered, "" for none."""
    by_spelling = spelling_table(playbook.stages)
    moves = playbook.choices["event"]["stage"].spellings
    is_move = {kind: fold(as_text(kind)) in moves for kind in set(kinds)}
    stage_of = {target: by_spelling.get(fold(as_text(target)), "") for target in set(targets)}
    return [
        stage_of[target] if is_move[kind] else ""
        for kind, target in zip(kinds, targets, strict=True)
    ]


def funnel_rank(playbook: Playbook) -> Mapping[str, int]:
    """Return how far along the funnel each stage is; an ended one as far as it `reached`."""
    rank = {stage: place for place, stage in enumerate(playbook.funnel)}
    for key, stage in playbook.stages.items():
        rank.setdefault(key, rank[stage.reached] if stage.reached else 0)
    return rank
