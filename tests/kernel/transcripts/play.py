"""Scripts and how they are played: requests of one socket, what it and a second one receive.

Knows: the steps of a script, the two sockets.
Never: which kernel plays; what is right.
"""

import contextlib
import errno
import socket
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from nlwire.fuzz.linux.masks import Entry, Transcript, is_group
from nlwire.uapi.neighbour import NUD
from nlwire.uapi.netlink import NETLINK_OPT, nlmsghdr
from nlwire.uapi.rtnetlink import AF, RTM, RTNLGRP

SOL_NETLINK = 270
ASKER, LISTENER = 1001, 1002
"""The portids of the two sockets: chosen, so that they need no mask."""
NOT_HEARD = {RTNLGRP.ND_USEROPT, RTNLGRP.MDB, *(one for one in RTNLGRP if one.name.startswith("IPV6"))}
"""IPv6 speaks when it pleases (duplicate address detection, …), and a bridge when it hears IPv6 do so."""
GROUPS = [one for one in RTNLGRP if one and one not in NOT_HEARD]
GROUPS6 = [
    *GROUPS,
    *(RTNLGRP.IPV6_IFADDR, RTNLGRP.IPV6_ROUTE, RTNLGRP.IPV6_RULE, RTNLGRP.IPV6_NETCONF),
    *(RTNLGRP.IPV6_MCADDR, RTNLGRP.IPV6_ACADDR),
]
"""What the listener of a script of IPv6 hears, which sees to it that IPv6 has nothing to say of itself."""


class Heard(NamedTuple):
    """What the listener hears: groups, and whether messages of IPv6 are among it."""

    groups: tuple[RTNLGRP, ...]
    inet6: bool = False


PLAIN, INET6, MDB = Heard(tuple(GROUPS)), Heard(tuple(GROUPS6), True), Heard((*GROUPS, RTNLGRP.MDB))
ROOM = 32768
"""What programs receive with; it decides how large the parts of a dump are."""


class Ask(NamedTuple):
    """Send these messages as one datagram and take every answer that is there, with ``size`` bytes of room for each.

    What the listener hears of a ``quiet`` one is left out: it only prepares what the script is about.
    """

    data: bytes
    size: int = ROOM
    quiet: bool = False

    def words(self) -> str:
        return f"size {self.size}" if self.size != ROOM else ""


class Option(NamedTuple):
    """Set an option of the asking socket."""

    option: int
    value: int = 1
    level: int = SOL_NETLINK

    def words(self) -> str:
        name = NETLINK_OPT(self.option).name if self.level == SOL_NETLINK else str(self.option)
        return f"{name} {self.value}"


class Wait(NamedTuple):
    """Let time pass: on a real kernel by waiting."""

    seconds: float

    def words(self) -> str:
        return f"{self.seconds:g}"


Step = Ask | Option | Wait


class Script(NamedTuple):
    """``name`` is area/name; ``about`` a sentence."""

    name: str
    about: str
    steps: tuple[Step, ...]

    @property
    def area(self) -> str:
        return self.name.partition("/")[0]

    @property
    def heard(self) -> "Heard":
        """What the listener hears."""
        if self.area == "mdb":
            return MDB
        return INET6 if self.area.endswith("6") else PLAIN


class Stage(Protocol):
    """A kernel with a fresh namespace."""

    def socket(self) -> Any: ...
    def settle(self) -> None:
        """Let what a request has set off happen: links whose carrier has changed say so later."""
        ...

    def wait(self, seconds: float) -> None: ...
    def close(self) -> None: ...


class Cast:
    """The two sockets on a stage."""

    def __init__(self, stage: Stage, heard: Heard = PLAIN) -> None:
        self.stage, self.inet6 = stage, heard.inet6
        self.asker, self.listener = stage.socket(), stage.socket()
        self.asker.bind((ASKER, 0))
        self.asker.setsockopt(SOL_NETLINK, NETLINK_OPT.EXT_ACK, 1)
        self.listener.bind((LISTENER, 0))
        self.listener.setsockopt(SOL_NETLINK, NETLINK_OPT.PKTINFO, 1)
        for group in heard.groups:
            self.listener.setsockopt(SOL_NETLINK, NETLINK_OPT.ADD_MEMBERSHIP, group)

    def close(self) -> None:
        self.asker.close()
        self.listener.close()

    def perform(self, step: Step) -> Iterator[Entry]:
        """One step and what follows from it."""
        if isinstance(step, Option):
            yield Entry("option", note=step.words())
            self.asker.setsockopt(step.level, step.option, step.value)
            return
        if isinstance(step, Wait):
            yield Entry("wait", note=step.words())
            self.stage.wait(step.seconds)
        else:
            yield from self.ask(step)
        if isinstance(step, Wait) or moves_links(step.data) or (self.inet6 and moves_addresses(step.data)):
            self.stage.settle()
        heard = self.heard()
        if not (isinstance(step, Ask) and step.quiet):
            yield from heard

    def heard(self) -> Transcript:
        """What the listener has heard since it was last asked."""
        return list(received(self.listener, ROOM, "heard", self.inet6))

    def ask(self, step: Ask) -> Iterator[Entry]:
        """Send and take the answers."""
        yield Entry("sent", step.data, step.words())
        try:
            self.asker.send(step.data)
        except OSError as failure:
            yield Entry("failed", note=errno.errorcode[failure.errno or 0])
        yield from received(self.asker, step.size, "got")


def play(script: Script, stage: Stage) -> Transcript:
    """Play a script."""
    with contextlib.closing(Cast(stage, script.heard)) as cast:
        return [entry for step in script.steps for entry in cast.perform(step)]


def when_it_pleases(data: bytes, inet6: bool = False) -> bool:
    """Whether an event is IPv6's, or of a neighbour that a packet has made: one that is a group, or that a bridge has learned.

    What packets the kernel sends of itself, and when, is no part of this.
    """
    if data[16] == AF.INET6 and not inet6:
        return True
    if data[4] & ~3 != RTM.NEWNEIGH or len(data) < 28:
        return False
    return is_group(data) or (data[16] == AF.BRIDGE and data[24] in (NUD.REACHABLE, NUD.STALE))


def moves_links(data: bytes) -> bool:
    """Whether a request may bring links up or down."""
    return len(data) >= nlmsghdr.sizeof and nlmsghdr.from_buffer_copy(data).nlmsg_type in (
        RTM.NEWLINK,
        RTM.DELLINK,
        RTM.SETLINK,
    )


def moves_addresses(data: bytes) -> bool:
    """Whether a request changes addresses, which IPv6 uses when it has found no duplicates."""
    return len(data) >= nlmsghdr.sizeof and nlmsghdr.from_buffer_copy(data).nlmsg_type in (RTM.NEWADDR, RTM.DELADDR)


def received(sock: Any, size: int, kind: str, inet6: bool = False) -> Iterator[Entry]:
    """Every datagram that is there."""
    while True:
        try:
            data, ancillary, _, (portid, mask) = sock.recvmsg(size, 64, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError as failure:
            yield Entry("failed", note=f"{kind} {errno.errorcode[failure.errno or 0]}")
            continue
        if kind == "heard" and when_it_pleases(data, inet6):
            continue
        group = mask.bit_length()
        for level, type, payload in ancillary:
            if (level, type) == (SOL_NETLINK, NETLINK_OPT.PKTINFO):
                group = struct.unpack("=I", payload)[0]
        notes = [f"group {group}"] if group else []
        yield Entry(kind, data, " ".join(notes + ([f"from {portid}"] if portid else [])))
