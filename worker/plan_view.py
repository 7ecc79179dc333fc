"""What `crm plan` prints: each change that a pass would make now, by tab and row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import click

from rules.playbook import Playbook
from rules.table import Raw
from sync.ports import Change, DocumentCopy, FileChange, Grant
from sync.run import Rehearsed


def plan_json(planned: Rehearsed) -> Mapping[str, Any]:
    """Return the planned changes as plain data; `row` is the number that the sheet shows."""
    changes = list(planned.rehearsal.changes())
    return {
        "spreadsheet": planned.result.spreadsheet_id,
        "title": planned.result.title,
        "cells": [
            {
                "tab": change.tab,
                "row": _sheet_row(change),
                "id": change.key,
                "field": change.field,
                "before": change.before,
                "after": change.after,
            }
            for change in changes
            if change.kind == "cell"
        ],
        "rows": [
            {"tab": change.tab, "cells": change.after} for change in changes if change.kind == "row"
        ],
        "removed": [
            {"tab": change.tab, "row": _sheet_row(change), "id": change.key}
            for change in changes
            if change.kind == "removed"
        ],
        "folders": [
            {"name": folder.name, "properties": dict(folder.properties)}
            for folder in planned.rehearsal.folders
        ],
        "drive": [
            {"does": type(change).__name__, **asdict(change)} for change in planned.rehearsal.drive
        ],
        "reports": list(planned.rehearsal.reports()),
        "notices": list(planned.rehearsal.notices()),
        "failures": list(planned.result.failures),
        "faults": list(planned.result.faults),
        "held": list(planned.result.held),
    }


def _sheet_row(change: Change) -> int | None:
    return None if change.row is None else change.row + 2


def plan_lines(planned: Rehearsed, playbook: Playbook) -> Iterator[str]:
    """Yield the planned changes for people: before → after, grouped by tab and row."""
    yield click.style(f"“{planned.result.title}” ({planned.result.spreadsheet_id})", bold=True)
    yield from _change_lines(list(planned.rehearsal.changes()), playbook)
    for folder in planned.rehearsal.folders:
        yield click.style(f"  + folder {folder.name}", fg="green")
    for change in planned.rehearsal.drive:
        yield click.style(f"  ~ {_told(change)}", fg="green")
    for key in planned.rehearsal.reports():
        yield f"  ~ report “{playbook.reports[key].en}” rewritten"
    for notice in planned.rehearsal.notices():
        yield click.style(f"  ! notice on the dashboard: {notice}", fg="yellow")
    for line in (*planned.result.faults, *planned.result.held, *planned.result.failures):
        yield click.style(f"  FAILED {line}", fg="red")
    rehearsal = planned.rehearsal
    if not (rehearsal.steps or rehearsal.folders or rehearsal.drive):
        yield "  Nothing to change."


def _told(change: FileChange | Grant | DocumentCopy) -> str:
    """Return in a few words what would be done on Drive."""
    match change:
        case Grant():
            return f"folder {change.file_id} shared with {change.email}"
        case DocumentCopy():
            return f"document {change.name}"
        case FileChange(trashed=True):
            return f"file {change.file_id} into the trash"
        case FileChange(parent=str()):
            return f"folder {change.file_id} moved into {change.parent}"
        case FileChange(name=str()):
            return f"folder {change.file_id} renamed to {change.name}"
        case _:
            return f"folder {change.file_id} marked as linked"


def _change_lines(changes: list[Change], playbook: Playbook) -> Iterator[str]:
    place: tuple[str, int | None, str] | None = None
    for change in changes:
        title = playbook.tabs[change.tab].en
        if change.kind == "row":
            yield click.style(f"  + {title}: {_cells(change.after)}", fg="green")
        elif change.kind == "removed":
            yield click.style(f"  - {title} row {_sheet_row(change)} {change.key}", fg="red")
        else:
            if (change.tab, change.row, change.key) != place:
                place = (change.tab, change.row, change.key)
                yield f"  {title} row {_sheet_row(change)} {change.key}".rstrip()
            before = click.style(_shown(change.before), fg="red")
            after = click.style(_shown(change.after), fg="green")
            yield f"      {change.field}: {before} → {after}"


def _cells(row: object) -> str:
    if not isinstance(row, Mapping):
        return ""
    return ", ".join(f"{name}: {_shown(value)}" for name, value in row.items() if value)


def _shown(value: Raw | Mapping[str, Raw]) -> str:
    text = "" if value is None else str(value)
    return repr(text[:200]) if text else "(empty)"
