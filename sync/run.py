"""One pass over one workbook: read, recognise, guard, remember, take effect, report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from rules.check import Checked, check_book, find_problems
from rules.collecting import uncollected
from rules.playbook import Playbook, Subject
from rules.reports import Reported, make_reports
from sync.changes import Rehearsal
from sync.committing import Committed, Committer
from sync.doubles import plan_doubles
from sync.effects import Acted, take_effect
from sync.errors import ConflictError, SyncError, UnknownOutcomeError
from sync.events import plan_events, plan_stage_since
from sync.folders import FolderWork, Intents, plan_intents
from sync.gate import Gate, make_gate
from sync.guard import plan_counts
from sync.identity import People, identify, plan_gone, plan_new, plan_records, plan_restored
from sync.layout import RECORDS
from sync.outcome import Outcome, plan_outcome, report_tables
from sync.outside import Outside
from sync.plan import Plan
from sync.report_tabs import plan_reports
from sync.scope import Left, Scope
from sync.snapshot import Snapshot, after, is_same_reading, read_snapshot, remembered

MOST_PASSES = 20
"""After so many passes the structure of a workbook is read again, though it is known."""

ATTEMPTS = 3
"""So often a workbook is read and planned anew when somebody else writes at the same time."""


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

    It may vanish at any time: what it says is held against the workbook. `settled`: nothing waits
    to be done.
    """

    left: Left
    prepared: _Prepared
    folders: FolderWork
    result: PassResult
    settled: bool
    passes: int

    def still_holds(self, snapshot: Snapshot) -> bool:
        """Return whether a new reading leaves nothing to check: the same cells on the same day."""
        return (
            self.settled
            and self.passes < MOST_PASSES
            and self._is_same_day(snapshot)
            and is_same_reading(self.left.snapshot, snapshot)
        )

    def left_for(self, snapshot: Snapshot, playbook: Playbook) -> Left | None:
        """Return what a pass over a new reading may start from: nothing, if in any doubt.

        What was left must be as the pass before wanted it in every respect, and tabs, headers,
        lists and day the same.
        """
        before, gate = self.left.snapshot, self.prepared.gate
        same = (
            snapshot.structure is before.structure
            and snapshot.tables["lists"] is before.tables["lists"]
            and playbook == self.left.checked.playbook
            and self._is_same_day(snapshot)
        )
        return self.left if same and gate.remembers and gate.writes_history else None

    def _is_same_day(self, snapshot: Snapshot) -> bool:
        days = {int(one.serial(one.read_at)) for one in (self.left.snapshot, snapshot)}
        return len(days) == 1


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

    Whoever else writes at the same time, the workbook is read and planned again. After what nobody
    expected the next pass starts from nothing: it may lie in what this process remembers.
    """
    try:
        for _ in range(ATTEMPTS - 1):
            try:
                return _run_once(spreadsheet_id, playbook, outside)
            except (ConflictError, UnknownOutcomeError):
                outside.forget(spreadsheet_id)
        return _run_once(spreadsheet_id, playbook, outside)
    except SyncError:
        raise
    except Exception:
        outside.forget(spreadsheet_id)
        raise


def rehearse(spreadsheet_id: str, playbook: Playbook, outside: Outside) -> Rehearsed:
    """Return what a pass would do now. Letters are read, and nothing is written anywhere."""
    rehearsal = Rehearsal()
    result = _run_once(spreadsheet_id, playbook, replace(outside, rehearsal=rehearsal))
    return Rehearsed(result, rehearsal)


def _run_once(spreadsheet_id: str, playbook: Playbook, outside: Outside) -> PassResult:
    """Read, plan and write once; what is known of the last pass need not be found out again."""
    known = outside.recall(spreadsheet_id)
    before = known.left.snapshot if known and known.passes < MOST_PASSES else None
    passes = known.passes + 1 if known and before else 0
    committer = outside.committer(playbook)
    with uncollected():
        snapshot = read_snapshot(
            outside.sheets, spreadsheet_id, playbook, outside.clock, outside.time_zone, before
        )
        still_holds = known is not None and known.still_holds(snapshot)
        left = known.left_for(snapshot, playbook) if known else None
        if known is not None and still_holds:
            prepared = replace(known.prepared, snapshot=snapshot, view=snapshot)
        else:
            checked = _check(snapshot, playbook, known.left.checked if known else None)
            people = identify(snapshot, checked, known.prepared.people if left and known else None)
            prepared = _prepare(snapshot, checked, people, left, committer, outside)
    acted = take_effect(
        prepared.view,
        prepared.checked,
        prepared.gate,
        prepared.intents,
        outside,
        known.folders if known and still_holds else None,
    )
    if known is not None and still_holds and not acted.news(snapshot, known.folders.notices):
        left = replace(known.left, snapshot=snapshot)
        outside.remember(replace(known, left=left, folders=acted.folders, passes=passes))
        return replace(known.result, failures=acted.failures, waiting=acted.waiting)
    with uncollected():
        reported = known.left.reported if known else None
        outcome, committed = _conclude(prepared, acted, left, reported, committer, outside)
        result = _result(prepared, acted, outcome, committed.cells)
        outside.remember(_known(prepared, acted, _left(outcome, committed), result, passes))
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
    gate: Gate
    pending: Plan = field(default_factory=Plan)
    intents: Intents = field(default_factory=Intents)
    events: int = 0
    cells: int = 0


def _prepare(
    snapshot: Snapshot,
    checked: Checked,
    people: People,
    left: Left | None,
    committer: Committer,
    outside: Outside,
) -> _Prepared:
    """Restore, guard and remember.

    `left` is what the pass before left, if that is certain. What must be known before anything
    happens outside (ids of folders to be made) is committed.
    """
    pending = plan_restored(snapshot, checked, people)
    view = after(snapshot, pending)
    if pending:  # what refers to a restored ID is read anew
        checked = _check(view, checked.playbook, checked)
    snapshot = _without_doubles(snapshot, committer)
    gate = make_gate(snapshot, checked, people, Scope(snapshot, checked, left))
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
        history = plan_events(view, checked, Scope(view, checked, left), now)
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


def _conclude(
    prepared: _Prepared,
    acted: Acted,
    left: Left | None,
    reported: Reported | None,
    committer: Committer,
    outside: Outside,
) -> tuple[Outcome, Committed]:
    """Plan all that follows, and write what differs."""
    view = after(prepared.view, acted.effects)
    now = view.serial(view.read_at)
    since = Plan()
    if view.has("deals", RECORDS):
        scope = Scope(view, prepared.checked, left)
        since = plan_stage_since(view, prepared.checked, scope)
    view = after(view, since)  # the check looks at it
    checked = _check(view, prepared.checked.playbook, prepared.checked)
    gate = replace(prepared.gate, banner=prepared.gate.banner_with(acted.folders.notices, view))
    scope = Scope(view, checked, left)
    outcome = plan_outcome(
        view, checked, prepared.people, gate, scope, now, outside, acted.mail, reported
    )
    pending = prepared.pending.then(acted.effects).then(since).then(outcome.plan)
    if gate.remembers:
        pending = pending.then(plan_counts(view, checked))
    return outcome, committer.commit(prepared.snapshot, pending)


def _result(prepared: _Prepared, acted: Acted, outcome: Outcome, cells: int) -> PassResult:
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


def _left(outcome: Outcome, committed: Committed) -> Left:
    return Left(
        snapshot=remembered(committed.snapshot),
        checked=outcome.checked.of_book(outcome.checked.book),  # without the check before it
        shown=outcome.shown,
        counts=outcome.counts,
        reported=outcome.reported,
    )


def _known(prepared: _Prepared, acted: Acted, left: Left, result: PassResult, passes: int) -> Known:
    """Return what the next pass may start from."""
    waits = (*result.failures, *result.waiting, *result.faults, *result.held)
    folders = acted.folders  # what was done there may make more to be intended
    worked = folders.waiting or folders.facts.cells or folders.facts.done
    return Known(
        left=left,
        prepared=replace(
            prepared, checked=left.checked, pending=Plan(), intents=Intents(), events=0, cells=0
        ),
        folders=acted.folders,
        result=replace(
            result,
            deal_folders=0,
            company_folders=0,
            folders_changed=0,
            letters=0,
            events=0,
            reports=(),
            cells=0,
        ),
        settled=not waits and (folders.at_rest or not worked),
        passes=passes,
    )


def _without_doubles(snapshot: Snapshot, committer: Committer) -> Snapshot:
    """Remove what two writers wrote at once, if Sheets let them both through."""
    if not (doubles := plan_doubles(snapshot)):
        return snapshot
    committer.commit(snapshot, doubles)
    raise ConflictError("two workers wrote at once: doubled rows removed")


def _check(snapshot: Snapshot, playbook: Playbook, before: Checked | None = None) -> Checked:
    today = int(snapshot.serial(snapshot.read_at))
    return check_book(snapshot.book, playbook, today, before)


def _plan_memory(snapshot: Snapshot, checked: Checked, people: People, now: float) -> Plan:
    """Plan a record for each ID, and which IDs have lost their rows."""
    return plan_records(snapshot, checked, people).then(plan_gone(snapshot, people, now))


def write_reports(spreadsheet_id: str, playbook: Playbook, outside: Outside) -> None:
    """Bring the report tabs of a workbook up to date, and nothing else."""
    snapshot, checked = read_and_check(spreadsheet_id, playbook, outside)
    if snapshot.has(*playbook.tabs):
        reported = make_reports(checked, find_problems(checked), outside.base_currency)
        reports = report_tables(snapshot, reported, outside, None)
        now = snapshot.serial(snapshot.read_at)
        plan = plan_reports(snapshot, playbook, reports, now)
        outside.committer(playbook).commit(snapshot, plan)
