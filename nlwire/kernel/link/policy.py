"""ifla_policy and the policies of its nests (net/core/rtnetlink.c), as C writes them.

Knows: what a request may say of a link.
Never: what comes of it.
"""

from nlwire.uapi.if_ import ALTIFNAMSIZ, IFALIASZ, IFNAMSIZ
from nlwire.uapi.if_link import IFLA, IFLA_INFO, IFLA_PROTO_DOWN_REASON, IFLA_XDP, rtnl_link_ifmap
from nlwire.wire import NLA, NLA_POLICY_MIN, Policy, nla_policy

MAX_ADDR_LEN = 32
MAX_PHYS_ITEM_ID_LEN = 32
MAX_TCP_HEADER = 192
"""LL_MAX_HEADER and the largest TCP header, in a kernel without wireless and tunnels over anything."""
GRO_MAX_SIZE = 8 * 65535

U8, U32, S32 = nla_policy(NLA.U8), nla_policy(NLA.U32), nla_policy(NLA.S32)
NESTED, REJECT = nla_policy(NLA.NESTED), nla_policy(NLA.REJECT)

ifla_policy = Policy(
    IFLA,
    {
        IFLA.IFNAME: nla_policy(NLA.STRING, len=IFNAMSIZ - 1),
        IFLA.ADDRESS: nla_policy(NLA.BINARY, len=MAX_ADDR_LEN),
        IFLA.BROADCAST: nla_policy(NLA.BINARY, len=MAX_ADDR_LEN),
        IFLA.MAP: nla_policy(len=rtnl_link_ifmap.sizeof),
        IFLA.MTU: U32,
        IFLA.LINK: U32,
        IFLA.MASTER: U32,
        IFLA.CARRIER: U8,
        IFLA.TXQLEN: U32,
        IFLA.WEIGHT: U32,
        IFLA.OPERSTATE: U8,
        IFLA.LINKMODE: U8,
        IFLA.LINKINFO: NESTED,
        IFLA.NET_NS_PID: U32,
        IFLA.NET_NS_FD: U32,
        IFLA.IFALIAS: nla_policy(NLA.BINARY, len=IFALIASZ - 1),
        IFLA.VFINFO_LIST: NESTED,
        IFLA.VF_PORTS: NESTED,
        IFLA.PORT_SELF: NESTED,
        IFLA.AF_SPEC: NESTED,
        IFLA.EXT_MASK: U32,
        IFLA.PROMISCUITY: U32,
        IFLA.NUM_TX_QUEUES: U32,
        IFLA.NUM_RX_QUEUES: U32,
        IFLA.GSO_MAX_SEGS: U32,
        IFLA.GSO_MAX_SIZE: NLA_POLICY_MIN(NLA.U32, MAX_TCP_HEADER + 1),
        IFLA.PHYS_PORT_ID: nla_policy(NLA.BINARY, len=MAX_PHYS_ITEM_ID_LEN),
        IFLA.CARRIER_CHANGES: U32,
        IFLA.PHYS_SWITCH_ID: nla_policy(NLA.BINARY, len=MAX_PHYS_ITEM_ID_LEN),
        IFLA.LINK_NETNSID: S32,
        IFLA.PROTO_DOWN: U8,
        IFLA.XDP: NESTED,
        IFLA.EVENT: U32,
        IFLA.GROUP: U32,
        IFLA.TARGET_NETNSID: S32,
        IFLA.CARRIER_UP_COUNT: U32,
        IFLA.CARRIER_DOWN_COUNT: U32,
        IFLA.MIN_MTU: U32,
        IFLA.MAX_MTU: U32,
        IFLA.PROP_LIST: NESTED,
        IFLA.ALT_IFNAME: nla_policy(NLA.STRING, len=ALTIFNAMSIZ - 1),
        IFLA.PERM_ADDRESS: REJECT,
        IFLA.PROTO_DOWN_REASON: NESTED,
        IFLA.NEW_IFINDEX: NLA_POLICY_MIN(NLA.S32, 1),
        IFLA.PARENT_DEV_NAME: nla_policy(NLA.NUL_STRING),
        IFLA.GRO_MAX_SIZE: U32,
        IFLA.TSO_MAX_SIZE: REJECT,
        IFLA.TSO_MAX_SEGS: REJECT,
        IFLA.ALLMULTI: REJECT,
        IFLA.GSO_IPV4_MAX_SIZE: NLA_POLICY_MIN(NLA.U32, MAX_TCP_HEADER + 1),
        IFLA.GRO_IPV4_MAX_SIZE: U32,
        IFLA.NETNS_IMMUTABLE: REJECT,
        IFLA.HEADROOM: REJECT,
        IFLA.TAILROOM: REJECT,
    },
    strict_start_type=IFLA.DPLL_PIN.number,
)

ifla_info_policy = Policy(
    IFLA_INFO,
    {
        IFLA_INFO.KIND: nla_policy(NLA.STRING),
        IFLA_INFO.DATA: NESTED,
        IFLA_INFO.SLAVE_KIND: nla_policy(NLA.STRING),
        IFLA_INFO.SLAVE_DATA: NESTED,
    },
)

ifla_proto_down_reason_policy = Policy(
    IFLA_PROTO_DOWN_REASON, {IFLA_PROTO_DOWN_REASON.MASK: U32, IFLA_PROTO_DOWN_REASON.VALUE: U32}
)

ifla_xdp_policy = Policy(
    IFLA_XDP,
    {
        IFLA_XDP.FD: S32,
        IFLA_XDP.EXPECTED_FD: S32,
        IFLA_XDP.ATTACHED: U8,
        IFLA_XDP.FLAGS: U32,
        IFLA_XDP.PROG_ID: U32,
    },
    strict_start_type=IFLA_XDP.EXPECTED_FD.number,
)
