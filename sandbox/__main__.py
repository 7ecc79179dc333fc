"""``python -m sandbox``: the server with its credentials and settings on disk."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import json
import os
import shlex
import signal
import sys
from pathlib import Path

from sandbox.discovery import load_methods
from sandbox.people import PEOPLE
from sandbox.server import HOST, start, stop
from sandbox.tokens import ServiceKey, write_credentials
from sandbox.tuning import tune_process
from sandbox.world import World

DEFAULT_PORT = 8085
DEFAULT_STATE = Path(".state/sandbox")
WRONG_USE = 2
MANAGERS = ",".join(person.email for person in PEOPLE[:2])


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--state", type=Path, default=DEFAULT_STATE, metavar="DIR")
    parser.add_argument("--sa-storage", action="store_true", help="the service account has room")
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="end when standard input does"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the ids")
    return parser.parse_args(arguments)


def load_key(path: Path) -> ServiceKey:
    """Return the key of a credentials file made earlier, or a new one where there is none."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return ServiceKey.from_pem(json.loads(path.read_text(encoding="utf-8"))["private_key"])
    return ServiceKey.generate()


def write_state(folder: Path, world: World, base_url: str) -> None:
    """Write ``credentials.json`` (for the owner only) and ``sandbox.env`` for a shell."""
    credentials = folder / "credentials.json"
    write_credentials(credentials, world.key, base_url)
    settings = {
        "CRM_GOOGLE_CREDENTIALS": str(credentials.resolve()),
        "CRM_DRIVE_ROOT": world.drive.shared_drive_id,
        "CRM_MAILBOXES": MANAGERS,
        "CRM_SHEETS_ENDPOINT": base_url,
        "CRM_DRIVE_ENDPOINT": base_url,
        "CRM_GMAIL_ENDPOINT": base_url,
    }
    lines = [f"{name}={shlex.quote(value)}" for name, value in settings.items()]
    (folder / "sandbox.env").write_text("\n".join(lines) + "\n", encoding="utf-8")


class StartError(Exception):
    """The command line asks for what cannot be; the message is one line."""


async def serve(world: World, options: argparse.Namespace) -> None:
    """Serve until told to stop. Raises StartError."""
    folder: Path = options.state
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stopped.set)
    try:
        runner, actual_port = await start(world, options.port)
    except OverflowError as error:
        raise StartError(f"no port has the number {options.port}") from error
    except OSError as error:
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be had: {error}"
        raise StartError(f"port {options.port} of {HOST} {reason}") from error
    base_url = f"http://{HOST}:{actual_port}"
    write_state(folder, world, base_url)
    print(f"ready {base_url} state {folder}", flush=True)  # noqa: T201 - others wait for it
    if options.until_stdin_closes:
        stop_at_end_of_stdin(stopped)
    await stopped.wait()
    await stop(runner)


def stop_at_end_of_stdin(stopped: asyncio.Event) -> None:
    """Have that event set once whoever holds the other end of our standard input is gone."""
    loop, stdin = asyncio.get_running_loop(), sys.stdin.fileno()

    def look() -> None:
        if not os.read(stdin, 4096):
            loop.remove_reader(stdin)
            stopped.set()

    loop.add_reader(stdin, look)


def main(arguments: list[str]) -> int:
    """Run the command; the exit code."""
    options = parse_arguments(arguments)
    try:
        make_state(options.state)
        key = load_key(options.state / "credentials.json")
        world = World(key=key, seed=options.seed, sa_storage=options.sa_storage)
        load_methods()
        tune_process()
        asyncio.run(serve(world, options))
    except StartError as error:
        print(f"sandbox: {error}", file=sys.stderr)  # noqa: T201
        return WRONG_USE
    return 0


def make_state(folder: Path) -> None:
    """Make the state directory where there is none. Raises StartError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"--state {folder} cannot be a directory: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
