"""What of Google's APIs the sandbox has, as a block of Markdown.

``python -m sandbox.inventory`` prints it; with the name of a file, it goes between the marks there.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from sandbox.control import ENDPOINTS
from sandbox.discovery import load_methods
from sandbox.faults import KINDS as FAULT_KINDS
from sandbox.registry import HANDLERS
from sandbox.sheets.requests.table import KINDS as REQUEST_KINDS

BEGIN, END = "<!-- inventory: begin -->", "<!-- inventory: end -->"
TITLES = {"sheets": "Sheets v4", "drive": "Drive v3, and one method of v2", "gmail": "Gmail v1"}


def inventory() -> str:
    """Return the whole block, without its marks."""
    parts = [_control(), _faults(), *(_methods(api) for api in TITLES), _requests()]
    return "\n\n".join(parts)


def _control() -> str:
    lines = [f"| `{end.http_method} {end.path}` | {end.description} |" for end in ENDPOINTS]
    return "\n".join(["### Control endpoints", "", "| | |", "|---|---|", *lines])


def _faults() -> str:
    lines = [f"| `{kind}` | {text} |" for kind, text in FAULT_KINDS.items()]
    return "\n".join(["### Faults", "", "| kind | |", "|---|---|", *lines])


def _methods(api: str) -> str:
    own = {name: name in HANDLERS for name in load_methods() if name.startswith(f"{api}.")}
    return _section(TITLES[api], "methods", own)


def _requests() -> str:
    api = load_methods()["sheets.spreadsheets.batchUpdate"].api
    kinds = api.schemas["Request"]["properties"]
    return _section(
        "Kinds of `spreadsheets.batchUpdate`", "kinds", {k: k in REQUEST_KINDS for k in kinds}
    )


def _section(title: str, noun: str, facts: Mapping[str, bool]) -> str:
    here = [name for name, present in facts.items() if present]
    missing = [name for name, present in facts.items() if not present]
    text = f"### {title}\n\n{len(here)} of {len(facts)} {noun}: {_listed(here)}."
    return text + (f"\n\nNot here (501): {_listed(missing)}." if missing else "")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def replaced(page: str) -> str:
    """Return a page with a fresh block between its marks; ValueError when it has none."""
    block = f"{BEGIN}\n\n{inventory()}\n\n{END}"
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.S)
    if not pattern.search(page):
        raise ValueError(f"no {BEGIN} … {END}")
    return pattern.sub(lambda _: block, page)


def main(arguments: list[str]) -> None:
    """Print the block, or put it into the files that are named."""
    if not arguments:
        sys.stdout.write(inventory() + "\n")
    for name in arguments:
        page = Path(name)
        page.write_text(replaced(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
