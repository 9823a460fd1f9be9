"""More random requests: rules, neighbours, nexthop objects, bridges, on top of links, addresses and routes.

Knows: Hypothesis, the words of the transcripts.
Never: answers.
"""

import ipaddress
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from nlwire.uapi.fib_rules import FRA
from nlwire.uapi.fib_rules import rule as rules
from nlwire.uapi.if_link import IFLA, IFLA_MACVLAN, IFLA_VXLAN
from nlwire.uapi.neighbour import NDA, NTF, NUD, neighbour
from nlwire.uapi.netlink import NETLINK_OPT
from nlwire.uapi.nexthop import NHA, nexthop
from nlwire.uapi.rtnetlink import AF, RTA, RTM, RTM_F
from tests.kernel.side_by_side.machine import (
    DEVICES,
    ECHOES,
    FLAGS,
    GATEWAYS,
    INDEXES,
    NAMES,
    PLACES,
    Addresses,
    Both,
    Routes,
    pick,
    some,
)
from tests.kernel.transcripts.play import Ask, Option
from tests.kernel.transcripts.words import (
    CREATE,
    VA,
    VB,
    delneigh,
    delnexthop,
    delroute,
    dump,
    lookup,
    mac,
    neigh,
    newlink,
    nexthop_,
    route,
    rule_,
    setlink,
)

PREFS = pick([0, 5, 5, 10, 32766, 40000])
RULE_TABLES = pick([254, 100, 255, 0])
RULE_WORDS = some(
    {
        "src": pick(["10.0.0.0/24", "10.0.0.1/32"]),
        "dst": pick(["10.1.0.0/16", "172.16.0.0/12"]),
        "tos": pick([0, 4, 8, 16]),
        "action": pick([1, 1, 1, 3, 6, 7, 8]),
    }
)
RULE_SELECTORS: dict[Any, st.SearchStrategy[Any]] = {
    FRA.FWMARK: pick([0, 7]),
    FRA.FWMASK: pick([7, 0xFF]),
    FRA.IIFNAME: NAMES,
    FRA.OIFNAME: NAMES,
    FRA.IP_PROTO: pick([6, 17]),
    FRA.DPORT_RANGE: pick([{"start": 80, "end": 90}, {"start": 5, "end": 1}]),
    FRA.PROTOCOL: pick([4, 186]),
    FRA.UID_RANGE: pick([{"start": 0, "end": 0}, {"start": 1000, "end": 2000}]),
}
RULE_ATTRS = some({**RULE_SELECTORS, FRA.SUPPRESS_PREFIXLEN: pick([0, 16])})
NEIGHBOURS = pick(["10.0.0.2", "10.0.0.9", "10.0.1.2", "192.168.0.2", "10.0.0.1", "10.0.0.255"])
STATES = pick([int(NUD.PERMANENT), int(NUD.NOARP), int(NUD.STALE), int(NUD.NONE)])
IDS = pick([1, 2, 3, 10, 11])
GROUPS = st.lists(st.tuples(IDS, pick([1, 3, 200])), min_size=1, max_size=3)
FIB_RULE_PERMANENT, FIB_RULE_INVERT = 1, 2
HDR_FLAGS = pick([0, 0, 0, 0, FIB_RULE_INVERT, FIB_RULE_PERMANENT])
LOOKED_UP = st.fixed_dictionaries(
    {},
    optional={
        RTA.MARK: pick([7, 9]),
        RTA.IP_PROTO: pick([6, 17]),
        RTA.DPORT: pick([80, 99]),
        RTA.UID: pick([0, 1500]),
    },
)


def rule_request(
    family: int, attrs: dict[Any, Any], flags: int, request: int, words: dict[str, Any], hdr_flags: int = 0
) -> Ask:
    """ip rule add, del; ``hdr_flags`` are those of struct fib_rule_hdr."""
    given, rest = dict(attrs), dict(words)
    for name, attr in (("src", FRA.SRC), ("dst", FRA.DST)):
        if name in rest:
            network = ipaddress.ip_network(rest.pop(name))
            given[attr], rest[f"{name}_len"] = network.network_address, network.prefixlen
    data = rule_(given, flags, request, family=family, **rest).data
    return Ask(data[:24] + hdr_flags.to_bytes(4, "little") + data[28:])


# --- what both families are asked ------------------------------------------------------------------------------------


class RuleRequests(Both):
    """Policy rules, which decide lookups."""

    family: int = AF.INET
    rule_words: st.SearchStrategy[dict[str, Any]] = RULE_WORDS
    rule_attrs: st.SearchStrategy[dict[Any, Any]] = RULE_ATTRS
    places = PLACES
    lookup = staticmethod(lookup)

    @rule(data=st.data(), pref=PREFS, table=RULE_TABLES, flags=FLAGS, echo=ECHOES, hdr=HDR_FLAGS)
    def add_rule(self, data: st.DataObject, pref: int, table: int, flags: int, echo: int, hdr: int) -> None:
        words = {"table": table, **data.draw(self.rule_words), **({"pref": pref} if pref != 40000 else {})}
        self.ask(rule_request(self.family, data.draw(self.rule_attrs), flags | echo, RTM.NEWRULE, words, hdr))

    @rule(data=st.data(), pref=PREFS, table=RULE_TABLES, hdr=HDR_FLAGS)
    def delete_rule(self, data: st.DataObject, pref: int, table: int, hdr: int) -> None:
        words = {"table": table, "action": 0, **data.draw(self.rule_words)}
        words |= {"pref": pref} if pref != 40000 else {}
        self.ask(rule_request(self.family, data.draw(self.rule_attrs), 0, RTM.DELRULE, words, hdr))

    @rule(every=pick([False, False, True]))
    def dump_rules(self, every: bool) -> None:
        self.ask(dump(rules, family=0 if every else self.family))

    @rule(data=st.data(), attrs=LOOKED_UP)
    def look_up_by_rule(self, data: st.DataObject, attrs: dict[Any, Any]) -> None:
        self.ask(self.lookup(data.draw(self.places), attrs))


class NeighbourRequests(Both):
    """Neighbours and proxies."""

    family: int = AF.INET
    neighbours = NEIGHBOURS

    @rule(
        data=st.data(),
        dev=INDEXES,
        lladdr=pick([mac(0x98), mac(0x99), None]),
        state=STATES,
        flags=FLAGS | ECHOES,
        proto=pick([None, 7]),
        router=pick([0, int(NTF.ROUTER)]),
    )
    def add_neighbour(
        self, data: st.DataObject, dev: int, lladdr: str | None, state: int, flags: int, proto: int | None, router: int
    ) -> None:
        attrs = {} if proto is None else {NDA.PROTOCOL: proto}
        dst = data.draw(self.neighbours)
        self.ask(neigh(dst, dev, lladdr, state, flags, attrs, ndm_flags=router, ndm_family=self.family))

    @rule(data=st.data(), dev=INDEXES, proxy=st.booleans())
    def add_proxy(self, data: st.DataObject, dev: int, proxy: bool) -> None:
        dst = data.draw(self.neighbours)
        fields: dict[str, Any] = {"ndm_flags": NTF.PROXY, "ndm_family": self.family}
        self.ask(neigh(dst, dev, None, 0, CREATE, **fields) if proxy else delneigh(dst, dev, **fields))

    @rule(data=st.data(), dev=INDEXES)
    def delete_neighbour(self, data: st.DataObject, dev: int) -> None:
        self.ask(delneigh(data.draw(self.neighbours), dev, ndm_family=self.family))

    @rule()
    def dump_neighbours(self) -> None:
        self.ask(dump(neighbour, ndm_family=self.family))


class NexthopRequests(Both):
    """Nexthop objects, which routes use."""

    families: st.SearchStrategy[int] = pick([int(AF.INET)])
    ways: st.SearchStrategy[Any] = pick(
        [{"oif": VA, "via": "10.0.0.2"}, {"oif": VB, "via": "10.0.1.2"}, {"oif": VA}, {"oif": VB}]
    ) | st.fixed_dictionaries({}, optional={"oif": DEVICES, "via": GATEWAYS, "onlink": st.booleans()})
    prefixes = pick(["10.5.0.0/16", "10.5.1.0/24", "10.5.2.0/24"])
    within = pick(["10.5.0.1", "10.5.1.1", "10.5.2.1"])
    route = staticmethod(route)
    delroute = staticmethod(delroute)
    lookup = staticmethod(lookup)

    @rule(data=st.data(), id=IDS, flags=FLAGS, echo=ECHOES)
    def add_nexthop(self, data: st.DataObject, id: int, flags: int, echo: int) -> None:
        way, family = data.draw(self.ways), data.draw(self.families)
        self.ask(nexthop_(id, None, flags | echo, nh_family=family, **way))

    @rule(data=st.data(), id=IDS, flags=FLAGS)
    def add_blackhole(self, data: st.DataObject, id: int, flags: int) -> None:
        self.ask(nexthop_(id, None, flags, nh_family=data.draw(self.families), blackhole=True))

    @rule(id=pick([1, 10, 11]), group=GROUPS, flags=FLAGS)
    def add_group(self, id: int, group: list[tuple[int, int]], flags: int) -> None:
        self.ask(nexthop_(id, None, flags, group=group))

    @rule(id=IDS)
    def delete_nexthop(self, id: int) -> None:
        self.ask(delnexthop(id))

    @rule(attrs=some({NHA.OIF: INDEXES, NHA.GROUPS: st.just(True)}), family=pick([0, 0, 2, 10]))
    def dump_nexthops(self, attrs: dict[Any, Any], family: int) -> None:
        self.ask(dump(nexthop, attrs, nh_family=family))

    @rule(data=st.data(), id=IDS, flags=FLAGS, metric=pick([0, 5]), scope=pick([0, 0, 0, 253]), type=pick([1, 1, 1, 6]))
    def add_route_by_nexthop(
        self, data: st.DataObject, id: int, flags: int, metric: int, scope: int, type: int
    ) -> None:
        dst = data.draw(self.prefixes)
        self.ask(self.route(dst, flags, nhid=id, metric=metric, scope=scope, type=type))

    @rule(data=st.data(), id=IDS)
    def delete_route_by_nexthop(self, data: st.DataObject, id: int) -> None:
        self.ask(self.delroute(data.draw(self.prefixes), nhid=id))

    @rule(data=st.data())
    def match_route(self, data: st.DataObject) -> None:
        self.ask(self.lookup(data.draw(self.within), rtm_flags=RTM_F.FIB_MATCH))


class Options(Both):
    """The asker's options."""

    @rule(option=pick([NETLINK_OPT.CAP_ACK, NETLINK_OPT.EXT_ACK, NETLINK_OPT.GET_STRICT_CHK]), value=pick([0, 1]))
    def set_option(self, option: int, value: int) -> None:
        self.ask(Option(int(option), value))


# --- IPv4 ------------------------------------------------------------------------------------------------------------


class Rules(RuleRequests, Routes):
    """… and policy rules."""


class Neighbours(NeighbourRequests, Addresses):
    """Links and addresses, and neighbours."""


class Nexthops(NexthopRequests, Routes):
    """… and nexthop objects."""


class Bridges(Addresses):
    """Links and addresses, and bridges whose ports they are."""

    @rule(name=NAMES, number=pick([0xB0, 0xB1]))
    def add_bridge(self, name: str, number: int) -> None:
        self.ask(newlink("bridge", name, attrs={IFLA.ADDRESS: mac(number)}))

    @rule(index=INDEXES, master=pick([0, 0, 4, 4, 5, 6, 3]))
    def set_master(self, index: int, master: int) -> None:
        self.ask(setlink(index, {IFLA.MASTER: master}))

    @rule(name=NAMES, index=DEVICES, mode=pick([1, 2, 4, 8, 16]))
    def add_macvlan(self, name: str, index: int, mode: int) -> None:
        self.ask(newlink("macvlan", name, {IFLA_MACVLAN.MODE: mode}, {IFLA.LINK: index, IFLA.ADDRESS: mac(0xC0)}))

    @rule(name=NAMES, id=pick([1, 2]), port=pick([4789, 4790]), lower=pick([0, VA, 77]))
    def add_vxlan(self, name: str, id: int, port: int, lower: int) -> None:
        data = {IFLA_VXLAN.ID: id, IFLA_VXLAN.PORT: port, **({IFLA_VXLAN.LINK: lower} if lower else {})}
        self.ask(newlink("vxlan", name, data, {IFLA.ADDRESS: mac(0xC1)}))

    @rule(name=NAMES)
    def add_ifb(self, name: str) -> None:
        self.ask(newlink("ifb", name, attrs={IFLA.ADDRESS: mac(0xC2)}))


class Everything(Rules, Nexthops, Neighbours, Bridges, Options):
    """All of it."""
