"""Which company and contact a cell means: by ID, title, email or full name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import ClassVar, TypeAlias

from rules.findings import Finding
from rules.playbook import Subject
from rules.records import Records
from rules.refused import shorten
from rules.shared_keys import changed_rows
from rules.table import as_text
from rules.text import fold, fold_all, skeleton, split_several
from rules.values import Value

Rows: TypeAlias = tuple[int, ...]

MOST_NAMED = 5
"""How many candidates a problem names; a word that more rows share tells nothing."""

SHORTEST_WORD = 3
"""A shorter word tells nothing either."""


@dataclass(frozen=True)
class Referring:
    """A column of references: which row each means, and the rows whose text is doubtful."""

    texts: Sequence[Value]
    rows: Sequence[int | None]
    doubted: Sequence[int] = ()
    findings: Sequence[Finding] = ()


@dataclass(frozen=True)
class References:
    """Which row each row refers to: None where nothing or nothing certain is meant.

    The rest is what a later check goes on from.
    """

    deal_company: Sequence[int | None]
    deal_contact: Sequence[int | None]
    deal_other_contacts: Mapping[int, tuple[int, ...]]
    contact_company: Sequence[int | None]
    findings: Sequence[Finding] = field(repr=False)
    columns: Mapping[tuple[Subject, str], Referring] = field(repr=False)
    finders: tuple[CompanyFinder, ContactFinder] = field(repr=False)


def resolve_references(
    deals: Records,
    contacts: Records,
    companies: Records,
    absent: frozenset[str],
    before: References | None = None,
) -> References:
    """Return what all rows refer to. What refers to a tab that is absent is not judged.

    `before` is what the rows of an earlier state referred to; the outcome does not depend on it.
    """
    known = before.finders if before else (None, None)
    firms = CompanyFinder(companies, judged=companies.table.tab not in absent, before=known[0])
    people = ContactFinder(contacts, judged=contacts.table.tab not in absent, before=known[1])
    asked: Sequence[tuple[Records, str, Finder]] = (
        (contacts, "company", firms),
        (deals, "company", firms),
        (deals, "contact", people),
    )
    columns = {
        (source.subject, key): _refer(
            source, key, finder, before.columns[source.subject, key] if before else None
        )
        for source, key, finder in asked
    }
    findings = [finding for column in columns.values() for finding in column.findings]
    return References(
        deal_company=columns["deal", "company"].rows,
        deal_contact=columns["deal", "contact"].rows,
        deal_other_contacts=_refer_several(deals, "other_contacts", people, findings),
        contact_company=columns["contact", "company"].rows,
        findings=findings,
        columns=columns,
        finders=(firms, people),
    )


# ── Finding one's row ────────────────────────────────────────────────────────────────────────────

Index: TypeAlias = Mapping[str, Rows]
"""The rows that each folded spelling may mean, in row order, each once."""

Spelled: TypeAlias = Iterable[tuple[int, str]]
"""Rows and folded spellings of theirs."""

Spell: TypeAlias = Callable[[Records, Sequence[int]], Spelled]
"""Returns the spellings of the given rows."""


class Finder:
    """Finds the rows of one tab that a text may mean.

    With a finder of an earlier state its indexes are brought up to date by changed rows alone.
    """

    indexes: ClassVar[Mapping[str, Spell]]
    """What is indexed, and by which spellings."""

    fields: ClassVar[tuple[str, ...]]
    """The fields that rows are found by, beside their ID."""

    def __init__(self, records: Records, *, judged: bool, before: Finder | None = None) -> None:
        self.records = records
        self.judged = judged
        self._columns = (
            records.table.column("id"),
            *(records.values[key] for key in self.fields),
        )
        self._known: dict[str, Index] = {}
        self.touched: frozenset[int] | None = None
        """The rows that a text may mean now, or no longer, unlike before; None if all."""
        if before is not None and before.judged == judged:
            self._go_on(before)

    def _go_on(self, before: Finder) -> None:
        rows = changed_rows(before._columns, self._columns)
        if not rows:
            self._known, self.touched = before._known, frozenset()
            return
        if 4 * len(rows) > len(self._columns[0]):
            return
        spellings: set[str] = set()
        gone = [row for row in rows if row < len(before._columns[0])]
        come = [row for row in rows if row < len(self._columns[0])]
        for name, spell in self.indexes.items():
            old, new = list(spell(before.records, gone)), list(spell(self.records, come))
            if name in before._known:
                self._known[name] = _updated(before._known[name], old, new)
            spellings.update(spelling for _, spelling in old)
            spellings.update(spelling for _, spelling in new)
        spellings.update(self._further_spellings(before.records, gone))
        spellings.update(self._further_spellings(self.records, come))
        touched = set(rows)
        for finder in (before, self):
            for found in finder._rows_of(list(spellings)):
                touched.update(found)
        self.touched = frozenset(touched)

    def _further_spellings(self, records: Records, rows: Sequence[int]) -> Iterable[str]:
        """Return what the rows may be named by beside what is indexed."""
        return ()

    def _rows_of(self, spellings: Sequence[str]) -> Iterator[Rows]:
        """Yield all rows that may be found by the spellings, in whatever way."""
        named, ids = self.find_named(spellings), self.index("ids")
        for spelling in spellings:
            yield ids.get(spelling, ())
            yield ids.get(skeleton(spelling), ())  # a name comes before an ID on another keyboard
            yield from (found.get(spelling, ()) for found in named)

    def index(self, name: str) -> Index:
        """Return an index, made when it is first asked for."""
        if name not in self._known:
            spell = self.indexes[name]
            self._known[name] = make_index(spell(self.records, range(self.records.table.height)))
        return self._known[name]

    def find_all(self, texts: Collection[str]) -> tuple[dict[str, int], dict[str, Rows]]:
        """Return the row of each text that means one, and the rows of each other text."""
        certain: dict[str, int] = {}
        doubtful: dict[str, Rows] = {}
        if not texts:
            return certain, doubtful
        ids = self.index("ids")
        spellings = fold_all(list(texts))
        rows = list(map(ids.get, spellings))
        named = self.find_named([s for s, found in zip(spellings, rows, strict=True) if not found])
        for text, spelling, by_id in zip(texts, spellings, rows, strict=True):
            if by_id and len(by_id) == 1:
                certain[text] = by_id[0]
                continue
            found = by_id or ()
            for index in named if not found else ():
                if found := index.get(spelling, ()):
                    break
            # An ID may have been typed on the other keyboard: С-000012 with a Cyrillic С.
            found = found or ids.get(skeleton(spelling), ())
            if len(found) == 1:
                certain[text] = found[0]
            else:
                doubtful[text] = found
        return certain, doubtful

    def find_named(self, spellings: Sequence[str]) -> Sequence[Index]:
        """Return where the folded names among the spellings are found, the surest first."""
        raise NotImplementedError

    def suggest(self, texts: Iterable[str]) -> Mapping[str, Rows]:
        """Return, for texts that mean no row, a few rows that share a word of their name."""
        words = {text: [w for w in fold(text).split() if len(w) >= SHORTEST_WORD] for text in texts}
        rows = self.index("words") if any(words.values()) else {}
        return {
            text: tuple(
                dict.fromkeys(
                    row
                    for word in some
                    if len(found := rows.get(word, ())) <= MOST_NAMED
                    for row in found
                )
            )
            for text, some in words.items()
        }


def _spell(records: Records, rows: Sequence[int], key: str) -> Spelled:
    """Return the folded texts of a field."""
    column = records.values[key]
    return zip(rows, fold_all([_text(column[row]) for row in rows]), strict=True)


def _spell_ids(records: Records, rows: Sequence[int]) -> Spelled:
    column = records.table.column("id")
    return zip(rows, fold_all([as_text(column[row]) for row in rows]), strict=True)


def _words(spelled: Spelled) -> Spelled:
    for row, spelling in spelled:
        for word in spelling.split():
            if len(word) >= SHORTEST_WORD:
                yield row, word


def _spell_more_titles(records: Records, rows: Sequence[int]) -> Spelled:
    column = records.values["additional_titles"]
    for row in rows:
        if isinstance(text := column[row], str):
            for title in split_several(text):
                yield row, fold(title)


def _spell_addresses(records: Records, rows: Sequence[int]) -> Spelled:
    for key in ("email", "additional_email"):
        column = records.values[key]
        for row in rows:
            if isinstance(several := column[row], tuple):
                for address in several:
                    yield row, address


def _spell_first_words(records: Records, rows: Sequence[int]) -> Spelled:
    """Return the word by which a full name is looked up: the first of the last name, if any."""
    firsts, lasts = _spell(records, rows, "first_name"), _spell(records, rows, "last_name")
    for (row, first), (_, last) in zip(firsts, lasts, strict=True):
        yield row, (last or first).partition(" ")[0]


class CompanyFinder(Finder):
    """Finds companies by ID, title or one of their additional titles."""

    fields = ("title", "additional_titles")
    indexes: ClassVar[Mapping[str, Spell]] = {
        "ids": _spell_ids,
        "titles": lambda records, rows: _spell(records, rows, "title"),
        "more": _spell_more_titles,
        "words": lambda records, rows: _words(_spell(records, rows, "title")),
    }

    def find_named(self, spellings: Sequence[str]) -> Sequence[Index]:
        """Return the titles, then the additional ones."""
        return (self.index("titles"), self.index("more")) if spellings else ()


class ContactFinder(Finder):
    """Finds contacts by ID, one of their addresses, or their full name in either order."""

    fields = ("email", "additional_email", "first_name", "patronymic", "last_name")
    indexes: ClassVar[Mapping[str, Spell]] = {
        "ids": _spell_ids,
        "addresses": _spell_addresses,
        "first_words": _spell_first_words,
        "words": lambda records, rows: _words(_spell(records, rows, "last_name")),
    }

    def find_named(self, spellings: Sequence[str]) -> Sequence[Index]:
        """Return the addresses, then the full names that may be meant."""
        if not spellings:
            return ()
        by_address = self.index("addresses")
        return by_address, self._full_names([s for s in spellings if s not in by_address])

    def _full_names(self, spellings: Sequence[str]) -> Index:
        words = {word for spelling in spellings for word in spelling.split()}
        if not words:
            return {}
        by_word = self.index("first_words")
        rows = sorted({row for word in words for row in by_word.get(word, ())})
        return make_index((row, fold(n)) for row in rows for n in full_names(self.records, row))

    def _further_spellings(self, records: Records, rows: Sequence[int]) -> Iterable[str]:
        return (fold(name) for row in rows for name in full_names(records, row))

    def _rows_of(self, spellings: Sequence[str]) -> Iterator[Rows]:
        yield from super()._rows_of(spellings)
        names = self._full_names(spellings)  # those that are addresses as well
        yield from (names.get(spelling, ()) for spelling in spellings)


def make_index(spelled: Spelled) -> Index:
    """Return the rows of each spelling."""
    pairs = list(spelled)
    index: dict[str, Rows] = {spelling: (row,) for row, spelling in pairs}
    if len(index) < len(pairs):
        several: dict[str, set[int]] = {}
        for row, spelling in pairs:
            if index[spelling][0] != row:
                several.setdefault(spelling, set()).add(row)
        for spelling, rows in several.items():
            index[spelling] = tuple(sorted({*rows, *index[spelling]}))
    index.pop("", None)
    return index


def _updated(index: Index, gone: Spelled, come: Spelled) -> Index:
    """Return the index without the spellings that rows had, and with those that they have."""
    changes: dict[str, tuple[set[int], set[int]]] = {}
    for at, spelled in enumerate((gone, come)):
        for row, spelling in spelled:
            if spelling:
                changes.setdefault(spelling, (set(), set()))[at].add(row)
    updated = dict(index)
    for spelling, (old, new) in changes.items():
        if rows := tuple(sorted(new.union(set(index.get(spelling, ())) - old))):
            updated[spelling] = rows
        else:
            updated.pop(spelling, None)
    return updated


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


def _refer(source: Records, key: str, finder: Finder, before: Referring | None) -> Referring:
    texts = source.values[key]
    if not finder.judged:
        return Referring(texts, [None] * len(texts))
    if before is None or finder.touched is None:
        return _refer_anew(source, key, finder, range(len(texts)), [None] * len(texts))
    changed = changed_rows((before.texts,), (texts,))
    if not changed and not finder.touched and len(before.texts) == len(texts):
        return before
    height = len(texts)
    rows = [*before.rows[:height], *[None] * (height - len(before.rows))]
    # Another row may be meant where the text, or the row meant so far, has to do with a change.
    anew = {*changed, *before.doubted}
    if finder.touched:
        anew.update(compress(range(height), map(finder.touched.__contains__, rows)))
    return _refer_anew(source, key, finder, sorted(r for r in anew if r < height), rows)


def _refer_anew(
    source: Records, key: str, finder: Finder, anew: Sequence[int], rows: list[int | None]
) -> Referring:
    """Return the references with those of some rows found anew."""
    texts = source.values[key]
    whole = len(anew) == len(texts)
    some = texts if whole else [texts[row] for row in anew]
    certain, doubtful = finder.find_all({text for text in set(some) if isinstance(text, str)})
    found: Sequence[int | None] = list(map(certain.get, some))  # type: ignore[arg-type]  # what is no text means none
    if whole:
        rows = list(found)
    else:
        for row, meant in zip(anew, found, strict=True):
            rows[row] = meant
    doubted = list(compress(anew, map(doubtful.__contains__, some))) if doubtful else []
    doubts = _doubts(doubtful, finder) if doubtful else {}
    findings = [_finding(source, row, key, str(texts[row]), doubts) for row in doubted]
    return Referring(texts, rows, doubted, findings)


def _refer_several(
    source: Records, key: str, finder: Finder, findings: list[Finding]
) -> Mapping[int, Rows]:
    texts = {row: text for row, text in enumerate(source.values[key]) if isinstance(text, str)}
    if not texts:
        return {}
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
        named = sorted(ids.text("id", row) or "?" for row in rows)
        doubts[text] = (code, ", ".join(named[:MOST_NAMED]))
    return doubts


def _finding(
    source: Records, row: int, key: str, text: str, doubts: Mapping[str, tuple[str, str]]
) -> Finding:
    code, candidates = doubts[text]
    return Finding("error", code, source.table.tab, row, (key,), shorten(text), candidates)
