"""Which rows of a column share a key with others, found anew or from an earlier state of it.

With an earlier state keys are made for changed rows only, and only their groups are gathered again.
The outcome is that of the whole search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from operator import ne, not_
from typing import Any, TypeAlias

Keys: TypeAlias = str | tuple[str, ...] | None
"""What a row can share with others: nothing, one key, or several.

In one search a row has either one at most, a text or None, or any number, a tuple.
"""

Columns: TypeAlias = tuple[Sequence[Any], ...]
"""The columns that keys are made from, all of one length."""

MakeKeys: TypeAlias = Callable[[Columns, Sequence[int]], Sequence[Keys]]
"""Returns the keys of the given rows, one for each."""


@dataclass(frozen=True)
class Keyed:
    """The keys of each row, and the columns that they were made from."""

    columns: Columns
    keys: Sequence[Keys]

    def rows_with(self, wanted: set[str]) -> Sequence[int]:
        """Return the rows with one of the keys, in row order."""
        if not wanted or not self.keys:
            return ()
        rows = range(len(self.keys))
        if not isinstance(self.keys[0], tuple):
            return list(compress(rows, map(wanted.__contains__, self.keys)))
        return list(compress(rows, map(not_, map(wanted.isdisjoint, self.keys))))  # type: ignore[arg-type]  # all are tuples


def make_keys(columns: Columns, make: MakeKeys, before: Keyed | None = None) -> Keyed:
    """Return the keys of each row, made for those alone that differ from `before`."""
    height = len(columns[0])
    if before is None:
        return Keyed(columns, make(columns, range(height)))
    changed = changed_rows(before.columns, columns)
    if not changed:
        return before
    present = [row for row in changed if row < height]
    keys = [*before.keys[:height], *[None] * (height - len(before.keys))]
    for row, made in zip(present, make(columns, present), strict=True):
        keys[row] = made
    return Keyed(columns, keys)


@dataclass(frozen=True)
class Shared:
    """The rows of each key that several rows have, in row order."""

    keyed: Keyed
    groups: Mapping[str, Sequence[int]]

    def rows(self) -> Iterator[tuple[int, str]]:
        """Yield each row that shares a key, and the key; a row's keys in the row's own order."""
        for row in sorted(set(chain.from_iterable(self.groups.values()))):
            for key in each_key(self.keyed.keys[row]):
                if key in self.groups:
                    yield row, key


def find_shared(keyed: Keyed, before: Shared | None = None) -> Shared:
    """Return which rows share a key; `before` is what was found of an earlier state."""
    if before is None:
        return Shared(keyed, _groups(range(len(keyed.keys)), keyed.keys))
    if before.keyed is keyed:
        return before
    old, new = before.keyed.keys, keyed.keys
    touched: set[str] = set()
    for row in changed_rows((old,), (new,)):
        for keys in (old, new):
            if row < len(keys):
                touched.update(each_key(keys[row]))
    rows = keyed.rows_with(touched)
    gathered = _groups(rows, [new[row] for row in rows])
    groups = {key: some for key, some in before.groups.items() if key not in touched}
    groups.update((key, some) for key, some in gathered.items() if key in touched)
    return Shared(keyed, groups)


def each_key(keys: Keys) -> tuple[str, ...]:
    """Return a row's keys, however many."""
    if keys is None:
        return ()
    return (keys,) if isinstance(keys, str) else keys


def _groups(rows: Sequence[int], keys: Sequence[Keys]) -> dict[str, Sequence[int]]:
    """Return the rows of each key that several of these rows have; `keys` are theirs."""
    first: dict[str, int] = {}
    groups: dict[str, list[int]] = {}
    for row, some in compress(zip(rows, keys, strict=True), keys):
        for key in (some,) if isinstance(some, str) else some or ():
            met = first.setdefault(key, row)
            if met != row:
                groups.setdefault(key, [met]).append(row)
    return dict(groups)


def changed_rows(before: Columns, now: Columns, first: int | None = None) -> Sequence[int]:
    """Return the rows that differ, those that one of the two has not among them.

    With `first` only so many of the first rows are looked at.
    """
    if first is not None and first < max(len(before[0]), len(now[0])):
        before = tuple(column[:first] for column in before)
        now = tuple(column[:first] for column in now)
    changed: set[int] = set()
    for old, new in zip(before, now, strict=True):
        if old is new or old == new:  # as fast as it gets where the cells are the same objects
            continue
        common = min(len(old), len(new))
        for at in range(0, common, _PIECE):
            piece, other = old[at : at + _PIECE], new[at : at + _PIECE]
            if piece != other:
                changed.update(compress(range(at, common), map(ne, piece, other)))
        changed.update(range(common, max(len(old), len(new))))
    return sorted(changed)


_PIECE = 128
"""Lists of the same objects are compared at once, many times faster than one by one."""
