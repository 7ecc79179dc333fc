"""Answers of `values.batchGet` by columns, read no more than needed.

A column whose bytes are those of the last answer is the same list as then: it is not parsed again,
and whoever compares need not look into it. So a pass over a workbook in which one column has
changed costs the reading of one column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from rules.table import Raw

Column: TypeAlias = list[Raw]

_VALUES = b'"values":[['
_NEXT_COLUMN = b"],["
_END = b"]]}"

_SAMPLED = 997
"""Every so many-th cell tells whether a column repeats itself."""


@dataclass(frozen=True)
class _Kept:
    """A column and the length and hash of the bytes that it was read from."""

    key: tuple[int, int]
    column: Column


class ColumnReader:
    """Reads answers for one spreadsheet's ranges, one after the other."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], _Kept] = {}

    def read(self, content: bytes, ranges: Sequence[str]) -> list[list[Column]]:
        """Return the columns of each range. Raises orjson.JSONDecodeError if they are cut off."""
        try:
            found = _split(content)
        except (ValueError, IndexError, KeyError, TypeError):  # not laid out as expected
            found = None
        if found is None or len(found) != len(ranges):
            self._kept.clear()
            return [one.get("values", []) for one in orjson.loads(content)["valueRanges"]]
        kept: dict[tuple[str, int], _Kept] = {}
        columns = []
        for name, pieces in zip(ranges, found, strict=True):
            for at, piece in enumerate(pieces):
                kept[name, at] = self._read_column(name, at, piece)
            columns.append([kept[name, at].column for at in range(len(pieces))])
        self._kept = kept
        return columns

    def _read_column(self, name: str, at: int, piece: bytes) -> _Kept:
        key = (len(piece), hash(piece))
        known = self._kept.get((name, at))
        if known is not None and known.key == key:
            return known
        return _Kept(key, _shared(orjson.loads(b"[" + piece + b"]")))


def _split(content: bytes) -> list[list[bytes]]:
    """Return the bytes of each range's columns, without their brackets.

    Raises ValueError or IndexError if the answer is laid out otherwise (printed prettily, say).
    """
    skeleton, *parts = content.split(_VALUES)
    blocks = []
    for number, part in enumerate(parts):
        end = part.rindex(_END)
        blocks.append(part[:end])
        skeleton += b'"values":%d' % number + part[end + 2 :]
    ranges: list[dict[str, Any]] = orjson.loads(skeleton)["valueRanges"]
    return [list(_columns(blocks[one["values"]])) if "values" in one else [] for one in ranges]


def _columns(block: bytes) -> Iterator[bytes]:
    """Yield the columns of a range. What parts them may stand in a text, too: quotes tell."""
    unfinished = b""
    for piece in block.split(_NEXT_COLUMN):
        whole = unfinished + piece
        if _is_in_text(whole):
            unfinished = whole + _NEXT_COLUMN
        else:
            yield whole
            unfinished = b""
    if unfinished:
        raise ValueError("a column ends in a text")


def _is_in_text(piece: bytes) -> bool:
    quotes = piece.count(b'"')
    if b"\\" in piece:
        quotes -= piece.replace(b"\\\\", b"").count(b'\\"')
    return quotes % 2 == 1


def _shared(column: Column) -> Column:
    """Return the column, equal texts as one object where it repeats itself: it takes less room."""
    sample = [value for value in column[1::_SAMPLED] if isinstance(value, str)]
    if len(set(sample)) * 2 > len(sample):
        return column
    seen: dict[str, str] = {}
    return [seen.setdefault(cell, cell) if cell.__class__ is str else cell for cell in column]
