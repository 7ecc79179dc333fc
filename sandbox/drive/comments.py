"""The methods of ``comments`` and ``replies``; all but the deletions demand ``fields``."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from sandbox.calls import ApiError, Call, Json
from sandbox.drive import refusals
from sandbox.drive.files import find_file
from sandbox.drive.model import Remark
from sandbox.drive.resources import parse_time, show_time, show_user
from sandbox.drive.setting import aware_of_drives
from sandbox.drive.state import DriveState

if TYPE_CHECKING:
    from sandbox.world import World

DEFAULT_PAGE = 20
LONG_AGO = "1970-01-01T00:00:00Z"
ACTIONS = {"resolve": True, "reopen": False}


def _show(remark: Remark, user: str, kind: str) -> Json:
    shown: Json = {
        "kind": f"drive#{kind}",
        "id": remark.id,
        "createdTime": show_time(remark.created_at),
        "modifiedTime": show_time(remark.modified_at),
        "author": _show_author(remark.author, user),
        "deleted": remark.deleted,
    }
    if not remark.deleted:
        shown["content"] = remark.content
        shown["htmlContent"] = html.escape(remark.content)
    if remark.action:
        shown["action"] = remark.action
    if kind == "comment":
        shown["resolved"] = remark.resolved
        shown["replies"] = [_show(reply, user, "reply") for reply in remark.replies.values()]
        if remark.anchor:
            shown["anchor"] = remark.anchor
        if remark.quoted:
            shown["quotedFileContent"] = remark.quoted
    return shown


def _show_author(email: str, asking: str) -> Json:
    """Return a person without the address: authors of comments show none."""
    shown = show_user(email, asking)
    return {name: shown[name] for name in ("kind", "displayName", "me")}


def _remarks(state: DriveState, call: Call, role: str = "reader") -> dict[str, Remark]:
    """All comments of the file."""
    file = find_file(state, aware_of_drives(call), role)
    return state.comments.setdefault(file.id, {})


def _find(remarks: dict[str, Remark], remark_id: str, parameter: str) -> Remark:
    remark = remarks.get(remark_id)
    if remark is None or remark.deleted:
        kind = parameter.removesuffix("Id").capitalize()
        raise ApiError(
            404,
            f"{kind} not found: {remark_id}.",
            reason="notFound",
            location=parameter,
            location_type="parameter",
        )
    return remark


def _find_comment(world: World, call: Call, role: str = "reader") -> Remark:
    return _find(_remarks(world.drive, call, role), call.params["commentId"], "commentId")


def _write(world: World, call: Call, remarks: dict[str, Remark], **more: Any) -> Remark:
    content = call.body.get("content", "")
    if not content and not more.get("action"):
        raise ApiError(400, "The content field is required.", reason="required")
    remark_id = "AAAB" + world.new_id("file")[:7]
    remark = Remark(remark_id, call.user, content, call.now, call.now, **more)
    remarks[remark.id] = remark
    return remark


def create(world: World, call: Call) -> Json:
    """``comments.create``."""
    remarks = _remarks(world.drive, call, "commenter")
    remark = _write(
        world,
        call,
        remarks,
        anchor=call.body.get("anchor", ""),
        quoted=call.body.get("quotedFileContent", {}),
    )
    return _show(remark, call.user, "comment")


def get(world: World, call: Call) -> Json:
    """``comments.get``."""
    return _show(_find_comment(world, call), call.user, "comment")


def list_comments(world: World, call: Call) -> Json:
    """``comments.list``: the latest first; deleted ones when asked for."""
    since = parse_time(call.params.get("startModifiedTime", LONG_AGO), "startModifiedTime")
    shown = [
        _show(remark, call.user, "comment")
        for remark in reversed(_remarks(world.drive, call).values())
        if (call.params.get("includeDeleted") or not remark.deleted) and remark.modified_at >= since
    ]
    return _page(shown, call, "comments", "commentList")


def _page(shown: list[Json], call: Call, key: str, kind: str) -> Json:
    start = refusals.page_start(call.params.get("pageToken"))
    end = start + call.params.get("pageSize", DEFAULT_PAGE)
    answer: Json = {"kind": f"drive#{kind}", key: shown[start:end]}
    if end < len(shown):
        answer["nextPageToken"] = refusals.page_token(end)
    return answer


def _rewrite(remark: Remark, call: Call, kind: str) -> Json:
    if remark.author != call.user:
        raise refusals.insufficient_file_permissions()
    remark.content = call.body.get("content", remark.content)
    remark.modified_at = call.now
    return _show(remark, call.user, kind)


def update(world: World, call: Call) -> Json:
    """``comments.update``: by its author."""
    return _rewrite(_find_comment(world, call), call, "comment")


def delete(world: World, call: Call) -> None:
    """``comments.delete``: by its author; it stays as deleted."""
    _remove(_find_comment(world, call), call)


def _remove(remark: Remark, call: Call) -> None:
    if remark.author != call.user:
        raise refusals.insufficient_file_permissions()
    remark.deleted = True
    remark.modified_at = call.now


def create_reply(world: World, call: Call) -> Json:
    """``replies.create``: text, or an action that resolves or reopens the comment."""
    comment = _find_comment(world, call, "commenter")
    action = call.body.get("action", "")
    if action and action not in ACTIONS:
        raise refusals.invalid("Invalid Value", "action")
    reply = _write(world, call, comment.replies, action=action)
    comment.resolved = ACTIONS.get(action, comment.resolved)
    comment.modified_at = call.now
    return _show(reply, call.user, "reply")


def _find_reply(world: World, call: Call) -> Remark:
    return _find(_find_comment(world, call).replies, call.params["replyId"], "replyId")


def get_reply(world: World, call: Call) -> Json:
    """``replies.get``."""
    return _show(_find_reply(world, call), call.user, "reply")


def list_replies(world: World, call: Call) -> Json:
    """``replies.list``: the earliest first."""
    shown = [
        _show(reply, call.user, "reply")
        for reply in _find_comment(world, call).replies.values()
        if call.params.get("includeDeleted") or not reply.deleted
    ]
    return _page(shown, call, "replies", "replyList")


def update_reply(world: World, call: Call) -> Json:
    """``replies.update``: by its author."""
    return _rewrite(_find_reply(world, call), call, "reply")


def delete_reply(world: World, call: Call) -> None:
    """``replies.delete``: by its author."""
    _remove(_find_reply(world, call), call)
