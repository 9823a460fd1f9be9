"""net/ipv4/fib_notifier.c, net/core/fib_notifier.c: who follows the FIB inside the kernel, as drivers do that route in hardware.

    register_fib_notifier(net, callback)      callback(event, info); raises OSError to refuse a route

Knows: the chain of a namespace.
Never: what a listener does.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from nlwire.kernel.ipv4.ip_fib import fib_alias, fib_info
from nlwire.kernel.net import net
from nlwire.kernel.netns import netns_ipv4
from nlwire.schema.enums import UapiEnum
from nlwire.wire import netlink_ext_ack


class FIB_EVENT(UapiEnum):
    """What has happened (enum fib_event_type)."""

    ENTRY_REPLACE = 0
    ENTRY_APPEND = 1
    ENTRY_ADD = 2
    ENTRY_DEL = 3
    RULE_ADD = 4
    RULE_DEL = 5
    NH_ADD = 6
    NH_DEL = 7
    VIF_ADD = 8
    VIF_DEL = 9


class fib_entry_notifier_info(NamedTuple):
    """A route, as listeners are shown it."""

    dst: int
    dst_len: int
    fi: fib_info
    dscp: int
    type: int
    tb_id: int
    extack: netlink_ext_ack | None


Listener = Callable[[FIB_EVENT, Any], None]


def register_fib_notifier(home: net, listener: Listener) -> None:
    """Be told of every change of the namespace's FIB."""
    ns: netns_ipv4 = home.ipv4
    ns.fib_notifier_chain.append(listener)


def unregister_fib_notifier(home: net, listener: Listener) -> None:
    """Be told no more."""
    ns: netns_ipv4 = home.ipv4
    ns.fib_notifier_chain.remove(listener)


def call_fib_entry_notifiers(
    home: net, event: FIB_EVENT, dst: int, dst_len: int, fa: fib_alias, extack: netlink_ext_ack | None
) -> None:
    """Tell of a route. Raises the OSError of who refuses it."""
    ns: netns_ipv4 = home.ipv4
    ns.fib_seq += 1
    info = fib_entry_notifier_info(dst, dst_len, fa.fa_info, fa.fa_dscp, fa.fa_type, fa.tb_id, extack)
    for listener in list(ns.fib_notifier_chain):
        listener(event, info)
