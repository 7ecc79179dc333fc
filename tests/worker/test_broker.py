"""The embedded broker: one's own, on no port, back after its end, and gone with its owner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from celery import Celery
from redis import Redis
from redis.exceptions import RedisError

from tests.worker.processes import runs, wait_until
from worker.broker import BrokerError, broker_url
from worker.celery_app import kombu_url

HOLDER = """
import sys
from worker.broker import broker_url
with broker_url(None) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def short_tmp(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A new temporary directory, its path short enough for a socket in it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def server_pid(url: str) -> int:
    with Redis.from_url(url) as redis:
        return int(redis.info("server")["process_id"])


def test_brokers_started_together_are_apart_and_on_no_port(short_tmp: Path) -> None:
    with ExitStack() as stack:
        holders = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", HOLDER],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env={**os.environ, "TMPDIR": str(short_tmp)},
                    text=True,
                )
            )
            for _ in range(6)
        ]
        urls = [holder.stdout.readline().strip() for holder in holders if holder.stdout]
        pids = {server_pid(url) for url in urls}
        assert len(pids) == 6
        for url in urls:
            path = Path(url.removeprefix("unix://"))
            assert path.stat().st_mode & 0o077 == 0
            with Redis.from_url(url, decode_responses=True) as redis:
                assert redis.config_get("port") == {"port": "0"}
                assert redis.set("mine", url, nx=True)
        for holder in holders:
            holder.communicate(timeout=20)
    assert not any(map(runs, pids))
    assert not list(short_tmp.iterdir())


def test_a_killed_owner_leaves_neither_server_nor_socket(short_tmp: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(short_tmp)},
        text=True,
    ) as holder:
        assert holder.stdout is not None
        pid = server_pid(holder.stdout.readline().strip())
        holder.kill()
    assert wait_until(lambda: not runs(pid), 10)
    assert not list(short_tmp.iterdir())


def test_a_killed_server_is_back_under_the_same_address(short_tmp: Path) -> None:
    with broker_url(None) as url:
        before = server_pid(url)
        os.kill(before, signal.SIGKILL)
        with Redis.from_url(url) as redis:
            assert wait_until(lambda: answers(redis), 10)
        after = server_pid(url)
        assert after != before
    assert not runs(after)
    assert not list(short_tmp.iterdir())


def answers(redis: Redis) -> bool:
    try:
        return bool(redis.ping())
    except RedisError:
        return False


def test_a_server_that_cannot_start_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    with pytest.raises(BrokerError, match=r"/nowhere.*CRM_REDIS_URL"), broker_url(None):
        pass


@pytest.mark.parametrize("path", ["", "?db=3"])
def test_celery_speaks_to_a_unix_socket(short_tmp: Path, path: str) -> None:
    with (
        broker_url(None) as url,
        Celery(broker=kombu_url(url + path)).connection_for_write() as connection,
    ):
        queue = connection.SimpleQueue("test")
        queue.put("hello")
        queue.close()
        with Redis.from_url(url + path) as redis:
            assert redis.llen("test") == 1
