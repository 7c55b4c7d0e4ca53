"""Child processes that end with this one, however it ends."""

import asyncio
import contextlib
import ctypes
import os
import signal
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import IO

_STOP_SECONDS = 20  # what a polite end may take before it is forced
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class RunError(Exception):
    """What keeps the suite from running: a process that doesn't start or ends by itself, a case that doesn't exist."""


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@contextlib.asynccontextmanager
async def process(
    command: Sequence[str | Path], log: IO[bytes], cwd: Path, pipes: bool = False
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Starts a command in a session of its own; on leaving, ends it and everything it started.

    Standard error goes to `log`, standard output too unless `pipes`, when both standard input and output are pipes.
    """
    try:
        child = await asyncio.create_subprocess_exec(
            *map(str, command),
            cwd=cwd,
            stdin=asyncio.subprocess.PIPE if pipes else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE if pipes else log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_die_with_parent,
            limit=1 << 24,
        )
    except OSError as error:
        raise RunError(f"{command[0]} can't be started: {error.strerror}") from error
    try:
        yield child
    finally:
        await asyncio.shield(_stop(child))


async def _stop(child: asyncio.subprocess.Process) -> None:
    _signal_group(child, signal.SIGTERM)
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await child.wait()
    except TimeoutError:
        pass
    _signal_group(child, signal.SIGKILL)
    await child.wait()


def _signal_group(child: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)
