"""Runs of a link's message are remembered; whatever changes has to be seen in the next message all the same."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nlwire.kernel import Kernel
from nlwire.kernel.core.dev import dev_get_by_index, net_device
from nlwire.kernel.core.netdevice import LINK_STATE_NOCARRIER, LINK_STATE_START, PRIV
from nlwire.kernel.link.fill import if_nlmsg_size, ifinfo_bytes
from nlwire.kernel.link.shown import addresses_run, last_run, state_run, ties_run
from nlwire.schema.attrs import Attr
from nlwire.uapi.if_link import IFLA
from nlwire.uapi.ipv6 import DEVCONF
from nlwire.uapi.rtnetlink import RTM, ifinfomsg
from nlwire.wire import nla_data, nlmsg_find_attr, nlmsg_hdr, nlmsg_total_size

U32, S32 = st.integers(0, 0xFFFFFFFF), st.integers(-(1 << 31), (1 << 31) - 1)
MODE = int(DEVCONF.ADDR_GEN_MODE)
NUMBERS: dict[str, Attr[Any]] = {
    "mtu": IFLA.MTU,
    "min_mtu": IFLA.MIN_MTU,
    "max_mtu": IFLA.MAX_MTU,
    "group": IFLA.GROUP,
    "promiscuity": IFLA.PROMISCUITY,
    "allmulti": IFLA.ALLMULTI,
    "tx_queue_len": IFLA.TXQLEN,
    "num_tx_queues": IFLA.NUM_TX_QUEUES,
    "num_rx_queues": IFLA.NUM_RX_QUEUES,
    "gso_max_segs": IFLA.GSO_MAX_SEGS,
    "gso_max_size": IFLA.GSO_MAX_SIZE,
    "gro_max_size": IFLA.GRO_MAX_SIZE,
    "gso_ipv4_max_size": IFLA.GSO_IPV4_MAX_SIZE,
    "gro_ipv4_max_size": IFLA.GRO_IPV4_MAX_SIZE,
    "tso_max_size": IFLA.TSO_MAX_SIZE,
    "tso_max_segs": IFLA.TSO_MAX_SEGS,
    "carrier_up_count": IFLA.CARRIER_UP_COUNT,
    "carrier_down_count": IFLA.CARRIER_DOWN_COUNT,
}
OTHERS: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["lo", "a", "eth0", "fifteen-letters"]),
    "ifalias": st.sampled_from([None, b"", b"uplink", b"x" * 255, b"a\0b"]),
    "state": st.sampled_from([0, LINK_STATE_START, LINK_STATE_NOCARRIER, LINK_STATE_START | LINK_STATE_NOCARRIER]),
    "operstate": st.integers(0, 6),
    "link_mode": st.integers(0, 2),
    "priv_flags": st.sampled_from([0, int(PRIV.NETNS_IMMUTABLE), int(PRIV.EBRIDGE)]),
    "proto_down": st.booleans(),
    "proto_down_reason": U32,
    "needed_headroom": st.integers(0, 0xFFFF),
    "needed_tailroom": st.integers(0, 0xFFFF),
    "addr_len": st.sampled_from([0, 6]),
    "perm_addr": st.sampled_from([b"", bytes(6), b"\2\0\0\0\0\1"]),
    "dev_addr": st.binary(min_size=6, max_size=6),
    "broadcast": st.binary(min_size=6, max_size=6),
    "qdisc": st.sampled_from(["noop", "noqueue", "fq_codel"]),
    "altnames": st.lists(st.sampled_from(["one", "two", "three"]), unique=True),
    "flags": st.sampled_from([0, 1, 9, 0x1003]),
}
CHANGES = st.one_of(
    *(st.tuples(st.just(name), st.integers(0, 0x7FFFFFFF)) for name in NUMBERS),
    *(st.tuples(st.just(name), values) for name, values in OTHERS.items()),
)


RUNS = (state_run, addresses_run, ties_run, last_run)


def message(dev: net_device) -> bytes:
    """The link as a message."""
    shown = ifinfo_bytes(dev, dev.nd_net, RTM.NEWLINK, 0, 0, 0)
    assert len(shown) <= nlmsg_total_size(if_nlmsg_size(dev))
    return shown


def forget(dev: net_device) -> None:
    """Remember nothing."""
    dev.ifinfo = (None, b"")
    dev.ip6_ptr.link_af = (None, b"")
    for run in RUNS:
        run.cache_clear()


def number(data: bytes, attr: Attr[Any]) -> int:
    """An attribute's value."""
    nla = nlmsg_find_attr(nlmsg_hdr(data), ifinfomsg, attr)
    assert nla is not None
    return int.from_bytes(nla_data(nla), "little")


def loopback() -> net_device:
    """A device nobody else uses."""
    dev = dev_get_by_index(Kernel().init_net, 1)
    assert dev is not None
    return dev


DEVICE = loopback()


@given(st.lists(CHANGES, max_size=6), st.integers(0, 23), st.integers(0, 0xFFFFFFFFFF))
def test_every_change_is_in_the_next_message(changes: list[tuple[str, Any]], counter: int, count: int) -> None:
    message(DEVICE)
    for name, value in changes:
        setattr(DEVICE, name, value)
        shown = message(DEVICE)
        if name in NUMBERS:
            assert number(shown, NUMBERS[name]) == value
        forget(DEVICE)
        assert message(DEVICE) == shown
    memoryview(DEVICE.stats).cast("B").cast("Q")[counter] = count
    shown = message(DEVICE)
    forget(DEVICE)
    assert message(DEVICE) == shown


SETTINGS: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], None]]] = {
    "ipv4": (st.tuples(st.integers(1, 33), S32), lambda one: DEVICE.ip_ptr.cnf.__setitem__(*one)),
    "ipv6": (
        st.tuples(st.integers(1, 59).filter(lambda one: one != MODE), S32),
        lambda one: DEVICE.ip6_ptr.cnf.__setitem__(*one),
    ),
    "mode": (st.integers(0, 3), lambda one: DEVICE.ip6_ptr.cnf.__setitem__(MODE, one)),
    "if_flags": (U32, lambda one: setattr(DEVICE.ip6_ptr, "if_flags", one)),
    "tstamp": (U32, lambda one: setattr(DEVICE.ip6_ptr, "tstamp", one)),
    "token": (st.binary(min_size=16, max_size=16), lambda one: setattr(DEVICE.ip6_ptr, "token", one)),
    "reachable": (st.integers(0, 90_000), lambda one: setattr(DEVICE.ip6_ptr.nd_parms, "reachable_time", one)),
}
"""What protocols keep of a link: values, and how each is set."""


@given(st.lists(st.one_of(*(st.tuples(st.just(name), values) for name, (values, _) in SETTINGS.items())), max_size=6))
def test_every_setting_is_in_the_next_message(changes: list[tuple[str, Any]]) -> None:
    for name, value in changes:
        message(DEVICE)
        SETTINGS[name][1](value)
        shown = message(DEVICE)
        forget(DEVICE)
        assert message(DEVICE) == shown


def test_counters_raised_in_place_are_shown() -> None:
    dev = loopback()
    before = message(dev)
    dev.stats.rx_packets += 1
    after = message(dev)
    assert before != after
    dev.stats.rx_packets -= 1
    assert message(dev) == before


def test_a_name_added_in_place_is_shown() -> None:
    dev = loopback()
    before = message(dev)
    dev.altnames.append("other")
    assert b"other\0" in message(dev)
    dev.altnames.remove("other")
    assert message(dev) == before


def test_what_nobody_changed_is_not_made_again() -> None:
    dev = loopback()
    forget(dev)
    message(dev)
    made = dev.ifinfo[1]
    for _ in range(9):
        message(dev)
    assert dev.ifinfo[1] is made
    assert [run.cache_info().misses for run in RUNS] == [1] * len(RUNS)
