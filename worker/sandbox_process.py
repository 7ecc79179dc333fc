"""The sandbox as a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from dotenv import dotenv_values

from worker.settings import PREFIX, Settings, load_settings

ENV_FILE = "sandbox.env"
STOP_SECONDS = 10


class SandboxError(Exception):
    """The sandbox did not start; the message is its own."""


@contextmanager
def running_sandbox(port: int, state: Path) -> Iterator[None]:
    """Run the sandbox while the context lasts. Raises SandboxError if it does not start.

    It has a session of its own, so that Ctrl-C reaches us first and it outlives our last pass.
    It ends when its standard input closes, and so with us, also if we are killed.
    """
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--state", str(state)]
    with _signals_unwind():
        process = subprocess.Popen(  # noqa: S603  # our own module
            [*command, "--until-stdin-closes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            if process.stdout is None or not process.stdout.readline().startswith("ready "):
                _, complaint = process.communicate(timeout=STOP_SECONDS)
                raise SandboxError(complaint.strip() or "the sandbox did not start")
            yield
        finally:
            process.terminate()
            try:
                process.communicate(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


@contextmanager
def _signals_unwind() -> Iterator[None]:
    """End by an exception on a signal that asks us to, so that contexts close what they opened."""
    asked = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: _exit}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
        asked[signal.SIGHUP] = _exit
    before = {number: signal.signal(number, handler) for number, handler in asked.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


def sandbox_settings(state: Path, **more: object) -> Settings:
    """Return the settings that the sandbox wrote into its state directory, and `more`."""
    path = state / ENV_FILE
    if not path.exists():
        raise SandboxError(f"no sandbox has run with --state {state}: {path} does not exist")
    written = {
        key.removeprefix(PREFIX).lower(): value
        for key, value in dotenv_values(path).items()
        if key.startswith(PREFIX)
    }
    return load_settings(**{**written, **more})
