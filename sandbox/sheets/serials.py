"""Serial dates: days since 30 December 1899, the fraction being the time of day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

EPOCH = datetime(1899, 12, 30)


def serial_of(moment: datetime | date) -> int | float:
    """Give the serial number of a date or of a naive moment."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    gone = moment - EPOCH
    seconds = gone.seconds + gone.microseconds / 1e6
    return gone.days if not seconds else gone.days + seconds / 86_400


def moment_of(serial: float) -> datetime:
    """Give the naive moment of a serial number, to the millisecond.

    Raises OverflowError for a number beyond the calendar.
    """
    days, fraction = divmod(serial, 1)
    return EPOCH + timedelta(days=days, milliseconds=round(fraction * 86_400_000))
