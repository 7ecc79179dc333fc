"""`crm run`: a Celery worker with its scheduler, on an embedded or a given broker."""

from __future__ import annotations

import logging
import signal

from celery.beat import EmbeddedService

from sync.google.auth import load_account
from worker.broker import broker_url
from worker.celery_app import TICK_SECONDS, app, configure
from worker.settings import Settings, configured_spreadsheets
from worker.tasks import prepare

CONCURRENCY = 2

log = logging.getLogger(__name__)


class _Worker(app.Worker):  # type: ignore[misc]  # Celery publishes no types
    def install_platform_tweaks(self, worker: object) -> None:
        """Install Celery's signal handlers, but end on SIGHUP as on SIGTERM: it would restart."""
        ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN  # as under nohup
        super().install_platform_tweaks(worker)
        signal.signal(
            signal.SIGHUP, signal.SIG_IGN if ignored else signal.getsignal(signal.SIGTERM)
        )


def serve(settings: Settings) -> None:
    """Work until stopped by a signal; afterwards no process is left.

    Raises SettingsError, SyncError or BrokerError at once if it could never work.
    """
    configured_spreadsheets(settings)
    load_account(settings.google_credentials)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("celery").setLevel(logging.WARNING)  # a line for every tick says nothing
    with broker_url(settings.redis_url) as url:
        prepare(settings, url)
        configure(url, settings.spreadsheets)
        # In a thread: as a process of its own, the scheduler would outlive a killed worker.
        scheduler = EmbeddedService(app, thread=True, scheduler_cls="celery.beat:Scheduler")
        worker = _Worker(
            concurrency=min(CONCURRENCY, len(settings.spreadsheets)),
            loglevel="INFO",
            quiet=True,
            without_gossip=True,
            without_mingle=True,
        )
        log.info("%d workbooks, a pass every %g s", len(settings.spreadsheets), TICK_SECONDS)
        scheduler.start()
        try:
            worker.start()
        finally:
            scheduler.stop()
