"""What the dashboard says at its top when something keeps the worker from its work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rules.messages import NOTICES
from rules.playbook import Locale, Playbook
from rules.words import say
from sync.guard import MassChange
from sync.layout import BANNER_ROW, DASHBOARD, Fault
from sync.plan import Grid, Plan
from sync.ports import EMPTY_TAB
from sync.snapshot import Snapshot

MOST_CELLS = 10_000_000
"""Cells that a spreadsheet may have (counted as grid)."""

NEARLY_FULL = 0.9

BLANK = (None, "text")


def fault_notice(fault: Fault, locale: Locale) -> str:
    """Return what managers read about a tab that cannot be worked with."""
    names = ", ".join(_quoted(name, locale) for name in fault.names)
    title = _quoted(fault.title, locale)
    if fault.kind == "header_doubled":
        header, *places = fault.names
        names = f"{_quoted(header, locale)} ({', '.join(places)})"
    return say(locale, NOTICES[fault.kind], names=names, title=title)


def mass_notice(change: MassChange, snapshot: Snapshot, playbook: Playbook) -> str:
    """Return what managers read about changes in mass."""
    headers = snapshot.tables[change.tab].headers
    return say(
        snapshot.locale,
        NOTICES[change.kind],
        tab=_quoted(playbook.tabs[change.tab].in_locale(snapshot.locale), snapshot.locale),
        count=str(change.count),
        of=str(change.of),
        field=_quoted(headers.get(change.field, change.field), snapshot.locale),
    )


def _quoted(text: str, locale: Locale) -> str:
    return f"«{text}»" if locale == "ru" else f"“{text}”"


def count_cells(snapshot: Snapshot) -> int:
    """Return how many cells the spreadsheet's grids have."""
    return sum(sheet.rows * sheet.columns for sheet in snapshot.structure.sheets)


def is_nearly_full(snapshot: Snapshot) -> bool:
    """Return whether the spreadsheet is close to the most cells that it may have."""
    return count_cells(snapshot) > NEARLY_FULL * MOST_CELLS


def make_notices(
    snapshot: Snapshot, playbook: Playbook, changes: Sequence[MassChange]
) -> tuple[str, ...]:
    """Return all that managers are to know, a sentence or two each."""
    return tuple(_notices(snapshot, playbook, changes))


def _notices(
    snapshot: Snapshot, playbook: Playbook, changes: Sequence[MassChange]
) -> Iterator[str]:
    for fault in snapshot.faults:
        yield fault_notice(fault, snapshot.locale)
    if is_nearly_full(snapshot):
        count = f"{count_cells(snapshot):,}".replace(",", "\u00a0")
        yield say(snapshot.locale, NOTICES["nearly_full"], count=count)
    for change in changes:
        yield mass_notice(change, snapshot, playbook)
    if changes:
        yield say(snapshot.locale, NOTICES["held"])


def make_banner(notices: Sequence[str], locale: Locale, *, asks: bool) -> Grid:
    """Return the dashboard's rows for notices: the text, and the tick box if one is asked for."""
    text, look = ("\n".join(notices), "notice") if notices else BLANK
    tick, box = (False, "tick") if asks else BLANK
    label, label_look = (say(locale, NOTICES["confirm"]), "notice") if asks else BLANK
    return ((text, None), (look, "text")), ((label, tick), (label_look, box))


def is_confirmed(snapshot: Snapshot, banner: Grid) -> bool:
    """Return whether a person has ticked the box below exactly this notice."""
    text, _ = banner[0][0]
    return _present(snapshot, 0, 0) == text and _present(snapshot, 1, 1) is True


def plan_banner(snapshot: Snapshot, banner: Grid, *, rewritten: bool) -> Plan:
    """Plan the notices, if they read otherwise or the dashboard is being rewritten below them."""
    if DASHBOARD not in snapshot.report_sheets:
        return Plan()
    shown = any(cell not in (None, "") for cells, _ in banner for cell in cells)
    same = all(
        (_present(snapshot, row, column) or None) == (cell or None)
        for row, (cells, _) in enumerate(banner)
        for column, cell in enumerate(cells)
    )
    return Plan() if same and not (rewritten and shown) else Plan(banner=banner)


def _present(snapshot: Snapshot, row: int, column: int) -> object:
    return snapshot.contents.get(DASHBOARD, EMPTY_TAB).cell(BANNER_ROW + row, column)
