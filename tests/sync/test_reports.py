"""Reports are rewritten when they changed, and only then; what stands beside them stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from rules.table import Raw
from sync.ports import Request, Span
from tests.sync.conftest import DEAL, Crm
from tests.sync.passed_through import PassedThrough


def table(crm: Crm, report: str) -> list[list[Any]]:
    return [row for row in crm.values(report) if any(cell not in (None, "") for cell in row)]


def test_a_report_that_got_narrower_leaves_nothing_of_its_old_width(crm: Crm) -> None:
    crm.fill()
    crm.sync()
    wide = max(map(len, table(crm, "triggers")))
    crm.as_manager(
        "values.append",
        {"range": f"'{crm.title('events')}'!A1", "valueInputOption": "RAW"},
        {"values": [[45_000, "D-000001", "Warm-up"], [45_100, "D-000001", "Warm-up"]]},
    )
    crm.sync()
    assert max(map(len, table(crm, "triggers"))) > wide
    rows = {"sheetId": crm.sheet_id("events"), "dimension": "ROWS", "startIndex": 3, "endIndex": 5}
    crm.batch_update({"deleteDimension": {"range": rows}})
    crm.sync()
    assert max(map(len, table(crm, "triggers"))) == wide


def test_a_report_that_somebody_wrote_over_is_restored_and_a_remark_beside_it_stays(
    crm: Crm,
) -> None:
    crm.fill()
    crm.sync()
    before = table(crm, "funnel")
    data = [
        {"range": f"'{crm.title('funnel')}'!B5", "values": [[999]]},
        {"range": f"'{crm.title('funnel')}'!G6", "values": [["ask Dana"]]},
    ]
    crm.as_manager("values.batchUpdate", {}, {"valueInputOption": "RAW", "data": data})
    crm.sync()
    after = table(crm, "funnel")
    assert [row[6] for row in after if len(row) > 6 and row[6]] == ["ask Dana"]
    age = 1
    assert [row[:6] for row in (*after[:age], *after[age + 1 :])] == [
        row[:6] for row in (*before[:age], *before[age + 1 :])
    ]


def test_a_report_tab_that_was_deleted_is_not_missed(crm: Crm) -> None:
    crm.fill()
    crm.batch_update({"deleteSheet": {"sheetId": crm.sheet_id("quality")}})
    result = crm.sync()
    assert result.failures == ()
    assert "quality" not in result.reports
    assert "funnel" in result.reports


def test_stage_changes_and_trigger_events_are_told_once_each(crm: Crm) -> None:
    crm.fill({**DEAL, "stage": "Cold Lead"})
    crm.sync()
    crm.write("deals", 0, {"stage": "mql", "trigger": "Warm-up"})
    crm.sync()
    crm.sync()
    told = [(row["event"], row["from"], row["to"]) for row in crm.rows("events")]
    assert told == [
        ("Stage", None, "Cold Lead"),
        ("Incoming lead", None, None),
        ("Stage", "Cold Lead", "MQL"),
        ("Warm-up", None, None),
    ]


def test_the_same_trigger_event_can_happen_twice(crm: Crm) -> None:
    crm.fill()
    for trigger in ("", "Warm-up", "", "Warm-up", "Warm-up"):
        crm.write("deals", 0, {"trigger": trigger})
        crm.sync()
    assert [row["event"] for row in crm.rows("events")].count("Warm-up") == 2


def test_an_unclear_stage_waits_and_is_no_event(crm: Crm) -> None:
    crm.fill({**DEAL, "stage": "somewhere"})
    crm.sync()
    assert crm.rows("events") == []
    crm.write("deals", 0, {"stage": "SQL"})
    crm.sync()
    assert [row["to"] for row in crm.rows("events") if row["event"] == "Stage"] == ["SQL"]


def test_a_copied_row_gets_an_id_and_a_folder_of_its_own(crm: Crm) -> None:
    crm.fill()
    crm.sync()
    deals = crm.sheet_id("deals")
    source = {"sheetId": deals, "startRowIndex": 1, "endRowIndex": 2}
    target = {"sheetId": deals, "startRowIndex": 2, "endRowIndex": 3}
    crm.batch_update({"copyPaste": {"source": source, "destination": target}})
    crm.sync()
    first, copy = crm.rows("deals")
    assert (first["id"], copy["id"]) == ("D-000001", "D-000002")
    assert first["drive"] != copy["drive"]
    assert copy["drive"]


def test_a_deleted_row_s_id_is_not_given_again(crm: Crm) -> None:
    crm.fill(DEAL, {**DEAL, "title": "Second"})
    crm.sync()
    rows = {"sheetId": crm.sheet_id("deals"), "dimension": "ROWS", "startIndex": 2, "endIndex": 3}
    crm.batch_update({"deleteDimension": {"range": rows}})
    crm.write("deals", 1, {**DEAL, "title": "Third"})
    crm.sync()
    assert [row["id"] for row in crm.rows("deals")] == ["D-000001", "D-000003"]


def looks(crm: Crm, report: str) -> list[tuple[object, bool, str]]:
    """What a report's first and second column show: the label, whether it is bold, the format."""
    mask = "values(formattedValue,userEnteredFormat(textFormat,numberFormat))"
    params = {
        "ranges": [f"'{crm.title(report)}'!A1:B40"], "fields": f"sheets.data.rowData.{mask}"
    }  # fmt: skip
    found = crm.as_manager("get", params, {})
    shown = []
    for row in found["sheets"][0]["data"][0]["rowData"]:
        cells = [*row.get("values", []), {}, {}]
        first, second = (cell.get("userEnteredFormat", {}) for cell in cells[:2])
        bold = first.get("textFormat", {}).get("bold", False)
        kind = second.get("numberFormat", {}).get("type", "")
        shown.append((cells[0].get("formattedValue"), bold, kind))
    return shown


def test_a_report_that_grows_and_shrinks_looks_as_if_it_had_always_been_so(crm: Crm) -> None:
    lost = {**DEAL, "stage": "Lost", "outcome_reason": "Price"}
    crm.fill(lost, {**lost, "title": "Second"})
    crm.sync()
    before = looks(crm, "results")
    assert ("Total", True, "NUMBER") in before
    assert ("Price", False, "NUMBER") in before
    crm.write("deals", 1, {"outcome_reason": "Speed"})
    crm.sync()
    grown = looks(crm, "results")
    assert len(grown) == len(before) + 1
    assert [look for look in grown if look[1]] == [look for look in before if look[1]]
    crm.write("deals", 1, {"outcome_reason": "Price"})
    crm.sync()
    shrunk = looks(crm, "results")
    assert shrunk[: len(before)] == before
    assert all(look == (None, False, "") for look in shrunk[len(before) :])


class Killed(BaseException):
    """The process ends here."""


@dataclass
class KilledAtFormats(PassedThrough):
    """Sheets for a worker that is killed right before it formats one tab."""

    sheet_id: int

    def write(
        self, spreadsheet_id: str, requests: Sequence[Request], spans: Sequence[Span] = ()
    ) -> Sequence[Sequence[Raw]]:
        places = [one["repeatCell"]["range"]["sheetId"] for one in requests if "repeatCell" in one]
        if self.sheet_id in places:
            raise Killed
        return self.sheets.write(spreadsheet_id, requests, spans)


def test_a_report_whose_formats_were_not_written_is_written_again(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = {**DEAL, "stage": "Lost", "outcome_reason": "Price"}
    crm.fill(lost)
    crm.sync()
    crm.write("deals", 1, {**lost, "title": "Second", "outcome_reason": "Speed"})
    with monkeypatch.context() as cut:
        cut.setattr("sync.commit.MOST_BYTES", 1)  # a request at a time
        sheets = KilledAtFormats(crm.outside.sheets, crm.sheet_id("results"))
        with pytest.raises(Killed):
            replace(crm, outside=replace(crm.outside, sheets=sheets)).sync()
    crm.sync()
    shown = looks(crm, "results")
    assert shown.count(("Total", True, "NUMBER")) == 2
    assert ("Speed", False, "NUMBER") in shown
