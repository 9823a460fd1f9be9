"""ioctl() of network devices, answered by rtnetlink: the device that SIOCGIFINDEX finds is the one that RTM_GETLINK shows.

    struct ifreq   ifr_name[16] | union: ifr_ifindex, ifr_flags, ifr_mtu, ifr_addr (struct sockaddr), ifr_map, …
    struct rtentry rt_dst, rt_gateway, rt_genmask (sockaddrs from 8 on) | rt_flags at 56 | rt_metric 80 | rt_dev 88

net/core/dev_ioctl.c, net/ipv4/devinet.c (devinet_ioctl), net/ipv4/fib_frontend.c (ip_rt_ioctl).

Knows: these structs, what each request is in rtnetlink's words.
Never: whose socket it came by.
"""

import os
import struct
from collections.abc import Callable
from contextlib import suppress
from errno import EADDRNOTAVAIL, EINVAL, ENODEV, ENOTTY, EOPNOTSUPP
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from nlwire.codec.message import Message
from nlwire.errors import BuildError, NetlinkError
from nlwire.kernel import Kernel, net, task
from nlwire.session import Session
from nlwire.uapi.if_ import IFF, IFNAMSIZ
from nlwire.uapi.if_addr import IFA, address
from nlwire.uapi.if_link import IFLA, link
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import RTPROT
from nlwire.uapi.socket import AF

IFREQ = 40
PORTID = 0xFFFFFFFE
"""Of the socket that asks: no program's, and none that the kernel gives."""
SOCKADDR_IN = struct.Struct("=HH4s8x")
RTF_GATEWAY, RTF_REJECT = 0x2, 0x200

Reader = Callable[["Devices", str], bytes]
Writer = Callable[["Devices", str, bytes], object]


def failing(errno: int) -> OSError:
    """What makes the ioctl fail."""
    return OSError(errno, os.strerror(errno))


def sockaddr_in(text: Any) -> bytes:
    """A struct sockaddr_in without a port."""
    return SOCKADDR_IN.pack(AF.INET, 0, IPv4Address(text).packed)


def ipv4_of(data: bytes, offset: int = 0) -> IPv4Address:
    """The address in a struct sockaddr_in; EINVAL for one of another family."""
    family, _port, packed = SOCKADDR_IN.unpack_from(data, offset)
    if family != AF.INET:
        raise failing(EINVAL)
    return IPv4Address(packed)


class Devices:
    """The ioctls of one namespace of a mock kernel."""

    def __init__(self, kernel: Kernel, home: net) -> None:
        self._kernel, self._home = kernel, home
        self._session: Session | None = None

    @property
    def nl(self) -> Session:
        """The conversation that answers."""
        if self._session is None:
            sock = self._kernel.socket(NETLINK.ROUTE, home=self._home)
            for portid in range(PORTID, 0, -1):  # another run on the same kernel has one too
                with suppress(OSError):
                    sock.bind((portid, 0))
                    break
            self._session = Session(sock)
        return self._session

    def ioctl(self, request: int, data: bytes) -> bytes:
        """What is in the struct after the request. Raises OSError."""
        try:
            with self._kernel.run_as(task()):
                return self._ioctl(request, data)
        except NetlinkError as refused:
            raise failing(refused.errno or EINVAL) from None
        except (BuildError, ValueError):
            raise failing(EINVAL) from None

    def _ioctl(self, request: int, data: bytes) -> bytes:
        if request == SIOCGIFCONF:
            return self.conf()
        if request in ROUTES:
            ROUTES[request](self, data)
            return data
        name = data[:IFNAMSIZ].split(b"\0")[0].decode(errors="surrogateescape").partition(":")[0]
        if request == SIOCGIFNAME:
            return self.name(data)
        if request in READERS:
            return (data[:IFNAMSIZ] + READERS[request](self, name)).ljust(IFREQ, b"\0")
        if request in WRITERS:
            WRITERS[request](self, name, data[IFNAMSIZ:])
            return data
        self.link(name)
        raise failing(EOPNOTSUPP if request in KNOWN_ELSEWHERE else ENOTTY)

    # --- looking -----------------------------------------------------------------------------------------------------

    def link(self, name: str) -> Message:
        """The link of a name. Raises OSError (ENODEV)."""
        if not name:
            raise failing(ENODEV)
        return self.nl.get(link, {IFLA.IFNAME: name})

    def name(self, data: bytes) -> bytes:
        """SIOCGIFNAME: the name of an index."""
        index = struct.unpack_from("=i", data, IFNAMSIZ)[0]
        if index <= 0:
            raise failing(ENODEV)
        found = str(self.nl.get(link, ifi_index=index)[IFLA.IFNAME])
        return found.encode(errors="surrogateescape").ljust(IFNAMSIZ, b"\0") + data[IFNAMSIZ:]

    def flags(self, name: str) -> bytes:
        """SIOCGIFFLAGS: the low half of ifi_flags."""
        return struct.pack("=H", int(self.link(name).ifi_flags) & 0xFFFF)

    def number(self, name: str, attr: Any) -> bytes:
        """An attribute as an int."""
        return struct.pack("=i", int(self.link(name)[attr]))

    def zeros(self, name: str, size: int) -> bytes:
        """What no device has any more: a metric, a memory map."""
        self.link(name)
        return bytes(size)

    def lladdr(self, name: str) -> bytes:
        """SIOCGIFHWADDR: sa_family is the hardware type."""
        found = self.link(name)
        said = str(found[IFLA.ADDRESS]) if IFLA.ADDRESS in found else ""
        octets = bytes.fromhex(said.replace(":", ""))
        return struct.pack("=H", int(found.ifi_type)) + octets[:14]

    def addresses(self, name: str) -> list[Message]:
        """The IPv4 addresses of a device, in order."""
        index = int(self.link(name).ifi_index)
        return [one for one in self.nl.dump(address, ifa_family=AF.INET) if int(one.ifa_index) == index]

    def first(self, name: str) -> Message:
        """Its first address. Raises OSError (EADDRNOTAVAIL)."""
        found = self.addresses(name)
        if not found:
            raise failing(EADDRNOTAVAIL)
        return found[0]

    def inet(self, name: str, *attrs: Any) -> bytes:
        """An address of the first address: the first attribute that is there."""
        found = self.first(name)
        return sockaddr_in(next((found[one] for one in attrs if one in found), "0.0.0.0"))

    def netmask(self, name: str) -> bytes:
        """SIOCGIFNETMASK."""
        return sockaddr_in(IPv4Network(f"0.0.0.0/{int(self.first(name).ifa_prefixlen)}").netmask)

    def conf(self) -> bytes:
        """SIOCGIFCONF: a struct ifreq for each IPv4 address; its label is its name."""
        found = b""
        for one in self.nl.dump(address, ifa_family=AF.INET):
            label = str(one[IFA.LABEL]).encode(errors="surrogateescape")
            found += (label.ljust(IFNAMSIZ, b"\0") + sockaddr_in(one[IFA.LOCAL])).ljust(IFREQ, b"\0")
        return found

    # --- changing ----------------------------------------------------------------------------------------------------

    def set_flags(self, name: str, data: bytes) -> None:
        """SIOCSIFFLAGS."""
        flags = struct.unpack_from("=H", data)[0]
        self.link(name)
        self.nl.link.change(name, up=bool(flags & IFF.UP))

    def set_address(self, name: str, data: bytes) -> None:
        """SIOCSIFADDR: the first address is replaced, with the netmask of its class; 0.0.0.0 takes it away."""
        wanted = ipv4_of(data)
        self._readdress(name, wanted, class_prefix(wanted))

    def set_netmask(self, name: str, data: bytes) -> None:
        """SIOCSIFNETMASK."""
        mask = ipv4_of(data)
        self._readdress(name, IPv4Address(str(self.first(name)[IFA.LOCAL])), IPv4Network(f"0.0.0.0/{mask}").prefixlen)

    def _readdress(self, name: str, wanted: IPv4Address, prefixlen: int) -> None:
        for one in self.addresses(name)[:1]:
            self.nl.address.delete(f"{one[IFA.LOCAL]}/{int(one.ifa_prefixlen)}", name)
        if int(wanted):
            network = IPv4Network(f"{wanted}/{prefixlen}", strict=False)
            loopback = int(self.link(name).ifi_flags) & IFF.LOOPBACK
            broadcast = {} if loopback or prefixlen >= 31 else {"broadcast": str(network.broadcast_address)}
            self.nl.address.add(f"{wanted}/{prefixlen}", name, **broadcast)  # type: ignore[arg-type]
            self.nl.link.change(name, up=True)

    def set_route(self, data: bytes, add: bool) -> None:
        """SIOCADDRT and SIOCDELRT."""
        flags, metric = struct.unpack_from("=H", data, 56)[0], struct.unpack_from("=h", data, 80)[0]
        masked = struct.unpack_from("=H", data, 40)[0]
        prefixlen = int(ipv4_of(data, 40)).bit_count() if masked else 0
        dst = f"{ipv4_of(data, 8)}/{32 if flags & 4 else prefixlen}"
        said: dict[str, Any] = {}
        if flags & RTF_GATEWAY:
            said["via"] = str(ipv4_of(data, 24))
        if data[120:]:
            said["dev"] = data[120:].split(b"\0")[0].decode(errors="surrogateescape")
        if metric > 1:
            said["metric"] = metric - 1
        if add:
            self.nl.route.add(dst, protocol=RTPROT.BOOT, **said)
        else:
            self.nl.route.delete(dst, **said)


def class_prefix(wanted: IPv4Address) -> int:
    """inet_abc_len(): /8, /16, /24 by the first byte."""
    first = wanted.packed[0]
    return 8 if first < 128 else 16 if first < 192 else 24


SIOCGIFNAME, SIOCGIFCONF = 0x8910, 0x8912
READERS: dict[int, Reader] = {
    0x8913: Devices.flags,
    0x8915: lambda it, name: it.inet(name, IFA.LOCAL),
    0x8917: lambda it, name: it.inet(name, IFA.ADDRESS, IFA.LOCAL),
    0x8919: lambda it, name: it.inet(name, IFA.BROADCAST),
    0x891B: Devices.netmask,
    0x891D: lambda it, name: it.zeros(name, 4),
    0x8921: lambda it, name: it.number(name, IFLA.MTU),
    0x8927: Devices.lladdr,
    0x8933: lambda it, name: struct.pack("=i", int(it.link(name).ifi_index)),
    0x8942: lambda it, name: it.number(name, IFLA.TXQLEN),
    0x8970: lambda it, name: it.zeros(name, 24),
}
"""SIOCGIFFLAGS, -ADDR, -DSTADDR, -BRDADDR, -NETMASK, -METRIC, -MTU, -HWADDR, -INDEX, -TXQLEN, -MAP."""
WRITERS: dict[int, Writer] = {
    0x8914: Devices.set_flags,
    0x8916: Devices.set_address,
    0x891C: Devices.set_netmask,
    0x891A: lambda it, name, data: it.first(name),
    0x8922: lambda it, name, data: it.nl.link.change(name, mtu=struct.unpack_from("=i", data)[0]),
    0x8923: lambda it, name, data: it.nl.link.change(name, rename=data[:IFNAMSIZ].split(b"\0")[0].decode()),
    0x8924: lambda it, name, data: it.nl.link.change(name, address=data[2:8].hex(":")),
    0x8943: lambda it, name, data: it.nl.link.change(name, attrs={IFLA.TXQLEN: struct.unpack_from("=i", data)[0]}),
}
"""SIOCSIFFLAGS, -ADDR, -NETMASK, -BRDADDR, -MTU, -NAME, -HWADDR, -TXQLEN."""
ROUTES: dict[int, Callable[[Devices, bytes], None]] = {
    0x890B: lambda it, data: it.set_route(data, True),
    0x890C: lambda it, data: it.set_route(data, False),
}
"""SIOCADDRT, SIOCDELRT."""
KNOWN_ELSEWHERE = {0x8946, 0x8947, 0x8948, 0x89B0, 0x89B1}
"""SIOCETHTOOL, SIOCGMIIPHY, SIOCGMIIREG, SIOC[SG]HWTSTAMP: for drivers that have it; these have not."""
