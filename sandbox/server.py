"""The HTTP server, on the loopback interface only."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from sandbox.front import front_door
from sandbox.printing import Piece
from sandbox.tokens import ServiceKey, write_credentials
from sandbox.wire import Ending, Reply, Request
from sandbox.world import World

HOST = "127.0.0.1"
MAX_BODY_BYTES = 256 * 1024 * 1024
WORKERS = 32
GRACE_SECONDS = 0.2
SENT_BYTES = 256 * 1024
"""How much of a large body is sent at a time."""


def make_app(world: World) -> web.Application:
    """Return the application around a world: every path goes through one door."""
    pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="sandbox")

    async def handle(incoming: web.Request) -> web.StreamResponse:
        request = await _read_request(incoming)
        loop = asyncio.get_running_loop()
        reply = await loop.run_in_executor(pool, front_door, world, request)
        return await _send(incoming, reply)

    async def close_pool(_app: web.Application) -> None:
        world.closing.set()
        pool.shutdown(wait=False, cancel_futures=True)

    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.router.add_route("*", "/{path:.*}", handle)
    app.on_cleanup.append(close_pool)
    return app


async def _read_request(incoming: web.Request) -> Request:
    path, _, query = incoming.raw_path.partition("?")
    return Request(
        http_method=incoming.method,
        path=path,
        query=query,
        headers={name.lower(): value for name, value in incoming.headers.items()},
        body=await incoming.read(),
        base_url=f"http://{incoming.host}",
    )


async def _send(incoming: web.Request, reply: Reply) -> web.StreamResponse:
    headers = {"content-type": reply.content_type, **reply.headers}
    if reply.status == 204:
        del headers["content-type"]
    if reply.ending is Ending.WHOLE and reply.size <= SENT_BYTES:
        return web.Response(status=reply.status, body=reply.body, headers=headers)
    transport = incoming.transport
    if reply.ending is Ending.DROPPED:
        if transport is not None:
            transport.abort()
        return web.Response()
    response = web.StreamResponse(status=reply.status, headers=headers)
    response.content_length = reply.size
    await response.prepare(incoming)
    if reply.ending is Ending.CUT:
        await response.write(reply.body[: reply.size // 2])
        if transport is not None:
            transport.close()
        return response
    for part in _gathered(reply.pieces):
        await response.write(part)
    await response.write_eof()
    return response


def _gathered(pieces: Iterable[Piece]) -> Iterator[bytes]:
    """Put small pieces together for sending."""
    gathered: list[Piece] = []
    size = 0
    for piece in pieces:
        gathered.append(piece)
        size += len(piece)
        if size >= SENT_BYTES:
            yield b"".join(gathered)
            gathered, size = [], 0
    yield b"".join(gathered)


async def stop(runner: web.AppRunner) -> None:
    """Close the server and give up the requests still under way."""
    await runner.cleanup()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@dataclass(frozen=True)
class Box:
    """A running sandbox: its address and what is inside."""

    url: str
    world: World

    @property
    def credentials_info(self) -> dict[str, str]:
        """The service account's key file, pointed at this server."""
        return self.world.key.credentials(self.url)

    def write_credentials(self, folder: Path) -> Path:
        """Write the key file into a folder; its path."""
        path = folder / "credentials.json"
        write_credentials(path, self.world.key, self.url)
        return path


async def start(world: World, port: int) -> tuple[web.AppRunner, int]:
    """Listen on 127.0.0.1; port 0 takes a free one. OSError when the port is taken."""
    runner = web.AppRunner(make_app(world), access_log=None, shutdown_timeout=GRACE_SECONDS)
    await runner.setup()
    site = web.TCPSite(runner, HOST, port)
    try:
        await site.start()
    except OSError:
        await runner.cleanup()
        raise
    return runner, int(runner.addresses[0][1])


@contextmanager
def running(
    *,
    port: int = 0,
    seed: int = 0,
    key: ServiceKey | None = None,
    sa_storage: bool = False,
    checks_responses: bool = False,
) -> Iterator[Box]:
    """Return a sandbox in a thread of its own, for as long as the block lasts."""
    world = World(key=key, seed=seed, sa_storage=sa_storage, checks_responses=checks_responses)
    loop = asyncio.new_event_loop()
    runner, actual_port = loop.run_until_complete(start(world, port))
    thread = threading.Thread(target=loop.run_forever, name="sandbox-server", daemon=True)
    thread.start()
    try:
        yield Box(f"http://{HOST}:{actual_port}", world)
    finally:
        asyncio.run_coroutine_threadsafe(stop(runner), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
