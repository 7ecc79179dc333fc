"""Months as the reports name them: 2026-11, or `NO_NAME` where there is none."""

from __future__ import annotations

from collections.abc import Collection

from rules.dates import serial_date

NO_NAME = "—"
"""Shown for a group with an empty name. As a month it comes after all others."""


def month_of(moment: float | None) -> str:
    """Return the month of a serial time."""
    return NO_NAME if moment is None else serial_date(moment).strftime("%Y-%m")


def all_months(months: Collection[str]) -> list[str]:
    """Return the months from the first to the last without a gap, `NO_NAME` last if it is there."""
    named = sorted(month for month in months if month != NO_NAME)
    numbers = [int(name[:4]) * 12 + int(name[5:]) - 1 for name in named]
    span = range(numbers[0], numbers[-1] + 1) if numbers else ()
    every = [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in span]
    return [*every, NO_NAME] if NO_NAME in months else every
