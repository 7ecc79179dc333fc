"""Answers of `values.batchGet` for whole tabs, read while they come, and no more than needed.

An answer is looked at column by column as its bytes arrive, and no more of it is held than one
column. A column whose bytes are those of the last answer is the same list as then: it is not parsed
again, and whoever compares need not look into it. Of a column that has changed, the cells that are
as they were are the same objects as then. So a pass over a workbook in which one column has changed
costs the reading of one column, and no room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import is_
from typing import Any, TypeAlias

import orjson

from rules.table import Raw, differing
from sync.ports import Columns, TabContent

Column: TypeAlias = list[Raw]

_VALUES = b'"values":['
_SAMPLED = 997
"""Every so many-th cell tells whether a column repeats itself."""

_NUMBERS = frozenset((int, float))

_CODE_LENGTH = 10
"""No ID is longer."""

_Codes: TypeAlias = dict[Raw, Raw]
"""Texts that stand in several columns, each as the one object that is kept of it."""


class CutOffError(ValueError):
    """An answer ended before its end."""


@dataclass(frozen=True)
class _Kept:
    """A column as it was read: length and hash of its bytes, its header, the cells below.

    `filled` is how many cells the answer held; the others, up to the tab's height, are None.
    """

    length: int
    digest: int
    header: Raw
    filled: int
    cells: Column


_NOTHING = _Kept(0, 0, None, 0, [])


class TabReader:
    """Reads the answers for the tabs of one spreadsheet, one after the other."""

    def __init__(self) -> None:
        self._kept: dict[str, list[_Kept]] = {}
        self._contents: dict[str, TabContent] = {}

    def read(self, chunks: Iterable[bytes], titles: Sequence[str]) -> list[TabContent]:
        """Return what stands on each tab, from the bytes of the answer.

        Raises CutOffError if they are no whole answer. A tab that reads as it did is the same
        object as then.
        """
        incoming = _Incoming(chunks)
        codes: _Codes = {"": None}
        blocks: list[list[_Kept]] = []
        skeleton = []
        while (before := incoming.until(_VALUES)) is not None:
            skeleton += [before, b'"values":%d' % len(blocks)]
            # Which tab this is, is known by its place: ranges are answered in the order asked for.
            title = titles[len(blocks)] if len(blocks) < len(titles) else ""
            blocks.append(list(_read_columns(incoming, self._kept.get(title, []), codes)))
        skeleton.append(incoming.rest())
        found = _ranges(b"".join(skeleton))
        if len(found) != len(titles):
            raise CutOffError("other ranges than those asked for")
        kept: dict[str, list[_Kept]] = {}
        contents: dict[str, TabContent] = {}
        for title, one in zip(titles, found, strict=True):
            columns = _columns_of(one.get("values"), blocks, codes)
            kept[title], contents[title] = _content(columns, self._contents.get(title))
        self._kept |= kept
        self._contents |= contents
        return [contents[title] for title in titles]


def _ranges(skeleton: bytes) -> list[dict[str, Any]]:
    """Return the ranges of an answer, in which numbers may stand for columns already read."""
    try:
        ranges: list[dict[str, Any]] = orjson.loads(skeleton)["valueRanges"]
    except (orjson.JSONDecodeError, LookupError, TypeError) as error:
        raise CutOffError("an answer was cut off") from error
    return ranges


def _columns_of(values: object, blocks: Sequence[list[_Kept]], codes: _Codes) -> list[_Kept]:
    if isinstance(values, int):
        return blocks[values]
    columns: list[Column] = values if isinstance(values, list) else []  # laid out prettily
    return [_kept(0, 0, column, _NOTHING, codes) for column in columns]


# ── The bytes ────────────────────────────────────────────────────────────────────────────────────


class _Incoming:
    """Bytes as they come in; no more are held than what is looked for spans."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._held = bytearray()

    def until(self, mark: bytes) -> bytes | None:
        """Take all before the mark, and the mark itself; None, and take nothing, without one."""
        at, looked = self._held.find(mark), 0
        while at < 0:
            looked = max(0, len(self._held) - len(mark) + 1)
            if not self._more():
                return None
            at = self._held.find(mark, looked)
        before = self._copied(at)
        del self._held[: at + len(mark)]
        return before

    def peek(self, length: int) -> bytes:
        """Return so many bytes, fewer at the end, and take none."""
        while len(self._held) < length and self._more():
            pass
        return self._copied(length)

    def take(self, length: int) -> None:
        """Take so many bytes."""
        del self._held[:length]

    def column(self) -> bytes:
        """Return the column that begins here, with its brackets, and take none."""
        start = 0
        while True:
            end = self._ends_at(start)
            while end is None:
                start = max(start, len(self._held) - 3)
                if not self._more():
                    raise CutOffError("an answer was cut off")
                end = self._ends_at(start)
            piece = self._copied(end + 1)
            if not _ends_in_text(piece):
                return piece
            start = end + 1

    def _ends_at(self, start: int) -> int | None:
        """Return where the next bracket stands that may close a column: before `,[` or `]`."""
        at = self._held.find(b"]", start)
        while at >= 0:
            following = self._held[at + 1 : at + 3]
            if following == b",[" or following[:1] == b"]":
                return at
            at = self._held.find(b"]", at + 1)
        return None

    def rest(self) -> bytes:
        """Return all that is left."""
        while self._more():
            pass
        return bytes(self._held)

    def _copied(self, length: int) -> bytes:
        with memoryview(self._held) as held:
            return bytes(held[:length])

    def _more(self) -> bool:
        chunk = next(self._chunks, None)
        self._held += chunk or b""
        return chunk is not None


def _ends_in_text(piece: bytes) -> bool:
    quotes = piece.count(b'"')
    if b"\\" in piece:
        quotes -= piece.replace(b"\\\\", b"").count(b'\\"')
    return quotes % 2 == 1


# ── Columns ──────────────────────────────────────────────────────────────────────────────────────


def _read_columns(incoming: _Incoming, before: Sequence[_Kept], codes: _Codes) -> Iterator[_Kept]:
    """Yield the columns of a tab, and take them with the bracket that ends them all."""
    place = 0
    while incoming.peek(1) != b"]":
        known = before[place] if place < len(before) else _NOTHING
        found = _same(incoming, known) or _read_column(incoming, known, codes)
        incoming.take(found.length)
        if incoming.peek(1) == b",":
            incoming.take(1)
        yield found
        place += 1
    incoming.take(1)


def _same(incoming: _Incoming, known: _Kept) -> _Kept | None:
    """Return the column that was known if the very same bytes stand here."""
    if not known.length:
        return None
    piece = incoming.peek(known.length + 1)
    whole = len(piece) > known.length and piece[-1:] in (b",", b"]")
    return known if whole and hash(piece[:-1]) == known.digest else None


def _read_column(incoming: _Incoming, known: _Kept, codes: _Codes) -> _Kept:
    piece = incoming.column()
    try:
        return _kept(len(piece), hash(piece), orjson.loads(piece), known, codes)
    except orjson.JSONDecodeError as error:
        raise CutOffError("an answer cannot be read") from error


def _kept(length: int, digest: int, column: Column, known: _Kept, codes: _Codes) -> _Kept:
    header = column.pop(0) if column else None
    before = known.cells[: known.filled]
    cells = _unchanged(column, before) if before else _shared(column, codes)
    return _Kept(length, digest, None if header == "" else header, len(cells), cells)


def _shared(cells: Column, codes: _Codes) -> Column:
    """Return the cells, empty ones as None, and equal ones as one object where they repeat.

    Short texts that are all different, such as IDs, may stand in other columns as well: `codes`.
    """
    sample = [cell for cell in cells[::_SAMPLED] if cell is not None]
    repeats = len(set(sample)) * 2 <= len(sample)
    if repeats or all(isinstance(cell, str) and len(cell) <= _CODE_LENGTH for cell in sample):
        kinds = set(map(type, cells))
        # What Python takes for equal, and is not the same in a cell: True, 1 and 1.0.
        if bool not in kinds and not kinds.issuperset(_NUMBERS):
            seen: _Codes = {"": None} if repeats else codes
            return list(map(seen.setdefault, cells, cells))
    return _emptied(cells)


def _emptied(cells: Column) -> Column:
    return [None if cell == "" else cell for cell in cells] if "" in cells else cells


def _unchanged(cells: Column, before: Column) -> Column:
    """Return the cells, as the objects they were before where they are as they were."""
    cells, common = _emptied(cells), min(len(cells), len(before))
    same = [*before[:common], *cells[common:]]
    for row in differing(same[:common], cells):
        same[row] = cells[row]
    return same


def _content(columns: list[_Kept], before: TabContent | None) -> tuple[list[_Kept], TabContent]:
    """Return the columns of a tab, filled up to the length of the longest, and as its content."""
    height = max((one.filled for one in columns), default=0)
    known = before is not None and before.height == height
    blank: Column = before.blank if before is not None and known else [None] * height
    kept = [_filled_up(one, blank) for one in columns]
    content = TabContent([one.header for one in kept], [one.cells for one in kept], height, blank)
    if before is None or not known or content.headers != before.headers:
        return kept, content
    same = len(content.columns) == len(before.columns)
    return kept, before if same and all(map(is_, content.columns, before.columns)) else content


def _filled_up(one: _Kept, blank: Column) -> _Kept:
    """Return the column as long as the blank one."""
    if len(one.cells) == len(blank):
        return one
    cells = [*one.cells[: one.filled], *blank[one.filled :]] if one.filled else blank
    return replace(one, cells=cells)


def read_columns(content: bytes, ranges: Sequence[str]) -> list[Columns]:
    """Return the columns of any ranges. Raises CutOffError if the bytes are no whole answer."""
    found = _ranges(content)
    if len(found) != len(ranges):
        raise CutOffError("other ranges than those asked for")
    return [one.get("values", []) for one in found]
