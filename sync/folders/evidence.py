"""Documents counted by subfolder: again where the news tell of one that came or left."""

from __future__ import annotations

from collections.abc import Iterator

from rules.folder_memory import FolderMemory, write_documents
from sync.errors import SyncError
from sync.folders.steps import Desk, Facts, Notebook

DEALS_A_SEARCH = 4
"""So many deals are counted at once: with five subfolders each, one call."""


def count_documents(desk: Desk) -> Facts:
    """Count the documents of the deals whose numbers are not known.

    What lies in a subfolder counts, what lies deeper does not, and a folder is no document.
    """
    notebook = Notebook()
    unknown = list(_uncounted(desk))
    for start in range(0, len(unknown), DEALS_A_SEARCH):
        if desk.time_is_up():
            notebook.restless = True
            break
        part = unknown[start : start + DEALS_A_SEARCH]
        inner = [folder for memory in part for folder in memory.inner.values()]
        try:
            files = desk.drive.list_children(inner, desk.root.drive_id)
        except SyncError as error:
            notebook.fail("documents not counted", error)
            break
        for memory in part:
            documents = {
                key: [
                    file.file_id for file in files if file.parent == folder and not file.is_folder
                ]
                for key, folder in memory.inner.items()
            }
            notebook.remember(memory.record_id, folder_documents=write_documents(documents))
    return notebook.facts()


def _uncounted(desk: Desk) -> Iterator[FolderMemory]:
    records = desk.snapshot.tables["records"]
    counted = records.column("folder_documents")
    for _, memory in desk.rows("deal"):
        if counted[records.row_by_id[memory.record_id]]:
            continue
        if memory.made and memory.inner and not memory.lost:
            yield memory
