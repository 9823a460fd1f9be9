"""drivers/net/vxlan/vxlan_core.c: what may be asked of a vxlan, and its settings read out of a request.

Knows: the attributes, what each may hold, which can be changed later.
Never: devices.
"""

from dataclasses import dataclass
from errno import EADDRNOTAVAIL, EINVAL, EOPNOTSUPP, ERANGE
from typing import Any

from nlwire.kernel.core.netdevice import ETH_MAX_MTU, ETH_MIN_MTU
from nlwire.kernel.drivers.eth import is_valid_ether_addr
from nlwire.kernel.drivers.vxlan_info import FLAG_ATTRS, VXLAN_F, vxlan_config
from nlwire.kernel.link.attributes import nla_bytes, nla_get_be16, nla_get_u8, nla_get_u32
from nlwire.kernel.link.link_ops import Extack, Table
from nlwire.kernel.net import error
from nlwire.uapi.if_link import IFLA, IFLA_VXLAN
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_SET_ERR_MSG_ATTR,
    NLA,
    NLA_POLICY_EXACT_LEN,
    NLA_POLICY_MAX,
    Policy,
    nla_len,
    nla_policy,
    nlattr_ptr,
    nlattr_table,
)

VXLAN_N_VID = 1 << 24
VXLAN_DF_MAX = 2
U8, U32, FLAG = nla_policy(NLA.U8), nla_policy(NLA.U32), nla_policy(NLA.FLAG)

vxlan_policy = Policy(
    IFLA_VXLAN,
    {
        IFLA_VXLAN.ID: U32,
        IFLA_VXLAN.GROUP: nla_policy(len=4),
        IFLA_VXLAN.GROUP6: nla_policy(len=16),
        IFLA_VXLAN.LINK: U32,
        IFLA_VXLAN.LOCAL: nla_policy(len=4),
        IFLA_VXLAN.LOCAL6: nla_policy(len=16),
        IFLA_VXLAN.TOS: U8,
        IFLA_VXLAN.TTL: U8,
        IFLA_VXLAN.LABEL: U32,
        IFLA_VXLAN.LEARNING: U8,
        IFLA_VXLAN.AGEING: U32,
        IFLA_VXLAN.LIMIT: U32,
        IFLA_VXLAN.PORT_RANGE: nla_policy(len=4),
        IFLA_VXLAN.PROXY: U8,
        IFLA_VXLAN.RSC: U8,
        IFLA_VXLAN.L2MISS: U8,
        IFLA_VXLAN.L3MISS: U8,
        IFLA_VXLAN.COLLECT_METADATA: U8,
        IFLA_VXLAN.PORT: nla_policy(NLA.U16),
        IFLA_VXLAN.UDP_CSUM: U8,
        IFLA_VXLAN.UDP_ZERO_CSUM6_TX: U8,
        IFLA_VXLAN.UDP_ZERO_CSUM6_RX: U8,
        IFLA_VXLAN.REMCSUM_TX: U8,
        IFLA_VXLAN.REMCSUM_RX: U8,
        IFLA_VXLAN.GBP: FLAG,
        IFLA_VXLAN.GPE: FLAG,
        IFLA_VXLAN.REMCSUM_NOPARTIAL: FLAG,
        IFLA_VXLAN.TTL_INHERIT: FLAG,
        IFLA_VXLAN.DF: U8,
        IFLA_VXLAN.VNIFILTER: U8,
        IFLA_VXLAN.LOCALBYPASS: NLA_POLICY_MAX(NLA.U8, 1),
        IFLA_VXLAN.LABEL_POLICY: NLA_POLICY_MAX(NLA.U32, 1),
        IFLA_VXLAN.RESERVED_BITS: NLA_POLICY_EXACT_LEN(8),
        IFLA_VXLAN.MC_ROUTE: NLA_POLICY_MAX(NLA.U8, 1),
    },
    strict_start_type=IFLA_VXLAN.LOCALBYPASS.number,
)


def refuse(extack: Extack, errno: int, words: str, nla: nlattr_ptr[Any] | None = None) -> OSError:
    """The error, with words and, with ``nla``, blame."""
    if nla is None:
        NL_SET_ERR_MSG(extack, words)
    else:
        NL_SET_ERR_MSG_ATTR(extack, nla, words)
    return error(errno)


def vxlan_validate(tb: nlattr_table, data: Table, extack: Extack) -> None:
    """What needs no device to be judged. Raises OSError."""
    address, mtu = tb[IFLA.ADDRESS], tb[IFLA.MTU]
    if address is not None:
        if nla_len(address) != 6:
            raise refuse(extack, EINVAL, "Provided link layer address is not Ethernet", address)
        if not is_valid_ether_addr(nla_bytes(address)):
            raise refuse(extack, EADDRNOTAVAIL, "Provided Ethernet address is not unicast", address)
    if mtu is not None and not ETH_MIN_MTU <= nla_get_u32(mtu) <= ETH_MAX_MTU:
        raise refuse(extack, EINVAL, "MTU must be between 68 and 65535", mtu)
    if data is None:
        raise refuse(extack, EINVAL, "Required attributes not provided to perform the operation")
    vni, ports, df = data[IFLA_VXLAN.ID], data[IFLA_VXLAN.PORT_RANGE], data[IFLA_VXLAN.DF]
    if vni is not None and nla_get_u32(vni) >= VXLAN_N_VID:
        raise refuse(extack, ERANGE, "VXLAN ID must be lower than 16777216", vni)
    if ports is not None and nla_bytes(ports)[2:4] < nla_bytes(ports)[:2]:
        raise refuse(extack, EINVAL, "Invalid source port range", ports)
    if df is not None and nla_get_u8(df) > VXLAN_DF_MAX:
        raise refuse(extack, EINVAL, "Invalid DF attribute", df)


@dataclass
class reading:
    """A request, being read."""

    data: nlattr_table
    conf: vxlan_config
    changelink: bool
    extack: Extack

    def unchangeable(self, words: str) -> None:
        """Refuse to change it. Raises OSError (EOPNOTSUPP)."""
        if self.changelink:
            raise refuse(self.extack, EOPNOTSUPP, words)

    def addresses(self) -> None:
        """Where packets go and come from. Raises OSError."""
        places = (
            (IFLA_VXLAN.GROUP, IFLA_VXLAN.GROUP6, "remote", "New group address family does not match old group"),
            (IFLA_VXLAN.LOCAL, IFLA_VXLAN.LOCAL6, "saddr", "New local address family does not match old"),
        )
        for four, six, name, words in places:
            nla, size = (self.data[four], 4) if four in self.data else (self.data[six], 16)
            if nla is None:
                continue
            if self.changelink and len(getattr(self.conf, name)) != size:
                raise refuse(self.extack, EOPNOTSUPP, words)
            setattr(self.conf, name, nla_bytes(nla)[:size])

    def numbers(self) -> None:
        """VNI, device below, and the rest. Raises OSError."""
        data, conf = self.data, self.conf
        vni, link, limit, port = (
            data[IFLA_VXLAN.ID],
            data[IFLA_VXLAN.LINK],
            data[IFLA_VXLAN.LIMIT],
            data[IFLA_VXLAN.PORT],
        )
        if vni is not None:
            if nla_get_u32(vni) != conf.vni:
                self.unchangeable("Cannot change VNI")
            conf.vni = nla_get_u32(vni)
        if link is not None:
            conf.remote_ifindex = nla_get_u32(link)
        if limit is not None:
            self.unchangeable("Cannot change limit")
            conf.addrmax = nla_get_u32(limit)
        if port is not None:
            self.unchangeable("Cannot change port")
            conf.dst_port = nla_get_be16(port)
        ports = data[IFLA_VXLAN.PORT_RANGE]
        if ports is not None:
            self.unchangeable("Cannot change port range")
            conf.port_range = nla_bytes(ports)[:4]
        self.small()

    def small(self) -> None:
        """One byte or four, with nothing to refuse."""
        names = ((IFLA_VXLAN.TOS, "tos"), (IFLA_VXLAN.TTL, "ttl"), (IFLA_VXLAN.DF, "df"))
        for attr, name in names:
            nla = self.data[attr]
            if nla is not None:
                setattr(self.conf, name, nla_get_u8(nla))
        label, policy, age = (
            self.data[IFLA_VXLAN.LABEL],
            self.data[IFLA_VXLAN.LABEL_POLICY],
            self.data[IFLA_VXLAN.AGEING],
        )
        if label is not None:
            self.conf.label = int.from_bytes(nla_bytes(label)[:4], "big") & 0xFFFFF
        if policy is not None:
            self.conf.label_policy = nla_get_u32(policy)
        if age is not None:
            self.conf.age_interval = nla_get_u32(age)

    def flags(self) -> None:
        """The switches. Raises OSError."""
        for attr, flag, changeable, default in FLAG_ATTRS:
            nla = self.data[attr]
            if nla is None:
                if default and not self.changelink:
                    self.conf.flags |= flag
                continue
            if not changeable:
                self.unchangeable(f"Cannot change {attr.c_name.removeprefix('IFLA_VXLAN_')} flag")
            on = True if vxlan_policy[attr.number].type is NLA.FLAG else bool(nla_get_u8(nla))
            self.conf.flags = self.conf.flags | flag if on else self.conf.flags & ~flag
        csum = self.data[IFLA_VXLAN.UDP_CSUM]
        if csum is not None:
            self.unchangeable("Cannot change UDP_CSUM flag")
            if not nla_get_u8(csum):
                self.conf.flags |= VXLAN_F.UDP_ZERO_CSUM_TX
        if self.conf.flags & VXLAN_F.VNIFILTER and not self.conf.flags & VXLAN_F.COLLECT_METADATA:
            words = "vxlan vnifilter only valid in collect metadata mode"
            raise refuse(self.extack, EINVAL, words, self.data[IFLA_VXLAN.VNIFILTER])


def vxlan_nl2conf(data: nlattr_table, conf: vxlan_config, changelink: bool, extack: Extack) -> vxlan_config:
    """What the request asks for. Raises OSError."""
    asked = reading(data, conf, changelink, extack)
    asked.addresses()
    asked.numbers()
    asked.flags()
    return conf
