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


def test_what_a_letter_suggests_is_dismissed_until_another_letter_suggests_it(crm: Crm) -> None:
    crm.fill({**DEAL, "stage": "MQL", "brief_received": None})
    crm.sync()
    quiet = verdict(crm)
    crm.letter(sender="anna@steppe.example", attachments={"Brief.pdf": "QUJD"})
    crm.sync()
    check, problems = verdict(crm)
    assert (check, quiet[0]) == ("Warning", "OK")
    assert "“Brief.pdf”" in str(problems)
    crm.write("deals", 0, {"accepted": "Yes"})
    crm.sync()
    assert verdict(crm) == quiet
    letters = crm.playbook.letters
    filing = letters.attachments.model_copy(update={"file": True})
    letters = letters.model_copy(update={"attachments": filing})
    crm.playbook = crm.playbook.model_copy(update={"letters": letters})
    crm.write("deals", 0, {"stage": "SQL", "brief_received": None})
    crm.sync()
    crm.sync()
    assert "https://" in crm.row("comments")["attachments"]
    assert "“Brief.pdf" not in str(verdict(crm)[1])
    crm.letter(sender="anna@steppe.example", attachments={"New brief.pdf": "QUJD"})
    crm.sync()
    assert "“New brief.pdf”" in str(verdict(crm)[1])


def test_what_nobody_can_remember_is_not_dismissed_by_turns(crm: Crm) -> None:
    """Of a deal that may be one or another the worker keeps nothing until a person has told."""
    crm.fill(*[{**DEAL, "next_step": 40_000}] * 2)
    crm.sync()
    for row in range(2):
        crm.write("deals", row, {"id": None, "accepted": "Yes"})
    for _ in range(2):
        crm.sync()
    assert "may be" in crm.row("deals")["problems"]
    assert crm.sync().cells == 0
