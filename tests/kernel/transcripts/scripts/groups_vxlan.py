"""A vxlan's multicast database: to which places packets of a group go (drivers/net/vxlan/vxlan_mdb.c)."""

from typing import Any

from nlwire.uapi.if_bridge.mdb import MDBA, MDBE_ATTR, MDBE_SRC_LIST, mdb
from nlwire.uapi.if_link import IFLA, IFLA_VXLAN
from nlwire.uapi.rtnetlink import AF, RTM
from tests.kernel.transcripts.play import Ask, Script
from tests.kernel.transcripts.scripts.forwarding_vxlan import NET, VX
from tests.kernel.transcripts.scripts.groups import (
    ALL,
    EXCLUDE,
    G2,
    G6,
    INCLUDE,
    MAC,
    G,
    address,
    flush,
    get,
    group,
    sources,
    ungroup,
)
from tests.kernel.transcripts.words import (
    CREATE,
    NEW,
    REPLACE,
    VA,
    ask,
    dellink,
    down,
    mac,
    newlink,
    nla,
    quiet,
    script,
    tail,
)

R, R2, R6 = "10.0.0.2", "10.0.0.3", "2001:db8::2"


def to(grp: str, dst: str | None, flags: int = NEW, attrs: dict[Any, Any] | None = None, **entry: Any) -> Ask:
    """bridge mdb add dev vx port vx grp … dst …."""
    given = {**({MDBE_ATTR.DST: dst} if dst else {}), **(attrs or {})}
    return group(entry.pop("where", VX), grp, flags, entry.pop("state", 1), given, br=VX, **entry)


def not_to(grp: str, dst: str, attrs: dict[Any, Any] | None = None) -> Ask:
    """bridge mdb del."""
    return ungroup(VX, grp, {MDBE_ATTR.DST: dst, **(attrs or {})}, br=VX)


def listed(mode: int, *addresses: str) -> dict[Any, Any]:
    return {MDBE_ATTR.GROUP_MODE: mode, **sources(*addresses)}


ONE = {MDBE_ATTR.SOURCE: "10.0.0.9"}
SCRIPTS: list[Script] = [
    script("mdb/vxlan_none", "no groups", NET, ALL),
    script(
        "mdb/vxlan_life",
        "groups come and go",
        NET,
        to(G, R),
        to(G, R2),
        to(G, R),
        to(
            G,
            R,
            CREATE | REPLACE,
            {MDBE_ATTR.RTPROT: 186, MDBE_ATTR.DST_PORT: 4790, MDBE_ATTR.VNI: 7, MDBE_ATTR.IFINDEX: VA},
        ),
        to(G6, R6),
        to("0.0.0.0", R),
        to("::", R2),
        to(G2, R, 0),
        to(G2, R, REPLACE),
        to(G2, R, attrs=ONE),
        ALL,
        not_to(G, R),
        not_to(G, R),
        not_to(G, "10.0.0.77"),
        not_to(G2, R),
        not_to(G2, R, ONE),
        ALL,
        dellink(VX),
        ALL,
    ),
    script(
        "mdb/vxlan_sources",
        "source lists, each of whose sources has an entry",
        NET,
        to(G, R, attrs=listed(INCLUDE, "10.0.0.7", "10.0.0.8")),
        to(G, R2, attrs=listed(EXCLUDE, "10.0.0.7")),
        to(G6, R, attrs=listed(EXCLUDE, "2001:db8::7", "2001:db8::7")),
        ALL,
        to(G, R, CREATE | REPLACE, listed(EXCLUDE, "10.0.0.8", "10.0.0.9")),
        to(G, R2, CREATE, listed(EXCLUDE, "10.0.0.9")),
        to(G2, R, attrs=ONE),
        to(G2, R, attrs=listed(INCLUDE, "10.0.0.5", "10.0.0.9")),
        ALL,
        not_to(G, R, {MDBE_ATTR.SOURCE: "10.0.0.8"}),
        not_to(G, R),
        not_to(G, R2),
        ALL,
    ),
    script(
        "mdb/vxlan_refused",
        "what cannot be",
        NET,
        to(G, None),
        to(G, R, where=VA),
        to(G, R, state=0),
        to(G, R, flags=NEW, vid=5),
        to(MAC, R),
        to("ff02::5", R),
        to("2001:db8::5", R),
        to("0.0.0.0", R, attrs=ONE),
        to(G, R, attrs={MDBE_ATTR.SOURCE: "0.0.0.0"}),
        to(G, R, attrs={MDBE_ATTR.SOURCE: "224.1.1.1"}),
        to(G, R, attrs={MDBE_ATTR.SOURCE: "2001:db8::1"}),
        to(G6, R, attrs={MDBE_ATTR.SOURCE: "::"}),
        to(G6, R, attrs=ONE),
        to(G, R, attrs={**ONE, MDBE_ATTR.GROUP_MODE: 0}),
        to(G, R, attrs={**ONE, **sources("10.0.0.8")}),
        to(G, R, attrs={MDBE_ATTR.GROUP_MODE: 1}),
        to(G, R, attrs=sources("10.0.0.8")),
        to(G, R, attrs=listed(INCLUDE, "0.0.0.0")),
        to(G, R, attrs={MDBE_ATTR.GROUP_MODE: 0, MDBE_ATTR.SRC_LIST: [(MDBE_SRC_LIST.ENTRY, {})]}),
        to(G, R, attrs={MDBE_ATTR.IFINDEX: 77}),
        to(G, R, attrs={MDBE_ATTR.IFINDEX: 0}),
        to(G, R, attrs={MDBE_ATTR.VNI: 1 << 24}),
        to(G, R, attrs={MDBE_ATTR.RTPROT: 3}),
        ask(
            mdb,
            RTM.NEWMDB,
            {MDBA.MDB: {"ifindex": VX, "state": 1, "addr": address(G)}},
            NEW,
            family=AF.BRIDGE,
            ifindex=VX,
        ),
        tail(to(G, R), nla(0x8002, nla(5, bytes(7)))),
        not_to(G, R),
        ALL,
    ),
    script(
        "mdb/vxlan_get",
        "one group",
        NET,
        quiet(to(G, R), to(G, R2), to(G, R, attrs=ONE)),
        get(G, br=VX),
        get(G, ONE, br=VX),
        get(G2, br=VX),
        get(G, {MDBE_ATTR.SOURCE: "0.0.0.0"}, br=VX),
        get(G, {MDBE_ATTR.SRC_VNI: 9}, br=VX),
    ),
    script(
        "mdb/vxlan_metadata",
        "groups by the VNI that packets say",
        quiet(newlink("vxlan", "vx", {IFLA_VXLAN.COLLECT_METADATA: 1, IFLA_VXLAN.PORT: 4789}, {IFLA.ADDRESS: mac(7)})),
        *(group(2, G, NEW, 1, {MDBE_ATTR.DST: R, MDBE_ATTR.SRC_VNI: vni}, br=2) for vni in (5, 6, 5)),
        ALL,
        ungroup(2, G, {MDBE_ATTR.DST: R, MDBE_ATTR.SRC_VNI: 6}, br=2),
        get(G, {MDBE_ATTR.SRC_VNI: 5}, br=2),
    ),
    script(
        "mdb/vxlan_flush",
        "many at once",
        NET,
        quiet(to(G, R), to(G, R2, attrs={MDBE_ATTR.VNI: 7}), to(G2, R, attrs={MDBE_ATTR.RTPROT: 186})),
        quiet(to(G6, R, attrs={MDBE_ATTR.DST_PORT: 4790}), to("239.5.5.5", R, attrs=listed(INCLUDE, "10.0.0.7"))),
        flush({MDBE_ATTR.RTPROT: 186}, br=VX),
        flush({MDBE_ATTR.VNI: 7}, br=VX),
        flush({MDBE_ATTR.DST_PORT: 4790}, br=VX),
        flush({MDBE_ATTR.SRC_VNI: 43}, br=VX),
        flush({MDBE_ATTR.STATE_MASK: 1}, br=VX),
        flush({MDBE_ATTR.STATE_MASK: 1, MDBE_ATTR.DST: R2}, br=VX, state=1),
        flush(br=VX, ifindex=VA),
        flush(br=VX, vid=5),
        ALL,
        flush(br=VX, ifindex=VX),
        ALL,
    ),
    script("mdb/vxlan_down", "a device that is down", NET, to(G, R), down(VX), ALL, not_to(G, R)),
]
