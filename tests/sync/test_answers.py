"""Answers of values.batchGet read column by column: the same as read whole, and nothing twice."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.google.answers import ColumnReader

Grid = list[list[Any]]

cells = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(max_size=6),
    st.sampled_from(["],[", ']]},{"', '"values":[[', "\\", '\\"', '"', '\\\\"],["', ""]),
)
grids = st.lists(st.lists(cells, max_size=4), max_size=4)


def answer(grids_: list[Grid | None]) -> bytes:
    ranges = [
        {"range": f"'],[{at}'!A1:Z9", "majorDimension": "COLUMNS"}
        | ({} if grid is None else {"values": grid})
        for at, grid in enumerate(grids_)
    ]
    return orjson.dumps({"spreadsheetId": "1x", "valueRanges": ranges})


@given(st.lists(st.lists(st.none() | grids, min_size=3, max_size=3), min_size=1, max_size=4))
def test_answer_after_answer_reads_as_it_would_whole(answers: list[list[Grid | None]]) -> None:
    reader = ColumnReader()
    for one in answers:
        assert reader.read(answer(one), ["a", "b", "c"]) == [grid or [] for grid in one]


@given(st.lists(st.lists(cells, min_size=1, max_size=4), min_size=2, max_size=4))
def test_types_of_equal_values_are_kept(grid: Grid) -> None:
    read = ColumnReader().read(answer([grid]), ["a"])[0]
    assert [[type(cell) for cell in column] for column in read] == [
        [type(cell) for cell in column] for column in grid
    ]


def test_a_column_that_has_not_changed_is_the_same_list() -> None:
    reader = ColumnReader()
    before = reader.read(answer([[["a"] * 50, ["b", 1, "],["]]]), ["t"])[0]
    again = reader.read(answer([[["a"] * 50, ["b", 1, "],["]]]), ["t"])[0]
    assert all(old is new for old, new in zip(before, again, strict=True))
    after = reader.read(answer([[["a"] * 50, ["b", 2, "],["]]]), ["t"])[0]
    assert after[0] is before[0]
    assert after[1] == ["b", 2, "],["]


@pytest.mark.parametrize("cut", [1, 10, 40])
def test_an_answer_that_is_cut_off_is_an_error(cut: int) -> None:
    content = answer([[["a", "b"], ["c"]]])
    with pytest.raises(orjson.JSONDecodeError):
        ColumnReader().read(content[:-cut], ["t"])


def test_an_answer_that_is_laid_out_prettily_is_read() -> None:
    pretty = orjson.dumps(orjson.loads(answer([[["a"], [1]]])), option=orjson.OPT_INDENT_2)
    assert ColumnReader().read(pretty, ["t"]) == [[["a"], [1]]]
