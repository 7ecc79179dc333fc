"""Values printed in pieces read as if they were printed whole."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.printing import BAND_ROWS, RowTable, print_answer
from sandbox.sheets.columns import ColumnTable, PrintedBands
from sandbox.sheets.ranges import Area

values = st.one_of(st.text(max_size=3), st.integers(-9, 9), st.booleans(), st.just(""))


def printed(answer: Any, *, pretty: bool) -> bytes:
    return b"".join(bytes(piece) for piece in print_answer(answer, pretty=pretty))


def as_columns(rows: list[list[Any]]) -> list[list[Any]]:
    """Columns as Google gives them: without the blanks at their end."""
    width = max(map(len, rows), default=0)
    columns = [[row[at] if at < len(row) else "" for row in rows] for at in range(width)]
    for column in columns:
        while column and column[-1] == "":
            column.pop()
    return columns


def by_columns(rows: list[list[Any]]) -> ColumnTable:
    area = Area(0, 0, len(rows), max(map(len, rows)))
    return ColumnTable(rows, area, PrintedBands())


@pytest.mark.parametrize("pretty", [True, False])
@pytest.mark.parametrize("height", [1, 499, 500, 501, 1_203])
def test_long_tables_read_the_same_in_either_dimension(height: int, pretty: bool) -> None:
    rows = [["x", "", number] if number % 700 else ["x", "only here"] for number in range(height)]
    content = printed({"values": RowTable(rows)}, pretty=pretty)
    assert orjson.loads(content) == {"values": rows}
    content = printed({"values": by_columns(rows)}, pretty=pretty)
    assert orjson.loads(content) == {"values": as_columns(rows)}


@pytest.mark.parametrize("pretty", [True, False])
def test_columns_printed_in_pieces_look_as_if_printed_whole(pretty: bool) -> None:
    rows = [[number, "", ",", 'a],["', "é"] for number in range(BAND_ROWS + 2)]
    rows += [[]] * BAND_ROWS + [["last", "b", "", ""]]
    whole = {"values": as_columns(rows), "after": 1}
    answer = {"values": by_columns(rows), "after": 1}
    assert printed(answer, pretty=pretty) == printed(whole, pretty=pretty)


@given(st.lists(st.lists(values, max_size=4), min_size=1, max_size=6), st.booleans())
def test_any_table_reads_the_same_in_rows(rows: list[list[Any]], pretty: bool) -> None:
    content = printed([{"values": RowTable(rows)}, 1], pretty=pretty)
    assert orjson.loads(content) == [{"values": rows}, 1]
