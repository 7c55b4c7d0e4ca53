"""What the suite is run through: Longshore, or any other proxy."""

import asyncio
import contextlib
import random
import shlex
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .processes import RunError, process

_LONGSHORE_READY = 600  # seconds; the launcher builds what is missing on first use
_LISTENING = 20  # seconds
ROOT = Path(__file__).resolve().parents[3]
_HERE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Upstreams:
    """Ports on 127.0.0.1 of the independent server and of the suite's fuzzing server."""

    server: int
    fuzzing_server: int


@dataclass(frozen=True)
class Urls:
    """Where the same two are reached through the proxy, `host:port` with an optional path."""

    server: str
    fuzzing_server: str


@contextlib.asynccontextmanager
async def longshore(
    command: Sequence[str],
    more: Sequence[str],
    policies: bool,
    streams: bool,
    work: Path,
    log: IO[bytes],
    upstreams: Upstreams,
) -> AsyncIterator[Urls]:
    """Longshore as its users start it, with one route; with policies that look at every frame, or none.

    With `streams` it meets nothing but streams of HTTP/2 (RFC 8441), on both sides.
    """
    async with contextlib.AsyncExitStack() as stack:
        protocol = ""
        if streams:
            protocol = ", protocol: h2c"
            upstreams = Upstreams(
                *[
                    await stack.enter_async_context(_streams("server", log, port))
                    for port in (upstreams.server, upstreams.fuzzing_server)
                ]
            )
        http = await stack.enter_async_context(_standalone(command, more, policies, protocol, work, log, upstreams))
        before = await stack.enter_async_context(_streams("client", log, http)) if streams else http
        yield Urls(f"127.0.0.1:{before}/server", f"127.0.0.1:{before}")


@contextlib.asynccontextmanager
async def _standalone(
    command: Sequence[str],
    more: Sequence[str],
    policies: bool,
    protocol: str,
    work: Path,
    log: IO[bytes],
    upstreams: Upstreams,
) -> AsyncIterator[int]:
    """Longshore, ready; the port that it serves."""
    manifests = work / "manifests"
    manifests.mkdir()
    policy = _POLICY if policies else ""
    (manifests / "route.yaml").write_text(_ROUTE.format(policy=policy, protocol=protocol, **vars(upstreams)))
    http, metrics, admin = free_ports(3)
    arguments = ["standalone", "--manifests", manifests]
    for flag, port in (("--http", http), ("--metrics", metrics), ("--admin", admin)):
        arguments += [flag, f"127.0.0.1:{port}"]
    async with process([*command, *arguments, *more], log, work) as child:
        print("Waiting for Longshore …", file=sys.stderr)
        await _until(lambda: _ready(metrics), child, _LONGSHORE_READY)
        yield http
        _still_runs(child)


@contextlib.asynccontextmanager
async def _streams(role: str, log: IO[bytes], to: int) -> AsyncIterator[int]:
    """The bridge of streams.mjs; the port that it listens on."""
    (port,) = free_ports(1)
    command = ["node", _HERE / "streams.mjs", role, f"127.0.0.1:{port}", f"127.0.0.1:{to}"]
    async with process(command, log, _HERE) as child:
        await _until(lambda: _listens(port), child, _LISTENING)
        yield port
        _still_runs(child)


_ROUTE = """\
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {{name: longshore}}
spec: {{controller: longshore.dev/ingress-controller}}
---
apiVersion: longshore.dev/v1alpha1
kind: LongshoreConfig
metadata: {{name: longshore}}
spec: {{http2: {{http: Enabled}}}}
---
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {{name: conformance, namespace: conformance}}
spec:
  ingressClassName: longshore
{policy}  upstreams:
  - {{name: server, endpoints: [{{address: 127.0.0.1, port: {server}}}]{protocol}}}
  - {{name: fuzzing-server, endpoints: [{{address: 127.0.0.1, port: {fuzzing_server}}}]{protocol}}}
  locations:
  - {{path: /server, pathType: Prefix, upstream: server}}
  - {{path: /, pathType: Prefix, upstream: fuzzing-server}}
"""

# What looks at frames, with bounds that no case reaches. No case is silent for as long as a Ping takes:
# one more frame would be a difference.
_POLICY = """\
  policy:
    keepalive: {ping: 30s, timeout: 10s, towards: Both}
    limits: {connections: 1000, connectionsPerClient: 1000, messageBytes: 64Mi, messagesPerSecond: 1000000}
"""


@contextlib.asynccontextmanager
async def command(
    template: str, work: Path, log: IO[bytes], upstreams: Upstreams
) -> AsyncIterator[Urls]:
    """Any proxy with one upstream, started twice; `{listen}` and `{upstream}` become `host:port`."""
    async with contextlib.AsyncExitStack() as stack:
        urls: list[str] = []
        children: list[asyncio.subprocess.Process] = []
        for upstream, port in zip((upstreams.server, upstreams.fuzzing_server), free_ports(2)):
            replaced = [
                word.replace("{listen}", f"127.0.0.1:{port}").replace("{upstream}", f"127.0.0.1:{upstream}")
                for word in shlex.split(template)
            ]
            child = await stack.enter_async_context(process(replaced, log, work))
            await _until(lambda port=port: _listens(port), child, _LISTENING)
            urls.append(f"127.0.0.1:{port}")
            children.append(child)
        yield Urls(*urls)
        for child in children:
            _still_runs(child)


@contextlib.asynccontextmanager
async def relay(fault: str, work: Path, log: IO[bytes], upstreams: Upstreams) -> AsyncIterator[Urls]:
    """The relay of faults.py."""
    template = shlex.join([sys.executable, "-m", "suite.faults", fault, "{listen}", "{upstream}"])
    async with command(template, _HERE, log, upstreams) as urls:
        yield urls


@contextlib.asynccontextmanager
async def pieces(log: IO[bytes], upstreams: Upstreams) -> AsyncIterator[Urls]:
    """The relay of pieces.py."""
    template = shlex.join([sys.executable, "-m", "suite.pieces", "{listen}", "{upstream}"])
    async with command(template, _HERE, log, upstreams) as urls:
        yield urls


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on now, and that the system gives no outgoing connection."""
    ports: list[int] = []
    while len(ports) < count:
        port = random.randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            ports.append(port)
    return ports


def _still_runs(child: asyncio.subprocess.Process) -> None:
    if child.returncode is not None:
        raise RunError(f"the proxy ended by itself with status {child.returncode}")


async def _until(condition, child: asyncio.subprocess.Process, seconds: float) -> None:
    """Waits for a condition, asked ten times a second in a thread."""
    try:
        async with asyncio.timeout(seconds):
            while not await asyncio.to_thread(condition):
                if child.returncode is not None:
                    raise RunError(f"the proxy ended with status {child.returncode} before it was ready")
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise RunError(f"the proxy was not ready within {seconds} s") from None


def _ready(port: int) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            f"http://127.0.0.1:{port}/readyz", timeout=5
        ) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False
