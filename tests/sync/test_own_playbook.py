"""A stage and a field added in a copy of the playbook, and nowhere else: workbook and check."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rules.playbook_file import BUILT_IN, load_playbook
from tests.sync.conftest import DEAL, Crm
from worker.setup import create_workbook

CHANGES = (
    ("  client:      {en: Client,", "  legal: {en: Legal check, ru: Юристы, open: true, "
     "folder: true, leaves_to: [client, lost]}\n  client:      {en: Client,"),
    ("  client:\n    after:   negotiation", "  legal: {after: negotiation, deal: [lawyer]}\n"
     "  client:\n    after:   legal"),
    ("      learnings:       {", "      lawyer: {en: Lawyer, ru: Юрист}\n      learnings:       {"),
)  # fmt: skip


def test_added_stage_and_field_need_no_code(crm: Crm, tmp_path: Path) -> None:
    text = BUILT_IN.read_text(encoding="utf-8")
    for old, new in CHANGES:
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = tmp_path / "sales.yaml"
    path.write_text(text, encoding="utf-8")
    playbook = load_playbook(path)
    book = create_workbook("Own", playbook, crm.outside, "en")
    own = replace(crm, playbook=playbook, spreadsheet_id=book)
    assert "Lawyer" in own.values("deals")[0]
    own.fill({**DEAL, "stage": "legal CHECK"})
    own.sync()
    deal = own.row("deals")
    assert (deal["check"], deal["problems"]) == ("Error", "Lawyer: fill it in.")
    own.write("deals", 0, {"lawyer": "Kim"})
    own.sync()
    assert own.row("deals")["check"] == "OK"
