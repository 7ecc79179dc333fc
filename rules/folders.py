"""Which deals have a Drive folder, where it lies, what it is called, who sees it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rules.check import Checked
from rules.messages import NOTICES
from rules.playbook import Locale
from rules.table import as_text
from rules.text import drive_id, fold
from rules.words import say

LINK = "https://drive.google.com/drive/folders/{}"

_MOST_CHARACTERS = 200


@dataclass(frozen=True)
class WantedFolder:
    """A deal that has a folder at its stage, by row, and the company row whose folder holds it."""

    deal: int
    company: int


def wanted_folders(checked: Checked) -> Iterator[WantedFolder]:
    """Yield the deals that must have a folder now; one without a titled company waits."""
    titles = checked.companies.values["title"]
    for row, stage in checked.staged():
        company = checked.references.deal_company[row]
        if checked.playbook.stages[stage].folder and company is not None and titles[company]:
            yield WantedFolder(row, company)


def folder_link(folder_id: str) -> str:
    """Return the address under which people open the folder."""
    return LINK.format(folder_id)


# ── Names ────────────────────────────────────────────────────────────────────────────────────────


def clean_name(name: str) -> str:
    """Return a folder name people can read: no control characters, one line, at most 200 long."""
    if not name.isprintable():
        name = "".join(" " if unicodedata.category(c).startswith("C") else c for c in name)
    return " ".join(name.split())[:_MOST_CHARACTERS].rstrip()


def company_folder_name(checked: Checked, company: int) -> str:
    """Return the name of a company's folder; its ID where nothing readable is left of the title."""
    table = checked.companies.table
    title = as_text(table.column("title")[company])
    return _filled(checked.playbook.folders.company, company=title) or table.text("id", company)


def deal_folder_name(checked: Checked, deal: int, company: int) -> str:
    """Return the name of a deal's folder; it begins with the deal's ID."""
    return _filled(checked.playbook.folders.deal, **_of_deal(checked, deal, company))


def document_name(checked: Checked, key: str, deal: int, company: int) -> str:
    """Return the name of a deal's copy of a template document."""
    name = checked.playbook.folders.documents[key].name.in_locale(checked.book.locale)
    return _filled(name, **_of_deal(checked, deal, company))


def _of_deal(checked: Checked, deal: int, company: int) -> Mapping[str, str]:
    return {
        "id": checked.deals.table.text("id", deal),
        "company": as_text(checked.companies.table.column("title")[company]),
        "service": checked.deals.text("service", deal) or checked.deals.text("title", deal),
    }


@lru_cache(maxsize=262_144)
def _filled(template: str, **values: str) -> str:
    """Return the template with its placeholders filled in; an empty end takes its dash along."""
    return clean_name(template.format(**values).rstrip(" —-"))


def subfolder_names(checked: Checked) -> Mapping[str, str]:
    """Return the names of the folders inside a deal's folder, by key."""
    locale = checked.book.locale
    named = checked.playbook.folders.subfolders.items()
    return {key: name.in_locale(locale) for key, name in named}


def collected_names(names: Iterable[str]) -> str:
    """Return distinct names in alphabetical order, separated by commas."""
    return ", ".join(sorted({*names} - {""}))


# ── Where a folder lies, what is copied into it, who sees it ─────────────────────────────────────


def archive_of(checked: Checked, deal: int) -> str | None:
    """Return the id of the folder that this deal's folder moves to; None: it is not to be there.

    Folders of deals that ended and were not won are archived, if the playbook names a place.
    """
    archive = checked.playbook.folders.archive
    stage = checked.playbook.stages.get(checked.stages[deal] or "")
    if not archive or stage is None or stage.open or stage.won:
        return None
    return drive_id(archive)


def wanted_documents(checked: Checked, company: int) -> Iterator[str]:
    """Yield the keys of the template documents that a new deal of that company gets."""
    region = fold(as_text(checked.companies.table.column("region")[company]))
    for key, document in checked.playbook.folders.documents.items():
        if not document.regions or region in map(fold, document.regions):
            yield key


@dataclass(frozen=True)
class Guest:
    """Somebody who is to be let into a folder: a user or a group."""

    email: str
    kind: str


def wanted_guests(
    checked: Checked, mailboxes: Mapping[str, str], deal: int, company: int
) -> Iterator[Guest]:
    """Yield who is to be let into a deal's folder, as the playbook says."""
    share = checked.playbook.folders.share
    mailbox = mailboxes.get(fold(checked.deals.text("accountable", deal)))
    if share.accountable and mailbox:
        yield Guest(mailbox, "user")
    region = fold(as_text(checked.companies.table.column("region")[company]))
    for name, email in share.groups.items():
        if fold(name) == region:
            yield Guest(email.lower(), "group")


def mailboxes_by_manager(checked: Checked) -> Mapping[str, str]:
    """Return the mailbox beside each manager's name on the tab Lists, by folded name."""
    lists = checked.book.tables["lists"]
    pairs = zip(lists.column("managers"), lists.column("mailboxes"), strict=True)
    return {
        fold(as_text(name)): as_text(mailbox).lower()
        for name, mailbox in pairs
        if name and "@" in as_text(mailbox)
    }


# ── The root ─────────────────────────────────────────────────────────────────────────────────────


def say_archive_trouble(trouble: str, archive: str, account: str) -> str:
    """Return, for the operator, why no folders move to the archive; `trouble` as of the root."""
    why = {
        "gone": f"does not exist, or is not shared with {account}",
        "file": "is no folder",
        "trashed": "is in the trash",
        "locked": f"may only be looked into by {account}",
    }[trouble]
    return f"folders of lost deals stay: the archive {archive} of the playbook {why}"


def say_root_trouble(locale: Locale, trouble: str, root: str, account: str) -> str:
    """Return what is wrong with the Drive root and what to do about it.

    `trouble` is gone, file, trashed or locked.
    """
    return say(locale, NOTICES[f"root_{trouble}"], root=root, account=account)
