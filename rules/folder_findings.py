"""What is wrong with the folders of a workbook, as findings on their rows.

The states, as they stand in `_records`: a code, and what it is about.

- gone, trashed: the folder cannot be seen by the worker's account, or is in the trash
- moved: it is no longer where it was put
- locked: the worker may look into it, and not change it
- link_gone, link_trashed, link_locked, link_file: so it is with what a manager linked
- link_taken: what a manager linked is the folder of another record
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rules.folder_memory import REFUSED, read_documents, read_words
from rules.playbook import Locale, Playbook, Severity, Subject
from rules.table import Table, as_text

STATES: Mapping[str, tuple[Severity, str]] = {
    "gone": ("error", "folder_gone"),
    "trashed": ("error", "folder_trashed"),
    "moved": ("warning", "folder_moved"),
    "locked": ("warning", "folder_locked"),
    "link_gone": ("error", "folder_link_gone"),
    "link_trashed": ("error", "folder_link_trashed"),
    "link_locked": ("warning", "folder_link_locked"),
    "link_file": ("error", "folder_link_file"),
    "link_taken": ("error", "folder_link_taken"),
}
"""How bad each state is, and the code of its message."""


class FolderFinding(NamedTuple):
    """A finding on the `Google Drive` cell of a row; `code` and `value` as in `Finding`."""

    subject: Subject
    row: int
    severity: Severity
    code: str
    value: str


def find_folder_problems(
    tables: Mapping[str, Table],
    playbook: Playbook,
    locale: Locale,
    stages: Mapping[int, str],
    deal_company: Sequence[int | None],
) -> Iterator[FolderFinding]:
    """Yield what is wrong with the folders of deals whose stage has one, and of their companies.

    `stages` holds the stage of each deal row, `deal_company` the company row of each.
    """
    records = tables.get("records")
    if records is None:  # an exported file
        return
    at_work = [row for row, stage in stages.items() if playbook.stages[stage].folder]
    companies = {company for row in at_work if (company := deal_company[row]) is not None}
    reading = _Reading(records, playbook, locale)
    for row in sorted(companies):
        yield from reading.problems("company", row, tables["companies"].text("id", row), ())
    expected = {stage: expected_documents(playbook, stage) for stage in playbook.stages}
    for row in at_work:
        deal_id = tables["deals"].text("id", row)
        yield from reading.problems("deal", row, deal_id, expected[stages[row]])


class _Reading:
    """The columns of `_records` that tell of problems."""

    def __init__(self, records: Table, playbook: Playbook, locale: Locale) -> None:
        self._row_of = records.row_by_id
        self._states = records.column("folder_state")
        self._shared = records.column("folder_shared")
        self._documents = records.column("folder_documents")
        self._names = {
            key: name.in_locale(locale) for key, name in playbook.folders.subfolders.items()
        }

    def problems(
        self, subject: Subject, row: int, record_id: str, expected: Sequence[str]
    ) -> Iterator[FolderFinding]:
        """Yield what is wrong with one record's folder; `expected` are the subfolders to fill."""
        at = self._row_of.get(record_id)
        if at is None:
            return
        if state := self._states[at]:
            code, _, value = as_text(state).partition(" ")
            if code in STATES:
                yield FolderFinding(subject, row, *STATES[code], value)
        if shared := self._shared[at]:
            for email, right in read_words(shared).items():
                if right == REFUSED:
                    yield FolderFinding(subject, row, "warning", "folder_unshared", email)
        if expected and (found := read_documents(self._documents[at])) is not None:
            for key in expected:
                if not found.get(key):
                    name = self._names[key]
                    yield FolderFinding(subject, row, "warning", "folder_no_document", name)


def expected_documents(playbook: Playbook, stage: str) -> Sequence[str]:
    """Return the subfolders that hold a document at that stage: its own and those before it."""
    expected = playbook.folders.expected
    if not expected:
        return ()
    chain = [key for key, _ in playbook.requirement_chain(stage)]
    return tuple(dict.fromkeys(name for key in reversed(chain) for name in expected.get(key, ())))
