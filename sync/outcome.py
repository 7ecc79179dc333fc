"""What follows from a workbook as it stands: verdicts, collected names, scores, reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rules.check import Checked, RowFindings, find_problems
from rules.dismissal import standing
from rules.letter_suggestions import find_suggestions
from rules.playbook import SUBJECT_TABS, Subject
from rules.report_table import ReportTable
from rules.reports import Reported, make_reports
from sync.accepted import accepted_warnings, plan_accepted
from sync.gate import Gate
from sync.identity import People
from sync.last_letters import plan_last_letters
from sync.layout import DASHBOARD, LETTERS, RECORDS
from sync.letters import Mail
from sync.mail_report import mail_reports
from sync.notices import plan_banner
from sync.outside import Outside
from sync.plan import Plan
from sync.report_tabs import plan_reports
from sync.scope import Scope
from sync.scores import plan_scores
from sync.snapshot import Snapshot
from sync.verdicts import (
    count_problems,
    find_retold,
    plan_collected,
    plan_verdicts,
    unclear_rows,
    with_findings,
)


@dataclass(frozen=True)
class Outcome:
    """What follows from a workbook: its check, the plan, the reports, rows and deals counted.

    `shown` are the findings that the rows tell of: those that nobody has dismissed.
    """

    checked: Checked
    plan: Plan
    shown: Mapping[Subject, RowFindings]
    counts: Mapping[Subject, tuple[int, int, int]]
    stages: Mapping[str, int]
    reported: Reported | None


def plan_outcome(
    snapshot: Snapshot,
    checked: Checked,
    people: People,
    gate: Gate,
    scope: Scope,
    now: float,
    outside: Outside,
    mail: Mail | None,
    reported: Reported | None = None,
) -> Outcome:
    """Plan all that follows from the workbook as it is now: verdicts, collected names, reports.

    `reported` are the reports of an earlier state.
    """
    found = with_findings(find_problems(checked), unclear_rows(people))
    warned = with_findings(found, find_suggestions(checked))
    accepted = accepted_warnings(snapshot, checked, warned)
    shown = standing(checked, warned, accepted)
    retold = find_retold(shown, scope)
    plan = plan_verdicts(snapshot, checked, shown, retold, scope)
    if snapshot.has("deals", RECORDS):
        plan = plan.then(plan_accepted(snapshot, accepted))
    if snapshot.has("deals", "contacts", "companies"):
        plan = plan.then(plan_collected(snapshot, checked, scope))
    if snapshot.has("deals", "comments"):
        plan = plan.then(plan_last_letters(snapshot, checked))
    if snapshot.has(*SUBJECT_TABS.values(), "lists", RECORDS):
        plan = plan.then(plan_scores(snapshot, checked, outside.base_currency, scope))
    if gate.reports:
        reported = make_reports(checked, found, outside.base_currency, reported)
        reports = report_tables(snapshot, reported, outside, mail)
        plan = plan.then(plan_reports(snapshot, checked.playbook, reports, now))
    plan = plan.then(plan_banner(snapshot, gate.banner, rewritten=DASHBOARD in plan.reports))
    counts = count_problems(shown, retold, scope)
    return Outcome(checked, plan, shown, counts, _count_stages(checked), reported)


def _count_stages(checked: Checked) -> Mapping[str, int]:
    """Return how many deals are at each stage, "" for none."""
    counted = {stage: count for stage, count in Counter(checked.stages).items() if stage}
    unclear = len(checked.deals.rows) - sum(counted.values())
    return {**counted, "": unclear} if unclear else counted


def report_tables(
    snapshot: Snapshot, reported: Reported, outside: Outside, mail: Mail | None
) -> Mapping[str, Sequence[ReportTable]]:
    """Return the tables of all report tabs; those about mail stand on the dashboard."""
    reports = dict(reported.tables)
    if snapshot.has("comments", LETTERS):
        tables = mail_reports(snapshot, mail, outside.mailboxes_of(snapshot))
        reports[DASHBOARD] = (*reports[DASHBOARD], *tables)
    return reports
