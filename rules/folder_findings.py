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

from rules.folder_memory import REFUSED, count_documents, read_words
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
    for row in sorted(companies):
        yield from _state("company", row, records, tables["companies"].text("id", row))
    for row in at_work:
        deal_id = tables["deals"].text("id", row)
        yield from _state("deal", row, records, deal_id)
        for email in _not_let_in(records, deal_id):
            yield FolderFinding("deal", row, "warning", "folder_unshared", email)
        for subfolder in _without_documents(
            records, deal_id, expected_documents(playbook, stages[row])
        ):
            name = playbook.folders.subfolders[subfolder].in_locale(locale)
            yield FolderFinding("deal", row, "warning", "folder_no_document", name)


def _state(subject: Subject, row: int, records: Table, record_id: str) -> Iterator[FolderFinding]:
    at = records.row_by_id.get(record_id)
    state = records.column("folder_state")[at] if at is not None else None
    if state:
        code, _, value = as_text(state).partition(" ")
        if code in STATES:
            yield FolderFinding(subject, row, *STATES[code], value)


def _not_let_in(records: Table, deal_id: str) -> Iterator[str]:
    at = records.row_by_id.get(deal_id)
    shared = records.column("folder_shared")[at] if at is not None else None
    if shared:
        yield from (email for email, right in read_words(shared).items() if right == REFUSED)


def _without_documents(records: Table, deal_id: str, expected: Sequence[str]) -> Sequence[str]:
    counts = count_documents(records, deal_id) if expected else None
    return [key for key in expected if not counts.get(key)] if counts is not None else ()


def expected_documents(playbook: Playbook, stage: str) -> Sequence[str]:
    """Return the subfolders that hold a document at that stage: its own and those before it."""
    expected = playbook.folders.expected
    if not expected:
        return ()
    chain = [key for key, _ in playbook.requirement_chain(stage)]
    return tuple(dict.fromkeys(name for key in reversed(chain) for name in expected.get(key, ())))
