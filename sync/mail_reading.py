"""Reading one mailbox: what happened since the cursor, then searches that are due, bit by bit.

Whatever stops it (a budget, a quota, trouble), what was read until then counts, and the state says
where to go on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import quote

from rules.letter_log import GONE, Ledger
from rules.letter_matching import Known
from rules.letter_policy import reason_to_leave_out
from rules.letters import Letter
from rules.playbook import Letters
from sync.errors import CursorExpiredError, QuotaUsedUpError, SyncError, TransientError
from sync.mailbox_state import MailboxState, Scan
from sync.ports import Clock, Fetched, LabelNames, MailPort, MessageRef

ADDRESSES_A_SEARCH, CHARACTERS_A_SEARCH = 10, 1_780
"""More would make the address of the request so long (2,048 with all that stands there besides)
that the client sends it in another way. Each of ours stands there four times."""
LETTERS_A_FETCH = 25
MOST_CHANGES = 500
"""With more at once, a mailbox is searched as if it were new: that can stop anywhere."""

LOOKED_AT, LOOKED_AT_AFTER_A_SEARCH = 10, 50
"""The headers of so many latest messages are read whatever a search says: its index may lag, and no
search knows Reply-To."""

HOLD_SECONDS = 6 * 3600
"""A cursor that only strangers' letters have moved is written so often; Google keeps it a week."""

RECHECK_SECONDS = 24 * 3600

DOUBT_SECONDS, DOUBT_ENDS = 600, 2 * 24 * 3600
"""Messages that are not given, while nothing else was asked for, may be Google's trouble: only
after so long they are believed to be their own; a doubt older than the other is forgotten."""

RETRY_SECONDS = 900
"""So often a message is asked for again that Google did not give."""


log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """What is looked for: letters of these people that the policy lets in and nobody has logged.

    `marks` tell since when an address is looked for: see `MailboxState`.
    """

    known: Known
    marks: Mapping[str, int]
    policy: Letters
    internal: frozenset[str]
    ledger: Ledger
    now: datetime

    @property
    def labels(self) -> LabelNames:
        """The labels that matter."""
        count = self.policy.label if self.policy.count == "label" else None
        return LabelNames(self.policy.skip_label, count)

    def reason(self, letter: Letter) -> str | None:
        """Return why a letter is left out, None if it counts."""
        return reason_to_leave_out(letter, self.known, self.policy, self.internal)


@dataclass
class Budget:
    """What a pass may still take in: it bounds memory, the size of the write, and time."""

    letters: int
    characters: int
    clock: Clock
    deadline: datetime | None = None

    def check(self) -> None:
        """Raise EnoughError if there is nothing left."""
        late = self.deadline is not None and self.clock.now() > self.deadline
        if late or self.letters <= 0 or self.characters <= 0:
            raise EnoughError

    def spend(self, letter: Letter, most_characters: int) -> None:
        """Count a letter in."""
        self.letters -= 1
        self.characters -= min(len(letter.text), most_characters)


Item = TypeVar("Item")


class EnoughError(Exception):
    """The pass has taken in what it may; the next one goes on."""


@dataclass
class MailboxReading:
    """What a mailbox gave, and how far it is read now.

    `left_out` are letters with clients and the reason; `copies` letters that are logged from
    another mailbox; `failed` messages that Google does not give; `gone` those that had failed and
    are no matter any more. `skipped` are the messages under the label that keeps
    them out, None if nobody looked. `go_on_at` is set when there is more, but not now.
    """

    mailbox: str
    state: MailboxState | None
    letters: list[Letter] = field(default_factory=list)
    copies: list[Letter] = field(default_factory=list)
    left_out: list[tuple[Letter, str]] = field(default_factory=list)
    failed: list[MessageRef] = field(default_factory=list)
    gone: list[MessageRef] = field(default_factory=list)
    skipped: Sequence[MessageRef] | None = None
    failure: str = ""
    unfinished: bool = False
    go_on_at: datetime | None = None
    address: str = ""

    @property
    def skipped_threads(self) -> frozenset[str]:
        """The threads of which a message has the label that keeps them out."""
        return frozenset(ref.thread_id for ref in self.skipped or ()) - {""}


def read_mailbox(
    mailbox: str,
    state: MailboxState | None,
    wanted: Wanted,
    mail: MailPort,
    budget: Budget,
    logged_now: set[str],
) -> MailboxReading:
    """Return what is new in the mailbox. Nothing that goes wrong is raised.

    `logged_now` holds the keys of letters found in this pass already; it grows.
    """
    reader = _Reader(MailboxReading(mailbox, state), wanted, mail, budget, logged_now)
    result = reader.result
    try:
        budget.check()
        reader.read()
    except EnoughError:
        result.unfinished = True
    except QuotaUsedUpError as error:
        result.unfinished, result.go_on_at = True, error.until
    except SyncError as error:
        result.failure = f"mailbox {mailbox}: {str(error).removeprefix(f'mailbox {mailbox}: ')}"
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        log.exception("mailbox %s: an answer cannot be read", mailbox)
        result.failure = f"mailbox {mailbox}: an answer cannot be read ({type(error).__name__})"
    return result


@dataclass
class _Reader:
    result: MailboxReading
    wanted: Wanted
    mail: MailPort
    budget: Budget
    logged_now: set[str]
    looked_at: set[str] = field(default_factory=set)
    skipped_threads: frozenset[str] = frozenset()

    @property
    def _mailbox(self) -> str:
        return self.result.mailbox

    @property
    def _now(self) -> int:
        return int(self.wanted.now.timestamp())

    def read(self) -> None:
        state = self.result.state
        if state is None:
            self._start_anew()
        else:
            self._read_changes(state)
        self._retry()
        self._scan()

    # ── What happened since ──────────────────────────────────────────────────────────────────────

    def _start_anew(self, renewed: int = 0) -> None:
        """Take the cursor first: what arrives during the search is found again, not lost."""
        history = self.mail.read_cursor(self._mailbox)
        address = self._address()
        self.result.state = MailboxState(history, address, written=self._now, renewed=renewed)

    def _bridge(self, state: MailboxState) -> None:
        """Search everything anew, as history is lost: not twice in a row, nor from the start again.

        Where that has just been done, or is under way, the last days are searched at once and the
        rest later.
        """
        under_way = state.scan is not None and state.scan.low == 0
        if not under_way and self._now >= state.renewed + RECHECK_SECONDS:
            self._start_anew(renewed=self._now)
            return
        history = self.mail.read_cursor(self._mailbox)
        self.result.state = replace(
            state, history=history, written=self._now, rechecked=0, lost=True
        )

    def _read_changes(self, state: MailboxState) -> None:
        try:
            changes = self.mail.read_changes(
                self._mailbox, state.history, self.wanted.labels, MOST_CHANGES
            )
        except CursorExpiredError:
            self._bridge(state)
            return
        if not changes.complete:
            self._start_anew(state.renewed)
            return
        if changes.messages or changes.skipped:
            self._find_skipped()
            self._take(self._narrowed(self._open(changes.messages)))
        elif changes.cursor == state.history or self._now < state.written + HOLD_SECONDS:
            return
        state = self.result.state or state
        self.result.state = replace(state, history=changes.cursor, written=self._now)

    def _narrowed(self, refs: Sequence[MessageRef]) -> list[MessageRef]:
        """Return the messages with people who count, by the cheapest calls that tell."""
        addresses = sorted(self.wanted.known.addresses)
        if not addresses:
            return []
        older, latest = refs[:-LOOKED_AT], refs[-LOOKED_AT:]
        if 4 * len(older) <= len(addresses) / ADDRESSES_A_SEARCH:  # a look costs four searches
            return self._by_headers(refs)
        return [*self._by_search(older, addresses), *self._by_headers(latest)]

    def _by_search(self, refs: Sequence[MessageRef], addresses: Sequence[str]) -> list[MessageRef]:
        left = {ref.message_id for ref in refs}
        for some in _groups(addresses):
            if left:
                left -= self.mail.with_addresses(self._mailbox, some, left)
        return [ref for ref in refs if ref.message_id not in left]

    def _by_headers(self, refs: Sequence[MessageRef]) -> list[MessageRef]:
        kept: list[MessageRef] = []
        for some in _chunks(refs, LETTERS_A_FETCH):
            self.budget.check()
            fetched = self.mail.fetch_headers(self._mailbox, _ids(some))
            for ref in some:
                letter = fetched.letters.get(ref.message_id)
                if letter is not None and not self._put_aside(ref, letter):
                    kept.append(ref)
            self._settle(some, fetched)
        return kept

    # ── What Google did not give ──────────────────────────────────────────────────────────────────

    def _retry(self) -> None:
        state, failed = self.result.state, self.wanted.ledger.failed
        if state is None or not failed or self._now < state.retried + RETRY_SECONDS:
            return
        ours = f"{self._address()}/"
        refs = [
            MessageRef(place.removeprefix(ours), thread)
            for place, thread in failed.items()
            if place.startswith(ours)
        ]
        if refs:
            self._find_skipped()
            self._take(self._open(refs))
            self.result.state = replace(self.result.state or state, retried=self._now)

    # ── Searches ─────────────────────────────────────────────────────────────────────────────────

    def _scan(self) -> None:
        while (state := self.result.state) is not None:
            state = state if state.scan else self._with_due_scan(state)
            if state.scan is None:
                return
            self.result.state = state
            self._find_skipped()
            self._next_addresses(state, state.scan)

    def _with_due_scan(self, state: MailboxState) -> MailboxState:
        """Return the state with the search that is due; without one if there is none."""
        marks, policy, now = self.wanted.marks.values(), self.wanted.policy, self._now
        if any(mark > state.searched for mark in marks):
            rechecked = state.rechecked if state.searched else now
            scan = self._new_scan(state.searched, max(marks), policy.search_days)
            return replace(state, rechecked=rechecked, scan=scan)
        if marks and state.lost and now >= state.renewed + RECHECK_SECONDS:
            scan = self._new_scan(0, state.searched, policy.search_days)
            return replace(state, rechecked=now, renewed=now, lost=False, scan=scan)
        days = max(policy.recheck_days, int(state.lost))
        if marks and days and now >= state.rechecked + RECHECK_SECONDS:
            scan = self._new_scan(0, state.searched, days)
            return replace(state, rechecked=now, scan=scan)
        return state

    def _new_scan(self, low: int, high: int, days: int) -> Scan:
        since = int((self.wanted.now - timedelta(days=days)).timestamp())
        return Scan(low, high, since, until=self._now)

    def _next_addresses(self, state: MailboxState, scan: Scan) -> None:
        left = sorted(
            address
            for address, mark in self.wanted.marks.items()
            if scan.low < mark <= scan.high and address > scan.done
        )
        if not left:
            if scan.low == 0:
                latest = self.mail.latest(self._mailbox, LOOKED_AT_AFTER_A_SEARCH)
                self._take(self._by_headers(self._open(latest[::-1])))
            state = self.result.state or state
            searched = max(state.searched, scan.high)
            self.result.state = replace(state, searched=searched, scan=None, written=self._now)
            return
        if not scan.last:
            scan = replace(scan, last=next(_groups(left))[-1], place=scan.since)
        some = [address for address in left if address <= scan.last]
        if some:
            self._search(state, scan, some)
        self._keep(state, replace(scan, done=scan.last, last=""))

    def _search(self, state: MailboxState, scan: Scan, addresses: Sequence[str]) -> None:
        """Search from the place on, in windows of time that hold one page at most."""
        place, end = scan.place, scan.until
        while place < scan.until:
            self.budget.check()
            width = end - place
            page = self.mail.search(
                self._mailbox,
                addresses,
                _moment(place),
                # A clock may be ahead of ours: the last window has no end.
                None if end >= scan.until and width > 1 else _moment(end),
                self.wanted.labels.count,
            )
            if not page.complete and width > 1:
                end = place + width // 2
                continue
            # Mostly the newest comes first: what is cut off by a quota is then the newest.
            self._take(self._open(page.messages[::-1]))
            place = end
            self._keep(state, replace(scan, place=place))
            end = min(scan.until, end + 2 * width)

    def _keep(self, state: MailboxState, scan: Scan) -> None:
        self.result.state = replace(self.result.state or state, scan=scan, written=self._now)

    # ── Letters ──────────────────────────────────────────────────────────────────────────────────

    def _open(self, refs: Sequence[MessageRef]) -> list[MessageRef]:
        """Return the messages of which it is not settled yet what becomes of them.

        Those that their label keeps out are settled here, by their headers.
        """
        if not refs:
            return []
        address = self._address()
        found = [
            ref
            for ref in refs
            if ref.message_id not in self.looked_at
            and not self.wanted.ledger.settled(f"{address}/{ref.message_id}")
        ]
        kept_out = [ref for ref in found if self._is_skipped(ref)]
        new = [ref for ref in kept_out if not self._is_remembered(ref)]
        self._by_headers(new)
        return [ref for ref in found if ref not in kept_out]

    def _take(self, refs: Sequence[MessageRef]) -> None:
        """Fetch letters, and keep those that count."""
        most = self.wanted.policy.max_characters
        for some in _chunks(refs, LETTERS_A_FETCH):
            self.budget.check()
            fetched = self.mail.fetch(self._mailbox, _ids(some))
            for ref in some:
                letter = fetched.letters.get(ref.message_id)
                if letter is not None and not self._put_aside(ref, letter):
                    self.result.letters.append(letter)
                    self.logged_now.add(letter.key)
                    self.looked_at.add(ref.message_id)
                    self.budget.spend(letter, most)
            self._settle(some, fetched)

    def _put_aside(self, ref: MessageRef, letter: Letter) -> bool:
        """Return whether the letter is not to be logged, and remember why, unless strangers'."""
        reason = "skipped" if self._is_skipped(ref) else None
        reason = self.wanted.reason(letter) or reason
        if reason is None and self.wanted.ledger.kept_out_elsewhere(letter.key, letter.mailbox):
            reason = GONE
        if reason is None and not self._is_logged(letter.key):
            return False
        self.looked_at.add(ref.message_id)
        if reason is None:
            self.result.copies.append(letter)
        elif reason != "stranger":
            self.result.left_out.append((letter, reason))
        elif self._has_failed(ref):
            self.result.gone.append(ref)
        return True

    def _is_logged(self, key: str) -> bool:
        return key in self.logged_now or key in self.wanted.ledger.keys

    def _settle(self, refs: Sequence[MessageRef], fetched: Fetched) -> None:
        """Note what could not be fetched. Raises QuotaUsedUpError if the rest has to wait."""
        self._doubt(refs, fetched)
        self.result.failed += [ref for ref in refs if ref.message_id in fetched.failed]
        self.result.gone += [
            ref for ref in refs if ref.message_id in fetched.gone and self._has_failed(ref)
        ]
        self.looked_at |= fetched.failed | fetched.gone
        if fetched.busy_until is not None:
            raise QuotaUsedUpError("quota is used up", fetched.busy_until)

    def _doubt(self, refs: Sequence[MessageRef], fetched: Fetched) -> None:
        """Raise TransientError if it may be Google that fails, and not the messages."""
        state = self.result.state
        given = fetched.letters or fetched.gone or not fetched.failed
        if state is None or given or all(map(self._has_failed, refs)):
            return
        doubted = self._now - state.doubted
        believed = DOUBT_SECONDS <= doubted < DOUBT_ENDS
        if doubted >= DOUBT_ENDS or believed:
            self.result.state = replace(state, doubted=0 if believed else self._now)
        if not believed:
            raise TransientError(f"Google does not give {len(fetched.failed)} message(s)")

    # ── What a label keeps out ───────────────────────────────────────────────────────────────────

    def _find_skipped(self) -> None:
        if self.result.skipped is None:
            label = self.wanted.labels.skip
            self.result.skipped = self.mail.labelled(self._mailbox, label) if label else ()
            self.skipped_threads = self.result.skipped_threads
            self._address()

    def _is_skipped(self, ref: MessageRef) -> bool:
        return ref.thread_id in self.skipped_threads

    def _has_failed(self, ref: MessageRef) -> bool:
        failed = self.wanted.ledger.failed
        return bool(failed) and f"{self._address()}/{ref.message_id}" in failed

    def _is_remembered(self, ref: MessageRef) -> bool:
        return f"{self._address()}/{ref.message_id}" in self.wanted.ledger.row_by_place

    def _address(self) -> str:
        if not self.result.address:
            self.result.address = self.mail.address(self._mailbox)
        return self.result.address


def _ids(refs: Sequence[MessageRef]) -> list[str]:
    return [ref.message_id for ref in refs]


def _moment(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def _chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _groups(addresses: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield as many addresses at a time as one search takes."""
    some: list[str] = []
    for address in addresses:
        characters = sum(4 * len(quote(one)) + 27 for one in (*some, address))
        if some and (len(some) == ADDRESSES_A_SEARCH or characters > CHARACTERS_A_SEARCH):
            yield some
            some = []
        some.append(address)
    if some:
        yield some
