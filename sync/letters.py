"""Letters of the mailboxes: found since the cursor, or searched for where an address is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rules.check import Checked, addresses
from rules.letters import (
    DealsByAddress,
    Letter,
    LoggedLetter,
    Match,
    cut_text,
    deals_by_address,
    direction_of,
    letters_by_deal,
    match_letter,
    own_text,
    threads_with_deal,
)
from rules.messages import COMMENT_LINES
from rules.table import as_text
from rules.words import say
from sync.errors import CursorExpiredError, SyncError
from sync.plan import Cell, Plan, Row
from sync.ports import Clock, MailPort
from sync.snapshot import Snapshot, show_moment

CURSOR = "crm.mail."
"""Developer metadata key of a mailbox's history id."""

LETTER_LINK = "https://mail.google.com/mail/u/?authuser={mailbox}#all/{message}"


@dataclass(frozen=True)
class Mail:
    """What the mailboxes gave: letters by key, new cursors, and what went wrong.

    An `unfinished` mailbox has more to give: its cursor stays where it was.
    """

    letters: Mapping[str, Letter] = field(default_factory=dict)
    cursors: Mapping[str, str] = field(default_factory=dict)
    failures: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()


def fetch_mail(
    snapshot: Snapshot,
    checked: Checked,
    mailboxes: Sequence[str],
    mail: MailPort,
    clock: Clock,
    deadline: datetime | None,
) -> Mail:
    """Return the letters that are new, mailbox by mailbox; a failing one does not stop the others.

    A mailbox without a cursor is searched for all addresses of open deals, the others for those
    addresses that were not searched for before.
    """
    known = deals_by_address(checked)
    fresh = _unsearched(snapshot, known)
    since = snapshot.read_at - timedelta(days=checked.playbook.letters.search_days)
    memory = snapshot.tables["letters"]
    logged, fetched = set(memory.column("key")), set(memory.column("message"))
    letters: dict[str, Letter] = {}
    cursors: dict[str, str] = {}
    failures, unfinished = [], []
    for mailbox in mailboxes:
        before = snapshot.structure.metadata.get(CURSOR + mailbox) or None
        try:
            found, cursor = _new_messages(mail, mailbox, before, sorted(known), fresh, since)
            for message_id in found:
                if f"{mailbox}/{message_id}" in fetched:
                    continue
                if deadline is not None and clock.now() > deadline:
                    unfinished.append(mailbox)
                    break
                letter = mail.fetch(mailbox, message_id)
                if letter is not None and letter.key not in logged:
                    letters.setdefault(letter.key, letter)
            else:
                cursors[mailbox] = cursor
        except SyncError as error:
            failures.append(f"mailbox {mailbox}: {error}")
            if before and fresh:  # it has not been searched for these: when it is back, for all
                cursors[mailbox] = ""
    return Mail(letters, cursors, tuple(failures), tuple(unfinished))


def _new_messages(
    mail: MailPort,
    mailbox: str,
    cursor: str | None,
    known: Sequence[str],
    fresh: Sequence[str],
    since: datetime,
) -> tuple[Sequence[str], str]:
    if cursor is not None:
        try:
            changes = mail.read_changes(mailbox, cursor)
        except CursorExpiredError:
            cursor = None
        else:
            older = mail.search(mailbox, fresh, since) if fresh else ()
            return list(dict.fromkeys([*changes.message_ids, *older])), changes.cursor
    # The cursor is taken before the search: what arrives meanwhile is found again, not lost.
    start = mail.read_cursor(mailbox)
    return mail.search(mailbox, known, since) if known else (), start


def _unsearched(snapshot: Snapshot, known: DealsByAddress) -> Sequence[str]:
    searched = {
        address
        for text in snapshot.tables["records"].column("searched")
        for address in as_text(text).split()
    }
    return sorted(set(known) - searched)


def plan_searched(snapshot: Snapshot, checked: Checked, *, all_searched: bool) -> Plan:
    """Plan to remember, by contact, the addresses of open deals that were searched for.

    An address whose deals have all ended is forgotten: letters that come meanwhile are not read, so
    it is searched for again when a deal is reopened.
    """
    known = deals_by_address(checked)
    records = snapshot.tables["records"]
    cells: dict[int, Cell] = {}
    for row in checked.contacts.rows:
        at = records.row_by_id.get(snapshot.tables["contacts"].text("id", row))
        if at is None:
            continue
        before = as_text(records.column("searched")[at]).split()
        own = [address for address in addresses(checked.contacts, row) if address in known]
        searched = [a for a in own if all_searched or a in before]
        if searched != before:
            cells[at] = " ".join(searched) or None
    return Plan(cells={("records", "searched"): cells}) if cells else Plan()


def plan_comments(
    snapshot: Snapshot, checked: Checked, mail: Mail, mailboxes: Sequence[str]
) -> Plan:
    """Plan a comment for each letter with a contact of an open deal, oldest first, and the cursors.

    A letter is remembered together with its comment, in one write.
    """
    threads = dict(threads_with_deal(snapshot.tables["comments"]))
    deal_ids = snapshot.tables["deals"].row_by_id
    known = deals_by_address(checked)
    comments: list[Row] = []
    remembered: list[Row] = []
    for letter in sorted(mail.letters.values(), key=lambda found: (found.when, found.key)):
        match = match_letter(letter, known, threads, deal_ids)
        if match is None:
            continue
        if match.deal_id:
            threads.setdefault(letter.thread, match.deal_id)
        comments.append(_comment(snapshot, checked, letter, match, mailboxes))
        remembered.append({"key": letter.key, "message": f"{letter.mailbox}/{letter.gmail_id}"})
    before = snapshot.structure.metadata
    cursors = {
        CURSOR + mailbox: cursor
        for mailbox, cursor in mail.cursors.items()
        if before.get(CURSOR + mailbox) != cursor
    }
    appended = {"comments": comments, "letters": remembered} if comments else {}
    return Plan(appended=appended, metadata=cursors)


def _comment(
    snapshot: Snapshot,
    checked: Checked,
    letter: Letter,
    match: Match,
    mailboxes: Sequence[str],
) -> Row:
    directions = checked.playbook.choices["comment_direction"]
    direction = directions[direction_of(letter, mailboxes)].in_locale(snapshot.locale)
    return {
        "deal_id": match.deal_id or None,
        "when": snapshot.serial(letter.when),
        "direction": direction,
        "sender": letter.shown_from,
        "to": cut_text(letter.shown_to, 5_000),
        "subject": cut_text(letter.subject, 5_000),
        "text": cut_text(
            own_text(letter.text) or say(snapshot.locale, COMMENT_LINES["no_text"]),
            checked.playbook.letters.max_characters,
        ),
        "attachments": cut_text("\n".join(letter.attachments), 5_000),
        "letter": LETTER_LINK.format(mailbox=letter.mailbox, message=letter.gmail_id),
        "candidates": ", ".join(match.candidates) or None,
        "letter_key": letter.key,
        "thread": letter.thread,
    }


def plan_last_letters(snapshot: Snapshot, checked: Checked) -> Plan:
    """Plan the date of each deal's last letter, and a note with the latest ones."""
    by_deal = letters_by_deal(snapshot.tables["comments"])
    table = snapshot.tables["deals"]
    present = table.column("last_letter")
    cells: dict[int, Cell] = {}
    notes: dict[int, Cell] = {}
    for row in checked.deals.rows:
        found = by_deal.get(table.text("id", row), ())
        cells[row] = found[0].when if found else None
        if found and present[row] != found[0].when:
            notes[row] = _note(found[: checked.playbook.letters.latest_in_note])
    return Plan(
        cells={("deals", "last_letter"): cells},
        notes={("deals", "last_letter"): notes} if notes else {},
    )


def _note(letters: Sequence[LoggedLetter]) -> str:
    return "\n".join(
        f"{show_moment(letter.when)} · {letter.direction} · {letter.subject[:100]}"
        for letter in letters
    )
