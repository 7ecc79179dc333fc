"""Quota units of Gmail, spent mailbox by mailbox, and who has to wait for them.

Source: Gmail API guide, "Usage limits" (2026): units by method, a minute and user.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from sync.errors import QuotaUsedUpError

UNITS_A_MINUTE = 6_000
"""What a user of a project made in 2026 or later has; older projects have 15,000."""

SHARE = 0.9
"""How much of it we take: the mailbox's owner may use other programs."""

HISTORY_LIST, MESSAGES_LIST, MESSAGES_GET, LABELS_LIST, GET_PROFILE, ATTACHMENT_GET = (
    *(2, 5, 20, 1, 1),
    20,
)

WINDOW = timedelta(minutes=1)
LONGEST_HINT = timedelta(minutes=20)
"""Gmail asks for about 15 minutes; a hint beyond this is a clock that is wrong."""

_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")


def hinted_wait(message: str, server_date: str) -> timedelta | None:
    """Return how long an error's text asks to wait, by the server's own clock; None if it does not.

    Source: Gmail API guide, "Resolve errors": `User-rate limit exceeded. Retry after (time)`.
    """
    found = _ISO_TIME.search(message)
    if not found:
        return None
    until = datetime.fromisoformat(found.group())
    try:
        now = parsedate_to_datetime(server_date)
    except (TypeError, ValueError):
        now = datetime.now(UTC)
    return min(until - now, LONGEST_HINT) if until > now else None


_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class _Spending:
    spent: deque[tuple[datetime, int]] = field(default_factory=deque)
    total: int = 0
    blocked_until: datetime = _LONG_AGO
    refusals: int = 0


class Units:
    """The units of each mailbox in the last minute. One instance for each process."""

    def __init__(self, now: Callable[[], datetime], a_minute: int = UNITS_A_MINUTE) -> None:
        self._now = now
        self._most = int(a_minute * SHARE)
        self._mailboxes: dict[str, _Spending] = {}

    def room(self, mailbox: str) -> int:
        """Return the units that may be spent now. Raises QuotaUsedUpError while Google refuses."""
        spending, now = self._spending(mailbox), self._now()
        if now < spending.blocked_until:
            raise QuotaUsedUpError(f"mailbox {mailbox}: Gmail asks to wait", spending.blocked_until)
        return self._most - spending.total

    def take(self, mailbox: str, units: int) -> None:
        """Spend units. Raises QuotaUsedUpError, until half are back, when they do not suffice."""
        if self.room(mailbox) < units:
            raise QuotaUsedUpError(f"mailbox {mailbox}: quota is used up", self.half_back(mailbox))
        spending = self._spending(mailbox)
        spending.spent.append((self._now(), units))
        spending.total += units

    def half_back(self, mailbox: str) -> datetime:
        """Return when half of all units will be there: sooner it is not worth while."""
        spending = self._spending(mailbox)
        left = spending.total
        for moment, units in spending.spent:
            left -= units
            if left <= self._most // 2:
                return moment + WINDOW
        return self._now()

    def refused(self, mailbox: str, wait: timedelta | None) -> datetime:
        """Note that Google refused; return until when nothing is asked.

        Without a hint, the wait doubles from refusal to refusal, up to 64 s.
        """
        spending = self._spending(mailbox)
        if wait is None:
            wait = timedelta(seconds=min(2.0 ** (spending.refusals + 1), 64.0))
        spending.refusals += 1
        spending.blocked_until = self._now() + wait
        return spending.blocked_until

    def answered(self, mailbox: str) -> None:
        """Note that Google answered: the next refusal is a first one."""
        self._spending(mailbox).refusals = 0

    def _spending(self, mailbox: str) -> _Spending:
        spending = self._mailboxes.setdefault(mailbox, _Spending())
        oldest = self._now() - WINDOW
        while spending.spent and spending.spent[0][0] <= oldest:
            spending.total -= spending.spent.popleft()[1]
        return spending
