"""docs/sandbox.md tells the truth: its list is the generated one, its examples work."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest
import requests

from sandbox.inventory import inventory, main, replaced
from sandbox.server import Box

PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"


def test_the_page_is_up_to_date() -> None:
    """Run `python -m sandbox.inventory docs/sandbox.md` when this fails."""
    page = PAGE.read_text(encoding="utf-8")
    assert replaced(page) == page


def test_the_command_writes_into_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- inventory: begin -->old<!-- inventory: end -->\nb\n", encoding="utf-8")
    main([str(page)])
    text = page.read_text(encoding="utf-8")
    assert inventory() in text
    assert "old" not in text
    assert text.startswith("a\n")
    assert text.endswith("\nb\n")


def test_it_says_what_is_missing_too() -> None:
    text = inventory()
    assert "`sheets.spreadsheets.values.batchGet`" in text
    assert "Not here (501): `drive.accessproposals" in text
    assert "`addChart`" in text.rpartition("Not here (501)")[2]


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="inventory: begin"):
        replaced("nothing")


EXAMPLE = re.compile(
    r"curl -s (?:-X (?P<method>[A-Z]+) )?'?localhost:8085(?P<path>/sandbox/[^\s']*)'?"
    r"(?P<letter> -H 'content-type: message/rfc822')?(?: -d '(?P<body>[^']*)')?"
)


def test_its_examples_are_taken(box: Box) -> None:
    examples = list(EXAMPLE.finditer(PAGE.read_text(encoding="utf-8")))
    assert len(examples) >= 14
    for example in examples:
        if example["letter"]:
            continue  # its letter is a file of the reader's
        body = orjson.loads(example["body"]) if example["body"] else None
        method = example["method"] or ("POST" if body is not None else "GET")
        url = box.url + example["path"]
        answer = requests.request(method, url, json=body, timeout=10)
        assert answer.status_code == 200, (example[0], answer.text)
