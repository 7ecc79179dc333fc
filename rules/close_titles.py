"""Titles that differ by a slip of the hand: close, but not equal.

To compare all pairs of 30,000 titles takes many seconds. Two texts that differ by k letters at most
have one of k + 1 parts in common, at nearly the same place: so titles meet in blocks of such a
part, and only there are they compared (Li, Deng, Wang, Feng: "Pass-Join", VLDB 2011). None is
missed, and whether two are found does not depend on the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise, product
from typing import NamedTuple

from rapidfuzz.distance import OSA, Levenshtein
from rapidfuzz.process import extract

from rules.titles import title_keys

MOST_MISTAKES, LONG = 2, 20
"""One letter is a slip of the hand, two are in a title of so many letters, and more never are."""

ALIKE_WORDS = 0.8
"""So alike must be what two titles do not share: Trade House Alfa is not Trade House Alta."""


def find_close_titles(
    new: Collection[str], known: Collection[str], percent: int
) -> Iterator[tuple[str, str]]:
    """Yield each pair of close forms of which one is new and the other new or known.

    Forms are those of `rules.titles`. Close are titles with the same numbers that are at least
    `percent` alike, letter by letter, in the whole; what they do not share must be alike too. Two
    known ones may be among the pairs, if one has the letters of a new one.
    """
    if not new:
        return
    slips = _Slips(percent)
    new_by_numbers = _by_numbers(new)
    forms = _by_numbers((*new, *known)) if known else new_by_numbers
    for numbers, new_forms in new_by_numbers.items():
        of_letters = forms[numbers]
        old = [letters for letters in of_letters if letters not in new_forms]
        for one, other in slips.find(new_forms, old):
            for pair in product(of_letters[one], of_letters[other]):
                if _share_enough(*pair):
                    yield pair


def _by_numbers(forms: Iterable[str]) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return forms by their numbers, then by their letters."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for form in forms:
        words, _, numbers = form.partition("|")
        same = found.setdefault(numbers, {})
        letters = words.replace(" ", "")
        same[letters] = (*same.get(letters, ()), form)
    return found


def _share_enough(one: str, other: str) -> bool:
    words, others = one.partition("|")[0].split(), other.partition("|")[0].split()
    rest = "".join(word for word in words if word not in others)
    rest_of_other = "".join(word for word in others if word not in words)
    alike = OSA.normalized_similarity(rest, rest_of_other)
    return alike >= ALIKE_WORDS and set(title_keys(one)).isdisjoint(title_keys(other))


class _Part(NamedTuple):
    """A part of titles: `block` stands for their length and which of their parts it is."""

    block: str
    start: int
    end: int


class _Slips:
    """Which texts differ by as few letters as may be, at `percent` alike."""

    def __init__(self, percent: int) -> None:
        self._differ = 100 - percent
        self._parts = cache(self._parts_of)
        self._places = cache(self._places_in)
        self._shorter_places = cache(self._places_of_shorter)
        self._most = cache(self._most_mistakes)

    def find(self, new: Iterable[str], known: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Yield each two texts that differ by so little, one of them new, once."""
        blocks: dict[str, list[str]] = {}
        for text in sorted(new, key=len):
            met = _meet(blocks, text, self._shorter_places(len(text)))
            yield from self._alike(text, met)
            for block, start, end in self._parts(len(text)):
                blocks.setdefault(block + text[start:end], []).append(text)
        for text in known if blocks else ():
            met = _meet(blocks, text, self._places(len(text)))
            yield from self._alike(text, met)

    def _alike(self, text: str, met: Collection[str]) -> Iterator[tuple[str, str]]:
        if not met:
            return
        most, scorer = self._most(len(text)), Levenshtein.distance
        found = extract(text, list(met), scorer=scorer, score_cutoff=most, limit=None)
        for other, differ, _ in found:
            if differ <= self._mistakes(max(len(other), len(text))):
                yield text, other

    def _mistakes(self, letters: int) -> int:
        """Return how many letters may differ if the longer text has that many."""
        most = MOST_MISTAKES if letters >= LONG else 1
        return min(letters * self._differ // 100, most)

    def _most_mistakes(self, length: int) -> int:
        """Return the mistakes that a text of that length may have beside any other text."""
        longer = range(MOST_MISTAKES + 1)
        return max(m for more in longer if more <= (m := self._mistakes(length + more)))

    def _parts_of(self, length: int) -> Sequence[_Part]:
        """Return the parts of texts of that length: one more than they may have mistakes."""
        count = self._most(length) + 1
        if count == 1:
            return ()
        ends = [length * number // count for number in range(count + 1)]
        bounds = pairwise(ends)
        return [_Part(f"{length},{at}:", start, end) for at, (start, end) in enumerate(bounds)]

    def _places_in(self, length: int) -> Sequence[_Part]:
        """Return where a text of that length may hold the parts of others."""
        others = range(max(length - MOST_MISTAKES, 0), length + MOST_MISTAKES + 1)
        return [place for other in others for place in self._places_of(other, length)]

    def _places_of_shorter(self, length: int) -> Sequence[_Part]:
        """Return where a text of that length may hold the parts of others that are no longer."""
        others = range(max(length - MOST_MISTAKES, 0), length + 1)
        return [place for other in others for place in self._places_of(other, length)]

    def _places_of(self, other: int, length: int) -> Iterator[_Part]:
        """Yield where a text of `length` letters may hold the parts of one of `other` letters.

        As many letters stand before a part that is met, and behind it, in both, give or take the
        mistakes that there is room for: those of the parts before it, and of the parts behind it.
        """
        shift = length - other
        if abs(shift) > self._mistakes(max(length, other)):
            return
        parts = self._parts(other)
        for before, part in enumerate(parts):
            behind = len(parts) - 1 - before
            first = max(part.start - before, part.start + shift - behind, 0)
            last = min(part.start + before, part.start + shift + behind)
            size = part.end - part.start
            for start in range(first, min(last, length - size) + 1):
                yield _Part(part.block, start, start + size)


def _meet(
    blocks: Mapping[str, Sequence[str]], text: str, places: Sequence[_Part]
) -> Collection[str]:
    """Return the texts that have a part in common with the text."""
    met: set[str] = set()
    for block, start, end in places:
        if found := blocks.get(block + text[start:end]):
            met.update(found)
    return met
