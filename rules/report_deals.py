"""The deals as the reports see them: stage, how far they came, budget in the base currency."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, repeat
from operator import add, gt, is_
from typing import TypeVar

from rules.check import Checked
from rules.history import Entries, flags_where, funnel_rank, stage_codes
from rules.money import named_currency
from rules.playbook import Playbook
from rules.requirements import NO_STAGE, Flags, missing_flags, rows_set
from rules.table import Raw, Table, as_text
from rules.text import fold
from rules.values import Value

T = TypeVar("T")

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
class Deals:
    """What the reports need of the deals, column by column, in row order.

    `numbers` are their places; deals that share an ID share the number of the first. `stages` are
    codes; `reached` is how many stages of the funnel a deal has ever reached. `budgets`, in the
    base currency, are of the deals that are `paid`; where that has no rate, 0 stands, and
    `without_rate` holds those deals, each with its stage. `names` holds columns of `NAMES`.
    """

    kinds: Kinds
    ids: Sequence[str]
    numbers: Sequence[int]
    stages: bytes
    reached: bytes
    paid: Flags
    budgets: Sequence[float]
    names: Mapping[str, Sequence[Value]]
    without_rate: Sequence[tuple[str, int]]

    def at(self, stages: Collection[str], *names: str) -> Deals:
        """Return the deals that are at one of the stages now, with some of their names."""
        codes = [self.kinds.code_of[stage] for stage in stages]
        there = flags_where(self.stages, codes)
        return Deals(
            kinds=self.kinds,
            ids=list(compress(self.ids, there)),
            numbers=list(compress(self.numbers, there)),
            stages=bytes(compress(self.stages, there)),
            reached=bytes(compress(self.reached, there)),
            paid=bytes(compress(self.paid, there)),
            budgets=list(compress(self.budgets, compress(there, self.paid))),
            names={name: list(compress(self.names[name], there)) for name in names},
            without_rate=[(shown, stage) for shown, stage in self.without_rate if stage in codes],
        )

    @cached_property
    def kind_of_each(self) -> Sequence[int]:
        """The kind of each deal."""
        return self.kinds.of(self.stages, self.reached)

    @cached_property
    def twins(self) -> Sequence[tuple[int, int]]:
        """The places of the deals that have the number of another, and these numbers."""
        if isinstance(self.numbers, range):
            return ()
        return [(place, number) for place, number in enumerate(self.numbers) if place != number]


def read_rates(lists: Table, base_currency: str) -> Mapping[str, float]:
    """Return base units for one unit, by folded currency code; the base currency itself is 1."""
    rates = {fold(base_currency): 1.0}
    for code, rate in zip(lists.column("currencies"), lists.column("rates"), strict=True):
        if isinstance(rate, int | float) and not isinstance(rate, bool) and rate > 0:
            rates.setdefault(fold(as_text(code)), float(rate))
    return rates


def deal_ids(checked: Checked) -> Sequence[str]:
    """Return the ID of each deal, "" where it has none yet."""
    return _at(checked.deals.rows, checked.deals.table.ids)


def number_deals(checked: Checked, ids: Sequence[str]) -> Mapping[str, int]:
    """Return the place of each deal by its ID, of the first where several share it."""
    if len(ids) == checked.deals.table.height:
        return checked.deals.table.row_by_id
    numbers = dict(zip(reversed(ids), reversed(range(len(ids))), strict=True))
    numbers.pop("", None)
    return numbers


def report_deals(
    checked: Checked,
    ids: Sequence[str],
    numbers: Mapping[str, int],
    entries: Entries,
    rates: Mapping[str, float],
    base_currency: str,
) -> Deals:
    """Return the deals of a workbook as the reports see them, in row order."""
    deals, code_of = checked.deals, stage_codes(checked.playbook)
    known: Sequence[int] = range(len(ids))
    if len(numbers) < len(ids):  # some share an ID, or have none
        known = [numbers.get(deal_id, place) for place, deal_id in enumerate(ids)]
    stages = bytes(map(code_of.get, _at(deals.rows, deals.values["stage"]), repeat(NO_STAGE)))
    paid, amounts, paid_rates = _budgets(checked, rates, base_currency)
    unrated = missing_flags(paid_rates)
    return Deals(
        kinds=Kinds(code_of, checked.playbook.funnel),
        ids=ids,
        numbers=known,
        stages=stages,
        reached=_reached(checked.playbook, known, stages, entries),
        paid=paid,
        budgets=[amount * (rate or 0.0) for amount, rate in zip(amounts, paid_rates, strict=True)],
        names={key: _at(deals.rows, _names(checked, key)) for key in NAMES},
        without_rate=[
            (ids[place] or f"#{deals.rows[place] + 2}", stages[place])
            for place in (compress(rows_set(paid), unrated) if any(unrated) else ())
        ],
    )


def _at(rows: Sequence[int], column: Sequence[T]) -> Sequence[T]:
    return column if len(rows) == len(column) else [column[row] for row in rows]


def _names(checked: Checked, key: str) -> Sequence[Value]:
    """Return the names in a column as they are meant; a channel that cannot be read as typed."""
    values = checked.deals.values[key]
    if key != "channel" or None not in values:
        return values
    names, cells = list(values), checked.deals.table.column(key)
    for row in rows_set(missing_flags(values)):
        if cells[row] is not None:
            names[row] = as_text(cells[row])
    return names


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


def _budgets(
    checked: Checked, rates: Mapping[str, float], base_currency: str
) -> tuple[Flags, Sequence[float], Sequence[float | None]]:
    """Return which deals have a budget, and of these the amount and its rate, None for no rate.

    The currency is the one of its own column, else the one written beside the budget.
    """
    deals = checked.deals
    amounts = _at(deals.rows, deals.values["budget"])
    paid = bytes(map(is_, map(type, amounts), repeat(float)))
    cells = compress(_at(deals.rows, deals.table.column("budget")), paid)
    currencies = list(compress(_at(deals.rows, deals.table.column("currency")), paid))
    base = rates[fold(base_currency)]
    unsaid = {"", *map(fold, checked.playbook.none_words)}
    codes = {cell: fold(as_text(cell)) for cell in set(currencies)}
    rate_of = {cell: rates.get(code) for cell, code in codes.items() if code not in unsaid}

    def beside(cell: Raw) -> float | None:
        if not isinstance(cell, str):
            return base
        return rates.get(fold(named_currency(cell) or base_currency))

    found = [
        rate_of[currency] if currency in rate_of else beside(cell)
        for currency, cell in zip(currencies, cells, strict=True)
    ]
    return paid, list(compress(amounts, paid)), found  # type: ignore[arg-type]  # floats, as seen
