"""What a link's message says of the device's own state, in runs of bytes: most of rtnl_fill_ifinfo() (net/core/rtnetlink.c).

A run is a pure function of the values it shows, and what such a function has made of them is remembered. Nothing can be stale:
whoever asks hands in all the values as they are now, and there is no device here to look at.

    addresses_run(None, bytes(dev.stats))

Knows: which values make which bytes.
Never: a device, where a run goes.
"""

from functools import lru_cache
from operator import attrgetter
from struct import Struct
from typing import Any

from nlwire.kernel.core.dev import name_bytes
from nlwire.kernel.core.netdevice import LINK_STATE_NOCARRIER, LINK_STATE_START, PRIV
from nlwire.kernel.link.fixed_run import fixed_run
from nlwire.uapi.if_ import IF_OPER, IFALIASZ
from nlwire.uapi.if_link import IFLA, IFLA_PROTO_DOWN_REASON, rtnl_link_ifmap
from nlwire.wire import (
    alloc_skb,
    nla_nest_end,
    nla_nest_start,
    nla_put,
    nla_put_empty_nest,
    nla_put_s32,
    nla_put_u8,
    nla_put_u32,
    nla_total_size,
    sk_buff,
    skb_put_data,
)

REMEMBERED = 1024
"""Runs of each kind that are remembered: a kilobyte each at most."""
FIRST = fixed_run(
    (IFLA.TXQLEN, "I"),
    (IFLA.OPERSTATE, "B"),
    (IFLA.LINKMODE, "B"),
    (IFLA.NETNS_IMMUTABLE, "B"),
    (IFLA.MTU, "I"),
    (IFLA.MIN_MTU, "I"),
    (IFLA.MAX_MTU, "I"),
    (IFLA.GROUP, "I"),
    (IFLA.PROMISCUITY, "I"),
    (IFLA.ALLMULTI, "I"),
    (IFLA.NUM_TX_QUEUES, "I"),
    (IFLA.GSO_MAX_SEGS, "I"),
    (IFLA.GSO_MAX_SIZE, "I"),
    (IFLA.GRO_MAX_SIZE, "I"),
    (IFLA.GSO_IPV4_MAX_SIZE, "I"),
    (IFLA.GRO_IPV4_MAX_SIZE, "I"),
    (IFLA.TSO_MAX_SIZE, "I"),
    (IFLA.TSO_MAX_SEGS, "I"),
    (IFLA.MAX_PACING_OFFLOAD_HORIZON, "I"),
    (IFLA.NUM_RX_QUEUES, "I"),
)
SECOND = fixed_run(
    (IFLA.CARRIER_CHANGES, "I"),
    (IFLA.CARRIER_UP_COUNT, "I"),
    (IFLA.CARRIER_DOWN_COUNT, "I"),
    (IFLA.HEADROOM, "H"),
    (IFLA.TAILROOM, "H"),
    (IFLA.PROTO_DOWN, "B"),
)
SHOWN = attrgetter(
    "name",
    "ifalias",
    "state",
    "operstate",
    "link_mode",
    "priv_flags",
    "proto_down_reason",
    "tx_queue_len",
    "mtu",
    "min_mtu",
    "max_mtu",
    "group",
    "promiscuity",
    "allmulti",
    "num_tx_queues",
    "gso_max_segs",
    "gso_max_size",
    "gro_max_size",
    "gso_ipv4_max_size",
    "gro_ipv4_max_size",
    "tso_max_size",
    "tso_max_segs",
    "num_rx_queues",
    "carrier_up_count",
    "carrier_down_count",
    "needed_headroom",
    "needed_tailroom",
    "proto_down",
    # to here what state_run() shows; then what addresses_run() and ties_run() do
    "addr_len",
    "dev_addr",
    "broadcast",
    "perm_addr",
    "qdisc",
)
"""What a message shows of a net_device's own."""
ROOM = FIRST.size + SECOND.size + 2 * nla_total_size(IFALIASZ) + 64
STATS, STATS64 = Struct("=24I"), Struct("=24Q")
MAP = bytes(rtnl_link_ifmap.sizeof)
XDP_NONE = b"\x05\x00\x02\x00\x00\x00\x00\x00"
"""IFLA_XDP_ATTACHED: XDP_ATTACHED_NONE."""


@lru_cache(REMEMBERED)
def state_run(shown: tuple[Any, ...], master: int | None) -> bytes:
    """From the name to IFLA_PROTO_DOWN_REASON."""
    name, alias, state, operstate, link_mode, priv_flags, reason, queue, *limits, rx, up, down, head, tail, off = shown
    skb = alloc_skb(ROOM)
    nla_put(skb, IFLA.IFNAME.number, name_bytes(name) + b"\0")
    if not state & LINK_STATE_START:
        operstate = IF_OPER.DOWN
    skb_put_data(skb, FIRST(queue, operstate, link_mode, bool(priv_flags & PRIV.NETNS_IMMUTABLE), *limits, 0, rx))
    if master is not None:
        nla_put_u32(skb, IFLA.MASTER, master)
    nla_put_u8(skb, IFLA.CARRIER, not state & LINK_STATE_NOCARRIER)
    alias = (alias or b"").partition(b"\0")[0][: IFALIASZ - 1]
    if alias:
        nla_put(skb, IFLA.IFALIAS.number, alias + b"\0")
    skb_put_data(skb, SECOND(up + down, up, down, head, tail, off))
    if reason:
        nest = nla_nest_start(skb, IFLA.PROTO_DOWN_REASON)
        nla_put_u32(skb, IFLA_PROTO_DOWN_REASON.VALUE, reason)
        nla_nest_end(skb, nest)
    return bytes(skb)


@lru_cache(REMEMBERED)
def addresses_run(addresses: tuple[bytes, bytes] | None, counted: bytes) -> bytes:
    """IFLA_ADDRESS and IFLA_BROADCAST, where there are such; IFLA_STATS64, IFLA_STATS (the same in 32 bits), IFLA_XDP."""
    skb = alloc_skb(2 * nla_total_size(255) + 2 * nla_total_size(STATS64.size))
    if addresses is not None:
        nla_put(skb, IFLA.ADDRESS.number, addresses[0])
        nla_put(skb, IFLA.BROADCAST.number, addresses[1])
    nla_put(skb, IFLA.STATS64.number, counted)
    nla_put(skb, IFLA.STATS.number, STATS.pack(*(one & 0xFFFFFFFF for one in STATS64.unpack_from(counted))))
    nla_put(skb, IFLA.XDP.number, XDP_NONE)
    return bytes(skb)


@lru_cache(REMEMBERED)
def last_run(altnames: tuple[str, ...]) -> bytes:
    """From IFLA_MAP on: what hardware has, and all the other names."""
    skb = alloc_skb(128 + sum(nla_total_size(len(name_bytes(one)) + 1) for one in altnames))
    nla_put(skb, IFLA.MAP.number, MAP)
    if altnames:
        put_altnames(skb, altnames)
    nla_put_empty_nest(skb, IFLA.DEVLINK_PORT)
    nla_put_empty_nest(skb, IFLA.DPLL_PIN)
    return bytes(skb)


@lru_cache(REMEMBERED)
def ties_run(
    new_nsid: int | None, new_ifindex: int, perm_addr: bytes, nsid: int | None, link: int | None, qdisc: str
) -> bytes:
    """Where it moves to, the address it was born with, what is below and in which namespace, the queueing discipline."""
    skb = alloc_skb(128 + len(perm_addr) + len(qdisc))
    if new_nsid is not None:
        nla_put_s32(skb, IFLA.NEW_NETNSID, new_nsid)
    if new_ifindex:
        nla_put_s32(skb, IFLA.NEW_IFINDEX, new_ifindex)
    if any(perm_addr):
        nla_put(skb, IFLA.PERM_ADDRESS.number, perm_addr)
    if nsid is not None:
        nla_put_s32(skb, IFLA.LINK_NETNSID, nsid)
    if link is not None:
        nla_put_u32(skb, IFLA.LINK, link)
    nla_put(skb, IFLA.QDISC.number, qdisc.encode() + b"\0")
    return bytes(skb)


def put_altnames(skb: sk_buff, altnames: tuple[str, ...]) -> None:
    """IFLA_PROP_LIST."""
    nest = nla_nest_start(skb, IFLA.PROP_LIST)
    for name in altnames:
        nla_put(skb, IFLA.ALT_IFNAME.number, name_bytes(name) + b"\0")
    nla_nest_end(skb, nest)
