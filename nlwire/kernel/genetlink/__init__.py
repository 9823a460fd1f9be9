"""net/netlink/genetlink.c: generic netlink, families by name.

family.py  families, operations, requests, messages
ctrl.py    registering, and the controller; ctrl_policy.py: the policies it tells of, policy.py: what they say
"""

from nlwire.kernel.genetlink.ctrl import genl_init, genl_register_family, genl_unregister_family
from nlwire.kernel.genetlink.family import (
    genl_family,
    genl_info,
    genl_notify,
    genl_ops,
    genlmsg_multicast_netns,
    genlmsg_put,
    genlmsg_reply,
)

__all__ = [
    "genl_family",
    "genl_info",
    "genl_init",
    "genl_notify",
    "genl_ops",
    "genl_register_family",
    "genl_unregister_family",
    "genlmsg_multicast_netns",
    "genlmsg_put",
    "genlmsg_reply",
]
