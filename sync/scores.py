"""The ICP score of each deal, and the note on its cell that gives the reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from rules.check import Checked
from rules.scoring import ScoreNotes, find_scores, rows_to_score
from rules.table import as_text
from sync.plan import Cell, Plan, same_value
from sync.scope import Scope
from sync.snapshot import Snapshot


def plan_scores(snapshot: Snapshot, checked: Checked, base_currency: str, scope: Scope) -> Plan:
    """Plan the score of each deal, and a note where it is not the one that was written last.

    Notes are not read: what was written is remembered by a digest, a deal in `_records`. While a
    deal has no record there, its note is written with its score only.
    """
    table, records = snapshot.tables["deals"], snapshot.tables["records"]
    if "icp_score" not in table.columns:
        return Plan()
    present, remembered = table.column("icp_score"), records.column("score_note")
    rows: Sequence[int] = checked.deals.rows
    overwritten: Iterable[int] = range(table.height)
    if scope.left is not None:
        overwritten = scope.differing("deals", "icp_score")
        rows = scope.rows(checked.deals, "icp_score", recorded=("score_note",))
        rows = sorted({*rows, *rows_to_score(checked, scope.left.checked)})
    scores, notes = find_scores(checked, base_currency, rows), ScoreNotes(checked)
    if not scores and not any(remembered) and present.count(None) == table.height:
        return Plan()
    cells: dict[int, Cell] = dict.fromkeys(overwritten)
    written: dict[int, Cell] = {}
    memory: dict[int, Cell] = {}
    for row in rows:
        score = scores.get(row)
        at = records.row_by_id.get(table.text("id", row))
        known = None if at is None else as_text(remembered[at])
        cells[row] = score.points if score else None
        if score is None and not known:
            continue
        note = notes.note(score) if score else ""
        digest = _digest(note) if note else ""
        if (known is not None and digest != known) or not same_value(present[row], cells[row]):
            written[row] = note
            if at is not None:
                memory[at] = digest or None
    if not written:
        return Plan(cells={("deals", "icp_score"): cells} if cells else {})
    return Plan(
        cells={("deals", "icp_score"): cells, ("records", "score_note"): memory},
        notes={("deals", "icp_score"): written},
    )


def _digest(note: str) -> str:
    return blake2b(note.encode(), digest_size=8).hexdigest()
