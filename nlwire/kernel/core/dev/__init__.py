"""net/core/dev.c: devices, in rooms.

names.py     finding and naming
notify.py    who is told
registry.py  register_netdevice, unregister_netdevice
updown.py    dev_open, dev_close, dev_change_flags
change.py    name, alias, MTU, address, …
adjacent.py  which device stands above which
"""

from nlwire.kernel.core.dev.adjacent import (
    lowers,
    netdev_master_upper_dev_get,
    netdev_master_upper_dev_link,
    netdev_upper_dev_link,
    netdev_upper_dev_unlink,
    uppers,
)
from nlwire.kernel.core.dev.change import (
    dev_change_carrier,
    dev_change_name,
    dev_change_proto_down,
    dev_change_proto_down_reason,
    dev_change_tx_queue_len,
    dev_pre_changeaddr_notify,
    dev_set_alias,
    dev_set_mac_address,
    dev_set_mtu,
    dev_validate_mtu,
)
from nlwire.kernel.core.dev.names import (
    dev_alloc_name,
    dev_get_by_index,
    dev_get_by_name,
    dev_get_valid_name,
    dev_valid_name,
    for_each_netdev,
    for_each_netdev_dump,
    name_bytes,
    netdev_name_in_use,
)
from nlwire.kernel.core.dev.registry import (
    alloc_netdev,
    list_netdevice,
    register_netdevice,
    unlist_netdevice,
    unregister_netdevice,
    unregister_netdevice_many,
)
from nlwire.kernel.core.dev.updown import (
    dev_change_flags,
    dev_close,
    dev_close_many,
    dev_notify_flags,
    dev_open,
    set_allmulti,
    set_promiscuity,
)
from nlwire.kernel.core.link_watch import linkwatch_init, linkwatch_run_queue, netif_carrier_off, netif_carrier_on
from nlwire.kernel.core.netdev_chain import (
    call_netdevice_notifiers,
    core_of,
    netdev_core,
    register_netdevice_notifier,
    rtmsg_ifinfo,
)
from nlwire.kernel.core.netdevice import (
    NETDEV,
    dev_get_flags,
    net_device,
    net_device_ops,
    netdev_notifier_info,
    netif_carrier_ok,
    netif_oper_up,
    netif_running,
)
from nlwire.kernel.net import Machine

__all__ = [
    "NETDEV",
    "alloc_netdev",
    "call_netdevice_notifiers",
    "core_of",
    "dev_alloc_name",
    "dev_change_carrier",
    "dev_change_flags",
    "dev_change_name",
    "dev_change_proto_down",
    "dev_change_proto_down_reason",
    "dev_change_tx_queue_len",
    "dev_close",
    "dev_close_many",
    "dev_get_by_index",
    "dev_get_by_name",
    "dev_get_flags",
    "dev_get_valid_name",
    "dev_notify_flags",
    "dev_open",
    "dev_pre_changeaddr_notify",
    "dev_set_alias",
    "dev_set_mac_address",
    "dev_set_mtu",
    "dev_valid_name",
    "dev_validate_mtu",
    "for_each_netdev",
    "for_each_netdev_dump",
    "linkwatch_run_queue",
    "list_netdevice",
    "lowers",
    "name_bytes",
    "net_dev_init",
    "net_device",
    "net_device_ops",
    "netdev_core",
    "netdev_master_upper_dev_get",
    "netdev_master_upper_dev_link",
    "netdev_name_in_use",
    "netdev_notifier_info",
    "netdev_upper_dev_link",
    "netdev_upper_dev_unlink",
    "netif_carrier_off",
    "netif_carrier_ok",
    "netif_carrier_on",
    "netif_oper_up",
    "netif_running",
    "register_netdevice",
    "register_netdevice_notifier",
    "rtmsg_ifinfo",
    "set_allmulti",
    "set_promiscuity",
    "unlist_netdevice",
    "unregister_netdevice",
    "unregister_netdevice_many",
    "uppers",
]


def net_dev_init(machine: Machine) -> None:
    """Set up what is one per machine."""
    machine.netdev = netdev_core()
    linkwatch_init(machine)
