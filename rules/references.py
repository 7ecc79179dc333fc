"""Which company and contact a cell means: by ID, title, email or full name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from rules.text import fold

Index: TypeAlias = Mapping[str, tuple[int, ...]]
"""Rows by folded spelling."""


def make_index(spellings: Iterable[tuple[int, str]]) -> Index:
    """Return the rows that each spelling may mean, in row order, each once."""
    rows: dict[str, dict[int, None]] = defaultdict(dict)
    for row, spelling in spellings:
        if spelling:
            rows[fold(spelling)][row] = None
    return {spelling: tuple(found) for spelling, found in rows.items()}


def resolve(indexes: Sequence[Index], text: str) -> tuple[int, ...]:
    """Return the rows that the text means in the first index that knows it."""
    spelling = fold(text)
    return next((found for index in indexes if (found := index.get(spelling))), ())
