"""net/netlink/diag.c: the netlink sockets of a namespace, the kernel's own and programs'.

Knows: nl_table, netlink_diag_req and netlink_diag_msg.
Never: what is said over these sockets.
"""

import struct
from collections.abc import Iterator
from errno import EINVAL, ENOENT, EOPNOTSUPP

from nlwire.kernel.af_netlink import netlink_callback, netlink_skb
from nlwire.kernel.af_netlink.dump import netlink_dump_control
from nlwire.kernel.af_netlink.sock import NETLINK_CB, NETLINK_F, netlink_sock
from nlwire.kernel.af_netlink.table import MAX_LINKS, netlink_table
from nlwire.kernel.diag.sock_diag import (
    body_of,
    dump_start,
    sk_get_meminfo,
    sock_diag_handler,
    sock_diag_register,
    sock_gen_cookie,
)
from nlwire.kernel.net import Machine, net
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.schema.layout import HOST
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.netlink_diag import (
    NDIAG_FLAG,
    NDIAG_PROTO_ALL,
    NDIAG_SHOW,
    NETLINK_DIAG,
    netlink_diag_msg,
    netlink_diag_req,
)
from nlwire.uapi.sock_diag import SOCK
from nlwire.uapi.socket import AF
from nlwire.uapi.tcp_states import TCP
from nlwire.wire import nla_put, sk_buff

BITS_PER_LONG = 64
NETLINK_CONNECTED = 1
FLAGS = (
    (NETLINK_F.RECV_PKTINFO, NDIAG_FLAG.PKTINFO),
    (NETLINK_F.BROADCAST_SEND_ERROR, NDIAG_FLAG.BROADCAST_ERROR),
    (NETLINK_F.RECV_NO_ENOBUFS, NDIAG_FLAG.NO_ENOBUFS),
    (NETLINK_F.LISTEN_ALL_NSID, NDIAG_FLAG.LISTEN_ALL_NSID),
    (NETLINK_F.CAP_ACK, NDIAG_FLAG.CAP_ACK),
)


def groups_of(sk: netlink_sock) -> tuple[int, ...]:
    """Memberships as a bitmap of whole longs: NLGRPSZ(nlk->ngroups)."""
    size = -(-sk.ngroups // BITS_PER_LONG) * BITS_PER_LONG // 8
    return struct.unpack(f"={size // 4}I", sk.groups.to_bytes(size, HOST))


def flags_of(sk: netlink_sock) -> int:
    """NETLINK_DIAG_FLAGS."""
    running = int(NDIAG_FLAG.CB_RUNNING) if sk.cb_running else 0
    return running | sum(int(told) for have, told in FLAGS if sk.flags & have)


def sk_diag_fill(sk: netlink_sock, skb: sk_buff, req: netlink_diag_req, portid: int, seq: int) -> None:
    """One socket. Raises BufferFull.

    Deviation: a socket of the mock has no inode.
    """
    header = netlink_diag_msg(
        ndiag_type=sk.sk_type,
        ndiag_protocol=sk.sk_protocol,
        ndiag_state=NETLINK_CONNECTED if sk.connected else int(TCP.CLOSE),
        ndiag_portid=sk.portid,
        ndiag_dst_portid=sk.dst_portid,
        ndiag_dst_group=sk.dst_group,
        ndiag_cookie=sock_gen_cookie(sk),
    )
    with nlmsg_filling(skb, portid, seq, SOCK.DIAG_BY_FAMILY, header, NLM_F.MULTI):
        if req.ndiag_show & NDIAG_SHOW.GROUPS and sk.ngroups:
            nla_put(skb, NETLINK_DIAG.GROUPS, groups_of(sk))
        if req.ndiag_show & NDIAG_SHOW.MEMINFO:
            nla_put(skb, NETLINK_DIAG.MEMINFO, sk_get_meminfo(sk))
        if req.ndiag_show & NDIAG_SHOW.FLAGS:
            nla_put(skb, NETLINK_DIAG.FLAGS, flags_of(sk))


def told(table: netlink_table, home: net) -> Iterator[tuple[str, netlink_sock]]:
    """What a dump tells of one protocol: its sockets with a name, then its members of groups.

    A member that has a name is told of twice: the kernel means to pass over it and asks sk_hashed(), which has been true of no
    netlink socket since their names are in an rhashtable.
    """
    yield from (("hash", sk) for sk in table.hash.values() if sk.net is home)
    yield from (("mc_list", sk) for sk in table.mc_list if sk.net is home)


def netlink_diag_dump(skb: sk_buff, cb: netlink_callback) -> int:
    """A part of a dump.

    Deviation: sockets of a protocol come in the order of their names' making, not of a hash; a dump that goes on tells of those
    that it has not told of yet, where Linux passes over the one that did not fit (rhashtable_walk_next()).
    """
    sk = NETLINK_CB(cb.skb).sk
    assert sk is not None
    req = netlink_diag_req.unpack(body_of(cb.nlh)[: netlink_diag_req.sizeof])
    if req.sdiag_protocol != NDIAG_PROTO_ALL and req.sdiag_protocol >= MAX_LINKS:
        return -ENOENT
    chosen = range(MAX_LINKS) if req.sdiag_protocol == NDIAG_PROTO_ALL else (req.sdiag_protocol,)
    seen: set[tuple[str, netlink_sock]] = cb.ctx.setdefault("seen", set())
    for protocol in chosen:
        for one in told(sk.machine.nl_table[protocol], sk.net):
            if one not in seen:
                sk_diag_fill(one[1], skb, req, NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq)
                seen.add(one)
    return 0


def netlink_diag_handler_dump(skb: netlink_skb, nlh: nlmsghdr) -> int:
    """SOCK_DIAG_BY_FAMILY: only dumps are served."""
    if len(body_of(nlh)) < netlink_diag_req.sizeof:
        return -EINVAL
    if not nlh.nlmsg_flags & NLM_F.DUMP:
        return -EOPNOTSUPP
    return dump_start(skb, nlh, netlink_dump_control(netlink_diag_dump))


def netlink_diag_init(machine: Machine) -> None:
    """Tell of AF_NETLINK."""
    sock_diag_register(machine, sock_diag_handler(int(AF.NETLINK), netlink_diag_handler_dump))
