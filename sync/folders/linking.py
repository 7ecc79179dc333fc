"""Links: written where the cell is empty; one that a manager typed is looked at and taken on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rules.folder_memory import (
    FIELDS,
    LINKED,
    FolderMemory,
    folder_memory,
    owners,
    write_folders,
)
from rules.folders import folder_link, subfolder_names
from rules.playbook import SUBJECT_TABS, Subject
from rules.table import Raw, as_text
from rules.values import linked_folder
from sync.errors import GoneError, SyncError
from sync.folders.logs import open_logs
from sync.folders.states import link_state, own_state, seen_file
from sync.folders.steps import (
    OWNER_KEYS,
    WORKBOOK_KEY,
    Desk,
    Facts,
    Notebook,
    left_open,
    work_off,
)
from sync.plan import Cell, Plan
from sync.ports import DriveFile, FileChange
from sync.snapshot import Snapshot

LINKING: tuple[Subject, ...] = ("deal", "company")
"""Whose rows have a link to a folder."""


def plan_links(before: Snapshot, snapshot: Snapshot) -> Plan:
    """Plan the links of all folders that exist, where the cell is empty.

    Where the folder was lost `before` this pass, an empty cell is a manager's wish for a new one.
    """
    links: dict[tuple[str, str], dict[int, Cell]] = {}
    if not any(snapshot.tables["records"].column("folders")):
        return Plan()
    for tab in map(SUBJECT_TABS.__getitem__, LINKING):
        cells = snapshot.tables[tab].column("drive")
        for record_id, row in snapshot.tables[tab].row_by_id.items():
            memory = None if cells[row] else folder_memory(snapshot.tables["records"], record_id)
            if memory is None or not memory.exists:
                continue
            known = folder_memory(before.tables["records"], record_id)
            if not (known and known.lost):
                links.setdefault((tab, "drive"), {})[row] = folder_link(memory.own)
    return Plan(cells=links)


# ── Links that managers typed ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Typed:
    """A link that is not known to be good, and the folder and the state that the record has."""

    tab: str
    record_id: str
    folder_id: str
    memory: FolderMemory | None
    state: str

    @property
    def is_own(self) -> bool:
        """Whether it leads to the folder that the record has anyway."""
        return self.memory is not None and self.memory.own == self.folder_id


def take_on_links(desk: Desk) -> Facts:
    """Look at the folders that managers linked, and mark those that are good as the record's own.

    A link to the folder of another record is refused. What cannot be opened is looked at again by
    each pass: nothing else would tell that it was shared meanwhile.
    """
    notebook = Notebook()
    typed_links = list(_doubtful_links(desk, notebook))
    if not typed_links:
        return notebook.facts()
    notebook.restless = True
    owner_of = dict(owners(desk.snapshot.tables["records"]))
    doubtful = []
    for typed in typed_links:
        if typed.folder_id == desk.root.folder_id:
            _note_state(notebook, typed, "link_root")
            continue
        owner = owner_of.setdefault(typed.folder_id, typed.record_id)
        if owner == typed.record_id:
            doubtful.append(typed)
        else:
            _note_state(notebook, typed, f"link_taken {owner}")
    good: list[tuple[_Typed, DriveFile]] = []
    for typed, answer in work_off(
        desk, notebook, doubtful, lambda part: desk.drive.look([t.folder_id for t in part])
    ):
        if isinstance(answer, SyncError) and not isinstance(answer, GoneError):
            notebook.fail(f"{typed.record_id}: link not checked", answer)
            continue
        file = seen_file(answer)
        state = _state(desk, typed, file)
        if typed.is_own or state or file is None:
            _note_state(notebook, typed, state)
        else:
            good.append((typed, file))
    _mark(desk, notebook, good)
    return notebook.facts()


def _doubtful_links(desk: Desk, notebook: Notebook) -> Iterator[_Typed]:
    """Yield the links that are new or were not good; where a bad one is gone, what was before."""
    records = desk.snapshot.tables["records"]
    states = records.column("folder_state")
    bad = {str(i) for i, s in zip(records.column("id"), states, strict=True) if _is_bad(s)}
    for subject in LINKING:
        tab = SUBJECT_TABS[subject]
        table = desk.snapshot.tables[tab]
        cells = table.column("drive")
        for record_id, row in table.row_by_id.items():
            cell = cells[row]
            if not cell and record_id not in bad:
                continue
            memory = desk.memories.get(record_id)
            if memory and not memory.state and cell == folder_link(memory.own):
                continue
            at = records.row_by_id.get(record_id)
            if at is None:
                continue
            state = as_text(states[at])
            linked = linked_folder(as_text(cell)) or (memory.own if memory else "")
            typed = _Typed(tab, record_id, linked, memory, state)
            if not linked and state:
                _note_state(notebook, typed, "")
            elif linked and (not typed.is_own or state.startswith("link_")):
                yield typed


def _is_bad(state: Raw) -> bool:
    return as_text(state).startswith("link_")


def _state(desk: Desk, typed: _Typed, file: DriveFile | None) -> str:
    account = desk.drive.account
    if typed.is_own and typed.memory:
        return own_state(file, typed.memory.parent if not typed.memory.linked else "", account)
    owner = _marked_owner(desk, file) if file else ""
    if owner and owner != typed.record_id:
        return f"link_taken {owner}"
    return link_state(file, account)


def _marked_owner(desk: Desk, file: DriveFile) -> str:
    """Return the record of this workbook that a folder is marked for, "" if there is none now."""
    if file.properties.get(WORKBOOK_KEY) != desk.snapshot.structure.spreadsheet_id:
        return ""
    for tab, key in OWNER_KEYS.items():
        if (record_id := file.properties.get(key, "")) in desk.snapshot.tables[tab].row_by_id:
            return record_id
    return ""


def _note_state(notebook: Notebook, typed: _Typed, state: str) -> None:
    if state != typed.state:
        notebook.remember(typed.record_id, folder_state=state or None)


def _mark(desk: Desk, notebook: Notebook, good: Sequence[tuple[_Typed, DriveFile]]) -> None:
    """Mark the folders as the records' own, and note them."""
    keys = list(subfolder_names(desk.checked))
    with_inner = [typed for typed, file in good if _gets_subfolders(desk, typed, file)]
    try:
        ids = iter(desk.drive.generate_ids(len(keys) * len(with_inner)) if with_inner else ())
        # From here on each is watched; how it stands then comes back with the mark.
        notebook.logs |= open_logs(desk.drive, desk.logs, [file for _, file in good])
    except SyncError as error:
        notebook.fail("linked folders not taken on", error)
        return
    inner = {typed.record_id: {key: next(ids) for key in keys} for typed in with_inner}
    for (typed, _), answer in work_off(
        desk,
        notebook,
        good,
        lambda part: desk.drive.change(
            [
                FileChange(typed.folder_id, properties=desk.owner(typed.tab, typed.record_id))
                for typed, _ in part
            ]
        ),
    ):
        if left_open(answer):
            notebook.fail(f"{typed.record_id}: linked folder not marked", answer)
        elif isinstance(answer, SyncError):
            code = "link_gone" if isinstance(answer, GoneError) else "link_locked"
            _note_state(notebook, typed, f"{code} {desk.drive.account}")
        elif state := link_state(answer, desk.drive.account):
            _note_state(notebook, typed, state)
        else:
            _note_taken_on(desk, notebook, typed, inner.get(typed.record_id, {}))


def _note_taken_on(desk: Desk, notebook: Notebook, typed: _Typed, inner: Mapping[str, str]) -> None:
    cells: Mapping[str, Cell] = {
        **dict.fromkeys(FIELDS),
        "folders": write_folders(typed.folder_id, inner),
        "folders_made": None if inner else desk.now,
        "folder_parent": LINKED,
    }
    notebook.remember(typed.record_id, **cells)
    notebook.count("linked")


def _gets_subfolders(desk: Desk, typed: _Typed, file: DriveFile) -> bool:
    """Return whether the playbook wants subfolders there; documents are counted at home only."""
    wanted = desk.checked.playbook.folders.subfolders_in_linked
    return wanted and typed.tab == "deals" and file.drive_id == desk.root.drive_id
