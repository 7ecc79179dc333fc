"""Records that were entered twice: rows that share an address, a phone, a name, a site, a title.

"Do not multiply entities" (sales guide, section 1). Both rows of a pair name each other, each
reason is a finding of its own, and all are warnings: only a person knows whether two rows are one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Protocol, TypeAlias

from rules.close_titles import find_close_titles
from rules.findings import Finding
from rules.playbook import Playbook, Subject
from rules.refused import shorten
from rules.shared_keys import (
    Columns,
    Keyed,
    Keys,
    MakeKeys,
    Shared,
    changed_rows,
    each_key,
    find_shared,
    make_keys,
)
from rules.table import Table
from rules.text import fold, split_several
from rules.titles import TitleForms, name_forms, site_domain, title_keys
from rules.values import Value

MOST_NAMED = 5
"""So many other rows a problem names; of the rest it says how many they are."""

MOST_SHOWN = 40
"""Characters of another row's title that are shown."""

Found: TypeAlias = Mapping[int, Sequence[Finding]]
"""Findings by row."""


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
    """What is searched; references are rows, None where nothing certain is meant."""

    deals: Read
    contacts: Read
    companies: Read
    deal_contact: Sequence[int | None]
    contact_company: Sequence[int | None]


@dataclass(frozen=True)
class Titles:
    """What companies' titles share: the forms of each row, equal ones and close ones."""

    forms: Keyed
    same: Shared
    close: Mapping[str, Collection[str]]
    """The forms that are close to a form; one with none is not in it."""


@dataclass(frozen=True)
class Duplicates:
    """Rows that were entered twice, as findings by row; the rest is kept for the next search."""

    findings: Mapping[Subject, Found]
    emails: Shared
    phones: Shared
    names: Shared
    sites: Shared
    titles: Titles
    deals: Shared

    def all_findings(self) -> Iterator[Finding]:
        """Yield every finding, by tab and row."""
        for rows in self.findings.values():
            for found in rows.values():
                yield from found


def find_duplicates(
    sources: Sources, playbook: Playbook, before: Duplicates | None = None
) -> Duplicates:
    """Return the rows that were entered twice.

    `before` is what was found of an earlier state of the workbook with the same playbook: the less
    has changed since, the sooner it is done. The outcome does not depend on it.
    """
    contacts, companies, deals = sources.contacts, sources.companies, sources.deals
    emails = _search(
        _columns(contacts, "email", "additional_email"),
        _address_keys,
        before.emails if before else None,
    )
    phones = _search(_columns(contacts, "phone"), _address_keys, before.phones if before else None)
    names = _search(
        (sources.contact_company, *_columns(contacts, "first_name", "last_name")),
        _name_keys,
        before.names if before else None,
    )
    sites = _search(
        _columns(companies, "site"),
        _site_keys(playbook.duplicates.shared_domains),
        before.sites if before else None,
    )
    titles = _find_titles(companies, playbook, before.titles if before else None)
    same_deals = _search(
        (sources.deal_contact, *_columns(deals, "stage", "service")),
        _deal_keys(playbook),
        before.deals if before else None,
    )
    findings: Mapping[Subject, Found] = {
        "contact": _by_row(
            _email_findings(contacts, emails),
            _phone_findings(contacts, phones),
            _name_findings(contacts, names),
        ),
        "company": _by_row(
            _site_findings(companies, sites),
            _title_findings(companies, titles),
            _close_title_findings(companies, titles),
        ),
        "deal": _by_row(_deal_findings(deals, same_deals)),
    }
    return Duplicates(findings, emails, phones, names, sites, titles, same_deals)


def _columns(records: Read, *fields: str) -> Columns:
    nothing = [None] * records.table.height
    return tuple(records.values.get(field, nothing) for field in fields)


def _search(columns: Columns, make: MakeKeys, before: Shared | None) -> Shared:
    return find_shared(make_keys(columns, make, before.keyed if before else None), before)


def _by_row(*found: Iterable[Finding]) -> Found:
    rows: dict[int, list[Finding]] = defaultdict(list)
    for finding in chain.from_iterable(found):
        rows[finding.row].append(finding)
    return dict(rows)


# ── Keys ─────────────────────────────────────────────────────────────────────────────────────────


def _address_keys(columns: Columns, rows: Iterable[int]) -> Sequence[Keys]:
    """Make a key of each address or phone in the columns; a cell may hold several."""
    of_column: list[list[tuple[str, ...]]] = [
        [each_key(column[row]) for row in rows] for column in columns
    ]
    if len(of_column) == 1:
        return of_column[0]
    return [
        _each_once(chain.from_iterable(some))
        if sum(map(bool, some)) > 1
        else next(filter(None, some), ())
        for some in zip(*of_column, strict=True)
    ]


def _each_once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _name_keys(columns: Columns, rows: Sequence[int]) -> Sequence[Keys]:
    """Make keys of a company and a full name there, whatever its order and alphabet."""
    companies, first_names, last_names = columns
    if len(rows) < len(companies):
        companies, first_names, last_names = ([column[row] for row in rows] for column in columns)
    texts = [text for text in {*first_names, *last_names} if isinstance(text, str)]
    form_of = dict(zip(texts, name_forms(texts), strict=True))
    names = zip(companies, map(form_of.get, first_names), map(form_of.get, last_names), strict=True)
    return [
        (
            None
            if company is None or not first or not last
            else f"{company}|{first}|{last}"
            if first < last
            else f"{company}|{last}|{first}"
        )
        for company, first, last in names
    ]


def _site_keys(shared_domains: Iterable[str]) -> MakeKeys:
    nobodys = {"", *map(site_domain, shared_domains)}

    def make(columns: Columns, rows: Iterable[int]) -> Sequence[Keys]:
        (sites,) = columns
        domains = (site_domain(site) if (site := sites[row]) else "" for row in rows)
        return [None if domain in nobodys else domain for domain in domains]

    return make


def _title_form_keys(titles: TitleForms) -> MakeKeys:
    """Make the form of each of a row's titles, in the order of `_titles_of`."""

    def make(columns: Columns, rows: Iterable[int]) -> Sequence[Keys]:
        main, more = columns
        of_rows = [_titles_of(main[row], more[row]) for row in rows]
        texts = list(dict.fromkeys(chain.from_iterable(of_rows)))
        form_of = dict(zip(texts, titles.of(texts), strict=True))
        return [tuple(form_of[text] for text in texts) for texts in of_rows]

    return make


def _titles_of(title: Value, additional: Value) -> Sequence[str]:
    """Return a company's titles, the main one ("" if it has none) first."""
    more = split_several(additional) if isinstance(additional, str) else ()
    return (title if isinstance(title, str) else "", *more)


def _same_title_keys(columns: Columns, rows: Iterable[int]) -> Sequence[Keys]:
    (forms,) = columns
    return [
        title_keys(of_row[0])
        if len(of_row := forms[row]) == 1
        else _each_once(key for form in of_row for key in title_keys(form))
        for row in rows
    ]


def _deal_keys(playbook: Playbook) -> MakeKeys:
    still_open = {key for key, stage in playbook.stages.items() if stage.open}

    @cache
    def spelled(service: Value) -> tuple[str, ...]:
        several = service if isinstance(service, tuple) else (str(service),)
        return _each_once(map(fold, several))

    def make(columns: Columns, rows: Sequence[int]) -> Sequence[Keys]:
        if len(rows) < len(columns[0]):
            columns = tuple([column[row] for row in rows] for column in columns)
        return [
            ()
            if contact is None or service is None or stage not in still_open
            else tuple([f"{contact}|{one}" for one in spelled(service)])
            for contact, stage, service in zip(*columns, strict=True)
        ]

    return make


# ── Titles ───────────────────────────────────────────────────────────────────────────────────────


def _find_titles(companies: Read, playbook: Playbook, before: Titles | None) -> Titles:
    rules = playbook.duplicates
    forms = make_keys(
        _columns(companies, "title", "additional_titles"),
        _title_form_keys(TitleForms(rules.legal_forms)),
        before.forms if before else None,
    )
    if before and forms is before.forms:
        return before
    same = _search((forms.keys,), _same_title_keys, before.same if before else None)
    gone, new = _changed_forms(before.forms, forms) if before else (set(), _distinct(forms))
    close: dict[str, set[str]] = defaultdict(set)
    if before:
        for form, others in before.close.items():
            if form not in gone:
                close[form] = {other for other in others if other not in gone}
    known = _distinct(forms) - new if before and new else ()
    for form, other in find_close_titles(new, known, rules.close_titles):
        close[form].add(other)
        close[other].add(form)
    return Titles(forms, same, {form: others for form, others in close.items() if others})


def _distinct(forms: Keyed) -> set[str]:
    return set(chain.from_iterable(map(each_key, forms.keys))) - {""}


def _changed_forms(before: Keyed, now: Keyed) -> tuple[set[str], set[str]]:
    """Return the forms that no row has any longer, and those that none had."""
    touched: set[str] = set()
    for row in changed_rows((before.keys,), (now.keys,)):
        for forms in (before, now):
            if row < len(forms.keys):
                touched.update(each_key(forms.keys[row]))
    touched.discard("")
    had, has = (
        touched.intersection(chain.from_iterable(each_key(forms.keys[row]) for row in rows))
        for forms in (before, now)
        for rows in (forms.rows_with(touched),)
    )
    return had - has, has - had


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


def _email_findings(contacts: Read, emails: Shared) -> Iterator[Finding]:
    naming = _of_contacts(contacts)
    for row, address in emails.rows():
        main = contacts.values["email"][row]
        is_main = main == address or (isinstance(main, tuple) and address in main)
        field = "email" if is_main else "additional_email"
        others = naming.others(row, address, emails.groups[address])
        yield _warning(contacts, row, "same_email", field, address, others)


def _phone_findings(contacts: Read, phones: Shared) -> Iterator[Finding]:
    naming = _of_contacts(contacts)
    for row, phone in phones.rows():
        others = naming.others(row, phone, phones.groups[phone])
        yield _warning(contacts, row, "same_phone", "phone", phone, others)


def _name_findings(contacts: Read, names: Shared) -> Iterator[Finding]:
    """Yield namesakes at one company, but for those whom their patronymics tell apart."""
    naming = _of_contacts(contacts)
    (patronymics,) = _columns(contacts, "patronymic")
    for row, key in names.rows():
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


def _site_findings(companies: Read, sites: Shared) -> Iterator[Finding]:
    naming = _Naming(companies, ("title",))
    for row, domain in sites.rows():
        others = naming.others(row, domain, sites.groups[domain])
        yield _warning(companies, row, "same_site", "site", domain, others)


def _title_findings(companies: Read, titles: Titles) -> Iterator[Finding]:
    naming, groups = _Naming(companies, ("title",)), titles.same.groups
    for row in sorted(set(chain.from_iterable(groups.values()))):
        for field, title, form in _forms_of(companies, titles, row):
            shared = [key for key in title_keys(form) if key in groups]
            if shared:
                members = chain.from_iterable(groups[key] for key in shared)
                others = naming.others(row, form, members)
                yield _warning(companies, row, "same_title", field, title, others)


def _close_title_findings(companies: Read, titles: Titles) -> Iterator[Finding]:
    naming = _Naming(companies, ("title",))
    spelled: dict[str, dict[int, str]] = defaultdict(dict)
    for row in titles.forms.rows_with(set(titles.close)):
        for _, title, form in _forms_of(companies, titles, row):
            spelled[form][row] = title

    @cache
    def alike(form: str) -> Mapping[int, str]:
        """Return the rows with a title close to that form, and how each names itself."""
        return {
            row: f"{naming.label(row)} ({shorten(title, MOST_SHOWN)})"
            for other in sorted(titles.close[form])
            for row, title in spelled[other].items()
        }

    for row in sorted(set(chain.from_iterable(spelled.values()))):
        for field, title, form in _forms_of(companies, titles, row):
            if form in titles.close:
                rows = alike(form)
                if others := naming.others(row, form, rows, rows.__getitem__):
                    yield _warning(companies, row, "close_title", field, title, others)


def _forms_of(companies: Read, titles: Titles, row: int) -> Iterator[tuple[str, str, str]]:
    """Yield the field, the text and the form of each of a company's titles that has a form."""
    main, more = (column[row] for column in titles.forms.columns)
    texts, forms = _titles_of(main, more), each_key(titles.forms.keys[row])
    for at, (text, form) in enumerate(zip(texts, forms, strict=True)):
        if form and form not in forms[:at]:
            yield ("additional_titles" if at else "title"), text, form


def _deal_findings(deals: Read, shared: Shared) -> Iterator[Finding]:
    naming = _Naming(deals, ("title",))
    for row, key in shared.rows():
        others = naming.others(row, key, shared.groups[key])
        services = deals.values["service"][row]
        spellings = services if isinstance(services, tuple) else (str(services),)
        service = next(text for text in spellings if key.endswith(f"|{fold(text)}"))
        yield _warning(deals, row, "same_deal", "service", service, others)
