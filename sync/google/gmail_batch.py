"""Several requests in one: a batch, whose parts succeed and fail one by one.

Source: Gmail API guide, "Batching requests".
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from googleapiclient.errors import BatchError, HttpError
from googleapiclient.http import BatchHttpRequest

from sync.errors import TransientError
from sync.google.errors import is_rate_error, translated
from sync.google.retry import retried

log = logging.getLogger(__name__)

Part: TypeAlias = Mapping[str, Any] | HttpError
"""The answer to a part of a batch, or the error in its place."""

NO_BATCHES = frozenset({404, 405, 501})


@retried
def run_batch(
    uri: str, requests: Mapping[str, Callable[[], Any]], what: str, account: str
) -> Mapping[str, Part] | None:
    """Return the answer to each request, by its key; None if there are no batches at that address.

    The client would send batches to Google's own host, whatever endpoint is set: so the address is
    given.
    """
    parts: dict[str, Part] = {}

    def keep(key: str, answer: Mapping[str, Any] | None, error: HttpError | None) -> None:
        parts[key] = error if error is not None else answer or {}

    batch = BatchHttpRequest(callback=keep, batch_uri=uri)
    for key, make_request in requests.items():
        batch.add(make_request(), request_id=key)
    with translated(what, account):
        try:
            batch.execute()
        except BatchError as error:
            raise TransientError(f"{what}: the answer to a batch cannot be read") from error
        except HttpError as error:
            if is_rate_error(error):
                return dict.fromkeys(requests, error)
            if error.resp.status in NO_BATCHES:
                log.info("%s: no batches here (%s)", what, error.resp.status)
                return None
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # The client looks for every part in the answer without a check.
            raise TransientError(f"{what}: the answer to a batch is cut off") from error
    return parts
