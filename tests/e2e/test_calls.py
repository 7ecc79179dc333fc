"""Calls to Google do not grow with rows, and nothing to do means nothing written."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.e2e.conftest import Sandbox


def _sheets_calls(sandbox: Sandbox) -> Counter[str]:
    return Counter(call["kind"] for call in sandbox.calls("sheets"))


@pytest.mark.parametrize("deals", [200, 2_000])
def test_a_pass_takes_at_most_3_reads_and_2_writes_and_an_idle_one_2_reads(
    sandbox: Sandbox, deals: int
) -> None:
    sandbox.reset()
    spreadsheet_id, _ = sandbox.seed("ru", deals)
    sandbox.forget_calls()
    done = sandbox.crm("sync", CRM_SPREADSHEETS=spreadsheet_id)
    assert done.returncode == 0, done.stderr
    first = _sheets_calls(sandbox)
    assert first["read"] <= 3
    assert 1 <= first["write"] <= 2

    sandbox.forget_calls()
    done = sandbox.crm("sync", CRM_SPREADSHEETS=spreadsheet_id)
    assert done.returncode == 0, done.stderr
    assert _sheets_calls(sandbox) == {"read": 2}
    assert "Cells written: 0" in done.stdout
    assert not [call for call in sandbox.calls("drive") if call["kind"] == "write"]
