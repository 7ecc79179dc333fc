"""All handlers of the sandbox by discovery id, with what the core must know about them."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.calls import Handler
from sandbox.drive.methods import METHODS as DRIVE_METHODS
from sandbox.drive.resources import DEFAULT_FIELDS, NEEDS_FIELDS
from sandbox.gmail.methods import METHODS as GMAIL_METHODS
from sandbox.sheets.methods import METHODS as SHEETS_METHODS

HANDLERS: Mapping[str, Handler] = {**SHEETS_METHODS, **DRIVE_METHODS, **GMAIL_METHODS}

__all__ = ["DEFAULT_FIELDS", "HANDLERS", "NEEDS_FIELDS"]
