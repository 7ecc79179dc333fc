"""A server on aiohttp that does nothing: it takes any body and answers with as many bytes as asked.

``GET /?size=N`` answers N bytes made at the first request for them, so that the next one costs the
transfer alone; ``POST /`` reads the body.
"""

from __future__ import annotations

import asyncio
import functools

from aiohttp import web

SENT_BYTES = 256 * 1024
"""As much as the sandbox sends at a time: sent as a whole, large bodies take longer."""


@functools.lru_cache(maxsize=1)
def _content(size: int) -> bytes:
    return b"x" * size


async def _answer(incoming: web.Request) -> web.StreamResponse:
    await incoming.read()
    content = memoryview(_content(int(incoming.query.get("size", "2"))))
    response = web.StreamResponse()
    response.content_length = len(content)
    await response.prepare(incoming)
    for start in range(0, len(content), SENT_BYTES):
        await response.write(content[start : start + SENT_BYTES])
    await response.write_eof()
    return response


async def _serve() -> None:
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/", _answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"ready http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
