"""IFLA_XDP in requests (net/core/rtnetlink.c: do_setlink()); there are no BPF programs here to attach.

Knows: which requests are refused.
Never: programs.
"""

from errno import EBADF, EINVAL
from typing import Any

from nlwire.kernel.link.attributes import nla_get_s32, nla_get_u32
from nlwire.kernel.link.policy import ifla_xdp_policy
from nlwire.kernel.net import error
from nlwire.uapi.if_link import IFLA_XDP, XDP_FLAGS
from nlwire.wire import NL_VALIDATE, netlink_ext_ack, nla_nested, nla_parse, nlattr_ptr

XDP_FLAGS_MODES = int(XDP_FLAGS.SKB_MODE | XDP_FLAGS.DRV_MODE | XDP_FLAGS.HW_MODE)
XDP_FLAGS_MASK = int(XDP_FLAGS.UPDATE_IF_NOEXIST | XDP_FLAGS.REPLACE) | XDP_FLAGS_MODES


def do_setxdp(nla: nlattr_ptr[Any], extack: netlink_ext_ack | None) -> bool:
    """Take a program away, where one was asked for; whether that was. Raises OSError, PolicyError."""
    xdp = nla_parse(ifla_xdp_policy, nla_nested(nla), NL_VALIDATE.LIBERAL)
    if IFLA_XDP.ATTACHED in xdp or IFLA_XDP.PROG_ID in xdp:
        raise error(EINVAL)
    given, fd = xdp[IFLA_XDP.FLAGS], xdp[IFLA_XDP.FD]
    flags = 0 if given is None else nla_get_u32(given)
    if flags & ~XDP_FLAGS_MASK or (flags & XDP_FLAGS_MODES).bit_count() > 1:
        raise error(EINVAL)
    if fd is None:
        return False
    expected = xdp[IFLA_XDP.EXPECTED_FD]
    if flags & XDP_FLAGS.REPLACE:
        if expected is None:
            raise error(EINVAL)
        if nla_get_s32(expected) >= 0:
            raise error(EBADF)
    if nla_get_s32(fd) >= 0:
        raise error(EBADF)
    return True
