"""Quota units of Gmail, spent mailbox by mailbox, and who has to wait for them.

Source: Gmail API guide, "Usage limits" (2026): units by method; a minute and user, and project.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

from sync.errors import QuotaUsedUpError

UNITS_A_MINUTE = 6_000
"""What a user of a project made in 2026 or later has; older projects have 15,000."""

UNITS_A_MINUTE_AND_PROJECT = 1_200_000

SHARE = 0.9
"""How much of them we take: the mailbox's owner may use other programs."""

HISTORY_LIST, MESSAGES_LIST, MESSAGES_GET, LABELS_LIST, GET_PROFILE, ATTACHMENT_GET = (
    *(2, 5, 20, 1, 1),
    20,
)

WINDOW_SECONDS = 61
"""A minute, in whole seconds: what was spent within one of them counts until it is surely over."""
LONGEST_HINT = timedelta(minutes=20)
"""Gmail asks for about 15 minutes; a hint beyond this is a clock that is wrong."""

_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")


def hinted_wait(message: str, server_date: str, retry_after: str = "") -> timedelta | None:
    """Return how long an error asks to wait, by the server's own clock; None if it does not.

    Sources: Gmail API guide, "Resolve errors": `User-rate limit exceeded. Retry after (time)`;
    RFC 9110, Retry-After, which Gmail is not known to send.
    """
    found = _ISO_TIME.search(message)
    if not found:
        seconds = int(retry_after) if retry_after.isdecimal() else 0
        return min(timedelta(seconds=seconds), LONGEST_HINT) if seconds else None
    until = datetime.fromisoformat(found.group())
    try:
        now = parsedate_to_datetime(server_date)
    except (TypeError, ValueError):
        now = datetime.now(UTC)
    return min(until - now, LONGEST_HINT) if until > now else None


Minute = Mapping[int, int]
"""Units by the second in which they were spent."""

PROJECT = "project"
"""What the units of all mailboxes together are counted under."""


@dataclass(frozen=True)
class Standing:
    """How a mailbox stands, in units and in seconds from now.

    `spent`: what was asked for has been spent. `room` is left; half of all is back after
    `until_half`; until `refused_for` has passed Google refuses.
    """

    spent: bool
    room: int
    until_half: float
    refused_for: float


class Counters(Protocol):
    """What was spent in the last minute, and which mailboxes are refused, by name."""

    def spend(self, units: int, most: Mapping[str, int]) -> Standing:
        """Spend units under each of the names, the mailbox's first.

        None are spent if there would be more than `most` under one of them, or while the mailbox is
        refused.
        """

    def refuse(self, mailbox: str, wait: timedelta) -> None:
        """Note that Google refuses the mailbox for so long."""


def standing(
    *, spent: bool, refused_for: float, minutes: Sequence[Minute], most: Sequence[int], now: float
) -> Standing:
    """Return how a mailbox stands, from its own minute and those that it has a part in."""
    pairs = list(zip(minutes, most, strict=True))
    room = min(limit - sum(minute.values()) for minute, limit in pairs)
    half = max(_until_half(minute, limit, now) for minute, limit in pairs)
    return Standing(spent, room, half, max(refused_for, 0.0))


def _until_half(minute: Minute, most: int, now: float) -> float:
    left, until = sum(minute.values()), 0.0
    for second in sorted(minute):
        if left <= most // 2:
            break
        left -= minute[second]
        until = second + WINDOW_SECONDS - now
    return until


class LocalCounters:
    """The counters of one process."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._minutes: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._refused_until: dict[str, float] = {}

    def spend(self, units: int, most: Mapping[str, int]) -> Standing:
        """See Counters."""
        now = self._now().timestamp()
        minutes = [self._minute(name, now) for name in most]
        refused_for = self._refused_until.get(next(iter(most)), now) - now
        fits = all(
            minute.total() + units <= limit
            for minute, limit in zip(minutes, most.values(), strict=True)
        )
        spent = fits and refused_for <= 0
        for minute in minutes if spent and units else ():
            minute[int(now)] += units
        return standing(
            spent=spent, refused_for=refused_for, minutes=minutes, most=[*most.values()], now=now
        )

    def refuse(self, mailbox: str, wait: timedelta) -> None:
        """See Counters."""
        self._refused_until[mailbox] = (self._now() + wait).timestamp()

    def _minute(self, name: str, now: float) -> Counter[int]:
        minute = self._minutes[name]
        for second in [second for second in minute if second <= int(now) - WINDOW_SECONDS]:
            del minute[second]
        return minute


class Units:
    """The units of each mailbox in the last minute, as far as the counters see: one process or all.

    One instance for each process.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        a_minute: int = UNITS_A_MINUTE,
        counters: Counters | None = None,
    ) -> None:
        self._now = now
        self._most = int(a_minute * SHARE)
        self._counters = counters or LocalCounters(now)
        self._refusals: Counter[str] = Counter()

    def room(self, mailbox: str) -> int:
        """Return the units that may be spent now. Raises QuotaUsedUpError while Google refuses."""
        return self._spend(mailbox, 0).room

    def take(self, mailbox: str, units: int) -> None:
        """Spend units. Raises QuotaUsedUpError, until half are back, when they do not suffice."""
        found = self._spend(mailbox, units)
        if not found.spent:
            until = self._moment(found.until_half)
            raise QuotaUsedUpError(f"mailbox {mailbox}: quota is used up", until)

    def half_back(self, mailbox: str) -> datetime:
        """Return when half of all units will be there: sooner it is not worth while."""
        return self._moment(self._spend(mailbox, 0).until_half)

    def refused(self, mailbox: str, wait: timedelta | None) -> datetime:
        """Note that Google refused; return until when nothing is asked.

        Without a hint, the wait doubles from refusal to refusal, up to 64 s.
        """
        if wait is None:
            wait = timedelta(seconds=min(2.0 ** (self._refusals[mailbox] + 1), 64.0))
        self._refusals[mailbox] += 1
        self._counters.refuse(mailbox, wait)
        return self._now() + wait

    def answered(self, mailbox: str) -> None:
        """Note that Google answered: the next refusal is a first one."""
        self._refusals.pop(mailbox, None)

    def _spend(self, mailbox: str, units: int) -> Standing:
        most = {mailbox: self._most, PROJECT: int(UNITS_A_MINUTE_AND_PROJECT * SHARE)}
        found = self._counters.spend(units, most)
        if found.refused_for:
            until = self._moment(found.refused_for)
            raise QuotaUsedUpError(f"mailbox {mailbox}: Gmail asks to wait", until)
        return found

    def _moment(self, seconds: float) -> datetime:
        return self._now() + timedelta(seconds=seconds)
