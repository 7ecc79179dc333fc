"""Accepted warnings through whole passes: dismissed, remembered in the workbook, shown again."""

from __future__ import annotations

from tests.sync.conftest import DEAL, Crm, both_locales


def verdict(crm: Crm) -> tuple[str | None, str | None]:
    row = crm.row("deals")
    return row["check"], row["problems"]


@both_locales
def test_accepted_warning_stays_dismissed_until_its_cause_changes(crm: Crm) -> None:
    crm.fill(crm.local({**DEAL, "next_step": 40_000}))
    crm.sync()
    check, problems = verdict(crm)
    words = crm.playbook.choices["check"]
    assert check == words["warning"].in_locale(crm.locale)
    crm.write("deals", 0, {"accepted": "Yes"})
    crm.sync()
    assert verdict(crm) == (words["ok"].in_locale(crm.locale), None)
    writes = len(crm.calls("sheets.spreadsheets.batchUpdate"))
    crm.sync()
    assert len(crm.calls("sheets.spreadsheets.batchUpdate")) == writes
    crm.write("deals", 0, {"next_step": 40_001})
    crm.sync()
    check, again = verdict(crm)
    assert check == words["warning"].in_locale(crm.locale)
    assert again is not None
    assert again != problems
    crm.write("deals", 0, {"next_step": 40_000})
    crm.sync()
    assert verdict(crm) == (words["ok"].in_locale(crm.locale), None)
    crm.write("deals", 0, {"accepted": None})
    crm.sync()
    assert verdict(crm) == (check, problems)
