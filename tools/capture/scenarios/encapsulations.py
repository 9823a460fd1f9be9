"""Encapsulations by hand (RTA_ENCAP of every type), and routes through BPF programs.

Never: LWTUNNEL_IP_OPTS; see routes.py.
"""

import struct
from typing import Any

from tools.capture import actors
from tools.capture.netlink import attr, be32, ip4, ip6, nest, strz, u8, u16, u32
from tools.capture.scenarios.routes_by_hand import (
    AF_INET6,
    BPF,
    ILA,
    IOAM6,
    IP,
    IP6,
    MPLS,
    RPL,
    RTA_DST,
    RTA_ENCAP,
    RTA_ENCAP_TYPE,
    RTA_OIF,
    SEG6_LOCAL,
    XFRM,
    dump,
    new,
    rtmsg,
    via,
)
from tools.capture.scenarios.script import Ask, Case, Chapter, Do
from tools.capture.scenarios.topology import WIRED

ENCAPS = Case(
    "encap_requests",
    "encapsulations by hand: what this kernel accepts and what it lacks",
    new(
        "IPv4 tunnel in full, but for its options",
        rtmsg(dst_len=16),
        attr(RTA_DST, ip4("10.110.0.0")),
        attr(RTA_OIF, u32(10)),
        attr(RTA_ENCAP_TYPE, u16(IP)),
        nest(
            RTA_ENCAP,
            attr(1, struct.pack(">Q", 7)),
            attr(2, ip4("198.51.100.7")),
            attr(3, ip4("198.51.100.1")),
            attr(4, u8(64)),
            attr(5, u8(3)),
            attr(6, struct.pack(">H", 7)),
        ),
    ),
    new(
        "IPv6 tunnel in full",
        rtmsg(AF_INET6, 48),
        attr(RTA_DST, ip6("2001:db8:110::")),
        attr(RTA_OIF, u32(10)),
        attr(RTA_ENCAP_TYPE, u16(IP6)),
        nest(
            RTA_ENCAP,
            attr(1, struct.pack(">Q", 7)),
            attr(2, ip6("2001:db8::7")),
            attr(3, ip6("2001:db8::1")),
            attr(4, u8(64)),
            attr(5, u8(3)),
            attr(6, struct.pack(">H", 7)),
        ),
    ),
    new(
        "labels",
        rtmsg(dst_len=16),
        attr(1, ip4("10.111.0.0")),
        *via("192.0.2.2"),
        attr(RTA_ENCAP_TYPE, u16(MPLS)),
        nest(RTA_ENCAP, attr(1, be32(100 << 12 | 0x100)), attr(2, u8(9))),
    ),
    new(
        "identifier-locator addressing",
        rtmsg(AF_INET6, 128),
        attr(RTA_DST, ip6("2001:db8:111::1")),
        *via("2001:db8::2"),
        attr(RTA_ENCAP_TYPE, u16(ILA)),
        nest(RTA_ENCAP, attr(1, ip6("2001:db8:1:2::")[:8]), attr(7, u8(0)), attr(8, u8(1)), attr(9, u8(0))),
    ),
    new(
        "RPL source route",
        rtmsg(AF_INET6, 48),
        attr(1, ip6("2001:db8:112::")),
        attr(RTA_OIF, u32(10)),
        attr(RTA_ENCAP_TYPE, u16(RPL)),
        nest(RTA_ENCAP, attr(1, bytes([0, 2, 3, 1, 0, 0, 0, 0]) + ip6("2001:db8:f::1"))),
    ),
    new(
        "IOAM trace",
        rtmsg(AF_INET6, 48),
        attr(RTA_DST, ip6("2001:db8:113::")),
        attr(RTA_OIF, u32(10)),
        attr(RTA_ENCAP_TYPE, u16(IOAM6)),
        nest(
            RTA_ENCAP,
            attr(1, u8(2)),
            attr(2, ip6("2001:db8::9")),
            attr(3, bytes.fromhex("0001000380000000000000000000000000000000")),
            attr(4, u32(1)),
            attr(5, u32(3)),
            attr(6, ip6("2001:db8::1")),
        ),
    ),
    new(
        "a policy of IPsec",
        rtmsg(dst_len=16),
        attr(1, ip4("10.112.0.0")),
        attr(RTA_OIF, u32(10)),
        attr(RTA_ENCAP_TYPE, u16(XFRM)),
        nest(RTA_ENCAP, attr(1, u32(7)), attr(2, u32(10))),
    ),
    new(
        "an encapsulation nobody knows",
        rtmsg(dst_len=16),
        attr(1, ip4("10.113.0.0")),
        attr(RTA_OIF, u32(10)),
        attr(RTA_ENCAP_TYPE, u16(99)),
        nest(RTA_ENCAP, attr(1, u32(7))),
    ),
    new(
        "a type without its payload",
        rtmsg(dst_len=16),
        attr(1, ip4("10.113.0.0")),
        attr(RTA_OIF, u32(10)),
        attr(RTA_ENCAP_TYPE, u16(IP)),
    ),
    new(
        "segment routing, the table of an SR policy with counters",
        rtmsg(AF_INET6, 128),
        attr(RTA_DST, ip6("2001:db8:114::1")),
        attr(RTA_OIF, u32(10)),
        attr(RTA_ENCAP_TYPE, u16(SEG6_LOCAL)),
        nest(
            RTA_ENCAP,
            attr(1, u32(3)),
            attr(3, u32(254)),
            nest(10, attr(2, bytes(8)), attr(3, bytes(8)), attr(4, bytes(8))),
        ),
    ),
    new(
        "segment routing with flavours (compressed identifiers)",
        rtmsg(AF_INET6, 128),
        attr(RTA_DST, ip6("2001:db8:115::1")),
        attr(RTA_OIF, u32(10)),
        attr(RTA_ENCAP_TYPE, u16(SEG6_LOCAL)),
        nest(RTA_ENCAP, attr(1, u32(1)), nest(11, attr(1, u32(1 << 4)), attr(2, u8(32)), attr(3, u8(16)))),
    ),
    new(
        "segment routing with flavours (penultimate pop)",
        rtmsg(AF_INET6, 128),
        attr(RTA_DST, ip6("2001:db8:116::1")),
        attr(RTA_OIF, u32(10)),
        attr(RTA_ENCAP_TYPE, u16(SEG6_LOCAL)),
        nest(RTA_ENCAP, attr(1, u32(1)), nest(11, attr(1, u32(1 << 1)))),
    ),
    dump("IPv4 routes with encapsulations", rtmsg(table=0, protocol=0, kind=0)),
    dump("IPv6 routes with encapsulations", rtmsg(AF_INET6, table=0, protocol=0, kind=0)),
)


def program_routes(stage: Any) -> list[Ask]:
    """Routes whose packets go through BPF programs."""
    entry, leave, transmit = (actors.load_bpf(stage, kind) for kind in ("lwt_in", "lwt_out", "lwt_xmit"))
    local = actors.load_bpf(stage, "lwt_seg6local")

    def program(kind: int, fd: int, name: str) -> bytes:
        return nest(kind, attr(1, u32(fd)), attr(2, strz(name)))

    return [
        new(
            "three programs on the way",
            rtmsg(dst_len=16),
            attr(RTA_DST, ip4("10.120.0.0")),
            attr(RTA_OIF, u32(10)),
            attr(RTA_ENCAP_TYPE, u16(BPF)),
            nest(
                RTA_ENCAP,
                program(1, entry, "in"),
                program(2, leave, "out"),
                program(3, transmit, "xmit"),
                attr(4, u32(14)),
            ),
        ),
        new(
            "a program as the end of a segment",
            rtmsg(AF_INET6, 128),
            attr(RTA_DST, ip6("2001:db8:120::1")),
            attr(RTA_OIF, u32(10)),
            attr(RTA_ENCAP_TYPE, u16(SEG6_LOCAL)),
            nest(RTA_ENCAP, attr(1, u32(15)), program(8, local, "end")),
        ),
    ]


PROGRAMS = Case(
    "bpf",
    "routes through BPF programs",
    Do("routes whose packets go through BPF programs", program_routes),
    "ip route show 10.120.0.0/16",
    "ip -6 route show 2001:db8:120::1",
    Do("the programs are let go", actors.stop),
)

CHAPTERS = (Chapter("route", WIRED, (ENCAPS, PROGRAMS)),)
