"""nl_table: who is bound to which portid, who listens to which group (net/netlink/af_netlink.c).

    nl_table[protocol]  hash     (net, portid) -> socket
                        mc_list  sockets with memberships, the latest first
                        groups, bind, unbind, flags   as the kernel's own socket of the protocol asked for

Knows: creating, naming, releasing sockets; memberships.
Never: messages.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from errno import EADDRINUSE, EBUSY, EINVAL, EPERM, EPROTONOSUPPORT, ESOCKTNOSUPPORT
from socket import SOCK_DGRAM, SOCK_RAW

from nlwire.kernel.af_netlink.sock import NETLINK_F, netlink_skb, netlink_sock
from nlwire.kernel.net import CAP, Machine, error, net
from nlwire.schema.enums import UapiFlags

MAX_LINKS = 32
S32_MIN = -(1 << 31)


class NL_CFG_F(UapiFlags):
    """What tasks without CAP_NET_ADMIN may do on a protocol (include/linux/netlink.h)."""

    NONROOT_RECV = 1
    NONROOT_SEND = 2


@dataclass
class netlink_kernel_cfg:
    """What the kernel's side of a protocol does: ``input`` gets each datagram sent to portid 0.

    ``bind`` and ``unbind`` are told of memberships by namespace and group; ``bind`` refuses by raising OSError.
    """

    input: Callable[[netlink_skb], None] | None = None
    groups: int = 0
    flags: int = 0
    bind: Callable[[net, int], None] | None = None
    unbind: Callable[[net, int], None] | None = None


@dataclass
class netlink_table:
    """One protocol."""

    hash: dict[tuple[int, int], netlink_sock] = field(default_factory=dict)
    mc_list: list[netlink_sock] = field(default_factory=list)
    groups: int = 0
    flags: int = 0
    bind: Callable[[net, int], None] | None = None
    unbind: Callable[[net, int], None] | None = None
    registered: int = 0


def netlink_proto_init(machine: Machine) -> None:
    """Set up nl_table, with the one protocol that has no kernel socket (netlink_add_usersock_entry())."""
    machine.nl_table = [netlink_table() for _ in range(MAX_LINKS)]


def netlink_add_usersock_entry(machine: Machine, protocol: int) -> None:
    """Register a protocol on which programs talk to each other only."""
    table = machine.nl_table[protocol]
    table.groups, table.registered, table.flags = 32, 1, NL_CFG_F.NONROOT_SEND


def nl_table_of(sk: netlink_sock) -> netlink_table:
    """nl_table[sk->sk_protocol]."""
    table: netlink_table = sk.machine.nl_table[sk.sk_protocol]
    return table


# --- creating and releasing ------------------------------------------------------------------------------------------


def netlink_create(home: net, type: int, protocol: int) -> netlink_sock:
    """What socket(AF_NETLINK, type, protocol) makes. Raises OSError."""
    if type not in (SOCK_RAW, SOCK_DGRAM):
        raise error(ESOCKTNOSUPPORT)
    if not 0 <= protocol < MAX_LINKS or not home.machine.nl_table[protocol].registered:
        raise error(EPROTONOSUPPORT)
    table = home.machine.nl_table[protocol]
    sk = netlink_sock(home, protocol, home.machine.current, type)
    sk.netlink_bind, sk.netlink_unbind = table.bind, table.unbind
    return sk


def netlink_kernel_create(home: net, unit: int, cfg: netlink_kernel_cfg | None = None) -> netlink_sock:
    """The kernel's own socket of a protocol in a namespace; the first registers the protocol. Raises OSError."""
    cfg = cfg or netlink_kernel_cfg()
    with home.machine.lock:
        sk = netlink_sock(home, unit, None, SOCK_DGRAM)
        sk.netlink_rcv = cfg.input
        netlink_insert(sk, 0)
        sk.flags |= NETLINK_F.KERNEL_SOCKET
        table = nl_table_of(sk)
        if not table.registered:
            table.groups = max(cfg.groups, 32)
            table.bind, table.unbind, table.flags = cfg.bind, cfg.unbind, cfg.flags
        table.registered += 1
        return sk


def netlink_release(sk: netlink_sock) -> None:
    """close(): the name is free at once, a dump under way ends unseen."""
    netlink_remove(sk)
    sk.dead = True
    if sk.netlink_unbind is not None:
        for group in joined(sk):
            sk.netlink_unbind(sk.net, group)
    if sk.cb_running and sk.cb is not None and sk.cb.done is not None:
        sk.cb.done(sk.cb)  # netlink_sock_destruct()
    sk.cb_running, sk.cb = False, None
    if sk.is_kernel:
        table = nl_table_of(sk)
        table.registered -= 1
    sk.groups = sk.subscriptions = sk.sk_rmem_alloc = 0
    sk.sk_receive_queue.clear()
    sk.readable.notify_all()
    sk.wait.notify_all()


def netlink_kernel_release(sk: netlink_sock) -> None:
    """Take the kernel's socket away again."""
    with sk.machine.lock:
        netlink_release(sk)


# --- names -----------------------------------------------------------------------------------------------------------


def netlink_lookup(home: net, protocol: int, portid: int) -> netlink_sock | None:
    """Who is bound to a portid; each namespace has its own (netlink_compare())."""
    found: netlink_sock | None = home.machine.nl_table[protocol].hash.get((id(home), portid))
    return found


def netlink_insert(sk: netlink_sock, portid: int) -> None:
    """Take a portid. Raises OSError."""
    if sk.bound:
        raise error(EBUSY)
    table = nl_table_of(sk)
    if (id(sk.net), portid) in table.hash:
        raise error(EADDRINUSE)
    table.hash[id(sk.net), portid] = sk
    sk.portid = portid
    sk.bound = True


def netlink_remove(sk: netlink_sock) -> None:
    """Give the portid and the memberships back."""
    table = nl_table_of(sk)
    if sk.bound:
        del table.hash[id(sk.net), sk.portid]
    if sk.subscriptions:
        table.mc_list.remove(sk)


def netlink_autobind(sk: netlink_sock) -> None:
    """Take the task's own id, or, where that is taken, a negative number: a random one, and from there downwards."""
    machine = sk.machine
    portid, rover = machine.current.tgid, -4096
    while netlink_lookup(sk.net, sk.sk_protocol, portid & 0xFFFFFFFF) is not None:
        if rover == -4096:
            rover = S32_MIN + machine.rng.randrange(-4096 - S32_MIN)
        elif not S32_MIN <= rover < -4096:
            rover = -4097
        portid, rover = rover, rover - 1
    netlink_insert(sk, portid & 0xFFFFFFFF)


def netlink_allowed(sk: netlink_sock, flag: int) -> bool:
    """Whether the protocol allows it to everybody, or the running task may do everything."""
    return bool(nl_table_of(sk).flags & flag) or sk.machine.capable(CAP.NET_ADMIN)


def netlink_bind(sk: netlink_sock, pid: int, groups: int) -> None:
    """bind(): take a name; ``groups`` replaces memberships 1 to 32. Raises OSError."""
    if groups:
        if not netlink_allowed(sk, NL_CFG_F.NONROOT_RECV):
            raise error(EPERM)
        netlink_realloc_groups(sk)
    if sk.ngroups < 64:
        groups &= (1 << sk.ngroups) - 1
    if sk.bound and pid != sk.portid:
        raise error(EINVAL)
    _tell_bind(sk, groups)
    if not sk.bound:
        try:
            netlink_insert(sk, pid) if pid else netlink_autobind(sk)
        except OSError:
            netlink_undo_bind(sk, 32, groups)
            raise
    low = sk.groups & 0xFFFFFFFF
    if groups or low:
        netlink_update_subscriptions(sk, sk.subscriptions + groups.bit_count() - low.bit_count())
        sk.groups = sk.groups - low | groups


def _tell_bind(sk: netlink_sock, groups: int) -> None:
    if sk.netlink_bind is None:
        return
    for group in range(32):
        if groups >> group & 1:
            try:
                sk.netlink_bind(sk.net, group + 1)
            except OSError:
                netlink_undo_bind(sk, group, groups)
                raise


def netlink_undo_bind(sk: netlink_sock, group: int, groups: int) -> None:
    """Tell the protocol that the first groups are not joined after all."""
    for undo in range(group):
        if groups >> undo & 1 and sk.netlink_unbind is not None:
            sk.netlink_unbind(sk.net, undo + 1)


def netlink_connect(sk: netlink_sock, pid: int, groups: int) -> None:
    """connect(): whom send() without an address goes to, and the only one who may send here. Raises OSError."""
    if (groups or pid) and not netlink_allowed(sk, NL_CFG_F.NONROOT_SEND):
        raise error(EPERM)
    if not sk.bound:
        netlink_autobind(sk)
    sk.connected, sk.dst_portid, sk.dst_group = True, pid, ffs(groups)


def netlink_disconnect(sk: netlink_sock) -> None:
    """connect() with AF_UNSPEC."""
    sk.connected, sk.dst_portid, sk.dst_group = False, 0, 0


def netlink_getname(sk: netlink_sock, peer: bool = False) -> tuple[int, int]:
    """(nl_pid, nl_groups) of the socket or of its peer; of the groups only the first 32 fit."""
    if peer:
        return sk.dst_portid, netlink_group_mask(sk.dst_group)
    return sk.portid, sk.groups & 0xFFFFFFFF


def netlink_group_mask(group: int) -> int:
    """1 << (group - 1); 0 where that does not fit into nl_groups."""
    return 1 << (group - 1) if 0 < group <= 32 else 0


def ffs(mask: int) -> int:
    """The number of the lowest bit, counted from 1; 0 for none."""
    return (mask & -mask).bit_length()


# --- memberships -----------------------------------------------------------------------------------------------------


def netlink_realloc_groups(sk: netlink_sock) -> None:
    """Make room for as many groups as the protocol has by now."""
    sk.ngroups = max(sk.ngroups, nl_table_of(sk).groups)


def netlink_update_subscriptions(sk: netlink_sock, subscriptions: int) -> None:
    """Enter or leave mc_list; a newcomer comes first (sk_add_bind_node())."""
    mc_list = nl_table_of(sk).mc_list
    if sk.subscriptions and not subscriptions:
        mc_list.remove(sk)
    elif not sk.subscriptions and subscriptions:
        mc_list.insert(0, sk)
    sk.subscriptions = subscriptions


def netlink_update_socket_mc(sk: netlink_sock, group: int, is_new: bool) -> None:
    """Join or leave one group."""
    bit = 1 << (group - 1)
    old = bool(sk.groups & bit)
    sk.groups = sk.groups | bit if is_new else sk.groups & ~bit
    netlink_update_subscriptions(sk, sk.subscriptions - old + is_new)


def netlink_change_membership(sk: netlink_sock, group: int, join: bool) -> None:
    """NETLINK_ADD_MEMBERSHIP and NETLINK_DROP_MEMBERSHIP. Raises OSError."""
    if not netlink_allowed(sk, NL_CFG_F.NONROOT_RECV):
        raise error(EPERM)
    netlink_realloc_groups(sk)
    if not 0 < group <= sk.ngroups:
        raise error(EINVAL)
    if join and sk.netlink_bind is not None:
        sk.netlink_bind(sk.net, group)
    netlink_update_socket_mc(sk, group, join)
    if not join and sk.netlink_unbind is not None:
        sk.netlink_unbind(sk.net, group)


def joined(sk: netlink_sock) -> list[int]:
    """The groups a socket is a member of."""
    return [group for group in range(1, sk.ngroups + 1) if sk.has_group(group)]


def netlink_has_listeners(sk: netlink_sock, group: int) -> bool:
    """Whether anybody, in any namespace, is a member of a group of the kernel socket's protocol.

    A kernel that keeps its events hears them all.
    """
    machine = sk.machine
    mc_list: list[netlink_sock] = machine.nl_table[sk.sk_protocol].mc_list
    return machine.event_log is not None or (bool(mc_list) and any(one.has_group(group) for one in mc_list))


def netlink_change_ngroups(sk: netlink_sock, groups: int) -> None:
    """Change how many groups the protocol of a kernel socket has; sockets learn of it when they join one."""
    nl_table_of(sk).groups = max(groups, 32)
