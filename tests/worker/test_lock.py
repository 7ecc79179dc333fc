"""The lock of a pass: one worker at a time, for as long as it takes, and soon free again."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.worker.processes import wait_until
from worker import tasks
from worker.broker import broker_url
from worker.tasks import sole_worker

HOLDER = """
import sys
from worker import tasks
tasks.LOCK_SECONDS = 2.0
with tasks.sole_worker("book", sys.argv[1]) as alone:
    print(alone, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with broker_url(None) as url:
        yield url


def is_free(url: str) -> bool:
    with sole_worker("book", url) as alone:
        return alone


def test_the_lock_outlasts_its_own_time_while_the_pass_runs(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "LOCK_SECONDS", 0.8)
    with sole_worker("book", redis_url) as alone:
        assert alone
        for _ in range(5):
            time.sleep(0.5)
            assert not is_free(redis_url)
        with sole_worker("another book", redis_url) as other:
            assert other
    assert is_free(redis_url)


def test_a_killed_worker_blocks_its_workbook_for_the_locks_time_only(redis_url: str) -> None:
    assert tasks.LOCK_SECONDS <= 60
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, redis_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        time.sleep(2.5)
        assert not is_free(redis_url)
        holder.kill()
    assert wait_until(lambda: is_free(redis_url), 4)


def test_without_redis_the_pass_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    with sole_worker("book", "redis://127.0.0.1:1") as alone:
        assert alone
    assert "Redis does not answer" in caplog.text
