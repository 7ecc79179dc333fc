"""What the peers share: the deals and the rules as plain data, the reading of a cell, the clock.

A peer is run as `python -m benchmarks.peers.NAME FOLDER`: it reads `FOLDER/deals.json`, finds all
problems several times, prints the seconds and the number of rows as JSON, and leaves its list of
(row, field, problem) in `FOLDER/NAME.json`. Seconds are those of the processor, so that others who
work on the machine do not count; whoever has threads pays for each.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

Problem = tuple[int, str, str]
"""Row, field, and the code of what is wrong there."""

REPEATS = 3
EPOCH = date(1899, 12, 30)


@dataclass(frozen=True)
class Rules:
    """The rules on a deal's own columns, and the columns; an empty cell is None."""

    rows: int
    columns: dict[str, list[Any]]
    words: dict[str, dict[str, Any]]
    """By field: what each understood word means; the code of the problem is `word_codes`."""
    word_codes: dict[str, str]
    several: list[str]
    dates: list[str]
    money: list[str]
    folders: list[str]
    none_words: list[str]
    none_fields: list[str]
    required: dict[str, list[str]]
    """By stage: the fields that must be filled in, or had better be."""
    open_stages: list[str]
    first_stage: str
    today: int

    def code(self, field: str) -> str:
        """Return the code of the problem of a cell of that field that cannot be read."""
        if field in self.dates:
            return "not_date"
        if field in self.money:
            return "not_money"
        return "not_folder" if field in self.folders else self.word_codes[field]

    def readers(self) -> dict[str, Callable[[Any], Any]]:
        """Return, by field, a function that reads a filled cell or raises ValueError."""
        read: dict[str, Callable[[Any], Any]] = dict.fromkeys(self.columns, read_text)
        read.update({field: _word_reader(table) for field, table in self.words.items()})
        read.update({field: _words_reader(self.words[field]) for field in self.several})
        read.update(dict.fromkeys(self.dates, read_date))
        read.update(dict.fromkeys(self.money, read_money))
        read.update(dict.fromkeys(self.folders, read_folder))
        return read


def read_text(value: Any) -> Any:
    return value


def _word_reader(table: dict[str, Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        found = table.get(value)
        if found is None:
            raise ValueError(value)
        return found

    return read


def _words_reader(table: dict[str, Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        for part in str(value).split(","):
            if part.strip() not in table:
                raise ValueError(value)
        return value

    return read


_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_FOLDER = re.compile(r"/folders/[A-Za-z0-9_-]{10,}")


def read_date(value: Any) -> float:
    """Return a serial date; a text must be written like 31.12.2026."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    found = _DAY.fullmatch(str(value))
    if not found:
        raise ValueError(value)
    day, month, year = map(int, found.groups())
    return float((date(year, month, day) - EPOCH).days)


def read_money(value: Any) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return float(str(value))


def read_folder(value: Any) -> str:
    if not _FOLDER.search(value):
        raise ValueError(value)
    return str(value)


def load(folder: Path) -> Rules:
    return Rules(**json.loads((folder / "deals.json").read_text(encoding="utf-8")))


def run(name: str, find: Callable[[Rules], Sequence[Problem]], rows: int | None = None) -> None:
    """Find all problems of the first `rows` deals several times; tell how long it took."""
    folder = Path(sys.argv[1])
    rules = load(folder)
    if rows is not None:
        columns = {field: column[:rows] for field, column in rules.columns.items()}
        rules = Rules(**{**vars(rules), "columns": columns, "rows": rows})
    seconds = []
    problems: Sequence[Problem] = ()
    for _ in range(REPEATS):
        started = time.process_time()
        problems = find(rules)
        seconds.append(time.process_time() - started)
    (folder / f"{name}.json").write_text(json.dumps(sorted(problems)), encoding="utf-8")
    print(json.dumps({"seconds": statistics.median(seconds), "rows": rules.rows}))


def stage_problems(rules: Rules) -> Callable[[int, dict[str, Any]], list[Problem]]:
    """Return what checks a row beyond its single cells: what its stage asks for, its next step."""
    stages, none_words = rules.words["stage"], frozenset(rules.none_words)
    still_open, answered = frozenset(rules.open_stages), frozenset(rules.none_fields)

    def find(row: int, cells: dict[str, Any]) -> list[Problem]:
        problems = []
        stage = stages.get(cells["stage"])
        for field in rules.required[stage or rules.first_stage]:
            value = cells[field]
            if value is None or (value in none_words and field not in answered):
                problems.append((row, field, "missing"))
        step = cells["next_step"]
        if isinstance(step, (int, float)) and step < rules.today and stage in still_open:
            problems.append((row, "next_step", "next_step_past"))
        return problems

    return find
