"""Which deals have a Drive folder, what it is called, and what a link to one means."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rules.check import Checked
from rules.table import as_text

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
    for row, stage in checked.stages.items():
        company = checked.references.deal_company[row]
        if checked.playbook.stages[stage].folder and company is not None and titles[company]:
            yield WantedFolder(row, company)


def folder_link(folder_id: str) -> str:
    """Return the address under which people open the folder."""
    return LINK.format(folder_id)


def clean_name(name: str) -> str:
    """Return a folder name people can read: no control characters, one line, at most 200 long."""
    text = "".join(" " if unicodedata.category(c).startswith("C") else c for c in name)
    return " ".join(text.split())[:_MOST_CHARACTERS].rstrip()


def company_folder_name(checked: Checked, company: int) -> str:
    """Return the name of a company's folder."""
    title = as_text(checked.companies.table.column("title")[company])
    return clean_name(checked.playbook.folders.company.format(company=title))


def deal_folder_name(checked: Checked, deal: int, company: int) -> str:
    """Return the name of a deal's folder; it begins with the deal's ID."""
    name = checked.playbook.folders.deal.format(
        id=checked.deals.table.text("id", deal),
        company=as_text(checked.companies.table.column("title")[company]),
        service=checked.deals.text("service", deal) or checked.deals.text("title", deal),
    )
    return clean_name(name.rstrip(" —-"))


def subfolder_names(checked: Checked) -> tuple[str, ...]:
    """Return the names of the folders inside a deal's folder."""
    locale = checked.book.locale
    return tuple(name.in_locale(locale) for name in checked.playbook.folders.subfolders)


def collected_names(names: Iterable[str]) -> str:
    """Return distinct names in alphabetical order, separated by commas."""
    return ", ".join(sorted({name for name in names if name}))
