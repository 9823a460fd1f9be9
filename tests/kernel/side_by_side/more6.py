"""More random requests of IPv6's: rules, neighbours, nexthop objects, on top of addresses and routes.

Knows: Hypothesis, the words of the transcripts.
Never: answers.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from nlwire.uapi.fib_rules import FRA
from nlwire.uapi.fib_rules import rule as rules
from nlwire.uapi.neighbour import NDA, NTF, neighbour
from nlwire.uapi.netlink import NETLINK_OPT
from nlwire.uapi.nexthop import NHA, nexthop
from nlwire.uapi.rtnetlink import AF, RTA, RTM, RTM_F
from tests.kernel.side_by_side.machine import DEVICES, ECHOES, FLAGS, NAMES, pick, some
from tests.kernel.side_by_side.machine6 import (
    GATEWAYS,
    INDEXES,
    PLACES,
    Addresses6,
    Routes6,
)
from tests.kernel.side_by_side.more import GROUPS, IDS, PREFS, RULE_TABLES, STATES
from tests.kernel.transcripts.play import Ask, Option
from tests.kernel.transcripts.words import CREATE, EXCL, VA, VB, delnexthop, dump, mac, nexthop_, rule_
from tests.kernel.transcripts.words6 import delneigh6, delroute6, dump6, lookup6, neigh6, prefix6, route6

FIB_RULE_PERMANENT, FIB_RULE_INVERT = 1, 2
RULE_WORDS = some(
    {
        "src": pick(["2001:db8::/64", "2001:db8::1/128", "::/0"]),
        "dst": pick(["2001:db8:1::/48", "fd00::/8"]),
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
        FRA.SUPPRESS_PREFIXLEN: pick([0, 48]),
        FRA.PROTOCOL: pick([4, 186]),
        FRA.UID_RANGE: pick([{"start": 0, "end": 0}, {"start": 1000, "end": 2000}]),
        FRA.DSCP: pick([0, 10, 64]),
        FRA.FLOW: pick([0x10002]),
    }
)
HDR_FLAGS = pick([0, 0, 0, FIB_RULE_INVERT, FIB_RULE_PERMANENT])
NEIGHBOURS = pick(["2001:db8::2", "2001:db8::9", "2001:db8:f::2", "fe80::2", "2001:db8::1", "fd00::", "::1"])
PREFIXES = pick(["2001:db8:6::/48", "2001:db8:6:1::/64", "2001:db8:6:2::/64"])


def rule6(attrs: dict[Any, Any], flags: int, request: int, words: dict[str, Any], hdr_flags: int = 0) -> Ask:
    """ip -6 rule add, del: rule_() with addresses of IPv6; ``hdr_flags`` are those of struct fib_rule_hdr."""
    given, rest = dict(attrs), dict(words)
    for name, attr in (("src", FRA.SRC), ("dst", FRA.DST)):
        if name in rest:
            given[attr], rest[f"{name}_len"] = prefix6(rest.pop(name))
    data = rule_(given, flags, request, family=AF.INET6, **rest).data
    return Ask(data[:24] + hdr_flags.to_bytes(4, "little") + data[28:])


class Rules6(Routes6):
    """… and policy rules, which decide lookups."""

    @rule(pref=PREFS, words=RULE_WORDS, attrs=RULE_ATTRS, table=RULE_TABLES, flags=FLAGS | ECHOES, hdr=HDR_FLAGS)
    def add_rule(
        self, pref: int, words: dict[str, Any], attrs: dict[Any, Any], table: int, flags: int, hdr: int
    ) -> None:
        given = {"table": table, **words, **({"pref": pref} if pref != 40000 else {})}
        self.ask(rule6(attrs, flags, RTM.NEWRULE, given, hdr))

    @rule(pref=PREFS, words=RULE_WORDS, attrs=RULE_ATTRS, table=RULE_TABLES, hdr=HDR_FLAGS)
    def delete_rule(self, pref: int, words: dict[str, Any], attrs: dict[Any, Any], table: int, hdr: int) -> None:
        given = {"table": table, "action": 0, **words, **({"pref": pref} if pref != 40000 else {})}
        self.ask(rule6(attrs, 0, RTM.DELRULE, given, hdr))

    @rule(family=pick([10, 10, 0]))
    def dump_rules(self, family: int) -> None:
        self.ask(dump(rules, family=family))

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
        self.ask(lookup6(place, attrs))


class Neighbours6(Addresses6):
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
        self.ask(neigh6(dst, dev, lladdr, state, flags | echo, attrs, ndm_flags=router))

    @rule(dst=NEIGHBOURS, dev=INDEXES, proxy=st.booleans())
    def add_proxy(self, dst: str, dev: int, proxy: bool) -> None:
        if proxy:
            self.ask(neigh6(dst, dev, None, 0, CREATE, ndm_flags=NTF.PROXY))
        else:
            self.ask(delneigh6(dst, dev, ndm_flags=NTF.PROXY))

    @rule(dst=NEIGHBOURS, dev=INDEXES)
    def delete_neighbour(self, dst: str, dev: int) -> None:
        self.ask(delneigh6(dst, dev))

    @rule()
    def dump_neighbours(self) -> None:
        self.ask(dump6(neighbour))


class Nexthops6(Routes6):
    """… and nexthop objects, which routes use."""

    @rule(
        id=IDS,
        way=pick([{"oif": VA, "via": "2001:db8::2"}, {"oif": VB, "via": "2001:db8:f::2"}, {"oif": VA}, {"oif": VB}])
        | st.fixed_dictionaries({}, optional={"oif": DEVICES, "via": GATEWAYS, "onlink": st.booleans()}),
        family=pick([AF.INET6, AF.INET6, AF.INET6, AF.INET]),
        flags=FLAGS,
        echo=ECHOES,
    )
    def add_nexthop(self, id: int, way: dict[str, Any], family: int, flags: int, echo: int) -> None:
        self.ask(nexthop_(id, None, flags | echo, nh_family=family, **way))

    @rule(id=IDS, flags=FLAGS)
    def add_blackhole(self, id: int, flags: int) -> None:
        self.ask(nexthop_(id, None, flags, nh_family=AF.INET6, blackhole=True))

    @rule(id=pick([1, 10, 11]), group=GROUPS, flags=FLAGS)
    def add_group(self, id: int, group: list[tuple[int, int]], flags: int) -> None:
        self.ask(nexthop_(id, None, flags, group=group))

    @rule(id=IDS)
    def delete_nexthop(self, id: int) -> None:
        self.ask(delnexthop(id))

    @rule(attrs=some({NHA.OIF: INDEXES, NHA.GROUPS: st.just(True)}), family=pick([0, 0, 10]))
    def dump_nexthops(self, attrs: dict[Any, Any], family: int) -> None:
        self.ask(dump(nexthop, attrs, nh_family=family))

    @rule(dst=PREFIXES, id=IDS, flags=FLAGS, metric=pick([0, 5]), type=pick([1, 1, 1, 6]))
    def add_route_by_nexthop(self, dst: str, id: int, flags: int, metric: int, type: int) -> None:
        self.ask(route6(dst, flags, nhid=id, metric=metric, type=type))

    @rule(dst=PREFIXES, via=GATEWAYS, metric=pick([0, 5]))
    def add_route_without_one(self, dst: str, via: str, metric: int) -> None:
        self.ask(route6(dst, CREATE | EXCL, via=via, metric=metric))

    @rule(dst=PREFIXES, id=IDS)
    def delete_route_by_nexthop(self, dst: str, id: int) -> None:
        self.ask(delroute6(dst, nhid=id))

    @rule(place=pick(["2001:db8:6::1", "2001:db8:6:1::1", "2001:db8:6:2::1"]))
    def match_route(self, place: str) -> None:
        self.ask(lookup6(place, rtm_flags=RTM_F.FIB_MATCH))


class Everything6(Rules6, Nexthops6, Neighbours6):
    """All of it, and the asker's options."""

    @rule(option=pick([NETLINK_OPT.CAP_ACK, NETLINK_OPT.EXT_ACK, NETLINK_OPT.GET_STRICT_CHK]), value=pick([0, 1]))
    def set_option(self, option: int, value: int) -> None:
        self.ask(Option(int(option), value))
