"""net/ipv4/fib_frontend.c: requests for routes, their dump, what devices and addresses do to the FIB, NETLINK_FIB_LOOKUP.

    inet_rtm_newroute -> rtm_to_fib_config -> fib_table_insert -> fib_create_info
                                                               -> fib_insert_alias -> rtmsg_fib -> rtnl_notify

Knows: which events of other subsystems matter to routes, what is asked for and who serves it.
Never: what a route is.
"""

from errno import EINVAL, ENODEV, ENOENT, ESRCH
from struct import Struct
from sys import byteorder

from nlwire.kernel.af_netlink import (
    NETLINK_CB,
    netlink_callback,
    netlink_kernel_cfg,
    netlink_kernel_create,
    netlink_packet,
    netlink_skb,
    nlmsg_unicast,
)
from nlwire.kernel.core.dev import dev_get_by_index, register_netdevice_notifier
from nlwire.kernel.core.netdevice import NETDEV, dev_get_flags, net_device, netdev_notifier_info
from nlwire.kernel.ipv4.arp import arp_ifdown
from nlwire.kernel.ipv4.fib_config import rtm_ipv4_policy, rtm_to_fib_config
from nlwire.kernel.ipv4.fib_flush import fib_flush
from nlwire.kernel.ipv4.fib_ifaddr import fib_add_ifaddr, fib_del_ifaddr, fib_modify_prefix_metric
from nlwire.kernel.ipv4.fib_sync import CARRIER, fib_sync_down_dev, fib_sync_up
from nlwire.kernel.ipv4.fib_table import fib_dump_filter, fib_table_delete, fib_table_dump, fib_table_insert
from nlwire.kernel.ipv4.fib_tables import fib_get_table, fib_new_table
from nlwire.kernel.ipv4.fib_trie import fib_table_lookup
from nlwire.kernel.ipv4.inetdevice import fib_ifaddr_ops, in_dev_get, in_ifaddr, register_inetaddr_notifier
from nlwire.kernel.ipv4.ip_fib import (
    AF_INET,
    DEAD,
    INET_DSCP_MASK,
    LINKDOWN,
    LOCAL,
    fib_result,
    flowi4,
)
from nlwire.kernel.net import Machine, error, net, register_pernet_subsys
from nlwire.kernel.rtnetlink import RTNL_FLAG, rtnl_register, sock_net
from nlwire.uapi.netlink import NETLINK, NLM_F, nlmsghdr
from nlwire.uapi.rtnetlink import AF, RTA, RTM, RTM_F, rtmsg
from nlwire.wire import (
    NL_SET_ERR_MSG,
    NL_VALIDATE,
    netlink_ext_ack,
    nla_get,
    nlmsg_data,
    nlmsg_len,
    nlmsg_parse,
    sk_buff,
)

CLONED, PREFIX = int(RTM_F.CLONED), int(RTM_F.PREFIX)


# --- RTM_NEWROUTE, RTM_DELROUTE --------------------------------------------------------------------------------------


def inet_rtm_newroute(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Add or replace a route."""
    home = sock_net(skb)
    cfg = rtm_to_fib_config(home, skb, nlh, extack)
    fib_table_insert(home, fib_new_table(home, cfg.fc_table), cfg, extack)
    if cfg.fc_type == LOCAL:
        home.ipv4.fib_has_custom_local_routes = True
    return 0


def inet_rtm_delroute(skb: netlink_skb, nlh: nlmsghdr, extack: netlink_ext_ack) -> int:
    """Delete a route."""
    home = sock_net(skb)
    cfg = rtm_to_fib_config(home, skb, nlh, extack)
    if cfg.fc_nh_id and cfg.fc_nh_id not in home.ipv4.nexthops:
        NL_SET_ERR_MSG(extack, "Nexthop id does not exist")
        return -EINVAL
    tb = fib_get_table(home, cfg.fc_table)
    if tb is None:
        NL_SET_ERR_MSG(extack, "FIB table does not exist")
        return -ESRCH
    fib_table_delete(home, tb, cfg, extack)
    return 0


# --- dumps -----------------------------------------------------------------------------------------------------------


def ip_valid_fib_dump_req(home: net, cb: netlink_callback, filter: fib_dump_filter) -> None:
    """Read what a strictly checked request wants left out. Raises OSError, PolicyError."""
    nlh, extack = cb.nlh, cb.extack
    if nlmsg_len(nlh) < rtmsg.sizeof:
        refuse_dump(extack, "Invalid header for FIB dump request")
    rtm = nlmsg_data(nlh, rtmsg)
    if rtm.rtm_dst_len or rtm.rtm_src_len or rtm.rtm_tos or rtm.rtm_scope:
        refuse_dump(extack, "Invalid values in header for FIB dump request")
    if rtm.rtm_flags & ~(CLONED | PREFIX):
        refuse_dump(extack, "Invalid flags for FIB dump request")
    if rtm.rtm_flags & CLONED:
        filter.dump_routes = False
    else:
        filter.dump_exceptions = False
    filter.flags, filter.protocol, filter.rt_type = rtm.rtm_flags, rtm.rtm_protocol, rtm.rtm_type
    filter.table_id = rtm.rtm_table
    for nla in nlmsg_parse(nlh, rtmsg, rtm_ipv4_policy, NL_VALIDATE.DEPRECATED_STRICT, extack):
        if nla.attr is RTA.TABLE:
            filter.table_id = nla_get(nla)
        elif nla.attr is RTA.OIF:
            filter.dev = dev_get_by_index(home, nla_get(nla))
            if filter.dev is None:
                raise error(ENODEV)
        else:
            refuse_dump(extack, "Unsupported attribute in dump request")
    if filter.flags or filter.protocol or filter.rt_type or filter.table_id or filter.dev:
        filter.filter_set = True
        cb.answer_flags = int(NLM_F.DUMP_FILTERED)


def refuse_dump(extack: netlink_ext_ack | None, message: str) -> None:
    """Say why not. Raises OSError (EINVAL)."""
    NL_SET_ERR_MSG(extack, message)
    raise error(EINVAL)


def inet_dump_fib(skb: sk_buff, cb: netlink_callback) -> int:
    """Put the next part: the tables in the order of their hash, of each the routes by key.

    ``cb.args[0:2]``: the bucket to go on with, and how many of its tables are done.
    """
    home = sock_net(cb.skb)
    filter = fib_dump_filter()
    if cb.strict_check:
        ip_valid_fib_dump_req(home, cb, filter)
    elif nlmsg_len(cb.nlh) >= rtmsg.sizeof:
        filter.flags = nlmsg_data(cb.nlh, rtmsg).rtm_flags & (PREFIX | CLONED)
    if filter.flags & PREFIX:
        return 0
    if filter.table_id:
        tb = fib_get_table(home, filter.table_id)
        if tb is None:
            if nlmsg_data(cb.nlh)[0] != AF_INET:
                return 0
            NL_SET_ERR_MSG(cb.extack, "ipv4: FIB table does not exist")
            return -ENOENT
        return fib_table_dump(tb, skb, cb, filter)
    return dump_tables(home, skb, cb, filter)


def dump_tables(home: net, skb: sk_buff, cb: netlink_callback, filter: fib_dump_filter) -> int:
    """Every table from where the part before ended."""
    begin, skip = cb.args[0], cb.args[1]
    hash = home.ipv4.fib_table_hash
    dumped = False
    for h in sorted(one for one in hash if one >= begin):
        for e, tb in enumerate(hash[h]):
            if h == begin and e < skip:
                continue
            if dumped:
                cb.args[2:] = [0, 0, 0, 0]
            err = fib_table_dump(tb, skb, cb, filter)
            if err < 0:
                cb.args[0], cb.args[1] = h, e
                return err
            dumped = True
    cb.args[0], cb.args[1] = 256, 0
    return 0


# --- NETLINK_FIB_LOOKUP ----------------------------------------------------------------------------------------------

FIB_RESULT_NL = Struct("=4sIBBB5Bi")
"""struct fib_result_nl: fl_addr, fl_mark, fl_tos, fl_scope, tb_id_in | tb_id, prefixlen, nh_sel, type, scope, err."""


def nl_fib_lookup(home: net, frn: bytes) -> bytes:
    """Look an address up in one table, and say what was found."""
    addr, mark, tos, scope, tb_id_in, *found, _ = FIB_RESULT_NL.unpack(frn)
    fl4 = flowi4(int.from_bytes(addr, "big"), scope)
    fl4.flowi4_mark, fl4.flowi4_tos = mark, tos & INET_DSCP_MASK
    tb = fib_get_table(home, tb_id_in)
    err = -ENOENT
    if tb is not None:
        res = fib_result()
        err = fib_table_lookup(tb, fl4, res)
        found[0] = tb.tb_id & 0xFF
        if not err:
            found[1:] = [res.prefixlen, res.nh_sel, res.type, res.scope]
    return FIB_RESULT_NL.pack(addr, mark, tos, scope, tb_id_in, *found, err)


def nl_fib_input(skb: netlink_skb) -> None:
    """Serve one question: the message comes back with its answer in it."""
    data = bytearray(skb.data)
    need = 16 + FIB_RESULT_NL.size
    if len(data) < need:
        return
    size = int.from_bytes(data[:4], byteorder)
    if len(data) < size or size < need:
        return
    home = sock_net(skb)
    data[16:need] = nl_fib_lookup(home, bytes(data[16:need]))
    nlmsg_unicast(home.ipv4.fibnl, netlink_packet(bytes(data), len(data), home.machine), NETLINK_CB(skb).portid)


def rt_cache_flush(home: net) -> None:
    """What lookups have cached is no good any more."""
    home.ipv4.rt_genid += 1


# --- devices and addresses -------------------------------------------------------------------------------------------


def fib_disable_ip(dev: net_device, event: int, force: bool) -> None:
    """IP ends on a device: what it carried goes."""
    if fib_sync_down_dev(dev, event, force):
        fib_flush(dev.nd_net)
    else:
        rt_cache_flush(dev.nd_net)
    arp_ifdown(dev)


def fib_inetaddr_event(event: int, ifa: in_ifaddr) -> None:
    """An address has come or gone."""
    dev = ifa.ifa_dev.dev
    if event == NETDEV.UP:
        fib_add_ifaddr(ifa)
        fib_sync_up(dev, DEAD)
        dev.nd_net.ipv4.dev_addr_genid += 1
        rt_cache_flush(dev.nd_net)
    elif event == NETDEV.DOWN:
        fib_del_ifaddr(ifa)
        dev.nd_net.ipv4.dev_addr_genid += 1
        if not ifa.ifa_dev.ifa_list:
            fib_disable_ip(dev, event, force=True)
        else:
            rt_cache_flush(dev.nd_net)


def fib_netdev_event(event: NETDEV, dev: net_device, info: netdev_notifier_info) -> None:
    """A device has come, gone, or got or lost its carrier."""
    if event == NETDEV.UNREGISTER:
        fib_disable_ip(dev, event, force=True)
        return
    if event == NETDEV.CHANGEADDR:  # arp_netdev_event() does it, which stands below this
        rt_cache_flush(dev.nd_net)
    in_dev = in_dev_get(dev)
    if in_dev is None:
        return
    if event == NETDEV.UP:
        for ifa in list(in_dev.ifa_list):
            fib_add_ifaddr(ifa)
        fib_sync_up(dev, DEAD)
        dev.nd_net.ipv4.dev_addr_genid += 1
        rt_cache_flush(dev.nd_net)
    elif event == NETDEV.DOWN:
        fib_disable_ip(dev, event, force=False)
    elif event == NETDEV.CHANGE:
        if dev_get_flags(dev) & CARRIER:
            fib_sync_up(dev, LINKDOWN)
        else:
            fib_sync_down_dev(dev, event)
        rt_cache_flush(dev.nd_net)
    elif event == NETDEV.CHANGEMTU:
        rt_cache_flush(dev.nd_net)


# --- boot ------------------------------------------------------------------------------------------------------------


def fib_net_init(home: net) -> None:
    """A namespace's NETLINK_FIB_LOOKUP socket."""
    home.ipv4.fibnl = netlink_kernel_create(home, NETLINK.FIB_LOOKUP, netlink_kernel_cfg(nl_fib_input))


def ip_fib_init(machine: Machine) -> None:
    """Set up the FIB."""
    register_pernet_subsys(machine, fib_net_init)
    register_netdevice_notifier(machine, fib_netdev_event)
    register_inetaddr_notifier(machine, fib_inetaddr_event)
    machine.subsystems["fib_ifaddr_ops"] = fib_ifaddr_ops(fib_add_ifaddr, fib_del_ifaddr, fib_modify_prefix_metric)
    rtnl_register(machine, AF.INET, RTM.NEWROUTE, inet_rtm_newroute)
    rtnl_register(machine, AF.INET, RTM.DELROUTE, inet_rtm_delroute)
    flags = RTNL_FLAG.DUMP_UNLOCKED | RTNL_FLAG.DUMP_SPLIT_NLM_DONE
    rtnl_register(machine, AF.INET, RTM.GETROUTE, dumpit=inet_dump_fib, flags=flags)
