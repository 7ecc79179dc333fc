"""Which company and contact a cell means: by ID, title, email or full name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, compress, repeat
from operator import is_, is_not, ne, not_
from typing import Any, ClassVar, Generic, NamedTuple, TypeAlias, TypeVar, cast

from rules.findings import Finding
from rules.playbook import SUBJECT_TABS, Subject
from rules.records import Records
from rules.refused import shorten
from rules.rows import cells_at
from rules.shared_keys import (
    FEW,
    Columns,
    Hashes,
    Keys,
    as_keys,
    differing_rows,
    each_key,
    keys_of_cells,
    rows_with_several,
)
from rules.text import fold, fold_all, skeleton, split_several

Rows: TypeAlias = tuple[int, ...]
R = TypeVar("R")
T = TypeVar("T")

MOST_NAMED = 5
"""How many candidates a problem names; a word that more rows share tells nothing."""

SHORTEST_WORD = 3
"""A shorter word tells nothing either."""


class Doubt(NamedTuple):
    """Why a text means nothing for certain: the problem's code, and the candidates' IDs."""

    code: str
    candidates: str
    rows: Rows


Doubted: TypeAlias = Mapping[int, Sequence[tuple[str, Doubt]]]
"""The doubtful texts of rows."""


@dataclass(frozen=True)
class Referring(Generic[R]):
    """A column of references: which row each row means, or which rows if it may mean several.

    `touched` are the rows of which something else is said
    than before; None if any may be.
    """

    rows: R
    doubted: Doubted
    touched: Collection[int] | None


One: TypeAlias = Referring[Sequence[int | None]]
Several: TypeAlias = Referring[Mapping[int, Rows]]


@dataclass(frozen=True)
class References:
    """Which row each row refers to: None where nothing or nothing certain is meant.

    The rest is what a later check goes on from.
    """

    deal_company: Sequence[int | None]
    deal_contact: Sequence[int | None]
    deal_other_contacts: Mapping[int, Rows]
    contact_company: Sequence[int | None]
    columns: Mapping[tuple[Subject, str], One | Several] = field(repr=False)
    finders: tuple[CompanyFinder, ContactFinder] = field(repr=False)

    def findings(self, subject: Subject, rows: Container[int]) -> Iterator[Finding]:
        """Yield what is wrong with the references of these rows, a row's in the columns' order."""
        tab = SUBJECT_TABS[subject]
        for (owner, key), column in self.columns.items():
            for row, doubts in column.doubted.items() if owner == subject else ():
                for text, (code, candidates, _) in doubts if row in rows else ():
                    yield Finding("error", code, tab, row, (key,), shorten(text), candidates)

    def touched(self, subject: Subject) -> set[int] | None:
        """Return the rows of which something else is said, though they have not changed."""
        found: set[int] = set()
        for (owner, _), column in self.columns.items():
            if owner == subject:
                if column.touched is None:
                    return None
                found.update(column.touched)
        return found


def resolve_references(
    records: Mapping[Subject, Records],
    absent: frozenset[str],
    changed: Mapping[Subject, Sequence[int]],
    before: tuple[References, Mapping[Subject, Records]] | None,
) -> References:
    """Return what all rows refer to. What refers to a tab that is absent is not judged.

    `before` is what the records of an earlier state referred to, and they, `changed` the rows that
    differ from it; the outcome does not depend on it.
    """
    deals, contacts, companies = (records[subject] for subject in ("deal", "contact", "company"))
    firms = CompanyFinder(companies, judged=companies.table.tab not in absent)
    people = ContactFinder(contacts, judged=contacts.table.tab not in absent)
    if before:
        firms.go_on(before[0].finders[0], changed["company"])
        people.go_on(before[0].finders[1], changed["contact"])
    works_at = _One(contacts, "company", firms, changed["contact"], before)
    company = _One(deals, "company", firms, changed["deal"], before)
    contact = _One(deals, "contact", people, changed["deal"], before)
    others = _Several(deals, "other_contacts", people, changed["deal"], before)
    of_firms = firms.find(works_at, company)
    of_people = people.find(contact, others)
    columns: dict[tuple[Subject, str], One | Several] = {}
    columns["contact", "company"] = employers = works_at.referring(of_firms)
    columns["deal", "company"] = companies_of = company.referring(of_firms)
    columns["deal", "contact"] = contacts_of = contact.referring(of_people)
    columns["deal", "other_contacts"] = others_of = others.referring(of_people)
    firms.keep(employers.doubted, companies_of.doubted)
    people.keep(contacts_of.doubted, others_of.doubted)
    return References(
        deal_company=companies_of.rows,
        deal_contact=contacts_of.rows,
        deal_other_contacts=others_of.rows,
        contact_company=employers.rows,
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


class Spelled(NamedTuple):
    """How rows may be spelled: by which fields, and what returns the folded spellings of each."""

    fields: tuple[str, ...]
    spell: Callable[[Records, Sequence[int]], Sequence[Keys]]


class Finder:
    """Finds the rows of one tab that a text may mean.

    Everything is indexed for a whole check. Of that only the hashes are kept: with those of an
    earlier state the few rows are found that the few texts may mean that are looked for.
    """

    indexes: ClassVar[Mapping[str, Spelled]]
    """What is indexed, and by which spellings."""

    further: ClassVar[Sequence[Spelled]] = ()
    """What rows may be named by beside what is indexed."""

    named_by: ClassVar[str]
    """The field whose words tell which rows may be meant."""

    def __init__(self, records: Records, *, judged: bool) -> None:
        self.records = records
        self.judged = judged
        self.doubts: dict[str, Doubt] = {}
        """The doubtful texts."""
        self.touched: frozenset[int] | None = None
        """The rows that a text may mean now, or no longer, unlike before; None if all."""
        self.shaken: frozenset[str] = frozenset()
        """The texts that were doubtful, and whose doubt may be another now."""
        self._hashes: dict[str, Hashes] = {}
        self._whole: dict[str, Index] = {}
        self._holders: dict[str, int] = {}
        """How many rows hold a word of a doubtful text in their name."""

    def go_on(self, before: Finder, changed: Sequence[int]) -> None:
        """Start from what a finder of an earlier state knew; these rows have changed since."""
        height, old_height = self.records.table.height, before.records.table.height
        if self.judged != before.judged or old_height > height or FEW * len(changed) > height:
            return
        self._hashes, self.doubts = dict(before._hashes), dict(before.doubts)
        self._holders = dict(before._holders)
        differing: set[tuple[int, str]] = set()
        words: set[str] = set()
        for name, (fields, spell) in (*self.indexes.items(), *enumerate(self.further)):
            rows = sorted(
                differing_rows(
                    _cells(before.records, fields), _cells(self.records, fields), changed
                )
            )
            if not rows:
                continue
            known, new = [row for row in rows if row < old_height], spell(self.records, rows)
            differing ^= _pairs(known, spell(before.records, known)) ^ _pairs(rows, new)
            if name in self._hashes:
                self._hashes[name] = self._hashes[name].changed(rows, new, height)
            if self.named_by in fields:
                words |= self._count(before.records, known, -1) | self._count(self.records, rows, 1)
        spellings = {spelling for _, spelling in differing}
        owners = {row for row, _ in differing}
        self.touched = frozenset(owners.union(*self._rows_of(list(spellings))))
        self.shaken = frozenset(self._shaken_by(spellings, words, frozenset(changed)))

    def _count(self, records: Records, rows: Sequence[int], by: int) -> set[str]:
        """Count the rows as holders of the words of their names; return those words."""
        found: set[str] = set()
        for name in _texts(records, self.named_by, rows):
            found.update(words := self._holders.keys() & set(name.split()))
            for word in words:
                self._holders[word] += by
        return found

    def _rows_of(self, spellings: Sequence[str]) -> Iterator[Rows]:
        """Yield all rows that may be found by the spellings, in whatever way."""
        if spellings:
            named, ids = self.find_named(spellings), self._find_ids(spellings)
            for spelling in spellings:
                yield ids.rows(spelling)
                yield ids.rows(skeleton(spelling))  # a name comes before another keyboard's ID
                yield from (index.rows(spelling) for index in named)

    def _shaken_by(
        self, spellings: set[str], words: set[str], changed: frozenset[int]
    ) -> Iterator[str]:
        """Yield the doubtful texts that may have to do with what has changed.

        These are spellings that rows had or have, and words of their names.
        """
        telling = {word for word in words if self._holders[word] <= MOST_NAMED}
        texts = list(self.doubts) if changed else []
        for text, spelled in zip(texts, fold_all(texts), strict=True):
            if (
                not spellings.isdisjoint((spelled, skeleton(spelled)))
                or not telling.isdisjoint(spelled.split())
                or not changed.isdisjoint(self.doubts[text].rows)
            ):
                yield text

    def index(self, name: str, wanted: Iterable[str]) -> Index:
        """Return an index in which the wanted spellings are found."""
        if name not in self._hashes:
            keys = self.indexes[name].spell(self.records, self._all_rows)
            self._hashes[name], self._whole[name] = (
                Hashes.of(keys),
                make_index(self._all_rows, keys),
            )
        if name in self._whole:
            return self._whole[name]
        rows = self._hashes[name].rows_with(set(map(hash, wanted)))
        return make_index(rows, self.indexes[name].spell(self.records, rows))

    @property
    def _all_rows(self) -> Sequence[int]:
        return range(self.records.table.height)

    def find(self, *columns: _One | _Several) -> Mapping[str, int]:
        """Return the row of each text that means one for certain; the others become doubts."""
        texts: set[str] = set()
        if self.judged:
            texts.update(*(column.texts for column in columns))
        if not texts:
            return {}
        certain, doubtful = self._find_all(texts)
        for text in texts if self.doubts else ():
            self.doubts.pop(text, None)
        if doubtful:
            self.doubts.update(self._doubts(doubtful))
        return certain

    def keep(self, *doubted: Doubted) -> None:
        """Forget all but what a later state goes on from; these are the texts still in doubt."""
        self._whole.clear()
        rows = chain.from_iterable(some.values() for some in doubted)
        self.doubts = dict(chain.from_iterable(rows))

    def _find_all(self, texts: Collection[str]) -> tuple[dict[str, int], dict[str, Rows]]:
        """Return the row of each text that means one, and the rows of each other text."""
        found = _Found(list(texts))
        ids = self._find_ids(found.spellings)
        found.look_up(ids, found.spellings)
        for index in self.find_named(found.spellings):
            found.look_up(index, found.spellings)
        # An ID may have been typed on the other keyboard: С-000012 with a Cyrillic С.
        found.look_up(ids, list(map(skeleton, found.spellings)))
        found.doubtful.update(dict.fromkeys(found.texts, ()))
        return found.certain, found.doubtful

    def _find_ids(self, spellings: Iterable[str]) -> Index:
        """Return where IDs are found, typed on whichever keyboard."""
        both = ((spelling, skeleton(spelling)) for spelling in spellings)
        return self.index("ids", chain.from_iterable(both))

    def find_named(self, spellings: Sequence[str]) -> Sequence[Index]:
        """Return where the folded names among the spellings are found, the surest first."""
        raise NotImplementedError

    def _doubts(self, doubtful: Mapping[str, Rows]) -> Iterator[tuple[str, Doubt]]:
        """Yield the doubt about each text that means no row, or several."""
        unknown, close_code = _UNKNOWN[self.records.subject]
        table = self.records.table
        close = self._suggest([text for text, rows in doubtful.items() if not rows])
        for text, meant in doubtful.items():
            rows = meant or close[text]
            code = "several_found" if meant else close_code if rows else unknown
            named = sorted(table.text("id", row) or "?" for row in rows)
            yield text, Doubt(code, ", ".join(named[:MOST_NAMED]), rows)

    def _suggest(self, texts: Sequence[str]) -> Mapping[str, Rows]:
        """Return, for texts that mean no row, a few rows that share a word of their name."""
        words = {
            text: [word for word in spelled.split() if len(word) >= SHORTEST_WORD]
            for text, spelled in zip(texts, fold_all(texts), strict=True)
        }
        wanted = set(chain.from_iterable(words.values()))
        wanted = {word for word in wanted if self._holders.get(word, 0) <= MOST_NAMED}
        rows = self.rows_with_words(wanted) if wanted else ()
        names = _texts(self.records, self.named_by, rows)
        rows_of: dict[str, list[int]] = {word: [] for word in wanted}
        for row, name in zip(rows, names, strict=True):
            for word in wanted.intersection(name.split()):
                rows_of[word].append(row)
        self._holders.update((word, len(some)) for word, some in rows_of.items())
        telling = {word: some for word, some in rows_of.items() if len(some) <= MOST_NAMED}
        return {
            text: tuple(dict.fromkeys(row for word in some for row in telling.get(word, ())))
            for text, some in words.items()
        }

    def rows_with_words(self, words: set[str]) -> Sequence[int]:
        """Return all rows, in their order, that hold one of the words in their name; or more."""
        raise NotImplementedError


class _Found:
    """Texts that are looked up: what they mean, and those not found so far with their spellings."""

    def __init__(self, texts: list[str]) -> None:
        self.texts, self.spellings = texts, fold_all(texts)
        self.certain: dict[str, int] = {}
        self.doubtful: dict[str, Rows] = {}

    def look_up(self, index: Index, keys: Sequence[str]) -> None:
        """Look up what is missing, by these keys of it."""
        rows = list(map(index.one.get, keys))
        found = list(map(is_not, rows, repeat(None)))
        self.certain.update(compress(zip(self.texts, rows, strict=True), found))  # type: ignore[arg-type]  # none is None
        left = list(map(not_, found))
        if several := index.several:
            for at in compress(range(len(keys)), map(several.__contains__, keys)):
                self.doubtful[self.texts[at]] = several[keys[at]]
                left[at] = False
        self.texts = list(compress(self.texts, left))
        self.spellings = list(compress(self.spellings, left))


def _cells(records: Records, fields: Sequence[str]) -> Columns:
    return tuple(
        records.table.column(key) if key == "id" else records.values[key] for key in fields
    )


def _pairs(rows: Sequence[int], keys: Sequence[Keys]) -> set[tuple[int, str]]:
    return {(row, key) for row, some in zip(rows, keys, strict=True) for key in each_key(some)}


def _texts(records: Records, key: str, rows: Sequence[int]) -> list[str]:
    """Return the folded texts of a field."""
    cells = cells_at(records.values[key], rows)
    return fold_all([text if isinstance(text, str) else "" for text in cells])


def _spell_ids(records: Records, rows: Sequence[int]) -> Sequence[Keys]:
    table = records.table
    whole = len(rows) == table.height
    texts = table.ids if whole else [table.text("id", row) for row in rows]
    return fold_all(texts)


def _spell_more_titles(records: Records, rows: Sequence[int]) -> Sequence[Keys]:
    cells = cells_at(records.values["additional_titles"], rows)
    spelled: list[Keys] = [""] * len(cells)
    for at in compress(range(len(cells)), cells):
        if isinstance(text := cells[at], str):
            spelled[at] = as_keys(map(fold, split_several(text)))
    return spelled


def _spell_addresses(records: Records, rows: Sequence[int]) -> Sequence[Keys]:
    fields = ("email", "additional_email")
    return keys_of_cells(tuple(cells_at(records.values[key], rows) for key in fields))


def _spell_last_names(records: Records, rows: Sequence[int]) -> Sequence[Keys]:
    """Return the last names, first names where there is none; of several words the words, too."""
    lasts, firsts = (_texts(records, key, rows) for key in ("last_name", "first_name"))
    names = [last or first for last, first in zip(lasts, firsts, strict=True)]
    return [as_keys((name, *name.split())) if " " in name else name for name in names]


def _spell_full_names(records: Records, rows: Sequence[int]) -> Sequence[Keys]:
    return list(map(as_keys, zip(*_full_names(records, rows), strict=True)))


def _full_names(records: Records, rows: Sequence[int]) -> Sequence[Sequence[str]]:
    """Return the ways in which contacts' full names are written, a column each (`full_names`)."""
    firsts, middles, lasts = (
        _texts(records, key, rows) for key in ("first_name", "patronymic", "last_name")
    )
    columns = [
        [full_name(first, last) for first, last in zip(firsts, lasts, strict=True)],
        [full_name(last, first) for first, last in zip(firsts, lasts, strict=True)],
    ]
    if any(middles):
        names = list(zip(firsts, middles, lasts, strict=True))
        columns += [
            [f"{one} {two} {three}" if one and two and three else "" for one, two, three in names],
            [f"{three} {one} {two}" if one and two and three else "" for one, two, three in names],
        ]
    return columns


class CompanyFinder(Finder):
    """Finds companies by ID, title or one of their additional titles."""

    named_by = "title"
    indexes: ClassVar[Mapping[str, Spelled]] = {
        "ids": Spelled(("id",), _spell_ids),
        "titles": Spelled(("title",), lambda records, rows: _texts(records, "title", rows)),
        "more": Spelled(("additional_titles",), _spell_more_titles),
    }

    def find_named(self, spellings: Sequence[str]) -> Sequence[Index]:
        """Return the titles, then the additional ones."""
        names = ("titles", "more") if spellings else ()
        return [self.index(name, spellings) for name in names]

    def rows_with_words(self, words: set[str]) -> Sequence[int]:
        """Return the rows with one of the words in their title."""
        titles = _texts(self.records, self.named_by, self._all_rows)
        hits = map(not_, map(words.isdisjoint, map(str.split, titles)))
        return list(compress(self._all_rows, hits))


class ContactFinder(Finder):
    """Finds contacts by ID, one of their addresses, or their full name in either order."""

    named_by = "last_name"
    indexes: ClassVar[Mapping[str, Spelled]] = {
        "ids": Spelled(("id",), _spell_ids),
        "addresses": Spelled(("email", "additional_email"), _spell_addresses),
        "last_names": Spelled(("last_name", "first_name"), _spell_last_names),
    }
    further: ClassVar[Sequence[Spelled]] = (
        Spelled(("first_name", "patronymic", "last_name"), _spell_full_names),
    )

    def find_named(self, spellings: Sequence[str]) -> Sequence[Index]:
        """Return the addresses, then the full names that may be meant."""
        if not spellings:
            return ()
        by_address = self.index("addresses", spellings)
        left = {spelling for spelling in spellings if not by_address.rows(spelling)}
        return by_address, self._full_names(left)

    def _full_names(self, spellings: set[str]) -> Index:
        """Return an index of these full names."""
        if not spellings:
            return Index({}, {})
        rows = self._all_rows
        if FEW * len(spellings) < len(rows):
            rows = self.rows_with_words(set(chain.from_iterable(map(str.split, spellings))))
        found = [
            pair
            for names in _full_names(self.records, rows)
            for pair in compress(zip(rows, names, strict=True), map(spellings.__contains__, names))
        ]
        return make_index([row for row, _ in found], [name for _, name in found])

    def rows_with_words(self, words: set[str]) -> Sequence[int]:
        """Return the rows with one of the words in their last name, or first if that is all."""
        if "last_names" not in self._hashes:
            keys = _spell_last_names(self.records, self._all_rows)
            self._hashes["last_names"] = Hashes.of(keys)
        return self._hashes["last_names"].rows_with(set(map(hash, words)))

    def _rows_of(self, spellings: Sequence[str]) -> Iterator[Rows]:
        yield from super()._rows_of(spellings)
        names = self._full_names(set(spellings))  # those that are addresses as well
        yield from map(names.rows, spellings)


def make_index(rows: Sequence[int], keys: Sequence[Keys]) -> Index:
    """Return the rows of each spelling; `keys` are those of the rows."""
    spellings = cast(list[str], list(keys))
    if several_of := rows_with_several(keys):
        owners = [rows[at] for at in several_of]
        tuples = [spellings[at] for at in several_of]
        rows = [*rows, *chain.from_iterable(map(repeat, owners, map(len, tuples)))]
        for at in several_of:
            spellings[at] = ""
        spellings += chain.from_iterable(tuples)
    if not all(spellings):
        rows, spellings = list(compress(rows, spellings)), list(filter(None, spellings))
    one = dict(zip(spellings, rows, strict=True))
    several: dict[str, set[int]] = {}
    if len(one) < len(spellings):
        others = map(ne, map(one.get, spellings), rows)
        for row, spelling in compress(zip(rows, spellings, strict=True), others):
            several.setdefault(spelling, {one[spelling]}).add(row)
        for spelling in several:
            del one[spelling]
    return Index(one, {spelling: tuple(sorted(found)) for spelling, found in several.items()})


def addresses(contacts: Records, row: int) -> tuple[str, ...]:
    """Return all email addresses of a contact, in lower case, the main one first."""
    return each_key(*_spell_addresses(contacts, [row]))


def full_name(first: str, last: str) -> str:
    """Return a contact's name as it is shown: first and last name, or the one that there is."""
    return f"{first} {last}" if first and last else first or last


def full_names(contacts: Records, row: int) -> tuple[str, ...]:
    """Return the ways in which a contact's full name is written: both orders, with patronymic."""
    first, middle, last = (
        text if isinstance(text := contacts.values[key][row], str) else ""
        for key in ("first_name", "patronymic", "last_name")
    )
    if not first or not last:
        return (full_name(first, last),)
    names = [full_name(first, last), full_name(last, first)]
    if middle:
        names += [f"{first} {middle} {last}", f"{last} {first} {middle}"]
    return tuple(names)


_UNKNOWN: Mapping[Subject, tuple[str, str]] = {
    "company": ("company_not_found", "company_close"),
    "contact": ("contact_not_found", "contact_close"),
}
"""The problem's code where nothing is found: without and with a suggestion."""


# ── Columns of references ────────────────────────────────────────────────────────────────────────


def _begin(
    source: Records,
    key: str,
    finder: Finder,
    changed: Sequence[int],
    before: tuple[References, Mapping[Subject, Records]] | None,
) -> tuple[Any, set[int]] | None:
    """Return a column's references of before, and the rows whose text or doubt is another now.

    None if all rows are to be looked at.
    """
    column = source.values[key]
    if not before or finder.touched is None or FEW * len(changed) > len(column):
        return None
    known = before[0].columns[source.subject, key]
    rows = differing_rows((before[1][source.subject].values[key],), (column,), changed)
    return known, {*rows, *_shaken(known, finder)}


class _One:
    """A column of references whose meaning is to be found: the rows that it is found for anew.

    Another row may be meant where the text has changed, where the row meant so far has to do with a
    change, and where a doubt has.
    """

    def __init__(
        self,
        source: Records,
        key: str,
        finder: Finder,
        changed: Sequence[int],
        before: tuple[References, Mapping[Subject, Records]] | None,
    ) -> None:
        self._column, self._finder = source.values[key], finder
        self._before: One | None = None
        height = len(self._column)
        self._rows: list[int | None] = [None] * height
        self._anew: Sequence[int] = range(height)
        if begun := _begin(source, key, finder, changed, before):
            known: One = begun[0]
            self._before, anew = known, begun[1]
            common = min(height, len(known.rows))
            self._rows[:common] = known.rows[:common]
            if finder.touched:
                touched = map(finder.touched.__contains__, self._rows)
                anew.update(compress(range(height), touched))
            self._anew = sorted(row for row in anew if row < height)
        self._cells = cells_at(self._column, self._anew)

    @property
    def texts(self) -> set[str]:
        """The texts whose meaning is to be found."""
        texts = set(self._cells) - {None}
        if {str}.issuperset(map(type, texts)):
            return texts  # type: ignore[return-value]  # as was just seen
        return {text for text in texts if isinstance(text, str)}

    def referring(self, meaning: Mapping[str, int]) -> One:
        """Return what each row means; the texts without a meaning are doubtful."""
        meant: Sequence[int | None] = list(map(meaning.get, self._cells))  # type: ignore[arg-type]
        doubts = self._finder.doubts
        nobody = map(is_, meant, repeat(None)) if doubts else ()
        unmeant = compress(zip(self._anew, self._cells, strict=True), nobody)
        doubted = {
            row: ((text, doubts[text]),)
            for row, text in unmeant
            if isinstance(text, str) and text in doubts
        }
        if self._before is None:
            return Referring(meant, doubted, None)
        touched = _differing(self._before, doubted, self._anew)
        for row, now in zip(self._anew, meant, strict=True):
            if self._rows[row] != now:
                self._rows[row] = now
                touched.add(row)
        if not touched and len(self._rows) == len(self._before.rows):
            return replace(self._before, touched=())
        kept = _kept(self._before.doubted, self._anew, len(self._rows))
        return Referring(self._rows, {**kept, **doubted}, touched)


class _Several:
    """A column whose cells refer to several rows each; else as `_One`."""

    def __init__(
        self,
        source: Records,
        key: str,
        finder: Finder,
        changed: Sequence[int],
        before: tuple[References, Mapping[Subject, Records]] | None,
    ) -> None:
        column, self._finder = source.values[key], finder
        self._before: Several | None = None
        self._height = len(column)
        self._anew: Sequence[int] = range(self._height)
        if begun := _begin(source, key, finder, changed, before):
            known: Several = begun[0]
            self._before, anew = known, begun[1]
            if touched := finder.touched:
                meant = known.rows.items()
                anew.update(row for row, some in meant if not touched.isdisjoint(some))
            self._anew = sorted(row for row in anew if row < self._height)
        cells = cells_at(column, self._anew)
        filled = compress(zip(self._anew, cells, strict=True), cells)
        self._parts = {row: split_several(text) for row, text in filled if isinstance(text, str)}

    @property
    def texts(self) -> set[str]:
        """The texts whose meaning is to be found."""
        return set(chain.from_iterable(self._parts.values()))

    def referring(self, meaning: Mapping[str, int]) -> Several:
        """Return what each row means; the texts without a meaning are doubtful."""
        doubts = self._finder.doubts
        meant = {
            row: tuple([meaning[part] for part in parts if part in meaning])
            for row, parts in self._parts.items()
        }
        doubted = {
            row: tuple([(part, doubts[part]) for part in parts if part in doubts])
            for row, parts in self._parts.items()
            if not doubts.keys().isdisjoint(parts)
        }
        if self._before is None:
            return Referring(meant, doubted, None)
        before = self._before.rows
        touched = _differing(self._before, doubted, self._anew)
        touched.update(row for row in self._anew if before.get(row) != meant.get(row))
        rows = _kept(before, self._anew, self._height)
        kept = _kept(self._before.doubted, self._anew, self._height)
        return Referring({**rows, **meant}, {**kept, **doubted}, touched)


def _shaken(before: One | Several, finder: Finder) -> Iterator[int]:
    """Yield the rows whose doubt may be another now."""
    for row, doubts in before.doubted.items() if finder.shaken else ():
        if any(text in finder.shaken for text, _ in doubts):
            yield row


def _differing(before: One | Several, doubted: Doubted, anew: Iterable[int]) -> set[int]:
    """Return the rows that are not doubted as before."""
    return {row for row in anew if before.doubted.get(row) != doubted.get(row)}


def _kept(before: Mapping[int, T], anew: Iterable[int], height: int) -> dict[int, T]:
    """Return what still holds of the rows that nothing was found for anew."""
    changed = set(anew)
    return {row: it for row, it in before.items() if row not in changed and row < height}
