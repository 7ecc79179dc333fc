"""Letters for the tests of Gmail."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.server import Box

ME = "manager1@example.com"


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


def letter(subject: str = "Hello", text: str = "Body", **headers: str) -> bytes:
    """A plain letter; ``message_id`` becomes the header Message-ID, and so on."""
    fields = {"From": "Ivan <ivan@acme.kz>", "To": ME, "Subject": subject}
    fields |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in fields.items()]
    return ("\r\n".join(lines) + f"\r\n\r\n{text}\r\n").encode()


@pytest.fixture
def insert(gmail: Any) -> Callable[..., Any]:
    """Put a letter in by the API's own ``messages.insert``."""

    def put(raw: bytes, *labels: str, **params: Any) -> Any:
        body: dict[str, Any] = {"raw": encode(raw)}
        if labels:
            body["labelIds"] = list(labels)
        if thread_id := params.pop("thread_id", None):
            body["threadId"] = thread_id
        return gmail.users().messages().insert(userId="me", body=body, **params).execute()

    return put


@pytest.fixture
def messages(gmail: Any) -> Any:
    return gmail.users().messages()


@pytest.fixture
def deliver(box: Box) -> Callable[..., str]:
    """Let a letter arrive without a request."""

    def arrive(raw: bytes, mailbox: str = ME, **more: Any) -> str:
        return box.world.gmail.deliver(mailbox, raw, box.world.clock.now(), **more).id

    return arrive
