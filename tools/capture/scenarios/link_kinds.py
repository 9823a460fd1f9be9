"""Kinds of links, each made, shown and removed. What this kernel lacks is a request and its refusal, as real as any."""

from tools.capture.scenarios.script import Case, Chapter, each
from tools.capture.scenarios.topology import VETH

KINDS = Case(
    "kinds",
    "kinds of links: the options of each, and what the kernel makes of them or the refusal that quotes them",
    each(
        """
    ip link add k0 index 70 type dummy
    ip link add k0 index 70 link v0 type vlan id 100 protocol 802.1ad reorder_hdr off gvrp on mvrp on loose_binding on \
        bridge_binding on ingress-qos-map 1:2 3:4 egress-qos-map 5:6
    ip link add k0 index 70 type bond mode 802.3ad miimon 100 updelay 200 downdelay 200 lacp_rate fast ad_select \
        bandwidth \
        xmit_hash_policy layer3+4 min_links 1 all_slaves_active 1 use_carrier 1 peer_notify_delay 1000 ad_user_port_key 5 \
        ad_actor_sys_prio 1 ad_actor_system 02:00:00:00:00:70 lacp_active on
    ip link add k0 index 70 type bond mode active-backup arp_interval 100 arp_ip_target 192.0.2.7,192.0.2.8 \
        ns_ip6_target 2001:db8::7 arp_validate all arp_all_targets any primary_reselect better fail_over_mac active \
        num_grat_arp 3 arp_missed_max 3
    ip link add k0 index 70 type bond mode balance-tlb tlb_dynamic_lb 0 lp_interval 10 resend_igmp 2
    ip link add k0 index 70 type bond mode balance-rr packets_per_slave 2
    ip link add k0 index 70 type vrf table 4711
    ip link add k0 index 70 link v0 type ipvlan mode l3s private
    ip link add k0 index 70 link v0 type ipvtap mode l2 vepa
    ip link add k0 index 70 type nlmon
    ip link add k0 index 70 type gre local 192.0.2.1 remote 192.0.2.2 ttl 64 tos inherit ikey 0.0.0.1 okey 0.0.0.2 \
        iseq oseq \
        icsum ocsum pmtudisc encap fou encap-sport auto encap-dport 5555 encap-csum dev v0 fwmark 7
    ip link add k0 index 70 type gretap local 192.0.2.1 remote 192.0.2.2 key 7 nopmtudisc ignore-df
    ip link add k0 index 70 type gre external
    ip link add k0 index 70 type erspan local 192.0.2.1 remote 192.0.2.2 seq key 7 erspan_ver 1 erspan 123
    ip link add k0 index 70 type erspan local 192.0.2.1 remote 192.0.2.2 seq key 7 erspan_ver 2 erspan_dir egress \
        erspan_hwid 17
    ip link add k0 index 70 type ip6gre local 2001:db8::1 remote 2001:db8::2 hoplimit 64 encaplimit 4 tclass 0x10 \
        flowlabel 0x12345
    ip link add k0 index 70 type ip6gretap local 2001:db8::1 remote 2001:db8::2 encaplimit none tclass inherit \
        flowlabel inherit
    ip link add k0 index 70 type ip6erspan local 2001:db8::1 remote 2001:db8::2 seq key 7 erspan_ver 1 erspan 5
    ip link add k0 index 70 type ipip local 192.0.2.1 remote 192.0.2.2 ttl 64 mode any pmtudisc encap gue \
        encap-sport 5 encap-dport 6
    ip link add k0 index 70 type sit local 192.0.2.1 remote 192.0.2.2 mode ip6ip 6rd-prefix 2001:db8::/32 \
        6rd-relay_prefix 10.0.0.0/8 isatap
    ip link add k0 index 70 type ip6tnl local 2001:db8::1 remote 2001:db8::2 mode ipip6 hoplimit 64 encaplimit 4 \
        tclass 4 flowlabel 5 allow-localremote fwmark 9
    ip link add k0 index 70 type vti local 192.0.2.1 remote 192.0.2.2 key 7 fwmark 3
    ip link add k0 index 70 type vti6 local 2001:db8::1 remote 2001:db8::2 ikey 5 okey 6
    ip link add k0 index 70 type xfrm dev v0 if_id 77
    ip link add k0 index 70 type geneve id 7 remote 192.0.2.2 ttl 64 tos 8 dstport 6081 udpcsum df set
    ip link add k0 index 70 type geneve id 7 remote 2001:db8::2 flowlabel 3
    ip link add k0 index 70 type geneve external innerprotoinherit udp6zerocsumtx udp6zerocsumrx
    ip link add k0 index 70 type bareudp dstport 6635 ethertype mpls_uc srcportmin 20000 multiproto
    ip link add k0 index 70 type gtp role sgsn hsize 1024 restart_count 2
    ip link add k0 index 70 link v0 type macsec port 11 encrypt on cipher gcm-aes-256 icvlen 16 protect on send_sci \
        on end_station off \
        scb off replay on window 64 validate strict encodingsa 2
    ip link add k0 index 70 type hsr slave1 v0 slave2 v1 supervision 45 version 1
    ip link add k0 index 70 type hsr slave1 v0 slave2 v1 supervision 46 proto 1
    ip link add k0 index 70 type can bitrate 500000 dbitrate 2000000 fd on sample-point 0.875 restart-ms 100 \
        loopback on listen-only on \
        triple-sampling on berr-reporting on one-shot on termination 120
    ip link add k0 index 70 type vcan
    ip link add k0 index 70 type vxcan peer name k1
    ip link add k0 index 70 type wireguard
    ip link add k0 index 70 type team
    ip link add k0 index 70 link v0 type rmnet mux_id 5
    ip link add k0 index 70 link v0 type lowpan
    ip link add k0 index 70 link v0 type ipoib pkey 0x8001 mode datagram umcast 1
    ip link add k0 index 70 type netdevsim
    ip link add k0 index 70 type amt mode gateway local 192.0.2.1 discovery 192.0.2.2 dev v0
    ip link add k0 index 70 type batadv ra BATMAN_IV
    ip link add k0 index 70 type virt_wifi link v0
    ip link add k0 index 70 link v0 type dsa
    ip link add k0 index 70 link v0 type wwan linkid 5
    """,
        "- ip -d link show k0",
        "- ip link del k0",
    ),
)

MASTERS = Case(
    "masters",
    "links under a bond, a team, a vrf: what a slave says of itself and of its master",
    """
    ip link add k0 index 70 address 02:00:00:00:00:70 type bond mode active-backup miimon 100
    @ ip link set v0 down
    ip link set v0 master k0
    ip link set v0 type bond_slave queue_id 3 prio 7
    ip link set k0 up
    ip link set k0 type bond active_slave v0
    wait 0.3
    ip -d link show v0
    ip -d -s link show k0
    ip link set v0 nomaster
    ip link del k0
    ip link add k0 index 70 address 02:00:00:00:00:70 type bond mode 802.3ad miimon 100
    ip link set v0 master k0
    ip link set k0 up
    wait 0.3
    ip -d link show v0
    ip -d link show k0
    ip link del k0
    ip link add k0 index 70 address 02:00:00:00:00:70 type vrf table 4711
    ip link set k0 up
    ip link set v0 up
    ip link set v0 master k0
    ip -d link show v0
    ip -d link show vrf k0
    ip link set v0 nomaster
    ip link del k0
    """,
)

CHAPTERS = (Chapter("link", VETH, (KINDS, MASTERS)),)
