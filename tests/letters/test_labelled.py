"""The labelled set: no line of the writer's own is lost, and what is quoted is cut."""

from __future__ import annotations

import pytest

from benchmarks.letter_text import Figures, lines_of, measure
from rules.letter_text import own_text
from sync.google.message import read_letter
from tests.letters.labelled import KINDS, PROGRAMS, Labelled, labelled_letters

LETTERS = list(labelled_letters())


def kept(labelled: Labelled) -> str:
    letter = read_letter(labelled.message, "me@agency.example")
    return own_text(letter.text, letter.subject)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_the_writers_own_is_lost(kind: str) -> None:
    some = [letter for letter in LETTERS if letter.name.endswith(kind)]
    lost = {letter.name: measure(Figures(), letter, kept(letter))[0] for letter in some}
    assert {name: lines for name, lines in lost.items() if lines} == {}


@pytest.mark.parametrize("kind", KINDS)
def test_quotes_and_signatures_are_cut(kind: str) -> None:
    some = [letter for letter in LETTERS if letter.name.endswith(kind)]
    left = {letter.name: measure(Figures(), letter, kept(letter))[1] for letter in some}
    assert {name: lines for name, lines in left.items() if lines} == {}


def test_the_set_is_large_and_varied_enough() -> None:
    assert len(LETTERS) >= 150
    assert len({program.name.split(",")[0] for program in PROGRAMS}) >= 10
    assert len({(letter.subject, letter.body) for letter in LETTERS}) >= 150
    assert all(letter.own for letter in LETTERS)


def test_the_measure_sees_what_is_lost_and_what_is_left() -> None:
    letter = next(one for one in LETTERS if one.quoted)
    everything = "\n".join((*letter.own, *letter.quoted))
    assert measure(Figures(), letter, everything) == ([], list(letter.quoted))
    assert measure(Figures(), letter, "") == (list(letter.own), [])
    assert lines_of("> a\n\n >> b ") == ["a", "b"]
