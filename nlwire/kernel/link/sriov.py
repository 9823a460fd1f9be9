"""SR-IOV and port profiles (net/core/rtnetlink.c: do_setvfinfo()), which no device here has: how requests for them are refused.

Knows: IFLA_VFINFO_LIST, IFLA_PORT_SELF.
Never: virtual functions.
"""

from errno import EINVAL, EOPNOTSUPP
from typing import Any

from nlwire.kernel.net import error
from nlwire.uapi.if_link import IFLA_PORT, IFLA_VF, IFLA_VFINFO
from nlwire.wire import (
    NL_VALIDATE,
    NLA,
    Policy,
    nla_data,
    nla_for_each_nested,
    nla_len,
    nla_nested,
    nla_parse,
    nla_policy,
    nla_type,
    nlattr_ptr,
    policy_of,
)

INT_MAX = 0x7FFFFFFF
PORT_PROFILE_MAX, PORT_UUID_MAX, SIZEOF_PORT_VSI = 40, 16, 8
NESTED, REJECT = nla_policy(NLA.NESTED), nla_policy(NLA.REJECT)
LISTS = {IFLA_VF.VLAN_LIST: NESTED, IFLA_VF.STATS: NESTED, IFLA_VF.BROADCAST: REJECT}

ifla_vf_policy = Policy(
    IFLA_VF, {attr: LISTS.get(attr, nla_policy(len=attr.kind.min_size)) for attr in policy_of(IFLA_VF).attrs}
)

ifla_port_policy = Policy(
    IFLA_PORT,
    {
        IFLA_PORT.VF: nla_policy(NLA.U32),
        IFLA_PORT.PROFILE: nla_policy(NLA.STRING, len=PORT_PROFILE_MAX),
        IFLA_PORT.INSTANCE_UUID: nla_policy(NLA.BINARY, len=PORT_UUID_MAX),
        IFLA_PORT.HOST_UUID: nla_policy(NLA.STRING, len=PORT_UUID_MAX),
        IFLA_PORT.REQUEST: nla_policy(NLA.U8),
        IFLA_PORT.RESPONSE: nla_policy(NLA.U16),
        IFLA_PORT.VSI_TYPE: nla_policy(NLA.BINARY, len=SIZEOF_PORT_VSI),
    },
)


def do_setvfinfo(vfinfo_list: nlattr_ptr[Any]) -> bool:
    """Refuse the first entry; an empty list asks for nothing. Raises OSError, PolicyError."""
    for info in nla_for_each_nested(vfinfo_list):
        if nla_type(info) != IFLA_VFINFO.INFO.number or nla_len(info) < 4:
            raise error(EINVAL)
        given = nla_parse(ifla_vf_policy, nla_nested(info), NL_VALIDATE.LIBERAL)
        for nla in given:
            listed = nla.attr is IFLA_VF.VLAN_LIST
            vf = 0 if listed else int.from_bytes(nla_data(nla)[:4], "little")
            raise error(EINVAL if vf >= INT_MAX else EOPNOTSUPP)
        raise error(EINVAL)
    return False


def do_setvfports(port_self: nlattr_ptr[Any]) -> None:
    """Refuse it, if it is well formed. Raises OSError, PolicyError."""
    nla_parse(ifla_port_policy, nla_nested(port_self), NL_VALIDATE.LIBERAL)
    raise error(EOPNOTSUPP)
