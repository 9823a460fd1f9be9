"""Netfilter (NETLINK_NETFILTER): rules of nftables and iptables-nft, tracked connections and what is told of them."""

import struct

from tools.capture import sockets
from tools.capture.netlink import F_ACK, F_DUMP, F_REQUEST, NETFILTER, attr, be32, message, nest, strz
from tools.capture.scenarios.script import LIBERAL, Ask, Case, Chapter, Do
from tools.capture.scenarios.topology import WIRED

CTNETLINK, EXPECT, TABLES = 1 << 8, 2 << 8, 10 << 8
NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6 = 1, 2, 10
IPCTNL_MSG_CT_GET, IPCTNL_MSG_CT_DELETE, IPCTNL_MSG_CT_GET_CTRZERO = 1, 2, 3
IPCTNL_MSG_CT_GET_STATS_CPU, IPCTNL_MSG_CT_GET_STATS, IPCTNL_MSG_CT_GET_DYING, IPCTNL_MSG_CT_GET_UNCONFIRMED = (
    4,
    5,
    6,
    7,
)
IPCTNL_MSG_EXP_GET, IPCTNL_MSG_EXP_GET_STATS_CPU = 1, 3
NFT_MSG_NEWTABLE, NFT_MSG_GETTABLE, NFT_MSG_GETRULE, NFT_MSG_GETGEN, NFT_MSG_GETRULE_RESET = 0, 1, 7, 16, 25


def nfgenmsg(family: int = 0, res_id: int = 0) -> bytes:
    """struct nfgenmsg."""
    return struct.pack(">BBH", family, 0, res_id)


def ask(why: str, kind: int, *parts: bytes, flags: int = F_ACK) -> Ask:
    """One request."""
    return Ask(why, message(kind, F_REQUEST | flags, *parts), LIBERAL, NETFILTER)


RULES = Case(
    "rules",
    "tables, chains and rules of nftables: every common expression",
    """
    nft add table inet t
    nft add table inet asleep '{ flags dormant; comment "sleeps"; }'
    nft add chain inet t in '{ type filter hook input priority 0; policy accept; }'
    nft add chain inet t early '{ type filter hook prerouting priority -300; }'
    nft add chain inet t plain '{ comment "no hook"; }'
    nft add rule inet t in iifname lo accept
    nft add rule inet t in ct state established,related counter accept
    nft add rule inet t in ip saddr 192.0.2.0/24 tcp dport 22 log prefix '"ssh: "' level warn accept
    nft add rule inet t in ip6 saddr 2001:db8::/32 udp dport 53-60 limit rate 10/second burst 5 packets accept
    nft add rule inet t in tcp dport '{ 80, 443 }' meta mark set 0x7 jump plain
    nft add rule inet t in tcp flags '& (syn|ack) == syn' log group 3 snaplen 64 queue-threshold 4
    nft add rule inet t in meta l4proto icmp icmp type echo-request limit rate over 1 mbytes/second drop
    nft add rule inet t in tcp dport 113 reject with tcp reset
    nft add rule inet t in udp dport 500 reject with icmpx type admin-prohibited
    nft add rule inet t in ip daddr 203.0.113.9 reject with icmp type host-unreachable
    nft add rule inet t in tcp dport 8000-8100 quota over 10 mbytes drop
    nft add rule inet t in meta skuid 1000 ct mark set meta mark
    nft add rule inet t in fib saddr . iif oif missing drop
    nft add rule inet t in rt classid 7 drop
    nft add rule inet t in meta time '"2030-01-01 00:00"' drop
    nft add rule inet t in tcp option maxseg size set rt mtu
    nft add rule inet t in exthdr frag exists drop
    nft add rule inet t in ip dscp set cs1
    nft add rule inet t in meta priority set 1:7 ct zone set 5
    nft add rule inet t in numgen inc mod 3 vmap '{ 0 : accept, 1 : drop, 2 : continue }'
    nft add rule inet t in meta mark set jhash ip saddr mod 7 seed 0x1234 offset 3
    nft add rule inet t in queue flags bypass,fanout to 4-6
    nft add rule inet t in ct count over 20 drop
    nft add rule inet t in socket transparent 1 accept
    nft add rule inet t in ct direction original ct original ip saddr 192.0.2.9 drop
    nft add rule inet t in ip saddr != 192.0.2.1-192.0.2.9 return comment '"not these"'
    nft add rule inet t early notrack
    nft add chain inet t other
    nft add rule inet t plain ip saddr 192.0.2.77 goto other
    nft list ruleset
    nft list chain inet t in
    nft -a list table inet t
    nft insert rule inet t in position 4 tcp dport 23 drop
    nft delete rule inet t in handle 4
    nft add chain inet t in '{ policy drop; }'
    nft delete chain inet t early
    nft flush chain inet t in
    nft rename chain inet t plain simple
    nft flush table inet t
    nft delete table inet asleep
    - nft add rule inet t nowhere accept
    - nft delete table inet nowhere
    - nft add table inet t '{ flags owner; }'
    - nft create table inet t
    nft flush ruleset
    """,
)

NAT = Case(
    "nat",
    "translation of addresses, and what iptables makes of its rules",
    """
    nft add table ip nat
    nft add chain ip nat pre '{ type nat hook prerouting priority dstnat; }'
    nft add chain ip nat post '{ type nat hook postrouting priority srcnat; }'
    nft add rule ip nat pre tcp dport 8080 dnat to 192.0.2.7:80
    nft add rule ip nat pre tcp dport 8081 redirect to :80
    nft add rule ip nat pre ip daddr 192.0.2.40-192.0.2.49 dnat to 198.51.100.40-198.51.100.49 persistent
    nft add rule ip nat post oifname v0 masquerade random
    nft add rule ip nat post ip saddr 10.0.0.0/8 snat to 192.0.2.1-192.0.2.9
    nft add chain ip nat mangle '{ type filter hook prerouting priority -150; }'
    nft add rule ip nat mangle meta l4proto tcp tproxy to 127.0.0.1:3129
    nft add rule ip nat mangle dup to 192.0.2.8 device v0
    nft add rule ip nat mangle tcp flags syn synproxy mss 1460 wscale 7 timestamp sack-perm
    nft add chain ip nat routes '{ type route hook output priority 0; }'
    nft list table ip nat
    nft add table netdev n
    nft add chain netdev n in '{ type filter hook ingress device v0 priority 0; }'
    nft add rule netdev n in ether saddr 02:00:00:00:00:11 fwd to v1
    nft add rule netdev n in vlan id 7 drop
    nft list table netdev n
    nft flush ruleset
    iptables-nft -A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -j ACCEPT
    iptables-nft -A INPUT -m comment --comment "with words" -m limit --limit 5/min -j LOG --log-prefix x
    iptables-nft -t nat -A POSTROUTING -o v0 -j MASQUERADE
    iptables-nft -N mine
    iptables-nft -S
    iptables-nft -L -n -v
    ip6tables-nft -A FORWARD -m mark --mark 7 -j DROP
    nft flush ruleset
    """,
)

SETS = Case(
    "sets",
    "sets, maps, their elements, objects and flow tables",
    """
    nft add table inet s
    nft add set inet s plain '{ type ipv4_addr; comment "addresses"; }'
    nft add set inet s ranges '{ type ipv4_addr; flags interval; auto-merge; }'
    nft add set inet s forgets '{ type ipv4_addr; flags timeout,dynamic; timeout 1h; gc-interval 10s; size 128; counter; }'
    nft add set inet s pairs '{ type ipv4_addr . inet_service; flags interval; }'
    nft add map inet s verdicts '{ type inet_service : verdict; }'
    nft add map inet s marks '{ type ifname : mark; policy memory; }'
    nft add map inet s counters '{ type ipv4_addr : counter; }'
    nft add counter inet s hits
    nft add counter inet s more '{ packets 3 bytes 1500 comment "counted" }'
    nft add quota inet s much '{ over 500 mbytes }'
    nft add limit inet s slowly '{ rate 400/minute }'
    nft add ct helper inet s ftp '{ type "ftp" protocol tcp; }'
    nft add ct timeout inet s quick '{ protocol tcp; policy = { established: 120, close: 20 }; }'
    nft add ct expectation inet s later '{ protocol tcp; dport 9876; timeout 1m; size 12; l3proto ip; }'
    nft add synproxy inet s proxy '{ mss 1460; wscale 7; timestamp sack-perm; }'
    nft add set inet s meters '{ type ipv4_addr; flags dynamic; size 128; }'
    nft add element inet s plain '{ 192.0.2.1, 192.0.2.2 comment "second" }'
    nft add element inet s ranges '{ 10.0.0.0/8, 192.0.2.10-192.0.2.20, 203.0.113.0/24 }'
    nft add element inet s forgets '{ 192.0.2.3 timeout 30m expires 20m }'
    nft add element inet s pairs '{ 192.0.2.0/24 . 80-90, 198.51.100.1 . 443 }'
    nft add element inet s verdicts '{ 22 : accept, 23 : drop }'
    nft add element inet s marks '{ "v0" : 7, "v1" : 8 }'
    nft add element inet s counters '{ 192.0.2.9 : "hits" }'
    nft add chain inet s c '{ type filter hook forward priority 0; }'
    nft add rule inet s c ip saddr @plain counter name '"hits"' drop
    nft add rule inet s c add @meters '{ ip saddr limit rate 5/minute }'
    nft add rule inet s c update @forgets '{ ip saddr timeout 10m counter }'
    nft add rule inet s c tcp dport vmap @verdicts
    nft add rule inet s c counter name ip saddr map @counters
    nft add rule inet s c ip saddr . tcp dport @pairs limit name '"slowly"' accept
    nft add rule inet s c quota name '"much"' drop
    nft add flowtable inet s f '{ hook ingress priority 0; devices = { v0, v1 }; counter; }'
    nft add rule inet s c meta l4proto tcp flow add @f
    nft list ruleset
    nft list set inet s ranges
    nft get element inet s plain '{ 192.0.2.1 }'
    nft list counters
    nft list quotas
    nft list flowtables
    nft reset counters
    nft delete element inet s plain '{ 192.0.2.1 }'
    - nft add element inet s plain '{ 300 }'
    - nft get element inet s plain '{ 192.0.2.99 }'
    - nft delete counter inet s hits
    nft flush set inet s ranges
    nft flush ruleset
    """,
)

BY_HAND = Case(
    "requests",
    "requests of nftables built by hand, right and wrong",
    ask("the generation", TABLES | NFT_MSG_GETGEN, nfgenmsg(), flags=0),
    ask("every table", TABLES | NFT_MSG_GETTABLE, nfgenmsg(), flags=F_DUMP),
    ask("a table that is not there", TABLES | NFT_MSG_GETTABLE, nfgenmsg(NFPROTO_INET), attr(1, strz("nowhere"))),
    ask("a table without a name", TABLES | NFT_MSG_GETTABLE, nfgenmsg(NFPROTO_INET)),
    ask("rules of a table that is not there", TABLES | NFT_MSG_GETRULE, nfgenmsg(), attr(1, strz("no")), flags=F_DUMP),
    ask("a change outside of a batch", TABLES | NFT_MSG_NEWTABLE, nfgenmsg(NFPROTO_INET), attr(1, strz("t"))),
    ask("rules, and set their counters to zero", TABLES | NFT_MSG_GETRULE_RESET, nfgenmsg(), flags=F_DUMP),
    Ask(
        "a batch of another generation",
        message(16, F_REQUEST, nfgenmsg(0, 10), attr(1, be32(1)), seq=1)
        + message(TABLES | NFT_MSG_NEWTABLE, F_REQUEST | F_ACK, nfgenmsg(NFPROTO_INET), attr(1, strz("t")), seq=2)
        + message(17, F_REQUEST, nfgenmsg(0, 10), seq=3),
        LIBERAL,
        NETFILTER,
    ),
    Ask(
        "a batch with something wrong in it",
        message(16, F_REQUEST, nfgenmsg(0, 10), seq=1)
        + message(TABLES | NFT_MSG_NEWTABLE, F_REQUEST | F_ACK, nfgenmsg(NFPROTO_INET), seq=2)
        + message(17, F_REQUEST, nfgenmsg(0, 10), seq=3),
        LIBERAL,
        NETFILTER,
    ),
    ask("a subsystem that nobody has", 99 << 8, nfgenmsg()),
    ask("half a header", TABLES | NFT_MSG_GETTABLE, b"\1"),
)

TRACKED = Case(
    "conntrack",
    "tracked connections: what happens, dumps, changes",
    """
    sysctl net/netfilter/nf_conntrack_acct=1
    sysctl net/netfilter/nf_conntrack_timestamp=1
    @ nft add table inet t
    @ nft add chain inet t out '{ type filter hook output priority 0; }'
    @ nft add rule inet t out ct state new accept
    @ nft add table ip nat
    @ nft add chain ip nat out '{ type nat hook output priority -100; }'
    @ nft add rule ip nat out tcp dport 8080 dnat to 127.0.0.1:80
    """,
    Do("a TCP connection", sockets.talk_tcp),
    Do("datagrams of UDP", sockets.talk_udp),
    Do("echoes", sockets.talk_icmp),
    """
    conntrack -L
    conntrack -L -f ipv6
    conntrack -I -s 192.0.2.1 -d 192.0.2.2 -p tcp --sport 1000 --dport 80 --state ESTABLISHED -u ASSURED,SEEN_REPLY -t 600 -m 7
    conntrack -I -s 192.0.2.1 -d 192.0.2.3 -p udp --sport 1001 --dport 53 -t 60 --dst-nat 198.51.100.7 -w 5
    conntrack -I -s 192.0.2.1 -d 192.0.2.3 -p sctp --sport 1001 --dport 80 -t 60 --state ESTABLISHED --orig-vtag 1 --reply-vtag 2
    conntrack -I -s 192.0.2.1 -d 192.0.2.4 -p icmp --icmp-type 8 --icmp-code 0 --icmp-id 7 -t 60
    conntrack -I -s 2001:db8::1 -d 2001:db8::2 -p icmpv6 --icmpv6-type 128 --icmpv6-code 0 --icmpv6-id 7 -t 60
    conntrack -I -s 192.0.2.1 -d 192.0.2.5 -p gre --srckey 1 --dstkey 2 -t 60
    conntrack -U -s 192.0.2.1 -p tcp -m 9 -t 300
    conntrack -G -s 192.0.2.1 -d 192.0.2.2 -p tcp --sport 1000 --dport 80
    conntrack -L -z
    conntrack -L -m 9/0xff
    conntrack -S
    conntrack -C
    conntrack -L dying
    conntrack -L unconfirmed
    conntrack -I exp -s 192.0.2.1 -d 192.0.2.2 -p tcp --sport 1000 --dport 80 --tuple-src 192.0.2.2 --tuple-dst 192.0.2.1 \
        --tuple-port-src 20 --tuple-port-dst 3000 --mask-src 255.255.255.255 --mask-dst 255.255.255.255 \
        --mask-port-src 0 --mask-port-dst 65535 -t 60
    conntrack -L exp
    conntrack -S exp
    conntrack -F exp
    conntrack -D -p udp --dport 53
    - conntrack -D -s 203.0.113.99
    """,
    ask("everything of every family", CTNETLINK | IPCTNL_MSG_CT_GET, nfgenmsg(), flags=F_DUMP),
    ask("counters, and set them to zero", CTNETLINK | IPCTNL_MSG_CT_GET_CTRZERO, nfgenmsg(NFPROTO_IPV4), flags=F_DUMP),
    ask("how many", CTNETLINK | IPCTNL_MSG_CT_GET_STATS, nfgenmsg(), flags=0),
    ask("one without a tuple", CTNETLINK | IPCTNL_MSG_CT_GET, nfgenmsg(NFPROTO_IPV4)),
    ask(
        "a tuple without addresses",
        CTNETLINK | IPCTNL_MSG_CT_GET,
        nfgenmsg(NFPROTO_IPV4),
        nest(1, nest(2, attr(1, b"\6"))),
    ),
    ask("expectations", EXPECT | IPCTNL_MSG_EXP_GET, nfgenmsg(), flags=F_DUMP),
    ask("expectations' counters", EXPECT | IPCTNL_MSG_EXP_GET_STATS_CPU, nfgenmsg(), flags=F_DUMP),
    "conntrack -F",
)

CHAPTERS = (Chapter("netfilter", WIRED, (RULES, NAT, SETS, BY_HAND, TRACKED), hears=NETFILTER),)
