"""Promise 3: one deal, one folder. A kill or a second worker between any two calls of a pass."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from sync.errors import SyncError
from sync.run import run_pass
from tests.sync import drive_hands as hands
from tests.sync.conftest import Crm
from tests.sync.interrupted import Killed, Points, die, interrupted

POINTS = range(24)
"""At least as many as such a pass has: one before each call of a port."""


def test_the_numbers_below_cover_a_whole_pass(crm: Crm) -> None:
    hands.fill_two(crm)
    points = Points(-1, lambda: None)
    run_pass(crm.spreadsheet_id, crm.playbook, interrupted(crm.outside, points))
    assert len(POINTS) - 2 <= points.passed <= len(POINTS)
    hands.check_whole(crm)


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_between_any_two_calls(crm: Crm, point: int) -> None:
    hands.fill_two(crm)
    with suppress(Killed):
        run_pass(crm.spreadsheet_id, crm.playbook, interrupted(crm.outside, Points(point, die)))
    hands.check_never_two(crm)
    hands.check_whole(crm)


@pytest.mark.parametrize("point", POINTS)
def test_a_second_worker_at_any_call(crm: Crm, point: int) -> None:
    """While one pass is at that point, another worker does a whole one, without a lock."""
    hands.fill_two(crm)
    points = Points(point, lambda: suppress_trouble(crm))
    with suppress(SyncError):
        run_pass(crm.spreadsheet_id, crm.playbook, interrupted(crm.outside, points))
    hands.check_never_two(crm)
    hands.check_whole(crm)


def suppress_trouble(crm: Crm) -> None:
    with suppress(SyncError):
        crm.sync()


@pytest.mark.parametrize("point", [3, 6, 9, 11])
def test_a_killed_process(crm: Crm, point: int) -> None:
    hands.fill_two(crm)
    settings = {
        "CRM_GOOGLE_CREDENTIALS": str(crm.credentials),
        "CRM_SPREADSHEETS": crm.spreadsheet_id,
        "CRM_DRIVE_ROOT": str(crm.outside.drive_root),
        "CRM_TIMEZONE": "Asia/Almaty",
        **{f"CRM_{api}_ENDPOINT": crm.box.url for api in ("SHEETS", "DRIVE", "GMAIL")},
    }
    ended = subprocess.run(
        [sys.executable, "-m", "tests.sync.interrupted", str(point)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **settings},
        check=False,
        capture_output=True,
        timeout=120,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    hands.check_never_two(crm)
    hands.check_whole(crm)
