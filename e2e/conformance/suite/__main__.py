"""The command line: `python -m suite -h`."""

import argparse
import asyncio
import contextlib
import json
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import IO

from . import cases, faults, proxies
from .cases import Group
from .directions import Direction, FuzzingServer, Report, fuzzing_client
from .processes import RunError, process
from .proxies import ROOT, Upstreams, Urls
from .report import Difference, differences, table

_OUTPUT = ROOT / ".longshore" / "conformance"
_REPEATS = 30  # a case takes milliseconds, and one of its outcomes may be rare
_REPEATABLE = 20  # more differences than these are no accident
_HERE = Path(__file__).resolve().parents[1]

# From a work folder, a log and the upstreams to a running proxy before them.
Start = Callable[[Path, IO[bytes], Upstreams], AbstractAsyncContextManager[Urls]]


async def _run(start: Start, groups: list[Group], log: IO[bytes], output: Path | None) -> tuple[int, int]:
    """Runs both directions, and counts the cases that passed and that failed.

    With `output`, cases that differ are run again, shown, and both reports are written there.
    """
    passed = failed = 0
    async with _directions(start, log) as both:
        for direction in both:
            direct: Report = {}
            proxied: Report = {}
            for group in groups:
                one, other = await direction.compare(group)
                direct |= one
                proxied |= other
            if not direct:
                raise RunError(f"{direction.name}: the suite ran no case")
            found = differences(direct, proxied)
            if output:
                found = await _confirmed(direction, direct, proxied, found)
                for side, report in (("direct", direct), ("proxied", proxied)):
                    path = output / f"{direction.name}-{side}.json"
                    path.write_text(json.dumps(report, indent=1))
                if found:
                    print(f"{direction.name}: {len(found)} cases differ", flush=True)
                    print(table([row for rows in found.values() for row in rows]), flush=True)
            failed += len(found)
            passed += len(direct.keys() - found.keys())
    return passed, failed


@contextlib.asynccontextmanager
async def _directions(start: Start, log: IO[bytes]) -> AsyncIterator[list[Direction]]:
    """Starts the independent peers and the proxy; ends them all on leaving."""
    async with contextlib.AsyncExitStack() as stack:

        async def peer(role: str) -> asyncio.subprocess.Process:
            command = [sys.executable, "-m", "suite.peers", role]
            return await stack.enter_async_context(process(command, log, _HERE, pipes=True))

        server, client = await peer("server"), await peer("client")
        assert server.stdout
        upstreams = Upstreams(int(await server.stdout.readline()), *proxies.free_ports(1))
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="longshore-conformance-")))
        pieces = await stack.enter_async_context(proxies.pieces(log, upstreams))
        urls = await stack.enter_async_context(start(work, log, upstreams))
        fuzzing_server = FuzzingServer(client, upstreams.fuzzing_server)
        yield [
            Direction(
                "server-behind-proxy",
                f"127.0.0.1:{upstreams.server}",
                urls.server,
                pieces.server,
                fuzzing_client,
            ),
            Direction(
                "client-before-proxy",
                f"127.0.0.1:{upstreams.fuzzing_server}",
                urls.fuzzing_server,
                pieces.fuzzing_server,
                fuzzing_server.run,
            ),
        ]


async def _confirmed(
    direction: Direction, direct: Report, proxied: Report, found: dict[str, list[Difference]]
) -> dict[str, list[Difference]]:
    """The cases that differ, after running them again: some outcomes depend on time.

    A case is let off only when each of its outcomes through the proxy was seen without it too: directly,
    or when the same bytes came in other pieces.
    """
    if not found or len(found) > _REPEATABLE:
        return found
    group = Group("again", tuple(found))
    without, through = [direct], [proxied]

    def explained(case: str) -> bool:
        seen = [one.get(case) for one in without]
        return all(other.get(case) in seen for other in through)

    left = dict(found)
    while left and len(through) <= _REPEATS:
        for url in (direction.direct, direction.pieces):
            without.append(await direction.observe(group, url))
        through.append(await direction.observe(group, direction.proxied))
        left = {case: rows for case, rows in found.items() if not explained(case)}
    for case in found.keys() - left.keys():
        fields = ", ".join(difference.field for difference in found[case])
        print(f"  {case} differs from run to run, without the proxy too (in {len(through)} runs): {fields}")
    return left


async def _self_test(log: IO[bytes]) -> tuple[int, int]:
    """Runs a few cases through a faithful relay and through each fault; a fault that isn't noticed has failed."""
    passed = failed = 0
    for fault in faults.FAULTS:
        print(f"\nThrough a relay with the fault: {fault}")
        try:
            _, differing = await _run(partial(proxies.relay, fault), cases.SELF_TEST, log, None)
        except RunError as error:
            print(error)
            differing = 1
        as_expected = (differing == 0) == (fault == "none")
        passed, failed = passed + as_expected, failed + (not as_expected)
        print(f"{'ok' if as_expected else 'FAILED'}: {fault}, {differing} cases differ")
    return passed, failed


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="e2e/conformance/run",
        description="Runs the WebSocket conformance suite through Longshore and directly, in both directions,"
        " and compares the two reports case by case.",
    )
    parser.add_argument(
        "--all", action="store_true", help=f"also the {cases.left_out()} slow cases that are left out otherwise"
    )
    parser.add_argument("--case", action="append", metavar="PATTERN", help="only these cases, as 7.* (repeatable)")
    parser.add_argument(
        "--longshore-cmd",
        default=str(ROOT / "longshore"),
        metavar="CMD",
        help="another Longshore; it is given standalone --manifests DIR --http … --metrics … --admin …",
    )
    parser.add_argument(
        "--policies", action="store_true", help="with Pings and limits on, which look at every frame"
    )
    parser.add_argument(
        "--streams", action="store_true", help="over streams of HTTP/2 (RFC 8441) on both sides; needs Node"
    )
    parser.add_argument("--transport", metavar="NAME", help="Longshore's --transport")
    parser.add_argument(
        "--proxy-cmd", metavar="CMD", help="another proxy; {listen} and {upstream} in it become host:port"
    )
    parser.add_argument(
        "--self-test", action="store_true", help="prove that broken proxies are noticed; needs no Longshore"
    )
    parser.add_argument(
        "--time-limit", type=float, default=900, metavar="SECONDS", help="fail after (default: %(default)s)"
    )
    return parser.parse_args()


async def _main(arguments: argparse.Namespace) -> tuple[int, int]:
    task = asyncio.current_task()
    assert task
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    _OUTPUT.mkdir(parents=True, exist_ok=True)
    for stale in _OUTPUT.glob("*.json"):
        stale.unlink()
    with (_OUTPUT / "processes.log").open("wb") as log:
        async with asyncio.timeout(arguments.time_limit):
            if arguments.self_test:
                return await _self_test(log)
            if arguments.proxy_cmd:
                start = partial(proxies.command, arguments.proxy_cmd)
            else:
                more = ["--transport", arguments.transport] if arguments.transport else []
                start = partial(
                    proxies.longshore,
                    shlex.split(arguments.longshore_cmd),
                    more,
                    arguments.policies,
                    arguments.streams,
                )
            if arguments.case:
                groups = [cases.matching(pattern, arguments.all) for pattern in arguments.case]
            else:
                groups = cases.groups(arguments.all)
            return await _run(start, groups, log, _OUTPUT)


def main() -> int:
    """Exit status: 0 when every case passed, 1 when not, 130 when interrupted."""
    arguments = _arguments()
    started = time.monotonic()
    try:
        passed, failed = asyncio.run(_main(arguments))
    except (RunError, TimeoutError) as error:
        print(f"{error or 'out of time'}; what was started wrote {_OUTPUT / 'processes.log'}", file=sys.stderr)
        passed, failed = 0, 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("interrupted", file=sys.stderr)
        return 130
    print(f"{time.monotonic() - started:.0f} s; reports and logs in {_OUTPUT}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
