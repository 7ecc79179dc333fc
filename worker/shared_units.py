"""Gmail's quota units counted in Redis: the workers of all processes and machines keep one rate.

It spares refusals and no more than that: without Redis each process counts for itself, and what
Google answers is the truth.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from sync.google.units import WINDOW_SECONDS, Counters, Minute, Standing, standing

log = logging.getLogger(__name__)

PREFIX = "crm.gmail"

SOCKET_SECONDS = 5.0
REST_SECONDS = 30.0
"""So long a Redis that did not answer is not asked again."""

_SPEND = f"""
local refused_for = redis.call('PTTL', KEYS[1])
local time = redis.call('TIME')
local second, units, fits = tonumber(time[1]), tonumber(ARGV[1]), 1
local minutes = {{}}
for i = 2, #KEYS do
  local minute, total = redis.call('HGETALL', KEYS[i]), 0
  for j = 1, #minute, 2 do
    if tonumber(minute[j]) <= second - {WINDOW_SECONDS} then
      redis.call('HDEL', KEYS[i], minute[j])
    else
      total = total + tonumber(minute[j + 1])
    end
  end
  if total + units > tonumber(ARGV[i]) then fits = 0 end
end
if refused_for > 0 then fits = 0 end
for i = 2, #KEYS do
  if fits == 1 and units > 0 then
    redis.call('HINCRBY', KEYS[i], second, units)
    redis.call('EXPIRE', KEYS[i], {WINDOW_SECONDS})
  end
  minutes[i - 1] = redis.call('HGETALL', KEYS[i])
end
return {{fits, refused_for, second, minutes}}
"""
"""Counts in one step, by the server's clock: those of several machines need not agree."""


class SharedCounters:
    """The counters in a Redis; `own` are used while it does not answer."""

    def __init__(self, redis_url: str, own: Counters) -> None:
        self._redis = Redis.from_url(
            redis_url, socket_timeout=SOCKET_SECONDS, socket_connect_timeout=SOCKET_SECONDS
        )
        self._script = self._redis.register_script(_SPEND)
        self._own = own
        self._rests_until = 0.0

    def close(self) -> None:
        """Close the connection."""
        self._redis.close()

    def spend(self, units: int, most: Mapping[str, int]) -> Standing:
        """See Counters."""
        if time.monotonic() >= self._rests_until:
            try:
                return self._spend(units, most)
            except RedisError as error:
                self._rest(error)
        return self._own.spend(units, most)

    def refuse(self, mailbox: str, wait: timedelta) -> None:
        """See Counters."""
        self._own.refuse(mailbox, wait)
        if time.monotonic() >= self._rests_until:
            try:
                self._refuse(_refused(mailbox), max(1, int(wait.total_seconds() * 1000)))
            except RedisError as error:
                self._rest(error)

    def _spend(self, units: int, most: Mapping[str, int]) -> Standing:
        keys = [_refused(next(iter(most))), *(f"{PREFIX}.units.{name}" for name in most)]
        answer = self._script(keys=keys, args=[units, *most.values()])
        fits, refused_for, second, minutes = answer
        return standing(
            spent=bool(fits),
            refused_for=refused_for / 1000,
            minutes=[_minute(pairs) for pairs in minutes],
            most=[*most.values()],
            now=second,
        )

    def _refuse(self, key: str, milliseconds: int) -> None:
        # Another worker may have been told to wait longer.
        if milliseconds > self._redis.pttl(key):
            self._redis.set(key, 1, px=milliseconds)

    def _rest(self, error: RedisError) -> None:
        self._rests_until = time.monotonic() + REST_SECONDS
        log.warning("Gmail's units are counted here alone: Redis: %s", type(error).__name__)


def _refused(mailbox: str) -> str:
    return f"{PREFIX}.refused.{mailbox}"


def _minute(pairs: Sequence[Any]) -> Minute:
    """Return what a hash's answer holds: keys and values in turn."""
    return dict(zip(map(int, pairs[::2]), map(int, pairs[1::2]), strict=True))
