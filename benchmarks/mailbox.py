"""How fast a mailbox of 10,000 letters answers: ``python -m benchmarks.mailbox``.

The sandbox runs in a process of its own; times are medians of what the client waits for a call.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlencode

import orjson

from benchmarks.figures import head, timed
from benchmarks.processes import USER, Connection, Sandbox, sandbox_process
from sandbox.base64url import encode_bytes

LETTERS = 10_000
CALLS = 15
TARGET_MS = 50.0
ROOT = "/gmail/v1/users/me"
SCOPE = "https://mail.google.com/"
FIRST_MS = 1_780_000_000_000

_PEOPLE = ("Анна Ким <anna@acme.example>", "buyer@shop.example", "John <john@corp.example>")
_WORDS = ("медиаплан", "бюджет", "offer", "договор", "brief", "invoice", "кампания", "встреча")


def letters() -> Iterator[tuple[bytes, list[str], int]]:
    """Yield letters as a sales team gets them: bytes, labels, when."""
    source = random.Random(11)
    for number in range(LETTERS):
        message = EmailMessage()
        message["From"] = source.choice(_PEOPLE)
        message["To"] = USER
        message["Subject"] = f"{source.choice(_WORDS)} {number % 900}"
        message["Message-ID"] = f"<{number}@acme.example>"
        if number % 3 == 0 and number > 900:
            message["In-Reply-To"] = f"<{number - 900}@acme.example>"
        message.set_content(" ".join(source.choices(_WORDS, k=120)) + f" marker{number}")
        if number % 20 == 0:
            message.add_attachment(b"%PDF" * 50, "application", "pdf", filename=f"{number}.pdf")
        labels = ["SPAM"] if number % 50 == 0 else ["INBOX", *(["UNREAD"] if number % 4 else [])]
        yield message.as_bytes(), labels, FIRST_MS + number * 600_000


def fill(box: Sandbox) -> None:
    """Put all letters into the mailbox."""
    connection = Connection(box.url)
    for raw, labels, moment in letters():
        wish = {
            "mailbox": USER,
            "raw": encode_bytes(raw),
            "labels": labels,
            "date": moment / 1000,
        }
        connection.ask("POST", "/sandbox/letters", orjson.dumps(wish))


def calls(connection: Connection, first_history: int) -> Iterator[tuple[str, str]]:
    """Yield the calls to be timed, each with its name."""

    def messages(**params: Any) -> str:
        return f"{ROOT}/messages?{urlencode(params)}"

    yield "list: 100 a page", messages()
    yield "list: 500 a page", messages(maxResults=500)
    yield "list: a page in the middle", messages(maxResults=500, pageToken="5000")
    yield "list: by label", messages(labelIds="UNREAD", maxResults=500)
    queries = (
        "from:anna@acme.example",
        "marker7777",
        '"бюджет договор"',
        "rfc822msgid:5000@acme.example",
        "in:anywhere has:attachment filename:pdf",
        f"after:{FIRST_MS // 1000 + 3_000_000} -is:unread",
        "{from:anna@acme.example to:anna@acme.example cc:anna@acme.example} subject:бюджет",
        "nothinglikethat",
        " OR ".join(f"from:person{number}@corp.example" for number in range(40)),
    )
    for query in queries:
        yield f"search: {query[:44]}", messages(q=query, maxResults=500)
    yield "threads: list", f"{ROOT}/threads?maxResults=500"
    yield "threads: search", f"{ROOT}/threads?{urlencode({'q': 'subject:бюджет'})}"
    page = orjson.loads(connection.ask("GET", messages(q="marker7777")))
    letter = page["messages"][0]
    yield "get: full", f"{ROOT}/messages/{letter['id']}"
    yield "get: thread", f"{ROOT}/threads/{letter['threadId']}"
    yield "labels: with counts", f"{ROOT}/labels/INBOX"
    whole = {"startHistoryId": first_history, "maxResults": 500}
    yield "history: the first page of all", f"{ROOT}/history?{urlencode(whole)}"
    middle = {**whole, "pageToken": "5000", "historyTypes": "messageAdded"}
    yield "history: a page in the middle, one type", f"{ROOT}/history?{urlencode(middle)}"
    labelled = {**whole, "labelId": "SPAM"}
    yield "history: of a label", f"{ROOT}/history?{urlencode(labelled)}"
    yield "profile", f"{ROOT}/profile"


def main() -> None:
    """Print the table."""
    with sandbox_process() as box:
        wish = orjson.dumps({"user": USER, "scopes": [SCOPE]})
        answer = orjson.loads(Connection(box.url).ask("POST", "/sandbox/token", wish))
        token = {"authorization": f"Bearer {answer['access_token']}"}
        connection = Connection(box.url, token)
        start = int(orjson.loads(connection.ask("GET", f"{ROOT}/profile"))["historyId"])
        seconds = timed(lambda: fill(box))
        print(f"{LETTERS:,} letters put in, in {seconds:.0f} s")
        head("a mailbox of 10,000 letters", "ms", "the slowest of them", "target")
        for name, path in calls(connection, start):
            times = [timed(lambda at=path: connection.ask("GET", at)) for _ in range(CALLS)]  # type: ignore[misc]
            median, slowest = statistics.median(times) * 1000, max(times) * 1000
            print(f"{name:<54} {median:8.1f}   {slowest:8.1f}   ≤ {TARGET_MS:.0f}", flush=True)


if __name__ == "__main__":
    main()
