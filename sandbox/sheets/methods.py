"""The methods of the Sheets API by their discovery ids."""

from __future__ import annotations

from sandbox.calls import Handler
from sandbox.sheets import spreadsheets, values

METHODS: dict[str, Handler] = {
    "sheets.spreadsheets.create": spreadsheets.create,
    "sheets.spreadsheets.get": spreadsheets.get,
    "sheets.spreadsheets.getByDataFilter": spreadsheets.get_by_data_filter,
    "sheets.spreadsheets.batchUpdate": spreadsheets.batch_update,
    "sheets.spreadsheets.sheets.copyTo": spreadsheets.copy_sheet_to,
    "sheets.spreadsheets.developerMetadata.get": spreadsheets.get_metadata,
    "sheets.spreadsheets.developerMetadata.search": spreadsheets.search_metadata,
    "sheets.spreadsheets.values.get": values.get,
    "sheets.spreadsheets.values.batchGet": values.batch_get,
    "sheets.spreadsheets.values.batchGetByDataFilter": values.batch_get_by_data_filter,
    "sheets.spreadsheets.values.update": values.update,
    "sheets.spreadsheets.values.batchUpdate": values.batch_update,
    "sheets.spreadsheets.values.batchUpdateByDataFilter": values.batch_update_by_data_filter,
    "sheets.spreadsheets.values.append": values.append,
    "sheets.spreadsheets.values.clear": values.clear,
    "sheets.spreadsheets.values.batchClear": values.batch_clear,
    "sheets.spreadsheets.values.batchClearByDataFilter": values.batch_clear_by_data_filter,
}
