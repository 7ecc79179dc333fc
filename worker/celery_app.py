"""The Celery application: one queue, one thin task, a tick for each workbook.

A task carries nothing but a workbook's id and is safe to lose or to run twice: each pass starts
from what the workbook says. So: acknowledged early, no retries, no results, ticks expire.
"""

from __future__ import annotations

from collections.abc import Sequence

from celery import Celery

TICK_SECONDS = 15.0
SOFT_LIMIT_SECONDS, HARD_LIMIT_SECONDS = 540, 600
SOCKET_SECONDS = 10

SYNC_TASK = "crm.sync_workbook"

app = Celery("crm", include=["worker.tasks"])


def kombu_url(url: str) -> str:
    """Return a Redis URL as Celery spells it: it has names of its own for a Unix socket's parts."""
    scheme, separator, rest = url.partition("://")
    if scheme != "unix":
        return url
    return f"redis+socket{separator}{rest.replace('?db=', '?virtual_host=')}"


def configure(url: str, spreadsheets: Sequence[str]) -> None:
    """Set the application up for that broker and a tick for each workbook."""
    sockets = {
        "socket_timeout": SOCKET_SECONDS,
        "socket_connect_timeout": SOCKET_SECONDS,
        "socket_keepalive": True,
        "health_check_interval": 30,
    }
    app.conf.update(
        broker_url=kombu_url(url),
        broker_transport_options=sockets,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_pool_acquire_timeout=SOCKET_SECONDS,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_acks_late=False,
        task_soft_time_limit=SOFT_LIMIT_SECONDS,
        task_time_limit=HARD_LIMIT_SECONDS,
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,
        worker_max_tasks_per_child=500,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        beat_schedule={
            f"sync {spreadsheet_id}": {
                "task": SYNC_TASK,
                "schedule": TICK_SECONDS,
                "args": (spreadsheet_id,),
                "options": {"expires": TICK_SECONDS},
            }
            for spreadsheet_id in spreadsheets
        },
    )
