"""Which company and contact a cell means: by ID, title, email or full name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, compress, repeat
from operator import is_, is_not, ne, not_
from typing import ClassVar, TypeAlias

from rules.findings import Finding
from rules.playbook import Subject
from rules.records import Records
from rules.refused import shorten
from rules.shared_keys import changed_rows
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


@dataclass(frozen=True)
class Index:
    """The rows that each folded spelling may mean.

    `one` holds the row of a spelling that means a single one, `several` those of the others, in row
    order, each once.
    """

    one: Mapping[str, int]
    several: Mapping[str, Rows]

    def rows(self, spelling: str) -> Rows:
        """Return the rows that the spelling may mean."""
        row = self.one.get(spelling)
        return self.several.get(spelling, ()) if row is None else (row,)


Spelled: TypeAlias = tuple[Sequence[int], Sequence[str]]
"""Rows and folded spellings of theirs, as many; "" is none."""

Spell: TypeAlias = Callable[[Records, Sequence[int]], Spelled]
"""Returns the spellings of the given rows."""


class Finder:
    """Finds the rows of one tab that a text may mean.

    With a finder of an earlier state its indexes are brought up to date by changed rows alone.
    """

    indexes: ClassVar[Mapping[str, Spell]]
    """What is indexed, and by which spellings."""

    further: Spell
    """What rows may be named by beside what is indexed."""

    fields: ClassVar[tuple[str, ...]]
    """The fields that rows are found by, beside their ID."""

    named_by: ClassVar[tuple[str, str]]
    """The field whose words tell which rows may be meant, and the index that it is found by."""

    def __init__(self, records: Records, *, judged: bool, before: Finder | None = None) -> None:
        self.records = records
        self.judged = judged
        self._columns = (
            records.table.column("id"),
            *(records.values[key] for key in self.fields),
        )
        self._known: dict[str, Index] = {}
        self._by_word: dict[str, Rows] = {}
        self.touched: frozenset[int] | None = None
        """The rows that a text may mean now, or no longer, unlike before; None if all."""
        if before is not None and before.judged == judged:
            self._go_on(before)

    def _go_on(self, before: Finder) -> None:
        rows = changed_rows(before._columns, self._columns)
        if not rows:
            self._known, self._by_word = before._known, before._by_word
            self.touched = frozenset()
            return
        if 4 * len(rows) > len(self._columns[0]):
            return
        spellings: set[str] = set()
        gone = [row for row in rows if row < len(before._columns[0])]
        come = [row for row in rows if row < len(self._columns[0])]
        for name, spell in (*self.indexes.items(), ("", self.further)):
            old = set(zip(*spell(before.records, gone), strict=True))
            new = set(zip(*spell(self.records, come), strict=True))
            if name in before._known:
                self._known[name] = _updated(before._known[name], old - new, new - old)
            spellings.update(spelling for _, spelling in old ^ new)
        changed = frozenset(rows)
        words = frozenset(before._by_word)
        now = self._rows_by_word(words, come)
        self._by_word = {
            word: tuple(sorted({*now[word], *(row for row in found if row not in changed)}))
            for word, found in before._by_word.items()
        }
        touched = set(rows)
        for finder in (before, self):
            touched.update(chain.from_iterable(finder._rows_of(list(spellings))))
        self.touched = frozenset(touched)

    def _rows_of(self, spellings: Sequence[str]) -> Iterator[Rows]:
        """Yield all rows that may be found by the spellings, in whatever way."""
        named, ids = self.find_named(spellings), self.index("ids")
        for spelling in spellings:
            yield ids.rows(_as_id(spelling))
            yield ids.rows(_as_id(skeleton(spelling)))  # a name comes before another keyboard's ID
            yield from (index.rows(spelling) for index in named)

    def index(self, name: str) -> Index:
        """Return an index, made when it is first asked for."""
        if name not in self._known:
            self._known[name] = make_index(self.indexes[name](self.records, self._rows))
        return self._known[name]

    @cached_property
    def _rows(self) -> Sequence[int]:
        return list(range(self.records.table.height))  # the numbers are shared by all indexes

    def find_ids(self, texts: Sequence[str]) -> list[int | None]:
        """Return the row of each text that is an ID, None for what else there is."""
        rows = list(map(self.index("ids").one.get, texts))
        left = [at for at, row in enumerate(rows) if row is None and texts[at]]
        spellings = fold_all([texts[at] for at in left])
        for at, row in zip(
            left, map(self.index("ids").one.get, map(_as_id, spellings)), strict=True
        ):
            rows[at] = row
        return rows

    def find_all(self, texts: Collection[str]) -> tuple[dict[str, int], dict[str, Rows]]:
        """Return the row of each text that means one, and the rows of each other text."""
        found = _Found(dict(zip(texts, fold_all(list(texts)), strict=True)))
        if not texts:
            return found.certain, found.doubtful
        ids = self.index("ids")
        found.look_up(ids, _as_id)
        for index in self.find_named(list(found.missing.values())):
            found.look_up(index)
        # An ID may have been typed on the other keyboard: С-000012 with a Cyrillic С.
        found.look_up(ids, lambda spelling: _as_id(skeleton(spelling)))
        found.doubtful.update(dict.fromkeys(found.missing, ()))
        return found.certain, found.doubtful

    def find_named(self, spellings: Sequence[str]) -> Sequence[Index]:
        """Return where the folded names among the spellings are found, the surest first."""
        raise NotImplementedError

    def suggest(self, texts: Iterable[str]) -> Mapping[str, Rows]:
        """Return, for texts that mean no row, a few rows that share a word of their name."""
        words = {text: [w for w in fold(text).split() if len(w) >= SHORTEST_WORD] for text in texts}
        self._look_for(frozenset(chain.from_iterable(words.values())))
        return {
            text: tuple(
                dict.fromkeys(
                    row
                    for word in some
                    if len(found := self._by_word[word]) <= MOST_NAMED
                    for row in found
                )
            )
            for text, some in words.items()
        }

    def _look_for(self, words: frozenset[str]) -> None:
        """Find the rows that hold the words in their names, where that is not known yet."""
        if new := words - self._by_word.keys():
            index = self.index(self.named_by[1])
            names = [*index.one, *index.several]
            hits = compress(names, map(not_, map(new.isdisjoint, map(str.split, names))))
            rows = sorted({row for name in hits for row in index.rows(name)})
            self._by_word = {**self._by_word, **self._rows_by_word(new, rows)}

    def _rows_by_word(self, words: frozenset[str], rows: Iterable[int]) -> Mapping[str, Rows]:
        """Return those of the rows that hold each of the words in their name."""
        found: dict[str, list[int]] = {word: [] for word in words}
        column = self.records.values[self.named_by[0]]
        for row in rows if found else ():
            for word in words.intersection(fold(_text(column[row])).split()):
                found[word].append(row)
        return {word: tuple(some) for word, some in found.items()}


@dataclass
class _Found:
    """Texts that are looked up: what they mean, and the spellings of those not found so far."""

    missing: dict[str, str]
    certain: dict[str, int] = field(default_factory=dict)
    doubtful: dict[str, Rows] = field(default_factory=dict)

    def look_up(self, index: Index, key: Callable[[str], str] = str) -> None:
        """Look up what is missing, by the keys of its spellings."""
        texts, spellings = self.missing.keys(), list(map(key, self.missing.values()))
        rows = list(map(index.one.get, spellings))
        left = list(map(is_, rows, repeat(None)))
        if not any(left):
            self.certain.update(zip(texts, rows, strict=True))  # type: ignore[arg-type]  # as was just seen
            self.missing = {}
            return
        found = map(is_not, rows, repeat(None))
        self.certain.update(compress(zip(texts, rows, strict=True), found))  # type: ignore[arg-type]  # none is None
        self.missing = dict(compress(self.missing.items(), left))
        if index.several:
            for text, spelling in list(self.missing.items()):
                if rows_of_it := index.several.get(key(spelling)):
                    self.doubtful[text] = rows_of_it
                    del self.missing[text]


def _spell(records: Records, rows: Sequence[int], key: str) -> Spelled:
    """Return the folded texts of a field."""
    column = records.values[key]
    return rows, fold_all([_text(column[row]) for row in rows])


def _spell_ids(records: Records, rows: Sequence[int]) -> Spelled:
    texts = [records.table.ids[row] for row in rows]
    keys = map(_as_id, fold_all(texts))
    return rows, [text if text == key else key for text, key in zip(texts, keys, strict=True)]


def _as_id(spelling: str) -> str:
    """Return a folded text as IDs are indexed: in capitals, as they stand in their column."""
    return spelling.upper() if spelling.isascii() else spelling


def _flat(rows: Sequence[int], several: Sequence[Sequence[str]]) -> Spelled:
    """Return the spellings of rows that may have several."""
    owners = [row for row, some in zip(rows, several, strict=True) for _ in some]
    return owners, list(chain.from_iterable(several))


def _spell_more_titles(records: Records, rows: Sequence[int]) -> Spelled:
    column = records.values["additional_titles"]
    texts = ((row, text) for row in rows if isinstance(text := column[row], str))
    pairs = [(row, fold(title)) for row, text in texts for title in split_several(text)]
    return [row for row, _ in pairs], [title for _, title in pairs]


def _spell_addresses(records: Records, rows: Sequence[int]) -> Spelled:
    several: list[tuple[str, ...]] = []
    for key in ("email", "additional_email"):
        column = records.values[key]
        several += [_several(column[row]) for row in rows]
    return _flat([*rows, *rows], several)


def _spell_last_names(records: Records, rows: Sequence[int]) -> Spelled:
    """Return the last names, first names where there is none; of several words the first, too."""
    firsts, lasts = records.values["first_name"], records.values["last_name"]
    names = fold_all([_text(lasts[row]) or _text(firsts[row]) for row in rows])
    longer = [(row, name) for row, name in zip(rows, names, strict=True) if " " in name]
    first_words = [name.partition(" ")[0] for _, name in longer]
    return [*rows, *(row for row, _ in longer)], [*names, *first_words]


class CompanyFinder(Finder):
    """Finds companies by ID, title or one of their additional titles."""

    fields = ("title", "additional_titles")
    named_by = ("title", "titles")
    indexes: ClassVar[Mapping[str, Spell]] = {
        "ids": _spell_ids,
        "titles": lambda records, rows: _spell(records, rows, "title"),
        "more": _spell_more_titles,
    }

    @staticmethod
    def further(records: Records, rows: Sequence[int]) -> Spelled:
        """Return nothing: all names are indexed."""
        return (), ()

    def find_named(self, spellings: Sequence[str]) -> Sequence[Index]:
        """Return the titles, then the additional ones."""
        return (self.index("titles"), self.index("more")) if spellings else ()


class ContactFinder(Finder):
    """Finds contacts by ID, one of their addresses, or their full name in either order."""

    fields = ("email", "additional_email", "first_name", "patronymic", "last_name")
    named_by = ("last_name", "last_names")
    indexes: ClassVar[Mapping[str, Spell]] = {
        "ids": _spell_ids,
        "addresses": _spell_addresses,
        "last_names": _spell_last_names,
    }

    @staticmethod
    def further(records: Records, rows: Sequence[int]) -> Spelled:
        """Return the full names."""
        return _flat(rows, [list(map(fold, full_names(records, row))) for row in rows])

    def find_named(self, spellings: Sequence[str]) -> Sequence[Index]:
        """Return the addresses, then the full names that may be meant."""
        if not spellings:
            return ()
        by_address = self.index("addresses")
        return by_address, self._full_names([s for s in spellings if not by_address.rows(s)])

    def _full_names(self, spellings: Sequence[str]) -> Index:
        words = {word for spelling in spellings for word in spelling.split()}
        if not words:
            return Index({}, {})
        by_word = self.index("last_names")
        rows = sorted({row for word in words for row in by_word.rows(word)})
        return make_index(self.further(self.records, rows))

    def _rows_of(self, spellings: Sequence[str]) -> Iterator[Rows]:
        yield from super()._rows_of(spellings)
        names = self._full_names(spellings)  # those that are addresses as well
        yield from map(names.rows, spellings)


def make_index(spelled: Spelled) -> Index:
    """Return the rows of each spelling."""
    rows, spellings = spelled
    one = dict(zip(spellings, rows, strict=True))
    one.pop("", None)
    several: dict[str, set[int]] = {}
    if len(one) < len(spellings):
        others = map(ne, map(one.get, spellings), rows)
        for row, spelling in compress(zip(rows, spellings, strict=True), others):
            if spelling:
                several.setdefault(spelling, {one[spelling]}).add(row)
        for spelling in several:
            del one[spelling]
    return Index(one, {spelling: tuple(sorted(found)) for spelling, found in several.items()})


def _updated(
    index: Index, gone: Collection[tuple[int, str]], come: Collection[tuple[int, str]]
) -> Index:
    """Return the index without the spellings that rows had, and with those that they have."""
    if not gone and not come:
        return index
    changes: dict[str, tuple[set[int], set[int]]] = {}
    for at, spelled in enumerate((gone, come)):
        for row, spelling in spelled:
            if spelling:
                changes.setdefault(spelling, (set(), set()))[at].add(row)
    one, several = dict(index.one), dict(index.several)
    for spelling, (old, new) in changes.items():
        rows = tuple(sorted(new.union(set(index.rows(spelling)) - old)))
        one.pop(spelling, None)
        several.pop(spelling, None)
        if len(rows) == 1:
            one[spelling] = rows[0]
        elif rows:
            several[spelling] = rows
    return Index(one, several)


def addresses(contacts: Records, row: int) -> tuple[str, ...]:
    """Return all email addresses of a contact, in lower case, the main one first."""
    found: list[str] = []
    for key in ("email", "additional_email"):
        found += _several(contacts.values[key][row])
    return tuple(dict.fromkeys(found))


def full_name(first: str, last: str) -> str:
    """Return a contact's name as it is shown: first and last name, or the one that there is."""
    return f"{first} {last}" if first and last else first or last


def full_names(contacts: Records, row: int) -> tuple[str, ...]:
    """Return the ways in which a contact's full name is written: both orders, with patronymic."""
    first, middle, last = (
        _text(contacts.values[key][row]) for key in ("first_name", "patronymic", "last_name")
    )
    if not first or not last:
        return (full_name(first, last),)
    names = [full_name(first, last), full_name(last, first)]
    if middle:
        names += [f"{first} {middle} {last}", f"{last} {first} {middle}"]
    return tuple(names)


def _several(value: Value) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()


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
    some = [_text(text) for text in (texts if whole else [texts[row] for row in anew])]
    found = finder.find_ids(some)
    left = [at for at, row in enumerate(found) if row is None and some[at]]
    certain, doubtful = finder.find_all({some[at] for at in left})
    for at in left:
        found[at] = certain.get(some[at])
    if whole:
        rows = found
    else:
        for row, meant in zip(anew, found, strict=True):
            rows[row] = meant
    doubted = [anew[at] for at in left if some[at] in doubtful]
    doubts = _doubts(doubtful, finder) if doubtful else {}
    findings = [_finding(source, row, key, str(texts[row]), doubts) for row in doubted]
    return Referring(texts, rows, doubted, findings)


def _refer_several(
    source: Records, key: str, finder: Finder, findings: list[Finding]
) -> Mapping[int, Rows]:
    filled = compress(enumerate(source.values[key]), source.values[key])
    texts = {row: text for row, text in filled if isinstance(text, str)}
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
