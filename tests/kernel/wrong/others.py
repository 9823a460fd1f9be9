"""Wrong requests about addresses, neighbours, rules and nexthops.

Knows: requests and answers.
Never: how they are sent.
"""

from struct import pack

from nlwire.codec.message import build
from nlwire.uapi.fib_rules import FR_ACT, FRA, rule
from nlwire.uapi.if_addr import IFA, address
from nlwire.uapi.neighbour import NDA, NUD, neighbour
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.nexthop import NHA, nexthop
from nlwire.uapi.rtnetlink import AF, RTM
from tests.kernel.wrong.entry import NEW, Wrong, bytes_of, device, dumped, number, to_address

ADDRESSES = [
    Wrong(
        "a prefix length of 33",
        lambda nl: nl.request(
            build(
                address,
                RTM.NEWADDR,
                {IFA.LOCAL: "10.0.0.1"},
                flags=NEW,
                ifa_family=AF.INET,
                ifa_prefixlen=33,
                ifa_index=1,
            )
        ),
        "addr add 10.0.0.1/33 dev lo",
        lambda ip: ip.addr("add", index=1, address="10.0.0.1", prefixlen=33),
        "EINVAL",
        words="ipv4: Invalid prefix length",
    ),
    Wrong(
        "an address for nobody",
        lambda nl: nl.address.add("10.0.0.1/8", 999),
        "addr add 10.0.0.1/8 dev nobody",
        lambda ip: ip.addr("add", index=999, address="10.0.0.1", prefixlen=8),
        "ENODEV",
        words="ipv4: Device not found",
    ),
    Wrong(
        "no address at all",
        lambda nl: nl.request(to_address({})),
        None,
        None,
        "EINVAL",
        words="ipv4: Local address is not supplied",
    ),
    Wrong(
        "an address that is there",
        lambda nl: nl.address.add("192.0.2.1/24", "d0"),
        "addr add 192.0.2.1/24 dev d0",
        lambda ip: ip.addr("add", index=device(ip, "d0"), address="192.0.2.1", prefixlen=24),
        "EEXIST",
        words="ipv4: Address already assigned",
    ),
    Wrong(
        "an address to delete that is not there",
        lambda nl: nl.address.delete("192.0.2.99/24", "d0"),
        "addr del 192.0.2.99/24 dev d0",
        lambda ip: ip.addr("del", index=device(ip, "d0"), address="192.0.2.99", prefixlen=24),
        "EADDRNOTAVAIL",
        words="ipv4: Address not found",
    ),
    Wrong(
        "an IPv4 address of three bytes",
        lambda nl: nl.request(to_address([bytes_of("IFA_LOCAL", b"\x0a\0\0")])),
        None,
        None,
        "ERANGE",
        words="Attribute failed policy validation",
        path="ifaddrmsg/IFA_LOCAL",
        value="0a0000",
    ),
    Wrong(
        "lifetimes the wrong way round",
        lambda nl: nl.address.add("10.0.0.1/8", "d0", attrs={IFA.CACHEINFO: {"ifa_prefered": 100, "ifa_valid": 10}}),
        "addr add 10.0.0.1/8 dev d0 valid_lft 10 preferred_lft 100",
        lambda ip: ip.addr(
            "add",
            index=device(ip, "d0"),
            address="10.0.0.1",
            prefixlen=8,
            preferred_lft=100,
            valid_lft=10,
        ),
        "EINVAL",
        words="ipv4: address lifetime invalid",
    ),
    Wrong(
        "a multicast address as one's own",
        lambda nl: nl.address.add("ff02::77/64", "d0"),
        "addr add ff02::77/64 dev d0",
        lambda ip: ip.addr("add", index=device(ip, "d0"), address="ff02::77", prefixlen=64),
        "EADDRNOTAVAIL",
        words='ipv6: Cannot assign multicast address without "IFA_F_MCAUTOJOIN" flag',
        ipv6=True,
    ),
    Wrong(
        "a dump of addresses by their label",
        lambda nl: dumped(nl, build(address, RTM.GETADDR, {IFA.LABEL: "d0"}, ifa_family=AF.INET)),
        None,
        None,
        "EINVAL",
        words="ipv4: Unsupported attribute in dump request",
    ),
]

OTHERS = [
    Wrong(
        "a neighbour without an address",
        lambda nl: nl.request(
            build(
                neighbour,
                RTM.NEWNEIGH,
                {NDA.LLADDR: "02:00:00:00:00:07"},
                flags=NEW,
                ndm_family=AF.INET,
                ndm_ifindex=number(nl, "d0"),
                ndm_state=NUD.PERMANENT,
            )
        ),
        None,
        None,
        "EINVAL",
        words="Network address not specified",
    ),
    Wrong(
        "a neighbour's hardware address of two bytes",
        lambda nl: nl.neighbour.add("192.0.2.7", "d0", lladdr="02:00"),
        "neigh add 192.0.2.7 dev d0 lladdr 02:00",
        lambda ip: ip.neigh("add", dst="192.0.2.7", lladdr="02:00", ifindex=device(ip, "d0")),
        "EINVAL",
        words="Invalid link address",
    ),
    Wrong(
        "a neighbour to delete that is not there",
        lambda nl: nl.neighbour.delete("192.0.2.99", "d0"),
        "neigh del 192.0.2.99 dev d0",
        lambda ip: ip.neigh("del", dst="192.0.2.99", ifindex=device(ip, "d0")),
        "ENOENT",
    ),
    Wrong(
        "a neighbour of nobody",
        lambda nl: nl.neighbour.add("192.0.2.7", 999, lladdr="02:00:00:00:00:07"),
        "neigh add 192.0.2.7 dev nobody lladdr 02:00:00:00:00:07",
        lambda ip: ip.neigh("add", dst="192.0.2.7", lladdr="02:00:00:00:00:07", ifindex=999),
        "ENODEV",
    ),
    Wrong(
        "a dump of neighbours in one state",
        lambda nl: dumped(nl, build(neighbour, RTM.GETNEIGH, ndm_family=AF.INET, ndm_state=NUD.STALE)),
        None,
        None,
        "EINVAL",
        words="Invalid values in header for neighbor dump request",
    ),
    Wrong(
        "a rule to delete that is not there",
        lambda nl: nl.rule.delete(priority=4711),
        "rule del pref 4711",
        lambda ip: ip.rule("del", priority=4711),
        "ENOENT",
    ),
    Wrong(
        "a rule that jumps back",
        lambda nl: nl.rule.add(priority=100, action=FR_ACT.GOTO, attrs={FRA.GOTO: 50}),
        "rule add pref 100 goto 50",
        lambda ip: ip.rule("add", priority=100, action="goto", goto=50),
        "EINVAL",
        words="Backward goto not supported",
    ),
    Wrong(
        "a rule for a prefix of 33 bits",
        lambda nl: nl.request(
            build(
                rule,
                RTM.NEWRULE,
                {FRA.SRC: "10.0.0.0", FRA.TABLE: 5},
                nlmsg_flags=NEW,
                family=AF.INET,
                src_len=33,
                action=FR_ACT.TO_TBL,
            )
        ),
        "rule add from 10.0.0.0/33 table 5",
        None,
        "EINVAL",
        words="Invalid source address",
    ),
    Wrong(
        "a rule for ports the wrong way round",
        lambda nl: nl.rule.add(priority=100, table=5, attrs={FRA.SPORT_RANGE: {"start": 9, "end": 2}}),
        "rule add pref 100 sport 9-2 table 5",
        None,
        "EINVAL",
        words="Invalid sport range",
    ),
    Wrong(
        "a nexthop without a device",
        lambda nl: nl.nexthop.add(1, via="192.0.2.2"),
        "nexthop add id 1 via 192.0.2.2",
        None,
        "EINVAL",
        words="Device attribute required for non-blackhole and non-fdb nexthops",
    ),
    Wrong("a nexthop that is not there", lambda nl: nl.nexthop.get(4711), "nexthop get id 4711", None, "ENOENT"),
    Wrong(
        "a group of nexthops nobody made",
        lambda nl: nl.nexthop.add(9, group=[4711]),
        "nexthop add id 9 group 4711",
        None,
        "EINVAL",
        words="Invalid nexthop id",
    ),
    Wrong(
        "an empty group of nexthops",
        lambda nl: nl.request(build(nexthop, RTM.NEWNEXTHOP, {NHA.ID: 9, NHA.GROUP: []}, flags=NEW)),
        None,
        None,
        "EINVAL",
        words="Invalid length for nexthop group attribute",
    ),
    Wrong(
        "a nexthop that is nothing",
        lambda nl: nl.request(build(nexthop, RTM.NEWNEXTHOP, {NHA.ID: 9}, flags=NEW, nh_family=AF.INET)),
        "nexthop add id 9",
        None,
        "EINVAL",
        words="Device attribute required for non-blackhole and non-fdb nexthops",
    ),
    Wrong(
        "a type of message nobody knows",
        lambda nl: nl.request(pack("=IHHIIB3x", 17, 0x1FA, NLM_F.REQUEST | NLM_F.ACK, 0, 0, AF.INET)),
        None,
        None,
        "EOPNOTSUPP",
    ),
    Wrong(
        "a new device without the right to make one",
        lambda nl: nl.link.add("x0", kind="bridge"),
        "link add x0 type bridge",
        lambda ip: ip.link("add", ifname="x0", kind="bridge"),
        "EPERM",
        unprivileged=True,
    ),
    Wrong(
        "a route without the right to add one",
        lambda nl: nl.route.add("10.0.0.0/8", dev="d0"),
        "route add 10.0.0.0/8 dev d0",
        lambda ip: ip.route("add", dst="10.0.0.0/8", oif=device(ip, "d0")),
        "EPERM",
        unprivileged=True,
    ),
]
