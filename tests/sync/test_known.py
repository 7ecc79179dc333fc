"""A process that knows a workbook reads it once a pass, and is never misled by what it knows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.sync import drive_hands as hands
from tests.sync.conftest import DEAL, MANAGER, Crm

CLIENT = "anna@steppe.example"


@pytest.fixture
def service(crm: Crm) -> Crm:
    """A worker that keeps what it knows from pass to pass, as the service does."""
    crm.fill({**DEAL, "stage": "MQL"})
    return replace(crm, outside=replace(crm.outside, known={}))


def sheets_calls(crm: Crm) -> list[str]:
    calls = [call for call in crm.calls("sheets.*") if call["user"] != "manager1@example.com"]
    crm.control("DELETE", "log")
    return [str(call["method"]).removeprefix("sheets.spreadsheets.") for call in calls]


def test_idle_is_one_read(service: Crm) -> None:
    service.sync()
    service.sync()
    sheets_calls(service)
    for _ in range(3):
        result = service.sync()
        assert result.rows["deal"] == (1, 0, 0)
        assert sheets_calls(service) == ["values.batchGet"]


def test_what_changes_is_seen_at_once(service: Crm) -> None:
    for _ in range(3):
        service.sync()
    service.write("deals", 0, {"info": None})
    service.sync()
    assert "Information about the Lead" in service.row("deals")["problems"]
    service.write("deals", 0, {"info": "again", "stage": "SQL"})
    service.sync()
    assert service.row("deals")["check"] == "OK"
    assert service.row("deals")["drive"]
    assert service.sync().cells == 0


def test_a_letter_is_logged_although_no_cell_has_changed(service: Crm) -> None:
    for _ in range(3):
        service.sync()
    service.letter(sender=CLIENT, text="hello")
    assert service.sync().letters == 1
    assert [row["text"] for row in service.rows("comments")] == ["hello"]
    assert service.sync().letters == 0


def test_what_happens_on_drive_is_seen_although_no_cell_has_changed(service: Crm) -> None:
    service.write("deals", 0, {"stage": "SQL"})
    for _ in range(3):
        service.sync()
    own = hands.linked(service.row("deals"))
    hands.trash(service, own)
    service.sync()
    assert "the folder is in the trash" in service.row("deals")["problems"]
    for _ in range(2):
        assert service.sync().cells == 0
    hands.trash(service, own, trashed=False)
    service.sync()
    assert service.row("deals")["check"] == "OK"


def test_a_link_that_could_not_be_opened_is_looked_at_by_each_pass(service: Crm) -> None:
    mine = hands.make_folder(service, "Mine", "root", MANAGER)
    service.write("deals", 0, {"stage": "SQL", "drive": hands.link_to(mine)})
    for _ in range(4):
        service.sync()
    assert "cannot be opened" in service.row("deals")["problems"]
    writer = {"type": "user", "role": "writer", "emailAddress": hands.WORKER}
    hands.act(service, "permissions.create", MANAGER, writer, fileId=mine)
    service.sync()
    assert service.row("deals")["check"] == "OK"


def test_at_rest_a_pass_reads_the_news_and_looks_at_no_folder(service: Crm) -> None:
    service.write("deals", 0, {"stage": "SQL"})
    for _ in range(3):
        service.sync()
    service.control("DELETE", "log")
    service.sync()
    assert [call["method"] for call in service.calls("drive.*")] == ["drive.changes.list"]


def test_a_deal_that_waits_for_a_person_keeps_no_pass_busy(service: Crm) -> None:
    """Its company's folder is in the trash, or its link cannot be opened."""
    service.write("deals", 0, {"stage": "SQL"})
    service.sync()
    hands.trash(service, hands.linked(service.row("companies")))
    mine = hands.make_folder(service, "Mine", "root", MANAGER)
    service.write("deals", 1, {**hands.SECOND, "drive": hands.link_to(mine)})
    service.write("deals", 2, {**hands.SECOND, "title": "Third"})
    for _ in range(4):
        assert service.sync().folders_waiting == 1
    sheets_calls(service)
    assert service.sync().folders_waiting == 1
    assert sheets_calls(service) == ["values.batchGet"]


def test_worker_owned_cells_are_restored(service: Crm) -> None:
    for _ in range(3):
        service.sync()
    service.write("deals", 0, {"check": "fine"})
    service.sync()
    assert service.row("deals")["check"] == "OK"


@pytest.mark.parametrize(
    "change",
    [
        {"updateSheetProperties": {"properties": {"title": "Сделки"}, "fields": "title"}},
        {"moveDimension": {
            "source": {"dimension": "COLUMNS", "startIndex": 4, "endIndex": 5},
            "destinationIndex": 0}},
        {"deleteDimension": {"range": {
            "dimension": "COLUMNS", "startIndex": 5, "endIndex": 6}}},
    ],
    ids=["tab renamed", "column moved", "column deleted"],
)  # fmt: skip
def test_another_structure_is_noticed(
    service: Crm, change: dict[str, dict[str, dict[str, object]]]
) -> None:
    for _ in range(3):
        service.sync()
    sheet_id = service.sheet_id("deals")
    for body in change.values():
        place = body.get("properties") or body.get("source") or body.get("range") or {}
        place["sheetId"] = sheet_id
    service.batch_update(change)
    fresh = replace(service, outside=replace(service.outside, known=None))
    result = service.sync()
    assert result.rows == fresh.sync().rows
    assert fresh.sync().cells == 0


def test_another_worker_in_between_is_noticed(service: Crm) -> None:
    for _ in range(3):
        service.sync()
    other = replace(service, outside=replace(service.outside, known=None))
    service.write("deals", 0, {"info": None})
    other.sync()
    service.write("deals", 0, {"info": "again"})
    assert service.sync().failures == ()
    assert service.row("deals")["check"] == "OK"
    assert service.sync().cells == 0


@dataclass
class Hand:
    moment: datetime

    def now(self) -> datetime:
        return self.moment


def test_a_new_day_is_a_reason_to_check(service: Crm) -> None:
    clock = Hand(datetime.now(UTC))
    service.outside = replace(service.outside, clock=clock)
    due = (clock.moment - datetime(1899, 12, 30, tzinfo=UTC)).days + 1
    service.write("deals", 0, {"next_step": due})
    for _ in range(3):
        service.sync()
    assert service.row("deals")["check"] == "OK"
    clock.moment += timedelta(days=3)
    service.sync()
    assert "has passed" in service.row("deals")["problems"]
