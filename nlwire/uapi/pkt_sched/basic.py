"""include/uapi/linux/pkt_sched.h: handles, rates, size tables, and the qdiscs whose options are one struct.

Knows: TC_PRIO, TC_H, tc_ratespec, TCA_STAB; pfifo, bfifo, prio, pfifo_fast, multiq, skbprio, plug.
Never: qdiscs with attributes of their own.
"""

from typing import Annotated

from nlwire.schema import (
    Attr,
    AttrSet,
    UapiEnum,
    UapiStruct,
    array_of,
    repeat,
    s8,
    s16,
    s32,
    struct_of,
    u8,
    u16,
    u32,
    u64,
)

TC_PRIO_MAX = 15
TC_H_MAJ_MASK = 0xFFFF0000
TC_H_MIN_MASK = 0x0000FFFF
TC_LINKLAYER_MASK = 0x0F
TC_RTAB_SIZE = 1024
"""Bytes of a rate table: 256 numbers."""


class TC_PRIO(UapiEnum):
    """Logical priorities, which a priority map turns into bands."""

    BESTEFFORT = 0
    FILLER = 1
    BULK = 2
    INTERACTIVE_BULK = 4
    INTERACTIVE = 6
    CONTROL = 7


class TC_H(UapiEnum):
    """Parents that are no handle; other handles are major << 16 | minor."""

    UNSPEC = 0
    ROOT = 0xFFFFFFFF
    INGRESS = 0xFFFFFFF1
    CLSACT = 0xFFFFFFF1
    MIN_PRIORITY = 0xFFE0
    MIN_INGRESS = 0xFFF2
    MIN_EGRESS = 0xFFF3


class TC_LINKLAYER(UapiEnum):
    """What a packet's length on the wire is reckoned by (enum tc_link_layer)."""

    UNAWARE = 0
    ETHERNET = 1
    ATM = 2


class TCQ_PLUG(UapiEnum):
    """tc_plug_qopt's action."""

    BUFFER = 0
    RELEASE_ONE = 1
    RELEASE_INDEFINITE = 2
    LIMIT = 3


class tc_stats(UapiStruct):
    """TCA_STATS: counters in the form of before TCA_STATS2."""

    bytes: u64 = 0
    packets: u32 = 0
    drops: u32 = 0
    overlimits: u32 = 0
    bps: u32 = 0
    pps: u32 = 0
    qlen: u32 = 0
    backlog: u32 = 0


class tc_estimator(UapiStruct):
    """struct gnet_estimator under its older name."""

    interval: s8 = 0
    ewma_log: u8 = 0


class tc_ratespec(UapiStruct):
    """A rate in bytes a second and how lengths are reckoned; linklayer uses the low 4 bits."""

    cell_log: u8 = 0
    linklayer: Annotated[u8, TC_LINKLAYER] = 0
    overhead: u16 = 0
    cell_align: s16 = 0
    mpu: u16 = 0
    rate: u32 = 0


class tc_sizespec(UapiStruct):
    """TCA_STAB_BASE: how TCA_STAB_DATA is looked up."""

    cell_log: u8 = 0
    size_log: u8 = 0
    cell_align: s16 = 0
    overhead: s32 = 0
    linklayer: Annotated[u32, TC_LINKLAYER] = 0
    mpu: u32 = 0
    mtu: u32 = 0
    tsize: u32 = 0


class TCA_STAB(AttrSet):
    """A table of sizes: what a packet of a length weighs."""

    BASE = Attr(1, struct_of(tc_sizespec))
    DATA = Attr(2, array_of(u16), "tsize sizes")


class tc_fifo_qopt(UapiStruct):
    """pfifo, pfifo_head_drop (packets) and bfifo (bytes)."""

    limit: u32 = 0


class tc_skbprio_qopt(UapiStruct):
    """skbprio."""

    limit: u32 = 0


class tc_prio_qopt(UapiStruct):
    """prio and pfifo_fast: number of bands, band of each TC_PRIO."""

    bands: s32 = 0
    priomap: Annotated[tuple[int, ...], repeat(u8, TC_PRIO_MAX + 1)] = (0,) * (TC_PRIO_MAX + 1)


class tc_multiq_qopt(UapiStruct):
    """multiq."""

    bands: u16 = 0
    max_bands: u16 = 0


class tc_plug_qopt(UapiStruct):
    """plug, which only takes commands and shows nothing."""

    action: Annotated[s32, TCQ_PLUG] = 0
    limit: u32 = 0
