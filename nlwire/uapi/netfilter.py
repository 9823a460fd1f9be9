"""include/uapi/linux/netfilter.h: what netfilter calls families, hooks and verdicts.

Knows: NFPROTO_*, NF_INET_*, NF_NETDEV_*.
Never: nfnetlink's messages.
"""

from nlwire.schema import UapiEnum


class NFPROTO(UapiEnum):
    """Protocol families; most are numbered as address families are."""

    UNSPEC = 0
    INET = 1
    IPV4 = 2
    ARP = 3
    NETDEV = 5
    BRIDGE = 7
    IPV6 = 10
    DECNET = 12


class NF_INET(UapiEnum):
    """Hooks of IPv4, IPv6 and bridges (enum nf_inet_hooks)."""

    PRE_ROUTING = 0
    LOCAL_IN = 1
    FORWARD = 2
    LOCAL_OUT = 3
    POST_ROUTING = 4
    INGRESS = 5


class NF_NETDEV(UapiEnum):
    """Hooks of a device (enum nf_dev_hooks)."""

    INGRESS = 0
    EGRESS = 1
