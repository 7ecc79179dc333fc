"""What others did to the folders, by Drive's change logs: one call when nothing happened.

A shared drive has a log of its own; what lies elsewhere stands in the account's own log (Drive API
guide, "Track changes for users and shared drives"). How far a log was read is developer metadata
of the workbook, written in the same request as what was found in it.

The workbook itself lies on Drive: each write to it is a change there. So the place in the log is
written only when something was found, or when much has passed; else each pass would write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson

from rules.folder_memory import (
    FolderMemory,
    all_folders,
    digest,
    folders_put_into,
    folders_with_ids,
    is_spoken_of,
)
from rules.table import as_text
from sync.errors import GoneError
from sync.folders.logs import OWN_LOG, open_logs
from sync.folders.states import kept_state, root_trouble, seen_file
from sync.folders.steps import PART, Desk, Facts, Notebook, Root
from sync.ports import DriveChanges, DriveFile, FoldersPort
from sync.snapshot import Snapshot

DRIVE = "crm.drive"
"""Developer metadata key of the root and of the places in the logs."""

MANY_CHANGES = 100
"""After so many changes that concern nobody the place in the log is written all the same."""


@dataclass(frozen=True)
class Followed:
    """What is known of the root, and the place in each log that is followed.

    `setting` is the root as it was configured; `trouble` why no folders can be made there.
    """

    setting: str
    root: Root
    trouble: str
    tokens: Mapping[str, str] = field(default_factory=dict)


def read_followed(snapshot: Snapshot) -> Followed | None:
    """Return what the workbook's metadata hold; None if they hold nothing that can be read."""
    try:
        kept = orjson.loads(snapshot.structure.metadata.get(DRIVE, "null"))
        root = Root(kept["root"], kept["drive"])
        return Followed(kept["setting"], root, kept["trouble"], dict(kept["tokens"]))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None


def write_followed(followed: Followed) -> str:
    """Return the metadata that `read_followed` reads."""
    return orjson.dumps(
        {
            "setting": followed.setting,
            "root": followed.root.folder_id,
            "drive": followed.root.drive_id,
            "trouble": followed.trouble,
            "tokens": dict(followed.tokens),
        }
    ).decode()


# ── The root ─────────────────────────────────────────────────────────────────────────────────────


def look_at_root(drive: FoldersPort, setting: str) -> tuple[DriveFile | None, Followed]:
    """Return the configured root, and how it stands with no log followed yet. Raises SyncError."""
    file = seen_file(drive.look([setting])[0])
    root = Root(file.file_id, file.drive_id) if file else Root(setting, None)
    return file, Followed(setting, root, root_trouble(file))


def find_root(snapshot: Snapshot, drive: FoldersPort, setting: str) -> Followed:
    """Return the root and its log. Looks at it when it is new, or was in trouble. Raises SyncError.

    The place in the log is taken first, what is looked at comes after: so nothing falls between.
    """
    kept = read_followed(snapshot)
    if kept and kept.setting == setting:
        if not kept.trouble:
            return kept
        _, fresh = look_at_root(drive, setting)
        if fresh.trouble or kept.root == fresh.root:
            return replace(kept, trouble=fresh.trouble)
    return open_root(drive, setting)


def open_root(drive: FoldersPort, setting: str) -> Followed:
    """Return the root with its log, to be followed from now on. Raises SyncError."""
    file, fresh = look_at_root(drive, setting)
    if fresh.trouble or file is None:
        return fresh
    return replace(fresh, tokens=open_logs(drive, frozenset(), [file]))


# ── News ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class News:
    """What was found in the logs, and how far they are read now; `worth`: it is to be written."""

    facts: Facts
    followed: Followed
    worth: bool


def look_at_all(desk: Desk, followed: Followed) -> News:
    """Look at every folder that is remembered: the log does not tell what was before it began."""
    notebook = Notebook()
    memories = [memory for memory in all_folders(desk.snapshot.tables["records"]) if memory.exists]
    files, gone = _look_at([memory.own for memory in memories], desk.drive)
    _note_states(desk, notebook, DriveChanges(files, gone, ""), memories)
    logs = open_logs(desk.drive, followed.tokens.keys(), files.values())
    followed = replace(followed, tokens={**followed.tokens, **logs})
    return News(notebook.facts(), followed, worth=True)


def read_news(desk: Desk, followed: Followed) -> News:
    """Read the logs that are followed. Raises SyncError if the root's log cannot be read."""
    notebook = Notebook()
    changes, tokens = _read_logs(desk, followed)
    if len(changes):
        changes = _looked_into(desk, changes)
        touched = changes.gone | changes.files.keys()
        concerned = list(folders_with_ids(desk.snapshot.tables["records"], touched))
        _note_states(desk, notebook, changes, concerned)
        _note_documents(desk, notebook, changes)
        followed = _note_root(desk, followed, changes)
        found = [changes.files[m.own] for m in concerned if m.own in changes.files]
        tokens = {**tokens, **open_logs(desk.drive, tokens.keys(), found)}
    facts = notebook.facts()
    after = replace(followed, tokens=tokens)
    is_worth = bool(facts.cells) or bool(after.trouble) or len(changes) >= MANY_CHANGES
    return News(facts, after, is_worth)


def _read_logs(desk: Desk, followed: Followed) -> tuple[DriveChanges, Mapping[str, str]]:
    """Return what the logs tell of files other than the workbook, and the places after it.

    What left one log may stand in another: then it is not gone.
    """
    files: dict[str, DriveFile] = {}
    gone: set[str] = set()
    tokens: dict[str, str] = {}
    for log, token in followed.tokens.items():
        try:
            changes = desk.drive.read_changes(log or None, token)
        except GoneError:
            if log in (OWN_LOG, desk.root.drive_id):
                raise
            continue  # a shared drive that the account left: the log ends here
        files |= changes.files
        gone |= changes.gone
        tokens[log] = changes.token
    files.pop(desk.snapshot.structure.spreadsheet_id, None)
    return DriveChanges(files, frozenset(gone - files.keys()), ""), tokens


def _looked_into(desk: Desk, changes: DriveChanges) -> DriveChanges:
    """Return the changes with a look at what they leave open. Raises SyncError.

    What has left a log may be in another one (Drive API reference, `changes`: `removed`). What lies
    in a folder that went into the trash, or came back, has no entry of its own.
    """
    gone, records = changes.gone, desk.snapshot.tables["records"]
    touched = list(folders_with_ids(records, gone | changes.files.keys()))
    turned = {m.own for m in touched if m.own in gone or _has_turned(m, changes)}
    doubtful = {m.own for m in touched if m.exists and m.own in gone}
    doubtful |= {desk.root.folder_id} & gone
    if turned:
        doubtful |= {memory.own for memory in folders_put_into(records, turned)}
    files, missing = _look_at([*sorted(doubtful)], desk.drive)
    return replace(changes, files={**changes.files, **files}, gone=(gone - files.keys()) | missing)


def _has_turned(memory: FolderMemory, changes: DriveChanges) -> bool:
    """Return whether a folder went into the trash, or came back."""
    file = changes.files.get(memory.own)
    return file is not None and file.trashed != memory.lost


def _look_at(
    folder_ids: Sequence[str], drive: FoldersPort
) -> tuple[Mapping[str, DriveFile], frozenset[str]]:
    """Return the folders that can be seen, by id, and those that cannot. Raises SyncError."""
    files: dict[str, DriveFile] = {}
    for start in range(0, len(folder_ids), PART):
        part = folder_ids[start : start + PART]
        for folder_id, answer in zip(part, drive.look(part), strict=True):
            if (file := seen_file(answer)) is not None:
                files[folder_id] = file
    return files, frozenset(folder_ids) - files.keys()


def _note_root(desk: Desk, followed: Followed, changes: DriveChanges) -> Followed:
    root = desk.root.folder_id
    if root not in changes.files and root not in changes.gone:
        return followed
    return replace(followed, trouble=root_trouble(changes.files.get(root)))


def _note_states(
    desk: Desk, notebook: Notebook, changes: DriveChanges, memories: Iterable[FolderMemory]
) -> None:
    """Note how the folders stand that the changes tell of, where that is new."""
    for memory in memories:
        if not memory.exists or memory.trouble.startswith("link_"):
            continue
        state = kept_state(changes.files.get(memory.own), memory, desk.drive.account)
        if state != memory.state:
            notebook.remember(memory.record_id, folder_state=state or None)


def _note_documents(desk: Desk, notebook: Notebook, changes: DriveChanges) -> None:
    """Note the deals whose documents are to be counted again.

    A document that came lies in one of their subfolders; one that left is known by its digest.
    """
    records = desk.snapshot.tables["records"]
    parents = {file.parent or "" for file in changes.files.values() if not file.is_folder}
    digests = {digest(file_id) for file_id in changes.files.keys() | changes.gone}
    columns = (records.column(key) for key in ("id", "folders", "folder_documents"))
    for record_id, folders, documents in zip(*columns, strict=True):
        if not folders or not documents:
            continue
        inner = as_text(folders).partition(" ")[2]
        if is_spoken_of(inner, parents) or is_spoken_of(documents, digests):
            notebook.remember(as_text(record_id), folder_documents=None)
