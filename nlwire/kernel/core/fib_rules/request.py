"""net/core/fib_rules.c: RTM_NEWRULE and RTM_DELRULE: fib_nl2rule, rule_exists, rule_find, fib_newrule, fib_delrule.

Knows: what of a request makes a rule, which rule it means, what goto entails.
Never: what is a family's own.
"""

from collections.abc import Callable
from errno import EAFNOSUPPORT, EEXIST, EINVAL, ENOENT, EPERM
from typing import Any, NoReturn

from nlwire.errors import PolicyError
from nlwire.kernel.af_netlink import NETLINK_CB, netlink_skb
from nlwire.kernel.core.dev import dev_get_by_name
from nlwire.kernel.core.fib_rules.fill import notify_rule_change
from nlwire.kernel.core.fib_rules.rule import (
    ANY_UID,
    DETACHED,
    FR_ACT_GOTO,
    NO_PORTS,
    UID_MAX,
    UNSET,
    fib_default_rule_pref,
    fib_rule,
    fib_rules_ops,
    lookup_rules_ops,
)
from nlwire.kernel.net import error, net
from nlwire.kernel.rtnetlink import sock_net
from nlwire.uapi.fib_rules import FIB_RULE, FRA, fib_rule_hdr, fib_rule_port_range, fib_rule_uid_range
from nlwire.uapi.if_ import IFNAMSIZ
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_SET_ERR_MSG_ATTR,
    NL_VALIDATE,
    NLA,
    NLA_POLICY_MASK,
    NLA_POLICY_MAX,
    Policy,
    netlink_ext_ack,
    nla_data,
    nla_get,
    nla_get_default,
    nla_len,
    nla_policy,
    nlattr_ptr,
    nlattr_table,
    nlmsg_data,
    nlmsg_len,
    nlmsg_parse,
)

INET_DSCP_MAX = 63
fib_rule_policy = Policy(
    FRA,
    {
        FRA.IIFNAME: nla_policy(NLA.STRING, len=15),
        FRA.OIFNAME: nla_policy(NLA.STRING, len=15),
        FRA.PRIORITY: nla_policy(NLA.U32),
        FRA.FWMARK: nla_policy(NLA.U32),
        FRA.FLOW: nla_policy(NLA.U32),
        FRA.TUN_ID: nla_policy(NLA.U64),
        FRA.FWMASK: nla_policy(NLA.U32),
        FRA.TABLE: nla_policy(NLA.U32),
        FRA.SUPPRESS_PREFIXLEN: nla_policy(NLA.U32),
        FRA.SUPPRESS_IFGROUP: nla_policy(NLA.U32),
        FRA.GOTO: nla_policy(NLA.U32),
        FRA.L3MDEV: nla_policy(NLA.U8),
        FRA.UID_RANGE: nla_policy(len=fib_rule_uid_range.sizeof),
        FRA.PROTOCOL: nla_policy(NLA.U8),
        FRA.IP_PROTO: nla_policy(NLA.U8),
        FRA.SPORT_RANGE: nla_policy(len=fib_rule_port_range.sizeof),
        FRA.DPORT_RANGE: nla_policy(len=fib_rule_port_range.sizeof),
        FRA.DSCP: NLA_POLICY_MAX(NLA.U8, INET_DSCP_MAX),
        FRA.FLOWLABEL: nla_policy(NLA.BE32),
        FRA.FLOWLABEL_MASK: nla_policy(NLA.BE32),
        FRA.SPORT_MASK: nla_policy(NLA.U16),
        FRA.DPORT_MASK: nla_policy(NLA.U16),
        FRA.DSCP_MASK: NLA_POLICY_MASK(NLA.U8, INET_DSCP_MAX),
    },
    strict_start_type=FRA.DPORT_RANGE.number + 1,
)


class Request:
    """A request for a rule, read: the family's rules, the header, the attributes, and the rule it describes."""

    __slots__ = ("extack", "frh", "ops", "rule", "tb")

    def __init__(self, home: net, nlh: nlmsghdr, extack: netlink_ext_ack) -> None:
        """Raises OSError, PolicyError."""
        if nlmsg_len(nlh) < fib_rule_hdr.sizeof:
            refuse(extack, EINVAL, "Invalid msg length")
        self.frh = nlmsg_data(nlh, fib_rule_hdr)
        ops = lookup_rules_ops(home, self.frh.family)
        if ops is None:
            refuse(extack, EAFNOSUPPORT, "Rule family not supported")
        self.ops, self.extack = ops, extack
        try:
            self.tb = nlmsg_parse(nlh, fib_rule_hdr, fib_rule_policy, NL_VALIDATE.LIBERAL, extack)
        except PolicyError:
            NL_SET_ERR_MSG(extack, "Error parsing msg")
            raise
        self.rule: fib_rule = fib_nl2rule(home, self)
        fib_nl2rule_rtnl(self)


def refuse(extack: netlink_ext_ack, errno: int, words: str, nla: nlattr_ptr[Any] | None = None) -> NoReturn:
    """Say why, and raise OSError."""
    if nla is None:
        NL_SET_ERR_MSG(extack, words)
    else:
        NL_SET_ERR_MSG_ATTR(extack, nla, words)
    raise error(errno)


def fib_nl2rule(home: net, asked: Request) -> fib_rule:
    """The rule that a request describes. Raises OSError."""
    tb, frh, extack = asked.tb, asked.frh, asked.extack
    check_address(asked, frh.src_len, tb[FRA.SRC], "Invalid source address")
    check_address(asked, frh.dst_len, tb[FRA.DST], "Invalid dst address")
    rule = asked.ops.rule_type(home)
    rule.proto = int(nla_get_default(tb[FRA.PROTOCOL], 0))
    rule.iifname, rule.oifname = nla_get_default(tb[FRA.IIFNAME], ""), nla_get_default(tb[FRA.OIFNAME], "")
    rule.iifname_bytes, rule.oifname_bytes = nla_strscpy(tb[FRA.IIFNAME]), nla_strscpy(tb[FRA.OIFNAME])
    rule.mark = nla_get_default(tb[FRA.FWMARK], 0)
    rule.mark_mask = nla_get_default(tb[FRA.FWMASK], 0xFFFFFFFF if rule.mark else 0)
    rule.tun_id = nla_get_default(tb[FRA.TUN_ID], 0)
    l3mdev = tb[FRA.L3MDEV]
    if l3mdev is not None:
        rule.l3mdev = nla_get(l3mdev)
        if rule.l3mdev != 1:
            refuse(extack, EINVAL, "Invalid l3mdev attribute")
    rule.action, rule.flags = frh.action, frh.flags
    rule.table = int(nla_get_default(tb[FRA.TABLE], frh.table))
    rule.suppress_prefixlen = nla_get_default(tb[FRA.SUPPRESS_PREFIXLEN], UNSET)
    rule.suppress_ifgroup = nla_get_default(tb[FRA.SUPPRESS_IFGROUP], UNSET)
    read_goto(rule, tb, extack)
    if rule.l3mdev and rule.table:
        refuse(extack, EINVAL, "l3mdev and table are mutually exclusive")
    rule.uid_range = read_uid_range(tb[FRA.UID_RANGE], extack)
    rule.ip_proto = int(nla_get_default(tb[FRA.IP_PROTO], 0))
    rule.sport_range, rule.sport_mask = read_ports(tb[FRA.SPORT_RANGE], tb[FRA.SPORT_MASK], extack, "sport")
    rule.dport_range, rule.dport_mask = read_ports(tb[FRA.DPORT_RANGE], tb[FRA.DPORT_MASK], extack, "dport")
    return rule


def check_address(asked: Request, width: int, nla: nlattr_ptr[Any] | None, words: str) -> None:
    """A prefix length asks for an address of the family's size. Raises OSError."""
    size = asked.ops.addr_size
    if width and (nla is None or width > size * 8 or nla_len(nla) != size):
        refuse(asked.extack, EINVAL, words)


def read_goto(rule: fib_rule, tb: nlattr_table, extack: netlink_ext_ack) -> None:
    """FRA_GOTO belongs to FR_ACT_GOTO and it to that. Raises OSError."""
    target = tb[FRA.GOTO]
    if target is not None:
        if rule.action != FR_ACT_GOTO:
            refuse(extack, EINVAL, "Unexpected goto")
        rule.target = nla_get(target)
    elif rule.action == FR_ACT_GOTO:
        refuse(extack, EINVAL, "Missing goto target for action goto")


def read_uid_range(nla: nlattr_ptr[Any] | None, extack: netlink_ext_ack) -> tuple[int, int]:
    """The users a rule is for. Raises OSError."""
    if nla is None:
        return ANY_UID
    asked = nla_data(nla, fib_rule_uid_range)
    if UID_MAX in (asked.start, asked.end) or asked.start > asked.end:
        refuse(extack, EINVAL, "Invalid uid range")
    return asked.start, asked.end


def read_ports(
    nla: nlattr_ptr[Any] | None, mask_nla: nlattr_ptr[Any] | None, extack: netlink_ext_ack, which: str
) -> tuple[tuple[int, int], int]:
    """A range of ports and its mask, which for a single port is all ones unless given. Raises OSError."""
    ports, mask = NO_PORTS, 0
    if nla is not None:
        asked = nla_data(nla, fib_rule_port_range)
        ports = asked.start, asked.end
        if not 0 < ports[0] <= ports[1] < 0xFFFF:
            refuse(extack, EINVAL, f"Invalid {which} range")
        mask = 0xFFFF if ports[0] == ports[1] else 0
    if mask_nla is not None:
        if ports == NO_PORTS:
            refuse(extack, EINVAL, "Cannot specify port mask without port value", mask_nla)
        if ports[0] != ports[1]:
            refuse(extack, EINVAL, "Cannot specify port mask for port range", mask_nla)
        mask = nla_get(mask_nla)
        if ports[0] & ~mask:
            refuse(extack, EINVAL, "Invalid port mask", mask_nla)
    return ports, mask


def fib_nl2rule_rtnl(asked: Request) -> None:
    """What hangs on the rules and interfaces there are. Raises OSError."""
    rule, home = asked.rule, asked.rule.fr_net
    pref = asked.tb[FRA.PRIORITY]
    rule.pref = fib_default_rule_pref(asked.ops) if pref is None else nla_get(pref)
    if FRA.GOTO in asked.tb and rule.target <= rule.pref:
        refuse(asked.extack, EINVAL, "Backward goto not supported")
    if FRA.IIFNAME in asked.tb:
        dev = dev_get_by_name(home, rule.iifname)
        rule.iifindex = DETACHED if dev is None else dev.ifindex
    if FRA.OIFNAME in asked.tb:
        dev = dev_get_by_name(home, rule.oifname)
        rule.oifindex = DETACHED if dev is None else dev.ifindex


# --- which rule ------------------------------------------------------------------------------------------------------

ALWAYS = (
    "action",
    "table",
    "pref",
    "iifname_bytes",
    "oifname_bytes",
    "mark",
    "suppress_ifgroup",
    "suppress_prefixlen",
    "mark_mask",
    "tun_id",
    "l3mdev",
    "uid_range",
    "ip_proto",
    "proto",
    "sport_range",
    "sport_mask",
    "dport_range",
    "dport_mask",
)
"""What two rules must have in common to be the same, beside what is the family's own."""
BLANK: dict[str, Callable[[Any], bool]] = {
    "iifname_bytes": lambda value: not value.split(b"\0", 1)[0],
    "oifname_bytes": lambda value: not value.split(b"\0", 1)[0],
    "suppress_ifgroup": lambda value: value == UNSET,
    "suppress_prefixlen": lambda value: value == UNSET,
    "uid_range": lambda value: UID_MAX in value,
    "sport_range": lambda value: value == NO_PORTS,
    "dport_range": lambda value: value == NO_PORTS,
}
"""How a request to delete says that it does not care; anything else says so by 0."""


def nla_strscpy(nla: nlattr_ptr[Any] | None) -> bytes:
    """What a name's IFNAMSIZ bytes hold, but for zeros at the end."""
    return b"" if nla is None else bytes(nla_data(nla)[: IFNAMSIZ - 1]).rstrip(b"\0")


def rule_exists(asked: Request) -> bool:
    """Whether there is such a rule already."""
    values = [(name, getattr(asked.rule, name)) for name in ALWAYS]
    return any(
        all(getattr(r, name) == value for name, value in values) and asked.ops.compare(r, asked.frh, asked.tb)
        for r in asked.ops.rules_list
    )


def rule_find(asked: Request) -> fib_rule | None:
    """The first rule that is all that was said."""
    cared = []
    for name in ALWAYS:
        value = getattr(asked.rule, name)
        said = FRA.PRIORITY in asked.tb if name == "pref" else not BLANK.get(name, lambda value: not value)(value)
        if said:
            cared.append((name, value))
    for r in asked.ops.rules_list:
        if all(getattr(r, name) == value for name, value in cared) and asked.ops.compare(r, asked.frh, asked.tb):
            found: fib_rule = r
            return found
    return None


# --- changes ---------------------------------------------------------------------------------------------------------


def fib_nl_newrule(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Add a rule behind those of its pref."""
    asked = Request(sock_net(skb), nlh, extack)
    rule, ops = asked.rule, asked.ops
    if nlh.nlmsg_flags & NLM_F.EXCL and rule_exists(asked):
        return -EEXIST
    ops.configure(rule, asked.frh, asked.tb, extack)
    ops.fib_rules_seq += 1
    rule.ctarget = next((r for r in ops.rules_list if r.pref == rule.target), None)
    place = next((at for at, r in enumerate(ops.rules_list) if r.pref > rule.pref), len(ops.rules_list))
    ops.rules_list.insert(place, rule)
    if ops.unresolved_rules:
        resolve(ops, rule)
    if rule.action == FR_ACT_GOTO:
        ops.nr_goto_rules += 1
    if rule.ctarget is None:
        ops.unresolved_rules += 1
    notify_rule_change(RTM.NEWRULE, rule, ops, nlh, NETLINK_CB(skb).portid)
    if ops.flush_cache is not None:
        ops.flush_cache(ops)
    return 0


def resolve(ops: fib_rules_ops, rule: fib_rule) -> None:
    """Let those that go to a rule's pref in vain go there."""
    for r in ops.rules_list:
        if r.action == FR_ACT_GOTO and r.target == rule.pref and r.ctarget is None:
            r.ctarget = rule
            ops.unresolved_rules -= 1
            if not ops.unresolved_rules:
                return


def fib_nl_delrule(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Delete the first rule that is all that was said."""
    asked = Request(sock_net(skb), nlh, extack)
    ops, rule = asked.ops, rule_find(asked)
    if rule is None:
        return -ENOENT
    if rule.flags & FIB_RULE.PERMANENT:
        return -EPERM
    if ops.delete is not None:
        ops.delete(rule)
    at = ops.rules_list.index(rule)
    del ops.rules_list[at]
    if rule.action == FR_ACT_GOTO:
        ops.nr_goto_rules -= 1
        if rule.ctarget is None:
            ops.unresolved_rules -= 1
    if ops.nr_goto_rules > 0:
        redirect(ops, rule, at)
    ops.fib_rules_seq += 1
    notify_rule_change(RTM.DELRULE, rule, ops, nlh, NETLINK_CB(skb).portid)
    if ops.flush_cache is not None:
        ops.flush_cache(ops)
    return 0


def redirect(ops: fib_rules_ops, gone: fib_rule, at: int) -> None:
    """Let those that went to a rule that is gone go to the next of its pref, or nowhere."""
    n = ops.rules_list[at] if at < len(ops.rules_list) and ops.rules_list[at].pref == gone.pref else None
    for r in ops.rules_list:
        if r.ctarget is gone:
            r.ctarget = n
            if n is None:
                ops.unresolved_rules += 1
