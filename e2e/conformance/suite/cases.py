"""Which of the suite's cases run, and in which groups."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

# 12.* and 13.*, compression: twelve sets of extension parameters times eighteen message sizes, a thousand messages each.
_PARAMETERS = [f"12.{n}" for n in range(1, 6)] + [f"13.{n}" for n in range(1, 8)]
_LARGE = (8, 9, 10, 13, 14, 15, 16, 17, 18)  # 32 KiB and more, in one frame or in fragments
_SMALL = (1, 2, 3, 4, 5, 6, 7, 11, 12)
# Where each of the large sizes runs in any case: other parameters each, and data that compress fast.
_LARGE_UNDER = ("12.1", "12.4", "13.1", "13.2", "13.3", "13.4", "13.5", "13.6", "13.7")


@dataclass(frozen=True)
class Group:
    """Cases that run together; `include` and `exclude` are the suite's ids and globs."""

    name: str
    include: tuple[str, ...]
    exclude: tuple[str, ...] = ()


def groups(every_size: bool) -> list[Group]:
    """All cases, but of the compressed messages not every size under every set of parameters.

    Each large size runs under one set, each small one under every other. `every_size` runs all.
    """
    small = [Group(f"{n}.*", (f"{n}.*",)) for n in (1, 2, 3, 4, 5, 6, 7, 9, 10)]
    return small + [matching(f"{p}.*", every_size) for p in _PARAMETERS]


def matching(pattern: str, every_size: bool) -> Group:
    """The cases of a pattern; without `every_size` those that are left out only if it names one."""
    slow = [] if every_size else sorted(_left_out() - {pattern})
    return Group(pattern, (pattern,), tuple(case for case in slow if fnmatchcase(case, pattern)))


def left_out() -> int:
    """How many cases `groups(False)` leaves out."""
    return len(_left_out())


def _left_out() -> set[str]:
    large = {f"{p}.{size}" for p in _PARAMETERS for size in _LARGE}
    chosen = {f"{p}.{size}" for p, size in zip(_LARGE_UNDER, _LARGE, strict=True)}
    every_other = {f"{p}.{size}" for n, p in enumerate(_PARAMETERS) for size in _SMALL if (n + size) % 2}
    return (large - chosen) | every_other


# Enough to notice every fault of faults.py: plain and fragmented echoes, pings, closing, compression.
SELF_TEST = [
    Group(
        "self-test",
        ("1.1.1", "1.1.6", "1.2.8", "2.6", "5.3", "7.1.1", "7.3.3", "7.7.3", "12.1.1"),
    )
]
