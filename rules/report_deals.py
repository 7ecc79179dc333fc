"""The deals as the reports see them: stage, how far they came, budget in the base currency."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import compress, repeat
from operator import add, gt, is_, is_not
from typing import Any, TypeVar

from rules.check import Checked
from rules.chunks import Column
from rules.history import Entries, flags_where, funnel_rank, stage_codes
from rules.money import named_currency
from rules.playbook import Playbook
from rules.requirements import NO_STAGE, Flags, flags_at, plane_add, plane_and, rows_set
from rules.rows import cells_at
from rules.shared_keys import changed_rows
from rules.table import Raw, Table, as_text, differing
from rules.text import fold
from rules.values import Value

T = TypeVar("T")

BYTE = 256
"""So many different numbers are a byte each."""

NAMES = ("channel", "traffic_source", "outcome_reason", "accountable")
"""Fields by which the reports group the deals."""


@dataclass(frozen=True)
class Kinds:
    """The kinds of deals that the columns of a report tell apart.

    A kind is one number for the stage where a deal is now, and for how many stages of the funnel
    it has ever reached.
    """

    code_of: Mapping[object, int]
    funnel: Sequence[str]

    def __len__(self) -> int:
        """Return how many numbers there are."""
        return (len(self.code_of) + 1) * self._depths

    @property
    def _depths(self) -> int:
        return len(self.funnel) + 1

    def of(self, stages: bytes, reached: bytes) -> Sequence[int]:
        """Return the kind of each deal."""
        first = [self._first(code) for code in range(256)]
        if len(self) <= BYTE:
            return plane_add(stages.translate(bytes(first)), reached)
        return list(map(add, map(first.__getitem__, stages), reached))

    def _first(self, code: int) -> int:
        return min(code, len(self.code_of)) * self._depths

    def at(self, *stages: str | None) -> Collection[int]:
        """Return the kinds of the deals that are at one of the stages now, None for no stage."""
        firsts = [self._first(self.code_of.get(stage, NO_STAGE)) for stage in stages]
        return {first + reached for first in firsts for reached in range(self._depths)}

    def reached(self, stage: str) -> Collection[int]:
        """Return the kinds of the deals that have ever reached a stage of the funnel."""
        if stage not in self.funnel:
            return ()
        depth = self.funnel.index(stage) + 1
        return {kind for kind in range(len(self)) if kind % self._depths >= depth}


@dataclass(frozen=True)
class Numbering:
    """The IDs of the deals, "" where there is none yet, and the number of each deal.

    A number is a deal's place; deals that share an ID share the number of the first.
    """

    ids: Sequence[str]
    by_id: Mapping[str, int]
    each: Sequence[int]

    @cached_property
    def twins(self) -> Sequence[tuple[int, int]]:
        """The places of the deals that have the number of another, and these numbers."""
        if isinstance(self.each, range):
            return ()
        return [(place, number) for place, number in enumerate(self.each) if place != number]

    def goes_on(self, before: Numbering) -> bool:
        """Return whether the deals of before have the numbers that they had."""
        return before is self or before.ids == self.ids[: len(before.ids)]

    def with_twins(self, places: AbstractSet[int]) -> AbstractSet[int]:
        """Return these places and those of all deals that share a number with one of them."""
        some = {self.each[place] for place in places} | places
        return some | {place for place, number in self.twins if number in some}


def changed_places(before: Sequence[Value], now: Sequence[Value]) -> Iterable[int]:
    """Return where two columns of read values differ, as far as the longer one reaches."""
    if isinstance(before, Column) and isinstance(now, Column):
        return _changed_cells(before, now)
    return changed_rows((before,), (now,))


def _changed_cells(before: Sequence[Raw], now: Sequence[Raw]) -> Iterator[int]:
    common, height = sorted((len(before), len(now)))
    if before is not now:
        yield from differing(before, now)
        yield from range(common, height)


@dataclass(frozen=True)
class Sources:
    """What the reports read of the deals: columns, a cell or a read value for each deal."""

    values: Mapping[str, Sequence[Value]]
    cells: Mapping[str, Sequence[Raw]]

    def take(self, places: Sequence[int]) -> Sources:
        """Return what is read of these deals."""
        return Sources(
            {key: [column[place] for place in places] for key, column in self.values.items()},
            {key: [column[place] for place in places] for key, column in self.cells.items()},
        )

    def changed(self, before: Sources) -> set[int]:
        """Return the places of the deals of which something else was read before, or nothing."""
        places: set[int] = set()
        for key, cells in self.cells.items():
            places.update(_changed_cells(before.cells[key], cells))
        for key, values in self.values.items():
            places.update(changed_places(before.values[key], values))
        return places


@dataclass(frozen=True)
class Deals:
    """What the reports need of some deals, column by column, in row order.

    `places` are theirs among all deals. `stages` are codes; `reached` is how many stages of the
    funnel a deal has ever reached. `budgets` are in hundredths of the base currency, 0 where there
    is none or no rate; `unrated` flags the latter. `names` holds columns of `NAMES`.
    """

    kinds: Kinds
    places: Sequence[int]
    numbers: Sequence[int]
    stages: bytes
    reached: bytes
    budgets: Sequence[float]
    unrated: Flags
    names: Mapping[str, Sequence[Value]]

    def at(self, stages: Collection[int], *names: str) -> Deals:
        """Return the deals that are at one of the stages (codes) now, with some of their names."""
        there = flags_where(self.stages, stages)
        places = list(compress(self.places, there))
        alike = self.numbers == self.places
        return Deals(
            kinds=self.kinds,
            places=places,
            numbers=places if alike else list(compress(self.numbers, there)),
            stages=bytes(compress(self.stages, there)),
            reached=bytes(compress(self.reached, there)),
            budgets=list(compress(self.budgets, there)),
            unrated=bytes(compress(self.unrated, there)),
            names={name: list(compress(self.names[name], there)) for name in names},
        )

    @cached_property
    def kind_of_each(self) -> Sequence[int]:
        """The kind of each deal."""
        return self.kinds.of(self.stages, self.reached)

    @cached_property
    def filled_budgets(self) -> Sequence[float]:
        """The budgets of the deals that have one."""
        return list(filter(None, self.budgets))

    def stages_of(self, numbers: Collection[int]) -> bytes:
        """Return the stages of those of the deals that have these numbers."""
        if isinstance(self.numbers, range):
            return bytes(map(self.stages.__getitem__, numbers))
        return bytes(compress(self.stages, map(numbers.__contains__, self.numbers)))


def read_rates(lists: Table, base_currency: str) -> Mapping[str, float]:
    """Return base units for one unit, by folded currency code; the base currency itself is 1."""
    rates = {fold(base_currency): 1.0}
    for code, rate in zip(lists.column("currencies"), lists.column("rates"), strict=True):
        if isinstance(rate, int | float) and not isinstance(rate, bool) and rate > 0:
            rates.setdefault(fold(as_text(code)), float(rate))
    return rates


def read_sources(checked: Checked) -> Sources:
    """Return what the reports read of the deals, in row order."""
    deals = checked.deals
    return Sources(
        {key: _at(deals.rows, deals.values[key]) for key in ("stage", "budget", *NAMES)},
        {
            key: _at(deals.rows, deals.table.column(key))
            for key in ("budget", "currency", "channel")
        },
    )


def number_deals(checked: Checked, before: Numbering | None = None) -> Numbering:
    """Return the numbers of the deals; those of before where they have the same IDs."""
    table = checked.deals.table
    ids = _at(checked.deals.rows, table.ids)
    if before is not None and (before.ids is ids or before.ids == ids):
        return before
    if len(ids) == table.height:
        by_id = table.row_by_id
    else:
        numbers = dict(zip(reversed(ids), reversed(range(len(ids))), strict=True))
        numbers.pop("", None)
        by_id = numbers
    each: Sequence[int] = range(len(ids))
    if len(by_id) < len(ids):  # some share an ID, or have none
        each = [by_id.get(deal_id, place) for place, deal_id in enumerate(ids)]
    return Numbering(ids, by_id, each)


@dataclass(frozen=True)
class Grounds:
    """What the reports of the same deals depend on besides."""

    playbook: Playbook
    rates: Mapping[str, float]
    base_currency: str


def report_deals(
    sources: Sources,
    places: Sequence[int],
    numbers: Sequence[int],
    entries: Entries,
    grounds: Grounds,
) -> Deals:
    """Return deals as the reports see them: `sources` and `numbers` are theirs.

    `entries` are those of these deals into stages.
    """
    playbook = grounds.playbook
    code_of = stage_codes(playbook)
    stages = Column.of(sources.values["stage"]).as_bytes(lambda key: code_of.get(key, NO_STAGE))
    budgets, unrated = _budgets(sources, grounds)
    return Deals(
        kinds=Kinds(code_of, playbook.funnel),
        places=places,
        numbers=numbers,
        stages=stages,
        reached=_reached(playbook, numbers, stages, entries),
        budgets=budgets,
        unrated=unrated,
        names={key: names_of(sources, key) for key in NAMES},
    )


def _at(rows: Sequence[int], column: Sequence[T]) -> Sequence[T]:
    """Return the cells of these rows, which are in ascending order."""
    if len(rows) == len(column):
        return column
    return list(compress(column, flags_at(rows, len(column))))


def names_of(sources: Sources, key: str) -> Sequence[Value]:
    """Return the names in a column as they are meant; a channel that cannot be read as typed."""
    values = sources.values[key]
    if key != "channel":
        return values
    names, cells = Column.of(values), Column.of(sources.cells[key])
    missing = names.as_bytes(partial(is_, None))
    unread = plane_and(missing, cells.as_bytes(partial(is_not, None))) if any(missing) else missing
    return names.replaced({place: as_text(cells[place]) for place in rows_set(unread)})


def name_text(name: Value) -> str:
    """Return a name as it is shown."""
    if isinstance(name, str):
        return name
    return ", ".join(name) if isinstance(name, tuple) else as_text(name)


def _reached(playbook: Playbook, numbers: Sequence[int], stages: bytes, entries: Entries) -> bytes:
    """Return for each deal how many stages of the funnel it has ever reached."""
    depths = bytearray(256)
    for code, depth in enumerate(map(funnel_rank(playbook).__getitem__, playbook.stages)):
        depths[code] = depth + 1
    now, ever = stages.translate(depths), entries.stages.translate(depths)
    shared = not isinstance(numbers, range)
    known = repeat(0) if shared else map(now.__getitem__, entries.deals)
    beyond = bytes(map(gt, ever, known))  # few ever were further than they are
    farthest: dict[int, int] = {}
    for deal, depth in zip(compress(entries.deals, beyond), compress(ever, beyond), strict=True):
        if depth > farthest.get(deal, 0):
            farthest[deal] = depth
    if shared:
        return bytes(map(max, now, map(farthest.get, numbers, repeat(0))))
    reached = bytearray(now)
    for deal, depth in farthest.items():
        reached[deal] = depth
    return bytes(reached)


HUNDREDTHS = 100
"""Budgets are added up in hundredths: whole numbers, of which floats make exact sums.

So a sum is the same whatever the order, and what was added can be taken away again.
"""


def _budgets(sources: Sources, grounds: Grounds) -> tuple[Sequence[float], Flags]:
    """Return the budget of each deal in hundredths of the base currency, and where it has no rate.

    The currency is the one of its own column, else the one written beside the budget.
    """
    amounts, currencies = sources.values["budget"], Column.of(sources.cells["currency"])
    rates, base = grounds.rates, grounds.rates[fold(grounds.base_currency)]
    unsaid = {"", *map(fold, grounds.playbook.none_words)}
    codes = {cell: fold(as_text(cell)) for cell in set(currencies.each())}
    said = {cell: code for cell, code in codes.items() if code not in unsaid}
    rate_of = {cell: rates.get(code, 0.0) for cell, code in said.items()}
    unknown = {cell for cell, rate in rate_of.items() if not rate}

    def beside(cell: Raw) -> float | None:
        if not isinstance(cell, str):
            return base
        return rates.get(fold(named_currency(cell) or grounds.base_currency))

    paid = bytes(map(is_, map(type, amounts), repeat(float)))
    unrated = bytearray(plane_and(paid, currencies.as_bytes(unknown.__contains__)))
    rows, rated = rows_set(paid), list(compress(currencies.mapped(rate_of.get), paid))
    unsure = list(compress(range(len(rows)), map(is_, rated, repeat(None))))
    cells = cells_at(sources.cells["budget"], [rows[at] for at in unsure])
    for at, cell in zip(unsure, cells, strict=True):
        rate = beside(cell)
        rated[at], unrated[rows[at]] = rate or 0.0, rate is None
    told: Iterable[Any] = compress(amounts, paid)
    budgets = [0.0] * len(paid)
    for row, amount, rate in zip(rows, told, rated, strict=True):
        budgets[row] = (amount * rate * HUNDREDTHS + 0.5) // 1
    return budgets, bytes(unrated)
