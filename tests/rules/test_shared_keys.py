"""Rows that share keys are found by the hashes of their keys, whatever has changed before."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import shared_keys
from rules.shared_keys import Hashes, Keys, as_keys, each_key, find_shared, keys_of_cells

TEXTS = [f"key {number}" for number in range(400)]
keys = st.lists(st.sampled_from(TEXTS[:6]), max_size=4).map(as_keys)


def hashed(some: Keys) -> tuple[int, ...]:
    return tuple(map(hash, each_key(some)))


@given(st.lists(keys, max_size=12), st.lists(keys, max_size=6), st.data())
def test_hashes_are_those_of_each_row_after_changes(
    rows: list[Keys], new: list[Keys], data: st.DataObject
) -> None:
    height = len(rows) + len(new)
    places = data.draw(st.lists(st.integers(0, max(len(rows) - 1, 0)), unique=True, max_size=3))
    changed = sorted({*(place for place in places if rows), *range(len(rows), height)})
    now = [*rows, *new]
    for row in changed[: len(changed) - len(new)]:
        now[row] = data.draw(keys)
    hashes = Hashes.of(rows).changed(changed, [now[row] for row in changed], height)
    assert [hashes.at(row) for row in range(height)] == list(map(hashed, now))
    for wanted in (TEXTS[:1], TEXTS[:3], TEXTS):  # few are sifted, many are looked up
        expected = [row for row, some in enumerate(now) if not {*wanted}.isdisjoint(each_key(some))]
        assert hashes.rows_with(set(map(hash, wanted))) == expected


@given(st.lists(keys, min_size=30, max_size=40), st.data())
def test_groups_that_are_gone_on_with_are_those_of_a_whole_search(
    rows: list[Keys], data: st.DataObject
) -> None:
    def make(columns: tuple[Sequence[Keys], ...]) -> Sequence[Keys]:
        return columns[0]

    places = st.lists(st.integers(0, len(rows) - 1), unique=True, max_size=6)
    now, changed = list(rows), sorted(data.draw(places))
    for row in changed:
        now[row] = data.draw(keys)
    earlier = find_shared((rows,), make)
    again = find_shared((now,), make, (earlier, (rows,)), changed)
    whole = find_shared((now,), make)
    assert (again.groups, again.keys) == (whole.groups, whole.keys)
    assert again.touched is not None
    differ = {row for row in range(len(rows)) if earlier.keys.get(row) != whole.keys.get(row)}
    assert differ <= set(again.touched)


def test_keys_of_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_keys, "hash", bool, raising=False)  # all keys have one
    rows: list[Keys] = ["key 1", "key 2", *[""] * 10]
    now: list[Keys] = ["key 1", "key 1", *[""] * 10]
    earlier = find_shared((rows,), lambda columns: columns[0])
    again = find_shared((now,), lambda columns: columns[0], (earlier, (rows,)), [1])
    assert (earlier.groups, again.groups) == ({}, {"key 1": [0, 1]})
    assert again.keys == {0: ("key 1",), 1: ("key 1",)}


def test_the_texts_of_several_cells_are_keys_once_each() -> None:
    columns = (["a", None, ("a", "b"), "a", None], ["b", "c", "b", "a", None])
    assert keys_of_cells(columns) == [("a", "b"), "c", ("a", "b"), "a", ""]
