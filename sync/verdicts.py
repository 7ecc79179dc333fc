"""What the worker says in its own columns: Check, Problems, and the names it collects."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import compress, count
from operator import is_not

from rules.check import Checked, RowFindings
from rules.findings import Finding
from rules.folders import collected_names
from rules.playbook import SUBJECT_TABS, Subject
from rules.problems import Findings
from rules.records import Records
from rules.references import full_name
from rules.rows import is_among
from rules.shared_keys import changed_rows
from rules.words import Wording
from sync.identity import People
from sync.plan import Cell, ColumnCells, Plan, differing_cells
from sync.scope import Scope
from sync.snapshot import Snapshot


def find_retold(
    found: Mapping[Subject, RowFindings], scope: Scope
) -> Mapping[Subject, Collection[int]]:
    """Return the rows of which something else is found than was shown before; all, if unknown."""
    if scope.left is None:
        return {subject: shown.rows for subject, shown in found.items()}
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
        findings = list(map(shown.told.get, rows))
        check: list[Cell] = [words[some[0].severity if some else "ok"] for some in findings]
        problems: list[Cell] = [
            (texts[row] if told.get(row) is some else wording.problems(tab, some)) if some else None
            for row, some in zip(rows, findings, strict=True)
        ]
        for at in _blanks(rows, shown.rows, table.height):
            check[at] = problems[at] = None
        for name, wanted in (("check", check), ("problems", problems)):
            if changed := differing_cells(table.column(name), rows, wanted):
                cells[tab, name] = changed
    return Plan(cells=cells)


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
    plans = (
        _plan_names(
            snapshot,
            scope,
            "responsible",
            _Members("deals", ("accountable",), before.deal_company, links.deal_company),
            partial(checked.deals.text, "accountable"),
        ),
        _plan_names(
            snapshot,
            scope,
            "decision_makers",
            _Members("contacts", _DECIDING, before.contact_company, links.contact_company),
            partial(_decider, checked.contacts),
        ),
    )
    return plans[0].then(plans[1])


_DECIDING = ("first_name", "last_name", "decision_maker")


def _decider(contacts: Records, row: int) -> str:
    """Return the name of a contact who decides, "" of any other."""
    if contacts.values["decision_maker"][row] is not True:
        return ""
    return full_name(contacts.text("first_name", row), contacts.text("last_name", row))


@dataclass(frozen=True)
class _Members:
    """The rows of a tab that belong to companies, which those did `before`, and their `fields`."""

    tab: str
    fields: tuple[str, ...]
    before: Sequence[int | None]
    companies: Sequence[int | None]

    def touched(self, scope: Scope) -> set[int]:
        """Return the companies of which a row, or what it says, is not as it was left."""
        rows = scope.differing(self.tab, *self.fields)
        rows.update(changed_rows((self.before,), (self.companies,)))
        sides = (self.before, self.companies)
        return {at for row in rows for side in sides if (at := side[row]) is not None}

    def of(self, companies: Collection[int]) -> Iterator[tuple[int, int]]:
        """Yield the rows that belong to these companies, and which they belong to."""
        known = frozenset(companies)
        columns = zip(count(), self.companies, strict=False)
        yield from compress(columns, map(known.__contains__, self.companies))


def _plan_names(
    snapshot: Snapshot,
    scope: Scope,
    field: str,
    members: _Members,
    name_of: Callable[[int], str],
) -> Plan:
    """Plan the names that a field of each company collects from the rows that belong to it."""
    table = snapshot.tables["companies"]
    rows: Sequence[int] = range(table.height)
    if scope.left is not None:
        rows = sorted(members.touched(scope) | scope.differing("companies", field))
    names: defaultdict[int, list[str]] = defaultdict(list)
    for row, company in members.of(rows):
        if name := name_of(row):
            names[company].append(name)
    wanted = [collected_names(names[row]) or None if row in names else None for row in rows]
    changed = differing_cells(table.column(field), rows, wanted)
    return Plan(cells={("companies", field): changed} if changed else {})


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
