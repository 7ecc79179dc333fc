"""One pass over one workbook: read, recognise, guard, remember, take effect, report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from rules.check import Checked, RowFindings, check_book, find_problems
from rules.collecting import uncollected
from rules.dismissal import standing
from rules.letter_suggestions import find_suggestions
from rules.playbook import SUBJECT_TABS, Playbook, Subject
from rules.report_table import ReportTable
from rules.reports import make_reports
from sync.accepted import accepted_warnings, plan_accepted
from sync.attachments import Filed, file_attachments, plan_filed
from sync.changes import Rehearsal
from sync.commit import settled
from sync.committing import Committed, Committer
from sync.discussions import post_letters
from sync.doubles import plan_doubles
from sync.errors import ConflictError, SyncError, UnknownOutcomeError
from sync.events import plan_events, plan_stage_since
from sync.folders import FolderWork, Intents, plan_intents, work_on_folders
from sync.folders.rehearsed import RehearsedDrive
from sync.guard import find_mass_changes, plan_counts
from sync.identity import People, identify, plan_gone, plan_new, plan_records, plan_restored
from sync.last_letters import plan_last_letters
from sync.layout import DASHBOARD, LETTERS, RECORDS
from sync.letters import Mail, Recheck, fetch_mail, plan_mail, plan_marks, plan_thread_choices
from sync.mail_report import mail_reports
from sync.notices import (
    is_confirmed,
    is_nearly_full,
    make_banner,
    make_notices,
    plan_banner,
)
from sync.plan import Grid, Plan
from sync.ports import ChangeLog, Clock, DrivePort, MailPort, SheetsPort
from sync.report_tabs import plan_reports
from sync.scores import plan_scores
from sync.snapshot import Snapshot, after, is_same_reading, read_snapshot
from sync.verdicts import (
    count_problems,
    plan_collected,
    plan_verdicts,
    unclear_rows,
    with_findings,
)

MOST_PASSES = 20
"""After so many passes the structure of a workbook is read again, though it is known."""

ATTEMPTS = 3
"""So often a workbook is read and planned anew when somebody else writes at the same time."""


@dataclass(frozen=True)
class Outside:
    """What a pass works with.

    Without a Drive root no folders are made. `effect_seconds` is how long folders and letters may
    each take in one pass; without it they are all done. With a `rehearsal` nothing is written. With
    `recheck` the mailboxes are compared with the log.
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
    log: ChangeLog | None = None
    rehearsal: Rehearsal | None = None
    known: dict[str, Known] | None = None
    recheck: Recheck | None = None

    def deadline(self) -> datetime | None:
        """Return when to stop starting work outside the workbook; what is left waits."""
        if self.effect_seconds is None:
            return None
        return self.clock.now() + timedelta(seconds=self.effect_seconds)

    def recall(self, spreadsheet_id: str) -> Known | None:
        """Return what an earlier pass of this process left behind."""
        return self.known.get(spreadsheet_id) if self.known and self.rehearsal is None else None

    def remember(self, known: Known) -> None:
        """Keep what a pass leaves behind, if this process does."""
        if self.known is not None and self.rehearsal is None:
            self.known[known.snapshot.structure.spreadsheet_id] = known

    def forget(self, spreadsheet_id: str) -> None:
        """Start from nothing the next time."""
        if self.known is not None:
            self.known.pop(spreadsheet_id, None)

    def committer(self, playbook: Playbook) -> Committer:
        """Return what writes to the workbook."""
        return Committer(self.sheets, self.clock, playbook, self.log, self.rehearsal)


@dataclass(frozen=True)
class PassResult:
    """What a pass found and did.

    `failures` are one line each; `waiting` are the mailboxes that have more to give, and when they
    may go on (None: at once); `faults` what is wrong with tabs and headers, which a person must
    mend; `held` why folders, letters and history wait. With none of them the pass succeeded.
    """

    spreadsheet_id: str
    title: str
    rows: Mapping[Subject, tuple[int, int, int]]
    stages: Mapping[str, int]
    deal_folders: int = 0
    company_folders: int = 0
    folders_changed: int = 0
    folders_waiting: int = 0
    letters: int = 0
    events: int = 0
    reports: tuple[str, ...] = ()
    cells: int = 0
    failures: tuple[str, ...] = ()
    waiting: Mapping[str, datetime | None] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """What a pass leaves behind in its process, so that the next one need not begin from nothing.

    It may vanish at any time: what it says is held against the workbook. `snapshot` is what the
    pass left there, `checked` the check of it. `settled`: nothing waits to be done.
    """

    snapshot: Snapshot
    checked: Checked
    prepared: _Prepared
    folders: FolderWork
    result: PassResult
    settled: bool
    passes: int

    def still_holds(self, snapshot: Snapshot) -> bool:
        """Return whether a new reading leaves nothing to check: the same cells on the same day."""
        days = {int(one.serial(one.read_at)) for one in (self.snapshot, snapshot)}
        return (
            self.settled
            and self.passes < MOST_PASSES
            and len(days) == 1
            and is_same_reading(self.snapshot, snapshot)
        )


@dataclass(frozen=True)
class Rehearsed:
    """The result of a pass that was only rehearsed, and what it would have done."""

    result: PassResult
    rehearsal: Rehearsal


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

    Whoever else writes at the same time, the workbook is read and planned again.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return _run_once(spreadsheet_id, playbook, outside)
        except (ConflictError, UnknownOutcomeError):
            outside.forget(spreadsheet_id)
    return _run_once(spreadsheet_id, playbook, outside)


def rehearse(spreadsheet_id: str, playbook: Playbook, outside: Outside) -> Rehearsed:
    """Return what a pass would do now. Letters are read, and nothing is written anywhere."""
    rehearsal = Rehearsal()
    result = _run_once(spreadsheet_id, playbook, replace(outside, rehearsal=rehearsal))
    return Rehearsed(result, rehearsal)


def _run_once(spreadsheet_id: str, playbook: Playbook, outside: Outside) -> PassResult:
    """Read, plan and write once; what is known of the last pass need not be found out again."""
    known = outside.recall(spreadsheet_id)
    before = known.snapshot if known and known.passes < MOST_PASSES else None
    passes = known.passes + 1 if known and before else 0
    committer = outside.committer(playbook)
    with uncollected():
        snapshot = read_snapshot(
            outside.sheets, spreadsheet_id, playbook, outside.clock, outside.time_zone, before
        )
        still_holds = known is not None and known.still_holds(snapshot)
        if known is not None and still_holds:
            prepared = replace(known.prepared, snapshot=snapshot, view=snapshot)
        else:
            checked = _check(snapshot, playbook, known.checked if known else None)
            people = identify(snapshot, checked, known.prepared.people if known else None)
            prepared = _prepare(snapshot, checked, people, committer, outside)
    acted = _act(prepared, outside, known.folders if known and still_holds else None)
    if known is not None and still_holds and not acted.news(prepared, known.folders.notices):
        outside.remember(replace(known, snapshot=snapshot, folders=acted.folders, passes=passes))
        return replace(known.result, failures=acted.failures, waiting=acted.waiting)
    with uncollected():
        outcome, committed = _conclude(prepared, acted, committer, outside)
        result = _result(prepared, acted, outcome, committed.cells)
        outside.remember(_known(prepared, acted, outcome, committed, result, passes))
    return result


@dataclass(frozen=True)
class _Prepared:
    """A pass up to the point where something happens outside.

    `snapshot` is the workbook as it stands, `view` as it will with what is `pending`.
    """

    snapshot: Snapshot
    view: Snapshot
    checked: Checked
    people: People
    gate: _Gate
    pending: Plan = field(default_factory=Plan)
    intents: Intents = field(default_factory=Intents)
    events: int = 0
    cells: int = 0


def _prepare(
    snapshot: Snapshot, checked: Checked, people: People, committer: Committer, outside: Outside
) -> _Prepared:
    """Restore, guard and remember.

    What must be known before anything happens outside (ids of folders to be made) is committed.
    """
    pending = plan_restored(snapshot, checked, people)
    view = after(snapshot, pending)
    if pending:  # what refers to a restored ID is read anew
        checked = _check(view, checked.playbook, checked)
    snapshot = _without_doubles(snapshot, committer)
    gate = _gate(snapshot, checked, people)
    now = snapshot.serial(snapshot.read_at)
    if gate.remembers:
        numbered = plan_new(view, checked, people)
        pending, view = pending.then(numbered), after(view, numbered)
        if numbered:
            checked = _check(view, checked.playbook, checked)
        memory = _plan_memory(view, checked, people, now)
        pending, view = pending.then(memory), after(view, memory)
    intents, history = Intents(), Plan()
    if gate.makes_folders and outside.drive_root:
        intents = plan_intents(view, checked, outside.rehearsal or outside.drive)
        view = after(view, intents.plan)
    if gate.writes_history:
        history = plan_events(view, checked, now)
        view = after(view, history)
    prepared = _Prepared(
        snapshot, view, checked, people, gate, pending.then(intents.plan).then(history), intents,
        events=len(history.appended.get("events", ())),
    )  # fmt: skip
    if not intents.plan:
        return prepared
    committed = committer.commit(snapshot, prepared.pending, reread=False)
    now_there = committed.snapshot
    return replace(
        prepared, snapshot=now_there, view=now_there, pending=Plan(), cells=committed.cells
    )


@dataclass(frozen=True)
class _Acted:
    """What happened outside, and what is to be recorded of it."""

    folders: FolderWork
    mail: Mail | None
    effects: Plan
    failures: tuple[str, ...]

    @property
    def waiting(self) -> Mapping[str, datetime | None]:
        """The mailboxes that have more to give."""
        return self.mail.waiting if self.mail else {}

    def news(self, prepared: _Prepared, told: Sequence[str]) -> bool:
        """Return whether there is anything to record, or to tell that has not been told."""
        return bool(settled(prepared.snapshot, self.effects)) or self.folders.notices != told


def _act(prepared: _Prepared, outside: Outside, before: FolderWork | None = None) -> _Acted:
    """Work on folders, fetch letters, put their files away.

    `before` is the work on folders of the pass before, if the workbook reads as it did then.
    """
    view, checked, gate, intents = (
        prepared.view, prepared.checked, prepared.gate, prepared.intents
    )  # fmt: skip
    folders = FolderWork()
    if gate.makes_folders and outside.drive_root:
        folders = _work_on_folders(view, checked, intents, outside, outside.drive_root, before)
    mail = _fetch_mail(view, checked, outside) if gate.reads_mail else None
    effects = _plan_effects(view, checked, folders, mail, outside)
    filed = _file_attachments(after(view, effects), checked, outside) if mail else Filed()
    posted, not_posted = _post_letters(view, checked, outside)
    failures = (
        *(*intents.failures, *folders.failures),
        *(mail.failures if mail else ()),
        *(*filed.failures, *not_posted),
    )
    return _Acted(folders, mail, effects.then(plan_filed(filed)).then(posted), failures)


def _conclude(
    prepared: _Prepared, acted: _Acted, committer: Committer, outside: Outside
) -> tuple[_Outcome, Committed]:
    """Plan all that follows, and write what differs."""
    view = after(prepared.view, acted.effects)
    now = view.serial(view.read_at)
    checked = _check(view, prepared.checked.playbook, prepared.checked)
    gate = replace(prepared.gate, banner=prepared.gate.banner_with(acted.folders.notices, view))
    outcome = _plan_outcome(view, checked, prepared.people, gate, now, outside, acted.mail)
    pending = prepared.pending.then(acted.effects).then(outcome.plan)
    if gate.remembers:
        pending = pending.then(plan_counts(view, checked))
    return outcome, committer.commit(prepared.snapshot, pending)


def _result(prepared: _Prepared, acted: _Acted, outcome: _Outcome, cells: int) -> PassResult:
    structure, folders = prepared.snapshot.structure, acted.folders
    return PassResult(
        spreadsheet_id=structure.spreadsheet_id,
        title=structure.title,
        rows=outcome.counts,
        stages=outcome.stages,
        deal_folders=folders.done("deals"),
        company_folders=folders.done("companies"),
        folders_changed=folders.done("renamed") + folders.done("moved"),
        folders_waiting=folders.waiting,
        letters=len(acted.effects.appended.get("comments", ())),
        events=prepared.events,
        reports=tuple(outcome.plan.reports),
        cells=prepared.cells + cells,
        failures=acted.failures,
        waiting=acted.waiting,
        faults=tuple(map(str, prepared.snapshot.faults)),
        held=prepared.gate.held,
    )


def _known(
    prepared: _Prepared,
    acted: _Acted,
    outcome: _Outcome,
    committed: Committed,
    result: PassResult,
    passes: int,
) -> Known:
    """Return what the next pass may start from."""
    waits = (*result.failures, *result.waiting, *result.faults, *result.held)
    checked = outcome.checked.of_book(outcome.checked.book)  # without the check before it
    return Known(
        snapshot=committed.snapshot,
        checked=checked,
        prepared=replace(prepared, checked=checked, pending=Plan(), intents=Intents()),
        folders=acted.folders,
        result=replace(result, letters=0, events=0, reports=(), cells=0),
        settled=not waits and (acted.folders.at_rest or not acted.folders.waiting),
        passes=passes,
    )


def _without_doubles(snapshot: Snapshot, committer: Committer) -> Snapshot:
    """Remove what two writers wrote at once, if Sheets let them both through."""
    if not (doubles := plan_doubles(snapshot)):
        return snapshot
    committer.commit(snapshot, doubles)
    raise ConflictError("two workers wrote at once: doubled rows removed")


@dataclass(frozen=True)
class _Gate:
    """What a pass may do, as the workbook stands; `banner` is what the dashboard says of it."""

    notices: tuple[str, ...]
    banner: Grid
    held: tuple[str, ...]
    remembers: bool
    writes_history: bool
    makes_folders: bool
    reads_mail: bool
    reports: bool

    def banner_with(self, notices: Sequence[str], snapshot: Snapshot) -> Grid:
        """Return the banner with what the pass has found out besides."""
        if not notices:
            return self.banner
        told = (*self.notices, *notices)
        return make_banner(told, snapshot.locale, asks=bool(self.held))


def _gate(snapshot: Snapshot, checked: Checked, people: People) -> _Gate:
    playbook = checked.playbook
    changes = find_mass_changes(snapshot, checked, people) if snapshot.has("deals", RECORDS) else ()
    notices = make_notices(snapshot, playbook, changes)
    banner = make_banner(notices, snapshot.locale, asks=bool(changes))
    if changes and is_confirmed(snapshot, banner):
        changes = ()
        notices = make_notices(snapshot, playbook, changes)
        banner = make_banner(notices, snapshot.locale, asks=False)
    remembers = snapshot.has(RECORDS) and not changes
    return _Gate(
        notices=notices,
        banner=banner,
        held=tuple(str(change) for change in changes),
        remembers=remembers,
        writes_history=remembers and snapshot.has("deals", "events"),
        makes_folders=remembers and snapshot.has("deals", "companies"),
        reads_mail=remembers
        and snapshot.has("deals", "contacts", "companies", "comments", LETTERS)
        and not is_nearly_full(snapshot),
        reports=snapshot.has(*playbook.tabs),
    )


def _check(snapshot: Snapshot, playbook: Playbook, before: Checked | None = None) -> Checked:
    today = int(snapshot.serial(snapshot.read_at))
    return check_book(snapshot.book, playbook, today, before)


def _plan_memory(snapshot: Snapshot, checked: Checked, people: People, now: float) -> Plan:
    """Plan a record for each ID, and which IDs have lost their rows."""
    return plan_records(snapshot, checked, people).then(plan_gone(snapshot, people, now))


def _work_on_folders(
    snapshot: Snapshot,
    checked: Checked,
    intents: Intents,
    outside: Outside,
    root: str,
    before: FolderWork | None,
) -> FolderWork:
    rehearsal = outside.rehearsal
    drive = outside.drive if rehearsal is None else RehearsedDrive(outside.drive, rehearsal)
    deadline = outside.deadline()
    return work_on_folders(
        snapshot, checked, intents.copies, drive, root, outside.clock, deadline, before
    )


def _fetch_mail(snapshot: Snapshot, checked: Checked, outside: Outside) -> Mail:
    mailboxes = _mailboxes(snapshot, outside)
    return fetch_mail(
        snapshot,
        checked,
        mailboxes,
        outside.mail,
        outside.clock,
        outside.deadline(),
        outside.recheck,
    )


def _file_attachments(snapshot: Snapshot, checked: Checked, outside: Outside) -> Filed:
    if outside.rehearsal is not None or not checked.playbook.letters.attachments.file:
        return Filed()
    deadline = outside.deadline()
    return file_attachments(snapshot, checked, outside.mail, outside.drive, outside.clock, deadline)


def _post_letters(
    snapshot: Snapshot, checked: Checked, outside: Outside
) -> tuple[Plan, Sequence[str]]:
    """Post the letters that earlier passes have logged, which are certain to stand there.

    What goes wrong is told, and left to the next pass.
    """
    wanted = checked.playbook.letters.native_comments and outside.rehearsal is None
    if not wanted or not snapshot.has("deals", "comments", LETTERS):
        return Plan(), ()
    try:
        return post_letters(snapshot, outside.sheets), ()
    except SyncError as error:
        return Plan(), [f"letters not posted as comments: {error}"]


def _mailboxes(snapshot: Snapshot, outside: Outside) -> Sequence[str]:
    if outside.mailboxes is not None:
        return outside.mailboxes
    return listed_mailboxes(snapshot)


def listed_mailboxes(snapshot: Snapshot) -> Sequence[str]:
    """Return the addresses that the tab Lists names as mailboxes."""
    listed = snapshot.tables["lists"].column("mailboxes")
    return [text.strip().lower() for text in listed if isinstance(text, str) and "@" in text]


def _plan_effects(
    snapshot: Snapshot, checked: Checked, work: FolderWork, mail: Mail | None, outside: Outside
) -> Plan:
    """Plan to record what happened outside: folders and their links, letters and cursors."""
    plan = work.plan
    if mail is None:
        return plan
    letters = plan_mail(snapshot, checked, mail)
    letters = letters.then(plan_marks(snapshot, checked, mail))
    if not letters.removed:
        letters = letters.then(plan_thread_choices(after(snapshot, letters)))
    return plan.then(letters)


@dataclass(frozen=True)
class _Outcome:
    checked: Checked
    plan: Plan
    counts: Mapping[Subject, tuple[int, int, int]]
    stages: Mapping[str, int]


def _plan_outcome(
    snapshot: Snapshot,
    checked: Checked,
    people: People,
    gate: _Gate,
    now: float,
    outside: Outside,
    mail: Mail | None,
) -> _Outcome:
    """Plan all that follows from the workbook as it is now: verdicts, collected names, reports."""
    found = with_findings(find_problems(checked), unclear_rows(people))
    warned = with_findings(found, find_suggestions(checked))
    accepted = accepted_warnings(snapshot, checked, warned)
    shown = standing(checked, warned, accepted)
    plan = plan_verdicts(snapshot, checked, shown)
    if snapshot.has("deals", RECORDS):
        plan = plan.then(plan_accepted(snapshot, accepted))
    if snapshot.has("deals", "contacts", "companies"):
        plan = plan.then(plan_collected(snapshot, checked))
    if snapshot.has("deals", RECORDS):
        plan = plan.then(plan_stage_since(snapshot, checked))
    if snapshot.has("deals", "comments"):
        plan = plan.then(plan_last_letters(snapshot, checked))
    if snapshot.has(*SUBJECT_TABS.values(), "lists", RECORDS):
        plan = plan.then(plan_scores(snapshot, checked, outside.base_currency))
    if gate.reports:
        reports = _make_reports(snapshot, checked, found, outside, mail)
        plan = plan.then(plan_reports(snapshot, checked.playbook, reports, now))
    plan = plan.then(plan_banner(snapshot, gate.banner, rewritten=DASHBOARD in plan.reports))
    counted = Counter(checked.stages.get(row, "") for row in checked.deals.rows)
    return _Outcome(checked, plan, count_problems(shown), counted)


def _make_reports(
    snapshot: Snapshot,
    checked: Checked,
    found: Mapping[Subject, RowFindings],
    outside: Outside,
    mail: Mail | None,
) -> Mapping[str, Sequence[ReportTable]]:
    """Return the tables of all report tabs; those about mail stand on the dashboard."""
    reports = dict(make_reports(checked, found, outside.base_currency))
    if snapshot.has("comments", LETTERS):
        tables = mail_reports(snapshot, mail, _mailboxes(snapshot, outside))
        reports[DASHBOARD] = (*reports[DASHBOARD], *tables)
    return reports


def write_reports(spreadsheet_id: str, playbook: Playbook, outside: Outside) -> None:
    """Bring the report tabs of a workbook up to date, and nothing else."""
    snapshot, checked = read_and_check(spreadsheet_id, playbook, outside)
    if snapshot.has(*playbook.tabs):
        reports = _make_reports(snapshot, checked, find_problems(checked), outside, None)
        now = snapshot.serial(snapshot.read_at)
        plan = plan_reports(snapshot, playbook, reports, now)
        outside.committer(playbook).commit(snapshot, plan)
