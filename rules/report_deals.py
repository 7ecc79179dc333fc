"""The deals as the reports see them: stage, budget in the base currency, when they entered what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rules.check import Checked
from rules.history import History, StageEntry, funnel_rank
from rules.money import named_currency
from rules.playbook import Playbook
from rules.table import Table, as_text
from rules.text import fold


@dataclass(frozen=True)
class Deal:
    """What the reports need of a deal.

    `budget` is in the base currency, None when its currency has no rate. `entered` holds, for each
    stage of the funnel that the deal has ever reached, the serial time of its first entry there or
    beyond (None when unknown); `ended` the first entry into its present stage, if that ends it.
    """

    row: int
    deal_id: str
    stage: str | None
    budget: float | None
    channel: str
    traffic_source: str
    outcome_reason: str
    accountable: str
    entered: Mapping[str, float | None]
    ended: float | None


def read_rates(lists: Table, base_currency: str) -> Mapping[str, float]:
    """Return base units for one unit, by folded currency code; the base currency itself is 1."""
    rates = {fold(base_currency): 1.0}
    for code, rate in zip(lists.column("currencies"), lists.column("rates"), strict=True):
        if isinstance(rate, int | float) and not isinstance(rate, bool) and rate > 0:
            rates.setdefault(fold(as_text(code)), float(rate))
    return rates


def report_deals(
    checked: Checked, history: History, rates: Mapping[str, float], base_currency: str
) -> list[Deal]:
    """Return the deals of a workbook as the reports see them, in row order."""
    deals, playbook = checked.deals, checked.playbook
    rank = funnel_rank(playbook)
    found = []
    for row in deals.rows:
        deal_id, stage = deals.table.text("id", row), checked.stages.get(row)
        entries = history.get(deal_id, ())
        amount = deals.values["budget"][row]
        rate = rates.get(fold(_currency(checked, row) or base_currency))
        if not isinstance(amount, float):
            budget: float | None = 0.0
        else:
            budget = amount * rate if rate is not None else None
        found.append(
            Deal(
                row=row,
                deal_id=deal_id or f"#{row + 2}",
                stage=stage,
                budget=budget,
                channel=deals.text("channel", row) or deals.table.text("channel", row),
                traffic_source=deals.text("traffic_source", row),
                outcome_reason=deals.text("outcome_reason", row),
                accountable=deals.text("accountable", row),
                entered=_entered(playbook, rank, stage, entries),
                ended=_first(entry.when for entry in entries if entry.stage == stage),
            )
        )
    return found


def _currency(checked: Checked, row: int) -> str:
    """Return what stands for the currency, or is written beside the budget; "" for neither."""
    typed = checked.deals.table.text("currency", row)
    if not typed or fold(typed) in map(fold, checked.playbook.none_words):
        return named_currency(checked.deals.table.column("budget")[row]) or ""
    return typed


def _entered(
    playbook: Playbook, rank: Mapping[str, int], stage: str | None, entries: Sequence[StageEntry]
) -> Mapping[str, float | None]:
    ranks = [rank[entry.stage] for entry in entries]
    farthest = max([*ranks, rank[stage] if stage else -1], default=-1)
    return {
        key: _first(e.when for e, r in zip(entries, ranks, strict=True) if r >= place)
        for place, key in enumerate(playbook.funnel[: farthest + 1])
    }


def _first(moments: Iterable[float | None]) -> float | None:
    return min((moment for moment in moments if moment is not None), default=None)
