"""Sentences in the workbook's language: the catalogue, and findings put into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from rules.check import Book
from rules.findings import Finding
from rules.messages import PROBLEMS
from rules.playbook import Locale, Playbook

CATALOGUES = Path(__file__).with_name("locales")


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
    return catalogue(locale).gettext(sentence).format(**values)


def say_in_context(locale: Locale, context: str, word: str) -> str:
    """Return a word that the other language has two words for, chosen by context."""
    return catalogue(locale).pgettext(context, word)


@dataclass(frozen=True)
class Wording:
    """How findings of one workbook are put into words."""

    book: Book
    playbook: Playbook

    def problems(self, shown_on: str, findings: Sequence[Finding]) -> str:
        """Return the text of a Problems cell on the tab `shown_on`: one problem a line."""
        return "\n".join(self.problem(shown_on, finding) for finding in findings)

    def problem(self, shown_on: str, finding: Finding) -> str:
        """Return one problem; one of another tab names that tab and the row's ID."""
        text = self._say(
            finding.code,
            field=self._headers(finding),
            value=finding.value,
            expected=finding.expected,
        )
        if finding.tab == shown_on:
            return text
        table = self.book.tables[finding.tab]
        tab = self.playbook.tabs[finding.tab].in_locale(self.book.locale)
        return self._say("elsewhere", tab=tab, id=table.text("id", finding.row), problem=text)

    def _headers(self, finding: Finding) -> str:
        table = self.book.tables[finding.tab]
        fields = self.playbook.tabs[finding.tab].fields
        names = [
            table.headers.get(key) or fields[key].in_locale(self.book.locale)
            for key in finding.fields
            if key in fields
        ]
        text = names[0] if names else self._header_of(finding)
        for name in names[1:]:
            text = self._say("or", first=text, second=name)
        return text

    def _header_of(self, finding: Finding) -> str:
        contacts: Mapping[str, str] = self.book.tables["contacts"].headers
        return contacts.get("decision_maker", finding.fields[0])

    def _say(self, code: str, **values: str) -> str:
        return say(self.book.locale, PROBLEMS[code], **values)
