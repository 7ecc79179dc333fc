"""A1 and R1C1 notation: text to a reference and back, with no knowledge of any workbook.

Plain tuples, as one request may hold a hundred thousand ranges.

Source: Sheets API guide, "A1 notation"; recorded answers for what Google prints.
"""

import re
from functools import lru_cache
from typing import NamedTuple

MAX_COLUMNS = 18_278
"""The last column Google can name is ZZZ."""

_CELL_PART = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9][0-9]{0,7})?")
_R1C1_PART = re.compile(r"R([1-9][0-9]{0,7})?(?:C([1-9][0-9]{0,4}))?|C([1-9][0-9]{0,4})", re.I)
_QUOTED_TITLE = re.compile(r"'((?:[^']|'')*)'")
_PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_USUAL_RANGE = re.compile(
    r"([A-Za-z_]\w*)!([A-Z]{1,3})([1-9][0-9]{0,7})(?::([A-Z]{1,3})([1-9][0-9]{0,7}))?"
)
"""What most ranges look like; read at once, as a write may name a hundred thousand."""
_NAME = re.compile(r"[^\W\d][\w.]*")
_LOOKS_LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]+|[Rr][0-9]*[Cc][0-9]*|[Rr][0-9]*|[Cc][0-9]*")


class Corners(NamedTuple):
    """A rectangle as written: 0-based, end-exclusive; None where the text leaves an end open."""

    top: int | None = None
    left: int | None = None
    bottom: int | None = None
    right: int | None = None
    is_single_cell: bool = False


class Reference(NamedTuple):
    """What a range text says.

    `title` is the sheet named before `!` (None: not given), `corners` the cells. With neither
    corners nor title `name` may be a sheet's title or a named range, with a title a named range
    of that sheet; with a title alone the whole sheet is meant.
    """

    title: str | None = None
    corners: Corners | None = None
    name: str | None = None


class NotA1Error(ValueError):
    """The text is no range in any of the forms."""


@lru_cache(maxsize=1024)
def column_letters(index: int) -> str:
    """Give the letters of a 0-based column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


@lru_cache(maxsize=1024)
def column_index(letters: str) -> int:
    """Give the 0-based column of its letters: A is 0, AA is 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


@lru_cache(maxsize=1024)
def quote_title(title: str) -> str:
    """Quote a sheet title as Google prints it: only when it could be read as something else."""
    if _PLAIN_TITLE.fullmatch(title) and not _LOOKS_LIKE_A_CELL.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def format_corners(corners: Corners) -> str:
    """Print a rectangle with open ends as Google does: `A1:B2`, `A:B`, `3:5`, `A1001:B`, `AA1:2`.

    A rectangle that is open at all ends prints as the empty string.
    """
    top, left, bottom, right = corners.top, corners.left, corners.bottom, corners.right
    if top is None and left is None and bottom is None and right is None:
        return ""
    whole_columns = not top and bottom is None
    whole_rows = not left and right is None
    first = ("" if whole_rows else column_letters(left or 0)) + (
        "" if whole_columns else str((top or 0) + 1)
    )
    if not first:
        return ""
    last = ("" if right is None else column_letters(right - 1)) + (
        "" if bottom is None else str(bottom)
    )
    is_one_cell = first == last and not whole_rows and not whole_columns
    return first if is_one_cell or not last else f"{first}:{last}"


def format_range(title: str, corners: Corners) -> str:
    """Print a range with its sheet: `Sheet1!A1:B2`, or the title alone for the whole sheet."""
    cells = format_corners(corners)
    return f"{quote_title(title)}!{cells}" if cells else quote_title(title)


def parse_reference(text: str) -> Reference:
    """Read a range in any form: `A1`, `T!A:B`, `'My ''tab'''!2:3`, `T`, a name, `R1C1:R2C2`.

    Raises NotA1Error when it can be none of them.
    """
    if usual := _USUAL_RANGE.fullmatch(text):
        return _usual_reference(*usual.groups())
    text = text.strip()
    if not text:
        raise NotA1Error(text)
    title, cells = _split_title(text)
    if cells is None:
        return Reference(title=title)
    corners = _parse_corners(cells)
    if title is None:
        return Reference(name=text, corners=corners)
    if corners is None and not _NAME.fullmatch(cells):
        raise NotA1Error(text)
    return Reference(title=title, corners=corners, name=None if corners else cells)


def _usual_reference(title: str, letters: str, digits: str, right: str, bottom: str) -> Reference:
    top, left = int(digits) - 1, column_index(letters)
    if not right:
        return Reference(title, Corners(top, left, top + 1, left + 1, is_single_cell=True))
    ends = (*_span(top, int(bottom) - 1), *_span(left, column_index(right)))
    return Reference(title, Corners(ends[0], ends[2], ends[1], ends[3]))


def _split_title(text: str) -> tuple[str | None, str | None]:
    quoted = _QUOTED_TITLE.match(text)
    if quoted:
        title = quoted.group(1).replace("''", "'")
        rest = text[quoted.end() :]
        if not rest:
            return title, None
        if not rest.startswith("!"):
            raise NotA1Error(text)
        return title, rest[1:]
    if text.startswith("'"):
        raise NotA1Error(text)
    title, bang, cells = text.rpartition("!")
    return (title, cells) if bang else (None, text)


def _parse_corners(cells: str) -> Corners | None:
    first_text, colon, last_text = cells.partition(":")
    first = _parse_part(first_text)
    last = _parse_part(last_text) if colon else first
    if first is None or last is None:
        return None
    (row_a, column_a), (row_b, column_b) = first, last
    if not colon and (row_a is None or column_a is None):
        return None
    top, bottom = _span(row_a, row_b)
    left, right = _span(column_a, column_b)
    return Corners(top, left, bottom, right, is_single_cell=not colon)


def _span(first: int | None, last: int | None) -> tuple[int | None, int | None]:
    """Order two ends; one end alone is the start, the other is open."""
    if first is None or last is None:
        return (last if first is None else first), None
    return min(first, last), max(first, last) + 1


def _parse_part(part: str) -> tuple[int | None, int | None] | None:
    """Read one corner as (row, column), either of them None when not written."""
    match = _CELL_PART.fullmatch(part)
    if match and (match.group(1) or match.group(2)):
        letters, digits = match.groups()
        row = int(digits) - 1 if digits else None
        return row, column_index(letters) if letters else None
    match = _R1C1_PART.fullmatch(part)
    if match is None or not any(match.groups()):
        return None
    row_text, column_text, column_alone = match.groups()
    column_text = column_text or column_alone
    return (
        int(row_text) - 1 if row_text else None,
        int(column_text) - 1 if column_text else None,
    )
