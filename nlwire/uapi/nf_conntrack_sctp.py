"""include/uapi/linux/netfilter/nf_conntrack_sctp.h: what is known of a tracked SCTP association.

Knows: SCTP_CONNTRACK_*.
Never: attributes.
"""

from nlwire.schema import UapiEnum


class SCTP_CONNTRACK(UapiEnum):
    """States of an association (enum sctp_conntrack)."""

    NONE = 0
    CLOSED = 1
    COOKIE_WAIT = 2
    COOKIE_ECHOED = 3
    ESTABLISHED = 4
    SHUTDOWN_SENT = 5
    SHUTDOWN_RECD = 6
    SHUTDOWN_ACK_SENT = 7
    HEARTBEAT_SENT = 8
    HEARTBEAT_ACKED = 9
