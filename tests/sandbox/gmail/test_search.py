"""``messages.list``: the search box, labels, pages; fast with 10,000 letters."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from googleapiclient.errors import HttpError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.gmail.query import parse_query
from sandbox.server import Box
from tests.sandbox.gmail.conftest import ME, letter

NOON = int(datetime(2026, 11, 5, 12, tzinfo=UTC).timestamp() * 1000)
DAY = 86_400_000
WITH_FILE = (
    b"From: Olga <olga@beta.kz>\r\nTo: manager1@example.com\r\nCc: lead@example.com\r\n"
    b"Subject: Invoice\r\nMessage-ID: <inv:1@beta.kz>\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\nplease pay\r\n"
    b'--b\r\nContent-Type: application/pdf; name="bill.pdf"\r\n\r\nx\r\n--b--\r\n'
)


@pytest.fixture
def search(box: Box, gmail: Any, deliver: Callable[..., str]) -> Callable[..., str]:
    """Names of the letters that a search finds: a, b, c, d, e from old to new."""
    box.world.clock.set(datetime(2026, 11, 6, 13, tzinfo=UTC))
    box.world.clock.freeze()
    label = gmail.users().labels().create(userId="me", body={"name": "Big Deals/2026"}).execute()
    raws: list[tuple[bytes, dict[str, Any]]] = [
        (letter("Proposal", "Let us meet"), {"labels": ["INBOX", "UNREAD"]}),
        (WITH_FILE, {"labels": ["INBOX", "STARRED"]}),
        (letter("Привет мир", "Договор готов"), {"labels": [label["id"]]}),
        (letter("Win a prize", "Casino"), {"labels": ["SPAM"]}),
        (letter("Old news", "meet never"), {"labels": ["TRASH"]}),
    ]
    names = {
        deliver(raw, date_ms=NOON - (len(raws) - place) * DAY, **more): name
        for place, (name, (raw, more)) in enumerate(zip("abcde", raws, strict=True))
    }

    def find(query: str, **params: Any) -> str:
        found = gmail.users().messages().list(userId="me", q=query, **params).execute()
        return "".join(sorted(names[entry["id"]] for entry in found.get("messages", [])))

    return find


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "abc"),
        ("in:anywhere", "abcde"),
        ("in:spam", "d"),
        ("-in:spam", "abc"),
        ("in:trash", "e"),
        ("in:inbox", "ab"),
        ("from:ivan", "ac"),
        ("from:ivan@acme.kz", "ac"),
        ("from:acme.kz", "ac"),
        ("from:iva", ""),
        ("-from:ivan", "b"),
        ("to:manager1@example.com", "abc"),
        ("cc:lead@example.com", "b"),
        ("subject:invoice", "b"),
        ("subject:(invoice)", "b"),
        ('subject:"привет мир"', "c"),
        ("subject:(привет invoice)", ""),
        ("subject:{привет invoice}", "bc"),
        ("{from:olga subject:proposal}", "ab"),
        ("from:olga OR subject:proposal", "ab"),
        ("from:(olga OR ivan)", "abc"),
        ("from:(olga OR ivan) is:starred", "b"),
        ("договор", "c"),
        ('"let us meet"', "a"),
        ('"us let"', ""),
        ("meet -proposal", ""),
        ("-(from:olga)", "ac"),
        ("is:unread", "a"),
        ("is:read", "bc"),
        ("is:starred", "b"),
        ("label:starred", "b"),
        ("label:big-deals-2026", "c"),
        ('label:"big deals/2026"', "c"),
        ("has:attachment", "b"),
        ("has:userlabels", "c"),
        ("has:nouserlabels", "ab"),
        ("filename:pdf", "b"),
        ("filename:bill.pdf", "b"),
        ("filename:doc", ""),
        ("rfc822msgid:inv:1@beta.kz", "b"),
        ("rfc822msgid:<inv:1@beta.kz>", "b"),
        (f"after:{(NOON - 4 * DAY) // 1000}", "bc"),
        (f"before:{(NOON - 4 * DAY) // 1000}", "a"),
        ("after:2026/11/01 before:2026/11/02", "b"),
        ("after:2026/11/02", "c"),
        ("older:2026/11/01", "a"),
        ("newer_than:5d", "c"),
        ("older_than:5d", "ab"),
        ("newer_than:1y", "abc"),
        ("after:tomorrow", ""),
        ("larger:1k", ""),
        ("smaller:1k", "abc"),
        ("unknown:thing", ""),
        ("((", "abc"),
    ],
)
def test_search_operators(search: Callable[..., str], query: str, expected: str) -> None:
    """SPAM and TRASH are left out by default; `rfc822msgid:` finds by Message-ID."""
    assert search(query) == expected


def test_date_in_a_query_is_midnight_pacific(deliver: Callable[..., str], messages: Any) -> None:
    """Dates in `q` are midnight Pacific: use epoch seconds."""
    midnight = int(datetime(2026, 11, 5, 8, tzinfo=UTC).timestamp() * 1000)  # 00:00 PST
    deliver(letter(), date_ms=midnight - 1000)
    assert "messages" not in messages.list(userId="me", q="after:2026/11/05").execute()
    deliver(letter(), date_ms=midnight)
    assert len(messages.list(userId="me", q="after:2026/11/05").execute()["messages"]) == 1


def test_labels_and_hidden_places_by_parameters(search: Callable[..., str]) -> None:
    assert search("", includeSpamTrash=True) == "abcde"
    assert search("", labelIds=["INBOX", "UNREAD"]) == "a"
    assert search("", labelIds=["SPAM"]) == "d"


def test_unknown_label_is_refused(messages: Any) -> None:
    with pytest.raises(HttpError) as refused:
        messages.list(userId="me", labelIds=["Label_77"]).execute()
    assert refused.value.error_details[0]["message"] == "Invalid label: Label_77"


def test_pages_newest_first(messages: Any, deliver: Callable[..., str]) -> None:
    ids = [deliver(letter(), date_ms=NOON + number) for number in range(5)]
    request = messages.list(userId="me", maxResults=2)
    seen: list[str] = []
    while request is not None:
        answer = request.execute()
        assert answer["resultSizeEstimate"] == 5
        seen += [entry["id"] for entry in answer["messages"]]
        request = messages.list_next(request, answer)
    assert seen == ids[::-1]


QUERIES = st.lists(
    st.sampled_from(
        ["from:ivan", "from:me", "to:", "subject:", "hello", "again", "-", "OR", "{", "}", "(", ")",
         "rfc822msgid:1@a", '"hello again"', "in:inbox", "after:2026/01/01", ":", "cc:acme.kz"]
    ) | st.text(max_size=3),
    max_size=7,
).map(" ".join)  # fmt: skip


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(QUERIES)
def test_any_query_has_a_meaning_and_the_index_loses_nothing(
    deliver: Callable[..., str], shared_box: Box, query: str
) -> None:
    mailbox = shared_box.world.gmail.mailboxes[ME]
    if not mailbox.letters:
        deliver(letter("Hello again", message_id="<1@a>"))
        deliver(letter("Re: Hello", message_id="<1@a>", cc="x@acme.kz"))
        deliver(letter("Other", From=ME, To="ivan@acme.kz"))
    search = parse_query(query, mailbox, shared_box.world.clock.now())
    expected = [one for one in mailbox.newest_first() if search.test(one)]
    assert list(search.run(mailbox)) == expected


def test_letters_with_one_message_id_are_all_found(
    messages: Any, deliver: Callable[..., str]
) -> None:
    """A letter to oneself has two copies; when one goes, the other is found still."""
    first, second = (deliver(letter(message_id="<same@acme.kz>")) for _ in "ab")
    found = messages.list(userId="me", q="rfc822msgid:same@acme.kz").execute()["messages"]
    assert {message["id"] for message in found} == {first, second}
    messages.delete(userId="me", id=first).execute()
    (left,) = messages.list(userId="me", q="rfc822msgid:same@acme.kz").execute()["messages"]
    assert left["id"] == second


def test_ten_thousand_letters_stay_under_50_ms(
    box: Box, messages: Any, gmail: Any, deliver: Callable[..., str]
) -> None:
    text = "Lorem ipsum dolor sit amet " * 20
    start = box.world.gmail.mailboxes[ME].history_id
    for number in range(10_000):
        deliver(letter(f"Letter {number}", text), date_ms=NOON + number)
    history = gmail.users().history()
    calls = {
        "list": messages.list(userId="me", maxResults=500),
        "search": messages.list(userId="me", q="subject:9999 from:ivan after:2026/01/01"),
        "history": history.list(userId="me", startHistoryId=str(start + 5_000), maxResults=500),
    }
    for name, call in calls.items():
        best = min(_seconds(call) for _ in range(5))
        assert best < 0.05, f"{name}: {best * 1000:.0f} ms"


def _seconds(call: Any) -> float:
    """How much of a processor's time client and server need: not how busy the machine is."""
    started = time.process_time()
    call.execute()
    return time.process_time() - started
