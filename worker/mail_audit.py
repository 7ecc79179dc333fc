"""`crm mail audit`: every mailbox against the log, and what is missing logged."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from rules.mail_counts import MailCount, add_up, count_mail
from rules.messages import LEFT_OUT
from rules.playbook import Playbook
from sync.letters import Recheck
from sync.outside import Outside
from sync.run import PassResult, read_and_check
from worker.passes import run_to_end


@dataclass(frozen=True)
class Audit:
    """What the comparison of a workbook with its mailboxes has shown.

    `counts` are by mailbox, after the repair; `repaired` is how many letters were missing and are
    logged now.
    """

    spreadsheet_id: str
    title: str
    days: int
    counts: dict[str, MailCount]
    repaired: int
    failures: tuple[str, ...]


def audit_mail(
    spreadsheet_id: str,
    playbook: Playbook,
    outside: Outside,
    days: int,
    sleep: Callable[[float], None] = time.sleep,
) -> Audit:
    """Compare the last days of each mailbox with the log, letter by letter, and repair the log.

    What was under way is brought to its end first: it is no repair. Raises SyncError.
    """
    run_to_end(spreadsheet_id, playbook, outside, sleep)
    comparing = replace(outside, recheck=Recheck(days, outside.clock.now()))
    compared = run_to_end(spreadsheet_id, playbook, comparing, sleep)
    return _audit(spreadsheet_id, playbook, outside, days, compared)


def _audit(
    spreadsheet_id: str, playbook: Playbook, outside: Outside, days: int, compared: PassResult
) -> Audit:
    snapshot, _ = read_and_check(spreadsheet_id, playbook, outside)
    since = int(snapshot.serial(snapshot.read_at - timedelta(days=days)))
    tables = snapshot.tables
    counts = count_mail(tables["letters"], tables["comments"], since)
    return Audit(
        spreadsheet_id,
        compared.title,
        days,
        {mailbox: add_up([*by_day.values()]) for mailbox, by_day in sorted(counts.items())},
        compared.letters,
        compared.failures,
    )


def audit_lines(audit: Audit) -> Iterator[str]:
    """Yield what the command prints: a line for each mailbox, and what was repaired."""
    yield f"“{audit.title}” ({audit.spreadsheet_id}), letters of the last {audit.days} days"
    for mailbox, count in audit.counts.items():
        yield f"  {mailbox}: {count_line(count)}"
    if not audit.counts:
        yield "  no letters with clients"
    yield f"  Missing and logged now: {audit.repaired}"
    for failure in audit.failures:
        yield f"  FAILED {failure}"


def count_line(count: MailCount) -> str:
    """Return what became of letters, in one line."""
    parts = [
        f"{count.found} found",
        f"{count.logged} logged",
        f"{count.waiting} waiting for a choice",
        f"{count.deleted} with their comment deleted",
        *(f"{number} {_short(reason)}" for reason, number in count.left_out.items()),
        f"{count.failed} failed",
    ]
    return ", ".join(parts)


def _short(reason: str) -> str:
    text = LEFT_OUT[reason]
    return text[0].lower() + text[1:]
