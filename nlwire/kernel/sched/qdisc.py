"""include/net/sch_generic.h, net/sched/sch_generic.c: a queueing discipline, and those a device has.

A device's discipline by default is made when somebody first looks for it; until then ``dev.qdisc`` has its name alone
(core/scheduler.py).

Knows: roots, transmit queues, the ingress queue, references, handles.
Never: requests; what one kind does.
"""

from errno import ENOSPC, EOPNOTSUPP
from typing import Any, ClassVar

from nlwire.kernel.core.netdevice import net_device
from nlwire.kernel.net import error
from nlwire.schema.enums import UapiFlags
from nlwire.uapi.pkt_sched.basic import TC_H, TC_H_MAJ_MASK, TC_H_MIN_MASK, tc_sizespec
from nlwire.uapi.rtnetlink import tcmsg
from nlwire.wire import NL_SET_ERR_MSG, netlink_ext_ack, nlattr_ptr, nlattr_table, sk_buff

TC_H_ROOT, TC_H_INGRESS = int(TC_H.ROOT), int(TC_H.INGRESS)
HANDLES = "qdisc_autohandle"
GOLDEN_RATIO_32 = 0x61C88647
ETH_ALEN, ETH_HLEN = 6, 14

Options = nlattr_ptr[Any] | None


class TCQ_F(UapiFlags):
    """What a discipline is."""

    BUILTIN = 1
    INGRESS = 2
    MQROOT = 8
    INVISIBLE = 0x80


def TC_H_MAJ(handle: int) -> int:
    """The discipline's half of a handle."""
    return handle & TC_H_MAJ_MASK


def TC_H_MIN(handle: int) -> int:
    """The class's half of a handle."""
    return handle & TC_H_MIN_MASK


class Qdisc:
    """struct Qdisc; a kind is a subclass, whose methods are Qdisc_ops and, where it has classes, Qdisc_class_ops."""

    id: ClassVar[str] = "noop"
    static_flags: ClassVar[TCQ_F] = TCQ_F(0)
    attaches: ClassVar[bool] = False
    """Whether it puts itself on the device's queues (ops->attach)."""
    changes: ClassVar[bool] = False
    """Whether its options can be changed (ops->change)."""
    classful: ClassVar[bool] = False
    has_blocks: ClassVar[bool] = False
    """Whether there can be filters (cl_ops->tcf_block)."""

    def __init__(self, dev: net_device | None, parent: int, handle: int) -> None:
        self._dev = dev
        self.parent = parent
        self.handle = handle
        self.flags = self.static_flags
        self.refcnt = 1
        self.stab: tc_sizespec | None = None
        self.rate_est = False
        self.blocks: dict[str, int] = {}
        self.cls_common: Any = None
        """What classifiers keep for all blocks of this discipline."""

    @property
    def dev(self) -> net_device:
        """qdisc_dev()."""
        assert self._dev is not None, "noop is no device's"
        return self._dev

    @property
    def builtin(self) -> bool:
        """Whether it is noop, which everybody shares."""
        return bool(self.flags & TCQ_F.BUILTIN)

    def init(self, opt: Options, extack: netlink_ext_ack | None) -> None:
        """Raises OSError."""

    def attach(self) -> None:
        """Go on the device's queues."""

    def change(self, opt: nlattr_ptr[Any], extack: netlink_ext_ack | None) -> None:
        """Raises OSError."""

    def destroy(self) -> None:
        """Let go of what it has."""

    def dump(self, skb: sk_buff) -> None:
        """Put TCA_OPTIONS. Raises BufferFull."""

    # --- classes

    def find(self, classid: int) -> Any:
        """The class of this number, or None."""

    def leaf(self, cl: Any) -> "Qdisc | None":
        """The discipline of a class."""
        return None

    def graft(self, cl: Any, new: "Qdisc | None", extack: netlink_ext_ack | None) -> "Qdisc":
        """Give a class another discipline; the one it had. Raises OSError."""
        raise error(EOPNOTSUPP)

    def walk(self) -> list[Any]:
        """All classes."""
        return []

    def change_class(
        self, cl: Any, classid: int, parentid: int, tca: nlattr_table, extack: netlink_ext_ack | None
    ) -> Any:
        """Make or change a class. Raises OSError."""
        raise error(EOPNOTSUPP)

    def delete_class(self, cl: Any, extack: netlink_ext_ack | None) -> None:
        """Raises OSError."""
        raise error(EOPNOTSUPP)

    def tcf_block(self, cl: Any) -> Any:
        """The block (block.py) of a class's filters, or of its own for None."""

    def bind_tcf(self, classid: int) -> Any:
        """A filter chooses a class, which then has to stay; None where there is none."""

    def unbind_tcf(self, cl: Any) -> None:
        """The filter is gone."""

    def dump_class(self, cl: Any, skb: sk_buff, tcm: tcmsg) -> None:
        """Say who a class is in ``tcm``, put its options. Raises BufferFull."""


noop_qdisc = Qdisc(None, 0, 0)
"""What a queue has that has nothing."""
noop_qdisc.flags = TCQ_F.BUILTIN


class Queues:
    """The disciplines of a device: dev->qdisc, dev_queue->qdisc_sleeping, dev->ingress_queue, dev->qdisc_hash."""

    __slots__ = ("hash", "ingress", "root", "tx")

    def __init__(self, dev: net_device) -> None:
        self.root = noop_qdisc
        self.tx = [noop_qdisc] * dev.num_tx_queues
        self.ingress: Qdisc | None = None
        self.hash: list[Qdisc] = []

    def shutdown(self) -> None:
        """dev_shutdown(): the device goes, and all of them with it."""
        tx, root, self.tx, self.root = self.tx, self.root, [], noop_qdisc
        for sch in tx:
            qdisc_put(sch)
        if self.ingress is not None:
            qdisc_put(self.ingress)
        qdisc_put(root)


KINDS: dict[str, type[Qdisc]] = {}
"""qdisc_base: what can be asked for by name."""


def register_qdisc(kind: type[Qdisc]) -> type[Qdisc]:
    """A decorator."""
    KINDS[kind.id] = kind
    return kind


def queues_of(dev: net_device) -> Queues:
    """A device's disciplines, with those by default that it got when it came up."""
    if dev.queues is None:
        dev.queues = Queues(dev)
    found: Queues = dev.queues
    if found.root.builtin and dev.qdisc != noop_qdisc.id:
        attach_default(dev, found)
    return found


def attach_default(dev: net_device, queues: Queues) -> None:
    """attach_default_qdiscs(), whose choice core/scheduler.py has made."""
    kind = KINDS[dev.qdisc]
    if kind.attaches:
        queues.root = kind(dev, TC_H_ROOT, 0)
        queues.root.init(None, None)
        queues.root.attach()
        return
    for place in range(len(queues.tx)):
        queues.tx[place] = kind(dev, TC_H_ROOT, 0)
    queues.root = queues.tx[0]
    queues.root.refcnt += 1


def qdisc_create_dflt(dev: net_device, kind: type[Qdisc], parent: int) -> Qdisc:
    """A discipline that nobody asked for, without a handle. Raises OSError."""
    sch = kind(dev, parent, 0)
    sch.init(None, None)
    return sch


def bucket(handle: int) -> int:
    """Where in dev->qdisc_hash a handle goes."""
    return (handle * GOLDEN_RATIO_32 & 0xFFFFFFFF) >> 28


def qdisc_hash_add(sch: Qdisc, invisible: bool) -> None:
    """Make it one that can be looked up; a root can be without."""
    if sch.parent == TC_H_ROOT or sch.flags & TCQ_F.INGRESS:
        return
    queues = queues_of(sch.dev)
    ahead = sum(bucket(one.handle) < bucket(sch.handle) for one in queues.hash)
    queues.hash.insert(ahead, sch)
    if invisible:
        sch.flags |= TCQ_F.INVISIBLE


def qdisc_put(sch: Qdisc) -> None:
    """One reference less; with the last it goes."""
    if sch.builtin:
        return
    sch.refcnt -= 1
    if sch.refcnt == 0:
        qdisc_destroy(sch)


def qdisc_destroy(sch: Qdisc) -> None:
    """Let it go, and what stands below it."""
    if sch.builtin:
        return
    queues: Queues | None = sch.dev.queues
    if queues is not None and sch in queues.hash:
        queues.hash.remove(sch)
    sch.destroy()


def qdisc_match_from_root(dev: net_device, root: Qdisc, handle: int) -> Qdisc | None:
    """The discipline of a handle at or below ``root``."""
    if root.builtin:
        return root if root.handle == handle else None
    if root.handle == handle:
        return root
    return next((sch for sch in queues_of(dev).hash if sch.handle == handle), None)


def qdisc_lookup(dev: net_device, handle: int) -> Qdisc | None:
    """A device's discipline of a handle."""
    if not handle:
        return None
    queues = queues_of(dev)
    found = qdisc_match_from_root(dev, queues.root, handle)
    if found is None and queues.ingress is not None:
        found = qdisc_match_from_root(dev, queues.ingress, handle)
    return found


def qdisc_alloc_handle(dev: net_device, extack: netlink_ext_ack | None) -> int:
    """The next handle of the machine's that the device does not have yet. Raises OSError."""
    subsystems: dict[str, Any] = dev.nd_net.machine.subsystems
    handle: int = subsystems.get(HANDLES, 0x80000000)
    for _ in range(0x8000):
        handle += 0x10000
        if handle == TC_H_MAJ_MASK:
            handle = 0x80000000
        if qdisc_lookup(dev, handle) is None:
            subsystems[HANDLES] = handle
            return handle
    NL_SET_ERR_MSG(extack, "Maximum number of qdisc handles was exceeded")
    raise error(ENOSPC)


def psched_mtu(dev: net_device) -> int:
    """The longest packet, with its link-layer header."""
    return dev.mtu + (ETH_HLEN if len(dev.dev_addr) == ETH_ALEN else 0)
