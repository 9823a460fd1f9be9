"""include/net/ipv6.h, net/ipv6/addrconf_core.c: kinds and scopes of IPv6 addresses, which are 16 bytes.

Knows: what an address says of itself.
Never: whose address it is.
"""

IPV6_ADDR_ANY = 0x0000
IPV6_ADDR_UNICAST = 0x0001
IPV6_ADDR_MULTICAST = 0x0002
IPV6_ADDR_LOOPBACK = 0x0010
IPV6_ADDR_LINKLOCAL = 0x0020
IPV6_ADDR_SITELOCAL = 0x0040
IPV6_ADDR_COMPATv4 = 0x0080
IPV6_ADDR_SCOPE_MASK = 0x00F0
IPV6_ADDR_MAPPED = 0x1000
IFA_HOST, IFA_LINK, IFA_SITE = IPV6_ADDR_LOOPBACK, IPV6_ADDR_LINKLOCAL, IPV6_ADDR_SITELOCAL
"""Scopes of addresses, inet6_ifaddr.scope."""
SCOPE_INTERFACELOCAL, SCOPE_LINKLOCAL, SCOPE_SITELOCAL, SCOPE_GLOBAL = 1, 2, 5, 14
GLOBAL = SCOPE_GLOBAL << 16
OF_SCOPE = {
    SCOPE_INTERFACELOCAL: IPV6_ADDR_LOOPBACK,
    SCOPE_LINKLOCAL: IPV6_ADDR_LINKLOCAL,
    SCOPE_SITELOCAL: IPV6_ADDR_SITELOCAL,
}

in6addr_any = bytes(16)
in6addr_loopback = bytes(15) + b"\1"
LINKLOCAL_PREFIX = b"\xfe\x80" + bytes(6)
interfacelocal_allnodes, linklocal_allnodes = (
    bytes.fromhex("ff01" + "0" * 27 + "1"),
    bytes.fromhex("ff02" + "0" * 27 + "1"),
)
ALLROUTERS = tuple(bytes.fromhex(f"ff0{scope}" + "0" * 27 + "2") for scope in (2, 1, 5))
"""Groups of routers, in the order in which a router joins them."""


def addr_type(addr: bytes) -> int:
    """__ipv6_addr_type(): IPV6_ADDR_*, and the scope 16 bits higher."""
    first = addr[0]
    if first & 0xE0 not in (0, 0xE0):
        return IPV6_ADDR_UNICAST | GLOBAL
    if first == 0xFF:
        scope = addr[1] & 0x0F
        return IPV6_ADDR_MULTICAST | OF_SCOPE.get(scope, 0) | scope << 16
    if first == 0xFE and addr[1] & 0xC0 == 0x80:
        return IPV6_ADDR_LINKLOCAL | IPV6_ADDR_UNICAST | SCOPE_LINKLOCAL << 16
    if first == 0xFE and addr[1] & 0xC0 == 0xC0:
        return IPV6_ADDR_SITELOCAL | IPV6_ADDR_UNICAST | SCOPE_SITELOCAL << 16
    if not any(addr[:8]):
        return low_type(int.from_bytes(addr[8:], "big"))
    return IPV6_ADDR_UNICAST | GLOBAL


def low_type(low: int) -> int:
    """The same where the upper half is zero."""
    if low == 0:
        return IPV6_ADDR_ANY
    if low == 1:
        return IPV6_ADDR_LOOPBACK | IPV6_ADDR_UNICAST | SCOPE_LINKLOCAL << 16
    if low >> 32 == 0:
        return IPV6_ADDR_COMPATv4 | IPV6_ADDR_UNICAST | GLOBAL
    if low >> 32 == 0xFFFF:
        return IPV6_ADDR_MAPPED | GLOBAL
    return IPV6_ADDR_UNICAST | GLOBAL


def ipv6_addr_type(addr: bytes) -> int:
    """IPV6_ADDR_*, without the scope."""
    return addr_type(addr) & 0xFFFF


def ipv6_addr_scope(addr: bytes) -> int:
    """IFA_HOST, IFA_LINK, IFA_SITE or 0."""
    return addr_type(addr) & IPV6_ADDR_SCOPE_MASK


def src_scope_of(type: int) -> int:
    """__ipv6_addr_src_scope(): the number of the scope, -1 for ::."""
    return -1 if type == IPV6_ADDR_ANY else type >> 16


def ipv6_addr_src_scope(addr: bytes) -> int:
    """The number of an address's scope."""
    return src_scope_of(addr_type(addr))


def ipv6_addr_is_multicast(addr: bytes) -> bool:
    """ff00::/8."""
    return addr[0] == 0xFF


def ipv6_addr_orchid(addr: bytes) -> bool:
    """2001:10::/28."""
    return addr[:3] == b"\x20\x01\x00" and addr[3] & 0xF0 == 0x10


def rt6_need_strict(addr: bytes) -> bool:
    """Whether an address means something only together with an interface."""
    return bool(addr_type(addr) & (IPV6_ADDR_MULTICAST | IPV6_ADDR_LINKLOCAL | IPV6_ADDR_LOOPBACK))


def prefix_int(addr: bytes, plen: int) -> int:
    """ipv6_addr_prefix() as a number: the address with all but its first ``plen`` bits zero."""
    shift = 128 - plen
    return int.from_bytes(addr, "big") >> shift << shift


def ipv6_addr_prefix(addr: bytes, plen: int) -> bytes:
    """The same as an address."""
    return prefix_int(addr, plen).to_bytes(16, "big")


def same_prefix(a: bytes, b: bytes, plen: int) -> bool:
    """ipv6_prefix_equal()."""
    return not (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")) >> (128 - plen)


def ipv6_addr_diff(a: bytes, b: bytes) -> int:
    """How many bits two addresses begin with alike."""
    return 128 - (int.from_bytes(a, "big") ^ int.from_bytes(b, "big")).bit_length()


def addrconf_addr_solict_mult(addr: bytes) -> bytes:
    """The group in which an address is asked for."""
    return bytes.fromhex("ff02" + "0" * 19 + "1ff") + addr[13:]


def ndisc_mc_map(addr: bytes) -> bytes:
    """The Ethernet address of a group (ipv6_eth_mc_map())."""
    return b"\x33\x33" + addr[12:]
