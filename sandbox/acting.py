"""Other people: calls made in somebody's name without a request, at once or after another call."""

from __future__ import annotations

import fnmatch
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.calls import ApiError, Call, Json, Media
from sandbox.costs import is_write
from sandbox.discovery import Method, load_methods
from sandbox.parameters import parse_parameters
from sandbox.performing import parse_body, perform

if TYPE_CHECKING:
    from sandbox.world import World

ACTING_CLIENT = "sandbox-web-interface"


@dataclass(frozen=True)
class Act:
    """A call in somebody's name."""

    user: str
    method: str
    """Discovery id."""
    params: Mapping[str, Any]
    body: Json


@dataclass(frozen=True)
class Occasion:
    """Which call an act follows: a successful one of a kind whose id matches a glob."""

    method: str = "*"
    kind: str = ""
    """``read``, ``write``, or nothing for both."""

    def is_met_by(self, method: Method) -> bool:
        """Whether this call is one."""
        kind = "write" if is_write(method) else "read"
        return self.kind in ("", kind) and fnmatch.fnmatchcase(method.id, self.method)


@dataclass
class _Waiting:
    act: Act
    after: Occasion
    skip: int


@dataclass
class PlannedActs:
    """Acts that wait for a call of the worker."""

    failures: list[str] = field(default_factory=list)
    """What went wrong with acts that nobody waited for."""
    _waiting: list[_Waiting] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, act: Act, after: Occasion, skip: int) -> None:
        """Let an act follow the next call that is such an occasion, after so many were passed."""
        with self._lock:
            self._waiting.append(_Waiting(act, after, skip))

    def take_due(self, method: Method) -> list[Act]:
        """Return the acts that follow this call."""
        with self._lock:
            matching = [w for w in self._waiting if w.after.is_met_by(method)]
            due = [waiting for waiting in matching if waiting.skip == 0]
            for waiting in matching:
                waiting.skip -= 1
            self._waiting = [waiting for waiting in self._waiting if waiting not in due]
            return [waiting.act for waiting in due]


def perform_act(world: World, act: Act) -> Json | Media | None:
    """Make the call with the same checks as a request's; ApiError as a client would get it."""
    method = load_methods().get(act.method)
    if method is None:
        raise ApiError(404, f"No such method: {act.method}")
    query = [
        (name, _as_text(value))
        for name, values in act.params.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    call = Call(
        method=method.id,
        params=parse_parameters(method, {}, query),
        body=parse_body(method, act.body),
        user=act.user,
        client=ACTING_CLIENT,
        scopes=method.scopes,
        now=world.clock.now(),
        base_url="",
    )
    return perform(world, method, call)


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def run_due_acts(world: World, method: Method) -> None:
    """Make the calls that were planned to follow this one."""
    for act in world.planned.take_due(method):
        try:
            perform_act(world, act)
        except ApiError as error:
            world.planned.failures.append(f"{act.method} as {act.user}: {error.message}")
