"""What verbs are given, as messages: devices by name, networks as text, and which field or attribute each argument is.

Knows: the headers and attributes of the six families that have verbs.
Never: flags of a request; waiting.
"""

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
    ip_address,
    ip_interface,
    ip_network,
)
from typing import Any, TypedDict

from nlwire.codec.fast import encode
from nlwire.codec.message import Message, build
from nlwire.errors import BuildError, DialogError
from nlwire.schema.family import TypeNumber
from nlwire.session.flows import Flow, Line, request
from nlwire.uapi.fib_rules import FR_ACT, FRA, rule
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_addr import IFA, address
from nlwire.uapi.if_link import IFLA, IFLA_INFO, link
from nlwire.uapi.neighbour import NDA, NUD, neighbour
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.nexthop import NHA, nexthop
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RT_TABLE, RTA, RTAX, RTM, RTN, RTPROT, route

Device = str | int
Address = str | IPv4Address | IPv6Address
Network = str | IPv4Network | IPv6Network
Interface = str | IPv4Interface | IPv6Interface
INET = int(AF.INET)


class LinkSpec(TypedDict, total=False):
    """``data`` is the kind's own (IFLA_INFO_DATA); ``attrs`` any further attributes of the message."""

    rename: str
    kind: str
    data: Any
    up: bool
    mtu: int
    address: str
    master: Device
    link: Device
    attrs: dict[Any, Any]


class AddressSpec(TypedDict, total=False):
    """``peer`` is the other end of a point-to-point link."""

    peer: Address
    broadcast: Address
    label: str
    scope: int
    attrs: dict[Any, Any]


class Way(TypedDict, total=False):
    """One nexthop of several."""

    via: Address
    dev: Device
    weight: int


class RouteSpec(TypedDict, total=False):
    """``ways`` are several nexthops; ``nhid`` a nexthop object; ``type`` RTN.BLACKHOLE and the like."""

    via: Address
    dev: Device
    src: Address
    table: int
    metric: int
    protocol: int
    scope: int
    type: int
    tos: int
    mtu: int
    nhid: int
    ways: Sequence[Way]
    family: int
    attrs: dict[Any, Any]


class NeighbourSpec(TypedDict, total=False):
    """``state`` is NUD.PERMANENT where nothing is said."""

    lladdr: str
    state: int
    flags: int
    attrs: dict[Any, Any]


class NexthopSpec(TypedDict, total=False):
    """``group`` holds numbers of other nexthops, or pairs of number and weight."""

    via: Address
    dev: Device
    blackhole: bool
    group: Sequence[int | tuple[int, int]]
    attrs: dict[Any, Any]


class RuleSpec(TypedDict, total=False):
    """What a rule looks at, and the table it leads to (or another ``action``)."""

    priority: int
    src: Network
    dst: Network
    iif: str
    oif: str
    mark: int
    mask: int
    table: int
    action: int
    family: int
    attrs: dict[Any, Any]


# --- devices ---------------------------------------------------------------------------------------------------------


def ifindex(line: Line, dev: Device) -> Flow[int]:
    """A device's number; a name is looked up. Raises NetlinkError (ENODEV)."""
    if isinstance(dev, int):
        return dev
    asked = build(link, RTM.GETLINK, _name(dev), flags=NLM_F.REQUEST)
    (found,) = yield from request(line, encode(asked))
    return int(found.ifi_index)


def _name(name: str) -> dict[Any, Any]:
    """A name longer than IFNAMSIZ allows can only be an alternative one."""
    return {IFLA.IFNAME: name} if len(name.encode()) < 16 else {IFLA.ALT_IFNAME: name}


def _link_attrs(line: Line, spec: LinkSpec) -> Flow[dict[Any, Any]]:
    attrs: dict[Any, Any] = {}
    if "kind" in spec:
        info: dict[Any, Any] = {IFLA_INFO.KIND: spec["kind"]}
        attrs[IFLA.LINKINFO] = {**info, IFLA_INFO.DATA: spec["data"]} if "data" in spec else info
    for key, attr in (("rename", IFLA.IFNAME), ("mtu", IFLA.MTU), ("address", IFLA.ADDRESS)):
        if key in spec:
            attrs[attr] = spec[key]  # type: ignore[literal-required]
    if "master" in spec:
        attrs[IFLA.MASTER] = yield from ifindex(line, spec["master"])
    if "link" in spec:
        attrs[IFLA.LINK] = yield from ifindex(line, spec["link"])
    return {**attrs, **spec.get("attrs", {})}


def _up(spec: LinkSpec) -> dict[str, Any]:
    return {"ifi_flags": IFF.UP if spec["up"] else 0, "ifi_change": IFF.UP} if "up" in spec else {}


def new_link(line: Line, name: str, spec: LinkSpec) -> Flow[Message]:
    """RTM_NEWLINK for a device that may not be there yet."""
    attrs = yield from _link_attrs(line, spec)
    return build(link, RTM.NEWLINK, {IFLA.IFNAME: name, **attrs}, **_up(spec))


def change_link(line: Line, dev: Device, spec: LinkSpec) -> Flow[Message]:
    """RTM_NEWLINK for a device that is there."""
    index = yield from ifindex(line, dev)
    attrs = yield from _link_attrs(line, spec)
    return build(link, RTM.NEWLINK, attrs, ifi_index=index, **_up(spec))


def which_link(line: Line, dev: Device, type: TypeNumber | None) -> Flow[Message]:
    """A request about one device that needs no more than to name it."""
    yield from ()
    if isinstance(dev, int):
        return build(link, _known(type), ifi_index=dev)
    return build(link, _known(type), _name(dev))


def _known(type: TypeNumber | None) -> int:
    assert type is not None
    return int(type)


# --- addresses -------------------------------------------------------------------------------------------------------


def _af(version: int) -> int:
    return int(AF.INET if version == 4 else AF.INET6)


def an_address(line: Line, type: TypeNumber | None, local: Interface, dev: Device, spec: AddressSpec) -> Flow[Message]:
    """RTM_NEWADDR, RTM_DELADDR."""
    here = _parse(ip_interface, local)
    attrs: dict[Any, Any] = {IFA.LOCAL: here.ip, IFA.ADDRESS: _parse(ip_address, spec.get("peer", here.ip))}
    if "broadcast" in spec:
        attrs[IFA.BROADCAST] = _parse(ip_address, spec["broadcast"])
    if "label" in spec:
        attrs[IFA.LABEL] = spec["label"]
    return build(
        address,
        _known(type),
        {**attrs, **spec.get("attrs", {})},
        ifa_family=_af(here.version),
        ifa_prefixlen=here.network.prefixlen,
        ifa_scope=spec.get("scope", 0),
        ifa_index=(yield from ifindex(line, dev)),
    )


def address_filter(local: Interface) -> dict[Any, Any]:
    """What a dump is filtered by to find one address."""
    here = _parse(ip_interface, local)
    return {"ifa_family": _af(here.version), (IFA.LOCAL if here.version == 4 else IFA.ADDRESS): here.ip}


def _parse(what: Any, text: Any) -> Any:
    try:
        return what(text)
    except ValueError as error:
        raise BuildError(str(error), value=text) from None


# --- routes and nexthops ---------------------------------------------------------------------------------------------


def _network(dst: Network, spec: RouteSpec) -> tuple[int, int, Address | None]:
    """(address family, prefix length, address; None for the default route)."""
    if dst == "default":
        given = spec.get("family")
        if given is None and "via" in spec:
            given = _af(_parse(ip_address, spec["via"]).version)
        return given or INET, 0, None
    net = _parse(ip_network, dst)
    return _af(net.version), net.prefixlen, net.network_address if net.prefixlen else None


def _gateway(via: Address, family: int) -> dict[Any, Any]:
    """RTA_GATEWAY, or RTA_VIA where the gateway is of the other family."""
    gateway = _parse(ip_address, via)
    if _af(gateway.version) == family:
        return {RTA.GATEWAY: gateway}
    return {RTA.VIA: {"head": {"rtvia_family": _af(gateway.version)}, "tail": str(gateway)}}


def _ways(line: Line, ways: Sequence[Way], family: int) -> Flow[list[Any]]:
    made = []
    for way in ways:
        index = (yield from ifindex(line, way["dev"])) if "dev" in way else 0
        head = {"rtnh_hops": way.get("weight", 1) - 1, "rtnh_ifindex": index}
        made.append({"head": head, "attrs": list((_gateway(way["via"], family) if "via" in way else {}).items())})
    return made


def a_route(line: Line, type: TypeNumber | None, dst: Network, spec: RouteSpec) -> Flow[Message]:
    """RTM_NEWROUTE, RTM_DELROUTE."""
    family, length, prefix = _network(dst, spec)
    attrs: dict[Any, Any] = {} if prefix is None else {RTA.DST: prefix}
    if "via" in spec:
        attrs.update(_gateway(spec["via"], family))
    if "ways" in spec:
        attrs[RTA.MULTIPATH] = yield from _ways(line, spec["ways"], family)
    if "dev" in spec:
        attrs[RTA.OIF] = yield from ifindex(line, spec["dev"])
    for key, attr in (("src", RTA.PREFSRC), ("metric", RTA.PRIORITY), ("nhid", RTA.NH_ID), ("table", RTA.TABLE)):
        if key in spec:
            attrs[attr] = spec[key]  # type: ignore[literal-required]
    if "mtu" in spec:
        attrs[RTA.METRICS] = {RTAX.MTU: spec["mtu"]}
    new = type == RTM.NEWROUTE
    table = spec.get("table", int(RT_TABLE.MAIN))
    return build(
        route,
        _known(type),
        {**attrs, **spec.get("attrs", {})},
        rtm_family=family,
        rtm_dst_len=length,
        rtm_tos=spec.get("tos", 0),
        rtm_table=table if table < 256 else int(RT_TABLE.UNSPEC),
        rtm_protocol=spec.get("protocol", RTPROT.STATIC if new else 0),
        rtm_scope=spec.get("scope", _scope(spec, new)),
        rtm_type=spec.get("type", RTN.UNICAST if new else 0),
    )


def _scope(spec: RouteSpec, new: bool) -> int:
    """As ip(8): what has no gateway is on the link; a deletion says nothing."""
    if not new:
        return int(RT_SCOPE.NOWHERE)
    gateway = "via" in spec or "nhid" in spec or any("via" in way for way in spec.get("ways", ()))
    unicast = spec.get("type", RTN.UNICAST) == RTN.UNICAST
    return int(RT_SCOPE.LINK if unicast and not gateway else RT_SCOPE.UNIVERSE)


def route_lookup(line: Line, dst: Address, spec: RouteSpec) -> Flow[Message]:
    """RTM_GETROUTE for one destination."""
    to = _parse(ip_address, dst)
    attrs: dict[Any, Any] = {RTA.DST: to}
    if "src" in spec:
        attrs[RTA.SRC] = spec["src"]
    if "dev" in spec:
        attrs[RTA.OIF] = yield from ifindex(line, spec["dev"])
    length = to.max_prefixlen
    fields = {"rtm_src_len": length} if "src" in spec else {}
    return build(
        route,
        RTM.GETROUTE,
        {**attrs, **spec.get("attrs", {})},
        rtm_family=_af(to.version),
        rtm_dst_len=length,
        rtm_tos=spec.get("tos", 0),
        **fields,
    )


def a_nexthop(line: Line, type: TypeNumber | None, id: int, spec: NexthopSpec) -> Flow[Message]:
    """RTM_NEWNEXTHOP, RTM_DELNEXTHOP, RTM_GETNEXTHOP."""
    attrs: dict[Any, Any] = {NHA.ID: id} if id else {}
    new = type == RTM.NEWNEXTHOP
    family = INET if new and "group" not in spec else int(AF.UNSPEC)
    if "group" in spec:
        pairs = [one if isinstance(one, tuple) else (one, 1) for one in spec["group"]]
        attrs[NHA.GROUP] = [{"id": number, "weight": weight - 1} for number, weight in pairs]
    if "via" in spec:
        gateway = _parse(ip_address, spec["via"])
        family = _af(gateway.version)
        attrs[NHA.GATEWAY] = gateway
    if "dev" in spec:
        attrs[NHA.OIF] = yield from ifindex(line, spec["dev"])
    if spec.get("blackhole"):
        attrs[NHA.BLACKHOLE] = True
    protocol = RTPROT.STATIC if new else 0
    return build(nexthop, _known(type), {**attrs, **spec.get("attrs", {})}, nh_family=family, nh_protocol=protocol)


def nexthop_id(message: Message) -> int:
    """The number of a nexthop."""
    return message[NHA.ID]


# --- neighbours and rules --------------------------------------------------------------------------------------------


def a_neighbour(line: Line, type: TypeNumber | None, dst: Address, dev: Device, spec: NeighbourSpec) -> Flow[Message]:
    """RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH."""
    to = _parse(ip_address, dst)
    attrs: dict[Any, Any] = {NDA.DST: to}
    if "lladdr" in spec:
        attrs[NDA.LLADDR] = spec["lladdr"]
    return build(
        neighbour,
        _known(type),
        {**attrs, **spec.get("attrs", {})},
        ndm_family=_af(to.version),
        ndm_ifindex=(yield from ifindex(line, dev)),
        ndm_state=spec.get("state", NUD.PERMANENT) if type == RTM.NEWNEIGH else 0,
        ndm_flags=spec.get("flags", 0),
    )


def a_rule(line: Line, type: TypeNumber | None, spec: RuleSpec) -> Flow[Message]:
    """RTM_NEWRULE, RTM_DELRULE."""
    yield from ()
    attrs: dict[Any, Any] = {}
    fields: dict[str, Any] = {}
    family = spec.get("family", INET)
    for key, attr, length in (("src", FRA.SRC, "src_len"), ("dst", FRA.DST, "dst_len")):
        if key in spec:
            net = _parse(ip_network, spec[key])  # type: ignore[literal-required]
            family = _af(net.version)
            attrs[attr] = net.network_address
            fields[length] = net.prefixlen
    keys = (
        ("priority", FRA.PRIORITY),
        ("iif", FRA.IIFNAME),
        ("oif", FRA.OIFNAME),
        ("mark", FRA.FWMARK),
        ("mask", FRA.FWMASK),
    )
    for name, one in (*keys, ("table", FRA.TABLE)):
        if name in spec:
            attrs[one] = spec[name]  # type: ignore[literal-required]
    table = spec.get("table", 0)
    fields.update(family=family, table=table if table < 256 else 0)
    fields["action"] = spec.get("action", FR_ACT.TO_TBL if type == RTM.NEWRULE or table else 0)
    return build(rule, _known(type), {**attrs, **spec.get("attrs", {})}, **fields)


def rule_filter(priority: int, family: int) -> dict[Any, Any]:
    """What a dump is filtered by to find one rule; the one of priority 0 does not say so."""
    if not priority:
        raise DialogError("the rule of priority 0 has no number to be found by")
    return {"family": family, FRA.PRIORITY: priority}
