"""Status letters: which deal a letter belongs to, and what of its text is shown."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rules.check import Checked, addresses
from rules.history import event_moment
from rules.table import Raw, Table, as_text


@dataclass(frozen=True)
class Letter:
    """A letter as found in one mailbox.

    `key` is its Message-ID, the same in every mailbox; `when` is aware. `others` holds all
    addresses on it but the sender's. `sender` and the addresses are in lower case, `shown_from`
    and `shown_to` as the letter writes them.
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
    text: str
    attachments: tuple[str, ...]


DealsByAddress = Mapping[str, tuple[str, ...]]
"""IDs of open deals by the email addresses of their contacts."""


def deals_by_address(checked: Checked) -> DealsByAddress:
    """Return the open deals of each address of their contact and other contacts."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    links = checked.references
    for row, stage in checked.stages.items():
        if not checked.playbook.stages[stage].open:
            continue
        deal_id = checked.deals.table.text("id", row)
        contact = links.deal_contact[row]
        people = (
            *((contact,) if contact is not None else ()),
            *links.deal_other_contacts.get(row, ()),
        )
        for person in people:
            for address in addresses(checked.contacts, person):
                found[address][deal_id] = None
    return {address: tuple(deals) for address, deals in found.items()}


@dataclass(frozen=True)
class Match:
    """Where a letter belongs: to one deal, or (`deal_id` empty) to one of `candidates`."""

    deal_id: str
    candidates: tuple[str, ...] = ()


_NAMED_DEAL = re.compile(r"\[(D-\d{6,})\]", re.IGNORECASE)


def match_letter(
    letter: Letter,
    known: DealsByAddress,
    deal_by_thread: Mapping[str, str],
    deal_ids: Collection[str],
) -> Match | None:
    """Return where the letter belongs, None if it is with no contact of an open deal.

    A deal named in the subject wins, then the deal of the thread, then the only open deal of the
    contacts on the letter; of several, a person chooses.
    """
    candidates = tuple(
        dict.fromkeys(d for a in (letter.sender, *letter.others) for d in known.get(a, ()))
    )
    if not candidates:
        return None
    named = _NAMED_DEAL.search(letter.subject)
    if named and named.group(1).upper() in deal_ids:
        return Match(named.group(1).upper())
    if of_thread := deal_by_thread.get(letter.thread):
        return Match(of_thread)
    return Match(candidates[0]) if len(candidates) == 1 else Match("", candidates)


def deal_id_in(cell: Raw) -> str:
    """Return the deal's ID as a manager typed it into a comment, however it is spaced or cased."""
    return as_text(cell).upper()


def threads_with_deal(comments: Table) -> Mapping[str, str]:
    """Return the deal of each thread that the Comments tab knows, a manager's choice included."""
    return {
        thread: deal_id_in(deal)
        for thread, deal in zip(comments.column("thread"), comments.column("deal_id"), strict=True)
        if isinstance(thread, str) and thread and deal_id_in(deal)
    }


@dataclass(frozen=True)
class LoggedLetter:
    """A letter on the Comments tab; `when` is a serial date and time."""

    when: float
    direction: str
    subject: str


def letters_by_deal(comments: Table) -> Mapping[str, Sequence[LoggedLetter]]:
    """Return the logged letters of each deal, latest first. Managers' notes are no letters."""
    found: dict[str, list[LoggedLetter]] = defaultdict(list)
    for deal_id, moment, row in _logged(comments):
        direction, subject = comments.text("direction", row), comments.text("subject", row)
        found[deal_id].append(LoggedLetter(moment, direction, subject))
    for letters in found.values():
        letters.sort(key=lambda letter: letter.when, reverse=True)
    return found


def count_letters(comments: Table) -> Mapping[str, int]:
    """Return how many letters of each deal are logged."""
    return Counter(deal_id for deal_id, _, _ in _logged(comments))


def _logged(comments: Table) -> Iterator[tuple[str, float, int]]:
    """Yield the deal, the time and the row of each logged letter."""
    columns = (comments.column(key) for key in ("deal_id", "letter_key", "when"))
    for row, (deal, key, when) in enumerate(zip(*columns, strict=True)):
        moment = event_moment(when)
        if key and moment is not None and (deal_id := deal_id_in(deal)):
            yield deal_id, moment, row


# ── The text ─────────────────────────────────────────────────────────────────────────────────────

_QUOTED = re.compile(r"^\s*>")
_FORWARDED = re.compile(r"^-{2,}\s*(original message|исходное сообщение)\s*-{2,}$", re.IGNORECASE)
_HEADER_LINES = (
    re.compile(r"^\*?(from|от):", re.IGNORECASE),
    re.compile(r"^\*?(sent|date|отправлено|дата):", re.IGNORECASE),
    re.compile(r"^\*?(to|cc|subject|кому|копия|тема):", re.IGNORECASE),
)
_INTRODUCTION = re.compile(
    r"@.*:$|\b(wrote|writes|написала?|написал\(а\)|пишет)\s*:$", re.IGNORECASE
)
_WRAPPED_INTRODUCTION = re.compile(
    r"^(on|пн|вт|ср|чт|пт|сб|вс|\d+)\b.*\d{1,2}:\d{2}", re.IGNORECASE
)


def own_text(text: str) -> str:
    """Return the letter without the earlier letters quoted below it; when unsure, keep all."""
    lines = text.replace("\r\n", "\n").split("\n")
    end = _start_of_earlier_letter(lines)
    end = _start_of_trailing_quote(lines[:end])
    own = "\n".join(lines[:end]).strip()
    return own or text.strip()


def _start_of_earlier_letter(lines: Sequence[str]) -> int:
    for number, line in enumerate(lines):
        if _FORWARDED.match(line.strip()) and number:
            return number
        following = [text.strip() for text in lines[number : number + len(_HEADER_LINES)]]
        if len(following) == len(_HEADER_LINES) and all(
            form.match(text) for form, text in zip(_HEADER_LINES, following, strict=True)
        ):
            return number
    return len(lines)


def _start_of_trailing_quote(lines: Sequence[str]) -> int:
    start = len(lines)
    while start and (not lines[start - 1].strip() or _QUOTED.match(lines[start - 1])):
        start -= 1
    if not any(_QUOTED.match(line) for line in lines[start:]):
        return len(lines)
    if not start or not lines[start - 1].rstrip().endswith(":"):
        return start
    if not _INTRODUCTION.search(lines[start - 1].strip()):
        return len(lines)  # the writer cites: the words above mean nothing without the quote
    before = lines[start - 2].strip() if start > 1 else ""
    return start - 2 if _WRAPPED_INTRODUCTION.match(before) else start - 1


def cut_text(text: str, most_characters: int) -> str:
    """Return the text, cut with an ellipsis when it is longer than a cell should hold."""
    return text if len(text) <= most_characters else text[: most_characters - 1] + "…"


def direction_of(letter: Letter, mailboxes: Iterable[str]) -> str:
    """Return "outgoing" for a letter from one of our mailboxes, else "incoming"."""
    ours = {letter.mailbox, *(box.lower() for box in mailboxes)}
    return "outgoing" if letter.sender in ours else "incoming"
