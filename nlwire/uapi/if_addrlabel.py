"""include/uapi/linux/if_addrlabel.h: labels by which source addresses are chosen (ip addrlabel).

Knows: ifaddrlblmsg and its attributes.
Never: addresses of interfaces (if_addr).
"""

from typing import Annotated

from nlwire.schema import Attr, AttrSet, Family, UapiStruct, ipv6, u8, u32
from nlwire.uapi.netlink import NETLINK
from nlwire.uapi.rtnetlink import AF, RTM


class ifaddrlblmsg(UapiStruct):
    """The fixed header of address label messages."""

    ifal_family: Annotated[u8, AF] = 0
    _ifal_reserved: u8 = 0
    ifal_prefixlen: u8 = 0
    ifal_flags: u8 = 0
    ifal_index: u32 = 0
    ifal_seq: u32 = 0


class IFAL(AttrSet):
    """Attributes of struct ifaddrlblmsg."""

    ADDRESS = Attr(1, ipv6)
    LABEL = Attr(2, u32)


addrlabel = Family(
    "addrlabel",
    NETLINK.ROUTE,
    ifaddrlblmsg,
    IFAL,
    new=RTM.NEWADDRLABEL,
    delete=RTM.DELADDRLABEL,
    get=RTM.GETADDRLABEL,
)
