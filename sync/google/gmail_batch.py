"""Several requests in one: a batch, whose parts succeed and fail one by one.

Source: Gmail API guide, "Batching requests".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from googleapiclient.errors import BatchError, HttpError
from googleapiclient.http import BatchHttpRequest

from sync.errors import TransientError
from sync.google.errors import is_rate_error, translated
from sync.google.retry import retried

Part: TypeAlias = Mapping[str, Any] | HttpError
"""The answer to a part of a batch, or the error in its place."""

ABOUT_THE_CALLER = frozenset({401, 403, 429})
"""Refusals that say nothing about batches."""


class NoBatchesError(Exception):
    """There are no batches at that address, or none whose answers can be read."""


class _UnreadableError(TransientError):
    """The answer to a batch is cut off, or not what it should be."""


def run_batch(
    uri: str, requests: Mapping[str, Callable[[], Any]], what: str, account: str
) -> Mapping[str, Part]:
    """Return the answer to each request, by its key. Raises NoBatchesError.

    The client would send batches to Google's own host, whatever endpoint is set: so the address is
    given.
    """
    try:
        return _run_batch(uri, requests, what, account)
    except _UnreadableError as error:
        raise NoBatchesError(str(error)) from error


@retried
def _run_batch(
    uri: str, requests: Mapping[str, Callable[[], Any]], what: str, account: str
) -> Mapping[str, Part]:
    parts: dict[str, Part] = {}

    def keep(key: str, answer: Mapping[str, Any] | None, error: HttpError | None) -> None:
        parts[key] = error if error is not None else answer or {}

    batch = BatchHttpRequest(callback=keep, batch_uri=uri)
    for key, make_request in requests.items():
        batch.add(make_request(), request_id=key)
    with translated(what, account):
        try:
            batch.execute()
        except (BatchError, KeyError, TypeError, ValueError, AttributeError) as error:
            # The client looks for every part in the answer without a check.
            raise _UnreadableError(f"{what}: the answer to a batch cannot be read") from error
        except HttpError as error:
            if is_rate_error(error):
                return dict.fromkeys(requests, error)
            status = int(error.resp.status)
            if status == 501 or (400 <= status < 500 and status not in ABOUT_THE_CALLER):
                raise NoBatchesError(f"{what}: no batches here ({status})") from error
            raise
    return parts
