"""Workers of several processes keep to one quota, as long as their Redis answers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sync.errors import QuotaUsedUpError
from sync.google.units import LocalCounters, Units
from sync.run import run_pass
from tests.sync.conftest import DEAL, MAILBOXES, Crm
from worker.broker import broker_url
from worker.settings import Settings
from worker.shared_units import SharedCounters
from worker.wiring import connected

BOX = MAILBOXES[0]
A_MINUTE, MOST = 1_000, 900

TAKER = """
import sys, time
from datetime import UTC, datetime
from sync.google import units
units.WINDOW_SECONDS = int(sys.argv[2])
from sync.errors import QuotaUsedUpError
from worker.shared_units import SharedCounters

def now():
    return datetime.now(UTC)

counters = SharedCounters(sys.argv[1], units.LocalCounters(now))
mine = units.Units(now, 1_000, counters)
print("ready", flush=True)
for line in sys.stdin:
    taken = 0
    try:
        while True:
            mine.take("manager1@example.com", 1)
            taken += 1
    except QuotaUsedUpError as error:
        print(taken, (error.until - now()).total_seconds(), flush=True)
"""


@pytest.fixture
def redis_url() -> Iterator[str]:
    with broker_url(None) as url:
        yield url


def now() -> datetime:
    return datetime.now(UTC)


def taker(redis_url: str, window: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", TAKER, redis_url, str(window)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def told(process: subprocess.Popen[str]) -> list[float]:
    assert process.stdout is not None
    return [float(word) for word in process.stdout.readline().split() if word != "ready"]


def ask(*processes: subprocess.Popen[str]) -> list[list[float]]:
    """What each took until it was told to wait, all at once, and for how many seconds."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [told(process) for process in processes]


def test_two_processes_at_once_spend_what_one_may(redis_url: str) -> None:
    with taker(redis_url, 61) as one, taker(redis_url, 61) as other:
        assert told(one) == told(other) == []
        shares = ask(one, other)
        assert sum(taken for taken, _ in shares) == MOST
        assert all(50 < wait <= 61 for _, wait in shares)
        assert [taken for taken, _ in ask(one, other)] == [0, 0]
        one.terminate()
        other.terminate()
    with closing(SharedCounters(redis_url, LocalCounters(now))) as counters:
        units = Units(now, A_MINUTE, counters)
        with pytest.raises(QuotaUsedUpError):
            units.take(BOX, 1)
        units.take(MAILBOXES[1], MOST)  # another mailbox has a quota of its own


def test_what_was_spent_comes_back_when_it_was_said_to(redis_url: str) -> None:
    with taker(redis_url, 2) as process:
        told(process)
        [[taken, wait]] = ask(process)
        assert (taken, 0 < wait <= 2) == (MOST, True)
        subprocess.run(["sleep", str(wait + 0.1)], check=True)
        [[again, _]] = ask(process)
        assert again >= MOST // 2
        process.terminate()


def test_one_that_is_refused_stops_the_others_for_the_longest_time_named(redis_url: str) -> None:
    with (
        closing(SharedCounters(redis_url, LocalCounters(now))) as one,
        closing(SharedCounters(redis_url, LocalCounters(now))) as other,
    ):
        Units(now, A_MINUTE, one).refused(BOX, timedelta(minutes=15))
        Units(now, A_MINUTE, other).refused(BOX, None)
        with pytest.raises(QuotaUsedUpError) as refused:
            Units(now, A_MINUTE, other).take(BOX, 2)
        assert timedelta(minutes=14) < refused.value.until - now() <= timedelta(minutes=15)
        assert Units(now, A_MINUTE, other).room(MAILBOXES[1]) == MOST


def test_a_redis_that_is_gone_stops_nobody_and_is_told_once(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(SharedCounters("redis://127.0.0.1:1", LocalCounters(now))) as counters:
        units = Units(now, A_MINUTE, counters)
        for _ in range(MOST):
            units.take(BOX, 1)
        with pytest.raises(QuotaUsedUpError):
            units.take(BOX, 1)
    assert caplog.text.count("counted here alone") == 1


def test_the_project_has_a_quota_too(monkeypatch: pytest.MonkeyPatch, redis_url: str) -> None:
    monkeypatch.setattr("sync.google.units.UNITS_A_MINUTE_AND_PROJECT", 1_500)
    with closing(SharedCounters(redis_url, LocalCounters(now))) as shared:
        for counters in (LocalCounters(now), shared):
            units = Units(now, A_MINUTE, counters)
            units.take(BOX, MOST)
            assert units.room(MAILBOXES[1]) == 1_350 - MOST
            with pytest.raises(QuotaUsedUpError):
                units.take(MAILBOXES[1], 500)


def test_two_workers_that_read_one_mailbox_stay_below_googles_limit(
    crm: Crm, redis_url: str
) -> None:
    crm.fill(DEAL)
    for number in range(30):
        crm.letter(sender="anna@steppe.example", text=f"letter {number}")
    settings = Settings.model_validate(
        {
            "google_credentials": crm.credentials,
            "mailboxes": (BOX,),
            "gmail_units_per_minute": 400,
            "sheets_endpoint": crm.box.url,
            "drive_endpoint": crm.box.url,
            "gmail_endpoint": crm.box.url,
        }
    )
    for _ in range(2):
        with connected(settings, redis_url) as outside:
            outside = replace(outside, log=None)
            result = run_pass(crm.spreadsheet_id, crm.playbook, outside)
            assert result.failures == ()
            assert list(result.waiting) == [BOX]
    spent = sum(call["quota_cost"] for call in crm.calls("gmail.*"))
    assert 180 < spent <= 360
