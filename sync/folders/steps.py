"""What the steps of the folder work share: what they work with, and what each finds out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TypeAlias, TypeGuard, TypeVar

from rules.check import Checked
from rules.folder_memory import FolderMemory, all_folders
from rules.playbook import SUBJECT_TABS, Subject
from rules.values import linked_folder
from sync.errors import AccountError, SyncError, TransientError
from sync.plan import Cell, Plan
from sync.ports import Clock, FoldersPort
from sync.snapshot import Snapshot, after

PART = 50
"""So many calls are asked for at once: between two parts the time is looked at."""

OWNER_KEYS: Mapping[str, str] = {"deals": "crmDeal", "companies": "crmCompany"}
"""The app property that holds the ID of the record whose folder it is, by tab."""

WORKBOOK_KEY = "crmWorkbook"

Thing = TypeVar("Thing")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Root:
    """The folder or shared drive under which all folders lie; `drive_id` is None in a My Drive."""

    folder_id: str
    drive_id: str | None


@dataclass(frozen=True)
class Desk:
    """What a step works with: the workbook as it is by now, and Drive, until the deadline.

    `logs` are the change logs that are followed, `begun` the copies that this pass has recorded as
    begun: deal ID and template key.
    """

    snapshot: Snapshot
    checked: Checked
    drive: FoldersPort
    clock: Clock
    deadline: datetime | None
    root: Root
    logs: frozenset[str] = frozenset()
    begun: frozenset[tuple[str, str]] = frozenset()

    @property
    def now(self) -> float:
        """The time of this pass, as a serial number."""
        return self.snapshot.serial(self.snapshot.read_at)

    def time_is_up(self) -> bool:
        """Return whether to leave the rest to the next pass."""
        return self.deadline is not None and self.clock.now() > self.deadline

    @cached_property
    def memories(self) -> Mapping[str, FolderMemory]:
        """What is remembered of all folders, by record ID."""
        records = self.snapshot.tables["records"]
        return {memory.record_id: memory for memory in all_folders(records)}

    def memory(self, tab: str, row: int) -> FolderMemory | None:
        """Return what is remembered of the folder of a row."""
        return self.memories.get(self.snapshot.tables[tab].text("id", row))

    def company_folder(self, company: int) -> FolderMemory | None:
        """Return a company's folder, if others can lie in it."""
        memory = self.memory("companies", company)
        return memory if memory and memory.exists and not memory.lost else None

    def is_free(self, tab: str, row: int, memory: FolderMemory) -> bool:
        """Return whether no manager has typed another link on the row."""
        typed = self.snapshot.tables[tab].text("drive", row)
        return not typed or linked_folder(typed) == memory.own

    def rows(self, subject: Subject) -> Iterator[tuple[int, FolderMemory]]:
        """Yield the rows of that kind that have a folder, with what is remembered of it."""
        row_of = self.snapshot.tables[SUBJECT_TABS[subject]].row_by_id
        for record_id, memory in self.memories.items():
            if (row := row_of.get(record_id)) is not None:
                yield row, memory

    def owner(self, tab: str, record_id: str) -> Mapping[str, str]:
        """Return the app properties of a record's folder."""
        workbook = self.snapshot.structure.spreadsheet_id
        return {WORKBOOK_KEY: workbook, OWNER_KEYS[tab]: record_id}


Cells: TypeAlias = Mapping[str, Mapping[str, Cell]]
"""What is to be remembered: by field of `_records`, by record ID."""


@dataclass(frozen=True)
class Facts:
    """What a step did and found out.

    `done` counts what was done, by kind; `logs` are change logs to be followed from now on, with
    the place where to begin; `stopped`: Google wants no more now; `restless`: time alone may make
    more to do.
    """

    cells: Cells = field(default_factory=dict)
    done: Mapping[str, int] = field(default_factory=dict)
    logs: Mapping[str, str] = field(default_factory=dict)
    failures: tuple[str, ...] = ()
    stopped: bool = False
    restless: bool = False

    def then(self, later: Facts) -> Facts:
        """Return both as one."""
        fields = {**self.cells, **later.cells}
        kinds = {**self.done, **later.done}
        return Facts(
            cells={key: {**self.cells.get(key, {}), **later.cells.get(key, {})} for key in fields},
            done={kind: self.done.get(kind, 0) + later.done.get(kind, 0) for kind in kinds},
            logs={**self.logs, **later.logs},
            failures=(*self.failures, *later.failures),
            stopped=self.stopped or later.stopped,
            restless=self.restless or later.restless,
        )


@dataclass
class Notebook:
    """Facts while a step gathers them."""

    cells: dict[str, dict[str, Cell]] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)
    logs: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    stopped: bool = False
    restless: bool = False

    def remember(self, record_id: str, **cells: Cell) -> None:
        """Note what is to be remembered of a record, by field."""
        for key, cell in cells.items():
            self.cells.setdefault(key, {})[record_id] = cell

    def count(self, kind: str) -> None:
        """Note one more thing done."""
        self.done[kind] = self.done.get(kind, 0) + 1

    def fail(self, what: str, error: SyncError) -> None:
        """Note a failure, once however many things it struck."""
        line = f"{what}: {error}"
        if line not in self.failures:
            self.failures.append(line)

    def facts(self) -> Facts:
        """Return what was gathered."""
        told = tuple(self.failures)
        return Facts(self.cells, self.done, self.logs, told, self.stopped, self.restless)


def left_open(answer: object) -> TypeGuard[SyncError]:
    """Return whether an answer tells nothing about the thing: not now, or not for this account."""
    return isinstance(answer, TransientError | AccountError)


def work_off(
    desk: Desk,
    notebook: Notebook,
    things: Sequence[Thing],
    call: Callable[[Sequence[Thing]], Sequence[Answer]],
) -> Iterator[tuple[Thing, Answer]]:
    """Yield each thing with its answer, part by part.

    Stops when the time is up, and when Google is busy, does not answer or refuses the account: the
    next pass goes on.
    """
    for start in range(0, len(things), PART):
        if notebook.stopped or desk.time_is_up():
            notebook.restless = True
            return
        part = things[start : start + PART]
        answers = call(part)
        notebook.stopped = any(map(left_open, answers))
        yield from zip(part, answers, strict=True)


def plan_facts(snapshot: Snapshot, facts: Facts) -> Plan:
    """Plan to remember what the steps found out."""
    rows = snapshot.tables["records"].row_by_id
    return Plan(
        cells={
            ("records", key): {rows[record_id]: cell for record_id, cell in column.items()}
            for key, column in facts.cells.items()
        }
    )


def seen(desk: Desk, facts: Facts) -> Desk:
    """Return the desk with the facts on it."""
    if not facts.cells:
        return desk
    return replace(desk, snapshot=after(desk.snapshot, plan_facts(desk.snapshot, facts)))
