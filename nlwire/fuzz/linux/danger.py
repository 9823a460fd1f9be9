"""What is never sent to a real kernel: a table of names and reasons, and the look at the bytes that enforces it.

    reason(datagram) -> "encap: …" or None          the sender's last question before it sends

A place where an attribute *could* begin is enough: whatever the nesting says, the kernel reads attributes at multiples of four
from the start of a datagram only, so every such place is looked at, with nla_ok()'s conditions and without the flag bits of
nla_type. Much that is harmless is held back with the harmful; nothing harmful is known to get through.

Knows: how netlink_rcv_skb() walks a datagram, where attributes can stand.
Never: declarations (a mistake there must not open a door); what is worth sending.
"""

import re
import sys
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple

from nlwire.schema.attrs import NLA_HDRLEN, NLA_TYPE_MASK
from nlwire.uapi.if_link import IFLA
from nlwire.uapi.neighbour import NTF
from nlwire.uapi.netlink import NETLINK, NLMSG
from nlwire.uapi.nexthop import NHA
from nlwire.uapi.rtnetlink import AF, RTA, RTM

NLMSG_HDRLEN = 16
WIDTH = 4
"""NLA_ALIGNTO, NLMSG_ALIGNTO: nothing begins anywhere else."""
NAME = re.compile(rb"[!-~]{2,}")


class Place(NamedTuple):
    """Where an attribute could begin: nla_type without flags, its payload's first byte and its end."""

    type: int
    start: int
    stop: int


class Walked:
    """A datagram as the kernel may read it."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def messages(self) -> list[tuple[int, int, int]]:
        """(nlmsg_type, first byte, end): netlink_rcv_skb()'s walk, and the message at which it stops for good measure."""
        return list(self._walk())

    def _walk(self) -> Iterator[tuple[int, int, int]]:
        at = 0
        while len(self.data) - at >= NLMSG_HDRLEN:
            size = self.number(at, 4)
            yield self.number(at + 4, 2), at, at + size
            if size < NLMSG_HDRLEN or size > len(self.data) - at:
                return
            at += size + -size % WIDTH

    @cached_property
    def types(self) -> set[int]:
        """The types of its messages."""
        return {one for one, _, _ in self.messages}

    @cached_property
    def places(self) -> dict[int, list[Place]]:
        """Every place where an attribute could begin, by its type."""
        found: dict[int, list[Place]] = {}
        end = len(self.data)
        for at in range(0, end - NLA_HDRLEN + 1, WIDTH):
            size, type = self.number(at, 2), self.number(at + 2, 2) & NLA_TYPE_MASK
            if NLA_HDRLEN <= size <= end - at:
                found.setdefault(type, []).append(Place(type, at + NLA_HDRLEN, at + size))
        return found

    def number(self, at: int, size: int) -> int:
        """An unsigned integer; bytes past the end are taken to be zeros."""
        return int.from_bytes(self.data[at : at + size].ljust(size, b"\0"), sys.byteorder)

    def any_place(self, *types: int) -> bool:
        """Whether an attribute of one of these types could be read anywhere."""
        return any(one in self.places for one in types)


class Danger(NamedTuple):
    """Requests that are held back, and why."""

    name: str
    why: str
    is_in: Callable[[Walked], bool]


LINKS = {RTM.NEWLINK, RTM.DELLINK, RTM.GETLINK, RTM.SETLINK, RTM.NEWLINKPROP, RTM.DELLINKPROP}
ROUTES = {RTM.NEWROUTE, RTM.DELROUTE, RTM.GETROUTE}
NEXTHOPS = {RTM.NEWNEXTHOP, RTM.DELNEXTHOP, RTM.GETNEXTHOP}
TRAFFIC = {
    *(RTM.NEWQDISC, RTM.DELQDISC, RTM.GETQDISC, RTM.NEWTCLASS, RTM.DELTCLASS, RTM.GETTCLASS),
    *(RTM.NEWTFILTER, RTM.DELTFILTER, RTM.GETTFILTER, RTM.NEWCHAIN, RTM.DELCHAIN, RTM.GETCHAIN),
}
OTHERS = {
    *(RTM.NEWADDR, RTM.DELADDR, RTM.GETADDR, RTM.NEWNEIGH, RTM.DELNEIGH, RTM.GETNEIGH),
    *(RTM.NEWRULE, RTM.DELRULE, RTM.GETRULE, RTM.GETNEIGHTBL, RTM.GETNETCONF, RTM.GETMULTICAST, RTM.GETANYCAST),
    *(RTM.GETSTATS, RTM.SETSTATS, RTM.GETNEXTHOPBUCKET),
}
SENT = {int(one) for one in LINKS | ROUTES | NEXTHOPS | TRAFFIC | OTHERS}
"""The only types that are sent, beside those below NLMSG_MIN_TYPE: what the mock models and no other namespace feels."""
LINK_KINDS = {b"veth", b"bridge", b"macvlan", b"vxlan", b"nosuch"}
TRAFFIC_KINDS = {
    *(b"pfifo", b"bfifo", b"pfifo_fast", b"mq", b"noqueue", b"clsact", b"ingress", b"tbf", b"htb", b"u32", b"nosuch"),
}
"""What the mock models, and one name that nobody has."""
MOST_QUEUES = 64


def other_types(one: Walked) -> bool:
    """nlmsg_type."""
    return any(type >= NLMSG.MIN_TYPE and type not in SENT for type in one.types)


def encap(one: Walked) -> bool:
    """RTA_MULTIPATH's own attributes are RTA's; NHA_ENCAP stands on top."""
    of_route = bool(one.types & ROUTES) and one.any_place(RTA.ENCAP.number, RTA.ENCAP_TYPE.number)
    return of_route or (bool(one.types & NEXTHOPS) and one.any_place(NHA.ENCAP.number, NHA.ENCAP_TYPE.number))


def other_routes(one: Walked) -> bool:
    """rtm_family."""
    families = {one.number(at + NLMSG_HDRLEN, 1) for type, at, _ in one.messages if type in ROUTES}
    return bool(families & {AF.MPLS, AF.RTNL_FAMILY_IPMR, AF.RTNL_FAMILY_IP6MR})


def other_namespaces(one: Walked) -> bool:
    """On top, and in a veth's peer."""
    numbers = [IFLA.NET_NS_PID, IFLA.NET_NS_FD, IFLA.LINK_NETNSID, IFLA.NEW_NETNSID, IFLA.TARGET_NETNSID]
    return bool(one.types & LINKS) and one.any_place(*(attr.number for attr in numbers))


def kinds_beside(one: Walked, known: set[bytes]) -> bool:
    """Whether the first attribute of any run, which is IFLA_INFO_KIND, TCA_KIND, TCA_ACT_KIND where there is one, names another."""
    for _, start, stop in one.places.get(1, ()):
        name = one.data[start:stop].split(b"\0", 1)[0]
        if NAME.fullmatch(name) and name not in known:
            return True
    return False


def other_kinds(one: Walked) -> bool:
    """Of links, and of all that traffic control has."""
    if one.types & LINKS and kinds_beside(one, LINK_KINDS):
        return True
    return bool(one.types & TRAFFIC) and kinds_beside(one, TRAFFIC_KINDS)


def many_queues(one: Walked) -> bool:
    """IFLA_NUM_TX_QUEUES, IFLA_NUM_RX_QUEUES."""
    asked = [place for attr in (IFLA.NUM_TX_QUEUES, IFLA.NUM_RX_QUEUES) for place in one.places.get(attr.number, ())]
    return bool(one.types & LINKS) and any(one.number(place.start, 4) > MOST_QUEUES for place in asked)


def ghosts(one: Walked) -> bool:
    """struct ndmsg: ndm_ifindex at 4, ndm_flags at 10."""
    return any(
        type == RTM.NEWNEIGH
        and one.number(at + NLMSG_HDRLEN + 10, 1) & NTF.PROXY
        and not one.number(at + NLMSG_HDRLEN + 4, 4)
        for type, at, _ in one.messages
    )


DANGERS = (
    Danger(
        "another type",
        "only types that the mock models, and whose effects end with the namespace: RTM_NEWNSID names other namespaces, "
        "RTM_SETNEIGHTBL turns at tables that all of them share, RTM_SETDCB at hardware",
        other_types,
    ),
    Danger(
        "encap",
        "LWTUNNEL_IP_OPTS and LWTUNNEL_IP6_OPTS end in a FORTIFY panic of ip_tun_parse_opts() with the RTNL held (seen on "
        "6.18): nobody configures anything any more until the machine is booted; what else is in an encap is as little tried",
        encap,
    ),
    Danger("another route", "routes of MPLS and of multicast are not modelled", other_routes),
    Danger(
        "another namespace",
        "IFLA_NET_NS_PID, IFLA_NET_NS_FD and the netnsids move devices to, or ask, namespaces that are somebody else's",
        other_namespaces,
    ),
    Danger(
        "another kind",
        "the name of a kind of link, discipline, classifier or action may load a module, which nobody takes out again, and "
        "reaches drivers that the mock knows nothing of",
        other_kinds,
    ),
    Danger("many queues", f"more than {MOST_QUEUES} queues take memory for nothing", many_queues),
    Danger(
        "ghosts",
        "proxy entries without a device outlive their namespace and are seen in a later one at the same address",
        ghosts,
    ),
)
"""Known to wedge a machine, to reach beyond the namespace, or to cost without teaching anything."""


def reason(data: bytes, protocol: int = NETLINK.ROUTE) -> str | None:
    """Why a datagram must not be sent: a danger's name; None where nothing is known against it."""
    if protocol != NETLINK.ROUTE:
        return "another protocol"
    walked = Walked(data)
    return next((one.name for one in DANGERS if one.is_in(walked)), None)


class Refused(ValueError):
    """Somebody tried to send what must not be sent."""


def refuse(data: bytes, protocol: int = NETLINK.ROUTE) -> None:
    """Raise Refused for a datagram that must not be sent."""
    name = reason(data, protocol)
    if name is not None:
        raise Refused(f"{name}: not sent to a real kernel")
