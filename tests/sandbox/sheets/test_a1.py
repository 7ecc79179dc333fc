"""A1 notation in and out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.sheets.a1 import (
    Corners,
    NotA1Error,
    column_index,
    column_letters,
    format_corners,
    parse_reference,
    quote_title,
)


@given(st.integers(0, 18_277))
def test_column_letters_and_back(index: int) -> None:
    assert column_index(column_letters(index)) == index


@pytest.mark.parametrize(
    ("text", "corners"),
    [
        ("A1", Corners(0, 0, 1, 1, True)),
        ("$B$2", Corners(1, 1, 2, 2, True)),
        ("A1:B2", Corners(0, 0, 2, 2)),
        ("B2:A1", Corners(0, 0, 2, 2)),
        ("A:B", Corners(None, 0, None, 2)),
        ("2:3", Corners(1, None, 3, None)),
        ("A2:B", Corners(1, 0, None, 2)),
        ("A5:5", Corners(4, 0, 5, None)),
        ("R2C3", Corners(1, 2, 2, 3, True)),
        ("R1C1:R2C2", Corners(0, 0, 2, 2)),
    ],
)
def test_cells(text: str, corners: Corners) -> None:
    assert parse_reference(f"T!{text}").corners == corners


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Sheet1!A1", "Sheet1"),
        ("'It''s mine'!A1", "It's mine"),
        ("'A1'", "A1"),
        ("'a!b'!A1", "a!b"),
        ("Сделки!A1", "Сделки"),
    ],
)
def test_titles(text: str, title: str) -> None:
    assert parse_reference(text).title == title


@pytest.mark.parametrize("text", ["", "T!", "T!A0", "T!A1:", "'T!A1", "'T'A1", "T!1A", "T!ABCD1"])
def test_what_is_no_range(text: str) -> None:
    try:
        reference = parse_reference(text)
    except NotA1Error:
        return
    assert reference.corners is None
    assert reference.name


@pytest.mark.parametrize(
    ("corners", "text"),
    [
        (Corners(0, 0, 1, 1), "A1"),
        (Corners(0, 0, 2, 2), "A1:B2"),
        (Corners(None, 0, None, 1), "A:A"),
        (Corners(2, None, 3, None), "3:3"),
        (Corners(1000, 0, None, 2), "A1001:B"),
        (Corners(1000, 0, 1001, 2), "A1001:B1001"),
        (Corners(0, 26, 2, 27), "AA1:AA2"),
        (Corners(0, 26, 2, None), "AA1:2"),
        (Corners(), ""),
    ],
)
def test_printing_as_google_does(corners: Corners, text: str) -> None:
    assert format_corners(corners) == text


@pytest.mark.parametrize(
    ("title", "quoted"),
    [
        ("Sheet1", "Sheet1"),
        ("My sheet", "'My sheet'"),
        ("It's", "'It''s'"),
        ("Лист1", "'Лист1'"),
        ("2024", "'2024'"),
        ("A1", "'A1'"),
        ("R1C1", "'R1C1'"),
    ],
)
def test_quoting_only_when_needed(title: str, quoted: str) -> None:
    assert quote_title(title) == quoted
