"""Which letters have a word in one of their headers: what keeps searches by people fast."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set

from sandbox.gmail.model import Letter

FIELDS = ("from", "to", "cc", "bcc", "subject")
MESSAGE_ID = "rfc822msgid"
_NONE: frozenset[str] = frozenset()


class WordIndex:
    """Ids of letters by field and word; texts of letters are left to a search through them."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str], set[str]] = defaultdict(set)

    def add(self, letter: Letter) -> None:
        """Take a letter in."""
        for key in _keys(letter):
            self._ids[key].add(letter.id)

    def remove(self, letter: Letter) -> None:
        """Take a letter out."""
        for key in _keys(letter):
            ids = self._ids[key]
            ids.discard(letter.id)
            if not ids:
                del self._ids[key]

    def among(self, field: str, words: Iterable[str]) -> Set[str]:
        """Return the letters that have all these words in a field, in whatever order."""
        found = [self._ids.get((field, word), _NONE) for word in words]
        return frozenset.intersection(*map(frozenset, sorted(found, key=len))) if found else _NONE


def _keys(letter: Letter) -> Iterator[tuple[str, str]]:
    summary = letter.summary
    texts = (
        summary.from_words,
        summary.to_words,
        summary.cc_words,
        summary.bcc_words,
        summary.subject_words,
    )
    for field, text in zip(FIELDS, texts, strict=True):
        for word in set(text.split()):
            yield field, word
    if summary.message_id:
        yield MESSAGE_ID, summary.message_id
