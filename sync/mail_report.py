"""What the dashboard says of mailboxes: how far each is read, what became of its letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rules.mail_counts import mail_table
from rules.messages import READING, REPORT_HEADERS
from rules.report_table import ReportTable
from rules.words import say
from sync.letters import Mail
from sync.mailbox_state import MailboxState, Scan, read_states
from sync.snapshot import Snapshot


def mail_reports(
    snapshot: Snapshot, mail: Mail | None, mailboxes: Sequence[str]
) -> tuple[ReportTable, ...]:
    """Return the dashboard's tables about mail; none where no mailbox is read."""
    if not mailboxes:
        return ()
    locale, tables = snapshot.locale, snapshot.tables
    states = read_states(snapshot.structure.metadata)
    rows = tuple((box, _how_far(snapshot, box, states, mail)) for box in mailboxes)
    headers = tuple(say(locale, REPORT_HEADERS[key]) for key in ("mailbox", "reading"))
    return (
        ReportTable(headers=headers, formats=("text", "text"), rows=rows),
        mail_table(tables["letters"], tables["comments"], locale),
    )


def _how_far(
    snapshot: Snapshot, mailbox: str, states: Mapping[str, MailboxState], mail: Mail | None
) -> str:
    """Return how far a mailbox is read, in words that change only when something happens."""
    reading = next((one for one in mail.readings if one.mailbox == mailbox), None) if mail else None
    state = states.get(mailbox)
    locale = snapshot.locale
    if reading is not None and reading.failure:
        return say(locale, READING["unreadable"], reason=reading.failure)
    if state is None:
        return say(locale, READING["not_yet"])
    if state.scan is not None:
        done = _share_done(state.scan, sorted(mail.marks) if mail else ())
        return say(locale, READING["searching"], done=str(done))
    waits = reading is not None and reading.unfinished
    return say(locale, READING["waiting" if waits else "up_to_date"])


def _share_done(scan: Scan, addresses: Sequence[str]) -> int:
    """Return how much of a search is done, in per cent."""
    done = sum(address <= scan.done for address in addresses)
    under_way = sum(scan.done < address <= scan.last for address in addresses)
    part = (scan.place - scan.since) / max(scan.until - scan.since, 1) if scan.last else 0.0
    return int(100 * (done + part * under_way) / max(len(addresses), 1))
