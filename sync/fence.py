"""A number for each commit, so that of two writers that start from the same one only one wins.

Each commit creates developer metadata with an id of its own number. Ids are unique in a
spreadsheet, so a second commit of the same number is refused as a whole. That Google refuses it is
not verified (Sheets API reference, `DeveloperMetadata.metadataId`: "a spreadsheet-scoped unique
ID"); `crm doctor --probe` finds out, and `doubles.py` removes what two writers would leave behind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sync.ports import Request

COMMIT = "crm.commit"
"""Developer metadata key of the numbers."""

KEPT = 60
"""So many numbers stand: a writer that is further behind than these passes unnoticed.

A pass takes ten minutes at most and makes two commits a tick.
"""

_FIRST_ID = 1_700_000_000


def doubled_numbers(commits: Sequence[int]) -> Sequence[int]:
    """Return the numbers that two commits have."""
    return [number for number, count in Counter(commits).items() if count > 1]


def fence_requests(commits: Sequence[int], number: int) -> list[Request]:
    """Return the requests that make a batch commit `number`, after those that stand there."""
    create: Request = {
        "createDeveloperMetadata": {
            "developerMetadata": {
                "metadataId": _FIRST_ID + number,
                "metadataKey": COMMIT,
                "metadataValue": str(number),
                "location": {"spreadsheet": True},
                "visibility": "DOCUMENT",
            }
        }
    }
    old = [known for known in set(commits) if known <= number - KEPT]
    return [create, *map(_delete, sorted({*old, *doubled_numbers(commits)}))]


def _delete(number: int) -> Request:
    lookup = {"metadataKey": COMMIT, "metadataValue": str(number)}
    return {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": lookup}}}
