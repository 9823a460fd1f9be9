"""Random requests of IPv6's: addresses, routes, rules, neighbours, nexthop objects, as machine.py and more.py have them of IPv4's.

IPv6 is kept from speaking of itself: links have no link-local addresses, addresses are used without a search for duplicates.
Which of several ways a flow takes is drawn by lot, and a second route by a gateway, of the same prefix and metric, makes a
route with two ways. So lookups ask of prefixes (ONE_WAY) whose routes by gateways are added alone (EXCL) or in another's place.

Knows: Hypothesis, the words of the transcripts.
Never: answers; there is no model but the kernel.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from nlwire.uapi.if_addr import IFA, IFA_F, address
from nlwire.uapi.if_link import IFLA, link
from nlwire.uapi.rtnetlink import RTA, RTM, RTM_F, RTNH_F
from nlwire.uapi.rtnetlink import route as routes
from tests.kernel.side_by_side.machine import DEVICES, ECHOES, FLAGS, TABLES, Both, pick, some
from tests.kernel.transcripts.play import INET6, Ask
from tests.kernel.transcripts.words import (
    CREATE,
    EXCL,
    REPLACE,
    VA,
    VB,
    dellink,
    down,
    dump,
    flagged,
    hop,
    mac,
    setlink,
    up,
    veth,
)
from tests.kernel.transcripts.words6 import (
    addr6,
    deladdr6,
    delroute6,
    dump6,
    lookup6,
    no_linklocal,
    route6,
    two_ends6,
)

INDEXES = pick([VA, VB, VA, VB, VA, VB, 1, 4, 5, 77])
LOCALS = pick(
    [
        "2001:db8::1/64",
        "2001:db8::2/64",
        "2001:db8::3/65",
        "2001:db8:f::1/64",
        "2001:db8::1/48",
        "2001:db8::1/128",
        "fd00::1/127",
        "fd00::2/126",
        "fe80::1/64",
        "fe80::77/10",
        "::1/128",
        "ff02::1/64",
    ]
)
PEERS = pick(["2001:db8:2::1", "2001:db8::2", "2001:db8::1", "::"])
ONE_WAY = (
    "2001:db8:1::/48",
    "2001:db8:1::/64",
    "2001:db8:1:2::3/128",
    "2001:db8::/32",
    "2001:db8::/64",
    "2001:db8::ff/128",
    "default",
    "fd00::/127",
    "fe80::/64",
    "ff00::/8",
)
MANY_WAYS = ("2001:db8:5::/48", "2001:db8:5:1::/64", "3000::/16")
PREFIXES = pick(ONE_WAY)
ANY_PREFIX = pick(ONE_WAY + MANY_WAYS)
GATEWAYS = pick(
    [
        "2001:db8::2",
        "2001:db8::2",
        "2001:db8::9",
        "2001:db8:f::2",
        "2001:db8:f::3",
        "2001:db8:9::1",
        "fe80::9",
        "2001:db8::1",
        "2001:db8::",
        "ff02::1",
        "::",
        "::ffff:10.0.0.2",
    ]
)
PLACES = pick(
    [
        "2001:db8:1:2::3",
        "2001:db8:1::9",
        "2001:db8::1",
        "2001:db8::",
        "2001:db8::77",
        "2001:db8::ff",
        "2001:db8:f::1",
        "::1",
        "fe80::1",
        "fe80::5",
        "ff02::5",
        "2607::8",
        "fd00::1",
    ]
)
ALONE = pick([CREATE | EXCL, CREATE | EXCL, CREATE | EXCL, CREATE | REPLACE, REPLACE])
"""Flags of routes that have one way."""
ADDRESS_ATTRS = some(
    {
        IFA.RT_PRIORITY: pick([0, 50, 1024]),
        IFA.PROTO: pick([0, 7]),
        IFA.CACHEINFO: pick([{"ifa_prefered": 0, "ifa_valid": 0xFFFFFFFF}, {"ifa_prefered": 5, "ifa_valid": 0}]),
    }
)
NODAD = int(IFA_F.NODAD)
ADDRESS_FLAGS = pick(
    [
        NODAD,
        NODAD,
        NODAD,
        NODAD | int(IFA_F.NOPREFIXROUTE),
        NODAD | int(IFA_F.HOMEADDRESS),
        NODAD | int(IFA_F.DEPRECATED),
    ]
)
ROUTE_WORDS = some(
    {
        "metric": pick([0, 1, 5, 256, 1024]),
        "protocol": pick([0, 2, 3, 4, 186]),
        "scope": pick([0, 200, 253, 254, 255]),
        "type": pick(list(range(1, 13))),
        "tos": pick([0, 4]),
        "src": pick(["2001:db8::1", "2001:db8:f::1", "2001:db8:9::9"]),
        "source": pick(["2001:db8:a::/48", "2001:db8::1/128"]),
        "MTU": pick([1300, 1400]),
        "HOPLIMIT": pick([64]),
        "onlink": st.booleans(),
    }
)
ROUTE_ATTRS = some({RTA.PREF: pick([0, 1, 3]), RTA.EXPIRES: pick([1000, 0xFFFFFFFF])})
WAYS = (
    st.fixed_dictionaries({"oif": DEVICES})
    | st.fixed_dictionaries({"via": GATEWAYS})
    | st.fixed_dictionaries({"oif": DEVICES, "via": GATEWAYS})
    | st.fixed_dictionaries({"type": pick([6, 7, 8, 9])})
)
GOOD_GATEWAYS = pick(["2001:db8::2", "2001:db8::9", "2001:db8:f::2", "2001:db8:f::3"])
HOPS = st.lists(
    st.builds(hop, st.none(), GOOD_GATEWAYS, pick([1, 2, 5]))
    | st.builds(hop, DEVICES | st.none(), GATEWAYS | st.none(), pick([1, 2, 5]), pick([0, 0, RTNH_F.ONLINK])),
    max_size=3,
)
SELECTORS = some(
    {
        RTA.OIF: DEVICES,
        RTA.SRC: pick(["2001:db8::1", "2001:db8::77", "2001:db8:a::1"]),
        RTA.IIF: DEVICES,
        RTA.MARK: pick([7]),
    }
)
LOOKUP_FLAGS = pick([0, 0, int(RTM_F.FIB_MATCH), int(RTM_F.LOOKUP_TABLE)])


def somewhere(table: int) -> dict[str, int]:
    """The table's words: those above 255 have an attribute."""
    return {"table": table} if table < 256 else {"table": 0, "table32": table}


class Both6(Both):
    """Both kernels with lo and a pair of links, all up, and IPv6 that is heard."""

    hears = INET6

    @initialize()
    def begin(self) -> None:
        for one in two_ends6():
            assert isinstance(one, Ask)
            self.ask(one._replace(quiet=False))

    @initialize()
    def address_them(self) -> None:
        self.ask(addr6("2001:db8::1/64", VA))
        self.ask(addr6("2001:db8:f::1/64", VB))

    def look_at_all(self) -> None:
        super().look_at_all()
        for family in (address, routes):
            self.ask(dump6(family))

    @rule(dev=DEVICES, stop=st.booleans())
    def change_link(self, dev: int, stop: bool) -> None:
        self.ask(down(dev) if stop else up(dev))

    @rule()
    def pair_goes_and_comes(self) -> None:
        """The new pair has other indexes: routes by 2 and 3 are refused from then on, gateways find it."""
        self.ask(dellink(VA))
        self.ask(veth("va", "vb"))
        for index in (4, 5):
            self.ask(no_linklocal(index))
        self.ask(addr6("2001:db8::1/64", 5))
        self.ask(up(5))
        self.ask(up(4))

    @rule(local=LOCALS, dev=INDEXES, remove=st.booleans())
    def change_address(self, local: str, dev: int, remove: bool) -> None:
        self.ask(deladdr6(local, dev) if remove else addr6(local, dev))


class Addresses6(Both6):
    """Addresses with the routes they bring, links that change."""

    @rule(local=LOCALS, dev=INDEXES, ifa=ADDRESS_FLAGS, attrs=ADDRESS_ATTRS, flags=FLAGS, echo=ECHOES)
    def add_address(self, local: str, dev: int, ifa: int, attrs: dict[Any, Any], flags: int, echo: int) -> None:
        self.ask(addr6(local, dev, attrs, flags | echo, ifa=ifa))

    @rule(local=LOCALS, dev=INDEXES, flags=FLAGS, peer=PEERS, attrs=ADDRESS_ATTRS)
    def add_peer(self, local: str, dev: int, flags: int, peer: str, attrs: dict[Any, Any]) -> None:
        self.ask(addr6(local, dev, attrs, flags, peer=peer))

    @rule(local=LOCALS, dev=INDEXES, peer=pick(["", "", "2001:db8:2::1"]))
    def delete_address(self, local: str, dev: int, peer: str) -> None:
        self.ask(deladdr6(local, dev, peer=peer))

    @rule(
        dev=DEVICES,
        attrs=st.fixed_dictionaries(
            {},
            optional={
                IFLA.MTU: pick([1280, 1400, 1500, 65535]),
                IFLA.IFNAME: pick(["va", "vb", "vx"]),
                IFLA.ADDRESS: pick([mac(0x71), mac(0x72)]),
            },
        ),
        echo=ECHOES,
    )
    def set_link(self, dev: int, attrs: dict[Any, Any], echo: int) -> None:
        self.ask(flagged(setlink(dev, attrs), echo))

    @rule(place=PLACES, dev=pick([0, 0, VA, VB, 77]))
    def get_address(self, place: str, dev: int) -> None:
        self.ask(addr6(f"{place}/0", dev, {}, 0, RTM.GETADDR, ifa=0))

    @rule(family=pick([10, 10, 0]))
    def dump_addresses(self, family: int) -> None:
        self.ask(dump(address, ifa_family=family))

    @rule()
    def dump_links(self) -> None:
        self.ask(dump(link))

    @rule()
    def dump_routes(self) -> None:
        self.ask(dump6(routes))


class Routes6(Both6):
    """Routes, while now and then an address or a link comes and goes."""

    @rule(dst=PREFIXES, via=GOOD_GATEWAYS, metric=pick([0, 0, 0, 1, 256]), flags=ALONE, echo=ECHOES)
    def add_plain_route(self, dst: str, via: str, metric: int, flags: int, echo: int) -> None:
        self.ask(route6(dst, flags | echo, via=via, metric=metric))

    @rule(dst=ANY_PREFIX, oif=DEVICES, table=pick([254, 254, 255, 100]), type=pick([1, 1, 1, 2, 4, 5]), flags=FLAGS)
    def add_route_by_device(self, dst: str, oif: int, table: int, type: int, flags: int) -> None:
        self.ask(route6(dst, flags, oif=oif, table=table, type=type))

    @rule(dst=ANY_PREFIX)
    def delete_any_route(self, dst: str) -> None:
        self.ask(delroute6(dst))

    @rule(dst=PREFIXES, way=WAYS, words=ROUTE_WORDS, attrs=ROUTE_ATTRS, flags=FLAGS, table=TABLES, echo=ECHOES)
    def add_route(
        self,
        dst: str,
        way: dict[str, Any],
        words: dict[str, Any],
        attrs: dict[Any, Any],
        flags: int,
        table: int,
        echo: int,
    ) -> None:
        if "via" in way and not flags & REPLACE:
            flags = CREATE | EXCL
        self.ask(route6(dst, flags | echo, attrs, **{**words, **way, **somewhere(table)}))

    @rule(dst=pick(MANY_WAYS), way=WAYS, words=ROUTE_WORDS, flags=FLAGS, echo=ECHOES)
    def add_a_way(self, dst: str, way: dict[str, Any], words: dict[str, Any], flags: int, echo: int) -> None:
        self.ask(route6(dst, flags | echo, **{**words, **way}))

    @rule(dst=pick(MANY_WAYS), via=GOOD_GATEWAYS, flags=FLAGS, metric=pick([0, 0, 5]))
    def add_a_plain_way(self, dst: str, via: str, flags: int, metric: int) -> None:
        self.ask(route6(dst, flags, via=via, metric=metric))

    @rule(dst=pick(MANY_WAYS), hops=HOPS, words=ROUTE_WORDS, flags=FLAGS)
    def add_multipath(self, dst: str, hops: list[Any], words: dict[str, Any], flags: int) -> None:
        self.ask(route6(dst, flags, **{**words, "hops": hops}))

    @rule(dst=pick(MANY_WAYS), hops=HOPS)
    def delete_multipath(self, dst: str, hops: list[Any]) -> None:
        self.ask(delroute6(dst, hops=hops))

    @rule(dst=ANY_PREFIX, way=st.just({}) | WAYS, words=ROUTE_WORDS, table=TABLES)
    def delete_route(self, dst: str, way: dict[str, Any], words: dict[str, Any], table: int) -> None:
        self.ask(delroute6(dst, **{**words, **way, **somewhere(table)}))

    @rule(size=pick([4096, 32768]))
    def dump_routes(self, size: int) -> None:
        self.ask(dump6(routes, size=size))

    @rule(place=PLACES, attrs=SELECTORS, flags=LOOKUP_FLAGS)
    def look_up(self, place: str, attrs: dict[Any, Any], flags: int) -> None:
        self.ask(lookup6(place, attrs, flags, rtm_src_len=128 if RTA.SRC in attrs else 0))
