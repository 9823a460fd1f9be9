"""include/net/netns/ipv4.h, include/net/netns/ipv6.h: what net/ipv4 and net/ipv6 keep for each namespace, as ``net.ipv4``.

Knows: names of places.
Never: what is put there; whoever owns a place says so beside it.
"""

from typing import Any


class netns_ipv4:
    """struct netns_ipv4."""

    def __init__(self) -> None:
        self.devconf_all: Any = None
        """struct ipv4_devconf of all interfaces (ipv4/inetdevice.py)."""
        self.devconf_dflt: Any = None
        """That which interfaces to come begin with."""
        self.dev_addr_genid = 0
        """Grows with each change of an address (ipv4/devinet.py)."""
        self.inet_addr_lst: dict[int, list[Any]] = {}
        """Addresses (struct in_ifaddr) by ifa_local, of the same the newest first."""
        self.rules_ops: Any = None
        """struct fib_rules_ops of AF_INET (ipv4/fib_rules.py)."""
