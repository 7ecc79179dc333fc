"""A column in chunks is the list of its cells, whatever it was made from."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from rules.chunks import Column, Listed, Palette, make_chunk, unpacked

CELLS = st.one_of(
    st.text(max_size=4),
    st.sampled_from(["a", "b", "", "\ud800", '"', "\\"]),
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.floats(allow_nan=False),
    st.tuples(st.text(max_size=2)),
)
LISTS = st.one_of(
    st.lists(CELLS, max_size=9),
    st.lists(st.text(min_size=1, max_size=4) | st.none(), max_size=9),
    st.lists(st.sampled_from(["x", "y", None]), max_size=30),
)
PARTS = st.lists(LISTS, max_size=5)


def column_of(parts: list[list[Any]]) -> tuple[Column, list[Any]]:
    """Return the column in chunks of these cells, and its cells."""
    return Column([make_chunk(part) for part in parts]), [cell for part in parts for cell in part]


def told(cells: Any) -> list[tuple[type, Any]]:
    """Return cells so that 1 is not True; to Sheets all numbers are of one kind."""
    return [(float if type(cell) is int else type(cell), cell) for cell in cells]


@given(PARTS)
def test_its_cells_are_those_it_was_made_from(parts: list[list[Any]]) -> None:
    column, cells = column_of(parts)
    assert told(column) == told(cells)
    assert len(column) == len(cells)
    assert told(column[row] for row in range(-len(cells), len(cells))) == told(cells + cells)
    assert column.count("x") == cells.count("x")
    assert column.filled() == len(list(filter(None, cells)))
    assert told(Column.of(cells)) == told(cells)
    assert told(Column.coded(cells)) == told(cells)
    assert told(Column.coded(cells * 4)) == told(cells * 4)


@given(
    st.lists(st.sampled_from(["", '"', ",", '",', "\\", "a", 0, -0.0, 0.5, 10, False, True, None]))
)
def test_cells_as_they_came_are_read_as_they_were_meant(cells: list[Any]) -> None:
    assert told(unpacked(orjson.dumps(cells)[1:-1])) == told(
        None if cell == "" else cell for cell in cells
    )


@given(PARTS, st.slices(20))
def test_parts_of_it(parts: list[list[Any]], some: slice) -> None:
    column, cells = column_of(parts)
    assert told(column[some]) == told(cells[some])
    height = some.start or 0
    if height >= 0:
        assert told(column.cut(height)) == told(cells[:height])


@given(PARTS, st.data(), LISTS)
def test_other_cells_in_some_rows(
    parts: list[list[Any]], data: st.DataObject, added: list[Any]
) -> None:
    column, cells = column_of(parts)
    rows = st.integers(0, max(0, len(cells) + len(added) - 1))
    changes: dict[int, Any] = (
        data.draw(st.dictionaries(rows, CELLS, max_size=4)) if cells or added else {}
    )
    changed = column.replaced(changes, added)
    wanted = [changes.get(row, cell) for row, cell in enumerate(cells + added)]
    assert told(changed) == told(wanted)
    assert told(column) == told(cells)
    differ = [row for row, one in enumerate(cells) if told([one]) != told([wanted[row]])]
    assert list(changed.differing(column)) == differ
    assert changed.filled() == len(list(filter(None, wanted)))


@given(PARTS, PARTS)
def test_what_differs_does_not_depend_on_the_chunks(
    one: list[list[Any]], other: list[list[Any]]
) -> None:
    (column, cells), (another, others) = column_of(one), column_of(other)
    assert list(column.differing(another)) == list(
        Column([Listed(cells)]).differing(Column([Listed(others)]))
    )
    assert (column == another) == (Column.of(cells) == others)


def test_a_chunk_that_is_not_changed_is_the_same_object() -> None:
    cells = [f"text {row}" for row in range(2_000)]
    column = Column([]).replaced({}, cells)
    changed = column.replaced({700: "x"}, ["y"])
    assert len(set(column.chunks) - set(changed.chunks)) == 1
    assert list(changed.differing(column)) == [700]


def test_a_list_may_hold_any_number_of_different_cells() -> None:
    for different in (1, 256, 257):
        cells = [*range(different)] * 4
        assert told(Column.coded(cells)) == told(cells)


def test_a_tick_is_not_one() -> None:
    assert Column.of([True, False]) != Column.of([1, 0])
    assert list(Column.of(["a", 1]).differing(Column.of(["a", True]))) == [1]


def test_what_no_cell_holds_any_more_leads_nowhere() -> None:
    gap = Column([make_chunk(["x", "y", None] * 8)])
    filled = gap.replaced(dict.fromkeys(range(2, 24, 3), "x"))
    codes = {"x": 1, "y": 2}
    assert list(filled.as_bytes(codes.__getitem__)) == [1, 2, 1] * 8
    assert list(filled.mapped(codes.__getitem__)) == [1, 2, 1] * 8
    assert set(filled.each()) == {"x", "y"}


@given(PARTS, LISTS)
def test_cells_that_stand_nowhere_any_more_are_not_asked_about(
    parts: list[list[Any]], gone: list[Any]
) -> None:
    """A palette is shared with what a column was before, and does not forget."""
    palette = Palette()
    make_chunk(gone, palette=palette)
    column = Column([make_chunk(part, palette=palette) for part in parts])
    cells = [cell for part in parts for cell in part]
    assert told(column) == told(cells)
    different = list(dict.fromkeys(column.each()))
    code_of = {cell: code for code, cell in enumerate(different)}
    assert list(column.as_bytes(code_of.__getitem__)) == [code_of[cell] for cell in cells]
    meaning = {cell: str(cell) for cell in different}
    assert list(column.mapped(meaning.__getitem__)) == [meaning[cell] for cell in cells]


@given(st.lists(st.sampled_from(["x", "X", "y", "Y"]), min_size=16, max_size=16), st.data())
def test_meanings_are_the_same_however_they_are_spelled(
    cells: list[str], data: st.DataObject
) -> None:
    column = Column([make_chunk(cells)]).mapped(str.lower)
    changes = data.draw(st.dictionaries(st.integers(0, 15), st.sampled_from(["x", "y"])))
    changed = column.replaced(changes)
    rows = [row for row, cell in changes.items() if cell != cells[row].lower()]
    assert sorted(changed.differing(column)) == sorted(rows)
    assert (changed == column) == (not rows)
