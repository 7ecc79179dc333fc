"""How fast the rules are, beside the same rules elsewhere: ``make bench-rules``.

Two tables. The rules on the deals' own columns alone, as a complete list of (row, field, problem),
by us and by the peers, each in a process of its own, one after the other in one run; the lists are
compared. Then the check of the whole workbook in multiples of P, the time in which orjson parses
the same answer of `values.batchGet` in the same process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.book import make_answer
from benchmarks.deals_spec import make_rules
from benchmarks.whole_check import write_answers
from rules.playbook_file import load_playbook

ROOT = Path(__file__).parents[1]
PEERS = {
    "benchmarks.peers.pydantic_rows": "pydantic, a model per row",
    "benchmarks.peers.pandera_polars": "pandera on polars",
    "benchmarks.peers.pandera_pandas": "pandera on pandas",
    "benchmarks.peers.frictionless_sample": "frictionless, the first 3,000 deals",
}
OURS = "benchmarks.deals_alone"
ENVIRONMENT = {**os.environ, "POLARS_MAX_THREADS": "1"}
"""One thread for each: the seconds are those of the processor."""
MUST, AIM = 2.0, 3.0
"""So many times the throughput of pydantic (shared targets)."""


def main() -> None:
    """Print the tables; the argument is a Python that has the peers."""
    peers_python = sys.argv[1]
    playbook = load_playbook()
    answer = make_answer(playbook)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rules = make_rules(answer, playbook)
        (folder / "deals.json").write_text(json.dumps(asdict(rules)), encoding="utf-8")
        write_answers(folder, answer, playbook)
        del answer, rules
        show_peers(folder, peers_python)
        show_whole(folder)


def show_peers(folder: Path, peers_python: str) -> None:
    """Show rows a second, and whether the lists are the same."""
    print(
        f"\n{'rules on 100,000 deals alone':<44} {'s':>8} {'rows/s':>10} {'ours':>7}   same list?"
    )
    ours = _run(sys.executable, OURS, folder)
    expected = _problems(folder, OURS)
    speed = ours["rows"] / ours["seconds"]
    print(
        f"{'ours':<44} {ours['seconds']:8.3f} {speed:10,.0f} {'':>7}   {len(expected):,} problems"
    )
    for module, title in PEERS.items():
        found = _run(peers_python, module, folder)
        of_peer = found["rows"] / found["seconds"]
        told = _compared(expected, _problems(folder, module), found["rows"])
        times = f"{speed / of_peer:.1f} x"
        print(
            f"{title:<44} {found['seconds']:8.3f} {of_peer:10,.0f} {times:>7}   {told}", flush=True
        )
    print(f"{'target: of pydantic':<44} {'':>8} {'':>10} {f'≥ {MUST} x':>7}   aim {AIM} x")


def _run(python: str, module: str, folder: Path) -> dict[str, Any]:
    command = [python, "-W", "ignore", "-m", module, str(folder)]
    answer = subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


def _problems(folder: Path, module: str) -> set[tuple[int, str, str]]:
    path = folder / f"{module.rpartition('.')[2]}.json"
    return {(row, field, code) for row, field, code in json.loads(path.read_text("utf-8"))}


def _compared(
    expected: set[tuple[int, str, str]], found: set[tuple[int, str, str]], rows: int
) -> str:
    within = {problem for problem in expected if problem[0] < rows}
    if found == within:
        return "yes"
    missed, more = len(within - found), len(found - within)
    example = next(iter(within ^ found))
    return f"NO: {missed} missed, {more} more, for example {example}"


def show_whole(folder: Path) -> None:
    """Show the check of the whole workbook."""
    command = [sys.executable, "-m", "benchmarks.whole_check", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True)
    subprocess.run([*command, "memory"], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
