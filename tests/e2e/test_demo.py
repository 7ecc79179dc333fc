"""`crm demo --once`: its summary against what a plain gspread script reads back."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from rules.playbook import LOCALES, Locale, Playbook
from tests.e2e.conftest import Sandbox, Workbook
from worker.demo_book import Defect, DemoBook, make_demo_book
from worker.demo_letters import make_demo_letters

DEALS, SEED = 200, 7
WITH_FOLDER = ("sql", "negotiation", "client")
FOLDER = "application/vnd.google-apps.folder"


@dataclass(frozen=True)
class Demo:
    output: str
    seconds: float
    workbook: Workbook
    book: DemoBook
    deals: list[dict[str, Any]]
    comments: list[dict[str, Any]]

    def number(self, pattern: str) -> int:
        found = re.search(pattern, self.output)
        assert found, self.output
        return int(found.group(1))


@pytest.fixture(scope="module", params=LOCALES)
def demo(request: pytest.FixtureRequest, sandbox: Sandbox, playbook: Playbook) -> Demo:
    locale: Locale = request.param
    sandbox.reset()
    started = time.monotonic()
    done = sandbox.crm(
        "demo", "--once", "--deals", str(DEALS), "--seed", str(SEED), "--locale", locale,
        "--sandbox", "--state", str(sandbox.state),
    )  # fmt: skip
    seconds = time.monotonic() - started
    assert done.returncode == 0, done.stderr
    spreadsheet_id = re.findall(r"^Spreadsheet: +(\S+)", done.stdout, re.M)[0]
    workbook = Workbook(sandbox.open(spreadsheet_id), playbook, locale)
    book = make_demo_book(playbook, locale, DEALS, SEED, datetime.now().date())
    return Demo(
        done.stdout, seconds, workbook, book, workbook.rows("deals"), workbook.rows("comments")
    )


def test_it_takes_less_than_a_minute(demo: Demo) -> None:
    assert demo.seconds < 60


def test_every_row_has_a_verdict_and_the_summary_counts_them(demo: Demo) -> None:
    check = demo.workbook.playbook.choices["check"]
    words = {key: name.in_locale(demo.workbook.locale) for key, name in check.items()}
    for tab, label in (("deals", "Deals"), ("contacts", "Contacts"), ("companies", "Companies")):
        rows = demo.workbook.rows(tab)
        verdicts = Counter(row["check"] for row in rows)
        assert set(verdicts) <= set(words.values())
        assert demo.number(rf"{label}: (\d+) rows") == len(rows)
        assert demo.number(rf"{label}: .* (\d+) with errors") == verdicts[words["error"]]
        assert demo.number(rf"{label}: .* (\d+) with warnings") == verdicts[words["warning"]]
        assert all(bool(row["problems"]) == (row["check"] != words["ok"]) for row in rows)
        assert len({row["id"] for row in rows}) == len(rows)


def test_each_stage_is_there_as_the_summary_says(demo: Demo) -> None:
    stages = demo.workbook.playbook.stages
    counted = Counter(row["stage"] for row in demo.deals)
    for stage in stages.values():
        shown = demo.number(rf"Stages: .*\b{stage.en} (\d+)")
        assert shown == counted[stage.in_locale(demo.workbook.locale)] > 0
    assert counted.total() == DEALS


def test_each_seeded_defect_is_named_in_problems(demo: Demo) -> None:
    by_title = {row["title"]: row for row in demo.deals}
    assert len(demo.book.defects) >= 20
    for defect in demo.book.defects:
        problems = by_title[defect.deal]["problems"]
        assert any(_names(demo, line, defect) for line in problems.splitlines()), (defect, problems)


def _names(demo: Demo, line: str, defect: Defect) -> bool:
    locale, tabs = demo.workbook.locale, demo.workbook.playbook.tabs
    header = tabs[defect.tab].fields[defect.field].in_locale(locale)
    place = "" if defect.tab == "deals" else tabs[defect.tab].in_locale(locale)
    value = "" if defect.field == "next_step" else defect.value
    return header in line and place in line and value in line


def test_no_row_is_blamed_without_a_defect(demo: Demo) -> None:
    spoilt = {defect.deal for defect in demo.book.defects}
    companies = {row["company"] for row in demo.deals if row["title"] in spoilt}
    blamed = [
        row["title"]
        for row in demo.deals
        if _told(row) and row["title"] not in spoilt and row["company"] not in companies
    ]
    assert blamed == []


def _told(row: dict[str, Any]) -> list[str]:
    """Return what is told of a row, but that a client's new folder has no documents yet."""
    lines = (row["problems"] or "").split("\n")
    return [line for line in lines if line and not line.startswith("Google Drive: ")]


def test_one_folder_for_each_deal_at_sql_and_beyond(demo: Demo, sandbox: Sandbox) -> None:
    stages = demo.workbook.playbook.stages
    names = {stages[key].in_locale(demo.workbook.locale) for key in WITH_FOLDER}
    expected = {row["id"]: row for row in demo.deals if row["stage"] in names}
    by_deal = {
        deal_id: _folders(sandbox, f"name contains '{deal_id}' and trashed = false")
        for deal_id in expected
    }
    assert demo.number(r"Folders made: (\d+) of deals") == len(expected) > 0
    mine = {row["drive"].rsplit("/", 1)[1] for row in expected.values()}
    for deal_id, row in expected.items():
        here = [folder for folder in by_deal[deal_id] if folder["id"] in mine]
        assert [folder["name"].split()[0] for folder in here] == [deal_id]
        assert row["drive"].endswith(here[0]["id"])
    assert all(not row["drive"] for row in demo.deals if row["stage"] not in names)


def test_a_deal_folder_lies_in_its_company_folder_with_five_subfolders(
    demo: Demo, sandbox: Sandbox
) -> None:
    deal = next(row for row in demo.deals if row["drive"])
    company = next(
        row for row in demo.workbook.rows("companies") if row["title"] == deal["company"]
    )
    deal_folder, company_folder = (row["drive"].rsplit("/", 1)[1] for row in (deal, company))
    [itself] = [
        folder
        for folder in _folders(sandbox, f"'{company_folder}' in parents")
        if folder["id"] == deal_folder
    ]
    assert company["title"] in itself["name"]
    inside = {folder["name"] for folder in _folders(sandbox, f"'{deal_folder}' in parents")}
    spec = demo.workbook.playbook.folders.subfolders
    assert inside == {name.in_locale(demo.workbook.locale) for name in spec.values()}
    assert len(inside) == 5


def _folders(sandbox: Sandbox, query: str) -> list[dict[str, Any]]:
    with sandbox.drive() as drive:
        found: list[dict[str, Any]] = (
            drive.files()
            .list(
                q=f"{query} and mimeType = '{FOLDER}'",
                fields="files(id,name)",
                pageSize=1000,
                supportsAllDrives=True,
                includeItemsFromAllDrives=True,
            )
            .execute()["files"]
        )
        return found


def test_each_client_letter_stands_once_in_comments(demo: Demo) -> None:
    letters = make_demo_letters(demo.book, demo.workbook.locale, SEED, datetime.now().astimezone())
    id_of = {row["title"]: row["id"] for row in demo.deals}
    expected = {letter.message_id: id_of[letter.deal] for letter in letters if letter.deal}
    logged = [(row["letter_key"], row["deal_id"]) for row in demo.comments]
    assert sorted(logged) == sorted(expected.items())
    assert demo.number(r"Letters logged: (\d+)") == len(expected) > 20


def test_comments_are_in_order_and_without_quoted_letters(demo: Demo) -> None:
    whens = [row["when"] for row in demo.comments]
    assert whens == sorted(whens)
    assert all(row["text"] for row in demo.comments)
    assert not any(re.search(r"^>", row["text"], re.M) for row in demo.comments)


def test_last_letter_is_that_of_the_latest_comment(demo: Demo) -> None:
    latest: dict[str, float] = {}
    for row in demo.comments:
        latest[row["deal_id"]] = max(row["when"], latest.get(row["deal_id"], 0.0))
    assert {row["id"]: row["last_letter"] for row in demo.deals if row["last_letter"]} == latest


def test_reports_add_up_to_the_number_of_deals(demo: Demo) -> None:
    for key, column in (("funnel", 1), ("sources", 1), ("traffic", 1), ("qualified", 1)):
        *rows, total = _first_table(demo.workbook.report(key))
        assert sum(row[column] for row in rows) == total[column] == DEALS, key
    by_name = {row[0]: row for row in _first_table(demo.workbook.report("funnel"))}
    for stage in demo.workbook.playbook.stages.values():
        name = stage.in_locale(demo.workbook.locale)
        assert by_name[name][1] == sum(row["stage"] == name for row in demo.deals)
    budgets = sum(row["budget"] for row in demo.deals if isinstance(row["budget"], int | float))
    assert _first_table(demo.workbook.report("sources"))[-1][7] == budgets
    assert _first_table(demo.workbook.report("funnel"))[-1][2] == budgets


def _first_table(values: list[list[Any]]) -> list[list[Any]]:
    """The rows below the first header row, the total included; an empty row ends a table."""
    start = next(at for at, row in enumerate(values) if sum(cell != "" for cell in row) > 1) + 1
    rows: list[list[Any]] = []
    for row in values[start:]:
        if not any(cell != "" for cell in row):
            break
        rows.append(row)
    return rows


def test_each_deal_has_one_first_stage_event_and_ends_at_its_stage(demo: Demo) -> None:
    stage_word = demo.workbook.playbook.choices["event"]["stage"].in_locale(demo.workbook.locale)
    events = [row for row in demo.workbook.rows("events") if row["event"] == stage_word]
    first = Counter(row["deal_id"] for row in events if not row["from"])
    assert first == {row["id"]: 1 for row in demo.deals}
    last = {row["deal_id"]: row["to"] for row in events}
    assert last == {row["id"]: row["stage"] for row in demo.deals}
