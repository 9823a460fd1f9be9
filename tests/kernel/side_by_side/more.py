"""More random requests: bridges, rules, neighbours, nexthop objects, on top of links, addresses and routes.

Knows: Hypothesis, the words of the transcripts.
Never: answers.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from nlwire.uapi.fib_rules import FRA
from nlwire.uapi.fib_rules import rule as rules
from nlwire.uapi.if_link import IFLA, IFLA_MACVLAN, IFLA_VXLAN
from nlwire.uapi.neighbour import NDA, NTF, NUD, neighbour
from nlwire.uapi.netlink import NETLINK_OPT
from nlwire.uapi.nexthop import NHA, nexthop
from nlwire.uapi.rtnetlink import RTA, RTM_F
from tests.kernel.side_by_side.machine import (
    DEVICES,
    ECHOES,
    FLAGS,
    GATEWAYS,
    INDEXES,
    NAMES,
    PLACES,
    Addresses,
    Routes,
    pick,
    some,
)
from tests.kernel.transcripts.play import Option
from tests.kernel.transcripts.words import (
    CREATE,
    VA,
    VB,
    delneigh,
    delnexthop,
    delroute,
    delrule,
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
RULE_ATTRS = some(
    {
        FRA.FWMARK: pick([0, 7]),
        FRA.FWMASK: pick([7, 0xFF]),
        FRA.IIFNAME: NAMES,
        FRA.OIFNAME: NAMES,
        FRA.IP_PROTO: pick([6, 17]),
        FRA.DPORT_RANGE: pick([{"start": 80, "end": 90}, {"start": 5, "end": 1}]),
        FRA.SUPPRESS_PREFIXLEN: pick([0, 16]),
        FRA.PROTOCOL: pick([4, 186]),
        FRA.UID_RANGE: pick([{"start": 0, "end": 0}, {"start": 1000, "end": 2000}]),
    }
)
NEIGHBOURS = pick(["10.0.0.2", "10.0.0.9", "10.0.1.2", "192.168.0.2", "10.0.0.1", "10.0.0.255"])
STATES = pick([int(NUD.PERMANENT), int(NUD.NOARP), int(NUD.STALE), int(NUD.NONE)])
IDS = pick([1, 2, 3, 10, 11])
GROUPS = st.lists(st.tuples(IDS, pick([1, 3, 200])), min_size=1, max_size=3)


class Rules(Routes):
    """… and policy rules, which decide lookups."""

    @rule(pref=PREFS, words=RULE_WORDS, attrs=RULE_ATTRS, table=RULE_TABLES, flags=FLAGS, echo=ECHOES)
    def add_rule(
        self, pref: int, words: dict[str, Any], attrs: dict[Any, Any], table: int, flags: int, echo: int
    ) -> None:
        given = {"table": table, **words, **({"pref": pref} if pref != 40000 else {})}
        self.ask(rule_(attrs, flags | echo, **given))

    @rule(pref=PREFS, words=RULE_WORDS, attrs=RULE_ATTRS, table=RULE_TABLES)
    def delete_rule(self, pref: int, words: dict[str, Any], attrs: dict[Any, Any], table: int) -> None:
        self.ask(delrule(attrs, **{"table": table, **words, **({"pref": pref} if pref != 40000 else {})}))

    @rule()
    def dump_rules(self) -> None:
        self.ask(dump(rules))

    @rule(
        place=PLACES,
        attrs=st.fixed_dictionaries(
            {},
            optional={
                RTA.MARK: pick([7, 9]),
                RTA.IP_PROTO: pick([6, 17]),
                RTA.DPORT: pick([80, 99]),
                RTA.UID: pick([0, 1500]),
            },
        ),
    )
    def look_up_by_rule(self, place: str, attrs: dict[Any, Any]) -> None:
        self.ask(lookup(place, attrs))


class Neighbours(Addresses):
    """Links and addresses, and neighbours."""

    @rule(
        dst=NEIGHBOURS,
        dev=INDEXES,
        lladdr=pick([mac(0x98), mac(0x99), None]),
        state=STATES,
        flags=FLAGS,
        proto=pick([None, 7]),
        router=pick([0, int(NTF.ROUTER)]),
        echo=ECHOES,
    )
    def add_neighbour(
        self, dst: str, dev: int, lladdr: str | None, state: int, flags: int, proto: int | None, router: int, echo: int
    ) -> None:
        attrs = {} if proto is None else {NDA.PROTOCOL: proto}
        self.ask(neigh(dst, dev, lladdr, state, flags | echo, attrs, ndm_flags=router))

    @rule(dst=NEIGHBOURS, dev=INDEXES, proxy=st.booleans())
    def add_proxy(self, dst: str, dev: int, proxy: bool) -> None:
        if proxy:
            self.ask(neigh(dst, dev, None, 0, CREATE, ndm_flags=NTF.PROXY))
        else:
            self.ask(delneigh(dst, dev, ndm_flags=NTF.PROXY))

    @rule(dst=NEIGHBOURS, dev=INDEXES)
    def delete_neighbour(self, dst: str, dev: int) -> None:
        self.ask(delneigh(dst, dev))

    @rule()
    def dump_neighbours(self) -> None:
        self.ask(dump(neighbour))


class Nexthops(Routes):
    """… and nexthop objects, which routes use."""

    @rule(
        id=IDS,
        way=pick([{"oif": VA, "via": "10.0.0.2"}, {"oif": VB, "via": "10.0.1.2"}, {"oif": VA}, {"oif": VB}])
        | st.fixed_dictionaries({}, optional={"oif": DEVICES, "via": GATEWAYS, "onlink": st.booleans()}),
        flags=FLAGS,
        echo=ECHOES,
    )
    def add_nexthop(self, id: int, way: dict[str, Any], flags: int, echo: int) -> None:
        self.ask(nexthop_(id, None, flags | echo, **way))

    @rule(id=IDS, flags=FLAGS)
    def add_blackhole(self, id: int, flags: int) -> None:
        self.ask(nexthop_(id, None, flags, blackhole=True))

    @rule(id=pick([1, 10, 11]), group=GROUPS, flags=FLAGS)
    def add_group(self, id: int, group: list[tuple[int, int]], flags: int) -> None:
        self.ask(nexthop_(id, None, flags, group=group))

    @rule(id=IDS)
    def delete_nexthop(self, id: int) -> None:
        self.ask(delnexthop(id))

    @rule(attrs=some({NHA.OIF: INDEXES, NHA.GROUPS: st.just(True)}))
    def dump_nexthops(self, attrs: dict[Any, Any]) -> None:
        self.ask(dump(nexthop, attrs, nh_family=0))

    @rule(
        dst=pick(["10.5.0.0/16", "10.5.1.0/24", "10.5.2.0/24"]),
        id=IDS,
        flags=FLAGS,
        metric=pick([0, 5]),
        scope=pick([0, 0, 0, 253]),
        type=pick([1, 1, 1, 6]),
    )
    def add_route_by_nexthop(self, dst: str, id: int, flags: int, metric: int, scope: int, type: int) -> None:
        self.ask(route(dst, flags, nhid=id, metric=metric, scope=scope, type=type))

    @rule(dst=pick(["10.5.0.0/16", "10.5.1.0/24", "10.5.2.0/24"]), id=IDS)
    def delete_route_by_nexthop(self, dst: str, id: int) -> None:
        self.ask(delroute(dst, nhid=id))

    @rule(place=pick(["10.5.0.1", "10.5.1.1", "10.5.2.1"]))
    def match_route(self, place: str) -> None:
        self.ask(lookup(place, rtm_flags=RTM_F.FIB_MATCH))


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


class Everything(Rules, Nexthops, Neighbours, Bridges):
    """All of it, and the asker's options."""

    @rule(option=pick([NETLINK_OPT.CAP_ACK, NETLINK_OPT.EXT_ACK, NETLINK_OPT.GET_STRICT_CHK]), value=pick([0, 1]))
    def set_option(self, option: int, value: int) -> None:
        self.ask(Option(int(option), value))
