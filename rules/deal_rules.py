"""Rules over several cells of a deal, or over a deal and what it refers to.

Each looks at the given deal rows alone, in ascending order; they may be all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import compress, repeat
from operator import is_, ne

from rules.chunks import Column
from rules.dates import show_day
from rules.facts import Facts
from rules.findings import Finding
from rules.money import named_currency
from rules.playbook import Condition
from rules.refused import shorten
from rules.rows import cells_at
from rules.values import Value


def find_past_steps(facts: Facts, rows: Collection[int]) -> Iterator[Finding]:
    """Yield the open deals whose next step lies in the past."""
    still_open = {key for key, stage in facts.playbook.stages.items() if stage.open}
    stages, today = facts.deals.values["stage"], facts.today
    steps = _column_of(facts.deals.values["next_step"], rows)
    past = {step for step in set(steps.each()) if isinstance(step, float) and step < today}
    late = steps.as_bytes(past.__contains__) if past else b""
    for row, step in zip(compress(rows, late), compress(steps, late), strict=True):
        if stages[row] in still_open:
            yield Finding("warning", "next_step_past", "deals", row, ("next_step",), show_day(step))


def find_contacts_elsewhere(facts: Facts, rows: Collection[int]) -> Iterator[Finding]:
    """Yield the deals whose contact works at another company than the deal's."""
    links = facts.references
    works_at = [*links.contact_company, None]
    nobody = len(works_at) - 1
    contacts, companies = cells_at(links.deal_contact, rows), cells_at(links.deal_company, rows)
    employers = [works_at[nobody if contact is None else contact] for contact in contacts]
    deals = zip(rows, companies, contacts, employers, strict=True)
    for row, company, contact, other in compress(deals, map(ne, employers, companies)):
        if company is not None and contact is not None and other is not None:
            person = facts.contacts.table.text("id", contact) or "?"
            firm = facts.companies.table.text("id", other) or "?"
            yield Finding("warning", "contact_elsewhere", "deals", row, ("contact",), person, firm)


def find_other_currencies(facts: Facts, rows: Collection[int]) -> Iterator[Finding]:
    """Yield the deals whose budget names another currency than their currency field."""
    if "currency" not in facts.deals.values:
        return
    budgets, currencies = facts.deals.table.column("budget"), facts.deals.values["currency"]
    budgets = cells_at(budgets, rows)
    texts = map(is_, map(type, budgets), repeat(str))
    for row, budget in compress(zip(rows, budgets, strict=True), texts):
        currency = currencies[row]
        if not isinstance(budget, str) or not isinstance(currency, str):
            continue
        named = named_currency(budget)
        if named is not None and named != currency.upper():
            yield Finding(
                "warning", "currency_differs", "deals", row, ("currency",), currency, named
            )


def find_unmet_conditions(facts: Facts, rows: Collection[int]) -> Iterator[Finding]:
    """Yield the deals on the way to a client that hold another word than let them in there."""
    playbook = facts.playbook
    for at, key in enumerate(playbook.funnel):
        condition = playbook.stages[key].condition
        if condition is not None and condition.value is not None:
            yield from _unmet(facts, rows, condition, set(playbook.funnel[at:]), key)


def _unmet(
    facts: Facts, rows: Collection[int], condition: Condition, stages: set[str], key: str
) -> Iterator[Finding]:
    field = condition.field
    if field not in facts.deals.values:
        return
    values, of_deals = _column_of(facts.deals.values[field], rows), facts.deals.values["stage"]
    others = {value for value in set(values.each()) if value not in (None, condition.value)}
    stage = facts.playbook.stages[key].in_locale(facts.book.locale)
    for row in compress(rows, values.as_bytes(others.__contains__)) if others else ():
        if of_deals[row] in stages:
            shown = shorten(facts.deals.table.text(field, row))
            yield Finding("warning", "condition_unmet", "deals", row, (field,), shown, stage)


def _column_of(values: Sequence[Value], rows: Collection[int]) -> Column:
    """Return what stands in these rows."""
    return Column.of(values if len(rows) == len(values) else cells_at(values, rows))
