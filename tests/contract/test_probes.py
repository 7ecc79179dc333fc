"""The unverified facts: on the sandbox all are as assumed, on Google each has its verdict."""

from __future__ import annotations

import pytest

from sync.google.probes import PROBES, Probe, run_probe
from tests.contract.conftest import LIVE, Google


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.key)
def test_probe(google: Google, probe: Probe) -> None:
    """NV: a verdict that differs says what the sandbox has wrong."""
    verdict = run_probe(probe, google.scratch)
    assert verdict.holds is not False, f"{probe.assumed}: {verdict.seen}"
    assert LIVE or verdict.holds, f"{probe.assumed}: {verdict.seen}"
    assert verdict.seen
