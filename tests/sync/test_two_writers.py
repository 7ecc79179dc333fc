"""Two workers on one workbook do no harm, with no lock between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from rules.table import Raw
from sync.errors import ConflictError
from sync.ports import Request, Span
from tests.sync.conftest import DEAL, Crm
from tests.sync.passed_through import PassedThrough

CLIENT = "anna@steppe.example"


@dataclass
class Interleaved(PassedThrough):
    """Sheets, with something happening right before the n-th write."""

    events: dict[int, Callable[[], None]] = field(default_factory=dict)
    writes: int = 0
    fenced: bool = True

    def write(
        self, spreadsheet_id: str, requests: Sequence[Request], spans: Sequence[Span] = ()
    ) -> Sequence[Sequence[Raw]]:
        self.events.pop(self.writes, lambda: None)()
        self.writes += 1
        sent = requests if self.fenced else list(map(unfenced, requests))
        return self.sheets.write(spreadsheet_id, sent, spans)


def unfenced(request: Request) -> Request:
    """The request as it would act if Google gave the metadata another id than the one asked for."""
    if "createDeveloperMetadata" not in request:
        return request
    metadata: dict[str, Any] = dict(request["createDeveloperMetadata"]["developerMetadata"])
    metadata.pop("metadataId", None)
    return {"createDeveloperMetadata": {"developerMetadata": metadata}}


def meanwhile(crm: Crm, write: int, *, fenced: bool = True) -> tuple[Crm, Interleaved]:
    """A worker during whose n-th write another one runs a whole pass, after it has read."""
    other = crm if fenced else unfenced_crm(crm)
    sheets = Interleaved(crm.outside.sheets, {write: lambda: none(other.sync())}, fenced=fenced)
    return replace(crm, outside=replace(crm.outside, sheets=sheets)), sheets


def unfenced_crm(crm: Crm) -> Crm:
    sheets = Interleaved(crm.outside.sheets, fenced=False)
    return replace(crm, outside=replace(crm.outside, sheets=sheets))


def none(_: object) -> None:
    return None


def assert_all_is_once(crm: Crm, deals: int) -> None:
    assert [row["text"] for row in crm.rows("comments")] == ["hello"]
    stages = [row for row in crm.rows("events") if row["event"] == "Stage"]
    assert len(stages) == deals
    assert len({row["id"] for row in crm.rows("deals")}) == deals
    own = [f for f in crm.folders().values() if "crmDeal" in f["app"] and "crmPart" not in f["app"]]
    assert len(own) == deals
    records = [row[0] for row in crm.values_of_memory()]
    assert len(records) == len(set(records)) == deals + 2


@pytest.mark.parametrize("write", [0, 1])
def test_of_two_passes_from_the_same_state_one_is_refused_and_plans_again(
    crm: Crm, write: int
) -> None:
    crm.fill(DEAL, {**DEAL, "title": "Second"})
    crm.letter(sender=CLIENT, text="hello")
    first, sheets = meanwhile(crm, write)
    assert first.sync().failures == ()
    assert sheets.writes >= 1
    statuses = [call["status"] for call in crm.calls("sheets.spreadsheets.batchUpdate")]
    assert 400 in statuses
    assert_all_is_once(crm, deals=2)
    assert crm.sync().cells == 0


def test_a_refused_commit_leaves_nothing_behind(crm: Crm) -> None:
    crm.fill({**DEAL, "stage": "MQL"})
    crm.sync()
    crm.letter(sender=CLIENT, text="hello")
    stale = replace(crm, outside=replace(crm.outside, sheets=Interleaved(
        crm.outside.sheets,
        {at: lambda: advance(crm) for at in range(3)},
    )))  # fmt: skip
    with pytest.raises(ConflictError):
        stale.sync()
    assert crm.rows("comments") == []


def advance(crm: Crm) -> None:
    """Another worker's commit that leaves the letters alone."""
    crm.write("deals", 0, {"budget": None if crm.row("deals")["budget"] else 5})
    replace(crm, outside=replace(crm.outside, mailboxes=())).sync()


@pytest.mark.parametrize("remembers", [False, True])
@pytest.mark.parametrize("write", [0, 1])
def test_should_google_let_both_through_the_next_pass_removes_what_stands_twice(
    crm: Crm, write: int, remembers: bool
) -> None:
    crm = replace(crm, outside=replace(crm.outside, known={} if remembers else None))
    crm.fill({**DEAL, "stage": "MQL"}, {**DEAL, "stage": "MQL", "title": "Second"})
    crm.letter(sender=CLIENT, text="hello")
    crm.write("comments", 0, {"text": "a note"})
    crm.write("comments", 1, {"text": "a note"})
    first, _ = meanwhile(crm, write, fenced=False)
    first.sync()
    crm.sync()
    texts = [row["text"] for row in crm.rows("comments")]
    assert sorted(texts) == ["a note", "a note", "hello"], "a manager's equal rows stay"
    stages = [row for row in crm.rows("events") if row["event"] == "Stage"]
    assert len(stages) == 2
    records = [row[0] for row in crm.values_of_memory()]
    assert len(records) == len(set(records))
    assert crm.sync().cells == 0


def test_equal_rows_of_managers_are_never_taken_for_doubles(crm: Crm) -> None:
    crm.fill({**DEAL, "stage": "MQL"})
    crm.letter(sender=CLIENT, text="hello")
    crm.sync()
    row = {key: value for key, value in crm.row("comments").items() if value is not None}
    crm.write("comments", 1, row)
    crm.sync()
    assert [row["text"] for row in crm.rows("comments")] == ["hello", "hello"]


@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_blank_column_inserted_while_rows_are_appended_stays_blank(crm: Crm, at: int) -> None:
    crm.fill({**DEAL, "stage": "MQL"})
    crm.letter(sender=CLIENT, text="hello")
    place = {"sheetId": crm.sheet_id("comments"), "dimension": "COLUMNS", "startIndex": at}

    def insert_column() -> None:
        crm.batch_update({"insertDimension": {"range": {**place, "endIndex": at + 1}}})

    sheets = Interleaved(crm.outside.sheets, {0: insert_column})
    replace(crm, outside=replace(crm.outside, sheets=sheets)).sync()
    crm.sync()
    header, letter = crm.values("comments")
    assert header[at] in (None, "")
    assert letter[at] in (None, "")
    assert crm.row("comments")["text"] == "hello"


@pytest.mark.parametrize("tab", ["comments", "events"])
def test_a_column_moved_while_rows_are_appended_mixes_up_nothing(crm: Crm, tab: str) -> None:
    crm.fill({**DEAL, "stage": "MQL"})
    crm.write("comments", 0, {"text": "a note", "deal_id": "D-000001"})
    crm.letter(sender=CLIENT, text="hello")

    def move_column() -> None:
        source = {
            "sheetId": crm.sheet_id(tab),
            "dimension": "COLUMNS",
            "startIndex": 3,
            "endIndex": 4,
        }
        crm.batch_update({"moveDimension": {"source": source, "destinationIndex": 0}})

    sheets = Interleaved(crm.outside.sheets, {0: move_column})
    replace(crm, outside=replace(crm.outside, sheets=sheets)).sync()
    assert crm.sync().cells == 0
    assert [row["text"] for row in crm.rows("comments")] == ["a note", "hello"]
    letter, event = crm.row("comments", 1), crm.row("events")
    assert (letter["deal_id"], letter["direction"]) == ("D-000001", "Incoming")
    assert (event["deal_id"], event["event"], event["to"]) == ("D-000001", "Stage", "MQL")
    assert isinstance(letter["when"], float)
    assert isinstance(event["when"], float)


def test_a_new_id_that_landed_on_a_row_much_like_its_own_is_put_right(crm: Crm) -> None:
    """The deals of one client are alike in company and contact."""
    crm.fill(DEAL)
    crm.sync()
    link = crm.row("deals")["drive"]
    rows = {"sheetId": crm.sheet_id("deals"), "startRowIndex": 1, "endRowIndex": 2}
    copy = {**rows, "startRowIndex": 2, "endRowIndex": 3}
    crm.batch_update({"copyPaste": {"source": rows, "destination": copy}})
    crm.write("deals", 1, {"title": "Second", "info": "the copy"})

    def insert_row() -> None:
        top = {"sheetId": crm.sheet_id("deals"), "dimension": "ROWS", "startIndex": 1}
        crm.batch_update({"insertDimension": {"range": {**top, "endIndex": 2}}})

    sheets = Interleaved(crm.outside.sheets, {0: insert_row})
    replace(crm, outside=replace(crm.outside, sheets=sheets)).sync()
    original, second = crm.row("deals", 1), crm.row("deals", 2)
    assert (original["title"], original["id"], original["drive"]) == (
        *(DEAL["title"], "D-000001"), link,
    )  # fmt: skip
    assert (second["title"], second["id"]) == ("Second", "D-000002")
    assert second["drive"] != link
