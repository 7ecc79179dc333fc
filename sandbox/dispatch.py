"""One API request from route to reply: token, quota, scopes, parameters, body, handler."""

from __future__ import annotations

import gzip
import time
import traceback
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from sandbox.acting import run_due_acts
from sandbox.calls import ApiError, Call, Json, Media
from sandbox.costs import is_write, quota_units
from sandbox.discovery import Method
from sandbox.downloads import download_reply
from sandbox.errors import (
    MESSAGES,
    NOT_FOUND_PAGE,
    SERVER_ERROR_PAGE,
    error_body,
    insufficient_scopes,
    invalid_credentials,
    missing_credentials,
)
from sandbox.faults import FaultRule
from sandbox.parameters import parse_parameters
from sandbox.performing import parse_body, perform
from sandbox.printing import encode, print_answer
from sandbox.quotas import default_quota_error, rate_error
from sandbox.requestlog import Entry
from sandbox.resumable import is_orphan, is_start, no_such_upload
from sandbox.routing import Route, match_route
from sandbox.tokens import Grant
from sandbox.uploads import read_body
from sandbox.wire import Ending, Reply, Request

if TYPE_CHECKING:
    from sandbox.world import World

NO_CONTENT = Media(b"", "application/octet-stream")
TOO_DEEP = "Message too deep. Max recursion depth reached."
"""Protobuf's parser goes a hundred levels deep, the sandbox somewhat more."""
HTML = "text/html; charset=UTF-8"
FORM = "application/x-www-form-urlencoded"
HAS_RANGES = frozenset({"drive.files.get"})
"""Methods whose contents can be had in pieces; an export is made anew each time, and whole."""
GZIP_FROM_BYTES = 512
GZIP_LEVEL = 1
DEADLINE_SECONDS = 180.0
"""A request that takes longer times out at Google's end, with or without its effect."""


def respond(world: World, request: Request) -> Reply:
    """Answer one request to an API; connection faults are in the reply's ending."""
    request = override_method(request)
    if world.uploads.is_known(request):
        if request.http_method == "DELETE":
            return world.uploads.cancel(request)
        request = world.uploads.as_started(request)
    route = match_route(request.http_method, request.path)
    if route is None:
        page = NOT_FOUND_PAGE.format(path=escape(request.path))
        return Reply(404, page.encode(), HTML)
    started = time.perf_counter()
    grant = find_grant(world, request)
    rules = world.faults.strike(route.method.id)
    reply, effect = _answer_with_faults(world, route, request, grant, rules)
    reply = _compress(reply, request)
    dropped = reply.ending is Ending.DROPPED
    world.log.add(
        Entry(
            time=world.clock.now(),
            method=route.method.id,
            http_method=request.http_method,
            path=request.path + (f"?{request.query}" if request.query else ""),
            user=grant.user if grant else "",
            status=0 if dropped else reply.status,
            kind="write" if is_write(route.method) else "read",
            quota_cost=quota_units(route.method),
            effect=effect,
            response_bytes=0 if dropped else reply.size,
            duration_seconds=round(time.perf_counter() - started, 6),
        )
    )
    if reply.status < 400:
        run_due_acts(world, route.method)
    return reply


def override_method(request: Request) -> Request:
    """Return a POST with ``X-HTTP-Method-Override`` as the request that it stands for.

    Clients send a GET with a long query this way, the query form-encoded in the body.
    """
    override = request.headers.get("x-http-method-override", "").upper()
    if request.http_method != "POST" or not override:
        return request
    if override != "GET":
        return replace(request, http_method=override)
    form = request.body.decode("utf-8", "replace") if FORM in request.content_type else ""
    query = "&".join(part for part in (request.query, form) if part)
    return replace(request, http_method="GET", query=query, body=b"")


def find_grant(world: World, request: Request) -> Grant | None:
    """Return the grant of the request's bearer token, from the header or the query."""
    token = _read_token(request)
    return world.tokens.find(token, world.clock.now()) if token else None


def _read_token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return dict(request.query_pairs).get("access_token", "")


def _answer_with_faults(
    world: World, route: Route, request: Request, grant: Grant | None, rules: list[FaultRule]
) -> tuple[Reply, bool]:
    """Return the reply and whether there was an effect."""
    method, now = route.method, world.clock.now()
    troubles = [rule for rule in rules if rule.kind != "latency"]
    for rule in rules:
        if rule.kind == "latency":
            world.closing.wait(min(rule.seconds, DEADLINE_SECONDS))
            if rule.seconds >= DEADLINE_SECONDS:
                troubles.append(FaultRule("error", code=504, when=rule.when))
    for rule in troubles:
        if rule.when == "before" and rule.kind != "cut":
            return _faulty_reply(rule, method, now), False
    reply = _answer(world, route, request, grant)
    effect = reply.status < 400 and is_write(method) and not reply.is_interim
    for rule in troubles:
        if rule.kind == "cut":
            return replace(reply, ending=Ending.CUT), effect
        return _faulty_reply(rule, method, now), effect
    return reply, effect


def _faulty_reply(rule: FaultRule, method: Method, now: datetime) -> Reply:
    match rule.kind:
        case "close":
            return Reply(200, ending=Ending.DROPPED)
        case "quota":
            error = default_quota_error(method, now)
        case "rate":
            error = rate_error(method.api.name, now)
        case _:
            error = ApiError(rule.code, MESSAGES.get(rule.code, "Injected error."))
    if rule.html:
        return Reply(error.code, SERVER_ERROR_PAGE.format(code=error.code).encode(), HTML)
    return error_reply(method.api.name, error)


def error_reply(api_name: str, error: ApiError) -> Reply:
    """Return an error in the style of an API."""
    headers = {}
    if error.code == 401:
        headers["www-authenticate"] = 'Bearer realm="https://accounts.google.com/"'
    return Reply(error.code, encode(error_body(api_name, error)), headers=headers)


def _answer(world: World, route: Route, request: Request, grant: Grant | None) -> Reply:
    method = route.method
    try:
        _admit(world, method, request, grant)
        assert grant is not None
        if route.is_upload:
            step = _step_of_upload(world, route, request, grant)
            if isinstance(step, Reply):
                return step
            if step is not request:
                reply = _answer_whole(world, route, step, grant)
                world.uploads.finish(request, reply)
                return reply
        return _answer_whole(world, route, request, grant)
    except ApiError as error:
        return error_reply(method.api.name, error)
    except RecursionError:
        return error_reply(method.api.name, ApiError(400, TOO_DEEP, reason="invalid"))
    except Exception:
        world.crashes.append(traceback.format_exc())
        return error_reply(method.api.name, ApiError(500, MESSAGES[500]))


def _answer_whole(world: World, route: Route, request: Request, grant: Grant) -> Reply:
    """Answer a request that is there with all its content."""
    call, pretty = _make_call(world, route, request, grant)
    content = perform(world, route.method, call)
    if isinstance(content, Media):
        ranged = route.method.id in HAS_RANGES
        return download_reply(content, request.headers.get("range", "") if ranged else "")
    return _as_reply(content, pretty=pretty)


def _step_of_upload(world: World, route: Route, request: Request, grant: Grant) -> Reply | Request:
    """Return the reply to a step of a resumable upload, or the request with its content."""
    if world.uploads.is_known(request):
        return world.uploads.receive(request)
    if is_start(request):
        # What is wrong with the metadata is said at once, before any content.
        _make_call(world, route, replace(request, media=NO_CONTENT), grant)
        return world.uploads.open(request)
    return no_such_upload() if is_orphan(request) else request


def _admit(world: World, method: Method, request: Request, grant: Grant | None) -> None:
    """Who asks, how often, with which scopes."""
    if grant is None:
        raise invalid_credentials() if _read_token(request) else missing_credentials(method)
    world.quotas.check_concurrency(method, request.concurrent)
    world.quotas.charge(method, grant.user, world.clock.now())
    if not grant.scopes & method.scopes:
        raise insufficient_scopes(method)


def _make_call(world: World, route: Route, request: Request, grant: Grant) -> tuple[Call, bool]:
    """Return the validated call, and whether its answer is to be printed for people."""
    method = route.method
    params = parse_parameters(method, route.path_parameters, request.query_pairs)
    if params.get("alt") == "proto":
        raise ApiError(501, f"The sandbox does not answer {method.id} in protobuf.")
    body, media = read_body(route, request)
    query = dict(request.query_pairs)
    pretty = query.get("prettyPrint", query.get("pp", "true")).lower() not in ("false", "0")
    call = Call(
        method=method.id,
        params=params,
        body=parse_body(method, body),
        user=grant.user,
        client=grant.client,
        scopes=grant.scopes,
        now=world.clock.now(),
        base_url=request.base_url,
        media=media,
    )
    return call, pretty


def _as_reply(content: Json | None, *, pretty: bool) -> Reply:
    if content is None:
        return Reply(204)
    return Reply(200, print_answer(content, pretty=pretty))


def _compress(reply: Reply, request: Request) -> Reply:
    accepts = "gzip" in request.headers.get("accept-encoding", "")
    if not accepts or reply.size < GZIP_FROM_BYTES or "content-range" in reply.headers:
        return reply
    body = gzip.compress(reply.body, GZIP_LEVEL)
    headers = {**reply.headers, "content-encoding": "gzip", "vary": "Origin, X-Origin, Referer"}
    return replace(reply, content=body, headers=headers)
