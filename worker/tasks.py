"""The task: one pass over one workbook, by one worker at a time."""

from __future__ import annotations

import atexit
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from threading import Event, Thread

from celery.exceptions import SoftTimeLimitExceeded
from redis import Redis
from redis.exceptions import RedisError
from redis.lock import Lock

from rules.playbook import Playbook
from rules.playbook_file import load_playbook
from sync.errors import SyncError
from sync.outside import Outside
from sync.run import run_pass
from worker.celery_app import SOCKET_SECONDS, SYNC_TASK, app
from worker.settings import Settings, load_settings
from worker.wiring import connected

log = logging.getLogger(__name__)

EFFECT_SECONDS = 120.0
"""Folders and letters may each take so long in one pass; so a pass ends within its time limit."""

LOCK_SECONDS = 60.0
"""How long the lock of a killed worker stands."""


@dataclass
class _Prepared:
    settings: Settings | None = None
    redis_url: str = ""


_prepared = _Prepared()


def prepare(settings: Settings, redis_url: str) -> None:
    """Let the tasks of this process and its children work with these settings and that Redis."""
    _prepared.settings, _prepared.redis_url = settings, redis_url


@cache
def _outside() -> tuple[Playbook, Outside]:
    """Return this process's connections: made after the fork, once, and kept while it lives."""
    settings = _prepared.settings or load_settings()
    kept_open = ExitStack()
    atexit.register(kept_open.close)
    outside = kept_open.enter_context(connected(settings, _prepared.redis_url or None))
    return load_playbook(settings.playbook), replace(
        outside, effect_seconds=EFFECT_SECONDS, known={}
    )


@app.task(name=SYNC_TASK)  # type: ignore[untyped-decorator]  # Celery publishes no types
def sync_workbook(spreadsheet_id: str) -> None:
    """Bring one workbook up to date, unless another worker is at it."""
    with sole_worker(spreadsheet_id, _prepared.redis_url) as alone:
        if alone:
            _sync(spreadsheet_id)
        else:
            log.info("workbook %s: another pass is under way", spreadsheet_id)


@contextmanager
def sole_worker(spreadsheet_id: str, redis_url: str) -> Iterator[bool]:
    """Hold the workbook's lock. It saves double work and no more: without Redis we go on.

    It is short and extended while held: a killed worker's is soon free.
    """
    with Redis.from_url(redis_url, socket_timeout=SOCKET_SECONDS) as redis:
        lock = redis.lock(f"crm.pass.{spreadsheet_id}", timeout=LOCK_SECONDS, thread_local=False)
        try:
            alone = lock.acquire(blocking=False)
        except RedisError as error:
            log.warning("no lock, Redis does not answer: %s", type(error).__name__)
            yield True
            return
        if not alone:
            yield False
            return
        with _extended(lock):
            yield True


@contextmanager
def _extended(lock: Lock) -> Iterator[None]:
    """Keep the lock as long as the context lasts, and release it."""
    done = Event()

    def extend() -> None:
        while not done.wait(LOCK_SECONDS / 4):
            with suppress(RedisError):
                lock.reacquire()

    thread = Thread(target=extend, name="lock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        with suppress(RedisError):
            lock.release()


def _sync(spreadsheet_id: str) -> None:
    try:
        playbook, outside = _outside()
        result = run_pass(spreadsheet_id, playbook, outside)
    except (SyncError, SoftTimeLimitExceeded) as error:
        log.error("workbook %s: %s", spreadsheet_id, error)
        return
    for failure in result.failures:
        log.error("workbook %s: %s", spreadsheet_id, failure)
    for mailbox in result.waiting:
        log.info(
            "workbook %s: mailbox %s has more; it goes on with a later pass",
            spreadsheet_id,
            mailbox,
        )
    level = logging.INFO if result.cells else logging.DEBUG
    log.log(
        level,
        "workbook %s: %d cells, %d folders, %d letters, %d events written",
        spreadsheet_id,
        result.cells,
        result.deal_folders + result.company_folders,
        result.letters,
        result.events,
    )
