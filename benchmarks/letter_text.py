"""How much of letters is kept and cut: the labelled set, our cutter beside those of libraries.

`python -m benchmarks.letter_text [-v]`: -v shows every line that was lost or left.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import quotequail
from mailparser_reply import EmailReplyParser

from rules.letter_text import own_text
from sync.google.message import read_letter
from tests.letters.labelled import Labelled, labelled_letters

_MARKS = re.compile(r"^(ДЛ)?[\s>]+")


@dataclass
class Figures:
    """Lines and characters, added up over letters."""

    own: int = 0
    lost: int = 0
    quoted: int = 0
    quotes_left: int = 0
    signatures: int = 0
    signatures_left: int = 0
    own_characters: int = 0
    own_kept: int = 0
    other_kept: int = 0

    @property
    def recall(self) -> float:
        """Of the writer's own text, how much was kept."""
        return self.own_kept / self.own_characters

    @property
    def precision(self) -> float:
        """Of what was kept, how much is the writer's own."""
        return self.own_kept / (self.own_kept + self.other_kept)


def lines_of(text: str) -> list[str]:
    """Return a text's lines without quote marks and blanks."""
    bare = (_MARKS.sub("", line).strip() for line in text.split("\n"))
    return [line for line in bare if line]


def measure(figures: Figures, letter: Labelled, kept: str) -> tuple[list[str], list[str]]:
    """Add a letter to the figures; return the lines that were lost, and those that were left."""
    found = lines_of(kept)
    lost = [line for line in letter.own if line.strip() not in found]
    left = [line for line in letter.quoted if line.strip() in found]
    signed = [line for line in letter.signature if line.strip() in found]
    figures.own += len(letter.own)
    figures.lost += len(lost)
    figures.quoted += len(letter.quoted)
    figures.quotes_left += len(left)
    figures.signatures += len(letter.signature)
    figures.signatures_left += len(signed)
    figures.own_characters += sum(map(len, letter.own))
    figures.own_kept += sum(len(line) for line in letter.own if line not in lost)
    figures.other_kept += sum(map(len, (*left, *signed)))
    return lost, left + signed


def by_mail_parser_reply(text: str, _subject: str) -> str:
    """Cut with mail-parser-reply; it has no Russian."""
    parser = EmailReplyParser(languages=["en", "de"])
    return str(parser.parse_reply(text) or "")


def by_quotequail(text: str, _subject: str) -> str:
    """Cut with quotequail."""
    found = quotequail.unwrap(text)
    return str((found or {}).get("text_top", text)) if found else text


CUTTERS: Sequence[tuple[str, Callable[[str, str], str]]] = (
    ("ours", own_text),
    ("mail-parser-reply", by_mail_parser_reply),
    ("quotequail", by_quotequail),
    ("nothing cut", lambda text, _: text),
)


def main() -> None:
    """Print the table."""
    letters = list(labelled_letters())
    programs = len({letter.name.split(",")[0] for letter in letters})
    print(f"{len(letters)} letters of {programs} mail programs, in English and Russian")
    head = ("", "recall", "precision", "lines lost", "quotes left", "signatures left", "letters/s")
    print("{:<20}{:>8}{:>11}{:>15}{:>16}{:>17}{:>11}".format(*head))
    for name, cut in CUTTERS:
        figures = Figures()
        started = time.perf_counter()
        for labelled in letters:
            letter = read_letter(labelled.message, "me@agency.example")
            lost, left = measure(figures, labelled, cut(letter.text, letter.subject))
            if "-v" in sys.argv and name == "ours" and (lost or left):
                print(f"  {labelled.name}: lost {lost}, left {left}")
        rate = len(letters) / (time.perf_counter() - started)
        print(
            f"{name:<20}{figures.recall:>8.3f}{figures.precision:>11.3f}"
            f"{figures.lost:>8} of {figures.own}{figures.quotes_left:>8} of {figures.quoted}"
            f"{figures.signatures_left:>9} of {figures.signatures}{rate:>11.0f}"
        )


if __name__ == "__main__":
    main()
