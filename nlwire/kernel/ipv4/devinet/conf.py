"""net/ipv4/devinet.c: the settings of interfaces: net.ipv4.conf.*, RTM_GETNETCONF, RTM_NEWNETCONF, IFLA_INET_CONF.

Knows: names of settings, what a change of one entails, who is told.
Never: what a setting does to packets or routes.
"""

from errno import EAFNOSUPPORT, EINVAL, ENODEV, ENOENT, EPERM
from struct import Struct

from nlwire.kernel.core.dev import dev_get_by_name, for_each_netdev, net_device
from nlwire.kernel.core.netconf import netconf_family
from nlwire.kernel.ipv4.inetdevice import IPV4_DEVCONF_MAX, in_dev_get, ipv4_devconf, ipv4_devconf_set
from nlwire.kernel.net import error, net
from nlwire.kernel.sysctl import Value
from nlwire.schema.attrs import Attr
from nlwire.uapi.if_link import IFLA_INET
from nlwire.uapi.ip import IPV4_DEVCONF
from nlwire.uapi.netconf import NETCONFA, NETCONFA_IFINDEX
from nlwire.uapi.rtnetlink import AF, RTM, RTNLGRP
from nlwire.wire import (
    NL_VALIDATE,
    NLA,
    Policy,
    netlink_ext_ack,
    nla_data,
    nla_for_each_nested,
    nla_len,
    nla_parse_nested,
    nla_policy,
    nla_type,
    nlattr_ptr,
)

IPV4_DEVCONF_COMPILED = {
    IPV4_DEVCONF.ACCEPT_REDIRECTS: 1,
    IPV4_DEVCONF.SEND_REDIRECTS: 1,
    IPV4_DEVCONF.SECURE_REDIRECTS: 1,
    IPV4_DEVCONF.SHARED_MEDIA: 1,
    IPV4_DEVCONF.IGMPV2_UNSOLICITED_REPORT_INTERVAL: 10000,
    IPV4_DEVCONF.IGMPV3_UNSOLICITED_REPORT_INTERVAL: 1000,
    IPV4_DEVCONF.ARP_EVICT_NOCARRIER: 1,
}
"""What "all" begins with; "default" accepts source routes besides."""

SYSCTL_NAMES = {
    one.name.lower(): one for one in IPV4_DEVCONF if one.name not in ("SRC_VMARK", "ARPFILTER", "NOXFRM", "NOPOLICY")
} | {
    "src_valid_mark": IPV4_DEVCONF.SRC_VMARK,
    "arp_filter": IPV4_DEVCONF.ARPFILTER,
    "disable_xfrm": IPV4_DEVCONF.NOXFRM,
    "disable_policy": IPV4_DEVCONF.NOPOLICY,
}
"""The files in /proc/sys/net/ipv4/conf/*/."""

SHOWN: tuple[tuple[Attr[int], IPV4_DEVCONF], ...] = (
    (NETCONFA.FORWARDING, IPV4_DEVCONF.FORWARDING),
    (NETCONFA.RP_FILTER, IPV4_DEVCONF.RP_FILTER),
    (NETCONFA.MC_FORWARDING, IPV4_DEVCONF.MC_FORWARDING),
    (NETCONFA.BC_FORWARDING, IPV4_DEVCONF.BC_FORWARDING),
    (NETCONFA.PROXY_NEIGH, IPV4_DEVCONF.PROXY_ARP),
    (NETCONFA.IGNORE_ROUTES_WITH_LINKDOWN, IPV4_DEVCONF.IGNORE_ROUTES_WITH_LINKDOWN),
)
TOLD = {which: attr for attr, which in SHOWN if which in (8, 3, 29)}
"""Settings whose change is told when a file of theirs is written; forwarding's is told in its own way."""

CONF = Struct("=HHHH").pack(8 + 4 * IPV4_DEVCONF_MAX, AF.INET, 4 + 4 * IPV4_DEVCONF_MAX, IFLA_INET.CONF.number)
"""The headers of the nest and of IFLA_INET_CONF in it."""
inet_af_policy = Policy(IFLA_INET, {IFLA_INET.CONF: nla_policy(NLA.NESTED)})


def devinet_init_net(home: net) -> None:
    """A namespace's own settings: those that the first one has now."""
    first = home.machine.net_namespace_list[0]
    ipv4 = home.ipv4
    if home is first:
        ipv4.devconf_all = ipv4_devconf(IPV4_DEVCONF_COMPILED.get(one, 0) for one in IPV4_DEVCONF)
        ipv4.devconf_dflt = ipv4.devconf_all.copy()
        ipv4.devconf_dflt[IPV4_DEVCONF.ACCEPT_SOURCE_ROUTE] = 1
    else:
        ipv4.devconf_all, ipv4.devconf_dflt = first.ipv4.devconf_all.copy(), first.ipv4.devconf_dflt.copy()


# --- messages --------------------------------------------------------------------------------------------------------


def devconf(dev: net_device) -> ipv4_devconf | None:
    """An interface's settings."""
    in_dev = in_dev_get(dev)
    return None if in_dev is None else in_dev.cnf


netconf = netconf_family(
    AF.INET,
    "ipv4",
    RTNLGRP.IPV4_NETCONF,
    (
        NETCONFA.IFINDEX,
        NETCONFA.FORWARDING,
        NETCONFA.RP_FILTER,
        NETCONFA.PROXY_NEIGH,
        NETCONFA.IGNORE_ROUTES_WITH_LINKDOWN,
    ),
    SHOWN,
    lambda home: home.ipv4.devconf_all,
    lambda home: home.ipv4.devconf_dflt,
    devconf,
    ENODEV,
)
inet_netconf_notify_devconf = netconf.notify_devconf
inet_netconf_get_devconf, inet_netconf_dump_devconf = netconf.get_devconf, netconf.dump_devconf


# --- IFLA_AF_SPEC ----------------------------------------------------------------------------------------------------


def inet_get_link_af_size(dev: net_device, ext_filter_mask: int) -> int:
    """Bytes that inet_fill_link_af() may put."""
    return 0 if in_dev_get(dev) is None else 4 + 4 * IPV4_DEVCONF_MAX


def inet_fill_link_af(dev: net_device, ext_filter_mask: int) -> bytes:
    """An interface's settings as a nest of its link message; nothing where it has no IPv4."""
    in_dev = in_dev_get(dev)
    return b"" if in_dev is None else CONF + in_dev.cnf.data.tobytes()


def inet_validate_link_af(dev: net_device | None, nla: nlattr_ptr[object], extack: netlink_ext_ack | None) -> None:
    """Refuse settings that there are not. Raises OSError, PolicyError."""
    if dev is not None and in_dev_get(dev) is None:
        raise error(EAFNOSUPPORT)
    conf = nla_parse_nested(inet_af_policy, nla, NL_VALIDATE.LIBERAL, extack)[IFLA_INET.CONF]
    if conf is None:
        return
    for one in nla_for_each_nested(conf):
        if nla_len(one) < 4 or not 0 < nla_type(one) <= IPV4_DEVCONF_MAX:
            raise error(EINVAL)


def inet_set_link_af(dev: net_device, nla: nlattr_ptr[object], extack: netlink_ext_ack | None) -> None:
    """Set what a link request says of IPv4. Raises OSError."""
    in_dev = in_dev_get(dev)
    if in_dev is None:
        raise error(EAFNOSUPPORT)
    conf = nla_parse_nested(Policy(IFLA_INET, {}), nla, NL_VALIDATE.LIBERAL)[IFLA_INET.CONF]
    if conf is None:
        return
    for one in nla_for_each_nested(conf):
        ipv4_devconf_set(in_dev, nla_type(one), int.from_bytes(nla_data(one)[:4], "little", signed=True))


# --- /proc/sys/net/ipv4/conf -----------------------------------------------------------------------------------------


def devinet_sysctl(home: net, rest: list[str], value: Value | None) -> Value | None:
    """conf/<all, default or an interface>/<setting>. Raises OSError."""
    if len(rest) != 2 or rest[1] not in SYSCTL_NAMES:
        raise error(ENOENT)
    ifindex, which = conf_ifindex(home, rest[0]), SYSCTL_NAMES[rest[1]]
    cnf = netconf.devconf_of(home, ifindex)
    if cnf is None:
        raise error(ENOENT)
    if value is None:
        return int(cnf[which])
    if which == IPV4_DEVCONF.MC_FORWARDING:
        raise error(EPERM)
    new = sysctl_int(value)
    if which == IPV4_DEVCONF.FORWARDING:
        devinet_sysctl_forward(home, ifindex, cnf, new)
    else:
        devinet_conf_proc(home, ifindex, cnf, which, new)
    return None


def sysctl_int(value: Value) -> int:
    """proc_dointvec()'s reading. Raises OSError (EINVAL)."""
    try:
        number = int(value)
    except ValueError:
        raise error(EINVAL) from None
    if not -(1 << 31) <= number < 1 << 31:
        raise error(EINVAL)
    return number


def conf_ifindex(home: net, name: str) -> int:
    """netconf's number for a directory of conf. Raises OSError (ENOENT)."""
    if name == "all":
        return int(NETCONFA_IFINDEX.ALL)
    if name == "default":
        return int(NETCONFA_IFINDEX.DEFAULT)
    dev = dev_get_by_name(home, name)
    if dev is None or dev.name != name:
        raise error(ENOENT)
    return dev.ifindex


def ip_forward_sysctl(home: net, rest: list[str], value: Value | None) -> Value | None:
    """ip_forward: the forwarding of all."""
    return devinet_sysctl(home, ["all", "forwarding", *rest], value)


def devinet_conf_proc(home: net, ifindex: int, cnf: ipv4_devconf, which: int, new: int) -> None:
    """Write a setting; a default goes to the interfaces that nobody has set it for."""
    old, cnf[which] = cnf[which], new
    cnf.state.add(which)
    if cnf is home.ipv4.devconf_dflt:
        for dev in for_each_netdev(home):
            in_dev = in_dev_get(dev)
            if in_dev is not None and which not in in_dev.cnf.state:
                in_dev.cnf[which] = new
    told = TOLD.get(IPV4_DEVCONF(which))
    if told is not None and new != old:
        inet_netconf_notify_devconf(home, RTM.NEWNETCONF, told.number, ifindex, cnf)


def devinet_sysctl_forward(home: net, ifindex: int, cnf: ipv4_devconf, new: int) -> None:
    """Write forwarding: that of all sets every interface's, and says so of each."""
    old, cnf[IPV4_DEVCONF.FORWARDING] = cnf[IPV4_DEVCONF.FORWARDING], new
    if old == new:
        return
    if cnf is home.ipv4.devconf_all:
        inet_forward_change(home)
    else:
        inet_netconf_notify_devconf(home, RTM.NEWNETCONF, NETCONFA.FORWARDING.number, ifindex, cnf)


def inet_forward_change(home: net) -> None:
    """A router does not believe redirects."""
    every, default = home.ipv4.devconf_all, home.ipv4.devconf_dflt
    on = every[IPV4_DEVCONF.FORWARDING]
    every[IPV4_DEVCONF.ACCEPT_REDIRECTS] = int(not on)
    default[IPV4_DEVCONF.FORWARDING] = on
    for ifindex, cnf in ((NETCONFA_IFINDEX.ALL, every), (NETCONFA_IFINDEX.DEFAULT, default)):
        inet_netconf_notify_devconf(home, RTM.NEWNETCONF, NETCONFA.FORWARDING.number, int(ifindex), cnf)
    for dev in for_each_netdev(home):
        in_dev = in_dev_get(dev)
        if in_dev is not None:
            ipv4_devconf_set(in_dev, IPV4_DEVCONF.FORWARDING, on)
            inet_netconf_notify_devconf(home, RTM.NEWNETCONF, NETCONFA.FORWARDING.number, dev.ifindex, in_dev.cnf)
