"""What each search operator means: tables from operator to test."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.gmail.mailbox import Mailbox
from sandbox.gmail.mime import words
from sandbox.gmail.model import Letter

Test = Callable[[Letter], bool]

PACIFIC = ZoneInfo("America/Los_Angeles")

_EPOCH = re.compile(r"\d{6,}")
_SPAN = re.compile(r"(\d+)([dmyhw])", re.IGNORECASE)
_SPAN_DAYS = {"d": 1.0, "w": 7.0, "m": 30.0, "y": 365.0, "h": 1 / 24}
_SIZE = re.compile(r"(\d+)([km]?)b?", re.IGNORECASE)
_SIZE_UNITS = {"": 1, "k": 1024, "m": 1024 * 1024}
_PLACES = {
    "inbox": "INBOX",
    "sent": "SENT",
    "draft": "DRAFT",
    "drafts": "DRAFT",
    "spam": "SPAM",
    "trash": "TRASH",
    "starred": "STARRED",
    "important": "IMPORTANT",
    "unread": "UNREAD",
    "chats": "CHAT",
}


_LINKS = {
    "drive": "drive.google.com",
    "document": "docs.google.com/document",
    "spreadsheet": "docs.google.com/spreadsheets",
    "presentation": "docs.google.com/presentation",
    "youtube": "youtube.com",
}


def _never(_letter: Letter) -> bool:
    return False


def _always(_letter: Letter) -> bool:
    return True


WORD_TESTS: dict[str, Callable[[str], Test]] = {
    "from": lambda wanted: lambda letter: wanted in letter.summary.from_words,
    "to": lambda wanted: lambda letter: wanted in letter.summary.to_words,
    "cc": lambda wanted: lambda letter: wanted in letter.summary.cc_words,
    "bcc": lambda wanted: lambda letter: wanted in letter.summary.bcc_words,
    "deliveredto": lambda wanted: lambda letter: wanted in letter.summary.to_words,
    "subject": lambda wanted: lambda letter: wanted in letter.summary.subject_words,
    "list": lambda wanted: lambda letter: wanted in letter.summary.list_words,
    "": lambda wanted: lambda letter: wanted in letter.summary.all_words,
}


def _filename_test(value: str) -> Test:
    name = value.lower()
    suffix = "." + name.lstrip(".")
    return lambda letter: any(
        name == known or known.endswith(suffix) or words(name) in words(known)
        for known in letter.summary.filenames
    )


def _message_id_test(value: str) -> Test:
    wanted = f"<{value.strip('<>')}>"
    return lambda letter: letter.summary.message_id == wanted


def _size_test(value: str, *, larger: bool) -> Test:
    match = _SIZE.fullmatch(value)
    if match is None:
        return _never
    limit = int(match.group(1)) * _SIZE_UNITS[match.group(2).lower()]
    return lambda letter: (len(letter.raw) > limit) == larger


VALUE_TESTS: dict[str, Callable[[str], Test]] = {
    "filename": _filename_test,
    "rfc822msgid": _message_id_test,
    "larger": lambda value: _size_test(value, larger=True),
    "size": lambda value: _size_test(value, larger=True),
    "smaller": lambda value: _size_test(value, larger=False),
}


def parse_moment_ms(value: str) -> int | None:
    """Epoch seconds, ``2026/11/05`` or ``11/05/2026`` in milliseconds; None for anything else."""
    if _EPOCH.fullmatch(value):
        return int(value) * 1000
    for layout in ("%Y/%m/%d", "%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y"):
        try:
            midnight = datetime.strptime(value, layout).replace(tzinfo=PACIFIC)
        except ValueError:
            continue
        return int(midnight.timestamp() * 1000)
    return None


def _after(value: str, _now: datetime) -> Test:
    moment = parse_moment_ms(value)
    return _never if moment is None else (lambda letter: letter.date_ms >= moment)


def _before(value: str, _now: datetime) -> Test:
    moment = parse_moment_ms(value)
    return _never if moment is None else (lambda letter: letter.date_ms < moment)


def _span_start_ms(value: str, now: datetime) -> int | None:
    match = _SPAN.fullmatch(value)
    if match is None:
        return None
    days = int(match.group(1)) * _SPAN_DAYS[match.group(2).lower()]
    return int((now - timedelta(days=min(days, 365_000))).timestamp() * 1000)


def _newer_than(value: str, now: datetime) -> Test:
    start = _span_start_ms(value, now)
    return _never if start is None else (lambda letter: letter.date_ms >= start)


def _older_than(value: str, now: datetime) -> Test:
    start = _span_start_ms(value, now)
    return _never if start is None else (lambda letter: letter.date_ms < start)


TIME_TESTS: dict[str, Callable[[str, datetime], Test]] = {
    "after": _after,
    "newer": _after,
    "before": _before,
    "older": _before,
    "newer_than": _newer_than,
    "older_than": _older_than,
}


def _label_test(value: str, mailbox: Mailbox) -> Test:
    if value in _PLACES:
        label_id = _PLACES[value]
        return lambda letter: label_id in letter.labels
    folded = value.replace(" ", "-").replace("/", "-")
    ids = {
        label.id
        for label in mailbox.labels.values()
        if value == label.id.lower()
        or folded == label.name.lower().replace(" ", "-").replace("/", "-")
    }
    ids.add(value.upper())
    return lambda letter: not ids.isdisjoint(letter.labels)


def _in_test(value: str, mailbox: Mailbox) -> Test:
    return _always if value == "anywhere" else _label_test(value, mailbox)


def _is_test(value: str, mailbox: Mailbox) -> Test:
    if value == "read":
        return lambda letter: "UNREAD" not in letter.labels
    return _label_test(value, mailbox)


def _has_test(value: str, mailbox: Mailbox) -> Test:
    match value:
        case "attachment":
            return lambda letter: bool(letter.summary.filenames)
        case "userlabels":
            return lambda letter: not letter.labels.isdisjoint(mailbox.labels)
        case "nouserlabels":
            return lambda letter: letter.labels.isdisjoint(mailbox.labels)
        case _ if value in _LINKS:
            link = words(_LINKS[value]).rstrip()
            return lambda letter: link in letter.summary.all_words
        case _ if value.endswith(("-star", "-bang", "-guillemet", "-question", "-info", "-check")):
            # The API shows a star and not its kind.
            return lambda letter: "STARRED" in letter.labels
        case _:
            return _never


def _category_test(value: str, _mailbox: Mailbox) -> Test:
    label_id = "CATEGORY_" + {"primary": "PERSONAL"}.get(value, value.upper())
    return lambda letter: label_id in letter.labels


MAILBOX_TESTS: dict[str, Callable[[str, Mailbox], Test]] = {
    "label": _label_test,
    "in": _in_test,
    "is": _is_test,
    "has": _has_test,
    "category": _category_test,
}
