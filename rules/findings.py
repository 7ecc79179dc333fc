"""A breach of a rule, as a value."""

from __future__ import annotations

from typing import NamedTuple

from rules.playbook import Severity


class Finding(NamedTuple):
    """One problem of one row.

    `tab` and `row` (0 is the first row below the header) say where the problem lies; the row it is
    shown on may be another one (a contact's problem stands on its deals too). `code` names the
    message in `messages.py`, whose further placeholders are `value` and `expected`.
    """

    severity: Severity
    code: str
    tab: str
    row: int
    fields: tuple[str, ...]
    value: str = ""
    expected: str = ""
