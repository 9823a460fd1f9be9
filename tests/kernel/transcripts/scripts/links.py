"""Links: made, changed, removed, shown (net/core/rtnetlink.c, net/core/dev.c, drivers/net/veth.c, loopback.c)."""

from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_link import IFLA, IFLA_INFO, VETH_INFO, link
from nlwire.uapi.rtnetlink import AF, RTEXT_FILTER, RTM
from tests.kernel.transcripts.play import Script
from tests.kernel.transcripts.words import (
    ECHO,
    LO,
    VA,
    VB,
    addr,
    dellink,
    down,
    dump,
    flagged,
    getlink,
    mac,
    newlink,
    quiet,
    raw,
    script,
    setlink,
    strict,
    up,
    veth,
)

ALL = dump(link)
PAIR = quiet(veth())
UP_PAIR = quiet(veth(), up(VA), up(VB))

LIFE = [
    script("link/lo", "a fresh namespace: lo, down", ALL, getlink(LO), getlink(attrs={IFLA.IFNAME: "lo"})),
    script("link/lo_up", "lo goes up, down, up", up(LO), ALL, down(LO), ALL, up(LO), up(LO)),
    script("link/lo_cannot_go", "lo cannot be deleted nor get a master", dellink(LO), setlink(LO, {IFLA.MASTER: LO})),
    script("link/veth", "a veth pair comes and goes", veth(), ALL, dellink(VA), ALL),
    script("link/veth_del_peer", "the pair goes when its peer does", PAIR, dellink(VB), ALL),
    script("link/veth_del_by_name", "DELLINK by name", PAIR, dellink(name="vb"), dellink(name="vb"), dellink(77)),
    script("link/veth_del_up", "a pair that is up is deleted", UP_PAIR, dellink(VA)),
    script("link/veth_up", "one end up, then the other", PAIR, up(VA), up(VB), ALL),
    script("link/veth_down", "one end down, then the other", UP_PAIR, down(VA), ALL, down(VB), ALL),
    script("link/veth_peer_down", "an end loses its carrier and gets it back", UP_PAIR, down(VB), ALL, up(VB), ALL),
    script(
        "link/veth_plain",
        "a veth pair of which nothing is said",
        newlink("veth", attrs={IFLA.NUM_TX_QUEUES: 1, IFLA.NUM_RX_QUEUES: 1}),
        flagged(dellink(name="veth0")),
    ),
    script("link/veth_two", "two pairs; names by pattern", veth("a%d", "b%d", 1), veth("a%d", "b%d", 2), ALL),
    script(
        "link/veth_same_names",
        "the peer's name is taken, its own name is taken",
        PAIR,
        veth("va", "vx"),
        veth("vx", "va"),
        veth("vx", "vx"),
        ALL,
    ),
    script(
        "link/veth_index",
        "indexes that are asked for",
        newlink(
            "veth",
            "va",
            {
                VETH_INFO.PEER: (
                    {"ifi_index": 20},
                    {IFLA.IFNAME: "vb", IFLA.ADDRESS: mac(2), IFLA.NUM_TX_QUEUES: 1, IFLA.NUM_RX_QUEUES: 1},
                )
            },
            {IFLA.ADDRESS: mac(1), IFLA.NUM_TX_QUEUES: 1, IFLA.NUM_RX_QUEUES: 1},
            ifi_index=10,
        ),
        veth("vc", "vd", 3),
        ALL,
    ),
    script(
        "link/veth_mtu",
        "the MTU of both ends",
        veth(attrs={IFLA.MTU: 1400}, peer={IFLA.MTU: 9000}),
        setlink(VA, {IFLA.MTU: 3000}),
        ALL,
    ),
    script(
        "link/veth_born_up",
        "made with IFF_UP",
        newlink(
            "veth",
            "va",
            {
                VETH_INFO.PEER: (
                    {},
                    {IFLA.IFNAME: "vb", IFLA.ADDRESS: mac(2), IFLA.NUM_TX_QUEUES: 1, IFLA.NUM_RX_QUEUES: 1},
                )
            },
            {IFLA.ADDRESS: mac(1), IFLA.NUM_TX_QUEUES: 1, IFLA.NUM_RX_QUEUES: 1},
            ifi_flags=IFF.UP,
            ifi_change=IFF.UP,
        ),
        ALL,
    ),
    script(
        "link/veth_with_all",
        "made with an alias, a group, a queue length",
        veth(attrs={IFLA.IFALIAS: "uplink", IFLA.GROUP: 7, IFLA.TXQLEN: 500, IFLA.BROADCAST: mac(0xFF)}),
        ALL,
    ),
    script(
        "link/veth_echo",
        "NLM_F_ECHO of a NEWLINK",
        flagged(veth(), ECHO),
        flagged(setlink(VA, {IFLA.MTU: 1400}), ECHO),
        flagged(dellink(VA), ECHO),
    ),
    script(
        "link/veth_with_addresses",
        "a pair with addresses goes",
        UP_PAIR,
        quiet(addr("10.0.0.1/24", VA), addr("10.0.1.1/24", VB)),
        dellink(VB),
    ),
]


SHOWN = [
    script(
        "link/ext_mask",
        "IFLA_EXT_MASK in a get and a dump",
        PAIR,
        *(
            one
            for mask in (
                RTEXT_FILTER.VF,
                RTEXT_FILTER.SKIP_STATS,
                RTEXT_FILTER.VF | RTEXT_FILTER.SKIP_STATS,
                RTEXT_FILTER.BRVLAN,
            )
            for one in (getlink(VA, {IFLA.EXT_MASK: mask}), dump(link, {IFLA.EXT_MASK: mask}))
        ),
    ),
    script(
        "link/dump_families",
        "dumps of links by family",
        UP_PAIR,
        *(dump(link, ifi_family=family) for family in (AF.INET, AF.PACKET, AF.UNIX, AF.BRIDGE)),
    ),
    script(
        "link/dump_genmsg",
        "the old dump request of one byte, padded and not",
        PAIR,
        raw(RTM.GETLINK, b"\0", 0x301),
        raw(RTM.GETLINK, bytes(4), 0x301),
        raw(RTM.GETLINK, b"\x11", 0x301),
        strict,
        raw(RTM.GETLINK, b"\0", 0x301),
    ),
    script(
        "link/dump_filter",
        "filters of a dump",
        PAIR,
        quiet(newlink("bridge", "br", attrs={IFLA.ADDRESS: mac(9)}), setlink(VA, {IFLA.MASTER: 4})),
        dump(link, {IFLA.MASTER: 4}),
        dump(link, {IFLA.LINKINFO: {IFLA_INFO.KIND: "veth"}}),
        dump(link, {IFLA.LINKINFO: {IFLA_INFO.KIND: "bridge"}}),
        strict,
        dump(link, {IFLA.MASTER: 4}),
        dump(link, {IFLA.MASTER: 77}),
        dump(link, {IFLA.LINKINFO: {IFLA_INFO.KIND: "veth"}}),
        dump(link, {IFLA.LINKINFO: {IFLA_INFO.KIND: "nosuch"}}),
    ),
    script(
        "link/dump_strict",
        "what strict dumps refuse",
        PAIR,
        strict,
        dump(link, ifi_index=2),
        dump(link, ifi_flags=1),
        dump(link, ifi_change=1),
        dump(link, ifi_type=1),
        dump(link, {IFLA.IFNAME: "va"}),
        dump(link, {IFLA.MTU: 1400}),
        ALL,
    ),
    script(
        "link/get_strict",
        "what strict gets refuse",
        PAIR,
        strict,
        getlink(VA, ifi_flags=1),
        getlink(VA, ifi_type=1),
        getlink(VA, {IFLA.MTU: 1400}),
        getlink(VA, {IFLA.MASTER: 1}),
        getlink(VA, {IFLA.IFNAME: "vb"}),
        getlink(0, {IFLA.IFNAME: "vb"}),
    ),
    script(
        "link/dump_many",
        "twenty links in several parts",
        quiet(*(veth(f"a{number}", f"b{number}", number) for number in range(10))),
        ALL,
        dump(link, size=4096),
        dump(link, size=16384),
    ),
    script("link/dump_small", "a dump read with little room", PAIR, dump(link, size=1024)),
]

SCRIPTS: list[Script] = LIFE + SHOWN
