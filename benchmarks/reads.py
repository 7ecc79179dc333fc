"""Reading 100,000 rows: how long it takes, and how long somebody else waits meanwhile."""

from __future__ import annotations

import gzip
import json
import statistics
import threading
import time
from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

import orjson

from benchmarks import grids
from benchmarks.figures import head, medians, show, timed
from benchmarks.grids import COLUMNS, ROWS
from benchmarks.processes import Connection, Sandbox, Server

REPEATS = 7
READ_RATIO = 1.5
PLAIN = {"accept-encoding": "identity"}
PACKED = {"accept-encoding": "gzip"}
NEW_CELL = b'{"values": [["new"]]}'
UNFORMATTED, FORMATTED = "UNFORMATTED_VALUE", "FORMATTED_VALUE"


def reading(book: str, render: str, dimension: str = "ROWS", *, pretty: bool = True) -> str:
    """Return the path of a batchGet of the whole grid."""
    options = {
        "ranges": "Sheet1",
        "valueRenderOption": render,
        "majorDimension": dimension,
        "prettyPrint": str(pretty).lower(),
    }
    return f"/v4/spreadsheets/{book}/values:batchGet?{urlencode(options)}"


def show_reads(box: Sandbox, bare: Server, book: str) -> None:
    """Show batchGet in its forms, beginning with the ones that make what is kept for the others."""
    head(f"batchGet of {ROWS:,} × {COLUMNS}", "s", "(s - transfer) / orjson of the same", "target")
    connection = box.connect()
    for name, path in (
        ("rows, formatted, the first time", reading(book, FORMATTED)),
        ("columns, formatted, the first time", reading(book, FORMATTED, "COLUMNS")),
    ):
        show(name, timed(partial(connection.ask, "GET", path, headers=PLAIN)))
    for pretty in (True, False):
        for render in (UNFORMATTED, FORMATTED):
            for dimension in ("ROWS", "COLUMNS"):
                form = f"{dimension}, {render.split('_')[0]}, {'pretty' if pretty else 'compact'}"
                path = reading(book, render, dimension, pretty=pretty)
                _show_read(box, bare, form.lower(), path)
    cell = f"/v4/spreadsheets/{book}/values/B7?valueInputOption=RAW"
    for dimension in ("ROWS", "COLUMNS"):
        path = reading(book, UNFORMATTED, dimension, pretty=False)
        form = f"{dimension.lower()}, unformatted, compact, a cell changed"
        _show_read(box, bare, form, path, lambda: connection.ask("PUT", cell, NEW_CELL))
    _show_packed(box, reading(book, UNFORMATTED))


def _show_read(
    box: Sandbox, bare: Server, name: str, path: str, before: Callable[[], object] = lambda: None
) -> None:
    """Show one form of batchGet beside orjson on the values that it answered.

    `before` happens ahead of each read and is not counted.
    """
    connection, other = box.connect(), Connection(bare.url)
    content = connection.ask("GET", path, headers=PLAIN)
    same_size = f"/?size={len(content)}"
    other.ask("GET", same_size)
    values = orjson.loads(content)["valueRanges"][0]["values"]
    options = orjson.OPT_INDENT_2 if content[1:2] == b"\n" else 0
    _, whole, transfer, fastest = medians(
        REPEATS,
        before,
        lambda: connection.ask("GET", path, headers=PLAIN),
        lambda: other.ask("GET", same_size),
        lambda: orjson.dumps(values, option=options),
    )
    standard = timed(lambda: json.dumps(values, indent=2 if options else None))
    ratio = (whole - transfer) / fastest
    beside = f"{ratio:.2f} = ({whole:.2f} - {transfer:.2f}) / {fastest:.3f}; json {standard:.2f}"
    show(name, whole, beside, f"≤ {READ_RATIO}")


def _show_packed(box: Sandbox, path: str) -> None:
    """Show a batchGet as clients ask for it: compressed."""
    connection = box.connect()
    content = gzip.decompress(connection.ask("GET", path, headers=PACKED))
    whole, packing = medians(
        3,
        lambda: connection.ask("GET", path, headers=PACKED),
        lambda: gzip.compress(content, 1),
    )
    show("rows, unformatted, pretty, gzipped", whole, f"gzip alone {packing:.2f}")


def show_waits(box: Sandbox, book: str) -> None:
    """Show how long a small read of B waits while A answers a large request, three times."""
    small = box.new_spreadsheet(1000)
    path = f"/v4/spreadsheets/{small}/values/A1:B1"
    head("a small read of B", "s", "95 of 100; the longest", "")
    quiet = threading.Event()
    threading.Timer(2, quiet.set).start()
    _show_wait("while nothing else goes on", _small_reads(box, path, quiet))
    writes = dict(grids.cell_writes())
    body = orjson.dumps({"requests": writes["one-cell updateCells"]})
    large = {
        "while A answers a batchGet": ("GET", reading(book, UNFORMATTED), None, PLAIN),
        "while A answers a batchGet, gzipped": ("GET", reading(book, FORMATTED), None, PACKED),
        "while A writes 100,000 cells": (
            "POST", f"/v4/spreadsheets/{book}:batchUpdate", body, PLAIN,
        ),
    }  # fmt: skip
    for name, request in large.items():
        done = threading.Event()
        threading.Thread(target=_ask_three_times, args=(box, request, done)).start()
        _show_wait(name, _small_reads(box, path, done))


def _ask_three_times(
    box: Sandbox, request: tuple[str, str, bytes | None, dict[str, str]], done: threading.Event
) -> None:
    connection = box.connect()
    for _ in range(3):
        connection.ask(*request)
    done.set()


def _small_reads(box: Sandbox, path: str, done: threading.Event) -> list[float]:
    """Return how long each small read took until the other side was done."""
    connection, waits = box.connect(), []
    while not done.is_set():
        waits.append(timed(lambda: connection.ask("GET", path)))
        time.sleep(0.002)
    return waits


def _show_wait(name: str, waits: list[float]) -> None:
    slow = sorted(waits)[int(len(waits) * 0.95)]
    show(name, statistics.median(waits), f"{slow:.3f}; {max(waits):.3f}  ({len(waits)} reads)")
