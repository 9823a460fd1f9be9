"""What must never reach a real kernel: the filter, attacked with mutants of what it is there for.

The judge is a reader of its own, written after the kernel's loops: netlink_rcv_skb(), nla_for_each_attr(), rtnh_next(). Whatever
it finds in a mutant, the filter must have held back.
"""

import struct
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from nlwire.codec.fast import encode
from nlwire.codec.message import build
from nlwire.fuzz import havoc
from nlwire.fuzz.linux import danger
from nlwire.fuzz.linux.danger import DANGERS, reason
from nlwire.fuzz.linux.errands import ask, errands, world
from nlwire.fuzz.linux.inside import Inside
from nlwire.fuzz.linux.known import KNOWN
from nlwire.fuzz.mutator import Mutator, Seed
from nlwire.uapi.if_link import IFLA, IFLA_INFO, VETH_INFO, link
from nlwire.uapi.lwtunnel import LWTUNNEL_ENCAP, LWTUNNEL_IP, LWTUNNEL_IP_OPT_GENEVE, LWTUNNEL_IP_OPTS
from nlwire.uapi.neighbour import NTF, neighbour
from nlwire.uapi.net_namespace import NETNSA, nsid
from nlwire.uapi.netlink import NETLINK, NLM_F
from nlwire.uapi.nexthop import NHA, nexthop
from nlwire.uapi.rtnetlink import AF, RTA, RTM, route
from nlwire.uapi.tc import TCA, qdisc

OPTIONS = {LWTUNNEL_IP_OPTS.GENEVE: {LWTUNNEL_IP_OPT_GENEVE.CLASS: 1, LWTUNNEL_IP_OPT_GENEVE.DATA: b"\0" * 4}}
TUNNEL = {LWTUNNEL_IP.ID: 5, LWTUNNEL_IP.DST: "10.0.0.9", LWTUNNEL_IP.OPTS: OPTIONS}
ENCAP = {RTA.ENCAP_TYPE: LWTUNNEL_ENCAP.IP, RTA.ENCAP: TUNNEL}
PLAIN_ROUTE = {"rtm_family": AF.INET, "rtm_dst_len": 24, "rtm_table": 254, "rtm_type": 1}
HOPS = [({"rtnh_ifindex": 3}, {RTA.GATEWAY: "192.0.2.9"}), ({"rtnh_ifindex": 3}, ENCAP)]
TUNNELS = (
    ask(route, RTM.NEWROUTE, {RTA.DST: "10.1.1.0", RTA.OIF: 3, **ENCAP}, NLM_F.CREATE, **PLAIN_ROUTE),
    ask(route, RTM.NEWROUTE, {RTA.DST: "10.1.1.0", RTA.MULTIPATH: HOPS}, NLM_F.CREATE, **PLAIN_ROUTE),
    ask(route, RTM.DELROUTE, {RTA.DST: "10.1.1.0", **ENCAP}, **PLAIN_ROUTE),
    ask(
        nexthop,
        RTM.NEWNEXTHOP,
        {NHA.ID: 5, NHA.OIF: 3, NHA.ENCAP_TYPE: LWTUNNEL_ENCAP.IP, NHA.ENCAP: TUNNEL},
        nh_family=2,
    ),
)
MOVES = (
    ask(link, RTM.NEWLINK, {IFLA.NET_NS_PID: 1}, ifi_index=3),
    ask(link, RTM.SETLINK, {IFLA.MTU: 1400, IFLA.NET_NS_FD: 3}, ifi_index=3),
    ask(
        link,
        RTM.NEWLINK,
        {IFLA.LINKINFO: {IFLA_INFO.KIND: "veth", IFLA_INFO.DATA: {VETH_INFO.PEER: ({}, {IFLA.NET_NS_PID: 1})}}},
        NLM_F.CREATE,
    ),
    ask(link, RTM.GETLINK, {IFLA.TARGET_NETNSID: 0}, ifi_index=1),
)
MUTANTS = 20_000
U16 = struct.Struct("=HH")


def messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """netlink_rcv_skb(): what of a datagram gets to a handler."""
    while len(data) >= 16:
        size, type, flags = struct.unpack_from("=IHH", data)
        if size < 16 or size > len(data):
            return
        if flags & 1 and type >= 16:
            yield type, data[:size]
        data = data[min(size + 3 & ~3, len(data)) :]


def attributes(run: bytes) -> Iterator[tuple[int, bytes]]:
    """nla_for_each_attr()."""
    while len(run) >= 4:
        size, type = U16.unpack_from(run)
        if size < 4 or size > len(run):
            return
        yield type & 0x3FFF, run[4:size]
        run = run[size + 3 & ~3 :]


def hops(run: bytes) -> Iterator[bytes]:
    """rtnh_ok(), rtnh_next(): the attributes of each."""
    while len(run) >= 8:
        (size,) = struct.unpack_from("=H", run)
        if size < 8 or size > len(run):
            return
        yield run[8:size]
        run = run[size + 3 & ~3 :]


def tunnels(data: bytes) -> bool:
    """Whether a handler would find an encap."""
    for type, message in messages(data):
        if type in (24, 25, 26):
            for number, payload in attributes(message[28:]):
                if number in (21, 22) or (
                    number == 9 and any(one in (21, 22) for hop in hops(payload) for one, _ in attributes(hop))
                ):
                    return True
        if type in (104, 105, 106) and any(one in (7, 8) for one, _ in attributes(message[24:])):
            return True
    return False


def moves(data: bytes) -> bool:
    """Whether rtnetlink would find a namespace: on top, or in a veth's peer."""
    names = (19, 28, 37, 45, 46)
    for type, message in messages(data):
        if type in (16, 17, 18, 19):
            for start in (20, 32):  # rtgenmsg or ifinfomsg
                for number, payload in attributes(message[start:]):
                    if number in names:
                        return True
                    peers = [
                        peer
                        for inner, data in attributes(payload if number == 18 else b"")
                        if inner == 2
                        for one, peer in attributes(data)
                        if one == 1
                    ]
                    if any(one in names for peer in peers for one, _ in attributes(peer[16:])):
                        return True
    return False


def attack(requests: tuple[bytes, ...], style: str) -> Iterator[bytes]:
    seeds = [Seed(NETLINK.ROUTE, one) for one in requests]
    if style == "damage":
        mutants = iter(Mutator(seeds, 5, "damage"))
        for case in islice(mutants, MUTANTS // 2):
            yield case.data
            yield havoc.mended(case.data)
    else:
        for case in islice(Mutator([*seeds, Seed(NETLINK.ROUTE, world()[-1])], 5), MUTANTS):
            yield case.data


@pytest.mark.parametrize("style", ["faults", "damage"])
@pytest.mark.parametrize(
    ("requests", "reads", "name"), [(TUNNELS, tunnels, "encap"), (MOVES, moves, "another namespace")]
)
def test_no_mutant_that_a_kernel_could_read_gets_through(requests, reads, name, style) -> None:  # type: ignore[no-untyped-def]
    assert all(reads(one) and reason(one) == name for one in requests)
    read = 0
    for data in attack(requests, style):
        if reads(data):
            read += 1
            assert reason(data) is not None, data.hex()
    assert read > MUTANTS // 4


@pytest.mark.parametrize("bits", [0, 0x8000, 0x4000, 0xC000])
@pytest.mark.parametrize("number", [21, 22])
def test_flags_and_nests_hide_nothing(number: int, bits: int) -> None:
    bare = U16.pack(4, number | bits)
    for inside in (bare, U16.pack(8, 9) + bare, U16.pack(12, 77) + U16.pack(8, 0x8001) + bare, bytes(4) + bare):
        data = ask(route, RTM.NEWROUTE, (), **PLAIN_ROUTE) + inside
        assert reason(struct.pack("=I", len(data)) + data[4:]) == "encap"


def test_a_tunnel_behind_other_messages_is_seen() -> None:
    """Also behind one whose nlmsg_len is not a multiple of 4, or that is refused."""
    plain = ask(route, RTM.GETROUTE, (), **PLAIN_ROUTE)
    odd = struct.pack("=I", len(plain) + 1) + plain[4:] + b"\1\0\0\0"
    for first in (plain, odd, plain[:4] + b"\0\0" + plain[6:]):
        assert reason(first + TUNNELS[0]) == "encap"


def named(kind: str) -> bytes:
    return ask(link, RTM.NEWLINK, {IFLA.LINKINFO: {IFLA_INFO.KIND: kind}}, NLM_F.CREATE)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (encode(build(nsid, RTM.NEWNSID, {NETNSA.PID: 1, NETNSA.NSID: 1}, flags=5)), "another type"),
        (named("geneve"), "another kind"),
        (named("ip6tnl"), "another kind"),
        (named("veth") + named("netdevsim"), "another kind"),
        (ask(qdisc, RTM.NEWQDISC, {TCA.KIND: "netem"}, tcm_ifindex=3), "another kind"),
        (ask(link, RTM.NEWLINK, {IFLA.NUM_TX_QUEUES: 4096}, NLM_F.CREATE), "many queues"),
        (ask(route, RTM.NEWROUTE, (), rtm_family=AF.MPLS, rtm_dst_len=20), "another route"),
        (ask(neighbour, RTM.NEWNEIGH, (), NLM_F.CREATE, ndm_family=2, ndm_flags=NTF.PROXY), "ghosts"),
        (ask(neighbour, RTM.NEWNEIGH, (), NLM_F.CREATE, ndm_family=2, ndm_flags=NTF.PROXY, ndm_ifindex=3), None),
        (named("veth"), None),
        (b"", None),
    ],
)
def test_each_danger_by_name(data: bytes, name: str | None) -> None:
    assert reason(data) == name


def test_other_protocols_are_not_spoken() -> None:
    assert reason(world()[0], NETLINK.GENERIC) == "another protocol"


def test_every_danger_has_a_reason() -> None:
    assert len({one.name for one in DANGERS}) == len(DANGERS)
    assert all(len(one.why) > 20 for one in DANGERS)


def test_what_is_sound_may_pass() -> None:
    assert [reason(one) for one in (*world(), *errands())] == [None] * len((*world(), *errands()))


def test_the_last_look_is_the_senders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever orders it: the process that sends looks itself, before the socket has the bytes."""
    sent: list[bytes] = []

    class Asker:
        def send(self, data: bytes) -> None:
            sent.append(data)

    inside = Inside()
    inside.sockets = [Asker(), Asker()]  # type: ignore[list-item]
    with pytest.raises(danger.Refused, match="encap"):
        inside.ask(TUNNELS[0], 0.0)
    assert sent == []


def test_the_page_names_every_danger_and_every_known_difference() -> None:
    page = (Path(__file__).parents[3] / "docs" / "fuzzing.md").read_text(encoding="utf-8")
    for one in (*DANGERS, *KNOWN):
        assert f"| {one.name} |" in page
