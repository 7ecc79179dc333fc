"""Answers of `values.batchGet` for whole tabs, read while they come, and no more than needed.

An answer is looked at piece by piece as its bytes arrive, some thousand bytes of a column at a
time, and no more of it is held. A piece whose bytes are those of the last answer is the same chunk
as then: it is not parsed again, and whoever compares need not look into it. So a pass over a
workbook in which few cells have changed costs the reading of the pieces around them, and no room.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import is_
from typing import Any

import orjson

from rules.chunks import Blank, Chunk, Column, Packed, Palette, Raw, make_chunk, unpacked
from sync.ports import Columns, TabContent

_VALUES = b'"values":['

PIECE_BYTES = 6_000
"""A piece of a column is about so long: as many cells as that makes."""

_AHEAD = 4
"""So many pieces may have changed in a row for those after them to be recognised."""

_SLACK = 512
"""So many bytes a piece may have grown or shrunk by for the next one to be recognised."""

_TRIES = 6
_MOST_AT_HAND = 400_000
"""So many cells that were just parsed are kept as they are, until the next answer."""

_SHORT = 100
"""Cells of no more bytes are many in a chunk: to parse them takes longest, to keep them least."""
_HEAD_BYTES = 32

_FEW, _SELDOM = 4, 16
"""Behind so many chunks whose cells do not repeat, only every so many-th is asked if its do."""

_CELL_END = re.compile(rb'\](?=\]|,\[)|(?:(?<!\\)(?:\\\\)*+"|(?<=[0-9el])),(?=["0-9\-tfn])')
"""Where a cell may end, and perhaps its column. The parser has the last word."""

_TEXT_END = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)

_FIRST_END = re.compile(rb"[,\]]")


class CutOffError(ValueError):
    """An answer ended before its end."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some cells of a column as they came: the length and beginning of their bytes.

    The hash of the bytes, too, where the chunk does not hold them anyway.
    """

    chunk: Chunk
    length: int
    digest: int
    head: bytes


@dataclass(frozen=True)
class _Kept:
    """A column as it was read: its header, as JSON too, and the pieces below it."""

    header: Raw = None
    header_bytes: bytes = b""
    pieces: Sequence[_Piece] = ()
    palette: Palette = field(default_factory=Palette)

    @property
    def filled(self) -> int:
        """How many cells the answer held; the others, up to the tab's height, are empty."""
        return sum(piece.chunk.height for piece in self.pieces)


class _AtHand:
    """Chunks whose cells are kept as they were parsed, until the next answer is read."""

    def __init__(self) -> None:
        self._chunks: list[Packed] = []
        self._cells = 0

    def keep(self, chunk: Packed, cells: list[Raw]) -> None:
        """Keep the cells of a chunk if they are short and there are not too many."""
        if len(chunk.packed) > _SHORT * chunk.height or self._cells > _MOST_AT_HAND:
            return
        chunk.at_hand = cells
        self._chunks.append(chunk)
        self._cells += chunk.height

    def let_go(self) -> None:
        """Keep nothing any longer."""
        for chunk in self._chunks:
            chunk.at_hand = None
        self._chunks, self._cells = [], 0


class TabReader:
    """Reads the answers for the tabs of one spreadsheet, one after the other."""

    def __init__(self, piece_bytes: int = PIECE_BYTES) -> None:
        self._piece_bytes = piece_bytes
        self._kept: dict[str, list[_Kept]] = {}
        self._contents: dict[str, TabContent] = {}
        self._at_hand = _AtHand()

    def read(self, chunks: Iterable[bytes], titles: Sequence[str]) -> list[TabContent]:
        """Return what stands on each tab, from the bytes of the answer.

        Raises CutOffError if they are no whole answer. A tab that reads as it did is the same
        object as then.
        """
        self._at_hand.let_go()
        incoming = _Incoming(chunks)
        blocks: list[list[_Kept]] = []
        skeleton = []
        while (before := incoming.until(_VALUES)) is not None:
            skeleton += [before, b'"values":%d' % len(blocks)]
            # Which tab this is, is known by its place: ranges are answered in the order asked for.
            title = titles[len(blocks)] if len(blocks) < len(titles) else ""
            blocks.append(list(self._read_columns(incoming, self._kept.get(title, ()))))
        skeleton.append(incoming.rest())
        found = _ranges(b"".join(skeleton))
        if len(found) != len(titles):
            raise CutOffError("other ranges than those asked for")
        kept: dict[str, list[_Kept]] = {}
        contents: dict[str, TabContent] = {}
        for title, one in zip(titles, found, strict=True):
            kept[title] = _columns_of(one.get("values"), blocks)
            contents[title] = _content(
                kept[title], self._kept.get(title, ()), self._contents.get(title)
            )
        self._kept |= kept
        self._contents |= contents
        return [contents[title] for title in titles]

    def _read_columns(self, incoming: _Incoming, before: Sequence[_Kept]) -> Iterator[_Kept]:
        """Yield the columns of a tab, and take them with the bracket that ends them all."""
        place = 0
        while incoming.peek(1) != b"]":
            known = before[place] if place < len(before) else _Kept()
            yield _ColumnReader(incoming, known, self._piece_bytes, self._at_hand).read()
            if incoming.peek(1) == b",":
                incoming.take(1)
            place += 1
        incoming.take(1)


def _ranges(skeleton: bytes) -> list[dict[str, Any]]:
    """Return the ranges of an answer, in which numbers may stand for columns already read."""
    try:
        ranges: list[dict[str, Any]] = orjson.loads(skeleton)["valueRanges"]
    except (orjson.JSONDecodeError, LookupError, TypeError) as error:
        raise CutOffError("an answer was cut off") from error
    return ranges


def _columns_of(values: object, blocks: Sequence[list[_Kept]]) -> list[_Kept]:
    if isinstance(values, int):
        return blocks[values]
    columns: list[list[Raw]] = values if isinstance(values, list) else []  # laid out prettily
    return [_as_read(column) for column in columns]


def _as_read(column: Sequence[Raw]) -> _Kept:
    """Return a column that was read at once."""
    cells = [None if cell == "" else cell for cell in column]
    pieces = [_Piece(chunk, -1, 0, b"") for chunk in Column.of(cells[1:]).chunks]
    return _Kept(cells[0] if cells else None, b"", pieces)


def _content(
    columns: Sequence[_Kept], kept: Sequence[_Kept], before: TabContent | None
) -> TabContent:
    """Return the columns of a tab, filled up to the length of the longest, as its content."""
    height = max((one.filled for one in columns), default=0)
    same_height = before is not None and before.height == height
    blank = before.blank if before is not None and same_height else Column.blank(height)
    found = [
        before.columns[place]
        if before is not None and same_height and place < len(kept) and _is_same(one, kept[place])
        else _filled_up(one, blank)
        for place, one in enumerate(columns)
    ]
    headers = [one.header for one in columns]
    if (
        before is not None
        and same_height
        and headers == before.headers
        and len(found) == len(before.columns)
        and all(map(is_, found, before.columns))
    ):
        return before
    return TabContent(headers, found, height, blank)


def _is_same(one: _Kept, other: _Kept) -> bool:
    return len(one.pieces) == len(other.pieces) and all(map(is_, one.pieces, other.pieces))


def _filled_up(one: _Kept, blank: Sequence[Raw]) -> Sequence[Raw]:
    """Return the column as long as the blank one."""
    if not one.pieces:
        return blank
    below = len(blank) - one.filled
    chunks = [piece.chunk for piece in one.pieces]
    return Column([*chunks, *([Blank(below)] if below else ())])


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
        before = self._copied(0, at)
        del self._held[: at + len(mark)]
        return before

    def peek(self, length: int) -> bytes:
        """Return so many bytes, fewer at the end, and take none."""
        self.hold(length)
        return self._copied(0, length)

    def goes_on(self) -> bool:
        """Return whether another cell follows: a comma does."""
        if not self._held:
            self.hold(1)
        return self._held[:1] == b","

    def take(self, length: int) -> None:
        """Take so many bytes."""
        del self._held[:length]

    def hold(self, length: int) -> None:
        """Let so many bytes come in, if there are as many."""
        while len(self._held) < length and self._more():
            pass

    def find(self, mark: bytes, start: int, end: int) -> int:
        """Return where the mark stands first between two places, -1 if nowhere."""
        return self._held.find(mark, start, end)

    def holds(self, piece: _Piece, at: int = 0) -> bool:
        """Return whether the very bytes of a piece stand at a place, and its last cell ends."""
        end = at + piece.length
        if end < at:
            return False
        if len(self._held) <= end:
            self.hold(end + 1)
        if len(self._held) <= end or self._held[end] not in b",]":
            return False
        if isinstance(piece.chunk, Packed):
            return self._held.startswith(piece.chunk.packed, at)
        return hash(self._copied(at, end)) == piece.digest

    def column_ends(self, length: int) -> Iterator[int]:
        """Yield the places, among so many bytes, where the column may end.

        Whoever asks for the next one has found this one to lie within a text.
        """
        self.hold(length + 2)
        at = self._held.find(b"]", 0, length)
        while at >= 0:
            if self._held[at + 1 : at + 3] == b",[" or self._held[at + 1 : at + 2] == b"]":
                yield at
                at = self._text_end(at)
            at = self._held.find(b"]", at + 1, length)

    def ends(self, form: re.Pattern[bytes], start: int) -> Iterator[int]:
        """Yield the places, from one on, before which something of that form ends.

        Whoever asks for the next one has found this one to lie within a text.
        """
        while True:
            found = form.search(self._held, start)
            if (found is None or found.end() + 2 > len(self._held)) and self._more():
                continue  # what follows tells, too
            if found is None:
                return
            yield found.end() - 1
            start = self._text_end(found.end() - 1)

    def _text_end(self, within: int) -> int:
        """Return where the text ends that has a place, not an escaped one, within it."""
        while (found := _TEXT_END.match(self._held, within)) is None and self._more():
            pass
        return len(self._held) if found is None else found.end() - 1

    def rest(self) -> bytes:
        """Return all that is left."""
        while self._more():
            pass
        return bytes(self._held)

    def _copied(self, start: int, end: int) -> bytes:
        with memoryview(self._held) as held:
            return bytes(held[start:end])

    def _more(self) -> bool:
        chunk = next(self._chunks, None)
        self._held += chunk or b""
        return chunk is not None


# ── Columns ──────────────────────────────────────────────────────────────────────────────────────


class _ColumnReader:
    """Reads the column that comes in next, given how it was before."""

    def __init__(
        self, incoming: _Incoming, before: _Kept, piece_bytes: int, at_hand: _AtHand
    ) -> None:
        self._incoming = incoming
        self._at_hand = at_hand
        self._before = before
        self._piece_bytes = piece_bytes
        self._palette = before.palette if before.palette.has_room else Palette()
        self._packed = 0  # so many chunks in a row

    def read(self) -> _Kept:
        """Return the column and take it, with its brackets. Raises CutOffError."""
        self._incoming.take(1)
        header_bytes, header = self._header()
        pieces: list[_Piece] = []
        place = 0
        incoming, known = self._incoming, self._before.pieces
        while incoming.goes_on():
            if place < len(known) and incoming.holds(known[place], 1):
                incoming.take(1 + known[place].length)
                pieces.append(known[place])
                place += 1
            else:
                incoming.take(1)
                new, place = self._changed(place)
                pieces += new
        if self._incoming.peek(1) != b"]":
            raise CutOffError("an answer was cut off")
        self._incoming.take(1)
        return _Kept(header, header_bytes, pieces, self._palette)

    def _header(self) -> tuple[bytes, Raw]:
        """Take the first cell and return it, as JSON too; nothing of an empty column."""
        known = self._before.header_bytes
        following = self._incoming.peek(len(known) + 1)
        if known and following[:-1] == known and following[-1:] in (b",", b"]"):
            self._incoming.take(len(known))
            return known, self._before.header
        content, cells = _take_cells(self._incoming, self._incoming.ends(_FIRST_END, 0))
        return content, cells[0] if cells else None

    def _changed(self, place: int) -> tuple[Sequence[_Piece], int]:
        """Take what stands here instead of a known piece; return it, and which one may follow.

        The pieces after that one are looked for near to where they would stand.
        """
        known = self._before.pieces
        about = known[place].length if place < len(known) else 0
        for following in range(place + 1, min(place + 1 + _AHEAD, len(known))):
            if (at := self._find(known[following], about)) is not None:
                try:
                    new = self._pieces_of(self._incoming.peek(at))
                except CutOffError:  # it looked like that piece, and was none
                    break
                self._incoming.take(at)
                return new, following
            about += 1 + known[following].length
        return [self._next_piece(self._incoming)], place + 1

    def _find(self, piece: _Piece, about: int) -> int | None:
        """Return how many bytes come before a piece and its comma."""
        start, end = max(0, about - _SLACK), about + _SLACK
        self._incoming.hold(end)
        for _ in range(_TRIES):
            start = self._incoming.find(b"," + piece.head, start, end)
            if start < 0:
                return None
            if self._incoming.holds(piece, start + 1):
                return start
            start += 1
        return None

    def _pieces_of(self, content: bytes) -> Sequence[_Piece]:
        """Return whole cells in pieces, or as one. Raises CutOffError if they are none."""
        incoming = _Incoming([b",", content, b"]]"] if content else [b"]]"])
        whole = len(content) < 2 * self._piece_bytes  # a piece that grows leaves no crumbs
        pieces = []
        while incoming.goes_on():
            incoming.take(1)
            pieces.append(self._next_piece(incoming, len(content) if whole else 0))
        if incoming.rest() != b"]]":
            raise CutOffError("the column ends before")
        return pieces

    def _next_piece(self, incoming: _Incoming, length: int = 0) -> _Piece:
        length = length or self._piece_bytes
        ends = chain(incoming.column_ends(length), incoming.ends(_CELL_END, length))
        content, cells = _take_cells(incoming, ends)
        chunk = self._chunk_of(cells, content)
        if isinstance(chunk, Packed):
            self._at_hand.keep(chunk, cells)
        digest = 0 if isinstance(chunk, Packed) else hash(content)
        return _Piece(chunk, len(content), digest, content[:_HEAD_BYTES])

    def _chunk_of(self, cells: list[Raw], content: bytes) -> Chunk:
        """Return the cells as a chunk; where none repeats for long, few are asked if they do."""
        if self._packed >= _FEW and self._packed % _SELDOM:
            chunk: Chunk = Packed(len(cells), content).know_filled(cells)
        else:
            chunk = make_chunk(cells, lambda _: content, self._palette)
        self._packed = self._packed + 1 if isinstance(chunk, Packed) else 0
        return chunk


def _take_cells(incoming: _Incoming, ends: Iterable[int]) -> tuple[bytes, list[Raw]]:
    """Take the cells up to the first of the ends that is one; return them, as JSON too.

    Raises CutOffError if there is none.
    """
    for end in ends:
        content = incoming.peek(end)
        try:
            cells = unpacked(content)
        except orjson.JSONDecodeError:  # within a text
            continue
        incoming.take(end)
        return content, cells
    raise CutOffError("an answer was cut off")


def read_columns(content: bytes, ranges: Sequence[str]) -> list[Columns]:
    """Return the columns of any ranges. Raises CutOffError if the bytes are no whole answer."""
    found = _ranges(content)
    if len(found) != len(ranges):
        raise CutOffError("other ranges than those asked for")
    return [one.get("values", []) for one in found]
