"""The table that `crm check` prints for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

HEADINGS = ("Verdict", "Tab", "Row", "ID", "Problem")
GAP = "  "
NARROWEST_PROBLEM = 24


def table_lines(
    rows: Sequence[Mapping[str, Any]], titles: Mapping[str, str], width: int
) -> Iterator[str]:
    """Yield the lines of the table, at most `width` characters wide where that can be.

    `rows` are those of `summary.problem_rows`, `titles` the tabs' titles by key.
    """
    if not rows:
        return
    starts = [
        (str(row["verdict"]).capitalize(), titles[row["tab"]], str(row["row"]), str(row["id"]))
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(HEADINGS[:-1], *starts, strict=True)]
    left = sum(widths) + len(GAP) * len(widths)
    for_problem = max(width - left, NARROWEST_PROBLEM)
    yield _line(HEADINGS[:-1], widths, HEADINGS[-1])
    yield _line(["─" * one for one in widths], widths, "─" * len(HEADINGS[-1]))
    for start, row in zip(starts, rows, strict=True):
        for at, text in enumerate(_wrapped(row["problems"], for_problem)):
            yield _line(start if at == 0 else [""] * len(widths), widths, text)


def _wrapped(problems: Iterable[str], width: int) -> Iterator[str]:
    for problem in problems:
        yield from wrap(problem, width, subsequent_indent=GAP)


def _line(cells: Sequence[str], widths: Sequence[int], last: str) -> str:
    start = GAP.join(f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True))
    return f"{start}{GAP}{last}".rstrip()
