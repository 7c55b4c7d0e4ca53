"""The two directions: a server behind the proxy, a client before it. Each runs cases and tells what they observed."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import kosoku
from kosoku import FailureError
from kosoku._kosoku import CaseResult
from websockets.asyncio.client import connect

from .cases import Group
from .peers import AGENT, PARALLEL
from .processes import RunError
from .report import Observation, observe

# From a case's id to what it observed.
Report = dict[str, Observation]
# Runs a group of cases against a URL without scheme (`host:port/path`).
Run = Callable[[Group, str], Awaitable[list[CaseResult]]]


@dataclass(frozen=True)
class Direction:
    """One way round, with the URLs under which the same thing is reached: directly, through the proxy, and in pieces."""

    name: str
    direct: str
    proxied: str
    pieces: str
    run: Run

    async def compare(self, group: Group) -> tuple[Report, Report]:
        """Runs a group directly, then through the proxy, and says how long each took."""
        started = time.monotonic()
        direct = await self.observe(group, self.direct)
        half_time = time.monotonic()
        proxied = await self.observe(group, self.proxied)
        print(
            f"{self.name:<19} {group.name:<9} {len(direct):>3} cases direct in {half_time - started:.1f} s,"
            f" {len(proxied):>3} through the proxy in {time.monotonic() - half_time:.1f} s",
            flush=True,
        )
        return direct, proxied

    async def observe(self, group: Group, url: str) -> Report:
        """Runs a group under one of the URLs."""
        return {result.case_id: observe(result) for result in await self.run(group, url)}


async def fuzzing_client(group: Group, url: str) -> list[CaseResult]:
    """The suite as a client of the independent server."""
    return await _results(
        kosoku.run_fuzzingclient(f"ws://{url}", group.include, group.exclude, concurrency=PARALLEL)
    )


@dataclass(frozen=True)
class FuzzingServer:
    """The suite as the server of an independent client; it listens on `port` while a group runs."""

    client: asyncio.subprocess.Process
    port: int

    async def run(self, group: Group, url: str) -> list[CaseResult]:
        """Lets the client drive the group's cases under `url`, which leads to `port`."""
        own = f"ws://127.0.0.1:{self.port}"
        async with kosoku.run_fuzzingserver(group.include, group.exclude, port=self.port) as server:
            async with connect(f"{own}/getCaseCount", proxy=None) as connection:
                count = int(await connection.recv())
            job = {"url": f"ws://{url}", "cases": list(range(1, count + 1))}
            assert self.client.stdin and self.client.stdout
            self.client.stdin.write(json.dumps(job).encode() + b"\n")
            line = await self.client.stdout.readline()
            if not line:
                raise RunError("the client ended by itself")
            answer = json.loads(line)
            for failure in answer["failures"][:3]:
                print(f"  the client: {failure}", flush=True)
            # Ends the suite's run, so it is the harness's to say, and not to be lost in a proxy.
            async with connect(f"{own}/updateReports?agent={AGENT}", proxy=None) as connection:
                await connection.wait_closed()
            return await _results(server.get_result())


async def _results(run: Awaitable[list[CaseResult]]) -> list[CaseResult]:
    """All results; cases that fail are no error here, for a report is compared with the other, not judged."""
    try:
        return await run
    except FailureError as failure:
        return failure.results
    except ValueError as error:  # a case that doesn't exist
        raise RunError(str(error)) from error
