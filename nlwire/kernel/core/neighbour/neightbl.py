"""net/core/neighbour.c: tables and their parameters: RTM_GETNEIGHTBL, RTM_SETNEIGHTBL, /proc/sys/net/ipv4/neigh.

Knows: how parameters are shown and set.
Never: neighbours.
"""

from collections.abc import Iterator
from errno import EINVAL, ENOENT
from typing import Any

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_callback, netlink_skb
from nlwire.kernel.core.neighbour.table import (
    lookup_neigh_parms,
    neigh_parms,
    neigh_rand_reach_time,
    neigh_table,
    neigh_tables,
)
from nlwire.kernel.net import Machine, error, net
from nlwire.kernel.nlfill import nlmsg_filling
from nlwire.kernel.rtnetlink import sock_net
from nlwire.kernel.sysctl import Value, register_net_sysctl
from nlwire.kernel.timer import HZ, jiffies, jiffies_to_msecs, msecs_to_jiffies
from nlwire.schema.attrs import Attr
from nlwire.uapi.neighbour import NDTA, NDTPA, ndt_config, ndt_stats, ndtmsg
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import RTM
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    NLA,
    Policy,
    netlink_ext_ack,
    nla_get,
    nla_get_default,
    nla_nest_end,
    nla_nest_start_noflag,
    nla_parse_nested,
    nla_policy,
    nla_put,
    nla_put_string,
    nla_put_u32,
    nla_put_u64,
    nlattr_ptr,
    nlmsg_attrlen,
    nlmsg_data,
    nlmsg_len,
    nlmsg_parse,
    sk_buff,
)

SKB_TRUESIZE_FRAME = 1514 + 256 + 320
"""SKB_TRUESIZE(ETH_FRAME_LEN): what a packet in the queue weighs about."""

NUMBERS: dict[Attr[Any], str] = {
    NDTPA.PROXY_QLEN: "proxy_qlen",
    NDTPA.APP_PROBES: "app_probes",
    NDTPA.UCAST_PROBES: "ucast_probes",
    NDTPA.MCAST_PROBES: "mcast_probes",
    NDTPA.MCAST_REPROBES: "mcast_reprobes",
}
TIMES: dict[Attr[Any], str] = {
    NDTPA.REACHABLE_TIME: "reachable_time",
    NDTPA.BASE_REACHABLE_TIME: "base_reachable_time",
    NDTPA.GC_STALETIME: "gc_staletime",
    NDTPA.DELAY_PROBE_TIME: "delay_probe_time",
    NDTPA.RETRANS_TIME: "retrans_time",
    NDTPA.ANYCAST_DELAY: "anycast_delay",
    NDTPA.PROXY_DELAY: "proxy_delay",
    NDTPA.LOCKTIME: "locktime",
    NDTPA.INTERVAL_PROBE_TIME_MS: "interval_probe_time_ms",
}
"""Attributes in the kernel's order, and the parameters they show."""

nl_neightbl_policy = Policy(
    NDTA,
    {
        NDTA.NAME: nla_policy(NLA.STRING),
        NDTA.THRESH1: nla_policy(NLA.U32),
        NDTA.THRESH2: nla_policy(NLA.U32),
        NDTA.THRESH3: nla_policy(NLA.U32),
        NDTA.GC_INTERVAL: nla_policy(NLA.U64),
        NDTA.PARMS: nla_policy(NLA.NESTED),
    },
)
nl_ntbl_parm_policy = Policy(
    NDTPA,
    {
        **{one: nla_policy(NLA.U32) for one in (NDTPA.IFINDEX, NDTPA.QUEUE_LEN, NDTPA.QUEUE_LENBYTES, *NUMBERS)},
        **{one: nla_policy(NLA.U64) for one in TIMES if one is not NDTPA.REACHABLE_TIME},
    },
)


def neightbl_fill_parms(skb: sk_buff, parms: neigh_parms) -> None:
    """Put the nest of parameters. Raises BufferFull."""
    nest = nla_nest_start_noflag(skb, NDTA.PARMS)
    if parms.dev is not None:
        nla_put_u32(skb, NDTPA.IFINDEX, parms.dev.ifindex)
    nla_put_u32(skb, NDTPA.REFCNT, parms.refcnt)
    nla_put_u32(skb, NDTPA.QUEUE_LENBYTES, parms.queue_len_bytes)
    nla_put_u32(skb, NDTPA.QUEUE_LEN, parms.queue_len_bytes // SKB_TRUESIZE_FRAME)
    for attr, name in NUMBERS.items():
        nla_put_u32(skb, attr, getattr(parms, name))
    for attr, name in TIMES.items():
        nla_put_u64(skb, attr, jiffies_to_msecs(getattr(parms, name)))
    nla_nest_end(skb, nest)


def neightbl_fill_info(skb: sk_buff, tbl: neigh_table, portid: int, seq: int, type: int, flags: int) -> None:
    """Put a table as a message. Raises BufferFull."""
    now = jiffies(tbl.machine)
    with nlmsg_filling(skb, portid, seq, type, ndtmsg(ndtm_family=tbl.family), flags):
        nla_put_string(skb, NDTA.NAME, tbl.id)
        nla_put_u64(skb, NDTA.GC_INTERVAL, jiffies_to_msecs(tbl.gc_interval))
        for attr, value in (
            (NDTA.THRESH1, tbl.gc_thresh1),
            (NDTA.THRESH2, tbl.gc_thresh2),
            (NDTA.THRESH3, tbl.gc_thresh3),
        ):
            nla_put_u32(skb, attr, value)
        config = ndt_config(
            ndtc_key_len=tbl.key_len,
            ndtc_entry_size=tbl.entry_size,
            ndtc_entries=len(tbl.entries),
            ndtc_last_flush=jiffies_to_msecs(now - tbl.last_flush) & 0xFFFFFFFF,
            ndtc_last_rand=jiffies_to_msecs(now - tbl.last_rand) & 0xFFFFFFFF,
            ndtc_hash_mask=7,
        )
        nla_put(skb, NDTA.CONFIG, config)
        nla_put(skb, NDTA.STATS, ndt_stats(**{f"ndts_{name}": value for name, value in tbl.stats.items()}))
        neightbl_fill_parms(skb, tbl.parms)


def neightbl_fill_param_info(
    skb: sk_buff, tbl: neigh_table, parms: neigh_parms, portid: int, seq: int, type: int, flags: int
) -> None:
    """Put an interface's parameters as a message. Raises BufferFull."""
    with nlmsg_filling(skb, portid, seq, type, ndtmsg(ndtm_family=tbl.family), flags):
        nla_put_string(skb, NDTA.NAME, tbl.id)
        neightbl_fill_parms(skb, parms)


# --- setting ---------------------------------------------------------------------------------------------------------


def neightbl_set(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """RTM_SETNEIGHTBL."""
    home = sock_net(skb)
    tb = nlmsg_parse(nlh, ndtmsg, nl_neightbl_policy, NL_VALIDATE.LIBERAL, extack)
    name, parms = tb[NDTA.NAME], tb[NDTA.PARMS]
    if name is None:
        return -EINVAL
    family, wanted = nlmsg_data(nlh, ndtmsg).ndtm_family, nla_get(name)
    tbl = next(
        (one for one in neigh_tables(home.machine) if family in (0, one.family) and one.id == wanted),
        None,
    )
    if tbl is None:
        return -ENOENT
    if parms is not None:
        set_parms(tbl, home, parms, extack)
    limits = (NDTA.THRESH1, NDTA.THRESH2, NDTA.THRESH3, NDTA.GC_INTERVAL)
    return -ENOENT if any(one in tb for one in limits) else 0  # only Linux's first namespace may set these


def set_parms(tbl: neigh_table, home: net, nla: nlattr_ptr[Any], extack: netlink_ext_ack) -> None:
    """Set an interface's parameters or the table's. Raises OSError (ENOENT), PolicyError."""
    tbp = nla_parse_nested(nl_ntbl_parm_policy, nla, NL_VALIDATE.LIBERAL, extack)
    p = lookup_neigh_parms(tbl, home, nla_get_default(tbp[NDTPA.IFINDEX], 0))
    if p is None:
        raise error(ENOENT)
    for one in tbp:
        attr = one.attr
        if attr is NDTPA.QUEUE_LEN:
            p.queue_len_bytes = nla_get(one) * SKB_TRUESIZE_FRAME & 0xFFFFFFFF
        elif attr is NDTPA.QUEUE_LENBYTES:
            p.queue_len_bytes = nla_get(one)
        elif attr in NUMBERS:
            setattr(p, NUMBERS[attr], nla_get(one))
        elif attr in TIMES and attr is not NDTPA.REACHABLE_TIME:
            set_time(tbl, p, TIMES[attr], msecs_to_jiffies(nla_get(one)))


def set_time(tbl: neigh_table, p: neigh_parms, name: str, ticks: int) -> None:
    """Set a time; with another base the reachable time is drawn anew."""
    setattr(p, name, ticks)
    if name == "base_reachable_time":
        p.reachable_time = neigh_rand_reach_time(tbl.machine, ticks)


# --- dumping ---------------------------------------------------------------------------------------------------------


def neightbl_valid_dump_info(nlh: nlmsghdr, extack: netlink_ext_ack | None) -> int:
    """Whether a strict dump asks for nothing that there is not: 0 or -EINVAL."""
    if nlmsg_len(nlh) < ndtmsg.sizeof:
        NL_SET_ERR_MSG(extack, "Invalid header for neighbor table dump request")
        return -EINVAL
    ndtm = nlmsg_data(nlh, ndtmsg)
    if ndtm.ndtm_pad1 or ndtm.ndtm_pad2:
        NL_SET_ERR_MSG(extack, "Invalid values in header for neighbor table dump request")
        return -EINVAL
    if nlmsg_attrlen(nlh, ndtmsg):
        NL_SET_ERR_MSG(extack, "Invalid data after header in neighbor table dump request")
        return -EINVAL
    return 0


def neightbl_dump_info(skb: sk_buff, cb: netlink_callback) -> int:
    """Every table, each followed by the parameters of its interfaces."""
    if cb.strict_check:
        err = neightbl_valid_dump_info(cb.nlh, cb.extack)
        if err:
            return err
    home, portid, seq = sock_net(cb.skb), NETLINK_CB(cb.skb).portid, cb.nlh.nlmsg_seq
    for place, (tbl, parms) in enumerate(shown(home, nlmsg_data(cb.nlh)[0])):
        if place < cb.args[0]:
            continue
        cb.args[0] = place
        if parms is None:
            neightbl_fill_info(skb, tbl, portid, seq, RTM.NEWNEIGHTBL, int(NLM_F.MULTI))
        else:
            neightbl_fill_param_info(skb, tbl, parms, portid, seq, RTM.NEWNEIGHTBL, int(NLM_F.MULTI))
        cb.args[0] = place + 1
    return skb.len


def shown(home: net, family: int) -> Iterator[tuple[neigh_table, neigh_parms | None]]:
    """The tables (None) and parameters that a namespace sees."""
    for tbl in neigh_tables(home.machine):
        if family in (0, tbl.family):
            yield tbl, None
            yield from ((tbl, p) for p in tbl.parms_list if p.dev is not None and p.dev.nd_net is home)


# --- /proc/sys/net/*/neigh -------------------------------------------------------------------------------------------

PLAIN = {
    "mcast_solicit": "mcast_probes",
    "ucast_solicit": "ucast_probes",
    "app_solicit": "app_probes",
    "mcast_resolicit": "mcast_reprobes",
    "proxy_qlen": "proxy_qlen",
    "unres_qlen_bytes": "queue_len_bytes",
}
SECONDS = {"delay_first_probe_time": "delay_probe_time", "gc_stale_time": "gc_staletime"}
MSECS = {
    "retrans_time_ms": "retrans_time",
    "base_reachable_time_ms": "base_reachable_time",
    "interval_probe_time_ms": "interval_probe_time_ms",
}
USER_HZ_TIMES = {"anycast_delay": "anycast_delay", "proxy_delay": "proxy_delay", "locktime": "locktime"}


def register_neigh_sysctl(machine: Machine, directory: str, tbl: neigh_table) -> None:
    """The files of a table: ``directory``/<interface>/<parameter>."""

    def serve(home: net, rest: list[str], value: Value | None) -> Value | None:
        if len(rest) != 2:
            raise error(ENOENT)
        dev = home.dev_by_name.get(rest[0])
        p = None if dev is None else lookup_neigh_parms(tbl, home, dev.ifindex)
        if p is None:
            raise error(ENOENT)
        return serve_parameter(tbl, p, rest[1], value)

    register_net_sysctl(machine, directory, serve)


def serve_parameter(tbl: neigh_table, p: neigh_parms, name: str, value: Value | None) -> Value | None:
    """Read or write one file. Raises OSError (ENOENT, EINVAL)."""
    for files, scale in ((PLAIN, 0), (SECONDS, HZ), (MSECS, -1), (USER_HZ_TIMES, -100)):
        if name in files:
            field = files[name]
            if value is None:
                return shown_value(getattr(p, field), scale)
            set_time(tbl, p, field, ticks_of(number(value), scale))
            return None
    raise error(ENOENT)


def shown_value(ticks: int, scale: int) -> int:
    """A parameter in the unit of its file: plain, seconds, milliseconds, hundredths of a second."""
    return {0: ticks, HZ: ticks // HZ, -1: jiffies_to_msecs(ticks), -100: ticks * 100 // HZ}[scale]


def ticks_of(value: int, scale: int) -> int:
    """The other way round."""
    return {0: value, HZ: value * HZ, -1: msecs_to_jiffies(value), -100: value * HZ // 100}[scale]


def number(value: Value) -> int:
    """What was written. Raises OSError (EINVAL)."""
    try:
        return int(value)
    except ValueError:
        raise error(EINVAL) from None
