"""The task: one pass over one workbook, by one worker at a time."""

from __future__ import annotations

import atexit
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache

from celery.exceptions import SoftTimeLimitExceeded
from redis import Redis
from redis.exceptions import LockError, RedisError

from rules.playbook import Playbook, load_playbook
from sync.errors import SyncError
from sync.run import Outside, run_pass
from worker.celery_app import HARD_LIMIT_SECONDS, SOCKET_SECONDS, SYNC_TASK, app
from worker.settings import Settings, load_settings
from worker.wiring import connected

log = logging.getLogger(__name__)

EFFECT_SECONDS = 120.0
"""Folders and letters may each take so long in one pass; so a pass ends within its time limit."""


@dataclass
class _Prepared:
    settings: Settings | None = None


_prepared = _Prepared()


def prepare(settings: Settings) -> None:
    """Let the tasks of this process and its children work with these settings."""
    _prepared.settings = settings


@cache
def _outside() -> tuple[Playbook, Outside]:
    """Return this process's connections: made after the fork, once, and kept while it lives."""
    settings = _prepared.settings or load_settings()
    kept_open = ExitStack()
    atexit.register(kept_open.close)
    outside = kept_open.enter_context(connected(settings))
    return load_playbook(settings.playbook), replace(outside, effect_seconds=EFFECT_SECONDS)


@app.task(name=SYNC_TASK)  # type: ignore[untyped-decorator]  # Celery publishes no types
def sync_workbook(spreadsheet_id: str) -> None:
    """Bring one workbook up to date, unless another worker is at it."""
    with _sole_worker(spreadsheet_id) as alone:
        if alone:
            _sync(spreadsheet_id)
        else:
            log.info("workbook %s: another pass is under way", spreadsheet_id)


@contextmanager
def _sole_worker(spreadsheet_id: str) -> Iterator[bool]:
    """Hold the workbook's lock. It saves double work and no more: without Redis we go on."""
    redis = Redis.from_url(app.conf.broker_url, socket_timeout=SOCKET_SECONDS)
    lock = redis.lock(f"crm.pass.{spreadsheet_id}", timeout=HARD_LIMIT_SECONDS)
    try:
        alone = lock.acquire(blocking=False)
    except RedisError as error:
        log.warning("no lock, Redis does not answer: %s", type(error).__name__)
        yield True
        return
    try:
        yield alone
    finally:
        if alone:
            with suppress(RedisError, LockError):
                lock.release()
        redis.close()


def _sync(spreadsheet_id: str) -> None:
    try:
        playbook, outside = _outside()
        result = run_pass(spreadsheet_id, playbook, outside)
    except (SyncError, SoftTimeLimitExceeded) as error:
        log.error("workbook %s: %s", spreadsheet_id, error)
        return
    for failure in result.failures:
        log.error("workbook %s: %s", spreadsheet_id, failure)
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
