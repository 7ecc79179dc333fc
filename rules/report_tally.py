"""What the reports count of the deals: exact sums, from which deals can be taken away again."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, repeat

from rules.check import Checked
from rules.history import (
    Entries,
    Events,
    flags_where,
    funnel_rank,
    read_events,
    read_more_events,
)
from rules.months import NO_NAME
from rules.playbook import Playbook
from rules.report_deals import (
    NAMES,
    Deals,
    Grounds,
    Numbering,
    Sources,
    number_deals,
    read_sources,
    report_deals,
)
from rules.report_table import Groups, grouped, shifted
from rules.requirements import Flags, rows_set

QUALIFIED_STAGES: Mapping[str, str] = {"mql": "mql", "sql": "sql", "clients": "client"}
"""The stages of the report on qualified leads, by the keys of its headers."""

_MOST_EXACT = 2**53


@dataclass(frozen=True)
class Tally:
    """What is counted of some deals.

    `by_name` has their groups by each of `NAMES`; by the reason of the outcome those that have
    ended. `by_month` are these by the month in which they first were at their stage. `qualified`
    counts deals by the month in which they first came so far, `ever` those that were ever at a
    stage beside the funnel, by its code; `stays` are the days of finished stays by the stage's
    code, in order of size. `unrated` are the places of the deals whose currency has no rate, each
    with its stage's code.
    """

    by_name: Mapping[str, Groups]
    by_month: Groups
    qualified: Mapping[str, Mapping[str, int]]
    ever: Mapping[int, int]
    stays: Mapping[int, Sequence[float]]
    unrated: Mapping[int, int]

    @property
    def is_exact(self) -> bool:
        """Return whether budgets are small enough for their sums to be exact."""
        return sum(self.by_name["accountable"].budgets.values()) < _MOST_EXACT

    def changed(self, gone: Tally, come: Tally) -> Tally:
        """Return the tally without some of its deals, and with others."""
        kept = {place: code for place, code in self.unrated.items() if place not in gone.unrated}
        return Tally(
            by_name={
                key: groups.changed(gone.by_name[key], come.by_name[key])
                for key, groups in self.by_name.items()
            },
            by_month=self.by_month.changed(gone.by_month, come.by_month),
            qualified={
                key: shifted(months, gone.qualified[key], come.qualified[key])
                for key, months in self.qualified.items()
            },
            ever=shifted(self.ever, gone.ever, come.ever),
            stays=_other_stays(self.stays, gone.stays, come.stays),
            unrated={**kept, **come.unrated},
        )


def closed_stages(playbook: Playbook) -> Sequence[str]:
    """Return the stages of deals that have ended."""
    return [key for key, stage in playbook.stages.items() if not stage.open]


def _count(deals: Deals, heard: Entries, grounds: Grounds) -> Tally:
    """Return what is counted of these deals; `heard` are their events in order."""
    playbook, code_of = grounds.playbook, deals.kinds.code_of
    entries = heard.into_stages()
    ended = deals.at([code_of[key] for key in closed_stages(playbook)], "outcome_reason")
    stays: defaultdict[int, list[float]] = defaultdict(list)
    for stage, days in entries.finished_stays():
        stays[stage].append(days)
    return Tally(
        by_name={
            key: grouped(some, some.names[key])
            for key in NAMES
            for some in (ended if key == "outcome_reason" else deals,)
        },
        by_month=grouped(ended, _months_entered(ended, entries)),
        qualified={
            "leads": _by_month(heard, range(256), deals, b"\1" * len(deals.numbers)),
            **{
                header: _months_reached(playbook, stage, deals, entries)
                for header, stage in QUALIFIED_STAGES.items()
            },
        },
        ever={
            code_of[key]: _ever_at(code_of[key], deals, entries)
            for key in playbook.stages
            if key not in playbook.funnel
        },
        stays={stage: sorted(days) for stage, days in stays.items()},
        unrated={deals.places[at]: deals.stages[at] for at in rows_set(deals.unrated)},
    )


def _other_stays(
    stays: Mapping[int, Sequence[float]],
    gone: Mapping[int, Sequence[float]],
    come: Mapping[int, Sequence[float]],
) -> Mapping[int, Sequence[float]]:
    found: dict[int, Sequence[float]] = dict(stays)
    for stage in {*gone, *come}:
        days = list(stays.get(stage, ()))
        for one in gone.get(stage, ()):
            del days[bisect_left(days, one)]
        for one in come.get(stage, ()):
            insort(days, one)
        found[stage] = days
    return {stage: days for stage, days in found.items() if days}


def _ever_at(stage: int, deals: Deals, entries: Entries) -> int:
    now = deals.stages_of(entries.ever_at(stage))
    return deals.stages.count(stage) + len(now) - now.count(stage)


def _months_entered(ended: Deals, entries: Entries) -> Sequence[str]:
    """Return the month in which each deal first entered the stage where it is."""
    stages = set(ended.stages)
    some = entries.only(flags_where(entries.stages, stages))
    first = {stage: some.first_months((stage,)) for stage in stages}
    columns = zip(ended.stages, ended.numbers, strict=True)
    return [first[stage].get(deal, NO_NAME) for stage, deal in columns]


def _months_reached(
    playbook: Playbook, stage: str, deals: Deals, entries: Entries
) -> Mapping[str, int]:
    """Return how many deals first reached the stage, or one beyond it, in each month."""
    if stage not in playbook.funnel:
        return {}
    rank = funnel_rank(playbook)
    depth = rank[stage]
    beyond = [code for code, key in enumerate(playbook.stages) if rank[key] >= depth]
    there = flags_where(deals.reached, range(depth + 1, 256))
    return _by_month(entries, beyond, deals, there)


def _by_month(
    entries: Entries, stages: Collection[int], deals: Deals, there: Flags
) -> Mapping[str, int]:
    """Return how many of the flagged deals first entered one of the stages in each month.

    They are all that ever did.
    """
    if not isinstance(deals.numbers, range):  # some may share a number
        first = entries.first_months(stages)
        return Counter(map(first.get, compress(deals.numbers, there), repeat(NO_NAME)))
    counts = Counter(entries.months_first_entered(stages))
    if unknown := there.count(1) - counts.total():
        counts[NO_NAME] += unknown
    return counts


# ── Counted anew, or from before ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Basis:
    """What deals are counted from."""

    grounds: Grounds
    sources: Sources
    numbering: Numbering
    events: Events

    def tally(self) -> Tally:
        """Return what is counted of all deals."""
        return self._tally(
            self.sources, range(len(self.numbering.ids)), self.numbering.each, self.events.heard
        )

    def tally_of(self, places: Sequence[int]) -> Tally:
        """Return what is counted of the deals in these places, in order."""
        numbers = [self.numbering.each[place] for place in places]
        heard = self.events.heard.of(frozenset(numbers))
        return self._tally(self.sources.take(places), places, numbers, heard)

    def _tally(
        self, sources: Sources, places: Sequence[int], numbers: Sequence[int], heard: Entries
    ) -> Tally:
        in_order = heard.in_order()
        deals = report_deals(sources, places, numbers, in_order.into_stages(), self.grounds)
        return _count(deals, in_order, self.grounds)

    def changed(self, before: Basis) -> Sequence[int]:
        """Return the places of the deals that may count otherwise than before, in order."""
        told = self.events.heard.deals[len(before.events.heard.deals) :]
        places = self.sources.changed(before.sources)
        return sorted(self.numbering.with_twins(places.union(told)))


@dataclass(frozen=True)
class Counted:
    """A tally of all deals, and what it was made from."""

    basis: Basis
    tally: Tally


def count_deals(checked: Checked, grounds: Grounds, before: Counted | None = None) -> Counted:
    """Return what is counted of all deals.

    From what was counted `before`, on the same grounds, only the deals that have changed since are
    counted anew; the outcome is the same.
    """
    sources, table = read_sources(checked), checked.book.tables["events"]
    old = before.basis if before else None
    numbering = number_deals(checked, old.numbering if old else None)
    if (
        before is None
        or old is None
        or not before.tally.is_exact
        or not numbering.goes_on(old.numbering)
        or not old.events.go_on_in(table, numbering.by_id)
    ):
        events = read_events(table, grounds.playbook, numbering.by_id)
        return _count_all(Basis(grounds, sources, numbering, events))
    events = read_more_events(old.events, table, grounds.playbook, numbering.by_id)
    basis = Basis(grounds, sources, numbering, events)
    changed = basis.changed(old)
    if 2 * len(changed) > len(numbering.ids):
        return _count_all(basis)
    present = [place for place in changed if place < len(old.numbering.ids)]
    tally = before.tally.changed(old.tally_of(present), basis.tally_of(changed))
    return Counted(basis, tally) if tally.is_exact else _count_all(basis)


def _count_all(basis: Basis) -> Counted:
    return Counted(basis, basis.tally())
