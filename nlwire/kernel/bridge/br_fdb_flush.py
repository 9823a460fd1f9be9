"""net/bridge/br_fdb.c: deleting many entries of a bridge's forwarding database at once (NLM_F_BULK).

Knows: what entries can be told apart by.
Never: single entries.
"""

from dataclasses import dataclass
from errno import EINVAL, ENODEV

from nlwire.kernel.bridge.br_fdb import fdb_delete
from nlwire.kernel.bridge.br_private import (
    br_port_get_rtnl,
    bridge_of,
    fdb_entry,
    net_bridge,
    netif_is_bridge_master,
)
from nlwire.kernel.core.dev import dev_get_by_index, net_device
from nlwire.kernel.link.attributes import nla_get_s32, nla_get_u8, nla_get_u16
from nlwire.kernel.link.link_ops import Extack
from nlwire.kernel.net import error
from nlwire.uapi.neighbour import NDA, NTF, NUD, ndmsg
from nlwire.uapi.netlink import nlmsghdr
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    NLA,
    NLA_POLICY_MIN,
    NLA_POLICY_RANGE,
    Policy,
    nla_policy,
    nlmsg_data,
    nlmsg_parse,
)

VLAN_N_VID = 4096
IGNORED_FLAGS = int(NTF.MASTER | NTF.SELF)
FLAGS = {NTF.USE: "added_by_user", NTF.EXT_LEARNED: "ext_learn", NTF.STICKY: "sticky", NTF.OFFLOADED: ""}
STATES = {NUD.PERMANENT: "is_local", NUD.NOARP: "is_static"}

br_fdb_del_bulk_policy = Policy(
    NDA,
    {
        NDA.VLAN: NLA_POLICY_RANGE(NLA.U16, 1, VLAN_N_VID - 2),
        NDA.IFINDEX: NLA_POLICY_MIN(NLA.S32, 1),
        NDA.NDM_STATE_MASK: nla_policy(NLA.U16),
        NDA.NDM_FLAGS_MASK: nla_policy(NLA.U8),
    },
)


@dataclass
class flush_desc:
    """Which entries go: struct net_bridge_fdb_flush_desc, its bits by their names."""

    flags: set[str]
    flags_mask: set[str]
    vlan_id: int = 0
    port_ifindex: int = 0

    def matches(self, br: net_bridge, fdb: fdb_entry) -> bool:
        """Whether an entry is meant."""
        place = br.dev if fdb.dst is None else fdb.dst.dev
        if self.vlan_id or (self.port_ifindex and self.port_ifindex != place.ifindex):
            return False
        has = {name for name in self.flags_mask if name and getattr(fdb, name)}
        return not self.flags_mask or has == self.flags


def bits(state: int, flags: int) -> set[str]:
    """What an entry has of a state and flags of struct ndmsg."""
    return {name for bit, name in STATES.items() if state & bit} | {name for bit, name in FLAGS.items() if flags & bit}


def refuse(extack: Extack, errno: int, words: str) -> OSError:
    """The error, with words."""
    NL_SET_ERR_MSG(extack, words)
    return error(errno)


def br_fdb_delete_bulk(nlh: nlmsghdr, dev: net_device, extack: Extack) -> None:
    """RTM_DELNEIGH with NLM_F_BULK. Raises OSError, PolicyError."""
    tb = nlmsg_parse(nlh, ndmsg, br_fdb_del_bulk_policy, NL_VALIDATE.STRICT, extack)
    ndm = nlmsg_data(nlh, ndmsg)
    port = None
    if netif_is_bridge_master(dev):
        br = bridge_of(dev)
    else:
        port = br_port_get_rtnl(dev)
        if port is None:
            raise refuse(extack, EINVAL, "bridge: Device is not a bridge port")
        br = port.br
    vlan, index = tb[NDA.VLAN], tb[NDA.IFINDEX]
    states, masks = tb[NDA.NDM_STATE_MASK], tb[NDA.NDM_FLAGS_MASK]
    flags = ndm.ndm_flags & ~IGNORED_FLAGS
    if flags & ~sum(int(one) for one in FLAGS):
        raise refuse(extack, EINVAL, "Unsupported fdb flush ndm flag bits set")
    if ndm.ndm_state & ~sum(int(one) for one in STATES):
        raise refuse(extack, EINVAL, "Unsupported fdb flush ndm state bits set")
    desc = flush_desc(
        bits(ndm.ndm_state, flags),
        bits(0 if states is None else nla_get_u16(states), 0 if masks is None else nla_get_u8(masks)),
        vlan_id=0 if vlan is None else nla_get_u16(vlan),
    )
    if index is not None:
        desc.port_ifindex = validate_ifindex(br, nla_get_s32(index), extack)
    elif port is not None:
        desc.port_ifindex = dev.ifindex
    for fdb in [one for one in br.fdb.values() if desc.matches(br, one)]:
        fdb_delete(br, fdb)


def validate_ifindex(br: net_bridge, ifindex: int, extack: Extack) -> int:
    """The bridge's index or a port's. Raises OSError."""
    dev = dev_get_by_index(br.dev.nd_net, ifindex)
    if dev is None:
        raise refuse(extack, ENODEV, "bridge: Unknown flush device ifindex")
    port = br_port_get_rtnl(dev)
    if netif_is_bridge_master(dev):
        if dev is not br.dev:
            raise refuse(extack, EINVAL, "bridge: Flush bridge device does not match target bridge device")
    elif port is None:
        raise refuse(extack, EINVAL, "bridge: Flush device is not a bridge or bridge port")
    if port is not None and port.br is not br:
        raise refuse(extack, EINVAL, "bridge: Port belongs to a different bridge device")
    return ifindex
