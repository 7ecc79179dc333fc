"""`crm run`: a Celery worker with its scheduler, on an embedded or a given broker."""

from __future__ import annotations

import logging

from worker.broker import broker_url
from worker.celery_app import app, configure
from worker.settings import Settings, configured_spreadsheets
from worker.tasks import prepare

CONCURRENCY = 2


def serve(settings: Settings) -> None:
    """Work until stopped by a signal; afterwards no process is left."""
    configured_spreadsheets(settings)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    prepare(settings)
    with broker_url(settings.redis_url) as url:
        configure(url, settings.spreadsheets)
        worker = app.Worker(
            beat=True,
            scheduler="celery.beat:Scheduler",
            concurrency=min(CONCURRENCY, len(settings.spreadsheets)),
            loglevel="INFO",
            quiet=True,
            without_gossip=True,
            without_mingle=True,
        )
        worker.start()
