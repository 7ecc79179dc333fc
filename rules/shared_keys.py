"""Which rows of a column share a key with others, found anew or from an earlier state of it.

Of a row's keys nothing but their hashes are kept: a few bytes a row, by which rows are found whose
keys are then made again and compared. With an earlier state keys are made for changed rows only,
and only their groups are gathered again. The outcome is that of the whole search.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain, compress, repeat
from operator import is_, ne
from sys import byteorder
from typing import Any, TypeAlias, TypeVar

from rules.chunks import Column
from rules.rows import cells_at
from rules.table import differing

T = TypeVar("T")

Keys: TypeAlias = str | tuple[str, ...]
"""What a row can share with others: one key, "" if it has none, or a tuple of two or more."""

Columns: TypeAlias = tuple[Sequence[Any], ...]
"""The columns that keys are made from, all of one length."""

MakeKeys: TypeAlias = Callable[[Columns], Sequence[Keys]]
"""Returns the keys of each row of the columns."""

FEW = 4
"""Fewer than one row in so many: it pays to go on from before."""


def differing_rows(old: Columns, new: Columns, changed: Iterable[int]) -> set[int]:
    """Return those of the changed rows that are new or differ in one of the columns."""
    height = len(old[0])
    found = {row for row in changed if row >= height}
    for before, now in zip(old, new, strict=True):
        if isinstance(before, list) and isinstance(now, list):
            found.update(row for row in changed if row < height and before[row] != now[row])
        elif before is not now:
            found.update(differing(before, now))
    return found


def each_key(keys: Keys) -> tuple[str, ...]:
    """Return a row's keys, however many."""
    if isinstance(keys, tuple):
        return keys
    return (keys,) if keys else ()


def keys_of_cells(columns: Columns) -> list[Keys]:
    """Return what stands in the cells of each row: nothing, a text or several, each once."""
    keys: list[Keys] = [some or "" for some in columns[0]]
    several = set(rows_with_several(keys))
    for column in columns[1:]:
        several.update(rows_with_several(column))
        keys = [
            one or other or "" if not one or not other or one == other else (one, other)  # type: ignore[misc]  # else see below
            for one, other in zip(keys, column, strict=True)
        ]
    for row in several:
        keys[row] = as_keys(chain.from_iterable(each_key(column[row] or "") for column in columns))
    return keys


def as_keys(texts: Iterable[str]) -> Keys:
    """Return the texts as the keys of a row, each once; "" is none."""
    found = tuple(filter(None, dict.fromkeys(texts)))
    return found if len(found) > 1 else "".join(found)


def rows_with_several(keys: Sequence[object]) -> Sequence[int]:
    """Return the rows that have several keys."""
    if tuple not in map(type, keys):
        return ()
    return list(compress(range(len(keys)), map(is_, map(type, keys), repeat(tuple))))


# ── Hashes ───────────────────────────────────────────────────────────────────────────────────────

_PLANES = 2
"""So many keys of a row have a place in planes; few rows have more."""


@dataclass(frozen=True)
class Hashes:
    """The hashes of each row's keys.

    Plane k holds, a number a row, the hash of key k, 0 where there is none; a plane of nothing is
    left out. `more` are those of the rows with further keys. Two keys may have one hash.
    """

    height: int
    planes: Sequence[array[int]]
    more: Mapping[int, tuple[int, ...]]

    @classmethod
    def of(cls, keys: Sequence[Keys]) -> Hashes:
        """Return the hashes of the keys of each row."""
        several = rows_with_several(keys)
        if not several:
            return cls(len(keys), (array("q", map(hash, keys)),), {})
        first, second, more = array("q", map(hash, keys)), array("q", bytes(8 * len(keys))), {}
        for row in several:
            one, other, *further = map(hash, keys[row])
            first[row], second[row] = one, other
            if further:
                more[row] = tuple(further)
        return cls(len(keys), (first, second), more)

    def at(self, row: int) -> tuple[int, ...]:
        """Return the hashes of a row's keys."""
        found = tuple([plane[row] for plane in self.planes if plane[row]])
        return found + self.more[row] if row in self.more else found

    def rows_with(self, wanted: AbstractSet[int]) -> list[int]:
        """Return the rows that have one of these hashes, in row order."""
        if not wanted:
            return []
        found = [row for plane in self.planes for row in _rows_in(plane, wanted)]
        found += [row for row, some in self.more.items() if not wanted.isdisjoint(some)]
        return sorted(set(found))

    def changed(self, rows: Sequence[int], keys: Sequence[Keys], height: int) -> Hashes:
        """Return the hashes of so many rows, these of them with other keys."""
        common = min(height, self.height)
        planes = [plane[:common] for plane in self.planes]
        for plane in planes:
            plane.extend(array("q", bytes(8 * (height - common))))
        while len(planes) < _PLANES:
            planes.append(array("q", bytes(8 * height)))
        first, second = planes
        more = {row: some for row, some in self.more.items() if row < height}
        for row, some in zip(rows, keys, strict=True):
            hashes = tuple(map(hash, each_key(some)))
            first[row], second[row] = (*hashes, 0, 0)[:_PLANES]
            more.pop(row, None)
            if len(hashes) > _PLANES:
                more[row] = hashes[_PLANES:]
        return Hashes(height, planes if any(second) else planes[:1], more)


def _rows_in(plane: array[int], wanted: AbstractSet[int]) -> Iterator[int]:
    """Yield the rows that have one of these hashes in a plane."""
    rows = range(len(plane))
    if len(wanted) > _SIFTED:
        yield from compress(rows, map(wanted.__contains__, plane))
        return
    # Most rows drop out by a byte of their hash already: all at once, many times faster.
    content, held = plane.tobytes(), -1
    for at in range(_SIFTS):
        table = bytearray(256)
        for one in wanted:
            table[one.to_bytes(8, byteorder, signed=True)[at]] = 0xFF
        held &= int.from_bytes(content[at :: plane.itemsize].translate(table), "little")
    for row in compress(rows, held.to_bytes(len(plane), "little")):
        if plane[row] in wanted:
            yield row


_SIFTED, _SIFTS = 200, 3
"""For so many hashes at most so many of their bytes are looked at first."""


# ── Shared keys ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Shared:
    """The rows of each key that several rows have, in row order.

    `keys` are those that a row shares with others, in its own order. `touched` are the rows that
    share something else than in the state before, or with rows that have changed; None if any may.
    """

    hashes: Hashes
    groups: Mapping[str, Sequence[int]]
    keys: Mapping[int, tuple[str, ...]]
    touched: Sequence[int] | None = None

    def of(self, rows: Container[int]) -> Iterator[tuple[int, str]]:
        """Yield each of these rows that shares a key, and the key; its keys in its own order."""
        for row in sorted(self.keys):
            if row in rows:
                for key in self.keys[row]:
                    yield row, key


def goes_on(before: Shared, height: int, changed: Sequence[int]) -> bool:
    """Return whether so few rows have changed that it pays to go on from before."""
    return FEW * len(changed) <= height and before.hashes.height <= height


def find_shared(
    columns: Columns,
    make: MakeKeys,
    before: tuple[Shared, Columns] | None = None,
    changed: Sequence[int] = (),
) -> Shared:
    """Return which rows share a key.

    `before` is what was found of an earlier state of the columns, and they; `changed` the rows that
    differ from it there or anywhere.
    """
    height = len(columns[0])
    if before is None or not goes_on(before[0], height, changed):
        keys = make(tuple(map(list, columns)))
        rows = _rows_that_share(keys)
        groups = _groups(rows, [keys[row] for row in rows])
        return Shared(Hashes.of(keys), groups, _shared_keys(rows, cells_at(keys, rows), groups))
    known, old_columns = before
    if not changed:
        return Shared(known.hashes, known.groups, known.keys, ())
    other = sorted(differing_rows(old_columns, columns, changed))
    hashes = known.hashes
    if other:
        new = make(tuple(cells_at(column, other) for column in columns))
        hashes = hashes.changed(other, new, height)
    affected: set[int] = set()
    for row in changed:
        affected.update(known.hashes.at(row) if row < known.hashes.height else (), hashes.at(row))
    come = set(chain.from_iterable(map(hashes.at, other)))
    groups = {key: some for key, some in known.groups.items() if hash(key) not in affected}
    met = set(hashes.rows_with(come))
    met.update(*(some for key, some in known.groups.items() if key not in groups))
    rows = sorted(met)
    keys = make(tuple(cells_at(column, rows) for column in columns))
    for key, some in _groups(rows, keys).items():
        if hash(key) in affected:
            groups[key] = some
    shared = {row: some for row, some in known.keys.items() if row not in met}
    return Shared(hashes, groups, shared | _shared_keys(rows, keys, groups), rows)


def _rows_that_share(keys: Sequence[Keys]) -> Sequence[int]:
    """Return the rows with a key that another row has, too."""
    several = rows_with_several(keys)
    filled = list(chain.from_iterable([keys[row] for row in several]))
    filled += filter(None, [key for key in keys if key.__class__ is str] if several else keys)  # type: ignore[arg-type]  # texts
    if len(set(filled)) == len(filled):
        return ()
    shared = {key for key, count in Counter(filled).items() if count > 1}
    rows = list(compress(range(len(keys)), map(shared.__contains__, keys)))
    rows += [row for row in several if not shared.isdisjoint(keys[row])]
    return sorted(rows)


def _groups(rows: Sequence[int], keys: Sequence[Keys]) -> dict[str, Sequence[int]]:
    """Return the rows of each key that several of these rows have; `keys` are theirs."""
    groups: dict[str, list[int]] = {}
    for row, some in zip(rows, keys, strict=True):
        for key in each_key(some):
            groups.setdefault(key, []).append(row)
    return {key: some for key, some in groups.items() if len(some) > 1}


def _shared_keys(
    rows: Iterable[int], keys: Iterable[Keys], groups: Mapping[str, Sequence[int]]
) -> dict[int, tuple[str, ...]]:
    """Return, of these rows and their keys, the keys that are shared."""
    shared = (tuple([key for key in each_key(some) if key in groups]) for some in keys)
    return {row: some for row, some in zip(rows, shared, strict=True) if some}


# ── What has changed ─────────────────────────────────────────────────────────────────────────────


def changed_rows(before: Columns, now: Columns) -> Sequence[int]:
    """Return the rows that differ, those that one of the two has not among them."""
    changed: set[int] = set()
    for old, new in zip(before, now, strict=True):
        if old is new:
            continue
        common = min(len(old), len(new))
        changed.update(_differing(old, new))
        changed.update(range(common, max(len(old), len(new))))
    return sorted(changed)


def _differing(old: Sequence[Any], new: Sequence[Any]) -> Iterator[int]:
    if isinstance(old, Column) or isinstance(new, Column):
        yield from Column.of(old).differing(Column.of(new))
    elif old != new:  # fast where the cells are the same objects
        for at in range(0, min(len(old), len(new)), _PIECE):
            piece, other = old[at : at + _PIECE], new[at : at + _PIECE]
            if piece != other:
                yield from compress(range(at, at + len(piece)), map(ne, piece, other))


_PIECE = 128
"""Lists of the same objects are compared at once, many times faster than one by one."""
