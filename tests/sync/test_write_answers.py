"""What a write is answered: enough to find what landed on another row, and no whole columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from rules.table import Raw
from sync.ports import Request, Span
from tests.sync.conftest import DEAL, Crm
from tests.sync.passed_through import PassedThrough

TOUCHED = (0, 1, 5, 9, 11)


@dataclass
class Watched(PassedThrough):
    """Sheets that note what a write asks for; something may happen right before the first one."""

    before: Callable[[], None]
    asked: list[tuple[int, int]] = field(default_factory=list)

    def write(
        self, spreadsheet_id: str, requests: Sequence[Request], spans: Sequence[Span] = ()
    ) -> Sequence[Sequence[Raw]]:
        if not self.asked:
            self.before()
        self.asked += [
            (span.first, span.last) for span in spans if span.column == 0 and span.first >= 0
        ]
        return self.sheets.write(spreadsheet_id, requests, spans)


@pytest.fixture
def few_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.verify.NEAR_ROWS", 1)
    monkeypatch.setattr("sync.verify.MOST_SPANS", 3)


@pytest.fixture
def many(crm: Crm) -> Crm:
    """A workbook at rest, in which several deals have just got a budget that cannot be read."""
    crm.fill(*({**DEAL, "stage": "MQL", "title": f"Deal {place}"} for place in range(12)))
    crm.sync()
    for place in TOUCHED:
        crm.write("deals", place, {"budget": "no idea"})
    return crm


@pytest.mark.usefixtures("few_spans")
def test_the_widest_gaps_between_touched_rows_are_not_answered(many: Crm) -> None:
    sheets = Watched(many.outside.sheets, lambda: None)
    replace(many, outside=replace(many.outside, sheets=sheets)).sync()
    assert sheets.asked[:3] == [(0, 1), (5, 5), (9, 11)]


@pytest.mark.usefixtures("few_spans")
@pytest.mark.parametrize("at", [0, 2, 7, 10])
def test_rows_that_move_right_before_a_write_get_nothing_of_others(many: Crm, at: int) -> None:
    place = {"sheetId": many.sheet_id("deals"), "dimension": "ROWS", "startIndex": at + 1}

    def insert_row() -> None:
        many.batch_update({"insertDimension": {"range": {**place, "endIndex": at + 2}}})

    sheets = Watched(many.outside.sheets, insert_row)
    replace(many, outside=replace(many.outside, sheets=sheets)).sync()
    verdicts = {row["title"]: row["problems"] for row in many.rows("deals") if row["title"]}
    wrong = {title for title, problems in verdicts.items() if "no idea" in str(problems)}
    assert wrong == {f"Deal {place}" for place in TOUCHED}
    assert many.sync().cells == 0
