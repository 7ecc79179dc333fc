"""What the worker says in its own columns: Check, Problems, and the names it collects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress, repeat
from operator import is_

from rules.check import Checked, RowFindings
from rules.findings import Finding
from rules.folders import collected_names
from rules.playbook import SUBJECT_TABS, Subject
from rules.references import full_name
from rules.words import Wording
from sync.identity import People
from sync.plan import Cell, Plan, differing_cells
from sync.snapshot import Snapshot


def plan_verdicts(
    snapshot: Snapshot, checked: Checked, found: Mapping[Subject, RowFindings]
) -> Plan:
    """Plan the verdicts and problems that read otherwise; rows without a record are left blank."""
    plan = Plan()
    wording = Wording(snapshot.book, checked.playbook)
    names = checked.playbook.choices["check"]
    words = {key: name.in_locale(snapshot.locale) for key, name in names.items()}
    for subject, tab in SUBJECT_TABS.items():
        table = snapshot.tables[tab]
        told, texts = checked.problems[subject], checked.texts[subject]
        check: list[Cell] = [None] * table.height
        problems: list[Cell] = [None] * table.height
        if len(found[subject]) == table.height:
            check = [words["ok"]] * table.height
        else:
            for row, _ in found[subject]:
                check[row] = words["ok"]
        for row, findings in _told(found[subject]):
            check[row] = words[findings[0].severity]
            as_told = told.get(row) is findings
            problems[row] = texts[row] if as_told else wording.problems(tab, findings)
        columns = {"check": check, "problems": problems}
        cells = {
            (tab, name): changed
            for name, wanted in columns.items()
            if (changed := differing_cells(table.column(name), wanted))
        }
        plan = plan.then(Plan(cells=cells))
    return plan


def _told(rows: RowFindings) -> RowFindings:
    """Return the rows of which there is something to tell."""
    return [pair for pair in rows if pair[1]]


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
    return {
        subject: [
            (row, tuple(sorted([*more, *findings], key=_urgency)) if more else findings)
            for row, findings in rows
            for more in (added.get((tab, row), ()),)
        ]
        for subject, rows in found.items()
        for tab in (SUBJECT_TABS[subject],)
    }


def _urgency(finding: Finding) -> bool:
    return finding.severity == "warning"


def plan_collected(snapshot: Snapshot, checked: Checked) -> Plan:
    """Plan each company's responsible managers, from its deals, and its decision makers."""
    links, contacts = checked.references, checked.contacts
    managers: dict[int, list[str]] = defaultdict(list)
    for company, name in zip(links.deal_company, checked.deals.texts("accountable"), strict=True):
        if company is not None:
            managers[company].append(name)
    deciders: dict[int, list[str]] = defaultdict(list)
    decides = map(is_, contacts.values["decision_maker"], repeat(True))
    names = zip(contacts.texts("first_name"), contacts.texts("last_name"), strict=True)
    for company, (first, last) in compress(zip(links.contact_company, names, strict=True), decides):
        if company is not None:
            deciders[company].append(full_name(first, last))
    table = snapshot.tables["companies"]
    columns = {"responsible": managers, "decision_makers": deciders}
    cells = {
        ("companies", name): changed
        for name, names in columns.items()
        if (changed := differing_cells(table.column(name), _collected(table.height, names)))
    }
    return Plan(cells=cells)


def _collected(height: int, names: Mapping[int, Sequence[str]]) -> Sequence[Cell]:
    cells: list[Cell] = [None] * height
    for row, several in names.items():
        cells[row] = (collected_names(several) if len(several) > 1 else several[0]) or None
    return cells


def count_problems(
    found: Mapping[Subject, RowFindings],
) -> Mapping[Subject, tuple[int, int, int]]:
    """Return, by subject, the rows checked, those with an error, and those with warnings only."""
    counts: dict[Subject, tuple[int, int, int]] = {}
    for subject, rows in found.items():
        worst = [findings[0].severity for _, findings in _told(rows)]
        counts[subject] = (len(rows), worst.count("error"), worst.count("warning"))
    return counts
