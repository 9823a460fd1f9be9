"""include/uapi/linux/netfilter/nf_conntrack_tcp.h: what is known of a tracked TCP connection.

Knows: TCP_CONNTRACK_*, IP_CT_TCP_FLAG_*.
Never: attributes.
"""

from typing import Annotated

from nlwire.schema import (
    UapiEnum,
    UapiFlags,
    UapiStruct,
    u8,
)


class TCP_CONNTRACK(UapiEnum):
    """States of a connection as a firewall in the middle sees them (enum tcp_conntrack)."""

    NONE = 0
    SYN_SENT = 1
    SYN_RECV = 2
    ESTABLISHED = 3
    FIN_WAIT = 4
    CLOSE_WAIT = 5
    LAST_ACK = 6
    TIME_WAIT = 7
    CLOSE = 8
    LISTEN = 9
    SYN_SENT2 = 9
    IGNORE = 11
    RETRANS = 12
    UNACK = 13


class IP_CT_TCP_FLAG(UapiFlags):
    """What one end of a connection said or did."""

    WINDOW_SCALE = 0x1
    SACK_PERM = 0x2
    CLOSE_INIT = 0x4
    BE_LIBERAL = 0x8
    DATA_UNACKNOWLEDGED = 0x10
    MAXACK_SET = 0x20


class nf_ct_tcp_flags(UapiStruct):
    """Flags, and which of them count."""

    flags: Annotated[u8, IP_CT_TCP_FLAG] = 0
    mask: Annotated[u8, IP_CT_TCP_FLAG] = 0
