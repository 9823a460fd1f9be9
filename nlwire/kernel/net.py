"""struct net (include/net/net_namespace.h, net/core/net_namespace.c) and what Linux keeps in global variables.

There are no globals here: a ``Machine`` holds what is one per kernel, a ``net`` what is one per network namespace, so that two
kernels in one process share nothing.

Knows: namespaces and the ids they have for each other, subsystems that want to know of new ones, tasks and capabilities, the clock.
Never: sockets, messages.

Deviation: there is one user namespace. A capability held is held towards every network namespace.
"""

import os
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from nlwire.kernel.netns import netns_ipv4, netns_ipv6
from nlwire.schema.enums import UapiEnum

NETNSA_NSID_NOT_ASSIGNED = -1


class CAP(UapiEnum):
    """Capabilities that netlink asks for (include/uapi/linux/capability.h)."""

    NET_BROADCAST = 11
    NET_ADMIN = 12
    SYS_ADMIN = 21


CAP_FULL_SET = frozenset(int(one) for one in CAP)


@dataclass(frozen=True)
class task:
    """Who makes a call: struct task_struct and its struct cred, as much as netlink looks at."""

    tgid: int = field(default_factory=os.getpid)
    uid: int = 0
    gid: int = 0
    caps: frozenset[int] = CAP_FULL_SET


def error(errno: int) -> OSError:
    """What a system call that returns ``-errno`` raises."""
    return OSError(errno, os.strerror(errno))


class Machine:
    """Linux's global variables, and its one lock: requests run one at a time, as under the rtnl mutex.

    ``clock`` gives seconds, ``rng`` random numbers; both may be a test's own.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, rng: random.Random | None = None) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.rng = rng or random.Random()
        self.num_possible_cpus = 2
        """Processors: pairs of veth have that many queues."""
        self.skb_small_head = 576
        """Bytes of the slab of small heads, skbuff_small_head: 704 in a kernel built for wireless and tunnels, as
        distributions' are (MAX_TCP_HEADER), 576 in a lean one. It says how many notifications fit into a socket."""
        self.nl_table: list[Any] = []
        """struct netlink_table by protocol (af_netlink/table.py)."""
        self.subsystems: dict[str, Any] = {}
        """Tables that belong to the machine, by the name Linux gives the variable (rtnl_msg_handlers, …)."""
        self.timers: list[list[Any]] = []
        """What is to be done later, a heap of [jiffies, ticket, timer_list] (timer.py)."""
        self.work: deque[Callable[[], None]] = deque()
        """What is to be done as soon as the call that runs is over (schedule_work())."""
        self.event_log: Any = None
        """Who keeps what the groups are told (front/events.py)."""
        self.tamper: Any = None
        """Who lets things go wrong, while there is an order to (front/faults.py)."""
        self.waker: tuple[int, threading.Timer] | None = None
        """The thread that sleeps until the first of them."""
        self.netdev: Any = None
        """net/core/dev.c's variables (core/netdev_chain.py)."""
        self.pernet_list: list[Callable[[net], None]] = []
        self.pernet_devices: list[Callable[[net], None]] = []
        self.net_namespace_list: list[net] = []
        self.ns_fds: dict[int, net] = {}
        """What descriptors of namespaces stand for: for requests that name a namespace so (core/net_namespace.py)."""
        self.ns_pids: dict[int, net] = {}
        """Which namespace a process is in."""
        self._running = threading.local()
        self._init = task()
        self.init_net = copy_net_ns(self)

    @property
    def current(self) -> task:
        """Who runs in this thread."""
        found: task = getattr(self._running, "task", self._init)
        return found

    @contextmanager
    def run_as(self, who: task) -> Iterator[None]:
        """Let this thread's calls be those of another task."""
        before = self.current
        self._running.task = who
        try:
            yield
        finally:
            self._running.task = before

    def become(self, who: task) -> None:
        """Let this thread's calls be those of another task from now on."""
        self._running.task = who

    def capable(self, cap: int) -> bool:
        """ns_capable(): whether the running task has the capability."""
        return cap in self.current.caps


class net:
    """A network namespace."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.netns_ids: dict[net, int] = {}
        """What this namespace calls others (ip netns set)."""
        self.rtnl: Any = None
        """The kernel's NETLINK_ROUTE socket."""
        self.genl_sock: Any = None
        self.dev_base_head: list[Any] = []
        """Its net_devices, in the order of their coming."""
        self.dev_by_index: dict[int, Any] = {}
        self.dev_by_name: dict[str, Any] = {}
        """By name, alternative names among them."""
        self.ifindex = 1
        """Where the search for a free ifindex begins."""
        self.dev_base_seq = 1
        """The generation of the list of devices."""
        self.loopback_dev: Any = None
        self.ipv4 = netns_ipv4()
        self.ipv6 = netns_ipv6()
        self.generic: dict[str, Any] = {}
        """What subsystems keep per namespace (net_generic())."""


def copy_net_ns(machine: Machine) -> net:
    """A new namespace; every subsystem sets itself up in it (setup_net())."""
    with machine.lock:
        one = net(machine)
        machine.net_namespace_list.append(one)
        for init in (*machine.pernet_list, *machine.pernet_devices):
            init(one)
        return one


def register_pernet_subsys(machine: Machine, init: Callable[[net], None]) -> None:
    """Call ``init`` for every namespace there is and every one to come."""
    _register_pernet(machine, machine.pernet_list, init)


def register_pernet_device(machine: Machine, init: Callable[[net], None]) -> None:
    """The same for what makes devices: in a new namespace their turn comes when every subsystem is ready."""
    _register_pernet(machine, machine.pernet_devices, init)


def _register_pernet(machine: Machine, inits: list[Callable[[net], None]], init: Callable[[net], None]) -> None:
    with machine.lock:
        inits.append(init)
        for one in machine.net_namespace_list:
            init(one)


def peernet2id(own: net, peer: net) -> int:
    """What ``own`` calls ``peer``."""
    return own.netns_ids.get(peer, NETNSA_NSID_NOT_ASSIGNED)


def peernet_has_id(own: net, peer: net) -> bool:
    """Whether ``own`` has a name for ``peer``."""
    return peer in own.netns_ids


def alloc_netid(own: net, peer: net, nsid: int = NETNSA_NSID_NOT_ASSIGNED) -> int:
    """Give ``peer`` a name in ``own``: the one asked for, or the lowest that is free."""
    taken = set(own.netns_ids.values())
    if nsid < 0:
        nsid = next(number for number in range(len(taken) + 1) if number not in taken)
    own.netns_ids[peer] = nsid
    return nsid
