"""Warnings that a manager has looked at and accepts: dismissed until their cause changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from itertools import compress, count, repeat
from operator import is_

from rules.check import Checked, RowFindings
from rules.findings import Finding
from rules.playbook import Subject
from rules.problems import Findings
from rules.table import as_text
from rules.words import Wording

MARK = "accepted"
"""How the memory of an accepted deal begins; the keys of its dismissed warnings follow."""


def finding_key(checked: Checked, finding: Finding) -> str:
    """Return what names a finding by its kind and cause, whatever row it stands in."""
    row_id = checked.book.tables[finding.tab].text("id", finding.row)
    cause = (finding.code, finding.tab, row_id, *finding.fields, finding.value, finding.expected)
    return blake2b("\0".join(cause).encode("utf-8", "replace"), digest_size=5).hexdigest()


def accept_warnings(
    checked: Checked, found: Mapping[Subject, RowFindings], remembered: Mapping[str, str]
) -> Mapping[int, str]:
    """Return what is to be remembered of each accepted deal, by row.

    `found` are all findings that are to be shown, `remembered` is what was so far, by deal ID. A
    deal that is newly accepted: the warnings that its Problems cell shows. One that was accepted
    before: the same as then.
    """
    memories = {
        row: remembered.get(checked.deals.table.text("id", row), "")
        for row in accepted_rows(checked)
    }
    for row, known in memories.items():
        if not known.startswith(MARK):
            memories[row] = _accept(checked, row, found["deal"].told.get(row, ()))
    return memories


def accepted_rows(checked: Checked) -> Sequence[int]:
    """Return the deal rows whose warnings a manager accepts."""
    accepted = checked.deals.values.get("accepted", ())
    return list(compress(count(), map(is_, accepted, repeat(True))))


def _accept(checked: Checked, row: int, findings: Findings) -> str:
    shown = as_text(checked.deals.table.column("problems")[row]).splitlines()
    wording = Wording(checked.book, checked.playbook)
    keys = (
        finding_key(checked, finding)
        for finding in findings
        if finding.severity == "warning" and wording.problem("deals", finding) in shown
    )
    return " ".join((MARK, *dict.fromkeys(keys)))


def standing(
    checked: Checked, found: Mapping[Subject, RowFindings], memories: Mapping[int, str]
) -> Mapping[Subject, RowFindings]:
    """Return the findings without the dismissed warnings of deals. An error is never dismissed."""
    if not memories:
        return found
    deals = found["deal"]
    told = {row: findings for row, findings in deals.told.items() if row not in memories}
    for row, memory in memories.items():
        if left := _standing(checked, deals.told.get(row, ()), memory.split()):
            told[row] = left
    return {**found, "deal": RowFindings(deals.rows, told)}


def _standing(checked: Checked, findings: Findings, dismissed: Sequence[str]) -> Findings:
    return tuple(
        finding
        for finding in findings
        if finding.severity == "error" or finding_key(checked, finding) not in dismissed
    )
