"""A formula's text cut into tokens; joined again they give the same text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_REFERENCE = r"""
    (?:(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!)?
    (?:
        \$?[A-Za-z]{1,3}\$?[1-9]\d*(?::\$?[A-Za-z]{1,3}\$?[1-9]\d*|:\$?[A-Za-z]{1,3}|:\$?[1-9]\d*)?
      | \$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}
      | \$?[1-9]\d*:\$?[1-9]\d*
    )(?![\w(.])
"""
_GRAMMAR = r"""
    (?P<space>\s+) | (?P<text>"(?:[^"]|"")*")
    | (?P<error>\#(?:REF!|N/A|DIV/0!|VALUE!|NAME\?|NUM!|NULL!))
    | (?P<reference>{reference})
    | (?P<number>\d+(?:{decimal}\d*)?(?:[eE][+-]?\d+)?|{decimal}\d+)
    | (?P<name>[^\W\d][\w.]*) | (?P<separator>{separators})
    | (?P<operator><>|<=|>=|[-+*/^&=<>%()]) | (?P<unknown>.)
"""


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its kind is a group's name of the form above."""

    kind: str
    text: str


@lru_cache(maxsize=8)
def _form(decimal: str) -> re.Pattern[str]:
    separators = ";" if decimal == "," else "[;,]"
    text = _GRAMMAR.format(reference=_REFERENCE, decimal=re.escape(decimal), separators=separators)
    return re.compile(text, re.X | re.S)


def tokenize(formula: str, decimal: str) -> list[Token]:
    """Cut a formula without its `=`; the locale's decimal sign decides about numbers and commas."""
    return [
        Token(match.lastgroup or "unknown", match.group())
        for match in _form(decimal).finditer(formula)
    ]
