"""kernel/time/timer.c, kernel/workqueue.c: what is to be done later, by the machine's clock.

    timer = timer_list(check_lifetime)
    mod_timer(machine, timer, jiffies(machine) + 5 * HZ)

Nothing interrupts a mock: timers that are due run before the next call on any socket, when a test says ``run_timers(kernel)``
after it has moved the clock, and, on the ordinary clock, from a thread that sleeps until the first of them, so that
who waits for an event gets it. Work that Linux gives to another thread (schedule_work) runs when the call that gave it is
over, after its answer was sent.

Knows: jiffies, what is due.
Never: what a timer does.
"""

import heapq
import threading
import time
import weakref
from collections.abc import Callable
from itertools import count

from nlwire.kernel.net import Machine

HZ = 250
"""Jiffies in a second, as the kernels have it that transcripts are recorded on."""
USER_HZ = 100

_ticket = count()


def jiffies(machine: Machine) -> int:
    """Ticks since boot."""
    return int(machine.clock() * HZ)


def jiffies_to_clock_t(ticks: int) -> int:
    """Ticks in hundredths of a second."""
    return ticks * USER_HZ // HZ


def jiffies_to_msecs(ticks: int) -> int:
    """Ticks in milliseconds."""
    return ticks * 1000 // HZ


def msecs_to_jiffies(msecs: int) -> int:
    """Milliseconds in ticks, rounded up."""
    return (msecs * HZ + 999) // 1000


class timer_list:
    """Something to do, once, each time it is set."""

    __slots__ = ("entry", "expires", "function")

    def __init__(self, function: Callable[[], None]) -> None:
        self.function = function
        self.expires = 0
        self.entry: list[object] | None = None
        """Its place in the heap while it is pending; a place that was given up has None for a timer."""

    @property
    def pending(self) -> bool:
        """Whether it is set."""
        return self.entry is not None


def mod_timer(machine: Machine, timer: timer_list, expires: int) -> None:
    """Set a timer, or set it anew, to run at ``expires`` jiffies."""
    timer_delete(timer)
    timer.expires = expires
    timer.entry = [expires, next(_ticket), timer]
    heapq.heappush(machine.timers, timer.entry)
    if machine.clock is time.monotonic:
        wake_at(machine, expires)


def timer_delete(timer: timer_list) -> None:
    """Forget a timer that is set."""
    if timer.entry is not None:
        timer.entry[2] = None
        timer.entry = None


def schedule_work(machine: Machine, function: Callable[[], None]) -> None:
    """Do something when the call that runs is over, or, when none does, before the next."""
    machine.work.append(function)


def is_due(machine: Machine) -> bool:
    """Whether it is time for the first timer."""
    return bool(machine.timers) and machine.timers[0][0] <= machine.clock() * HZ


def run_timers(machine: Machine) -> int:
    """Run work, then what is due, in order; returns how many. The lock of the machine is taken."""
    done = 0
    if not (machine.work or is_due(machine)):
        return done
    with machine.lock:
        while machine.work:
            machine.work.popleft()()
            done += 1
        while is_due(machine):
            timer = heapq.heappop(machine.timers)[2]
            if timer is not None:
                timer.entry = None
                timer.function()
                done += 1
    return done


def wake_at(machine: Machine, expires: int) -> None:
    """Let a thread run what is due by then; it does not keep the machine, or the program, alive."""
    if machine.waker is not None and machine.waker[0] <= expires:
        return
    alive = weakref.ref(machine)
    thread = threading.Timer(max(0.0, expires / HZ - time.monotonic()), _woken, [alive])
    thread.daemon = True
    if machine.waker is not None:
        machine.waker[1].cancel()
    machine.waker = expires, thread
    thread.start()


def _woken(alive: "weakref.ref[Machine]") -> None:
    machine = alive()
    if machine is None:
        return
    with machine.lock:
        machine.waker = None
        run_timers(machine)
        while machine.timers and machine.timers[0][2] is None:
            heapq.heappop(machine.timers)
        if machine.timers and machine.waker is None:
            wake_at(machine, machine.timers[0][0])
