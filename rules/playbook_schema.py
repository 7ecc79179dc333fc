"""The JSON Schema of the playbook file, by which editors complete, explain and check it.

`python -m rules.playbook_schema` writes it anew beside the built-in playbook.
"""

from __future__ import annotations

import json
from pathlib import Path

from rules.playbook import Playbook

SCHEMA_FILE = Path(__file__).with_name("playbook.schema.json")


def schema_text() -> str:
    """Return the schema as it stands in the file."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Playbook.model_json_schema(by_alias=True, mode="validation"),
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
