"""A column of cells in chunks: small, and the same objects where two readings do not differ.

A workbook of 100,000 deals has five million cells, and most of the texts among them are looked at
once or never. A chunk of such texts is kept as the JSON that it came in, a fifth of what the
objects take, and is parsed when somebody looks at it. A chunk in which few different cells repeat
is dictionary-encoded: a byte a cell, and what a cell means is found out once for all of its kind.

Columns do not change. One that differs in a few cells shares all other chunks with that which it
was made from, so that finding what differs between them costs next to nothing.
"""

# ruff: noqa: D102  # what a kind of chunk overrides is described at `Chunk`

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, compress
from operator import attrgetter, is_not, ne, or_
from typing import Any, TypeAlias, overload

import orjson

Raw: TypeAlias = str | float | int | bool | None
"""A cell as read: text, number (dates are serial numbers), checkbox, or None when empty."""

CHUNK_ROWS = 256
"""Rows of a chunk that is not cut by its bytes."""

_GLANCE = 100
_MOST_CODES = 256


class Chunk:
    """Some cells below one another, none of them ""."""

    __slots__ = ("_filled", "height")

    def __init__(self, height: int) -> None:
        self.height = height
        self._filled = -1

    @property
    def cells(self) -> Sequence[Any]:
        """The cells; they may be made anew each time."""
        raise NotImplementedError

    @property
    def each(self) -> Sequence[Any]:
        """Each cell at least once."""
        return self.cells

    @property
    def filled(self) -> int:
        """How many cells say something; nothing, a tick missing and 0 do not."""
        if self._filled < 0:
            self._filled = len(list(filter(None, self.cells)))
        return self._filled

    def know_filled(self, cells: Sequence[Any]) -> Chunk:
        """Count what says something among these cells, which are its own; return the chunk."""
        self._filled = len(list(filter(None, cells)))
        return self

    def is_same(self, other: Chunk) -> bool:
        """Return whether both hold the same cells, as far as a glance tells."""
        return self is other

    def replaced(self, cells: Mapping[int, Any]) -> Chunk:
        """Return the chunk with other cells at some places."""
        content = list(self.cells)
        for place, cell in cells.items():
            content[place] = cell
        return make_chunk(content)

    def mapped(self, to: Callable[[Any], Any]) -> Chunk:
        """Return what each cell leads to."""
        return Listed(list(map(to, self.cells)))

    def as_bytes(self, to: Callable[[Any], int]) -> bytes:
        """Return the byte that each cell leads to."""
        return bytes(map(to, self.cells))


class Listed(Chunk):
    """Cells as they are."""

    __slots__ = ("_cells",)

    def __init__(self, cells: Sequence[Any]) -> None:
        super().__init__(len(cells))
        self._cells = cells

    @property
    def cells(self) -> Sequence[Any]:
        return self._cells


class Blank(Chunk):
    """Empty cells."""

    __slots__ = ()

    @property
    def cells(self) -> Sequence[Any]:
        return [None] * self.height

    @property
    def each(self) -> Sequence[Any]:
        return (None,)

    def is_same(self, other: Chunk) -> bool:
        return isinstance(other, Blank) and self.height == other.height

    def mapped(self, to: Callable[[Any], Any]) -> Chunk:
        return Coded(Palette((to(None),)), bytes(self.height))

    def as_bytes(self, to: Callable[[Any], int]) -> bytes:
        return bytes((to(None),)) * self.height


class Packed(Chunk):
    """Cells as JSON without brackets, but for some `others`; they are parsed each time.

    While they are `at_hand` nobody need parse them.
    """

    __slots__ = ("at_hand", "others", "packed")

    def __init__(self, height: int, packed: bytes, others: Mapping[int, Any] | None = None) -> None:
        super().__init__(height)
        self.packed = packed
        self.others = others
        self.at_hand: Sequence[Any] | None = None

    @property
    def cells(self) -> Sequence[Any]:
        if (at_hand := self.at_hand) is not None:
            return at_hand
        cells = unpacked(self.packed, full=self._filled == self.height)
        for place, cell in self.others.items() if self.others else ():
            cells[place] = cell
        return cells

    def is_same(self, other: Chunk) -> bool:
        return self is other or (
            isinstance(other, Packed)
            and self.packed == other.packed
            and not self.others
            and not other.others
        )

    def replaced(self, cells: Mapping[int, Any]) -> Chunk:
        others = {**(self.others or {}), **cells}
        if 4 * len(others) <= self.height:
            return Packed(self.height, self.packed, others)
        return super().replaced(cells)


class Palette:
    """The different cells of chunks that are dictionary-encoded: they only become more."""

    __slots__ = ("_code_of", "_code_of_clear", "_shadowed", "cells")

    def __init__(self, cells: Iterable[Any] = ()) -> None:
        self.cells = list(cells)
        self._code_of: dict[tuple[type, Any], int] = {}
        self._code_of_clear: dict[Any, int] = {}  # of 0 and False, 1 and True only one kind
        self._shadowed: frozenset[type] = frozenset()  # the other kind, which would read as it

    @property
    def has_room(self) -> bool:
        """Whether another cell can be among them."""
        return len(self.cells) < _MOST_CODES

    def codes(self, different: Collection[Any]) -> Mapping[Any, int] | None:
        """Return the code of each of these cells; None if there is no room for all of them."""
        if not self._code_of:
            typed = map(_typed, reversed(self.cells))
            self._code_of = dict(zip(typed, reversed(range(len(self.cells))), strict=True))
        known = self._code_of
        new = [cell for cell in different if _typed(cell) not in known]
        if len(self.cells) + len(new) > _MOST_CODES:
            return None
        for cell in new:
            self.cells.append(cell)
            known[_typed(cell)] = code = len(self.cells) - 1
            if cell in _TICKS_AND_NUMBERS:
                if type(cell) in self._shadowed:
                    continue
                self._shadowed = _NUMBERS if isinstance(cell, bool) else _TICKS
            self._code_of_clear.setdefault(cell, code)
        return {cell: known[_typed(cell)] for cell in different}

    def coded(self, cells: Sequence[Any]) -> bytes | None:
        """Return the code of each of these cells; None if some are not known, or not clear."""
        try:
            codes = bytes(map(self._code_of_clear.__getitem__, cells))
        except KeyError:
            return None
        return None if self._shadowed and not self._shadowed.isdisjoint(map(type, cells)) else codes

    def mapped(self, to: Callable[[Any], Any], codes: Iterable[int]) -> tuple[Palette, bytes]:
        """Return the palette of what the cells of these codes lead to, and a table of its codes."""
        meant, table = Palette(), bytearray(_MOST_CODES)
        for code in codes:
            meaning = to(self.cells[code])
            if (known := meant.codes((meaning,))) is not None:  # there are no more than before
                table[code] = known[meaning]
        return meant, bytes(table)


class Coded(Chunk):
    """Few different cells that repeat: a byte each, their place in a palette.

    The palette may hold others, too, that stand elsewhere or stand nowhere any more.
    """

    __slots__ = ("codes", "palette")

    def __init__(self, palette: Palette, codes: bytes) -> None:
        super().__init__(len(codes))
        self.palette = palette
        self.codes = codes

    @property
    def cells(self) -> Sequence[Any]:
        return list(map(self.palette.cells.__getitem__, self.codes))

    @property
    def used(self) -> Sequence[int]:
        """The codes that occur."""
        return list(filter(self.codes.__contains__, range(len(self.palette.cells))))

    @property
    def each(self) -> Sequence[Any]:
        return list(map(self.palette.cells.__getitem__, self.used))

    @property
    def filled(self) -> int:
        if self._filled < 0:
            empty = (code for code in self.used if not self.palette.cells[code])
            self._filled = self.height - sum(map(self.codes.count, empty))
        return self._filled

    def is_same(self, other: Chunk) -> bool:
        return self is other or (
            isinstance(other, Coded) and self.palette is other.palette and self.codes == other.codes
        )

    def replaced(self, cells: Mapping[int, Any]) -> Chunk:
        codes, code_of = bytearray(self.codes), dict[tuple[type, Any], int]()
        for place, cell in cells.items():
            code = code_of.get(typed := _typed(cell))
            if code is None:
                if (known := self.palette.codes((cell,))) is None:
                    return super().replaced(cells)
                code = code_of[typed] = known[cell]
            codes[place] = code
        return Coded(self.palette, bytes(codes))

    def mapped(self, to: Callable[[Any], Any]) -> Chunk:
        palette, table = self.palette.mapped(to, self.used)
        return Coded(palette, self.codes.translate(table))

    def as_bytes(self, to: Callable[[Any], int]) -> bytes:
        table = bytearray(_MOST_CODES)
        for code in self.used:
            table[code] = to(self.palette.cells[code])
        return self.codes.translate(table)


_TICKS_AND_NUMBERS = (0, 1)
"""True and False equal these."""

_TICKS, _NUMBERS = frozenset((bool,)), frozenset((int, float))


def _typed(cell: Any) -> tuple[type, Any]:
    return type(cell), cell


_cells_of = attrgetter("cells")
_each_of = attrgetter("each")


def unpacked(packed: bytes, *, full: bool = False) -> list[Any]:
    """Return the cells that stand in JSON without brackets; empty ones as None.

    `full`: it is known that none is empty. Raises orjson.JSONDecodeError if they are no cells.
    """
    array = b"[%b]" % packed
    cells: list[Any]
    if full or _TEXT_FIRST(packed):
        cells = orjson.loads(array)
        if full or "" not in cells:
            return cells
        return [None if cell == "" else cell for cell in cells]
    if b'""' in packed:  # behind a comma it is no text's end: a cell begins and ends here
        array = array.replace(b',""', b",null")
        if array.startswith(b'[""'):
            array = b"[null" + array[3:]
    cells = orjson.loads(array)
    return cells


_TEXT_FIRST = re.compile(rb'"[^"]').match
"""Texts are quicker looked at as cells; numbers, and where cells are empty, as bytes."""


def make_chunk(
    cells: Sequence[Any],
    pack: Callable[[Sequence[Any]], bytes | None] | None = None,
    palette: Palette | None = None,
) -> Chunk:
    """Return the cells as a chunk, as small as may be.

    `pack` returns them as JSON, if they can be read back from it. `palette` is one that they may
    share with other chunks.
    """
    if palette is not None and (known := palette.coded(cells)):
        if cells[0] is None and known.count(known[0]) == len(cells):
            return Blank(len(cells))
        return Coded(palette, known)
    first = cells[:_GLANCE]
    if 2 * len(set(first)) <= max(len(first), 2):
        different = dict.fromkeys(cells)
        if different.keys() == {None}:
            return Blank(len(cells))
        if _are_few(different, cells):
            shared = Palette() if palette is None else palette
            if (codes := shared.codes(different)) is not None:
                return Coded(shared, bytes(map(codes.__getitem__, cells)))
    packed = (pack or _as_json)(cells)
    chunk = Listed(cells) if packed is None else Packed(len(cells), packed)
    return chunk.know_filled(cells)


class _Codes(dict[Any, int]):
    """The codes of cells, in the order in which they are first met."""

    def __missing__(self, cell: Any) -> int:
        self[cell] = code = len(self)
        return code


def _coded(cells: Sequence[Any]) -> Chunk | None:
    """Return the cells as codes, each looked at once; None if the different ones are not few."""
    codes = _Codes()
    try:
        found = bytes(map(codes.__getitem__, cells))
    except ValueError:  # no byte
        return None
    return Coded(Palette(codes), found) if _are_few(codes, cells) else None


def _are_few(different: Mapping[Any, Any], cells: Sequence[Any]) -> bool:
    """Return whether few different cells repeat, and none of them was taken for another.

    Python takes True for equal to 1, so there must not be both ticks and numbers.
    """
    if 4 * len(different) > len(cells):
        return False
    if different.keys().isdisjoint((0, 1)):
        return True
    kinds = set(map(type, cells))
    return bool not in kinds or not kinds & {int, float}


_TEXTS = frozenset((str, type(None)))


def _as_json(cells: Sequence[Any]) -> bytes | None:
    if not _TEXTS.issuperset(map(type, cells)) or "" in cells:
        return None
    try:
        return orjson.dumps(cells)[1:-1]
    except TypeError:  # half a surrogate pair
        return None


class Column(Sequence[Any]):
    """Cells below one another, in chunks. To walk through it is fast, to pick single rows is not.

    Two columns are equal if all their cells are the same; True is not 1 here.
    """

    __slots__ = ("_filled", "_last", "_starts", "_twin", "chunks")

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        self.chunks = tuple(chunks)
        self._starts = [0, *accumulate(chunk.height for chunk in self.chunks)]
        self._last: tuple[int, Sequence[Any]] = (-1, ())
        self._filled = -1
        self._twin: Column | None = None

    @classmethod
    def of(cls, cells: Sequence[Any]) -> Column:
        """Return the cells as a column."""
        if isinstance(cells, Column):
            return cells
        return cls([Listed(cells)] if cells else ())

    @classmethod
    def coded(cls, cells: Sequence[Any]) -> Column:
        """Return the cells as a column; dictionary-encoded if a list has few different ones."""
        if isinstance(cells, Column) or not cells:
            return cls.of(cells)
        if not any(cells) and cells.count(None) == len(cells):
            return cls.blank(len(cells))
        return cls([_coded(cells) or Listed(cells)])

    @classmethod
    def blank(cls, height: int) -> Column:
        """Return a column of empty cells."""
        return cls([Blank(height)] if height else ())

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
            chunk = self.chunks[place]
            if isinstance(chunk, Coded):  # the others need not be made
                return chunk.palette.cells[chunk.codes[row - self._starts[place]]]
            cells = chunk.cells
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
        return isinstance(other, Sequence) and self.is_same(Column.of(other))

    __hash__ = None  # type: ignore[assignment]  # as a list

    def __repr__(self) -> str:
        return f"Column({list(self)!r})"

    def count(self, value: object) -> int:
        """Return how many cells equal a value."""
        return sum(chunk.cells.count(value) for chunk in self.chunks)

    def filled(self) -> int:
        """Return how many cells say something; nothing, a tick missing and 0 do not."""
        if self._filled < 0:
            self._filled = sum(chunk.filled for chunk in self.chunks)
        return self._filled

    def each(self) -> Iterator[Any]:
        """Yield each cell at least once; what repeats seldom as often as it stands there."""
        return chain.from_iterable(map(_each_of, self.chunks))

    def kinds(self) -> set[type]:
        """Return the types of the cells."""
        return set(map(type, self.each()))

    def mapped(self, to: Callable[[Any], Any]) -> Column:
        """Return what each cell leads to."""
        codes: defaultdict[Palette, list[bytes]] = defaultdict(list)
        for chunk in self.chunks:
            if isinstance(chunk, Coded):
                codes[chunk.palette].append(chunk.codes)
        meant = {
            palette: palette.mapped(to, Coded(palette, b"".join(some)).used)
            for palette, some in codes.items()
        }
        chunks: list[Chunk] = []
        for chunk in self.chunks:
            if isinstance(chunk, Coded):
                palette, table = meant[chunk.palette]
                chunks.append(Coded(palette, chunk.codes.translate(table)))
            else:
                chunks.append(chunk.mapped(to))
        return Column(chunks)

    def as_bytes(self, to: Callable[[Any], int]) -> bytes:
        """Return the byte that each cell leads to."""
        return b"".join(chunk.as_bytes(to) for chunk in self.chunks)

    def listed(self) -> Column:
        """Return the column with nothing left to be parsed."""
        return Column(
            Listed(chunk.cells) if isinstance(chunk, Packed) else chunk for chunk in self.chunks
        )

    def is_same(self, other: Column) -> bool:
        """Return whether all cells are the same; what has been found so is not looked at again."""
        if self is other or self._twin is other:
            return True
        same = len(self) == len(other) and next(self.differing(other), None) is None
        if same:
            self._twin = other
        return same

    def differing(self, other: Column) -> Iterator[int]:
        """Yield the rows, as far as both columns reach, whose cells differ; True is not 1 here."""
        ours, theirs = self._starts, other._starts
        if ours == theirs:
            for place in compress(range(len(self.chunks)), map(is_not, self.chunks, other.chunks)):
                mine, its = self.chunks[place], other.chunks[place]
                if not mine.is_same(its):
                    rows = differing_cells(*_comparable(mine, its))
                    yield from map(ours[place].__add__, rows)
            return
        one = another = 0
        while one < len(self.chunks) and another < len(other.chunks):
            first, chunk = self.chunks[one], other.chunks[another]
            start, at = ours[one], theirs[another]
            if start != at or not first.is_same(chunk):
                begin = max(start, at)
                end = min(ours[one + 1], theirs[another + 1])
                here, there = _comparable(first, chunk)
                for row in differing_cells(
                    here[begin - start : end - start], there[begin - at : end - at]
                ):
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


def _comparable(one: Chunk, other: Chunk) -> tuple[Sequence[Any], Sequence[Any]]:
    """Return what is to be compared of two chunks: codes of one palette, or the cells."""
    if isinstance(one, Coded) and isinstance(other, Coded) and one.palette is other.palette:
        return one.codes, other.codes
    return one.cells, other.cells


def _parts_of(cells: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (cells[at : at + CHUNK_ROWS] for at in range(0, len(cells), CHUNK_ROWS))


def differing_cells(one: Sequence[Any], other: Sequence[Any]) -> Iterator[int]:
    """Yield the places, as far as both reach, whose cells differ; True is not 1 here."""
    different: Iterable[bool] = map(ne, one, other)
    if isinstance(one, bytes):
        pass
    elif bool in {*map(type, one), *map(type, other)}:
        different = map(or_, different, map(is_not, map(type, one), map(type, other)))
    elif type(one) is type(other) and one == other:  # at once: fast if they are the same objects
        different = ()
    return compress(range(len(one)), different)
