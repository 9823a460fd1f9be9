"""net/core/link_watch.c: what a carrier that comes or goes means, and telling of it.

Telling waits: for the call that changed the carrier to be over, and, where nothing hurries, for a second to have passed since
the last telling, so that a flapping link does not flood its listeners.

Knows: carrier, RFC 2863 operational state.
Never: up and down.
"""

from nlwire.kernel.core.netdev_chain import core_of, netdev_core, rtmsg_ifinfo, tell_all
from nlwire.kernel.core.netdevice import (
    LINK_STATE,
    LINK_STATE_DORMANT,
    LINK_STATE_NOCARRIER,
    NETDEV,
    NETREG,
    dev_get_iflink,
    net_device,
    netif_carrier_ok,
    netif_device_present,
    netif_dormant,
    netif_running,
)
from nlwire.kernel.core.scheduler import dev_activate, dev_deactivate, qdisc_tx_changing
from nlwire.kernel.net import Machine
from nlwire.kernel.timer import HZ, jiffies, mod_timer, schedule_work, timer_delete, timer_list
from nlwire.uapi.if_ import IF_LINK_MODE, IF_OPER, IFF
from nlwire.uapi.rtnetlink import RTM

PENDING, TESTING = int(LINK_STATE.LINKWATCH_PENDING), int(LINK_STATE.TESTING)
WORK = "linkwatch_work"


def default_operstate(dev: net_device) -> int:
    """The operational state that carrier, tests and dormancy make."""
    if dev.state & TESTING:
        return IF_OPER.TESTING
    if not netif_carrier_ok(dev):
        iflink = dev_get_iflink(dev)
        if iflink == dev.ifindex:
            return IF_OPER.DOWN
        peer: net_device | None = dev.nd_net.dev_by_index.get(iflink)
        return IF_OPER.DOWN if peer is None or netif_carrier_ok(peer) else IF_OPER.LOWERLAYERDOWN
    return IF_OPER.DORMANT if netif_dormant(dev) else IF_OPER.UP


def rfc2863_policy(dev: net_device) -> None:
    """Bring dev->operstate up to date; the link mode may hold it below UP."""
    operstate = default_operstate(dev)
    if operstate == dev.operstate:
        return
    if operstate == IF_OPER.UP:
        held = {IF_LINK_MODE.TESTING: IF_OPER.TESTING, IF_LINK_MODE.DORMANT: IF_OPER.DORMANT}
        operstate = held.get(dev.link_mode, operstate)  # type: ignore[call-overload]
    dev.operstate = operstate


def linkwatch_init_dev(dev: net_device) -> None:
    """What was said of the carrier before the device was registered counts now."""
    if not netif_carrier_ok(dev) or netif_dormant(dev) or dev.state & TESTING:
        rfc2863_policy(dev)


def linkwatch_urgent_event(dev: net_device) -> bool:
    """Whether somebody waits for the change: a device above another, or one that could send now."""
    if not netif_running(dev):
        return False
    if dev.ifindex != dev_get_iflink(dev):
        return True
    return netif_carrier_ok(dev) and qdisc_tx_changing(dev)


def work_of(machine: Machine) -> timer_list:
    """The one delayed work."""
    found: timer_list = machine.subsystems[WORK]
    return found


def linkwatch_schedule_work(machine: Machine, core: netdev_core, urgent: bool) -> None:
    """Have the list looked at: at once, or when the second is over."""
    if core.linkwatch_urgent:
        return
    work = work_of(machine)
    if urgent:
        core.linkwatch_urgent = True
        timer_delete(work)
        schedule_work(machine, work.function)
    elif not work.pending and not core.linkwatch_queued:
        delay = core.linkwatch_nextevent - jiffies(machine)
        if 0 < delay <= HZ:
            mod_timer(machine, work, core.linkwatch_nextevent)
        else:
            core.linkwatch_queued = True
            schedule_work(machine, work.function)


def linkwatch_do_dev(dev: net_device) -> None:
    """Draw the consequences for one device and tell of them."""
    dev.state &= ~PENDING
    rfc2863_policy(dev)
    if dev.flags & IFF.UP:
        dev_activate(dev) if netif_carrier_ok(dev) else dev_deactivate(dev)
        netdev_state_change(dev)


def netdev_state_change(dev: net_device) -> None:
    """Tell notifiers and the group that the state of a device has changed."""
    if dev.flags & IFF.UP:
        tell_all(NETDEV.CHANGE, dev)
        rtmsg_ifinfo(RTM.NEWLINK, dev, 0)


def run_queue(machine: Machine, urgent_only: bool) -> None:
    """Look at the devices whose carrier changed; what does not hurry waits for its second."""
    core = core_of(machine)
    now = jiffies(machine)
    if not urgent_only:
        core.linkwatch_nextevent = now + HZ
    elif core.linkwatch_nextevent > now + HZ:
        core.linkwatch_nextevent = now
    core.linkwatch_urgent = core.linkwatch_queued = False
    waiting, core.lweventlist = core.lweventlist, []
    for dev in waiting:
        if not netif_device_present(dev) or (urgent_only and not linkwatch_urgent_event(dev)):
            core.lweventlist.append(dev)
        elif dev.reg_state == NETREG.REGISTERED:
            linkwatch_do_dev(dev)
    if core.lweventlist:
        linkwatch_schedule_work(machine, core, urgent=False)


def linkwatch_run_queue(machine: Machine) -> None:
    """Look at all of them now."""
    run_queue(machine, urgent_only=False)


def linkwatch_fire_event(dev: net_device) -> None:
    """Note that a device's carrier or dormancy has changed."""
    machine = dev.nd_net.machine
    core, urgent = core_of(machine), linkwatch_urgent_event(dev)
    if not dev.state & PENDING:
        dev.state |= PENDING
        core.lweventlist.append(dev)
    elif not urgent:
        return
    linkwatch_schedule_work(machine, core, urgent)


def linkwatch_sync_dev(dev: net_device) -> None:
    """Draw the consequences for one device now: somebody asks for its state."""
    waiting = core_of(dev.nd_net.machine).lweventlist
    if dev in waiting:
        waiting.remove(dev)
        linkwatch_do_dev(dev)


def linkwatch_forget(dev: net_device) -> None:
    """A device that has gone is not told of any more."""
    core = core_of(dev.nd_net.machine)
    if dev in core.lweventlist:
        core.lweventlist.remove(dev)


def linkwatch_init(machine: Machine) -> None:
    """Make the delayed work."""

    def linkwatch_event() -> None:
        run_queue(machine, urgent_only=core_of(machine).linkwatch_nextevent > jiffies(machine))

    machine.subsystems[WORK] = timer_list(linkwatch_event)


# --- carrier (net/sched/sch_generic.c, include/linux/netdevice.h) ----------------------------------------------------


def netif_carrier_on(dev: net_device) -> None:
    """The carrier has come."""
    if dev.state & LINK_STATE_NOCARRIER:
        dev.state &= ~LINK_STATE_NOCARRIER
        if dev.reg_state != NETREG.UNINITIALIZED:
            dev.carrier_up_count += 1
            linkwatch_fire_event(dev)


def netif_carrier_off(dev: net_device) -> None:
    """The carrier has gone."""
    if not dev.state & LINK_STATE_NOCARRIER:
        dev.state |= LINK_STATE_NOCARRIER
        if dev.reg_state != NETREG.UNINITIALIZED:
            dev.carrier_down_count += 1
            linkwatch_fire_event(dev)


def netif_dormant_on(dev: net_device) -> None:
    """Something must happen before the device may be used."""
    if not dev.state & LINK_STATE_DORMANT:
        dev.state |= LINK_STATE_DORMANT
        linkwatch_fire_event(dev)


def netif_dormant_off(dev: net_device) -> None:
    """It has happened."""
    if dev.state & LINK_STATE_DORMANT:
        dev.state &= ~LINK_STATE_DORMANT
        linkwatch_fire_event(dev)


def netif_stacked_transfer_operstate(rootdev: net_device, dev: net_device) -> None:
    """A device above another takes over its dormancy and its carrier."""
    (netif_dormant_on if rootdev.operstate == IF_OPER.DORMANT else netif_dormant_off)(dev)
    (netif_carrier_on if netif_carrier_ok(rootdev) else netif_carrier_off)(dev)
