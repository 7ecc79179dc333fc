"""The log of what the worker wrote: a file of JSON lines a day, kept for 30 days."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson

from sync.ports import Change, Clock

DAYS_KEPT = 30

PRIVATE_FIELDS = frozenset({"sender", "to", "subject", "text", "attachments"})
"""What a letter says is nobody's business but the workbook's."""

FORM = "changes-{:%Y-%m-%d}.jsonl"


@dataclass(frozen=True)
class ChangeFiles:
    """A folder of logs. The files are for their owner's eyes alone."""

    folder: Path
    clock: Clock

    def record(self, spreadsheet_id: str, outcome: str, changes: Iterable[Change]) -> None:
        """Keep the changes of one write and what became of it: written, unknown, or repaired."""
        now = self.clock.now()
        common = {"time": f"{now:%Y-%m-%dT%H:%M:%S%z}", "spreadsheet": spreadsheet_id}
        lines = [
            orjson.dumps({**common, "outcome": outcome, **_entry(change)}) for change in changes
        ]
        if not lines:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / FORM.format(now.date())
        if not path.exists():
            self._forget(now.date() - timedelta(days=DAYS_KEPT))
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as log:
            log.write(b"\n".join(lines) + b"\n")

    def _forget(self, before: date) -> None:
        for path in self.folder.glob("changes-*.jsonl"):
            if path.name < FORM.format(before):
                path.unlink(missing_ok=True)

    def read(self, record_id: str | None = None) -> Iterator[Mapping[str, Any]]:
        """Yield the entries, oldest first: all, or those of a record and of what speaks of it."""
        for path in sorted(self.folder.glob("changes-*.jsonl")):
            with path.open("rb") as log:
                for line in log:
                    try:
                        entry = orjson.loads(line)
                    except orjson.JSONDecodeError:  # the machine stopped in mid-line
                        continue
                    if record_id is None or record_id in _ids_of(entry):
                        yield entry


def _entry(change: Change) -> Mapping[str, Any]:
    after = change.after
    if isinstance(after, Mapping):
        after = {name: value for name, value in after.items() if name not in PRIVATE_FIELDS}
    return {
        "kind": change.kind,
        "tab": change.tab,
        "id": change.key,
        "field": change.field,
        "before": change.before,
        "after": after,
    }


def _ids_of(entry: Mapping[str, Any]) -> tuple[object, ...]:
    after = entry.get("after")
    return (entry.get("id"), after.get("deal_id") if isinstance(after, dict) else None)


def log_line(entry: Mapping[str, Any]) -> str:
    """Return an entry as people read it: when, where, what."""
    where = " ".join(filter(None, (str(entry["tab"]), str(entry["id"] or ""))))
    outcome = "" if entry["outcome"] == "written" else f"  ({entry['outcome']})"
    return f"{entry['time']}  {where}  {_what(entry)}{outcome}"


def _what(entry: Mapping[str, Any]) -> str:
    if entry["kind"] == "cell":
        return f"{entry['field']}: {_shown(entry['before'])} → {_shown(entry['after'])}"
    if entry["kind"] == "removed":
        return "row removed"
    cells = (f"{name}={_shown(value)}" for name, value in entry["after"].items() if value)
    return f"row added: {', '.join(cells)}"


def _shown(value: object) -> str:
    text = "" if value is None else str(value)
    return "—" if text == "" else text.replace("\n", " ⏎ ")
