"""What of an object lasts: counters, clocks and what the kernel only works out are left aside, so that two snapshots compare.

Knows: which attributes and fields move by themselves.
Never: which object is which (table.py).
"""

from typing import Any

from nlwire.codec.message import Message, build
from nlwire.codec.values import Attrs, Compound, Item
from nlwire.schema.attrs import NLA_F_NESTED, NLA_TYPE_MASK, Attr, AttrSet
from nlwire.session.rebuild.bridges import infos, is_entered
from nlwire.session.rebuild.network import is_known
from nlwire.uapi.fib_rules import FIB_RULE
from nlwire.uapi.if_addr import IFA, IFA_F
from nlwire.uapi.if_bridge.mdb import MDBA, MDBA_MDB, MDBA_MDB_EATTR, MDBA_MDB_ENTRY, MDBA_ROUTER_PATTR, mdb
from nlwire.uapi.if_bridge.vlandb import BRIDGE_VLANDB_ENTRY
from nlwire.uapi.if_link import IFLA, IFLA_BR, IFLA_BRPORT, IFLA_INET6, IFLA_INFO, IFLA_MACVLAN
from nlwire.uapi.neighbour import NDA
from nlwire.uapi.nexthop import NHA, NHA_RES_GROUP
from nlwire.uapi.pkt_cls import TCA_U32
from nlwire.uapi.rtnetlink import AF, RTA, RTM
from nlwire.uapi.tc import TCA

PASSING = ("stats", "neightbl", "nexthop_bucket", "genl_ctrl")
"""Families of which nothing lasts, or nothing that a network namespace has of its own."""

_MOVING: tuple[Attr[Any], ...] = (
    *(IFA.CACHEINFO, RTA.CACHEINFO, RTA.MFC_STATS, NDA.CACHEINFO, NDA.PROBES, NHA.HW_STATS_USED, NHA.GROUP_STATS),
    *(IFLA.STATS, IFLA.STATS64, IFLA.CARRIER_CHANGES, IFLA.CARRIER_UP_COUNT, IFLA.CARRIER_DOWN_COUNT, IFLA.EVENT),
    *(IFLA.PROMISCUITY, IFLA.ALLMULTI, IFLA.PERM_ADDRESS, IFLA_INFO.XSTATS),
    *(IFLA_INET6.STATS, IFLA_INET6.ICMP6STATS, IFLA_INET6.CACHEINFO, IFLA_INET6.FLAGS),
    *(IFLA_BR.HELLO_TIMER, IFLA_BR.TCN_TIMER, IFLA_BR.TOPOLOGY_CHANGE_TIMER, IFLA_BR.GC_TIMER, IFLA_BR.FDB_N_LEARNED),
    *(IFLA_BR.TOPOLOGY_CHANGE, IFLA_BR.TOPOLOGY_CHANGE_DETECTED, IFLA_BR.MCAST_QUERIER_STATE),
    *(IFLA_BRPORT.MESSAGE_AGE_TIMER, IFLA_BRPORT.FORWARD_DELAY_TIMER, IFLA_BRPORT.HOLD_TIMER),
    *(IFLA_BRPORT.MCAST_N_GROUPS, IFLA_BRPORT.MCAST_EHT_HOSTS_CNT, IFLA_BRPORT.TOPOLOGY_CHANGE_ACK),
    *(IFLA_MACVLAN.BC_QUEUE_LEN_USED, MDBA_MDB_EATTR.TIMER, MDBA_ROUTER_PATTR.TIMER, MDBA_ROUTER_PATTR.INET_TIMER),
    *(MDBA_ROUTER_PATTR.INET6_TIMER, BRIDGE_VLANDB_ENTRY.STATS, NHA_RES_GROUP.UNBALANCED_TIME),
    *(TCA.STATS, TCA.STATS2, TCA.XSTATS, TCA_U32.PCNT),
)
MOVING: dict[type[AttrSet], set[int]] = {}
for _attr in _MOVING:
    MOVING.setdefault(_attr.owner, set()).add(_attr.number)

FIELDS = {"tcm_info": ("qdisc", "tclass"), "ifal_seq": ("addrlabel",), "filter_mask": ("stats",)}
"""Header fields that count references or changes, by family."""
ADDRESS_PASSING = IFA_F.TENTATIVE | IFA_F.OPTIMISTIC


def lasting(message: Message) -> list[Message]:
    """The message without what moves by itself; nothing where nothing of it lasts; of groups one message for each."""
    family = message.family.name
    if family in PASSING or (family == "chain" and not message.get(TCA.CHAIN)):
        return []
    if family == "neighbour" and not _stays(message):
        return []
    if family == "mdb" and message.type.verb != "delete":
        return [_of_group(message, info) for _, info in infos(message) if is_entered(info)]
    return [_cut(message, family)]


def _stays(message: Message) -> bool:
    """Not what is on its way to be known, nor the multicast addresses that devices listen to."""
    if message.ndm_family != AF.BRIDGE:
        return is_known(message)
    lladdr = message.attrs.find(NDA.LLADDR)
    return NDA.DST in message or lladdr is None or not lladdr[2][:1] or not lladdr[2][0] & 1


def _of_group(message: Message, info: Compound) -> Message:
    more = Attrs(MDBA_MDB_EATTR, _run(MDBA_MDB_EATTR, info.tail.items))
    one = {MDBA_MDB_ENTRY.INFO: Compound(info.head, info.kind, more, info.gap)}
    return build(mdb, RTM.NEWMDB, {MDBA.MDB: {MDBA_MDB.ENTRY: one}}, family=AF.BRIDGE, ifindex=message.ifindex)


def _cut(message: Message, family: str) -> Message:
    fields = {name: 0 for name, families in FIELDS.items() if family in families}
    if family == "rule":
        unheard = FIB_RULE.UNRESOLVED | FIB_RULE.IIF_DETACHED | FIB_RULE.OIF_DETACHED | FIB_RULE.PERMANENT
        fields["flags"] = int(message.flags) & ~unheard
    if family == "address":
        fields["ifa_flags"] = int(message.ifa_flags) & ~ADDRESS_PASSING
    made = message.replace(None, nlmsg_flags=0, nlmsg_seq=0, nlmsg_pid=0, **fields)
    made.items = _run(message.family.attrs, message.items)
    if family == "address" and IFA.FLAGS in made:
        made = made.replace({IFA.FLAGS: int(made[IFA.FLAGS]) & ~ADDRESS_PASSING})
    return made


def _run(attrs: type[AttrSet], items: list[Item]) -> list[Item]:
    """The items that last, nests likewise; whether a nest was marked as one says nothing."""
    moving: set[int] = set().union(*(MOVING.get(one, set()) for one in attrs.__mro__))
    return [_item(item) for item in items if item[0] is not None and item[0] & NLA_TYPE_MASK not in moving]


def _item(item: Item) -> Item:
    if isinstance(item[2], Attrs):
        return (item[0] & ~NLA_F_NESTED, item[1], Attrs(item[2].set, _run(item[2].set, item[2].items)))
    return item[:3]
