"""The check of the whole workbook, from the bytes of the answer to the problems of every row.

The answer is read as a pass reads it: while it comes, in chunks, columns that have not changed as
the same lists. Seconds are those of the processor, so that others who work on the machine do not
count.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from benchmarks.book import TODAY, Answer, edited
from benchmarks.figures import megabytes
from rules.check import Book, Checked, check_book, find_problems
from rules.collecting import uncollected
from rules.playbook import Playbook
from rules.playbook_file import load_playbook
from rules.scoring import ScoreNotes, find_scores, rows_to_score
from rules.table import Table
from sync.google.answers import TabReader
from sync.google.sheets import CHUNK_BYTES
from tests.rules.icp import with_example

REPEATS = 5
MEASURE = "{:<44} {:8.3f} {:10.2f}   {:>4}   {:>4}"


def as_response(answer: Answer, playbook: Playbook) -> bytes:
    """Return the bytes of the `values.batchGet` that gives the columns of all tabs."""
    ranges = [
        {"range": tab, "majorDimension": "COLUMNS", "values": answer[tab]} for tab in playbook.tabs
    ]
    return orjson.dumps({"spreadsheetId": "benchmark", "valueRanges": ranges})


class Worker:
    """Reads and checks one workbook again and again, as the running service does."""

    def __init__(self, playbook: Playbook) -> None:
        self._playbook = playbook
        self._reader = TabReader()
        self._tables: dict[str, Table] = {}
        self._checked: Checked | None = None

    def read(self, path: Path) -> Book:
        """Read the answer in a file; what is as it was before is the same object."""
        tabs = list(self._playbook.tabs)
        contents = self._reader.read(_chunks(path), tabs)
        for tab, content in zip(tabs, contents, strict=True):
            keys = list(self._playbook.tabs[tab].fields)
            columns = dict(zip(keys, content.columns, strict=True))
            known = self._tables.get(tab)
            if known is None:
                headers = dict(zip(keys, map(str, content.headers), strict=True))
                self._tables[tab] = Table(tab, headers, columns, content.height)
            elif any(columns[key] is not known.columns[key] for key in keys):
                self._tables[tab] = known.changed(columns, content.height)
        return Book("en", dict(self._tables))

    def check(self, path: Path) -> Checked:
        """Read, check, find the problems of every row and put them into words."""
        with uncollected():
            checked = check_book(self.read(path), self._playbook, TODAY, self._checked)
            find_problems(checked)
            assert checked.texts
        self._checked = checked
        return checked


def score(checked: Checked, before: Checked | None = None) -> None:
    """Score the deals whose score may be another than before, and word their notes."""
    notes = ScoreNotes(checked)
    rows = rows_to_score(checked, before) if before else checked.deals.rows
    for found in find_scores(checked, "KZT", rows).values():
        notes.note(found)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as content:
        while chunk := content.read(CHUNK_BYTES):
            yield chunk


def _seconds(run: Callable[[], Any]) -> float:
    times = []
    for _ in range(REPEATS):
        gc.collect()
        started = time.process_time()
        run()
        times.append(time.process_time() - started)
    return statistics.median(times)


def main() -> None:
    """Print the times in multiples of P; with `memory`, the peak of one check in a new process."""
    folder = Path(sys.argv[1])
    playbook = _playbook(folder)
    answer, changed = folder / "answer.json", folder / "changed.json"
    if sys.argv[2:] == ["memory"]:
        _show_memory(answer, playbook)
        return
    parse = _parse_seconds(answer)
    print(
        f"\n{'check of the whole workbook':<44} {'s':>8} {'P':>10}   must   aim (of the full pass)"
    )
    print(MEASURE.format("P: orjson parses the answer", parse, 1, "", ""))
    worker = Worker(playbook)
    checked = worker.check(answer)

    def edit() -> None:  # there and back: 1% of the rows differ either way
        worker.check(changed)
        worker.check(answer)

    def edit_and_score() -> None:
        there, back = worker.check(changed), worker.check(answer)
        score(there, back)
        score(back, there)

    for title, run, times, must, aim in (
        ("read", lambda: Worker(playbook).read(answer), 1, "", ""),
        ("read and check", lambda: Worker(playbook).check(answer), 1, 10, 4.5),
        (
            "the same, and the scores with an ICP",
            lambda: score(Worker(playbook).check(answer)),
            1,
            10,
            4.5,
        ),
        ("1% of the rows changed: read and check", edit, 2, 2, 0.7),
        ("the same, and the scores with an ICP", edit_and_score, 2, 2, 0.7),
        ("nothing changed", lambda: worker.check(answer), 1, 0.6, 0.3),
        ("scores and their notes alone", lambda: score(checked), 1, "", ""),
    ):
        seconds = _seconds(run) / times
        print(MEASURE.format(title, seconds, seconds / parse, must, aim), flush=True)


def _parse_seconds(path: Path) -> float:
    content = path.read_bytes()
    return _seconds(lambda: orjson.loads(content))


def _playbook(folder: Path) -> Playbook:
    """Return the built-in playbook with its example of an ICP active."""
    path = folder / "playbook.yaml"
    path.write_text(with_example(), encoding="utf-8")
    return load_playbook(path)


def write_answers(folder: Path, answer: Answer, playbook: Playbook) -> None:
    """Leave the answer in the folder, and the one after edits in 1% of the rows."""
    (folder / "answer.json").write_bytes(as_response(answer, playbook))
    (folder / "changed.json").write_bytes(as_response(edited(answer, playbook), playbook))


def _show_memory(answer: Path, playbook: Playbook) -> None:
    imported = megabytes()
    checked = Worker(playbook).check(answer)
    score(checked)
    peak = megabytes(peak=True) - imported
    print(f"{'peak memory above import, MB':<44} {peak:8.0f} {'':>10}    300    100")


if __name__ == "__main__":
    main()
