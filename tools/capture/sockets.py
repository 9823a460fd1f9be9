"""Sockets of every family in many states, for the kernel to tell of; traffic for netfilter to see.

Each function gets the stage of a scenario (recorder.Stage) and keeps open what it opens.

Knows: socket options, ports and paths that scenarios may rely on.
Never: which messages come of it.
"""

import ctypes
import socket
import struct
import time
from pathlib import Path
from typing import Any

LISTENING, LISTENING6, ANY6 = 2001, 2002, 2003
SUN_PATH = Path("/tmp/nlwire-capture.sock")
TCP_CONGESTION, TCP_MD5SIG, TCP_ULP = 13, 14, 31
SO_MARK, SO_ATTACH_FILTER = 36, 26
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_FANOUT, PACKET_RX_RING, PACKET_AUXDATA = 263, 1, 18, 5, 8
IPPROTO_MPTCP = 262
SETTLED = 0.05
"""Seconds for what the kernel answers itself."""


def opened(stage: Any, family: int, kind: int, protocol: int = 0) -> socket.socket:
    """A socket that stays open as long as the stage."""
    sock = socket.socket(family, kind, protocol)
    stage.keep.append(sock)
    return sock


def listener(stage: Any, family: int, address: Any) -> socket.socket:
    """A TCP socket that listens."""
    sock = opened(stage, family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(address)
    sock.listen(5)
    return sock


def connection(stage: Any, server: socket.socket, port: int = 0) -> tuple[socket.socket, socket.socket]:
    """Both ends of a connection to a socket that listens: who connected, who accepted."""
    client = opened(stage, server.family, socket.SOCK_STREAM)
    address = server.getsockname()
    if port:
        client.bind((address[0], port))
    client.connect(address)
    accepted, _ = server.accept()
    stage.keep.append(accepted)
    return client, accepted


def open_tcp(stage: Any) -> None:
    """TCP: listening, established with bytes that wait, half closed, closed, and one that nobody answers."""
    server = listener(stage, socket.AF_INET, ("127.0.0.1", LISTENING))
    server6 = listener(stage, socket.AF_INET6, ("::1", LISTENING6))
    listener(stage, socket.AF_INET6, ("::", ANY6))
    client, accepted = connection(stage, server, 40001)
    client.send(b"hello")
    accepted.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, b"reno")
    accepted.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 0x10)
    accepted.setsockopt(socket.SOL_SOCKET, SO_MARK, 7)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection(stage, server6, 40002)
    half, _ = connection(stage, server, 40003)
    half.shutdown(socket.SHUT_WR)  # FIN_WAIT2 here, CLOSE_WAIT there
    gone, other = connection(stage, server, 40004)
    gone.close()
    other.close()  # TIME_WAIT
    waiting = opened(stage, socket.AF_INET, socket.SOCK_STREAM)
    waiting.connect(("127.0.0.1", LISTENING))  # nobody accepts it
    unanswered = opened(stage, socket.AF_INET, socket.SOCK_STREAM)
    unanswered.setblocking(False)
    unanswered.connect_ex(("192.0.2.77", 9))  # SYN_SENT
    time.sleep(SETTLED)


def open_tcp_options(stage: Any) -> None:
    """TCP with a key for signatures, and MPTCP, where the kernel has them."""
    server = listener(stage, socket.AF_INET, ("127.0.0.1", 2004))
    peer = struct.pack("=HH4s120x", socket.AF_INET, 0, socket.inet_aton("127.0.0.9"))
    try:
        server.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG, peer + struct.pack("=BBHI80s", 0, 0, 6, 0, b"secret"))
        multi = opened(stage, socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
        multi.bind(("127.0.0.1", 2005))
        multi.listen(5)
    except OSError as error:
        stage.refused.append(f"TCP's options: {error}")


def open_datagrams(stage: Any) -> None:
    """UDP bound and connected, of both families, with datagrams that wait; raw sockets."""
    bound = opened(stage, socket.AF_INET, socket.SOCK_DGRAM)
    bound.bind(("127.0.0.1", 2011))
    connected = opened(stage, socket.AF_INET, socket.SOCK_DGRAM)
    connected.bind(("127.0.0.1", 40011))
    connected.connect(("127.0.0.1", 2011))
    connected.send(b"hello")
    bound6 = opened(stage, socket.AF_INET6, socket.SOCK_DGRAM)
    bound6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    bound6.bind(("::", 2012))
    opened(stage, socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    opened(stage, socket.AF_INET6, socket.SOCK_RAW, 58)


def open_unix(stage: Any) -> None:
    """AF_UNIX with names of both sorts and none; connections accepted, waiting and ended."""
    SUN_PATH.unlink(missing_ok=True)
    server = opened(stage, socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(SUN_PATH))
    server.listen(5)
    client = opened(stage, socket.AF_UNIX, socket.SOCK_STREAM)
    client.connect(str(SUN_PATH))
    accepted, _ = server.accept()
    stage.keep.append(accepted)
    client.send(b"hello")
    accepted.shutdown(socket.SHUT_WR)
    waiting = opened(stage, socket.AF_UNIX, socket.SOCK_STREAM)
    waiting.connect(str(SUN_PATH))
    hidden = opened(stage, socket.AF_UNIX, socket.SOCK_DGRAM)
    hidden.bind("\0nlwire")
    stage.keep += socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def open_packet(stage: Any) -> None:
    """AF_PACKET: raw with a filter and an address to hear, cooked with a ring, one of a fanout group."""
    raw = opened(stage, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
    raw.bind(("v0", 0))
    raw.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    group = struct.pack("=iHH8s", 10, 0, 6, bytes.fromhex("01005e010101"))
    raw.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, group)
    attach(raw, struct.pack("=HBBI", 0x06, 0, 0, 0xFFFF))
    cooked = opened(stage, socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    cooked.setsockopt(SOL_PACKET, PACKET_RX_RING, struct.pack("=IIII", 4096, 1, 2048, 2))
    fanned = opened(stage, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
    fanned.setsockopt(SOL_PACKET, PACKET_FANOUT, 7)


def attach(sock: socket.socket, code: bytes) -> None:
    """SO_ATTACH_FILTER: classic BPF."""
    buffer = ctypes.create_string_buffer(code, len(code))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer)))


def open_netlink(stage: Any) -> None:
    """Netlink sockets: a member of groups, one with options set."""
    member = opened(stage, socket.AF_NETLINK, socket.SOCK_RAW, 0)
    member.bind((0x10001, 1 | 1 << 4))
    member.setsockopt(270, 1, 33)
    options = opened(stage, socket.AF_NETLINK, socket.SOCK_DGRAM, 16)
    options.bind((0x10002, 0))
    for option in (3, 4, 5, 10):
        options.setsockopt(270, option, 1)
    options.connect((0, 0))


def close_all(stage: Any) -> None:
    """Close every socket that a step of the case opened."""
    while stage.keep:
        stage.keep.pop().close()
    SUN_PATH.unlink(missing_ok=True)


def talk_tcp(stage: Any) -> None:
    """A TCP connection over lo, from its first packet to its last."""
    server = listener(stage, socket.AF_INET, ("127.0.0.1", 80))
    client, accepted = connection(stage, server, 40080)
    client.send(b"hello")
    accepted.recv(5)
    time.sleep(SETTLED)
    client.close()
    accepted.close()
    time.sleep(SETTLED)
    close_all(stage)


def talk_udp(stage: Any) -> None:
    """A datagram and its answer, of IPv4 and of IPv6; one that nobody wants."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as server, socket.socket(family, socket.SOCK_DGRAM) as client:
            server.bind((host, 53))
            client.bind((host, 40053))
            client.sendto(b"what?", (host, 53))
            question, asker = server.recvfrom(64)
            server.sendto(question, asker)
    stage.send_to("127.0.0.1")
    time.sleep(SETTLED)


def talk_icmp(stage: Any) -> None:
    """An echo request of IPv4 and one of IPv6, which lo answers; the kernel fills in the second's checksum."""
    for family, protocol, host, echo in (
        (socket.AF_INET, socket.IPPROTO_ICMP, "127.0.0.1", struct.pack(">BBHHH", 8, 0, 0xF7F7, 7, 1)),
        (socket.AF_INET6, socket.IPPROTO_ICMPV6, "::1", struct.pack(">BBHHH", 128, 0, 0, 7, 1)),
    ):
        with socket.socket(family, socket.SOCK_RAW, protocol) as sock:
            sock.sendto(echo, (host, 0))
    time.sleep(SETTLED)
