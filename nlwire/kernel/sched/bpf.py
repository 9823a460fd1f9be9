"""net/sched/cls_bpf.c, as far as it goes without a program: a classifier that is there and refuses all.

Knows: its name.
Never: programs, of which there are none here.
"""

from errno import EINVAL
from typing import Any

from nlwire.kernel.net import error, net
from nlwire.kernel.sched.block import tcf_proto
from nlwire.wire import netlink_ext_ack, nlattr_table


class Bpf(tcf_proto):
    """Filters that are programs."""

    kind = "bpf"

    def change(self, home: net, fh: Any, handle: int, tca: nlattr_table, extack: netlink_ext_ack | None) -> Any:
        raise error(EINVAL)
