"""What a call counts for: read or write, and how many quota units.

Sources: the usage-limits pages of the three APIs (2026). Gmail units that the newer page does not
give are those of the older one (not verified).
"""

from __future__ import annotations

from sandbox.discovery import Method

READS_BY_POST = frozenset(
    {
        "sheets.spreadsheets.getByDataFilter",
        "sheets.spreadsheets.values.batchGetByDataFilter",
        "sheets.spreadsheets.developerMetadata.search",
    }
)

DRIVE_UNITS = {"get": 5, "list": 100, "generateIds": 5, "getStartPageToken": 5}
DRIVE_WRITE_UNITS = 50

GMAIL_UNITS = {
    "getProfile": 1,
    "stop": 50,
    "watch": 100,
    "drafts.create": 10,
    "drafts.delete": 10,
    "drafts.send": 100,
    "drafts.update": 15,
    "history.list": 2,
    "labels.get": 1,
    "labels.list": 1,
    "messages.batchDelete": 50,
    "messages.batchModify": 50,
    "messages.delete": 10,
    "messages.get": 20,
    "messages.import": 25,
    "messages.insert": 25,
    "messages.send": 100,
    "threads.delete": 20,
    "threads.get": 40,
    "threads.list": 10,
    "threads.modify": 10,
    "threads.trash": 10,
    "threads.untrash": 10,
}
GMAIL_OTHER_UNITS = 5


def is_write(method: Method) -> bool:
    """Whether the method changes anything, as Sheets counts reads and writes."""
    return method.http_method != "GET" and method.id not in READS_BY_POST


def quota_units(method: Method) -> int:
    """Units of the API's own quota that one call costs."""
    match method.api.name:
        case "drive":
            verb = method.id.rpartition(".")[2]
            return DRIVE_WRITE_UNITS if is_write(method) else DRIVE_UNITS.get(verb, 5)
        case "gmail":
            return GMAIL_UNITS.get(method.id.removeprefix("gmail.users."), GMAIL_OTHER_UNITS)
        case _:
            return 1
