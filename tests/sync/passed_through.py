"""Sheets through the hands of a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rules.table import Raw
from sync.ports import Columns, Discussion, Request, SheetsPort, Span, Structure, TabContent


@dataclass
class PassedThrough:
    """The sheets port, every call passed on; a test overrides what it interferes with."""

    sheets: SheetsPort

    def read_structure(self, spreadsheet_id: str) -> Structure:
        return self.sheets.read_structure(spreadsheet_id)

    def read_tabs(self, spreadsheet_id: str, titles: Sequence[str]) -> Sequence[TabContent]:
        return self.sheets.read_tabs(spreadsheet_id, titles)

    def read_columns(self, spreadsheet_id: str, ranges: Sequence[str]) -> Sequence[Columns]:
        return self.sheets.read_columns(spreadsheet_id, ranges)

    def read_discussions(self, spreadsheet_id: str) -> Sequence[Discussion]:
        return self.sheets.read_discussions(spreadsheet_id)

    def write(
        self, spreadsheet_id: str, requests: Sequence[Request], spans: Sequence[Span] = ()
    ) -> Sequence[Sequence[Raw]]:
        return self.sheets.write(spreadsheet_id, requests, spans)
