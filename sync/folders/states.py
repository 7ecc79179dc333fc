"""How a folder stands: what Drive shows of it, as the state that is remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rules.folder_memory import FolderMemory
from sync.errors import GoneError, SyncError
from sync.folders.steps import Desk, Notebook
from sync.ports import DriveFile


def own_state(file: DriveFile | None, parent: str, account: str) -> str:
    """Return the state of a record's own folder, "" while all is well; None: it cannot be seen.

    `parent` is where the worker put it, "" where it lies as a manager likes.
    """
    if file is None:
        return f"gone {account}"
    if file.trashed:
        return "trashed"
    if not file.writable:
        return f"locked {account}"
    if parent and file.parent != parent:
        return "moved"
    return ""


def kept_state(file: DriveFile | None, memory: FolderMemory, account: str) -> str:
    """Return the state of a folder that is remembered; a linked one may lie anywhere."""
    return own_state(file, "" if memory.linked else memory.parent, account)


def look_again(
    desk: Desk, notebook: Notebook, memories: Sequence[FolderMemory]
) -> Mapping[str, str]:
    """Look at folders for which something was refused; note and return how they stand.

    A refusal does not say which of the things in it it is about. States are by record ID; what
    cannot be looked at now has none.
    """
    states: dict[str, str] = {}
    answers = desk.drive.look([memory.own for memory in memories]) if memories else ()
    for memory, answer in zip(memories, answers, strict=True):
        if isinstance(answer, SyncError) and not isinstance(answer, GoneError):
            continue
        state = kept_state(seen_file(answer), memory, desk.drive.account)
        states[memory.record_id] = state
        if state != memory.state:
            notebook.remember(memory.record_id, folder_state=state or None)
    return states


def link_state(file: DriveFile | None, account: str) -> str:
    """Return what is wrong with a folder that a manager linked, "" if it can be taken on."""
    if file is None:
        return f"link_gone {account}"
    if not file.is_folder:
        return "link_file"
    if file.trashed:
        return "link_trashed"
    if not file.writable:
        return f"link_locked {account}"
    return ""


def root_trouble(file: DriveFile | None) -> str:
    """Return why no folders can be made under a root, "" if they can; None: it cannot be seen.

    The code is one that `say_root_trouble` knows.
    """
    if file is None:
        return "gone"
    if not file.is_folder:
        return "file"
    if file.trashed:
        return "trashed"
    return "" if file.writable else "locked"


def seen_file(answer: DriveFile | SyncError) -> DriveFile | None:
    """Return the file, None if it cannot be seen. Raises what else went wrong."""
    if isinstance(answer, GoneError):
        return None
    if isinstance(answer, SyncError):
        raise answer
    return answer
