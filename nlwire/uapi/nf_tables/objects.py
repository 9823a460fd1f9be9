"""include/uapi/linux/netfilter/nf_tables.h: objects that have a name of their own and that rules refer to.

Knows: NFTA_OBJ and what the objects hold.
Never: message types.
"""

from collections.abc import Mapping

from nlwire.schema import (
    Attr,
    AttrSet,
    Kind,
    be16,
    be32,
    be64,
    binary,
    enum,
    flags,
    indexed,
    ipv4,
    ipv6,
    nested,
    selected,
    strz,
    u8,
    u32,
)
from nlwire.uapi.in_ import IPPROTO
from nlwire.uapi.nf_tables.acting import (
    NFTA_CONNLIMIT,
    NFTA_COUNTER,
    NFTA_LIMIT,
    NFTA_QUOTA,
    NFTA_SECMARK,
    NFTA_SYNPROXY,
)
from nlwire.uapi.nf_tables.expression_words import NFT_TUNNEL_F
from nlwire.uapi.nf_tables.words import NFT_OBJECT


class NFTA_CT_HELPER(AttrSet):
    """A helper of connection tracking."""

    NAME = Attr(1, strz)
    L3PROTO = Attr(2, be16)
    L4PROTO = Attr(3, enum(u8, IPPROTO))


class NFTA_CT_TIMEOUT(AttrSet):
    """How long connections without traffic are remembered."""

    L3PROTO = Attr(1, be16)
    L4PROTO = Attr(2, enum(u8, IPPROTO))
    DATA = Attr(3, indexed(be32), "seconds in each state of the protocol, numbered as nfnetlink_cttimeout.h has them")


class NFTA_CT_EXPECT(AttrSet):
    """A connection that another one will announce."""

    L3PROTO = Attr(1, be16)
    L4PROTO = Attr(2, enum(u8, IPPROTO))
    DPORT = Attr(3, be16)
    TIMEOUT = Attr(4, u32, "milliseconds, in the machine's own order")
    SIZE = Attr(5, u8)


class NFTA_TUNNEL_KEY_IP(AttrSet):
    """IPv4 addresses of a tunnel."""

    SRC = Attr(1, ipv4)
    DST = Attr(2, ipv4)


class NFTA_TUNNEL_KEY_IP6(AttrSet):
    """IPv6 addresses of a tunnel."""

    SRC = Attr(1, ipv6)
    DST = Attr(2, ipv6)
    FLOWLABEL = Attr(3, be32)


class NFTA_TUNNEL_KEY_VXLAN(AttrSet):
    """vxlan's option."""

    GBP = Attr(1, be32)


class NFTA_TUNNEL_KEY_ERSPAN(AttrSet):
    """erspan's options."""

    VERSION = Attr(1, be32)
    V1_INDEX = Attr(2, be32)
    V2_HWID = Attr(3, u8)
    V2_DIR = Attr(4, u8)


class NFTA_TUNNEL_KEY_GENEVE(AttrSet):
    """geneve's option."""

    CLASS = Attr(1, be16)
    TYPE = Attr(2, u8)
    DATA = Attr(3, binary)


class NFTA_TUNNEL_KEY_OPTS(AttrSet):
    """Options, by the tunnel's kind."""

    VXLAN = Attr(1, nested(NFTA_TUNNEL_KEY_VXLAN))
    ERSPAN = Attr(2, nested(NFTA_TUNNEL_KEY_ERSPAN))
    GENEVE = Attr(3, nested(NFTA_TUNNEL_KEY_GENEVE))


class NFTA_TUNNEL_KEY(AttrSet):
    """What a packet is to be tunnelled by."""

    ID = Attr(1, be32)
    IP = Attr(2, nested(NFTA_TUNNEL_KEY_IP))
    IP6 = Attr(3, nested(NFTA_TUNNEL_KEY_IP6))
    FLAGS = Attr(4, flags(be32, NFT_TUNNEL_F))
    TOS = Attr(5, u8)
    TTL = Attr(6, u8)
    SPORT = Attr(7, be16)
    DPORT = Attr(8, be16)
    OPTS = Attr(9, nested(NFTA_TUNNEL_KEY_OPTS))


class NFTA_OBJ(AttrSet):
    """Attributes of one object."""

    TABLE = Attr(1, strz)
    NAME = Attr(2, strz)
    TYPE = Attr(3, enum(be32, NFT_OBJECT))
    DATA = Attr(4, selected("NFTA_OBJ_TYPE", lambda: OBJECTS, binary))
    USE = Attr(5, be32)
    HANDLE = Attr(6, be64)
    PAD = Attr(7, binary)
    USERDATA = Attr(8, binary)


OBJECTS: Mapping[int, Kind[object]] = {
    int(NFT_OBJECT.COUNTER): nested(NFTA_COUNTER),
    int(NFT_OBJECT.QUOTA): nested(NFTA_QUOTA),
    int(NFT_OBJECT.CT_HELPER): nested(NFTA_CT_HELPER),
    int(NFT_OBJECT.LIMIT): nested(NFTA_LIMIT),
    int(NFT_OBJECT.CONNLIMIT): nested(NFTA_CONNLIMIT),
    int(NFT_OBJECT.TUNNEL): nested(NFTA_TUNNEL_KEY),
    int(NFT_OBJECT.CT_TIMEOUT): nested(NFTA_CT_TIMEOUT),
    int(NFT_OBJECT.SECMARK): nested(NFTA_SECMARK),
    int(NFT_OBJECT.CT_EXPECT): nested(NFTA_CT_EXPECT),
    int(NFT_OBJECT.SYNPROXY): nested(NFTA_SYNPROXY),
}
"""NFTA_OBJ_TYPE -> kind of NFTA_OBJ_DATA."""
