"""A process that remembers the pass before plans exactly what a new process plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from rules.playbook_file import load_playbook
from sync.identity import IDENTITY_FIELDS
from sync.layout import HIDDEN_TABS, column_letters
from sync.outside import Outside
from sync.plan import Plan
from sync.run import Known, PassResult, rehearse
from tests.rules.icp import with_example
from tests.sync.conftest import COMPANY, CONTACT, DEAL, Crm

TABS = ("deals", "contacts", "companies")
COMPANIES = ("Steppe Bank", "Altai Foods", "Tengri Air")
VALUES = (
    *(None, True, False, 1, 0, 40_000, 46_000.5, "", " ", "Yes", "No", "-", "5-6 млн", "D-000001"),
    *("D-000777", "P-000001", "C-000002", "mine", "SQL", "MQL", "Lost", "Cold Lead", "Dana"),
    *(5, 300, "Travel", "Almaty", "USD", "Director"),
    *("Aidar", "Anna", "anna@steppe.example", "+77011234567", *COMPANIES, "https://x.example"),
)
OFTEN = {
    "deals": ("id", "stage", "trigger", "company", "contact", "accountable", "budget", "currency"),
    "contacts": ("id", "company", "decision_maker", "first_name", "region", "position"),
    "companies": ("id", "title", "region", "niche", "size"),
}
REMEMBERED = (
    *("stage", "stage_since", "trigger", "identity", "gone", "accepted", "note", "score_note"),
)
WORKERS = (
    *("check", "problems", "stage_since", "responsible", "decision_makers", "last_letter"),
    "icp_score",
)


@dataclass(frozen=True)
class At:
    """A clock that stands."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


class Remembering(Outside):
    """Rehearses as a service would go on: from what it knows of the pass before."""

    def recall(self, spreadsheet_id: str) -> Known | None:
        return (self.known or {}).get(spreadsheet_id)


@dataclass
class Hands:
    """People who edit at random, the hidden tab too."""

    crm: Crm
    source: Random

    def edit(self) -> str:
        """Do one thing or another; return what it was."""
        edits: Sequence[Callable[[], None]] = (
            *[self.a_cell] * 10, *[self.a_workers_cell] * 4, *[self.a_hidden_cell] * 4,
            self.an_event, self.a_note, self.a_rate, self.sort, self.copy, self.insert, self.delete,
            *[self.accept] * 4, self.exchange_ids, self.make_alike, self.clear_a_row,
        )  # fmt: skip
        edit = self.source.choice(edits)
        edit()
        return edit.__name__

    def row(self, tab: str) -> int:
        return self.source.randrange(max(1, len(self.crm.rows(tab))))

    def a_cell(self) -> None:
        tab = self.source.choice(TABS)
        specs = self.crm.playbook.tabs[tab].fields
        fields = [key for key, spec in specs.items() if spec.owner != "worker"]
        field = self.source.choice([*fields, *OFTEN[tab] * 5])
        stood = [row[field] for row in self.crm.rows(tab)]
        value = self.source.choice([*VALUES, *stood * 3])
        self.crm.write(tab, self.row(tab), {field: value})

    def a_workers_cell(self) -> None:
        tab = self.source.choice(TABS)
        fields = [key for key in WORKERS if key in self.crm.playbook.tabs[tab].fields]
        self.crm.write(tab, self.row(tab), {self.source.choice(fields): self.source.choice(VALUES)})

    def a_hidden_cell(self) -> None:
        known = self.crm.values_of_memory()
        field = self.source.choice(("id", *REMEMBERED * 3))
        column, row = HIDDEN_TABS["records"].index(field), self.source.randrange(len(known))
        stood = [cells[column] for cells in known]
        self.type("'_records'", column, row, self.source.choice([*VALUES, *stood]))

    def an_event(self) -> None:
        if height := len(self.crm.rows("events")):
            header = self.crm.values("events")[0]
            column, row = self.source.randrange(len(header)), self.source.randrange(height)
            self.type(f"'{self.crm.title('events')}'", column, row, self.source.choice(VALUES))

    def a_note(self) -> None:
        ids = [row["id"] for row in self.crm.rows("deals") if row["id"]]
        note = {"text": "called", "when": 46_000, "deal_id": self.source.choice(ids or [None])}
        self.crm.write("comments", len(self.crm.rows("comments")), note)

    def a_rate(self) -> None:
        rate = self.source.choice((None, 1, 450.5, "450"))
        self.crm.write("lists", self.source.randrange(4), {"currencies": "USD", "rates": rate})

    def accept(self) -> None:
        self.crm.write("deals", self.row("deals"), {"accepted": self.source.choice((True, None))})

    def exchange_ids(self) -> None:
        tab = self.source.choice(TABS)
        one, other = self.row(tab), self.row(tab)
        ids = [self.crm.row(tab, row)["id"] for row in (other, one)]
        for row, text in zip((one, other), ids, strict=True):
            self.crm.write(tab, row, {"id": text})

    def make_alike(self) -> None:
        tab = self.source.choice(TABS)
        one, other = self.row(tab), self.row(tab)
        known = self.crm.row(tab, one)
        self.crm.write(tab, other, {field: known[field] for field in IDENTITY_FIELDS[tab]})
        for row in self.source.choice(((), (one,), (other,), (one, other))):
            self.crm.write(tab, row, {"id": None})

    def clear_a_row(self) -> None:
        tab = self.source.choice(TABS)
        specs = self.crm.playbook.tabs[tab].fields
        fields = [key for key, spec in specs.items() if spec.owner != "worker"]
        self.crm.write(tab, self.row(tab), dict.fromkeys(fields[self.source.randrange(2) :]))

    def type(self, tab: str, column: int, row: int, value: Any) -> None:
        at = f"{tab}!{column_letters(column)}{row + 2}"
        data = [{"range": at, "values": [["" if value is None else value]]}]
        self.crm.as_manager("values.batchUpdate", {}, {"valueInputOption": "RAW", "data": data})

    def sort(self) -> None:
        sheet = self.crm.sheet_id(self.source.choice(TABS))
        by = {"dimensionIndex": self.source.randrange(4), "sortOrder": "DESCENDING"}
        area = {"sheetId": sheet, "startRowIndex": 1}
        self.crm.batch_update({"sortRange": {"range": area, "sortSpecs": [by]}})

    def copy(self) -> None:
        tab = self.source.choice(TABS)
        sheet, last = {"sheetId": self.crm.sheet_id(tab)}, len(self.crm.rows(tab)) + 1
        first = self.row(tab) + 1
        self.crm.batch_update({
            "copyPaste": {
                "source": {**sheet, "startRowIndex": first, "endRowIndex": first + 1},
                "destination": {**sheet, "startRowIndex": last, "endRowIndex": last + 1},
            }
        })  # fmt: skip

    def insert(self) -> None:
        self.crm.batch_update({"insertDimension": {"range": self.a_row()}})

    def delete(self) -> None:
        self.crm.batch_update({"deleteDimension": {"range": self.a_row()}})

    def a_row(self) -> Mapping[str, Any]:
        tab = self.source.choice(TABS)
        first = self.row(tab) + 1
        place = {"sheetId": self.crm.sheet_id(tab), "dimension": "ROWS"}
        return {**place, "startIndex": first, "endIndex": first + 1}


def planned(crm: Crm, outside: Outside) -> tuple[PassResult, Sequence[Plan]]:
    rehearsed = rehearse(crm.spreadsheet_id, crm.playbook, outside)
    return rehearsed.result, [plan for _, plan in rehearsed.rehearsal.steps]


@pytest.mark.parametrize("seed", range(10))
def test_what_a_process_remembers_changes_no_plan(crm: Crm, tmp_path: Path, seed: int) -> None:
    path = tmp_path / "icp.yaml"
    before, _, after = with_example().partition("  everywhere_else:\n")  # so scores vanish, too
    path.write_text(before + after[after.index("\n\n") :], encoding="utf-8")
    crm = replace(crm, playbook=load_playbook(path))
    hands = Hands(crm, Random(seed))
    crm.type_rows("companies", *({**COMPANY, "title": title} for title in COMPANIES))
    crm.type_rows(
        "contacts",
        *(
            {**CONTACT, "email": f"a{i}@steppe.example", "phone": f"+7701123456{i}"}
            for i in range(5)
        ),
    )
    crm.type_rows(
        "deals",
        *(
            {**DEAL, "title": f"Campaign {i}", "company": COMPANIES[i % 3],
             "contact": f"a{i % 5}@steppe.example", "stage": ("SQL", "MQL")[i % 2]}
            for i in range(9)
        ),
    )  # fmt: skip
    moment = datetime(2026, 3, 2, 9, tzinfo=UTC)
    known: dict[str, Known] = {}
    shared = {key: getattr(crm.outside, key) for key in crm.outside.__dataclass_fields__}
    shared |= {"drive_root": None, "mailboxes": (), "log": None}
    for turn in range(15):
        moment += timedelta(hours=hands.source.choice([0, 0, 0, 0, 1, 20]))
        shared["clock"] = At(moment)
        service, new = Remembering(**{**shared, "known": known}), Outside(**shared)
        done = [hands.edit() for _ in range(hands.source.randrange(4))] if turn else []
        assert planned(crm, service) == planned(crm, new), f"after {done}"
        if not turn or hands.source.random() < 0.9:
            replace(crm, outside=service).sync()
