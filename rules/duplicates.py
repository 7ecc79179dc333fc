"""Records that were entered twice: rows that share an address, a phone, a name, a site, a title.

"Do not multiply entities" (sales guide, section 1). Both rows of a pair name each other, each
reason is a finding of its own, and all are warnings: only a person knows whether two rows are one.
"""

from __future__ import annotations

from collections.abc import (
    Callable,
    Collection,
    Container,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import chain, compress
from typing import Protocol

from rules.chunks import Column
from rules.close_titles import find_close_titles
from rules.findings import Finding
from rules.playbook import Playbook, Subject
from rules.refused import shorten
from rules.rows import cells_at
from rules.shared_keys import (
    Columns,
    Keys,
    MakeKeys,
    Shared,
    as_keys,
    differing_rows,
    each_key,
    find_shared,
    goes_on,
    keys_of_cells,
)
from rules.table import Table
from rules.text import fold, split_several
from rules.titles import TitleForms, name_forms, site_domains, title_keys
from rules.values import Value

MOST_NAMED = 5
"""So many other rows a problem names; of the rest it says how many they are."""

MOST_SHOWN = 40
"""Characters of another row's title that are shown."""


class Read(Protocol):
    """The deals, contacts or companies of a workbook, as far as they have been read."""

    @property
    def table(self) -> Table:
        """The table that they stand in."""

    @property
    def values(self) -> Mapping[str, Sequence[Value]]:
        """A list of values for each field, as long as the table."""


@dataclass(frozen=True)
class Sources:
    """What is searched; references are rows, None where nothing certain is meant.

    `changed` are the rows that differ from an earlier state, if it is gone on from one.
    """

    deals: Read
    contacts: Read
    companies: Read
    deal_contact: Sequence[int | None]
    contact_company: Sequence[int | None]
    changed: Mapping[Subject, Sequence[int]]


@dataclass(frozen=True)
class Titles:
    """What companies' titles share: the forms of each row, equal ones and close ones.

    `lines` are the forms of the rows' only titles, `several` those of rows with more. `close` holds
    the forms that are close to a form, `spelled` the rows that have one of those; `touched` the
    rows that share something else than before, None if any may.
    """

    lines: str
    several: Mapping[int, tuple[str, ...]]
    same: Shared
    close: Mapping[str, frozenset[str]]
    spelled: Mapping[str, Sequence[int]]
    touched: Sequence[int] | None = None

    def forms(self) -> Forms:
        """Return the forms of each row."""
        return Forms(self.lines.split("\n"), dict(self.several))

    def rows_near(self, forms: Iterable[str]) -> set[int]:
        """Return the rows of the forms, and of those close to them."""
        near = {form: self.close[form] for form in forms if form in self.close}
        spelled = chain(near, chain.from_iterable(near.values()))
        return set(chain.from_iterable(self.spelled[form] for form in spelled))


@dataclass(frozen=True)
class Duplicates:
    """What rows share with others of their tab, and what a later search goes on from."""

    emails: Shared
    phones: Shared
    names: Shared
    sites: Shared
    titles: Titles
    deals: Shared

    def touched(self, subject: Subject) -> Iterable[int] | None:
        """Return the rows whose findings may be others than before; None if any may be."""
        searches: Mapping[Subject, Sequence[Shared | Titles]] = {
            "contact": (self.emails, self.phones, self.names),
            "company": (self.sites, self.titles.same, self.titles),
            "deal": (self.deals,),
        }
        touched = [search.touched for search in searches[subject]]
        return None if None in touched else chain.from_iterable(filter(None, touched))

    def findings(
        self, sources: Sources, subject: Subject, rows: Container[int]
    ) -> Iterator[Finding]:
        """Yield what is to be said of these rows, a row's findings always in the same order."""
        if subject == "contact":
            yield from _email_findings(sources.contacts, self.emails, rows)
            yield from _phone_findings(sources.contacts, self.phones, rows)
            yield from _name_findings(sources.contacts, self.names, rows)
        elif subject == "company":
            yield from _site_findings(sources.companies, self.sites, rows)
            yield from _title_findings(sources.companies, self.titles, rows)
            yield from _close_title_findings(sources.companies, self.titles, rows)
        else:
            yield from _deal_findings(sources.deals, self.deals, rows)


def find_duplicates(
    sources: Sources, playbook: Playbook, before: tuple[Duplicates, Sources] | None = None
) -> Duplicates:
    """Return the rows that were entered twice.

    `before` is what was found of an earlier state of the workbook with the same playbook: the less
    has changed since, the sooner it is done. The outcome does not depend on it.
    """
    known, old = before if before else (None, None)

    def search(subject: Subject, name: str, make: MakeKeys) -> Shared:
        columns = _searched(sources, name)
        earlier = (getattr(known, name), _searched(old, name)) if known and old else None
        return find_shared(columns, make, earlier, sources.changed[subject])

    return Duplicates(
        emails=search("contact", "emails", keys_of_cells),
        phones=search("contact", "phones", keys_of_cells),
        names=search("contact", "names", _name_keys),
        sites=search("company", "sites", _site_keys(playbook.duplicates.shared_domains)),
        titles=_find_titles(sources, playbook, (known.titles, old) if known and old else None),
        deals=search("deal", "deals", _deal_keys(playbook)),
    )


def _searched(sources: Sources, name: str) -> Columns:
    """Return the columns that are searched."""
    contacts, companies, deals = sources.contacts, sources.companies, sources.deals
    match name:
        case "emails":
            return _columns(contacts, "email", "additional_email")
        case "phones":
            return _columns(contacts, "phone")
        case "names":
            return (sources.contact_company, *_columns(contacts, "first_name", "last_name"))
        case "sites":
            return _columns(companies, "site")
        case "titles":
            return _columns(companies, "title", "additional_titles")
        case _:
            return (sources.deal_contact, *_columns(deals, "stage", "service"))


def _columns(records: Read, *fields: str) -> Columns:
    nothing = Column.blank(records.table.height)
    return tuple(records.values.get(field, nothing) for field in fields)


# ── Keys ─────────────────────────────────────────────────────────────────────────────────────────


def _name_keys(columns: Columns) -> Sequence[Keys]:
    """Make keys of a company and a full name there, whatever its order and alphabet."""
    companies, first_names, last_names = columns
    texts = [text for text in {*first_names, *last_names} if isinstance(text, str)]
    form_of = dict(zip(texts, name_forms(texts), strict=True))
    names = zip(companies, map(form_of.get, first_names), map(form_of.get, last_names), strict=True)
    return [
        (
            ""
            if company is None or not first or not last
            else f"{company}|{first}|{last}"
            if first < last
            else f"{company}|{last}|{first}"
        )
        for company, first, last in names
    ]


def _site_keys(shared_domains: Sequence[str]) -> MakeKeys:
    nobodys = dict.fromkeys(site_domains(shared_domains), "")

    def make(columns: Columns) -> Sequence[Keys]:
        (sites,) = columns
        domains = site_domains([site or "" for site in sites])
        return list(map(nobodys.get, domains, domains))

    return make


def _same_title_keys(columns: Columns) -> Sequence[Keys]:
    (forms,) = columns
    return [
        as_keys(chain.from_iterable(map(title_keys, form)))
        if isinstance(form, tuple)
        else _one_or_both(title_keys(form))
        for form in forms
    ]


def _one_or_both(keys: tuple[str, ...]) -> Keys:
    return keys if len(keys) == 2 and keys[0] != keys[1] else "".join(keys[:1])


def _deal_keys(playbook: Playbook) -> MakeKeys:
    still_open = {key for key, stage in playbook.stages.items() if stage.open}

    @cache
    def spelled(service: Value) -> Keys:
        several = service if isinstance(service, tuple) else (str(service),)
        return as_keys(map(fold, several))

    def keys_of(contact: int, service: Value) -> Keys:
        own = spelled(service)
        if isinstance(own, tuple):
            return tuple([f"{contact}|{one}" for one in own])
        return f"{contact}|{own}"

    def make(columns: Columns) -> Sequence[Keys]:
        return [
            ""
            if contact is None or service is None or stage not in still_open
            else keys_of(contact, service)
            for contact, stage, service in zip(*columns, strict=True)
        ]

    return make


# ── Titles ───────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Forms:
    """The forms of titles by row: of rows with one title, or none; and of rows with several."""

    single: list[str]
    several: dict[int, tuple[str, ...]]

    def of(self, row: int) -> Keys:
        """Return the forms of a row."""
        return self.several.get(row, self.single[row])

    def of_rows(self, rows: Iterable[int]) -> set[str]:
        """Return the different forms of these rows."""
        return set(chain.from_iterable(each_key(self.of(row)) for row in rows)) - {""}

    def by_row(self) -> list[Keys]:
        """Return the forms of each row."""
        forms: list[Keys] = list(self.single)
        for row, some in self.several.items():
            forms[row] = some
        return forms

    def changed(self, rows: Sequence[int], forms: Sequence[Keys], height: int) -> Forms:
        """Return the forms of so many rows, these of them with other forms."""
        single = [*self.single, *[""] * (height - len(self.single))]
        several = dict(self.several)
        for row, form in zip(rows, forms, strict=True):
            several.pop(row, None)
            if isinstance(form, tuple):
                several[row], single[row] = form, ""
            else:
                single[row] = form
        return Forms(single, several)

    def among(self, wanted: set[str]) -> set[str]:
        """Return those of the forms that a row has."""
        found = wanted.intersection(self.single)
        return found.union(wanted.intersection(chain.from_iterable(self.several.values())))

    def all(self) -> set[str]:
        """Return all different forms."""
        return {*self.single, *chain.from_iterable(self.several.values())} - {""}

    def rows_with(self, wanted: set[str]) -> Mapping[str, Sequence[int]]:
        """Return the rows of each of these forms, in row order."""
        rows = list(compress(range(len(self.single)), map(wanted.__contains__, self.single)))
        rows += [row for row, some in self.several.items() if not wanted.isdisjoint(some)]
        found: dict[str, list[int]] = {}
        for row in sorted(rows):
            for form in wanted.intersection(each_key(self.of(row))):
                found.setdefault(form, []).append(row)
        return found


def _find_titles(
    sources: Sources, playbook: Playbook, before: tuple[Titles, Sources] | None
) -> Titles:
    columns, changed = _searched(sources, "titles"), sources.changed["company"]
    height = len(columns[0])
    spell = partial(_title_forms, TitleForms(playbook.duplicates.legal_forms))
    percent = playbook.duplicates.close_titles
    if before is None or not goes_on(before[0].same, height, changed):
        made = spell(tuple(map(list, columns)))
        now = Forms([""] * height, {}).changed(range(height), made, height)
        same = find_shared((made,), _same_title_keys)
        close = _close_forms({}, (), now.all(), (), percent)
        return Titles("\n".join(now.single), now.several, same, close, now.rows_with(set(close)))
    known, old_columns = before[0], _searched(before[1], "titles")
    if not changed:
        return replace(known, same=replace(known.same, touched=()), touched=())
    other = sorted(differing_rows(old_columns, columns, changed))
    old = known.forms()
    now = old.changed(other, spell(tuple(cells_at(column, other) for column in columns)), height)
    pair = (now.by_row(),), (known.same, (old.by_row(),))
    same = find_shared(pair[0], _same_title_keys, pair[1], changed)
    had, has = old.of_rows(row for row in changed if row < len(old.single)), now.of_rows(changed)
    if not other:
        return replace(known, same=same, touched=sorted(known.rows_near(had)))
    gone, new = had - now.among(had), has - old.among(has)
    close = _close_forms(known.close, gone, new, now.all() - new if new else (), percent)
    spelled = now.rows_with(set(close))
    found = Titles("\n".join(now.single), now.several, same, close, spelled)
    touched = known.rows_near(had | has) | found.rows_near(had | has)
    return replace(found, touched=sorted(touched))


def _title_forms(titles: TitleForms, columns: Columns) -> Sequence[Keys]:
    """Return the form of each row's title, or of each of its titles in their order."""
    main, more = columns
    texts = [text if isinstance(text, str) else "" for text in main]
    of_rows = {row: _titles_of(main[row], more[row]) for row in compress(range(len(main)), more)}
    further = list(chain.from_iterable(of_rows.values()))
    spelled = titles.of([*texts, *further])
    form_of = dict(zip(further, spelled[len(texts) :], strict=True))
    forms: list[Keys] = [*spelled[: len(texts)]]
    for row, some in of_rows.items():
        if len(some) > 1:
            forms[row] = tuple([form_of[text] for text in some])
    return forms


def _titles_of(title: Value, additional: Value) -> Sequence[str]:
    """Return a company's titles, the main one ("" if it has none) first."""
    more = split_several(additional) if isinstance(additional, str) else ()
    return (title if isinstance(title, str) else "", *more)


def _close_forms(
    before: Mapping[str, frozenset[str]],
    gone: Collection[str],
    new: Collection[str],
    known: Collection[str],
    percent: int,
) -> Mapping[str, frozenset[str]]:
    """Return the forms close to each form; of those before, without and with these."""
    close = {form: set(others).difference(gone) for form, others in before.items()}
    for form in gone:
        close.pop(form, None)
    for form, other in find_close_titles(new, known, percent):
        close.setdefault(form, set()).add(other)
        close.setdefault(other, set()).add(form)
    return {form: frozenset(others) for form, others in close.items() if others}


# ── Findings ─────────────────────────────────────────────────────────────────────────────────────


class _Naming:
    """How the other rows of a group are named: by ID, in its order; those beyond five as (+3)."""

    def __init__(self, records: Read, name_fields: Sequence[str]) -> None:
        self._records, self._name_fields = records, name_fields
        self._groups: dict[str, tuple[Sequence[tuple[str, int]], frozenset[int]]] = {}

    def label(self, row: int) -> str:
        """Return the row's ID, or its name while it has none."""
        table = self._records.table
        if found := table.text("id", row):
            return found
        name = " ".join(filter(None, (table.text(field, row) for field in self._name_fields)))
        return shorten(name, MOST_SHOWN) or "?"

    def others(
        self,
        row: int,
        group: str,
        rows: Iterable[int],
        label: Callable[[int], str] | None = None,
    ) -> str:
        """Return the names of the group's other rows; a group is gone through once."""
        if group not in self._groups:
            members = frozenset(rows)
            named = (((label or self.label)(member), member) for member in members)
            self._groups[group] = (sorted(named)[: MOST_NAMED + 1], members)
        first, members = self._groups[group]
        shown = [text for text, member in first if member != row][:MOST_NAMED]
        more = len(members) - (row in members) - len(shown)
        return ", ".join(shown) + (f" (+{more})" if more else "")


def _of_contacts(contacts: Read) -> _Naming:
    return _Naming(contacts, ("first_name", "last_name"))


def _warning(records: Read, row: int, code: str, field: str, value: str, others: str) -> Finding:
    return Finding("warning", code, records.table.tab, row, (field,), shorten(value), others)


def _email_findings(contacts: Read, emails: Shared, rows: Container[int]) -> Iterator[Finding]:
    naming = _of_contacts(contacts)
    for row, address in emails.of(rows):
        main = contacts.values["email"][row]
        is_main = main == address or (isinstance(main, tuple) and address in main)
        field = "email" if is_main else "additional_email"
        others = naming.others(row, address, emails.groups[address])
        yield _warning(contacts, row, "same_email", field, address, others)


def _phone_findings(contacts: Read, phones: Shared, rows: Container[int]) -> Iterator[Finding]:
    naming = _of_contacts(contacts)
    for row, phone in phones.of(rows):
        others = naming.others(row, phone, phones.groups[phone])
        yield _warning(contacts, row, "same_phone", "phone", phone, others)


def _name_findings(contacts: Read, names: Shared, rows: Container[int]) -> Iterator[Finding]:
    """Yield namesakes at one company, but for those whom their patronymics tell apart."""
    naming = _of_contacts(contacts)
    (patronymics,) = _columns(contacts, "patronymic")
    for row, key in names.of(rows):
        own = _folded(patronymics[row])
        likely = (
            other
            for other in names.groups[key]
            if not own or _folded(patronymics[other]) in ("", own)
        )
        if others := naming.others(row, f"{key}|{own}", likely):
            name = " ".join(contacts.table.text(key, row) for key in ("first_name", "last_name"))
            yield _warning(contacts, row, "same_name", "last_name", name, others)


def _folded(value: Value) -> str:
    return fold(value) if isinstance(value, str) else ""


def _site_findings(companies: Read, sites: Shared, rows: Container[int]) -> Iterator[Finding]:
    naming = _Naming(companies, ("title",))
    for row, domain in sites.of(rows):
        others = naming.others(row, domain, sites.groups[domain])
        yield _warning(companies, row, "same_site", "site", domain, others)


def _title_findings(companies: Read, titles: Titles, rows: Container[int]) -> Iterator[Finding]:
    naming, groups = _Naming(companies, ("title",)), titles.same.groups
    forms = titles.forms()
    for row in [row for row in sorted(titles.same.keys) if row in rows]:
        for key, title, form in _forms_of(companies, forms, row):
            shared = [one for one in title_keys(form) if one in groups]
            if shared:
                members = chain.from_iterable(groups[one] for one in shared)
                others = naming.others(row, form, members)
                yield _warning(companies, row, "same_title", key, title, others)


def _close_title_findings(
    companies: Read, titles: Titles, rows: Container[int]
) -> Iterator[Finding]:
    naming = _Naming(companies, ("title",))
    forms = titles.forms()

    @cache
    def alike(form: str) -> Mapping[int, str]:
        """Return the rows with a title close to that form, and how each names itself."""
        return {
            row: f"{naming.label(row)} ({shorten(title, MOST_SHOWN)})"
            for other in sorted(titles.close[form])
            for row in titles.spelled[other]
            for _, title, its_form in _forms_of(companies, forms, row)
            if its_form == other
        }

    for row in sorted(set(chain.from_iterable(titles.spelled.values()))):
        for key, title, form in _forms_of(companies, forms, row) if row in rows else ():
            if form in titles.close:
                likely = alike(form)
                if others := naming.others(row, form, likely, likely.__getitem__):
                    yield _warning(companies, row, "close_title", key, title, others)


def _forms_of(companies: Read, forms: Forms, row: int) -> Iterator[tuple[str, str, str]]:
    """Yield the field, the text and the form of each of a company's titles that has a form."""
    main, more = (
        column[row] if (column := companies.values.get(key)) else None
        for key in ("title", "additional_titles")
    )
    own = each_key(forms.of(row))
    for at, (text, form) in enumerate(zip(_titles_of(main, more), own, strict=False)):
        if form and form not in own[:at]:
            yield ("additional_titles" if at else "title"), text, form


def _deal_findings(deals: Read, shared: Shared, rows: Container[int]) -> Iterator[Finding]:
    naming = _Naming(deals, ("title",))
    for row, key in shared.of(rows):
        others = naming.others(row, key, shared.groups[key])
        services = deals.values["service"][row]
        spellings = services if isinstance(services, tuple) else (str(services),)
        service = next(text for text in spellings if key.endswith(f"|{fold(text)}"))
        yield _warning(deals, row, "same_deal", "service", service, others)
