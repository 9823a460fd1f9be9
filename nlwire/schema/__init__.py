"""What a header, an attribute and a family are: the vocabulary that uapi/ is written in.

A declaration file imports everything from here::

    from nlwire.schema import Attr, AttrSet, Family, UapiStruct, ip, u8, u32
"""

from nlwire.schema.addresses import IPAddress, in6_addr, in_addr, ip, ipv4, ipv6, lladdr, mac
from nlwire.schema.attrs import Attr, AttrSet, NoAttrs
from nlwire.schema.enums import Placed, UapiEnum, UapiFlags
from nlwire.schema.family import Family, MessageType, Registry
from nlwire.schema.fields import chars
from nlwire.schema.kinds import (
    Kind,
    array_of,
    be16,
    be32,
    be64,
    binary,
    enum,
    flag,
    flags,
    le16,
    le32,
    le64,
    octets,
    s8,
    s16,
    s32,
    s64,
    sbe32,
    sint,
    string,
    strz,
    u8,
    u16,
    u32,
    u64,
    uint,
)
from nlwire.schema.layout import ZERO, UapiStruct, repeat
from nlwire.schema.mpls import mpls_labels
from nlwire.schema.nests import REQUEST, indexed, nested, records, selected, struct_of, struct_then
from nlwire.schema.sockets import in16_addr, sun_path

__all__ = [
    "Attr",
    "AttrSet",
    "Family",
    "IPAddress",
    "Kind",
    "MessageType",
    "NoAttrs",
    "Placed",
    "REQUEST",
    "Registry",
    "ZERO",
    "UapiEnum",
    "UapiFlags",
    "UapiStruct",
    "array_of",
    "be16",
    "be32",
    "be64",
    "binary",
    "chars",
    "enum",
    "flag",
    "flags",
    "in16_addr",
    "in6_addr",
    "in_addr",
    "indexed",
    "ip",
    "ipv4",
    "ipv6",
    "le16",
    "le32",
    "le64",
    "lladdr",
    "mac",
    "mpls_labels",
    "nested",
    "octets",
    "records",
    "repeat",
    "s16",
    "s32",
    "s64",
    "s8",
    "sbe32",
    "selected",
    "sint",
    "string",
    "struct_of",
    "struct_then",
    "strz",
    "sun_path",
    "u16",
    "u32",
    "u64",
    "u8",
    "uint",
]
