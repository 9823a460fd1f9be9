"""Links that are changed, and requests about links that are hardly ones (net/core/rtnetlink.c: do_setlink)."""

from typing import Any

from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_link import IFLA, IFLA_PROP_LIST, link
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import RTM
from tests.kernel.transcripts.play import Script
from tests.kernel.transcripts.words import (
    CREATE,
    EXCL,
    REPLACE,
    VA,
    VB,
    ask,
    dump,
    getlink,
    mac,
    newlink,
    nla,
    quiet,
    raw,
    script,
    setlink,
    strict,
    tail,
    up,
    veth,
)

ALL = dump(link)

PAIR = quiet(veth())

UP_PAIR = quiet(veth(), up(VA), up(VB))

SETTINGS: dict[str, tuple[dict[Any, Any], ...]] = {
    "mtu": (
        {IFLA.MTU: 1400},
        {IFLA.MTU: 1400},
        {IFLA.MTU: 67},
        {IFLA.MTU: 68},
        {IFLA.MTU: 65535},
        {IFLA.MTU: 65536},
    ),
    "name": (
        {IFLA.IFNAME: "vx"},
        {IFLA.IFNAME: "vx"},
        {IFLA.IFNAME: "vb"},
        {IFLA.IFNAME: "v/"},
        {IFLA.IFNAME: "v%d"},
    ),
    "alias": ({IFLA.IFALIAS: "one"}, {IFLA.IFALIAS: "two"}, {IFLA.IFALIAS: ""}),
    "address": (
        {IFLA.ADDRESS: mac(0x77)},
        {IFLA.ADDRESS: mac(0x77)},
        {IFLA.ADDRESS: "01:00:5e:00:00:01"},
        {IFLA.ADDRESS: "00:00:00:00:00:00"},
    ),
    "broadcast": ({IFLA.BROADCAST: mac(0xFE)},),
    "txqlen": ({IFLA.TXQLEN: 10}, {IFLA.TXQLEN: 10}, {IFLA.TXQLEN: 0}),
    "group": ({IFLA.GROUP: 5}, {IFLA.GROUP: 0}),
    "operstate": ({IFLA.OPERSTATE: 5}, {IFLA.OPERSTATE: 6}, {IFLA.OPERSTATE: 2}),
    "linkmode": ({IFLA.LINKMODE: 1}, {IFLA.LINKMODE: 0}),
    "gso": (
        {IFLA.GSO_MAX_SIZE: 32768},
        {IFLA.GSO_MAX_SEGS: 100},
        {IFLA.GRO_MAX_SIZE: 32768},
        {IFLA.GSO_MAX_SIZE: 0xFFFFFFFF},
    ),
    "gso_ipv4": ({IFLA.GSO_IPV4_MAX_SIZE: 30000}, {IFLA.GRO_IPV4_MAX_SIZE: 30000}),
    "carrier": ({IFLA.CARRIER: 0}, {IFLA.CARRIER: 1}),
    "proto_down": ({IFLA.PROTO_DOWN: 1}, {IFLA.PROTO_DOWN: 0}),
    "several": ({IFLA.MTU: 1300, IFLA.TXQLEN: 20, IFLA.IFALIAS: "x", IFLA.GROUP: 3},),
}
CHANGES = [
    script(
        f"link/set_{name}",
        f"ip link set {name}, on a link that is down and on one that is up",
        PAIR,
        *(setlink(VA, attrs) for attrs in several),
        quiet(up(VA), up(VB)),
        *(setlink(VA, attrs) for attrs in several),
        getlink(VA),
    )
    for name, several in SETTINGS.items()
]

FLAG_CHANGES = [
    script(
        f"link/flag_{str(flag.name).lower()}",
        f"IFF_{flag.name} on and off",
        PAIR,
        setlink(VA, ifi_flags=flag, ifi_change=flag),
        setlink(VA, ifi_flags=flag, ifi_change=flag),
        getlink(VA),
        quiet(up(VA)),
        setlink(VA, ifi_flags=0, ifi_change=flag),
        getlink(VA),
    )
    for flag in (
        IFF.PROMISC,
        IFF.ALLMULTI,
        IFF.NOARP,
        IFF.DEBUG,
        IFF.NOTRAILERS,
        IFF.DYNAMIC,
        IFF.MULTICAST,
        IFF.PORTSEL,
        IFF.AUTOMEDIA,
        IFF.RUNNING,
        IFF.LOOPBACK,
    )
]

WAYS = [
    script(
        "link/change_mask",
        "ifi_change 0 means all bits",
        PAIR,
        setlink(VA, ifi_flags=IFF.UP),
        setlink(VA, ifi_flags=IFF.UP | IFF.NOARP),
        setlink(VA, {IFLA.MTU: 1400}),
        getlink(VA),
    ),
    script(
        "link/setlink",
        "RTM_SETLINK does what RTM_NEWLINK does to a link that is there",
        PAIR,
        setlink(VA, {IFLA.MTU: 1400}, RTM.SETLINK),
        setlink(77, {IFLA.MTU: 1400}, RTM.SETLINK),
        setlink(0, {IFLA.MTU: 1400}, RTM.SETLINK),
        setlink(0, {IFLA.IFNAME: "va", IFLA.MTU: 1300}, RTM.SETLINK),
        setlink(VA, type=RTM.SETLINK, ifi_flags=IFF.UP, ifi_change=IFF.UP),
        getlink(VA),
    ),
    script(
        "link/by_name",
        "changed by name",
        PAIR,
        setlink(0, {IFLA.IFNAME: "va", IFLA.MTU: 1300}),
        setlink(0, {IFLA.IFNAME: "vz", IFLA.MTU: 1300}),
        setlink(0, {IFLA.MTU: 1300}),
        getlink(attrs={IFLA.IFNAME: "va"}),
    ),
    script(
        "link/excl",
        "NEWLINK with EXCL, REPLACE, CREATE on a link that is there",
        PAIR,
        setlink(VA, {IFLA.MTU: 1300}, flags=CREATE | EXCL),
        setlink(VA, {IFLA.MTU: 1300}, flags=int(NLM_F.EXCL)),
        setlink(VA, {IFLA.MTU: 1300}, flags=CREATE),
        setlink(VA, {IFLA.MTU: 1200}, flags=CREATE | REPLACE),
        newlink("veth", "va", flags=CREATE),
        newlink("bridge", "va", flags=CREATE),
    ),
    script(
        "link/absent",
        "a change to a link that is not there",
        setlink(77, {IFLA.MTU: 1300}),
        setlink(0, {IFLA.IFNAME: "nobody"}),
        ask(link, RTM.NEWLINK),
        newlink(None, "nobody", flags=CREATE),
        newlink(None, "nobody", flags=CREATE, ifi_index=9),
        getlink(77),
        getlink(attrs={IFLA.IFNAME: "nobody"}),
        getlink(),
    ),
    script(
        "link/kinds_unknown",
        "kinds that are none",
        newlink("nosuchkind", "x0"),
        newlink("", "x0"),
        newlink("lo", "x0"),
        newlink("veth", "x0", flags=0),
        newlink("nosuchkind", "lo", flags=0),
    ),
    script(
        "link/names",
        "names that are none",
        *(veth(name, "vb") for name in ("a b", ".", "..", "a/b", "a:b", "all", "default", "a%s", "a%d%d", "%")),
    ),
    script(
        "link/name_length",
        "a name of fifteen letters and one of sixteen",
        PAIR,
        setlink(VA, {IFLA.IFNAME: "a" * 15}),
        tail(setlink(VA), nla(3, b"a" * 16 + b"\0")),
        tail(setlink(VA), nla(3, b"abc")),
        tail(setlink(VA), nla(3, b"")),
    ),
    script(
        "link/addresses_wrong",
        "addresses of the wrong length",
        PAIR,
        tail(setlink(VA), nla(1, b"\2\0\0\0\0")),
        tail(setlink(VA), nla(1, b"\2\0\0\0\0\7\7\7")),
        tail(setlink(VA), nla(1, b"")),
        tail(setlink(VA), nla(2, b"\2")),
    ),
    script(
        "link/sizes_wrong",
        "attributes of the wrong size",
        PAIR,
        tail(setlink(VA), nla(4, b"\1\2")),
        tail(setlink(VA), nla(13, b"")),
        tail(setlink(VA), nla(4, b"\x78\5\0\0\0\0\0\0")),
        tail(setlink(VA), nla(27, b"\1")),
        tail(setlink(VA), nla(16, b"")),
    ),
    script(
        "link/trailing",
        "bytes behind the attributes",
        PAIR,
        tail(setlink(VA, {IFLA.MTU: 1400}), b"\1\2\3"),
        strict,
        tail(setlink(VA, {IFLA.MTU: 1300}), b"\1\2\3"),
        tail(getlink(VA), b"\1\2\3"),
    ),
    script(
        "link/unknown_attribute",
        "an attribute nobody knows, liberal and strict",
        PAIR,
        tail(setlink(VA), nla(200, b"\1\2\3\4")),
        tail(getlink(VA), nla(200, b"\1\2\3\4")),
        strict,
        tail(setlink(VA), nla(200, b"\1\2\3\4")),
        tail(getlink(VA), nla(200, b"\1\2\3\4")),
    ),
    script(
        "link/short_header",
        "a body shorter than ifinfomsg",
        *(
            raw(type, bytes(size))
            for type in (RTM.NEWLINK, RTM.DELLINK, RTM.GETLINK, RTM.SETLINK)
            for size in (1, 8, 15)
        ),
        strict,
        raw(RTM.GETLINK, bytes(8)),
    ),
    script(
        "link/altname",
        "alternative names",
        PAIR,
        altname := ask(
            link,
            RTM.NEWLINKPROP,
            {IFLA.PROP_LIST: [(IFLA_PROP_LIST.ALT_IFNAME, "first"), (IFLA_PROP_LIST.ALT_IFNAME, "second")]},
            CREATE | EXCL,
            ifi_index=VA,
        ),
        altname,
        getlink(attrs={IFLA.ALT_IFNAME: "second"}),
        getlink(attrs={IFLA.IFNAME: "first"}),
        setlink(0, {IFLA.ALT_IFNAME: "first", IFLA.MTU: 1400}),
        veth("first", "vx", 5),
        ask(link, RTM.DELLINKPROP, {IFLA.PROP_LIST: [(IFLA_PROP_LIST.ALT_IFNAME, "first")]}, ifi_index=VA),
        ask(link, RTM.DELLINKPROP, {IFLA.PROP_LIST: [(IFLA_PROP_LIST.ALT_IFNAME, "first")]}, ifi_index=VA),
        getlink(VA),
        ask(link, RTM.DELLINK, {IFLA.ALT_IFNAME: "second"}),
    ),
    script(
        "link/rename_up",
        "a link that is up is renamed",
        UP_PAIR,
        setlink(VA, {IFLA.IFNAME: "vx"}),
        setlink(VA, {IFLA.IFNAME: "lo"}),
        getlink(VA),
    ),
    script(
        "link/group_delete",
        "DELLINK of a group",
        PAIR,
        quiet(veth("vc", "vd", 3), setlink(VA, {IFLA.GROUP: 9}), setlink(4, {IFLA.GROUP: 9})),
        ask(link, RTM.DELLINK, {IFLA.GROUP: 8}),
        ask(link, RTM.DELLINK, {IFLA.GROUP: 9}),
        ALL,
    ),
    script(
        "link/group_change",
        "NEWLINK of a group",
        PAIR,
        quiet(setlink(VA, {IFLA.GROUP: 9}), setlink(VB, {IFLA.GROUP: 9})),
        ask(link, RTM.NEWLINK, {IFLA.GROUP: 9, IFLA.MTU: 1400}),
        ask(link, RTM.NEWLINK, {IFLA.GROUP: 8, IFLA.MTU: 1400}),
        ALL,
    ),
    script(
        "link/master_none",
        "masters that are none",
        PAIR,
        setlink(VA, {IFLA.MASTER: VB}),
        setlink(VA, {IFLA.MASTER: 77}),
        setlink(VA, {IFLA.MASTER: 0}),
    ),
    script(
        "link/inet_conf",
        "IPv4 settings of a link by IFLA_AF_SPEC",
        PAIR,
        tail(setlink(VA), nla(26, nla(2, nla(1 | 0x8000, nla(1, b"\1\0\0\0"))))),
        tail(setlink(VA), nla(26, nla(2, nla(1, nla(25, b"\1\0\0\0") + nla(7, b"\2\0\0\0"))))),
        tail(setlink(VA), nla(26, nla(2, nla(1, nla(99, b"\1\0\0\0"))))),
        tail(setlink(VA), nla(26, nla(2, nla(1, nla(3, b"\1"))))),
        getlink(VA),
    ),
    script(
        "link/new_netns_wrong",
        "namespaces that are none",
        PAIR,
        setlink(VA, {IFLA.NET_NS_PID: 0x7FFFFFF}),
        setlink(VA, {IFLA.NET_NS_FD: 0x7FFFFFF}),
        setlink(VA, {IFLA.TARGET_NETNSID: 5}),
        getlink(VA, {IFLA.TARGET_NETNSID: 5}),
        setlink(VA, {IFLA.NEW_IFINDEX: 5}),
    ),
]

SCRIPTS: list[Script] = CHANGES + FLAG_CHANGES + WAYS
