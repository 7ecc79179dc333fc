"""Passes over a workbook until its mailboxes have nothing more to give."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from rules.playbook import Playbook
from sync.outside import Outside
from sync.run import PassResult, run_pass

PATIENCE = timedelta(minutes=3)
"""So long a command waits for a quota without getting any further."""


def run_to_end(
    spreadsheet_id: str,
    playbook: Playbook,
    outside: Outside,
    sleep: Callable[[float], None] = time.sleep,
) -> PassResult:
    """Do passes until no mailbox has more to give, waiting for Gmail's quota; return them as one.

    Raises SyncError as `run_pass`. A quota that does not come back in time is a failure.
    """
    done = run_pass(spreadsheet_id, playbook, outside)
    patience = PATIENCE
    while done.waiting:
        wait = _time_until(done, outside.clock.now())
        if wait > patience:
            return replace(done, failures=(*done.failures, *_postponed(done)))
        sleep(wait.total_seconds())
        last = run_pass(spreadsheet_id, playbook, outside)
        patience = PATIENCE if last.letters else patience - wait
        done = together(done, last)
    return done


def _time_until(result: PassResult, now: datetime) -> timedelta:
    """Return how long nothing can be done for any of the waiting mailboxes."""
    moments = [moment or now for moment in result.waiting.values()]
    return max(min(moments) - now, timedelta(0))


def _postponed(result: PassResult) -> list[str]:
    return [
        f"mailbox {mailbox}: Gmail's quota is used up"
        + (f" until {moment:%H:%M:%S} UTC" if moment else "")
        for mailbox, moment in result.waiting.items()
    ]


def together(first: PassResult, last: PassResult) -> PassResult:
    """Return two passes as one: what both did, and how things stand after the last."""
    return replace(
        last,
        deal_folders=first.deal_folders + last.deal_folders,
        company_folders=first.company_folders + last.company_folders,
        letters=first.letters + last.letters,
        events=first.events + last.events,
        reports=tuple(dict.fromkeys((*first.reports, *last.reports))),
        cells=first.cells + last.cells,
    )
