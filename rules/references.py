"""Which company and contact a cell means: by ID, title, email or full name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from rules.findings import Finding
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

    def find_all(self, texts: Sequence[str]) -> Mapping[str, Rows]:
        """Return, for each text, the rows that the first way of looking knows."""
        found: dict[str, Rows] = {}
        ids = self._row_by_id
        others = []
        for text in texts:
            if (row := ids.get(text)) is not None:
                found[text] = (row,)
            else:
                others.append(text)
        for text, spelling in zip(others, fold_all(others), strict=True):
            found[text] = self._find(spelling)
        return found

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

    def _find(self, spelling: str) -> Rows:
        return (
            self._rows_by_spelled_id.get(spelling)
            or self._named(spelling)
            or self._rows_by_mistyped_id.get(skeleton(spelling), ())
        )

    def _named(self, spelling: str) -> Rows:
        raise NotImplementedError

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

    @cached_property
    def _rows_by_mistyped_id(self) -> Mapping[str, Rows]:
        """IDs typed on the other keyboard: С-000012 with a Cyrillic С."""
        return make_index(
            (row, skeleton(spelling))
            for spelling, rows in self._rows_by_spelled_id.items()
            for row in rows
        )


class CompanyFinder(Finder):
    """Finds companies by ID, title or one of their additional titles."""

    def _named(self, spelling: str) -> Rows:
        return self._rows_by_title.get(spelling) or self._rows_by_more.get(spelling, ())

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

    def _named(self, spelling: str) -> Rows:
        return self._rows_by_address.get(spelling) or self._rows_by_name.get(spelling, ())

    def _spelled_names(self) -> Iterable[tuple[int, str]]:
        return enumerate(fold_all(list(map(_text, self.records.values["last_name"]))))

    @cached_property
    def _rows_by_address(self) -> Mapping[str, Rows]:
        return make_index(
            (row, address)
            for key in ("email", "additional_email")
            for row, several in enumerate(self.records.values[key])
            if isinstance(several, tuple)
            for address in several
        )

    @cached_property
    def _rows_by_name(self) -> Mapping[str, Rows]:
        names = [(row, name) for row in self.records.rows for name in full_names(self.records, row)]
        spellings = fold_all([name for _, name in names])
        return make_index(zip((row for row, _ in names), spellings, strict=True))


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
    meant = finder.find_all([text for text in set(texts) if isinstance(text, str)])
    certain: dict[Value, int] = {text: rows[0] for text, rows in meant.items() if len(rows) == 1}
    doubtful = {text for text in meant if text not in certain}
    if doubtful and finder.judged:
        doubts = _doubts(doubtful, meant, finder)
        findings += [
            _finding(source, row, key, str(text), doubts)
            for row, text in enumerate(texts)
            if text in doubtful
        ]
    return list(map(certain.get, texts))


def _refer_several(
    source: Records, key: str, finder: Finder, findings: list[Finding]
) -> Mapping[int, Rows]:
    texts = {row: text for row, text in enumerate(source.values[key]) if isinstance(text, str)}
    parts = {row: split_several(text) for row, text in texts.items()}
    meant = finder.find_all(list(dict.fromkeys(part for some in parts.values() for part in some)))
    if finder.judged:
        doubts = _doubts({text for text, rows in meant.items() if len(rows) != 1}, meant, finder)
        findings += [
            _finding(source, row, key, part, doubts)
            for row, some in parts.items()
            for part in some
            if part in doubts
        ]
    return {
        row: tuple(meant[part][0] for part in some if len(meant[part]) == 1)
        for row, some in parts.items()
    }


def _doubts(
    texts: Iterable[str], meant: Mapping[str, Rows], finder: Finder
) -> Mapping[str, tuple[str, str]]:
    """Return, for texts that mean no row, or several, the code of the problem and candidates."""
    subject, ids = finder.records.subject, finder.records.table
    close = finder.suggest(text for text in texts if not meant[text])
    doubts = {}
    for text in texts:
        rows = meant[text] or close[text]
        unknown = f"{subject}_{'close' if rows else 'not_found'}"
        named = ", ".join(ids.text("id", row) or "?" for row in rows[:MOST_NAMED])
        doubts[text] = ("several_found" if meant[text] else unknown, named)
    return doubts


def _finding(
    source: Records, row: int, key: str, text: str, doubts: Mapping[str, tuple[str, str]]
) -> Finding:
    code, candidates = doubts[text]
    return Finding("error", code, source.table.tab, row, (key,), shorten(text), candidates)
