"""Registering families, and the controller that tells of them (net/netlink/genetlink.c).

    genl_register_family(kernel, genl_family("TASKSTATS", ops=[genl_ops(1, doit)], …))

A family's id and the numbers of its groups are given out as Linux does; programs ask the controller for them.

Knows: ids, groups, CTRL_CMD_GETFAMILY, what the controller announces.
Never: what families do; how policies are told (ctrl_policy.py).
"""

from collections.abc import Iterator
from errno import EEXIST, EINVAL, EMSGSIZE, ENOENT

from nlwire.errors import BufferFull
from nlwire.kernel.af_netlink import (
    NETLINK_CB,
    NL_CFG_F,
    netlink_callback,
    netlink_kernel_cfg,
    netlink_kernel_create,
    netlink_skb,
    nlmsg_multicast,
)
from nlwire.kernel.af_netlink.table import netlink_change_ngroups
from nlwire.kernel.genetlink.ctrl_policy import WHICH_FAMILY, genl_ctrl_like, getpolicy
from nlwire.kernel.genetlink.family import (
    genl_family,
    genl_family_find_byname,
    genl_info,
    genl_ops,
    genl_rcv,
    genl_table,
    genl_table_of,
    genlmsg_put,
    genlmsg_reply,
)
from nlwire.kernel.net import Machine, error, net, register_pernet_subsys
from nlwire.uapi.genetlink import (
    CTRL_ATTR,
    CTRL_ATTR_MCAST_GRP,
    CTRL_ATTR_OP,
    CTRL_CMD,
    GENL,
    GENL_ID,
    GENL_MAX_ID,
    GENL_NAMSIZ,
    GENL_START_ALLOC,
)
from nlwire.uapi.netlink import NETLINK, NLM_F
from nlwire.wire import (
    Policy,
    nla_get,
    nla_nest_end,
    nla_nest_start_noflag,
    nla_put,
    nlmsg_cancel,
    nlmsg_end,
    nlmsg_new,
    sk_buff,
)

# --- registering -----------------------------------------------------------------------------------------------------


def genl_register_family(machine: Machine, family: genl_family) -> None:
    """Give a family its id and its groups, and announce it. Raises OSError (EEXIST)."""
    if not family.name or len(family.name.encode()) >= GENL_NAMSIZ:
        raise error(EINVAL)
    with machine.lock:
        table = genl_table_of(machine)
        if genl_family_find_byname(machine, family.name) is not None:
            raise error(EEXIST)
        family.id = GENL_ID.CTRL if family.name == "nlctrl" else genl_new_id(table)
        genl_validate_assign_mc_groups(machine, table, family)
        table.families[family.id] = family
        genl_ctrl_event(machine, CTRL_CMD.NEWFAMILY, family)
        for at in range(len(family.mcgrps)):
            genl_ctrl_event(machine, CTRL_CMD.NEWMCAST_GRP, family, at)


def genl_new_id(table: genl_table) -> int:
    """The next id that is free; those given back come last (idr_alloc_cyclic())."""
    span = range(GENL_START_ALLOC, GENL_MAX_ID + 1)
    start = table.next_id - span.start
    for at in range(len(span)):
        number = span[(start + at) % len(span)]
        if number not in table.families:
            table.next_id = number + 1
            return number
    raise error(EMSGSIZE)


def genl_validate_assign_mc_groups(machine: Machine, table: genl_table, family: genl_family) -> None:
    """Find a run of group numbers that are free; the controller's has a number of its own."""
    count = len(family.mcgrps)
    if not count:
        return
    first = int(GENL_ID.CTRL)
    if family.name != "nlctrl":
        first = next(at for at in range(2, 1 << 16) if not table.groups.intersection(range(at, at + count)))
    family.mcgrp_offset = first
    table.groups.update(range(first, first + count))
    most = (max(table.groups) // 64 + 1) * 64
    for one in machine.net_namespace_list:
        if one.genl_sock is not None:
            netlink_change_ngroups(one.genl_sock, most)


def genl_unregister_family(machine: Machine, family: genl_family) -> None:
    """Take a family away and tell of it."""
    with machine.lock:
        table = genl_table_of(machine)
        if table.families.pop(family.id, None) is None:
            raise error(ENOENT)
        for at in range(len(family.mcgrps)):
            genl_ctrl_event(machine, CTRL_CMD.DELMCAST_GRP, family, at)
            table.groups.discard(family.mcgrp_offset + at)
        genl_ctrl_event(machine, CTRL_CMD.DELFAMILY, family)


# --- the controller --------------------------------------------------------------------------------------------------


def ctrl_fill_info(skb: sk_buff, family: genl_family, portid: int, seq: int, flags: int, cmd: int) -> None:
    """All that is to be known of a family. Raises BufferFull, the message taken out again."""
    nlh = genlmsg_put(skb, portid, seq, genl_ctrl_like, flags, cmd)
    try:
        nla_put(skb, CTRL_ATTR.FAMILY_NAME, family.name)
        nla_put(skb, CTRL_ATTR.FAMILY_ID, family.id)
        nla_put(skb, CTRL_ATTR.VERSION, family.version)
        nla_put(skb, CTRL_ATTR.HDRSIZE, family.hdrsize)
        nla_put(skb, CTRL_ATTR.MAXATTR, family.maxattr)
        if family.ops:
            ctrl_fill_ops(skb, family)
        if family.mcgrps:
            ctrl_fill_groups(skb, family, range(len(family.mcgrps)))
    except BufferFull:
        nlmsg_cancel(skb, nlh)
        raise
    nlmsg_end(skb, nlh)


def ctrl_fill_ops(skb: sk_buff, family: genl_family) -> None:
    """The operations, counted from 1."""
    nest = nla_nest_start_noflag(skb, CTRL_ATTR.OPS)
    for number, op in enumerate(family.ops, 1):
        flags = op.flags | (GENL.CMD_CAP_DO if op.doit else 0) | (GENL.CMD_CAP_DUMP if op.dumpit else 0)
        flags |= GENL.CMD_CAP_HASPOL if op.policy or family.policy else 0
        inner = nla_nest_start_noflag(skb, number)
        nla_put(skb, CTRL_ATTR_OP.ID, op.cmd)
        nla_put(skb, CTRL_ATTR_OP.FLAGS, flags)
        nla_nest_end(skb, inner)
    nla_nest_end(skb, nest)


def ctrl_fill_groups(skb: sk_buff, family: genl_family, which: range) -> None:
    """Multicast groups, counted from 1."""
    nest = nla_nest_start_noflag(skb, CTRL_ATTR.MCAST_GROUPS)
    for number, at in enumerate(which, 1):
        inner = nla_nest_start_noflag(skb, number)
        nla_put(skb, CTRL_ATTR_MCAST_GRP.ID, family.mcgrp_offset + at)
        nla_put(skb, CTRL_ATTR_MCAST_GRP.NAME, family.mcgrps[at])
        nla_nest_end(skb, inner)
    nla_nest_end(skb, nest)


def ctrl_getfamily(skb: netlink_skb, info: genl_info) -> int:
    """Tell of one family, by id or by name."""
    assert info.attrs is not None
    machine = info.net.machine
    number, name = info.attrs[CTRL_ATTR.FAMILY_ID], info.attrs[CTRL_ATTR.FAMILY_NAME]
    found: genl_family | None = None
    if number is not None:
        found = genl_table_of(machine).families.get(nla_get(number))
    if name is not None:
        found = genl_family_find_byname(machine, nla_get(name))
    if found is None:
        return -EINVAL if number is None and name is None else -ENOENT
    if not (found.netnsok or info.net is machine.init_net):
        return -ENOENT
    msg = nlmsg_new()
    ctrl_fill_info(msg, found, info.snd_portid, info.snd_seq, 0, CTRL_CMD.NEWFAMILY)
    genlmsg_reply(msg, info)
    return 0


def ctrl_dumpfamily(skb: sk_buff, cb: netlink_callback) -> int:
    """List the families, by id."""
    parms = NETLINK_CB(cb.skb)
    assert parms.sk is not None
    families: Iterator[tuple[int, genl_family]] = iter(sorted(genl_table_of(parms.sk.machine).families.items()))
    for number, family in families:
        if number < cb.args[0] or not (family.netnsok or parms.sk.net is parms.sk.machine.init_net):
            continue
        cb.args[0] = number
        try:
            ctrl_fill_info(skb, family, parms.portid, cb.nlh.nlmsg_seq, NLM_F.MULTI, CTRL_CMD.NEWFAMILY)
        except BufferFull:
            return skb.len
    cb.args[0] = GENL_MAX_ID + 1
    return skb.len


def genl_ctrl_event(machine: Machine, event: int, family: genl_family, group: int | None = None) -> None:
    """Announce a family or a group of it, in every namespace that can see it."""
    msg = nlmsg_new()
    if group is None:
        ctrl_fill_info(msg, family, 0, 0, 0, event)
    else:
        nlh = genlmsg_put(msg, 0, 0, genl_ctrl_like, 0, event)
        nla_put(msg, CTRL_ATTR.FAMILY_NAME, family.name)
        nla_put(msg, CTRL_ATTR.FAMILY_ID, family.id)
        ctrl_fill_groups(msg, family, range(group, group + 1))
        nlmsg_end(msg, nlh)
    for one in machine.net_namespace_list if family.netnsok else [machine.init_net]:
        if one.genl_sock is not None:
            nlmsg_multicast(one.genl_sock, msg, 0, GENL_ID.CTRL)


ctrl_policy_family = Policy(CTRL_ATTR, WHICH_FAMILY, maxtype=CTRL_ATTR.FAMILY_NAME.number)


def genl_pernet_init(home: net) -> None:
    """The kernel's socket of a namespace."""
    most = (max(genl_table_of(home.machine).groups) // 64 + 1) * 64
    cfg = netlink_kernel_cfg(genl_rcv, groups=most, flags=NL_CFG_F.NONROOT_RECV)
    home.genl_sock = netlink_kernel_create(home, NETLINK.GENERIC, cfg)


def genl_init(machine: Machine) -> None:
    """Register the controller."""
    machine.subsystems["genl_fam_idr"] = genl_table()
    getfamily = genl_ops(
        CTRL_CMD.GETFAMILY,
        ctrl_getfamily,
        ctrl_dumpfamily,
        ctrl_policy_family,
        strict=False,
        validate_dump=False,
        split=True,
    )
    controller = genl_family(
        "nlctrl", [getfamily, getpolicy], version=2, mcgrps=["notify"], resv_start_op=CTRL_CMD.GETPOLICY + 1
    )
    genl_register_family(machine, controller)
    register_pernet_subsys(machine, genl_pernet_init)
