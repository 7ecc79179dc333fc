"""Comparing what people type: the same word in another case, with ё for е, or spaced."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_SPACES = re.compile(r"\s+")
_SEPARATORS = re.compile(r"[,;\n]")

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f]"
)
"""Control characters other than line breaks and tabs; zero-width and direction marks.

Joiners (U+200C, U+200D) stay: words of some languages and many emoji are written with them.
"""

LOOK_ALIKES = str.maketrans("авсекмнорртухіј", "abcekmhopptyxij")
"""The Latin letter that a small Cyrillic letter is mistaken for."""


def clean(text: str) -> str:
    """Return the text as it is meant: NFC, without what cannot be seen, trimmed."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return _UNSEEN.sub("", unicodedata.normalize("NFC", text)).strip()


@lru_cache(maxsize=16_384)
def fold(text: str) -> str:
    """Return the form under which spellings of one word are equal (NFC, case, space, ё)."""
    if text.isascii():
        folded = text.casefold()
    else:
        folded = _UNSEEN.sub("", unicodedata.normalize("NFC", text)).casefold().replace("ё", "е")
    return _SPACES.sub(" ", folded).strip()


def fold_all(texts: Sequence[str]) -> list[str]:
    """Return `fold` of each text: where none is unusual, all of them in one go."""
    line = f"|{'|'.join(texts)}|"
    unusual = "  " in line or " |" in line or "| " in line or not line.isprintable()
    if unusual or not unicodedata.is_normalized("NFC", line):
        return [fold(text) for text in texts]
    folded = line[1:-1].casefold().replace("ё", "е").split("|")
    return folded if len(folded) == len(texts) else [fold(text) for text in texts]


def skeleton(text: str) -> str:
    """Return the folded text with Latin letters for the Cyrillic ones that look like them."""
    return fold(text).translate(LOOK_ALIKES)


def split_several(text: str) -> list[str]:
    """Split a cell that holds several values separated by commas, semicolons or line breaks."""
    pieces = _SEPARATORS.split(text) if _SEPARATORS.search(text) else [text]
    return [part for piece in pieces if (part := piece.strip())]


_DRIVE_ID = re.compile(
    r"/(?:d|folders)/([A-Za-z0-9_-]{10,})|[?&]id=([A-Za-z0-9_-]{10,})|^([A-Za-z0-9_-]{10,})$"
)


def drive_id(text: str) -> str | None:
    """Return the id in a link to a file or folder on Google Drive, or the id that the text is."""
    found = _DRIVE_ID.search(text.strip())
    return next(filter(None, found.groups()), None) if found else None
