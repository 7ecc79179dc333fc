"""Warnings that a manager has looked at and accepts: dismissed until their cause changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b

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
    accepted = checked.deals.values.get("accepted", ())
    memories = {
        row: remembered.get(checked.deals.table.text("id", row), "")
        for row, yes in enumerate(accepted)
        if yes is True
    }
    new = {row for row, known in memories.items() if not known.startswith(MARK)}
    for row, findings in found["deal"] if new else ():
        if row in new:
            memories[row] = _accept(checked, row, findings)
    return memories


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
    deals = [
        (row, _standing(checked, findings, memories[row].split()) if row in memories else findings)
        for row, findings in found["deal"]
    ]
    return {**found, "deal": deals}


def _standing(checked: Checked, findings: Findings, dismissed: Sequence[str]) -> Findings:
    return tuple(
        finding
        for finding in findings
        if finding.severity == "error" or finding_key(checked, finding) not in dismissed
    )
