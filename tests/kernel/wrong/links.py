"""Wrong requests about devices.

Knows: requests and answers.
Never: how they are sent.
"""

from nlwire.uapi.if_link import IFLA
from tests.kernel.wrong.entry import Wrong, device, of_kind, to_link

LINKS = [
    Wrong(
        "a kind of device nobody knows",
        lambda nl: nl.link.add("x0", kind="nosuchkind"),
        "link add x0 type nosuchkind",
        lambda ip: ip.link("add", ifname="x0", kind="nosuchkind"),
        "EOPNOTSUPP",
        words="Unknown device type",
    ),
    Wrong(
        "a name of twenty letters",
        lambda nl: nl.link.add("a-name-of-20-letters", kind="bridge"),
        "link add a-name-of-20-letters type bridge",
        lambda ip: ip.link("add", ifname="a-name-of-20-letters", kind="bridge"),
        "ERANGE",
        words="Attribute failed policy validation",
        path="ifinfomsg/IFLA_IFNAME",
        value="a-name-of-20-letters",
    ),
    Wrong(
        "a name with a slash",
        lambda nl: nl.link.add("x/0", kind="bridge"),
        "link add x/0 type bridge",
        lambda ip: ip.link("add", ifname="x/0", kind="bridge"),
        "EINVAL",
    ),
    Wrong(
        "a name that is taken",
        lambda nl: nl.link.add("br0", kind="bridge"),
        "link add br0 type bridge",
        lambda ip: ip.link("add", ifname="br0", kind="bridge"),
        "EEXIST",
    ),
    Wrong(
        "a device that is not there",
        lambda nl: nl.link.get("nobody"),
        "link show nobody",
        lambda ip: ip.link("get", ifname="nobody"),
        "ENODEV",
    ),
    Wrong(
        "an MTU that is too small",
        lambda nl: nl.link.change("d0", mtu=10),
        "link set d0 mtu 10",
        lambda ip: ip.link("set", index=device(ip, "d0"), mtu=10),
        "EINVAL",
        words="mtu less than device minimum",
    ),
    Wrong(
        "an MTU that is too large",
        lambda nl: nl.link.change("d0", mtu=100000),
        "link set d0 mtu 100000",
        lambda ip: ip.link("set", index=device(ip, "d0"), mtu=100000),
        "EINVAL",
        words="mtu greater than device maximum",
    ),
    Wrong(
        "a master that takes no ports",
        lambda nl: nl.link.change("d0", master="d2"),
        "link set d0 master d2",
        lambda ip: ip.link("set", index=device(ip, "d0"), master=device(ip, "d2")),
        "EOPNOTSUPP",
    ),
    Wrong(
        "a bridge as its own port",
        lambda nl: nl.link.change("br0", master="br0"),
        "link set br0 master br0",
        lambda ip: ip.link("set", index=device(ip, "br0"), master=device(ip, "br0")),
        "ELOOP",
        words="Can not enslave a bridge to a bridge",
    ),
    Wrong(
        "lo as a port",
        lambda nl: nl.link.change("lo", master="br0"),
        "link set lo master br0",
        lambda ip: ip.link("set", index=1, master=device(ip, "br0")),
        "EINVAL",
    ),
    Wrong(
        "a hardware address of three bytes",
        lambda nl: nl.link.change("d0", address="02:00:01"),
        "link set d0 address 02:00:01",
        lambda ip: ip.link("set", index=device(ip, "d0"), address="02:00:01"),
        "EINVAL",
    ),
    Wrong(
        "a multicast hardware address",
        lambda nl: nl.link.change("d0", address="01:00:5e:00:00:01"),
        "link set d0 address 01:00:5e:00:00:01",
        lambda ip: ip.link("set", index=device(ip, "d0"), address="01:00:5e:00:00:01"),
        "EADDRNOTAVAIL",
    ),
    Wrong(
        "the end of lo",
        lambda nl: nl.link.delete("lo"),
        "link del lo",
        lambda ip: ip.link("del", index=1),
        "EOPNOTSUPP",
    ),
    Wrong(
        "a macvlan on nothing",
        lambda nl: nl.link.add("x0", kind="macvlan"),
        "link add x0 type macvlan",
        lambda ip: ip.link("add", ifname="x0", kind="macvlan"),
        "EINVAL",
    ),
    Wrong(
        "a mode of macvlan nobody knows",
        lambda nl: nl.link.add("x0", kind="macvlan", link="d0", data={"IFLA_MACVLAN_MODE": 77}),
        None,
        lambda ip: ip.link("add", ifname="x0", kind="macvlan", link=device(ip, "d0"), macvlan_mode=77),
        "EINVAL",
    ),
    Wrong(
        "a vxlan number of 25 bits",
        lambda nl: nl.link.add("x0", kind="vxlan", data={"IFLA_VXLAN_ID": 1 << 24, "IFLA_VXLAN_PORT": 4789}),
        None,
        lambda ip: ip.link("add", ifname="x0", kind="vxlan", vxlan_id=1 << 24),
        "ERANGE",
        words="VXLAN ID must be lower than 16777216",
        path="ifinfomsg/IFLA_LINKINFO/IFLA_INFO_DATA/IFLA_VXLAN_ID",
        value="16777216",
    ),
    Wrong(
        "the namespace of a process that is not there",
        lambda nl: nl.link.change("d2", attrs={IFLA.NET_NS_PID: 0x3FFFFFFF}),
        "link set d2 netns 1073741823",
        lambda ip: ip.link("set", index=device(ip, "d2"), net_ns_pid=0x3FFFFFFF),
        "ESRCH",
    ),
    Wrong(
        "a number that is taken",
        lambda nl: nl.request(to_link(of_kind("bridge"), ifi_index=1)),
        "link add x0 index 1 type bridge",
        lambda ip: ip.link("add", ifname="x0", kind="bridge", index=1),
        "EEXIST",
    ),
]
