"""One change of a workbook: made on a fork, allowed or refused by protection, kept as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sandbox.calls import Call
from sandbox.drive.model import ROLES, Remark
from sandbox.sheets.locales import LocaleFacts, locale_facts
from sandbox.sheets.ranges import UNBOUNDED, Area, GridRange
from sandbox.sheets.recalculation import recalculate
from sandbox.sheets.refusals import PROTECTED, RefusedError
from sandbox.sheets.state import ProtectedRange, Sheet, Workbook

if TYPE_CHECKING:
    from sandbox.world import World


@dataclass
class Edit:
    """A workbook being changed by somebody."""

    workbook: Workbook
    title: str
    user: str
    owns_file: bool
    now: datetime
    new_id: Callable[[str], str]
    scopes: frozenset[str] = frozenset()
    comments: dict[str, Remark] = field(default_factory=dict)
    """The file's comments by their id, as Drive keeps them; a change needs a copy of them."""
    may_see_comments: bool = True

    @cached_property
    def today(self) -> date:
        """Today where the spreadsheet is."""
        return local_now(self.workbook, self.now).date()

    @property
    def locale(self) -> LocaleFacts:
        """The facts of the spreadsheet's locale."""
        return locale_facts(self.workbook.locale)

    def new_number(self) -> int:
        """Give a fresh id for a sheet, a protection or a metadata."""
        return int(self.new_id("sheet"))

    def sheet(self, sheet_id: int) -> Sheet:
        """Give the sheet of an id. Raises RefusedError when there is none."""
        return self.workbook.sheet(sheet_id)

    def require_editable(self, place: GridRange) -> None:
        """Raise RefusedError when a protection keeps this user from a cell of the range."""
        sheet = self.workbook.sheet(place.sheet_id)
        for protection in sheet.protected:
            if self.may_edit(protection) or protection.warning_only:
                continue
            if protects(self.workbook, protection, place):
                raise RefusedError(PROTECTED)

    def require_area(self, sheet: Sheet, area: Area) -> None:
        """Raise RefusedError when a protection keeps this user from a cell of the area."""
        if sheet.protected:
            self.require_editable(GridRange.of_area(sheet.sheet_id, area))

    def may_edit(self, protection: ProtectedRange) -> bool:
        """Give true when the user is among the editors of a protection, or owns the file."""
        if self.owns_file or self.user in protection.users:
            return True
        domain = self.user.rpartition("@")[2]
        return protection.domain_users_can_edit and not domain.endswith("gserviceaccount.com")


def protects(workbook: Workbook, protection: ProtectedRange, place: GridRange) -> bool:
    """Give true when a cell of the range is protected and not among the unprotected ones."""
    guarded = protection.range
    if guarded is None:
        guarded = workbook.named_ranges[protection.named_range_id].range
    touched = place.area(*UNBOUNDED).overlap(guarded.area(*UNBOUNDED))
    if touched.height == 0 or touched.width == 0 or guarded.sheet_id != place.sheet_id:
        return False
    return not any(free.area(*UNBOUNDED).contains(touched) for free in protection.unprotected)


def local_now(workbook: Workbook, now: datetime) -> datetime:
    """Give the naive wall-clock time where the spreadsheet is."""
    try:
        zone = ZoneInfo(workbook.time_zone)
    except (KeyError, ValueError):
        zone = ZoneInfo("Etc/GMT")
    return now.astimezone(zone).replace(tzinfo=None)


def opened(world: World, call: Call, role: str = "reader") -> Edit:
    """Give the call's workbook to look at, its dates of today up to date.

    Raises ApiError 404 or 403 when the user may not.
    """
    file_id = call.params["spreadsheetId"]
    file = world.drive.require(file_id, call.user, role)
    workbook = world.sheets.workbook(file_id)
    today = local_now(workbook, call.now)
    if workbook.dated and workbook.dated != today.date():
        workbook = workbook.fork()
        recalculate(workbook, today)
        world.sheets.put(workbook)
    return Edit(
        workbook=workbook,
        title=file.name,
        user=call.user,
        owns_file=call.user == file.owner,
        now=call.now,
        new_id=world.new_id,
        scopes=call.scopes,
        comments=world.drive.comments.get(file_id, {}),
        may_see_comments=world.drive.role(file, call.user) >= ROLES["commenter"],
    )


@contextmanager
def editing(world: World, call: Call) -> Iterator[Edit]:
    """Change the call's workbook; an exception inside leaves everything as it was.

    Raises ApiError 404 or 403 when the user may not.
    """
    seen = opened(world, call, "writer")
    edit = replace(seen, workbook=seen.workbook.fork())
    yield edit
    recalculate(edit.workbook, local_now(edit.workbook, call.now))
    world.sheets.put(edit.workbook)
    if edit.title != seen.title:
        world.drive.rename(call.params["spreadsheetId"], edit.title, call.user, call.now)
