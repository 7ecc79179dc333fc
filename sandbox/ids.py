"""Ids of Google's form from a seeded source, so that a run can be repeated."""

from __future__ import annotations

import random
import string
import threading

_URL_SAFE = string.ascii_letters + string.digits + "-_"

_FORMS: dict[str, tuple[str, str, int, str]] = {
    # kind: (prefix, alphabet, how many random characters, suffix)
    "file": ("1", _URL_SAFE, 32, ""),
    "spreadsheet": ("1", _URL_SAFE, 43, ""),
    "drive": ("0A", _URL_SAFE, 11, "Uk9PVA"),
    "permission": ("", string.digits, 20, ""),
    "message": ("19", "0123456789abcdef", 14, ""),
    "draft": ("r", string.digits, 18, ""),
    "sheet": ("", "123456789", 9, ""),
    "access_token": ("ya29.c.", _URL_SAFE, 120, ""),
    "refresh_token": ("1//0", _URL_SAFE, 90, ""),
    "page_token": ("~!!~", _URL_SAFE, 60, ""),
    "filter": ("ANe1Bm", _URL_SAFE, 50, ""),
    "revision": ("0B", _URL_SAFE, 40, "PQ"),
    "resource": ("", _URL_SAFE, 27, ""),
    "operation": ("", _URL_SAFE, 40, ""),
    "upload": ("AFiumC", _URL_SAFE, 60, ""),
}


class IdSource:
    """Makes ids; safe to share between threads."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose, guards nothing
        self._lock = threading.Lock()

    def restart(self, seed: int) -> None:
        """Begin the sequence of a seed."""
        with self._lock:
            self._random.seed(seed)

    def new(self, kind: str) -> str:
        """Return a fresh id of one of the kinds in the table; KeyError for another kind."""
        prefix, alphabet, length, suffix = _FORMS[kind]
        with self._lock:
            return prefix + "".join(self._random.choices(alphabet, k=length)) + suffix
