"""net/core/fib_rules.c: a rule as a message, told of and dumped: fib_nl_fill_rule, notify_rule_change, fib_nl_dumprule.

Knows: the order of the attributes, what a strict dump refuses.
Never: changing rules.
"""

from errno import EAFNOSUPPORT, EINVAL

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback
from nlwire.kernel.core.fib_rules.rule import (
    DETACHED,
    FR_ACT_GOTO,
    NO_PORTS,
    UID_MAX,
    UNSET,
    fib_rule,
    fib_rules_ops,
    lookup_rules_ops,
    rules_ops_of,
)
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify, sock_net
from nlwire.uapi.fib_rules import FIB_RULE, FRA, fib_rule_hdr, fib_rule_port_range, fib_rule_uid_range
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import AF, RT_TABLE, RTM
from nlwire.wire import (
    NL_SET_ERR_MSG,
    netlink_ext_ack,
    nla_put,
    nla_put_be64,
    nla_put_string,
    nla_put_u8,
    nla_put_u16,
    nla_put_u32,
    nlmsg_attrlen,
    nlmsg_data,
    nlmsg_len,
    nlmsg_new,
    sk_buff,
)

FIB_RULE_NLMSG_SIZE = 12 + 2 * 20 + 8 * 6 + 12 + 12 + 8 * 2 + 8 * 4
"""fib_rule_nlmsg_size() without the family's own."""


def fib_nl_fill_rule(
    skb: sk_buff, rule: fib_rule, portid: int, seq: int, type: int, flags: int, ops: fib_rules_ops
) -> None:
    """Put one rule as a message. Raises BufferFull."""
    with nlmsg_filling(skb, portid, seq, type, fib_rule_hdr, flags) as nlh:
        frh = nlmsg_data(nlh, fib_rule_hdr)
        frh.family = ops.family
        frh.table = rule.table if rule.table < 256 else int(RT_TABLE.COMPAT)
        nla_put_u32(skb, FRA.TABLE, rule.table)
        nla_put_u32(skb, FRA.SUPPRESS_PREFIXLEN, rule.suppress_prefixlen)
        frh.action, frh.flags = rule.action, rule.flags | live_flags(rule)
        nla_put_u8(skb, FRA.PROTOCOL, rule.proto)
        for attr, name in ((FRA.IIFNAME, rule.iifname), (FRA.OIFNAME, rule.oifname)):
            if name:
                nla_put_string(skb, attr, name)
        fill_selectors(skb, rule)
        if rule.suppress_ifgroup != UNSET:
            nla_put_u32(skb, FRA.SUPPRESS_IFGROUP, rule.suppress_ifgroup)
        ops.fill(rule, skb, frh)


def live_flags(rule: fib_rule) -> int:
    """Flags that say what there is not at the moment."""
    flags = int(FIB_RULE.UNRESOLVED) if rule.action == FR_ACT_GOTO and rule.ctarget is None else 0
    if rule.iifname and rule.iifindex == DETACHED:
        flags |= int(FIB_RULE.IIF_DETACHED)
    if rule.oifname and rule.oifindex == DETACHED:
        flags |= int(FIB_RULE.OIF_DETACHED)
    return flags


def fill_selectors(skb: sk_buff, rule: fib_rule) -> None:
    """The attributes from FRA_PRIORITY to FRA_IP_PROTO; those that are zero are left out."""
    if rule.pref:
        nla_put_u32(skb, FRA.PRIORITY, rule.pref)
    if rule.mark:
        nla_put_u32(skb, FRA.FWMARK, rule.mark)
    if rule.mark_mask or rule.mark:
        nla_put_u32(skb, FRA.FWMASK, rule.mark_mask)
    if rule.target:
        nla_put_u32(skb, FRA.GOTO, rule.target)
    if rule.tun_id:
        nla_put_be64(skb, FRA.TUN_ID, rule.tun_id)
    if rule.l3mdev:
        nla_put_u8(skb, FRA.L3MDEV, rule.l3mdev)
    if UID_MAX not in rule.uid_range:
        nla_put(skb, FRA.UID_RANGE, fib_rule_uid_range(start=rule.uid_range[0], end=rule.uid_range[1]))
    for ports, range_attr, mask, mask_attr in (
        (rule.sport_range, FRA.SPORT_RANGE, rule.sport_mask, FRA.SPORT_MASK),
        (rule.dport_range, FRA.DPORT_RANGE, rule.dport_mask, FRA.DPORT_MASK),
    ):
        if ports != NO_PORTS:
            nla_put(skb, range_attr, fib_rule_port_range(start=ports[0], end=ports[1]))
        if mask:
            nla_put_u16(skb, mask_attr, mask)
    if rule.ip_proto:
        nla_put_u8(skb, FRA.IP_PROTO, rule.ip_proto)


def notify_rule_change(event: int, rule: fib_rule, ops: fib_rules_ops, nlh: nlmsghdr, portid: int) -> None:
    """Tell of a rule that has come or gone."""
    skb = nlmsg_new(FIB_RULE_NLMSG_SIZE + ops.nlmsg_payload)
    fib_nl_fill_rule(skb, rule, portid, nlh.nlmsg_seq, event, 0, ops)
    rtnl_notify(skb, ops.fro_net, portid, ops.nlgroup, nlh)


# --- dumping ---------------------------------------------------------------------------------------------------------


def fib_valid_dumprule_req(nlh: nlmsghdr, extack: netlink_ext_ack | None) -> int:
    """Whether a strict dump asks for nothing that there is not: 0 or -EINVAL."""
    if nlmsg_len(nlh) < fib_rule_hdr.sizeof:
        NL_SET_ERR_MSG(extack, "Invalid header for fib rule dump request")
        return -EINVAL
    frh = nlmsg_data(nlh, fib_rule_hdr)
    if frh.dst_len or frh.src_len or frh.tos or frh.table or frh.res1 or frh.res2 or frh.action or frh.flags:
        NL_SET_ERR_MSG(extack, "Invalid values in header for fib rule dump request")
        return -EINVAL
    if nlmsg_attrlen(nlh, fib_rule_hdr):
        NL_SET_ERR_MSG(extack, "Invalid data after header in fib rule dump request")
        return -EINVAL
    return 0


def fib_nl_dumprule(skb: sk_buff, cb: netlink_callback) -> int:
    """A family's rules, or those of all families."""
    if cb.strict_check:
        err = fib_valid_dumprule_req(cb.nlh, cb.extack)
        if err:
            return err
    home, family = sock_net(cb.skb), nlmsg_data(cb.nlh)[0]
    if family != AF.UNSPEC:
        ops = lookup_rules_ops(home, family)
        if ops is None:
            return -EAFNOSUPPORT
        dump_rules(skb, cb, ops)
        return 0
    families = list(rules_ops_of(home).values())
    for index in range(cb.args[0], len(families)):
        cb.args[0] = index
        dump_rules(skb, cb, families[index])
        cb.args[1] = 0
    cb.args[0] = len(families)
    return 0


def dump_rules(skb: sk_buff, cb: netlink_callback, ops: fib_rules_ops) -> None:
    """The rules of one family from cb.args[1] on. Raises BufferFull, and then goes on there next time."""
    portid, seq = NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq
    for index in range(cb.args[1], len(ops.rules_list)):
        cb.args[1] = index
        fib_nl_fill_rule(skb, ops.rules_list[index], portid, seq, RTM.NEWRULE, int(NLM_F.MULTI), ops)
    cb.args[1] = len(ops.rules_list)
