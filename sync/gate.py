"""What a pass may do: changes in mass, missing tabs and a full workbook hold some of it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rules.check import Checked
from sync.guard import MassChange, find_mass_changes
from sync.identity import People
from sync.layout import LETTERS, RECORDS
from sync.notices import is_confirmed, is_nearly_full, make_banner, make_notices
from sync.plan import Grid
from sync.scope import Scope
from sync.snapshot import Snapshot


@dataclass(frozen=True)
class Gate:
    """What a pass may do, as the workbook stands; `banner` is what the dashboard says of it."""

    notices: tuple[str, ...]
    banner: Grid
    held: tuple[str, ...]
    remembers: bool
    writes_history: bool
    makes_folders: bool
    reads_mail: bool
    reports: bool

    def banner_with(self, notices: Sequence[str], snapshot: Snapshot) -> Grid:
        """Return the banner with what the pass has found out besides."""
        if not notices:
            return self.banner
        told = (*self.notices, *notices)
        return make_banner(told, snapshot.locale, asks=bool(self.held))


def make_gate(snapshot: Snapshot, checked: Checked, people: People, scope: Scope) -> Gate:
    """Return what a pass may do with a workbook that stands so."""
    playbook = checked.playbook
    changes: tuple[MassChange, ...] = ()
    if snapshot.has("deals", RECORDS):
        changes = find_mass_changes(snapshot, checked, people, scope)
    notices = make_notices(snapshot, playbook, changes)
    banner = make_banner(notices, snapshot.locale, asks=bool(changes))
    if changes and is_confirmed(snapshot, banner):
        changes = ()
        notices = make_notices(snapshot, playbook, changes)
        banner = make_banner(notices, snapshot.locale, asks=False)
    remembers = snapshot.has(RECORDS) and not changes
    return Gate(
        notices=notices,
        banner=banner,
        held=tuple(str(change) for change in changes),
        remembers=remembers,
        writes_history=remembers and snapshot.has("deals", "events"),
        makes_folders=remembers and snapshot.has("deals", "companies"),
        reads_mail=remembers
        and snapshot.has("deals", "contacts", "companies", "comments", LETTERS)
        and not is_nearly_full(snapshot),
        reports=snapshot.has(*playbook.tabs),
    )
