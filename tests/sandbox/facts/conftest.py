"""The facts are tried on a fresh spreadsheet, as the tests of Sheets do."""

from tests.sandbox.sheets.conftest import ask, book, change, refusal, refused, ws

__all__ = ["ask", "book", "change", "refusal", "refused", "ws"]
