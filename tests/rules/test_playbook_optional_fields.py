"""A sales lead may remove every field that the worker does not need itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from rules.check import check_book, find_problems
from rules.playbook import NEEDED, SUBJECT_TABS
from rules.playbook_file import BUILT_IN, load_playbook
from rules.reports import make_reports
from tests.rules.books import TODAY, full_rows, make_book, verdicts


def content() -> Any:
    return YAML(typ="safe", pure=True).load(BUILT_IN)


REMOVABLE = [
    (subject, tab, key)
    for subject, tab in SUBJECT_TABS.items()
    for key in content()["tabs"][tab]["fields"]
    if key not in NEEDED["tabs", tab, "fields"]
]


def without_field(subject: str, tab: str, key: str) -> str:
    """Return the built-in file without that field and all that asks for it."""
    changed = content()
    del changed["tabs"][tab]["fields"][key]
    for stage in changed["stages"].values():
        if stage.get("condition", "").partition(" = ")[0] == key:
            del stage["condition"]
    blocks = [*changed["required"].values(), *changed["recommended"].values()]
    for block in [*blocks, changed["none_allowed"]]:
        asked = [item for item in block.get(subject, ()) if key not in item.split(" or ")]
        block[subject] = asked
    return json.dumps(changed)  # JSON is YAML


@pytest.mark.parametrize(("subject", "tab", "key"), REMOVABLE)
def test_field_may_be_removed(tmp_path: Path, subject: str, tab: str, key: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(without_field(subject, tab, key), encoding="utf-8")
    playbook = load_playbook(path)
    book = make_book("en", full_rows("en", "client"))
    assert all(verdict.check == "ok" for verdict in verdicts(book, playbook).values())
    checked = check_book(book, playbook, TODAY)
    assert make_reports(checked, find_problems(checked), "KZT").tables
