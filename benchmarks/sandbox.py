"""How fast the sandbox is, beside what it should be: ``python -m benchmarks.sandbox``.

The sandbox and a bare server run in processes of their own; times are medians of what the client
waits, in seconds. A read is set against the fastest JSON library on the same values, the transfer
of as many bytes from the bare server taken off. Nobody publishes another server of the Sheets API
that runs offline, so the peers are what a user would take in its place: the standard library's
json around lists in memory (no API at all), and openpyxl, a workbook in a file (shown when it is
installed; it is no dependency of this project).
"""

from __future__ import annotations

import gc
import gzip
import importlib
import importlib.util
import io
import json
import statistics
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import orjson

from benchmarks import grids
from benchmarks.grids import COLUMNS, ROWS
from benchmarks.processes import Connection, Sandbox, Server, bare_process, sandbox_process

REPEATS = 5
READ_RATIO = 1.5
WRITE_SECONDS = 2.0
MEMORY_MB = 400
LOADED_ROWS_A_REQUEST = 20_000
IDENTITY = {"accept-encoding": "identity"}
GZIP = {"accept-encoding": "gzip"}


def main() -> None:
    """Print the table."""
    gc.disable()  # the client's collector is no part of anything measured here
    with sandbox_process() as box, bare_process() as bare:
        empty = box.memory()
        grid = grids.make_grid()
        book = load(box, grid)
        loaded = box.memory()
        head("memory of the server, MB", "", "above an empty server", "target")
        show(f"{ROWS:,} × {COLUMNS} loaded", None, f"{loaded - empty:.0f}", f"≤ {MEMORY_MB}")
        del grid
        show_reads(box, bare, book)
        show_latency(box, book)
        show_writes(box, bare, book)
        head("memory of the server, MB", "", "above an empty server", "target")
        show("at the end", None, f"{box.memory() - empty:.0f}", f"≤ {MEMORY_MB}")
        show("the highest", None, f"{box.memory('VmHWM') - empty:.0f}", "")
    show_peers()


def head(*titles: str) -> None:
    """Print the head of a part of the table."""
    print("\n{:<44} {:>9}   {:<42} {}".format(*titles))


def show(name: str, seconds: float | None, beside: str, target: str) -> None:
    """Print a line of the table."""
    print(f"{name:<44} {'' if seconds is None else f'{seconds:9.3f}':>9}   {beside:<42} {target}")


def median(run: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Return the median time of some runs, in seconds."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def load(box: Sandbox, grid: list[list[Any]]) -> str:
    """Fill a new spreadsheet with the grid; its id."""
    book, connection = box.new_spreadsheet(ROWS), box.connect()
    for top in range(0, ROWS, LOADED_ROWS_A_REQUEST):
        part = {"values": grid[top : top + LOADED_ROWS_A_REQUEST]}
        path = f"/v4/spreadsheets/{book}/values/Sheet1!A{top + 1}?valueInputOption=RAW"
        connection.ask("PUT", path, orjson.dumps(part))
    return book


def reading(book: str, render: str, dimension: str, *, pretty: bool) -> str:
    """Return the path of a batchGet of the whole grid."""
    options = {
        "ranges": "Sheet1",
        "valueRenderOption": render,
        "majorDimension": dimension,
        "prettyPrint": str(pretty).lower(),
    }
    return f"/v4/spreadsheets/{book}/values:batchGet?{urlencode(options)}"


def show_reads(box: Sandbox, bare: Server, book: str) -> None:
    """Show batchGet in its forms."""
    head(f"batchGet of {ROWS:,} × {COLUMNS}", "s", "(s - transfer) / orjson of the same", "target")
    show_read(box, bare, "rows, formatted, first", reading(book, "FORMATTED_VALUE", "ROWS", pretty=True), 1)
    for pretty in (True, False):
        for render in ("UNFORMATTED_VALUE", "FORMATTED_VALUE"):
            for dimension in ("ROWS", "COLUMNS"):
                name = f"{dimension}, {render.split('_')[0]}, {'pretty' if pretty else 'compact'}"
                show_read(box, bare, name.lower(), reading(book, render, dimension, pretty=pretty))
    show_gzipped(box, reading(book, "UNFORMATTED_VALUE", "ROWS", pretty=True))


def show_read(box: Sandbox, bare: Server, name: str, path: str, repeats: int = REPEATS) -> None:
    """Show one form of batchGet beside orjson on the values that it answered."""
    connection, other = box.connect(), Connection(bare.url)
    whole = median(lambda: connection.ask("GET", path, headers=IDENTITY), repeats)
    content = connection.ask("GET", path, headers=IDENTITY)
    size = len(content)
    other.ask("GET", f"/?size={size}")
    transfer = median(lambda: other.ask("GET", f"/?size={size}"))
    values = orjson.loads(content)["valueRanges"][0]["values"]
    options = orjson.OPT_INDENT_2 if content[1:2] == b"\n" else 0
    fastest = median(lambda: orjson.dumps(values, option=options))
    standard = median(lambda: json.dumps(values, indent=2 if options else None), 1)
    ratio = (whole - transfer) / fastest
    beside = f"{ratio:.2f} = ({whole:.2f} - {transfer:.2f}) / {fastest:.2f}; json {standard:.2f}"
    show(name, whole, beside, f"≤ {READ_RATIO}" if repeats > 1 else "")


def show_gzipped(box: Sandbox, path: str) -> None:
    """Show a batchGet as clients ask for it: compressed."""
    connection = box.connect()
    whole = median(lambda: connection.ask("GET", path, headers=GZIP))
    content = gzip.decompress(connection.ask("GET", path, headers=GZIP))
    packing = median(lambda: gzip.compress(content, 1), 3)
    show("rows, unformatted, pretty, gzipped", whole, f"gzip alone {packing:.2f}", "")


def show_latency(box: Sandbox, book: str) -> None:
    """Show how long a small read of B waits while A is being answered."""
    small = box.new_spreadsheet(1000)
    box.connect().ask(
        "PUT", f"/v4/spreadsheets/{small}/values/A1?valueInputOption=RAW", b'{"values":[[1,2]]}'
    )
    head("a small read of B", "s", "95 of 100; longest", "target")
    path = f"/v4/spreadsheets/{small}/values/A1:B1"
    quiet = threading.Event()
    threading.Timer(2, quiet.set).start()
    show_waits("while nothing else goes on", small_reads(box, path, quiet))
    # Each large answer is one request of A; the small ones of B run until three of them are done.
    cases = {
        "while A answers a batchGet, pretty": ("GET", reading(book, "UNFORMATTED_VALUE", "ROWS", pretty=True), None),
        "while A answers a batchGet, gzipped": ("GET", reading(book, "FORMATTED_VALUE", "ROWS", pretty=True), None),
        "while A writes 100,000 cells": ("POST", f"/v4/spreadsheets/{book}:batchUpdate", one_cell_body()),
    }  # fmt: skip
    for name, (method, large, body) in cases.items():
        done = threading.Event()
        headers = GZIP if "gzipped" in name else IDENTITY
        arguments = (box, method, large, body, headers, done)
        threading.Thread(target=large_requests, args=arguments).start()
        show_waits(name, small_reads(box, path, done))


def one_cell_body() -> bytes:
    """Return 100,000 one-cell requests."""
    return orjson.dumps({"requests": dict(grids.cell_writes())["one-cell updateCells"]})


def large_requests(
    box: Sandbox, method: str, path: str, body: bytes | None, headers: dict[str, str], done: threading.Event
) -> None:
    """Send a large request three times, then say so."""
    connection = box.connect()
    for _ in range(3):
        connection.ask(method, path, body, headers)
    done.set()


def small_reads(box: Sandbox, path: str, done: threading.Event) -> list[float]:
    """Return how long each of the small reads took until the other side was done."""
    connection, waits = box.connect(), []
    while not done.is_set():
        waits.append(connection.timed("GET", path)[0])
        time.sleep(0.002)
    return waits


def show_waits(name: str, waits: list[float]) -> None:
    """Show the median, the 95th hundredth and the longest of some waits."""
    slow = sorted(waits)[int(len(waits) * 0.95)]
    show(name, statistics.median(waits), f"{slow:.3f}; {max(waits):.3f}  ({len(waits)} reads)", "")


def show_writes(box: Sandbox, bare: Server, book: str) -> None:
    """Show the forms of writing 100,000 cells into the loaded spreadsheet."""
    head("writing 100,000 cells into it", "s", "of it transfer; orjson reading the body", "target")
    for name, requests in grids.cell_writes():
        body = orjson.dumps({"requests": requests})
        show_write(box, bare, name, f"/v4/spreadsheets/{book}:batchUpdate", body)
    for name, data in grids.value_writes():
        path = f"/v4/spreadsheets/{book}/values:batchUpdate"
        show_write(box, bare, f"values: {name}", path, orjson.dumps(data))
    one = b'{"values": [["one"]]}'
    path = f"/v4/spreadsheets/{book}/values/B7?valueInputOption=RAW"
    small = median(lambda: box.connect().ask("PUT", path, one), 20)
    show("one cell alone", small, "", "")


def show_write(box: Sandbox, bare: Server, name: str, path: str, body: bytes) -> None:
    """Show one form of writing."""
    connection, other = box.connect(), Connection(bare.url)
    whole = median(lambda: connection.ask("POST", path, body), 3)
    transfer = median(lambda: other.ask("POST", "/", body), 3)
    parsing = median(lambda: orjson.loads(body), 3)
    beside = f"{transfer:.3f}; {parsing:.3f}  ({len(body) / 1e6:.1f} MB)"
    show(name, whole, beside, f"≤ {WRITE_SECONDS}")


def show_peers() -> None:
    """Show the same grid in a file."""
    head(f"openpyxl, {ROWS:,} × {COLUMNS} in a file", "s", "", "")
    if importlib.util.find_spec("openpyxl") is None:
        print("not installed: pip install openpyxl")
        return
    openpyxl = importlib.import_module("openpyxl")
    grid, file = grids.make_grid(), io.BytesIO()
    started = time.perf_counter()
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet()
    for row in grid:
        sheet.append(row)
    workbook.save(file)
    show("save", time.perf_counter() - started, "the cost of any write", "")
    started = time.perf_counter()
    loaded = openpyxl.load_workbook(file, read_only=True)
    values = [list(row) for row in loaded.active.iter_rows(values_only=True)]
    show("load", time.perf_counter() - started, f"the cost of any read, {len(values):,} rows", "")


if __name__ == "__main__":
    main()
