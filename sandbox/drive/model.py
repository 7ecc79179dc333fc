"""What Drive knows about a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.calls import Json

FOLDER = "application/vnd.google-apps.folder"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
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
    version: int = 1

    @property
    def is_folder(self) -> bool:
        """Whether it can have children."""
        return self.mime_type == FOLDER


@dataclass(frozen=True)
class SharedDrive:
    """A shared drive; its root folder has the same id."""

    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True)
class Change:
    """An entry of the change log; its number is its place, from 1."""

    number: int
    file_id: str
    time: datetime
    removed: bool
    audience: frozenset[str]
    """Who can see the file, or could when it changed before."""
    drive_ids: frozenset[str | None]
    """The shared drives it lies in, or lay in when it changed before; None for a My Drive."""


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
