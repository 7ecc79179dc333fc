"""Every request goes to the endpoints that are set and to no other host."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.sync.conftest import Crm


def test_no_other_host_is_looked_up(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.fill()
    crm.letter(sender="anna@steppe.example", html='<img src="http://tracker.example/x.png">hello')
    for number in range(3):  # several are fetched in a batch
        crm.letter(sender="anna@steppe.example", text=f"letter {number}")
    hosts: set[str] = set()
    look_up = socket.getaddrinfo

    def recorded(host: Any, *args: Any, **kwargs: Any) -> Any:
        hosts.add(str(host))
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", recorded)
    result = crm.sync()
    assert (result.failures, result.deal_folders, result.letters) == ((), 1, 4)
    assert hosts == {"127.0.0.1"}
