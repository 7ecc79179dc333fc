"""Number-format patterns such as `#,##0.00`, `dd.MM.yyyy` or `[h]:mm`, cut into tokens.

Source: Sheets API guide, "Date and number formats".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_TOKENS = re.compile(
    r"""
    "(?P<quoted>[^"]*)"? | \\(?P<escaped>.) | _(?P<space>.) | \*(?P<fill>.)
    | \[\$(?P<sign>[^\]-]*)(?:-[^\]]*)?\] | \[(?P<elapsed>h+|m+|s+)\] | \[(?P<ignored>[^\]]*)\]
    | (?P<noon>AM/PM|A/P) | (?P<exponent>E[+-]0+) | (?P<date>y+|m+|d+|h+|s+)
    | (?P<digits>[0\#?,]+) | (?P<point>\.) | (?P<percent>%) | (?P<text>@) | (?P<other>.)
    """,
    re.X | re.I | re.S,
)
_LITERAL_KINDS = {"quoted", "escaped", "sign", "other"}


@dataclass(frozen=True)
class Token:
    """A piece of a pattern: its kind (literal, digits, point, date, minute, …) and text."""

    kind: str
    text: str


@dataclass(frozen=True)
class Section:
    """One of the parts that `;` separates."""

    tokens: tuple[Token, ...]

    def has(self, *kinds: str) -> bool:
        """Give true when a token of one of the kinds is there."""
        return any(token.kind in kinds for token in self.tokens)

    @property
    def is_date(self) -> bool:
        """True when it shows a date, a time or a duration."""
        return self.has("date", "minute", "elapsed")


@lru_cache(maxsize=512)
def parse_pattern(pattern: str) -> tuple[Section, ...]:
    """Cut a pattern into its sections."""
    sections: list[list[Token]] = [[]]
    for match in _TOKENS.finditer(pattern):
        kind = match.lastgroup or "other"
        text = match.group(kind)
        if kind == "other" and text == ";":
            sections.append([])
        else:
            sections[-1].append(_token(kind, text))
    return tuple(Section(tuple(_with_minutes(tokens))) for tokens in sections)


def _token(kind: str, text: str) -> Token:
    if kind in _LITERAL_KINDS:
        return Token("literal", text)
    if kind == "space":
        return Token("literal", " ")
    if kind in {"fill", "ignored"}:
        return Token("literal", "")
    return Token(kind, text.lower() if kind in {"date", "elapsed"} else text)


def _with_minutes(tokens: list[Token]) -> list[Token]:
    """Tell minutes from months: `m` is minutes after hours and before seconds."""
    clock = [index for index, token in enumerate(tokens) if token.kind in {"date", "elapsed"}]
    result = list(tokens)
    for position, index in enumerate(clock):
        text = tokens[index].text
        if tokens[index].kind != "date" or text[0] != "m" or len(text) > 2:
            continue
        before = tokens[clock[position - 1]].text[0] if position else ""
        after = tokens[clock[position + 1]].text[0] if position + 1 < len(clock) else ""
        if before == "h" or after == "s":
            result[index] = Token("minute", text)
    return result
