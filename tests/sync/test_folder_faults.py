"""Promise 3: one deal, one folder. A fault at any call of a pass, before its effect or after it."""

from __future__ import annotations

from contextlib import suppress

import pytest

from sync.errors import SyncError
from tests.sync import drive_hands as hands
from tests.sync.conftest import Crm

CALLS = range(30)
"""At least as many as a pass over two new deals makes, whatever their number in a batch."""

WRITES = (3, *range(6, 19), 29)
"""Those of them that have an effect: of the others an answer is lost in one way only."""

DRIVE_CALLS = range(17)
"""At least as many as it makes to Drive."""


def test_the_numbers_below_cover_a_whole_pass(crm: Crm) -> None:
    hands.fill_two(crm)
    crm.control("DELETE", "log")
    assert crm.sync().failures == ()
    methods = [call["method"] for call in crm.calls()]
    assert len(CALLS) - 4 <= len(methods) <= len(CALLS)
    assert sum(method.startswith("drive.") for method in methods) <= len(DRIVE_CALLS)
    with_effect = ("drive.files.create", "sheets.spreadsheets.batchUpdate")
    assert {at for at, method in enumerate(methods) if method in with_effect} <= set(WRITES)
    assert {method.rpartition(".")[2] for method in methods} <= {
        *("get", "list", "batchGet", "getProfile", "getStartPageToken", "generateIds"),
        *("create", "batchUpdate"),
    }


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("call", "when"),
    [*((call, "before") for call in CALLS), *((call, "after") for call in WRITES)],
)
def test_a_lost_answer_at_any_call(crm: Crm, call: int, when: str) -> None:
    hands.fill_two(crm)
    crm.fault("close", "*", calls=[call], when=when)
    with suppress(SyncError):
        crm.sync()
    hands.check_never_two(crm)
    crm.control("DELETE", "faults")
    hands.check_whole(crm)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("call", DRIVE_CALLS)
def test_lasting_trouble_on_drive_from_any_call_on(crm: Crm, call: int) -> None:
    hands.fill_two(crm)
    kind, more = [
        ("error", {}), ("rate", {}), ("cut", {}), ("close", {}), ("error", {"html": True}),
    ][call % 5]  # fmt: skip
    crm.fault(kind, "drive.*", calls=list(range(call, 500)), limit=None, **more)
    with suppress(SyncError):
        crm.sync()
    crm.control("DELETE", "faults")
    hands.check_never_two(crm)
    hands.check_whole(crm)
