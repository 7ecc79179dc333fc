"""What a pass does outside the workbook: folders, letters, files. And what it records of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rules.check import Checked
from sync.attachments import Filed, file_attachments, plan_filed
from sync.commit import settled
from sync.discussions import post_letters
from sync.errors import SyncError
from sync.folders import FolderWork, Intents, work_on_folders
from sync.folders.rehearsed import RehearsedDrive
from sync.gate import Gate
from sync.layout import LETTERS
from sync.letters import Mail, fetch_mail, plan_mail, plan_marks, plan_thread_choices
from sync.outside import Outside
from sync.plan import Plan
from sync.snapshot import Snapshot, after


@dataclass(frozen=True)
class Acted:
    """What happened outside, and what is to be recorded of it."""

    folders: FolderWork
    mail: Mail | None
    effects: Plan
    failures: tuple[str, ...]

    @property
    def waiting(self) -> Mapping[str, datetime | None]:
        """The mailboxes that have more to give."""
        return self.mail.waiting if self.mail else {}

    def news(self, snapshot: Snapshot, told: Sequence[str]) -> bool:
        """Return whether there is anything to record, or to tell that has not been told."""
        return bool(settled(snapshot, self.effects)) or self.folders.notices != told


def take_effect(
    view: Snapshot,
    checked: Checked,
    gate: Gate,
    intents: Intents,
    outside: Outside,
    before: FolderWork | None = None,
) -> Acted:
    """Work on folders, fetch letters, put their files away.

    `before` is the work on folders of the pass before, if the workbook reads as it did then.
    """
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
    return Acted(folders, mail, effects.then(plan_filed(filed)).then(posted), failures)


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
    mailboxes = outside.mailboxes_of(snapshot)
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
