"""The JSON Schema by which editors complete and check a playbook."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from rules.playbook_file import BUILT_IN
from rules.playbook_schema import SCHEMA_FILE, schema_text

SCHEMA: Any = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
TEXT = BUILT_IN.read_text(encoding="utf-8")


def complaints(text: str) -> list[str]:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    content = YAML(typ="safe", pure=True).load(text)
    return [error.json_path for error in validator.iter_errors(content)]


def test_schema_file_is_up_to_date() -> None:
    stale = f"write it anew: {sys.executable} -m rules.playbook_schema"
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), stale


def test_command_writes_the_schema() -> None:
    before = SCHEMA_FILE.read_bytes()
    subprocess.run([sys.executable, "-m", "rules.playbook_schema"], check=True)
    assert SCHEMA_FILE.read_bytes() == before


def test_schema_is_a_schema_and_the_built_in_playbook_keeps_to_it() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert complaints(TEXT) == []


def test_editors_are_told_where_the_schema_is() -> None:
    first = TEXT.splitlines()[0]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found
    assert BUILT_IN.with_name(found[1]) == SCHEMA_FILE


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("kind: money, also", "kind: cash, also", "$.tabs.deals.fields.budget.kind"),
        (
            "open: true, stale_days: 30, leaves_to: [mql,",
            "opened: true, leaves_to: [mql,",
            "$.stages.cold",
        ),
        ("also: [win, won", "also: [1, won", "$.stages.client.also[0]"),
        ("latest_in_note: 5", "latest_in_note: 50", "$.letters.latest_in_note"),
        ("    severity: warning", "    severity: hint", "$.required.unqualified.severity"),
        ("except:  {company:", "except:  {firm:", "$.required.lost.except"),
        ("default_region: KZ", "default_region: kz", "$.phones.default_region"),
    ],
)
def test_editors_see_mistakes(old: str, new: str, place: str) -> None:
    assert TEXT.count(old) == 1
    assert complaints(TEXT.replace(old, new)) == [place]


def test_everything_a_sales_lead_writes_is_explained() -> None:
    parts = [SCHEMA, *SCHEMA["$defs"].values()]
    for part in parts:
        assert part["description"], part["title"]
        for key, described in part["properties"].items():
            assert described.get("description"), f"{part['title']}.{key}"
