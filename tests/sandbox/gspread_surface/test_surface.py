"""Nothing of gspread's public surface is forgotten."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import gspread
import pytest

OBJECTS = {"gc": gspread.Client, "book": gspread.Spreadsheet, "ws": gspread.Worksheet}
"""What these names stand for in the tests of this folder."""

NO_REQUEST = {
    "Client.expiry": "of the credentials",
    "Client.set_timeout": "of the session",
    "Worksheet.index": "from the properties that came with the sheet",
    "Worksheet.spreadsheet": "the object that made it",
    "Worksheet.tab_color": "from the properties that came with the sheet; deprecated",
}


def driven() -> set[str]:
    """Every `gc.x`, `book.x` and `ws.x` in the tests of this folder."""
    found = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                owner = OBJECTS.get(node.value.id)
                if owner is not None:
                    found.add(f"{owner.__name__}.{node.attr}")
    return found


def public() -> set[str]:
    """Public methods and properties of gspread's three classes."""
    return {
        f"{owner.__name__}.{name}"
        for owner in OBJECTS.values()
        for name, member in inspect.getmembers_static(owner)
        if not name.startswith("_") and (callable(member) or isinstance(member, property))
    }


def test_every_public_method_is_driven() -> None:
    assert sorted(public() - driven() - NO_REQUEST.keys()) == []


@pytest.mark.parametrize("name", sorted(NO_REQUEST))
def test_what_is_left_out_exists(name: str) -> None:
    assert name in public()
