"""Google's per-minute quotas, off until somebody sets them.

Counted over the last 60 seconds of the sandbox's clock; a refused request costs nothing. Whether
Google's minute slides or is aligned to the clock is not verified.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.calls import ApiError, Json
from sandbox.costs import is_write, quota_units
from sandbox.discovery import HOSTS, Method
from sandbox.errors import ERROR_INFO_TYPE
from sandbox.people import PROJECT_NUMBER

WINDOW = timedelta(seconds=60)
GMAIL_PENALTY = timedelta(minutes=15)


@dataclass(frozen=True)
class Limit:
    """One line of the project's quota page."""

    name: str
    api: str
    metric: str
    default: int
    per_user: bool
    writes: bool | None = None
    """Which calls count: writes, reads, or (None) all."""


LIMITS = (
    Limit("ReadRequestsPerMinutePerProject", "sheets", "Read requests", 300, False, False),
    Limit("ReadRequestsPerMinutePerUser", "sheets", "Read requests", 60, True, False),
    Limit("WriteRequestsPerMinutePerProject", "sheets", "Write requests", 300, False, True),
    Limit("WriteRequestsPerMinutePerUser", "sheets", "Write requests", 60, True, True),
    Limit("DriveUnitsPerMinutePerProject", "drive", "Queries", 1_000_000, False),
    Limit("DriveUnitsPerMinutePerUser", "drive", "Queries", 325_000, True),
    Limit("GmailUnitsPerMinutePerProject", "gmail", "Queries", 1_200_000, False),
    Limit("GmailUnitsPerMinutePerUser", "gmail", "Queries", 6_000, True),
)
CONCURRENCY = "GmailConcurrentPerUser"
"""How many parts of a batch Gmail takes at once. Google gives no number; batches of 50 have been
taken and batches of 100 refused in part."""
DEFAULTS = {**{limit.name: limit.default for limit in LIMITS}, CONCURRENCY: 50}


class Quotas:
    """Counts calls against the limits that are set."""

    def __init__(self) -> None:
        self.limits: Mapping[str, int] = {}
        self._spent: dict[tuple[str, str], deque[tuple[datetime, int]]] = {}
        self._lock = threading.Lock()

    def set(self, limits: Mapping[str, int]) -> None:
        """Put these limits, by name, in force and start counting anew."""
        with self._lock:
            self.limits = dict(limits)
            self._spent.clear()

    def check_concurrency(self, method: Method, under_way: int) -> None:
        """Refuse a request of Gmail's when too many of its user are under way; as recorded."""
        allowed = self.limits.get(CONCURRENCY)
        if method.api.name == "gmail" and allowed is not None and under_way > allowed:
            raise ApiError(429, "Too many concurrent requests for user", reason="rateLimitExceeded")

    def charge(self, method: Method, user: str, now: datetime) -> None:
        """Count a call; ApiError with Google's body when a limit would be passed."""
        with self._lock:
            cost = quota_units(method)
            counted = list(self._matching(method, user, now))
            for limit, allowed, spent in counted:
                if sum(units for _, units in spent) + cost > allowed:
                    raise quota_error(method, limit, allowed, now)
            for _, _, spent in counted:
                spent.append((now, cost))

    def _matching(
        self, method: Method, user: str, now: datetime
    ) -> Iterator[tuple[Limit, int, deque[tuple[datetime, int]]]]:
        for limit in LIMITS:
            counts = limit.writes is None or limit.writes == is_write(method)
            if limit.name in self.limits and limit.api == method.api.name and counts:
                subject = user if limit.per_user else ""
                spent = self._spent.setdefault((limit.name, subject), deque())
                while spent and spent[0][0] <= now - WINDOW:
                    spent.popleft()
                yield limit, self.limits[limit.name], spent


def quota_error(method: Method, limit: Limit, allowed: int, now: datetime) -> ApiError:
    """Return the answer of an API whose quota is used up."""
    match method.api.name:
        case "sheets":
            return _sheets_error(limit, allowed)
        case "drive":
            return rate_error("drive", now, per_user=limit.per_user)
        case _:
            return rate_error("gmail", now, per_user=limit.per_user)


def default_quota_error(method: Method, now: datetime) -> ApiError:
    """Return what the method would get if its per-user limit were used up."""
    counted = (
        limit
        for limit in LIMITS
        if limit.api == method.api.name
        and limit.per_user
        and limit.writes in (None, is_write(method))
    )
    limit = next(counted)
    return quota_error(method, limit, limit.default, now)


def rate_error(api_name: str, now: datetime, *, per_user: bool = True) -> ApiError:
    """Return the 403 of Drive and Gmail for too many requests."""
    if api_name == "gmail" and per_user:
        until = (now + GMAIL_PENALTY).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return ApiError(
            403,
            f"User-rate limit exceeded.  Retry after {until}",
            reason="userRateLimitExceeded",
            domain="usageLimits",
        )
    who, reason = ("User ", "userRateLimitExceeded") if per_user else ("", "rateLimitExceeded")
    return ApiError(403, f"{who}Rate Limit Exceeded", reason=reason, domain="usageLimits")


def _sheets_error(limit: Limit, allowed: int) -> ApiError:
    subject = "user" if limit.per_user else "project"
    unit = "1/min/{project}/{user}" if limit.per_user else "1/min/{project}"
    service = HOSTS["sheets"]
    info: Json = {
        "@type": ERROR_INFO_TYPE,
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {
            "quota_limit": limit.name,
            "quota_limit_value": str(allowed),
            "quota_location": "global",
            "quota_metric": f"{service}/{limit.metric.lower().replace(' ', '_')}",
            "quota_unit": unit,
            "consumer": f"projects/{PROJECT_NUMBER}",
            "service": service,
        },
    }
    help_links: Json = {
        "@type": "type.googleapis.com/google.rpc.Help",
        "links": [
            {
                "description": "Request a higher quota limit.",
                "url": "https://cloud.google.com/docs/quotas/help/request_increase",
            }
        ],
    }
    return ApiError(
        429,
        f"Quota exceeded for quota metric '{limit.metric}' and limit "
        f"'{limit.metric} per minute per {subject}' of service '{service}' "
        f"for consumer 'project_number:{PROJECT_NUMBER}'.",
        details=[info, help_links],
    )
