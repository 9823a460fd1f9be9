"""net/core/net_namespace.c: the numbers that namespaces have for each other: RTM_NEWNSID, RTM_GETNSID; the end of a namespace.

    nlmsghdr | rtgenmsg | NETNSA_NSID NETNSA_CURRENT_NSID?

A namespace is named by a descriptor, a process or a number. Descriptors and processes are the world's, not the mock's:
``machine.ns_fds`` and ``machine.ns_pids`` say which namespace is meant; a task's own process is in the namespace it asks from.

Knows: who may see into another namespace, how numbers are given, told of, taken back.
Never: what is in a namespace.
"""

from collections.abc import Callable
from errno import EACCES, EBADF, EEXIST, EINVAL, ENOENT, ESRCH
from typing import NamedTuple

from nlwire.kernel.af_netlink import NETLINK_CB, NETLINK_F, netlink_callback, netlink_skb, netlink_sock
from nlwire.kernel.core.dev import unregister_netdevice_many
from nlwire.kernel.net import CAP, NETNSA_NSID_NOT_ASSIGNED, Machine, alloc_netid, error, net, peernet2id
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import RTNL_FLAG, rtnl_notify, rtnl_register, rtnl_unicast, sock_net
from nlwire.uapi.net_namespace import NETNSA
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import AF, RTM, RTNLGRP, rtgenmsg
from nlwire.wire import (
    NL_SET_BAD_ATTR,
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    NLA,
    Policy,
    netlink_ext_ack,
    nla_get,
    nla_policy,
    nla_put_s32,
    nlattr_ptr,
    nlattr_table,
    nlmsg_new,
    nlmsg_parse,
    sk_buff,
)

rtnl_net_policy = Policy(
    NETNSA,
    {
        NETNSA.NSID: nla_policy(NLA.S32),
        NETNSA.PID: nla_policy(NLA.U32),
        NETNSA.FD: nla_policy(NLA.U32),
        NETNSA.TARGET_NSID: nla_policy(NLA.S32),
    },
)


STANDARD = range(3)
"""Descriptors that every process has open."""

# --- which namespace is meant ----------------------------------------------------------------------------------------


def get_net_ns_by_id(own: net, nsid: int) -> net | None:
    """The namespace that ``own`` calls ``nsid``."""
    return next((peer for peer, number in own.netns_ids.items() if number == nsid), None) if nsid >= 0 else None


def get_net_ns_by_fd(machine: Machine, fd: int) -> net:
    """The namespace that a descriptor stands for. Raises OSError: EBADF, or EINVAL for an open file that is none."""
    found = machine.ns_fds.get(fd)
    if found is None:
        raise error(EINVAL if fd in STANDARD else EBADF)
    return found


def get_net_ns_by_pid(own: net, pid: int) -> net:
    """The namespace that a process is in. Raises OSError (ESRCH)."""
    machine = own.machine
    found = machine.ns_pids.get(pid, own if pid == machine.current.tgid else None)
    if found is None:
        raise error(ESRCH)
    return found


def rtnl_get_net_ns_capable(skb: sk_buff, netnsid: int) -> net:
    """The namespace with a number, for a sender who may look into it. Raises OSError: EINVAL, EACCES."""
    found = get_net_ns_by_id(sock_net(skb), netnsid)
    if found is None:
        raise error(EINVAL)
    sk = NETLINK_CB(skb).sk
    if not sk_capable(sk):
        raise error(EACCES)
    return found


def sk_capable(sk: netlink_sock | None) -> bool:
    """sk_ns_capable(): whether who opened the socket and who uses it are both administrators of networks."""
    if sk is None:
        return True
    opened = sk.opener is None or CAP.NET_ADMIN in sk.opener.caps
    return opened and sk.machine.capable(CAP.NET_ADMIN)


# --- messages --------------------------------------------------------------------------------------------------------


class net_fill_args(NamedTuple):
    """What a message says; ``ref_nsid`` None leaves NETNSA_CURRENT_NSID out."""

    portid: int
    seq: int
    cmd: int
    flags: int = 0
    nsid: int = NETNSA_NSID_NOT_ASSIGNED
    ref_nsid: int | None = None


def rtnl_net_fill(skb: sk_buff, args: net_fill_args) -> None:
    """Put one number as a message. Raises BufferFull."""
    with nlmsg_filling(skb, args.portid, args.seq, args.cmd, rtgenmsg, args.flags):
        nla_put_s32(skb, NETNSA.NSID, args.nsid)
        if args.ref_nsid is not None:
            nla_put_s32(skb, NETNSA.CURRENT_NSID, args.ref_nsid)


RTNL_NET_SIZE = 4 + 8 + 8


def rtnl_net_notifyid(own: net, cmd: int, nsid: int, portid: int, nlh: nlmsghdr | None) -> None:
    """Tell of a number that was given or is gone."""
    msg = nlmsg_new(RTNL_NET_SIZE)
    rtnl_net_fill(msg, net_fill_args(portid, 0 if nlh is None else nlh.nlmsg_seq, cmd, nsid=nsid))
    rtnl_notify(msg, own, portid, RTNLGRP.NSID, nlh)


def peernet2id_alloc(own: net, peer: net) -> int:
    """What ``own`` calls ``peer``; a number is given, and told of, where there is none."""
    nsid = peernet2id(own, peer)
    if nsid < 0:
        nsid = alloc_netid(own, peer)
        rtnl_net_notifyid(own, RTM.NEWNSID, nsid, 0, None)
    return nsid


# --- requests --------------------------------------------------------------------------------------------------------


def find_peer(own: net, tb: nlattr_table, extack: netlink_ext_ack, by_nsid: bool) -> tuple[net, nlattr_ptr[int]]:
    """The namespace a request means, and the attribute that says so. Raises OSError."""
    finders: list[tuple[nlattr_ptr[int] | None, Callable[[int], net]]] = [
        (tb[NETNSA.PID], lambda pid: get_net_ns_by_pid(own, pid)),
        (tb[NETNSA.FD], lambda fd: get_net_ns_by_fd(own.machine, fd)),
    ]
    if by_nsid:
        finders.append((tb[NETNSA.NSID], lambda nsid: existing(own, nsid)))
    for nla, find in finders:
        if nla is not None:
            try:
                return find(int(nla_get(nla))), nla
            except OSError:
                NL_SET_BAD_ATTR(extack, nla)
                NL_SET_ERR_MSG(extack, "Peer netns reference is invalid")
                raise
    NL_SET_ERR_MSG(extack, "Peer netns reference is missing")
    raise error(EINVAL)


def existing(own: net, nsid: int) -> net:
    """As get_net_ns_by_id(). Raises OSError (ENOENT)."""
    found = get_net_ns_by_id(own, nsid)
    if found is None:
        raise error(ENOENT)
    return found


def rtnl_net_newid(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Give a namespace a number (ip netns set)."""
    own = sock_net(skb)
    tb = nlmsg_parse(nlh, rtgenmsg, rtnl_net_policy, NL_VALIDATE.LIBERAL, extack)
    asked = tb[NETNSA.NSID]
    if asked is None:
        NL_SET_ERR_MSG(extack, "nsid is missing")
        return -EINVAL
    nsid = int(nla_get(asked))
    peer, nla = find_peer(own, tb, extack, by_nsid=False)
    if peernet2id(own, peer) >= 0:
        NL_SET_BAD_ATTR(extack, nla)
        NL_SET_ERR_MSG(extack, "Peer netns already has a nsid assigned")
        return -EEXIST
    if nsid in own.netns_ids.values():
        NL_SET_BAD_ATTR(extack, asked)
        NL_SET_ERR_MSG(extack, "The specified nsid is already used")
        return -EEXIST
    rtnl_net_notifyid(own, RTM.NEWNSID, alloc_netid(own, peer, nsid), NETLINK_CB(skb).portid, nlh)
    return 0


def rtnl_net_valid_getid_req(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> nlattr_table:
    """Read a request for a number. Raises OSError, PolicyError."""
    sk = NETLINK_CB(skb).sk
    if sk is None or not sk.flags & NETLINK_F.STRICT_CHK:
        return nlmsg_parse(nlh, rtgenmsg, rtnl_net_policy, NL_VALIDATE.LIBERAL, extack)
    tb = nlmsg_parse(nlh, rtgenmsg, rtnl_net_policy, NL_VALIDATE.DEPRECATED_STRICT, extack)
    if NETNSA.CURRENT_NSID in tb:
        NL_SET_ERR_MSG(extack, "Unsupported attribute in peer netns getid request")
        raise error(EINVAL)
    return tb


def rtnl_net_getid(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """The number of a namespace, in the asker's or in another's numbering."""
    own = sock_net(skb)
    tb = rtnl_net_valid_getid_req(skb, nlh, extack)
    peer, _ = find_peer(own, tb, extack, by_nsid=True)
    portid = NETLINK_CB(skb).portid
    args = net_fill_args(portid, nlh.nlmsg_seq, RTM.NEWNSID)
    target = own
    elsewhere = tb[NETNSA.TARGET_NSID]
    if elsewhere is not None:
        try:
            target = rtnl_get_net_ns_capable(skb, int(nla_get(elsewhere)))
        except OSError:
            NL_SET_BAD_ATTR(extack, elsewhere)
            NL_SET_ERR_MSG(extack, "Target netns reference is invalid")
            raise
        args = args._replace(ref_nsid=peernet2id(own, peer))
    msg = nlmsg_new(RTNL_NET_SIZE)
    rtnl_net_fill(msg, args._replace(nsid=peernet2id(target, peer)))
    rtnl_unicast(msg, own, portid)
    return 0


def rtnl_net_dumpid(skb: sk_buff, cb: netlink_callback) -> int:
    """Every number, in order."""
    own = sock_net(cb.skb)
    target, reference = own, None
    if cb.strict_check:
        for nla in nlmsg_parse(cb.nlh, rtgenmsg, rtnl_net_policy, NL_VALIDATE.DEPRECATED_STRICT, cb.extack):
            if nla.attr is not NETNSA.TARGET_NSID:
                blame(cb.extack, nla, "Unsupported attribute in dump request")
                return -EINVAL
            try:
                target, reference = rtnl_get_net_ns_capable(cb.skb, int(nla_get(nla, NETNSA.TARGET_NSID))), own
            except OSError:
                blame(cb.extack, nla, "Invalid target network namespace id")
                raise
    args = net_fill_args(NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq, RTM.NEWNSID, int(NLM_F.MULTI))
    numbers = sorted((nsid, peer) for peer, nsid in target.netns_ids.items())
    for index in range(cb.args[0], len(numbers)):
        cb.args[0] = index
        nsid, peer = numbers[index]
        rtnl_net_fill(
            skb, args._replace(nsid=nsid, ref_nsid=None if reference is None else peernet2id(reference, peer))
        )
    cb.args[0] = len(numbers)
    return 0


def blame(extack: netlink_ext_ack | None, nla: nlattr_ptr[object], words: str) -> None:
    """NL_SET_BAD_ATTR() and NL_SET_ERR_MSG()."""
    NL_SET_BAD_ATTR(extack, nla)
    NL_SET_ERR_MSG(extack, words)


# --- the end ---------------------------------------------------------------------------------------------------------


def cleanup_net(home: net) -> None:
    """A namespace that nobody holds any more: its devices go, and the others forget its number, each telling its own."""
    machine = home.machine
    with machine.lock:
        machine.net_namespace_list.remove(home)
        for other in (*machine.net_namespace_list, home):
            nsid = other.netns_ids.pop(home, None)
            if nsid is not None:
                rtnl_net_notifyid(other, RTM.DELNSID, nsid, 0, None)
        home.netns_ids.clear()
        unregister_netdevice_many([dev for dev in home.dev_base_head if dev is not home.loopback_dev])


def net_ns_init(machine: Machine) -> None:
    """Register the handlers."""
    rtnl_register(machine, AF.UNSPEC, RTM.NEWNSID, rtnl_net_newid, None, RTNL_FLAG.DOIT_UNLOCKED)
    rtnl_register(
        machine,
        AF.UNSPEC,
        RTM.GETNSID,
        rtnl_net_getid,
        rtnl_net_dumpid,
        RTNL_FLAG.DOIT_UNLOCKED | RTNL_FLAG.DUMP_UNLOCKED,
    )
