"""Text tables that become spreadsheets: the conversion of an uploaded CSV or TSV.

Not verified with Google: that the first sheet keeps its title and id.
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.calls import ApiError, Call, Media
from sandbox.drive.model import File
from sandbox.sheets.importing import import_rows

if TYPE_CHECKING:
    from sandbox.world import World

DELIMITERS = {"text/csv": ",", "text/tab-separated-values": "\t"}


def read_table(media: Media) -> list[list[str]]:
    """Return the rows of an uploaded table; 501 for contents of another type, 400 for bad ones."""
    mime_type = media.mime_type.partition(";")[0].strip().lower()
    if mime_type not in DELIMITERS:
        raise ApiError(501, f"The sandbox does not convert {mime_type} to a spreadsheet.")
    text = io.StringIO(media.content.decode("utf-8-sig", "replace"), newline="")
    try:
        return list(csv.reader(text, delimiter=DELIMITERS[mime_type]))
    except csv.Error as error:
        raise ApiError(400, "Bad Request", reason="badRequest") from error


def replace_content(world: World, call: Call, file: File, rows: list[list[str]]) -> None:
    """Put the rows into a spreadsheet in the place of all that was there."""
    import_rows(world, replace(call, params={"spreadsheetId": file.id}), rows)
