"""The words scripts are written in: one for each thing that ip(8) can ask for, and ``ask`` and ``raw`` for what it cannot.

    veth(), up(VA), addr("10.0.0.1/24", VA), route("10.1.0.0/16", via="10.0.0.2"), dump_routes()

In a fresh namespace lo is 1; the first veth pair are 2 and 3, the peer first.

Knows: what requests look like.
Never: what is answered.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nlwire import encode
from nlwire.codec.message import build
from nlwire.schema.family import Family
from nlwire.uapi.fib_rules import FR_ACT, FRA, rule
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_addr import IFA, address
from nlwire.uapi.if_link import IFLA, IFLA_INFO, VETH_INFO, link
from nlwire.uapi.neighbour import NDA, NUD, neighbour
from nlwire.uapi.netconf import NETCONFA, netconf
from nlwire.uapi.netlink import NLM_F, NLMSG
from nlwire.uapi.nexthop import NHA, nexthop
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RT_TABLE, RTA, RTAX, RTM, RTN, RTNH_F, RTPROT
from nlwire.uapi.rtnetlink import route as routes
from tests.kernel.transcripts.play import Ask, Option, Script, Step, Wait

REQUEST, ACK, ECHO = int(NLM_F.REQUEST), int(NLM_F.ACK), int(NLM_F.ECHO)
CREATE, EXCL, REPLACE, APPEND = int(NLM_F.CREATE), int(NLM_F.EXCL), int(NLM_F.REPLACE), int(NLM_F.APPEND)
DUMP = int(NLM_F.DUMP)
NEW = CREATE | EXCL
LO, VB, VA = 1, 2, 3
Attributes = Mapping[Any, Any]


# --- scripts ---------------------------------------------------------------------------------------------------------


Steps = Step | Iterable["Steps"]


def flat(steps: Iterable[Steps]) -> Iterator[Step]:
    """The steps of steps."""
    for step in steps:
        if isinstance(step, Ask | Option | Wait):
            yield step
        else:
            yield from flat(step)


def script(name: str, about: str, *steps: Steps) -> Script:
    """A script: every message gets the next number as nlmsg_seq."""
    seq, numbered = 1, []
    for step in flat(steps):
        if isinstance(step, Ask):
            data, at = bytearray(step.data), 0
            while len(data) - at >= 16:
                data[at + 8 : at + 12] = seq.to_bytes(4, "little")
                size = int.from_bytes(data[at : at + 4], "little")
                seq += 1
                at += max(16, size + -size % 4)
            step = step._replace(data=bytes(data))
        numbered.append(step)
    return Script(name, about, tuple(numbered))


def ask(
    family: Family, type: int, attrs: Attributes | None = None, flags: int = 0, tail: bytes = b"", /, **fields: Any
) -> Ask:
    """Any request, with an acknowledgement asked for; ``tail`` follows the attributes."""
    data = encode(build(family, type, attrs or {}, nlmsg_flags=REQUEST | ACK | flags, header=fields))
    return tail_of(data, tail)


def tail_of(data: bytes, tail: bytes) -> Ask:
    size = len(data) + len(tail)
    return Ask(size.to_bytes(4, "little") + data[4:] + tail)


def tail(one: Ask, more: bytes) -> Ask:
    """The request with more bytes at its end."""
    return tail_of(one.data, more)


def raw(type: int, payload: bytes = b"", flags: int = REQUEST | ACK, size: int | None = None) -> Ask:
    """A request byte by byte; ``size`` is what nlmsg_len says if that is not the truth."""
    length = 16 + len(payload) if size is None else size
    head = length.to_bytes(4, "little") + int(type).to_bytes(2, "little") + flags.to_bytes(2, "little")
    return Ask(head + bytes(8) + payload)


def nla(type: int, payload: bytes = b"", size: int | None = None) -> bytes:
    """An attribute byte by byte; ``size`` is what nla_len says if that is not the truth."""
    length = 4 + len(payload) if size is None else size
    return length.to_bytes(2, "little") + int(type).to_bytes(2, "little") + payload + bytes(-len(payload) % 4)


def together(*asks: Ask) -> Ask:
    """Several requests in one datagram."""
    return Ask(b"".join(one.data + bytes(-len(one.data) % 4) for one in asks))


def flagged(one: Ask, set: int = 0, clear: int = 0) -> Ask:
    """The request with other nlmsg_flags."""
    flags = int.from_bytes(one.data[6:8], "little") & ~clear | set
    return Ask(one.data[:6] + flags.to_bytes(2, "little") + one.data[8:], one.size)


def quiet(*steps: Steps) -> tuple[Step, ...]:
    """Steps that only prepare: what the listener hears of them is not recorded."""
    return tuple(one._replace(quiet=True) if isinstance(one, Ask) else one for one in flat(steps))


def option(option: int, value: int = 1) -> Option:
    """Set one of SOL_NETLINK's options."""
    return Option(int(option), value)


strict = Option(12)
"""NETLINK_GET_STRICT_CHK."""
liberal = Option(12, 0)


def dump(of: Family, attrs: Attributes | None = None, flags: int = DUMP, size: int = 32768, **fields: Any) -> Ask:
    """Everything of a family; IPv4's unless said otherwise."""
    first = next(iter(of.header.field_map))
    if of is not link:
        fields.setdefault(first, AF.INET)
    assert of.get is not None
    data = encode(build(of, of.get, attrs or {}, nlmsg_flags=REQUEST | flags, header=fields))
    return Ask(data, size)


# --- links -----------------------------------------------------------------------------------------------------------


def mac(number: int) -> str:
    """A MAC address that no mask hides."""
    return f"02:00:00:00:00:{number:02x}"


def newlink(
    kind: str | None,
    name: str | None = None,
    data: Any = None,
    attrs: Attributes | None = None,
    flags: int = NEW,
    **fields: Any,
) -> Ask:
    """ip link add; a device of Ethernet's should be given its IFLA.ADDRESS, else it draws one by lot."""
    info: dict[Any, Any] = {IFLA_INFO.KIND: kind} if kind else {}
    if data is not None:
        info[IFLA_INFO.DATA] = data
    named: dict[Any, Any] = {IFLA.IFNAME: name} if name else {}
    return ask(
        link, RTM.NEWLINK, {**named, **(attrs or {}), **({IFLA.LINKINFO: info} if info else {})}, flags, **fields
    )


def veth(
    a: str = "va", b: str = "vb", number: int = 1, attrs: Attributes | None = None, peer: Attributes | None = None
) -> Ask:
    """A veth pair with MAC addresses by ``number``; one queue, or there were as many as the machine has processors."""
    one = {IFLA.NUM_TX_QUEUES: 1, IFLA.NUM_RX_QUEUES: 1}
    other = {IFLA.IFNAME: b, IFLA.ADDRESS: mac(16 * number + 2), **one, **(peer or {})}
    mine = {IFLA.ADDRESS: mac(16 * number + 1), **one, **(attrs or {})}
    return newlink("veth", a, {VETH_INFO.PEER: ({}, other)}, mine)


def setlink(index: int, attrs: Attributes | None = None, type: int = RTM.NEWLINK, flags: int = 0, **fields: Any) -> Ask:
    """ip link set."""
    return ask(link, type, attrs, flags, ifi_index=index, **fields)


def up(index: int) -> Ask:
    """ip link set up."""
    return setlink(index, ifi_flags=IFF.UP, ifi_change=IFF.UP)


def down(index: int) -> Ask:
    """ip link set down."""
    return setlink(index, ifi_change=IFF.UP)


def dellink(index: int = 0, name: str | None = None) -> Ask:
    """ip link del."""
    return ask(link, RTM.DELLINK, {IFLA.IFNAME: name} if name else {}, ifi_index=index)


def getlink(index: int = 0, attrs: Attributes | None = None, **fields: Any) -> Ask:
    """ip link show dev."""
    return flagged(ask(link, RTM.GETLINK, attrs, ifi_index=index, **fields), clear=ACK)


def two_ends(*more: Steps) -> tuple[Step, ...]:
    """lo and a veth pair, all up, and what else prepares a script."""
    return quiet(up(LO), veth(), up(VA), up(VB), *more)


# --- addresses and routes --------------------------------------------------------------------------------------------


def prefix(text: str, width: int = 32) -> tuple[ipaddress.IPv4Address, int]:
    host, _, length = text.partition("/")
    return ipaddress.IPv4Address(host), int(length) if length else width


def addr(
    local: str,
    dev: int,
    attrs: Attributes | None = None,
    flags: int = NEW,
    type: int = RTM.NEWADDR,
    peer: str = "",
    **fields: Any,
) -> Ask:
    """ip addr add: IFA_LOCAL and IFA_ADDRESS; the broadcast address is not asked for."""
    host, length = prefix(local)
    given = {IFA.LOCAL: host, IFA.ADDRESS: peer or host, **(attrs or {})}
    return ask(address, type, given, flags, ifa_family=AF.INET, ifa_prefixlen=length, ifa_index=dev, **fields)


def deladdr(local: str, dev: int, attrs: Attributes | None = None, peer: str = "", **fields: Any) -> Ask:
    """ip addr del."""
    return addr(local, dev, attrs, 0, RTM.DELADDR, peer, **fields)


def hop(oif: int | None = None, via: str | None = None, weight: int = 1, flags: int = 0, **attrs: Any) -> Any:
    """One nexthop of RTA_MULTIPATH."""
    given = {RTA.GATEWAY: via} if via else {}
    given.update({getattr(RTA, name): value for name, value in attrs.items()})
    return {"rtnh_hops": weight - 1, "rtnh_ifindex": oif or 0, "rtnh_flags": flags}, given


def route_attrs(words: dict[str, Any]) -> dict[Any, Any]:
    """The words that are attributes of a route, taken out of ``words``."""
    names = {"oif": RTA.OIF, "via": RTA.GATEWAY, "src": RTA.PREFSRC, "metric": RTA.PRIORITY, "hops": RTA.MULTIPATH}
    names |= {"nhid": RTA.NH_ID, "realm": RTA.FLOW, "table32": RTA.TABLE}
    found: dict[Any, Any] = {attr: words.pop(name) for name, attr in names.items() if name in words}
    metrics = {getattr(RTAX, name): words.pop(name) for name in [*words] if hasattr(RTAX, name)}
    return found | ({RTA.METRICS: metrics} if metrics else {})


def route(
    dst: str, flags: int = NEW, attrs: Attributes | None = None, request: int = RTM.NEWROUTE, **words: Any
) -> Ask:
    """ip route add. ``table``, ``tos``, ``scope``, ``type``, ``protocol`` are the header's; MTU=… is a metric."""
    host, length = prefix(dst) if dst != "default" else (None, 0)
    onlink = RTNH_F.ONLINK if words.pop("onlink", False) else 0
    delete = request == RTM.DELROUTE
    given = route_attrs(words)
    local = not delete and RTA.GATEWAY not in given and RTA.MULTIPATH not in given and RTA.NH_ID not in given
    fields = {
        "rtm_family": AF.INET,
        "rtm_dst_len": length,
        "rtm_table": words.pop("table", RT_TABLE.MAIN),
        "rtm_protocol": words.pop("protocol", RTPROT.UNSPEC if delete else RTPROT.BOOT),
        "rtm_type": words.pop("type", RTN.UNSPEC if delete else RTN.UNICAST),
        "rtm_tos": words.pop("tos", 0),
        "rtm_flags": words.pop("rtm_flags", 0) | onlink,
    }
    special = fields["rtm_type"] not in (RTN.UNSPEC, RTN.UNICAST)
    scope = RT_SCOPE.NOWHERE if delete else RT_SCOPE.LINK if local and not special else RT_SCOPE.UNIVERSE
    fields["rtm_scope"] = words.pop("scope", scope)
    assert not words, words
    return ask(routes, request, {**({RTA.DST: host} if host else {}), **given, **(attrs or {})}, flags, **fields)


def delroute(dst: str, attrs: Attributes | None = None, **words: Any) -> Ask:
    """ip route del."""
    return route(dst, 0, attrs, RTM.DELROUTE, **words)


def lookup(dst: str, attrs: Attributes | None = None, rtm_flags: int = 0, **fields: Any) -> Ask:
    """ip route get."""
    host, length = prefix(dst)
    given = {RTA.DST: host, **(attrs or {})}
    made = ask(routes, RTM.GETROUTE, given, rtm_family=AF.INET, rtm_dst_len=length, rtm_flags=rtm_flags, **fields)
    return flagged(made, clear=ACK)


# --- rules, neighbours, nexthops -------------------------------------------------------------------------------------


def rule_(attrs: Attributes | None = None, flags: int = NEW, request: int = RTM.NEWRULE, **words: Any) -> Ask:
    """ip rule add."""
    words.setdefault("family", AF.INET)
    words.setdefault("table", RT_TABLE.MAIN)
    words.setdefault("action", FR_ACT.TO_TBL)
    given: dict[Any, Any] = dict(attrs or {})
    for name, attr in (("src", FRA.SRC), ("dst", FRA.DST)):
        if name in words:
            given[attr], words[f"{name}_len"] = prefix(words.pop(name))
    if "pref" in words:
        given[FRA.PRIORITY] = words.pop("pref")
    return ask(rule, request, given, flags, **words)


def delrule(attrs: Attributes | None = None, **words: Any) -> Ask:
    """ip rule del."""
    words = {"table": RT_TABLE.UNSPEC, "action": FR_ACT.UNSPEC, **words}
    return rule_(attrs, 0, RTM.DELRULE, **words)


def neigh(
    dst: str | None,
    dev: int,
    lladdr: str | None = None,
    state: int = NUD.PERMANENT,
    flags: int = CREATE | REPLACE,
    attrs: Attributes | None = None,
    **fields: Any,
) -> Ask:
    """ip neigh replace."""
    given = {**({NDA.DST: dst} if dst else {}), **({NDA.LLADDR: lladdr} if lladdr else {}), **(attrs or {})}
    fields.setdefault("ndm_family", AF.INET)
    return ask(neighbour, RTM.NEWNEIGH, given, flags, ndm_ifindex=dev, ndm_state=state, **fields)


def delneigh(dst: str, dev: int, attrs: Attributes | None = None, **fields: Any) -> Ask:
    """ip neigh del."""
    fields.setdefault("ndm_family", AF.INET)
    return ask(neighbour, RTM.DELNEIGH, {NDA.DST: dst, **(attrs or {})}, ndm_ifindex=dev, **fields)


def nexthop_(id: int, attrs: Attributes | None = None, flags: int = NEW, **words: Any) -> Ask:
    """ip nexthop add: ``oif``, ``via``, ``group`` [(id, weight)…], ``blackhole``, ``onlink``."""
    given: dict[Any, Any] = {NHA.ID: id} if id else {}
    family = AF.INET
    if "group" in words:
        given[NHA.GROUP] = [{"id": member, "weight": weight - 1} for member, weight in words.pop("group")]
        family = AF.UNSPEC
    for name, attr in (("oif", NHA.OIF), ("via", NHA.GATEWAY), ("blackhole", NHA.BLACKHOLE)):
        if name in words:
            given[attr] = words.pop(name)
    if words.pop("onlink", False):
        words["nh_flags"] = RTNH_F.ONLINK
    words = {"nh_family": family, "nh_protocol": RTPROT.BOOT, **words}
    return ask(nexthop, RTM.NEWNEXTHOP, {**given, **(attrs or {})}, flags, **words)


def delnexthop(id: int) -> Ask:
    """ip nexthop del."""
    return ask(nexthop, RTM.DELNEXTHOP, {NHA.ID: id})


def get_netconf(index: int, attrs: Attributes | None = None) -> Ask:
    """ip netconf show dev."""
    return ask(netconf, RTM.GETNETCONF, {NETCONFA.IFINDEX: index, **(attrs or {})}, ncm_family=AF.INET)


def nothing() -> Ask:
    """NLMSG_NOOP: only the acknowledgement."""
    return raw(NLMSG.NOOP)
