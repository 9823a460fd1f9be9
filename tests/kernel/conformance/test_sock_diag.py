"""NETLINK_SOCK_DIAG: what is refused, netlink sockets; of other families the mock has no sockets, like a fresh namespace."""

import struct
from errno import EINVAL, ENOENT, EOPNOTSUPP
from typing import Any

import pytest

from nlwire.codec.fast import decode
from nlwire.codec.message import Message
from nlwire.uapi.netlink import NETLINK, NLMSG
from nlwire.uapi.netlink_diag import NDIAG_FLAG, NDIAG_SHOW, NETLINK_DIAG, netlink_diag
from nlwire.uapi.sock_diag import SK_MEMINFO, SOCK
from nlwire.uapi.socket import AF
from tests.kernel.conformance.talk import ACK, DUMP, REQUEST, errors, message, waiting
from tests.kernel.conformance.world import World

DIAG = int(NETLINK.SOCK_DIAG)
TCP, UDP, MPTCP = 6, 17, 262
NOBODY = 77
GETSOCK = 18


def inet(family: int = AF.INET, protocol: int = TCP, attrs: bytes = b"") -> bytes:
    """struct inet_diag_req_v2 that asks for everything."""
    return struct.pack("=BBBBI48x", family, protocol, 0, 0, 0xFFFFFFFF) + attrs


def unix(ino: int = 0) -> bytes:
    return struct.pack("=BBHIIIII", AF.UNIX, 0, 0, 0xFFFFFFFF, ino, 0, 0xFFFFFFFF, 0xFFFFFFFF)


def packet(protocol: int = 0) -> bytes:
    return struct.pack("=BBHIIII", AF.PACKET, protocol, 0, 0, 0, 0, 0)


def netlink(protocol: int = 255, show: int = 0) -> bytes:
    return struct.pack("=BBHIIII", AF.NETLINK, protocol, 0, 0, show, 0, 0)


def asked(payload: bytes, flags: int = REQUEST | DUMP, type: int = SOCK.DIAG_BY_FAMILY) -> bytes:
    return message(type, flags, payload)


@pytest.mark.parametrize(
    ("request_", "errno"),
    [
        (asked(b""), EINVAL),
        (asked(b"\2"), EINVAL),
        (asked(bytes((AF.TIPC, 0))), ENOENT),
        (asked(bytes((46, 0))), EINVAL),
        (asked(bytes((200, 0))), EINVAL),
        (asked(inet()[:55]), EINVAL),
        (asked(inet(), REQUEST), ENOENT),
        (asked(inet(protocol=NOBODY), REQUEST), ENOENT),
        (asked(inet(AF.INET6), REQUEST | ACK, SOCK.DESTROY), ENOENT),
        (asked(unix()[:23]), EINVAL),
        (asked(unix(), REQUEST), EINVAL),
        (asked(unix(7), REQUEST), ENOENT),
        (asked(unix(7), REQUEST, SOCK.DESTROY), EOPNOTSUPP),
        (asked(packet()[:19]), EINVAL),
        (asked(packet(3)), EINVAL),
        (asked(packet(), REQUEST), EOPNOTSUPP),
        (asked(netlink()[:19]), EINVAL),
        (asked(netlink(), REQUEST), EOPNOTSUPP),
        (asked(netlink(), REQUEST, SOCK.DESTROY), EOPNOTSUPP),
        (asked(bytes(20), type=GETSOCK), EINVAL),
        (asked(b"\2" + bytes(59), REQUEST, GETSOCK), ENOENT),
        (asked(b"\2" + bytes(59), type=99), EINVAL),
    ],
)
def test_what_is_refused(world: World, request_: bytes, errno: int) -> None:
    sock = world.socket(DIAG)
    sock.send(request_)
    assert errors(sock) == [errno]


def ends(sock: Any) -> list[int]:
    """The results of dumps that had nothing to tell."""
    found = [one for data in waiting(sock) for one in decode(data, DIAG)]
    assert {one.nlmsg_type for one in found} == {NLMSG.DONE}
    return [int(one.error) for one in found]


@pytest.mark.parametrize(
    ("request_", "result"),
    [
        (asked(inet()), 0),
        (asked(inet(AF.INET6, UDP)), 0),
        (asked(inet(protocol=NOBODY)), -ENOENT),
        (asked(inet(protocol=0, attrs=struct.pack("=HHI", 8, 3, MPTCP))), 0),
        (asked(inet(protocol=TCP, attrs=struct.pack("=HHI", 8, 3, NOBODY))), -ENOENT),
        (asked(unix()), 0),
        (asked(packet()), 0),
        (asked(b"\2" + bytes(59), type=GETSOCK), 0),
        (asked(netlink(NOBODY)), -ENOENT),
        (asked(netlink(31)), 0),
    ],
)
def test_there_is_nothing_to_tell(world: World, request_: bytes, result: int) -> None:
    sock = world.socket(DIAG)
    sock.send(request_)
    assert ends(sock) == [result]


def everything(world: World, protocol: int, show: int = 0xFFFFFFFF) -> list[Message]:
    """What is told of the netlink sockets of a protocol."""
    sock = world.socket(DIAG)
    sock.send(asked(netlink(protocol, show)))
    return [one for data in waiting(sock) for one in decode(data, DIAG) if one.family is netlink_diag]


def told(world: World, protocol: int, show: int = 0xFFFFFFFF) -> dict[int, Message]:
    """The same by portid."""
    return {one.ndiag_portid: one for one in everything(world, protocol, show)}


def test_netlink_sockets(world: World) -> None:
    member = world.socket()
    member.bind((0x10001, 1 | 1 << 4))
    member.setsockopt(270, 1, 33)
    connected = world.socket()
    connected.bind((0x10002, 0))
    for option in (3, 4, 5, 10):
        connected.setsockopt(270, option, 1)
    connected.connect((0, 0))
    found = told(world, NETLINK.ROUTE)
    assert found.keys() >= {0, 0x10001, 0x10002}
    own, joined, other = found[0], found[0x10001], found[0x10002]
    assert [one.ndiag_protocol for one in found.values()] == [NETLINK.ROUTE] * len(found)
    assert (own.ndiag_type, joined.ndiag_type) == (2, 3)
    assert (own.ndiag_state, joined.ndiag_state, other.ndiag_state) == (7, 7, 1)
    assert joined[NETLINK_DIAG.GROUPS] == (0x11, 1)
    assert NETLINK_DIAG.GROUPS not in own
    assert NETLINK_DIAG.GROUPS not in other
    wanted = NDIAG_FLAG.PKTINFO | NDIAG_FLAG.BROADCAST_ERROR | NDIAG_FLAG.NO_ENOBUFS | NDIAG_FLAG.CAP_ACK
    assert (joined[NETLINK_DIAG.FLAGS], other[NETLINK_DIAG.FLAGS]) == (0, wanted)
    memory = joined[NETLINK_DIAG.MEMINFO]
    assert (memory[SK_MEMINFO.RMEM_ALLOC], memory[SK_MEMINFO.RCVBUF], memory[SK_MEMINFO.SNDBUF]) == (0, 212992, 212992)
    cookies = {tuple(one.header.ndiag_cookie) for one in found.values()}
    assert len(cookies) == len(found)
    again = told(world, NETLINK.ROUTE)
    assert {port: one.header.ndiag_cookie for port, one in again.items() if port in found} == {
        port: one.header.ndiag_cookie for port, one in found.items()
    }, "a socket keeps its cookie"


@pytest.mark.parametrize("show", [0, NDIAG_SHOW.MEMINFO, NDIAG_SHOW.GROUPS, NDIAG_SHOW.FLAGS])
def test_what_is_shown(world: World, show: int) -> None:
    member = world.socket()
    member.bind((0x10001, 1))
    one = told(world, NETLINK.ROUTE, show)[0x10001]
    names = {
        NDIAG_SHOW.MEMINFO: NETLINK_DIAG.MEMINFO,
        NDIAG_SHOW.GROUPS: NETLINK_DIAG.GROUPS,
        NDIAG_SHOW.FLAGS: NETLINK_DIAG.FLAGS,
    }
    assert [attr for bit, attr in names.items() if attr in one] == [attr for bit, attr in names.items() if bit == show]


def test_a_dump_tells_of_the_socket_that_asks(world: World) -> None:
    """With the dump that runs, and the part that is being made weighing on it already; the request weighs on the kernel's."""
    sock = world.socket(DIAG)
    sock.bind((0x10003, 0))
    sock.send(asked(netlink(DIAG, 0xFFFFFFFF)))
    found = {
        one.ndiag_portid: one for data in waiting(sock) for one in decode(data, DIAG) if one.family is netlink_diag
    }
    mine, own = found[0x10003], found[0]
    assert mine[NETLINK_DIAG.FLAGS] & NDIAG_FLAG.CB_RUNNING
    assert mine[NETLINK_DIAG.MEMINFO][SK_MEMINFO.RMEM_ALLOC] >= 4096
    assert 700 < own[NETLINK_DIAG.MEMINFO][SK_MEMINFO.RMEM_ALLOC] < 1100


def test_members_are_told_of_twice(world: World) -> None:
    member, plain = world.socket(), world.socket()
    member.bind((0x10001, 1))
    plain.bind((0x10002, 0))
    ports = [one.ndiag_portid for one in everything(world, NETLINK.ROUTE)]
    assert (ports.count(0x10001), ports.count(0x10002), ports.count(0)) == (2, 1, 1)
    assert ports[-1] == 0x10001, "as a member after all that have a name"


def test_many_sockets(world: World) -> None:
    """More than one part; where one ends, Linux passes over a socket, which as a member it tells of all the same."""
    made = [world.socket() for _ in range(150)]
    for at, sock in enumerate(made):
        sock.bind((0x20000 + at, 1))
    ports = [one.ndiag_portid for one in everything(world, NETLINK.ROUTE)]
    assert all(ports.count(0x20000 + at) in (1, 2) for at in range(150))
