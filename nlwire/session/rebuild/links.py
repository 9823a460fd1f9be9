"""Links: made bottom up, put into their masters, then set up. Mirrors rtnl_newlink(), do_setlink() (net/core/rtnetlink.c).

Knows: which kinds can be made, which attributes are told only, that veth comes in pairs.
Never: what runs over a link.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from nlwire.codec.message import Message, build
from nlwire.codec.values import Attrs, Item
from nlwire.schema.attrs import Attr, AttrSet
from nlwire.session.rebuild.cut import NEW, inside, kept, numbers, without
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_ether import ETH_P
from nlwire.uapi.if_link import (
    IFLA,
    IFLA_AF_SPEC,
    IFLA_BR,
    IFLA_BRPORT,
    IFLA_INET6,
    IFLA_INFO,
    IFLA_MACVLAN,
    IFLA_PROP_LIST,
    IFLA_VXLAN,
    IN6_ADDR_GEN_MODE,
    VETH_INFO,
    VXCAN_INFO,
    link,
)
from nlwire.uapi.if_link.vlan_macvlan import MACVLAN_MACADDR
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import RTM, ifinfomsg

LOOPBACK = 1
ETHERNET = 6
FALLBACKS = {"tunl0", "sit0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6tnl0", "ip6gre0", "ip6_vti0"}
"""What modules make in every namespace when they are loaded."""
UNMAKEABLE = {"tun", "wwan", "dsa", "openvswitch", "ppp", "nlmon_hw"}
"""Kinds that links show but that no request makes."""
PAIRS = {"veth": VETH_INFO.PEER, "vxcan": VXCAN_INFO.PEER}
OVER = {"vlan", "macvlan", "macvtap", "ipvlan", "ipvtap", "macsec", "ipoib", "lowpan", "virt_wifi", "rmnet"}
"""Kinds that are made over another link, given as IFLA_LINK."""

SETTINGS = numbers(
    (IFLA.ADDRESS, IFLA.IFNAME, IFLA.MTU, IFLA.TXQLEN, IFLA.GROUP, IFLA.NUM_TX_QUEUES, IFLA.NUM_RX_QUEUES)
)
FLAGS = IFF.UP | IFF.NOARP | IFF.PROMISC | IFF.ALLMULTI | IFF.MULTICAST | IFF.DYNAMIC

_BRIDGE_TOLD = (
    *(IFLA_BR.ROOT_ID, IFLA_BR.BRIDGE_ID, IFLA_BR.ROOT_PORT, IFLA_BR.ROOT_PATH_COST, IFLA_BR.TOPOLOGY_CHANGE),
    *(IFLA_BR.TOPOLOGY_CHANGE_DETECTED, IFLA_BR.HELLO_TIMER, IFLA_BR.TCN_TIMER, IFLA_BR.TOPOLOGY_CHANGE_TIMER),
    *(IFLA_BR.GC_TIMER, IFLA_BR.MCAST_HASH_ELASTICITY, IFLA_BR.PAD, IFLA_BR.MCAST_QUERIER_STATE, IFLA_BR.FDB_N_LEARNED),
    IFLA_BR.GROUP_ADDR,  # telling it, even the usual one, would pin it down
)
_PORT_TOLD = (
    *(IFLA_BRPORT.STATE, IFLA_BRPORT.ROOT_ID, IFLA_BRPORT.BRIDGE_ID, IFLA_BRPORT.DESIGNATED_PORT),
    *(IFLA_BRPORT.DESIGNATED_COST, IFLA_BRPORT.ID, IFLA_BRPORT.NO, IFLA_BRPORT.TOPOLOGY_CHANGE_ACK, IFLA_BRPORT.PAD),
    *(IFLA_BRPORT.CONFIG_PENDING, IFLA_BRPORT.MESSAGE_AGE_TIMER, IFLA_BRPORT.FORWARD_DELAY_TIMER),
    *(IFLA_BRPORT.HOLD_TIMER, IFLA_BRPORT.MRP_RING_OPEN, IFLA_BRPORT.MRP_IN_OPEN, IFLA_BRPORT.MCAST_EHT_HOSTS_CNT),
    IFLA_BRPORT.MCAST_N_GROUPS,
)
_MACVLAN_TOLD = (IFLA_MACVLAN.MACADDR_COUNT, IFLA_MACVLAN.BC_QUEUE_LEN_USED)
TOLD: dict[str, frozenset[int]] = {
    "vxlan": numbers((IFLA_VXLAN.RESERVED_BITS,)),  # what is left of the header, worked out from the rest
    "bridge": numbers(_BRIDGE_TOLD),
    "macvlan": numbers(_MACVLAN_TOLD),
    "macvtap": numbers(_MACVLAN_TOLD),
}
"""By kind: attributes of IFLA_INFO_DATA that cannot be set."""
USUAL: dict[Attr[Any], int] = {
    IFLA_BR.VLAN_FILTERING: 0,
    IFLA_BR.VLAN_PROTOCOL: ETH_P._8021Q,
    IFLA_BR.VLAN_DEFAULT_PVID: 1,
    IFLA_BR.VLAN_STATS_ENABLED: 0,
    IFLA_BR.VLAN_STATS_PER_PORT: 0,
    IFLA_BR.FDB_MAX_LEARNED: 0,
    IFLA_VXLAN.REMCSUM_RX: 0,
}
"""Left unsaid where they change nothing: kernels built without VLAN filtering, or older ones, refuse the bridge's; of VXLAN's
the mere presence counts as use of header bits (vxlan_nl2conf()).
"""
SLAVE_TOLD: dict[str, frozenset[int]] = {"bridge": numbers(_PORT_TOLD)}


class Links:
    """The links of a snapshot: which requests make them, which are ``missing`` because none can."""

    def __init__(self, told: Iterable[Message], stand_in: str | None = None) -> None:
        self.told = {int(one.ifi_index): one for one in told}
        self.stand_in = stand_in
        self.left_out: list[tuple[Message, str]] = []
        self.missing: set[int] = set()
        for index, one in self.told.items():
            why = self.unmakeable(one)
            if why and stand_in is None:
                self.missing.add(index)
                self.left_out.append((one, why))

    def requests(self) -> list[Message]:
        """Links made, named, enslaved and set up, in this order."""
        made = self.bottom_up()
        pairs_done: set[int] = set()
        requests: list[Message] = []
        for one in made:
            if int(one.ifi_index) not in pairs_done:
                peer = self.peer(one)
                requests.append(self.create(one, peer))
                pairs_done.update(int(each.ifi_index) for each in (one, peer) if each is not None)
        requests += [request for one in made for request in self.further(one)]
        lo = [one for index, one in self.told.items() if index == LOOPBACK]
        return requests + [self.flags(one) for one in [*lo, *made]]

    def bottom_up(self) -> list[Message]:
        """The links to make, each after those it stands on."""
        order: list[Message] = []
        seen: set[int] = set(self.missing)

        def visit(index: int) -> None:
            if index in seen or index not in self.told:
                return
            seen.add(index)
            for lower in self.below(self.told[index]):
                visit(lower)
            order.append(self.told[index])

        for index, one in self.told.items():
            if index != LOOPBACK and name_of(one) not in FALLBACKS:
                visit(index)
        return order

    def below(self, one: Message) -> Iterator[int]:
        """The links this one is made over: IFLA_LINK, or what its own data calls its link."""
        if kind_of(one) in OVER and IFLA.LINK in one:
            yield int(one[IFLA.LINK])
        data = _inside(one, IFLA_INFO.DATA)
        for item in data.items if data is not None else ():
            if item[0] is not None and isinstance(item[2], int) and data.set.name_of(item[0]).endswith("_LINK"):  # type: ignore[union-attr]
                yield item[2]

    def unmakeable(self, one: Message) -> str | None:
        """Why no request makes such a link."""
        kind = kind_of(one)
        if int(one.ifi_index) == LOOPBACK or name_of(one) in FALLBACKS:
            return None
        if not kind:
            return "it is of no kind, as hardware is"
        if kind in UNMAKEABLE:
            return f"links of kind {kind} are not made by netlink"
        if kind in PAIRS and self.peer(one) is None:
            return "its peer is in another namespace"
        if kind in OVER and IFLA.LINK_NETNSID in one:
            return "the link below is in another namespace"
        return None

    def peer(self, one: Message) -> Message | None:
        """The other end of a pair, if it is here."""
        if kind_of(one) not in PAIRS or IFLA.LINK_NETNSID in one:
            return None
        return self.told.get(int(one.get(IFLA.LINK, 0)))

    def create(self, one: Message, peer: Message | None) -> Message:
        """RTM_NEWLINK with NLM_F_CREATE."""
        kind = kind_of(one)
        made = build(link, RTM.NEWLINK, self._info(one, peer), flags=NEW | NLM_F.EXCL, ifi_index=one.ifi_index)
        made.items = [*settings(one), *made.items]
        if kind in OVER and IFLA.LINK_NETNSID not in one:
            made.items += kept(one.items, numbers((IFLA.LINK,)))
        return made

    def _info(self, one: Message, peer: Message | None) -> dict[Attr[Any], Any]:
        kind = kind_of(one)
        if self.unmakeable(one):
            return {IFLA.LINKINFO: {IFLA_INFO.KIND: self.stand_in}}
        info: dict[Attr[Any], Any] = {IFLA_INFO.KIND: kind}
        data = _inside(one, IFLA_INFO.DATA)
        if peer is not None:
            end = (ifinfomsg(ifi_index=peer.ifi_index), Attrs(IFLA, settings(peer)))
            info[IFLA_INFO.DATA] = {PAIRS[kind]: end}
        elif data is not None:
            cut = without(data.items, TOLD.get(kind, frozenset()))
            info[IFLA_INFO.DATA] = Attrs(data.set, [*_settable(data.set, cut), *_sources(data)])
        return {IFLA.LINKINFO: info}

    def further(self, one: Message) -> Iterator[Message]:
        """What is said of a link when all are there: its other names, how it makes addresses, its master and its part there."""
        index = int(one.ifi_index)
        if IFLA.IFALIAS in one:
            yield _change(index, {IFLA.IFALIAS: one[IFLA.IFALIAS]})
        names = _inside(one, IFLA.PROP_LIST)
        if names is not None and names.getall(IFLA_PROP_LIST.ALT_IFNAME):
            alts = {IFLA.PROP_LIST: names}
            flags = NEW | NLM_F.APPEND | NLM_F.EXCL
            yield build(link, RTM.NEWLINKPROP, alts, flags=flags, ifi_index=index)
        spec = _inside(one, IFLA.AF_SPEC)
        six = spec.get(IFLA_AF_SPEC.INET6) if spec is not None else None
        mode = six.get(IFLA_INET6.ADDR_GEN_MODE, 0) if isinstance(six, Attrs) else 0
        if mode in (IN6_ADDR_GEN_MODE.NONE, IN6_ADDR_GEN_MODE.RANDOM):
            yield _change(index, {IFLA.AF_SPEC: {IFLA_AF_SPEC.INET6: {IFLA_INET6.ADDR_GEN_MODE: mode}}})
        master = one.get(IFLA.MASTER)
        if master is None or int(master) in self.missing or int(master) not in self.told:
            return
        yield _change(index, {IFLA.MASTER: master})
        part = _slave(one)
        if part is not None:
            yield part

    def flags(self, one: Message) -> Message:
        """Up or down, and what else a user may switch."""
        return build(
            link,
            RTM.NEWLINK,
            flags=NLM_F.REQUEST,
            ifi_index=one.ifi_index,
            ifi_flags=int(one.ifi_flags) & FLAGS,
            ifi_change=FLAGS,
        )


def kind_of(one: Message) -> str:
    """IFLA_INFO_KIND, or nothing."""
    info = _inside(one, IFLA.LINKINFO)
    return "" if info is None else str(info.get(IFLA_INFO.KIND, ""))


def name_of(one: Message) -> str:
    """IFLA_IFNAME, or nothing."""
    return str(one.get(IFLA.IFNAME, ""))


def settings(one: Message) -> list[Item]:
    """The attributes that any link is given; a hardware address where it is one of Ethernet."""
    items = kept(one.items, SETTINGS)
    return [item for item in items if item[0] != IFLA.ADDRESS.number or len(item[2]) == ETHERNET]


def _inside(one: Message, attr: Attr[Any]) -> Attrs | None:
    """A nest of a link, or of its IFLA_LINKINFO."""
    run: Attrs | None = one.attrs
    if attr.owner is IFLA_INFO:
        run = _inside(one, IFLA.LINKINFO)
    item = run.find(attr) if run is not None else None
    return item[2] if item is not None and isinstance(item[2], Attrs) else None


def _settable(attrs: type[AttrSet], items: Iterable[Item]) -> Iterator[Item]:
    """What is told in one form and taken in another: bridge options (those that are on; of others the kernel may know
    nothing), IFLA_VXLAN_TTL_INHERIT (told as a number, taken as a flag).
    """
    for item in items:
        attr = attrs.find(item[0])
        if attr is IFLA_BR.MULTI_BOOLOPT:
            options = item[2].replace(optmask=item[2].optval)
            if options.optval:
                yield (item[0], item[1], options)
        elif attr is IFLA_VXLAN.TTL_INHERIT:
            if item[2]:
                yield (item[0], None, b"")
        elif attr is None or USUAL.get(attr) != item[2]:
            yield item


def _sources(data: Attrs) -> list[Item]:
    """macvlan: a list of source addresses is taken only with the word to set it."""
    if data.set is not IFLA_MACVLAN or IFLA_MACVLAN.MACADDR_DATA not in data:
        return []
    return [(IFLA_MACVLAN.MACADDR_MODE.number, IFLA_MACVLAN.MACADDR_MODE.kind, int(MACVLAN_MACADDR.SET))]


def _slave(one: Message) -> Message | None:
    """What a link is to its master."""
    info, data = _inside(one, IFLA.LINKINFO), _inside(one, IFLA_INFO.SLAVE_DATA)
    if info is None or data is None:
        return None
    cut = SLAVE_TOLD.get(str(info.get(IFLA_INFO.SLAVE_KIND)), frozenset())
    items = kept(info.items, numbers((IFLA_INFO.SLAVE_KIND, IFLA_INFO.SLAVE_DATA)))
    items = inside(items, IFLA_INFO.SLAVE_DATA.number, lambda run: without(run, cut))
    return _change(int(one.ifi_index), {IFLA.LINKINFO: Attrs(IFLA_INFO, items)})


def _change(index: int, attrs: dict[Attr[Any], Any]) -> Message:
    return build(link, RTM.NEWLINK, attrs, flags=NLM_F.REQUEST, ifi_index=index)
