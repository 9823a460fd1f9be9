"""drivers/net/vxlan/vxlan_core.c: what is kept of a vxlan, and how it is said: IFLA_INFO_DATA.

Knows: struct vxlan_config, struct vxlan_dev, vxlan_fill_info.
Never: what may be asked of a vxlan (vxlan.py); what is in its forwarding database (vxlan_fdb.py).
"""

from dataclasses import dataclass
from typing import Any

from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.link.fixed_run import fixed_run
from nlwire.kernel.net import net
from nlwire.kernel.timer import timer_list
from nlwire.schema.enums import UapiFlags
from nlwire.uapi.if_link import IFLA_VXLAN
from nlwire.wire import (
    nla_put,
    nla_put_be16,
    nla_put_flag,
    nla_put_u8,
    nla_put_u32,
    nla_total_size,
    sk_buff,
    skb_put_data,
)

PORT_DEFAULT = 8472
RESERVED_BITS = bytes.fromhex("f7ffffff000000ff")
"""All bits of struct vxlanhdr but VXLAN_HF_VNI and the VNI itself."""


class VXLAN_F(UapiFlags):
    """vxlan->cfg.flags (include/net/vxlan.h)."""

    LEARN = 0x01
    PROXY = 0x02
    RSC = 0x04
    L2MISS = 0x08
    L3MISS = 0x10
    IPV6 = 0x20
    UDP_ZERO_CSUM_TX = 0x40
    UDP_ZERO_CSUM6_TX = 0x80
    UDP_ZERO_CSUM6_RX = 0x100
    REMCSUM_TX = 0x200
    REMCSUM_RX = 0x400
    GBP = 0x800
    REMCSUM_NOPARTIAL = 0x1000
    COLLECT_METADATA = 0x2000
    GPE = 0x4000
    TTL_INHERIT = 0x10000
    VNIFILTER = 0x20000
    LOCALBYPASS = 0x80000


FLAG_ATTRS: tuple[tuple[Any, int, bool, bool], ...] = (
    (IFLA_VXLAN.TTL_INHERIT, int(VXLAN_F.TTL_INHERIT), False, False),
    (IFLA_VXLAN.LEARNING, int(VXLAN_F.LEARN), True, True),
    (IFLA_VXLAN.PROXY, int(VXLAN_F.PROXY), False, False),
    (IFLA_VXLAN.RSC, int(VXLAN_F.RSC), False, False),
    (IFLA_VXLAN.L2MISS, int(VXLAN_F.L2MISS), False, False),
    (IFLA_VXLAN.L3MISS, int(VXLAN_F.L3MISS), False, False),
    (IFLA_VXLAN.COLLECT_METADATA, int(VXLAN_F.COLLECT_METADATA), False, False),
    (IFLA_VXLAN.LOCALBYPASS, int(VXLAN_F.LOCALBYPASS), True, True),
    (IFLA_VXLAN.UDP_ZERO_CSUM6_TX, int(VXLAN_F.UDP_ZERO_CSUM6_TX), False, False),
    (IFLA_VXLAN.UDP_ZERO_CSUM6_RX, int(VXLAN_F.UDP_ZERO_CSUM6_RX), False, False),
    (IFLA_VXLAN.REMCSUM_TX, int(VXLAN_F.REMCSUM_TX), False, False),
    (IFLA_VXLAN.REMCSUM_RX, int(VXLAN_F.REMCSUM_RX), False, False),
    (IFLA_VXLAN.GBP, int(VXLAN_F.GBP), False, False),
    (IFLA_VXLAN.GPE, int(VXLAN_F.GPE), False, False),
    (IFLA_VXLAN.REMCSUM_NOPARTIAL, int(VXLAN_F.REMCSUM_NOPARTIAL), False, False),
    (IFLA_VXLAN.VNIFILTER, int(VXLAN_F.VNIFILTER), False, False),
)
"""Attributes that are switches: the flag, whether it can be changed, whether it is on by itself."""


@dataclass
class vxlan_config:
    """struct vxlan_config: what was asked for. Addresses are packed, empty where none was given."""

    vni: int = 0
    remote: bytes = b""
    saddr: bytes = b""
    remote_ifindex: int = 0
    dst_port: int = 0
    port_range: bytes = bytes(4)
    flags: int = 0
    tos: int = 0
    ttl: int = 0
    df: int = 0
    label: int = 0
    label_policy: int = 0
    age_interval: int = 0
    addrmax: int = 0


class vxlan_dev:
    """What a vxlan keeps: dev->priv."""

    def __init__(self, dev: net_device) -> None:
        self.dev = dev
        self.cfg = vxlan_config()
        self.net: net = dev.nd_net
        self.lower: net_device | None = None
        self.fdb: dict[tuple[bytes, int], Any] = {}
        """Its forwarding database: struct vxlan_fdb by MAC address and source VNI; the latest last."""
        self.mdb: dict[Any, Any] = {}
        """Its multicast database: struct vxlan_mdb_entry by group, source and VNI; the latest last."""
        self.mdb_seq = 1
        self.age_timer = timer_list(lambda: None)

    @property
    def is_ipv6(self) -> bool:
        """Whether it sends by IPv6 (default_dst.remote_ip.sa_family)."""
        return bool(self.cfg.flags & VXLAN_F.IPV6)


FIRST = fixed_run(
    (IFLA_VXLAN.TTL, "B"),
    (IFLA_VXLAN.TTL_INHERIT, "B"),
    (IFLA_VXLAN.TOS, "B"),
    (IFLA_VXLAN.DF, "B"),
    (IFLA_VXLAN.LABEL, "I"),
    (IFLA_VXLAN.LABEL_POLICY, "I"),
    (IFLA_VXLAN.LEARNING, "B"),
    (IFLA_VXLAN.PROXY, "B"),
    (IFLA_VXLAN.RSC, "B"),
    (IFLA_VXLAN.L2MISS, "B"),
    (IFLA_VXLAN.L3MISS, "B"),
    (IFLA_VXLAN.COLLECT_METADATA, "B"),
    (IFLA_VXLAN.AGEING, "I"),
    (IFLA_VXLAN.LIMIT, "I"),
)
SECOND = fixed_run(
    (IFLA_VXLAN.UDP_CSUM, "B"),
    (IFLA_VXLAN.UDP_ZERO_CSUM6_TX, "B"),
    (IFLA_VXLAN.UDP_ZERO_CSUM6_RX, "B"),
    (IFLA_VXLAN.REMCSUM_TX, "B"),
    (IFLA_VXLAN.REMCSUM_RX, "B"),
    (IFLA_VXLAN.LOCALBYPASS, "B"),
)
INFO_SIZE = (
    FIRST.size
    + SECOND.size
    + 2 * nla_total_size(4)
    + 2 * nla_total_size(16)
    + nla_total_size(2)
    + nla_total_size(4)
    + nla_total_size(8)
    + 3 * nla_total_size(0)
    + nla_total_size(1)
)


def vxlan_get_size(dev: net_device) -> int:
    """Bytes that vxlan_fill_info() may put."""
    return INFO_SIZE


def vxlan_fill_info(skb: sk_buff, dev: net_device) -> None:
    """Put IFLA_INFO_DATA. Raises BufferFull."""
    cfg: vxlan_config = dev.priv.cfg

    def has(flag: VXLAN_F) -> bool:
        return bool(cfg.flags & flag)

    nla_put_u32(skb, IFLA_VXLAN.ID, cfg.vni)
    put_address(skb, cfg.remote, IFLA_VXLAN.GROUP, IFLA_VXLAN.GROUP6)
    if cfg.remote_ifindex:
        nla_put_u32(skb, IFLA_VXLAN.LINK, cfg.remote_ifindex)
    put_address(skb, cfg.saddr, IFLA_VXLAN.LOCAL, IFLA_VXLAN.LOCAL6)
    label = int.from_bytes(cfg.label.to_bytes(4, "big"), "little")
    first = (VXLAN_F.LEARN, VXLAN_F.PROXY, VXLAN_F.RSC, VXLAN_F.L2MISS, VXLAN_F.L3MISS, VXLAN_F.COLLECT_METADATA)
    numbers = (cfg.ttl, has(VXLAN_F.TTL_INHERIT), cfg.tos, cfg.df, label, cfg.label_policy)
    skb_put_data(skb, FIRST(*numbers, *(has(flag) for flag in first), cfg.age_interval, cfg.addrmax))
    nla_put_be16(skb, IFLA_VXLAN.PORT, cfg.dst_port)
    second = (
        VXLAN_F.UDP_ZERO_CSUM6_TX,
        VXLAN_F.UDP_ZERO_CSUM6_RX,
        VXLAN_F.REMCSUM_TX,
        VXLAN_F.REMCSUM_RX,
        VXLAN_F.LOCALBYPASS,
    )
    skb_put_data(skb, SECOND(not has(VXLAN_F.UDP_ZERO_CSUM_TX), *(has(flag) for flag in second)))
    nla_put(skb, IFLA_VXLAN.PORT_RANGE.number, cfg.port_range)
    for flag, attr in (
        (VXLAN_F.GBP, IFLA_VXLAN.GBP),
        (VXLAN_F.GPE, IFLA_VXLAN.GPE),
        (VXLAN_F.REMCSUM_NOPARTIAL, IFLA_VXLAN.REMCSUM_NOPARTIAL),
    ):
        if has(flag):
            nla_put_flag(skb, attr)
    if has(VXLAN_F.VNIFILTER):
        nla_put_u8(skb, IFLA_VXLAN.VNIFILTER, 1)
    nla_put(skb, IFLA_VXLAN.RESERVED_BITS.number, RESERVED_BITS)


def put_address(skb: sk_buff, addr: bytes, four: Any, six: Any) -> None:
    """An address, unless it is zeros."""
    if any(addr):
        nla_put(skb, (four if len(addr) == 4 else six).number, addr)
