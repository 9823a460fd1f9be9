"""struct rtnl_link_ops and struct rtnl_af_ops (include/net/rtnetlink.h): what kinds of links and protocols register.

Knows: registering and finding them.
Never: a concrete kind.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from errno import EEXIST
from typing import Any

from nlwire.kernel.core.dev import net_device, unregister_netdevice_many
from nlwire.kernel.net import Machine, error, net
from nlwire.wire import Policy, netlink_ext_ack, nlattr_ptr, nlattr_table, sk_buff

Table = nlattr_table | None
Extack = netlink_ext_ack | None


@dataclass(frozen=True)
class rtnl_newlink_params:
    """What a driver is told of the link to make (struct rtnl_newlink_params)."""

    src_net: net
    link_net: net | None
    peer_net: net | None
    tb: nlattr_table
    data: Table

    @property
    def rtnl_newlink_link_net(self) -> net:
        """Where the device below is to be found."""
        return self.link_net or self.src_net

    @property
    def rtnl_newlink_peer_net(self) -> net:
        """Where the peer is to be."""
        return self.peer_net or self.link_net or self.src_net


def unregister_queue(dev: net_device, head: list[net_device]) -> None:
    """unregister_netdevice_queue(): how most kinds delete a device."""
    head.append(dev)


@dataclass(frozen=True, eq=False)
class rtnl_link_ops:
    """A kind of links. Without ``setup`` none can be made by request. What refuses raises OSError."""

    kind: str
    setup: Callable[[net_device], None] | None = None
    policy: Policy | None = None
    validate: Callable[[nlattr_table, Table, Extack], None] | None = None
    newlink: Callable[[net_device, rtnl_newlink_params, Extack], None] | None = None
    changelink: Callable[[net_device, nlattr_table, Table, Extack], None] | None = None
    dellink: Callable[[net_device, list[net_device]], None] = unregister_queue
    get_size: Callable[[net_device], int] | None = None
    fill_info: Callable[[sk_buff, net_device], None] | None = None
    get_xstats_size: Callable[[net_device], int] | None = None
    fill_xstats: Callable[[sk_buff, net_device], None] | None = None
    get_linkxstats_size: Callable[[net_device, Any], int] | None = None
    """The last argument is IFLA_STATS_LINK_XSTATS, for the device itself, or …_SLAVE, for one of its slaves."""
    fill_linkxstats: Callable[[sk_buff, net_device, Any], None] | None = None
    get_num_queues: Callable[[Machine], int] | None = None
    """Of either direction, where the request does not say."""
    slave_policy: Policy | None = None
    slave_changelink: Callable[[net_device, net_device, nlattr_table, Table, Extack], None] | None = None
    get_slave_size: Callable[[net_device, net_device], int] | None = None
    fill_slave_info: Callable[[sk_buff, net_device, net_device], None] | None = None
    get_link_net: Callable[[net_device], net] | None = None
    peer_type: int = 0
    """The attribute of its data that describes another link, made with the first."""
    netns_refund: bool = False


@dataclass(frozen=True, eq=False)
class rtnl_af_ops:
    """What a protocol shows of a link in IFLA_AF_SPEC, and lets be set there.

    ``fill_link_af`` returns its nest, header and all, which is asked for with every link; nothing where it has nothing to show.
    """

    family: int
    fill_link_af: Callable[[net_device, int], bytes] | None = None
    get_link_af_size: Callable[[net_device, int], int] | None = None
    validate_link_af: Callable[[net_device | None, nlattr_ptr[Any], Extack], None] | None = None
    set_link_af: Callable[[net_device, nlattr_ptr[Any], Extack], None] | None = None
    get_stats_af_size: Callable[[net_device], int] | None = None
    fill_stats_af: Callable[[sk_buff, net_device], int] | None = None


@dataclass
class rtnl_registry:
    """link_ops and rtnl_af_ops, the lists."""

    kinds: dict[str, rtnl_link_ops] = field(default_factory=dict)
    afs: dict[int, rtnl_af_ops] = field(default_factory=dict)
    fills_link_af: list[Callable[[net_device, int], bytes]] = field(default_factory=list)
    link_af_sizes: list[Callable[[net_device, int], int]] = field(default_factory=list)
    """The functions of ``afs`` that every message asks, where there are such."""


def registry_of(machine: Machine) -> rtnl_registry:
    """The machine's lists."""
    found: rtnl_registry | None = machine.subsystems.get("rtnl_link_ops")
    if found is None:
        found = machine.subsystems["rtnl_link_ops"] = rtnl_registry()
    return found


def rtnl_link_register(machine: Machine, ops: rtnl_link_ops) -> None:
    """Add a kind. Raises OSError (EEXIST)."""
    kinds = registry_of(machine).kinds
    if ops.kind in kinds:
        raise error(EEXIST)
    kinds[ops.kind] = ops


def rtnl_link_unregister(machine: Machine, ops: rtnl_link_ops) -> None:
    """Take a kind back, with every link of it."""
    for home in machine.net_namespace_list:
        going: list[net_device] = []
        for dev in list(home.dev_base_head):
            if dev.rtnl_link_ops is ops:
                ops.dellink(dev, going)
        unregister_netdevice_many(going)
    del registry_of(machine).kinds[ops.kind]


def rtnl_link_ops_get(machine: Machine, kind: str) -> rtnl_link_ops | None:
    """The kind of that name."""
    return registry_of(machine).kinds.get(kind)


def rtnl_af_register(machine: Machine, ops: rtnl_af_ops) -> None:
    """Add a protocol."""
    registry = registry_of(machine)
    registry.afs[int(ops.family)] = ops
    afs = registry.afs.values()
    registry.fills_link_af = [one.fill_link_af for one in afs if one.fill_link_af is not None]
    registry.link_af_sizes = [one.get_link_af_size for one in afs if one.get_link_af_size is not None]


def rtnl_af_lookup(machine: Machine, family: int) -> rtnl_af_ops | None:
    """The protocol of that family."""
    return registry_of(machine).afs.get(family)
