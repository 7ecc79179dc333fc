"""Sentences in the workbook's language: the catalogue, and findings put into words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from rules.findings import Finding
from rules.messages import MORE_PROBLEMS, PROBLEMS
from rules.playbook import SUBJECT_TABS, Locale, Playbook, Subject
from rules.problems import Problems
from rules.records import Book

CATALOGUES = Path(__file__).with_name("locales")

MOST_LINES = 10
"""How many problems a cell names; the rest is counted."""


@cache
def catalogue(locale: Locale) -> NullTranslations:
    """Return the translations of that language; English sentences stand for themselves."""
    path = CATALOGUES / f"{locale}.po"
    if not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=locale))
    compiled.seek(0)
    return Translations(compiled)


def say(locale: Locale, sentence: str, **values: str) -> str:
    """Return the sentence in that language, its placeholders filled."""
    return _translated(locale, sentence).format(**values)


@lru_cache(maxsize=1_000)
def _translated(locale: Locale, sentence: str) -> str:
    return catalogue(locale).gettext(sentence)


def say_in_context(locale: Locale, context: str, word: str) -> str:
    """Return a word that the other language has two words for, chosen by context."""
    return catalogue(locale).pgettext(context, word)


def say_count(locale: Locale, forms: tuple[str, str], count: int) -> str:
    """Return the sentence in the form that goes with the number, which is {count} in it."""
    return catalogue(locale).ngettext(*forms, count).format(count=count)


class Wording:
    """Puts the findings of one workbook into words. Equal problems are worded once."""

    def __init__(self, book: Book, playbook: Playbook) -> None:
        self._book = book
        self._playbook = playbook
        self._known: dict[tuple[str, str, tuple[str, ...], str, str], str] = {}
        self._elsewhere: dict[tuple[str, str, int], str] = {}
        self._tabs = {
            tab: playbook.tabs[tab].in_locale(book.locale) for tab in SUBJECT_TABS.values()
        }

    def problems(self, shown_on: str, findings: Sequence[Finding]) -> str:
        """Return the text of a Problems cell on the tab `shown_on`: one problem a line."""
        if len(findings) == 1:  # as most often
            return self.problem(shown_on, findings[0])
        lines = [self.problem(shown_on, finding) for finding in findings[:MOST_LINES]]
        if (more := len(findings) - MOST_LINES) > 0:
            lines.append(say_count(self._book.locale, MORE_PROBLEMS, more))
        return "\n".join(lines)

    def problem(self, shown_on: str, finding: Finding) -> str:
        """Return one problem; one of another tab names that tab and the row's ID."""
        _, code, tab, row, fields, value, expected = finding
        key = (code, tab, fields, value, expected)
        text = self._known.get(key)
        if text is None:
            text = self._known[key] = self._say(
                code, field=self._headers(tab, fields), value=value, expected=expected
            )
        if tab == shown_on:
            return text
        told = self._elsewhere.get((text, tab, row))  # several deals may tell of it
        if told is None:
            row_id = self._book.tables[tab].text("id", row)
            told = self._say("elsewhere", tab=self._tabs[tab], id=row_id, problem=text)
            self._elsewhere[text, tab, row] = told
        return told

    def _headers(self, tab: str, keys: Sequence[str]) -> str:
        names = [name for key in keys if (name := self._header(tab, key))]
        text = names[0] if names else self._header("contacts", "decision_maker")
        for name in names[1:]:
            text = self._say("or", first=text, second=name)
        return text

    def _header(self, tab: str, key: str) -> str:
        fields = self._playbook.tabs[tab].fields
        if key not in fields:
            return ""
        return self._book.tables[tab].headers.get(key) or fields[key].in_locale(self._book.locale)

    def _say(self, code: str, **values: str) -> str:
        return say(self._book.locale, PROBLEMS[code], **values)


ProblemTexts: TypeAlias = Mapping[Subject, Mapping[int, str]]
"""What stands in the Problems cell of each row that has problems."""


def write_texts(
    book: Book,
    playbook: Playbook,
    problems: Problems,
    before: ProblemTexts | None,
    renewed: Mapping[Subject, Collection[int]],
) -> ProblemTexts:
    """Return the texts of all problems; only those of the rows `renewed` differ from before."""
    wording = Wording(book, playbook)
    texts: dict[Subject, Mapping[int, str]] = {}
    for subject, told in problems.items():
        tab = SUBJECT_TABS[subject]
        known = dict(before[subject]) if before else {}
        rows: Iterable[int] = renewed[subject] if before else told
        for row in rows:
            if findings := told.get(row):
                known[row] = wording.problems(tab, findings)
            else:
                known.pop(row, None)
        texts[subject] = known
    return texts
