"""The log of API requests."""

from __future__ import annotations

import fnmatch
import threading
from dataclasses import asdict, dataclass
from datetime import datetime

from sandbox.calls import Json


@dataclass(frozen=True)
class Entry:
    """One API request, parts of a batch each on their own."""

    time: datetime
    method: str
    http_method: str
    path: str
    user: str
    status: int
    """0 when the connection was closed with nothing sent."""
    kind: str
    """``read`` or ``write``."""
    quota_cost: int
    effect: bool
    """Whether anything was changed."""
    response_bytes: int
    duration_seconds: float


class RequestLog:
    """Entries in the order in which they were answered."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._lock = threading.Lock()

    def add(self, entry: Entry) -> None:
        """Append an entry."""
        with self._lock:
            self._entries.append(entry)

    def clear(self) -> None:
        """Forget all entries; indexes start at 0 again."""
        with self._lock:
            self._entries.clear()

    def select(
        self,
        *,
        method: str = "*",
        user: str = "",
        kind: str = "",
        status: int | None = None,
        since: int = 0,
    ) -> list[Json]:
        """Entries from an index on as JSON; ``method`` is a glob over discovery ids."""
        with self._lock:
            entries = list(enumerate(self._entries))[since:]
        return [
            {"index": index, **asdict(entry), "time": entry.time.isoformat()}
            for index, entry in entries
            if fnmatch.fnmatchcase(entry.method, method)
            and user in ("", entry.user)
            and kind in ("", entry.kind)
            and status in (None, entry.status)
        ]
