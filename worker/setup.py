"""New workbooks, and what is missing in existing ones."""

from __future__ import annotations

from rules.playbook import Locale, Playbook
from sync.layout import find_sheets, workbook_locale
from sync.outside import Outside
from sync.run import write_reports
from sync.workbook import Setup, set_up


def create_workbook(title: str, playbook: Playbook, outside: Outside, locale: Locale) -> str:
    """Create a ready workbook under the Drive root and return its id."""
    spreadsheet_id = outside.drive.create_spreadsheet(title, outside.drive_root)
    setup = Setup(playbook, locale, outside.base_currency, outside.time_zone, fresh=True)
    set_up(outside.sheets, spreadsheet_id, setup)
    write_reports(spreadsheet_id, playbook, outside)
    return spreadsheet_id


def extend_workbook(
    spreadsheet_id: str, playbook: Playbook, outside: Outside, locale: Locale | None, usual: Locale
) -> None:
    """Add the tabs and columns that an existing workbook has not.

    Without a wish for a `locale`, in the language of its tabs; `usual` where it has none of them.
    """
    if locale is None:
        found = find_sheets(playbook, outside.sheets.read_structure(spreadsheet_id).sheets)
        locale = workbook_locale(playbook, found) if found else usual
    set_up(outside.sheets, spreadsheet_id, Setup(playbook, locale, outside.base_currency))
    write_reports(spreadsheet_id, playbook, outside)
