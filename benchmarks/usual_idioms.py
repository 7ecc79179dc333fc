"""A pass as a script usually does it: records as dicts, a pydantic model a row, a range a cell.

It reads with `get_all_records`, looks references up in dicts, finds the same exact duplicates, says
what is wrong in each row, sums reports up in loops, and sends what differs as single cells. It
does much less than a pass: no close titles, no texts for people, no history, no identities.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import gspread
import orjson
from gspread.utils import ValueRenderOption, rowcol_to_a1
from pydantic import ValidationError

from benchmarks.book import Sizes, make_answer
from benchmarks.deals_spec import make_rules
from benchmarks.peers.common import stage_problems
from benchmarks.peers.pydantic_rows import make_model
from rules.playbook import SUBJECT_TABS, Playbook

Record = dict[str, Any]


def usual_pass(workbook: gspread.Spreadsheet, playbook: Playbook) -> bytes:
    """Do a pass; return the body of the request that would write what differs."""
    records = {
        tab: read_records(workbook.worksheet(playbook.tabs[tab].en), playbook, tab)
        for tab in SUBJECT_TABS.values()
    }
    problems = find_problems(records["deals"], playbook)
    find_lost_references(records, problems)
    for tab, keys in (("contacts", ("email", "phone")), ("companies", ("title", "site"))):
        find_duplicates(records[tab], keys)
    add_up(records["deals"])
    return make_request(records["deals"], problems)


def read_records(sheet: gspread.Worksheet, playbook: Playbook, tab: str) -> list[Record]:
    """Return the rows of a tab as dicts by field."""
    key_of = {field.en: key for key, field in playbook.tabs[tab].fields.items()}
    rows = sheet.get_all_records(value_render_option=ValueRenderOption.unformatted)
    return [
        {key_of[header]: None if cell == "" else cell for header, cell in row.items()}
        for row in rows
    ]


def find_problems(deals: Sequence[Record], playbook: Playbook) -> dict[int, list[str]]:
    """Return what is wrong with each deal, a model a row."""
    rules = make_rules(make_answer(playbook, Sizes(1, 1, 1)), playbook)
    validate, of_stage = make_model(rules).model_validate, stage_problems(rules)
    problems: dict[int, list[str]] = defaultdict(list)
    for row, deal in enumerate(deals):
        try:
            validate(deal)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                problems[row].append(f"{one['loc'][0]}: {one['msg']}")
        for _, field, code in of_stage(row, deal):
            problems[row].append(f"{field}: {code}")
    return problems


def find_lost_references(
    records: Mapping[str, Sequence[Record]], problems: dict[int, list[str]]
) -> None:
    """Note the deals whose contact or company is not there."""
    known: dict[str, set[Any]] = {"company": set(), "contact": set()}
    for company in records["companies"]:
        known["company"] |= {company["id"], company["title"]}
    for contact in records["contacts"]:
        name = f"{contact['first_name']} {contact['last_name']}"
        known["contact"] |= {contact["id"], contact["email"], name}
    for row, deal in enumerate(records["deals"]):
        for field, values in known.items():
            if deal[field] and deal[field] not in values:
                problems[row].append(f"{field}: not found")


def find_duplicates(rows: Sequence[Record], keys: Sequence[str]) -> list[list[int]]:
    """Return the rows that have the same value in one of the columns."""
    found: dict[tuple[str, Any], list[int]] = defaultdict(list)
    for row, record in enumerate(rows):
        for key in keys:
            if record[key]:
                found[key, str(record[key]).strip().lower()].append(row)
    return [same for same in found.values() if len(same) > 1]


def add_up(deals: Sequence[Record]) -> Mapping[str, Mapping[tuple[Any, Any], float]]:
    """Return deals and budgets by stage and whatever the reports group by."""
    reports: dict[str, dict[tuple[Any, Any], float]] = defaultdict(lambda: defaultdict(float))
    for deal in deals:
        budget = deal["budget"] if isinstance(deal["budget"], int | float) else 0
        for field in ("channel", "traffic_source", "outcome_reason", "accountable"):
            reports[field][deal[field], deal["stage"]] += 1
            reports[f"{field} budget"][deal[field], deal["stage"]] += budget
    return reports


def make_request(deals: Sequence[Record], problems: Mapping[int, list[str]]) -> bytes:
    """Return the body of `values.batchUpdate`, a range a cell."""
    data = []
    for row, deal in enumerate(deals):
        found = problems.get(row, [])
        for column, wanted in ((2, "Error" if found else "OK"), (3, "\n".join(found))):
            if wanted != (deal["check"] if column == 2 else deal["problems"] or ""):
                data.append({"range": rowcol_to_a1(row + 2, column), "values": [[wanted]]})
    return orjson.dumps({"valueInputOption": "RAW", "data": data})
