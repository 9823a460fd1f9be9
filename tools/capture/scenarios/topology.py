"""The wires that chapters start from: fixed names of equal length, indexes, MACs and addresses.

v0 (10) ---- v1 (11)                      both here
w0 (12) ---- w1 (13, in the peer namespace)
"""

CALM = """
    sysctl net/ipv6/conf/default/accept_dad=0
    sysctl net/ipv6/conf/default/router_solicitations=0
    sysctl net/ipv6/conf/all/forwarding=1
    sysctl net/ipv4/ip_forward=1
    ip link set lo up
"""

VETH = f"""
    {CALM}
    ip link add v0 index 10 address 02:00:00:00:00:10 type veth peer name v1 index 11 address 02:00:00:00:00:11
    ip link set v0 up
    ip link set v1 up
"""

WIRED = f"""
    {VETH}
    ip address add 192.0.2.1/24 dev v0
    ip address add 203.0.113.1/24 dev v1
    ip address add 2001:db8::1/64 dev v0 nodad
    ip address add 2001:db8:1::1/64 dev v1 nodad
"""

ACROSS = f"""
    {WIRED}
    ip link add w0 index 12 address 02:00:00:00:00:12 type veth peer name w1 index 13 address 02:00:00:00:00:13
    ip link set w1 netns PEER
    ip link set w0 up
    peer ip link set lo up
    peer ip link set w1 up
    ip address add 198.51.100.1/24 dev w0
    peer ip address add 198.51.100.2/24 dev w1
"""

RICH = """
ip link set lo up
ip link add v0 index 10 mtu 1400 address 02:00:00:00:00:10 type veth peer name v1 index 11 address 02:00:00:00:00:11
ip link add br0 index 20 address 02:00:00:00:00:20 type bridge mcast_querier 1 forward_delay 700
ip link add b0 index 21 type veth peer name b1 index 22
ip link set b0 master br0
ip link add x0 index 23 type vxlan id 4711 dstport 4789 dev v0 remote 192.0.2.99
ip link add m0 index 24 link v1 type macvlan mode bridge
ip link add i0 index 25 type ifb
ip link set v0 alias the-first
ip link property add dev v0 altname a-name-that-is-much-longer
ip link set m0 addrgenmode none
ip link set v0 up
ip link set v1 up
ip link set br0 up
ip link set b0 up
ip link set b1 up
ip link set x0 up
ip link set m0 up
ip link set i0 up
bridge link set dev b0 cost 50 hairpin on learning off
ip address add 192.0.2.1/24 dev v0
ip address add 192.0.2.77/24 dev v0 label v0:second
ip address add 10.255.0.1 peer 10.255.0.2/32 dev b1
ip address add 203.0.113.1/24 dev v1
ip address add 2001:db8::1/64 dev v0 nodad
ip route add 10.0.0.0/8 via 192.0.2.2 metric 5 mtu 1300
ip route add 10.1.0.0/16 nexthop via 192.0.2.2 weight 3 nexthop via 203.0.113.2
ip route add blackhole 10.2.0.0/16
ip route add 10.3.0.0/16 dev v0 table 1000
ip route append 10.3.0.0/16 via 192.0.2.9 table 1000
ip -6 route add 2001:db8:5::/48 via 2001:db8::2 metric 7
ip -6 route add unreachable 2001:db8:6::/48
ip rule add from 192.0.2.0/24 fwmark 7 table 1000 priority 100
ip rule add not iif v0 ipproto tcp dport 80-90 table 1000 priority 200
ip -6 rule add from 2001:db8::/32 blackhole priority 300
ip neigh add 192.0.2.10 lladdr 02:00:00:00:01:10 dev v0
ip neigh add 192.0.2.11 lladdr 02:00:00:00:01:11 dev v0 nud stale
ip neigh add proxy 192.0.2.12 dev v0
ip -6 neigh add 2001:db8::10 lladdr 02:00:00:00:01:10 dev v0 router
bridge fdb add 02:00:00:00:03:01 dev b0 master static
bridge fdb add 02:00:00:00:04:01 dev x0 dst 192.0.2.41
bridge mdb add dev br0 port b0 grp 239.1.1.1 permanent
bridge mdb add dev br0 port b0 grp 239.1.1.2 src 192.0.2.9 permanent
ip nexthop add id 1 via 192.0.2.2 dev v0
ip nexthop add id 2 via 203.0.113.2 dev v1
ip nexthop add id 3 group 1,2/2
ip nexthop add id 4 blackhole
ip route add 10.4.0.0/16 nhid 3
ip addrlabel add prefix 2001:db8:9::/48 label 77
tc qdisc add dev v0 root handle 1: htb default 10
tc class add dev v0 parent 1: classid 1:1 htb rate 10mbit
tc class add dev v0 parent 1:1 classid 1:10 htb rate 5mbit ceil 10mbit
tc qdisc add dev v0 parent 1:10 handle 10: pfifo limit 50
tc qdisc add dev v1 clsact
tc filter add dev v0 parent 1: protocol ip prio 2 u32 match ip dst 10.9.0.0/16 flowid 1:10
"""
"""A namespace with a little of everything, as a shell script: what snapshots are made of."""
