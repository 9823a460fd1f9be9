"""What goes wrong, on order: what Linux does at bad times, and what happens to messages on their way. Nothing is left to chance.

    kernel.faults.fail(ENOMEM, "no memory", where=lambda one: one.type == RTM.NEWROUTE)     the next such request
    kernel.faults.interrupt()                                                               the next dump
    kernel.faults.overrun()                                                                 every listener, now
    kernel.faults.drop(where=lambda one: one.group == RTNLGRP.LINK)                         one event, to one socket
    with kernel.faults.held() as queue: ...; queue.step()                                   one message after the other

An order counts the messages that ``where`` picks, all by default, and is forgotten when it has had its ``count``. A message to
many sockets is many messages. Orders are asked in the order in which they were given, and the first that picks acts.

Knows: who gets a message, its header.
Never: what is asked for, and what answered.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from struct import unpack_from
from typing import Any, NamedTuple

from nlwire.kernel.af_netlink.sock import netlink_callback, netlink_overrun, netlink_skb, netlink_sock, queue_skb
from nlwire.kernel.net import Machine
from nlwire.kernel.timer import HZ, jiffies, mod_timer, timer_list
from nlwire.uapi.netlink import nlmsghdr
from nlwire.wire import netlink_ext_ack
from nlwire.wire.nlmsg import place_of


class Passing(NamedTuple):
    """A message on its way: a request of ``sk``, or an answer or an event to it. ``group`` is 0 but for events."""

    sk: netlink_sock
    data: bytes
    type: int
    group: int = 0

    @property
    def portid(self) -> int:
        """The program's socket."""
        return self.sk.portid


Where = Callable[[Passing], bool]
Act = Callable[[netlink_sock, netlink_skb], None]


@dataclass
class order:
    """Something to do to the next ``left`` messages that ``where`` picks."""

    act: Any
    left: int
    where: Where | None

    def takes(self, one: Passing) -> bool:
        """Whether it is this order's turn; then one less is left."""
        if not self.left or (self.where is not None and not self.where(one)):
            return False
        self.left -= 1
        return True


class Held:
    """Messages that wait to be handed over, in the order of their sending."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[netlink_sock, netlink_skb]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Passing]:
        return (passing(sk, skb) for sk, skb in self._waiting)

    def add(self, sk: netlink_sock, skb: netlink_skb) -> None:
        """One more."""
        self._waiting.append((sk, skb))

    def step(self, count: int = 1) -> list[Passing]:
        """Hand over the next; what was handed over."""
        done = []
        while count > 0 and self._waiting:
            sk, skb = self._waiting.popleft()
            with sk.machine.lock:
                queue_skb(sk, skb)
            done.append(passing(sk, skb))
            count -= 1
        return done


class Faults:
    """What is to go wrong in a kernel. ``counts``: what did."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.counts: Counter[str] = Counter()
        self._requests: list[order] = []
        self._messages: list[order] = []
        self._dumps = 0

    # --- orders ------------------------------------------------------------------------------------------------------

    def fail(self, errno: int, message: str | None = None, *, count: int = 1, where: Where | None = None) -> None:
        """Requests are refused before they are looked at, with an errno and the words of an extended acknowledgement."""
        self._give(self._requests, (errno, message), count, where)

    def interrupt(self, dumps: int = 1) -> None:
        """The next dumps end with NLM_F_DUMP_INTR, as when something changed meanwhile."""
        self._dumps += dumps
        self.machine.tamper = self

    def overrun(self, where: Where | None = None) -> None:
        """Sockets that are members of a group lose a message, now: their next call fails with ENOBUFS."""
        with self.machine.lock:
            for table in self.machine.nl_table:
                for sk in list(table.mc_list):
                    if not sk.is_kernel and (where is None or where(Passing(sk, b"", 0))):
                        netlink_overrun(sk)
                        self.counts["overrun"] += 1

    def drop(self, count: int = 1, where: Where | None = None) -> None:
        """Messages never arrive, and nobody is told."""
        self._give(self._messages, self._drop, count, where)

    def delay(self, seconds: float, count: int = 1, where: Where | None = None) -> None:
        """Messages arrive later, by the kernel's clock."""
        self._give(self._messages, lambda sk, skb: self._delay(sk, skb, seconds), count, where)

    def duplicate(self, count: int = 1, where: Where | None = None) -> None:
        """Messages arrive twice."""
        self._give(self._messages, self._duplicate, count, where)

    @contextmanager
    def held(self, where: Where | None = None) -> Iterator[Held]:
        """Messages wait until they are told to ``step()``; the rest are handed over in the end."""
        waiting = Held()
        hold = order(waiting.add, -1, where)
        with self.machine.lock:
            self._messages.append(hold)
            self.machine.tamper = self
        try:
            yield waiting
        finally:
            with self.machine.lock:
                self._messages.remove(hold)
                waiting.step(len(waiting))

    def clear(self) -> None:
        """Take back all orders."""
        with self.machine.lock:
            self._requests.clear()
            self._messages.clear()
            self._dumps = 0
            self.machine.tamper = None

    def _give(self, orders: list[order], act: Any, count: int, where: Where | None) -> None:
        with self.machine.lock:
            orders.append(order(act, count, where))
            self.machine.tamper = self

    # --- how they are obeyed: af_netlink asks, under the machine's lock ------------------------------------------------

    def refuses(self, skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
        """A request is about to be handled: 0, or the negative errno to answer."""
        if not self._requests:
            return 0
        sk = skb.netlink_cb.sk
        assert sk is not None
        at = place_of(nlh)[1]
        one = Passing(sk, bytes(skb.head[at : at + nlh.nlmsg_len]), nlh.nlmsg_type)
        for given in self._requests:
            if given.takes(one):
                self._forget(self._requests, given)
                self.counts["failed"] += 1
                errno, extack.message = given.act
                return -int(errno)
        return 0

    def takes(self, sk: netlink_sock, skb: netlink_skb) -> bool:
        """A message is about to be queued; whether that has been seen to."""
        if not self._messages:
            return False
        one = passing(sk, skb)
        for given in self._messages:
            if given.takes(one):
                self._forget(self._messages, given)
                given.act(sk, skb)
                return True
        return False

    def interrupts(self, cb: netlink_callback) -> None:
        """A dump is about to end."""
        if self._dumps:
            self._dumps -= 1
            self.counts["interrupted"] += 1
            cb.prev_seq, cb.seq = 1, 2

    def _forget(self, orders: list[order], given: order) -> None:
        if not given.left:
            orders.remove(given)
            if not self._requests and not self._messages and not self._dumps:
                self.machine.tamper = None

    def _drop(self, sk: netlink_sock, skb: netlink_skb) -> None:
        self.counts["dropped"] += 1
        sk.sk_rmem_alloc -= skb.truesize

    def _delay(self, sk: netlink_sock, skb: netlink_skb, seconds: float) -> None:
        self.counts["delayed"] += 1
        timer = timer_list(lambda: queue_skb(sk, skb))
        mod_timer(self.machine, timer, jiffies(self.machine) + round(seconds * HZ))

    def _duplicate(self, sk: netlink_sock, skb: netlink_skb) -> None:
        self.counts["duplicated"] += 1
        queue_skb(sk, skb)
        sk.sk_rmem_alloc += skb.truesize
        queue_skb(sk, skb)


def passing(sk: netlink_sock, skb: netlink_skb) -> Passing:
    """A message on its way to a socket."""
    data = bytes(skb)
    return Passing(sk, data, unpack_from("=H", data, 4)[0] if len(data) >= 6 else 0, skb.netlink_cb.dst_group)
