"""Whether programs are at rest: every thread sleeps until something happens, and nothing will.

A thread that sleeps for a time (nanosleep) goes on by itself; one that waits with a time limit for an event (poll, epoll_wait,
futex) is taken for one that waits, for whoever has a limit seldom does anything new when it is over.

Knows: /proc/<pid>/task/<tid>/status and wchan.
Never: what is waited for.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from nlwire.supervise.processes import descendants

TOLD = Path("/proc/thread-self/children")
ASLEEP = "S"
RUNNING = "R"
"""The state of a thread that computes; a program that hangs without end is never in another."""
FOR_A_TIME, IN_A_CALL = "hrtimer_nanosleep", "seccomp_"
"""The functions of the kernel in which sleeps who has asked for it, and who waits for the supervisor's answer."""


def resting(pids: Iterable[int], calls: int) -> int | None:
    """How often the threads of some processes have gone to sleep until now, when all sleep; None when one does not or none is.

    ``calls``: how many of them may be in a call that is not answered. The same number twice tells that none did anything between.
    """
    switches = None
    for pid in pids:
        try:
            for tid in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 (names are all that is wanted)
                place = f"/proc/{pid}/task/{tid}"
                state, times = asleep(place)
                where = waits_in(place)
                calls -= where.startswith(IN_A_CALL)
                if state != ASLEEP or where == FOR_A_TIME or calls < 0:
                    return None
                switches = (switches or 0) + times
        except OSError:  # it is gone
            return None
    return switches


def asleep(place: str) -> tuple[str, int]:
    """A thread's state, as one letter, and how often it has left the processor. Raises OSError."""
    state, switches = "", 0
    with open(f"{place}/status") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name == "State":
                state = value.split()[0]
            elif name.endswith("ctxt_switches"):
                switches += int(value)
    return state, switches


def waits_in(place: str) -> str:
    """The function of the kernel in which a thread sleeps, where it is told. Raises OSError."""
    with open(f"{place}/wchan") as file:
        return file.read()


def offspring(pid: int) -> list[int]:
    """The processes below one. Faster than looking at all there are, where the kernel tells (CONFIG_PROC_CHILDREN)."""
    if not TOLD.exists():
        return descendants(pid)
    found = [pid]
    for one in found:
        with suppress(OSError), open(f"/proc/{one}/task/{one}/children") as file:
            found += map(int, file.read().split())
    return found[1:]


def worked(pids: Iterable[int]) -> float:
    """Seconds of processor time that processes have had; 0 for those that are gone."""
    total = 0
    for pid in pids:
        with suppress(OSError), open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def state_of(pid: int) -> str:
    """A process's state as /proc shows it: R, S, …; empty for one that is gone."""
    try:
        return asleep(f"/proc/{pid}")[0]
    except OSError:
        return ""
