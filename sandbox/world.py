"""Everything that the sandbox remembers."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sandbox.acting import PlannedActs
from sandbox.clock import Clock
from sandbox.drive.state import DriveState
from sandbox.faults import Faults
from sandbox.gmail.state import GmailState
from sandbox.ids import IdSource
from sandbox.quotas import Quotas
from sandbox.requestlog import RequestLog
from sandbox.resumable import ResumableUploads
from sandbox.sheets.state import SheetsState
from sandbox.tokens import ServiceKey, TokenDesk


class World:
    """The clock, the tokens, the troubles and the states of the three APIs."""

    def __init__(
        self,
        *,
        key: ServiceKey | None = None,
        seed: int = 0,
        sa_storage: bool = False,
        checks_responses: bool = False,
    ) -> None:
        self.key = key or ServiceKey.generate()
        self.seed = seed
        self.sa_storage = sa_storage
        self.checks_responses = checks_responses
        """Whether each answer is held against its schema; for the sandbox's own tests."""
        self._ids = IdSource(seed)
        # Outlives a reset: clients keep their tokens.
        self.tokens = TokenDesk(self.key, IdSource(secrets.randbits(64)))
        self.closing = threading.Event()
        """Set when the server ends: nobody goes on waiting."""
        self.reset()

    def reset(self) -> None:
        """Back to the first moment: empty files and mailboxes, no troubles, the real time."""
        self._ids.restart(self.seed)
        self.clock = Clock()
        self.faults = Faults()
        self.quotas = Quotas()
        self.log = RequestLog()
        self.planned = PlannedActs()
        self.uploads = ResumableUploads(self.new_id)
        self.crashes: list[str] = []
        """Tracebacks of the sandbox's own mistakes, shown as 500 to clients."""
        self._locks: dict[str, threading.RLock] = {}
        self.sheets = SheetsState()
        self.gmail = GmailState(self.new_id)
        self.drive = DriveState(
            self.new_id, self.sheets, self.clock.now(), sa_storage=self.sa_storage
        )

    def new_id(self, kind: str) -> str:
        """Return a fresh id of Google's form: see sandbox.ids for the kinds."""
        return self._ids.new(kind)

    @contextmanager
    def locked(self, *keys: str) -> Iterator[None]:
        """Hold the locks of files or mailboxes, taken in one order so that none wait in a ring."""
        with ExitStack() as stack:
            for key in sorted(set(keys)):
                stack.enter_context(self._locks.setdefault(key, threading.RLock()))
            yield
