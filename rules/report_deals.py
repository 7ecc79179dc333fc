"""The deals as the reports see them: stage, how far they came, budget in the base currency."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import TypeVar

from rules.check import Checked
from rules.history import Entries, funnel_rank
from rules.money import named_currency
from rules.playbook import Playbook
from rules.table import Table, as_text, as_texts
from rules.text import fold

T = TypeVar("T")

NAMES = ("channel", "traffic_source", "outcome_reason", "accountable")
"""Fields by which the reports group the deals."""


@dataclass(frozen=True)
class Deals:
    """What the reports need of the deals, column by column, in row order.

    `numbers` are their places; deals that share an ID share the last one's. `reached` is how many
    stages of the `funnel` a deal has ever reached. `budgets` are in the base currency; where that
    has no rate, 0 stands, and `without_rate` holds those deals, each with its stage. `names` holds
    the columns of `NAMES`.
    """

    funnel: Sequence[str]
    ids: Sequence[str]
    numbers: Sequence[int]
    stages: Sequence[str | None]
    reached: Sequence[int]
    budgets: Sequence[float]
    names: Mapping[str, Sequence[str]]
    without_rate: Sequence[tuple[str, str | None]]

    def at(self, stages: Collection[str]) -> Deals:
        """Return the deals that are at one of the stages now."""
        there = [stage in stages for stage in self.stages]
        return Deals(
            funnel=self.funnel,
            ids=list(compress(self.ids, there)),
            numbers=list(compress(self.numbers, there)),
            stages=list(compress(self.stages, there)),
            reached=list(compress(self.reached, there)),
            budgets=list(compress(self.budgets, there)),
            names={key: list(compress(names, there)) for key, names in self.names.items()},
            without_rate=[(shown, stage) for shown, stage in self.without_rate if stage in stages],
        )


def read_rates(lists: Table, base_currency: str) -> Mapping[str, float]:
    """Return base units for one unit, by folded currency code; the base currency itself is 1."""
    rates = {fold(base_currency): 1.0}
    for code, rate in zip(lists.column("currencies"), lists.column("rates"), strict=True):
        if isinstance(rate, int | float) and not isinstance(rate, bool) and rate > 0:
            rates.setdefault(fold(as_text(code)), float(rate))
    return rates


def deal_ids(checked: Checked) -> Sequence[str]:
    """Return the ID of each deal, "" where it has none yet."""
    return _at(checked.deals.rows, as_texts(checked.deals.table.column("id")))


def number_deals(ids: Sequence[str]) -> Mapping[str, int]:
    """Return the place of each deal by its ID."""
    numbers = dict(zip(ids, range(len(ids)), strict=True))
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
    deals = checked.deals
    known: Sequence[int] = range(len(ids))
    if len(numbers) < len(ids):  # some share an ID, or have none
        known = [numbers.get(deal_id, place) for place, deal_id in enumerate(ids)]
    stages = list(map(checked.stages.get, deals.rows))
    budgets = _at(deals.rows, _budgets(checked, rates, base_currency))
    names = {key: deals.texts(key) for key in NAMES}
    if "" in names["channel"]:
        typed = as_texts(deals.table.column("channel"))
        columns = zip(names["channel"], typed, strict=True)
        names["channel"] = [name or cell for name, cell in columns]
    return Deals(
        funnel=checked.playbook.funnel,
        ids=ids,
        numbers=known,
        stages=stages,
        reached=_reached(checked.playbook, known, stages, entries),
        budgets=[budget or 0.0 for budget in budgets],
        names={key: _at(deals.rows, column) for key, column in names.items()},
        without_rate=[
            (ids[place] or f"#{deals.rows[place] + 2}", stages[place])
            for place, budget in enumerate(budgets)
            if budget is None
        ],
    )


def _at(rows: Sequence[int], column: Sequence[T]) -> Sequence[T]:
    return column if len(rows) == len(column) else [column[row] for row in rows]


def _reached(
    playbook: Playbook, numbers: Sequence[int], stages: Sequence[str | None], entries: Entries
) -> Sequence[int]:
    """Return for each deal how many stages of the funnel it has ever reached."""
    reached = {stage: place + 1 for stage, place in funnel_rank(playbook).items()}
    now = (reached[stage] if stage else 0 for stage in stages)
    ever = map(entries.farthest(reached).__getitem__, numbers)
    return [here if here > there else there for here, there in zip(now, ever, strict=True)]


def _budgets(
    checked: Checked, rates: Mapping[str, float], base_currency: str
) -> Sequence[float | None]:
    """Return the budget of each row in the base currency, None where that has no rate.

    The currency is the one of its own column, else the one written beside the budget.
    """
    amounts, table = checked.deals.values["budget"], checked.deals.table
    cells, currencies = table.column("budget"), as_texts(table.column("currency"))
    base = rates[fold(base_currency)]
    unsaid = {"", *map(fold, checked.playbook.none_words)}
    rate_of = {text: rates.get(fold(text)) for text in set(currencies) if fold(text) not in unsaid}

    def in_base(amount: float, currency: str, cell: object) -> float | None:
        if currency in rate_of:
            rate = rate_of[currency]
        elif isinstance(cell, str):
            rate = rates.get(fold(named_currency(cell) or base_currency))
        else:
            rate = base
        return None if rate is None else amount * rate

    return [
        in_base(amount, currency, cell) if isinstance(amount, float) else 0.0
        for amount, currency, cell in zip(amounts, currencies, cells, strict=True)
    ]
