"""Whatever a client sends, no crash and no half a change: requests made up from the schemas."""

from __future__ import annotations

import random
from typing import Any

import gspread
import pytest

from sandbox.discovery import load_methods
from sandbox.sheets.requests.table import KINDS
from tests.sandbox.sheets.conftest import send

SCHEMAS = load_methods()["sheets.spreadsheets.batchUpdate"].api.schemas

TEXTS = ["", "a", "A1", "=A1+B2", "=1/0", "1,5", "5%", "1/2/2024", "Sheet1!A1:B2", "(", "$1", "'"]
MASKS = ["*", "userEnteredValue", "note", "userEnteredFormat.textFormat", "gridProperties", "a(b)"]
PATTERNS = ["0.00", "#,##0", "yyyy-mm-dd", "[h]:mm", ";;", "E+", "[", '"', "d", "?"]
INTEGERS = [0, 0, 0, 1, 2, 3, 5, 10, 40, -1, 2**31 - 1]


class Imagination:
    """Makes objects of a schema, most of them nearly right."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def value(self, spec: dict[str, Any], name: str, depth: int) -> Any:
        if "$ref" in spec:
            return self.thing(spec["$ref"], depth + 1)
        if spec["type"] == "array":
            return [self.value(spec["items"], name, depth + 1)] * self.random.randrange(3)
        if "enum" in spec:
            return self.random.choice(spec["enum"])
        scalars: dict[str, list[Any]] = {
            "integer": INTEGERS,
            "number": [0, 1.5, -1, 1e300],
            "boolean": [True, False],
            "object": [{}],
            "any": ["a", 1, None, True, "=A1"],
            "string": {"fields": MASKS, "pattern": PATTERNS}.get(name, TEXTS),
        }
        return self.random.choice(scalars[spec["type"]])

    def thing(self, schema: str, depth: int = 0) -> dict[str, Any]:
        share = 0.75 if depth < 4 else 0.25
        return {
            name: self.value(spec, name, depth)
            for name, spec in SCHEMAS[schema].get("properties", {}).items()
            if depth < 8 and self.random.random() < share
        }


@pytest.mark.parametrize("seed", range(2))
def test_requests_made_up_from_the_schemas(book: gspread.Spreadsheet, seed: int) -> None:
    imagination = Imagination(seed)
    statuses = set()
    for kind in KINDS:
        for _ in range(4):
            body = imagination.value(SCHEMAS["Request"]["properties"][kind], kind, 0)
            response = send(book, "POST", ":batchUpdate", json={"requests": [{kind: body}]})
            statuses.add(response.status_code)
    assert statuses <= {200, 400}
    assert send(book, "GET", "").status_code == 200


@pytest.mark.parametrize("depth", [300, 900])
def test_bodies_without_a_bottom(book: gspread.Spreadsheet, depth: int) -> None:
    deep = '{"a":' * depth + "1" + "}" * depth
    url, headers = "/values/A1?valueInputOption=RAW", {"content-type": "application/json"}
    for body in (f'{{"values":[[{deep}]]}}', f'{{"values":[[{"[" * depth}{"]" * depth}]]}}'):
        assert send(book, "PUT", url, data=body, headers=headers).status_code == 400
    requests = f'{{"requests":{"[" * depth}{{"clearBasicFilter":{{}}}}{"]" * depth}}}'
    answer = send(book, "POST", ":batchUpdate", data=requests, headers=headers)
    assert answer.status_code in {200, 400}
