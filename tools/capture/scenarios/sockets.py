"""Sockets (NETLINK_SOCK_DIAG): TCP, UDP and raw, AF_UNIX, AF_NETLINK, AF_PACKET, as ss and requests by hand ask for them."""

import struct

from tools.capture import sockets
from tools.capture.netlink import F_ACK, F_DUMP, F_REQUEST, SOCK_DIAG, attr, ip4, message, u32
from tools.capture.scenarios.script import LIBERAL, Ask, Case, Chapter, Do
from tools.capture.scenarios.topology import WIRED

TCPDIAG_GETSOCK, SOCK_DIAG_BY_FAMILY, SOCK_DESTROY = 18, 20, 21
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_TIPC = 1, 2, 10, 16, 17, 30
IPPROTO_TCP, IPPROTO_UDP, IPPROTO_MPTCP = 6, 17, 262
ALL = 0xFFFFFFFF
INET_DIAG_REQ_BYTECODE, INET_DIAG_REQ_PROTOCOL = 1, 3
NOWHERE = bytes(32)


def sockid(sport: int = 0, dport: int = 0, addresses: bytes = NOWHERE) -> bytes:
    """struct inet_diag_sockid without an interface and a cookie."""
    return struct.pack(">HH", sport, dport) + addresses + struct.pack("=III", 0, ALL, ALL)


def ends(src: str, dst: str) -> bytes:
    """Two IPv4 addresses as a sockid has them."""
    return ip4(src) + bytes(12) + ip4(dst) + bytes(12)


def req_v2(family: int, protocol: int, ext: int = 0, states: int = ALL, id: bytes = sockid()) -> bytes:
    """struct inet_diag_req_v2."""
    return struct.pack("=BBBBI", family, protocol, ext, 0, states) + id


def ask(why: str, *parts: bytes, flags: int = F_DUMP, kind: int = SOCK_DIAG_BY_FAMILY) -> Ask:
    """One request."""
    return Ask(why, message(kind, F_REQUEST | flags, *parts), LIBERAL, SOCK_DIAG)


TCP = Case(
    "tcp",
    "TCP sockets in many states, with everything that is told of them",
    Do("sockets of TCP", sockets.open_tcp),
    Do("sockets of TCP with a key, of MPTCP", sockets.open_tcp_options),
    """
    ss -t -a -n
    ss -t -a -n -e -m -o -i
    ss -6 -t -l -n
    ss -M -a -n -i
    ss -t -n state established
    ss -t -a -n sport = :2001
    ss -t -a -n dst 127.0.0.0/8 and not dport ge :2002
    """,
    ask("everything of IPv4", req_v2(AF_INET, IPPROTO_TCP, 0xFF)),
    ask("everything of IPv6", req_v2(AF_INET6, IPPROTO_TCP, 0xFF)),
    ask("the protocol as an attribute", req_v2(AF_INET, 0), attr(INET_DIAG_REQ_PROTOCOL, u32(IPPROTO_MPTCP))),
    ask(
        "one by its ports and addresses",
        req_v2(AF_INET, IPPROTO_TCP, 0xFF, id=sockid(2001, 40001, ends("127.0.0.1", "127.0.0.1"))),
        flags=0,
    ),
    ask(
        "one that is not there", req_v2(AF_INET, IPPROTO_TCP, id=sockid(7, 7, ends("127.0.0.1", "127.0.0.1"))), flags=0
    ),
    ask("bytecode that jumps out", req_v2(AF_INET, IPPROTO_TCP), attr(INET_DIAG_REQ_BYTECODE, bytes([1, 9, 9, 9]))),
    ask(
        "as it was asked before",
        struct.pack("=BBBB", AF_INET, 0, 0, 0xFF) + sockid() + struct.pack("=II", ALL, 0),
        kind=TCPDIAG_GETSOCK,
    ),
    ask(
        "destroy one",
        req_v2(AF_INET, IPPROTO_TCP, id=sockid(2001, 40001, ends("127.0.0.1", "127.0.0.1"))),
        flags=F_ACK,
        kind=SOCK_DESTROY,
    ),
    Do("all are closed", sockets.close_all),
)

DATAGRAMS = Case(
    "datagrams",
    "UDP and raw sockets",
    Do("sockets of UDP, raw ones", sockets.open_datagrams),
    """
    ss -u -a -n -e -m
    ss -w -a -n -e -m
    """,
    ask("everything of UDP", req_v2(AF_INET, IPPROTO_UDP, 0xFF)),
    ask("everything of UDP on IPv6", req_v2(AF_INET6, IPPROTO_UDP, 0xFF)),
    Do("all are closed", sockets.close_all),
)

UNIX = Case(
    "unix",
    "AF_UNIX sockets",
    Do("sockets of AF_UNIX", sockets.open_unix),
    """
    ss -x -a
    ss -x -a -e -m
    ss -x -l
    """,
    ask("everything", struct.pack("=BBHIIIII", AF_UNIX, 0, 0, ALL, 0, 0x7F, 0, 0)),
    ask("nothing but that they are there", struct.pack("=BBHIIIII", AF_UNIX, 0, 0, ALL, 0, 0, 0, 0)),
    ask("one that is not there", struct.pack("=BBHIIIII", AF_UNIX, 0, 0, 0, 7, 1, ALL, ALL), flags=0),
    Do("all are closed", sockets.close_all),
)

NETLINK = Case(
    "netlink",
    "netlink sockets",
    Do("members of groups, one with options", sockets.open_netlink),
    """
    ss -f netlink -a -n
    ss -f netlink -a -n -e -m
    """,
    ask("everything", struct.pack("=BBHIIII", AF_NETLINK, 255, 0, 0, 0xF, 0, 0)),
    ask("of one protocol", struct.pack("=BBHIIII", AF_NETLINK, 0, 0, 0, 0, 0, 0)),
    ask("of no protocol", struct.pack("=BBHIIII", AF_NETLINK, 77, 0, 0, 0, 0, 0)),
    ask("not as a dump", struct.pack("=BBHIIII", AF_NETLINK, 255, 0, 0, 0, 0, 0), flags=F_ACK),
    Do("all are closed", sockets.close_all),
)

PACKET = Case(
    "packet",
    "packet sockets",
    Do("sockets of AF_PACKET", sockets.open_packet),
    """
    ss -0 -a -n
    ss -0 -a -n -e -m -b
    """,
    ask("everything", struct.pack("=BBHIIII", AF_PACKET, 0, 0, 0, 0x3F, 0, 0)),
    ask("nothing but that they are there", struct.pack("=BBHIIII", AF_PACKET, 0, 0, 0, 0, 0, 0)),
    ask("not as a dump", struct.pack("=BBHIIII", AF_PACKET, 0, 0, 0, 0, 0, 0), flags=F_ACK),
    Do("all are closed", sockets.close_all),
)

REFUSED = Case(
    "refused",
    "requests that are wrong",
    ask("an address family that has none", struct.pack("=BBH", AF_TIPC, 0, 0)),
    ask("no address family", b""),
    ask("half of an address family's header", struct.pack("=BB", AF_INET, IPPROTO_TCP)),
    ask("a protocol that nobody has", req_v2(AF_INET, 77)),
    ask("a type that nobody has", struct.pack("=BB", AF_INET, 0), kind=99),
)

CHAPTERS = (Chapter("sock_diag", WIRED, (TCP, DATAGRAMS, UNIX, NETLINK, PACKET, REFUSED), hears=SOCK_DIAG),)
