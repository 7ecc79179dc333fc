"""Protected ranges: enforced by user, except those that only warn."""

from collections.abc import Callable
from typing import Any

import gspread
import pytest

from sandbox.people import SERVICE_ACCOUNT

MANAGER = "manager1@example.com"
TEXT = (
    "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to "
    "remove protection if you need to edit."
)


@pytest.fixture
def theirs(gc_as: Callable[..., gspread.Client], book: gspread.Spreadsheet) -> gspread.Worksheet:
    """The first sheet as a manager opens it, who may edit the file."""
    return gc_as(MANAGER).open_by_key(book.id).sheet1


def protect(change: Any, **facts: Any) -> dict[str, Any]:
    body = {"range": {"startRowIndex": 0, "endRowIndex": 1}, **facts}
    (reply,) = change({"addProtectedRange": {"protectedRange": body}})
    made: dict[str, Any] = reply["addProtectedRange"]["protectedRange"]
    return made


def refused_with(call: Callable[[], Any]) -> str:
    with pytest.raises(gspread.exceptions.APIError) as refused:
        call()
    assert refused.value.response.status_code == 400
    return str(refused.value.error["message"])


def test_protection_is_a_400(change: Any, theirs: gspread.Worksheet) -> None:
    """P: "**400** `You are trying to edit a protected cell or object`"."""
    made = protect(change)
    assert made["requestingUserCanEdit"] is True
    assert refused_with(lambda: theirs.update([["x"]])) == TEXT
    assert refused_with(lambda: theirs.batch_clear(["A1"])) == f"Invalid range[0]: {TEXT}"
    assert refused_with(lambda: theirs.delete_rows(1)).startswith("Invalid requests[0].delete")
    assert refused_with(lambda: theirs.format("A1", {"textFormat": {"bold": True}})).endswith(TEXT)
    assert refused_with(lambda: theirs.sort((1, "asc"), range="A1:B3")).endswith(TEXT)
    theirs.update([["free"]], "A2")


def test_the_one_who_protects_and_named_editors_may_edit(
    change: Any, ws: gspread.Worksheet, theirs: gspread.Worksheet
) -> None:
    made = protect(change, editors={"users": [MANAGER]})
    assert MANAGER in made["editors"]["users"]
    ws.update([["mine"]])
    theirs.update([["theirs"]])
    assert ws.acell("A1").value == "theirs"


def test_a_warning_is_never_enforced(change: Any, theirs: gspread.Worksheet) -> None:
    made = protect(change, warningOnly=True)
    assert made["warningOnly"] is True
    assert "editors" not in made
    theirs.update([["x"]])
    assert theirs.acell("A1").value == "x"


def test_a_protected_sheet_with_unprotected_ranges(change: Any, theirs: gspread.Worksheet) -> None:
    free = {"startRowIndex": 5, "endRowIndex": 10, "startColumnIndex": 0, "endColumnIndex": 3}
    protect(change, range={"sheetId": 0}, unprotectedRanges=[free])
    theirs.update([["x"]], "B6")
    assert refused_with(lambda: theirs.update([["x"]], "D6")) == TEXT
    assert refused_with(lambda: theirs.update_title("New")).endswith(TEXT)


def test_unprotected_ranges_belong_to_protected_sheets(refused: Any, refusal: Any) -> None:
    """D: "Unprotected ranges are only supported on protected sheets."."""
    free = {"startRowIndex": 0, "endRowIndex": 1}
    body = {"range": {"endRowIndex": 5}, "unprotectedRanges": [free]}
    assert "protected sheets" in refused({"addProtectedRange": {"protectedRange": body}})
    body = {"requests": [{"addProtectedRange": {"protectedRange": {"tableId": "1"}}}]}
    assert refusal("POST", ":batchUpdate", body)[0] == 501


def test_editors_show_only_to_those_who_may_edit(
    change: Any, book: gspread.Spreadsheet, theirs: gspread.Worksheet
) -> None:
    protect(change)
    (own,) = book.list_protected_ranges(0)
    assert own["editors"]["users"]
    (other,) = theirs.spreadsheet.list_protected_ranges(0)
    assert "editors" not in other
    assert "requestingUserCanEdit" not in other


def test_only_an_editor_changes_or_removes_it(change: Any, theirs: gspread.Worksheet) -> None:
    made = protect(change, description="one")
    remove = {"deleteProtectedRange": {"protectedRangeId": made["protectedRangeId"]}}
    send = theirs.spreadsheet.batch_update
    assert refused_with(lambda: send({"requests": [remove]})).endswith(TEXT)
    body = {"protectedRangeId": made["protectedRangeId"], "warningOnly": True}
    change({"updateProtectedRange": {"protectedRange": body, "fields": "warningOnly"}})
    theirs.update([["now"]])
    change(remove)
    assert theirs.spreadsheet.list_protected_ranges(0) == []


def test_a_refused_batch_leaves_nothing(change: Any, theirs: gspread.Worksheet) -> None:
    protect(change)
    data = [{"range": "A2", "values": [["x"]]}, {"range": "A1", "values": [["y"]]}]
    assert refused_with(lambda: theirs.batch_update(data)) == f"Invalid data[1]: {TEXT}"
    assert theirs.get_all_values() == [[]]


def test_the_protection_grows_with_rows_inserted_inside(
    change: Any, book: gspread.Spreadsheet, ws: gspread.Worksheet
) -> None:
    protect(change, range={"startRowIndex": 1, "endRowIndex": 3})
    span = {"dimension": "ROWS", "startIndex": 2, "endIndex": 4}
    change({"insertDimension": {"range": span}})
    (there,) = book.list_protected_ranges(0)
    assert there["range"] == {"startRowIndex": 1, "endRowIndex": 5}


def test_a_service_account_has_to_be_an_editor_of_the_range(
    gc: gspread.Client, gc_as: Callable[..., gspread.Client]
) -> None:
    """P: "A service account that edits the file still has to be an editor of the
    protected range"."""
    owners = gc_as(MANAGER).create("Theirs")
    owners.share(SERVICE_ACCOUNT.email, "user", "writer", notify=False)
    owners.sheet1.add_protected_range("A1:A1", [])
    seen = gc.open_by_key(owners.id).sheet1
    assert refused_with(lambda: seen.update([["x"]])) == TEXT
    seen.update([["x"]], "A2")
    owners.sheet1.update([["owner"]])
