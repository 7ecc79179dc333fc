"""A cell's value that cannot be read, and how it is told."""

from __future__ import annotations

from rules.table import Raw, as_text
from rules.text import clean

LONGEST_SHOWN = 60


class Refused(Exception):  # noqa: N818  # an answer of the parsers, not a failure
    """A value that is not what its field holds.

    `code` names the message in `messages.py`, `value` is what stood in the cell, `expected` what
    could stand there.
    """

    def __init__(self, code: str, value: Raw, expected: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.value = shorten(as_text(value))
        self.expected = expected

    def kept(self) -> Refused:
        """Return it as a value to keep: without the frames that it came through.

        They would keep alive whatever was at hand there: whole columns.
        """
        self.__traceback__ = self.__context__ = self.__cause__ = None
        return self


def shorten(text: str, limit: int = LONGEST_SHOWN) -> str:
    """Return the text on one line, without what cannot be seen, cut to `limit` characters."""
    line = " ".join(clean(text[: 10 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
