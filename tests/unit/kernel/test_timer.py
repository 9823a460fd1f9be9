"""Timers of the mock kernel: in order, by the machine's clock, and in time for who waits."""

import time
from functools import partial

import pytest

from nlwire.kernel import Kernel
from nlwire.kernel.sysctl import proc_sys_read, proc_sys_write, register_net_sysctl
from nlwire.kernel.timer import HZ, jiffies, mod_timer, run_timers, timer_delete, timer_list
from nlwire.uapi.netlink import NETLINK


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_timers_run_in_order_when_the_clock_says_so() -> None:
    clock = Clock()
    kernel = Kernel(clock)
    said: list[str] = []
    for delay, word in (2, "late"), (1, "early"), (1, "then"):
        mod_timer(kernel, timer_list(partial(said.append, word)), jiffies(kernel) + delay * HZ)
    assert run_timers(kernel) == 0
    clock.now += 1
    assert run_timers(kernel) == 2
    assert said == ["early", "then"]
    clock.now += 1
    assert run_timers(kernel) == 1
    assert said[-1] == "late"


def test_a_timer_runs_once_at_the_time_it_was_set_to_last() -> None:
    clock = Clock()
    kernel = Kernel(clock)
    said: list[int] = []
    timer = timer_list(lambda: said.append(1))
    mod_timer(kernel, timer, jiffies(kernel) + HZ)
    mod_timer(kernel, timer, jiffies(kernel) + 3 * HZ)
    clock.now += 2
    run_timers(kernel)
    assert not said
    assert timer.pending
    clock.now += 1
    run_timers(kernel)
    assert said == [1]
    assert not timer.pending


def test_a_deleted_timer_never_runs() -> None:
    clock = Clock()
    kernel = Kernel(clock)
    timer = timer_list(lambda: pytest.fail("it was deleted"))
    mod_timer(kernel, timer, jiffies(kernel) + HZ)
    timer_delete(timer)
    clock.now += 5
    assert run_timers(kernel) == 0


def test_what_is_due_runs_before_a_call_on_a_socket() -> None:
    clock = Clock()
    kernel = Kernel(clock)
    said: list[int] = []
    mod_timer(kernel, timer_list(lambda: said.append(1)), jiffies(kernel) + HZ)
    with kernel.socket(NETLINK.ROUTE) as sock:
        assert sock.poll() == 4
        assert not said
        clock.now += 1
        sock.poll()
    assert said == [1]


def test_on_the_ordinary_clock_a_thread_runs_them() -> None:
    kernel = Kernel()
    said: list[float] = []
    mod_timer(kernel, timer_list(lambda: said.append(time.monotonic())), jiffies(kernel) + HZ // 10)
    mod_timer(kernel, timer_list(lambda: said.append(time.monotonic())), jiffies(kernel) + HZ // 20)
    until = time.monotonic() + 20
    while len(said) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    assert len(said) == 2
    assert kernel.waker is None


def test_a_setting_is_served_by_the_nearest_directory() -> None:
    kernel = Kernel()
    kept: dict[str, int | str] = {"a/b": 1}

    def serve(home: object, rest: list[str], value: int | str | None) -> int | str | None:
        if value is not None:
            kept["/".join(rest)] = value
        return kept["/".join(rest)]

    register_net_sysctl(kernel, "net/test", serve)
    assert proc_sys_read(kernel.init_net, "net/test/a/b") == 1
    proc_sys_write(kernel.init_net, "net/test/c", 2)
    assert kept["c"] == 2
    with pytest.raises(FileNotFoundError):
        proc_sys_read(kernel.init_net, "net/other")
