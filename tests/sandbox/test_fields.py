"""Partial responses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox.calls import ApiError
from sandbox.fields import apply_mask, parse_mask

VALUE = {
    "id": "1",
    "name": "x",
    "sheets": [{"properties": {"title": "A", "index": 0}}, {"properties": {"title": "B"}}, {}],
}


TITLES = {"sheets": [{"properties": {"title": "A"}}, {"properties": {"title": "B"}}, {}]}
INDEXES = {"id": "1", "sheets": [{"properties": {"index": 0}}, {"properties": {}}, {}]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id", {"id": "1"}),
        ("id,name", {"id": "1", "name": "x"}),
        ("sheets.properties.title", TITLES),
        ("sheets/properties/title", TITLES),
        ("sheets(properties(title))", TITLES),
        ("id,sheets(properties/index)", INDEXES),
        ("*", VALUE),
        ("sheets", {"sheets": VALUE["sheets"]}),
        ("sheets.properties.title,sheets", {"sheets": VALUE["sheets"]}),
    ],
)
def test_masks_in_all_their_forms(text: str, expected: Any) -> None:
    assert apply_mask(parse_mask(text), VALUE) == expected


@pytest.mark.parametrize("text", ["a(", "a)", "a,,b", "a/", "(a)", ",", "a(b", "a b(,)"])
def test_malformed_masks_are_refused(text: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_mask(text)
    assert refused.value.code == 400


def test_unknown_field_in_drives_mask(api: Callable[..., requests.Response]) -> None:
    error = api("GET", "/drive/v3/files?fields=files(id,nmae)").json()["error"]
    assert error["message"] == "Invalid field selection files.nmae"
    assert error["errors"][0]["location"] == "fields"


def test_unknown_field_in_sheets_mask(api: Callable[..., requests.Response]) -> None:
    error = api("GET", "/v4/spreadsheets/1?fields=sheets.propertys").json()["error"]
    assert error["message"] == "Request contains an invalid argument."
    violation = error["details"][0]["fieldViolations"][0]
    assert violation["description"] == (
        "Error expanding 'fields' parameter. Cannot find matching fields for path "
        "'sheets.propertys'."
    )
