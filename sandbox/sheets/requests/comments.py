"""Requests about comments: Sheets ties them to cells, Drive keeps what they say.

Source: the discovery document. Not verified with Google: the texts of the refusals, and the forms
of the ids.
"""

from __future__ import annotations

import json

from sandbox.drive.model import Remark
from sandbox.sheets.cells import Json
from sandbox.sheets.commenting import anchor_id_of, post_json, thread_json
from sandbox.sheets.editing import Edit
from sandbox.sheets.ranges import GridRange
from sandbox.sheets.refusals import RefusedError
from sandbox.sheets.rendering import format_value, number_format

MAX_CODE_UNITS = 2048
ACTIONS = {"RESOLVE": ("resolve", True), "REOPEN": ("reopen", False)}


def insert_comment(edit: Edit, request: Json) -> Json:
    """InsertCommentRequest: a thread at one cell."""
    place = GridRange.at(request.get("coordinate", {}))
    sheet = edit.sheet(place.sheet_id)
    top, left, *_ = sheet.area_of(place)
    anchor_id = str(edit.new_number())
    cell = sheet.cell(top, left)
    remark = _written(edit, request)
    remark.assignee = _checked(request.get("assigneeEmailAddress", ""), "assigneeEmailAddress")
    remark.anchor = json.dumps({"type": "workbook-range", "uid": 0, "range": anchor_id})
    if quote := format_value(cell.value, number_format(cell.mark), edit.locale):
        remark.quoted = {"mimeType": "text/html", "value": quote}
    edit.workbook.comment_anchors[anchor_id] = place
    edit.comments[remark.id] = remark
    return {"insertComment": {"commentThread": thread_json(remark, edit.user)}}


def _written(edit: Edit, body: Json, action: str = "") -> Remark:
    """Make a remark of a request; only an action may go without words."""
    content = _checked(body.get("content", ""), "content")
    if not content and not action:
        raise RefusedError("content must not be empty.")
    new_id = "AAAB" + edit.new_id("file")[:7]
    return Remark(new_id, edit.user, content, edit.now, edit.now, action=action)


def _checked(text: str, name: str) -> str:
    if len(text.encode()) > MAX_CODE_UNITS:
        raise RefusedError(f"{name} must not exceed {MAX_CODE_UNITS} UTF-8 code units.")
    return text


def _thread(edit: Edit, request: Json) -> Remark:
    thread = edit.comments.get(request.get("commentId", ""))
    if thread is None or thread.deleted:
        raise RefusedError(f"No comment with id: {request.get('commentId', '')}")
    return thread


def add_comment_reply(edit: Edit, request: Json) -> Json:
    """AddCommentReplyRequest: words, an action that resolves or reopens, or a new assignee."""
    thread, body = _thread(edit, request), request.get("post", {})
    action, resolved = ACTIONS.get(body.get("commentAction", ""), ("", thread.resolved))
    reply = _written(edit, body, action)
    reply.assignee = _checked(body.get("assigneeEmail", ""), "assigneeEmail")
    if reply.assignee and (action or not thread.assignee):
        raise RefusedError("A reply may assign only a thread that is assigned, and without action.")
    thread.replies[reply.id] = reply
    thread.resolved = resolved
    thread.modified_at = edit.now
    return {"addCommentReply": {"post": post_json(reply, edit.user)}}


def _own_post(edit: Edit, thread: Remark, post_id: str) -> Remark:
    posts = {thread.id: thread, **thread.replies}
    post = posts.get(post_id)
    if post is None or post.deleted:
        raise RefusedError(f"No post with id: {post_id}")
    if post.author != edit.user:
        raise RefusedError("Only the author of a post may change it.")
    return post


def update_comment_post(edit: Edit, request: Json) -> Json:
    """UpdateCommentPostRequest: other words, by the author."""
    post = _own_post(edit, _thread(edit, request), request.get("postId", ""))
    content = _checked(request.get("content", ""), "content")
    if not content:
        raise RefusedError("content must not be empty.")
    post.content, post.modified_at = content, edit.now
    return {}


def delete_comment(edit: Edit, request: Json) -> Json:
    """DeleteCommentRequest: the whole thread, by the author of its first post."""
    thread = _thread(edit, request)
    _own_post(edit, thread, thread.id)
    thread.deleted, thread.modified_at = True, edit.now
    edit.workbook.comment_anchors.pop(anchor_id_of(thread), None)
    return {}


def delete_comment_reply(edit: Edit, request: Json) -> Json:
    """DeleteCommentReplyRequest: a reply without action and assignee, by its author."""
    thread = _thread(edit, request)
    if request.get("postId") not in thread.replies:
        raise RefusedError(f"No post with id: {request.get('postId', '')}")
    reply = _own_post(edit, thread, request["postId"])
    if reply.action or reply.assignee:
        raise RefusedError("A reply with an action or an assignee cannot be deleted.")
    reply.deleted, reply.modified_at = True, edit.now
    return {}
