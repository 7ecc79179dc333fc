"""The built-in playbook's rules on a deal's own columns as plain data, for any library."""

from __future__ import annotations

from typing import Any

from benchmarks.book import TODAY, Answer
from benchmarks.peers.common import Rules
from rules.playbook import OPEN, FieldSpec, Playbook


def make_rules(answer: Answer, playbook: Playbook) -> Rules:
    """Return the rules, and the deals of the answer."""
    fields = playbook.tabs["deals"].fields
    columns = dict(zip(fields, answer["deals"], strict=True))
    typed = [key for key, spec in fields.items() if spec.owner != "worker" and key != "accepted"]
    return Rules(
        rows=len(columns["id"]) - 1,
        columns={key: [_cell(cell) for cell in columns[key][1:]] for key in typed},
        words={key: found for key in typed if (found := _words(answer, playbook, fields[key]))},
        word_codes={key: _word_code(fields[key]) for key in typed},
        several=[key for key in typed if fields[key].several],
        dates=[key for key in typed if fields[key].kind == "date"],
        money=[key for key in typed if fields[key].kind == "money"],
        folders=[key for key in typed if fields[key].kind == "folder"],
        none_words=list(playbook.none_words),
        none_fields=sorted(playbook.none_allowed.deal),
        required={stage: _asked_at(playbook, stage) for stage in playbook.stages},
        open_stages=[key for key, stage in playbook.stages.items() if stage.open],
        first_stage=playbook.funnel[0],
        today=TODAY,
    )


def _cell(cell: Any) -> Any:
    return None if cell == "" else cell


def _words(answer: Answer, playbook: Playbook, spec: FieldSpec) -> dict[str, Any]:
    """Return what each word that a cell of that field may hold means."""
    match spec.kind:
        case "list":
            lists = dict(zip(playbook.tabs["lists"].fields, answer["lists"], strict=True))
            return {str(cell): cell for cell in lists[spec.list or ""][1:] if cell != ""}
        case "stage":
            names = dict(playbook.stages)
        case "yes_no":
            return {name.en: key for key, name in playbook.choices["yes_no"].items()}
        case "choice":
            return {name.en: key for key, name in playbook.choices[spec.choice or ""].items()}
        case _:
            return {}
    return {stage.en: key for key, stage in names.items()}


def _word_code(spec: FieldSpec) -> str:
    return {"list": "not_in_list", "yes_no": "not_yes_no"}.get(spec.kind, "not_choice")


def _asked_at(playbook: Playbook, stage: str) -> list[str]:
    """Return the fields that a deal at that stage needs or had better have."""
    asked: dict[str, None] = {}
    excepted: set[str] = set()
    for key, block in playbook.requirement_chain(stage):
        for item in block.deal:
            if not excepted.issuperset(item):
                asked.update(dict.fromkeys(item))
        if key in playbook.recommended:
            asked.update(dict.fromkeys(f for item in playbook.recommended[key].deal for f in item))
        excepted.update(block.except_.get("deal", ()))
    if playbook.stages[stage].open and OPEN in playbook.recommended:
        asked.update(dict.fromkeys(f for item in playbook.recommended[OPEN].deal for f in item))
    return list(asked)
