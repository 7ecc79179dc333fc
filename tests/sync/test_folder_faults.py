"""Promise 3: one deal, one folder. A fault at any call of a pass, before its effect or after it."""

from __future__ import annotations

from contextlib import suppress

import pytest

from sync.errors import SyncError
from tests.sync import drive_hands as hands
from tests.sync.conftest import Crm

CALLS = range(28)
"""At least as many as a pass over two new deals makes, whatever their number in a batch."""


def test_the_numbers_below_cover_a_whole_pass(crm: Crm) -> None:
    hands.fill_two(crm)
    crm.control("DELETE", "log")
    assert crm.sync().failures == ()
    assert len(CALLS) - 4 <= len(crm.calls()) <= len(CALLS)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", CALLS)
def test_a_lost_answer_at_any_call(crm: Crm, call: int, when: str) -> None:
    hands.fill_two(crm)
    crm.fault("close", "*", calls=[call], when=when)
    with suppress(SyncError):
        crm.sync()
    hands.check_never_two(crm)
    crm.control("DELETE", "faults")
    hands.check_whole(crm)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("call", CALLS)
def test_lasting_trouble_on_drive_from_any_call_on(crm: Crm, call: int) -> None:
    hands.fill_two(crm)
    kind = ("error", "rate", "cut", "close")[call % 4]
    crm.fault(kind, "drive.*", calls=list(range(call, 500)), limit=None)
    with suppress(SyncError):
        crm.sync()
    crm.control("DELETE", "faults")
    hands.check_never_two(crm)
    hands.check_whole(crm)
