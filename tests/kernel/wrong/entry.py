"""What a wrong request is, and the words in which the table says it.

Knows: how a message is built that nlwire's verbs would not build.
Never: what is wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nlwire.codec.message import Message, build
from nlwire.session import Session
from nlwire.uapi.if_addr import address
from nlwire.uapi.if_link import IFLA, IFLA_INFO, link
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RTM, RTN, RTPROT, route

Ask = Callable[[Session], object]
PeerAsk = Callable[[Any], object]
NEW = int(NLM_F.CREATE | NLM_F.EXCL)


@dataclass(frozen=True)
class Wrong:
    """``errno`` by name; ``words`` None where the kernel has none; ``path`` and ``value`` of what it points at, if it does."""

    what: str
    ask: Ask
    ip: str | None
    peer: PeerAsk | None
    errno: str
    words: str | None = None
    path: str = ""
    value: str | None = None
    unprivileged: bool = False
    ipv6: bool = False


def bytes_of(name: str, payload: bytes) -> dict[str, str]:
    """An attribute with a payload that is none of its kind."""
    return {"nla_type": name, "opaque": payload.hex()}


def to_route(attrs: Any, type: int = RTM.NEWROUTE, flags: int = NEW, **fields: Any) -> Message:
    """A request about a unicast route of IPv4 on the link, unless said otherwise."""
    new = {"rtm_type": RTN.UNICAST, "rtm_protocol": RTPROT.STATIC, "rtm_scope": RT_SCOPE.LINK, "rtm_table": 254}
    usual = {"rtm_family": AF.INET, **(new if type == RTM.NEWROUTE else {})}
    return build(route, type, attrs, flags=flags, **{**usual, **fields})


def to_link(attrs: Any, flags: int = NEW, **fields: Any) -> Message:
    """RTM_NEWLINK."""
    return build(link, RTM.NEWLINK, attrs, flags=flags, **fields)


def of_kind(kind: str, data: Any = None) -> dict[Any, Any]:
    """A new link x0 of a kind."""
    info = {IFLA_INFO.KIND: kind} if data is None else {IFLA_INFO.KIND: kind, IFLA_INFO.DATA: data}
    return {IFLA.IFNAME: "x0", IFLA.LINKINFO: info}


def number(nl: Session, name: str) -> int:
    """A device's number."""
    return int(nl.link.get(name).ifi_index)


def device(ip: Any, name: str) -> int:
    """The same, as the peer finds it."""
    return int(ip.link_lookup(ifname=name)[0])


def to_address(attrs: Any, **fields: Any) -> Message:
    """RTM_NEWADDR of a /8 of IPv4 on lo, unless said otherwise."""
    usual = {"ifa_family": AF.INET, "ifa_prefixlen": 8, "ifa_index": 1}
    return build(address, RTM.NEWADDR, attrs, flags=NEW, **{**usual, **fields})


def dumped(nl: Session, message: Message) -> None:
    """Ask for a dump to its end."""
    list(nl.dump(message))
