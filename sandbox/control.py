"""What Google has not, under ``/sandbox/``: reset, letters, other people, trouble, the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import ValidationError

from sandbox import wishes
from sandbox.acting import Act, Occasion, perform_act
from sandbox.base64url import decode_bytes, encode_bytes
from sandbox.calls import ApiError, Json, Media
from sandbox.discovery import known_scopes
from sandbox.drive.channels import show_channel
from sandbox.drive.model import Delays
from sandbox.errors import error_body
from sandbox.faults import FaultRule
from sandbox.letters import compose
from sandbox.people import MAILBOX_OWNERS, PRINCIPALS, SERVICE_ACCOUNT
from sandbox.performing import show_registry
from sandbox.printing import as_plain
from sandbox.quotas import DEFAULTS
from sandbox.wire import Reply, Request

if TYPE_CHECKING:
    from sandbox.world import World

DEMO_CLIENT_ID = "482915036671-sandbox.apps.googleusercontent.com"


class ControlError(Exception):
    """A wish that cannot be granted: status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Endpoint:
    """A control endpoint."""

    http_method: str
    path: str
    description: str
    wish: type[wishes.Wish]
    grant: Callable[[World, Any, str], Json]
    """Takes the world, the wish and the server's base URL."""


def _reset(world: World, wish: wishes.ResetWish, _base_url: str) -> Json:
    if wish.seed is not None:
        world.seed = wish.seed
    world.reset()
    return {"shared_drive_id": world.drive.shared_drive_id}


def _show_world(world: World, _wish: wishes.Nothing, base_url: str) -> Json:
    return {
        "base_url": base_url,
        "now": world.clock.now().isoformat(),
        "seed": world.seed,
        "service_account": SERVICE_ACCOUNT.email,
        "mailboxes": list(MAILBOX_OWNERS),
        "shared_drive_id": world.drive.shared_drive_id,
        "files": len(world.drive.files),
        "quotas": dict(world.quotas.limits),
        "notifications": world.drive.notifications,
        "channels": [
            {**show_channel(channel), "address": channel.address, "user": channel.user}
            for channel in world.drive.channels.values()
        ],
        "watched_mailboxes": {
            owner: mailbox.settings.watch
            for owner, mailbox in world.gmail.mailboxes.items()
            if mailbox.settings.watch
        },
        "failed_acts": world.planned.failures,
        "crashes": world.crashes,
        "methods": show_registry(),
    }


def _check_mailbox(address: str) -> str:
    if address not in MAILBOX_OWNERS:
        raise ControlError(404, f"no such mailbox: {address}")
    return address


def _deliver(world: World, wish: wishes.LetterWish, _base_url: str) -> Json:
    _check_mailbox(wish.mailbox)
    now = world.clock.now()
    moment = _aware(wish.date) or now
    raw = _decode(wish.raw) if wish.raw else _compose(world, wish, moment)
    with world.locked(f"mailbox:{wish.mailbox}"):
        letter = world.gmail.deliver(
            wish.mailbox,
            raw,
            now,
            labels=wish.labels,
            date_ms=int(moment.timestamp() * 1000),
        )
        return {"id": letter.id, "threadId": letter.thread_id}


def _compose(world: World, wish: wishes.LetterWish, moment: datetime) -> bytes:
    try:
        return compose(
            sender=wish.sender,
            to=wish.to or wish.mailbox,
            cc=wish.cc,
            subject=wish.subject,
            text=wish.text,
            html=wish.html,
            date=moment,
            message_id=wish.message_id or f"<{world.new_id('message')}@sandbox.example>",
            in_reply_to=wish.in_reply_to,
            attachments={name: _decode(text) for name, text in wish.attachments.items()},
        )
    except ValueError as error:
        raise ControlError(400, f"cannot be written as a letter: {error}") from error


def _decode(text: str) -> bytes:
    try:
        return decode_bytes(text)
    except ValueError as error:
        raise ControlError(400, "not base64") from error


def _aware(moment: datetime | None) -> datetime | None:
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=UTC)


def _act(world: World, wish: wishes.ActWish, _base_url: str) -> Json:
    if wish.user not in PRINCIPALS:
        raise ControlError(404, f"no such user: {wish.user}")
    act = Act(wish.user, wish.method, wish.params, wish.body)
    if wish.after is not None:
        occasion = Occasion(wish.after.method, wish.after.kind)
        world.planned.plan(act, occasion, wish.after.skip)
        return {"planned": True}
    try:
        answer = perform_act(world, act)
    except ApiError as error:
        body = orjson.dumps(error_body(wish.method.partition(".")[0], error)).decode()
        raise ControlError(error.code, body) from error
    if isinstance(answer, Media):
        return {"size": len(answer.content), "mimeType": answer.mime_type}
    plain: Json = as_plain(answer or {})
    return plain


def _issue_token(world: World, wish: wishes.TokenWish, _base_url: str) -> Json:
    scopes = frozenset(wish.scopes) or known_scopes() - {_METADATA_SCOPE}
    return {
        "access_token": world.tokens.issue(wish.user, DEMO_CLIENT_ID, scopes, world.clock.now())
    }


_METADATA_SCOPE = "https://www.googleapis.com/auth/gmail.metadata"


def _authorize(world: World, wish: wishes.TokenWish, base_url: str) -> Json:
    scopes = frozenset(wish.scopes) or known_scopes() - {_METADATA_SCOPE}
    return {
        "type": "authorized_user",
        "client_id": DEMO_CLIENT_ID,
        "client_secret": "sandbox",
        "refresh_token": world.tokens.issue_refresh(wish.user, DEMO_CLIENT_ID, scopes),
        "token_uri": f"{base_url}/token",
    }


def _revoke(world: World, _wish: wishes.Nothing, _base_url: str) -> Json:
    world.tokens.revoke_all()
    return {}


def _add_fault(world: World, wish: wishes.FaultWish, _base_url: str) -> Json:
    world.faults.add(FaultRule(**wish.model_dump()))
    return {}


def _clear_faults(world: World, _wish: wishes.Nothing, _base_url: str) -> Json:
    world.faults.clear()
    return {}


def _set_quotas(world: World, wish: wishes.QuotaWish, _base_url: str) -> Json:
    if unknown := wish.limits.keys() - DEFAULTS.keys():
        raise ControlError(400, f"no such limit: {', '.join(sorted(unknown))}")
    world.quotas.set({**(DEFAULTS if wish.google else {}), **wish.limits})
    return {"limits": dict(world.quotas.limits), "google": DEFAULTS}


def _set_clock(world: World, wish: wishes.ClockWish, _base_url: str) -> Json:
    if wish.frozen is not None:
        (world.clock.freeze if wish.frozen else world.clock.resume)()
    if moment := _aware(wish.set):
        world.clock.set(moment)
    world.clock.advance(wish.advance_seconds)
    return {"now": world.clock.now().isoformat()}


def _set_delays(world: World, wish: wishes.DelaysWish, _base_url: str) -> Json:
    world.drive.delays = Delays(wish.changes_seconds, wish.search_seconds, wish.edits_seconds)
    return wish.model_dump()


def _show_clock(world: World, _wish: wishes.Nothing, _base_url: str) -> Json:
    return {"now": world.clock.now().isoformat()}


def _show_log(world: World, wish: wishes.LogWish, _base_url: str) -> Json:
    return {"entries": world.log.select(**wish.model_dump())}


def _clear_log(world: World, _wish: wishes.Nothing, _base_url: str) -> Json:
    world.log.clear()
    return {}


def _lose_history(world: World, wish: wishes.MailboxWish, _base_url: str) -> Json:
    mailbox = world.gmail.mailboxes[_check_mailbox(wish.mailbox)]
    mailbox.forget_all_history()
    return {"historyId": str(mailbox.history_id)}


def _list_endpoints(_world: World, _wish: wishes.Nothing, _base_url: str) -> Json:
    return {"endpoints": [_describe(endpoint) for endpoint in ENDPOINTS]}


def _describe(endpoint: Endpoint) -> Json:
    schema = endpoint.wish.model_json_schema()
    return {
        "method": endpoint.http_method,
        "path": endpoint.path,
        "description": endpoint.description,
        "parameters": schema.get("properties", {}),
        "required": schema.get("required", []),
    }


ENDPOINTS = (
    Endpoint("GET", "/sandbox/", "this list", wishes.Nothing, _list_endpoints),
    Endpoint("GET", "/sandbox/world", "people, ids, quotas, methods", wishes.Nothing, _show_world),
    Endpoint("POST", "/sandbox/reset", "forget everything", wishes.ResetWish, _reset),
    Endpoint("POST", "/sandbox/letters", "a letter arrives", wishes.LetterWish, _deliver),
    Endpoint("POST", "/sandbox/act", "somebody else makes a call", wishes.ActWish, _act),
    Endpoint("POST", "/sandbox/token", "an access token", wishes.TokenWish, _issue_token),
    Endpoint(
        "POST",
        "/sandbox/authorized-user",
        "authorised-user credentials as google-auth reads them",
        wishes.TokenWish,
        _authorize,
    ),
    Endpoint("POST", "/sandbox/revoke", "all access tokens die", wishes.Nothing, _revoke),
    Endpoint("POST", "/sandbox/faults", "calls fail", wishes.FaultWish, _add_fault),
    Endpoint("DELETE", "/sandbox/faults", "calls fail no more", wishes.Nothing, _clear_faults),
    Endpoint("POST", "/sandbox/quotas", "limits a minute", wishes.QuotaWish, _set_quotas),
    Endpoint("GET", "/sandbox/clock", "what time it is", wishes.Nothing, _show_clock),
    Endpoint("POST", "/sandbox/clock", "move or freeze time", wishes.ClockWish, _set_clock),
    Endpoint("POST", "/sandbox/delays", "Drive lags behind", wishes.DelaysWish, _set_delays),
    Endpoint("GET", "/sandbox/log", "the API requests so far", wishes.LogWish, _show_log),
    Endpoint("DELETE", "/sandbox/log", "an empty log", wishes.Nothing, _clear_log),
    Endpoint(
        "POST",
        "/sandbox/history-loss",
        "a mailbox forgets its history at once",
        wishes.MailboxWish,
        _lose_history,
    ),
)


def respond_to_control(world: World, request: Request) -> Reply:
    """Answer a control request: JSON, ``{"error": …}`` with 4xx when it cannot be granted."""
    path = request.path.rstrip("/")
    for endpoint in ENDPOINTS:
        if endpoint.path.rstrip("/") == path and endpoint.http_method == request.http_method:
            return _grant(world, endpoint, request)
    return _reply(404, {"error": f"no such endpoint: {request.http_method} {request.path}"})


def _grant(world: World, endpoint: Endpoint, request: Request) -> Reply:
    try:
        wish = endpoint.wish.model_validate(_read_parameters(request))
        return _reply(200, endpoint.grant(world, wish, request.base_url))
    except ValidationError as error:
        return _reply(400, {"error": error.errors(include_url=False, include_context=False)})
    except ControlError as error:
        return _reply(error.status, {"error": str(error)})


def _read_parameters(request: Request) -> Json:
    parameters: Json = dict(request.query_pairs)
    if request.content_type.startswith("message/rfc822"):
        return {**parameters, "raw": encode_bytes(request.body)}
    if request.body.strip():
        try:
            body = orjson.loads(request.body)
        except orjson.JSONDecodeError as error:
            raise ControlError(400, f"not JSON: {error}") from error
        if not isinstance(body, dict):
            raise ControlError(400, "not a JSON object")
        parameters |= body
    return parameters


def _reply(status: int, body: Json) -> Reply:
    return Reply(status, orjson.dumps(body, option=orjson.OPT_INDENT_2, default=str))
