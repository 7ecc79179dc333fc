"""Managers who sort, insert, copy, delete and paste while the worker reads and writes.

A hypothesis state machine over a workbook in the sandbox, by real HTTP. Edits happen between
passes, and right before a write of the worker, when it has read all that it is going to read.
Trouble comes at any call. In the end everything must have come right within two passes.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from rules.playbook import SUBJECT_TABS
from rules.table import Raw
from sync.errors import SyncError
from sync.outside import Outside
from sync.ports import Request, Span
from sync.run import PassResult
from tests.sync.conftest import COMPANY, CONTACT, DEAL, Crm
from tests.sync.passed_through import PassedThrough

Edit = Callable[[], None]

MOST_DEALS = 8
"""Fewer than the playbook's limits ask for: changes in mass have tests of their own."""

COMPANY_TITLES = ("Steppe Bank", "Altai Foods")


@dataclass
class WatchedSheets(PassedThrough):
    """The worker's way to Sheets, with people who edit right before its writes.

    `expected` is what managers own, as their last edit left it.
    """

    owned: Callable[[], object]
    queue: deque[tuple[int, Edit]] = field(default_factory=deque)
    writes: int = 0
    expected: object = None

    def write(
        self, spreadsheet_id: str, requests: Sequence[Request], spans: Sequence[Span] = ()
    ) -> Sequence[Sequence[Raw]]:
        self.writes += 1
        for _ in range(len(self.queue)):
            wait, edit = self.queue.popleft()
            if wait:
                self.queue.append((wait - 1, edit))
            else:
                edit()
                self.expected = self.owned()
        return self.sheets.write(spreadsheet_id, requests, spans)


class SharedEditing(RuleBasedStateMachine):
    """A workbook under the hands of managers, and the worker."""

    make_crm: Callable[[], tuple[Crm, ExitStack]]

    def __init__(self) -> None:
        super().__init__()
        self.crm, self.held_open = type(self).make_crm()
        self.sheets = WatchedSheets(self.crm.outside.sheets, self.what_managers_own)
        self.outside: Outside = replace(self.crm.outside, sheets=self.sheets)
        self.made = 0
        self.ids: dict[str, set[str]] = {}
        self.letters = 0
        self.troubled = False

    # ── What managers own ────────────────────────────────────────────────────────────────────────

    def what_managers_own(self) -> object:
        """Every cell of a manager: by tab, row by row, by header; not what both may fill."""
        owned: dict[str, list[list[Any]]] = {}
        for tab in (*SUBJECT_TABS.values(), "comments", "events", "lists"):
            header, *rows = self.crm.values(tab) or [[]]
            spec = self.crm.playbook.tabs[tab].fields
            titles = {one.in_locale("en"): one.owner for one in spec.values()}
            if tab in ("comments", "events"):  # rows that managers wrote have no key
                key = header.index("Letter key" if tab == "comments" else "Event key")
                owned[tab] = [
                    [cell for cell in row if cell] for row in rows if any(row) and not row[key]
                ]
                continue
            mine = {
                str(title): index
                for index, title in enumerate(header)
                if titles.get(str(title), "managers") == "managers"
            }
            found = [[row[mine[title]] or None for title in sorted(mine)] for row in rows]
            while found and not any(found[-1]):
                found.pop()
            owned[tab] = found
        return owned

    # ── What managers do ─────────────────────────────────────────────────────────────────────────

    @initialize(deals=st.integers(1, 4), remembers=st.booleans())
    def open_for_business(self, deals: int, remembers: bool = False) -> None:
        if remembers:  # a service goes on from what it knows of the last pass
            self.outside = replace(self.outside, known={})
        self.crm.type_rows(
            "companies", *({**COMPANY, "title": title, "site": None} for title in COMPANY_TITLES)
        )
        self.crm.type_rows("contacts", CONTACT)
        for _ in range(deals):
            self.add_deal("SQL")

    def deal_rows(self) -> list[int]:
        rows = self.crm.rows("deals")
        return [number for number, row in enumerate(rows) if row["info"] or row["title"]]

    def pick(self, choice: int) -> int | None:
        rows = self.deal_rows()
        return rows[choice % len(rows)] if rows else None

    def add_deal(self, stage: str) -> None:
        if len(self.deal_rows()) >= MOST_DEALS:
            return
        self.made += 1
        marker = f"deal {self.made}"
        number = len(self.crm.rows("deals"))
        self.crm.write("deals", number, {
            **DEAL, "title": f"Campaign {self.made}", "stage": stage, "info": marker,
            "company": COMPANY_TITLES[self.made % 2],
        })  # fmt: skip

    def edit_cell(self, choice: int, name: str, value: str | float) -> None:
        if (row := self.pick(choice)) is not None:
            self.crm.write("deals", row, {name: value})

    def dimension(self, first: int, count: int = 1, *, of: str = "ROWS") -> dict[str, Any]:
        return {
            "sheetId": self.crm.sheet_id("deals"),
            "dimension": of,
            "startIndex": first,
            "endIndex": first + count,
        }

    def insert_row(self, choice: int) -> None:
        row = self.pick(choice) or 0
        self.crm.batch_update({"insertDimension": {"range": self.dimension(row + 1)}})

    def delete_row(self, choice: int) -> None:
        if (row := self.pick(choice)) is not None:
            self.ids.pop(str(self.crm.row("deals", row)["info"]), None)
            self.crm.batch_update({"deleteDimension": {"range": self.dimension(row + 1)}})

    def copy_row(self, choice: int, rename: bool) -> None:
        if (row := self.pick(choice)) is None or len(self.deal_rows()) >= MOST_DEALS:
            return
        last = len(self.crm.rows("deals"))
        sheet = {"sheetId": self.crm.sheet_id("deals")}
        self.crm.batch_update({
            "copyPaste": {
                "source": {**sheet, "startRowIndex": row + 1, "endRowIndex": row + 2},
                "destination": {**sheet, "startRowIndex": last + 1, "endRowIndex": last + 2},
            }
        })  # fmt: skip
        if rename:
            self.made += 1
            self.crm.write(
                "deals", last, {"title": f"Copy {self.made}", "info": f"deal {self.made}"}
            )

    def sort(self, field_name: str, descending: bool) -> None:
        header = self.crm.values("deals")[0]
        column = header.index(self.crm.playbook.tabs["deals"].fields[field_name].en)
        order = "DESCENDING" if descending else "ASCENDING"
        self.crm.batch_update({
            "sortRange": {
                "range": {"sheetId": self.crm.sheet_id("deals"), "startRowIndex": 1},
                "sortSpecs": [{"dimensionIndex": column, "sortOrder": order}],
            }
        })  # fmt: skip

    def move_column(self, choice: int) -> None:
        tab = ("deals", "comments", "events")[choice % 3]
        at = choice % len(self.crm.values(tab)[0])
        source = {**self.dimension(at, of="COLUMNS"), "sheetId": self.crm.sheet_id(tab)}
        self.crm.batch_update({"moveDimension": {"source": source, "destinationIndex": 0}})

    def spoil_id(self, choice: int, text: str | None) -> None:
        if (row := self.pick(choice)) is not None:
            self.crm.write("deals", row, {"id": text})

    def an_edit(self, kind: str, choice: int) -> Edit:
        """One edit by name; hypothesis shrinks names and numbers well."""
        edits: Mapping[str, Edit] = {
            "add": lambda: self.add_deal("SQL" if choice % 2 else "MQL"),
            "stage": lambda: self.edit_cell(
                choice, "stage", ("Cold Lead", "SQL", "Lost")[choice % 3]
            ),
            "budget": lambda: self.edit_cell(choice, "budget", 1_000.0 * (choice + 1)),
            "garbage": lambda: self.edit_cell(choice, "budget", "5-6 млн"),
            "insert": lambda: self.insert_row(choice),
            "delete": lambda: self.delete_row(choice),
            "copy": lambda: self.copy_row(choice, rename=False),
            "copy and rename": lambda: self.copy_row(choice, rename=True),
            "sort": lambda: self.sort(("title", "budget", "stage")[choice % 3], choice % 2 == 0),
            "move column": lambda: self.move_column(choice),
            "clear id": lambda: self.spoil_id(choice, None),
            "overwrite id": lambda: self.spoil_id(
                choice, ("D-000001", "D-000777", "mine")[choice % 3]
            ),
            "scribble": lambda: self.edit_cell(choice, "problems", "all is well"),
            "note": lambda: self.crm.write(
                "comments", len(self.crm.rows("comments")), {"text": f"note {choice}"}
            ),
        }
        return edits[kind]

    @rule(
        kind=st.sampled_from([
            "add", "stage", "budget", "garbage", "insert", "delete", "copy", "copy and rename",
            "sort", "move column", "clear id", "overwrite id", "scribble", "note",
        ]),
        choice=st.integers(0, 20),
    )  # fmt: skip
    def a_manager_edits(self, kind: str, choice: int) -> None:
        self.an_edit(kind, choice)()

    @rule(
        kind=st.sampled_from(["insert", "delete", "sort", "copy and rename", "move column", "add"]),
        choice=st.integers(0, 20),
        wait=st.integers(0, 1),
    )
    def a_manager_edits_right_before_a_write(self, kind: str, choice: int, wait: int) -> None:
        if not self.sheets.queue:  # one at a time: what is put right is not spoilt again meanwhile
            self.sheets.queue.append((wait, self.an_edit(kind, choice)))

    @rule()
    def a_letter_arrives(self) -> None:
        self.letters += 1
        self.crm.letter(sender="anna@steppe.example", text=f"letter {self.letters}")

    @rule(
        kind=st.sampled_from(["close", "error", "cut"]),
        when=st.sampled_from(["before", "after"]),
        call=st.integers(0, 12),
    )
    def trouble(self, kind: str, when: str, call: int) -> None:
        self.crm.fault(kind, "*", when=when, calls=[call])
        self.troubled = True

    # ── What the worker does ─────────────────────────────────────────────────────────────────────

    @rule()
    def a_pass(self) -> None:
        try:
            result = self.crm_pass()
        except SyncError:
            assert self.troubled or self.sheets.queue or self.sheets.writes, "no reason to fail"
            return
        assert not result.held
        if not self.twice():  # somebody may have copied a row in the middle of the pass
            self.look_at_ids()

    def crm_pass(self) -> PassResult:
        """Run a pass; whatever becomes of it, no cell of a manager has changed."""
        self.sheets.expected = self.what_managers_own()
        try:
            return replace(self.crm, outside=self.outside).sync()
        finally:
            assert self.what_managers_own() == self.sheets.expected

    def ids_by_marker(self) -> list[tuple[str, str]]:
        rows = self.crm.rows("deals")
        return [(row["info"], row["id"]) for row in rows if row["id"] and row["info"]]

    def twice(self) -> list[str]:
        """The IDs that two rows have."""
        counts = Counter(text for _, text in self.ids_by_marker())
        return [text for text, count in counts.items() if count > 1]

    def look_at_ids(self) -> None:
        """A row keeps its ID; no two rows have the same."""
        assert not self.twice(), "two rows with one ID"
        found: dict[str, set[str]] = {}
        for marker, text in self.ids_by_marker():
            found.setdefault(marker, set()).add(text)
        self.ids = {
            marker: self.ids.get(marker, set()) & now or now for marker, now in found.items()
        }

    def teardown(self) -> None:
        try:
            self.all_comes_right()
        finally:
            self.held_open.close()

    def all_comes_right(self) -> None:
        """After the trouble: two passes, then nothing is left to do, and all is as it should be."""
        self.sheets.queue.clear()
        self.crm.control("DELETE", "faults")
        before = self.ids
        for _ in range(2):
            assert not self.crm_pass().failures
        self.sheets.writes = 0
        assert self.crm_pass().cells == 0
        assert self.sheets.writes == 0, "nothing to do, and something was written"
        self.outside = replace(self.outside, known=None)
        assert self.crm_pass().cells == self.sheets.writes == 0, "a new process sees it otherwise"
        self.look_at_ids()
        self.check_rows(before)
        self.check_folders()
        self.check_comments()

    def check_rows(self, before: Mapping[str, set[str]]) -> None:
        for row in self.crm.rows("deals"):
            if not row["info"]:
                continue
            if not row["id"]:
                assert "may be" in row["problems"]
                continue
            assert row["check"] in ("OK", "Warning", "Error")
            assert row["problems"] != "all is well"
        now = {row["info"]: row["id"] for row in self.crm.rows("deals") if row["id"]}
        for marker, ids in before.items():
            if marker in now and len(ids) == 1 == len(self.ids.get(marker, ())):
                assert self.ids[marker] == ids, f"{marker} was {ids} and is {self.ids[marker]}"

    def check_folders(self) -> None:
        made = self.crm.folders().values()
        own = Counter(
            folder["app"]["crmDeal"]
            for folder in made
            if "crmDeal" in folder["app"] and "crmPart" not in folder["app"]
        )
        assert not [text for text, count in own.items() if count > 1], "two folders of one deal"
        # Rows that nobody can tell apart keep their links until a person says which is which.
        known = [row for row in self.crm.rows("deals") if row["id"] or not row["problems"]]
        links = Counter(row["drive"] for row in known if row["drive"])
        assert not [link for link, count in links.items() if count > 1], "a folder shared"
        owner = {key: folder["app"].get("crmDeal") for key, folder in self.crm.folders().items()}
        for row in self.crm.rows("deals"):
            if row["id"] and row["stage"] == "SQL":
                assert row["drive"], f"{row['id']} has no folder"
                link = str(row["drive"]).rpartition("/")[2]
                assert owner[link] == row["id"], f"{row['id']} has another deal's folder"

    def check_comments(self) -> None:
        keys = Counter(row["letter_key"] for row in self.crm.rows("comments") if row["letter_key"])
        assert not [key for key, count in keys.items() if count > 1], "a letter logged twice"
        events = Counter(row["key"] for row in self.crm.rows("events") if row["key"])
        assert not [key for key, count in events.items() if count > 1], "an event written twice"
