"""The reports alone, in multiples of P, the time in which orjson parses the workbook's answer.

Seconds are those of the processor, so that others who work on the machine do not count.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from benchmarks.book import make_answer
from benchmarks.whole_check import MEASURE, Worker, as_response
from rules.check import find_problems
from rules.playbook_file import load_playbook
from rules.reports import make_reports

REPEATS = 7


def main() -> None:
    """Print the time of the reports of 100,000 deals; parsing and reports take turns."""
    playbook = load_playbook()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.json"
        path.write_bytes(as_response(make_answer(playbook), playbook))
        content = path.read_bytes()
        checked = Worker(playbook).check(path)
    found = find_problems(checked)
    runs = (lambda: orjson.loads(content), lambda: make_reports(checked, found, "KZT"))
    rounds = [[_seconds(run) for run in runs] for _ in range(REPEATS)]
    parse, reports = (statistics.median(times) for times in zip(*rounds, strict=True))
    print(f"\n{'reports of 100,000 deals':<44} {'s':>8} {'P':>10}   must    aim")
    print(MEASURE.format("P: orjson parses the answer", parse, 1, "", ""))
    print(MEASURE.format("reports alone", reports, reports / parse, 0.6, 0.3))


def _seconds(run: Callable[[], Any]) -> float:
    gc.collect()
    started = time.process_time()
    run()
    return time.process_time() - started


if __name__ == "__main__":
    main()
