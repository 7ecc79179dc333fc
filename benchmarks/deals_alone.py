"""Our rules on the deals' own columns alone, run as the peers are (see `benchmarks.peers`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.peers.common import Problem, Rules, run
from rules.check import Book, check_book
from rules.playbook import SUBJECT_TABS, Playbook
from rules.playbook_file import load_playbook
from rules.table import Table

SAME = {"missing_none_word": "missing", "worker_fills": "missing"}
"""What the peers call `missing`, we say in other words where that helps."""

PLAYBOOK = load_playbook()


def deals_only(rules: Rules, playbook: Playbook) -> Book:
    """Return a workbook with the deals, and the lists that their values are from."""
    tables = {
        tab: Table(tab, {key: field.en for key, field in spec.fields.items()}, {}, 0)
        for tab, spec in playbook.tabs.items()
    }
    deals = playbook.tabs["deals"].fields
    headers = {key: deals[key].en for key in rules.columns}
    tables["deals"] = Table("deals", headers, rules.columns, rules.rows)
    listed: dict[str, list[Any]] = {key: [] for key in playbook.tabs["lists"].fields}
    for key, field in deals.items():
        if field.list is not None and key in rules.words:
            listed[field.list] = list(rules.words[key])
    height = max(map(len, listed.values()))
    cells = {key: values + [None] * (height - len(values)) for key, values in listed.items()}
    tables["lists"] = Table("lists", tables["lists"].headers, cells, height)
    return Book("en", tables, frozenset(set(SUBJECT_TABS.values()) - {"deals"}))


def find(rules: Rules) -> Sequence[Problem]:
    """Return all problems of the deals."""
    checked = check_book(deals_only(rules, PLAYBOOK), PLAYBOOK, rules.today)
    return [
        (row, finding.fields[0], SAME.get(finding.code, finding.code))
        for row, findings in checked.problems["deal"].items()
        for finding in findings
        if finding.tab == "deals"
    ]


if __name__ == "__main__":
    run("deals_alone", find)
