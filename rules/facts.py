"""A workbook as it was read, before any rule has judged it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rules.playbook import Playbook, Subject
from rules.records import Book, Records
from rules.references import References


@dataclass(frozen=True)
class Facts:
    """A workbook, read. `stages` holds the stage key of each deal row that has one.

    `today` is a serial date.
    """

    book: Book
    playbook: Playbook
    deals: Records
    contacts: Records
    companies: Records
    references: References
    stages: Mapping[int, str]
    today: float

    def records(self, subject: Subject) -> Records:
        """Return the deals, the contacts or the companies."""
        return {"deal": self.deals, "contact": self.contacts, "company": self.companies}[subject]

    def stage_asked(self, row: int) -> str:
        """Return the stage that a deal row is held to: the first one while its own is unclear."""
        return self.stages.get(row, self.playbook.funnel[0])
