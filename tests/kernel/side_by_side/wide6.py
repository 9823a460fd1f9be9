"""Random requests of IPv6's from wider ranges: any prefix length, any address near a few, any metrics, any flags.

Nothing is looked up: which of several ways a flow takes is drawn by lot. That a gateway can be reached is asked of the routes
there are all the same.

Knows: Hypothesis, the words of the transcripts.
Never: answers.
"""

import ipaddress
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from nlwire.uapi.if_addr import IFA, IFA_F, address
from nlwire.uapi.rtnetlink import RTA
from nlwire.uapi.rtnetlink import route as routes
from tests.kernel.side_by_side.machine import DEVICES, FLAGS, pick, some
from tests.kernel.side_by_side.machine6 import NODAD, Both6, somewhere
from tests.kernel.side_by_side.wide import METRICS, TABLES
from tests.kernel.transcripts.words import hop, option
from tests.kernel.transcripts.words6 import addr6, deladdr6, delroute6, dump6, route6

NEAR = (
    "2001:db8::",
    "2001:db8::8000:0:0:0",
    "2001:db8:f::",
    "2001:db8:1::",
    "fd00::",
    "fe80::",
    "ff02::",
    "::",
    "ffff:ffff::fff8",
)
FAR = ("::", "2001:db8::2", "8000::", "::ffff:10.0.0.1", "::10.0.0.1", "2002:a00:1::1", "fec0::1")
HOSTS = st.builds(lambda base, more: str(ipaddress.IPv6Address(base) + more), pick(NEAR), st.integers(0, 7)) | pick(FAR)
LENGTHS = pick([0, 1, 3, 8, 10, 16, 32, 47, 48, 49, 63, 64, 64, 64, 65, 96, 126, 127, 128, 128]) | st.integers(0, 128)
LOCALS = st.builds(lambda host, length: f"{host}/{length}", HOSTS, LENGTHS)
ON_LINK = pick(["2001:db8::2", "2001:db8::3", "2001:db8:f::2", "2001:db8:f::3"])


def network(host: str, length: int) -> str:
    return str(ipaddress.IPv6Network((host, length), strict=False))


PREFIXES = st.builds(network, HOSTS, LENGTHS)
SOURCES = some({"source": PREFIXES})


class Wide6(Both6):
    """Routes and addresses of all sorts."""

    @rule(
        local=LOCALS,
        dev=DEVICES,
        attrs=some({IFA.RT_PRIORITY: pick([1, 100, 1024]), IFA.PROTO: pick([7])}),
        ifa=pick([0, 0, int(IFA_F.NOPREFIXROUTE), int(IFA_F.MCAUTOJOIN), int(IFA_F.HOMEADDRESS)]),
        flags=FLAGS,
    )
    def add_any_address(self, local: str, dev: int, attrs: dict[Any, Any], ifa: int, flags: int) -> None:
        self.ask(addr6(local, dev, attrs, flags, ifa=NODAD | ifa))

    @rule(local=LOCALS, dev=DEVICES, peer=HOSTS, flags=FLAGS)
    def add_any_peer(self, local: str, dev: int, peer: str, flags: int) -> None:
        self.ask(addr6(local, dev, flags=flags, peer=peer))

    @rule(local=LOCALS, dev=DEVICES)
    def delete_any_address(self, local: str, dev: int) -> None:
        self.ask(deladdr6(local, dev))

    @rule(
        dst=PREFIXES,
        way=st.fixed_dictionaries({}, optional={"oif": DEVICES, "via": HOSTS, "src": HOSTS}),
        metrics=METRICS,
        type=pick([1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        metric=pick([0, 0, 0, 1, 256]),
        source=SOURCES,
        flags=FLAGS,
        table=TABLES,
    )
    def add_any_route(
        self,
        dst: str,
        way: dict[str, Any],
        metrics: dict[str, Any],
        type: int,
        metric: int,
        source: dict[str, Any],
        flags: int,
        table: int,
    ) -> None:
        words: dict[str, Any] = {**way, **metrics, **source, **somewhere(table), "type": type, "metric": metric}
        self.ask(route6(dst, flags, **words))

    @rule(dst=PREFIXES, via=ON_LINK, flags=FLAGS, source=SOURCES, metric=pick([0, 0, 256]))
    def add_good_route(self, dst: str, via: str, flags: int, source: dict[str, Any], metric: int) -> None:
        words: dict[str, Any] = {**source, "via": via, "metric": metric}
        self.ask(route6(dst, flags, **words))

    @rule(
        dst=PREFIXES,
        hops=st.lists(
            st.builds(hop, st.none(), ON_LINK, st.integers(1, 256))
            | st.builds(hop, DEVICES | st.none(), HOSTS | st.none(), st.integers(1, 256)),
            min_size=1,
            max_size=4,
        ),
        metrics=METRICS,
        flags=FLAGS,
    )
    def add_any_multipath(self, dst: str, hops: list[Any], metrics: dict[str, Any], flags: int) -> None:
        self.ask(route6(dst, flags, **{**metrics, "hops": hops}))

    @rule(
        dst=PREFIXES, words=some({"oif": DEVICES, "via": HOSTS, "type": pick([1, 2, 6])}), source=SOURCES, table=TABLES
    )
    def delete_some_route(self, dst: str, words: dict[str, Any], source: dict[str, Any], table: int) -> None:
        self.ask(delroute6(dst, **{**words, **source, **somewhere(table)}))

    @rule(
        attrs=some({RTA.TABLE: TABLES, RTA.OIF: DEVICES}),
        strict=pick([0, 1]),
        type=pick([0, 0, 1, 2, 6]),
        protocol=pick([0, 0, 2, 3]),
    )
    def dump_some(self, attrs: dict[Any, Any], strict: int, type: int, protocol: int) -> None:
        self.ask(option(12, strict))
        self.ask(dump6(routes, attrs, rtm_type=type, rtm_protocol=protocol))
        self.ask(option(12, 0))

    @rule(dev=DEVICES, strict=pick([0, 1]))
    def dump_some_addresses(self, dev: int, strict: int) -> None:
        self.ask(option(12, strict))
        self.ask(dump6(address, ifa_index=dev))
        self.ask(option(12, 0))
