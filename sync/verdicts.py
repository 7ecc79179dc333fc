"""What the worker says in its own columns: Check, Problems, and the names it collects."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, count, repeat
from operator import is_, is_not

from rules.check import Checked, RowFindings
from rules.findings import Finding
from rules.folders import collected_names
from rules.playbook import SUBJECT_TABS, Subject
from rules.problems import Findings
from rules.records import Records
from rules.references import full_name
from rules.rows import cells_at, is_among
from rules.shared_keys import changed_rows
from rules.words import Wording
from sync.identity import People
from sync.plan import Cell, ColumnCells, Plan, differing_cells
from sync.scope import Scope
from sync.snapshot import Snapshot


def find_retold(
    found: Mapping[Subject, RowFindings], scope: Scope
) -> Mapping[Subject, Collection[int]]:
    """Return the rows of which something else is found than was shown before.

    All of which anything is found, if nothing is known to be left.
    """
    if scope.left is None:
        return {subject: shown.told.keys() for subject, shown in found.items()}
    return {
        subject: _otherwise(scope.left.shown[subject].told, shown.told)
        for subject, shown in found.items()
    }


def _otherwise(before: Mapping[int, Findings], now: Mapping[int, Findings]) -> set[int]:
    """Return the rows whose findings are not the very same objects."""
    if now is before:
        return set()
    rows = set(compress(now, map(is_not, now.values(), map(before.get, now))))
    if len(now) - sum(row not in before for row in rows) < len(before):
        rows |= before.keys() - now.keys()
    return rows


def plan_verdicts(
    snapshot: Snapshot,
    checked: Checked,
    found: Mapping[Subject, RowFindings],
    retold: Mapping[Subject, Collection[int]],
    scope: Scope,
) -> Plan:
    """Plan the verdicts and problems that read otherwise; rows without a record are left blank.

    `retold` are the rows of which something else is found than before.
    """
    cells: dict[tuple[str, str], ColumnCells] = {}
    wording = Wording(snapshot.book, checked.playbook)
    names = checked.playbook.choices["check"]
    words = {key: name.in_locale(snapshot.locale) for key, name in names.items()}
    for subject, tab in SUBJECT_TABS.items():
        table, shown = snapshot.tables[tab], found[subject]
        told, texts = checked.problems[subject], checked.texts[subject]
        rows: Sequence[int] = range(table.height)
        if scope.left is not None:
            rows = sorted(scope.differing(tab, "check", "problems").union(retold[subject]))
        check: list[Cell] = [words["ok"]] * len(rows)
        problems: list[Cell] = [None] * len(rows)
        for at, row, some in _told_at(rows, shown.told, table.height):
            check[at] = words[some[0].severity]
            problems[at] = texts[row] if told.get(row) is some else wording.problems(tab, some)
        for at in _blanks(rows, shown.rows, table.height):
            check[at] = problems[at] = None
        for name, wanted in (("check", check), ("problems", problems)):
            if changed := differing_cells(table.column(name), rows, wanted):
                cells[tab, name] = changed
    return Plan(cells=cells)


def _told_at(
    rows: Sequence[int], told: Mapping[int, Findings], height: int
) -> Iterator[tuple[int, int, Findings]]:
    """Yield the place and the number of those rows that something is told of, and what."""
    if len(rows) == height:
        yield from ((row, row, some) for row, some in told.items() if some)
    else:
        yield from ((at, row, some) for at, row in enumerate(rows) if (some := told.get(row)))


def _blanks(rows: Sequence[int], records: Sequence[int], height: int) -> Iterable[int]:
    """Return the places of those rows that hold no record."""
    if len(records) == height:
        return ()
    return [at for at, row in enumerate(rows) if not is_among(records, row)]


def unclear_rows(people: People) -> Iterator[Finding]:
    """Yield a finding for each row of which nobody can tell who it is."""
    for tab, who in people.found.items():
        for row, candidates in who.unclear.items():
            yield Finding("error", "identity_unclear", tab, row, ("id",), "", ", ".join(candidates))


def with_findings(
    found: Mapping[Subject, RowFindings], further: Iterable[Finding]
) -> Mapping[Subject, RowFindings]:
    """Return the findings with more of them on their own rows, the most urgent first."""
    added: defaultdict[tuple[str, int], list[Finding]] = defaultdict(list)
    for finding in further:
        added[finding.tab, finding.row].append(finding)
    if not added:
        return found
    told = {subject: dict(rows.told) for subject, rows in found.items()}
    by_tab = {tab: told[subject] for subject, tab in SUBJECT_TABS.items()}
    for (tab, row), more in added.items():
        by_tab[tab][row] = tuple(sorted([*more, *by_tab[tab].get(row, ())], key=_urgency))
    return {subject: RowFindings(rows.rows, told[subject]) for subject, rows in found.items()}


def _urgency(finding: Finding) -> bool:
    return finding.severity == "warning"


def plan_collected(snapshot: Snapshot, checked: Checked, scope: Scope) -> Plan:
    """Plan each company's responsible managers, from its deals, and its decision makers."""
    links = checked.references
    before = scope.left.checked.references if scope.left else links
    deals = _Members(checked.deals, before.deal_company, links.deal_company)
    contacts = _Members(checked.contacts, before.contact_company, links.contact_company)
    responsible = _plan_names(snapshot, scope, "responsible", deals, _accountable, ("accountable",))
    deciding = _plan_names(snapshot, scope, "decision_makers", contacts, _deciders, _DECIDING)
    return responsible.then(deciding)


_NAMES = ("first_name", "last_name")
_DECIDING = (*_NAMES, "decision_maker")


def _accountable(deals: Records, rows: Sequence[int]) -> Sequence[str]:
    """Return the manager of each of the deals."""
    return deals.texts_at("accountable", rows)


def _deciders(contacts: Records, rows: Sequence[int]) -> Sequence[str]:
    """Return the full name of each of the contacts who decides, "" of any other."""
    decides = list(map(is_, cells_at(contacts.values["decision_maker"], rows), repeat(True)))
    deciders = list(compress(rows, decides))
    names = map(full_name, *(contacts.texts_at(key, deciders) for key in _NAMES))
    return [next(names) if yes else "" for yes in decides]


@dataclass(frozen=True)
class _Members:
    """Records that belong to companies: to which row of theirs each belongs, and did `before`."""

    records: Records
    before: Sequence[int | None]
    companies: Sequence[int | None]

    def touched(self, scope: Scope, fields: Sequence[str]) -> set[int]:
        """Return the companies of which a record, or what these fields say, is not as it was."""
        rows = scope.differing(self.records.table.tab, *fields)
        rows.update(changed_rows((self.before,), (self.companies,)))
        sides = (self.before, self.companies)
        return {at for row in rows for side in sides if (at := side[row]) is not None}

    def of(self, companies: Collection[int]) -> tuple[Sequence[int], Sequence[int]]:
        """Return the rows that belong to these companies, and which each of them belongs to."""
        among = list(map(frozenset(companies).__contains__, self.companies))
        rows = list(compress(count(), among))
        return rows, list(compress(self.companies, among))  # type: ignore[arg-type]  # no None


def _plan_names(
    snapshot: Snapshot,
    scope: Scope,
    field: str,
    members: _Members,
    names_of: Callable[[Records, Sequence[int]], Sequence[str]],
    told_by: Sequence[str],
) -> Plan:
    """Plan the names that a field of each company collects from the records that belong to it."""
    table = snapshot.tables["companies"]
    rows: Sequence[int] = range(table.height)
    if scope.left is not None:
        rows = sorted(members.touched(scope, told_by) | scope.differing("companies", field))
    belonging, companies = members.of(rows)
    names: defaultdict[int, list[str]] = defaultdict(list)
    for company, name in zip(companies, names_of(members.records, belonging), strict=True):
        if name:
            names[company].append(name)
    wanted = [_collected(names[row]) if row in names else None for row in rows]
    changed = differing_cells(table.column(field), rows, wanted)
    return Plan(cells={("companies", field): changed} if changed else {})


def _collected(names: Sequence[str]) -> Cell:
    return collected_names(names) if len(names) > 1 else names[0]


def count_problems(
    found: Mapping[Subject, RowFindings],
    retold: Mapping[Subject, Collection[int]],
    scope: Scope,
) -> Mapping[Subject, tuple[int, int, int]]:
    """Return, by subject, the rows checked, those with an error, and those with warnings only."""
    counts: dict[Subject, tuple[int, int, int]] = {}
    for subject, shown in found.items():
        worst = Counter(_severities(shown, retold[subject]))
        if scope.left is not None:
            _, errors, warnings = scope.left.counts[subject]
            worst.update(error=errors, warning=warnings)
            worst.subtract(_severities(scope.left.shown[subject], retold[subject]))
        counts[subject] = (len(shown), worst["error"], worst["warning"])
    return counts


def _severities(shown: RowFindings, rows: Collection[int]) -> Iterator[str]:
    """Yield the verdict on each of the rows that are records and have any problem."""
    told = map(shown.told.get, rows)
    for row, findings in zip(rows, told, strict=True):
        if findings and is_among(shown.rows, row):
            yield findings[0].severity
