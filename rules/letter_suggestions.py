"""What letters suggest: a brief has come, a proposal has gone. It warns until the deal says so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rules.check import Checked
from rules.findings import Finding
from rules.history import event_moment
from rules.letter_files import name_in_line
from rules.letters import deal_id_in
from rules.playbook import Suggestion
from rules.text import fold
from rules.values import serial_date, shorten

_WORD = re.compile(r"[^\W_]+")


def find_suggestions(checked: Checked) -> Iterator[Finding]:
    """Yield a warning for each open deal that does not say yet what an attached file suggests."""
    suggestions = checked.playbook.letters.suggestions
    comments = checked.book.tables.get("comments")
    if not suggestions or comments is None or not comments.height:
        return
    rows = {checked.deals.table.text("id", row): row for row, _ in checked.staged()}
    found: dict[tuple[int, Suggestion], tuple[float, str]] = {}
    directions = checked.playbook.choices["comment_direction"]
    columns = map(comments.column, ("attachments", "letter_key", "deal_id", "when"))
    for at, (files, key, deal, when) in enumerate(zip(*columns, strict=True)):
        row = rows.get(deal_id_in(deal)) if files and key else None
        moment = event_moment(when)
        if row is None or moment is None:
            continue
        direction = fold(comments.text("direction", at))
        for suggestion in suggestions:
            if direction not in directions[suggestion.direction].spellings:
                continue
            if name := _named(str(files), suggestion):
                found[row, suggestion] = max((moment, name), found.get((row, suggestion), (0, "")))
    for (row, suggestion), (moment, name) in sorted(found.items(), key=lambda item: item[0][0]):
        if not _is_said(checked, row, suggestion):
            day = f"{serial_date(moment):%d.%m.%Y}"
            yield Finding(
                *("warning", "suggested", "deals", row, (suggestion.field,)), shorten(name), day
            )


def _named(files: str, suggestion: Suggestion) -> str:
    """Return the first file whose name has one of the words."""
    for name in map(name_in_line, files.split("\n")):
        words = f" {' '.join(_WORD.findall(fold(name)))} "
        if any(f" {fold(word)} " in words for word in suggestion.words):
            return name
    return ""


def _is_said(checked: Checked, row: int, suggestion: Suggestion) -> bool:
    """Return whether the deal is over, or says so itself: with a later event, too."""
    stage = checked.playbook.stages[checked.stage_asked(row)]
    values: Mapping[str, object] = {
        key: column[row] for key, column in checked.deals.values.items()
    }
    value = values.get(suggestion.field)
    if not stage.open or suggestion.field not in checked.deals.table.columns:
        return True
    if suggestion.event is None or value is None:
        return value is not None
    order = list(checked.playbook.choices["trigger"])
    return value in order[order.index(suggestion.event) :]
