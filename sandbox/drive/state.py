"""The files of the sandbox and who may do what with them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.calls import ApiError, Call, Json
from sandbox.drive import refusals
from sandbox.drive.model import (
    FOLDER,
    GOOGLE_TYPES,
    ROLES,
    SPREADSHEET,
    STORAGELESS,
    Change,
    Channel,
    Delays,
    File,
    Permission,
    Remark,
    SharedDrive,
)
from sandbox.people import (
    MAILBOX_OWNERS,
    PEOPLE,
    PRINCIPALS,
    SERVICE_ACCOUNT,
    SHARED_DRIVE_NAME,
    SHARED_DRIVE_ROLES,
)
from sandbox.sheets.state import SheetsState

_ID_KINDS = {SPREADSHEET: "spreadsheet"}


def _is_docs_editor_type(mime_type: str) -> bool:
    """Types that Google creates under ids of its own only."""
    return mime_type.startswith(GOOGLE_TYPES) and mime_type not in STORAGELESS


def _rank(file: File, permission: Permission) -> int:
    """Return the rank of a right on a file; whoever owns only the folder is a writer in it."""
    if permission.role == "owner" and permission.email != file.owner:
        return ROLES["writer"]
    return ROLES[permission.role]


class DriveState:
    """Files by id, shared drives, and the log of changes; ``lock`` guards all of them."""

    def __init__(
        self, new_id: Callable[[str], str], sheets: SheetsState, now: datetime, *, sa_storage: bool
    ) -> None:
        self.lock = threading.RLock()
        self.files: dict[str, File] = {}
        self.drives: dict[str, SharedDrive] = {}
        self.changes: list[Change] = []
        self.comments: dict[str, dict[str, Remark]] = {}
        """Comments by file id and their own id."""
        self.notifications: list[dict[str, str]] = []
        """Letters that sharing and comments would have sent."""
        self.channels: dict[str, Channel] = {}
        self.operations: dict[str, Json] = {}
        """Long-running ones by name; here they are done at once."""
        self.delays = Delays()
        self.drive_requests: set[tuple[str, str]] = set()
        """Who asked under which request id for a shared drive."""
        self._late_edits: list[tuple[datetime, str, str]] = []
        """When to note it, the file, who edited it."""
        self._with_end: list[tuple[File, str]] = []
        """Files with ids of rights that run out."""
        self._new_id = new_id
        self._sheets = sheets
        self._sa_storage = sa_storage
        self._issued_ids: set[str] = set()
        self._used_ids: set[str] = set()
        self._unknown_people: dict[str, str] = {}
        self.shared_drive_id = self.add_drive(SHARED_DRIVE_NAME, SHARED_DRIVE_ROLES, now).id
        self._roots = {email: self._add_root(email, now).id for email in PRINCIPALS}

    # What there is

    def find(self, file_id: str, user: str) -> File | None:
        """Return the file when the user can see it; ``root`` stands for the user's My Drive."""
        file = self.files.get(self._roots.get(user, "") if file_id == "root" else file_id)
        return file if file is not None and self.role(file, user) else None

    def require(self, file_id: str, user: str, role: str) -> File:
        """Return the file for a call of Sheets; 404 when there is none, 403 for a lesser role.

        Unlike Drive, Sheets tells whoever may not see a file that it is there (gspread's tests).
        """
        with self.lock:
            file = self.files.get(file_id)
            if file is None:
                raise ApiError(404, "Requested entity was not found.")
            if self.role(file, user) < ROLES[role]:
                raise ApiError(403, "The caller does not have permission")
            return file

    def root_id(self, user: str) -> str:
        """Return the id of the user's My Drive."""
        return self._roots[user]

    def ancestors(self, file: File) -> Iterator[File]:
        """Return the file itself, its parent and so on up to the root."""
        current: File | None = file
        while current is not None:
            yield current
            current = self.files.get(current.parent) if current.parent else None

    def role(self, file: File, user: str) -> int:
        """Return the rank of the user's best role on a file, 0 for none."""
        return max(
            (
                _rank(file, permission)
                for holder in self.ancestors(file)
                for permission in holder.permissions.values()
                if permission.covers(user)
            ),
            default=0,
        )

    def is_trashed(self, file: File) -> bool:
        """Whether the file or a folder above it is in the trash."""
        return any(holder.trashed for holder in self.ancestors(file))

    def children(self, file: File) -> list[File]:
        """Direct children of a folder."""
        return [child for child in self.files.values() if child.parent == file.id]

    def permissions(self, file: File) -> dict[str, tuple[Permission, str]]:
        """Return the best right of each holder, with the id of the file that gives it."""
        best: dict[str, tuple[Permission, str]] = {}
        for holder in self.ancestors(file):
            for permission in holder.permissions.values():
                if ROLES[permission.role] > _rank(file, permission):
                    permission = replace(permission, role="writer")
                known = best.get(permission.id)
                if known is None or ROLES[permission.role] > ROLES[known[0].role]:
                    best[permission.id] = (permission, holder.id)
        return best

    # Changes to it

    def issue_ids(self, count: int) -> list[str]:
        """Ids that may be used to create files."""
        ids = [self._new_id("file") for _ in range(count)]
        self._issued_ids.update(ids)
        return ids

    def create_file(
        self,
        call: Call,
        *,
        name: str,
        mime_type: str,
        parents: Sequence[str] = (),
        file_id: str | None = None,
    ) -> File:
        """Add a file; a spreadsheet gets its empty workbook at once.

        ApiError: 404 for a missing parent, 403 for rights or storage, 409 for a used id. A call of
        the Sheets API gets Sheets' own 403 for missing storage.
        """
        with self.lock:
            parent = self._require_parent(call, parents)
            if parent.drive_id is None and not self._has_room(call.user, mime_type):
                if call.method.startswith("sheets."):
                    raise ApiError(403, "The caller does not have permission")
                raise refusals.no_storage()
            new_id = self._claim_id(file_id, mime_type)
            file = File(
                id=new_id,
                name=name,
                mime_type=mime_type,
                parent=parent.id,
                drive_id=parent.drive_id,
                owner=None if parent.drive_id else call.user,
                created_at=call.now,
                modified_at=call.now,
                modified_by=call.user,
                made_at=call.now,
                touched={call.user: call.now},
            )
            self._grant_first_rights(file)
            self.files[new_id] = file
            if mime_type == SPREADSHEET:
                self._sheets.create(new_id, name)
            self.record(file, call.now)
            return file

    def touch(self, file: File, user: str, now: datetime) -> None:
        """Note that somebody changed the file's content or name."""
        file.modified_at = now
        file.modified_by = user
        file.touched[user] = now
        self.record(file, now)

    def rename(self, file_id: str, name: str, user: str, now: datetime) -> None:
        """Give the file another name: what Sheets does with a new title."""
        with self.lock:
            file = self.files[file_id]
            file.name = name
            self.touch(file, user, now)

    def note_edit(self, call: Call) -> None:
        """Note that a call of Sheets changed a spreadsheet."""
        with self.lock:
            file = self.files.get(call.params.get("spreadsheetId", ""))
            if file is not None:
                due = call.now + timedelta(seconds=self.delays.edits)
                self._late_edits.append((due, file.id, call.user))
            self.settle(call.now)

    def settle(self, now: datetime) -> None:
        """Let happen what time has brought: edits that show by now, rights that have run out."""
        due = [edit for edit in self._late_edits if edit[0] <= now]
        self._late_edits = [edit for edit in self._late_edits if edit[0] > now]
        for moment, file_id, user in due:
            if file := self.files.get(file_id):
                self.touch(file, user, moment)
        for file, permission_id in list(self._with_end):
            permission = file.permissions.get(permission_id)
            if permission is None or permission.expires_at is None:
                self._with_end.remove((file, permission_id))
            elif permission.expires_at <= now:
                self._with_end.remove((file, permission_id))
                del file.permissions[permission_id]

    def visible_changes(self, now: datetime) -> int:
        """Return how many changes are to be seen by now."""
        seen_to = now - timedelta(seconds=self.delays.changes)
        count = len(self.changes)
        while count and self.changes[count - 1].time > seen_to:
            count -= 1
        return count if self.delays.changes else len(self.changes)

    def record(self, file: File, now: datetime) -> None:
        """Write a change of the file into the log."""
        file.version += 1
        self._log(file, now, removed=False)

    def delete(self, file: File, now: datetime) -> None:
        """Remove a file for good with all in it; what others own goes back to their My Drive."""
        for child in self.children(file):
            if child.owner == file.owner:
                self.delete(child, now)
            elif child.owner:
                child.parent = self._roots[child.owner]
        self._log(file, now, removed=True)
        del self.files[file.id]
        self.comments.pop(file.id, None)
        if file.mime_type == SPREADSHEET:
            self._sheets.delete(file.id)

    def add_drive(self, name: str, roles: dict[str, str], now: datetime) -> SharedDrive:
        """Make a shared drive with its members."""
        drive = SharedDrive(self._new_id("drive"), name, now)
        self.drives[drive.id] = drive
        root = File(drive.id, "Drive", FOLDER, None, drive.id, None, now, now, "")
        for email, role in roles.items():
            self.grant(root, self.make_permission(email, role))
        self.files[drive.id] = root
        return drive

    def record_drive(self, drive: SharedDrive, now: datetime) -> None:
        """Write a change of a shared drive into the log."""
        self._log(self.files[drive.id], now, removed=False, is_drive=True)

    def delete_drive(self, drive: SharedDrive, now: datetime) -> None:
        """Remove a shared drive for good with all in it."""
        root = self.files[drive.id]
        for child in self.children(root):
            self.delete(child, now)
        self._log(root, now, removed=True, is_drive=True)
        del self.files[drive.id], self.drives[drive.id]

    def is_found_by_now(self, file: File, now: datetime) -> bool:
        """Whether a search finds the file already."""
        delay = timedelta(seconds=self.delays.search)
        return not delay or file.made_at is None or file.made_at <= now - delay

    def make_permission(self, email: str, role: str) -> Permission:
        """Return a right of one person, known or not."""
        person = PRINCIPALS.get(email)
        if person is not None:
            return Permission(person.permission_id, "user", role, email)
        if email not in self._unknown_people:
            self._unknown_people[email] = self._new_id("permission")
        return Permission(self._unknown_people[email], "user", role, email)

    def grant(self, file: File, permission: Permission) -> None:
        """Add a right or replace the one that its holder had."""
        file.permissions[permission.id] = permission
        if permission.expires_at is not None:
            self._with_end.append((file, permission.id))

    def notify(self, file: File, to: str, sender: str, role: str, message: str) -> None:
        """Note a letter that Google would send; ``role`` is what was given, or ``comment``."""
        letter = {"fileId": file.id, "to": to, "from": sender, "role": role, "message": message}
        self.notifications.append(letter)

    def transfer(self, file: File, permission: Permission) -> None:
        """Make somebody the owner; the former owner stays a writer."""
        for known in list(file.permissions.values()):
            if known.role == "owner":
                file.permissions[known.id] = replace(known, role="writer")
        file.permissions[permission.id] = permission
        file.owner = permission.email

    def readers(self, file: File) -> frozenset[str]:
        """Return who of the sandbox's people sees a file."""
        everybody = (*MAILBOX_OWNERS, SERVICE_ACCOUNT.email)
        return frozenset(user for user in everybody if self.role(file, user))

    def record_loss(self, file: File, losers: frozenset[str], now: datetime) -> None:
        """Write into the log that a file is gone for some people, and for them only."""
        if losers:
            number = len(self.changes) + 1
            self.changes.append(Change(number, file.id, now, True, losers))

    def record_leaving(self, file: File, drive_id: str, now: datetime) -> None:
        """Write into the log of a shared drive that a file is no longer there."""
        change = Change(len(self.changes) + 1, file.id, now, True, frozenset(), left=drive_id)
        self.changes.append(change)

    # Inside

    def _add_root(self, email: str, now: datetime) -> File:
        root = File(self._new_id("drive"), "My Drive", FOLDER, None, None, email, now, now, email)
        self.grant(root, self.make_permission(email, "owner"))
        self.files[root.id] = root
        return root

    def _require_parent(self, call: Call, parents: Sequence[str]) -> File:
        if len(parents) > 1:
            raise ApiError(
                403,
                "A file cannot be in more than one folder.",
                reason="multipleParentsNotSupported",
            )
        parent_id = parents[0] if parents else "root"
        parent = self.find(parent_id, call.user)
        if parent is None:
            raise refusals.file_not_found(parent_id)
        if self.role(parent, call.user) < ROLES["writer"]:
            raise refusals.insufficient_file_permissions()
        if not parent.is_folder:
            raise ApiError(403, "The specified parent is not a folder.", reason="parentNotAFolder")
        return parent

    def _has_room(self, user: str, mime_type: str) -> bool:
        return user != SERVICE_ACCOUNT.email or self._sa_storage or mime_type in STORAGELESS

    def _claim_id(self, file_id: str | None, mime_type: str) -> str:
        if file_id is None:
            new_id = self._new_id(_ID_KINDS.get(mime_type, "file"))
        elif file_id in self._used_ids:
            raise refusals.file_id_in_use()
        elif file_id not in self._issued_ids or _is_docs_editor_type(mime_type):
            raise refusals.unusable_id()
        else:
            new_id = file_id
        self._used_ids.add(new_id)
        return new_id

    def _grant_first_rights(self, file: File) -> None:
        if file.owner is None:
            return
        self.grant(file, self.make_permission(file.owner, "owner"))
        if self._sa_storage and file.owner == SERVICE_ACCOUNT.email:
            # The people of the sandbox edit whatever is created.
            for person in PEOPLE:
                self.grant(file, self.make_permission(person.email, "writer"))

    def _log(self, file: File, now: datetime, *, removed: bool, is_drive: bool = False) -> None:
        audience = self.readers(file) if removed else frozenset()
        number = len(self.changes) + 1
        self.changes.append(Change(number, file.id, now, removed, audience, is_drive))
