"""net/bridge/br_stp.c, br_stp_if.c, br_stp_timer.c: states of ports, ids, timers.

There are no packets, so no other bridge ever speaks: this one is the root, and each of its ports is designated.

Knows: what disabled, blocking, listening, learning, forwarding follow from and on.
Never: frames.
"""

from errno import ERANGE

from nlwire.kernel.bridge.br_fdb import br_fdb_change_mac_address, br_fdb_delete_by_port
from nlwire.kernel.bridge.br_multicast import br_multicast_disable_port, br_multicast_enable_port
from nlwire.kernel.bridge.br_netlink_fill import br_ifinfo_notify
from nlwire.kernel.bridge.br_private import (
    BR,
    BR_KERNEL_STP,
    BR_NO_STP,
    BR_PORT_BITS,
    net_bridge,
    net_bridge_port,
)
from nlwire.kernel.core.dev import netif_carrier_off, netif_carrier_on, netif_oper_up, netif_running
from nlwire.kernel.core.netdevice import NET_ADDR
from nlwire.kernel.net import error
from nlwire.kernel.timer import HZ, jiffies, mod_timer, timer_delete, timer_list
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_bridge import BR_STATE

USER_HZ = 100
MIN_HELLO_TIME, MAX_HELLO_TIME = 1 * HZ, 10 * HZ
MIN_MAX_AGE, MAX_MAX_AGE = 6 * HZ, 40 * HZ
MIN_FORWARD_DELAY, MAX_FORWARD_DELAY = 2 * HZ, 30 * HZ
MIN_PATH_COST, MAX_PATH_COST = 1, 65535
MAX_PORT_PRIORITY = 0xFFFF >> BR_PORT_BITS


def clock_t_to_jiffies(clock: int) -> int:
    """Hundredths of a second in ticks."""
    return clock * HZ // USER_HZ


def set_timer(br: net_bridge, timer: timer_list, delay: int) -> None:
    """Let a timer go off in so many ticks."""
    machine = br.dev.nd_net.machine
    mod_timer(machine, timer, jiffies(machine) + delay)


def br_is_designated_port(port: net_bridge_port) -> bool:
    """Whether the port is the one through which its segment reaches the root."""
    return port.designated_bridge == port.br.bridge_id and port.designated_port == port.port_id


def br_become_designated_port(port: net_bridge_port) -> None:
    """Make it that."""
    br = port.br
    port.designated_root, port.designated_cost = br.designated_root, br.root_path_cost
    port.designated_bridge, port.designated_port = br.bridge_id, port.port_id


def br_configuration_update(br: net_bridge) -> None:
    """Who is root, which ports are designated."""
    br.root_port, br.designated_root, br.root_path_cost = 0, br.bridge_id, 0
    for port in br.port_list:
        if port.state != BR_STATE.DISABLED:
            br_become_designated_port(port)


def br_topology_change_detection(br: net_bridge) -> None:
    """A port has begun, or ceased, to forward."""
    if br.stp_enabled != BR_KERNEL_STP or not br.dev.flags & IFF.UP:
        return
    br_set_topology_change(br, 1)
    set_timer(br, br.topology_change_timer, br.bridge_forward_delay + br.bridge_max_age)
    br.topology_change_detected = 1


def br_set_topology_change(br: net_bridge, value: int) -> None:
    """While the topology changes, entries age faster."""
    if br.stp_enabled == BR_KERNEL_STP and br.topology_change != value:
        br.ageing_time = 2 * br.forward_delay if value else br.bridge_ageing_time
    br.topology_change = value


def br_make_forwarding(port: net_bridge_port) -> None:
    """A blocked port begins to forward, at once or by listening and learning first."""
    br = port.br
    if port.state != BR_STATE.BLOCKING:
        return
    if br.stp_enabled == BR_NO_STP or not br.forward_delay:
        port.set_state(BR_STATE.FORWARDING)
        br_topology_change_detection(br)
        timer_delete(port.forward_delay_timer)
    else:
        port.set_state(BR_STATE.LISTENING)
    br_ifinfo_notify(port)
    if br.forward_delay:
        set_timer(br, port.forward_delay_timer, br.forward_delay)


def br_port_state_selection(br: net_bridge) -> None:
    """What each port does; the bridge has a carrier while one forwards."""
    live = False
    for port in br.port_list:
        if port.state == BR_STATE.DISABLED:
            continue
        br_make_forwarding(port)
        if port.state != BR_STATE.BLOCKING:
            br_multicast_enable_port(port)
        live |= port.state == BR_STATE.FORWARDING
    (netif_carrier_on if live else netif_carrier_off)(br.dev)


# --- ports -----------------------------------------------------------------------------------------------------------


def br_make_port_id(priority: int, port_no: int) -> int:
    """Priority and number."""
    return (priority & 0xFF) << BR_PORT_BITS & 0xFFFF | port_no & ((1 << BR_PORT_BITS) - 1)


def br_init_port(port: net_bridge_port) -> None:
    """A port begins anew."""
    port.port_id = br_make_port_id(port.priority, port.port_no)
    br_become_designated_port(port)
    port.set_state(BR_STATE.BLOCKING)
    port.topology_change_ack = port.config_pending = 0


def br_stp_enable_port(port: net_bridge_port) -> None:
    """A port's device is up and running."""
    br_init_port(port)
    br_port_state_selection(port.br)
    br_ifinfo_notify(port)


def br_stp_disable_port(port: net_bridge_port) -> None:
    """It is not any more."""
    br = port.br
    br_become_designated_port(port)
    port.set_state(BR_STATE.DISABLED)
    port.topology_change_ack = port.config_pending = 0
    br_ifinfo_notify(port)
    for timer in (port.message_age_timer, port.forward_delay_timer, port.hold_timer):
        timer_delete(timer)
    if port.backup_port is None:
        br_fdb_delete_by_port(br, port, do_all=False)
    br_multicast_disable_port(port)
    br_configuration_update(br)
    br_port_state_selection(br)


def forward_delay_timer_expired(port: net_bridge_port) -> None:
    """A port has listened, or learned, for long enough."""
    br = port.br
    if port.state == BR_STATE.LISTENING:
        port.set_state(BR_STATE.LEARNING)
        set_timer(br, port.forward_delay_timer, br.forward_delay)
    elif port.state == BR_STATE.LEARNING:
        port.set_state(BR_STATE.FORWARDING)
        br_topology_change_detection(br)
        netif_carrier_on(br.dev)
    br_ifinfo_notify(port)


def br_stp_set_port_priority(port: net_bridge_port, newprio: int) -> None:
    """Set a port's priority. Raises OSError (ERANGE)."""
    if newprio > MAX_PORT_PRIORITY:
        raise error(ERANGE)
    new_port_id = br_make_port_id(newprio, port.port_no)
    if br_is_designated_port(port):
        port.designated_port = new_port_id
    port.port_id, port.priority = new_port_id, newprio
    if port.br.bridge_id == port.designated_bridge and port.port_id < port.designated_port:
        br_become_designated_port(port)
        br_port_state_selection(port.br)


def br_stp_set_path_cost(port: net_bridge_port, path_cost: int) -> None:
    """Set a port's cost, which from now on follows no speed. Raises OSError (ERANGE)."""
    if not MIN_PATH_COST <= path_cost <= MAX_PATH_COST:
        raise error(ERANGE)
    port.flags |= BR.ADMIN_COST
    port.path_cost = path_cost
    br_configuration_update(port.br)
    br_port_state_selection(port.br)


# --- the bridge ------------------------------------------------------------------------------------------------------


def br_stp_enable_bridge(br: net_bridge) -> None:
    """The bridge comes up."""
    if br.stp_enabled == BR_KERNEL_STP:
        set_timer(br, br.hello_timer, br.hello_time)
    set_timer(br, br.gc_work, HZ // 10)
    for port in br.port_list:
        if netif_running(port.dev) and netif_oper_up(port.dev):
            br_stp_enable_port(port)


def br_stp_disable_bridge(br: net_bridge) -> None:
    """It goes down."""
    for port in br.port_list:
        if port.state != BR_STATE.DISABLED:
            br_stp_disable_port(port)
    br_set_topology_change(br, 0)
    br.topology_change_detected = 0
    for timer in (br.hello_timer, br.topology_change_timer, br.tcn_timer, br.gc_work):
        timer_delete(timer)


def br_stp_set_enabled(br: net_bridge, value: int) -> None:
    """Turn the spanning tree protocol on or off."""
    if not value:
        br.stp_enabled = BR_NO_STP
    elif br.stp_enabled == BR_NO_STP:
        br_set_forward_delay_now(br, min(max(br.bridge_forward_delay, MIN_FORWARD_DELAY), MAX_FORWARD_DELAY))
        br.stp_enabled = BR_KERNEL_STP
        if br.dev.flags & IFF.UP:
            set_timer(br, br.hello_timer, br.hello_time)
        br_port_state_selection(br)


def br_stp_change_bridge_id(br: net_bridge, addr: bytes) -> None:
    """The bridge takes an address."""
    oldaddr = br.bridge_id[2:]
    br_fdb_change_mac_address(br, addr)
    br.bridge_id = br.bridge_id[:2] + addr
    br.dev.dev_addr = addr
    for port in br.port_list:
        if port.designated_bridge[2:] == oldaddr:
            port.designated_bridge = port.designated_bridge[:2] + addr
        if port.designated_root[2:] == oldaddr:
            port.designated_root = port.designated_root[:2] + addr
    br_configuration_update(br)
    br_port_state_selection(br)


def br_stp_recalculate_bridge_id(br: net_bridge) -> bool:
    """Take the least address of the ports, unless one was chosen; whether that is another than before."""
    if br.dev.addr_assign_type == NET_ADDR.SET:
        return False
    addr = min((port.dev.dev_addr for port in br.port_list), default=bytes(6))
    if br.bridge_id[2:] == addr:
        return False
    br_stp_change_bridge_id(br, addr)
    return True


def br_stp_set_bridge_priority(br: net_bridge, newprio: int) -> None:
    """Set the bridge's priority."""
    prio = newprio.to_bytes(2, "big")
    for port in br.port_list:
        if port.state != BR_STATE.DISABLED and br_is_designated_port(port):
            port.designated_bridge = prio + port.designated_bridge[2:]
    br.bridge_id = prio + br.bridge_id[2:]
    br_configuration_update(br)
    br_port_state_selection(br)


def br_set_hello_time(br: net_bridge, clock: int) -> None:
    """Set the time between greetings. Raises OSError (ERANGE)."""
    br.hello_time = br.bridge_hello_time = within(clock, MIN_HELLO_TIME, MAX_HELLO_TIME)


def br_set_max_age(br: net_bridge, clock: int) -> None:
    """Set how long what another bridge says holds. Raises OSError (ERANGE)."""
    br.max_age = br.bridge_max_age = within(clock, MIN_MAX_AGE, MAX_MAX_AGE)


def br_set_forward_delay(br: net_bridge, clock: int) -> None:
    """Set how long a port listens, and learns. Raises OSError (ERANGE)."""
    if br.stp_enabled == BR_NO_STP:
        br_set_forward_delay_now(br, clock_t_to_jiffies(clock))
    else:
        br_set_forward_delay_now(br, within(clock, MIN_FORWARD_DELAY, MAX_FORWARD_DELAY))


def br_set_forward_delay_now(br: net_bridge, ticks: int) -> None:
    """__br_set_forward_delay()."""
    br.forward_delay = br.bridge_forward_delay = ticks


def br_set_ageing_time(br: net_bridge, clock: int) -> None:
    """Set how long an address that was learned is remembered."""
    br.ageing_time = br.bridge_ageing_time = clock_t_to_jiffies(clock)
    set_timer(br, br.gc_work, 0)


def within(clock: int, low: int, high: int) -> int:
    """Hundredths of a second in ticks. Raises OSError (ERANGE)."""
    ticks = clock_t_to_jiffies(clock)
    if not low <= ticks <= high:
        raise error(ERANGE)
    return ticks


def br_stp_timer_init(br: net_bridge) -> None:
    """What the bridge's timers do."""

    def topology_change_timer_expired() -> None:
        br.topology_change_detected = 0
        br_set_topology_change(br, 0)

    def hello_timer_expired() -> None:
        if br.dev.flags & IFF.UP and br.stp_enabled == BR_KERNEL_STP:
            set_timer(br, br.hello_timer, br.hello_time)

    br.topology_change_timer.function = topology_change_timer_expired
    br.hello_timer.function = hello_timer_expired
