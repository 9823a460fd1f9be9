"""net/sched/sch_generic.c, as much of it as a device's state shows: its queueing discipline, and whether its queues may send.

Knows: dev_activate(), dev_deactivate(), the default qdisc.
Never: packets.
"""

from nlwire.kernel.core.netdevice import PRIV, net_device, netif_carrier_ok

DEFAULT_QDISC = "default_qdisc_ops"


def default_qdisc(dev: net_device) -> str:
    """sysctl net.core.default_qdisc."""
    found: str = dev.nd_net.machine.subsystems.get(DEFAULT_QDISC, "pfifo_fast")
    return found


def attach_default_qdiscs(dev: net_device) -> None:
    """A device that comes up for the first time gets its discipline, which it then keeps."""
    if dev.priv_flags & PRIV.NO_QUEUE or not dev.tx_queue_len:
        dev.qdisc = "noqueue"
    elif dev.num_tx_queues > 1:
        dev.qdisc = "mq"
    else:
        dev.qdisc = default_qdisc(dev)


def dev_activate(dev: net_device) -> None:
    """Let the queues send; without a carrier that waits for it (link_watch.py)."""
    if dev.qdisc == "noop":
        attach_default_qdiscs(dev)
    if netif_carrier_ok(dev):
        dev.tx_active = True


def dev_deactivate(dev: net_device) -> None:
    """Stop the queues."""
    dev.tx_active = False


def dev_shutdown(dev: net_device) -> None:
    """A device that goes loses its disciplines."""
    if dev.queues is not None:
        dev.queues.shutdown()
    dev.qdisc, dev.tx_active, dev.queues = "noop", False, None


def qdisc_tx_changing(dev: net_device) -> bool:
    """Whether the queues have a discipline that they do not use yet."""
    return dev.qdisc != "noop" and not dev.tx_active
