"""Smart chips: which of them may be written, and by whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sandbox.sheets.cells import Json
from sandbox.sheets.editing import Edit
from sandbox.sheets.refusals import RefusedError

Kind = Callable[[Edit, Json], Json]

MAX_URI_BYTES = 2000
DRIVE_URIS = ("https://drive.google.com/", "https://docs.google.com/")
DRIVE_SCOPES = frozenset(
    f"https://www.googleapis.com/auth/{name}" for name in ("drive", "drive.file", "drive.readonly")
)


def with_chips(kind: Kind) -> Kind:
    """Give a kind of request that looks at the chips it is to write before it writes any cell.

    The rules are those of RichLinkProperties in the discovery document, the texts are not verified.
    """

    def carry_out(edit: Edit, request: Json) -> Json:
        fields = request.get("fields", "")
        if "chipRuns" in fields or "*" in fields:
            for link in _rich_links(request):
                _check(edit, link.get("uri", ""))
        return kind(edit, request)

    return carry_out


def _rich_links(request: Json) -> Iterator[Json]:
    """Give the rich links of all cells of a request."""
    rows = [row.get("values", []) for row in request.get("rows", [])]
    for cells in (*rows, [request.get("cell", {})]):
        for cell in cells:
            for run in cell.get("chipRuns", ()):
                link = run.get("chip", {}).get("richLinkProperties")
                if link is not None:
                    yield link


def _check(edit: Edit, uri: str) -> None:
    if len(uri.encode()) > MAX_URI_BYTES:
        raise RefusedError(f"The URI of a chip must not exceed {MAX_URI_BYTES} bytes.")
    if not uri.startswith(DRIVE_URIS):
        raise RefusedError("Only Drive files can be written as rich link chips.")
    if not edit.scopes & DRIVE_SCOPES:
        raise RefusedError("Writing Drive file chips requires a Drive scope.")
