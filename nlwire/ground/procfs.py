"""/proc/net as the mock kernel would have it: what old programs read where newer ones ask rtnetlink.

    dev        net/core/net-procfs.c: dev_seq_printf_stats()        route    net/ipv4/fib_trie.c: fib_route_seq_show()
    if_inet6   net/ipv6/addrconf.c: if6_seq_show()                  arp      net/ipv4/arp.c: arp_seq_show()

Knows: the forms of these files.
Never: who reads them.
"""

import struct
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from nlwire.codec.message import Message
from nlwire.session import Session
from nlwire.uapi.if_addr import IFA, address
from nlwire.uapi.if_link import IFLA, link
from nlwire.uapi.neighbour import NDA, NUD, neighbour
from nlwire.uapi.rtnetlink import RT_TABLE, RTA, RTAX, RTN, route
from nlwire.uapi.socket import AF

DEV_HEAD = (
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|"
    "bytes    packets errs drop fifo colls carrier compressed\n"
)
ROUTE_HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT"
ROUTE_WIDTH = 127
ARP_HEAD = "IP address       HW type     Flags       HW address            Mask     Device\n"
RTF_UP, RTF_GATEWAY, RTF_HOST, RTF_REJECT = 0x1, 0x2, 0x4, 0x200
ATF_COM, ATF_PERM = 0x2, 0x4
REFUSING = (RTN.UNREACHABLE, RTN.PROHIBIT)
ADVMSS_HEADERS = 40


def names(nl: Session) -> dict[int, str]:
    """Devices by index."""
    return {int(one.ifi_index): str(one[IFLA.IFNAME]) for one in nl.dump(link)}


def dev(nl: Session) -> str:
    """/proc/net/dev."""
    return DEV_HEAD + "".join(dev_line(one) for one in nl.dump(link))


def dev_line(one: Message) -> str:
    """A device and its counters."""
    stats = one[IFLA.STATS64]

    def count(name: str) -> int:
        return int(getattr(stats, name))

    frame = sum(count(f"rx_{name}_errors") for name in ("length", "over", "crc", "frame"))
    carrier = sum(count(f"tx_{name}_errors") for name in ("carrier", "aborted", "window", "heartbeat"))
    return (
        f"{one[IFLA.IFNAME]!s:>6}: {count('rx_bytes'):7} {count('rx_packets'):7} {count('rx_errors'):4} "
        f"{count('rx_dropped') + count('rx_missed_errors'):4} {count('rx_fifo_errors'):4} {frame:5} "
        f"{count('rx_compressed'):10} {count('multicast'):9} {count('tx_bytes'):8} {count('tx_packets'):7} "
        f"{count('tx_errors'):4} {count('tx_dropped'):4} {count('tx_fifo_errors'):4} {count('collisions'):5} "
        f"{carrier:7} {count('tx_compressed'):10}\n"
    )


def routes(nl: Session) -> str:
    """/proc/net/route: the main table."""
    known = names(nl)
    lines = [ROUTE_HEAD]
    for one in nl.dump(route, rtm_family=AF.INET):
        table = int(one[RTA.TABLE]) if RTA.TABLE in one else int(one.rtm_table)
        if table == RT_TABLE.MAIN and one.rtm_type not in (RTN.BROADCAST, RTN.MULTICAST):
            lines.append(route_line(one, known))
    return "".join(line.ljust(ROUTE_WIDTH) + "\n" for line in lines)


def route_line(one: Message, known: dict[int, str]) -> str:
    """A route by its first nexthop."""
    oif, gateway = first_nexthop(one)
    length = int(one.rtm_dst_len)
    mask = (0xFFFFFFFF << 32 - length) & 0xFFFFFFFF
    flags = RTF_UP | (RTF_GATEWAY if gateway else 0) | (RTF_HOST if length == 32 else 0)
    flags |= RTF_REJECT if one.rtm_type in REFUSING else 0
    metrics: Any = {}
    if RTA.METRICS in one:
        metrics = one[RTA.METRICS]
    advmss = int(metrics[RTAX.ADVMSS]) + ADVMSS_HEADERS if RTAX.ADVMSS in metrics else 0
    window = int(metrics[RTAX.WINDOW]) if RTAX.WINDOW in metrics else 0
    rtt = int(metrics[RTAX.RTT]) >> 3 if RTAX.RTT in metrics else 0
    metric = int(one[RTA.PRIORITY]) if RTA.PRIORITY in one else 0
    dst = number(one[RTA.DST]) if RTA.DST in one else 0
    name = known.get(oif, "*")
    return (
        f"{name}\t{dst:08X}\t{gateway:08X}\t{flags:04X}\t0\t0\t{metric}\t{swapped(mask):08X}\t{advmss}\t{window}\t{rtt}"
    )


def first_nexthop(one: Message) -> tuple[int, int]:
    """(device, gateway) of a route, or of the first of its nexthops."""
    if RTA.MULTIPATH in one:
        way = one[RTA.MULTIPATH][0]
        return int(way.rtnh_ifindex), number(way[RTA.GATEWAY]) if RTA.GATEWAY in way else 0
    return int(one[RTA.OIF]) if RTA.OIF in one else 0, number(one[RTA.GATEWAY]) if RTA.GATEWAY in one else 0


def number(text: Any) -> int:
    """An IPv4 address as the number that its bytes are in memory."""
    return int(struct.unpack("=I", IPv4Address(str(text)).packed)[0])


def swapped(value: int) -> int:
    """A number of network order as it is in memory."""
    return int(struct.unpack("=I", struct.pack(">I", value))[0])


def if_inet6(nl: Session) -> str:
    """/proc/net/if_inet6."""
    known = names(nl)
    return "".join(
        f"{IPv6Address(str(one[IFA.ADDRESS])).packed.hex()} {int(one.ifa_index):02x} {int(one.ifa_prefixlen):02x} "
        f"{scope(int(one.ifa_scope)):02x} {int(one.ifa_flags) & 0xFF:02x} {known.get(int(one.ifa_index), '?'):>8}\n"
        for one in nl.dump(address, ifa_family=AF.INET6)
        if one.ifa_family == AF.INET6
    )


def scope(of_rtnetlink: int) -> int:
    """IPV6_ADDR_LOOPBACK, _LINKLOCAL, _SITELOCAL, or 0 for global ones."""
    return {254: 0x10, 253: 0x20, 200: 0x40}.get(of_rtnetlink, 0)


def arp(nl: Session) -> str:
    """/proc/net/arp: neighbours that have a state."""
    known = names(nl)
    lines = [ARP_HEAD]
    for one in nl.dump(neighbour, ndm_family=AF.INET):
        state = int(one.ndm_state)
        flags = (
            ATF_PERM | ATF_COM if state & NUD.PERMANENT else ATF_COM if state & ~(NUD.INCOMPLETE | NUD.FAILED) else 0
        )
        if state & NUD.NOARP:
            continue
        mac = str(one[NDA.LLADDR]) if NDA.LLADDR in one else "00:00:00:00:00:00"
        lines.append(
            f"{one[NDA.DST]!s:<16} 0x{1:<10x}0x{flags:<10x}{mac:<17}     *        {known.get(int(one.ndm_ifindex), '?')}\n"
        )
    return "".join(lines)


FILES: dict[str, Callable[[Session], str]] = {"dev": dev, "route": routes, "if_inet6": if_inet6, "arp": arp}
"""Files below /proc/net that are the mock's and that rtnetlink can tell; the others stay the real kernel's, netlink excepted."""
