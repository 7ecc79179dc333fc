"""The check of the whole workbook, from the bytes of the answer to the problems of every row.

Seconds are those of the processor, so that others who work on the machine do not count.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from benchmarks.book import TODAY, as_book, edited
from rules.check import Checked, check_book, find_problems
from rules.playbook import Playbook
from rules.playbook_file import load_playbook
from rules.scoring import ScoreNotes, find_scores
from tests.rules.icp import with_example

REPEATS = 3


def whole(content: bytes, playbook: Playbook, before: Checked | None = None) -> Checked:
    """Parse, check, find the problems of every row, score every deal and word its note."""
    checked = check_book(as_book(orjson.loads(content), playbook), playbook, TODAY, before)
    find_problems(checked)
    if checked is not before:
        notes = ScoreNotes(checked)
        for score in find_scores(checked, "KZT").values():
            notes.note(score)
    return checked


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
    if sys.argv[2:] == ["memory"]:
        _show_memory(folder, playbook)
        return
    content = (folder / "answer.json").read_bytes()
    changed = orjson.dumps(edited(orjson.loads(content), playbook))
    parse = _seconds(lambda: orjson.loads(content))
    print(
        f"\n{'check of the whole workbook':<44} {'s':>8} {'P':>10}   must   aim (of the full pass)"
    )
    print(f"{'P: orjson parses the answer':<44} {parse:8.3f} {1:10.1f}")
    for title, run, must, aim in (
        ("all of it", lambda: whole(content, playbook), 10, 4.5),
        ("1% of the rows changed", _going_on(changed, whole(content, playbook), playbook), 2, 0.7),
        ("nothing changed", _going_on(content, whole(content, playbook), playbook), 0.6, 0.3),
    ):
        seconds = _seconds(run)
        print(
            f"{title:<44} {seconds:8.3f} {seconds / parse:10.1f}   {must:4}   {aim:4}", flush=True
        )


def _going_on(content: bytes, before: Checked, playbook: Playbook) -> Callable[[], Checked]:
    return lambda: whole(content, playbook, before)


def _playbook(folder: Path) -> Playbook:
    """Return the built-in playbook with its example of an ICP active."""
    path = folder / "playbook.yaml"
    path.write_text(with_example(), encoding="utf-8")
    return load_playbook(path)


def _show_memory(folder: Path, playbook: Playbook) -> None:
    imported = _resident("VmRSS")
    whole((folder / "answer.json").read_bytes(), playbook)
    peak = _resident("VmHWM") - imported
    print(f"{'peak memory above import, MB':<44} {peak:8.0f} {'':>10}    300    100")


def _resident(name: str) -> float:
    """Return a figure of this process in MB (Linux only)."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024
    raise LookupError(name)


if __name__ == "__main__":
    main()
