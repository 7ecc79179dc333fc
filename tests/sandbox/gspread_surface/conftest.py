"""One spreadsheet for each test; `gc`, `book` and `ws` are always plain gspread's objects."""

from __future__ import annotations

from typing import Any

import gspread
import pytest

TABLE: list[list[Any]] = [
    ["name", "age", "city"],
    ["Ann", 30, "Oslo"],
    ["Bob", 25, "Rome"],
    ["Cid", 41, "Oslo"],
]


@pytest.fixture
def book(gc: gspread.Client) -> gspread.Spreadsheet:
    return gc.create("Book")


@pytest.fixture
def ws(book: gspread.Spreadsheet) -> gspread.Worksheet:
    """The first sheet with a small table."""
    sheet = book.sheet1
    sheet.update(TABLE)
    return sheet
