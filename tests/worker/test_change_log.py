"""The log of what was written: kept for 30 days, readable after any accident."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rules.table import Raw
from sync.ports import Change
from worker.change_log import ChangeFiles, log_line


@dataclass
class Hand:
    moment: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


def change(key: str = "D-000001", after: str = "OK") -> Change:
    return Change("cell", "deals", 0, key, "check", "Error", after)


def test_entries_are_told_oldest_first_and_by_deal(tmp_path: Path) -> None:
    clock = Hand()
    log = ChangeFiles(tmp_path, clock)
    log.record("book", "written", [change(), change("D-000002")])
    clock.moment += timedelta(days=1)
    log.record("book", "unknown", [change(after="Warning")])
    assert [entry["after"] for entry in log.read("D-000001")] == ["OK", "Warning"]
    assert len(list(log.read())) == 3
    first, _, last = map(log_line, log.read())
    assert first == "2026-03-01T12:00:00+0000  deals D-000001  check: Error → OK"
    assert last.endswith("check: Error → Warning  (unknown)")


def test_a_comment_is_found_by_its_deal(tmp_path: Path) -> None:
    log = ChangeFiles(tmp_path, Hand())
    kept: dict[str, Raw] = {"deal_id": "D-000007", "letter_key": "<a@b>", "when": 5.0}
    row = Change("row", "comments", None, "<a@b>", after={**kept, "text": "private"})
    log.record("book", "written", [row])
    [entry] = log.read("D-000007")
    assert entry["after"] == kept


def test_files_older_than_30_days_go(tmp_path: Path) -> None:
    clock = Hand()
    log = ChangeFiles(tmp_path, clock)
    for _ in range(40):
        log.record("book", "written", [change()])
        clock.moment += timedelta(days=1)
    assert len(list(tmp_path.iterdir())) == 31


def test_a_line_cut_off_by_an_accident_hides_no_other(tmp_path: Path) -> None:
    log = ChangeFiles(tmp_path, Hand())
    log.record("book", "written", [change()])
    [path] = tmp_path.iterdir()
    path.write_bytes(path.read_bytes() + b'{"kind": "ce')
    log.record("book", "written", [change("D-000002")])
    assert next(log.read())["id"] == "D-000001"


def test_nothing_written_leaves_no_file(tmp_path: Path) -> None:
    ChangeFiles(tmp_path / "log", Hand()).record("book", "written", [])
    assert not (tmp_path / "log").exists()
