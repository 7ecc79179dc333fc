"""Folders made under their recorded ids: companies, then deals, then what is inside."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rules.folder_memory import UNSEEN, FolderMemory
from rules.folders import (
    WantedFolder,
    company_folder_name,
    deal_folder_name,
    subfolder_names,
    wanted_folders,
)
from sync.errors import GoneError, HiddenError
from sync.folders.states import look_again, own_state
from sync.folders.steps import Desk, Facts, Notebook, seen, work_off
from sync.ports import DriveFile, Folder

log = logging.getLogger(__name__)

PART_KEY = "crmPart"
"""The app property of a subfolder: which one it is."""


@dataclass(frozen=True)
class _Making:
    """A folder to be made for a record, the one that lies on its tab."""

    tab: str
    record_id: str
    folder: Folder
    holder: str
    """The ID of the company whose folder it is put into, "" for the root."""


def make_folders(desk: Desk) -> Facts:
    """Create the folders that are recorded and not known to be made; one failing stops no other."""
    if all(memory.made for memory in desk.memories.values()):
        return Facts()
    wanted = list(wanted_folders(desk.checked))
    companies = _make_own(desk, list(_companies(desk, wanted)))
    desk = seen(desk, companies)
    deals = Facts() if companies.stopped else _make_own(desk, list(_deals(desk, wanted)))
    desk = seen(desk, deals)
    facts = companies.then(deals)
    return facts if facts.stopped else facts.then(_make_inner(desk, wanted))


def folders_waiting(desk: Desk) -> int:
    """Return how many deals still wait for their folder, or for what is inside.

    One with a link that a manager typed does not: it is up to that link.
    """
    typed = desk.snapshot.tables["deals"].column("drive")
    waiting = 0
    for wanted in wanted_folders(desk.checked):
        memory = desk.memory("deals", wanted.deal)
        if memory is None:
            waiting += not typed[wanted.deal]
        elif not (memory.made or memory.lost):
            waiting += desk.is_free("deals", wanted.deal, memory)
    return waiting


def _companies(desk: Desk, wanted: Iterable[WantedFolder]) -> Iterator[_Making]:
    for row in dict.fromkeys(one.company for one in wanted):
        memory = desk.memory("companies", row)
        if memory and _is_due(memory) and desk.is_free("companies", row, memory):
            name = company_folder_name(desk.checked, row)
            yield _making(desk, "companies", memory, name, desk.root.folder_id, "")


def _deals(desk: Desk, wanted: Iterable[WantedFolder]) -> Iterator[_Making]:
    for one in wanted:
        memory = desk.memory("deals", one.deal)
        holder = desk.company_folder(one.company)
        if not memory or not _is_due(memory) or not desk.is_free("deals", one.deal, memory):
            continue
        if holder:
            name = deal_folder_name(desk.checked, one.deal, one.company)
            yield _making(desk, "deals", memory, name, holder.own, holder.record_id)


def _is_due(memory: FolderMemory) -> bool:
    return not memory.exists and not memory.lost


def _making(
    desk: Desk, tab: str, memory: FolderMemory, name: str, parent: str, holder: str
) -> _Making:
    folder = Folder(memory.own, name, parent, desk.owner(tab, memory.record_id))
    return _Making(tab, memory.record_id, folder, holder)


def _make_own(desk: Desk, makings: list[_Making]) -> Facts:
    notebook = Notebook()
    homeless: set[str] = set()
    answers = work_off(
        desk,
        notebook,
        makings,
        lambda part: desk.drive.make_folders([making.folder for making in part]),
    )
    for making, answer in answers:
        if isinstance(answer, DriveFile):
            _note_made(desk, notebook, making, answer)
        elif isinstance(answer, HiddenError):
            _note_there(desk, notebook, making, f"gone {desk.drive.account}")
        else:
            notebook.fail(f"{making.record_id}: folder not made", answer)
            homeless |= {making.holder} if isinstance(answer, GoneError) else set()
        _log_progress(notebook, making, len(makings))
    # What was not found is perhaps the folder that they were to be put into.
    look_again(desk, notebook, [desk.memories[record_id] for record_id in homeless - {""}])
    return notebook.facts()


def _note_made(desk: Desk, notebook: Notebook, making: _Making, file: DriveFile) -> None:
    """Note a folder that is there now, made by us or found under its id."""
    folder, record_id = making.folder, making.record_id
    if not _is_ours(file.properties, folder.properties):
        notebook.remember(record_id, folder_state=f"taken {folder.folder_id}")
        notebook.failures.append(f"{record_id}: {folder.folder_id} belongs to something else")
        return
    _note_there(desk, notebook, making, own_state(file, folder.parent, desk.drive.account))
    notebook.count(making.tab)


def _note_there(desk: Desk, notebook: Notebook, making: _Making, state: str) -> None:
    """Note that the folder was made, and how it stands now."""
    folder, record_id = making.folder, making.record_id
    notebook.remember(
        record_id, folder_name=folder.name, folder_parent=folder.parent, folder_state=state or None
    )
    if making.tab == "companies":
        notebook.remember(record_id, folders_made=desk.now)


def _is_ours(found: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(found.get(key) == value for key, value in wanted.items())


def _log_progress(notebook: Notebook, making: _Making, wanted: int) -> None:
    made = notebook.done.get(making.tab, 0)
    if wanted > 1 and (made == wanted or (made and made % 50 == 0)):
        log.info("%d of %d folders of %s made", made, wanted, making.tab)


# ── What is inside a deal's folder ───────────────────────────────────────────────────────────────


def _make_inner(desk: Desk, wanted: Iterable[WantedFolder]) -> Facts:
    notebook = Notebook()
    names = subfolder_names(desk.checked)
    due = [
        memory
        for one in wanted
        if (memory := desk.memory("deals", one.deal))
        and memory.exists
        and not memory.made
        and not memory.lost
    ]
    parts = [
        (memory, _subfolder(desk, memory, key, names.get(key, key)))
        for memory in due
        for key in memory.inner
    ]
    left = {memory.record_id: len(memory.inner) for memory in due}
    homeless: dict[str, FolderMemory] = {}
    for (memory, _), answer in work_off(
        desk,
        notebook,
        parts,
        lambda part: desk.drive.make_folders([folder for _, folder in part]),
    ):
        if isinstance(answer, DriveFile | HiddenError):
            left[memory.record_id] -= 1
            continue
        notebook.fail(f"{memory.record_id}: subfolder not made", answer)
        if isinstance(answer, GoneError):
            homeless[memory.record_id] = memory
    look_again(desk, notebook, list(homeless.values()))
    for record_id, missing in left.items():
        if not missing:
            notebook.remember(record_id, folders_made=desk.now, folder_documents=UNSEEN)
    return notebook.facts()


def _subfolder(desk: Desk, memory: FolderMemory, key: str, name: str) -> Folder:
    properties = {**desk.owner("deals", memory.record_id), PART_KEY: key}
    return Folder(memory.inner[key], name, memory.own, properties)
