"""More random requests of IPv6's: rules, neighbours, nexthop objects, on top of addresses and routes.

Knows: Hypothesis, the words of the transcripts.
Never: answers.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from nlwire.uapi.fib_rules import FRA
from nlwire.uapi.rtnetlink import AF
from tests.kernel.side_by_side.machine import DEVICES, pick, some
from tests.kernel.side_by_side.machine6 import GATEWAYS, PLACES, Addresses6, Routes6
from tests.kernel.side_by_side.more import (
    RULE_SELECTORS,
    NeighbourRequests,
    NexthopRequests,
    Options,
    RuleRequests,
)
from tests.kernel.transcripts.words import CREATE, EXCL, VA, VB
from tests.kernel.transcripts.words6 import delroute6, lookup6, route6

RULE_WORDS6 = some(
    {
        "src": pick(["2001:db8::/64", "2001:db8::1/128", "::/0"]),
        "dst": pick(["2001:db8:1::/48", "fd00::/8"]),
        "tos": pick([0, 4, 8, 16]),
        "action": pick([1, 1, 1, 3, 6, 7, 8]),
    }
)
RULE_ATTRS6 = some(
    {
        **RULE_SELECTORS,
        FRA.SUPPRESS_PREFIXLEN: pick([0, 48]),
        FRA.DSCP: pick([0, 10, 64]),
        FRA.FLOW: pick([0x10002]),
    }
)
NEIGHBOURS = pick(["2001:db8::2", "2001:db8::9", "2001:db8:f::2", "fe80::2", "2001:db8::1", "fd00::", "::1"])
PREFIXES = pick(["2001:db8:6::/48", "2001:db8:6:1::/64", "2001:db8:6:2::/64"])


class Rules6(RuleRequests, Routes6):
    """… and policy rules, which decide lookups."""

    family = AF.INET6
    rule_words, rule_attrs, places = RULE_WORDS6, RULE_ATTRS6, PLACES
    lookup = staticmethod(lookup6)


class Neighbours6(NeighbourRequests, Addresses6):
    """Links and addresses, and neighbours."""

    family, neighbours = AF.INET6, NEIGHBOURS


class Nexthops6(NexthopRequests, Routes6):
    """… and nexthop objects, which routes use."""

    families = pick([int(AF.INET6), int(AF.INET6), int(AF.INET6), int(AF.INET)])
    ways: st.SearchStrategy[Any] = pick(
        [{"oif": VA, "via": "2001:db8::2"}, {"oif": VB, "via": "2001:db8:f::2"}, {"oif": VA}, {"oif": VB}]
    ) | st.fixed_dictionaries({}, optional={"oif": DEVICES, "via": GATEWAYS, "onlink": st.booleans()})
    prefixes = PREFIXES
    within = pick(["2001:db8:6::1", "2001:db8:6:1::1", "2001:db8:6:2::1"])
    route = staticmethod(route6)
    delroute = staticmethod(delroute6)
    lookup = staticmethod(lookup6)

    @rule(dst=PREFIXES, via=GATEWAYS, metric=pick([0, 5]))
    def add_route_without_one(self, dst: str, via: str, metric: int) -> None:
        self.ask(route6(dst, CREATE | EXCL, via=via, metric=metric))


class Everything6(Rules6, Nexthops6, Neighbours6, Options):
    """All of it, and the asker's options."""

    family = AF.INET6
