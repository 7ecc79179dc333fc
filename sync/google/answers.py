"""Answers of `values.batchGet` by columns, read no more than needed.

A column whose bytes are those of the last answer is the same list as then: it is not parsed again,
and whoever compares need not look into it. So a pass over a workbook in which one column has
changed costs the reading of one column.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    """A column, and the length and hash of the bytes that it was read from."""

    length: int
    digest: int
    column: Column


class ColumnReader:
    """Reads answers for one spreadsheet's ranges, one after the other."""

    def __init__(self) -> None:
        self._kept: dict[str, list[_Kept]] = {}
        self._whole: tuple[int, int] | None = None

    def read(self, content: bytes, ranges: Sequence[str]) -> list[list[Column]]:
        """Return the columns of each range. Raises orjson.JSONDecodeError if they are cut off."""
        whole = (len(content), hash(content))
        if whole != self._whole or self._kept.keys() != set(ranges):
            try:
                blocks = _find_blocks(content)
                if len(blocks) != len(ranges):
                    raise ValueError("other ranges than those asked for")
                pairs = zip(ranges, blocks, strict=True)
                self._kept = {name: self._read_block(name, block) for name, block in pairs}
            except (ValueError, LookupError, TypeError):  # not laid out as expected
                self._kept, self._whole = {}, None
                return [one.get("values", []) for one in orjson.loads(content)["valueRanges"]]
            self._whole = whole
        return [[kept.column for kept in self._kept[name]] for name in ranges]

    def _read_block(self, name: str, block: bytes | None) -> list[_Kept]:
        if block is None:
            return []
        before = self._kept.get(name, [])
        columns: list[_Kept] = []
        start = 0
        while start <= len(block):
            known = before[len(columns)] if len(columns) < len(before) else None
            found = _same(block, start, known) or _read_column(block, start)
            columns.append(found)
            start += found.length + len(_NEXT_COLUMN)
        return columns


def _same(block: bytes, start: int, known: _Kept | None) -> _Kept | None:
    """Return the column that was known if the very same bytes stand here."""
    if known is None:
        return None
    end = start + known.length
    ends_here = end == len(block) or block.startswith(_NEXT_COLUMN, end)
    return known if ends_here and hash(block[start:end]) == known.digest else None


def _read_column(block: bytes, start: int) -> _Kept:
    """Read the column that starts here. What ends one may stand in a text, too: quotes tell."""
    end = start
    while True:
        end = block.find(_NEXT_COLUMN, end)
        piece = block[start:] if end < 0 else block[start:end]
        if not _is_in_text(piece):
            return _Kept(len(piece), hash(piece), _shared(orjson.loads(b"[" + piece + b"]")))
        if end < 0:
            raise ValueError("a column ends in a text")
        end += len(_NEXT_COLUMN)


def _find_blocks(content: bytes) -> list[bytes | None]:
    """Return the bytes of each range's columns, None where it has no values.

    Raises ValueError or LookupError if the answer is laid out otherwise (printed prettily, say).
    """
    blocks: list[bytes] = []
    skeleton = []
    done = 0
    while (start := content.find(_VALUES, done)) >= 0:
        following = content.find(_VALUES, start + len(_VALUES))
        end = content.rindex(_END, start, following if following >= 0 else len(content))
        skeleton += [content[done:start], b'"values":%d' % len(blocks)]
        blocks.append(content[start + len(_VALUES) : end])
        done = end + len(_END) - 1
    skeleton.append(content[done:])
    ranges: list[dict[str, Any]] = orjson.loads(b"".join(skeleton))["valueRanges"]
    return [blocks[one["values"]] if "values" in one else None for one in ranges]


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
