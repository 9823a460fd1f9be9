"""The uapi headers as declarations, one file per header, and FAMILIES: every family they declare.

Knows: which families there are.
Never: what is in them.
"""

from nlwire.schema import Registry
from nlwire.uapi.genetlink import genl_ctrl
from nlwire.uapi.netlink import done, error

FAMILIES = Registry()
"""(protocol, nlmsg_type) -> family, for all machines."""

FAMILIES.add_control(error, done)
FAMILIES.add(genl_ctrl)
