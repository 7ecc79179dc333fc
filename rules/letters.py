"""Status letters: what of a letter the rules look at, and what the Comments tab says of letters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rules.history import event_moment
from rules.playbook import Playbook
from rules.table import Raw, Table, as_text
from rules.text import fold


@dataclass(frozen=True)
class Attachment:
    """A file that came with a letter; `part` is the id under which Gmail gives its content."""

    name: str
    mime_type: str = ""
    size: int = 0
    part: str = ""


@dataclass(frozen=True)
class Marks:
    """The headers by which machines say that they wrote a letter (RFC 2369, 2919, 3834, 5546)."""

    list_id: str = ""
    precedence: str = ""
    unsubscribe: str = ""
    auto_submitted: str = ""
    invitation: bool = False


@dataclass(frozen=True)
class Letter:
    """A letter as found in one mailbox; without text and attachments if only its headers were read.

    `key` is its Message-ID, the same in every mailbox; `when` is aware. `others` holds all
    addresses on it but the sender's. `sender` and the addresses are in lower case, `shown_from`
    and `shown_to` as the letter writes them. `thread` is the Message-ID of the thread's first
    letter, `references` those of the letters before this one; `gmail_thread` is the mailbox's own
    id of the thread. `labels` are the names of the mailbox's labels.
    """

    key: str
    thread: str
    gmail_id: str
    mailbox: str
    when: datetime
    sender: str
    others: tuple[str, ...]
    shown_from: str
    shown_to: str
    subject: str
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    references: tuple[str, ...] = ()
    gmail_thread: str = ""
    labels: frozenset[str] = frozenset()
    marks: Marks = field(default_factory=Marks)

    @property
    def place(self) -> str:
        """Where the letter lies: its mailbox and its id there."""
        return f"{self.mailbox}/{self.gmail_id}"

    @property
    def gmail_place(self) -> str:
        """Where its thread lies, "" if that is not known."""
        return thread_place(self.mailbox, self.gmail_thread) if self.gmail_thread else ""


def thread_place(mailbox: str, gmail_thread: str) -> str:
    """Return what names a thread of a mailbox, and no message."""
    return f"{mailbox}//{gmail_thread}"


def is_ours(letter: Letter, internal: Collection[str]) -> bool:
    """Return whether one of us wrote it: from the mailbox, or at an internal address or domain."""
    if letter.sender == letter.mailbox or "SENT" in letter.labels:
        return True
    return letter.sender in internal or letter.sender.rpartition("@")[2] in internal


def direction_of(letter: Letter, internal: Collection[str]) -> str:
    """Return "outgoing" for a letter that one of us wrote, else "incoming"."""
    return "outgoing" if is_ours(letter, internal) else "incoming"


def cut_text(text: str, most_characters: int) -> str:
    """Return the text, cut with an ellipsis when it is longer than a cell should hold."""
    return text if len(text) <= most_characters else text[: most_characters - 1] + "…"


# ── The Comments tab ─────────────────────────────────────────────────────────────────────────────


def deal_id_in(cell: Raw) -> str:
    """Return the deal's ID as a manager typed it into a comment, however it is spaced or cased."""
    return as_text(cell).upper()


@dataclass(frozen=True)
class Comment:
    """A row of the Comments tab that belongs to a deal; `when` is a serial date and time.

    A `letter` was logged by the worker, or written down by a manager as incoming or outgoing; the
    rest are managers' notes. `title` is its subject, or the beginning of its text.
    """

    when: float
    direction: str
    title: str
    letter: bool


def comments_by_deal(comments: Table, playbook: Playbook) -> Mapping[str, Sequence[Comment]]:
    """Return the comments of each deal, latest first; those without a true date are left out."""
    words = playbook.choices["comment_direction"]
    typed = words["incoming"].spellings | words["outgoing"].spellings
    found: dict[str, list[Comment]] = defaultdict(list)
    rows = zip(
        comments.column("deal_id"),
        comments.column("letter_key"),
        comments.column("when"),
        range(comments.height),
        strict=True,
    )
    for deal_id, key, when, row in rows:
        moment = event_moment(when)
        if moment is None or not deal_id_in(deal_id):
            continue
        direction = comments.text("direction", row)
        title = comments.text("subject", row) or comments.text("text", row)
        letter = bool(key) or fold(direction) in typed
        found[deal_id_in(deal_id)].append(Comment(moment, direction, title, letter))
    for some in found.values():
        some.sort(key=lambda comment: comment.when, reverse=True)
    return found


def letters_by_deal(comments: Table, playbook: Playbook) -> Mapping[str, Sequence[Comment]]:
    """Return the letters of each deal, latest first. Managers' notes are no letters."""
    found = comments_by_deal(comments, playbook)
    return {deal: [one for one in some if one.letter] for deal, some in found.items()}
