"""Which company and contact a cell means: by ID, title, email or full name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from rules.findings import Finding
from rules.playbook import Subject
from rules.records import Records
from rules.refused import shorten
from rules.table import as_text
from rules.text import fold, fold_all, skeleton, split_several
from rules.values import Value

Rows: TypeAlias = tuple[int, ...]

MOST_NAMED = 5
"""How many candidates a problem names; a word that more rows share tells nothing."""

SHORTEST_WORD = 3
"""A shorter word tells nothing either."""


@dataclass(frozen=True)
class References:
    """Which row each row refers to: None where nothing or nothing certain is meant."""

    deal_company: Sequence[int | None]
    deal_contact: Sequence[int | None]
    deal_other_contacts: Mapping[int, tuple[int, ...]]
    contact_company: Sequence[int | None]
    findings: Sequence[Finding] = field(repr=False)


def resolve_references(
    deals: Records, contacts: Records, companies: Records, absent: frozenset[str]
) -> References:
    """Return what all rows refer to. What refers to a tab that is absent is not judged."""
    findings: list[Finding] = []
    people = ContactFinder(contacts, judged=contacts.table.tab not in absent)
    firms = CompanyFinder(companies, judged=companies.table.tab not in absent)
    return References(
        deal_company=_refer(deals, "company", firms, findings),
        deal_contact=_refer(deals, "contact", people, findings),
        deal_other_contacts=_refer_several(deals, "other_contacts", people, findings),
        contact_company=_refer(contacts, "company", firms, findings),
        findings=findings,
    )


# ── Finding one's row ────────────────────────────────────────────────────────────────────────────


class Finder:
    """Finds the rows of one tab that a text may mean."""

    def __init__(self, records: Records, *, judged: bool) -> None:
        self.records = records
        self.judged = judged

    def find_all(self, texts: Collection[str]) -> tuple[dict[str, int], dict[str, Rows]]:
        """Return the row of each text that means one, and the rows of each other text."""
        rows = dict(zip(texts, map(self._row_by_id.get, texts), strict=True))
        others = [text for text, row in rows.items() if row is None]
        certain = {text: row for text, row in rows.items() if row is not None}
        doubtful: dict[str, Rows] = {}
        spellings = fold_all(others)
        named = self._find_named(spellings)
        for text, spelling in zip(others, spellings, strict=True):
            found = self._rows_by_spelled_id.get(spelling) or named.get(spelling, ())
            # An ID may have been typed on the other keyboard: С-000012 with a Cyrillic С.
            found = found or self._rows_by_spelled_id.get(skeleton(spelling), ())
            if len(found) == 1:
                certain[text] = found[0]
            else:
                doubtful[text] = found
        return certain, doubtful

    def _find_named(self, spellings: Sequence[str]) -> Mapping[str, Rows]:
        """Return the rows of the folded names among the spellings."""
        raise NotImplementedError

    def suggest(self, texts: Iterable[str]) -> Mapping[str, Rows]:
        """Return, for texts that mean no row, a few rows that share a word of their name."""
        words = {text: [w for w in fold(text).split() if len(w) >= SHORTEST_WORD] for text in texts}
        rows: dict[str, list[int]] = {word: [] for some in words.values() for word in some}
        for row, spelling in self._spelled_names() if rows else ():
            for word in spelling.split():
                if word in rows:
                    rows[word].append(row)
        return {
            text: tuple(
                dict.fromkeys(
                    row for word in some if len(rows[word]) <= MOST_NAMED for row in rows[word]
                )
            )[:MOST_NAMED]
            for text, some in words.items()
        }

    def _spelled_names(self) -> Iterable[tuple[int, str]]:
        """Return the names by whose words a row is suggested, folded."""
        raise NotImplementedError

    @cached_property
    def _row_by_id(self) -> Mapping[str, int]:
        """The row of each ID as it stands; none if two are one ID, which takes a closer look."""
        rows = {text: row for row, text in self._ids if text}
        unique = len({spelling for spelling in self._spelled_ids if spelling}) == len(rows)
        return rows if unique else {}

    @cached_property
    def _ids(self) -> Sequence[tuple[int, str]]:
        return [(row, as_text(cell)) for row, cell in enumerate(self.records.table.column("id"))]

    @cached_property
    def _spelled_ids(self) -> Sequence[str]:
        return fold_all([text for _, text in self._ids])

    @cached_property
    def _rows_by_spelled_id(self) -> Mapping[str, Rows]:
        return make_index(enumerate(self._spelled_ids))


class CompanyFinder(Finder):
    """Finds companies by ID, title or one of their additional titles."""

    def _find_named(self, spellings: Sequence[str]) -> Mapping[str, Rows]:
        return {**self._rows_by_more, **self._rows_by_title} if spellings else {}

    def _spelled_names(self) -> Iterable[tuple[int, str]]:
        return ((row, title) for title, rows in self._rows_by_title.items() for row in rows)

    @cached_property
    def _titles(self) -> Sequence[tuple[int, str]]:
        titles = self.records.values["title"]
        return [(row, text) for row in self.records.rows if isinstance(text := titles[row], str)]

    @cached_property
    def _rows_by_title(self) -> Mapping[str, Rows]:
        spellings = fold_all([title for _, title in self._titles])
        return make_index(zip((row for row, _ in self._titles), spellings, strict=True))

    @cached_property
    def _rows_by_more(self) -> Mapping[str, Rows]:
        more = self.records.values["additional_titles"]
        return make_index(
            (row, fold(title))
            for row in self.records.rows
            if isinstance(text := more[row], str)
            for title in split_several(text)
        )


class ContactFinder(Finder):
    """Finds contacts by ID, one of their addresses, or their full name in either order."""

    def _find_named(self, spellings: Sequence[str]) -> Mapping[str, Rows]:
        addresses = self._rows_by_address if spellings else {}
        names = [spelling for spelling in spellings if spelling not in addresses]
        return {**self._find_full_names(names), **addresses}

    def _spelled_names(self) -> Iterable[tuple[int, str]]:
        return enumerate(self._spelled("last_name"))

    @cached_property
    def _rows_by_address(self) -> Mapping[str, Rows]:
        return make_index(
            (row, address)
            for key in ("email", "additional_email")
            for row, several in enumerate(self.records.values[key])
            if isinstance(several, tuple)
            for address in several
        )

    def _find_full_names(self, spellings: Sequence[str]) -> Mapping[str, Rows]:
        """Return the rows of contacts by name; only those that may be meant are looked at."""
        words = {word for spelling in spellings for word in spelling.split()}
        if not words:
            return {}
        firsts, lasts = self._spelled("first_name"), self._spelled("last_name")
        rows = [
            row
            for row, (first, last) in enumerate(zip(firsts, lasts, strict=True))
            if (last or first).partition(" ")[0] in words
        ]
        return make_index((row, fold(n)) for row in rows for n in full_names(self.records, row))

    def _spelled(self, key: str) -> Sequence[str]:
        return fold_all(list(map(_text, self.records.values[key])))


def make_index(spellings: Iterable[tuple[int, str]]) -> Mapping[str, Rows]:
    """Return the rows that each folded spelling may mean, in row order, each once."""
    rows: dict[str, Rows] = {}
    for row, spelling in spellings:
        if spelling:
            known = rows.setdefault(spelling, (row,))
            if row not in known:
                rows[spelling] = tuple(sorted((*known, row)))
    return rows


def addresses(contacts: Records, row: int) -> tuple[str, ...]:
    """Return all email addresses of a contact, in lower case, the main one first."""
    found: list[str] = []
    for key in ("email", "additional_email"):
        value = contacts.values[key][row]
        found += value if isinstance(value, tuple) else ()
    return tuple(dict.fromkeys(found))


def full_names(contacts: Records, row: int) -> tuple[str, ...]:
    """Return the ways in which a contact's full name is written: both orders, with patronymic."""
    first, middle, last = (
        _text(contacts.values[key][row]) for key in ("first_name", "patronymic", "last_name")
    )
    if not first or not last:
        return (first or last,)
    names = [f"{first} {last}", f"{last} {first}"]
    if middle:
        names += [f"{first} {middle} {last}", f"{last} {first} {middle}"]
    return tuple(names)


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""


# ── Columns of references ────────────────────────────────────────────────────────────────────────


def _refer(
    source: Records, key: str, finder: Finder, findings: list[Finding]
) -> Sequence[int | None]:
    texts = source.values[key]
    if not finder.judged:
        return [None] * len(texts)
    certain, doubtful = finder.find_all({text for text in set(texts) if isinstance(text, str)})
    if doubtful:
        doubts = _doubts(doubtful, finder)
        findings += [
            _finding(source, row, key, text, doubts)
            for row, text in enumerate(texts)
            if isinstance(text, str) and text in doubts
        ]
    return list(map(certain.get, texts))  # type: ignore[arg-type]  # what is no text means none


def _refer_several(
    source: Records, key: str, finder: Finder, findings: list[Finding]
) -> Mapping[int, Rows]:
    texts = {row: text for row, text in enumerate(source.values[key]) if isinstance(text, str)}
    parts = {row: split_several(text) for row, text in texts.items()}
    certain, doubtful = finder.find_all({part for some in parts.values() for part in some})
    if doubtful and finder.judged:
        doubts = _doubts(doubtful, finder)
        findings += [
            _finding(source, row, key, part, doubts)
            for row, some in parts.items()
            for part in some
            if part in doubts
        ]
    return {
        row: tuple(certain[part] for part in some if part in certain) for row, some in parts.items()
    }


_UNKNOWN: Mapping[Subject, tuple[str, str]] = {
    "company": ("company_not_found", "company_close"),
    "contact": ("contact_not_found", "contact_close"),
}
"""The problem's code where nothing is found: without and with a suggestion."""


def _doubts(doubtful: Mapping[str, Rows], finder: Finder) -> Mapping[str, tuple[str, str]]:
    """Return, for texts that mean no row, or several, the code of the problem and candidates."""
    unknown, close_code = _UNKNOWN[finder.records.subject]
    ids = finder.records.table
    close = finder.suggest(text for text, rows in doubtful.items() if not rows)
    doubts = {}
    for text, meant in doubtful.items():
        rows = meant or close[text]
        code = "several_found" if meant else close_code if rows else unknown
        doubts[text] = (code, ", ".join(ids.text("id", row) or "?" for row in rows[:MOST_NAMED]))
    return doubts


def _finding(
    source: Records, row: int, key: str, text: str, doubts: Mapping[str, tuple[str, str]]
) -> Finding:
    code, candidates = doubts[text]
    return Finding("error", code, source.table.tab, row, (key,), shorten(text), candidates)
