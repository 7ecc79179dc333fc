"""Titles that differ by a slip of the hand: close, but not equal.

To compare all pairs of 30,000 titles takes many seconds. Two texts that differ by k letters at most
have two of k + 2 parts in common, at nearly the same places: so titles meet in blocks of two such
parts, and only there are they compared (after Li, Deng, Wang, Feng: "Pass-Join", VLDB 2011, which
takes one of k + 1). None is missed, and whether two are found does not depend on the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import combinations, compress, pairwise, product
from operator import is_not
from typing import NamedTuple, TypeAlias

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
    forms = _by_numbers([*new, *known]) if known else new_by_numbers
    for numbers, new_forms in new_by_numbers.items():
        of_letters = forms[numbers]
        old = [letters for letters in of_letters if letters not in new_forms]
        for one, other in slips.find(new_forms, old):
            for pair in product(of_letters[one], of_letters[other]):
                if _share_enough(*pair):
                    yield pair


def _by_numbers(forms: Collection[str]) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Return forms by their numbers, then by their letters."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for form, letters in zip(forms, "\n".join(forms).replace(" ", "").split("\n"), strict=True):
        if form[-1] == "|":
            found[""][letters[:-1]].append(form)
        else:
            found[form.partition("|")[2]][letters.partition("|")[0]].append(form)
    return found


def _share_enough(one: str, other: str) -> bool:
    words, others = one.partition("|")[0].split(), other.partition("|")[0].split()
    rest = "".join(word for word in words if word not in others)
    rest_of_other = "".join(word for word in others if word not in words)
    alike = OSA.normalized_similarity(rest, rest_of_other)
    return alike >= ALIKE_WORDS and set(title_keys(one)).isdisjoint(title_keys(other))


_Parts: TypeAlias = tuple[int, int, int, int]
"""Two parts of a text: where each starts and ends."""


class _Place(NamedTuple):
    """Two parts of texts of one length, and where in a text of another they may stand."""

    parts: _Parts
    there: _Parts


class _Slips:
    """Which texts differ by as few letters as may be, at `percent` alike."""

    def __init__(self, percent: int) -> None:
        self._differ = 100 - percent
        self._most = cache(self._most_mistakes)

    def find(self, new: Iterable[str], known: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Yield each two texts that differ by so little, one of them new, once."""
        of_length, known_of_length = _by_length(new), _by_length(known)
        for length, texts in of_length.items():
            met: dict[str, set[str]] = defaultdict(set)
            blocks = _Blocks(texts)
            for other in range(length, length + MOST_MISTAKES + 1):
                blocks.meet(met, self._places(length, other), of_length.get(other, ()))
            for other in range(length - MOST_MISTAKES, length + MOST_MISTAKES + 1):
                others = known_of_length.get(other, ())
                if len(texts) > _FEW:
                    blocks.meet(met, self._places(length, other), others)
                elif others and self._places(length, other):
                    for text in texts:
                        yield from self._alike(text, others)
            for text, meeting in met.items():
                yield from self._alike(text, meeting)

    def _alike(self, text: str, others: Collection[str]) -> Iterator[tuple[str, str]]:
        most, scorer = self._most(len(text)), Levenshtein.distance
        found = extract(text, others, scorer=scorer, score_cutoff=most, limit=None)
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

    def _places(self, length: int, other: int) -> Sequence[_Place]:
        """Return which two parts of texts may stand where in those of another length, unharmed.

        Between the parts, before and behind them there is room for mistakes where other parts lie;
        a letter too many or too few moves all that stands behind it.
        """
        mistakes, shift = self._mistakes(max(length, other)), other - length
        if mistakes == 0 or abs(shift) > mistakes:
            return ()
        count, places = mistakes + 2, []
        bounds = list(pairwise([length * number // count for number in range(count + 1)]))
        shifts = range(-mistakes, mistakes + 1)
        for (at, (start, end)), (to, (start2, end2)) in combinations(enumerate(bounds), 2):
            for one, two in product(shifts, shifts):
                moved = ((one, at), (two - one, to - at - 1), (shift - two, count - 1 - to))
                if sum(abs(by) for by, _ in moved) <= mistakes and all(
                    room or not by for by, room in moved
                ):
                    there = (start + one, end + one, start2 + two, end2 + two)
                    places.append(_Place((start, end, start2, end2), there))
        return places


_FEW = 12
"""So few texts are sooner compared with all others of their length."""


def _by_length(texts: Iterable[str]) -> Mapping[int, Sequence[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for text in texts:
        found[len(text)].append(text)
    return found


class _Blocks:
    """Texts of one length, by the two parts that others may have in common with them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._pieces = cache(partial(_pieces, texts))

    def _meet_each_other(self, met: dict[str, set[str]], parts: _Parts) -> None:
        """Add the texts that have the parts in common, each once."""
        texts, pieces = self._texts, self._pieces(parts)
        last_of = dict(zip(pieces, texts, strict=True))
        if len(last_of) < len(texts):
            others = map(is_not, map(last_of.get, pieces), texts)
            groups: dict[str, list[str]] = {}
            for text, piece in compress(zip(texts, pieces, strict=True), others):
                group = groups.setdefault(piece, [last_of[piece]])
                met[text].update(group)
                group.append(text)

    def meet(
        self, met: dict[str, set[str]], places: Iterable[_Place], others: Sequence[str]
    ) -> None:
        """Add, for these others, the texts whose parts each of them holds at one of the places."""
        for parts, there in places if others else ():
            if others is self._texts and parts == there:
                self._meet_each_other(met, parts)
            else:
                self._meet_others(met, parts, others, _pieces(others, there))

    def _meet_others(
        self,
        met: dict[str, set[str]],
        parts: _Parts,
        others: Sequence[str],
        theirs: Sequence[str],
    ) -> None:
        own = self._pieces(parts)
        if not (shared := set(theirs).intersection(own)):
            return
        texts: dict[str, list[str]] = defaultdict(list)
        for piece, text in compress(
            zip(own, self._texts, strict=True), map(shared.__contains__, own)
        ):
            texts[piece].append(text)
        for piece, other in compress(
            zip(theirs, others, strict=True), map(shared.__contains__, theirs)
        ):
            met[other].update(texts[piece])


def _pieces(texts: Sequence[str], places: _Parts) -> list[str]:
    """Return what stands in two places of each text."""
    start, end, start2, end2 = places
    if end == start2:
        return [text[start:end2] for text in texts]
    return [text[start:end] + text[start2:end2] for text in texts]
