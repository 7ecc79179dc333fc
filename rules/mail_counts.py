"""Is the log complete? What became of the letters of each mailbox, day by day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rules.letter_log import COPY, FAILED, LOGGED
from rules.letters import deal_id_in
from rules.messages import LEFT_OUT, REPORT_HEADERS, REPORT_LINES
from rules.playbook import Locale
from rules.report_table import ReportCell, ReportTable, count_columns
from rules.table import Table, as_text
from rules.values import serial_date
from rules.words import say

DAYS_SHOWN = 7


@dataclass(frozen=True)
class MailCount:
    """What became of the letters with clients: `found` is what the others add up to.

    `logged` counts a letter in each mailbox that has it. `waiting` is part of it: a manager has not
    chosen the deal yet. So is `deleted`: somebody deleted the comment.
    """

    found: int = 0
    logged: int = 0
    waiting: int = 0
    deleted: int = 0
    failed: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def left_out_in_all(self) -> int:
        """How many were left out, for whatever reason."""
        return sum(self.left_out.values())


MailCounts = Mapping[str, Mapping[int, MailCount]]
"""Counts by mailbox and day (a serial date)."""


def count_mail(letters: Table, comments: Table, since: int = 0) -> MailCounts:
    """Return what became of each letter that is remembered, from a day on."""
    with_deal = {
        as_text(key): bool(deal_id_in(deal))
        for key, deal in zip(comments.column("letter_key"), comments.column("deal_id"), strict=True)
        if key
    }
    found: defaultdict[str, defaultdict[int, Counter[str]]] = defaultdict(
        lambda: defaultdict(Counter)
    )
    columns = map(letters.column, ("message", "day", "state", "key"))
    for place, day, state, key in zip(*columns, strict=True):
        mailbox = as_text(place).rpartition("/")[0]
        if mailbox and isinstance(day, int | float) and day >= since:
            counted = found[mailbox][int(day)]
            counted[as_text(state)] += 1
            if state in (LOGGED, COPY):
                commented = with_deal.get(as_text(key))
                counted["deleted"] += commented is None
                counted["waiting"] += commented is False
    return {
        mailbox: {day: _count(counted) for day, counted in days.items()}
        for mailbox, days in found.items()
    }


def _count(counted: Counter[str]) -> MailCount:
    left_out = {reason: counted[reason] for reason in LEFT_OUT if counted[reason]}
    logged = counted[LOGGED] + counted[COPY]
    return MailCount(
        found=logged + counted[FAILED] + sum(left_out.values()),
        logged=logged,
        waiting=counted["waiting"],
        deleted=counted["deleted"],
        failed=counted[FAILED],
        left_out=left_out,
    )


def add_up(counts: Sequence[MailCount]) -> MailCount:
    """Return several counts as one."""
    left_out: Counter[str] = Counter()
    for count in counts:
        left_out.update(count.left_out)
    return MailCount(
        found=sum(count.found for count in counts),
        logged=sum(count.logged for count in counts),
        waiting=sum(count.waiting for count in counts),
        deleted=sum(count.deleted for count in counts),
        failed=sum(count.failed for count in counts),
        left_out=dict(left_out),
    )


# ── On the dashboard ─────────────────────────────────────────────────────────────────────────────

_HEADERS = ("mailbox", "day", "found", "logged", "waiting", "deleted", "left_out", "failed")


def mail_table(letters: Table, comments: Table, locale: Locale) -> ReportTable:
    """Return, by mailbox and day, what became of the letters: the latest days, and all earlier."""
    counts = count_mail(letters, comments)
    rows: list[tuple[ReportCell, ...]] = []
    for mailbox, days in sorted(counts.items()):
        latest = sorted(days, reverse=True)[:DAYS_SHOWN]
        rows += [_row(mailbox, f"{serial_date(day):%d.%m.%Y}", days[day]) for day in latest]
        earlier = [count for day, count in days.items() if day not in latest]
        if earlier:
            rows.append(_row(mailbox, say(locale, REPORT_LINES["earlier"]), add_up(earlier)))
    everything = add_up([count for days in counts.values() for count in days.values()])
    notes = [
        f"{say(locale, LEFT_OUT[reason])}: {number}"
        for reason, number in sorted(everything.left_out.items())
    ]
    return ReportTable(
        headers=tuple(say(locale, REPORT_HEADERS[header]) for header in _HEADERS),
        formats=("text", "text", *count_columns(_HEADERS[2:])),
        rows=tuple(rows),
        total=_row(say(locale, REPORT_LINES["total"]), None, everything),
        notes=tuple(notes),
    )


def _row(name: str, day: str | None, count: MailCount) -> tuple[ReportCell, ...]:
    return (
        *(name, day, count.found, count.logged, count.waiting, count.deleted),
        *(count.left_out_in_all, count.failed),
    )
