"""How the Sheets API says no: the texts that several places need, and the way they travel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.calls import ApiError

PROTECTED = (
    "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to "
    "remove protection if you need to edit."
)
NO_FIELDS = "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"
TOO_MANY_CELLS = (
    "This action would increase the number of cells in the workbook above the limit of "
    "10000000 cells."
)
TOO_MANY_COLUMNS = (
    "This action would increase the number of columns in the sheet above the limit of "
    "18278 columns."
)
TOO_LONG = "Your input contains more than the maximum of 50000 characters in a single cell."


class RefusedError(Exception):
    """The request is refused with a 400; the text has no prefix naming its place yet."""

    def at(self, place: str) -> ApiError:
        """Give Google's 400; its text is led by a place like `Invalid requests[0].addSheet: `."""
        return ApiError(400, f"{place}{self}", status="INVALID_ARGUMENT")


def not_found() -> ApiError:
    """Give the answer for a file, sheet or metadata that is not there."""
    return ApiError(404, "Requested entity was not found.", status="NOT_FOUND")


def no_spreadsheet() -> ApiError:
    """Give the answer for a file of another kind."""
    text = "This operation is not supported for this document"
    return ApiError(400, text, status="FAILED_PRECONDITION")


@contextmanager
def refused_as(place: str) -> Iterator[None]:
    """Turn a refusal into Google's 400, its text led by the place of the fault or by nothing."""
    try:
        yield
    except RefusedError as refusal:
        raise refusal.at(place) from refusal
