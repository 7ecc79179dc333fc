"""A column of cells in chunks: small, and the same objects where two readings do not differ.

A workbook of 100,000 deals has five million cells, and most of the texts among them are looked at
once or never. A chunk of such texts is kept as the JSON that it came in, a fifth of what the
objects take, and is parsed when somebody looks at it. A chunk in which few different cells repeat
keeps them as they are, each as one object.

Columns do not change. One that differs in a few cells shares all other chunks with that which it
was made from, so that finding what differs between them costs next to nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, compress, repeat
from operator import attrgetter, is_not, ne, or_
from typing import Any, TypeAlias, overload

import orjson

Raw: TypeAlias = str | float | int | bool | None
"""A cell as read: text, number (dates are serial numbers), checkbox, or None when empty."""

CHUNK_ROWS = 256
"""Rows of a chunk that is not cut by its bytes."""

_TEXTS = frozenset((str, type(None)))


_EMPTY = (b'""', b"null", b",0", b",-0", b"false")
"""What stands in the JSON of cells that say nothing."""


class Chunk:
    """Some cells below one another: as they are, as JSON without brackets, or all of them empty.

    `others` are cells in the place of some that are packed.
    """

    __slots__ = ("_cells", "_filled", "height", "others", "packed")

    def __init__(
        self,
        height: int,
        cells: Sequence[Any] | None = None,
        packed: bytes | None = None,
        others: Mapping[int, Any] | None = None,
    ) -> None:
        self.height = height
        self.packed = packed
        self.others = others
        self._cells = cells
        self._filled = -1

    @property
    def filled(self) -> int:
        """How many cells say something; nothing, a tick missing and 0 do not."""
        if self._filled < 0:
            self._filled = self.height if self._is_full() else len(list(filter(None, self.cells)))
        return self._filled

    def _is_full(self) -> bool:
        """Return whether a glance tells that all cells say something."""
        packed = self.packed
        return (
            packed is not None
            and not self.others
            and packed[:1] == b'"'
            and not any(mark in packed for mark in _EMPTY)
        )

    @property
    def cells(self) -> Sequence[Any]:
        """The cells; those that are packed are parsed each time. Empty ones are None."""
        if self._cells is not None:
            return self._cells
        if self.packed is None:
            return [None] * self.height
        cells = unpacked(self.packed)
        for place, cell in self.others.items() if self.others else ():
            cells[place] = cell
        return cells

    def is_same(self, other: Chunk) -> bool:
        """Return whether both hold the same cells, as far as a glance tells."""
        return self is other or (
            self._cells is None
            and other._cells is None
            and self.packed == other.packed
            and self.height == other.height
            and not self.others
            and not other.others
        )

    def replaced(self, cells: Mapping[int, Any]) -> Chunk:
        """Return the chunk with other cells at some places."""
        if self.packed is not None:
            others = {**(self.others or {}), **cells}
            if 4 * len(others) <= self.height:
                return Chunk(self.height, packed=self.packed, others=others)
        content = list(self.cells)
        for place, cell in cells.items():
            content[place] = cell
        return Chunk(self.height, content) if self.packed is None else make_chunk(content)


_cells_of = attrgetter("cells")


def unpacked(packed: bytes) -> list[Any]:
    """Return the cells that stand in JSON without brackets; empty ones as None.

    Raises orjson.JSONDecodeError if there is something else.
    """
    cells: list[Any] = orjson.loads(b"[%b]" % packed)
    return [None if cell == "" else cell for cell in cells] if b'""' in packed else cells


def may_repeat(cells: Sequence[Any]) -> bool:
    """Return whether few different cells may stand there again and again, by a glance."""
    first = cells[:_GLANCE]
    return 2 * len(set(first)) <= max(len(first), 2)


_GLANCE = 100


def make_chunk(cells: Sequence[Any]) -> Chunk:
    """Return the cells as a chunk, packed if they are texts that do not repeat."""
    if not any(map(is_not, cells, repeat(None))):
        return Chunk(len(cells))
    if not _TEXTS.issuperset(map(type, cells)) or "" in cells or may_repeat(cells):
        return Chunk(len(cells), cells)
    try:
        return Chunk(len(cells), packed=orjson.dumps(cells)[1:-1])
    except TypeError:  # half a surrogate pair
        return Chunk(len(cells), cells)


class Column(Sequence[Any]):
    """Cells below one another, in chunks. To walk through it is fast, to pick single rows is not.

    Two columns are equal if all their cells are the same; True is not 1 here.
    """

    __slots__ = ("_last", "_starts", "chunks")

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        self.chunks = tuple(chunks)
        self._starts = [0, *accumulate(chunk.height for chunk in self.chunks)]
        self._last: tuple[int, Sequence[Any]] = (-1, ())

    @classmethod
    def of(cls, cells: Sequence[Any]) -> Column:
        """Return the cells as a column."""
        if isinstance(cells, Column):
            return cells
        return cls(Chunk(len(part), part) for part in _parts_of(cells))

    @classmethod
    def blank(cls, height: int) -> Column:
        """Return a column of empty cells."""
        return cls([Chunk(height)] if height else ())

    def __len__(self) -> int:
        return self._starts[-1]

    def __iter__(self) -> Iterator[Any]:
        return chain.from_iterable(map(_cells_of, self.chunks))

    @overload
    def __getitem__(self, at: int) -> Any: ...

    @overload
    def __getitem__(self, at: slice) -> list[Any]: ...

    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            start, stop, step = at.indices(len(self))
            if step == 1:
                return list(chain.from_iterable(self._parts(start, stop)))
            return [self[row] for row in range(start, stop, step)]
        row = at + len(self) if at < 0 else at
        place, cells = self._last
        if place < 0 or not self._starts[place] <= row < self._starts[place + 1]:
            if not 0 <= row < len(self):
                raise IndexError(at)
            place = bisect_right(self._starts, row) - 1
            cells = self.chunks[place].cells
            self._last = place, cells
        return cells[row - self._starts[place]]

    def _parts(self, start: int, stop: int) -> Iterator[Sequence[Any]]:
        """Yield the cells from one row to before another, part by part."""
        place = bisect_right(self._starts, start) - 1
        while start < stop:
            first = self._starts[place]
            yield self.chunks[place].cells[start - first : stop - first]
            place += 1
            start = self._starts[place]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(self) != len(other):
            return False
        return next(self.differing(Column.of(other)), None) is None

    __hash__ = None  # type: ignore[assignment]  # as a list

    def __repr__(self) -> str:
        return f"Column({list(self)!r})"

    def count(self, value: object) -> int:
        """Return how many cells equal a value."""
        return sum(chunk.cells.count(value) for chunk in self.chunks)

    def filled(self) -> int:
        """Return how many cells say something; nothing, a tick missing and 0 do not."""
        return sum(chunk.filled for chunk in self.chunks)

    def differing(self, other: Column) -> Iterator[int]:
        """Yield the rows, as far as both columns reach, whose cells differ; True is not 1 here."""
        ours, theirs = self._starts, other._starts
        one = another = 0
        while one < len(self.chunks) and another < len(other.chunks):
            first, chunk = self.chunks[one], other.chunks[another]
            start, at = ours[one], theirs[another]
            if start != at or not first.is_same(chunk):
                begin = max(start, at)
                end = min(ours[one + 1], theirs[another + 1])
                cells = first.cells[begin - start : end - start]
                for row in differing_cells(cells, chunk.cells[begin - at : end - at]):
                    yield begin + row
            ahead = ours[one + 1] - theirs[another + 1]
            one += ahead <= 0
            another += ahead >= 0

    def replaced(self, cells: Mapping[int, Any], added: Sequence[Any] = ()) -> Column:
        """Return the column with more cells at its end, and with others in some rows."""
        chunks, below = list(self.chunks), list(added)
        by_chunk: defaultdict[int, dict[int, Any]] = defaultdict(dict)
        for row, cell in cells.items():
            if row >= len(self):
                below[row - len(self)] = cell
                continue
            place = bisect_right(self._starts, row) - 1
            by_chunk[place][row - self._starts[place]] = cell
        for place, some in by_chunk.items():
            chunks[place] = chunks[place].replaced(some)
        return Column([*chunks, *map(make_chunk, _parts_of(below))])

    def cut(self, height: int) -> Column:
        """Return so many of the first rows."""
        if height >= len(self):
            return self
        place = bisect_right(self._starts, height) - 1
        rest = self.chunks[place].cells[: height - self._starts[place]]
        return Column([*self.chunks[:place], *([make_chunk(rest)] if rest else ())])


def pick(column: Sequence[Any], rows: Sequence[int]) -> Sequence[Any]:
    """Return the cells of some rows."""
    if not isinstance(column, Column):
        return column if len(rows) == len(column) else [column[row] for row in rows]
    if isinstance(rows, range) and len(rows) == len(column):
        return list(column)
    if 50 * len(rows) >= len(column):  # each chunk once
        column = list(column)
    return [column[row] for row in rows]


def _parts_of(cells: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (cells[at : at + CHUNK_ROWS] for at in range(0, len(cells), CHUNK_ROWS))


def differing_cells(one: Sequence[Any], other: Sequence[Any]) -> Iterator[int]:
    """Yield the places, as far as both reach, whose cells differ; True is not 1 here."""
    different: Iterable[bool] = map(ne, one, other)
    if bool in {*map(type, one), *map(type, other)}:
        different = map(or_, different, map(is_not, map(type, one), map(type, other)))
    elif type(one) is type(other) and one == other:  # at once: fast if they are the same objects
        different = ()
    return compress(range(len(one)), different)
