"""Wrong requests about routes.

Knows: requests and answers.
Never: how they are sent.
"""

from struct import pack

from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RT_SCOPE, RTA, RTM, RTPROT
from tests.kernel.wrong.entry import Wrong, bytes_of, device, dumped, to_route

ROUTES = [
    Wrong(
        "a gateway that is not on any link",
        lambda nl: nl.route.add("10.0.0.0/8", via="203.0.113.1"),
        "route add 10.0.0.0/8 via 203.0.113.1",
        lambda ip: ip.route("add", dst="10.0.0.0/8", gateway="203.0.113.1"),
        "ENETUNREACH",
        words="Nexthop has invalid gateway",
    ),
    Wrong(
        "a prefix with bits beyond its length",
        lambda nl: nl.request(to_route({RTA.DST: "10.0.0.1", RTA.OIF: 1}, rtm_dst_len=8)),
        "route add 10.0.0.1/8 dev lo",
        lambda ip: ip.route("add", dst="10.0.0.1/8", oif=1),
        "EINVAL",
        words="Invalid prefix for given prefix length",
    ),
    Wrong(
        "a prefix length that IPv4 has not",
        lambda nl: nl.request(to_route({RTA.DST: "10.0.0.1", RTA.OIF: 1}, rtm_dst_len=33)),
        "route add 10.0.0.1/33 dev lo",
        lambda ip: ip.route("add", dst="10.0.0.1", dst_len=33, oif=1),
        "EINVAL",
        words="Invalid prefix length",
    ),
    Wrong(
        "a device nobody has",
        lambda nl: nl.route.add("10.0.0.0/8", dev=999),
        "route add 10.0.0.0/8 dev nobody",
        lambda ip: ip.route("add", dst="10.0.0.0/8", oif=999),
        "ENODEV",
    ),
    Wrong(
        "a device that is down",
        lambda nl: nl.route.add("10.0.0.0/8", dev="d2"),
        "route add 10.0.0.0/8 dev d2",
        lambda ip: ip.route("add", dst="10.0.0.0/8", oif=device(ip, "d2")),
        "ENETDOWN",
        words="Device for nexthop is not up",
    ),
    Wrong(
        "neither gateway nor device",
        lambda nl: nl.route.add("10.0.0.0/8"),
        "route add 10.0.0.0/8",
        lambda ip: ip.route("add", dst="10.0.0.0/8"),
        "ENODEV",
    ),
    Wrong(
        "a route that is there",
        lambda nl: nl.route.add("192.0.2.0/24", dev="d0", src="192.0.2.1", protocol=RTPROT.KERNEL),
        "route add 192.0.2.0/24 dev d0 proto kernel scope link src 192.0.2.1",
        lambda ip: ip.route("add", dst="192.0.2.0/24", oif=device(ip, "d0")),
        "EEXIST",
    ),
    Wrong(
        "a route to delete that is not there",
        lambda nl: nl.route.delete("10.99.0.0/16"),
        "route del 10.99.0.0/16",
        lambda ip: ip.route("del", dst="10.99.0.0/16"),
        "ESRCH",
    ),
    Wrong(
        "a nexthop object nobody made",
        lambda nl: nl.route.add("10.0.0.0/8", nhid=77),
        "route add 10.0.0.0/8 nhid 77",
        lambda ip: ip.route("add", dst="10.0.0.0/8", nh_id=77),
        "EINVAL",
        words="Nexthop id does not exist",
    ),
    Wrong(
        "a nexthop object and a gateway",
        lambda nl: nl.route.add("10.0.0.0/8", nhid=77, via="192.0.2.2"),
        "route add 10.0.0.0/8 nhid 77 via 192.0.2.2",
        None,
        "EINVAL",
        words="Nexthop specification and nexthop id are mutually exclusive",
    ),
    Wrong(
        "a source that is no address of this machine",
        lambda nl: nl.route.add("10.0.0.0/8", dev="d0", src="198.51.100.1"),
        "route add 10.0.0.0/8 dev d0 src 198.51.100.1",
        lambda ip: ip.route("add", dst="10.0.0.0/8", oif=device(ip, "d0"), prefsrc="198.51.100.1"),
        "EINVAL",
        words="Invalid prefsrc address",
    ),
    Wrong(
        "a scope narrower than its gateway's",
        lambda nl: nl.route.add("10.0.0.0/8", via="192.0.2.2", scope=RT_SCOPE.HOST),
        "route add 10.0.0.0/8 via 192.0.2.2 scope host",
        lambda ip: ip.route("add", dst="10.0.0.0/8", gateway="192.0.2.2", scope=254),
        "EINVAL",
        words="Route with host scope can not have a gateway",
    ),
    Wrong(
        "a type of route nobody knows",
        lambda nl: nl.request(to_route({RTA.DST: "10.0.0.0", RTA.OIF: 1}, rtm_dst_len=8, rtm_type=77)),
        None,
        lambda ip: ip.route("add", dst="10.0.0.0/8", oif=1, type=77),
        "EINVAL",
        words="Invalid route type",
    ),
    Wrong(
        "a metric nobody knows",
        lambda nl: nl.request(
            to_route(
                [
                    (RTA.DST, "10.0.0.0"),
                    (RTA.OIF, 1),
                    {"nla_type": "RTA_METRICS", "value": [{"nla_type": 99, "opaque": "01000000"}]},
                ],
                rtm_dst_len=8,
            )
        ),
        None,
        None,
        "EINVAL",
        words="Invalid metric type",
    ),
    Wrong(
        "a metric that is too short",
        lambda nl: nl.request(
            to_route(
                [
                    (RTA.DST, "10.0.0.0"),
                    (RTA.OIF, 1),
                    {"nla_type": "RTA_METRICS", "value": [{"nla_type": 2, "opaque": "0102"}]},
                ],
                rtm_dst_len=8,
            )
        ),
        None,
        None,
        "EINVAL",
        words="Invalid attribute in metrics",
        path="rtmsg/RTA_METRICS/RTAX_MTU",
        value="0102",
    ),
    Wrong(
        "a kind of encapsulation nobody knows",
        lambda nl: nl.request(
            to_route(
                [
                    (RTA.DST, "10.0.0.0"),
                    (RTA.OIF, 1),
                    bytes_of("RTA_ENCAP_TYPE", b"\x4d\0"),
                    bytes_of("RTA_ENCAP", b""),
                ],
                rtm_dst_len=8,
            )
        ),
        None,
        None,
        "EINVAL",
        words="Unknown lwt encapsulation type",
    ),
    Wrong(
        "nexthops cut short",
        lambda nl: nl.request(
            to_route([(RTA.DST, "10.0.0.0"), bytes_of("RTA_MULTIPATH", b"\x08\0\0\0\1\0")], rtm_dst_len=8)
        ),
        None,
        None,
        "ERANGE",
        words="Attribute failed policy validation",
        path="rtmsg/RTA_MULTIPATH",
    ),
    Wrong(
        "a device number of two bytes",
        lambda nl: nl.request(to_route([(RTA.DST, "10.0.0.0"), bytes_of("RTA_OIF", b"\1\0")], rtm_dst_len=8)),
        None,
        None,
        "ERANGE",
        words="Attribute failed policy validation",
        path="rtmsg/RTA_OIF",
        value="0100",
    ),
    Wrong(
        "an IPv6 gateway that nothing leads to",
        lambda nl: nl.route.add("2001:db8:7::/48", via="2001:db8:9::1"),
        "-6 route add 2001:db8:7::/48 via 2001:db8:9::1",
        lambda ip: ip.route("add", dst="2001:db8:7::/48", gateway="2001:db8:9::1", family=10),
        "EHOSTUNREACH",
        ipv6=True,
    ),
    Wrong(
        "an IPv6 prefix of 129 bits",
        lambda nl: nl.request(to_route({RTA.DST: "2001:db8:7::", RTA.OIF: 1}, rtm_family=AF.INET6, rtm_dst_len=129)),
        "-6 route add 2001:db8:7::/129 dev lo",
        None,
        "EINVAL",
        ipv6=True,
    ),
    Wrong(
        "a link-local gateway, on whatever link",
        lambda nl: nl.route.add("2001:db8:7::/48", via="fe80::1"),
        "-6 route add 2001:db8:7::/48 via fe80::1",
        lambda ip: ip.route("add", dst="2001:db8:7::/48", gateway="fe80::1", family=10),
        "EINVAL",
        words="Egress device not specified",
        ipv6=True,
    ),
    Wrong(
        "a destination that no route leads to",
        lambda nl: nl.route.get("203.0.113.9"),
        "route get 203.0.113.9",
        lambda ip: ip.route("get", dst="203.0.113.9"),
        "ENETUNREACH",
    ),
    Wrong(
        "a question for a whole prefix",
        lambda nl: nl.request(to_route({RTA.DST: "192.0.2.0"}, RTM.GETROUTE, 0, rtm_dst_len=24)),
        None,
        None,
        "EINVAL",
        words="ipv4: Invalid values in header for route get request",
    ),
    Wrong(
        "a dump that asks for a type of service",
        lambda nl: dumped(nl, to_route({}, RTM.GETROUTE, 0, rtm_tos=4)),
        None,
        None,
        "EINVAL",
        words="Invalid values in header for FIB dump request",
    ),
    Wrong(
        "a dump by an attribute that is no filter",
        lambda nl: dumped(nl, to_route({RTA.GATEWAY: "192.0.2.2"}, RTM.GETROUTE, 0)),
        None,
        None,
        "EINVAL",
        words="Unsupported attribute in dump request",
    ),
    Wrong(
        "a dump of a table that is not there",
        lambda nl: dumped(nl, to_route({RTA.TABLE: 4000}, RTM.GETROUTE, 0)),
        "route show table 4000",
        lambda ip: list(ip.get_routes(family=2, table=4000)),
        "ENOENT",
        words="ipv4: FIB table does not exist",
    ),
    Wrong(
        "a dump with half a header",
        lambda nl: list(nl.send(pack("=IHHIIB3x", 20, RTM.GETROUTE, NLM_F.REQUEST | NLM_F.DUMP, 0, 0, AF.INET))),
        None,
        None,
        "EINVAL",
        words="Invalid header for FIB dump request",
    ),
]
