"""Statements 60, 66, 68, 72, 81 to 83: what links and routes validate, and how their dumps are filtered and sized."""

from errno import EINVAL, ENOENT, ERANGE
from typing import Any

import pytest

from nlwire.uapi.genetlink import CTRL_ATTR, CTRL_CMD
from nlwire.uapi.if_addr import address
from nlwire.uapi.if_link import IFLA, IFLA_PROP_LIST, link
from nlwire.uapi.netlink import NETLINK, NETLINK_OPT, NLA_TYPE, NLM_F, NLMSG
from nlwire.uapi.nexthop import NHA
from nlwire.uapi.rtnetlink import RTA, RTM
from nlwire.uapi.rtnetlink import route as routes
from nlwire.wire import parse_ack
from tests.kernel.conformance.asked import answer, asker, done, dumped, told
from tests.kernel.conformance.talk import ACK, REQUEST, SOL_NETLINK, add_routes, split, waiting
from tests.kernel.conformance.world import World
from tests.kernel.transcripts.play import Ask
from tests.kernel.transcripts.words import CREATE, EXCL, LO, ask, dump, getlink, nexthop_, nla, raw, setlink, tail

statement = pytest.mark.statement
FAILED = "Attribute failed policy validation"
NLCTRL = 16
"""GENL_ID_CTRL."""
FILTERED = int(NLM_F.DUMP_FILTERED)


@statement(60)
@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("size", [1, 4, 15])
def test_a_get_of_a_link_takes_a_whole_header(world: World, strict: bool, size: int) -> None:
    assert told(answer(asker(world, strict), raw(RTM.GETLINK, bytes(size)))) == (EINVAL, "Invalid header for get link")


@statement(66)
def test_a_name_that_is_too_long(world: World) -> None:
    one = tail(setlink(LO), nla(IFLA.IFNAME.number, b"a" * 16 + b"\0"))
    ack = answer(asker(world), one)
    assert told(ack) == (ERANGE, FAILED)
    assert ack.offset == 32
    assert ack.policy is not None


@statement(66)
def test_a_text_that_must_end_in_nul(world: World) -> None:
    sock = world.socket(int(NETLINK.GENERIC))
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.EXT_ACK, 1)
    header = bytes([CTRL_CMD.GETFAMILY, 1, 0, 0])
    for name, errno in ((b"nlctrl", EINVAL), (b"n" * 17, EINVAL), (b"n" * 17 + b"\0", EINVAL)):
        sock.send(raw(NLCTRL, header + nla(CTRL_ATTR.FAMILY_NAME.number, name), REQUEST | ACK).data)
        ack = parse_ack(waiting(sock)[-1])
        assert (ack.errno, ack.message, ack.offset) == (errno, FAILED, 20)


@statement(66)
def test_a_flag_has_no_payload(world: World) -> None:
    ack = answer(asker(world), tail(nexthop_(1), nla(NHA.BLACKHOLE.number, b"\1\0\0\0")))
    assert told(ack) == (ERANGE, FAILED)
    assert ack.policy is not None
    assert ack.policy["type"] == NLA_TYPE.FLAG


@statement(68)
def test_a_strict_nest_says_that_it_is_one(world: World) -> None:
    ack = answer(asker(world), tail(nexthop_(1), nla(NHA.RES_GROUP.number, b"")))
    assert told(ack) == (EINVAL, "NLA_F_NESTED is missing")
    assert ack.offset == 16 + 8 + 8
    assert ack.policy is not None
    assert ack.policy["type"] == NLA_TYPE.NESTED


@statement(72)
def test_a_link_larger_than_a_part_fits_all_the_same(world: World) -> None:
    """The first part holds 3776 bytes, unless the largest link does not fit: then as much as that."""
    sock = asker(world)
    names = [(IFLA_PROP_LIST.ALT_IFNAME, f"{number:03}" + "x" * 120) for number in range(40)]
    done(sock, ask(link, RTM.NEWLINKPROP, {IFLA.PROP_LIST: names}, CREATE | EXCL, ifi_index=LO))
    sock.send(dump(link).data)
    first, *rest = waiting(sock)
    assert len(first) > 5000
    assert [len(one) for one in rest] == [20]


@statement(81)
@pytest.mark.parametrize("name", ["table", "device", "address"])
def test_a_filtered_dump_says_so_in_every_part(world: World, name: str) -> None:
    sock = asker(world, strict=True)
    add_routes(sock, 300)
    one = {
        "table": dump(routes, {RTA.TABLE: 254}),
        "device": dump(routes, {RTA.OIF: LO}),
        "address": dump(address, ifa_index=LO),
    }[name]
    messages = dumped(sock, one)
    assert messages[-1].nlmsg_type == NLMSG.DONE
    assert {message.nlmsg_flags & FILTERED for message in messages} == {FILTERED}
    assert len(messages) > (2 if name == "address" else 300) - 1


@statement(81)
def test_without_a_filter_it_does_not(world: World) -> None:
    """But a strict dump of routes is one without exceptions, which is a filter."""
    for one, every in ((dump(address), 0), (dump(link), 0), (dump(routes), FILTERED)):
        *parts, _done = dumped(asker_again(world), one)
        assert {message.nlmsg_flags & FILTERED for message in parts} == {every}


def asker_again(world: World) -> Any:
    sock = world.socket()
    sock.setsockopt(SOL_NETLINK, NETLINK_OPT.GET_STRICT_CHK, 1)
    return sock


@statement(82)
def test_a_table_that_is_not_there(world: World) -> None:
    sock = asker(world, strict=True)
    sock.send(dump(routes, {RTA.TABLE: 4000}).data)
    (datagram,) = waiting(sock)
    (message,) = split(datagram)
    flags = int.from_bytes(message[6:8], "little")
    assert (int.from_bytes(message[4:6], "little"), flags) == (NLMSG.DONE, 0x222)
    assert int.from_bytes(message[16:20], "little", signed=True) == -ENOENT
    assert b"ipv4: FIB table does not exist\0" in message


REFUSED: list[tuple[Ask, str]] = [
    (dump(routes, rtm_dst_len=8), "Invalid values in header for FIB dump request"),
    (dump(routes, rtm_tos=8), "Invalid values in header for FIB dump request"),
    (dump(link, ifi_index=LO), "Filter by device index not supported for link dumps"),
    (dump(link, {IFLA.MTU: 1500}), "Unsupported attribute in link dump request"),
    (raw(RTM.GETROUTE, b"\2\0\0\0", REQUEST | 0x300), "Invalid header for FIB dump request"),
]


@statement(83)
@pytest.mark.parametrize(("one", "words"), REFUSED)
def test_what_strict_dumps_refuse(world: World, one: Ask, words: str) -> None:
    sock = asker(world, strict=True)
    sock.send(one.data)
    (message,) = [message for datagram in waiting(sock) for message in split(datagram)]
    assert (int.from_bytes(message[4:6], "little"), message[16:20]) == (
        NLMSG.DONE,
        (-EINVAL).to_bytes(4, "little", signed=True),
    )
    assert words.encode() + b"\0" in message


@statement(83)
def test_an_index_is_no_more_than_an_index(world: World) -> None:
    """A get, strict, takes it."""
    sock = asker(world, strict=True)
    sock.send(getlink(LO).data)
    assert len(waiting(sock)) == 1
