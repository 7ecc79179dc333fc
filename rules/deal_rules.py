"""Rules over several cells of a deal, or over a deal and what it refers to."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import compress, repeat
from operator import ne

from rules.dates import show_day
from rules.facts import Facts
from rules.findings import Finding
from rules.money import named_currency
from rules.playbook import Condition
from rules.refused import shorten


def find_past_steps(facts: Facts) -> Iterator[Finding]:
    """Yield the open deals whose next step lies in the past."""
    still_open = {key for key, stage in facts.playbook.stages.items() if stage.open}
    steps, today = facts.deals.values["next_step"], facts.today
    past = {step for step in set(steps) if isinstance(step, float) and step < today}
    for row in compress(range(len(steps)), map(past.__contains__, steps)) if past else ():
        if isinstance(step := steps[row], float) and facts.stages[row] in still_open:
            yield Finding("warning", "next_step_past", "deals", row, ("next_step",), show_day(step))


def find_contacts_elsewhere(facts: Facts) -> Iterator[Finding]:
    """Yield the deals whose contact works at another company than the deal's."""
    links = facts.references
    works_at = [*links.contact_company, None]
    employers = [works_at[-1 if contact is None else contact] for contact in links.deal_contact]
    differ = map(ne, employers, links.deal_company)
    for row in compress(range(len(employers)), differ):
        company, contact, other = links.deal_company[row], links.deal_contact[row], employers[row]
        if company is not None and contact is not None and other is not None:
            person = facts.contacts.table.text("id", contact) or "?"
            firm = facts.companies.table.text("id", other) or "?"
            yield Finding("warning", "contact_elsewhere", "deals", row, ("contact",), person, firm)


def find_other_currencies(facts: Facts) -> Iterator[Finding]:
    """Yield the deals whose budget names another currency than their currency field."""
    if "currency" not in facts.deals.values:
        return
    budgets, currencies = facts.deals.table.column("budget"), facts.deals.values["currency"]
    texts = compress(range(len(budgets)), map(isinstance, budgets, repeat(str)))
    for row in texts:
        budget, currency = budgets[row], currencies[row]
        if not isinstance(budget, str) or not isinstance(currency, str):
            continue
        named = named_currency(budget)
        if named is not None and named != currency.upper():
            yield Finding(
                "warning", "currency_differs", "deals", row, ("currency",), currency, named
            )


def find_unmet_conditions(facts: Facts) -> Iterator[Finding]:
    """Yield the deals on the way to a client that hold another word than let them in there."""
    playbook = facts.playbook
    for at, key in enumerate(playbook.funnel):
        condition = playbook.stages[key].condition
        if condition is not None and condition.value is not None:
            yield from _unmet(facts, condition, set(playbook.funnel[at:]), key)


def _unmet(facts: Facts, condition: Condition, stages: set[str], key: str) -> Iterator[Finding]:
    field = condition.field
    if (values := facts.deals.values.get(field)) is None:
        return
    others = {value for value in set(values) if value not in (None, condition.value)}
    stage = facts.playbook.stages[key].in_locale(facts.book.locale)
    for row, value in enumerate(values) if others else ():
        if value in others and facts.stages[row] in stages:
            shown = shorten(facts.deals.table.text(field, row))
            yield Finding("warning", "condition_unmet", "deals", row, (field,), shown, stage)
