"""What is remembered of a record's Drive folder: columns of the hidden tab `_records`, read.

Each column holds plain text, so that an operator can read it and a restored version of the
workbook brings it back with all else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rules.table import Raw, Table, as_text

FIELDS = (
    "folder_name",
    "folder_parent",
    "folder_state",
    "folder_shared",
    "folder_documents",
    "folder_copies",
)
"""The columns beside `folders` and `folders_made`."""

UNSEEN = "-"
"""In `folder_documents`: counted, and there are none."""

LINKED = "linked"
"""In `folder_parent`: a manager linked the folder."""

REFUSED = "!"
"""In `folder_shared`: Drive refused to let that address in."""

TROUBLES = frozenset({"gone", "trashed", "taken"})
"""States in which a record has no folder that people can use."""


class FolderMemory(NamedTuple):
    """The Drive folder of a deal or a company.

    `folders` are its id and those of its subfolders, recorded before they are made; `made`: all of
    them are. `name` and `parent` are what the worker set last, empty until the
    folder itself is made. A folder that a manager linked has LINKED for a parent: that one is not
    renamed and not moved. `state` is empty while all is well, else a code and what it is about,
    see `folder_findings.py`.
    """

    record_id: str
    folders: str
    made: bool
    name: str
    parent: str
    state: str

    @property
    def own(self) -> str:
        """The id of the folder itself."""
        return self.folders.partition(" ")[0]

    @property
    def inner(self) -> Mapping[str, str]:
        """The ids of its subfolders, by key."""
        return read_folders(self.folders)[1]

    @property
    def exists(self) -> bool:
        """Whether it was made, though perhaps not all that belongs inside."""
        return bool(self.parent) or self.made

    @property
    def linked(self) -> bool:
        """Whether a manager linked it: it was there before, and is the manager's to arrange."""
        return self.parent == LINKED

    @property
    def trouble(self) -> str:
        """The code of the state, "" while all is well."""
        return self.state.partition(" ")[0]

    @property
    def lost(self) -> bool:
        """Whether nobody finds it any more."""
        return self.trouble in TROUBLES


def folder_memory(records: Table, record_id: str) -> FolderMemory | None:
    """Return what is remembered of a record's folder; None if it has none."""
    at = records.row_by_id.get(record_id)
    folders = records.column("folders")[at] if at is not None else None
    if at is None or not folders:
        return None
    return _memory(record_id, *(records.column(key)[at] for key in _COLUMNS))


def all_folders(records: Table) -> Iterator[FolderMemory]:
    """Yield the folders of all records."""
    columns = (records.column(key) for key in ("id", *_COLUMNS))
    for record_id, folders, *rest in zip(*columns, strict=True):
        if folders and record_id:
            yield _memory(as_text(record_id), folders, *rest)


def folders_with_ids(records: Table, folder_ids: Collection[str]) -> Iterator[FolderMemory]:
    """Yield the records' own folders that have one of the ids."""
    for at, cell in enumerate(records.column("folders")):
        if cell and str(cell).partition(" ")[0] in folder_ids:
            yield _at(records, at)


def folders_put_into(records: Table, folder_ids: Collection[str]) -> Iterator[FolderMemory]:
    """Yield the records' own folders that the worker put into one of those folders."""
    for at, cell in enumerate(records.column("folder_parent")):
        if cell in folder_ids:
            yield _at(records, at)


def _at(records: Table, at: int) -> FolderMemory:
    return _memory(records.text("id", at), *(records.column(key)[at] for key in _COLUMNS))


_COLUMNS = ("folders", "folders_made", "folder_name", "folder_parent", "folder_state")


def _memory(
    record_id: str, folders: Raw, made: Raw, name: Raw, parent: Raw, state: Raw
) -> FolderMemory:
    texts = (name, parent, state)
    return FolderMemory(
        record_id, as_text(folders), made is not None, *("" if t is None else str(t) for t in texts)
    )


def owners(records: Table) -> Mapping[str, str]:
    """Return whose folder each folder is: record ID by folder id."""
    ids = records.column("id")
    return {
        as_text(folders).partition(" ")[0]: as_text(ids[at])
        for at, folders in enumerate(records.column("folders"))
        if folders
    }


def read_folders(cell: Raw) -> tuple[str, Mapping[str, str]]:
    """Return a folder's own id and the ids of its subfolders by key."""
    own, *inner = as_text(cell).split() or [""]
    return own, dict(_pairs(inner))


def write_folders(own: str, inner: Mapping[str, str]) -> str:
    """Return the cell that `read_folders` reads."""
    return " ".join([own, *(f"{key}={value}" for key, value in inner.items())])


def read_words(cell: Raw) -> Mapping[str, str]:
    """Return a cell of `key=value` words; a word without a value has an empty one."""
    return dict(_pairs(as_text(cell).split()))


def write_words(words: Mapping[str, str]) -> str | None:
    """Return the cell that `read_words` reads; None if there are no words."""
    return " ".join(f"{key}={value}" if value else key for key, value in words.items()) or None


def _pairs(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        key, _, value = word.partition("=")
        yield key, value


# ── Documents ────────────────────────────────────────────────────────────────────────────────────


def digest(file_id: str) -> str:
    """Return six characters that tell a document from others well enough to look again."""
    return hashlib.blake2b(file_id.encode(), digest_size=3).hexdigest()


def read_documents(cell: Raw) -> Mapping[str, Sequence[str]] | None:
    """Return the digests of the documents in each subfolder that has any; None: never counted."""
    text = as_text(cell)
    if not text:
        return None
    found = {} if text == UNSEEN else read_words(text)
    return {key: value.split(",") for key, value in found.items() if value}


def write_documents(documents: Mapping[str, Iterable[str]]) -> str:
    """Return the cell for documents, by subfolder the ids of what lies there."""
    digests = {key: ",".join(sorted(map(digest, ids))) for key, ids in documents.items()}
    return write_words({key: value for key, value in digests.items() if value}) or UNSEEN


def is_spoken_of(cell: Raw, ids: Collection[str]) -> bool:
    """Return whether a cell of folders or documents speaks of any of the ids or digests."""
    words = as_text(cell).replace("=", " ").replace(",", " ").split()
    return any(word in ids for word in words)


def count_documents(records: Table, deal_id: str) -> Mapping[str, int] | None:
    """Return how many documents lie in each subfolder of a deal; None if that is not known."""
    at = records.row_by_id.get(deal_id)
    found = read_documents(records.column("folder_documents")[at]) if at is not None else None
    return {key: len(digests) for key, digests in found.items()} if found is not None else None
