"""Letters as native comment threads, one for each deal, on the deal's row; off unless asked for.

A letter that is to be posted is marked so in the memory when it is logged, and marked as posted
afterwards. Between the two an answer may be lost: so a thread is read before anything is added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from rules.letters import Letter, deal_id_in
from rules.playbook import Letters
from rules.table import as_text
from sync.layout import column_letters, quote_title
from sync.plan import Cell, Plan
from sync.ports import Discussion, Request, SheetsPort
from sync.snapshot import Snapshot, show_moment

DUE, POSTED = "due", "posted"

MOST_BYTES = 2_000
"""A post takes 2,048 UTF-8 code units (Sheets API reference, `InsertCommentRequest`)."""

MOST_POSTS = 20
YOUNG = timedelta(days=7)
"""Older letters are not posted: editors would be notified of months of mail."""


def is_due(snapshot: Snapshot, letter: Letter, policy: Letters) -> bool:
    """Return whether a letter that is being logged is to be posted."""
    return policy.native_comments and snapshot.read_at - letter.when < YOUNG


@dataclass(frozen=True)
class _Post:
    memory: int
    deal_id: str
    text: str


def _due_posts(snapshot: Snapshot) -> Iterator[_Post]:
    letters, comments = snapshot.tables["letters"], snapshot.tables["comments"]
    due = {
        as_text(key): row
        for row, (key, posted) in enumerate(
            zip(letters.column("key"), letters.column("posted"), strict=True)
        )
        if posted == DUE
    }
    for row, key in enumerate(comments.column("letter_key") if due else ()):
        deal_id = deal_id_in(comments.column("deal_id")[row])
        if as_text(key) in due and deal_id in snapshot.tables["deals"].row_by_id:
            yield _Post(due[as_text(key)], deal_id, _text(snapshot, row, deal_id))


def _text(snapshot: Snapshot, row: int, deal_id: str) -> str:
    comments = snapshot.tables["comments"]
    when = comments.column("when")[row]
    moment = show_moment(when) if isinstance(when, int | float) else ""
    parts = (f"[{deal_id}]", moment, comments.text("direction", row), comments.text("sender", row))
    head = " · ".join(filter(None, parts))
    text = f"{head}\n{comments.text('subject', row)}\n\n{comments.text('text', row)}"
    if len(text.encode()) <= MOST_BYTES:
        return text
    rest = f"…\n{comments.text('letter', row)}"
    return text.encode()[: MOST_BYTES - len(rest.encode())].decode("utf-8", "ignore") + rest


def post_letters(snapshot: Snapshot, sheets: SheetsPort) -> Plan:
    """Post the letters that are due; return the plan to remember that. Raises SyncError.

    Two reads and a write if there are any; none otherwise.
    """
    posts = list(_due_posts(snapshot))[:MOST_POSTS]
    if not posts:
        return Plan()
    spreadsheet_id = snapshot.structure.spreadsheet_id
    threads = _threads_by_deal(sheets.read_discussions(spreadsheet_id))
    missing = [post for post in posts if post.text not in _said(threads.get(post.deal_id))]
    if missing:
        rows = _rows_now(snapshot, sheets)
        requests = list(_requests(snapshot, missing, threads, rows))
        if requests:
            sheets.write(spreadsheet_id, requests)
    posted: dict[int, Cell] = {post.memory: POSTED for post in posts}
    return Plan(cells={("letters", "posted"): posted})


def _threads_by_deal(threads: Sequence[Discussion]) -> Mapping[str, Discussion]:
    """Return each deal's thread: the first that begins with its ID."""
    found: dict[str, Discussion] = {}
    for thread in threads:
        deal_id, bracket, _ = thread.posts[0].removeprefix("[").partition("]")
        if bracket:
            found.setdefault(deal_id, thread)
    return found


def _said(thread: Discussion | None) -> str:
    return "\n".join(thread.posts) if thread else ""


def _rows_now(snapshot: Snapshot, sheets: SheetsPort) -> Mapping[str, int]:
    layout = snapshot.layouts["deals"]
    letters = column_letters(layout.columns["id"])
    range_ = f"{quote_title(layout.sheet.title)}!{letters}2:{letters}"
    [columns] = sheets.read_columns(snapshot.structure.spreadsheet_id, [range_])
    ids = columns[0] if columns else ()
    return {as_text(value): row for row, value in enumerate(ids) if value}


def _requests(
    snapshot: Snapshot,
    posts: Sequence[_Post],
    threads: Mapping[str, Discussion],
    rows: Mapping[str, int],
) -> Iterator[Request]:
    """Yield a reply for each post; a deal's first posts are one new thread."""
    layout = snapshot.layouts["deals"]
    new: dict[str, list[str]] = {}
    for post in posts:
        if thread := threads.get(post.deal_id):
            yield {
                "addCommentReply": {
                    "commentId": thread.comment_id,
                    "post": {"content": post.text},
                }
            }
        elif post.deal_id in rows:
            new.setdefault(post.deal_id, []).append(post.text)
    for deal_id, texts in new.items():
        content = "\n\n".join(texts).encode()[:MOST_BYTES].decode("utf-8", "ignore")
        yield {
            "insertComment": {
                "coordinate": {
                    "sheetId": layout.sheet.sheet_id,
                    "rowIndex": rows[deal_id] + 1,
                    "columnIndex": layout.columns["last_letter"],
                },
                "content": content,
            }
        }
