"""Folders keep the names and the places that follow from the workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rules.folder_memory import FolderMemory
from rules.folders import (
    archive_of,
    company_folder_name,
    deal_folder_name,
    say_archive_trouble,
)
from sync.errors import GoneError, SyncError
from sync.folders.states import look_again, root_trouble, seen_file
from sync.folders.steps import Desk, Facts, Notebook, left_open, work_off
from sync.ports import FileChange


@dataclass(frozen=True)
class _Change:
    """What a folder is to be called and where it is to lie; `lies_in`: where it lies now.

    `holder` is the company's folder that it is to lie in, None for a place of another kind.
    """

    memory: FolderMemory
    name: str
    parent: str
    lies_in: str
    holder: FolderMemory | None = None

    @property
    def moves(self) -> bool:
        """Whether it belongs elsewhere than it was put last."""
        return self.parent != self.memory.parent

    @property
    def request(self) -> FileChange:
        """The change to ask of Drive: only what differs from what was set last."""
        to_move = self.moves and self.parent != self.lies_in
        return FileChange(
            self.memory.own,
            name=self.name if self.name != self.memory.name else None,
            parent=self.parent if to_move else None,
            old_parent=self.lies_in if to_move else None,
        )


def keep_right(desk: Desk) -> Facts:
    """Rename and move the folders whose deal or company was renamed, moved, ended or reopened.

    What counts is what was set last: a folder that somebody renamed or moved on Drive stays so
    until its deal or company changes. Folders that were linked or lost are not touched.
    """
    notebook = Notebook()
    changes = [*_companies(desk), *_to_places_there(desk, notebook, list(_deals(desk)))]
    refused: list[tuple[_Change, SyncError]] = []
    for change, answer in work_off(
        desk,
        notebook,
        list(_located(desk, notebook, changes)),
        lambda part: desk.drive.change([change.request for change in part]),
    ):
        record_id = change.memory.record_id
        if left_open(answer):
            notebook.fail(f"{record_id}: folder not renamed or moved", answer)
        elif isinstance(answer, SyncError):
            refused.append((change, answer))
        else:
            state = None if change.moves else change.memory.state or None
            notebook.remember(record_id, folder_name=change.name, folder_parent=change.parent)
            notebook.remember(record_id, folder_state=state)
            notebook.count("moved" if change.moves else "renamed")
    _find_out(desk, notebook, refused)
    return notebook.facts()


def _find_out(desk: Desk, notebook: Notebook, refused: Sequence[tuple[_Change, SyncError]]) -> None:
    """Look at the folders that Drive refused to change, and at those they were to go into.

    One that stands as it was known to, and is to go where all is well, is locked, if it was not
    said to be missing.
    """
    memories = {m.record_id: m for c, _ in refused for m in (c.memory, c.holder) if m}
    states = look_again(desk, notebook, list(memories.values()))
    for change, error in refused:
        record_id = change.memory.record_id
        own = states.get(record_id)
        placed = change.holder is None or states.get(change.holder.record_id) == ""
        if own == change.memory.state and placed and not isinstance(error, GoneError):
            notebook.remember(record_id, folder_state=f"locked {desk.drive.account}")
        elif own in (None, "", "moved"):
            notebook.fail(f"{record_id}: folder not renamed or moved", error)


def _to_places_there(
    desk: Desk, notebook: Notebook, changes: Sequence[_Change]
) -> Iterator[_Change]:
    """Yield the changes but for moves to an archive that cannot be used, which is told once."""
    troubles: dict[str, str] = {}
    archives = {change.parent for change in changes if change.moves and change.holder is None}
    for place in sorted(archives):
        try:
            trouble = root_trouble(seen_file(desk.drive.look([place])[0]))
        except SyncError as error:
            notebook.fail(f"archive {place}", error)
            trouble = "unknown"
        else:
            if trouble:
                notebook.failures.append(say_archive_trouble(trouble, place, desk.drive.account))
        troubles[place] = trouble
    yield from (change for change in changes if not troubles.get(change.parent))


def _located(desk: Desk, notebook: Notebook, changes: Sequence[_Change]) -> Iterator[_Change]:
    """Yield the changes; of what was moved by hand and is to move again, look where it lies now."""
    strays = [change for change in changes if change.moves and change.memory.trouble == "moved"]
    yield from (change for change in changes if change not in strays)
    for change, answer in work_off(
        desk, notebook, strays, lambda part: desk.drive.look([c.memory.own for c in part])
    ):
        if isinstance(answer, SyncError):
            notebook.fail(f"{change.memory.record_id}: folder not found", answer)
        else:
            yield replace(change, lies_in=answer.parent or "")


def _is_kept(memory: FolderMemory) -> bool:
    return memory.exists and not memory.linked and memory.trouble in ("", "moved")


def _companies(desk: Desk) -> Iterator[_Change]:
    """Yield the companies' folders whose names are to change; they stay where they are."""
    titles = desk.checked.companies.values["title"]
    for row, memory in desk.rows("company"):
        if titles[row] and _is_kept(memory):
            name = company_folder_name(desk.checked, row)
            if name != memory.name:
                yield _Change(memory, name, memory.parent, memory.parent)


def _deals(desk: Desk) -> Iterator[_Change]:
    """Yield the deals' folders whose names or places are to change."""
    titles = desk.checked.companies.values["title"]
    for row, memory in desk.rows("deal"):
        company = desk.checked.references.deal_company[row]
        if company is None or not titles[company] or not _is_kept(memory):
            continue
        holder = desk.company_folder(company)
        home = holder.own if holder else memory.parent
        archive = archive_of(desk.checked, row)
        place = archive or home
        name = deal_folder_name(desk.checked, row, company)
        if (name, place) != (memory.name, memory.parent):
            yield _Change(memory, name, place, memory.parent, None if archive else holder)
