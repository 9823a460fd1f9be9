"""NETLINK_SOCK_DIAG: telling of sockets.

sock_diag.py   net/core/sock_diag.c: which address family is asked
netlink.py     net/netlink/diag.c: the machine's own netlink sockets
inet.py        net/ipv4/inet_diag.c, of a machine without sockets of IPv4 and IPv6
unix.py packet.py   net/unix/diag.c, net/packet/diag.c, likewise
"""

from nlwire.kernel.diag.inet import inet_diag_init
from nlwire.kernel.diag.netlink import netlink_diag_init
from nlwire.kernel.diag.packet import packet_diag_init
from nlwire.kernel.diag.sock_diag import sock_diag_init, sock_diag_register
from nlwire.kernel.diag.unix import unix_diag_init
from nlwire.kernel.net import Machine

__all__ = ["diag_init", "sock_diag_register"]


def diag_init(machine: Machine) -> None:
    """Set up sock_diag and what tells it of sockets."""
    sock_diag_init(machine)
    netlink_diag_init(machine)
    inet_diag_init(machine)
    unix_diag_init(machine)
    packet_diag_init(machine)
