"""Links: numbers, sizes, and which kind is selected by what."""

from ipaddress import IPv4Address
from typing import Any

import pytest

from nlwire.schema import Attr, AttrSet, NoAttrs, u16, u32
from nlwire.schema.family import walk_sets
from nlwire.schema.kinds import Array, Int, Kind, kind_of
from nlwire.schema.nests import Nested, Selected, Struct, StructThen
from nlwire.uapi import FAMILIES
from nlwire.uapi.can_netlink import IFLA_CAN, can_device_stats
from nlwire.uapi.if_bridge import IFLA_BRIDGE
from nlwire.uapi.if_link import (
    IFLA,
    IFLA_AF_SPEC,
    IFLA_BOND_SLAVE,
    IFLA_BR,
    IFLA_BRPORT,
    IFLA_DSA,
    IFLA_INET,
    IFLA_INET6,
    IFLA_INFO,
    IFLA_MACSEC,
    IFLA_STATS,
    IFLA_STATS_GETSET,
    IFLA_VF_STATS,
    IFLA_VLAN,
    IFLA_VXLAN,
    VETH_INFO,
    ifla_vf_guid,
    ifla_vlan_qos_mapping,
    ifla_vxlan_port_range,
    rtnl_link_ifmap,
    rtnl_link_stats,
    rtnl_link_stats64,
)
from nlwire.uapi.if_tunnel import GRE, IFLA_GRE, IFLA_IPTUN, IFLA_VTI, SIT
from nlwire.uapi.ip6_tunnel import IP6_TNL_F
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import AF, RTM


def chosen(attr: Attr[Any], **scope: Any) -> Kind[Any]:
    """The kind of ``attr`` where these selectors have these values."""
    assert isinstance(attr.kind, Selected)
    return attr.kind.resolve(scope)


def nest_of(kind: Kind[Any]) -> type[AttrSet]:
    assert isinstance(kind, Nested)
    return kind.attrs


@pytest.mark.parametrize(
    ("attr", "number", "name"),
    [
        (IFLA.ADDRESS, 1, "IFLA_ADDRESS"),
        (IFLA.LINKINFO, 18, "IFLA_LINKINFO"),
        (IFLA.TAILROOM, 69, "IFLA_TAILROOM"),
        (IFLA_INFO.SLAVE_DATA, 5, "IFLA_INFO_SLAVE_DATA"),
        (IFLA_BR.STP_MODE, 50, "IFLA_BR_STP_MODE"),
        (IFLA_BRIDGE.FLAGS, 0, "IFLA_BRIDGE_FLAGS"),
        (IFLA_VF_STATS.TX_DROPPED, 8, "IFLA_VF_STATS_TX_DROPPED"),
        (IFLA_IPTUN._6RD_PREFIX, 11, "IFLA_IPTUN_6RD_PREFIX"),
        (IFLA_AF_SPEC.INET6, AF.INET6, "AF_INET6"),
    ],
)
def test_numbers_and_names(attr: Attr[Any], number: int, name: str) -> None:
    assert (attr.number, attr.c_name) == (number, name)


def test_second_names() -> None:
    assert IFLA.IF_NETNSID is IFLA.TARGET_NETNSID
    assert IFLA.IF_NETNSID.c_name == "IFLA_TARGET_NETNSID"
    assert IFLA.named("IFLA_IF_NETNSID") == IFLA.named("TARGET_NETNSID") == 46
    assert IFLA_DSA.named("MASTER") == IFLA_DSA.named("CONDUIT") == 1
    assert len(IFLA_DSA) == 1


@pytest.mark.parametrize(
    ("struct", "size"),
    [
        (rtnl_link_stats, 96),
        (rtnl_link_stats64, 200),
        (rtnl_link_ifmap, 32),
        (ifla_vf_guid, 16),
        (ifla_vxlan_port_range, 4),
        (can_device_stats, 24),
    ],
)
def test_sizes(struct: Any, size: int) -> None:
    assert struct.sizeof == size


@pytest.mark.parametrize(
    ("kind", "attrs"),
    [
        ("bridge", IFLA_BR),
        ("vlan", IFLA_VLAN),
        ("vxlan", IFLA_VXLAN),
        ("ip6gretap", IFLA_GRE),
        ("sit", IFLA_IPTUN),
        ("vti6", IFLA_VTI),
        ("can", IFLA_CAN),
        ("macsec", IFLA_MACSEC),
        ("veth", VETH_INFO),
        ("dummy", NoAttrs),
        (None, NoAttrs),
    ],
)
def test_data_by_kind(kind: str | None, attrs: type[AttrSet]) -> None:
    scope = {} if kind is None else {"IFLA_INFO_KIND": kind}
    assert nest_of(chosen(IFLA_INFO.DATA, **scope)) is attrs


def test_slave_data_by_the_masters_kind() -> None:
    assert nest_of(chosen(IFLA_INFO.SLAVE_DATA, IFLA_INFO_KIND="veth", IFLA_INFO_SLAVE_KIND="bridge")) is IFLA_BRPORT
    assert nest_of(chosen(IFLA_INFO.SLAVE_DATA, IFLA_INFO_KIND="bond_slave")) is IFLA_BOND_SLAVE
    assert nest_of(chosen(IFLA_INFO.SLAVE_DATA, IFLA_INFO_KIND="bond")) is NoAttrs


def test_statistics_of_can_controllers() -> None:
    kind = chosen(IFLA_INFO.XSTATS, IFLA_INFO_KIND="can")
    assert isinstance(kind, Struct)
    assert kind.struct is can_device_stats


def test_the_peer_of_a_veth_is_a_whole_link() -> None:
    kind = VETH_INFO.PEER.kind
    assert isinstance(kind, StructThen)
    assert (kind.name, kind.tail_offset) == ("struct ifinfomsg + nested IFLA", 16)
    assert nest_of(kind.tail) is IFLA


@pytest.mark.parametrize(
    ("family", "protinfo", "af_spec"),
    [
        (AF.BRIDGE, IFLA_BRPORT, IFLA_BRIDGE),
        (AF.INET6, IFLA_INET6, IFLA_AF_SPEC),
        (AF.UNSPEC, NoAttrs, IFLA_AF_SPEC),
    ],
)
def test_by_address_family(family: AF, protinfo: type[AttrSet], af_spec: type[AttrSet]) -> None:
    assert nest_of(chosen(IFLA.PROTINFO, ifi_family=family)) is protinfo
    assert nest_of(chosen(IFLA.AF_SPEC, ifi_family=family)) is af_spec


def test_configuration_is_named_by_place() -> None:
    inet, inet6 = IFLA_INET.CONF.kind, IFLA_INET6.CONF.kind
    assert isinstance(inet, Array)
    assert isinstance(inet6, Array)
    assert [inet.place(0), inet.place(32), inet.place(33)] == [
        "IPV4_DEVCONF_FORWARDING",
        "IPV4_DEVCONF_ARP_EVICT_NOCARRIER",
        "33",
    ]
    assert inet6.place(0) == "DEVCONF_FORWARDING"
    assert inet6.element.unpack(b"\xff\xff\xff\xff", "little") == -1


def test_flags_of_tunnels_have_the_width_of_their_kind() -> None:
    wide, narrow = chosen(IFLA_IPTUN.FLAGS, IFLA_INFO_KIND="ip6tnl"), chosen(IFLA_IPTUN.FLAGS, IFLA_INFO_KIND="sit")
    assert isinstance(wide, Int)
    assert isinstance(narrow, Int)
    assert (wide.size, wide.enumeration) == (kind_of(u32).min_size, IP6_TNL_F)
    assert (narrow.size, narrow.enumeration) == (kind_of(u16).min_size, SIT)


def test_network_order() -> None:
    assert IFLA_VXLAN.PORT.kind.unpack(b"\x12\xb5", "little") == 4789
    assert IFLA_VXLAN.LABEL.kind.name == "be32"
    assert IFLA_VXLAN.ID.kind.name == "u32"
    assert IFLA_VLAN.PROTOCOL.kind.to_json(0x8100) == "ETH_P_8021Q"
    assert IFLA_GRE.IFLAGS.kind.unpack(b"\x20\x00", "little") == GRE.KEY
    assert IFLA_GRE.LOCAL.kind.show(b"\xc0\x00\x02\x01") == IPv4Address("192.0.2.1")


def test_a_field_called_like_a_keyword() -> None:
    assert bytes(ifla_vlan_qos_mapping(from_=1, to=2)) == bytes(
        ifla_vlan_qos_mapping.unpack(bytes([1, 0, 0, 0, 2, 0, 0, 0]), "little")
    )


def test_limits_are_the_kernels() -> None:
    assert IFLA.IFNAME.max_len == 15
    assert (IFLA_MACSEC.ICV_LEN.min, IFLA_MACSEC.ICV_LEN.max) == (8, 16)
    assert VETH_INFO.PEER.min_len == 16


def test_families() -> None:
    by_type = {one: FAMILIES.find(NETLINK.ROUTE, one).family.attrs for one in RTM}
    assert by_type[RTM.NEWLINK] is by_type[RTM.GETLINKPROP] is by_type[RTM.SETLINK] is IFLA
    assert by_type[RTM.NEWSTATS] is IFLA_STATS
    assert by_type[RTM.GETSTATS] is by_type[RTM.SETSTATS] is IFLA_STATS_GETSET
    assert FAMILIES.families["tunnel"].new is RTM.NEWTUNNEL


def test_every_set_is_described() -> None:
    sets = [one for family in ("link", "stats", "tunnel") for one in walk_sets(FAMILIES.families[family].attrs)]
    assert len(sets) > 80
    assert not [one.__name__ for one in sets if not (one.__doc__ or "").strip()]
