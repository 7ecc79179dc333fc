"""Folders keep the names and the places that follow from the workbook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rules.folder_memory import FolderMemory
from rules.folders import archive_of, company_folder_name, deal_folder_name
from sync.errors import GoneError, SyncError, TransientError
from sync.folders.steps import Desk, Facts, Notebook, work_off
from sync.ports import FileChange


@dataclass(frozen=True)
class _Change:
    """What a folder is to be called and where it is to lie."""

    memory: FolderMemory
    name: str
    parent: str

    @property
    def request(self) -> FileChange:
        """The change to ask of Drive: only what differs from what was set last."""
        moves = self.parent != self.memory.parent
        return FileChange(
            self.memory.own,
            name=self.name if self.name != self.memory.name else None,
            parent=self.parent if moves else None,
            old_parent=self.memory.parent if moves else None,
        )


def keep_right(desk: Desk) -> Facts:
    """Rename and move the folders whose deal or company was renamed, moved, ended or reopened.

    What counts is what was set last: a folder that somebody renamed on Drive keeps that name until
    its deal or company changes. Folders that were linked, lost, or moved by hand stay as they are.
    """
    notebook = Notebook()
    wanted = [*_companies(desk), *_deals(desk)]
    changes = [
        change
        for change in wanted
        if (change.name, change.parent) != (change.memory.name, change.memory.parent)
    ]
    for change, answer in work_off(
        desk,
        notebook,
        changes,
        lambda part: desk.drive.change([change.request for change in part]),
    ):
        record_id = change.memory.record_id
        if isinstance(answer, TransientError):
            notebook.fail(f"{record_id}: folder not renamed or moved", answer)
        elif isinstance(answer, SyncError):
            code = "gone" if isinstance(answer, GoneError) else "locked"
            notebook.remember(record_id, folder_state=f"{code} {desk.drive.account}")
        else:
            notebook.remember(record_id, folder_name=change.name, folder_parent=change.parent)
            notebook.count("moved" if change.parent != change.memory.parent else "renamed")
    return notebook.facts()


def _is_kept(memory: FolderMemory) -> bool:
    return memory.exists and not memory.linked and not memory.state


def _companies(desk: Desk) -> Iterator[_Change]:
    """Yield how the companies' folders are to be; they stay where they are."""
    titles = desk.checked.companies.values["title"]
    for row, memory in desk.rows("company"):
        if titles[row] and _is_kept(memory):
            yield _Change(memory, company_folder_name(desk.checked, row), memory.parent)


def _deals(desk: Desk) -> Iterator[_Change]:
    titles = desk.checked.companies.values["title"]
    for row, memory in desk.rows("deal"):
        company = desk.checked.references.deal_company[row]
        if company is None or not titles[company] or not _is_kept(memory):
            continue
        holder = desk.company_folder(company)
        home = holder.own if holder else memory.parent
        place = archive_of(desk.checked, row) or home
        yield _Change(memory, deal_folder_name(desk.checked, row, company), place)
