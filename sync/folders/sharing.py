"""Who is let into a deal's folder: the accountable manager, a region's group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rules.folder_memory import REFUSED, FolderMemory, read_words, write_words
from rules.folders import Guest, mailboxes_by_manager, wanted_guests
from sync.errors import SyncError
from sync.folders.steps import Desk, Facts, Notebook, left_open, work_off
from sync.ports import Grant


@dataclass(frozen=True)
class _Right:
    """A right to be given to a guest, or to be taken back: then `permission` is its id."""

    record_id: str
    folder_id: str
    guest: Guest
    permission: str = ""


def share_folders(desk: Desk) -> Facts:
    """Let in who is to be let in, and take back what was given to others if the playbook says so.

    Nobody gets a mail. Two changes of one folder's rights are never asked for at once: Drive would
    apply the last one only (Drive API guide, "Share files").
    """
    share = desk.checked.playbook.folders.share
    if not (share.accountable or share.groups):
        return Facts()
    notebook = Notebook()
    shared: dict[str, dict[str, str]] = {}
    rights: dict[str, list[_Right]] = defaultdict(list)
    for memory, guests, known in _folders(desk):
        shared[memory.record_id] = dict(known)
        rights[memory.record_id] += _missing(memory, guests, known)
        if share.revoke:
            rights[memory.record_id] += _left_over(memory, guests, known)
    for turn in zip_longest(*rights.values()):
        present = [right for right in turn if right]
        _give(desk, notebook, [right for right in present if not right.permission], shared)
        _take_back(desk, notebook, [right for right in present if right.permission], shared)
    return notebook.facts()


def _folders(desk: Desk) -> Iterator[tuple[FolderMemory, Sequence[Guest], Mapping[str, str]]]:
    """Yield the folders of deals at work, who is to be let in, and whom we let in before."""
    records = desk.snapshot.tables["records"]
    mailboxes = mailboxes_by_manager(desk.checked)
    for row, memory in desk.rows("deal"):
        stage = desk.checked.stages[row]
        company = desk.checked.references.deal_company[row]
        if stage is None or company is None or not desk.checked.playbook.stages[stage].folder:
            continue
        if memory.exists and not memory.linked and not memory.lost:
            cell = records.column("folder_shared")[records.row_by_id[memory.record_id]]
            guests = list(wanted_guests(desk.checked, mailboxes, row, company))
            yield memory, guests, read_words(cell)


def _missing(
    memory: FolderMemory, guests: Sequence[Guest], known: Mapping[str, str]
) -> Iterator[_Right]:
    for guest in guests:
        if guest.email not in known:
            yield _Right(memory.record_id, memory.own, guest)


def _left_over(
    memory: FolderMemory, guests: Sequence[Guest], known: Mapping[str, str]
) -> Iterator[_Right]:
    wanted = {guest.email for guest in guests}
    for email, permission in known.items():
        if email not in wanted:
            yield _Right(memory.record_id, memory.own, Guest(email, "user"), permission)


def _give(
    desk: Desk, notebook: Notebook, rights: Sequence[_Right], shared: dict[str, dict[str, str]]
) -> None:
    role = desk.checked.playbook.folders.share.role
    for right, answer in work_off(
        desk,
        notebook,
        rights,
        lambda part: desk.drive.grant(
            [Grant(r.folder_id, r.guest.email, role, r.guest.kind) for r in part]
        ),
    ):
        known = shared[right.record_id]
        if isinstance(answer, SyncError):
            notebook.fail(f"{right.record_id}: folder not shared", answer)
            if left_open(answer):
                continue
            known[right.guest.email] = REFUSED
        else:
            known[right.guest.email] = answer
            notebook.count("shared")
        notebook.remember(right.record_id, folder_shared=write_words(known))


def _take_back(
    desk: Desk, notebook: Notebook, rights: Sequence[_Right], shared: dict[str, dict[str, str]]
) -> None:
    for right in rights:
        if right.permission == REFUSED:
            _forget(notebook, right, shared)
    given = [right for right in rights if right.permission != REFUSED]
    for right, answer in work_off(
        desk,
        notebook,
        given,
        lambda part: desk.drive.revoke([(r.folder_id, r.permission) for r in part]),
    ):
        if answer is not None:
            notebook.fail(f"{right.record_id}: sharing not taken back", answer)
        if not left_open(answer):
            _forget(notebook, right, shared)
            notebook.count("shared")


def _forget(notebook: Notebook, right: _Right, shared: dict[str, dict[str, str]]) -> None:
    known = shared[right.record_id]
    known.pop(right.guest.email, None)
    notebook.remember(right.record_id, folder_shared=write_words(known))
