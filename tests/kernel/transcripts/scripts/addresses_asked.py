"""IPv4 addresses: nlmsg_flags, wrong requests, dumps (net/ipv4/devinet.c: inet_rtm_newaddr, inet_dump_ifaddr)."""

from nlwire.uapi.if_addr import IFA, address
from nlwire.uapi.netlink import NETLINK_OPT
from nlwire.uapi.rtnetlink import AF, RTM
from nlwire.uapi.rtnetlink import route as routes
from tests.kernel.transcripts.play import Script
from tests.kernel.transcripts.words import (
    CREATE,
    ECHO,
    EXCL,
    LO,
    REPLACE,
    VA,
    VB,
    addr,
    ask,
    deladdr,
    dump,
    flagged,
    nla,
    option,
    quiet,
    raw,
    script,
    strict,
    tail,
    two_ends,
)

ALL = dump(address)

ROUTES = dump(routes)

NET = two_ends()

FLAGS = [
    script(
        f"address/flags_{name}",
        f"{name.replace('_', ' ')}: an address that is new, there, there on the other link, there with another length",
        NET,
        addr("10.0.0.1/24", VA, flags=flags),
        addr("10.0.0.1/24", VA, flags=flags),
        addr("10.0.0.1/24", VA, {IFA.LABEL: "va:x", IFA.BROADCAST: "10.0.0.255"}, flags),
        addr("10.0.0.1/24", VB, flags=flags),
        addr("10.0.0.1/16", VA, flags=flags),
        addr("10.0.0.1/24", VA, flags=flags, peer="10.0.0.2"),
        ALL,
        ROUTES,
    )
    for name, flags in {
        "none": 0,
        "create": CREATE,
        "create_excl": CREATE | EXCL,
        "replace": REPLACE,
        "create_replace": CREATE | REPLACE,
        "replace_excl": REPLACE | EXCL,
        "echo": CREATE | EXCL | ECHO,
    }.items()
]

WRONG = [
    script(
        "address/no_local",
        "without IFA_LOCAL, without any address",
        NET,
        ask(
            address, RTM.NEWADDR, {IFA.ADDRESS: "10.0.0.1"}, CREATE, ifa_family=AF.INET, ifa_prefixlen=24, ifa_index=VA
        ),
        ask(address, RTM.NEWADDR, {IFA.LOCAL: "10.0.0.1"}, CREATE, ifa_family=AF.INET, ifa_prefixlen=24, ifa_index=VA),
        ask(address, RTM.NEWADDR, {}, CREATE, ifa_family=AF.INET, ifa_prefixlen=24, ifa_index=VA),
        ALL,
    ),
    script(
        "address/wrong_length",
        "a prefix length of 33, of 255",
        NET,
        addr("10.0.0.1/33", VA),
        addr("10.0.0.1/255", VA),
        deladdr("10.0.0.1/33", VA),
    ),
    script(
        "address/order_of_checks",
        "what is looked at before the device: the length, the lifetimes, an address of zeros, which is ignored",
        addr("10.0.0.1/33", 77),
        addr("10.0.0.1/24", 77, {IFA.CACHEINFO: {"ifa_valid": 10, "ifa_prefered": 20}}),
        addr("0.0.0.0/24", 77),
        addr("0.0.0.0/24", LO),
        ALL,
    ),
    script(
        "address/no_device",
        "devices that are none",
        NET,
        addr("10.0.0.1/24", 77),
        addr("10.0.0.1/24", 0),
        addr("10.0.0.1/24", 0x7FFFFFFF),
        deladdr("10.0.0.1/24", 77),
        deladdr("10.0.0.1/24", 0),
    ),
    script(
        "address/delete_absent",
        "DELADDR of what is not there",
        NET,
        quiet(addr("10.0.0.1/24", VA)),
        deladdr("10.0.0.2/24", VA),
        deladdr("10.0.0.1/16", VA),
        deladdr("10.0.0.1/24", VB),
        deladdr("10.0.0.1/24", VA, peer="10.0.0.9"),
    ),
    script(
        "address/delete_by_little",
        "DELADDR by less than all: without IFA_ADDRESS, without IFA_LOCAL, by label",
        NET,
        quiet(
            addr("10.0.0.1/24", VA),
            addr("10.0.1.1/24", VA),
            addr("10.0.2.1/24", VA, {IFA.LABEL: "va:l"}),
            addr("10.0.3.1/24", VA),
        ),
        ask(address, RTM.DELADDR, {IFA.LOCAL: "10.0.0.1"}, ifa_family=AF.INET, ifa_prefixlen=24, ifa_index=VA),
        ask(address, RTM.DELADDR, {IFA.ADDRESS: "10.0.1.9"}, ifa_family=AF.INET, ifa_prefixlen=24, ifa_index=VA),
        ask(address, RTM.DELADDR, {IFA.LABEL: "va:l"}, ifa_family=AF.INET, ifa_prefixlen=24, ifa_index=VA),
        ask(address, RTM.DELADDR, {}, ifa_family=AF.INET, ifa_index=VA),
        ALL,
    ),
    script(
        "address/sizes_wrong",
        "attributes of the wrong size",
        NET,
        *(
            tail(
                ask(
                    address,
                    RTM.NEWADDR,
                    {IFA.LOCAL: "10.0.0.1"},
                    CREATE,
                    ifa_family=AF.INET,
                    ifa_prefixlen=24,
                    ifa_index=VA,
                ),
                nla(type, payload),
            )
            for type, payload in (
                (1, b"\1\2"),
                (2, b"\1\2\3\4\5"),
                (3, b"x" * 16),
                (6, bytes(8)),
                (8, b"\1"),
                (9, b"\1\2"),
                (11, b""),
                (99, b"\1"),
                (4, b"\1\2\3"),
            )
        ),
    ),
    script(
        "address/strict",
        "the same with strict checking",
        NET,
        strict,
        addr("10.0.0.1/24", VA),
        tail(addr("10.0.1.1/24", VA), nla(99, b"\1")),
        tail(addr("10.0.2.1/24", VA), b"\1\2\3"),
        tail(deladdr("10.0.0.1/24", VA), b"\1\2\3"),
    ),
    script(
        "address/trailing",
        "bytes behind the attributes",
        NET,
        tail(addr("10.0.1.1/24", VA), b"\1\2\3"),
        tail(deladdr("10.0.1.1/24", VA), b"\1\2\3"),
    ),
    script(
        "address/short_header",
        "a body shorter than ifaddrmsg",
        *(raw(type, b"\2" + bytes(size - 1)) for type in (RTM.NEWADDR, RTM.DELADDR) for size in (1, 4, 7)),
        raw(RTM.GETADDR, b"\2"),
        raw(RTM.GETADDR, b"\2", 0x301),
        strict,
        raw(RTM.GETADDR, b"\2", 0x301),
    ),
    script(
        "address/no_ext_ack",
        "errors without words",
        NET,
        option(NETLINK_OPT.EXT_ACK, 0),
        addr("10.0.0.1/24", VA),
        addr("10.0.0.1/24", VA),
        addr("10.0.0.1/33", VA),
    ),
    script(
        "address/get_one",
        "RTM_GETADDR of one address is IPv6's",
        NET,
        quiet(addr("10.0.0.1/24", VA)),
        ask(address, RTM.GETADDR, {IFA.LOCAL: "10.0.0.1"}, ifa_family=AF.INET, ifa_index=VA),
    ),
]

SHOWN = [
    script(
        "address/dump_index",
        "a dump of one link's addresses, strict and not",
        NET,
        quiet(addr("10.0.0.1/24", VA), addr("10.0.1.1/24", VB)),
        dump(address, ifa_index=VA),
        strict,
        dump(address, ifa_index=VA),
        dump(address, ifa_index=77),
        dump(address),
    ),
    script(
        "address/dump_strict",
        "what strict dumps refuse",
        NET,
        strict,
        dump(address, ifa_prefixlen=24),
        dump(address, ifa_flags=1),
        dump(address, ifa_scope=1),
        dump(address, {IFA.LOCAL: "10.0.0.1"}),
        dump(address, {IFA.TARGET_NETNSID: 3}),
        dump(address),
    ),
    script(
        "address/dump_many",
        "three hundred addresses in several parts",
        NET,
        quiet(*(addr(f"10.{number}.0.1/16", (VA, VB)[number % 2]) for number in range(100))),
        dump(address),
        dump(address, size=4096),
    ),
    script(
        "address/echo_member",
        "the asker is a member of the groups",
        NET,
        option(NETLINK_OPT.ADD_MEMBERSHIP, 5),
        option(NETLINK_OPT.ADD_MEMBERSHIP, 7),
        addr("10.0.0.1/24", VA),
        flagged(deladdr("10.0.0.1/24", VA), ECHO),
    ),
    script("address/multicast_dump", "RTM_GETMULTICAST", NET, raw(RTM.GETMULTICAST, b"\2" + bytes(7), 0x301)),
]

SCRIPTS: list[Script] = FLAGS + WRONG + SHOWN
