"""What Drive knows about a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.calls import Json

FOLDER = "application/vnd.google-apps.folder"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
DOCUMENT = "application/vnd.google-apps.document"
PRESENTATION = "application/vnd.google-apps.presentation"
SHORTCUT = "application/vnd.google-apps.shortcut"
GOOGLE_TYPES = "application/vnd.google-apps."
STORAGELESS = frozenset({FOLDER, SHORTCUT})
"""Types that take no room, so that an account without storage may own them."""

ROLES: Mapping[str, int] = {
    "reader": 1,
    "commenter": 2,
    "writer": 3,
    "fileOrganizer": 4,
    "organizer": 5,
    "owner": 6,
}
DRIVE_ONLY_ROLES = frozenset({"fileOrganizer", "organizer"})


@dataclass(frozen=True)
class Permission:
    """A right of somebody on a file."""

    id: str
    type: str
    """``user``, ``group``, ``domain`` or ``anyone``."""
    role: str
    email: str = ""
    domain: str = ""
    discoverable: bool = False
    pending_owner: bool = False
    """Asked by the owner to take the file over."""
    expires_at: datetime | None = None
    given_by: str = ""
    given_at: datetime | None = None

    def covers(self, user: str) -> bool:
        """Whether the right is this user's."""
        match self.type:
            case "anyone":
                return True
            case "domain":
                return user.endswith("@" + self.domain)
            case _:
                return self.email == user


@dataclass(slots=True)
class Revision:
    """One of the contents that a file has had."""

    id: str
    content: bytes
    mime_type: str
    name: str
    made_at: datetime
    made_by: str
    keep_forever: bool = False


@dataclass(slots=True)
class File:
    """A file or folder; the roots of My Drives and of shared drives are folders too."""

    id: str
    name: str
    mime_type: str
    parent: str | None
    drive_id: str | None
    owner: str | None
    """None in a shared drive."""
    created_at: datetime
    modified_at: datetime
    modified_by: str
    permissions: dict[str, Permission] = field(default_factory=dict)
    trashed: bool = False
    """Trashed itself; a folder's trash covers what is in it besides."""
    trashed_at: datetime | None = None
    trashed_by: str = ""
    app_properties: dict[str, dict[str, str]] = field(default_factory=dict)
    """Private properties by the credential that set them."""
    properties: dict[str, str] = field(default_factory=dict)
    plain: Json = field(default_factory=dict)
    """Descriptive fields that are given back as they were set."""
    content: bytes | None = None
    revisions: list[Revision] = field(default_factory=list)
    """Contents that it has had, the present one last; editors' files have none here."""
    shortcut_to: str = ""
    """Id of the file that a shortcut stands for."""
    made_at: datetime | None = None
    """When it really was created; ``created_at`` may be set to anything."""
    touched: dict[str, datetime] = field(default_factory=dict)
    """Who changed it, and when last."""
    version: int = 1

    @property
    def is_folder(self) -> bool:
        """Whether it can have children."""
        return self.mime_type == FOLDER


@dataclass(slots=True)
class SharedDrive:
    """A shared drive; its root folder has the same id."""

    id: str
    name: str
    created_at: datetime
    hidden_by: set[str] = field(default_factory=set)
    """Who has it out of sight."""
    plain: Json = field(default_factory=dict)
    """Colour, theme and restrictions, as they were set."""


@dataclass(frozen=True)
class Channel:
    """A wish to be told of changes; the sandbox keeps it and tells nobody."""

    id: str
    resource_id: str
    resource_uri: str
    address: str
    token: str
    expires_at: datetime
    user: str


@dataclass
class Delays:
    """How many seconds behind its writes Drive is, in what it is known to be late with."""

    changes: float = 0.0
    """Until a change shows in ``changes.list``."""
    search: float = 0.0
    """Until a new file is found by ``files.list``."""
    edits: float = 0.0
    """Until a cell that was edited shows in the file's ``modifiedTime`` and as a change."""


@dataclass(frozen=True)
class Change:
    """An entry of the change log; its number is its place, from 1."""

    number: int
    file_id: str
    time: datetime
    removed: bool
    audience: frozenset[str]
    """Who could see a file that is gone."""
    is_drive: bool = False
    """A change of a shared drive itself, not of a file."""
    left: str | None = None
    """The shared drive that the file has left; the entry stands in that drive's log alone."""


@dataclass(slots=True)
class Remark:
    """A comment or a reply; replies have no replies."""

    id: str
    author: str
    content: str
    created_at: datetime
    modified_at: datetime
    anchor: str = ""
    quoted: Json = field(default_factory=dict)
    action: str = ""
    resolved: bool = False
    deleted: bool = False
    assignee: str = ""
    replies: dict[str, Remark] = field(default_factory=dict)
