"""Push channels: recorded with their life, never called.

Sources: developers.google.com/workspace/drive/api/guides/push (lives, headers), the discovery
document (fields of a channel). Not verified: the domain of the reasons.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sandbox.calls import ApiError, Call, Json
from sandbox.drive.feeds import change_number
from sandbox.drive.files import find_file
from sandbox.drive.model import Channel
from sandbox.people import PROJECT_NUMBER

if TYPE_CHECKING:
    from sandbox.world import World

ROOT = "https://www.googleapis.com/drive/v3"
DEFAULT_LIFE = timedelta(seconds=3600)
LONGEST_FILE_LIFE = timedelta(seconds=86_400)
LONGEST_CHANGES_LIFE = timedelta(seconds=604_800)


def watch_file(world: World, call: Call) -> Json:
    """``files.watch``: a day at most."""
    file = find_file(world.drive, call)
    uri = f"{ROOT}/files/{file.id}?acknowledgeAbuse=false&alt=json"
    return _open(world, call, uri, LONGEST_FILE_LIFE)


def watch_changes(world: World, call: Call) -> Json:
    """``changes.watch``: a week at most."""
    change_number(world.drive, call.params["pageToken"])
    named = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in sorted(call.params.items())
        if name != "alt"
    }
    uri = f"{ROOT}/changes?alt=json&{urlencode(named)}"
    return _open(world, call, uri, LONGEST_CHANGES_LIFE)


def _open(world: World, call: Call, uri: str, longest: timedelta) -> Json:
    channels = world.drive.channels
    body = call.body
    _check(body)
    channel_id = body["id"]
    known = channels.get(channel_id)
    if known is not None and known.expires_at > call.now:
        raise ApiError(400, f"Channel id {channel_id} not unique", reason="channelIdNotUnique")
    channel = Channel(
        id=channel_id,
        resource_id=world.new_id("resource"),
        resource_uri=uri,
        address=body["address"],
        token=body.get("token", ""),
        expires_at=_end(body, call.now, longest),
        user=call.user,
    )
    channels[channel_id] = channel
    return show_channel(channel)


def _check(body: Json) -> None:
    for name in ("id", "type", "address"):
        if not body.get(name):
            raise ApiError(400, f"entity.{name} is required", reason="required", domain="global")
    if body["type"] not in ("web_hook", "webhook"):
        raise ApiError(400, "Unknown channel type.", reason="channelUnknown", domain="push")
    if not body["address"].startswith("https://"):
        raise ApiError(
            400,
            f"WebHook callback must be HTTPS: {body['address']}",
            reason="push.webhookUrlNotHttps",
        )


def _end(body: Json, now: datetime, longest: timedelta) -> datetime:
    """Return when the channel ends: as wished, an hour without a wish, no later than allowed."""
    milliseconds = int(body.get("expiration") or 0)
    if not milliseconds and (ttl := body.get("params", {}).get("ttl", "")).isdecimal():
        milliseconds = int(now.timestamp() * 1000) + int(ttl[:12]) * 1000
    if not milliseconds:
        return now + DEFAULT_LIFE
    left = milliseconds / 1000 - now.timestamp()
    if left <= 0:
        raise ApiError(400, "Channel expiration is in the past.", reason="invalid")
    return now + min(timedelta(seconds=min(left, 10**9)), longest)


def show_channel(channel: Channel) -> Json:
    """Return a channel as the answer to its opening."""
    shown: Json = {
        "kind": "api#channel",
        "id": channel.id,
        "resourceId": channel.resource_id,
        "resourceUri": channel.resource_uri,
        "expiration": str(int(channel.expires_at.timestamp() * 1000)),
    }
    return {**shown, "token": channel.token} if channel.token else shown


def stop(world: World, call: Call) -> None:
    """``channels.stop``: by whoever opened it."""
    channel_id = call.body.get("id", "")
    channel = world.drive.channels.get(channel_id)
    resource_id = call.body.get("resourceId", "")
    known = channel is not None and (channel.resource_id, channel.user) == (resource_id, call.user)
    if channel is None or not known or channel.expires_at <= call.now:
        raise ApiError(
            404,
            f"Channel '{channel_id}' not found for project '{PROJECT_NUMBER}'",
            reason="notFound",
        )
    del world.drive.channels[channel_id]
