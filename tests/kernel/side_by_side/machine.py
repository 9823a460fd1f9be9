"""Random requests, from few enough names, addresses and prefixes that they meet: links, addresses, routes, rules, neighbours.

Lookups keep away from routes with several nexthops (10.5.0.0/16): which of them is taken is drawn by lot.

Knows: Hypothesis, the words of the transcripts.
Never: answers; there is no model but the kernel.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_addr import IFA, IFA_F, address
from nlwire.uapi.if_link import IFLA, link
from nlwire.uapi.rtnetlink import RT_SCOPE, RTA, RTM, RTM_F, RTN, RTNH_F
from nlwire.uapi.rtnetlink import route as routes
from tests.kernel.side_by_side.kernels import Kernels
from tests.kernel.transcripts.play import PLAIN, Ask, Step
from tests.kernel.transcripts.words import (
    APPEND,
    CREATE,
    ECHO,
    EXCL,
    LO,
    REPLACE,
    VA,
    VB,
    addr,
    deladdr,
    dellink,
    delroute,
    down,
    dump,
    flagged,
    getlink,
    hop,
    lookup,
    mac,
    nla,
    route,
    setlink,
    tail,
    two_ends,
    up,
    veth,
)

pick = st.sampled_from
INDEXES = pick([VA, VB, VA, VB, LO, VA, VB, LO, 4, 5, 77])
DELETED = pick([4, 5, 6, 7, 8, 9, VA, LO, 77])
DEVICES = pick([VA, VB, VA, VB, LO])
NAMES = pick(["va", "vb", "vc", "vd", "ve", "lo", "br"])
LOCALS = pick(
    [
        "10.0.0.1/24",
        "10.0.0.2/24",
        "10.0.0.3/25",
        "10.0.1.1/24",
        "10.0.0.1/16",
        "10.0.0.1/32",
        "192.168.0.1/30",
        "192.168.0.2/31",
        "172.16.0.1/12",
        "127.0.0.2/8",
    ]
)
PREFIXES = pick(
    [
        "10.1.0.0/16",
        "10.1.0.0/24",
        "10.1.2.3/32",
        "10.0.0.0/8",
        "10.0.0.0/24",
        "10.0.0.255/32",
        "default",
        "192.168.0.0/30",
        "172.16.0.0/12",
    ]
)
GATEWAYS = pick(
    ["10.0.0.2", "10.0.0.2", "10.0.0.9", "10.0.1.2", "10.0.1.3", "10.9.0.1", "192.168.0.2", "10.0.0.1", "10.0.0.255"]
)
PLACES = pick(
    [
        "10.1.2.3",
        "10.1.0.9",
        "10.0.0.1",
        "10.0.0.77",
        "10.0.0.255",
        "127.0.0.1",
        "192.168.0.1",
        "172.16.5.5",
        "8.8.8.8",
        "10.0.1.1",
        "224.0.0.5",
    ]
)
FLAGS = pick([CREATE | EXCL, CREATE | EXCL, CREATE, CREATE | REPLACE, REPLACE, CREATE | APPEND, APPEND, 0])
TABLES = pick([254, 254, 254, 255, 100, 1000, 0])
ECHOES = pick([0, 0, 0, ECHO])


def some(choices: dict[Any, Any]) -> st.SearchStrategy[dict[Any, Any]]:
    """Mostly none of these or one, sometimes some."""
    one = [st.fixed_dictionaries({name: choice}) for name, choice in choices.items()]
    return st.one_of(st.just({}), st.just({}), st.one_of(one), st.fixed_dictionaries({}, optional=choices))


ROUTE_WORDS = some(
    {
        "tos": pick([0, 4, 8, 16]),
        "metric": pick([0, 1, 5]),
        "protocol": pick([2, 3, 4, 186]),
        "scope": pick([int(one) for one in RT_SCOPE]),
        "type": pick([int(one) for one in (*RTN,) if one]),
        "src": pick(["10.0.0.1", "10.0.0.2", "192.168.0.1", "10.9.9.9"]),
        "MTU": pick([1300, 1400]),
        "HOPLIMIT": pick([64]),
        "onlink": st.booleans(),
    }
)
WAYS = (
    st.fixed_dictionaries({"oif": DEVICES})
    | st.fixed_dictionaries({"via": GATEWAYS})
    | st.fixed_dictionaries({"via": GATEWAYS})
    | st.fixed_dictionaries({"oif": DEVICES, "via": GATEWAYS})
    | st.fixed_dictionaries({"type": pick([6, 7, 8, 9])})
)
HOPS = st.lists(
    st.builds(hop, st.none(), pick(["10.0.0.2", "10.0.0.9", "10.0.1.2", "10.0.1.3"]), pick([1, 2, 5]))
    | st.builds(hop, DEVICES | st.none(), GATEWAYS | st.none(), pick([1, 2, 5]), pick([0, 0, RTNH_F.ONLINK])),
    max_size=3,
)
ADDRESS_ATTRS = some(
    {
        IFA.BROADCAST: pick(["10.0.0.255", "10.0.0.0", "192.168.0.3"]),
        IFA.LABEL: pick(["va", "va:1", "vb:1"]),
        IFA.FLAGS: pick([0, int(IFA_F.NOPREFIXROUTE), int(IFA_F.NODAD)]),
        IFA.RT_PRIORITY: pick([0, 50]),
        IFA.PROTO: pick([0, 7]),
    }
)
LINK_ATTRS = st.fixed_dictionaries(
    {},
    optional={
        IFLA.MTU: pick([68, 576, 1400, 1500, 65535, 65536, 20]),
        IFLA.TXQLEN: pick([0, 10, 1000]),
        IFLA.IFNAME: NAMES,
        IFLA.IFALIAS: pick(["", "one", "another"]),
        IFLA.ADDRESS: pick([mac(0x71), mac(0x72), "01:00:5e:00:00:01"]),
        IFLA.GROUP: pick([0, 3]),
    },
)
CHANGES = pick([IFF.UP, IFF.NOARP, IFF.PROMISC, IFF.ALLMULTI, IFF.UP | IFF.NOARP, IFF.DEBUG, IFF.MULTICAST])
CONF = pick([(20, 0), (20, 1), (1, 0), (1, 1), (8, 2), (28, 1), (28, 0)])
"""IPV4_DEVCONF_PROMOTE_SECONDARIES, FORWARDING, RP_FILTER, …, and values."""


class Both(RuleBasedStateMachine):
    """Both kernels with lo and a pair of links, all up."""

    hears = PLAIN

    def __init__(self) -> None:
        super().__init__()
        self.kernels = Kernels(self.hears)

    def teardown(self) -> None:
        try:
            if not self.kernels.parted:
                self.look_at_all()
        finally:
            self.kernels.close()

    def look_at_all(self) -> None:
        """What is left at the end."""
        for family in (link, address, routes):
            self.ask(dump(family))

    def ask(self, one: Step) -> None:
        self.kernels.ask(one)

    @initialize()
    def begin(self) -> None:
        for one in two_ends():
            assert isinstance(one, Ask)
            self.ask(one._replace(quiet=False))


class Links(Both):
    """Links that come, change and go."""

    @rule(names=st.tuples(NAMES, NAMES), number=pick([2, 3]))
    def add_veth(self, names: tuple[str, str], number: int) -> None:
        self.ask(veth(*names, number))

    @rule(index=DELETED)
    def delete_link(self, index: int) -> None:
        self.ask(dellink(index))

    @rule(index=INDEXES)
    def link_up(self, index: int) -> None:
        self.ask(up(index))

    @rule(index=INDEXES)
    def link_down(self, index: int) -> None:
        self.ask(down(index))

    @rule(index=INDEXES, attrs=LINK_ATTRS, type=pick([RTM.NEWLINK, RTM.SETLINK]), echo=ECHOES)
    def set_link(self, index: int, attrs: dict[Any, Any], type: int, echo: int) -> None:
        self.ask(flagged(setlink(index, attrs, type), echo))

    @rule(index=INDEXES, change=CHANGES, value=st.integers(0, 0xFFFF))
    def set_flags(self, index: int, change: int, value: int) -> None:
        self.ask(setlink(index, ifi_flags=value & change, ifi_change=change))

    @rule(index=INDEXES)
    def get_link(self, index: int) -> None:
        self.ask(getlink(index))

    @rule(index=INDEXES, conf=CONF)
    def set_conf(self, index: int, conf: tuple[int, int]) -> None:
        number, value = conf
        self.ask(tail(setlink(index), nla(26, nla(2, nla(1, nla(number, value.to_bytes(4, "little")))))))

    @rule(size=pick([4096, 16384, 32768]))
    def dump_links(self, size: int) -> None:
        self.ask(dump(link, size=size))


class Addresses(Links):
    """… and addresses with the routes they bring."""

    @initialize()
    def address_them(self) -> None:
        self.ask(addr("10.0.0.1/24", VA))
        self.ask(addr("10.0.1.1/24", VB))

    @rule(local=LOCALS, dev=INDEXES, attrs=ADDRESS_ATTRS, flags=FLAGS, echo=ECHOES, scope=pick([0, 0, 0, 253, 254]))
    def add_address(self, local: str, dev: int, attrs: dict[Any, Any], flags: int, echo: int, scope: int) -> None:
        self.ask(addr(local, dev, attrs, flags | echo, ifa_scope=scope))

    @rule(local=LOCALS, dev=INDEXES, flags=FLAGS, peer=pick(["10.0.2.1", "10.0.0.2"]))
    def add_peer(self, local: str, dev: int, flags: int, peer: str) -> None:
        self.ask(addr(local, dev, flags=flags, peer=peer))

    @rule(local=LOCALS, dev=INDEXES, attrs=some({IFA.LABEL: pick(["va", "va:1"])}))
    def delete_address(self, local: str, dev: int, attrs: dict[Any, Any]) -> None:
        self.ask(deladdr(local, dev, attrs))

    @rule()
    def dump_addresses(self) -> None:
        self.ask(dump(address))


class Routes(Both):
    """Routes, while now and then an address or a link comes and goes."""

    @initialize()
    def address_them(self) -> None:
        self.ask(addr("10.0.0.1/24", VA))
        self.ask(addr("10.0.1.1/24", VB))

    @rule(local=LOCALS, dev=DEVICES, remove=st.booleans())
    def change_address(self, local: str, dev: int, remove: bool) -> None:
        self.ask(deladdr(local, dev) if remove else addr(local, dev))

    @rule(dev=DEVICES, stop=st.booleans())
    def change_link(self, dev: int, stop: bool) -> None:
        self.ask(down(dev) if stop else up(dev))

    @rule()
    def pair_goes_and_comes(self) -> None:
        """The new pair has other indexes: routes by 2 and 3 are refused from then on, gateways find it."""
        self.ask(dellink(VA))
        self.ask(veth("va", "vb"))
        self.ask(addr("10.0.0.1/24", 5))
        self.ask(up(5))
        self.ask(up(4))

    @rule(
        dst=PREFIXES,
        via=pick(["10.0.0.2", "10.0.0.9", "10.0.1.2", "10.0.1.3"]),
        metric=pick([0, 0, 0, 1, 5]),
        tos=pick([0, 0, 0, 8]),
        flags=FLAGS,
        echo=ECHOES,
    )
    def add_plain_route(self, dst: str, via: str, metric: int, tos: int, flags: int, echo: int) -> None:
        self.ask(route(dst, flags | echo, via=via, metric=metric, tos=tos))

    @rule(dst=PREFIXES, oif=DEVICES, table=pick([254, 254, 255, 100]), type=pick([1, 1, 1, 2, 3, 5]), flags=FLAGS)
    def add_route_by_device(self, dst: str, oif: int, table: int, type: int, flags: int) -> None:
        scope = {2: 254}.get(type, 253)
        self.ask(route(dst, flags, oif=oif, table=table, type=type, scope=scope))

    @rule(dst=PREFIXES | pick(["10.5.0.0/16", "10.5.1.0/24"]))
    def delete_any_route(self, dst: str) -> None:
        self.ask(delroute(dst))

    @rule(dst=PREFIXES, way=WAYS, words=ROUTE_WORDS, flags=FLAGS, table=TABLES, echo=ECHOES)
    def add_route(
        self, dst: str, way: dict[str, Any], words: dict[str, Any], flags: int, table: int, echo: int
    ) -> None:
        where = {"table": table} if table < 256 else {"table": 0, "table32": table}
        self.ask(route(dst, flags | echo, **{**words, **way, **where}))

    @rule(dst=pick(["10.5.0.0/16", "10.5.1.0/24"]), hops=HOPS, words=ROUTE_WORDS, flags=FLAGS)
    def add_multipath(self, dst: str, hops: list[Any], words: dict[str, Any], flags: int) -> None:
        self.ask(route(dst, flags, **{**words, "hops": hops}))

    @rule(dst=PREFIXES | pick(["10.5.0.0/16", "10.5.1.0/24"]), way=st.just({}) | WAYS, words=ROUTE_WORDS, table=TABLES)
    def delete_route(self, dst: str, way: dict[str, Any], words: dict[str, Any], table: int) -> None:
        where = {"table": table} if table < 256 else {"table": 0, "table32": table}
        self.ask(delroute(dst, **{**words, **way, **where}))

    @rule(size=pick([4096, 32768]))
    def dump_routes(self, size: int) -> None:
        self.ask(dump(routes, size=size))

    @rule(
        place=PLACES,
        attrs=some({RTA.OIF: INDEXES, RTA.SRC: pick(["10.0.0.1", "10.0.0.77"]), RTA.IIF: DEVICES, RTA.MARK: pick([7])}),
        flags=pick([0, 0, int(RTM_F.FIB_MATCH), int(RTM_F.LOOKUP_TABLE)]),
        tos=pick([0, 0, 8]),
    )
    def look_up(self, place: str, attrs: dict[Any, Any], flags: int, tos: int) -> None:
        self.ask(lookup(place, attrs, flags, rtm_tos=tos, rtm_src_len=32 if RTA.SRC in attrs else 0))
