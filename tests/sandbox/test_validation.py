"""Parameters and bodies are refused as the discovery documents demand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.discovery import load_methods
from sandbox.schemas import BodyChecker

Api = Callable[..., requests.Response]

BATCH = "/v4/spreadsheets/1:batchUpdate"
VALUES = "/v4/spreadsheets/1/values/A1"


def first_violation(answer: requests.Response) -> dict[str, Any]:
    assert answer.status_code == 400
    detail: dict[str, Any] = answer.json()["error"]["details"][0]
    assert detail["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    violation: dict[str, Any] = detail["fieldViolations"][0]
    return violation


def test_unknown_field_is_named_with_its_place(api: Api) -> None:
    answer = api("POST", BATCH, json={"requests": [{"updateCells": {"x": 1}}]})
    text = (
        'Invalid JSON payload received. Unknown name "x" at '
        "'requests[0].update_cells': Cannot find field."
    )
    assert first_violation(answer) == {"field": "requests[0].update_cells", "description": text}
    assert answer.json()["error"]["message"] == text


def test_unknown_field_at_the_top_has_no_place(api: Api) -> None:
    violation = first_violation(api("POST", BATCH, json={"wrong": 1}))
    assert violation == {
        "description": 'Invalid JSON payload received. Unknown name "wrong": Cannot find field.'
    }


def test_all_violations_are_told_at_once(api: Api) -> None:
    error = api("POST", BATCH, json={"a": 1, "b": 2}).json()["error"]
    assert len(error["details"][0]["fieldViolations"]) == 2
    assert error["message"].count("\n") == 1


@pytest.mark.parametrize(
    ("request_body", "expected"),
    [
        (
            {"addSheet": {"properties": {"index": "one"}}},
            "Invalid value at 'requests[0].add_sheet.properties.index' (TYPE_INT32), \"one\"",
        ),
        (
            {"addSheet": {"properties": {"hidden": 3}}},
            "Invalid value at 'requests[0].add_sheet.properties.hidden' (TYPE_BOOL), 3",
        ),
        (
            {"addSheet": {"properties": {"title": 3}}},
            "Invalid value at 'requests[0].add_sheet.properties.title' (TYPE_STRING), 3",
        ),
        (
            {"addSheet": "x"},
            "Invalid value at 'requests[0].add_sheet' "
            '(type.googleapis.com/google.apps.sheets.v4.AddSheetRequest), "x"',
        ),
        (
            {"addSheet": {"properties": {"sheetId": 2**31}}},
            "Invalid value at 'requests[0].add_sheet.properties.sheet_id' (TYPE_INT32), 2147483648",
        ),
    ],
)
def test_wrong_type_is_named(api: Api, request_body: dict[str, Any], expected: str) -> None:
    answer = api("POST", BATCH, json={"requests": [request_body]})
    assert first_violation(answer)["description"] == expected


def test_unknown_enum_value_is_refused(api: Api) -> None:
    body = {"requests": [{"addSheet": {"properties": {"sheetType": "PAPER"}}}]}
    assert "(type.googleapis.com/google.apps.sheets.v4.SheetType)" in str(
        first_violation(api("POST", BATCH, json=body))
    )


def test_unknown_query_parameter_is_refused(api: Api) -> None:
    violation = first_violation(api("GET", VALUES + "?foo=1"))
    assert violation["description"] == (
        'Invalid JSON payload received. Unknown name "foo": Cannot bind query parameter. '
        "Field 'foo' could not be found in request message."
    )


def test_query_parameter_of_a_wrong_enum_is_refused(api: Api) -> None:
    violation = first_violation(api("GET", VALUES + "?majorDimension=SIDEWAYS"))
    assert violation == {
        "field": "major_dimension",
        "description": "Invalid value at 'major_dimension' "
        '(type.googleapis.com/google.apps.sheets.v4.Dimension), "SIDEWAYS"',
    }


def test_malformed_json_is_refused(api: Api) -> None:
    error = api("POST", BATCH, data=b"{nope").json()["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["message"].startswith("Invalid JSON payload received.")


def test_drive_page_size_has_a_range(api: Api) -> None:
    error = api("GET", "/drive/v3/files?pageSize=0").json()["error"]["errors"][0]
    assert error == {
        "message": "Invalid value '0'. Values must be within the range: [1, 1000]",
        "domain": "global",
        "reason": "invalidParameter",
        "location": "pageSize",
        "locationType": "parameter",
    }


def test_gmail_refuses_unknown_fields_in_both_styles_at_once(api: Api) -> None:
    error = api("POST", "/gmail/v1/users/me/labels", json={"colour": 1}).json()["error"]
    assert error["status"] == "INVALID_ARGUMENT"
    assert error["errors"][0]["reason"] == "invalid"
    assert error["details"][0]["fieldViolations"]


def parse(schema: str, body: Any) -> dict[str, Any]:
    api = load_methods()["sheets.spreadsheets.get"].api
    return BodyChecker(api).parse(schema, body)


def test_body_is_brought_into_canonical_form() -> None:
    """Protobuf's JSON: snake_case names, numbers in strings and nulls are accepted."""
    body = {"add_sheet": {"properties": {"sheet_id": "7", "hidden": "true", "title": None}}}
    assert parse("Request", body) == {"addSheet": {"properties": {"sheetId": 7, "hidden": True}}}


def test_nulls_among_cell_values_stay() -> None:
    body = {"values": [[None, "", 1.5, True]]}
    assert parse("ValueRange", body) == body


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
REQUEST_NAMES = sorted(
    load_methods()["sheets.spreadsheets.get"].api.schemas["Request"]["properties"]
)


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(REQUEST_NAMES), value=JSON_VALUES)
def test_checker_never_fails_but_by_refusing(name: str, value: Any) -> None:
    api = load_methods()["sheets.spreadsheets.get"].api
    for violation in BodyChecker(api).check("Request", {name: value}):
        assert violation.description


def test_lists_within_a_list_of_messages_are_one_list() -> None:
    """pygsheets sends requests in a tuple within the list, and Google carries them out."""
    nested = {"requests": [[{"clearBasicFilter": {"sheetId": 0}}], {"deleteSheet": {"sheetId": 1}}]}
    assert parse("BatchUpdateSpreadsheetRequest", nested)["requests"] == [
        {"clearBasicFilter": {"sheetId": 0}},
        {"deleteSheet": {"sheetId": 1}},
    ]


def test_enums_may_come_as_numbers() -> None:
    assert parse("MergeCellsRequest", {"mergeType": 2}) == {"mergeType": "MERGE_ROWS"}


@pytest.mark.parametrize(
    "asked",
    [
        {"params": {"$fields": "user(emailAddress)", "$prettyPrint": "false"}},
        {"params": {"prettyPrint": "false"}, "headers": {"X-Goog-FieldMask": "user.emailAddress"}},
    ],
)
def test_system_parameters_have_other_names(api: Api, asked: dict[str, Any]) -> None:
    answer = api("GET", "/drive/v3/about", **asked)
    assert answer.text == '{"user":{"emailAddress":"manager1@example.com"}}'
