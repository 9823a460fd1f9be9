"""/proc/net/netlink: every socket that has a name (net/netlink/af_netlink.c: netlink_native_seq_show()).

    sk | protocol | portid | the first 32 groups | sk_rmem_alloc | sk_wmem_alloc | a dump runs | references | drops | inode

Knows: the form of the file.
Never: who reads it.
"""

from nlwire.kernel.af_netlink.sock import netlink_sock
from nlwire.kernel.net import net

HEAD = "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n"
REFERENCES = 2
"""Of a socket that nobody is in the middle of using."""


def netlink_seq(home: net) -> str:
    """The file as a namespace has it.

    Deviation: sockets of a protocol stand in the order of their names' making, not of a hash; a socket's address and inode are 0,
    as the mock's sockets have none.
    """
    with home.machine.lock:
        tables = [[sk for sk in table.hash.values() if sk.net is home] for table in home.machine.nl_table]
        return HEAD + "".join(netlink_native_seq_show(sk) for table in tables for sk in table)


def netlink_native_seq_show(sk: netlink_sock) -> str:
    """A line; what a socket has sent and nobody has received weighs on the receiver alone."""
    return (
        f"{0:016x} {sk.sk_protocol:<3} {sk.portid:<10} {sk.groups & 0xFFFFFFFF:08x} {sk.sk_rmem_alloc:<8} {0:<8} "
        f"{int(sk.cb_running):<5} {REFERENCES:<8} {sk.sk_drops:<8} {0:<8}\n"
    )
