"""What no command does: send packets, advertise a router, route multicast, load BPF programs, disturb a dump.

Each function gets the stage of a scenario (recorder.Stage) and may return what is to be asked or what was said.

Knows: the packets and socket options involved, bpf(2).
Never: which messages come of it.
"""

import ctypes
import os
import platform
import socket
import struct
from collections.abc import Callable
from typing import Any

from tools.capture import netlink
from tools.capture.netlink import F_DUMP, F_REQUEST, NETLINK_EXT_ACK, RTM, message
from tools.capture.overhear import syscall
from tools.capture.scenarios.script import Said

IPPROTO_IGMP, IPPROTO_ICMPV6, IPPROTO_IPV6 = 2, 58, 41
MRT_INIT, MRT_ADD_VIF, MRT_ADD_MFC, MRT_ADD_MFC_PROXY = 200, 202, 204, 210
VIFF_USE_IFINDEX = 8

BPF_PROG_LOAD = 5
BPF_CALL = {"x86_64": 321, "aarch64": 280}
BPF_TYPES = {"sched_cls": 3, "xdp": 6, "lwt_in": 10, "lwt_out": 11, "lwt_xmit": 12, "lwt_seg6local": 19}


def in_peer(stage: Any, action: Callable[[], None]) -> None:
    """Do something in the second namespace, in a child of ours."""
    child = os.fork()
    if child == 0:
        try:
            stage.apart.enter_peer()
            action()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def advertise(stage: Any) -> None:
    """A router advertisement with everything in it."""
    in_peer(stage, lambda: send_advertisement(lifetime=1800, valid=7200, preferred=3600))


def advertise_again(stage: Any) -> None:
    """The same router, other lifetimes."""
    in_peer(stage, lambda: send_advertisement(lifetime=900, valid=86400, preferred=0))


def withdraw(stage: Any) -> None:
    """The router says that it is none any more."""
    in_peer(stage, lambda: send_advertisement(lifetime=0, valid=0, preferred=0))


def send_advertisement(lifetime: int, valid: int, preferred: int) -> None:
    """An ICMPv6 router advertisement (RFC 4861, 4191, 8106) to all nodes; the kernel fills in the checksum."""
    server = netlink.ip6("2001:db8:53::53")
    options = [
        struct.pack(">BB6s", 1, 1, netlink.mac("02:00:00:00:00:13")),
        struct.pack(">BBHI", 5, 1, 0, 1400),
        struct.pack(">BBBBIII16s", 3, 4, 64, 0xC0, valid, preferred, 0, netlink.ip6("2001:db8:aa::")),
        struct.pack(">BBBBIII16s", 3, 4, 64, 0x80, valid, preferred, 0, netlink.ip6("2001:db8:ab::")),
        struct.pack(">BBBBI16s", 24, 3, 48, 0x08, lifetime, netlink.ip6("2001:db8:ac::")),
        struct.pack(">BBHI16s", 25, 3, 0, 600, server),
        struct.pack(">BBHI", 31, 3, 0, 600) + b"\7example\3org\0" + bytes(3),
        struct.pack(">BBH12s", 38, 2, 600 << 3 & 0xFFF8, netlink.ip6("64:ff9b::")[:12]),
        struct.pack(">BB", 37, 2) + b"https://p.org\0",
    ]
    packet = struct.pack(">BBHBBHII", 134, 0, 0, 64, 0x08, lifetime, 30000, 1000) + b"".join(options)
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, IPPROTO_ICMPV6) as sock:
        sock.setsockopt(IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        sock.sendto(packet, ("ff02::1", 0, 0, socket.if_nametoindex("w1")))


def route_multicast(stage: Any) -> None:
    """Be an IPv4 multicast router: two interfaces, one route with, one without origin, one packet nobody knows a way for."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, IPPROTO_IGMP)
    stage.keep.append(sock)
    sock.setsockopt(socket.IPPROTO_IP, MRT_INIT, 1)
    for vif, index in enumerate((12, 10, 11)):
        sock.setsockopt(socket.IPPROTO_IP, MRT_ADD_VIF, struct.pack("=HBBIII", vif, VIFF_USE_IFINDEX, 1, 0, index, 0))
    origin, group = netlink.ip4("198.51.100.2"), netlink.ip4("239.1.1.1")
    ttls = bytes([0, 1, 5]) + bytes(29)
    sock.setsockopt(socket.IPPROTO_IP, MRT_ADD_MFC, struct.pack("=4s4sH32sxxIIIi", origin, group, 0, ttls, 0, 0, 0, 0))
    proxy = struct.pack("=4s4sH32sxxIIIi", bytes(4), netlink.ip4("239.2.0.0"), 0, bytes([1, 1]) + bytes(30), 0, 0, 0, 0)
    sock.setsockopt(socket.IPPROTO_IP, MRT_ADD_MFC_PROXY, proxy)
    in_peer(stage, lambda: send_multicast("239.1.1.1"))
    in_peer(stage, lambda: send_multicast("239.9.9.9"))


def route_multicast6(stage: Any) -> None:
    """The same for IPv6."""
    sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, IPPROTO_ICMPV6)
    stage.keep.append(sock)
    sock.setsockopt(IPPROTO_IPV6, MRT_INIT, 1)
    for mif, index in enumerate((12, 10, 11)):
        sock.setsockopt(IPPROTO_IPV6, MRT_ADD_VIF, struct.pack("=HBBHxxI", mif, 0, 1, index, 0))
    origin, group = (
        struct.pack("=HHI16sI", socket.AF_INET6, 0, 0, netlink.ip6(text), 0) for text in ("2001:db8:2::2", "ff05::1:1")
    )
    sock.setsockopt(IPPROTO_IPV6, MRT_ADD_MFC, origin + group + struct.pack("=Hxx8I", 0, 6, *[0] * 7))


def send_multicast(group: str) -> None:
    """One datagram to a multicast group from the second namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 8)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, netlink.ip4("198.51.100.2"))
        sock.sendto(b"hello", (group, 9))


def stop(stage: Any) -> None:
    """Close what earlier steps had to keep open."""
    while stage.keep:
        stage.keep.pop().close()


def load_bpf(stage: Any, kind: str, result: int = 0, name: str = "nlwire") -> int:
    """Load a BPF program that returns ``result``; its descriptor, kept open by the stage. PermissionError without CAP_BPF."""
    code = struct.pack("=BBhi", 0xB7, 0, 0, result) + struct.pack("=BBhi", 0x95, 0, 0, 0)  # r0 = result; exit
    instructions, licence = ctypes.create_string_buffer(code), ctypes.create_string_buffer(b"GPL")
    log = ctypes.create_string_buffer(4096)
    attr = struct.pack(
        "=IIQQIIQII16s",
        *(BPF_TYPES[kind], 2, ctypes.addressof(instructions), ctypes.addressof(licence)),
        *(1, len(log), ctypes.addressof(log), 0, 0, name.encode()),
    )
    fd = syscall(BPF_CALL[platform.machine()], BPF_PROG_LOAD, attr, len(attr))
    stage.keep.append(os.fdopen(fd, "rb", buffering=0))
    return fd


def disturb_dump(stage: Any) -> list[Said]:
    """Add a link between two parts of a dump of links: the next message says NLM_F_DUMP_INTR."""
    why = "a link is added between two parts of a dump"
    request = message(RTM.GETLINK, F_REQUEST | F_DUMP, bytes(16), netlink.attr(29, netlink.u32(1)))
    said = [Said("request", why, request)]
    with netlink.open_socket(0, NETLINK_EXT_ACK) as sock:
        sock.send(request)
        said.append(Said("reply", why, sock.recv(4096)))
        stage.quietly("ip link add d0 type veth peer name d1")
        said += [Said("reply", why, datagram) for datagram in netlink.drain(sock)]
    stage.quietly("ip link del d0")
    return said


def second_dump(stage: Any) -> list[Said]:
    """Ask for a second dump before the first is read: EBUSY between its parts."""
    why = "a second dump before the first was read"
    request = message(RTM.GETLINK, F_REQUEST | F_DUMP, bytes(16), netlink.attr(29, netlink.u32(8)))
    with netlink.open_socket(0, NETLINK_EXT_ACK) as sock:
        sock.send(request)
        sock.send(message(RTM.GETADDR, F_REQUEST | F_DUMP, bytes(8), seq=2))
        return [Said("reply", why, datagram) for datagram in netlink.drain(sock)]
