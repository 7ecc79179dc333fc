"""One pass over one workbook: read, remember, take effect, report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rules.check import Checked, check_book, find_problems
from rules.playbook import Playbook, Subject
from rules.reports import make_reports
from sync.commit import make_commits, settled
from sync.events import plan_events, plan_stage_since
from sync.folders import (
    FoldersMade,
    folders_to_make,
    make_folders,
    plan_intents,
    plan_links,
    plan_made,
)
from sync.identity import ids_of, plan_identity, plan_memory
from sync.last_letters import plan_last_letters
from sync.letters import Mail, fetch_mail, plan_mail, plan_marks, plan_thread_choices
from sync.plan import Plan
from sync.ports import Clock, DrivePort, MailPort, SheetsPort
from sync.relocate import fills_managers_cells, relocate
from sync.report_tabs import plan_reports
from sync.snapshot import Snapshot, after, read_snapshot
from sync.verdicts import count_problems, plan_collected, plan_verdicts

FRESH_SECONDS = 3.0
"""A snapshot older than this is not written by without reading the IDs again."""


@dataclass(frozen=True)
class Outside:
    """What a pass works with.

    Without a Drive root no folders are made. `effect_seconds` is how long folders and letters may
    each take in one pass; without it they are all done.
    """

    sheets: SheetsPort
    drive: DrivePort
    mail: MailPort
    clock: Clock
    drive_root: str | None = None
    mailboxes: Sequence[str] | None = None
    base_currency: str = "KZT"
    time_zone: str | None = None
    effect_seconds: float | None = None

    def deadline(self) -> datetime | None:
        """Return when to stop starting work outside the workbook; what is left waits."""
        if self.effect_seconds is None:
            return None
        return self.clock.now() + timedelta(seconds=self.effect_seconds)


@dataclass(frozen=True)
class PassResult:
    """What a pass found and did. `failures` are one line each; with none the pass succeeded.

    `waiting` are the mailboxes that have more to give, and when they may go on (None: at once).
    """

    spreadsheet_id: str
    title: str
    rows: Mapping[Subject, tuple[int, int, int]]
    stages: Mapping[str, int]
    deal_folders: int = 0
    company_folders: int = 0
    letters: int = 0
    events: int = 0
    reports: tuple[str, ...] = ()
    cells: int = 0
    failures: tuple[str, ...] = ()
    waiting: Mapping[str, datetime | None] = field(default_factory=dict)


def read_and_check(
    spreadsheet_id: str, playbook: Playbook, outside: Outside
) -> tuple[Snapshot, Checked]:
    """Read and check a workbook; nothing is written."""
    snapshot = read_snapshot(
        outside.sheets, spreadsheet_id, playbook, outside.clock, outside.time_zone
    )
    return snapshot, _check(snapshot, playbook)


def run_pass(spreadsheet_id: str, playbook: Playbook, outside: Outside) -> PassResult:
    """Bring one workbook up to date. Raises SyncError if it could not be read or written at all.

    What must be known before anything happens outside (new IDs, ids of folders to be made) is
    written first; everything else in one commit at the end.
    """
    snapshot, checked = read_and_check(spreadsheet_id, playbook, outside)
    now = snapshot.serial(snapshot.read_at)
    identity = plan_identity(snapshot, checked)
    if identity:
        checked = _check(after(snapshot, identity), playbook)
    memory = identity.then(_plan_memory(after(snapshot, identity), checked, outside))
    view = after(snapshot, memory)
    history = plan_events(view, checked, now)
    cells = 0
    if memory:
        cells += _write(snapshot, memory.then(history), playbook, outside)
        snapshot = view = after(view, history)
        pending = Plan()
    else:
        view, pending = after(view, history), history
    made = _make_folders(view, checked, outside)
    mail = _fetch_mail(view, checked, outside)
    effects = _plan_effects(view, checked, made, mail, outside)
    view = after(view, effects)
    outcome = _plan_outcome(view, _check(view, playbook), now, outside)
    cells += _write(snapshot, pending.then(effects).then(outcome.plan), playbook, outside)
    return PassResult(
        spreadsheet_id=spreadsheet_id,
        title=snapshot.structure.title,
        rows=outcome.counts,
        stages=outcome.stages,
        deal_folders=sum(tree.tab == "deals" for tree in made.trees),
        company_folders=sum(tree.tab == "companies" for tree in made.trees),
        letters=len(effects.appended.get("comments", ())),
        events=len(history.appended.get("events", ())),
        reports=tuple(outcome.plan.reports),
        cells=cells,
        failures=(*made.failures, *mail.failures),
        waiting=mail.waiting,
    )


def _check(snapshot: Snapshot, playbook: Playbook) -> Checked:
    return check_book(snapshot.book, playbook, int(snapshot.serial(snapshot.read_at)))


def _plan_memory(snapshot: Snapshot, checked: Checked, outside: Outside) -> Plan:
    """Plan a record for each ID, and the ids of folders to be made."""
    plan = plan_memory(snapshot, ids_of(snapshot, checked))
    if outside.drive_root:
        plan = plan.then(plan_intents(after(snapshot, plan), checked, outside.drive))
    return plan


def _make_folders(snapshot: Snapshot, checked: Checked, outside: Outside) -> FoldersMade:
    if not outside.drive_root:
        return FoldersMade()
    trees = folders_to_make(snapshot, checked, outside.drive_root)
    return make_folders(trees, outside.drive, outside.clock, outside.deadline())


def _fetch_mail(snapshot: Snapshot, checked: Checked, outside: Outside) -> Mail:
    mailboxes = _mailboxes(snapshot, outside)
    return fetch_mail(snapshot, checked, mailboxes, outside.mail, outside.clock, outside.deadline())


def _mailboxes(snapshot: Snapshot, outside: Outside) -> Sequence[str]:
    if outside.mailboxes is not None:
        return outside.mailboxes
    listed = snapshot.tables["lists"].column("mailboxes")
    return [text.strip().lower() for text in listed if isinstance(text, str) and "@" in text]


def _plan_effects(
    snapshot: Snapshot, checked: Checked, made: FoldersMade, mail: Mail, outside: Outside
) -> Plan:
    """Plan to record what happened outside: folders and their links, letters and cursors."""
    folders = plan_made(snapshot, made, snapshot.serial(snapshot.read_at))
    links = plan_links(after(snapshot, folders))
    letters = plan_mail(snapshot, checked, mail, _mailboxes(snapshot, outside))
    letters = letters.then(plan_marks(snapshot, checked, mail))
    letters = letters.then(plan_thread_choices(after(snapshot, letters)))
    return folders.then(links).then(letters)


@dataclass(frozen=True)
class _Outcome:
    plan: Plan
    counts: Mapping[Subject, tuple[int, int, int]]
    stages: Mapping[str, int]


def _plan_outcome(snapshot: Snapshot, checked: Checked, now: float, outside: Outside) -> _Outcome:
    """Plan all that follows from the workbook as it is now: verdicts, collected names, reports."""
    found = find_problems(checked)
    reports = make_reports(checked, found, outside.base_currency)
    plan = (
        plan_verdicts(snapshot, checked, found)
        .then(plan_collected(snapshot, checked))
        .then(plan_stage_since(snapshot, checked))
        .then(plan_last_letters(snapshot, checked))
        .then(plan_reports(snapshot, checked.playbook, reports, now))
    )
    counted = Counter(checked.stages.get(row, "") for row in checked.deals.rows)
    return _Outcome(plan, count_problems(found), counted)


def _write(snapshot: Snapshot, plan: Plan, playbook: Playbook, outside: Outside) -> int:
    """Write what differs from the snapshot; return the number of cells, 0 when nothing did."""
    changed = settled(snapshot, plan)
    if not changed:
        return 0
    age = outside.clock.now() - snapshot.read_at
    if age.total_seconds() > FRESH_SECONDS or fills_managers_cells(changed, playbook):
        changed = relocate(snapshot, changed, outside.sheets, playbook)
    for batch in make_commits(snapshot, changed, playbook):
        outside.sheets.write(snapshot.structure.spreadsheet_id, batch)
    return sum(map(len, changed.cells.values()))


def write_reports(spreadsheet_id: str, playbook: Playbook, outside: Outside) -> None:
    """Bring the report tabs of a workbook up to date, and nothing else."""
    snapshot, checked = read_and_check(spreadsheet_id, playbook, outside)
    reports = make_reports(checked, find_problems(checked), outside.base_currency)
    now = snapshot.serial(snapshot.read_at)
    _write(snapshot, plan_reports(snapshot, playbook, reports, now), playbook, outside)
