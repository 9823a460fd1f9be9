"""Routes through ``ip route``: the richest family. What ip cannot say is in routes_by_hand.py.

Knows: iproute2's words for RTA_*, RTAX_*, RTN_*, RT_SCOPE_*.
Never: the options of LWTUNNEL_IP_OPTS (geneve_opts, vxlan_opts, erspan_opts). Linux 6.18 built with FORTIFY_SOURCE dies in
ip_tun_build_state while it copies them ("memcpy: detected buffer overflow: 8 byte write of buffer size 0") and takes the
RTNL mutex with it: from then on every process of the machine that asks for a link waits for ever, in any namespace.
"""

from tools.capture.scenarios.script import Case, Chapter
from tools.capture.scenarios.topology import WIRED

TYPES = Case(
    "types",
    "every route type, table, protocol and scope",
    """
    ip route add 10.1.0.0/16 via 192.0.2.2
    ip route add 10.2.0.0/16 dev v0
    ip route add 10.3.0.0/16 dev v0 scope host
    ip route add 10.4.0.0/16 dev v0 scope site
    ip route add unicast 10.5.0.1/32 via 192.0.2.2 dev v0 proto static
    ip route add local 10.6.0.0/16 dev lo
    ip route add broadcast 10.7.255.255 dev v0
    ip route add multicast 239.0.0.0/8 dev v0
    ip route add anycast 10.8.0.0/16 dev v0
    ip route add blackhole 10.9.0.0/16
    ip route add unreachable 10.10.0.0/16
    ip route add prohibit 10.11.0.0/16 metric 20
    ip route add throw 10.12.0.0/16 table 100
    - ip route add nat 10.13.0.0/16 via 192.0.2.2
    ip route add default via 192.0.2.2 proto bird metric 100
    ip route add default via 192.0.2.2 table 1000 proto 250
    ip route add 10.14.0.0/16 via 192.0.2.2 table 254 proto zebra
    ip route add 10.15.0.0/16 via 192.0.2.2 table 4294967295
    ip route add 10.16.0.0/16 via 192.0.2.2 dsfield 0x10
    ip route add 10.17.0.0/16 via 192.0.2.2 src 203.0.113.1
    ip route add 10.18.0.0/16 via 192.0.2.2 realms 7/8
    ip route add 10.19.0.0/16 via 192.0.2.2 realms 9
    ip route add 10.20.0.0/16 via 198.18.0.1 dev v0 onlink
    ip route add 10.21.0.0/16 via 192.0.2.2 pref high
    ip route add 10.22.0.0/16 via 192.0.2.2 ttl-propagate enabled
    ip -d route show table all
    ip route show table 1000
    ip route show table local
    ip route show type blackhole
    ip route show proto static
    ip route show root 10.0.0.0/8
    ip route show match 10.5.0.1
    ip route show exact 10.9.0.0/16
    ip route show dev v0 scope host
    ip route show cache
    """,
)

CHANGES = Case(
    "changes",
    "replace, change, append, prepend, delete: the flags of requests and of what is announced",
    """
    ip route replace 10.30.0.0/16 via 192.0.2.2
    ip route replace 10.30.0.0/16 via 192.0.2.3
    ip route change 10.30.0.0/16 via 192.0.2.4
    ip route append 10.30.0.0/16 via 192.0.2.5
    ip route prepend 10.30.0.0/16 via 192.0.2.6
    - ip route test 10.31.0.0/16 via 192.0.2.2
    ip route del 10.30.0.0/16 via 192.0.2.5
    ip route del 10.30.0.0/16
    ip route add 10.32.0.0/16 via 192.0.2.2
    ip route add 10.32.1.0/24 via 192.0.2.2
    ip route flush root 10.32.0.0/16
    - ip route add 10.1.0.0/16 via 192.0.2.2
    - ip route change 10.33.0.0/16 via 192.0.2.2
    - ip route replace 10.33.0.0/16 via 172.16.0.1
    - ip route del 10.33.0.0/16
    - ip route add 10.33.0.1/16 via 192.0.2.2
    - ip route add 10.33.0.0/16 dev v0 via inet6 2001:db8::77 onlink
    - ip route add 10.33.0.0/16
    - ip route add 10.33.0.0/16 dev nowhere
    ip link set v1 down
    ip link set v1 up
    wait 0.2
    @ ip address add 2001:db8:1::1/64 dev v1 nodad
    """,
)

METRICS = Case(
    "metrics",
    "RTA_METRICS with every RTAX, locked and not, congestion control by name",
    """
    ip route add 10.40.0.0/16 via 192.0.2.2 mtu 1400
    ip route add 10.41.0.0/16 via 192.0.2.2 mtu lock 1400 advmss lock 1360 rtt lock 300ms
    ip route add 10.42.0.0/16 via 192.0.2.2 mtu 1400 window 65535 rtt 200ms rttvar 100ms ssthresh 20 cwnd 10 advmss \
        1360 reordering 3 \
        hoplimit 64 initcwnd 10 features ecn rto_min 200ms initrwnd 20 quickack 1 congctl cubic fastopen_no_cookie 1
    ip route add 10.43.0.0/16 via 192.0.2.2 congctl lock reno
    ip route add 10.44.0.0/16 via 192.0.2.2 quickack 0
    - ip route add 10.45.0.0/16 via 192.0.2.2 congctl nonesuch
    - ip route add 10.45.0.0/16 via 192.0.2.2 hoplimit 300
    ip route show 10.42.0.0/16
    ip -6 route add 2001:db8:40::/48 via 2001:db8::2 mtu 1400 hoplimit 3 advmss 1220 initcwnd 5 congctl cubic
    ip -6 route add 2001:db8:41::/48 via 2001:db8::2 rto_min 100ms quickack 1 features ecn
    ip -6 route show 2001:db8:40::/48
    """,
)

MULTIPATH = Case(
    "multipath",
    "RTA_MULTIPATH: weights, gateways, devices, realms, encapsulations, onlink, via inet6",
    """
    ip route add 10.50.0.0/16 nexthop via 192.0.2.2 weight 1 nexthop via 203.0.113.2 weight 200
    ip route add 10.51.0.0/16 nexthop dev v0 weight 1 nexthop dev v1 weight 256
    ip route add 10.52.0.0/16 nexthop via 192.0.2.2 realms 5 nexthop via 203.0.113.2 realms 6/7
    ip route add 10.53.0.0/16 nexthop via inet6 2001:db8::2 dev v0 nexthop via 203.0.113.2
    ip route add 10.54.0.0/16 mtu 1300 proto bgp metric 7 nexthop via 198.18.0.1 dev v0 onlink nexthop via 192.0.2.9 \
        dev v0 \
        nexthop via 192.0.2.10 dev v0 weight 3
    ip route add 10.55.0.0/16 nexthop encap ip id 7 dst 198.51.100.7 via 192.0.2.2 nexthop via 203.0.113.2 weight 2
    ip route append 10.55.0.0/16 nexthop via 192.0.2.3 nexthop via 192.0.2.4
    ip route replace 10.50.0.0/16 nexthop via 192.0.2.2 weight 5 nexthop via 203.0.113.2 weight 5
    ip route show 10.53.0.0/16
    ip route show 10.55.0.0/16
    ip route del 10.54.0.0/16
    - ip route add 10.56.0.0/16 nexthop via 192.0.2.2 nexthop via 172.16.0.1
    - ip route add 10.56.0.0/16 nexthop via 192.0.2.2 weight 300
    ip -6 route add 2001:db8:50::/48 nexthop via 2001:db8::2 weight 1 nexthop via 2001:db8:1::2 weight 9
    ip -6 route append 2001:db8:50::/48 via 2001:db8::3
    ip -6 route add 2001:db8:51::/48 metric 5 nexthop via fe80::1 dev v0 nexthop via fe80::2 dev v1 weight 4
    ip -6 route show 2001:db8:50::/48
    ip -6 route del 2001:db8:50::/48 via 2001:db8::3
    ip -6 route del 2001:db8:51::/48
    ip link set v1 down
    ip route show 10.50.0.0/16
    ip -6 route show 2001:db8:50::/48
    ip link set v1 up
    wait 0.2
    @ ip address add 2001:db8:1::1/64 dev v1 nodad
    """,
)

IPV6 = Case(
    "ipv6",
    "IPv6 routes: types, preference, expiry, source prefixes, cloned exceptions",
    """
    ip -6 route add 2001:db8:60::/48 via 2001:db8::2
    ip -6 route add 2001:db8:61::/48 dev v0 pref low
    ip -6 route add 2001:db8:62::/48 dev v0 pref high expires 600
    ip -6 route add 2001:db8:63::/48 via fe80::1 dev v0 metric 10 proto static
    ip -6 route add 2001:db8:64::/48 from 2001:db8:99::/48 via 2001:db8::2
    ip -6 route add 2001:db8:65::/48 via 2001:db8::2 src 2001:db8:1::1
    ip -6 route add blackhole 2001:db8:66::/48
    ip -6 route add unreachable 2001:db8:67::/48 metric 5
    ip -6 route add prohibit 2001:db8:68::/48
    ip -6 route add throw 2001:db8:69::/48 table 300
    ip -6 route add local 2001:db8:6a::/48 dev lo
    ip -6 route add anycast 2001:db8:6b::1/128 dev v0
    ip -6 route add multicast ff05::/16 dev v0 table local
    ip -6 route add default via 2001:db8::2 table 1000
    ip -6 route add default via fe80::1 dev v0 pref medium proto ra
    ip -6 route add 2001:db8:6c::/48 via 2001:db8:77::1 dev v0 onlink
    ip -6 route add 2001:db8:6d::/48 via 2001:db8::2 table 77
    ip -6 route append 2001:db8:60::/48 via 2001:db8::3
    ip -6 route replace 2001:db8:60::/48 via 2001:db8::4
    ip -6 route change 2001:db8:61::/48 dev v0 pref high
    ip -6 route show table all
    ip -6 -d route show
    ip -6 route show table local
    ip -6 route show cache
    ip -6 route del 2001:db8:60::/48
    ip -6 route del blackhole 2001:db8:66::/48
    - ip -6 route add 2001:db8:6e::/48 via 2001:db8:88::1
    - ip -6 route add 2001:db8:61::/48 dev v0
    - ip -6 route del 2001:db8:6f::/48
    - ip -6 route add 2001:db8:6e::/48 via 2001:db8::1
    """,
)

VIA = Case(
    "via",
    "IPv4 through IPv6 gateways (RTA_VIA), nexthop objects (RTA_NH_ID)",
    """
    ip route add 10.60.0.0/16 via inet6 fe80::1 dev v0
    ip route add 10.61.0.0/16 via inet6 2001:db8::2 dev v0 onlink
    ip nexthop add id 1 via 192.0.2.2 dev v0
    ip nexthop add id 2 via 203.0.113.2 dev v1
    ip nexthop add id 3 group 1/2,10
    ip nexthop add id 4 via 2001:db8::2 dev v0
    ip nexthop add id 5 blackhole
    ip -6 nexthop add id 6 blackhole
    ip route add 10.62.0.0/16 nhid 1
    ip route add 10.63.0.0/16 nhid 3
    ip route add 10.64.0.0/16 nhid 4
    ip route add 10.65.0.0/16 nhid 5
    ip -6 route add 2001:db8:a2::/48 nhid 4
    ip -6 route add 2001:db8:a5::/48 nhid 6
    ip route show 10.63.0.0/16
    ip -6 route show 2001:db8:a2::/48
    ip route replace 10.62.0.0/16 nhid 2
    - ip route add 10.66.0.0/16 nhid 99
    - ip route add 10.66.0.0/16 nhid 1 via 192.0.2.2
    - ip -6 route add 2001:db8:a6::/48 nhid 1
    ip nexthop del id 4
    """,
)

ENCAPS = Case(
    "encap",
    "RTA_ENCAP of every type that ip can say: accepted ones come back, the others are refused with their request",
    """
    ip route add 10.70.0.0/16 encap ip id 7 dst 198.51.100.7 src 198.51.100.1 tos 3 ttl 64 key csum seq dev v0
    ip route add 10.75.0.0/16 encap ip6 id 12 dst 2001:db8::7 src 2001:db8::1 tc 8 hoplimit 64 key csum seq dev v0
    ip route add 10.77.0.0/16 encap mpls 100/200 via 192.0.2.2
    ip route add 10.78.0.0/16 encap mpls 100 ttl 32 via 192.0.2.2
    ip route add 10.79.0.0/16 encap xfrm if_id 7 link_dev v0 dev v0
    ip route add 10.80.0.0/16 encap xfrm if_id 8 dev v0
    ip -6 route add 2001:db8:70::/48 encap seg6 mode encap segs 2001:db8:f::1,2001:db8:f::2 dev v0
    ip -6 route add 2001:db8:71::/48 encap seg6 mode inline segs 2001:db8:f::1 dev v0
    ip -6 route add 2001:db8:72::/48 encap seg6 mode l2encap segs 2001:db8:f::1 dev v0
    ip -6 route add 2001:db8:73::/48 encap seg6 mode encap.red segs 2001:db8:f::1 dev v0
    ip -6 route add 2001:db8:74::/48 encap seg6 mode l2encap.red segs 2001:db8:f::1 dev v0
    ip route add 10.82.0.0/16 encap seg6 mode encap segs 2001:db8:f::1 dev v0
    ip -6 route add 2001:db8:80::/48 encap seg6local action End dev v0
    ip -6 route add 2001:db8:81::/48 encap seg6local action End count dev v0
    ip -6 route add 2001:db8:82::/48 encap seg6local action End.X nh6 2001:db8::9 dev v0
    ip -6 route add 2001:db8:83::/48 encap seg6local action End.T table 100 dev v0
    ip -6 route add 2001:db8:84::/48 encap seg6local action End.DX2 oif v1 dev v0
    ip -6 route add 2001:db8:85::/48 encap seg6local action End.DX6 nh6 2001:db8::9 dev v0
    ip -6 route add 2001:db8:86::/48 encap seg6local action End.DX4 nh4 192.0.2.9 dev v0
    ip -6 route add 2001:db8:87::/48 encap seg6local action End.DT6 table 100 dev v0
    @ ip link add vr index 90 address 02:00:00:00:00:90 type vrf table 100
    @ ip link set vr up
    sysctl net/vrf/strict_mode=1
    ip -6 route add 2001:db8:88::/48 encap seg6local action End.DT4 vrftable 100 dev v0
    ip -6 route add 2001:db8:89::/48 encap seg6local action End.DT46 vrftable 100 dev v0
    ip -6 route add 2001:db8:8a::/48 encap seg6local action End.B6 srh segs 2001:db8:f::1 dev v0
    ip -6 route add 2001:db8:8b::/48 encap seg6local action End.B6.Encaps srh segs 2001:db8:f::1,2001:db8:f::2 dev v0
    - ip -6 route add 2001:db8:8c::/48 encap seg6local action End flavors psp,usp,usd dev v0
    ip -6 route add 2001:db8:8c::/48 encap seg6local action End flavors psp dev v0
    ip -6 route add 2001:db8:8d::/48 encap seg6local action End flavors next-csid lblen 32 nflen 16 dev v0
    ip -6 route add 2001:db8:90::/48 encap rpl segs 2001:db8:f::1,2001:db8:f::2 dev v0
    ip -6 route add 2001:db8:91::/48 encap ioam6 mode inline trace prealloc type 0x800000 ns 1 size 12 dev v0
    ip -6 route add 2001:db8:92::/48 encap ioam6 freq 1/5 mode encap tundst 2001:db8::9 trace prealloc type 0xc00000 \
        ns 1 size 16 dev v0
    ip -6 route add 2001:db8:93::/48 encap ila 1:2:3:4 csum-mode adj-transport ident-type luid hook-type output via \
        2001:db8::2
    ip -6 route add 2001:db8:94::/48 encap ip6 id 14 dst 2001:db8::8 dev v0
    ip route show 10.70.0.0/16
    ip route show 10.75.0.0/16
    ip -6 route show 2001:db8:70::/48
    ip -6 -s route show 2001:db8:81::/48
    ip -6 route show 2001:db8:8b::/48
    ip route del 10.70.0.0/16
    """,
)

LOOKUPS = Case(
    "lookups",
    "which route: lookups by every selector, fibmatch, cached and cloned answers",
    """
    ip route get 10.1.2.3
    ip route get 10.1.2.3 from 192.0.2.1
    ip route get 10.1.2.3 from 203.0.113.9 iif v1
    ip route get 10.1.2.3 oif v0 mark 7 uid 0 tos 0x10
    ip route get 10.1.2.3 ipproto tcp sport 1000 dport 80
    ip route get fibmatch 10.1.2.3
    ip route get fibmatch 10.42.1.1
    ip route get fibmatch 10.50.1.1
    ip route get fibmatch 10.70.1.1
    ip route get 10.42.1.1
    ip route get 10.50.1.1
    ip route get 127.0.0.1
    ip route get 192.0.2.255
    ip route get 239.1.2.3
    ip route get 255.255.255.255
    ip route get 10.60.1.1
    ip route get to 10.63.1.1 connected
    ip -6 route get 2001:db8:40::1
    ip -6 route get 2001:db8:50::1 from 2001:db8::1 oif v0
    ip -6 route get fibmatch 2001:db8:50::1
    ip -6 route get fibmatch 2001:db8:70::1
    ip -6 route get fibmatch 2001:db8:a2::1
    ip -6 route get 2001:db8:62::1
    ip -6 route get 2001:db8:64::1 from 2001:db8:99::1 iif v0
    ip -6 route get ::1
    ip -6 route get fe80::77 oif v0
    ip -6 route get ff02::1 oif v0
    ip -6 route get 2001:db8:70::1 ipproto udp sport 5 dport 6
    - ip route get 10.9.1.1
    - ip route get 10.10.1.1
    - ip route get 10.11.1.1
    - ip -6 route get 2001:db8:67::1
    - ip route get 10.1.2.3 from 10.99.0.1
    - ip route get fibmatch 10.1.2.3 from 192.0.2.99 iif v1
    """,
)

MPLS = Case(
    "mpls",
    "AF_MPLS routes: label stacks, via of both families, multipath, ttl-propagate",
    """
    sysctl net/mpls/platform_labels=1000
    sysctl net/mpls/conf/v0/input=1
    ip -f mpls route add 100 as 200/300 via inet 192.0.2.2
    ip -f mpls route add 101 via inet6 2001:db8::2 dev v0
    ip -f mpls route add 102 dev lo
    ip -f mpls route add 103 nexthop as 200 via inet 192.0.2.2 nexthop as 201/202 via inet6 2001:db8::2 dev v0
    ip -f mpls route add 104 as 200 via inet 192.0.2.2 ttl-propagate disabled proto static
    ip -f mpls route show
    ip -f mpls route get 100
    ip -f mpls route del 100
    """,
)

CHAPTERS = (Chapter("route", WIRED, (TYPES, CHANGES, METRICS, IPV6, MULTIPATH, VIA, ENCAPS, LOOKUPS, MPLS)),)
