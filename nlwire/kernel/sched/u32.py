"""net/sched/cls_u32.c: comparisons of 32-bit words, in hash tables.

Knows: how tables and entries are made, changed, linked, shown; what is refused.
Never: packets; actions, of which it knows none.
"""

from errno import EBUSY, EINVAL, ENOENT, ENOSPC
from typing import Any

from nlwire.kernel.core.dev import dev_get_by_index, dev_get_by_name
from nlwire.kernel.net import error, net
from nlwire.kernel.sched.block import tcf_chain, tcf_proto
from nlwire.kernel.sched.qdisc import Qdisc
from nlwire.kernel.sched.u32_tables import (
    HASH,
    HTID,
    KEY,
    NODE,
    ROOT,
    handle2id,
    refuse,
    tc_u_common,
    tc_u_hnode,
    tc_u_knode,
)
from nlwire.uapi.if_ import IFNAMSIZ
from nlwire.uapi.pkt_cls.actions import TCA_CLS_FLAGS
from nlwire.uapi.pkt_cls.classifiers import TCA_U32, tc_u32_key, tc_u32_mark, tc_u32_sel
from nlwire.uapi.rtnetlink import tcmsg
from nlwire.uapi.tc import TCA
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_SET_ERR_MSG_ATTR,
    NL_VALIDATE,
    NLA,
    Policy,
    netlink_ext_ack,
    nla_data,
    nla_get,
    nla_get_default,
    nla_len,
    nla_nest_end,
    nla_nest_start_noflag,
    nla_parse_nested,
    nla_policy,
    nla_put,
    nla_put_string,
    nla_put_u32,
    nlattr_ptr,
    nlattr_table,
    sk_buff,
)

u32_policy = Policy(
    TCA_U32,
    {
        TCA_U32.CLASSID: nla_policy(NLA.U32),
        TCA_U32.HASH: nla_policy(NLA.U32),
        TCA_U32.LINK: nla_policy(NLA.U32),
        TCA_U32.DIVISOR: nla_policy(NLA.U32),
        TCA_U32.SEL: nla_policy(len=tc_u32_sel.sizeof),
        TCA_U32.INDEV: nla_policy(NLA.STRING, len=IFNAMSIZ),
        TCA_U32.MARK: nla_policy(len=tc_u32_mark.sizeof),
        TCA_U32.FLAGS: nla_policy(NLA.U32),
    },
)
SKIP_HW, SKIP_SW = int(TCA_CLS_FLAGS.SKIP_HW), int(TCA_CLS_FLAGS.SKIP_SW)
VERBOSE, NOT_IN_HW = int(TCA_CLS_FLAGS.VERBOSE), int(TCA_CLS_FLAGS.NOT_IN_HW)
IN_HW = int(TCA_CLS_FLAGS.IN_HW)
MOST_BUCKETS = 0x100


class U32(tcf_proto):
    """The filters of one priority."""

    kind = "u32"

    def __init__(self, chain: tcf_chain, protocol: int, prio: int) -> None:
        super().__init__(chain, protocol, prio)
        owner = chain.block.owner
        handle = 0x80000000
        if owner.cls_common is None:
            owner.cls_common = tc_u_common(owner)
        else:
            handle = owner.cls_common.new_htid()
        self.common: tc_u_common = owner.cls_common
        self.common.refcnt += 1
        self.root = tc_u_hnode(handle, prio, is_root=True)
        self.common.hlist.insert(0, self.root)

    def destroy(self) -> None:
        self.common.destroy(self.root)
        self.common.refcnt -= 1
        if not self.common.refcnt:
            for ht in [*self.common.hlist]:
                self.common.destroy(ht)
            self.common.owner.cls_common = None

    def table(self, htid: int) -> tc_u_hnode | None:
        """A table; the root by its own name, too."""
        return self.root if HTID(htid) == ROOT else self.common.lookup(HTID(htid))

    def get(self, handle: int) -> tc_u_hnode | tc_u_knode | None:
        ht = self.table(handle)
        return ht if ht is None or not KEY(handle) else ht.find(handle)

    def walk(self) -> list[tc_u_hnode | tc_u_knode]:
        found: list[tc_u_hnode | tc_u_knode] = []
        for ht in self.common.hlist:
            if ht.prio == self.prio:
                found += [ht, *(one for bucket in ht.buckets for one in bucket)]
        return found

    # --- changing

    def change(
        self, home: net, fh: Any, handle: int, tca: nlattr_table, extack: netlink_ext_ack | None
    ) -> tc_u_hnode | tc_u_knode | None:
        opt = tca[TCA.OPTIONS]
        if opt is None:
            if handle:
                raise refuse(EINVAL, extack, "Filter handle requires options")
            return None
        tb = nla_parse_nested(u32_policy, opt, NL_VALIDATE.LIBERAL, extack)
        flags = nla_flags(tb, extack)
        if fh is not None:
            return self.replace(home, fh, tb, flags, extack)
        divisor = tb[TCA_U32.DIVISOR]
        if divisor is not None:
            return self.add_table(handle, nla_get(divisor), flags, extack)
        return self.add_entry(home, handle, tb, flags, extack)

    def replace(
        self,
        home: net,
        fh: tc_u_hnode | tc_u_knode,
        tb: nlattr_table,
        flags: int,
        extack: netlink_ext_ack | None,
    ) -> tc_u_knode:
        """Another entry in an entry's place; it is the old one that is told of. Raises OSError."""
        if isinstance(fh, tc_u_hnode):
            raise refuse(EINVAL, extack, "Key node id cannot be zero")
        if (fh.flags ^ flags) & ~(IN_HW | NOT_IN_HW):
            raise refuse(EINVAL, extack, "Key node flags do not match passed flags")
        new = tc_u_knode(fh.handle, fh.ht_up, fh.sel, fh.flags)
        new.ht_down, new.ifindex = fh.ht_down, fh.ifindex
        if new.ht_down is not None:
            new.ht_down.refcnt += 1
        self.set_parms(home, new, tb, extack)
        self.bind(new, tb)
        bucket = fh.ht_up.buckets[HASH(fh.handle)]
        bucket.insert(bucket.index(fh), new)
        self.common.drop(fh)
        return fh

    def add_table(self, handle: int, divisor: int, flags: int, extack: netlink_ext_ack | None) -> tc_u_hnode:
        """A table beside the root. Raises OSError."""
        if not divisor or divisor & divisor - 1:
            raise refuse(EINVAL, extack, "Divisor is not a power of 2")
        if divisor > MOST_BUCKETS:
            raise refuse(EINVAL, extack, "Exceeded maximum 256 hash buckets")
        if KEY(handle):
            raise refuse(EINVAL, extack, "Divisor can only be used on a hash table")
        if not handle:
            handle = self.common.new_htid()
        elif handle in self.common.ids:
            raise error(ENOSPC)
        else:
            self.common.ids.add(handle)  # not its number: a table that the machine names may get the same handle
        if flags & SKIP_SW:
            self.common.ids.discard(handle2id(handle))
            raise error(EINVAL)
        ht = tc_u_hnode(handle, self.prio, divisor - 1)
        self.common.hlist.insert(0, ht)
        return ht

    def place(self, tb: nlattr_table, extack: netlink_ext_ack | None) -> tuple[tc_u_hnode, int]:
        """The table and bucket a new entry goes to. Raises OSError."""
        htid = nla_get_default(tb[TCA_U32.HASH], ROOT)
        ht = self.table(htid)
        if ht is None:
            raise refuse(EINVAL, extack, "Specified hash table not found")
        if ht is self.root:
            htid = ht.handle if HTID(htid) == ROOT else htid
        if ht.divisor < HASH(htid):
            raise refuse(EINVAL, extack, "Specified hash table buckets exceed configured value")
        return ht, htid

    def add_entry(
        self, home: net, handle: int, tb: nlattr_table, flags: int, extack: netlink_ext_ack | None
    ) -> tc_u_knode:
        """A new entry. Raises OSError."""
        ht, htid = self.place(tb, extack)
        if handle and HTID(handle) and HTID(handle ^ htid):
            raise refuse(EINVAL, extack, "Handle specified hash table address mismatch")
        if NODE(handle):
            handle = htid | NODE(handle)
            if any(one.handle == handle for bucket in ht.buckets for one in bucket):
                raise error(ENOSPC)
        else:
            handle = ht.new_kid(htid, extack)
        one = tc_u_knode(handle, ht, selector(tb[TCA_U32.SEL], extack), flags)
        self.set_parms(home, one, tb, extack)
        self.bind(one, tb)
        one.flags |= NOT_IN_HW
        bucket = ht.buckets[HASH(handle)]
        bucket.insert(sum(NODE(other.handle) <= NODE(handle) for other in bucket), one)
        return one

    def set_parms(self, home: net, one: tc_u_knode, tb: nlattr_table, extack: netlink_ext_ack | None) -> None:
        """Actions, the interface, the table that looks further. Raises OSError."""
        if TCA_U32.ACT in tb or TCA_U32.POLICE in tb:
            NL_SET_ERR_MSG(extack, "Failed to load TC action module")
            raise error(ENOENT)
        indev, link = tb[TCA_U32.INDEV], tb[TCA_U32.LINK]
        if indev is not None:
            name = bytes(nla_data(indev)).split(b"\0")[0].decode("latin-1")
            dev = dev_get_by_name(home, name) if len(name) < IFNAMSIZ else None
            if dev is None:
                words = "Network device not found" if len(name) < IFNAMSIZ else "Interface name too long"
                NL_SET_ERR_MSG_ATTR(extack, indev, words)
                raise error(EINVAL)
            one.ifindex = dev.ifindex
        if link is not None:
            self.link(one, nla_get(link), extack)

    def link(self, one: tc_u_knode, handle: int, extack: netlink_ext_ack | None) -> None:
        """Look further in another table, or with 0 in none. Raises OSError."""
        if KEY(handle):
            raise refuse(EINVAL, extack, "u32 Link handle must be a hash table")
        down = self.common.lookup(handle) if handle else None
        if handle and down is None:
            raise refuse(EINVAL, extack, "Link hash table not found")
        if down is not None:
            if down.is_root:
                raise refuse(EINVAL, extack, "Not linking to root node")
            down.refcnt += 1
        if one.ht_down is not None:
            one.ht_down.refcnt -= 1
        one.ht_down = down

    def bind(self, one: tc_u_knode, tb: nlattr_table) -> None:
        """Choose a class (tcf_bind_filter())."""
        classid = tb[TCA_U32.CLASSID]
        if classid is not None:
            one.classid = nla_get(classid)
            if isinstance(self.common.owner, Qdisc):
                one.bound = self.common.owner.bind_tcf(one.classid)

    def delete(self, fh: tc_u_hnode | tc_u_knode, extack: netlink_ext_ack | None) -> bool:
        if isinstance(fh, tc_u_knode):
            self.common.drop(fh)
        elif fh.is_root:
            raise refuse(EINVAL, extack, "Not allowed to delete root node")
        elif fh.refcnt > 1:
            raise refuse(EBUSY, extack, "Can not delete in-use filter")
        else:
            self.common.destroy(fh)
        return self.common.refcnt == 1 and not self.common.knodes()

    def dump(self, home: net, fh: tc_u_hnode | tc_u_knode, skb: sk_buff, tcm: tcmsg) -> None:
        tcm.tcm_handle = fh.handle
        nest = nla_nest_start_noflag(skb, TCA.OPTIONS)
        if isinstance(fh, tc_u_hnode):
            nla_put_u32(skb, TCA_U32.DIVISOR, fh.divisor + 1)
        else:
            dump_entry(home, fh, skb)
        nla_nest_end(skb, nest)


def dump_entry(home: net, one: tc_u_knode, skb: sk_buff) -> None:
    """An entry's options. Raises BufferFull."""
    nla_put(skb, TCA_U32.SEL.number, one.sel)
    nla_put_u32(skb, TCA_U32.HASH, one.handle & 0xFFFFF000)
    if one.classid:
        nla_put_u32(skb, TCA_U32.CLASSID, one.classid)
    if one.ht_down is not None:
        nla_put_u32(skb, TCA_U32.LINK, one.ht_down.handle)
    if one.flags:
        nla_put_u32(skb, TCA_U32.FLAGS, one.flags)
    dev = dev_get_by_index(home, one.ifindex) if one.ifindex else None
    if dev is not None:
        nla_put_string(skb, TCA_U32.INDEV, dev.name)


def selector(sel: nlattr_ptr[Any] | None, extack: netlink_ext_ack | None) -> bytes:
    """A selector and its keys. Raises OSError."""
    if sel is None:
        raise refuse(EINVAL, extack, "Selector not specified")
    head = nla_data(sel, tc_u32_sel)
    size = tc_u32_sel.sizeof + head.nkeys * tc_u32_key.sizeof
    if nla_len(sel) < size:
        raise error(EINVAL)
    return bytes(nla_data(sel)[:size])


def nla_flags(tb: nlattr_table, extack: netlink_ext_ack | None) -> int:
    """TCA_U32_FLAGS: neither unknown ones nor both ways of skipping. Raises OSError."""
    flags = int(nla_get_default(tb[TCA_U32.FLAGS], 0))
    if flags & ~(SKIP_HW | SKIP_SW | VERBOSE) or flags == SKIP_HW | SKIP_SW:
        raise refuse(EINVAL, extack, "Invalid filter flags")
    return flags
