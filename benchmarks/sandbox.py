"""How fast the sandbox is, beside what it should be: ``python -m benchmarks.sandbox``.

The sandbox and a bare server run in processes of their own; times are medians of what the client
waits, in seconds. A read is set against the fastest JSON library on the same values, the transfer
of as many bytes from the bare server taken off. Nobody publishes a server of the Sheets API for
Python that runs offline, so the peers are what a user would take in its place: the standard
library's json around lists in memory (no API at all), and openpyxl, a workbook in a file (shown
when it is installed; it is no dependency of this project).
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import io
from typing import Any

import orjson

from benchmarks import grids
from benchmarks.figures import head, medians, show, timed
from benchmarks.grids import COLUMNS, ROWS
from benchmarks.processes import Connection, Sandbox, Server, bare_process, sandbox_process
from benchmarks.reads import show_reads, show_waits

WRITE_SECONDS = 2.0
MEMORY_MB = 400
ROWS_LOADED_AT_ONCE = 20_000


def main() -> None:
    """Print the table."""
    gc.disable()  # the client's collector is no part of anything measured here
    with sandbox_process() as box, bare_process() as bare:
        empty = box.memory()
        book = load(box)
        head("memory of the server", "", "MB above an empty server", "target")
        show(f"{ROWS:,} × {COLUMNS} loaded", None, f"{box.memory() - empty:.0f}", f"≤ {MEMORY_MB}")
        show_reads(box, bare, book)
        show_waits(box, book)
        show_writes(box, bare, book)
        head("memory of the server", "", "MB above an empty server", "target")
        show("at the end", None, f"{box.memory() - empty:.0f}", f"≤ {MEMORY_MB}")
        show("the highest, in the midst of a request", None, f"{box.memory('VmHWM') - empty:.0f}")
    show_peers()


def load(box: Sandbox) -> str:
    """Fill a new spreadsheet with the grid; its id."""
    grid = grids.make_grid()
    book, connection = box.new_spreadsheet(ROWS), box.connect()
    for top in range(0, ROWS, ROWS_LOADED_AT_ONCE):
        part = {"values": grid[top : top + ROWS_LOADED_AT_ONCE]}
        path = f"/v4/spreadsheets/{book}/values/Sheet1!A{top + 1}?valueInputOption=RAW"
        connection.ask("PUT", path, orjson.dumps(part))
    return book


def show_writes(box: Sandbox, bare: Server, book: str) -> None:
    """Show the forms of writing 100,000 cells into the loaded spreadsheet."""
    head("writing 100,000 cells into it", "s", "of it transfer; orjson reading the body", "target")
    for name, requests in grids.cell_writes():
        body = orjson.dumps({"requests": requests})
        _show_write(box, bare, name, f"/v4/spreadsheets/{book}:batchUpdate", body)
    for name, data in grids.value_writes():
        path = f"/v4/spreadsheets/{book}/values:batchUpdate"
        _show_write(box, bare, f"values: {name}", path, orjson.dumps(data))
    one = b'{"values": [["one"]]}'
    path = f"/v4/spreadsheets/{book}/values/B7?valueInputOption=RAW"
    connection = box.connect()
    show("one cell alone", medians(20, lambda: connection.ask("PUT", path, one))[0])


def _show_write(box: Sandbox, bare: Server, name: str, path: str, body: bytes) -> None:
    connection, other = box.connect(), Connection(bare.url)
    whole, transfer, parsing = medians(
        3,
        lambda: connection.ask("POST", path, body),
        lambda: other.ask("POST", "/", body),
        lambda: orjson.loads(body),
    )
    beside = f"{transfer:.3f}; {parsing:.3f}  ({len(body) / 1e6:.1f} MB)"
    show(name, whole, beside, f"≤ {WRITE_SECONDS}")


def show_peers() -> None:
    """Show the same grid in a file: a library that keeps workbooks in files pays it each time."""
    head(f"openpyxl, {ROWS:,} × {COLUMNS} in a file", "s", "", "")
    if importlib.util.find_spec("openpyxl") is None:
        print("not installed: pip install openpyxl")
        return
    openpyxl = importlib.import_module("openpyxl")
    grid, file = grids.make_grid(), io.BytesIO()

    def save() -> None:
        workbook = openpyxl.Workbook(write_only=True)
        sheet = workbook.create_sheet()
        for row in grid:
            sheet.append(row)
        workbook.save(file)

    def read() -> list[list[Any]]:
        loaded = openpyxl.load_workbook(file, read_only=True)
        return [list(row) for row in loaded.active.iter_rows(values_only=True)]

    show("save", timed(save), "at least, for any write")
    show("load", timed(read), "at least, for any read")


if __name__ == "__main__":
    main()
