"""net/netlink/genetlink.c: CTRL_CMD_GETPOLICY: which policies a family's operations have, and what they say.

    CTRL_ATTR_OP_POLICY   for each operation the numbers of its policies, of a request and of a dump
    CTRL_ATTR_POLICY      then the policies, attribute by attribute (policy.py)

Knows: which operations there are to tell of.
Never: what operations do.
"""

from errno import EINVAL, ENODATA, ENOENT

from nlwire.errors import BufferFull
from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback
from nlwire.kernel.genetlink.family import (
    genl_family,
    genl_family_find_byname,
    genl_ops,
    genl_table_of,
    genlmsg_put,
)
from nlwire.kernel.genetlink.policy import netlink_policy_dump_state
from nlwire.uapi.genetlink import CTRL_ATTR, CTRL_ATTR_POLICY, CTRL_CMD, GENL_ID
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.wire import (
    NL_SET_BAD_ATTR,
    NLA,
    Policy,
    nla_get,
    nla_nest_end,
    nla_nest_start,
    nla_policy,
    nla_put,
    nlattr_table,
    nlmsg_cancel,
    nlmsg_end,
    sk_buff,
)
from nlwire.wire.policy import resolve_policy

WHICH_FAMILY = {CTRL_ATTR.FAMILY_ID: nla_policy(NLA.U16), CTRL_ATTR.FAMILY_NAME: nla_policy(NLA.NUL_STRING, len=15)}
ctrl_policy_policy = Policy(CTRL_ATTR, {**WHICH_FAMILY, CTRL_ATTR.OP: nla_policy(NLA.U32)})
genl_ctrl_like = genl_family("nlctrl", version=2, id=int(GENL_ID.CTRL))
"""The header of the controller's own messages."""


class told_op:
    """An operation and its policies; None where there is none."""

    def __init__(self, family: genl_family, op: genl_ops) -> None:
        policy = op.policy or family.policy
        resolved = None if policy is None else resolve_policy(policy)
        self.do = resolved if op.doit is not None else None
        self.dump = resolved if op.dumpit is not None and (op.validate_dump or op.split) else None
        self.cmd = int(op.cmd) if op.doit is not None else 0
        """What its nest is called: the command of its doit (ctrl_dumppolicy_put_op())."""

    @property
    def policies(self) -> list[Policy]:
        """Those there are."""
        return [one for one in (self.do, self.dump) if one is not None]


class ctrl_dump_policy_ctx:
    """What is to be told, and what was."""

    def __init__(self, family: genl_family, ops: list[told_op]) -> None:
        self.fam_id = family.id
        self.left = [one for one in ops if one.policies]
        self.state = netlink_policy_dump_state()
        for one in self.left:
            for policy in one.policies:
                self.state.add(policy)


def ctrl_dumppolicy_start(cb: netlink_callback) -> int:
    """Find the family and its policies: 0 or a negative errno."""
    tb: nlattr_table = cb.ctx["attrs"]
    sk = NETLINK_CB(cb.skb).sk
    assert sk is not None
    number, name, wanted = tb[CTRL_ATTR.FAMILY_ID], tb[CTRL_ATTR.FAMILY_NAME], tb[CTRL_ATTR.OP]
    if number is not None:
        family = genl_table_of(sk.machine).families.get(nla_get(number))
    elif name is not None:
        family = genl_family_find_byname(sk.machine, nla_get(name))
    else:
        return -EINVAL
    if family is None:
        return -ENOENT
    ops = [one for one in family.ops if wanted is None or one.cmd == nla_get(wanted)]
    if wanted is not None and not ops:
        NL_SET_BAD_ATTR(cb.extack, wanted)
        return -ENOENT
    ctx = cb.ctx["policy"] = ctrl_dump_policy_ctx(family, [told_op(family, one) for one in ops])
    return 0 if ctx.state.policies else -ENODATA


def ctrl_dumppolicy_prep(skb: sk_buff, cb: netlink_callback, ctx: ctrl_dump_policy_ctx) -> nlmsghdr:
    """Begin a message. Raises BufferFull."""
    portid, seq = NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq
    nlh = genlmsg_put(skb, portid, seq, genl_ctrl_like, NLM_F.MULTI, CTRL_CMD.GETPOLICY)
    try:
        nla_put(skb, CTRL_ATTR.FAMILY_ID, ctx.fam_id)
    except BufferFull:
        nlmsg_cancel(skb, nlh)
        raise
    return nlh


def put_op(skb: sk_buff, cb: netlink_callback, ctx: ctrl_dump_policy_ctx, op: told_op) -> None:
    """Put which policies an operation has. Raises BufferFull."""
    nlh = ctrl_dumppolicy_prep(skb, cb, ctx)
    try:
        nest = nla_nest_start(skb, CTRL_ATTR.OP_POLICY)
        inner = nla_nest_start(skb, op.cmd)
        for attr, policy in ((CTRL_ATTR_POLICY.DO, op.do), (CTRL_ATTR_POLICY.DUMP, op.dump)):
            if policy is not None:
                nla_put(skb, attr, ctx.state.index(policy))
        nla_nest_end(skb, inner)
        nla_nest_end(skb, nest)
    except BufferFull:
        nlmsg_cancel(skb, nlh)
        raise
    nlmsg_end(skb, nlh)


def put_policy(skb: sk_buff, cb: netlink_callback, ctx: ctrl_dump_policy_ctx) -> None:
    """Put what the next attribute has to be; nothing where of none that is left there is anything to tell. Raises BufferFull."""
    nlh = ctrl_dumppolicy_prep(skb, cb, ctx)
    try:
        nest = nla_nest_start(skb, CTRL_ATTR.POLICY)
        told = ctx.state.write(skb)
    except BufferFull:
        nlmsg_cancel(skb, nlh)
        raise
    if not told:
        nlmsg_cancel(skb, nlh)
        return
    nla_nest_end(skb, nest)
    nlmsg_end(skb, nlh)


def ctrl_dumppolicy(skb: sk_buff, cb: netlink_callback) -> int:
    """Put operations, then policies, as many as fit."""
    ctx: ctrl_dump_policy_ctx = cb.ctx["policy"]
    try:
        while ctx.left:
            put_op(skb, cb, ctx, ctx.left[0])
            ctx.left.pop(0)
        while not ctx.state.finished:
            put_policy(skb, cb, ctx)
    except BufferFull:
        pass
    return skb.len


getpolicy = genl_ops(
    CTRL_CMD.GETPOLICY, dumpit=ctrl_dumppolicy, policy=ctrl_policy_policy, start=ctrl_dumppolicy_start, split=True
)
