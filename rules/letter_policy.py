"""Which letters count: those of people, with clients, as the playbook says."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase
from typing import Literal

from rules.letter_matching import Known
from rules.letters import Letter, is_ours
from rules.playbook import Letters
from rules.text import fold

Reason = Literal["stranger", "skipped", "bulk", "invitation", "no_label", "subject"]
"""Why a letter is left out; `stranger`: nobody on it counts, and it is not even remembered."""

REVIEWED: frozenset[str] = frozenset({"skipped", "no_label", "failed", "gone"})
"""States of letters that are looked at again: labels come and go, and trouble passes."""

PUBLIC_DOMAINS = frozenset(
    {
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com"),
        *("icloud.com", "me.com", "mail.ru", "bk.ru", "inbox.ru", "list.ru", "internet.ru"),
        *("yandex.ru", "yandex.kz", "yandex.com", "ya.ru", "rambler.ru", "proton.me", "mail.kz"),
    }
)
"""Domains at which anybody has a mailbox: a mailbox of ours there makes nobody a colleague."""


def internal_addresses(policy: Letters, mailboxes: Iterable[str]) -> frozenset[str]:
    """Return the domains and addresses of colleagues, whose letters alone never count.

    The domains that the playbook names, our mailboxes, and their domains.
    """
    boxes = {box.lower() for box in mailboxes if "@" in box}
    ours = {box.rpartition("@")[2] for box in boxes} - PUBLIC_DOMAINS
    named = {domain.lower().removeprefix("@") for domain in policy.internal_domains}
    return frozenset(named | ours | boxes)


def reason_to_leave_out(
    letter: Letter, known: Known, policy: Letters, internal: Collection[str]
) -> Reason | None:
    """Return why the letter does not count, None if it does. Headers and labels are enough."""
    if not known.knows(letter):
        return "stranger"
    labels = set(map(fold, letter.labels))
    if fold(policy.skip_label) in labels:
        return "skipped"
    if letter.marks.invitation:
        return "invitation"
    if _is_bulk(letter, internal):
        return "bulk"
    if policy.count == "label" and fold(policy.label) not in labels:
        return "no_label"
    if policy.count == "subject" and not fnmatchcase(fold(letter.subject), fold(policy.subject)):
        return "subject"
    return None


def _is_bulk(letter: Letter, internal: Collection[str]) -> bool:
    """Return whether a machine or a mailing list sent it; our own lists pass on clients' letters.

    Sources: RFC 3834 (Auto-Submitted), RFC 2919 (List-Id), RFC 2076 (Precedence), RFC 2369
    (List-Unsubscribe).
    """
    marks = letter.marks
    if marks.auto_submitted.strip().lower() not in ("", "no"):
        return True
    list_id = marks.list_id.strip().lower().rstrip(">")
    if list_id and any(list_id.endswith(f".{domain}") for domain in internal):
        return False
    if list_id or marks.precedence.strip().lower() in ("bulk", "junk", "list"):
        return True
    # Programs that count who opens a letter put this into those of our own people too.
    return bool(marks.unsubscribe.strip()) and not is_ours(letter, internal)
