"""Comparing what people type: the same word in another case, with ё for е, or spaced."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPACES = re.compile(r"\s+")


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Return the form under which spellings of one word are equal (NFC, case, space, ё)."""
    folded = unicodedata.normalize("NFC", text).casefold().replace("ё", "е")
    return _SPACES.sub(" ", folded).strip()


def split_several(text: str) -> list[str]:
    """Split a cell that holds several values separated by commas, semicolons or line breaks."""
    return [part for part in (piece.strip() for piece in re.split(r"[,;\n]", text)) if part]


_DRIVE_ID = re.compile(
    r"/(?:d|folders)/([A-Za-z0-9_-]{10,})|[?&]id=([A-Za-z0-9_-]{10,})|^([A-Za-z0-9_-]{10,})$"
)


def drive_id(text: str) -> str | None:
    """Return the id in a link to a file or folder on Google Drive, or the id that the text is."""
    found = _DRIVE_ID.search(text.strip())
    return next(filter(None, found.groups()), None) if found else None
