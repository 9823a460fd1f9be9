"""Whatever programs do to links, what a link's message was made of before does not show in the next.

After every one of many random requests the message of every device, from which most was made before, is the one that a kernel
which remembers nothing makes.
"""

import contextlib
from collections.abc import Iterator
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nlwire.kernel.core.dev import net_device
from nlwire.kernel.link.fill import ifinfo_bytes
from nlwire.kernel.link.shown import addresses_run, last_run, state_run, ties_run
from nlwire.kernel.sysctl import proc_sys_write
from nlwire.kernel.timer import run_timers
from nlwire.schema.family import Family
from nlwire.uapi.if_ import IF_OPER, IFF
from nlwire.uapi.if_addr import IFA, address
from nlwire.uapi.if_link import (
    IFLA,
    IFLA_BR,
    IFLA_BRPORT,
    IFLA_INET6,
    IFLA_INFO,
    IFLA_MACVLAN,
    IFLA_PROP_LIST,
    IFLA_VLAN,
    IFLA_VXLAN,
    IN6_ADDR_GEN_MODE,
    MACVLAN_MODE,
    link,
)
from nlwire.uapi.rtnetlink import AF, RTEXT_FILTER, RTM
from tests.unit.kernel.talk import NEW, Talk

NAMES = st.sampled_from(["one", "two", "three", "four"])
INDICES = st.integers(1, 7)
ADDRESSES = st.integers(1, 9).map(lambda last: f"02:00:00:00:00:{last:02x}")
SIZES = st.integers(1280, 9000)
DATA: dict[str, st.SearchStrategy[dict[Any, Any]]] = {
    "dummy": st.just({}),
    "veth": st.just({}),
    "bridge": st.fixed_dictionaries(
        {}, optional={IFLA_BR.PRIORITY: st.integers(0, 9), IFLA_BR.VLAN_FILTERING: st.integers(0, 1)}
    ),
    "vlan": st.fixed_dictionaries({IFLA_VLAN.ID: st.integers(1, 9)}),
    "macvlan": st.fixed_dictionaries({IFLA_MACVLAN.MODE: st.sampled_from([MACVLAN_MODE.BRIDGE, MACVLAN_MODE.VEPA])}),
    "vxlan": st.fixed_dictionaries({IFLA_VXLAN.ID: st.integers(1, 9)}),
}
LINKINFO = st.sampled_from(sorted(DATA)).flatmap(
    lambda kind: DATA[kind].map(lambda data: {IFLA_INFO.KIND: kind, **({IFLA_INFO.DATA: data} if data else {})})
)
OWN = st.fixed_dictionaries(
    {},
    optional={
        IFLA.MTU: SIZES,
        IFLA.ADDRESS: ADDRESSES,
        IFLA.BROADCAST: ADDRESSES,
        IFLA.TXQLEN: st.integers(0, 2000),
        IFLA.GROUP: st.integers(0, 3),
        IFLA.IFALIAS: st.sampled_from(["uplink", "x" * 200, ""]),
        IFLA.LINKMODE: st.integers(0, 1),
        IFLA.OPERSTATE: st.sampled_from([IF_OPER.UP, IF_OPER.DORMANT]),
        IFLA.CARRIER: st.integers(0, 1),
        IFLA.PROTO_DOWN: st.integers(0, 1),
        IFLA.GSO_MAX_SIZE: st.integers(2000, 65536),
        IFLA.GRO_MAX_SIZE: st.integers(2000, 65536),
        IFLA.IFNAME: NAMES,
    },
)
IPV6 = st.one_of(
    st.sampled_from([IN6_ADDR_GEN_MODE.NONE, IN6_ADDR_GEN_MODE.EUI64]).map(
        lambda mode: {IFLA_INET6.ADDR_GEN_MODE: mode}
    ),
    st.integers(1, 9).map(lambda last: {IFLA_INET6.TOKEN: f"::{last}"}),
)
MASKS = (0, int(RTEXT_FILTER.SKIP_STATS), int(RTEXT_FILTER.VF))


def ask(family: Family, type: int, attrs: Any = None, flags: int = 0, **fields: Any) -> Any:
    """A request to be made."""
    return lambda talk: talk.ask(family, type, attrs, flags, **fields)


def made(linkinfo: Any, name: str, below: int, attrs: dict[Any, Any]) -> Any:
    around = {IFLA.LINK: below} if below else {}
    return ask(link, RTM.NEWLINK, {**attrs, **around, IFLA.IFNAME: name, IFLA.LINKINFO: linkinfo}, NEW)


def flagged(index: int, flag: int, on: bool) -> Any:
    return ask(link, RTM.NEWLINK, None, 0, ifi_index=index, ifi_flags=flag if on else 0, ifi_change=flag)


def named(index: int, name: str, type: int) -> Any:
    return ask(link, type, {IFLA.PROP_LIST: {IFLA_PROP_LIST.ALT_IFNAME: f"also-{name}"}}, 0, ifi_index=index)


def addressed(index: int, last: int, type: int, ipv6: bool) -> Any:
    family, local = (AF.INET6, f"fd00::{last}") if ipv6 else (AF.INET, f"10.0.0.{last}")
    return ask(
        address,
        type,
        {IFA.LOCAL: local},
        NEW * (type == RTM.NEWADDR),
        ifa_family=family,
        ifa_prefixlen=24,
        ifa_index=index,
    )


def port(index: int, cost: int) -> Any:
    attrs = {IFLA.LINKINFO: {IFLA_INFO.SLAVE_KIND: "bridge", IFLA_INFO.SLAVE_DATA: {IFLA_BRPORT.COST: cost}}}
    return ask(link, RTM.NEWLINK, attrs, 0, ifi_index=index)


def written(protocol: str, where: str, what: str, value: int) -> Any:
    def write(talk: Talk) -> None:
        with contextlib.suppress(OSError):  # there may be no such device
            proc_sys_write(talk.home, f"net/{protocol}/conf/{where}/{what}", value)

    return write


def waited(seconds: float) -> Any:
    def wait(talk: Talk) -> None:
        talk.clock.now += seconds
        run_timers(talk.kernel)

    return wait


REQUESTS = st.one_of(
    st.builds(made, LINKINFO, NAMES, INDICES, OWN),
    st.builds(lambda attrs, index: ask(link, RTM.NEWLINK, attrs, 0, ifi_index=index), OWN, INDICES),
    st.builds(
        lambda spec, index: ask(link, RTM.SETLINK, {IFLA.AF_SPEC: {AF.INET6: spec}}, 0, ifi_index=index), IPV6, INDICES
    ),
    st.builds(lambda index: ask(link, RTM.DELLINK, None, 0, ifi_index=index), INDICES),
    st.builds(
        lambda index, master: ask(link, RTM.NEWLINK, {IFLA.MASTER: master}, 0, ifi_index=index),
        INDICES,
        st.integers(0, 8),
    ),
    st.builds(flagged, INDICES, st.sampled_from([int(IFF.UP), int(IFF.PROMISC), int(IFF.NOARP)]), st.booleans()),
    st.builds(named, INDICES, NAMES, st.sampled_from([RTM.NEWLINKPROP, RTM.DELLINKPROP])),
    st.builds(addressed, INDICES, st.integers(1, 3), st.sampled_from([RTM.NEWADDR, RTM.DELADDR]), st.booleans()),
    st.builds(port, INDICES, st.integers(1, 9)),
    st.builds(
        written,
        st.sampled_from(["ipv4", "ipv6"]),
        st.sampled_from(["all", "default", "lo", "one", "two"]),
        st.sampled_from(["forwarding", "disable_ipv6", "rp_filter", "accept_ra", "mtu", "proxy_ndp"]),
        st.integers(0, 2),
    ),
    st.builds(waited, st.sampled_from([0.3, 1.5, 40.0])),
)


def messages(talk: Talk) -> Iterator[tuple[net_device, "partial[bytes]"]]:
    """Every device, and what makes its message in several ways."""
    for dev in talk.home.dev_base_head:
        for mask in MASKS:
            yield dev, partial(ifinfo_bytes, dev, talk.home, RTM.NEWLINK, 1, 2, 0, 0, mask)


def forget(dev: net_device) -> None:
    """Remember nothing."""
    dev.ifinfo = (None, b"")
    if dev.ip6_ptr is not None:
        dev.ip6_ptr.link_af = (None, b"")
    for run in (state_run, addresses_run, ties_run, last_run):
        run.cache_clear()


@settings(max_examples=60)
@given(st.lists(REQUESTS, min_size=5, max_size=25))
def test_no_message_is_of_yesterday(requests: list[Any]) -> None:
    talk = Talk()
    for kind in ("dummy", "veth", "bridge"):
        made({IFLA_INFO.KIND: kind}, f"{kind}%d", 0, {})(talk)
    for _, make in messages(talk):
        make()
    for request in requests:
        request(talk)
        for dev, make in messages(talk):
            shown = make()
            forget(dev)
            assert make() == shown
