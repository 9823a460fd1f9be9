"""What every request goes through: types, families, lengths, flags (net/core/rtnetlink.c, net/netlink/af_netlink.c), and netconf."""

from nlwire.uapi.net_namespace import NETNSA, nsid
from nlwire.uapi.netconf import NETCONFA, netconf
from nlwire.uapi.netlink import NETLINK_OPT, NLMSG
from nlwire.uapi.rtnetlink import AF, RTM
from tests.kernel.transcripts.play import Ask, Script
from tests.kernel.transcripts.words import (
    ACK,
    LO,
    REQUEST,
    VA,
    ask,
    dump,
    nla,
    option,
    quiet,
    raw,
    script,
    setlink,
    strict,
    tail,
    together,
    up,
    veth,
)

UNUSED = (17 + 6, 27, 31, 53, 54, 55, 61, 65, 69, 70, 71, 83, 91, 97, 98, 99, 103, 107, 111, 115, 119)


def get_netconf(index: int) -> Ask:
    """ip netconf show dev."""
    return ask(netconf, RTM.GETNETCONF, {NETCONFA.IFINDEX: index}, ncm_family=AF.INET)


SCRIPTS: list[Script] = [
    script(
        "dispatch/unused_types",
        "types within rtnetlink's that nobody serves",
        *(raw(type, b"\2" + bytes(15)) for type in UNUSED),
    ),
    script(
        "dispatch/large_types", "types above rtnetlink's", *(raw(type, bytes(16)) for type in (124, 200, 1000, 65535))
    ),
    script(
        "dispatch/control",
        "control messages as requests",
        *(
            raw(type, bytes(4), flags)
            for type in (NLMSG.NOOP, NLMSG.ERROR, NLMSG.DONE, NLMSG.OVERRUN, 15)
            for flags in (REQUEST | ACK, ACK, REQUEST, 0)
        ),
    ),
    script(
        "dispatch/empty",
        "bodies of no byte",
        *(raw(type) for type in (RTM.NEWLINK, RTM.GETLINK, RTM.NEWROUTE, RTM.GETROUTE, 27, 124)),
    ),
    script(
        "dispatch/no_request",
        "without NLM_F_REQUEST",
        *(raw(RTM.GETROUTE, b"\2" + bytes(11), flags) for flags in (0, ACK, 0x300, 0x300 | ACK)),
    ),
    script(
        "dispatch/lengths",
        "nlmsg_len that lies",
        *(raw(RTM.GETLINK, bytes(16), REQUEST | ACK, size) for size in (0, 15, 16, 17, 33, 1000)),
    ),
    script(
        "dispatch/several",
        "several requests in a datagram, odd ones among them",
        together(raw(NLMSG.NOOP), raw(124, bytes(4)), raw(RTM.GETLINK, bytes(4)), raw(NLMSG.DONE, b"\1")),
        together(raw(NLMSG.NOOP), raw(RTM.GETLINK, bytes(16), REQUEST | ACK, 4), raw(NLMSG.NOOP)),
    ),
    script(
        "dispatch/bulk",
        "NLM_F_BULK",
        *(
            raw(type, b"\2" + bytes(15), REQUEST | ACK | 0x200)
            for type in (RTM.DELROUTE, RTM.DELADDR, RTM.DELLINK, RTM.DELRULE, RTM.DELNEXTHOP)
        ),
    ),
    script(
        "dispatch/dump_bits",
        "a dump by ROOT alone, by MATCH alone, with ATOMIC",
        *(raw(RTM.GETLINK, bytes(16), REQUEST | bit) for bit in (0x100, 0x200, 0x400, 0x700)),
        *(raw(RTM.GETADDR, b"\2" + bytes(7), REQUEST | ACK | bit) for bit in (0x100, 0x200)),
    ),
    script(
        "dispatch/dump_families",
        "dumps of a family that has none of its own go to all",
        *(
            raw(type, bytes([family]) + bytes(15), REQUEST | 0x300)
            for type in (RTM.GETROUTE, RTM.GETRULE, RTM.GETNEIGH, RTM.GETNETCONF)
            for family in (AF.UNIX, 99, 255)
        ),
    ),
    script(
        "dispatch/ext_ack_long",
        "the text of a long request's error comes behind its quotation",
        tail(raw(RTM.NEWROUTE, b"\2\x21" + bytes(10)), nla(99, bytes(200))),
        option(NETLINK_OPT.CAP_ACK),
        tail(raw(RTM.NEWROUTE, b"\2\x21" + bytes(10)), nla(99, bytes(200))),
    ),
    script(
        "netconf/get",
        "RTM_GETNETCONF of lo, of all, of the default, of nothing",
        quiet(veth()),
        *(get_netconf(index) for index in (LO, VA, -1, -2, 0, 77, -3)),
        ask(netconf, RTM.GETNETCONF, {}, ncm_family=AF.INET),
        tail(get_netconf(LO), nla(2, b"\1\0\0\0")),
        tail(get_netconf(LO), b"\1\2\3"),
        strict,
        get_netconf(LO),
        tail(get_netconf(LO), nla(2, b"\1\0\0\0")),
    ),
    script(
        "netconf/dump",
        "RTM_GETNETCONF of all",
        quiet(veth()),
        dump(netconf),
        strict,
        dump(netconf),
        dump(netconf, {NETCONFA.IFINDEX: LO}),
    ),
    script(
        "netconf/changed",
        "settings that are changed by a link's message",
        quiet(veth()),
        *(
            tail(setlink(VA), nla(26, nla(2, nla(1, nla(number, bytes([value, 0, 0, 0]))))))
            for number, value in ((1, 1), (8, 2), (7, 1), (2, 1), (30, 1), (31, 1), (1, 0))
        ),
        dump(netconf),
    ),
    script(
        "netconf/refused",
        "what netconf has not",
        raw(RTM.NEWNETCONF, b"\2" + bytes(3)),
        raw(RTM.DELNETCONF, b"\2" + bytes(3)),
        raw(RTM.GETNETCONF, b"\2"),
        raw(RTM.GETNETCONF, bytes(4)),
    ),
    script(
        "nsid/get",
        "namespaces that are none",
        ask(nsid, RTM.GETNSID, {NETNSA.PID: 0x7FFFFFF}),
        ask(nsid, RTM.GETNSID, {NETNSA.FD: 0x7FFFFFF}),
        ask(nsid, RTM.GETNSID, {NETNSA.NSID: 5}),
        ask(nsid, RTM.GETNSID, {}),
        ask(nsid, RTM.NEWNSID, {NETNSA.PID: 0x7FFFFFF, NETNSA.NSID: 1}),
        ask(nsid, RTM.NEWNSID, {NETNSA.NSID: 1}),
        dump(nsid, rtgen_family=AF.UNSPEC),
        quiet(up(LO)),
    ),
]
