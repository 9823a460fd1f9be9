"""net/ipv4/nexthop.c: nexthops come, change and go: nexthop_add, replace_nexthop, remove_nexthop, nexthop_flush_dev.

Knows: what a change means for groups and for the routes that use an object.
Never: what a request may say (config.py).
"""

from collections.abc import Callable
from errno import EEXIST, EINVAL, ENOENT
from typing import Any

from nlwire.kernel.af_netlink import NETLINK_CB, netlink_skb
from nlwire.kernel.core.netdevice import NETDEV, dev_get_flags, net_device, netdev_notifier_info
from nlwire.kernel.ipv4.fib_flush import fib_flush, fib_info_notify_update
from nlwire.kernel.ipv4.fib_frontend import rt_cache_flush
from nlwire.kernel.ipv4.fib_nh import fib_check_nh
from nlwire.kernel.ipv4.fib_semantics import fib_info_update_nhc_saddr
from nlwire.kernel.ipv4.ip_fib import AF_INET, AF_INET6, DEAD, LINK, TABLE_MAIN, fib_nh, fib_nh_common, nl_info
from nlwire.kernel.ipv4.ipv6_stub import ipv6_stub_of
from nlwire.kernel.ipv4.nexthop.config import (
    NH_RES_DEFAULT_IDLE_TIMER,
    NH_RES_DEFAULT_UNBALANCED_TIMER,
    nh_config,
    rtm_to_nh_config,
)
from nlwire.kernel.ipv4.nexthop.fill import nexthop_bucket_notify, nexthop_notify, nh_valid_get_del_req
from nlwire.kernel.ipv4.nexthop.object import (
    nexthop,
    nexthop_find_by_id,
    nh_group,
    nh_grp_entry,
    nh_info,
    refuse,
)
from nlwire.kernel.ipv4.nexthop.resilient import (
    nh_res_group_rebalance,
    nh_res_table,
    nh_res_table_upkeep,
    replace_nexthop_grp_res,
)
from nlwire.kernel.net import Machine, error, net
from nlwire.kernel.rtnetlink import sock_net
from nlwire.kernel.timer import timer_delete
from nlwire.uapi.if_ import IFF
from nlwire.uapi.netlink import NLM_F, nlmsghdr
from nlwire.uapi.nexthop import NEXTHOP_GRP_TYPE, NHA, nhmsg
from nlwire.uapi.rtnetlink import RTM, RTNH_F
from nlwire.wire import NL_VALIDATE, NLA, Policy, netlink_ext_ack, nla_policy, nlmsg_parse

INHERITED = int(RTNH_F.OFFLOAD | RTNH_F.TRAP)
rtm_nh_policy_del = Policy(NHA, {NHA.ID: nla_policy(NLA.U32)}, maxtype=NHA.ID.number)
F6I_DELETE, F6I_UPDATE = "nexthop_ip6_del_rt", "nexthop_fib6_rt_update"
NEXTHOP_CHAIN = "nexthop_notifiers"
"""Subsystems of whoever has IPv6's routes: (net, fib6_info) and (net, fib6_info, nl_info)."""


def devhash(home: net) -> list[nh_info]:
    """What leads through devices, the newest first."""
    found: list[nh_info] = home.generic.setdefault("nexthop_devhash", [])
    return found


def nh_base_seq_inc(home: net) -> None:
    """Nexthops have changed."""
    home.generic["nexthop_seq"] = home.generic.get("nexthop_seq", 0) % 0xFFFFFFFF + 1


def nh_find_unused_id(home: net, extack: netlink_ext_ack) -> int:
    """The next free number. Raises OSError."""
    start: int = home.generic.get("nexthop_last_id", 0)
    last = start
    while True:
        last = last + 1 & 0xFFFFFFFF
        if last == start:
            refuse(extack, "No unused id")
        if last and last not in home.ipv4.nexthops:
            home.generic["nexthop_last_id"] = last
            return last


# --- coming ----------------------------------------------------------------------------------------------------------


def rtm_new_nexthop(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Add or replace."""
    home = sock_net(skb)
    cfg = rtm_to_nh_config(skb, nlh, home, extack)
    cfg.nh_id = cfg.nh_id or nh_find_unused_id(home, extack)
    nh = nexthop_create(home, cfg, extack) if cfg.nh_grp is None else nexthop_create_group(home, cfg)
    nh.id, nh.protocol = cfg.nh_id, cfg.nh_protocol
    try:
        insert_nexthop(home, nh, cfg, extack)
    except OSError:
        let_go(home, nh)
        raise
    return 0


def nexthop_create(home: net, cfg: nh_config, extack: netlink_ext_ack) -> nexthop:
    """One that is no group. Raises OSError."""
    nh = nexthop(home)
    nh.nh_flags = cfg.nh_flags
    if cfg.nh_blackhole:
        cfg.nh_ifindex, cfg.dev = home.loopback_dev.ifindex, home.loopback_dev
    create = nh_create_ipv4 if cfg.nh_family == AF_INET else nh_create_ipv6
    info = nh_info(nh, cfg.nh_family, create(home, nh, cfg, extack))
    info.fdb_nh, info.reject_nh = cfg.nh_fdb, cfg.nh_blackhole
    nh.nh_info = info
    if not info.fdb_nh:
        devhash(home).insert(0, info)
    return nh


def nh_create_ipv4(home: net, nh: nexthop, cfg: nh_config, extack: netlink_ext_ack) -> fib_nh_common:
    """Device and gateway of IPv4. Raises OSError."""
    nhc = fib_nh(cfg.nh_ifindex, AF_INET if cfg.gw else 0, cfg.gw or 0, cfg.nh_flags)
    nhc.nhc_scope = LINK
    if cfg.nh_fdb:
        return nhc
    fib_check_nh(home, nhc, TABLE_MAIN, 0, extack)
    nh.nh_flags = nhc.nhc_flags
    fib_info_update_nhc_saddr(home, nhc, max(nhc.nhc_scope - 1, 0))
    return nhc


def nh_create_ipv6(home: net, nh: nexthop, cfg: nh_config, extack: netlink_ext_ack) -> fib_nh_common:
    """Device and gateway of IPv6. Raises OSError."""
    nhc = fib_nh_common(AF_INET6, cfg.nh_ifindex, AF_INET6 if cfg.gw else 0, cfg.gw or 0, cfg.nh_flags)
    nhc.nhc_scope = LINK
    if cfg.nh_fdb:
        return nhc
    stub = ipv6_stub_of(home)
    nhc.nhc_dev = stub.fib6_nh_init(home, cfg.gw or b"", cfg.nh_ifindex, cfg.nh_flags, TABLE_MAIN, extack)
    nh.nh_flags = nhc.nhc_flags
    return nhc


def nexthop_create_group(home: net, cfg: nh_config) -> nexthop:
    """A group; its members know it from now on."""
    nh, group = nexthop(home), nh_group()
    nh.nh_grp = group
    assert cfg.nh_grp is not None
    for id, weight in cfg.nh_grp:
        member = nexthop_find_by_id(home, id)
        assert member is not None
        entry = nh_grp_entry(member, weight, nh)
        group.nh_entries.append(entry)
        member.grp_list.insert(0, entry)
    group.v4_update()
    group.fdb_nh, group.hw_stats = cfg.nh_fdb, cfg.nh_hw_stats
    if cfg.nh_grp_type == NEXTHOP_GRP_TYPE.RES:
        idle = NH_RES_DEFAULT_IDLE_TIMER if cfg.res_idle_timer is None else cfg.res_idle_timer
        unbalanced = NH_RES_DEFAULT_UNBALANCED_TIMER if cfg.res_unbalanced_timer is None else cfg.res_unbalanced_timer
        group.res_table = nh_res_table(home.machine, cfg.res_buckets or 0, idle, unbalanced)
        group.res_table.told = nexthop_bucket_notify
    else:
        group.hthr_rebalance()
    return nh


def insert_nexthop(home: net, new: nexthop, cfg: nh_config, extack: netlink_ext_ack) -> None:
    """Give an object its number, or give the one that has it what this one is. Raises OSError."""
    there = nexthop_find_by_id(home, new.id)
    if there is not None:
        if not cfg.nlflags & NLM_F.REPLACE:
            raise error(EEXIST)
        replace_nexthop(home, there, new, cfg, extack)
    else:
        if cfg.nlflags & NLM_F.REPLACE and not cfg.nlflags & NLM_F.CREATE:
            refuse(extack, "Replace specified without create and no entry exists", ENOENT)
        if new.nh_grp is not None and new.nh_grp.res_table is not None:
            if cfg.res_buckets is None:
                refuse(extack, "Number of buckets not specified for nexthop group insertion")
            nh_res_group_rebalance(new.nh_grp.nh_entries, new.nh_grp.res_table)
            nh_res_table_upkeep(new.nh_grp.res_table, notify_nl=False)
        home.ipv4.nexthops[new.id] = new
    nh_base_seq_inc(home)
    nexthop_notify(RTM.NEWNEXTHOP, there or new, cfg.nlinfo)
    if there is not None and home.ipv4.sysctl_nexthop_compat_mode:
        nexthop_replace_notify(home, there, cfg.nlinfo)


# --- changing --------------------------------------------------------------------------------------------------------


def replace_nexthop(home: net, old: nexthop, new: nexthop, cfg: nh_config, extack: netlink_ext_ack) -> None:
    """Let ``old`` be what ``new`` is; routes and groups that use it must agree. Raises OSError."""
    check_routes(old, new, extack)
    new_is_reject = new.nh_grp is None and new.info.reject_nh
    for entry in old.grp_list:
        if new_is_reject and entry.nh_parent.nexthop_num_path() > 1:
            refuse(extack, "Blackhole nexthop can not be a member of a group with more than one path")
        check_routes(entry.nh_parent, new, extack)
    if old.nh_grp is not None:
        replace_nexthop_grp(old, new, cfg, extack)
    else:
        replace_nexthop_single(old, new, extack)
    if old.fi_list:
        rt_cache_flush(home)
    let_go(home, new)


def check_routes(old: nexthop, new: nexthop, extack: netlink_ext_ack) -> None:
    """fib_check_nh_list(), fib6_check_nh_list(). Raises OSError."""
    for fi in old.fi_list:
        new.fib_check_nexthop(fi.fib_scope, extack)
    if old.f6i_list:
        new.fib6_check_nexthop(extack)


def replace_nexthop_grp(old: nexthop, new: nexthop, cfg: nh_config, extack: netlink_ext_ack) -> None:
    """Other members for a group. Raises OSError."""
    oldg, newg = old.nh_grp, new.nh_grp
    if newg is None:
        refuse(extack, "Can not replace a nexthop group with a nexthop.")
    assert oldg is not None
    if (newg.res_table is None) != (oldg.res_table is None):
        refuse(extack, "Can not replace a nexthop group with one of a different type.")
    if oldg.res_table is not None:
        table = oldg.res_table
        if cfg.res_buckets is not None and cfg.res_buckets != len(table.nh_buckets):
            refuse(extack, "Can not change number of buckets of a resilient nexthop group.")
        if cfg.res_idle_timer is not None:
            table.idle_timer = cfg.res_idle_timer
        if cfg.res_unbalanced_timer is not None:
            table.unbalanced_timer = cfg.res_unbalanced_timer
        replace_nexthop_grp_res(table, newg.nh_entries)
        oldg.res_table, newg.res_table = newg.res_table, table
    old.nh_grp, new.nh_grp = newg, oldg
    for owner, group in ((old, newg), (new, oldg)):
        for entry in group.nh_entries:
            entry.nh_parent = owner


def replace_nexthop_single(old: nexthop, new: nexthop, extack: netlink_ext_ack) -> None:
    """Another way for one that is no group. Raises OSError."""
    if new.nh_grp is not None:
        refuse(extack, "Can not replace a nexthop with a nexthop group.")
    if old.grp_list and new.info.fdb_nh != old.info.fdb_nh:
        refuse(extack, "Cannot change nexthop FDB status while in a group")
    new.nh_flags |= old.nh_flags & INHERITED
    old.nh_info, new.nh_info = new.info, old.info
    old.nh_info.nh_parent, new.nh_info.nh_parent = old, new
    old.protocol, old.nh_flags = new.protocol, new.nh_flags
    for entry in old.grp_list:
        if entry.nh_parent.nh_grp is not None:
            entry.nh_parent.nh_grp.v4_update()


def nexthop_replace_notify(home: net, nh: nexthop, info: nl_info) -> None:
    """Tell of every route that leads elsewhere now: those by the object, those by its groups."""
    for one in (nh, *[entry.nh_parent for entry in nh.grp_list]):
        if one.fi_list:
            for fi in one.fi_list:
                fi.nh_updated = True
            fib_info_notify_update(home, info)
            for fi in one.fi_list:
                fi.nh_updated = False
        update: Callable[[net, Any, nl_info], None] | None = home.machine.subsystems.get(F6I_UPDATE)
        for f6i in list(one.f6i_list):
            if update is not None:
                update(home, f6i, info)


# --- going -----------------------------------------------------------------------------------------------------------


def rtm_del_nexthop(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Delete, with the routes that use it."""
    home = sock_net(skb)
    tb = nlmsg_parse(nlh, nhmsg, rtm_nh_policy_del, NL_VALIDATE.STRICT, extack)
    nh = nexthop_find_by_id(home, nh_valid_get_del_req(nlh, tb, extack))
    if nh is None:
        return -ENOENT
    remove_nexthop(home, nh, nl_info(home, nlh, NETLINK_CB(skb).portid))
    return 0


def register_nexthop_notifier(machine: Machine, callback: Callable[[net, nexthop], None]) -> None:
    """Let a driver know of an object that is about to go (NEXTHOP_EVENT_DEL)."""
    machine.subsystems.setdefault(NEXTHOP_CHAIN, []).append(callback)


def remove_nexthop(home: net, nh: nexthop, info: nl_info | None) -> None:
    """Take an object away; with ``info`` everybody is told."""
    for callback in home.machine.subsystems.get(NEXTHOP_CHAIN, ()):
        callback(home, nh)
    del home.ipv4.nexthops[nh.id]
    if info is not None:
        nexthop_notify(RTM.DELNEXTHOP, nh, info)
    let_go(home, nh, info)
    nh_base_seq_inc(home)


def let_go(home: net, nh: nexthop, info: nl_info | None = None) -> None:
    """__remove_nexthop(): its routes die, its groups lose it, its members forget it."""
    remove_nexthop_fib(home, nh)
    if nh.nh_grp is not None:
        for entry in nh.nh_grp.nh_entries:
            if entry in entry.nh.grp_list:
                entry.nh.grp_list.remove(entry)
        if nh.nh_grp.res_table is not None:
            timer_delete(nh.nh_grp.res_table.upkeep_dw)
        return
    if nh.nh_info in devhash(home):
        devhash(home).remove(nh.info)
    for entry in list(nh.grp_list):
        remove_nh_grp_entry(home, entry, info)


def remove_nexthop_fib(home: net, nh: nexthop) -> None:
    """The routes that use an object die with it, and nobody is told of each (of IPv6's, everybody)."""
    for fi in nh.fi_list:
        fi.fib_flags |= DEAD
    if nh.fi_list:
        fib_flush(home)
    delete: Callable[[net, Any], None] | None = home.machine.subsystems.get(F6I_DELETE)
    for f6i in list(nh.f6i_list):
        if delete is not None:
            delete(home, f6i)


def remove_nh_grp_entry(home: net, entry: nh_grp_entry, info: nl_info | None) -> None:
    """A group loses a member; one that loses its last is gone itself."""
    parent, group = entry.nh_parent, entry.nh_parent.nh_grp
    assert group is not None
    if len(group.nh_entries) == 1:
        remove_nexthop(home, parent, info)
        return
    group.nh_entries.remove(entry)
    entry.nh.grp_list.remove(entry)
    group.v4_update()
    if group.res_table is not None:
        replace_nexthop_grp_res(group.res_table, group.nh_entries)
    else:
        group.hthr_rebalance()
    if info is not None:
        nexthop_notify(RTM.NEWNEXTHOP, parent, info)


def nexthop_flush_dev(dev: net_device, event: int) -> None:
    """What leads through a device that is down goes, but for black holes, without a word."""
    for info in list(devhash(dev.nd_net)):
        keeps = info.reject_nh and event in (NETDEV.DOWN, NETDEV.CHANGE)
        if info.fib_nhc.nhc_dev is dev and not keeps and info.nh_parent.id in dev.nd_net.ipv4.nexthops:
            remove_nexthop(dev.nd_net, info.nh_parent, None)


def nh_netdev_event(event: int, dev: net_device, info: netdev_notifier_info) -> None:
    """Follow devices."""
    dark = event == NETDEV.CHANGE and not dev_get_flags(dev) & int(IFF.RUNNING | IFF.LOWER_UP)
    if dark or event in (NETDEV.DOWN, NETDEV.UNREGISTER):
        nexthop_flush_dev(dev, event)


def flush_all_nexthops(home: net) -> None:
    """A namespace ends."""
    while home.ipv4.nexthops:
        remove_nexthop(home, next(iter(home.ipv4.nexthops.values())), None)


def nexthop_compat_mode(home: net, rest: list[str], value: int | str | None) -> int | None:
    """net.ipv4.nexthop_compat_mode. Raises OSError (EINVAL)."""
    if value is None:
        return int(home.ipv4.sysctl_nexthop_compat_mode)
    if str(value).strip() not in ("0", "1"):
        raise error(EINVAL)
    home.ipv4.sysctl_nexthop_compat_mode = bool(int(value))
    return None
