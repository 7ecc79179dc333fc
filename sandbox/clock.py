"""The sandbox's time: it runs with the machine's until somebody moves or freezes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def machine_now() -> datetime:
    """Return the machine's own time, aware UTC."""
    return datetime.now(UTC)


class Clock:
    """A movable clock, aware UTC."""

    def __init__(self) -> None:
        self._offset = timedelta(0)
        self._frozen_at: datetime | None = None

    def now(self) -> datetime:
        """Return the sandbox's present."""
        return self._frozen_at or machine_now() + self._offset

    def set(self, moment: datetime) -> None:
        """Jump to a moment; a frozen clock stays frozen there, a running one runs on."""
        if self._frozen_at is None:
            self._offset = moment - machine_now()
        else:
            self._frozen_at = moment

    def advance(self, seconds: float) -> None:
        """Move by so many seconds, backwards when negative."""
        self.set(self.now() + timedelta(seconds=seconds))

    def freeze(self) -> None:
        """Stop at the present moment."""
        self._frozen_at = self.now()

    def resume(self) -> None:
        """Run on from the frozen moment."""
        if self._frozen_at is not None:
            self._offset = self._frozen_at - machine_now()
            self._frozen_at = None
