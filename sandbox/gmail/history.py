"""``history.list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.calls import Call, Json
from sandbox.gmail.access import invalid_argument, not_found, own_mailbox, page_bounds
from sandbox.gmail.mailbox import HistoryExpiredError
from sandbox.gmail.resources import show_happening

if TYPE_CHECKING:
    from sandbox.world import World


def list_history(world: World, call: Call) -> Json:
    """``history.list``: strictly after ``startHistoryId``; no ``history`` key when nothing was.

    404 when the start is no longer kept, 400 when it is 0 or lacks.
    """
    mailbox = own_mailbox(world, call)
    start_id = call.params.get("startHistoryId")
    if not start_id:
        raise invalid_argument("Missing or invalid startHistoryId")
    try:
        happenings = mailbox.history_after(start_id, call.now)
    except HistoryExpiredError as error:
        raise not_found() from error
    kinds = call.params.get("historyTypes")
    label_id = call.params.get("labelId")
    chosen = [
        happening
        for happening in happenings
        if (not kinds or happening.kind in kinds)
        and (not label_id or label_id in (*happening.letter_labels, *happening.label_ids))
    ]
    start, end = page_bounds(call)
    answer: Json = {"historyId": str(mailbox.history_id)}
    if page := chosen[start:end]:
        answer = {"history": [show_happening(happening) for happening in page], **answer}
    if end < len(chosen):
        answer["nextPageToken"] = str(end)
    return answer
