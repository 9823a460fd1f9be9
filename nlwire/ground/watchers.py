"""Observers for people: every datagram as it passes (``--trace``), what a run was about in the end (``--report``).

Knows: how to show datagrams; NLMSG_ERROR.
Never: changes anything.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from errno import EAFNOSUPPORT, EAGAIN, ENOPROTOOPT, ENOTTY, EOPNOTSUPP, EPROTONOSUPPORT
from struct import Struct
from typing import Any

from nlwire.capture.match import heads
from nlwire.endpoint.base import Datagram
from nlwire.endpoint.trace import Traced
from nlwire.errors import os_error_name
from nlwire.ground.tap import Where
from nlwire.supervise.base import Address, Port, Received
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK, NLMSG
from nlwire.uapi.rtnetlink import RTM

ERROR = Struct("=i")


def protocol_name(number: int) -> str:
    """NETLINK_ROUTE, or the number."""
    return str(NETLINK(number)) if number in NETLINK._value2member_map_ else f"netlink protocol {number}"


NOT_THERE = (EAFNOSUPPORT, ENOPROTOOPT, ENOTTY, EOPNOTSUPP, EPROTONOSUPPORT)
"""What a kernel says where there is no such protocol, option or request; any other errno is its answer to one that is there."""


class Tracer:
    """Tells ``say`` of every datagram, byte by byte, and of every other call in a line."""

    def __init__(self, say: Callable[[str], Any]) -> None:
        self._say = say

    def _tell(self, where: Where, text: str) -> None:
        self._say(f"[{where.pid}, socket {where.number}] {text}\n")

    def sent(self, where: Where, port: Port, data: bytes, address: Address | None, errno: int) -> None:
        """A datagram out."""
        self._tell(where, str(Traced(">", data, address or (0, 0), protocol=where.protocol)))
        if errno:
            self._tell(where, f"! {os_error_name(errno)}")

    def received(self, where: Where, port: Port, found: Received) -> None:
        """A datagram in."""
        group = Datagram(b"", found.ancillary, 0, found.address).group
        self._tell(where, str(Traced("<", found.data, found.address, group, protocol=where.protocol)))

    def called(self, where: Where, port: Port | None, call: str, details: dict[str, Any], errno: int) -> None:
        """Another call."""
        said = ", ".join(f"{name} {value}" for name, value in details.items() if value is not None)
        result = f" = {os_error_name(errno)}" if errno else ""
        self._tell(where, f"{call}({said}){result}" if said else f"{call}{result}")

    def idle(self) -> None:
        """Nothing to do."""


class Reporter:
    """Counts what was asked, and names what was refused because it is not there."""

    def __init__(self) -> None:
        self.sockets: Counter[int] = Counter()
        self.requests: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self._asked: dict[tuple[int, int], str] = {}

    def sent(self, where: Where, port: Port, data: bytes, address: Address | None, errno: int) -> None:
        """What is asked."""
        for kind, _flags, seq, _pid in heads(data):
            name = type_name(where.protocol, kind)
            self.requests[name] += 1
            self._asked[where.number, seq] = name
        if errno:
            self.errors[os_error_name(errno)] += 1

    def received(self, where: Where, port: Port, found: Received) -> None:
        """What is refused: an NLMSG_ERROR with an errno."""
        for kind, _flags, seq, _pid in heads(found.data[:64]):
            errno = -ERROR.unpack_from(found.data, 16)[0] if kind == NLMSG.ERROR and len(found.data) >= 20 else 0
            if errno:
                self.errors[os_error_name(errno)] += 1
                if errno == EOPNOTSUPP:
                    self.unknown[self._asked.get((where.number, seq), "?")] += 1

    def called(self, where: Where, port: Port | None, call: str, details: dict[str, Any], errno: int) -> None:
        """Sockets, and options that are not there."""
        if call == "socket":
            self.sockets[where.protocol] += 1
        if errno in NOT_THERE:
            what = f"{call} {details.get('option', details.get('request', ''))}".strip()
            self.unknown[f"{what} ({protocol_name(where.protocol)})"] += 1
        elif errno and errno != EAGAIN:
            self.errors[os_error_name(errno)] += 1

    def idle(self) -> None:
        """Nothing to do."""

    def lines(self) -> Iterator[str]:
        """The report."""
        sockets = ", ".join(f"{count} {protocol_name(one)}" for one, count in self.sockets.items()) or "none"
        yield f"sockets: {sockets}"
        yield "requests: " + (", ".join(f"{count} {name}" for name, count in self.requests.most_common()) or "none")
        if self.errors:
            yield "errors: " + ", ".join(f"{count} {name}" for name, count in self.errors.most_common())
        for name, count in self.unknown.most_common():
            yield f"not here: {name}, {count} time{'s' if count > 1 else ''}"


def type_name(protocol: int, kind: int) -> str:
    """A message type's name."""
    if protocol == NETLINK.ROUTE and kind in RTM._value2member_map_:
        return str(RTM(kind))
    found = FAMILIES.find(protocol, kind)
    return f"type {kind} of {protocol_name(protocol)}" if found.family.name == "unknown" else found.name
