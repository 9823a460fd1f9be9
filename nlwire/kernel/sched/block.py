"""net/sched/cls_api.c: where filters are: blocks of chains of classifiers.

Knows: which block a discipline's or a class's filters are in, blocks that are shared, chains that come and go with their filters.
Never: what a classifier does.
"""

from typing import Any, ClassVar

from nlwire.kernel.net import net
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import rtnl_notify
from nlwire.kernel.sched.fill import SIZE
from nlwire.kernel.sched.qdisc import TC_H_MAJ, Qdisc
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import RTM, RTNLGRP, tcmsg
from nlwire.uapi.tc import TCA
from nlwire.wire import netlink_ext_ack, nla_put_string, nla_put_u32, nlattr_table, nlmsg_new, sk_buff

TCM_IFINDEX_MAGIC_BLOCK = -1
BLOCKS = "tcf_net"
FIRST_PRIO = 0xC0000000


class tcf_proto:
    """All filters of one priority (and so of one kind) in a chain; a kind is a subclass, whose methods are tcf_proto_ops."""

    kind: ClassVar[str] = ""

    def __init__(self, chain: "tcf_chain", protocol: int, prio: int) -> None:
        self.chain = chain
        self.protocol = protocol
        self.prio = prio

    def get(self, handle: int) -> Any:
        """The filter of a handle, or None."""

    def change(
        self,
        home: net,
        fh: Any,
        handle: int,
        tca: nlattr_table,
        extack: netlink_ext_ack | None,
    ) -> Any:
        """Make or change a filter; which one is to be told of. Raises OSError."""

    def delete(self, fh: Any, extack: netlink_ext_ack | None) -> bool:
        """Delete a filter; whether it was the last. Raises OSError."""
        return True

    def destroy(self) -> None:
        """Let all go."""

    def walk(self) -> list[Any]:
        """All filters."""
        return []

    def dump(self, home: net, fh: Any, skb: sk_buff, tcm: tcmsg) -> None:
        """Say a filter's handle in ``tcm``, put its options. Raises BufferFull."""


class tcf_chain:
    """Filters in the order of their priorities."""

    def __init__(self, block: "tcf_block", index: int) -> None:
        self.block = block
        self.index = index
        self.explicitly_created = False
        self.filters: list[tcf_proto] = []

    def find(self, prio: int) -> tcf_proto | None:
        """The filters of a priority."""
        return next((tp for tp in self.filters if tp.prio == prio), None)

    def insert(self, tp: tcf_proto) -> None:
        """Where its priority puts it."""
        self.filters.insert(sum(one.prio < tp.prio for one in self.filters), tp)

    def auto_prio(self) -> int:
        """tcf_auto_prio(): one before all that the machine chose itself."""
        chosen = [tp.prio for tp in self.filters if tp.prio >= 0x80000000]
        return TC_H_MAJ(chosen[0] - 1 if chosen else FIRST_PRIO)

    def remove(self, tp: tcf_proto) -> None:
        """Let one go."""
        self.filters.remove(tp)
        tp.destroy()

    def flush(self) -> None:
        """Let all go."""
        for tp in [*self.filters]:
            self.remove(tp)

    def put(self) -> None:
        """A chain without filters goes, unless somebody made it on purpose."""
        if not self.filters and not self.explicitly_created and self in self.block.chains:
            self.block.chains.remove(self)
            tc_chain_notify(self, RTM.DELCHAIN, 0)


class tcf_block:
    """The filters of a discipline or a class, or those that several disciplines share."""

    def __init__(self, home: net, q: Qdisc | None, index: int = 0) -> None:
        self.home = home
        self.q = q
        self.index = index
        self.refcnt = 1
        self.classid = 0
        self.chains: list[tcf_chain] = []
        self.cls_common: Any = None

    @property
    def owner(self) -> Any:
        """Whom u32's hash tables belong to (tc_u_common_ptr())."""
        return self.q or self

    def chain(self, index: int) -> tcf_chain | None:
        """The chain of a number."""
        return next((chain for chain in self.chains if chain.index == index), None)

    def chain_get(self, index: int) -> tcf_chain:
        """The same, made and told of if need be."""
        found = self.chain(index)
        if found is None:
            found = tcf_chain(self, index)
            self.chains.append(found)
            tc_chain_notify(found, RTM.NEWCHAIN, int(NLM_F.CREATE | NLM_F.EXCL))
        return found

    def put(self) -> None:
        """One user less; with the last all filters go."""
        self.refcnt -= 1
        if self.refcnt:
            return
        if self.index:
            shared_blocks(self.home).pop(self.index, None)
        for chain in [*self.chains]:
            chain.explicitly_created = False
            chain.flush()
            chain.put()


def shared_blocks(home: net) -> dict[int, tcf_block]:
    """The shared blocks of a namespace."""
    all: dict[net, dict[int, tcf_block]] = home.machine.subsystems.setdefault(BLOCKS, {})
    return all.setdefault(home, {})


def tcf_block_get(q: Qdisc, index: int = 0) -> tcf_block:
    """A block for a discipline: its own, or the shared one of this number."""
    home = q.dev.nd_net
    if not index:
        return tcf_block(home, q)
    blocks = shared_blocks(home)
    if index in blocks:
        blocks[index].refcnt += 1
    else:
        blocks[index] = tcf_block(home, None, index)
    return blocks[index]


# --- chains, told of -------------------------------------------------------------------------------------------------


def tc_chain_fill_node(
    skb: sk_buff,
    chain: tcf_chain,
    portid: int,
    seq: int,
    flags: int,
    event: int,
    extack: netlink_ext_ack | None = None,
) -> None:
    """Put a chain as a message. Raises BufferFull."""
    block = chain.block
    header = tcmsg(tcm_ifindex=TCM_IFINDEX_MAGIC_BLOCK, tcm_parent=block.index)
    if block.q is not None:
        header = tcmsg(tcm_ifindex=block.q.dev.ifindex, tcm_parent=block.q.handle)
    with nlmsg_filling(skb, portid, seq, event, header, flags):
        nla_put_u32(skb, TCA.CHAIN, chain.index)
        if extack is not None and extack.message:
            nla_put_string(skb, TCA.EXT_WARN_MSG, extack.message)


def tc_chain_notify(chain: tcf_chain, event: int, flags: int, extack: netlink_ext_ack | None = None) -> None:
    """Tell of a chain that came or went; nobody is said to have asked."""
    skb = nlmsg_new(SIZE)
    tc_chain_fill_node(skb, chain, 0, 0, flags, event, extack)
    rtnl_notify(skb, chain.block.home, 0, RTNLGRP.TC, None)
