"""The words of words.py for IPv6; a veth of it has no link-local address, so that nothing is looked for and nobody is asked.

    NET6 = two_ends6(addr6("2001:db8::1/64", VA))
    route6("2001:db8:1::/48", via="2001:db8::2"), dump6(routes)

Knows: what requests look like.
Never: what is answered.
"""

import ipaddress
from typing import Any

from nlwire.schema.family import Family
from nlwire.uapi.if_addr import IFA, IFA_F, address
from nlwire.uapi.if_link import IFLA, IFLA_INET6, IN6_ADDR_GEN_MODE
from nlwire.uapi.netconf import NETCONFA, netconf
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RT_TABLE, RTA, RTM, RTN, RTNH_F, RTPROT
from nlwire.uapi.rtnetlink import route as routes
from tests.kernel.transcripts.play import Ask, Step
from tests.kernel.transcripts.words import (
    ACK,
    LO,
    NEW,
    VA,
    VB,
    Attributes,
    Steps,
    ask,
    delneigh,
    dump,
    flagged,
    neigh,
    quiet,
    route_attrs,
    setlink,
    up,
    veth,
)


def no_linklocal(index: int) -> Ask:
    """ip link set addrgenmode none."""
    spec = {AF.INET6: {IFLA_INET6.ADDR_GEN_MODE: IN6_ADDR_GEN_MODE.NONE}}
    return setlink(index, {IFLA.AF_SPEC: spec})


def two_ends6(*more: Steps) -> tuple[Step, ...]:
    """lo and a veth pair, all up, without link-local addresses, and what else prepares a script."""
    return quiet(up(LO), veth(), no_linklocal(VA), no_linklocal(VB), up(VA), up(VB), *more)


def prefix6(text: str) -> tuple[ipaddress.IPv6Address, int]:
    host, _, length = text.partition("/")
    return ipaddress.IPv6Address(host), int(length) if length else 128


def addr6(
    local: str,
    dev: int,
    attrs: Attributes | None = None,
    flags: int = NEW,
    type: int = RTM.NEWADDR,
    peer: str = "",
    ifa: int = IFA_F.NODAD,
    **fields: Any,
) -> Ask:
    """ip -6 addr add nodad."""
    host, length = prefix6(local)
    given = {IFA.LOCAL: host, IFA.ADDRESS: peer or host, **({IFA.FLAGS: ifa} if ifa else {}), **(attrs or {})}
    return ask(address, type, given, flags, ifa_family=AF.INET6, ifa_prefixlen=length, ifa_index=dev, **fields)


def deladdr6(local: str, dev: int, attrs: Attributes | None = None, peer: str = "") -> Ask:
    """ip -6 addr del."""
    return addr6(local, dev, attrs, 0, RTM.DELADDR, peer, 0)


def route6(
    dst: str, flags: int = NEW, attrs: Attributes | None = None, request: int = RTM.NEWROUTE, **words: Any
) -> Ask:
    """ip -6 route add; the words are those of words.route()."""
    host, length = prefix6(dst) if dst != "default" else (None, 0)
    onlink = RTNH_F.ONLINK if words.pop("onlink", False) else 0
    delete = request == RTM.DELROUTE
    given = route_attrs(words)
    source = words.pop("source", None)
    fields = {
        "rtm_family": AF.INET6,
        "rtm_dst_len": length,
        "rtm_table": words.pop("table", RT_TABLE.MAIN),
        "rtm_protocol": words.pop("protocol", RTPROT.UNSPEC if delete else RTPROT.BOOT),
        "rtm_type": words.pop("type", RTN.UNSPEC if delete else RTN.UNICAST),
        "rtm_tos": words.pop("tos", 0),
        "rtm_flags": words.pop("rtm_flags", 0) | onlink,
        "rtm_scope": words.pop("scope", RT_SCOPE.NOWHERE if delete else RT_SCOPE.UNIVERSE),
    }
    if source is not None:
        given[RTA.SRC], fields["rtm_src_len"] = prefix6(source)
    assert not words, words
    return ask(routes, request, {**({RTA.DST: host} if host else {}), **given, **(attrs or {})}, flags, **fields)


def delroute6(dst: str, attrs: Attributes | None = None, **words: Any) -> Ask:
    """ip -6 route del."""
    return route6(dst, 0, attrs, RTM.DELROUTE, **words)


def lookup6(dst: str, attrs: Attributes | None = None, rtm_flags: int = 0, **fields: Any) -> Ask:
    """ip -6 route get."""
    host, length = prefix6(dst)
    given = {RTA.DST: host, **(attrs or {})}
    made = ask(routes, RTM.GETROUTE, given, rtm_family=AF.INET6, rtm_dst_len=length, rtm_flags=rtm_flags, **fields)
    return flagged(made, clear=ACK)


def neigh6(dst: str | None, dev: int, lladdr: str | None = None, *rest: Any, **fields: Any) -> Ask:
    """ip -6 neigh replace."""
    return neigh(dst, dev, lladdr, *rest, ndm_family=AF.INET6, **fields)


def delneigh6(dst: str, dev: int, **fields: Any) -> Ask:
    """ip -6 neigh del."""
    return delneigh(dst, dev, ndm_family=AF.INET6, **fields)


def dump6(of: Family, attrs: Attributes | None = None, **fields: Any) -> Ask:
    """Everything of a family, IPv6's."""
    return dump(of, attrs, **{next(iter(of.header.field_map)): AF.INET6, **fields})


def get_netconf6(index: int) -> Ask:
    """ip -6 netconf show dev."""
    return ask(netconf, RTM.GETNETCONF, {NETCONFA.IFINDEX: index}, ncm_family=AF.INET6)
