"""include/uapi/linux/tc_act/*.h: actions that change packets: pedit, skbedit, skbmod, vlan, mpls, nat, csum, tunnel_key, ife.

Every struct begins with the five members of C's macro tc_gen.

Knows: tc_pedit.h, tc_skbedit.h, tc_skbmod.h, tc_vlan.h, tc_mpls.h, tc_nat.h, tc_csum.h, tc_tunnel_key.h, tc_ife.h.
Never: actions that only decide or look (steer.py).
"""

from typing import Annotated

from nlwire.schema import (
    ZERO,
    Attr,
    AttrSet,
    IPAddress,
    NoAttrs,
    UapiEnum,
    UapiFlags,
    UapiStruct,
    array_of,
    be16,
    be32,
    binary,
    enum,
    flag,
    flags,
    in_addr,
    ipv4,
    ipv6,
    mac,
    nested,
    s32,
    struct_of,
    struct_then,
    u8,
    u16,
    u32,
    u64,
)
from nlwire.uapi.if_ether import ETH_P
from nlwire.uapi.pkt_cls_actions import TC_ACT, tcf_t


class TCA_PEDIT_KEY_EX_HDR_TYPE(UapiEnum):
    """The header an offset counts from (enum pedit_header_type)."""

    NETWORK = 0
    ETH = 1
    IP4 = 2
    IP6 = 3
    TCP = 4
    UDP = 5


class TCA_PEDIT_KEY_EX_CMD(UapiEnum):
    """What is done with the value (enum pedit_cmd)."""

    SET = 0
    ADD = 1


class tc_pedit_key(UapiStruct):
    """One change of 4 bytes: and mask, xor val."""

    mask: u32 = 0
    val: u32 = 0
    off: u32 = 0
    at: u32 = 0
    offmask: u32 = 0
    shift: u32 = 0


class tc_pedit_sel(UapiStruct):
    """Changes; nkeys keys follow."""

    index: u32 = 0
    capab: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    refcnt: s32 = 0
    bindcnt: s32 = 0
    nkeys: u8 = 0
    flags: u8 = 0


class TCA_PEDIT_KEY_EX(AttrSet):
    """More about one key."""

    HTYPE = Attr(1, enum(u16, TCA_PEDIT_KEY_EX_HDR_TYPE))
    CMD = Attr(2, enum(u16, TCA_PEDIT_KEY_EX_CMD))


class TCA_PEDIT_KEYS(AttrSet, prefix="TCA_PEDIT_"):
    """Inside TCA_PEDIT_KEYS_EX: one for each key."""

    KEY_EX = Attr(6, nested(TCA_PEDIT_KEY_EX), multi=True)


class TCA_PEDIT(AttrSet):
    """pedit."""

    TM = Attr(1, struct_of(tcf_t))
    PARMS = Attr(2, struct_then(tc_pedit_sel, array_of(struct_of(tc_pedit_key))))
    PAD = Attr(3, binary)
    PARMS_EX = Attr(4, struct_then(tc_pedit_sel, array_of(struct_of(tc_pedit_key))))
    KEYS_EX = Attr(5, nested(TCA_PEDIT_KEYS))
    KEY_EX = Attr(6, nested(TCA_PEDIT_KEY_EX))


class SKBEDIT_F(UapiFlags):
    """TCA_SKBEDIT_FLAGS: which members are set."""

    PRIORITY = 0x1
    QUEUE_MAPPING = 0x2
    MARK = 0x4
    PTYPE = 0x8
    MASK = 0x10
    INHERITDSFIELD = 0x20
    TXQ_SKBHASH = 0x40


class tc_skbedit(UapiStruct):
    """Changes of the skb, not of the packet."""

    index: u32 = 0
    capab: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    refcnt: s32 = 0
    bindcnt: s32 = 0


class TCA_SKBEDIT(AttrSet):
    """skbedit."""

    TM = Attr(1, struct_of(tcf_t))
    PARMS = Attr(2, struct_of(tc_skbedit))
    PRIORITY = Attr(3, u32)
    QUEUE_MAPPING = Attr(4, u16)
    MARK = Attr(5, u32)
    PAD = Attr(6, binary)
    PTYPE = Attr(7, u16)
    MASK = Attr(8, u32)
    FLAGS = Attr(9, flags(u64, SKBEDIT_F))
    QUEUE_MAPPING_MAX = Attr(10, u16)


class SKBMOD_F(UapiFlags):
    """tc_skbmod's flags."""

    DMAC = 0x1
    SMAC = 0x2
    ETYPE = 0x4
    SWAPMAC = 0x8
    ECN = 0x10


class tc_skbmod(UapiStruct):
    """Changes of the Ethernet header."""

    index: u32 = 0
    capab: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    refcnt: s32 = 0
    bindcnt: s32 = 0
    flags: Annotated[u64, SKBMOD_F] = 0


class TCA_SKBMOD(AttrSet):
    """skbmod."""

    TM = Attr(1, struct_of(tcf_t))
    PARMS = Attr(2, struct_of(tc_skbmod))
    DMAC = Attr(3, mac)
    SMAC = Attr(4, mac)
    ETYPE = Attr(5, enum(u16, ETH_P))
    PAD = Attr(6, binary)


class TCA_VLAN_ACT(UapiEnum):
    """tc_vlan's v_action."""

    POP = 1
    PUSH = 2
    MODIFY = 3
    POP_ETH = 4
    PUSH_ETH = 5


class tc_vlan(UapiStruct):
    """Changes of the VLAN tag."""

    index: u32 = 0
    capab: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    refcnt: s32 = 0
    bindcnt: s32 = 0
    v_action: Annotated[s32, TCA_VLAN_ACT] = 0


class TCA_VLAN(AttrSet):
    """vlan."""

    TM = Attr(1, struct_of(tcf_t))
    PARMS = Attr(2, struct_of(tc_vlan))
    PUSH_VLAN_ID = Attr(3, u16)
    PUSH_VLAN_PROTOCOL = Attr(4, enum(be16, ETH_P))
    PAD = Attr(5, binary)
    PUSH_VLAN_PRIORITY = Attr(6, u8)
    PUSH_ETH_DST = Attr(7, mac)
    PUSH_ETH_SRC = Attr(8, mac)


class TCA_MPLS_ACT(UapiEnum):
    """tc_mpls's m_action."""

    POP = 1
    PUSH = 2
    MODIFY = 3
    DEC_TTL = 4
    MAC_PUSH = 5


class tc_mpls(UapiStruct):
    """Changes of the label stack."""

    index: u32 = 0
    capab: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    refcnt: s32 = 0
    bindcnt: s32 = 0
    m_action: Annotated[s32, TCA_MPLS_ACT] = 0


class TCA_MPLS(AttrSet):
    """mpls."""

    TM = Attr(1, struct_of(tcf_t))
    PARMS = Attr(2, struct_of(tc_mpls))
    PAD = Attr(3, binary)
    PROTO = Attr(4, enum(be16, ETH_P))
    LABEL = Attr(5, u32)
    TC = Attr(6, u8)
    TTL = Attr(7, u8)
    BOS = Attr(8, u8)


class TCA_NAT_FLAG(UapiFlags):
    """tc_nat's flags."""

    EGRESS = 1


class tc_nat(UapiStruct):
    """Stateless translation of addresses."""

    index: u32 = 0
    capab: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    refcnt: s32 = 0
    bindcnt: s32 = 0
    old_addr: Annotated[IPAddress, in_addr] = ZERO
    new_addr: Annotated[IPAddress, in_addr] = ZERO
    mask: Annotated[IPAddress, in_addr] = ZERO
    flags: Annotated[u32, TCA_NAT_FLAG] = 0


class TCA_NAT(AttrSet):
    """nat."""

    PARMS = Attr(1, struct_of(tc_nat))
    TM = Attr(2, struct_of(tcf_t))
    PAD = Attr(3, binary)


class TCA_CSUM_UPDATE_FLAG(UapiFlags):
    """Which checksums are computed anew."""

    IPV4HDR = 1
    ICMP = 2
    IGMP = 4
    TCP = 8
    UDP = 16
    UDPLITE = 32
    SCTP = 64


class tc_csum(UapiStruct):
    """Checksums."""

    index: u32 = 0
    capab: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    refcnt: s32 = 0
    bindcnt: s32 = 0
    update_flags: Annotated[u32, TCA_CSUM_UPDATE_FLAG] = 0


class TCA_CSUM(AttrSet):
    """csum."""

    PARMS = Attr(1, struct_of(tc_csum))
    TM = Attr(2, struct_of(tcf_t))
    PAD = Attr(3, binary)


class TCA_TUNNEL_KEY_ACT(UapiEnum):
    """tc_tunnel_key's t_action."""

    SET = 1
    RELEASE = 2


class tc_tunnel_key(UapiStruct):
    """What a tunnel device shall put around the packet."""

    index: u32 = 0
    capab: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    refcnt: s32 = 0
    bindcnt: s32 = 0
    t_action: Annotated[s32, TCA_TUNNEL_KEY_ACT] = 0


class TCA_TUNNEL_KEY_ENC_OPT_GENEVE(AttrSet):
    """One Geneve option."""

    CLASS = Attr(1, be16)
    TYPE = Attr(2, u8)
    DATA = Attr(3, binary)


class TCA_TUNNEL_KEY_ENC_OPT_VXLAN(AttrSet):
    """VXLAN's group policy."""

    GBP = Attr(1, u32)


class TCA_TUNNEL_KEY_ENC_OPT_ERSPAN(AttrSet):
    """ERSPAN's header."""

    VER = Attr(1, u8)
    INDEX = Attr(2, be32)
    DIR = Attr(3, u8)
    HWID = Attr(4, u8)


class TCA_TUNNEL_KEY_ENC_OPTS(AttrSet):
    """Options of the tunnel, of one kind."""

    GENEVE = Attr(1, nested(TCA_TUNNEL_KEY_ENC_OPT_GENEVE), multi=True)
    VXLAN = Attr(2, nested(TCA_TUNNEL_KEY_ENC_OPT_VXLAN))
    ERSPAN = Attr(3, nested(TCA_TUNNEL_KEY_ENC_OPT_ERSPAN))


class TCA_TUNNEL_KEY(AttrSet):
    """tunnel_key."""

    TM = Attr(1, struct_of(tcf_t))
    PARMS = Attr(2, struct_of(tc_tunnel_key))
    ENC_IPV4_SRC = Attr(3, ipv4)
    ENC_IPV4_DST = Attr(4, ipv4)
    ENC_IPV6_SRC = Attr(5, ipv6)
    ENC_IPV6_DST = Attr(6, ipv6)
    ENC_KEY_ID = Attr(7, be32, "the header's comment says be64; the kernel takes and gives 4 bytes")
    PAD = Attr(8, binary)
    ENC_DST_PORT = Attr(9, be16)
    NO_CSUM = Attr(10, u8)
    ENC_OPTS = Attr(11, nested(TCA_TUNNEL_KEY_ENC_OPTS))
    ENC_TOS = Attr(12, u8)
    ENC_TTL = Attr(13, u8)
    NO_FRAG = Attr(14, flag)


class IFE(UapiEnum):
    """tc_ife's flags."""

    DECODE = 0
    ENCODE = 1


class tc_ife(UapiStruct):
    """Metadata carried in Ethernet frames (ForCES)."""

    index: u32 = 0
    capab: u32 = 0
    action: Annotated[s32, TC_ACT] = 0
    refcnt: s32 = 0
    bindcnt: s32 = 0
    flags: Annotated[u16, IFE] = 0


class TCA_IFE(AttrSet):
    """ife."""

    PARMS = Attr(1, struct_of(tc_ife))
    TM = Attr(2, struct_of(tcf_t))
    DMAC = Attr(3, mac)
    SMAC = Attr(4, mac)
    TYPE = Attr(5, u16)
    METALST = Attr(6, nested(NoAttrs), "IFE_META_*: empty, or 2 or 4 bytes as the metadatum has it")
    PAD = Attr(7, binary)
