"""Comments as the Sheets API shows them, and how a batch of requests changes them.

Drive keeps what comments say; the workbook keeps the cells that they are tied to.
"""

from __future__ import annotations

import copy
import html
import json
from typing import TYPE_CHECKING

from sandbox.calls import ApiError, Call
from sandbox.drive.model import ROLES, Remark
from sandbox.people import PRINCIPALS
from sandbox.sheets.cells import Json
from sandbox.sheets.editing import Edit

if TYPE_CHECKING:
    from sandbox.world import World

OMITTED = "COMMENTS_VIEW_MODE_OMITTED"
INCLUDED = "COMMENTS_VIEW_MODE_INCLUDED"
BY_ACCESS = "COMMENTS_VIEW_MODE_DEFAULT_FOR_CURRENT_ACCESS"

ABOUT_COMMENTS = frozenset(
    {
        "insertComment",
        "addCommentReply",
        "updateCommentPost",
        "deleteComment",
        "deleteCommentReply",
    }
)
"""Kinds of requests that change comments."""

_ACTIONS = {"resolve": "RESOLVE", "reopen": "REOPEN"}


def changes_comments(call: Call) -> bool:
    """Tell whether a batch has a request about comments."""
    return any(
        kind in ABOUT_COMMENTS for request in call.body.get("requests", []) for kind in request
    )


def borrow_comments(edit: Edit) -> None:
    """Give the edit a copy of the comments, so that a refused batch leaves them as they were."""
    edit.comments = copy.deepcopy(edit.comments)


def keep_comments(world: World, call: Call, edit: Edit) -> None:
    """Put the changed comments back and notify the other editors of what is new."""
    file_id = call.params["spreadsheetId"]
    with world.drive.lock:
        known = _posts(world.drive.comments.get(file_id, {}))
        fresh = [post for key, post in _posts(edit.comments).items() if key not in known]
        world.drive.comments[file_id] = edit.comments
        file = world.drive.files[file_id]
        for post in fresh:
            for right, _ in world.drive.permissions(file).values():
                if ROLES[right.role] >= ROLES["writer"] and right.email not in ("", call.user):
                    world.drive.notify(file, right.email, call.user, "comment", post.content)


def _posts(comments: dict[str, Remark]) -> dict[str, Remark]:
    replies = {key: reply for thread in comments.values() for key, reply in thread.replies.items()}
    return comments | replies


def anchor_id_of(remark: Remark) -> str:
    """Give the id of the comment's anchor in the workbook, nothing for one made through Drive."""
    try:
        return str(json.loads(remark.anchor)["range"])
    except (ValueError, TypeError, KeyError):
        return ""


def post_json(post: Remark, asking: str) -> Json:
    """Write a Post; a deleted one without its words and its author."""
    shown: Json = {
        "postId": post.id,
        "createTime": post.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "updateTime": post.modified_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    if post.deleted:
        return shown | {"deleted": True}
    shown |= {"content": post.content, "contentHtml": html.escape(post.content)}
    shown["author"] = _author(post.author, asking)
    if post.assignee:
        shown["assigneeEmail"] = post.assignee
    if post.action:
        shown["commentAction"] = _ACTIONS[post.action]
    return shown


def _author(email: str, asking: str) -> Json:
    person = PRINCIPALS.get(email)
    shown: Json = {"displayName": person.display_name if person else email.partition("@")[0]}
    if person:
        shown["user"] = f"users/{person.permission_id}"
    return shown | ({"me": True} if email == asking else {})


def thread_json(thread: Remark, asking: str) -> Json:
    """Write a CommentThread."""
    shown: Json = {
        "commentId": thread.id,
        "anchorId": anchor_id_of(thread),
        "headPost": post_json(thread, asking),
        "replies": [post_json(reply, asking) for reply in thread.replies.values()],
        "status": "RESOLVED" if thread.resolved else "OPEN",
        "plainTextQuote": thread.quoted.get("value", ""),
    }
    return {name: fact for name, fact in shown.items() if fact}


def add_comments(answer: Json, edit: Edit, mode: str) -> Json:
    """Give a Spreadsheet with its comments, when the mode wants them and the user may see them.

    Raises ApiError 403 when they are asked for outright by somebody who may only read.
    """
    if mode == BY_ACCESS:
        mode = INCLUDED if edit.may_see_comments else OMITTED
    if mode != INCLUDED:
        return answer
    if not edit.may_see_comments:
        raise ApiError(403, "The caller does not have permission")
    threads = [thread for thread in edit.comments.values() if not thread.deleted]
    if threads:
        answer["comments"] = [thread_json(thread, edit.user) for thread in threads]
    for sheet in answer["sheets"]:
        anchors = [
            {"anchorId": anchor_id, "range": place.to_json()}
            for anchor_id, place in edit.workbook.comment_anchors.items()
            if place.sheet_id == sheet["properties"]["sheetId"]
        ]
        if anchors:
            sheet["commentAnchors"] = anchors
    return answer | {"commentsViewMode": INCLUDED}
