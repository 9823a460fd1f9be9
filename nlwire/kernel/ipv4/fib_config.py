"""net/ipv4/fib_frontend.c: rtm_to_fib_config(), which reads RTM_NEWROUTE and RTM_DELROUTE, and rtm_ipv4_policy.

A request is walked once. Where an attribute is not of its plain form (short, marked as a nest, of the strict part of the
policy, with bytes left over behind the last) the policy judges the whole request first, as it does all of them in the kernel.

Knows: the attributes of a route request.
Never: whether there can be such a route.
"""

from socket import ntohl
from struct import Struct

from nlwire.kernel.af_netlink import netlink_skb
from nlwire.kernel.ipv4.fib_nh import (
    Extack,
    fib_gw_from_via,
    lwtunnel_valid_encap_type,
    lwtunnel_valid_encap_type_attr,
    refuse,
)
from nlwire.kernel.ipv4.ip_fib import (
    AF_INET,
    INET_DSCP_MASK,
    RTN_MAX,
    TABLE_MAIN,
    U32_MAX,
    Payload,
    fib_config,
    nl_info,
)
from nlwire.kernel.net import net
from nlwire.uapi.netlink import nlmsghdr
from nlwire.uapi.rtnetlink import RTA, rtmsg
from nlwire.wire import NL_VALIDATE, NLA, Policy, nla_policy, nlmsg_validate
from nlwire.wire.nlmsg import place_of

rtm_ipv4_policy = Policy(
    RTA,
    {
        RTA.DST: nla_policy(NLA.U32),
        RTA.SRC: nla_policy(NLA.U32),
        RTA.IIF: nla_policy(NLA.U32),
        RTA.OIF: nla_policy(NLA.U32),
        RTA.GATEWAY: nla_policy(NLA.U32),
        RTA.PRIORITY: nla_policy(NLA.U32),
        RTA.PREFSRC: nla_policy(NLA.U32),
        RTA.METRICS: nla_policy(NLA.NESTED),
        RTA.MULTIPATH: nla_policy(len=8),
        RTA.FLOW: nla_policy(NLA.U32),
        RTA.ENCAP_TYPE: nla_policy(NLA.U16),
        RTA.ENCAP: nla_policy(NLA.NESTED),
        RTA.UID: nla_policy(NLA.U32),
        RTA.MARK: nla_policy(NLA.U32),
        RTA.TABLE: nla_policy(NLA.U32),
        RTA.IP_PROTO: nla_policy(NLA.U8),
        RTA.SPORT: nla_policy(NLA.U16),
        RTA.DPORT: nla_policy(NLA.U16),
        RTA.NH_ID: nla_policy(NLA.U32),
    },
    strict_start_type=RTA.DPORT.number + 1,
)

HEAD = Struct("=I2xHI4x8BI")
"""nlmsg_len, nlmsg_flags, nlmsg_seq and struct rtmsg."""
_ATTR = Struct("=HHI")
_HEADER = Struct("=HH")
_U32 = Struct("=I")
_BE32 = Struct(">I")
_U16 = Struct("=H")

PLAIN = {
    RTA.OIF.number: "fc_oif",
    RTA.PRIORITY.number: "fc_priority",
    RTA.FLOW.number: "fc_flow",
    RTA.TABLE.number: "fc_table",
    RTA.NH_ID.number: "fc_nh_id",
}
"""Attributes that are a number in host order."""
ADDRESSES = {RTA.DST.number: "fc_dst", RTA.PREFSRC.number: "fc_prefsrc", RTA.GATEWAY.number: "fc_gw"}
"""Attributes that are an address."""
GATEWAY, TABLE = RTA.GATEWAY.number, RTA.TABLE.number


def rtm_to_fib_config(home: net, skb: netlink_skb, nlh: nlmsghdr, extack: Extack) -> fib_config:
    """A request as a fib_config. Raises OSError, PolicyError."""
    memory, start = place_of(nlh)
    size = nlh.nlmsg_len
    if size < 28:
        nlmsg_validate(nlh, rtmsg, rtm_ipv4_policy, NL_VALIDATE.LIBERAL, extack)
    if start or size != len(memory):
        memory = memory[start : start + size]
    _, flags, _, _, dst_len, _, tos, table, protocol, scope, type, rtm_flags = HEAD.unpack_from(memory)
    cfg = fib_config()
    judged = not plain_attrs(memory, size, cfg)
    if judged:
        cfg = fib_config()
        nlmsg_validate(nlh, rtmsg, rtm_ipv4_policy, NL_VALIDATE.LIBERAL, extack)
    if tos & ~INET_DSCP_MASK:
        refuse(extack, "Invalid dsfield (tos): ECN bits must be 0")
    if type > RTN_MAX:
        refuse(extack, "Invalid route type")
    cfg.fc_dscp, cfg.fc_dst_len, cfg.fc_protocol, cfg.fc_scope, cfg.fc_type = tos, dst_len, protocol, scope, type
    cfg.fc_flags, cfg.fc_nlflags = rtm_flags, flags
    cfg.fc_nlinfo = nl_info(home, nlh, skb.netlink_cb.portid)
    if judged:
        cfg.fc_table = table
        all_attrs(memory, size, cfg, extack)
    elif not cfg.fc_table:
        cfg.fc_table = table
    return checked(cfg, extack)


def plain_attrs(memory: memoryview, size: int, cfg: fib_config) -> bool:
    """Walk attributes that are four bytes and need no policy to see it; False for anything else, ``cfg`` then being no use."""
    if size - 28 & 7:
        return False
    for length, type, value in _ATTR.iter_unpack(memory[28:]):
        if length != 8:
            return False
        if type in PLAIN:
            if type == TABLE and not value:
                return False  # RTA_TABLE of 0 counts, and is not the same as none
            setattr(cfg, PLAIN[type], value)
        elif type in ADDRESSES:
            setattr(cfg, ADDRESSES[type], ntohl(value))
            if type == GATEWAY and value:
                cfg.fc_gw_family = AF_INET
        else:
            return False
    return True


def all_attrs(memory: memoryview, size: int, cfg: fib_config, extack: Extack) -> None:
    """Walk attributes that the policy has seen. Raises OSError."""
    at, seen = 28, set()
    while size - at >= _HEADER.size:
        length, type = _HEADER.unpack_from(memory, at)
        if not _HEADER.size <= length <= size - at:
            break
        type &= 0x3FFF
        seen.add(type)
        one_attr(cfg, type, Payload(memory, at + 4, length - 4), extack)
        at += length + 3 & ~3
    if RTA.GATEWAY.number in seen and RTA.VIA.number in seen:
        cfg.fc_has_both = True


def one_attr(cfg: fib_config, type: int, nla: Payload, extack: Extack) -> None:
    """One attribute, whatever it is. Raises OSError."""
    if type in PLAIN:
        setattr(cfg, PLAIN[type], _U32.unpack_from(nla.memory, nla.offset)[0])
    elif type in ADDRESSES:
        address = _BE32.unpack_from(nla.memory, nla.offset)[0]
        setattr(cfg, ADDRESSES[type], address)
        if type == GATEWAY and address:
            cfg.fc_gw_family = AF_INET
    elif type == RTA.VIA.number:
        cfg.fc_gw_family, cfg.fc_gw = fib_gw_from_via(nla, extack)
    elif type == RTA.METRICS.number:
        cfg.fc_mx = nla
    elif type == RTA.MULTIPATH.number:
        lwtunnel_valid_encap_type_attr(nla, extack)
        cfg.fc_mp = nla
    elif type == RTA.ENCAP.number:
        cfg.fc_encap = nla
    elif type == RTA.ENCAP_TYPE.number:
        cfg.fc_encap_type = _U16.unpack_from(nla.memory, nla.offset)[0]
        lwtunnel_valid_encap_type(cfg.fc_encap_type, extack)


def checked(cfg: fib_config, extack: Extack) -> fib_config:
    """What can be said against a request before anything is looked up. Raises OSError."""
    if cfg.fc_dst_len > 32:
        refuse(extack, "Invalid prefix length")
    if cfg.fc_dst_len < 32 and cfg.fc_dst << cfg.fc_dst_len & U32_MAX:
        refuse(extack, "Invalid prefix for given prefix length")
    if cfg.fc_nh_id and (cfg.fc_oif or cfg.fc_gw_family or cfg.fc_encap or cfg.fc_mp):
        refuse(extack, "Nexthop specification and nexthop id are mutually exclusive")
    if cfg.fc_has_both:
        refuse(extack, "Nexthop configuration can not contain both GATEWAY and VIA")
    if not cfg.fc_table:
        cfg.fc_table = TABLE_MAIN
    return cfg
