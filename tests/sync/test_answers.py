"""Answers of values.batchGet read as they come: the same as read whole, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.chunks import Column
from sync.google.answers import CutOffError, TabReader, read_columns
from sync.ports import TabContent

Grid = list[list[Any]]

cells = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(max_size=6),
    st.sampled_from(["],[", "]]", ']]},{"', '"values":[', "\\", '\\"', '"', '\\\\"],["', ""]),
)
grids = st.lists(st.lists(cells, max_size=4), max_size=4)
sizes = st.integers(1, 40)
alike = st.lists(st.sampled_from(["a", "b", "", 1, True, None, "a,b"]), max_size=60)
tall_grids = st.lists(st.one_of(st.lists(cells, max_size=60), alike), max_size=3)


def answer(grids_: list[Grid | None]) -> bytes:
    ranges = [
        {"range": f"'],[{at}'!A1:Z9", "majorDimension": "COLUMNS"}
        | ({} if grid is None else {"values": grid})
        for at, grid in enumerate(grids_)
    ]
    return orjson.dumps({"spreadsheetId": "1x", "valueRanges": ranges})


def pieces(content: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def expected(grid: Grid | None) -> tuple[list[Any], list[list[Any]], int]:
    """Return headers, columns of equal length with None where a cell is empty, and the height."""
    grid = [[None if cell == "" else cell for cell in column] for column in grid or []]
    height = max((len(column) - 1 for column in grid if column), default=0)
    headers = [column[0] if column else None for column in grid]
    columns = [column[1:] + [None] * (height - len(column[1:])) for column in grid]
    return headers, columns, height


def shown(content: TabContent) -> tuple[list[Any], list[list[Any]], int]:
    return list(content.headers), [list(column) for column in content.columns], content.height


def types(grid: Any) -> list[list[type]]:
    """The types of the cells; to Sheets all numbers are of one kind."""
    return [[float if type(cell) is int else type(cell) for cell in column] for column in grid]


@given(st.lists(st.lists(st.none() | grids, min_size=3, max_size=3), min_size=1, max_size=4), sizes)
def test_answer_after_answer_reads_as_it_would_whole(
    answers: list[list[Grid | None]], size: int
) -> None:
    reader = TabReader(size)
    for one in answers:
        contents = reader.read(pieces(answer(one), size), ["a", "b", "c"])
        assert [shown(content) for content in contents] == [expected(grid) for grid in one]
        for content, grid in zip(contents, one, strict=True):
            assert types(content.columns) == types(expected(grid)[1])
            assert list(content.blank) == [None] * content.height


@given(tall_grids, st.data(), st.integers(1, 60))
def test_an_answer_that_has_changed_here_and_there_reads_as_it_would_whole(
    grid: Grid, data: st.DataObject, piece: int
) -> None:
    reader = TabReader(piece)
    reader.read([answer([grid])], ["t"])
    for _ in range(3):
        for column in filter(None, grid):
            place = data.draw(st.integers(0, len(column)))
            column[place : place + data.draw(st.integers(0, 2))] = data.draw(
                st.lists(cells, max_size=2)
            )
        (content,) = reader.read(pieces(answer([grid]), 7), ["t"])
        assert shown(content) == expected(grid)
        assert types(content.columns) == types(expected(grid)[1])


def test_a_piece_that_went_on_is_not_looked_for_in_another_column() -> None:
    reader = TabReader(8)
    read(reader, ["h", "first text", "second text", "third"], ["i", "x"])
    now = read(reader, ["h", "another"], ["second text", "second text", "third"])
    assert shown(now) == (["h", "second text"], [["another", None], ["second text", "third"]], 2)


@given(st.lists(st.none() | grids, min_size=1, max_size=3))
def test_columns_of_any_ranges_come_as_they_were_sent(grids_: list[Grid | None]) -> None:
    found = read_columns(answer(grids_), ["x"] * len(grids_))
    assert found == [grid or [] for grid in grids_]


def read(reader: TabReader, *columns: list[Any]) -> TabContent:
    return reader.read([answer([list(columns)])], ["t"])[0]


def test_what_has_not_changed_is_the_same_object() -> None:
    reader = TabReader()
    before = read(reader, ["h", "same text"] * 50, ["i", 1, "],["])
    assert read(reader, ["h", "same text"] * 50, ["i", 1, "],["]) is before
    after = read(reader, ["h", "same text"] * 50, ["i", 2, "],["])
    assert after.columns[0] is before.columns[0]
    assert list(after.columns[1][:2]) == [2, "],["]


def test_of_a_long_column_that_has_changed_in_a_cell_the_rest_is_the_same_objects() -> None:
    reader = TabReader()
    column = [f"text number {row}" for row in range(5_000)]
    before = read(reader, ["h", *column]).columns[0]
    after = read(reader, ["h", *column[:3_000], "another, longer text", *column[3_001:]]).columns[0]
    assert isinstance(before, Column)
    assert isinstance(after, Column)
    assert len(set(before.chunks) & set(after.chunks)) == len(before.chunks) - 1 > 10
    assert list(after.differing(before)) == [3_000]
    inserted = read(reader, ["h", *column[:3_000], "new", *column[3_000:]]).columns[0]
    assert isinstance(inserted, Column)
    assert len(set(before.chunks) & set(inserted.chunks)) >= len(before.chunks) - 1


def test_a_column_that_is_written_in_again_and_again_stays_in_few_pieces() -> None:
    reader = TabReader()
    column = [f"text number {row}" for row in range(5_000)]
    first = read(reader, ["h", *column]).columns[0]
    for turn in range(60):
        column[100 + turn % 50] += " and more"
        found = read(reader, ["h", *column]).columns[0]
        assert list(found) == column
    assert isinstance(first, Column)
    assert isinstance(found, Column)
    assert len(found.chunks) <= len(first.chunks) + 1


def test_a_tick_is_not_taken_for_the_number_that_stood_there() -> None:
    reader = TabReader()
    read(reader, ["h", 1, 0, 1.0])
    assert list(map(type, read(reader, ["h", True, False, 1]).columns[0])) == [bool, bool, int]


def test_a_tab_that_has_grown_or_shrunk_has_columns_of_its_new_height() -> None:
    reader = TabReader()
    read(reader, ["h", "a", "b"], ["i", "x"])
    assert shown(read(reader, ["h", "a", "b", "c"], ["i", "x"]))[1:] == (
        [["a", "b", "c"], ["x", None, None]],
        3,
    )
    assert shown(read(reader, ["h", "a"], ["i", "x"]))[1:] == ([["a"], ["x"]], 1)


@pytest.mark.parametrize("text", ["1,2,", "]]", "],[", '","', "\\", '\\",'])
def test_longest_cells_of_what_looks_like_the_end_of_one_are_read_in_no_time(text: str) -> None:
    column = [text * (50_000 // len(text))] * 10
    content = answer([[["h" + column[0], *column]]])
    reader, start = TabReader(), process_time()
    (found,) = reader.read(pieces(content, 65_536), ["t"])
    assert process_time() - start < 1
    assert shown(found) == (["h" + column[0]], [column], 10)


def test_texts_that_end_in_a_backslash_are_cut_into_pieces_too() -> None:
    column = [f"C:\\folder {row}\\" for row in range(2_000)]
    found = read(TabReader(), ["h", *column]).columns[0]
    assert list(found) == column
    assert isinstance(found, Column)
    assert len(found.chunks) > 4


@given(st.lists(st.none() | tall_grids, min_size=1, max_size=2), sizes, st.booleans())
def test_an_answer_that_is_cut_off_anywhere_is_an_error(
    grids_: list[Grid | None], piece: int, known: bool
) -> None:
    content, titles = answer(grids_), ["a", "b"][: len(grids_)]
    reader = TabReader(piece)
    if known:
        reader.read([content], titles)
    for length in range(0, len(content), 1 + len(content) // 100):
        with pytest.raises(CutOffError):
            reader.read(pieces(content[:length], 64), titles)
    found = reader.read([content], titles)
    assert [shown(one) for one in found] == [expected(grid) for grid in grids_]


@pytest.mark.parametrize("cut", [1, 2, 10, 20, 30, 40, 60])
def test_an_answer_that_is_cut_off_is_an_error_and_nothing_is_kept_of_it(cut: int) -> None:
    reader = TabReader()
    content = answer([[["a", "b"], ["c"]]])
    with pytest.raises(CutOffError):
        reader.read([content[:-cut]], ["t"])
    assert shown(reader.read([content], ["t"])[0]) == (["a", "c"], [["b"], [None]], 1)


def test_an_answer_that_is_laid_out_prettily_is_read() -> None:
    pretty = orjson.dumps(orjson.loads(answer([[["a"], [1]]])), option=orjson.OPT_INDENT_2)
    assert shown(TabReader().read([pretty], ["t"])[0]) == (["a", 1], [[], []], 0)
