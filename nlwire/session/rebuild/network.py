"""Addresses, nexthops, neighbours, routes, rules and address labels, as told, turned into requests.

Knows: which of them the kernel makes itself, which of their attributes and flags it only tells.
Never: links.
"""

from collections.abc import Sequence

from nlwire.codec.message import Message
from nlwire.codec.values import Item, Record, Records
from nlwire.session.rebuild.cut import APPEND, NEW, REPLACE, asked, inside, kept, numbers, without
from nlwire.uapi import fib_rules, if_addr, if_addrlabel, rtnetlink
from nlwire.uapi.fib_rules import FIB_RULE, FRA
from nlwire.uapi.if_addr import IFA, IFA_F, IFAPROT
from nlwire.uapi.if_addrlabel import IFAL
from nlwire.uapi.neighbour import NDA, NTF, NTF_EXT, NUD
from nlwire.uapi.neighbour import neighbour as neighbours
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.nexthop import NHA, NHA_RES_GROUP
from nlwire.uapi.nexthop import nexthop as nexthops
from nlwire.uapi.rtnetlink import AF, RTA, RTM_F, RTN, RTNH_F, RTPROT

FOREVER = 0xFFFFFFFF
LOOPBACK = 1

ADDRESS = numbers((IFA.ADDRESS, IFA.LOCAL, IFA.LABEL, IFA.BROADCAST, IFA.RT_PRIORITY, IFA.PROTO))
ADDRESS_FLAGS = IFA_F.NODAD | IFA_F.HOMEADDRESS | IFA_F.MANAGETEMPADDR | IFA_F.NOPREFIXROUTE | IFA_F.MCAUTOJOIN
OWN = (IFAPROT.KERNEL_LO, IFAPROT.KERNEL_RA, IFAPROT.KERNEL_LL)


def address(told: Message) -> Message | None:
    """RTM_NEWADDR; None for lo's own, link-local ones and those of router advertisements."""
    flags = int(told.get(IFA.FLAGS, told.ifa_flags))
    if told.get(IFA.PROTO, 0) in OWN or told.ifa_family not in (AF.INET, AF.INET6):
        return None
    if told.ifa_family == AF.INET6 and flags & (IFA_F.TEMPORARY | IFA_F.STABLE_PRIVACY):
        return None
    if IFA.PROTO not in told and _looks_own(told):
        return None
    kernel = {"ifa_family": told.ifa_family, "ifa_prefixlen": told.ifa_prefixlen, "ifa_scope": told.ifa_scope}
    made = asked(if_addr.address, REPLACE, kept(told.items, ADDRESS), **kernel, ifa_index=told.ifa_index)
    made = made.replace({IFA.FLAGS: flags & ADDRESS_FLAGS})
    life = told.get(IFA.CACHEINFO)
    if life is not None and not flags & IFA_F.PERMANENT:
        made = made.replace({IFA.CACHEINFO: {"ifa_prefered": life.ifa_prefered, "ifa_valid": life.ifa_valid}})
    return made


def _looks_own(told: Message) -> bool:
    """Kernels before 6.3 do not tell whose an address is, and later ones do not of all."""
    where = told.get(IFA.LOCAL) or told.get(IFA.ADDRESS)
    return bool(where is not None and ((where.is_link_local and where.version == 6) or where.is_loopback))


NEXTHOP = numbers(
    (NHA.ID, NHA.GROUP, NHA.GROUP_TYPE, NHA.BLACKHOLE, NHA.OIF, NHA.GATEWAY, NHA.ENCAP_TYPE, NHA.ENCAP, NHA.FDB)
)
RESILIENT = numbers((NHA_RES_GROUP.BUCKETS, NHA_RES_GROUP.IDLE_TIMER, NHA_RES_GROUP.UNBALANCED_TIMER))


def singles_first(told: Sequence[Message]) -> list[Message]:
    """Nexthops before the groups that name them."""
    return sorted(told, key=lambda one: NHA.GROUP in one)


def nexthop(told: Message) -> Message:
    """RTM_NEWNEXTHOP."""
    wanted = NEXTHOP | numbers((NHA.RES_GROUP,))
    items = inside(kept(told.items, wanted), NHA.RES_GROUP.number, lambda run: kept(run, RESILIENT))
    flags = int(told.nh_flags) & RTNH_F.ONLINK
    return asked(nexthops, REPLACE, items, nh_family=told.nh_family, nh_protocol=told.nh_protocol, nh_flags=flags)


NEIGHBOUR = numbers((NDA.DST, NDA.LLADDR, NDA.PROTOCOL))
ALIVE = NUD.PERMANENT | NUD.REACHABLE | NUD.STALE | NUD.DELAY | NUD.PROBE
SETTABLE = NTF.PROXY | NTF.EXT_LEARNED | NTF.ROUTER | NTF.USE
NEIGHBOUR_EXT = NTF_EXT.MANAGED | NTF_EXT.EXT_VALIDATED


def proxies_last(told: Sequence[Message]) -> list[Message]:
    """In two dumps, a table's own entries come first."""
    return sorted(told, key=lambda one: bool(int(one.ndm_flags) & NTF.PROXY))


def is_known(told: Message) -> bool:
    """Whether a neighbour was found, or is answered for: not what needs no finding (multicast, lo), nor what was not found."""
    managed = int(told.get(NDA.FLAGS_EXT, 0)) & NTF_EXT.MANAGED
    return bool(int(told.ndm_flags) & NTF.PROXY or int(told.ndm_state) & ALIVE or managed)


def neighbour(told: Message) -> Message | None:
    """RTM_NEWNEIGH; None where there is nothing to keep."""
    flags, state = int(told.ndm_flags), int(told.ndm_state)
    ext = int(told.get(NDA.FLAGS_EXT, 0)) & NEIGHBOUR_EXT
    if told.ndm_family not in (AF.INET, AF.INET6) or not is_known(told):
        return None
    fields = {"ndm_family": told.ndm_family, "ndm_ifindex": told.ndm_ifindex, "ndm_flags": flags & SETTABLE}
    state = 0 if flags & NTF.PROXY else state & ALIVE
    made = asked(neighbours, REPLACE, kept(told.items, NEIGHBOUR), **fields, ndm_state=state)
    return made.replace({NDA.FLAGS_EXT: ext}) if ext else made


BY_KERNEL = (RTPROT.KERNEL, RTPROT.REDIRECT, RTPROT.RA)
ROUTE_TOLD = numbers((RTA.CACHEINFO, RTA.MFC_STATS, RTA.PAD, RTA.UID, RTA.IIF))
BY_NEXTHOP = numbers((RTA.GATEWAY, RTA.OIF, RTA.MULTIPATH, RTA.VIA, RTA.ENCAP, RTA.ENCAP_TYPE))
USER_HZ = 100


def route(told: Message) -> Message | None:
    """RTM_NEWROUTE; None for those of the kernel and of router advertisements, cached ones and multicast forwarding."""
    if told.rtm_protocol in BY_KERNEL or int(told.rtm_flags) & RTM_F.CLONED:
        return None
    if told.rtm_family not in (AF.INET, AF.INET6, AF.MPLS):
        return None
    items = without(told.items, ROUTE_TOLD | (BY_NEXTHOP if RTA.NH_ID in told else frozenset()))
    items = [_ways(item) for item in items]
    names = ("family", "dst_len", "src_len", "tos", "table", "protocol", "scope", "type")
    fields = {f"rtm_{name}": getattr(told, f"rtm_{name}") for name in names}
    flags = int(told.rtm_flags) & RTNH_F.ONLINK
    made = asked(rtnetlink.route, APPEND if told.rtm_family == AF.INET else NEW, items, **fields, rtm_flags=flags)
    life = told.get(RTA.CACHEINFO)
    if life is not None and life.rta_expires and told.rtm_family == AF.INET6 and told.rtm_type == RTN.UNICAST:
        made = made.replace({RTA.EXPIRES: life.rta_expires // USER_HZ})
    return made


def _ways(item: Item) -> Item:
    """RTA_MULTIPATH without the state that its nexthops are in."""
    if item[0] != RTA.MULTIPATH.number or not isinstance(item[2], Records):
        return item
    ways = [Record(one.head.replace(rtnh_flags=int(one.head.rtnh_flags) & RTNH_F.ONLINK), one.attrs) for one in item[2]]
    return (item[0], item[1], Records(ways))


def rule(told: Message) -> Message | None:
    """RTM_NEWRULE; None for those that a namespace begins with."""
    if told.get(FRA.PROTOCOL) == RTPROT.KERNEL:
        return None
    items = without(told.items, numbers((FRA.PAD,)))
    names = ("family", "dst_len", "src_len", "tos", "table", "action")
    fields = {name: getattr(told.header, name) for name in names}
    flags = int(told.flags) & (FIB_RULE.INVERT | FIB_RULE.FIND_SADDR)
    return asked(fib_rules.rule, NEW | NLM_F.EXCL, items, **fields, flags=flags)


def label(told: Message) -> Message:
    """RTM_NEWADDRLABEL; those that a namespace begins with are replaced by themselves."""
    items = kept(told.items, numbers((IFAL.ADDRESS, IFAL.LABEL)))
    fields = {"ifal_family": told.ifal_family, "ifal_prefixlen": told.ifal_prefixlen, "ifal_index": told.ifal_index}
    return asked(if_addrlabel.addrlabel, REPLACE, items, **fields)
