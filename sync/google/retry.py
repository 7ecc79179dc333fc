"""Retrying what may be asked twice: exponential with full jitter, at most 64 s, within a budget."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from google.api_core.exceptions import RetryError
from google.api_core.retry import Retry

from sync.errors import BusyError, QuotaUsedUpError, TransientError

BUDGET_SECONDS = 60.0
"""All tries of one call together; then the next pass tries again."""


def _may_pass_soon(error: BaseException) -> bool:
    # Google says how long it is busy: asking earlier makes it longer.
    if isinstance(error, BusyError):
        return error.rest_seconds <= BUDGET_SECONDS
    return isinstance(error, TransientError) and not isinstance(error, QuotaUsedUpError)


def _rest(error: Exception) -> None:
    """Wait as long as Google asks for; the usual wait comes on top."""
    if isinstance(error, BusyError):
        time.sleep(error.rest_seconds)


_retry = Retry(
    predicate=_may_pass_soon,
    initial=0.5,
    maximum=64.0,
    multiplier=2.0,
    timeout=BUDGET_SECONDS,
    on_error=_rest,
)

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def retried(call: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Return the call, tried again on TransientError; the last one is raised in the end.

    For reads, and for creations under an id of our own.
    """
    trying = _retry(call)

    @wraps(call)
    def called(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        try:
            return trying(*args, **kwargs)
        except RetryError as error:
            raise error.cause or TransientError(str(error)) from error

    return called
