"""The independent WebSocket server and client under test: the `websockets` library, in a process of their own.

`python -m suite.peers server` echoes every message and prints its port. `python -m suite.peers client` reads one JSON
object per line, {"url", "cases": [number, …]}, drives these cases of a fuzzing server, and answers each
line with one. Both run until their standard input ends.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable
from typing import Any

# The library's own bound on the number of fragments would end 9.3.* and 9.4.* before the suite has its answer.
os.environ["WEBSOCKETS_MAX_FRAGMENTS"] = str(1 << 20)

from websockets.asyncio.client import connect
from websockets.asyncio.connection import Connection
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

AGENT = "websockets"  # its name in the suite's report
PARALLEL = 4  # cases at a time, in both directions
CASE_TIMEOUT = 150  # seconds; the suite's own is 100 for its largest cases
OPTIONS: dict[str, Any] = {"max_size": None, "ping_interval": None}


# What the library offers by itself, and then what 13.2, 13.5 and 13.6 ask of a client.
_OFFERS = [
    ClientPerMessageDeflateFactory(client_max_window_bits=True, client_no_context_takeover=no_takeover)
    for no_takeover in (False, True)
]


async def _echo(connection: Connection) -> None:
    try:
        async for message in connection:
            await connection.send(message)
    except ConnectionClosed:
        pass  # what the suite provokes; it holds the close code against its expectation itself


async def _server() -> None:
    async with serve(_echo, "127.0.0.1", 0, **OPTIONS) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await _standard_input_end()


async def _client() -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        job = json.loads(line)
        limit = asyncio.Semaphore(PARALLEL)

        async def one(number: int) -> str | None:
            url = f"{job['url']}/runCase?case={number}&agent={AGENT}"
            async with limit:
                return await _failure_of(_drive(url))

        failures = await asyncio.gather(*(one(number) for number in job["cases"]))
        print(json.dumps({"failures": [f for f in failures if f]}), flush=True)


async def _drive(url: str) -> None:
    async with connect(url, proxy=None, extensions=_OFFERS, **OPTIONS) as connection:
        await _echo(connection)


async def _failure_of(case: Awaitable[None]) -> str | None:
    """Runs one case; what keeps it from running is told, and the suite's report will lack the case or say ERROR."""
    try:
        async with asyncio.timeout(CASE_TIMEOUT):
            await case
        return None
    except (OSError, InvalidHandshake, ConnectionClosed, TimeoutError) as failure:
        return f"{type(failure).__name__}: {failure}"


async def _standard_input_end() -> None:
    while await asyncio.to_thread(sys.stdin.readline):
        pass


if __name__ == "__main__":
    asyncio.run({"server": _server, "client": _client}[sys.argv[1]]())
