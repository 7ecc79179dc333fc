"""The project's folders on Drive: intent recorded first, made after, linked last, kept right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from rules.check import Checked
from rules.folders import say_root_trouble
from sync.errors import AccountError, PermanentError, SyncError
from sync.folders.documents import copy_documents
from sync.folders.evidence import count_documents
from sync.folders.intents import Intents, plan_intents
from sync.folders.linking import plan_links, take_on_links
from sync.folders.making import folders_waiting, make_folders
from sync.folders.news import (
    DRIVE,
    Followed,
    News,
    find_root,
    look_at_all,
    open_root,
    read_followed,
    read_news,
    write_followed,
)
from sync.folders.sharing import share_folders
from sync.folders.steps import Desk, Facts, plan_facts, seen
from sync.folders.upkeep import keep_right
from sync.plan import Plan
from sync.ports import Clock, FoldersPort
from sync.snapshot import Snapshot

__all__ = ["FolderWork", "Intents", "plan_intents", "work_on_folders"]

STEPS: Sequence[Callable[[Desk], Facts]] = (
    make_folders,
    take_on_links,
    keep_right,
    share_folders,
    copy_documents,
)
"""What is done on Drive, in this order; each step sees what those before found out."""


@dataclass(frozen=True)
class FolderWork:
    """What was done on Drive, and the `plan` to remember it and to link what is there now.

    `waiting` deals have not got their folder yet; `notices` are sentences for the dashboard. At
    rest nothing is to be done until the workbook or Drive changes.
    """

    facts: Facts = field(default_factory=Facts)
    plan: Plan = field(default_factory=Plan)
    waiting: int = 0
    notices: tuple[str, ...] = ()
    at_rest: bool = False

    @property
    def failures(self) -> tuple[str, ...]:
        """What went wrong, one line each."""
        return self.facts.failures

    def done(self, kind: str) -> int:
        """Return how many things of that kind were done."""
        return self.facts.done.get(kind, 0)


def work_on_folders(
    snapshot: Snapshot,
    checked: Checked,
    begun: frozenset[tuple[str, str]],
    drive: FoldersPort,
    root: str,
    clock: Clock,
    deadline: datetime | None,
    before: FolderWork | None = None,
) -> FolderWork:
    """Do on Drive what the workbook asks for, until the deadline; what is left is the next pass's.

    `begun` are the copies that this pass has recorded as begun, `before` the work of the pass
    before if the workbook reads as it did then.

    First the news, then the work, then the news again if anything was done: so the next pass finds
    nothing of our own doing among them.
    """
    try:
        found = find_root(snapshot, drive, root)
    except SyncError as error:
        return FolderWork(Facts(failures=(f"Drive root {root}: {error}",)))
    desk = Desk(snapshot, checked, drive, clock, deadline, found.root)
    if found.trouble:
        return _without_root(desk, found, Facts())
    try:
        news = _find_news(snapshot, desk, found)
    except SyncError as error:
        return FolderWork(Facts(failures=(f"changes on Drive: {error}",)))
    desk = replace(seen(desk, news.facts), logs=frozenset(news.followed.tokens), begun=begun)
    if news.followed.trouble:
        return _without_root(desk, news.followed, news.facts)
    if before and before.at_rest and not news.facts.cells:
        plan = _places(news.followed) if news.worth else Plan()
        return FolderWork(plan=plan, waiting=before.waiting, at_rest=True)
    return _work(snapshot, desk, news)


def _is_followed(snapshot: Snapshot, found: Followed) -> bool:
    kept = read_followed(snapshot)
    return kept is not None and bool(kept.tokens) and kept.tokens == found.tokens


def _find_news(snapshot: Snapshot, desk: Desk, found: Followed) -> News:
    """Return what the logs tell; without a place in them, how every folder stands.

    A log that can be read no more is begun anew, if the root can still be used: the account may be
    another one now, or no longer a member of the shared drive. Raises SyncError.
    """
    if not _is_followed(snapshot, found):
        return look_at_all(desk, found)
    try:
        return read_news(desk, found)
    except AccountError:
        raise
    except PermanentError:
        fresh = open_root(desk.drive, found.setting)
        if fresh.trouble:
            return News(Facts(), replace(found, trouble=fresh.trouble), worth=True)
        return look_at_all(desk, fresh)


def _places(followed: Followed) -> Plan:
    """Plan to keep the root and the places in the logs."""
    return Plan(metadata={DRIVE: write_followed(followed)})


def _work(start: Snapshot, desk: Desk, news: News) -> FolderWork:
    """Take the steps; then read what they left in the logs, and count documents anew.

    `start` is the workbook without the news, which are on the desk.
    """
    facts = Facts()
    for step in STEPS:
        if not facts.stopped:
            found = step(desk)
            desk, facts = seen(desk, found), facts.then(found)
    facts = news.facts.then(facts)
    followed = replace(news.followed, tokens={**news.followed.tokens, **facts.logs})
    is_worth = news.worth or bool(facts.cells)
    if facts.done:
        try:
            news = read_news(desk, followed)
        except SyncError as error:
            facts = facts.then(Facts(failures=(f"changes on Drive: {error}",)))
        else:
            followed = news.followed
            desk, facts = seen(desk, news.facts), facts.then(news.facts)
    counted = count_documents(desk)
    desk, facts = seen(desk, counted), facts.then(counted)
    plan = plan_facts(start, facts).then(plan_links(start, desk.snapshot))
    return FolderWork(
        facts,
        plan=plan.then(_places(followed) if is_worth or counted.cells else Plan()),
        waiting=folders_waiting(desk),
        at_rest=not (plan or facts.done or facts.failures or facts.restless),
    )


def _without_root(desk: Desk, found: Followed, facts: Facts) -> FolderWork:
    """Return why nothing can be done: in English for the operator, for the team in its tongue."""
    line, notice = (
        say_root_trouble(locale, found.trouble, found.setting, desk.drive.account)
        for locale in ("en", desk.snapshot.locale)
    )
    return FolderWork(
        facts.then(Facts(failures=(line,))),
        plan=plan_facts(desk.snapshot, facts).then(_places(found)),
        waiting=folders_waiting(desk),
        notices=(notice,),
    )
