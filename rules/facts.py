"""A workbook as it was read, before any rule has judged it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rules.playbook import Playbook, Subject
from rules.records import Book, Records
from rules.references import References


@dataclass(frozen=True)
class Facts:
    """A workbook, read; `today` is a serial date."""

    book: Book
    playbook: Playbook
    deals: Records
    contacts: Records
    companies: Records
    references: References
    today: float

    def records(self, subject: Subject) -> Records:
        """Return the deals, the contacts or the companies."""
        return {"deal": self.deals, "contact": self.contacts, "company": self.companies}[subject]

    @property
    def stages(self) -> Sequence[str | None]:
        """The stage key of each deal row, None where there is none or it cannot be read."""
        return self.deals.values["stage"]  # type: ignore[return-value]  # keys of stages, or None

    def staged(self) -> Iterator[tuple[int, str]]:
        """Yield the deal rows that have a stage, with its key."""
        for row, stage in enumerate(self.stages):
            if stage is not None:
                yield row, stage

    def stage_asked(self, row: int) -> str:
        """Return the stage that a deal row is held to: the first one while its own is unclear."""
        return self.stages[row] or self.playbook.funnel[0]
