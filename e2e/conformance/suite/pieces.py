"""A relay that knows nothing of frames, and cuts bytes as TCP may: `python -m suite.pieces LISTEN UPSTREAM`.

What it passes on arrives in pieces, with pauses between them, so that a peer that reads once may find more of
what was sent, or less, than it would directly. Nothing is lost, and an end is passed on behind all that came before.
"""

import asyncio
import contextlib
import random
import sys

_LONGEST_PAUSE = 0.004  # seconds
_LARGE = 1 << 14  # bytes that are not worth a pause


class _Side(asyncio.Protocol):
    """One connection of a pair. What it receives is queued; None is its end."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received.put_nowait(data)

    def eof_received(self) -> bool:
        self.received.put_nowait(None)
        return True  # the other direction goes on

    def connection_lost(self, exc: Exception | None) -> None:
        self.received.put_nowait(None)

    async def pass_to(self, other: "_Side") -> None:
        while (data := await self.received.get()) is not None:
            cut = random.randrange(len(data)) if len(data) < _LARGE else 0
            for piece in (data[:cut], data[cut:]):
                if piece and other.transport and not other.transport.is_closing():
                    other.transport.write(piece)
                if cut:
                    await asyncio.sleep(random.uniform(0, _LONGEST_PAUSE))
        with contextlib.suppress(OSError):
            if other.transport and not other.transport.is_closing():
                other.transport.write_eof()

    def close(self) -> None:
        if self.transport:
            self.transport.close()


class Relay:
    """Pairs each connection that comes with one to the upstream."""

    def __init__(self, host: str, port: int):
        self._host, self._port = host, port
        self._pairs: set[asyncio.Task[None]] = set()

    def accept(self) -> _Side:
        client = _Side()
        pair = asyncio.get_running_loop().create_task(self._relay(client))
        self._pairs.add(pair)
        pair.add_done_callback(self._pairs.discard)
        return client

    async def _relay(self, client: _Side) -> None:
        try:
            _, server = await asyncio.get_running_loop().create_connection(_Side, self._host, self._port)
        except OSError:
            client.close()
            return
        await asyncio.gather(client.pass_to(server), server.pass_to(client))
        client.close()
        server.close()


async def _main(listen: str, upstream: str) -> None:
    host, port = upstream.rsplit(":", 1)
    relay = Relay(host, int(port))
    host, port = listen.rsplit(":", 1)
    loop = asyncio.get_running_loop()
    async with await loop.create_server(relay.accept, host, int(port)) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
