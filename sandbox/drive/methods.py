"""Which methods of Drive v3 the sandbox has."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.calls import Handler
from sandbox.drive import comments, exporting, feeds, files, importing, listing, sharing

METHODS: Mapping[str, Handler] = {
    "drive.about.get": files.about,
    "drive.changes.getStartPageToken": feeds.start_page_token,
    "drive.changes.list": feeds.list_changes,
    "drive.comments.create": comments.create,
    "drive.comments.delete": comments.delete,
    "drive.comments.get": comments.get,
    "drive.comments.list": comments.list_comments,
    "drive.comments.update": comments.update,
    "drive.drives.get": feeds.get_drive,
    "drive.drives.list": feeds.list_drives,
    "drive.files.copy": files.copy,
    "drive.files.create": files.create,
    "drive.files.delete": files.delete,
    "drive.files.emptyTrash": files.empty_trash,
    "drive.files.export": exporting.export,
    "drive.files.generateIds": files.generate_ids,
    "drive.files.get": files.get,
    "drive.files.list": listing.list_files,
    "drive.files.update": files.update,
    "drive.permissions.create": sharing.create,
    "drive.permissions.delete": sharing.delete,
    "drive.permissions.get": sharing.get,
    "drive.permissions.list": sharing.list_permissions,
    "drive.permissions.update": sharing.update,
    "drive.replies.create": comments.create_reply,
    "drive.replies.delete": comments.delete_reply,
    "drive.replies.get": comments.get_reply,
    "drive.replies.list": comments.list_replies,
    "drive.replies.update": comments.update_reply,
    "drive.v2.files.update": importing.update_converted,
}
