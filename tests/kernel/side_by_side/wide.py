"""Random requests from wider ranges: any prefix length, any address near a few, any metrics, gateways of IPv6.

Knows: Hypothesis, the words of the transcripts.
Never: answers.
"""

import ipaddress
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from nlwire.uapi.if_addr import IFA, IFA_F, address
from nlwire.uapi.rtnetlink import RTA, RTM_F
from nlwire.uapi.rtnetlink import route as routes
from tests.kernel.side_by_side.machine import DEVICES, ECHOES, FLAGS, Routes, pick, some
from tests.kernel.transcripts.words import addr, deladdr, delroute, dump, hop, lookup, option, route

NEAR = (
    "10.0.0.0",
    "10.0.0.128",
    "10.0.1.0",
    "10.1.0.0",
    "127.0.0.0",
    "172.16.0.0",
    "192.168.0.0",
    "224.0.0.0",
    "255.255.255.248",
)
FAR = ("0.0.0.0", "10.0.0.1", "128.0.0.0")
HOSTS = st.builds(lambda base, more: str(ipaddress.IPv4Address(base) + more), pick(NEAR), st.integers(0, 7)) | pick(FAR)
LENGTHS = pick([0, 1, 4, 8, 12, 15, 16, 17, 23, 24, 24, 24, 25, 29, 30, 31, 32, 32]) | st.integers(0, 32)
LOCALS = st.builds(lambda host, length: f"{host}/{length}", HOSTS, LENGTHS)
TABLES = pick([254, 254, 254, 255, 253, 1, 256, 70000])


def network(host: str, length: int) -> str:
    return str(ipaddress.IPv4Network((host, length), strict=False))


PREFIXES = st.builds(network, HOSTS, LENGTHS)
METRICS = some(
    {
        "MTU": pick([0, 68, 1400, 65535, 70000]),
        "WINDOW": pick([0, 1000]),
        "RTT": pick([0, 80, 0xFFFFFFFF]),
        "ADVMSS": pick([0, 1460, 70000]),
        "HOPLIMIT": pick([0, 64, 255, 300]),
        "FEATURES": pick([0, 1, 4, 8, 16, 32]),
        "QUICKACK": pick([0, 1]),
        "CC_ALGO": pick(["reno", "nosuch"]),
        "LOCK": pick([0, 4, 0xFFFFFFFF]),
        "INITCWND": pick([0, 10]),
    }
)
VIA6 = pick([{RTA.VIA: ({"rtvia_family": 10}, one)} for one in ("fe80::1", "2001:db8::1", "::", "ff02::1")])
SELECTORS = some(
    {RTA.OIF: DEVICES, RTA.SRC: HOSTS, RTA.IIF: DEVICES, RTA.MARK: pick([1]), RTA.IP_PROTO: pick([1, 6, 17])}
)


class Wide(Routes):
    """Routes and addresses of all sorts."""

    @rule(
        local=LOCALS,
        dev=DEVICES,
        attrs=some(
            {
                IFA.BROADCAST: HOSTS,
                IFA.FLAGS: st.integers(0, 0xFFF) | pick([int(IFA_F.NOPREFIXROUTE), int(IFA_F.MCAUTOJOIN)]),
                IFA.RT_PRIORITY: pick([1, 100]),
            }
        ),
        flags=FLAGS,
        scope=pick([0, 0, 0, 200, 253, 254, 255]),
        echo=ECHOES,
    )
    def add_any_address(self, local: str, dev: int, attrs: dict[Any, Any], flags: int, scope: int, echo: int) -> None:
        self.ask(addr(local, dev, attrs, flags | echo, ifa_scope=scope))

    @rule(local=LOCALS, dev=DEVICES, peer=HOSTS, flags=FLAGS)
    def add_any_peer(self, local: str, dev: int, peer: str, flags: int) -> None:
        self.ask(addr(local, dev, flags=flags, peer=peer))

    @rule(local=LOCALS, dev=DEVICES)
    def delete_any_address(self, local: str, dev: int) -> None:
        self.ask(deladdr(local, dev))

    @rule(
        dst=PREFIXES,
        way=st.fixed_dictionaries({}, optional={"oif": DEVICES, "via": HOSTS, "src": HOSTS}),
        metrics=METRICS,
        type=pick([1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        scope=pick([0, 0, 0, 253, 253, 254, 200]),
        flags=FLAGS,
        table=TABLES,
    )
    def add_any_route(
        self, dst: str, way: dict[str, Any], metrics: dict[str, Any], type: int, scope: int, flags: int, table: int
    ) -> None:
        where: dict[str, Any] = {"table": table} if table < 256 else {"table": 0, "table32": table}
        self.ask(route(dst, flags, **{**way, **metrics, **where, "type": type, "scope": scope}))

    @rule(dst=PREFIXES, oif=DEVICES, via=VIA6, flags=FLAGS)
    def add_route_by_inet6(self, dst: str, oif: int, via: dict[Any, Any], flags: int) -> None:
        self.ask(route(dst, flags, via, oif=oif, scope=0))

    @rule(
        dst=pick(["10.5.0.0/16", "10.5.1.0/24"]),
        hops=st.lists(
            st.builds(hop, DEVICES | st.none(), HOSTS | st.none(), st.integers(1, 256)), min_size=1, max_size=4
        ),
        metrics=METRICS,
        flags=FLAGS,
    )
    def add_any_multipath(self, dst: str, hops: list[Any], metrics: dict[str, Any], flags: int) -> None:
        self.ask(route(dst, flags, **{**metrics, "hops": hops}))

    @rule(dst=PREFIXES, words=some({"oif": DEVICES, "via": HOSTS, "type": pick([1, 2, 6])}), table=TABLES)
    def delete_some_route(self, dst: str, words: dict[str, Any], table: int) -> None:
        where = {"table": table} if table < 256 else {"table": 0, "table32": table}
        self.ask(delroute(dst, **{**words, **where}))

    @rule(
        place=HOSTS,
        attrs=SELECTORS,
        flags=pick([0, 0, int(RTM_F.FIB_MATCH), int(RTM_F.LOOKUP_TABLE)]),
        tos=pick([0, 0, 4, 255]),
    )
    def look_up_any(self, place: str, attrs: dict[Any, Any], flags: int, tos: int) -> None:
        self.ask(lookup(place, attrs, flags, rtm_tos=tos, rtm_src_len=32 if RTA.SRC in attrs else 0))

    @rule(
        attrs=some({RTA.TABLE: TABLES, RTA.OIF: DEVICES}),
        strict=pick([0, 1]),
        type=pick([0, 0, 1, 2, 6]),
        protocol=pick([0, 0, 2, 3]),
    )
    def dump_some(self, attrs: dict[Any, Any], strict: int, type: int, protocol: int) -> None:
        self.ask(option(12, strict))
        self.ask(dump(routes, attrs, rtm_type=type, rtm_protocol=protocol))
        self.ask(option(12, 0))

    @rule(dev=DEVICES, strict=pick([0, 1]))
    def dump_some_addresses(self, dev: int, strict: int) -> None:
        self.ask(option(12, strict))
        self.ask(dump(address, ifa_index=dev))
        self.ask(option(12, 0))
