"""What a mailbox is made of."""

from __future__ import annotations

from dataclasses import dataclass, field

INBOX, SENT, DRAFT, SPAM, TRASH, UNREAD, STARRED = (
    "INBOX",
    "SENT",
    "DRAFT",
    "SPAM",
    "TRASH",
    "UNREAD",
    "STARRED",
)
SYSTEM_LABELS = (
    "CHAT",
    SENT,
    INBOX,
    "IMPORTANT",
    TRASH,
    DRAFT,
    SPAM,
    "CATEGORY_FORUMS",
    "CATEGORY_UPDATES",
    "CATEGORY_PERSONAL",
    "CATEGORY_PROMOTIONS",
    "CATEGORY_SOCIAL",
    STARRED,
    UNREAD,
)
HIDDEN_BY_DEFAULT = frozenset({SPAM, TRASH})
UNTOUCHABLE = frozenset({SENT, DRAFT, "CHAT"})
"""Labels that nobody can add or remove by hand."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What searches and threads need of a letter, read once when it arrives.

    The word strings are lower case, words parted and surrounded by single spaces.
    """

    message_id: str
    references: tuple[str, ...]
    subject: str
    """Without Re: and Fwd:, lower case: letters of a thread share it."""
    date_ms: int | None
    """Of the Date header."""
    snippet: str
    from_words: str
    to_words: str
    cc_words: str
    bcc_words: str
    subject_words: str
    list_words: str
    all_words: str
    filenames: tuple[str, ...]


@dataclass(slots=True)
class Letter:
    """A message in a mailbox; ``raw`` is kept byte for byte."""

    id: str
    thread_id: str
    raw: bytes
    date_ms: int
    summary: Summary
    labels: set[str] = field(default_factory=set)
    history_id: int = 0


@dataclass(frozen=True, slots=True)
class Happening:
    """A history record; ``kind`` is one of the API's historyTypes."""

    id: int
    kind: str
    letter_id: str
    thread_id: str
    label_ids: tuple[str, ...]
    """Labels of the letter for added and deleted letters, else those that came or went."""
    letter_labels: tuple[str, ...]
    at_ms: int


@dataclass(slots=True)
class Label:
    """A user's label."""

    id: str
    name: str
    message_visibility: str = "show"
    list_visibility: str = "labelShow"
    color: dict[str, str] | None = None
