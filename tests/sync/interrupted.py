"""Passes in which something happens between two calls to Google; also as a process that dies.

`python -m tests.sync.interrupted POINT` runs one pass over the configured workbook and kills its
own process at that point: right before that call of a port, which is as well as right after the one
before, as nothing of a pass lies outside but through its ports.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from rules.playbook_file import load_playbook
from sync.outside import Outside
from sync.run import run_pass
from worker.settings import load_settings
from worker.wiring import connected


@dataclass
class Points:
    """Counts the points of a pass, and lets something happen at one of them."""

    at: int
    happening: Callable[[], None]
    passed: int = 0

    def pass_by(self) -> None:
        reached, self.passed = self.passed == self.at, self.passed + 1
        if reached:
            self.happening()


class Killed(BaseException):
    """The process ends here."""


def die() -> None:
    """Leave the pass as a kill does, but for the process."""
    raise Killed


class _Port:
    """A port whose calls have a point before them."""

    def __init__(self, port: Any, points: Points) -> None:
        self._port, self._points = port, points

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self._points.pass_by()
            return found(*args, **kwargs)

        return call


def interrupted(outside: Outside, points: Points) -> Outside:
    """The outside, with those points in it."""
    ports: Any = {
        name: _Port(getattr(outside, name), points) for name in ("sheets", "drive", "mail")
    }
    return replace(outside, **ports)


def main() -> None:
    settings = load_settings()
    points = Points(int(sys.argv[1]), lambda: os.kill(os.getpid(), signal.SIGKILL))
    with connected(settings) as outside:
        run_pass(settings.spreadsheets[0], load_playbook(), interrupted(outside, points))


if __name__ == "__main__":
    main()
