"""Families of generic netlink and the way of a request to its operation (net/netlink/genetlink.c).

Knows: finding a family and its operation, rights, attributes by policy, messages of a family.
Never: who registered.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from errno import EINVAL, ENOENT, EOPNOTSUPP, EPERM
from typing import Any

from nlwire.kernel.af_netlink import (
    NETLINK_CB,
    netlink_callback,
    netlink_dump_control,
    netlink_dump_start,
    netlink_ns_capable,
    netlink_rcv_skb,
    netlink_skb,
    nlmsg_multicast,
    nlmsg_notify,
    nlmsg_report,
    nlmsg_unicast,
)
from nlwire.kernel.net import CAP, Machine, net
from nlwire.uapi.genetlink import (
    GENL,
    GENL_HDRLEN,
    GENL_ID,
    GENL_START_ALLOC,
    genlmsghdr,
)
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    netlink_ext_ack,
    nlattr_table,
    nlmsg_data,
    nlmsg_msg_size,
    nlmsg_parse,
    nlmsg_put,
    sk_buff,
)

Attrs = nlattr_table | None


@dataclass
class genl_info:
    """A request, as a doit sees it."""

    snd_seq: int
    snd_portid: int
    family: "genl_family"
    nlhdr: nlmsghdr
    genlhdr: genlmsghdr
    attrs: Attrs
    net: net
    extack: netlink_ext_ack | None


@dataclass
class genl_ops:
    """What a command does. ``strict`` is how attributes are validated, ``policy`` overrides the family's.

    ``start`` is called before a dump and may refuse by a negative errno or an exception. ``split`` says that the command is
    declared as struct genl_split_ops: that its dump has a policy is told even where it is not validated by it.
    """

    cmd: int
    doit: Callable[[netlink_skb, genl_info], int | None] | None = None
    dumpit: Callable[[sk_buff, netlink_callback], int | None] | None = None
    policy: Any = None
    flags: int = 0
    strict: bool = True
    validate_dump: bool = True
    start: Callable[[netlink_callback], int] | None = None
    split: bool = False


@dataclass
class genl_family:
    """A family. ``maxattr`` is only told to those who ask: families whose operations have policies of their own say 0."""

    name: str
    ops: Sequence[genl_ops] = ()
    version: int = 1
    hdrsize: int = 0
    policy: Any = None
    maxattr: int = 0
    mcgrps: Sequence[str] = ()
    netnsok: bool = True
    resv_start_op: int = 0
    """From this command on, bits and bytes that mean nothing must be zero."""
    id: int = 0
    mcgrp_offset: int = 0


@dataclass
class genl_table:
    """What Linux keeps in genl_fam_idr and mc_groups."""

    families: dict[int, genl_family] = field(default_factory=dict)
    next_id: int = GENL_START_ALLOC
    groups: set[int] = field(default_factory=lambda: {0, 1, *(int(one) for one in GENL_ID)})


def genl_table_of(machine: Machine) -> genl_table:
    """The machine's families."""
    found: genl_table = machine.subsystems["genl_fam_idr"]
    return found


def genl_family_find_byname(machine: Machine, name: str) -> genl_family | None:
    """A family, or None."""
    return next((one for one in genl_table_of(machine).families.values() if one.name == name), None)


# --- requests --------------------------------------------------------------------------------------------------------


def genl_rcv(skb: netlink_skb) -> None:
    """What the kernel's NETLINK_GENERIC socket does with a datagram."""
    netlink_rcv_skb(skb, genl_rcv_msg)


def genl_rcv_msg(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Find the family and the operation of one request."""
    sk = NETLINK_CB(skb).sk
    assert sk is not None
    family = genl_table_of(sk.machine).families.get(nlh.nlmsg_type)
    if family is None or not (family.netnsok or sk.net is sk.machine.init_net):
        return -ENOENT
    if nlh.nlmsg_len < nlmsg_msg_size(GENL_HDRLEN + family.hdrsize):
        return -EINVAL
    header = nlmsg_data(nlh, genlmsghdr)
    if not genl_header_check(family, nlh, header, extack):
        return -EINVAL
    dump = nlh.nlmsg_flags & NLM_F.DUMP == NLM_F.DUMP
    op = next((one for one in family.ops if one.cmd == header.cmd and (one.dumpit if dump else one.doit)), None)
    if op is None:
        return -EOPNOTSUPP
    if op.flags & (GENL.ADMIN_PERM | GENL.UNS_ADMIN_PERM) and not netlink_ns_capable(skb, CAP.NET_ADMIN):
        return -EPERM
    if dump:
        return genl_dumpit(sk.net, family, op, skb, nlh, extack)
    assert op.doit is not None
    attrs = genl_family_rcv_msg_attrs_parse(family, op, nlh, extack)
    info = genl_info(nlh.nlmsg_seq, NETLINK_CB(skb).portid, family, nlh, header, attrs, sk.net, extack)
    return op.doit(skb, info) or 0


def genl_header_check(family: genl_family, nlh: nlmsghdr, header: genlmsghdr, extack: netlink_ext_ack) -> bool:
    """Newer commands refuse what older ones overlook."""
    if header.cmd < family.resv_start_op:
        return True
    if header.reserved:
        NL_SET_ERR_MSG(extack, "genlmsghdr.reserved field is not 0")
        return False
    flags = int(nlh.nlmsg_flags)
    if flags & NLM_F.DUMP == NLM_F.DUMP:
        flags &= ~NLM_F.DUMP
    if flags & ~(NLM_F.REQUEST | NLM_F.ACK | NLM_F.ECHO):
        NL_SET_ERR_MSG(extack, "ambiguous or reserved bits set in nlmsg_flags")
        return False
    return True


def genl_family_rcv_msg_attrs_parse(
    family: genl_family, op: genl_ops, nlh: nlmsghdr, extack: netlink_ext_ack | None
) -> Attrs:
    """The attributes of a request; None for a family that has none. Raises PolicyError."""
    policy = op.policy or family.policy
    if policy is None:
        return None
    level = NL_VALIDATE.STRICT if op.strict else NL_VALIDATE.LIBERAL
    return nlmsg_parse(nlh, GENL_HDRLEN + family.hdrsize, policy, level, extack)


def genl_dumpit(
    home: net, family: genl_family, op: genl_ops, skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack
) -> int:
    """Begin a dump; ``cb.data`` is the operation, ``cb.ctx["attrs"]`` the request's attributes."""

    def genl_start(cb: netlink_callback) -> int:
        if op.validate_dump:
            cb.ctx["attrs"] = genl_family_rcv_msg_attrs_parse(family, op, nlh, cb.extack)
        return 0 if op.start is None else op.start(cb)

    assert op.dumpit is not None
    control = netlink_dump_control(op.dumpit, genl_start, data=op, extack=extack)
    return netlink_dump_start(home.genl_sock, skb, nlh, control)


# --- messages --------------------------------------------------------------------------------------------------------


def genlmsg_put(skb: sk_buff, portid: int, seq: int, family: genl_family, flags: int, cmd: int) -> nlmsghdr:
    """Begin a message of a family. Raises BufferFull."""
    nlh = nlmsg_put(skb, portid, seq, family.id, GENL_HDRLEN + family.hdrsize, flags)
    nlmsg_data(nlh)[:2] = bytes((cmd, family.version))
    return nlh


def genlmsg_reply(skb: sk_buff, info: genl_info) -> None:
    """Answer a request. Raises OSError."""
    nlmsg_unicast(info.net.genl_sock, skb, info.snd_portid)


def genlmsg_multicast_netns(family: genl_family, home: net, skb: sk_buff, portid: int, group: int) -> int:
    """Tell a family's group (by its place in ``mcgrps``) in one namespace; 0 or a negative errno."""
    return nlmsg_multicast(home.genl_sock, skb, portid, family.mcgrp_offset + group)


def genl_notify(family: genl_family, skb: sk_buff, info: genl_info, group: int) -> None:
    """Tell a family's group of a change, and with NLM_F_ECHO also who asked for it."""
    report = nlmsg_report(info.nlhdr)
    nlmsg_notify(info.net.genl_sock, skb, info.snd_portid, family.mcgrp_offset + group, report)
