"""What commands print about a pass or a check, for people and for machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rules.check import Checked, find_problems
from rules.playbook import SUBJECT_TABS, Playbook
from rules.words import Wording
from sync.run import PassResult


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
    yield f"  Letters logged: {result.letters}"
    yield f"  Events written: {result.events}"
    reports = ", ".join(playbook.reports[key].en for key in result.reports)
    yield f"  Reports written: {reports or 'none, nothing changed'}"
    yield f"  Cells written: {result.cells}"
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
        "folders": {"deals": result.deal_folders, "companies": result.company_folders},
        "letters": result.letters,
        "events": result.events,
        "reports": list(result.reports),
        "cells": result.cells,
        "failures": list(result.failures),
    }


def problem_rows(checked: Checked) -> Iterator[Mapping[str, Any]]:
    """Yield each row that has problems: tab, sheet row, ID, verdict, and the problems in words."""
    wording = Wording(checked.book, checked.playbook)
    for subject, rows in find_problems(checked).items():
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
