"""Retrying what may be asked twice: exponential with full jitter, at most 64 s, within a budget."""

from __future__ import annotations

from google.api_core.retry import Retry, if_exception_type

from sync.errors import TransientError

BUDGET_SECONDS = 90.0
"""All tries of one call together; then the next pass tries again."""

retried = Retry(
    predicate=if_exception_type(TransientError),
    initial=0.5,
    maximum=64.0,
    multiplier=2.0,
    timeout=BUDGET_SECONDS,
)
"""Decorator for reads, and for creations under an id of our own."""
