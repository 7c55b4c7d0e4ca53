"""What is compared of a case's result, and the table of differences."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kosoku._kosoku import CaseResult

# A case by what it observed: field → value.
Observation = dict[str, Any]


def observe(result: CaseResult) -> Observation:
    """Everything of a result that doesn't depend on time or on how TCP cut the bytes."""
    return {
        "behavior": result.behavior.value,
        "behaviorClose": result.behavior_close.value,
        "remoteCloseCode": result.remote_close_code,
        "remoteCloseReason": result.remote_close_reason,
        "localCloseCode": result.local_close_code,
        "wasClean": result.was_clean,
        "wasNotCleanReason": result.was_not_clean_reason,
        "closedByMe": result.closed_by_me,
        "failedByMe": result.failed_by_me,
        "received": _digest(result.received),
        "receivedFrames": {str(k): n for k, n in sorted(result.rx_frame_stats.items())},
        "offered": _header(result.http_request, "Sec-WebSocket-Extensions"),
        "accepted": _header(result.http_response, "Sec-WebSocket-Extensions"),
        "status": result.http_response.split("\r\n")[0] if result.http_response else None,
    }


def _digest(events: Any) -> str:
    """The kinds of the events that the case received, and a digest of their contents."""
    events = list(events or [])
    kinds = ",".join(str(event[0]) for event in events[:4]) + (",…" if len(events) > 4 else "")
    return f"{len(events)} [{kinds}] {hashlib.sha256(repr(events).encode()).hexdigest()[:8]}"


def _header(head: str, name: str) -> str | None:
    values = re.findall(rf"^{name}:[ \t]*(.*?)[ \t]*\r?$", head or "", re.IGNORECASE | re.MULTILINE)
    return ", ".join(values) if values else None


@dataclass(frozen=True)
class Difference:
    """One field of one case that is another through the proxy than directly."""

    case: str
    field: str
    direct: str
    proxied: str


def differences(
    direct: dict[str, Observation], proxied: dict[str, Observation]
) -> dict[str, list[Difference]]:
    """The cases that differ, each with its fields; a case that ran on one side only differs."""
    found: dict[str, list[Difference]] = {}
    for case in sorted(direct.keys() | proxied.keys(), key=case_order):
        if case not in direct or case not in proxied:
            ran = ("ran", "did not run") if case in direct else ("did not run", "ran")
            found[case] = [Difference(case, "execution", *ran)]
        elif direct[case] != proxied[case]:
            found[case] = [
                Difference(case, field, str(direct[case][field]), str(proxied[case][field]))
                for field in direct[case]
                if direct[case][field] != proxied[case][field]
            ]
    return found


def case_order(case: str) -> list[int]:
    """Sorts 1.2.10 after 1.2.9."""
    return [int(part) for part in case.split(".")]


def table(rows: Iterable[Difference]) -> str:
    """The differences as aligned columns, long values cut."""
    lines = [("case", "field", "direct", "proxied")]
    lines += [(r.case, r.field, _cut(r.direct), _cut(r.proxied)) for r in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    return "\n".join(
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines
    )


def _cut(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
