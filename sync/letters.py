"""Letters of the mailboxes as comments: what to read, and what of it to write."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from rules.check import Checked, addresses
from rules.letter_files import file_name
from rules.letter_log import COPY, FAILED, GONE, LOGGED, SKIPPED, Ledger
from rules.letter_matching import Known, Match, known_people, make_matcher, threads_to_bind
from rules.letter_policy import internal_addresses
from rules.letter_text import own_text
from rules.letters import Letter, cut_text, direction_of
from rules.messages import COMMENT_LINES
from rules.playbook import Letters
from rules.table import as_text
from rules.words import say
from sync.discussions import DUE, is_due
from sync.errors import SyncError
from sync.mail_reading import Budget, MailboxReading, Wanted, read_mailbox
from sync.mailbox_state import CURSOR, MailboxState, read_states, write_state
from sync.plan import Cell, ColumnCells, Plan, Row
from sync.ports import Clock, MailPort
from sync.snapshot import Snapshot

LETTER_LINK = "https://mail.google.com/mail/u/?authuser={mailbox}#all/{message}"

MOST_LETTERS = 500
MOST_CHARACTERS = 1_200_000
"""So many letters, and so much of their text, one pass takes in: what it writes is one request."""


@dataclass(frozen=True)
class Mail:
    """What the mailboxes gave. `known` and `marks` are what was asked for.

    `internal` are the domains and addresses of colleagues.
    """

    known: Known
    marks: Mapping[str, int]
    internal: frozenset[str] = frozenset()
    readings: tuple[MailboxReading, ...] = ()

    @property
    def letters(self) -> list[Letter]:
        """The letters to be logged, oldest first."""
        found = [letter for reading in self.readings for letter in reading.letters]
        counting = (letter for letter in found if letter.key not in self.kept_out)
        return sorted(counting, key=lambda letter: (letter.when, letter.key))

    @cached_property
    def kept_out(self) -> frozenset[str]:
        """The Message-IDs of letters that the label of one mailbox keeps out of all."""
        left_out = (pair for reading in self.readings for pair in reading.left_out)
        return frozenset(letter.key for letter, reason in left_out if reason == SKIPPED)

    @property
    def failures(self) -> tuple[str, ...]:
        """What went wrong, a line for each mailbox."""
        return tuple(reading.failure for reading in self.readings if reading.failure)

    @property
    def waiting(self) -> Mapping[str, datetime | None]:
        """The mailboxes that have more to give; when, or None: at once."""
        return {one.mailbox: one.go_on_at for one in self.readings if one.unfinished}


@dataclass(frozen=True)
class Recheck:
    """The wish that so many days of each mailbox are compared with the log, as it `began`."""

    days: int
    began: datetime

    def due(self, state: MailboxState) -> MailboxState:
        """Return the state of a mailbox with its comparison due, unless it has been done since."""
        done = state.rechecked > int(self.began.timestamp())
        return state if done else replace(state, rechecked=0)


def fetch_mail(
    snapshot: Snapshot,
    checked: Checked,
    mailboxes: Sequence[str],
    mail: MailPort,
    clock: Clock,
    deadline: datetime | None,
    recheck: Recheck | None = None,
) -> Mail:
    """Return what is new, mailbox by mailbox; a failing one does not stop the others.

    With `recheck`, the days that it tells are compared with the log, as others are once a day.
    """
    policy = checked.playbook.letters
    states = read_states(snapshot.structure.metadata)
    internal = internal_addresses(policy, _own_addresses(mailboxes, states, mail))
    known = known_people(checked, internal)
    marks = _marks(snapshot, checked, known)
    ledger = _ledger(snapshot)
    if recheck is not None:
        states = {box: recheck.due(state) for box, state in states.items()}
        policy = policy.model_copy(update={"recheck_days": recheck.days})
    wanted = Wanted(known, marks, policy, internal, ledger, snapshot.read_at)
    budget = Budget(MOST_LETTERS, MOST_CHARACTERS, clock, deadline)
    logged_now: set[str] = set()
    readings = [
        read_mailbox(mailbox, states.get(mailbox), wanted, mail, budget, logged_now)
        for mailbox in dict.fromkeys(mailboxes)
    ]
    return Mail(known, marks, internal, tuple(readings))


def _own_addresses(
    mailboxes: Sequence[str], states: Mapping[str, MailboxState], mail: MailPort
) -> Iterator[str]:
    """Yield the addresses of the mailboxes; one that cannot be told is told of when it is read."""
    for mailbox in mailboxes:
        state = states.get(mailbox)
        if state is not None and state.address:
            yield state.address
        else:
            with suppress(SyncError, LookupError):
                yield mail.address(mailbox)


def _ledger(snapshot: Snapshot) -> Ledger:
    return Ledger(snapshot.tables["letters"], snapshot.tables["comments"])


# ── Which addresses have been searched for ───────────────────────────────────────────────────────


def _marks(snapshot: Snapshot, checked: Checked, known: Known) -> Mapping[str, int]:
    """Return the mark of each address whose letters count; new ones get the next mark.

    A mark is a moment, and higher than all before: a mailbox that has been searched for all marks
    up to some number still lacks those above it.
    """
    before = _recorded_marks(snapshot)
    states = read_states(snapshot.structure.metadata).values()
    used = max((*before.values(), *(state.newest_mark for state in states)), default=0)
    fresh = max(int(snapshot.read_at.timestamp()), used + 1)
    rows = snapshot.tables["records"].row_by_id
    marks: dict[str, int] = {}
    for row in checked.contacts.rows:
        if snapshot.tables["contacts"].text("id", row) in rows:
            for address in addresses(checked.contacts, row):
                if address in known.addresses:
                    marks[address] = before.get(address, fresh)
    return marks


def _recorded_marks(snapshot: Snapshot) -> Mapping[str, int]:
    """Return the marks that the records hold; of two for one address, the earlier one."""
    found: dict[str, int] = {}
    for text in snapshot.tables["records"].column("searched"):
        for word in as_text(text).split():
            address, _, mark = word.rpartition("=")
            if mark.isdigit():
                found[address] = min(int(mark), found.get(address, int(mark)))
    return found


def plan_marks(snapshot: Snapshot, checked: Checked, mail: Mail) -> Plan:
    """Plan to remember, by contact, since when its addresses are looked for.

    An address whose deals have all ended is forgotten: letters that come meanwhile are not read, so
    it is searched for again when a deal is reopened.
    """
    records = snapshot.tables["records"]
    cells: dict[int, Cell] = {}
    for row in checked.contacts.rows:
        at = records.row_by_id.get(snapshot.tables["contacts"].text("id", row))
        if at is None:
            continue
        own = [a for a in addresses(checked.contacts, row) if a in mail.marks]
        marked = " ".join(f"{address}={mail.marks[address]}" for address in own)
        if marked != as_text(records.column("searched")[at]):
            cells[at] = marked or None
    return Plan(cells={("records", "searched"): cells}) if cells else Plan()


# ── Comments ─────────────────────────────────────────────────────────────────────────────────────


def plan_mail(snapshot: Snapshot, checked: Checked, mail: Mail) -> Plan:
    """Plan all that follows from what the mailboxes gave, in one write.

    A comment for each letter, oldest first; a line in the memory for each message; rows of letters
    that a label keeps out now are removed; the mailboxes' states.
    """
    comments, logged = _plan_comments(snapshot, checked, mail)
    ledger = _ledger(snapshot)
    seen = {**_remembered(mail, snapshot, ledger), **logged}
    plan = _plan_memory(ledger, seen).then(_plan_removals(snapshot, ledger, mail.readings))
    appended = {"comments": comments} if comments else {}
    return Plan(appended=appended, metadata=_new_states(snapshot, mail)).then(plan)


def _plan_comments(
    snapshot: Snapshot, checked: Checked, mail: Mail
) -> tuple[list[Row], Mapping[str, Row]]:
    """Return new rows of Comments, and what to remember of these letters, by place."""
    rows: list[Row] = []
    remembered: dict[str, Row] = {}
    matcher = None
    for letter in mail.letters:
        matcher = matcher or make_matcher(checked, mail.known, snapshot.tables["letters"])
        match = matcher.match(letter)
        if match is not None:
            rows.append(_comment(snapshot, checked, letter, match, mail.internal))
            posted = DUE if is_due(snapshot, letter, checked.playbook.letters) else None
            row = _memory_row(snapshot, letter, LOGGED)
            remembered[letter.place] = {**row, "posted": posted}
    return rows, remembered


def _comment(
    snapshot: Snapshot,
    checked: Checked,
    letter: Letter,
    match: Match,
    internal: Collection[str],
) -> Row:
    directions = checked.playbook.choices["comment_direction"]
    direction = directions[direction_of(letter, internal)].in_locale(snapshot.locale)
    return {
        "deal_id": match.deal_id or None,
        "when": snapshot.serial(letter.when),
        "direction": direction,
        "sender": letter.shown_from,
        "to": cut_text(letter.shown_to, 5_000),
        "subject": cut_text(letter.subject, 5_000),
        "text": comment_text(snapshot, letter, checked.playbook.letters),
        "attachments": cut_text(
            "\n".join(file_name(file.name) for file in letter.attachments), 5_000
        ),
        "letter": letter_link(letter),
        "candidates": ", ".join(match.candidates) or None,
        "letter_key": letter.key,
        "thread": letter.thread,
    }


def comment_text(snapshot: Snapshot, letter: Letter, policy: Letters) -> str:
    """Return what the comment says of a letter; cut, it ends with the link to the letter itself."""
    text = own_text(letter.text, letter.subject) or say(snapshot.locale, COMMENT_LINES["no_text"])
    if len(text) <= policy.max_characters:
        return text
    rest = say(snapshot.locale, COMMENT_LINES["cut"], link=letter_link(letter))
    return f"{cut_text(text, policy.max_characters - len(rest) - 1)}\n{rest}"


def letter_link(letter: Letter) -> str:
    """Return the link that opens the letter in Gmail."""
    return LETTER_LINK.format(mailbox=letter.mailbox, message=letter.gmail_id)


# ── Memory ───────────────────────────────────────────────────────────────────────────────────────


def _memory_row(snapshot: Snapshot, letter: Letter, state: str) -> Row:
    return {
        "key": letter.key,
        "message": letter.place,
        "thread": letter.gmail_thread,
        "day": int(snapshot.serial(letter.when)),
        "state": state,
    }


def _remembered(mail: Mail, snapshot: Snapshot, ledger: Ledger) -> Mapping[str, Row]:
    """Return what to remember of the messages that get no comment, by place."""
    found: dict[str, Row] = {}
    out = mail.kept_out
    for reading in mail.readings:
        pairs = [
            *((letter, COPY) for letter in reading.copies),
            *(
                (letter, GONE)
                for letter in (*reading.letters, *reading.copies)
                if letter.key in out
            ),
            *reading.left_out,
        ]
        found |= {one.place: _memory_row(snapshot, one, state) for one, state in pairs}
        for ref in reading.failed:
            place = f"{reading.address}/{ref.message_id}"
            if place in ledger.failed:
                continue
            day = int(snapshot.serial(snapshot.read_at))
            found[place] = {
                "message": place, "thread": ref.thread_id, "day": day, "state": FAILED
            }  # fmt: skip
        for ref in reading.gone:
            found[f"{reading.address}/{ref.message_id}"] = {"state": GONE}
    return found


def _plan_memory(ledger: Ledger, seen: Mapping[str, Row]) -> Plan:
    """Plan a line for each message that has none; one that has gets what is new about it."""
    known = {place: row for place in seen if (row := ledger.row_by_place.get(place)) is not None}
    cells: dict[tuple[str, str], ColumnCells] = {}
    for field_ in ("key", "thread", "day", "state", "posted") if known else ():
        found = {row: seen[place][field_] for place, row in known.items() if field_ in seen[place]}
        if found:
            cells["letters", field_] = found
    new = [row for place, row in seen.items() if place not in known]
    return Plan(cells=cells, appended={"letters": new} if new else {})


def _plan_removals(snapshot: Snapshot, ledger: Ledger, readings: Sequence[MailboxReading]) -> Plan:
    """Plan to take out the letters that a label keeps out by now, with their comments."""
    out = {row for reading in readings for row in _skipped_rows(ledger, reading)}
    if not out:
        return Plan()
    keys = {ledger.table.text("key", row) for row in out} - {""}
    column, before = ledger.table.column("key"), ledger.table.column("state")
    states: ColumnCells = {
        # In other mailboxes the letter is out because it is out here.
        row: SKIPPED if row in out else GONE
        for row, key in enumerate(column)
        if row in out or (as_text(key) in keys and before[row] in (LOGGED, COPY))
    }
    logged = snapshot.tables["comments"].column("letter_key")
    rows = [row for row, key in enumerate(logged) if as_text(key) in keys]
    return Plan(cells={("letters", "state"): states}, removed={"comments": frozenset(rows)})


def _skipped_rows(ledger: Ledger, reading: MailboxReading) -> Iterator[int]:
    threads = reading.skipped_threads
    if not threads:
        return
    columns = map(ledger.table.column, ("message", "thread", "state"))
    for row, (place, thread, state) in enumerate(zip(*columns, strict=True)):
        mailbox = as_text(place).rpartition("/")[0]
        if mailbox == reading.address and thread in threads and state in (LOGGED, COPY, GONE):
            yield row


def _new_states(snapshot: Snapshot, mail: Mail) -> Mapping[str, str]:
    before = snapshot.structure.metadata
    states = {
        CURSOR + reading.mailbox: write_state(reading.state)
        for reading in mail.readings
        if reading.state is not None
    }
    return {key: state for key, state in states.items() if before.get(key) != state}


def plan_thread_choices(snapshot: Snapshot) -> Plan:
    """Plan the deal of comments that wait for a choice, where it was made for their thread."""
    comments, letters, deals = (snapshot.tables[tab] for tab in ("comments", "letters", "deals"))
    found: ColumnCells = threads_to_bind(comments, letters, deals.row_by_id.keys())
    return Plan(cells={("comments", "deal_id"): found}) if found else Plan()
