"""A vxlan's forwarding database: entries, their places, their age (drivers/net/vxlan/vxlan_core.c: vxlan_fdb_add, …)."""

from typing import Any

from nlwire.uapi.if_link import IFLA, IFLA_INFO, IFLA_VXLAN
from nlwire.uapi.neighbour import NDA, NTF, NUD, neighbour
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.nexthop import NHA, nexthop
from nlwire.uapi.rtnetlink import AF, RTM
from tests.kernel.transcripts.play import Ask, Script, Wait
from tests.kernel.transcripts.words import (
    ACK,
    APPEND,
    CREATE,
    NEW,
    REPLACE,
    VA,
    addr,
    ask,
    dellink,
    delnexthop,
    down,
    dump,
    flagged,
    mac,
    newlink,
    nexthop_,
    nla,
    quiet,
    script,
    setlink,
    tail,
    two_ends,
    up,
)

VX = 4
ZEROS, M, M2, GROUP = "00:00:00:00:00:00", mac(0x10), mac(0x11), "01:00:5e:01:02:03"
R, R2, R3, R6 = "10.0.0.2", "10.0.0.3", "10.0.0.4", "2001:db8::2"
REACHABLE, PERMANENT = NUD.REACHABLE, NUD.PERMANENT
ALL = dump(neighbour, ndm_family=AF.BRIDGE)


def vxlan(**data: Any) -> Ask:
    """ip link add type vxlan id 42 dstport 4789."""
    given = {getattr(IFLA_VXLAN, option): value for option, value in data.items()}
    return newlink("vxlan", "vx", {IFLA_VXLAN.ID: 42, IFLA_VXLAN.PORT: 4789, **given}, {IFLA.ADDRESS: mac(7)})


def change(**data: Any) -> Ask:
    given = {getattr(IFLA_VXLAN, option): value for option, value in data.items()}
    return setlink(VX, {IFLA.LINKINFO: {IFLA_INFO.KIND: "vxlan", IFLA_INFO.DATA: {IFLA_VXLAN.ID: 42, **given}}})


def entry(
    lladdr: str,
    dst: str | None,
    flags: int = NEW,
    attrs: dict[Any, Any] | None = None,
    state: int = PERMANENT,
    type: int = RTM.NEWNEIGH,
    ntf: int = NTF.SELF,
    dev: int = VX,
) -> Ask:
    """bridge fdb add lladdr dev vx dst …."""
    given = {NDA.LLADDR: lladdr, **({NDA.DST: dst} if dst else {}), **(attrs or {})}
    fields = {"ndm_family": AF.BRIDGE, "ndm_ifindex": dev, "ndm_state": state, "ndm_flags": ntf}
    return ask(neighbour, type, given, flags, **fields)


def remove(lladdr: str, dst: str | None = None, attrs: dict[Any, Any] | None = None) -> Ask:
    """bridge fdb del."""
    return entry(lladdr, dst, 0, attrs, type=RTM.DELNEIGH)


def get(lladdr: str, attrs: dict[Any, Any] | None = None) -> Ask:
    """bridge fdb get."""
    return flagged(entry(lladdr, None, 0, attrs, 0, RTM.GETNEIGH), clear=ACK)


def flush(attrs: dict[Any, Any] | None = None, ntf: int = NTF.SELF, state: int = 0) -> Ask:
    """bridge fdb flush."""
    fields = {"ndm_family": AF.BRIDGE, "ndm_ifindex": VX, "ndm_state": state, "ndm_flags": ntf}
    return ask(neighbour, RTM.DELNEIGH, attrs or {}, int(NLM_F.BULK), **fields)


NET = two_ends(addr("10.0.0.1/24", VA), vxlan())
MANY = quiet(
    entry(ZEROS, R),
    entry(ZEROS, R2, CREATE | APPEND),
    entry(ZEROS, R3, CREATE | APPEND, {NDA.VNI: 7}),
    entry(M, R),
    entry(M2, R2, state=REACHABLE, attrs={NDA.PORT: 4790}),
    entry(GROUP, R, attrs={NDA.IFINDEX: VA}),
    entry(mac(0x12), R, ntf=NTF.SELF | NTF.ROUTER),
    entry(mac(0x13), R, ntf=NTF.SELF | NTF.EXT_LEARNED),
)

SCRIPTS: list[Script] = [
    script(
        "vxlan/entries",
        "entries come and go",
        NET,
        entry(M, R),
        entry(M2, R, state=REACHABLE),
        entry(GROUP, R),
        ALL,
        entry(M, R),
        entry(M, R2, CREATE),
        entry(M, R2, CREATE | REPLACE),
        entry(M, R2, CREATE | REPLACE, state=REACHABLE),
        entry(mac(0x12), R, 0),
        entry(mac(0x12), R, REPLACE),
        entry(mac(0x12), R, CREATE | REPLACE),
        ALL,
        remove(M),
        remove(M),
        remove(M2, R2),
        remove(M2, R),
        ALL,
    ),
    script(
        "vxlan/remotes",
        "several places",
        NET,
        entry(ZEROS, R),
        entry(ZEROS, R2, CREATE | APPEND),
        entry(ZEROS, R2, CREATE | APPEND),
        entry(ZEROS, R2, CREATE | APPEND, {NDA.PORT: 4790}),
        entry(ZEROS, R2, CREATE | APPEND, {NDA.VNI: 7}),
        entry(ZEROS, R2, CREATE | APPEND, {NDA.IFINDEX: VA}),
        entry(ZEROS, R3, CREATE | REPLACE),
        entry(GROUP, R3, CREATE | REPLACE),
        entry(M, R, CREATE | APPEND),
        entry(M, R2, CREATE | APPEND),
        entry(GROUP, R, CREATE | APPEND),
        entry(GROUP, R2, CREATE | APPEND),
        ALL,
        remove(ZEROS, R2, {NDA.PORT: 4790}),
        remove(ZEROS, R2),
        remove(ZEROS, R2),
        remove(ZEROS, R2, {NDA.VNI: 7}),
        remove(GROUP),
        ALL,
        remove(ZEROS),
        remove(M, R),
        ALL,
    ),
    script(
        "vxlan/refused",
        "what cannot be",
        NET,
        entry(M, None),
        entry(M, R6),
        entry(M, R, state=NUD.NOARP),
        entry(M, R, state=NUD.STALE),
        entry(M, R, attrs={NDA.IFINDEX: 77}),
        entry(M, None, attrs={NDA.NH_ID: 9}),
        entry(M, R, attrs={NDA.NH_ID: 9}),
        entry(M, R, dev=77),
        entry(M, R, ntf=NTF.MASTER),
        entry(M, R, ntf=0),
        entry(M, R, attrs={NDA.VLAN: 5}),
        tail(entry(M, None), nla(1, b"\1\2")),
        tail(entry(M, R), nla(6, b"\1")),
        tail(entry(M, R), nla(7, b"\1\2")),
        tail(entry(M, R), nla(11, b"\1\2")),
        tail(entry(M, R), nla(8, b"\1\2")),
        remove(M, R),
        remove(M, None, {NDA.NH_ID: 9}),
        ALL,
    ),
    script(
        "vxlan/flags",
        "what an entry is marked with",
        NET,
        entry(M, R, ntf=NTF.SELF | NTF.ROUTER),
        entry(M, R, CREATE, ntf=NTF.SELF | NTF.EXT_LEARNED),
        entry(M, R, CREATE, ntf=NTF.SELF),
        entry(M, R, CREATE, ntf=NTF.SELF | NTF.USE),
        entry(M2, R, ntf=NTF.SELF | NTF.STICKY | NTF.USE),
        ALL,
    ),
    script(
        "vxlan/get",
        "one entry",
        NET,
        MANY,
        get(ZEROS),
        get(M),
        get(GROUP),
        get(mac(0x77)),
        get(M, {NDA.VNI: 9}),
    ),
    script(
        "vxlan/limit",
        "as many entries as there may be",
        two_ends(vxlan(LIMIT=2)),
        entry(M, R),
        entry(M2, R),
        entry(GROUP, R),
        ALL,
    ),
    script(
        "vxlan/default",
        "where frames go that nobody is known for",
        two_ends(addr("10.0.0.1/24", VA)),
        vxlan(GROUP=R, LINK=VA),
        ALL,
        entry(ZEROS, R2, CREATE | APPEND),
        change(GROUP=R3),
        ALL,
        change(GROUP="0.0.0.0"),
        ALL,
        remove(ZEROS),
        change(GROUP=R),
        dellink(VX),
    ),
    script(
        "vxlan/inet6",
        "places of IPv6",
        two_ends(vxlan(GROUP6=R6)),
        entry(M, "2001:db8::3"),
        entry(M2, R),
        entry(ZEROS, "2001:db8::4", CREATE | APPEND),
        ALL,
        remove(ZEROS, R6),
        ALL,
    ),
    script(
        "vxlan/metadata",
        "entries by the VNI that packets say",
        quiet(newlink("vxlan", "vx", {IFLA_VXLAN.COLLECT_METADATA: 1, IFLA_VXLAN.PORT: 4789}, {IFLA.ADDRESS: mac(7)})),
        *(entry(M, R, NEW, {NDA.SRC_VNI: vni, NDA.VNI: 9}, dev=2) for vni in (5, 6, 5)),
        entry(M2, R, dev=2),
        ALL,
        *(entry(M, None, 0, {NDA.SRC_VNI: vni}, type=RTM.DELNEIGH, dev=2) for vni in (7, 6)),
        flagged(entry(M, None, 0, {NDA.VNI: 5}, 0, RTM.GETNEIGH, dev=2), clear=ACK),
        ALL,
    ),
    script(
        "vxlan/src_vni",
        "a source VNI where packets do not say theirs",
        NET,
        entry(M, R, NEW, {NDA.SRC_VNI: 9}),
        entry(M, R, CREATE, {NDA.SRC_VNI: 9}),
        entry(M, R2, CREATE | REPLACE, {NDA.SRC_VNI: 9}),
        entry(M, R2, REPLACE, {NDA.SRC_VNI: 9}),
        entry(M, R2, NEW),
        ALL,
        get(M),
        entry(M, R, CREATE | REPLACE, {NDA.SRC_VNI: 9}),
        remove(M, None, {NDA.SRC_VNI: 9}),
        remove(M, None, {NDA.SRC_VNI: 9}),
        ALL,
        flush({NDA.SRC_VNI: 9}),
        ALL,
    ),
    script("vxlan/flush", "all at once", NET, MANY, flush(), ALL),
    script(
        "vxlan/flush_some",
        "some at once",
        NET,
        MANY,
        flush({NDA.DST: R2}),
        flush({NDA.VNI: 7}),
        flush({NDA.PORT: 4790}),
        flush({NDA.NDM_FLAGS_MASK: NTF.ROUTER}, NTF.SELF | NTF.ROUTER),
        flush({NDA.NDM_STATE_MASK: PERMANENT}, state=0),
        flush({NDA.SRC_VNI: 43}),
        flush({NDA.NH_ID: 5}),
        ALL,
        flush({NDA.NDM_FLAGS_MASK: NTF.EXT_LEARNED}),
        ALL,
    ),
    script(
        "vxlan/flush_wrong",
        "what cannot be flushed",
        NET,
        flush(ntf=NTF.SELF | NTF.STICKY),
        flush(state=NUD.STALE),
        flush({NDA.VLAN: 5}),
        tail(flush(), nla(1, b"\1\2")),
        tail(flush(), nla(6, b"\1\2\3\4")),
    ),
    script(
        "vxlan/down",
        "what may age goes with the device, what stays does when it goes away",
        NET,
        quiet(up(VX)),
        quiet(entry(ZEROS, R), entry(M, R), entry(M2, R, state=REACHABLE), entry(mac(0x12), R, state=REACHABLE)),
        down(VX),
        ALL,
        dellink(VX),
        ALL,
    ),
    script(
        "vxlan/age",
        "an entry that nobody has used for long",
        two_ends(vxlan(AGEING=1)),
        quiet(up(VX)),
        quiet(entry(M, R), entry(M2, R, state=REACHABLE)),
        Wait(11),
        ALL,
    ),
    script(
        "vxlan/nexthops",
        "entries by nexthop objects",
        NET,
        quiet(
            *(
                ask(
                    nexthop,
                    RTM.NEWNEXTHOP,
                    {NHA.ID: id, NHA.GATEWAY: f"10.0.0.{id}", NHA.FDB: True},
                    NEW,
                    nh_family=AF.INET,
                )
                for id in (2, 3)
            ),
            nexthop_(10, {NHA.FDB: True}, group=[(2, 1), (3, 1)]),
            nexthop_(11, {NHA.FDB: True}, group=[(2, 1)]),
            nexthop_(5, oif=VA),
        ),
        entry(M, None, NEW, {NDA.NH_ID: 10}),
        entry(M2, None, NEW, {NDA.NH_ID: 10}, REACHABLE),
        entry(M2, None, NEW, {NDA.NH_ID: 2}),
        entry(M2, None, NEW, {NDA.NH_ID: 5}),
        entry(M2, R),
        entry(M2, None, CREATE | REPLACE, {NDA.NH_ID: 10}),
        entry(M, None, CREATE | REPLACE, {NDA.NH_ID: 11}),
        entry(M, R, CREATE | REPLACE),
        entry(ZEROS, None, NEW, {NDA.NH_ID: 10}),
        entry(ZEROS, None, CREATE | APPEND, {NDA.NH_ID: 10}),
        ALL,
        flush({NDA.NH_ID: 10}),
        delnexthop(11),
        ALL,
    ),
]
