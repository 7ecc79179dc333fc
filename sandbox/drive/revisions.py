"""The methods of ``revisions``: the contents that a file has had.

An editors' file has one revision here, as its history is not kept. Not verified: texts of refusals.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sandbox.calls import ApiError, Call, Json, Media
from sandbox.drive import refusals
from sandbox.drive.files import find_file
from sandbox.drive.model import File, Revision
from sandbox.drive.resources import EXPORT_TYPES, show_time, show_user
from sandbox.drive.setting import aware_of_drives

if TYPE_CHECKING:
    from sandbox.world import World

DEFAULT_PAGE = 200


def _of(file: File) -> list[Revision]:
    """Return a file's revisions; ApiError for one that has none at all."""
    if file.revisions:
        return file.revisions
    if file.mime_type in EXPORT_TYPES:
        moment, author = file.modified_at, file.modified_by
        return [Revision("1", b"", file.mime_type, file.name, moment, author)]
    raise ApiError(
        403,
        "The file does not support revisions.",
        reason="revisionsNotSupported",
        location="file",
        location_type="other",
    )


def _find(world: World, call: Call, role: str = "writer") -> tuple[File, Revision]:
    file = find_file(world.drive, aware_of_drives(call), role)
    revision_id = call.params["revisionId"]
    known = _of(file)
    if revision_id == "head":
        return file, known[-1]
    for revision in known:
        if revision.id == revision_id:
            return file, revision
    raise ApiError(
        404,
        f"Revision not found: {revision_id}.",
        reason="notFound",
        location="revisionId",
        location_type="parameter",
    )


def _show(file: File, revision: Revision, user: str) -> Json:
    shown: Json = {
        "kind": "drive#revision",
        "id": revision.id,
        "mimeType": revision.mime_type,
        "modifiedTime": show_time(revision.made_at),
        "lastModifyingUser": show_user(revision.made_by, user),
        "published": False,
    }
    if file.content is not None:
        digest = hashlib.md5(revision.content, usedforsecurity=False).hexdigest()
        shown |= {
            "keepForever": revision.keep_forever,
            "originalFilename": revision.name,
            "md5Checksum": digest,
            "size": str(len(revision.content)),
        }
    return shown


def list_revisions(world: World, call: Call) -> Json:
    """``revisions.list``: the oldest first; for those who may write."""
    file = find_file(world.drive, aware_of_drives(call), "writer")
    known = _of(file)
    start = refusals.page_start(call.params.get("pageToken"))
    end = start + call.params.get("pageSize", DEFAULT_PAGE)
    answer: Json = {
        "kind": "drive#revisionList",
        "revisions": [_show(file, revision, call.user) for revision in known[start:end]],
    }
    if end < len(known):
        answer["nextPageToken"] = refusals.page_token(end)
    return answer


def get(world: World, call: Call) -> Json | Media:
    """``revisions.get``: metadata, or with ``alt=media`` the content."""
    file, revision = _find(world, call)
    if call.params.get("alt") != "media":
        return _show(file, revision, call.user)
    if file.content is None:
        raise refusals.not_downloadable()
    return Media(revision.content, revision.mime_type)


def update(world: World, call: Call) -> Json:
    """``revisions.update``: whether a content is kept for good."""
    file, revision = _find(world, call)
    revision.keep_forever = call.body.get("keepForever", revision.keep_forever)
    return _show(file, revision, call.user)


def delete(world: World, call: Call) -> None:
    """``revisions.delete``: of an uploaded content that is not the present one."""
    file, revision = _find(world, call)
    if file.content is None or revision is file.revisions[-1]:
        raise ApiError(
            400,
            "The head revision of a file cannot be deleted.",
            reason="cannotDeleteHeadRevision",
        )
    file.revisions.remove(revision)
