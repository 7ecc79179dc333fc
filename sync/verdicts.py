"""What the worker says in its own columns: Check, Problems, and the names it collects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from rules.check import Checked, RowFindings, full_names
from rules.findings import Finding
from rules.folders import collected_names
from rules.playbook import SUBJECT_TABS, Subject
from rules.words import Wording
from sync.identity import People
from sync.plan import Cell, Plan
from sync.snapshot import Snapshot


def plan_verdicts(
    snapshot: Snapshot, checked: Checked, found: Mapping[Subject, RowFindings]
) -> Plan:
    """Plan the verdict and the problems of every row; rows without a record are left blank."""
    plan = Plan()
    wording = Wording(snapshot.book, checked.playbook)
    names = checked.playbook.choices["check"]
    words = {key: name.in_locale(snapshot.locale) for key, name in names.items()}
    for subject, tab in SUBJECT_TABS.items():
        height = snapshot.tables[tab].height
        check: dict[int, Cell] = dict.fromkeys(range(height))
        problems: dict[int, Cell] = dict.fromkeys(range(height))
        for row, findings in found[subject]:
            check[row] = words[findings[0].severity if findings else "ok"]
            if findings:
                told = checked.problems[subject].get(row) is findings
                problems[row] = (
                    checked.texts[subject][row] if told else wording.problems(tab, findings)
                )
        plan = plan.then(Plan(cells={(tab, "check"): check, (tab, "problems"): problems}))
    return plan


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
    managers: dict[int, list[str]] = defaultdict(list)
    for row in checked.deals.rows:
        company = checked.references.deal_company[row]
        if company is not None:
            managers[company].append(checked.deals.text("accountable", row))
    deciders: dict[int, list[str]] = defaultdict(list)
    for row in checked.contacts.rows:
        company = checked.references.contact_company[row]
        if company is not None and checked.contacts.values["decision_maker"][row] is True:
            deciders[company].append(full_names(checked.contacts, row)[0])
    return Plan(
        cells={
            ("companies", "responsible"): _collected(checked, managers),
            ("companies", "decision_makers"): _collected(checked, deciders),
        }
    )


def _collected(checked: Checked, names: Mapping[int, list[str]]) -> dict[int, Cell]:
    height = checked.companies.table.height
    return {row: collected_names(names.get(row, ())) or None for row in range(height)}


def count_problems(
    found: Mapping[Subject, RowFindings],
) -> Mapping[Subject, tuple[int, int, int]]:
    """Return, by subject, the rows checked, those with an error, and those with warnings only."""
    counts: dict[Subject, tuple[int, int, int]] = {}
    for subject, rows in found.items():
        worst = [findings[0].severity if findings else None for _, findings in rows]
        counts[subject] = (len(worst), worst.count("error"), worst.count("warning"))
    return counts
