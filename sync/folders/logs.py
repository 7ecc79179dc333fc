"""Drive's change logs: which one tells of a file.

A shared drive has a log of its own; what lies elsewhere stands in the account's own log, and so
does what lies in a shared drive that the account is no member of (Drive API guide, "Track changes
for users and shared drives").
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sync.errors import AccountError, PermanentError
from sync.ports import DriveFile, FoldersPort

OWN_LOG = ""
"""The account's own log; others go by the id of their shared drive."""


def open_logs(
    drive: FoldersPort, followed: Collection[str], files: Iterable[DriveFile]
) -> Mapping[str, str]:
    """Return the logs that tell of the files and are not followed yet, each with its end now.

    Raises SyncError.
    """
    opened: dict[str, str] = {}
    for log in sorted({file.drive_id or OWN_LOG for file in files} - set(followed)):
        try:
            opened[log] = drive.start_token(log or None)
        except AccountError:
            raise
        except PermanentError:
            if log == OWN_LOG:
                raise
            if OWN_LOG not in followed and OWN_LOG not in opened:
                opened[OWN_LOG] = drive.start_token(None)
    return opened
