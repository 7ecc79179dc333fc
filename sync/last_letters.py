"""`Last letter` on the deal's row: when, and in its note the latest comments and a way to write."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import urlencode

from rules.check import Checked, addresses
from rules.letters import Comment, comments_by_deal
from rules.messages import COMMENT_LINES
from rules.words import say
from sync.plan import Cell, Plan
from sync.snapshot import Snapshot, show_moment

COMPOSE = "https://mail.google.com/mail/?view=cm&fs=1&"


def plan_last_letters(snapshot: Snapshot, checked: Checked) -> Plan:
    """Plan the date of each deal's last letter, and a note with the latest comments.

    What the note says is remembered as a hash: notes are not read.
    """
    by_deal = comments_by_deal(snapshot.tables["comments"], checked.playbook)
    deals, records = snapshot.tables["deals"], snapshot.tables["records"]
    written = records.column("note")
    dated = deals.column("last_letter")
    if not by_deal and not any(written) and dated.count(None) == deals.height:
        return Plan()
    dates: dict[int, Cell] = {}
    notes: dict[int, Cell] = {}
    hashes: dict[int, Cell] = {}
    for row in checked.deals.rows:
        deal_id = deals.text("id", row)
        found = by_deal.get(deal_id, ())
        dates[row] = next((one.when for one in found if one.letter), None)
        at = records.row_by_id.get(deal_id)
        if at is None or not (found or written[at]):
            continue
        note = _note(snapshot, checked, row, found) if found else ""
        digest = sha256(note.encode()).hexdigest()[:12] if note else None
        if digest != written[at]:
            notes[row], hashes[at] = note, digest
    return Plan(
        cells={
            ("deals", "last_letter"): dates,
            **({("records", "note"): hashes} if hashes else {}),
        },
        notes={("deals", "last_letter"): notes} if notes else {},
    )


def _note(snapshot: Snapshot, checked: Checked, row: int, found: Sequence[Comment]) -> str:
    latest = found[: checked.playbook.letters.latest_in_note]
    lines = [
        f"{show_moment(one.when)} · {one.direction} · {' '.join(one.title.split())[:100]}"
        for one in latest
    ]
    if address := _write_to(checked, row):
        link = _compose_link(snapshot, row, address)
        lines += ["", say(snapshot.locale, COMMENT_LINES["write"], link=link)]
    return "\n".join(lines)


def _write_to(checked: Checked, row: int) -> str:
    contact = checked.references.deal_contact[row]
    known = addresses(checked.contacts, contact) if contact is not None else ()
    return known[0] if known else ""


def _compose_link(snapshot: Snapshot, row: int, address: str) -> str:
    """Return the link that writes to the client; the answer comes to the deal by its subject."""
    deals = snapshot.tables["deals"]
    subject = f"[{deals.text('id', row)}] {deals.text('title', row)}".strip()
    return COMPOSE + urlencode({"to": address, "su": subject})
