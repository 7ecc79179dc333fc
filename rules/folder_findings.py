"""What is wrong with the folders of a workbook, as findings on their rows.

The states, as they stand in `_records`: a code, and what it is about.

- gone, trashed: the folder cannot be seen by the worker's account, or is in the trash
- moved: it is no longer where it was put
- taken: something else is under the id that was recorded for it
- locked: the worker may look into it, and not change it
- link_gone, link_trashed, link_locked, link_file: so it is with what a manager linked
- link_root: what a manager linked is the folder that holds all others
- link_taken: what a manager linked is the folder of another record
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, compress

from rules.facts import Facts
from rules.findings import Finding
from rules.folder_memory import REFUSED, read_documents, read_words
from rules.playbook import Locale, Playbook, Severity, Subject
from rules.table import Raw, Table, as_text

STATES: Mapping[str, tuple[Severity, str]] = {
    "gone": ("error", "folder_gone"),
    "trashed": ("error", "folder_trashed"),
    "moved": ("warning", "folder_moved"),
    "taken": ("error", "folder_taken"),
    "locked": ("warning", "folder_locked"),
    "link_gone": ("error", "folder_link_gone"),
    "link_trashed": ("error", "folder_link_trashed"),
    "link_locked": ("warning", "folder_link_locked"),
    "link_file": ("error", "folder_link_file"),
    "link_root": ("error", "folder_link_root"),
    "link_taken": ("error", "folder_link_taken"),
}
"""How bad each state is, and the code of its message."""

TOLD = ("folder_state", "folder_shared", "folder_documents")
"""The columns of `_records` that tell of problems."""

FIELD = ("drive",)


def find_folder_problems(
    facts: Facts, rows: Mapping[Subject, Collection[int]]
) -> Iterator[Finding]:
    """Yield what is wrong with the folders of deals whose stage has one, and of their companies.

    Only these rows are looked at.
    """
    records = facts.book.tables.get("records")
    if records is None:  # an exported file
        return
    stages, playbook = facts.deals.values["stage"], facts.playbook
    reading = _Reading(records, playbook, facts.book.locale)
    with_folder = {key for key, stage in playbook.stages.items() if stage.folder}
    companies = facts.companies.table
    told = [(row, companies.text("id", row)) for row in _told(records, companies, rows["company"])]
    if told := [(row, company_id) for row, company_id in told if reading.tells_of(company_id)]:
        at_work = map(with_folder.__contains__, stages)
        holders = set(compress(facts.references.deal_company, at_work))
        for row, company_id in told:
            if row in holders:
                yield from reading.problems("companies", row, company_id, ())
    expected = {stage: expected_documents(playbook, stage) for stage in with_folder}
    for row in _told(records, facts.deals.table, rows["deal"]):
        if (stage := stages[row]) in expected:
            deal_id = facts.deals.table.text("id", row)
            yield from reading.problems("deals", row, deal_id, expected[stage])


def _told(records: Table, table: Table, rows: Collection[int]) -> Iterable[int]:
    """Return those of the rows that `_records` may tell of; of all rows none that it does not."""
    if len(rows) < table.height:
        return rows
    told = set(chain.from_iterable(compress(records.ids, records.column(key)) for key in TOLD))
    return compress(rows, map(told.__contains__, table.ids)) if told else ()


def told_columns(tables: Mapping[str, Table]) -> Sequence[Sequence[Raw]]:
    """Return all of `_records` that the findings depend on."""
    records = tables.get("records")
    return [records.column(key) for key in ("id", *TOLD)] if records else ()


class _Reading:
    """The columns of `_records` that tell of problems."""

    def __init__(self, records: Table, playbook: Playbook, locale: Locale) -> None:
        self._row_of = records.row_by_id
        self._states, self._shared, self._documents = map(records.column, TOLD)
        self._names = {
            key: name.in_locale(locale) for key, name in playbook.folders.subfolders.items()
        }

    def tells_of(self, record_id: str) -> bool:
        """Return whether anything may be wrong with the folder of a record."""
        at = self._row_of.get(record_id)
        return at is not None and bool(self._states[at] or self._shared[at])

    def problems(
        self, tab: str, row: int, record_id: str, expected: Sequence[str]
    ) -> Iterator[Finding]:
        """Yield what is wrong with one record's folder; `expected` are the subfolders to fill."""
        at = self._row_of.get(record_id)
        if at is None:
            return
        if state := self._states[at]:
            code, _, value = as_text(state).partition(" ")
            if code in STATES:
                yield Finding(*STATES[code], tab, row, FIELD, value)
        if shared := self._shared[at]:
            for email, right in read_words(shared).items():
                if right == REFUSED:
                    yield Finding("warning", "folder_unshared", tab, row, FIELD, email)
        if expected and (found := read_documents(self._documents[at])) is not None:
            for key in expected:
                if not found.get(key):
                    name = self._names[key]
                    yield Finding("warning", "folder_no_document", tab, row, FIELD, name)


def expected_documents(playbook: Playbook, stage: str) -> Sequence[str]:
    """Return the subfolders that hold a document at that stage: its own and those before it."""
    expected = playbook.folders.expected
    if not expected:
        return ()
    chain = [key for key, _ in playbook.requirement_chain(stage)]
    return tuple(dict.fromkeys(name for key in reversed(chain) for name in expected.get(key, ())))
