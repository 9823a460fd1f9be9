"""Traffic control: qdiscs, classes, filters, actions; those this kernel lacks are refused with their request recorded."""

import struct

from tools.capture.netlink import F_ACK, F_CREATE, F_DUMP, F_EXCL, F_REQUEST, RTM, attr, message, nest, strz, u32
from tools.capture.scenarios.script import LIBERAL, STRICT, Ask, Case, Chapter, Do, each
from tools.capture.scenarios.topology import ACROSS

TCA_KIND, TCA_OPTIONS, TCA_RATE, TCA_CHAIN, TCA_STAB, TCA_DUMP_INVISIBLE, TCA_DUMP_FLAGS = 1, 2, 5, 11, 8, 10, 15
TC_H_ROOT, TC_H_INGRESS = 0xFFFFFFFF, 0xFFFFFFF1


def tcmsg(index: int = 0, handle: int = 0, parent: int = 0, info: int = 0, family: int = 0) -> bytes:
    """struct tcmsg."""
    return struct.pack("=BxxxiIII", family, index, handle, parent, info)


def dump(why: str, kind: int, body: bytes, *attributes: bytes, options: tuple[int, ...] = STRICT) -> Ask:
    """One dump."""
    return Ask(why, message(kind, F_REQUEST | F_DUMP, body, *attributes), options)


QDISCS = Case(
    "qdiscs",
    "queueing disciplines: those of this kernel with their statistics, the others as tc asks for them",
    """
    tc qdisc show
    tc qdisc add dev v0 root handle 1: htb default 10 r2q 20 direct_qlen 100
    tc qdisc replace dev v0 root handle 2: tbf rate 1mbit burst 10kb latency 50ms peakrate 2mbit mtu 1540
    tc qdisc change dev v0 root handle 2: tbf rate 2mbit burst 20kb limit 100kb
    tc -s -d qdisc show dev v0
    tc qdisc replace dev v0 root handle 3: tbf rate 40gbit burst 1mb latency 1ms
    tc -s qdisc show dev v0
    tc qdisc del dev v0 root
    tc qdisc add dev v0 root handle 4: pfifo limit 100
    tc qdisc replace dev v0 root handle 5: bfifo limit 100000
    tc qdisc replace dev v0 root handle 6: pfifo_head_drop limit 50
    tc qdisc del dev v0 root
    tc qdisc add dev v0 stab mtu 1500 tsize 512 mpu 64 overhead 24 linklayer atm root handle 8: htb
    tc qdisc show dev v0
    tc qdisc del dev v0 root
    tc qdisc add dev v0 estimator 1sec 8sec root handle 9: pfifo
    tc -s qdisc show dev v0
    tc qdisc del dev v0 root
    tc qdisc add dev v0 ingress
    tc qdisc add dev v1 clsact
    - tc qdisc add dev v1 ingress_block 7 clsact
    tc qdisc show dev v1
    tc qdisc show dev v0 ingress
    tc qdisc show invisible
    tc qdisc del dev v1 clsact
    tc qdisc add dev v1 ingress_block 7 egress_block 8 clsact
    tc -d qdisc show dev v1
    tc qdisc replace dev v0 root noqueue
    - tc qdisc del dev v0 root
    - tc qdisc add dev v0 root handle 1: nonesuch
    - tc qdisc del dev v1 root
    - tc qdisc change dev v1 root handle 77: htb
    - tc qdisc add dev v0 parent 77:1 handle 78: pfifo
    """,
)

KINDS = Case(
    "kinds",
    "queueing disciplines of every kind with its options: what the kernel makes of them, or its refusal",
    "@ ip link add q0 index 40 address 02:00:00:00:00:40 numtxqueues 4 numrxqueues 4 type veth peer name q1",
    each(
        """
    tc qdisc add dev q0 root handle 1: mq
    tc qdisc add dev q0 root handle 1: multiq
    tc qdisc add dev q0 root handle 1: mqprio num_tc 2 map 0 0 1 1 queues 1@0 1@1 hw 0
    tc qdisc add dev q0 root handle 1: taprio num_tc 2 map 0 1 queues 1@0 1@1 base-time 100 sched-entry S 01 300000 \
        sched-entry S 02 400000 clockid CLOCK_TAI
    """,
        "- tc -s -d qdisc show dev q0",
        "- tc -s class show dev q0",
        "- tc qdisc del dev q0 root",
    ),
    each(
        """
    tc qdisc add dev v0 root handle 1: prio bands 4 priomap 0 1 2 3 3 2 1 0 0 1 2 3 3 2 1 0
    tc qdisc add dev v0 root handle 1: pfifo_fast
    tc qdisc add dev v0 root handle 1: fq_codel limit 1000 flows 512 target 3ms interval 40ms quantum 1000 ecn \
        ce_threshold 1ms memory_limit 1mb drop_batch 32
    tc qdisc add dev v0 root handle 1: sfq limit 100 perturb 10 quantum 1500 divisor 512 depth 50 headdrop \
        redflowlimit 60000 min 8000 max 30000 probability 0.1 ecn
    tc qdisc add dev v0 root handle 1: netem delay 10ms 2ms 25% distribution normal loss 1% 25% duplicate 1% reorder \
        5% 50% gap 3 corrupt 0.1% rate 1mbit 10 20 5 slot 1ms 2ms ecn
    tc qdisc add dev v0 root handle 1: netem loss gemodel 1% 10% 70% 0.1%
    tc qdisc add dev v0 root handle 1: netem loss state 1% 2% 3% 4% 5%
    tc qdisc add dev v0 root handle 1: red limit 100kb min 10kb max 30kb avpkt 1000 burst 20 bandwidth 10mbit \
        probability 0.02 ecn harddrop adaptive
    tc qdisc add dev v0 root handle 1: gred setup DPs 4 default 1 grio
    tc qdisc add dev v0 root handle 1: choke limit 100 bandwidth 10mbit ecn
    tc qdisc add dev v0 root handle 1: sfb limit 100 target 20
    tc qdisc add dev v0 root handle 1: fq limit 1000 flow_limit 100 quantum 3000 initial_quantum 10000 maxrate 1mbit \
        buckets 512 pacing ce_threshold 1ms
    tc qdisc add dev v0 root handle 1: codel limit 1000 target 3ms interval 40ms ecn ce_threshold 1ms
    tc qdisc add dev v0 root handle 1: cake bandwidth 10mbit diffserv4 dual-srchost nat wash split-gso overhead 44 \
        mpu 84 ack-filter rtt 50ms memlimit 1mb fwmark 255
    tc qdisc add dev v0 root handle 1: pie limit 1000 target 20ms tupdate 30ms alpha 2 beta 20 ecn
    tc qdisc add dev v0 root handle 1: fq_pie limit 1000 flows 512 target 20ms
    tc qdisc add dev v0 root handle 1: hhf limit 1000 quantum 1500 hh_limit 2048 reset_timeout 40ms admit_bytes 131072 \
        evict_timeout 1s non_hh_weight 2
    tc qdisc add dev v0 root handle 1: drr
    tc qdisc add dev v0 root handle 1: qfq
    tc qdisc add dev v0 root handle 1: hfsc default 1
    tc qdisc add dev v0 root handle 1: ets bands 4 strict 2 quanta 1000 2000 priomap 3 2 1 0
    tc qdisc add dev v0 root handle 1: cbs locredit -1470 hicredit 30 sendslope -980000 idleslope 20000 offload 0
    tc qdisc add dev v0 root handle 1: etf clockid CLOCK_TAI delta 200000 deadline_mode
    tc qdisc add dev v0 root handle 1: skbprio limit 64
    tc qdisc add dev v0 root handle 1: plug
    """,
        "- tc -s -d qdisc show dev v0",
        "- tc qdisc del dev v0 root",
    ),
)

CLASSES = Case(
    "classes",
    "htb classes with leaves, marked traffic and statistics",
    """
    tc qdisc add dev w0 root handle 1: htb default 30
    tc class add dev w0 parent 1: classid 1:1 htb rate 10mbit ceil 10mbit
    tc class add dev w0 parent 1:1 classid 1:10 htb rate 1mbit ceil 5mbit burst 15k cburst 20k prio 1 quantum 3000 \
        mtu 1600 mpu 64 overhead 24 linklayer ethernet
    tc class add dev w0 parent 1:1 classid 1:20 htb rate 40gbit ceil 80gbit
    tc class add dev w0 parent 1:1 estimator 1sec 8sec classid 1:30 htb rate 1mbit
    tc qdisc add dev w0 parent 1:10 handle 10: pfifo limit 50
    tc qdisc add dev w0 parent 1:20 handle 20: tbf rate 1mbit burst 10kb latency 50ms
    tc class change dev w0 classid 1:20 htb rate 2mbit
    """,
    Do("traffic through the default class", lambda stage: stage.send_to("198.51.100.2", count=10)),
    """
    tc -s class show dev w0
    tc -s -d qdisc show dev w0
    tc class show dev w0 parent 1:1
    tc class show dev v0
    tc class del dev w0 classid 1:20
    - tc class del dev w0 classid 1:1
    - tc class add dev w0 parent 1:1 classid 1:40 htb ceil 1mbit
    - tc class add dev w0 parent 9:9 classid 9:10 htb rate 1mbit
    tc qdisc add dev v0 root handle 1: drr
    tc class add dev v0 parent 1: classid 1:1 drr quantum 1000
    tc -s class show dev v0
    @ tc qdisc del dev v0 root
    tc qdisc add dev v0 root handle 1: qfq
    tc class add dev v0 parent 1: classid 1:1 qfq weight 10 maxpkt 2000
    tc -s class show dev v0
    @ tc qdisc del dev v0 root
    tc qdisc add dev v0 root handle 1: hfsc default 1
    tc class add dev v0 parent 1: classid 1:1 hfsc sc umax 1500 dmax 10ms rate 1mbit ul rate 2mbit
    tc -s class show dev v0
    @ tc qdisc del dev v0 root
    tc qdisc add dev v0 root handle 1: ets bands 2 quanta 1000 2000
    tc class change dev v0 classid 1:1 ets quantum 3000
    tc -s class show dev v0
    @ tc qdisc del dev v0 root
    """,
)

FILTERS = Case(
    "filters",
    "filters: u32 with its tables, keys, marks and actions; bpf; the others as tc asks for them",
    """
    tc filter add dev w0 parent 1: protocol ip prio 1 u32 match ip dst 10.0.0.0/8 match ip dport 80 0xffff flowid 1:10
    tc filter add dev w0 parent 1: protocol ip prio 2 handle 3: u32 divisor 16
    tc filter add dev w0 parent 1: protocol ip prio 2 u32 ht 3:5: match u32 0x0a000000 0xff000000 at 12 flowid 1:10
    tc filter add dev w0 parent 1: protocol ip prio 2 u32 link 3: hashkey mask 0x0000ff00 at 12 match ip src 10.0.0.0/8
    tc filter add dev w0 parent 1: protocol ipv6 prio 3 u32 match ip6 dst 2001:db8::/32 flowid 1:30
    tc filter add dev w0 parent 1: protocol all prio 4 u32 match mark 7 0xff flowid 1:10
    tc filter add dev w0 parent 1: protocol ip prio 5 u32 match ip protocol 17 0xff at nexthdr+0 match u8 0 0 flowid \
        1:30 \
        action mirred egress mirror dev v1 pipe action mirred egress redirect dev v1
    tc filter add dev w0 parent 1: protocol 802.1q prio 6 u32 match u32 0 0 offset plus 4 flowid 1:30 skip_hw
    tc filter add dev w0 parent 1: protocol all prio 7 handle 1 bpf bytecode '4,40 0 0 12,21 0 1 2048,6 0 0 4294967295,6 0 0 0' \
        flowid 1:10
    tc -s -d filter show dev w0
    tc filter show dev w0 parent 1: prio 5
    tc filter get dev w0 parent 1: protocol ip prio 1 handle 800::800 u32
    tc filter add dev v0 ingress protocol all prio 1 u32 match u32 0 0 action mirred egress redirect dev v1
    tc filter add block 7 protocol ip chain 5 prio 1 u32 match u32 0 0 classid 1:1
    tc filter add block 7 protocol ip prio 2 u32 match u32 0 0 classid 1:1
    tc -s filter show dev v0 ingress
    tc filter show block 7
    tc filter replace dev v0 ingress protocol all prio 1 handle 800::800 u32 match u32 0 0 action mirred ingress \
        mirror dev v1
    tc filter del dev v0 ingress prio 1
    tc filter del dev w0 parent 1: prio 1
    tc filter del dev w0
    tc filter add dev w0 parent 1: prio 10 matchall classid 1:10
    tc filter add dev w0 parent 1: protocol ip prio 11 flower src_ip 10.0.0.0/8 dst_ip 10.1.0.0/16 ip_proto tcp \
        src_port 80 dst_port 1000-2000 tcp_flags 2/3 \
        ip_tos 8/0xfc ip_ttl 64 dst_mac 02:00:00:00:00:01 src_mac 02:00:00:00:00:02 action drop
    tc filter add dev w0 parent 1: protocol 802.1q prio 12 flower vlan_id 5 vlan_prio 3 vlan_ethtype ipv6 dst_ip \
        2001:db8::/32 ip_flags frag/firstfrag classid 1:10
    tc filter add dev w0 parent 1: protocol mpls_uc prio 13 flower mpls_label 5 mpls_tc 1 mpls_bos 1 mpls_ttl 3
    tc filter add dev w0 parent 1: protocol mpls_uc prio 13 flower mpls lse depth 1 label 5 lse depth 2 tc 1
    tc filter add dev w0 parent 1: protocol ip prio 14 flower enc_key_id 5 enc_dst_ip 10.0.0.1 enc_dst_port 4789 \
        geneve_opts 0102:80:01020304/ffff:ff:ffffffff ct_state +trk+est ct_zone 7
    tc filter add dev w0 parent 1: protocol arp prio 15 flower arp_op request arp_tip 192.0.2.1 arp_sha \
        02:00:00:00:00:01
    tc filter add dev w0 parent 1: protocol ip prio 16 basic match 'cmp(u16 at 0 layer 2 mask 0xff gt 20) and not meta(fwmark eq 5)' \
        classid 1:10
    tc filter add dev w0 parent 1: protocol ip prio 17 handle 5/0xff fw classid 1:10
    tc filter add dev w0 parent 1: protocol ip prio 18 route from 5 to 6 classid 1:10
    tc filter add dev w0 parent 1: protocol ip prio 19 handle 1 flow map key dst rshift 3 addend 5 divisor 8 \
        baseclass 1:10
    tc filter add dev w0 parent 1: protocol ip prio 20 handle 1 cgroup
    tc -s -d filter show dev w0
    tc chain add block 7 chain 9 protocol ip flower dst_ip 10.0.0.0/8
    tc chain add block 7 chain 10
    tc chain show block 7
    tc chain del block 7 chain 10
    - tc filter add dev w0 parent 1: protocol ip prio 1 u32 match u32 0 0 flowid 1:10 action nonesuch
    - tc filter add dev w0 parent 9: protocol ip prio 1 u32 match u32 0 0
    - tc filter del dev w0 parent 1: prio 99
    - tc filter get dev w0 parent 1: protocol ip prio 1 handle 800::999 u32
    """,
)

ACTIONS = Case(
    "actions",
    "actions on their own (RTM_NEWACTION)",
    """
    tc actions add action mirred egress redirect dev v1 index 5
    tc actions add action mirred egress mirror dev v1 pipe index 6 cookie deadbeef
    tc actions add action mirred ingress redirect dev v1 index 7 no_percpu
    tc -s actions show action mirred
    tc actions list action mirred since 100000
    tc actions get action mirred index 5
    tc actions change action mirred egress redirect dev v0 index 5
    tc actions del action mirred index 6
    tc actions flush action mirred
    tc actions add action gact drop index 5
    tc actions add action pass random determ drop 10 index 6
    tc actions add action police rate 1mbit burst 10k mtu 2000 conform-exceed drop/pipe index 5
    tc actions add action vlan push id 5 protocol 802.1ad priority 3 index 5
    tc actions add action skbedit priority 1:2 queue_mapping 3 mark 4/5 ptype host index 5
    tc actions add action pedit ex munge ip ttl set 63 munge tcp dport set 80 pipe action csum ip and tcp index 5
    tc actions add action nat ingress 10.0.0.0/8 10.1.0.0 index 5
    tc actions add action tunnel_key set src_ip 10.0.0.1 dst_ip 10.0.0.2 id 5 dst_port 4789 ttl 64 csum index 5
    tc actions add action ct commit zone 5 mark 6/7 nat src addr 10.0.0.1-10.0.0.9 port 1000-2000 index 5
    tc actions add action mpls push protocol mpls_uc label 5 tc 1 ttl 64 bos 1 index 5
    tc actions add action sample rate 100 group 5 trunc 64 index 5
    # tc reads 32 bytes whatever the text is
    tc actions add action simple sdata exactly-thirty-one-letters-long index 5
    tc actions add action connmark zone 5 index 5
    tc actions add action ctinfo dscp 0xfc000000 0x01000000 zone 1 index 5
    tc actions add action skbmod set dmac 02:00:00:00:00:01 index 5
    tc actions add action ife encode type 0xed3e allow mark index 5
    tc actions add action gate base-time 100 sched-entry open 200000000 -1 8000000 sched-entry close 100000000 index 5
    tc actions add action bpf bytecode '1,6 0 0 4294967295' index 5
    # what each kind says of itself
    tc -s actions list action gact
    tc -s actions list action police
    tc -s actions list action vlan
    tc -s actions list action skbedit
    tc -s actions list action pedit
    tc -s actions list action csum
    tc -s actions list action nat
    tc -s actions list action tunnel_key
    tc -s actions list action ct
    tc -s actions list action mpls
    tc -s actions list action sample
    tc -s actions list action simple
    tc -s actions list action connmark
    tc -s actions list action ctinfo
    tc -s actions list action skbmod
    tc -s actions list action ife
    tc -s actions list action gate
    tc -s actions list action bpf
    - tc actions get action mirred index 99
    - tc actions del action mirred index 99
    """,
)

BY_HAND = Case(
    "requests",
    "requests as other programs make them, and wrong ones",
    dump("qdiscs, liberal", RTM.GETQDISC, tcmsg(), options=LIBERAL),
    dump("qdiscs of one link with invisible ones", RTM.GETQDISC, tcmsg(12), attr(TCA_DUMP_INVISIBLE)),
    dump("filters, terse", RTM.GETTFILTER, tcmsg(12, parent=0x10000), attr(TCA_DUMP_FLAGS, struct.pack("=II", 1, 1))),
    dump("classes without a link", RTM.GETTCLASS, tcmsg()),
    dump("a qdisc dump with an attribute that has no place", RTM.GETQDISC, tcmsg(), attr(TCA_RATE, bytes(2))),
    Ask(
        "a qdisc without a kind",
        message(RTM.NEWQDISC, F_REQUEST | F_ACK | F_CREATE | F_EXCL, tcmsg(10, 0x10000, TC_H_ROOT)),
    ),
    Ask(
        "a kind without its NUL",
        message(RTM.NEWQDISC, F_REQUEST | F_ACK | F_CREATE, tcmsg(10, 0x10000, TC_H_ROOT), attr(TCA_KIND, b"pfifo")),
    ),
    Ask(
        "htb without its options",
        message(
            RTM.NEWQDISC,
            F_REQUEST | F_ACK | F_CREATE,
            tcmsg(11, 0x10000, TC_H_ROOT),
            attr(TCA_KIND, strz("htb")),
            nest(TCA_OPTIONS),
        ),
    ),
    Ask(
        "htb of a wrong version",
        message(
            RTM.NEWQDISC,
            F_REQUEST | F_ACK | F_CREATE,
            tcmsg(11, 0x10000, TC_H_ROOT),
            attr(TCA_KIND, strz("htb")),
            nest(TCA_OPTIONS, attr(2, struct.pack("=5I", 9, 10, 0, 0, 0))),
        ),
    ),
    Ask(
        "tbf without its tables",
        message(
            RTM.NEWQDISC,
            F_REQUEST | F_ACK | F_CREATE,
            tcmsg(11, 0x10000, TC_H_ROOT),
            attr(TCA_KIND, strz("tbf")),
            nest(TCA_OPTIONS, attr(1, bytes(36))),
        ),
    ),
    Ask("a qdisc of a link that is not there", message(RTM.GETQDISC, F_REQUEST, tcmsg(4711, parent=TC_H_ROOT))),
    Ask("the root qdisc", message(RTM.GETQDISC, F_REQUEST, tcmsg(12, parent=TC_H_ROOT))),
    Ask(
        "a chain in front of nothing",
        message(RTM.GETCHAIN, F_REQUEST, tcmsg(12, parent=0x10000), attr(TCA_CHAIN, u32(3))),
    ),
)

CHAPTERS = (Chapter("tc", ACROSS, (QDISCS, KINDS, CLASSES, FILTERS, ACTIONS, BY_HAND)),)
