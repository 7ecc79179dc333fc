"""Template documents copied into new folders: once each, as far as Drive lets us.

Drive gives no ids beforehand for documents of its own kinds, so a copy whose answer was lost may
be there or not. Before a copy is made, that is recorded; with the answer, its id. Where only the
first is known, we wait until Drive's searches have surely caught up, and look for a document that
bears the deal and the template in its app properties. What remains open: a search that lags longer
than that may lead to a second copy; it is found by the next look and put into the trash, if nobody
has changed it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.folder_memory import FolderMemory, read_words, write_words
from rules.folders import document_name
from rules.text import drive_id
from sync.errors import AccountError, BusyError, SyncError
from sync.folders.steps import Desk, Facts, Notebook, left_open, work_off
from sync.ports import DocumentCopy, DriveFile, FileChange

TEMPLATE_KEY = "crmTemplate"
"""The app property of a copy: the key of its template."""

SEARCHES_LAG = timedelta(minutes=5)
"""How long after a copy was begun it is looked for: searches lag behind by minutes."""

UNTOUCHED = timedelta(minutes=1)
"""A copy that was changed no later than this after it was made is as the worker left it."""

WANTED = ""
"""What is remembered of a copy that is still to be begun."""


def attempt_at(moment: float) -> str:
    """Return what is remembered of a copy that is about to be made; `moment` is a serial number."""
    return f"?{moment}"


@dataclass(frozen=True)
class _Pending:
    """A copy that was begun: its template's key, the deal's row and company, where it belongs."""

    key: str
    row: int
    company: int
    memory: FolderMemory
    parent: str
    begun: float

    @property
    def deal_id(self) -> str:
        """The ID of the deal."""
        return self.memory.record_id


Copies = dict[str, dict[str, str]]
"""What is remembered of the copies, by deal ID and template key."""


def copy_documents(desk: Desk) -> Facts:
    """Make the copies that this pass began, and find out about those that earlier ones began."""
    notebook = Notebook()
    before = _remembered(desk)
    copies = {deal_id: dict(known) for deal_id, known in before.items()}
    fresh, old = [], []
    for one in _pending(desk, before):
        notebook.restless = True
        if (one.deal_id, one.key) in desk.begun:
            fresh.append(one)
        elif desk.now - one.begun >= SEARCHES_LAG / timedelta(days=1):
            old.append(one)
    _find_out(desk, notebook, old, copies)
    _copy(desk, notebook, fresh, copies)
    for deal_id, known in copies.items():
        if known != before[deal_id]:
            notebook.remember(deal_id, folder_copies=write_words(known))
    return notebook.facts()


def _remembered(desk: Desk) -> Copies:
    records = desk.snapshot.tables["records"]
    pairs = zip(records.column("id"), records.column("folder_copies"), strict=True)
    return {str(record_id): dict(read_words(cell)) for record_id, cell in pairs if cell}


def _pending(desk: Desk, copies: Mapping[str, Mapping[str, str]]) -> Iterator[_Pending]:
    """Yield the copies of deals at work of which no more is known than that they were begun."""
    documents = desk.checked.playbook.folders.documents
    rows = desk.snapshot.tables["deals"].row_by_id
    for deal_id, known in copies.items():
        row = rows.get(deal_id)
        company = desk.checked.references.deal_company[row] if row is not None else None
        memory = desk.memory("deals", row) if row is not None else None
        if row is None or company is None or memory is None:
            continue
        for key, word in known.items():
            if word.startswith("?") and key in documents:
                parent = memory.inner.get(documents[key].into, memory.own)
                yield _Pending(key, row, company, memory, parent, float(word[1:]))


def _properties(desk: Desk, pending: _Pending) -> Mapping[str, str]:
    return {**desk.owner("deals", pending.deal_id), TEMPLATE_KEY: pending.key}


def _copy(desk: Desk, notebook: Notebook, fresh: Sequence[_Pending], copies: Copies) -> None:
    """Make copies, template by template; what is not even begun is wanted by the next pass."""
    by_template: dict[str, list[_Pending]] = defaultdict(list)
    for pending in fresh:
        copies[pending.deal_id][pending.key] = WANTED
        if pending.memory.made and not pending.memory.lost:
            by_template[pending.key].append(pending)
    for key, pendings in by_template.items():
        _copy_template(desk, notebook, key, pendings, copies)


def _copy_template(
    desk: Desk, notebook: Notebook, key: str, pendings: Sequence[_Pending], copies: Copies
) -> None:
    template = drive_id(desk.checked.playbook.folders.documents[key].template) or ""
    for pending, answer in work_off(
        desk,
        notebook,
        pendings,
        lambda part: desk.drive.copy(
            [
                DocumentCopy(
                    template,
                    document_name(desk.checked, key, pending.row, pending.company),
                    pending.parent,
                    _properties(desk, pending),
                )
                for pending in part
            ]
        ),
    ):
        if isinstance(answer, str):
            copies[pending.deal_id][key] = answer
            notebook.count("copied")
            continue
        notebook.fail(f"template document “{key}”", answer)
        if not isinstance(answer, BusyError | AccountError):
            # It may be there all the same, or the template is not for us: later we look again.
            copies[pending.deal_id][key] = attempt_at(pending.begun)
        if not left_open(answer):
            for other in pendings:
                copies[other.deal_id][key] = copies[other.deal_id][key] or attempt_at(other.begun)
            return


def _find_out(desk: Desk, notebook: Notebook, old: Sequence[_Pending], copies: Copies) -> None:
    """Look where the copies belong: what is there is remembered, what is not is wanted again."""
    for start in range(0, len(old), 20):
        part = old[start : start + 20]
        if notebook.stopped or desk.time_is_up():
            return
        parents = list(dict.fromkeys(pending.parent for pending in part))
        try:
            files = desk.drive.list_children(parents, desk.root.drive_id)
        except SyncError as error:
            notebook.fail("template documents not looked for", error)
            return
        for pending in part:
            wanted = _properties(desk, pending).items()
            found = [file for file in files if wanted <= file.properties.items()]
            found.sort(key=lambda file: (file.created, file.file_id))
            copies[pending.deal_id][pending.key] = found[0].file_id if found else WANTED
            _trash(desk, notebook, found[1:])


def _trash(desk: Desk, notebook: Notebook, surplus: Sequence[DriveFile]) -> None:
    """Put second copies that nobody has touched into the trash."""
    untouched = [file for file in surplus if _is_untouched(file)]
    for answer in desk.drive.change([FileChange(file.file_id, trashed=True) for file in untouched]):
        if isinstance(answer, SyncError):
            notebook.fail("second copy of a template document not removed", answer)


def _is_untouched(file: DriveFile) -> bool:
    try:
        made, changed = map(datetime.fromisoformat, (file.created, file.modified))
    except ValueError:
        return False
    return changed - made <= UNTOUCHED
