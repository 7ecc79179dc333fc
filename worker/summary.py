"""What commands print about a pass or a check, for people and for machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rules.check import Checked, RowFindings, find_problems
from rules.letter_suggestions import find_suggestions
from rules.playbook import SUBJECT_TABS, Playbook, Subject
from rules.words import Wording
from sync.run import PassResult
from sync.verdicts import with_findings
from worker.problem_table import table_lines


def result_lines(result: PassResult, playbook: Playbook) -> Iterator[str]:
    """Yield the summary of a pass, one fact a line."""
    yield f"“{result.title}” ({result.spreadsheet_id})"
    for subject, (rows, errors, warnings) in result.rows.items():
        tab = playbook.tabs[SUBJECT_TABS[subject]].en
        yield f"  {tab}: {rows} rows checked, {errors} with errors, {warnings} with warnings"
    stages = (
        f"{playbook.stages[key].en if key else 'no stage'} {count}"
        for key, count in sorted(result.stages.items(), key=lambda item: _order(playbook, item[0]))
    )
    yield f"  Stages: {', '.join(stages) or 'no deals'}"
    yield f"  Folders made: {result.deal_folders} of deals, {result.company_folders} of companies"
    yield f"  Folders renamed or moved: {result.folders_changed}"
    if result.folders_waiting:
        yield f"  Deals that wait for their folder: {result.folders_waiting}"
    yield f"  Letters logged: {result.letters}"
    yield f"  Events written: {result.events}"
    reports = ", ".join(playbook.reports[key].en for key in result.reports)
    yield f"  Reports written: {reports or 'none, nothing changed'}"
    yield f"  Cells written: {result.cells}"
    for line in result.held:
        yield f"  HELD {line}: folders, letters and history wait for a word on the Dashboard"
    for failure in result.failures:
        yield f"  FAILED {failure}"


def _order(playbook: Playbook, stage: str) -> int:
    return list(playbook.stages).index(stage) if stage else len(playbook.stages)


def result_json(result: PassResult) -> Mapping[str, Any]:
    """Return the summary of a pass as plain data."""
    return {
        "spreadsheet": result.spreadsheet_id,
        "title": result.title,
        "rows": {
            subject: {"checked": rows, "errors": errors, "warnings": warnings}
            for subject, (rows, errors, warnings) in result.rows.items()
        },
        "stages": dict(result.stages),
        "folders": {
            "deals": result.deal_folders,
            "companies": result.company_folders,
            "changed": result.folders_changed,
            "waiting": result.folders_waiting,
        },
        "letters": result.letters,
        "events": result.events,
        "reports": list(result.reports),
        "cells": result.cells,
        "failures": list(result.failures),
        "faults": list(result.faults),
        "held": list(result.held),
    }


def all_findings(checked: Checked) -> Mapping[Subject, RowFindings]:
    """Return what a check finds in every record, with what its letters suggest."""
    return with_findings(find_problems(checked), find_suggestions(checked))


def problem_rows(
    checked: Checked, shown: Mapping[Subject, RowFindings]
) -> Iterator[Mapping[str, Any]]:
    """Yield each row that has problems: tab, sheet row, ID, verdict, and all problems in words.

    `shown` are the findings without those that are dismissed.
    """
    wording = Wording(checked.book, checked.playbook)
    for subject, rows in shown.items():
        tab = SUBJECT_TABS[subject]
        for row, findings in rows:
            if findings:
                yield {
                    "tab": tab,
                    "row": row + 2,
                    "id": checked.book.tables[tab].text("id", row),
                    "verdict": findings[0].severity,
                    "problems": [wording.problem(tab, finding) for finding in findings],
                }


@dataclass(frozen=True)
class CheckedSource:
    """A checked workbook: what it is (`spreadsheet` or `file`), its name, its rows with problems.

    `rows` are those of `problem_rows`.
    """

    kind: str
    name: str
    checked: Checked
    rows: Sequence[Mapping[str, Any]]

    @property
    def errors(self) -> int:
        """How many rows have errors."""
        return sum(row["verdict"] == "error" for row in self.rows)


def check_lines(sources: Sequence[CheckedSource], width: int) -> Iterator[str]:
    """Yield what `crm check` prints for people: a table for each workbook, the totals last."""
    for source in sources:
        if len(sources) > 1:
            yield f"{source.name}:"
        locale, tabs = source.checked.book.locale, source.checked.playbook.tabs
        titles = {key: tab.in_locale(locale) for key, tab in tabs.items()}
        yield from table_lines(source.rows, titles, width)
        if source.rows:
            yield ""
    checked = sum(
        len(source.checked.records(subject).rows) for source in sources for subject in SUBJECT_TABS
    )
    errors = sum(source.errors for source in sources)
    warnings = sum(len(source.rows) for source in sources) - errors
    yield f"{checked} rows checked, {errors} with errors, {warnings} with warnings"
