"""One mailbox: letters, threads, labels, drafts, and the history of what happened to them."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from sandbox.gmail.index import MESSAGE_ID, WordIndex
from sandbox.gmail.mime import summarize
from sandbox.gmail.model import SYSTEM_LABELS, TRASH, Happening, Label, Letter
from sandbox.gmail.preferences import MailSettings

HISTORY_KEPT = timedelta(days=7)


def _place(letter: Letter) -> tuple[int, str]:
    """Return what letters are in order by."""
    return letter.date_ms, letter.id


class HistoryExpiredError(Exception):
    """History before the asked place is no longer kept."""


class Mailbox:
    """A mailbox; its caller holds the mailbox's lock."""

    def __init__(self, owner: str, new_id: Callable[[str], str], first_history_id: int) -> None:
        self.owner = owner
        self.letters: dict[str, Letter] = {}
        self.threads: dict[str, list[str]] = {}
        self.labels: dict[str, Label] = {}
        self.drafts: dict[str, str] = {}
        """Letter ids by draft id; a saved draft gets another letter."""
        self.history_id = first_history_id
        self._forgotten_to = first_history_id
        self._history: list[Happening] = []
        self._by_date: list[Letter] = []
        self.index = WordIndex()
        self.settings = MailSettings(owner)
        self._new_id = new_id
        self._next_label = 1

    # Reading

    def newest_first(self) -> Iterator[Letter]:
        """All letters by their date."""
        return reversed(self._by_date)

    def in_order(self, ids: Iterable[str]) -> list[Letter]:
        """Return the letters of these ids, the newest first."""
        return sorted((self.letters[name] for name in ids), key=_place, reverse=True)

    def thread(self, thread_id: str) -> list[Letter]:
        """Return a thread's letters, oldest first; empty when there is no such thread."""
        letters = [self.letters[letter_id] for letter_id in self.threads.get(thread_id, ())]
        return sorted(letters, key=lambda letter: letter.date_ms)

    def has_label(self, label_id: str) -> bool:
        """Whether a label exists, a system one or the user's."""
        return label_id in SYSTEM_LABELS or label_id in self.labels

    def find_by_message_id(self, message_id: str) -> Letter | None:
        """Return the oldest letter with a Message-ID header, angle brackets included."""
        found = self.in_order(self.index.among(MESSAGE_ID, [message_id]))
        return found[-1] if found else None

    def history_after(self, start_id: int, now: datetime) -> list[Happening]:
        """Return what happened strictly after a history id; HistoryExpiredError when not kept."""
        self._forget_history(now)
        if start_id < self._forgotten_to:
            raise HistoryExpiredError
        place = bisect.bisect_right(self._history, start_id, key=lambda happening: happening.id)
        return self._history[place:]

    def forget_all_history(self) -> None:
        """Drop everything that is kept, as Google sometimes does after hours."""
        self._forgotten_to = self.history_id
        self._history.clear()

    # Changing

    def add(
        self,
        raw: bytes,
        labels: Iterable[str],
        now: datetime,
        *,
        date_ms: int | None = None,
        thread_id: str | None = None,
    ) -> Letter:
        """Put a letter in; dated now unless told, threaded by its references unless told."""
        summary = summarize(raw)
        letter_id = self._new_id("message")
        now_ms = int(now.timestamp() * 1000)
        letter = Letter(
            id=letter_id,
            thread_id="",
            raw=raw,
            date_ms=now_ms if date_ms is None else date_ms,
            summary=summary,
            labels=set(labels),
        )
        letter.thread_id = thread_id or self._find_thread(letter) or letter_id
        self.letters[letter_id] = letter
        self.threads.setdefault(letter.thread_id, []).append(letter_id)
        bisect.insort(self._by_date, letter, key=_place)
        self.index.add(letter)
        self._happen("messageAdded", letter, letter.labels, now)
        return letter

    def remove(self, letter: Letter, now: datetime) -> None:
        """Delete a letter for good."""
        del self.letters[letter.id]
        del self._by_date[bisect.bisect_left(self._by_date, _place(letter), key=_place)]
        self.index.remove(letter)
        thread = self.threads[letter.thread_id]
        thread.remove(letter.id)
        if not thread:
            del self.threads[letter.thread_id]
        self._happen("messageDeleted", letter, letter.labels, now)

    def relabel(
        self, letter: Letter, added: Iterable[str], removed: Iterable[str], now: datetime
    ) -> None:
        """Add and remove labels; only what really changes goes into the history."""
        coming = [label for label in added if label not in letter.labels]
        going = [label for label in removed if label in letter.labels and label not in coming]
        letter.labels.update(coming)
        letter.labels.difference_update(going)
        if coming:
            self._happen("labelAdded", letter, coming, now)
        if going:
            self._happen("labelRemoved", letter, going, now)

    def add_label(self, name: str) -> Label:
        """Make a user's label."""
        label = Label(f"Label_{self._next_label}", name)
        self._next_label += 1
        self.labels[label.id] = label
        return label

    def remove_label(self, label: Label, now: datetime) -> None:
        """Delete a user's label from the mailbox and from its letters."""
        for letter in self.letters.values():
            self.relabel(letter, (), (label.id,), now)
        del self.labels[label.id]

    # Inside

    def _find_thread(self, letter: Letter) -> str | None:
        for reference in reversed(letter.summary.references):
            known = self.find_by_message_id(reference)
            same_subject = known is not None and known.summary.subject == letter.summary.subject
            if known is not None and same_subject and TRASH not in known.labels:
                return known.thread_id
        return None

    def _happen(self, kind: str, letter: Letter, labels: Iterable[str], now: datetime) -> None:
        self.history_id += 1
        letter.history_id = self.history_id
        self._history.append(
            Happening(
                id=self.history_id,
                kind=kind,
                letter_id=letter.id,
                thread_id=letter.thread_id,
                label_ids=tuple(sorted(labels)),
                letter_labels=tuple(sorted(letter.labels)),
                at_ms=int(now.timestamp() * 1000),
            )
        )

    def _forget_history(self, now: datetime) -> None:
        oldest_kept_ms = int((now - HISTORY_KEPT).timestamp() * 1000)
        kept_from = bisect.bisect_left(self._history, oldest_kept_ms, key=lambda h: h.at_ms)
        if kept_from:
            self._forgotten_to = self._history[kept_from - 1].id
            del self._history[:kept_from]
