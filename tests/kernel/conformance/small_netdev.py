"""A family that asks for one attribute: as much of net/core/netdev-genl.c as its validation shows, made with the public calls.

Knows: NETDEV_CMD_DEV_GET and what it refuses.
Never: devices.
"""

from errno import EINVAL, ENODEV

from nlwire.kernel import Kernel, genl_family, genl_ops, genl_register_family
from nlwire.kernel.af_netlink import netlink_skb
from nlwire.kernel.genetlink import genl_info
from nlwire.schema import Attr, AttrSet, u32
from nlwire.wire import NL_REQ_ATTR_CHECK, NLA, NLA_POLICY_MIN, Policy

NETDEV_CMD_DEV_GET = 1


class NETDEV_A_DEV(AttrSet):
    """Attributes of a device, as far as a request names it."""

    IFINDEX = Attr(1, u32)


netdev_dev_get_nl_policy = Policy(NETDEV_A_DEV, {NETDEV_A_DEV.IFINDEX: NLA_POLICY_MIN(NLA.U32, 1)})


def netdev_nl_dev_get_doit(skb: netlink_skb, info: genl_info) -> int:
    assert info.attrs is not None
    if NL_REQ_ATTR_CHECK(info.extack, None, info.attrs, NETDEV_A_DEV.IFINDEX):
        return -EINVAL
    return -ENODEV


def netdev_genl_init(kernel: Kernel) -> None:
    ops = [genl_ops(NETDEV_CMD_DEV_GET, netdev_nl_dev_get_doit, policy=netdev_dev_get_nl_policy)]
    genl_register_family(kernel, genl_family("netdev", ops, maxattr=1))
