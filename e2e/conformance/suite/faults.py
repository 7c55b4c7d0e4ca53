"""A relay that understands frames and breaks one thing: `python -m suite.faults FAULT LISTEN UPSTREAM`.

The self-test runs the suite through each fault, to prove that the comparison notices it.
"""

import asyncio
import contextlib
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

_CONTINUATION, _CLOSE, _PING = 0x0, 0x8, 0x9
_GOING_AWAY = (1001).to_bytes(2, "big")


@dataclass(frozen=True)
class Frame:
    """One frame as it was on the wire; the payload is still masked where `mask` is not empty."""

    first: int  # FIN, RSV and opcode
    mask: bytes
    payload: bytes

    @property
    def opcode(self) -> int:
        return self.first & 0x0F

    def encode(self) -> bytes:
        masked, size = 0x80 if self.mask else 0, len(self.payload)
        if size < 126:
            length = bytes([masked | size])
        elif size < 1 << 16:
            length = bytes([masked | 126]) + size.to_bytes(2, "big")
        else:
            length = bytes([masked | 127]) + size.to_bytes(8, "big")
        return bytes([self.first]) + length + self.mask + self.payload


# From a frame to the frames that are passed on in its place. XOR commutes with masking.
Fault = Callable[[Frame], Iterator[Frame]]


def _none(frame: Frame) -> Iterator[Frame]:
    yield frame


def _flip_bit(frame: Frame) -> Iterator[Frame]:
    if frame.payload and frame.opcode < _CLOSE:
        frame = replace(frame, payload=frame.payload[:-1] + bytes([frame.payload[-1] ^ 1]))
    yield frame


def _lose_continuation(frame: Frame) -> Iterator[Frame]:
    if frame.opcode != _CONTINUATION:
        yield frame


def _other_close_code(frame: Frame) -> Iterator[Frame]:
    if frame.opcode == _CLOSE and len(frame.payload) >= 2:
        mask = frame.mask[:2] or bytes(2)
        code = bytes(byte ^ key for byte, key in zip(_GOING_AWAY, mask))
        frame = replace(frame, payload=code + frame.payload[2:])
    yield frame


def _end_without_close(frame: Frame) -> Iterator[Frame]:
    if frame.opcode == _CLOSE:
        raise EOFError("the direction ends instead of passing on a Close")
    yield frame


def _extra_ping(frame: Frame) -> Iterator[Frame]:
    yield replace(frame, first=0x80 | _PING, payload=b"")
    yield frame


def _split_message(frame: Frame) -> Iterator[Frame]:
    """Legal, were it not for extensions; but not what a transparent proxy does."""
    half = len(frame.payload) // 8 * 4  # masks repeat every four bytes
    if frame.opcode < _CLOSE and half:
        yield replace(frame, first=frame.first & 0x7F, payload=frame.payload[:half])
        yield replace(frame, first=frame.first & 0x80 | _CONTINUATION, payload=frame.payload[half:])
    else:
        yield frame


FAULTS: dict[str, Fault] = {
    "none": _none,
    "flip-bit": _flip_bit,
    "lose-frame": _lose_continuation,
    "close-code": _other_close_code,
    "no-close": _end_without_close,
    "extra-ping": _extra_ping,
    "split-message": _split_message,
    "no-extension": _none,  # the answer's Sec-WebSocket-Extensions is lost
    "refuse": _none,  # connections are refused after the first few
}
_ACCEPTED_BY_REFUSE = 5


class Relay:
    """Accepts connections and passes on heads and frames, through the fault."""

    def __init__(self, fault: str, host: str, port: int):
        self._fault, self._host, self._port = fault, host, port
        self._connections = 0

    async def accept(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """One connection, until both directions have ended."""
        self._connections += 1
        if self._fault == "refuse" and self._connections > _ACCEPTED_BY_REFUSE:
            to_client.close()
            return
        try:
            server, to_server = await asyncio.open_connection(self._host, self._port)
        except OSError:
            to_client.close()
            return
        try:
            with contextlib.suppress(OSError, EOFError):
                to_server.write(await client.readuntil(b"\r\n\r\n"))
                head = await server.readuntil(b"\r\n\r\n")
                if self._fault == "no-extension":
                    head = re.sub(rb"(?im)^sec-websocket-extensions:.*\r\n", b"", head)
                to_client.write(head)
                await asyncio.gather(self._pass(client, to_server), self._pass(server, to_client))
        finally:
            to_client.close()
            to_server.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            while True:
                for frame in FAULTS[self._fault](await _read_frame(reader)):
                    writer.write(frame.encode())
                await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()


async def _read_frame(reader: asyncio.StreamReader) -> Frame:
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2), "big")
    elif size == 127:
        size = int.from_bytes(await reader.readexactly(8), "big")
    mask = await reader.readexactly(4) if second & 0x80 else b""
    return Frame(first, mask, await reader.readexactly(size))


async def _main(fault: str, listen: str, upstream: str) -> None:
    host, port = upstream.rsplit(":", 1)
    relay = Relay(fault, host, int(port))
    host, port = listen.rsplit(":", 1)
    async with await asyncio.start_server(relay.accept, host, int(port)) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
