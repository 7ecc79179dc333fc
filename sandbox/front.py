"""The one door: token endpoint, control endpoints, batches, APIs."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from sandbox.batch import is_batch, respond_to_batch
from sandbox.calls import ApiError
from sandbox.control import respond_to_control
from sandbox.dispatch import error_reply, respond
from sandbox.errors import MESSAGES
from sandbox.printing import encode
from sandbox.tokens import TokenError
from sandbox.wire import Reply, Request

if TYPE_CHECKING:
    from sandbox.world import World

TOKEN_PATHS = ("/token", "/oauth2/v4/token", "/o/oauth2/token")


def front_door(world: World, request: Request) -> Reply:
    """Answer any request to the server; what breaks on the way is noted and answered with 500."""
    try:
        return _choose_door(world, request)
    except Exception:
        world.crashes.append(traceback.format_exc())
        return error_reply("sheets", ApiError(500, MESSAGES[500]))


def _choose_door(world: World, request: Request) -> Reply:
    if request.path in TOKEN_PATHS:
        return _respond_to_token(world, request)
    if request.path.startswith("/sandbox/") or request.path == "/sandbox":
        return respond_to_control(world, request)
    if is_batch(request):
        return respond_to_batch(world, request)
    return respond(world, request)


def _respond_to_token(world: World, request: Request) -> Reply:
    form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    token_uri = request.base_url + request.path
    try:
        return Reply(200, encode(world.tokens.exchange(form, token_uri, world.clock.now())))
    except TokenError as error:
        body = {"error": error.error, "error_description": error.description}
        return Reply(error.status, encode(body))
