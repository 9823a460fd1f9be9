"""NETLINK_FIB_LOOKUP: the question comes back with its answer in it (net/ipv4/fib_frontend.c: nl_fib_input)."""

import struct
from errno import EAGAIN, ENOENT
from ipaddress import IPv4Address
from typing import Any

import pytest

from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import RT_SCOPE, RT_TABLE, RTN
from tests.kernel.conformance.talk import add_routes, waiting
from tests.kernel.conformance.world import World

FIB_RESULT_NL = struct.Struct("=4sIBBB5Bi")
"""fl_addr, fl_mark, fl_tos, fl_scope, tb_id_in | tb_id, prefixlen, nh_sel, type, scope, err."""
MAIN, LOCAL = int(RT_TABLE.MAIN), int(RT_TABLE.LOCAL)


def question(address: str, table: int, scope: int = 0, more: bytes = b"") -> bytes:
    frn = FIB_RESULT_NL.pack(IPv4Address(address).packed, 0, 0, scope, table, *[0] * 5, 0)
    return struct.pack("=IHHII", 16 + len(frn), 3, 1, 7, 99) + frn + more


def asker(world: World) -> Any:
    add_routes(world.socket(), 3)
    sock = world.socket(int(NETLINK.FIB_LOOKUP))
    sock.bind((77, 0))
    return sock


@pytest.mark.parametrize(
    ("address", "table", "scope", "answer"),
    [
        ("10.0.1.9", MAIN, 0, (MAIN, 24, 0, RTN.UNICAST, RT_SCOPE.LINK, 0)),
        ("10.0.1.9", MAIN, RT_SCOPE.HOST, (MAIN, 0, 0, 0, 0, -EAGAIN)),
        ("10.0.9.9", MAIN, 0, (MAIN, 0, 0, 0, 0, -EAGAIN)),
        ("127.0.0.1", LOCAL, 0, (LOCAL, 32, 0, RTN.LOCAL, RT_SCOPE.HOST, 0)),
        ("127.1.2.3", MAIN, 0, (MAIN, 8, 0, RTN.LOCAL, RT_SCOPE.HOST, 0)),  # the two are one until there are rules
        ("10.0.1.9", 0, 0, (MAIN, 24, 0, RTN.UNICAST, RT_SCOPE.LINK, 0)),
        ("10.0.1.9", 99, 0, (0, 0, 0, 0, 0, -ENOENT)),
    ],
)
def test_what_is_found(world: World, address: str, table: int, scope: int, answer: tuple[int, ...]) -> None:
    sock = asker(world)
    asked = question(address, table, scope)
    sock.send(asked)
    (found,) = waiting(sock)
    assert found[:27] == asked[:27]
    assert struct.unpack_from("=5Bi", found, 27) == answer


def test_what_is_no_question_is_passed_over_in_silence(world: World) -> None:
    sock = asker(world)
    for wrong in (question("10.0.1.9", MAIN)[:-1], b"x" * 40, question("10.0.1.9", MAIN)[:16]):
        sock.send(wrong)
    assert waiting(sock) == []
    sock.send(question("10.0.1.9", MAIN, more=b"whatever"))
    (found,) = waiting(sock)
    assert found[36:] == b"whatever"
