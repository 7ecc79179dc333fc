"""Trouble on demand: which calls fail, how, and when."""

from __future__ import annotations

import fnmatch
import random
import threading
from dataclasses import dataclass, field
from typing import Literal, get_args

FaultKind = Literal["error", "quota", "rate", "latency", "close", "cut"]
Moment = Literal["before", "after"]

KINDS: dict[FaultKind, str] = {
    "error": "an error with `code` (500 by default), as JSON or, with `html`, as a page",
    "quota": "the API's own answer when its per-user quota is used up",
    "rate": "403 with a rate reason, as Drive and Gmail give",
    "latency": "`seconds` of waiting before the call is looked at; 180 or more end in a 504",
    "close": "the connection closed with nothing sent",
    "cut": "the connection closed in the middle of the body",
}
MOMENTS: tuple[Moment, ...] = get_args(Moment)


@dataclass(frozen=True)
class FaultRule:
    """When a fault strikes and what it does."""

    kind: FaultKind
    method: str = "*"
    """Glob over discovery ids."""
    calls: frozenset[int] = frozenset()
    """0-based numbers among the matching calls since the rule was set; empty for all."""
    probability: float = 1.0
    seed: int = 0
    limit: int | None = 1
    """How often it strikes at most; None for ever."""
    when: Moment = "before"
    """Before the effect or after it."""
    code: int = 500
    html: bool = False
    seconds: float = 0.0


@dataclass
class _Counted:
    rule: FaultRule
    dice: random.Random
    seen: int = 0
    struck: int = 0


@dataclass
class Faults:
    """The rules in force."""

    _counted: list[_Counted] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, rule: FaultRule) -> None:
        """Put a rule in force."""
        dice = random.Random(rule.seed)  # noqa: S311 - repeatable on purpose
        with self._lock:
            self._counted.append(_Counted(rule, dice))

    def clear(self) -> None:
        """Forget all rules."""
        with self._lock:
            self._counted.clear()

    def strike(self, method_id: str) -> list[FaultRule]:
        """Return the rules that hit this call, counting it."""
        with self._lock:
            return [c.rule for c in self._counted if _hits(c, method_id)]


def _hits(counted: _Counted, method_id: str) -> bool:
    rule = counted.rule
    if not fnmatch.fnmatchcase(method_id, rule.method):
        return False
    number = counted.seen
    counted.seen += 1
    used_up = rule.limit is not None and counted.struck >= rule.limit
    missed = rule.calls and number not in rule.calls
    if used_up or missed or counted.dice.random() >= rule.probability:
        return False
    counted.struck += 1
    return True
