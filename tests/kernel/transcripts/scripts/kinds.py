"""Kinds of links: bridge and its ports, ifb, vxlan, macvlan (net/bridge, drivers/net)."""

from typing import Any

from nlwire.uapi.if_link import IFLA, IFLA_BR, IFLA_BRPORT, IFLA_INFO, IFLA_MACVLAN, IFLA_VXLAN, link
from nlwire.uapi.rtnetlink import AF, RTM
from tests.kernel.transcripts.play import Ask, Script
from tests.kernel.transcripts.words import (
    CREATE,
    EXCL,
    LO,
    VA,
    VB,
    addr,
    ask,
    dellink,
    down,
    dump,
    getlink,
    mac,
    newlink,
    quiet,
    script,
    setlink,
    up,
    veth,
)

ALL = dump(link)


def bridge(name: str = "br", number: int = 0xB0, **data: Any) -> Ask:
    """ip link add type bridge."""
    given = {getattr(IFLA_BR, option): value for option, value in data.items()}
    return newlink("bridge", name, given or None, {IFLA.ADDRESS: mac(number)})


def port(index: int, **data: Any) -> Ask:
    """bridge link set: as ip link set type bridge_slave."""
    given = {getattr(IFLA_BRPORT, option): value for option, value in data.items()}
    return setlink(index, {IFLA.LINKINFO: {IFLA_INFO.SLAVE_KIND: "bridge", IFLA_INFO.SLAVE_DATA: given}})


BRIDGE = quiet(veth(), bridge())
BR = 4
PORTS = quiet(veth(), bridge(), setlink(VA, {IFLA.MASTER: BR}))

BRIDGES = [
    script("bridge/life", "a bridge comes, goes up and down, goes", bridge(), up(2), down(2), ALL, dellink(2)),
    script("bridge/mac_drawn", "a bridge that draws its address", newlink("bridge", "br"), getlink(2)),
    script(
        "bridge/enslave",
        "a link becomes a port and stops being one",
        BRIDGE,
        setlink(VA, {IFLA.MASTER: BR}),
        ALL,
        setlink(VA, {IFLA.MASTER: BR}),
        setlink(VA, {IFLA.MASTER: 0}),
        ALL,
    ),
    script(
        "bridge/enslave_up",
        "a link that is up becomes a port of a bridge that is up",
        BRIDGE,
        quiet(up(VA), up(VB), up(BR)),
        setlink(VA, {IFLA.MASTER: BR}),
        setlink(VA, {IFLA.MASTER: 0}),
    ),
    script("bridge/port_up", "a port goes up and down", PORTS, quiet(up(BR), up(VB)), up(VA), down(VA)),
    script("bridge/delete_with_port", "a bridge with a port is deleted", PORTS, dellink(BR), ALL),
    script("bridge/delete_port", "a port is deleted", PORTS, dellink(VA), ALL),
    script(
        "bridge/two_ports",
        "two ports; the bridge takes the lower address and the lower MTU",
        quiet(veth(), newlink("bridge", "br")),
        setlink(VA, {IFLA.MASTER: BR}),
        setlink(VB, {IFLA.MASTER: BR}),
        setlink(VA, {IFLA.MTU: 1400}),
        getlink(BR),
        setlink(VA, {IFLA.MASTER: 0}),
        getlink(BR),
    ),
    script(
        "bridge/refused",
        "what cannot be a port",
        BRIDGE,
        quiet(bridge("br2", 0xB2)),
        setlink(LO, {IFLA.MASTER: BR}),
        setlink(5, {IFLA.MASTER: BR}),
        setlink(BR, {IFLA.MASTER: BR}),
    ),
    script(
        "bridge/move",
        "a port moves to another bridge",
        PORTS,
        quiet(bridge("br2", 0xB2)),
        setlink(VA, {IFLA.MASTER: 5}),
        getlink(VA),
    ),
    script("bridge/born_port", "a veth made with a master", quiet(bridge()), veth(attrs={IFLA.MASTER: 2}), ALL),
    script(
        "bridge/dump_af_bridge",
        "dumps of AF_BRIDGE",
        PORTS,
        dump(link, ifi_family=AF.BRIDGE),
        quiet(up(VA), up(BR)),
        dump(link, ifi_family=AF.BRIDGE),
    ),
    script(
        "bridge/address", "addresses of a bridge and of a port", PORTS, addr("10.0.0.1/24", BR), addr("10.0.1.1/24", VA)
    ),
]
BRIDGE_OPTIONS = [
    script(
        f"bridge/{option.lower()}",
        f"IFLA_BR_{option}, when made and later",
        bridge(**dict[str, Any]({option: values[0]})),
        *(
            setlink(2, {IFLA.LINKINFO: {IFLA_INFO.KIND: "bridge", IFLA_INFO.DATA: {getattr(IFLA_BR, option): value}}})
            for value in values
        ),
        getlink(2),
    )
    for option, values in {
        "FORWARD_DELAY": (400, 100, 10000),
        "HELLO_TIME": (300, 50),
        "MAX_AGE": (1000, 100),
        "AGEING_TIME": (1000, 0),
        "STP_STATE": (1, 0),
        "PRIORITY": (4096, 0),
        "VLAN_FILTERING": (1, 0),
        "GROUP_FWD_MASK": (8, 1),
        "MCAST_SNOOPING": (0, 1),
        "MCAST_QUERIER": (1, 0),
        "MCAST_HASH_MAX": (512, 100),
        "NF_CALL_IPTABLES": (1, 0),
        "VLAN_DEFAULT_PVID": (7, 0),
        "FDB_MAX_LEARNED": (100, 0),
    }.items()
]
PORT_OPTIONS = [
    script(
        f"bridge/port_{option.lower()}",
        f"IFLA_BRPORT_{option}",
        PORTS,
        *(port(VA, **dict[str, Any]({option: value})) for value in values),
        getlink(VA),
    )
    for option, values in {
        "STATE": (3, 9),
        "PRIORITY": (16, 200),
        "COST": (50, 0),
        "MODE": (1, 0),
        "GUARD": (1, 0),
        "LEARNING": (0, 1),
        "UNICAST_FLOOD": (0, 1),
        "ISOLATED": (1, 0),
        "NEIGH_SUPPRESS": (1, 0),
    }.items()
]

OTHERS = [
    script(
        "kind/ifb",
        "an ifb comes, goes up and down, goes",
        newlink("ifb", "ifb0", attrs={IFLA.ADDRESS: mac(7)}),
        getlink(2),
        dellink(2),
    ),
    script("kind/ifb_drawn", "an ifb that draws its address and name", newlink("ifb"), getlink(2)),
    script(
        "kind/vxlan",
        "a vxlan comes and goes",
        newlink("vxlan", "vx", {IFLA_VXLAN.ID: 42, IFLA_VXLAN.PORT: 4789}, {IFLA.ADDRESS: mac(7)}),
        getlink(2),
        dellink(2),
    ),
    script(
        "kind/vxlan_remote",
        "a vxlan with a remote address over a link",
        quiet(veth()),
        newlink(
            "vxlan",
            "vx",
            {
                IFLA_VXLAN.ID: 42,
                IFLA_VXLAN.GROUP: "192.0.2.1",
                IFLA_VXLAN.LOCAL: "192.0.2.2",
                IFLA_VXLAN.LINK: VA,
                IFLA_VXLAN.PORT: 4789,
                IFLA_VXLAN.TTL: 5,
                IFLA_VXLAN.LEARNING: 0,
            },
            {IFLA.ADDRESS: mac(7)},
        ),
        getlink(4),
    ),
    script(
        "kind/vxlan_refused",
        "a vxlan without an id, with an id too large, a second one alike",
        newlink("vxlan", "vx"),
        newlink("vxlan", "vx", {IFLA_VXLAN.PORT: 4789}),
        newlink("vxlan", "vx", {IFLA_VXLAN.ID: 1 << 24}),
        newlink("vxlan", "vx", {IFLA_VXLAN.ID: 42, IFLA_VXLAN.PORT: 4789}, {IFLA.ADDRESS: mac(7)}),
        newlink("vxlan", "vy", {IFLA_VXLAN.ID: 42, IFLA_VXLAN.PORT: 4789}, {IFLA.ADDRESS: mac(8)}),
    ),
    *(
        script(
            f"kind/macvlan_{name}",
            f"a macvlan in mode {name}",
            quiet(veth()),
            newlink("macvlan", "mv", {IFLA_MACVLAN.MODE: mode}, {IFLA.LINK: VA, IFLA.ADDRESS: mac(7)}),
            getlink(4),
            dellink(4),
            getlink(VA),
        )
        for name, mode in (("private", 1), ("vepa", 2), ("bridge", 4), ("passthru", 8), ("source", 16), ("none", 3))
    ),
    script(
        "kind/macvlan_up",
        "a macvlan and its lower link go up and down",
        quiet(veth(), newlink("macvlan", "mv", {IFLA_MACVLAN.MODE: 4}, {IFLA.LINK: VA, IFLA.ADDRESS: mac(7)})),
        up(4),
        quiet(up(VB)),
        up(VA),
        up(4),
        down(VA),
        getlink(4),
    ),
    script(
        "kind/macvlan_lower_deleted",
        "the lower link is deleted",
        quiet(veth(), newlink("macvlan", "mv", {IFLA_MACVLAN.MODE: 4}, {IFLA.LINK: VA, IFLA.ADDRESS: mac(7)})),
        dellink(VA),
        ALL,
    ),
    script(
        "kind/macvlan_refused",
        "a macvlan over nothing, over lo, over a port",
        quiet(veth(), bridge(), setlink(VA, {IFLA.MASTER: BR})),
        newlink("macvlan", "mv", {IFLA_MACVLAN.MODE: 4}),
        newlink("macvlan", "mv", {IFLA_MACVLAN.MODE: 4}, {IFLA.LINK: 77}),
        newlink("macvlan", "mv", {IFLA_MACVLAN.MODE: 4}, {IFLA.LINK: LO}),
        newlink("macvlan", "mv", {IFLA_MACVLAN.MODE: 4}, {IFLA.LINK: VA}),
    ),
    script(
        "kind/vxlan_lower_deleted",
        "vxlans go with the link below them",
        quiet(veth()),
        quiet(
            newlink("vxlan", name, {IFLA_VXLAN.ID: id, IFLA_VXLAN.LINK: VA}, {IFLA.ADDRESS: mac(id)})
            for name, id in (("vx", 7), ("vy", 8))
        ),
        dellink(VA),
        ALL,
    ),
    script("kind/tun", "a tun is not made by netlink", newlink("tun", "tun0")),
    script(
        "kind/change_wrong_kind",
        "changes with another kind",
        quiet(veth()),
        setlink(VA, {IFLA.LINKINFO: {IFLA_INFO.KIND: "bridge"}}),
        setlink(VA, {IFLA.LINKINFO: {IFLA_INFO.KIND: "veth"}}),
        ask(link, RTM.NEWLINK, {IFLA.LINKINFO: {IFLA_INFO.KIND: "veth", IFLA_INFO.DATA: {}}}, ifi_index=VA),
        ask(link, RTM.NEWLINK, {IFLA.LINKINFO: {IFLA_INFO.KIND: "bridge"}}, CREATE | EXCL, ifi_index=VA),
    ),
]

SCRIPTS: list[Script] = BRIDGES + BRIDGE_OPTIONS + PORT_OPTIONS + OTHERS
