"""What bridges and vxlans say and read alike of entries of a multicast database (net/bridge/br_mdb.c, drivers/net/vxlan/vxlan_mdb.c).

Knows: struct br_mdb_entry, lists of sources, what can be said against a source.
Never: whose database it is.
"""

from collections.abc import Iterable
from errno import EINVAL
from struct import Struct
from typing import Any, NoReturn

from nlwire.kernel.net import error
from nlwire.uapi.if_bridge.mdb import (
    MDBA,
    MDBA_MDB,
    MDBA_MDB_EATTR,
    MDBA_MDB_ENTRY,
    MDBA_MDB_SRCATTR,
    MDBA_MDB_SRCLIST,
    MDBE_SRC_LIST,
    MDBE_SRCATTR,
)
from nlwire.uapi.if_ether import ETH_P
from nlwire.wire import (
    NL_REQ_ATTR_CHECK,
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    NLA,
    NLA_POLICY_NESTED,
    NLA_POLICY_RANGE,
    Policy,
    netlink_ext_ack,
    nla_data,
    nla_for_each_nested,
    nla_len,
    nla_nest_end,
    nla_nest_start,
    nla_parse_nested,
    nla_put,
    nla_put_u32,
    nlattr_ptr,
    sk_buff,
)

MDB, ROUTER = MDBA.MDB.number, MDBA.ROUTER.number
ENTRY_NEST, INFO = MDBA_MDB.ENTRY.number, MDBA_MDB_ENTRY.INFO.number
ADDRESS = NLA_POLICY_RANGE(NLA.BINARY, 4, 16)
src_list_entry_pol = Policy(MDBE_SRCATTR, {MDBE_SRCATTR.ADDRESS: ADDRESS})
src_list_pol = Policy(MDBE_SRC_LIST, {MDBE_SRC_LIST.ENTRY: NLA_POLICY_NESTED(src_list_entry_pol)})
ENTRY = Struct("=IBBH16s2s2x")
"""struct br_mdb_entry; its br_mdb_addr.proto is big-endian."""


def entry_bytes(ifindex: int, state: int, flags: int, vid: int, addr: bytes, proto: int) -> bytes:
    """A struct br_mdb_entry."""
    return ENTRY.pack(ifindex, state, flags, vid, addr, proto.to_bytes(2, "big"))


def put_sources(skb: sk_buff, sources: Iterable[tuple[bytes, int]]) -> None:
    """Put MDBA_MDB_EATTR_SRC_LIST: addresses, and what is left of their time. Raises BufferFull."""
    nest = nla_nest_start(skb, MDBA_MDB_EATTR.SRC_LIST.number)
    for addr, left in sources:
        one = nla_nest_start(skb, MDBA_MDB_SRCLIST.ENTRY.number)
        nla_put(skb, MDBA_MDB_SRCATTR.ADDRESS.number, addr)
        nla_put_u32(skb, MDBA_MDB_SRCATTR.TIMER, left)
        nla_nest_end(skb, one)
    nla_nest_end(skb, nest)


class complaints:
    """Refusals of a request, which begin with the module's name."""

    def __init__(self, module: str, extack: netlink_ext_ack | None) -> None:
        self.module, self.extack = module, extack

    def refuse(self, words: str, errno: int = EINVAL) -> NoReturn:
        """Say why not. Raises OSError."""
        NL_SET_ERR_MSG(self.extack, f"{self.module}: {words}")
        raise error(errno)

    def check_source(self, nla: nlattr_ptr[Any], proto: int) -> bytes:
        """A source's address. Raises OSError."""
        addr, size = bytes(nla_data(nla)), {int(ETH_P.IP): 4, int(ETH_P.IPV6): 16}.get(proto)
        if size is None:
            self.refuse("Invalid protocol used with source address")
        word = "IPv4" if size == 4 else "IPv6"
        if nla_len(nla) != size:
            self.refuse(f"{word} invalid source address length")
        if addr[0] & 0xF0 == 0xE0 if size == 4 else addr[0] == 0xFF:
            self.refuse(f"{word} multicast source address is not allowed")
        return addr

    def sources(self, nla: nlattr_ptr[Any], proto: int) -> list[bytes]:
        """MDBE_ATTR_SRC_LIST. Raises OSError, PolicyError."""
        found = []
        for one in nla_for_each_nested(nla):
            tb = nla_parse_nested(src_list_entry_pol, one, NL_VALIDATE.STRICT, self.extack)
            if NL_REQ_ATTR_CHECK(self.extack, one, tb, MDBE_SRCATTR.ADDRESS):
                raise error(EINVAL)
            address = tb[MDBE_SRCATTR.ADDRESS]
            assert address is not None
            found.append(self.check_source(address, proto))
        return found
