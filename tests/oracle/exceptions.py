"""Where declarations and headers differ on purpose, each with its reason; a test fails for a line nobody needs.

Knows: names of C and of ours.
Never: values.
"""

HEADERS: dict[str, str | tuple[str, ...]] = {
    "socket": "bits/socket.h",
    "socket_type": "sys/socket.h",
    "tcp_states": "net/tcp_states.h",
    "rtnetlink_enums": "linux/rtnetlink.h",
    "pkt_cls_actions": "linux/pkt_cls.h",
    "tc": "linux/rtnetlink.h",
    "tc_act.edit": tuple(
        f"linux/tc_act/tc_{one}.h"
        for one in ("csum", "ife", "mpls", "nat", "pedit", "skbedit", "skbmod", "tunnel_key", "vlan")
    ),
    "tc_act.steer": tuple(
        f"linux/tc_act/tc_{one}.h"
        for one in ("bpf", "connmark", "ct", "ctinfo", "defact", "gact", "gate", "mirred", "sample")
    ),
    "tc_act": "linux/pkt_cls.h",
    "tc_stats": "linux/gen_stats.h",
    "can_netlink": "linux/can/netlink.h",
    **{
        one: f"linux/netfilter/{one}.h"
        for one in (
            *(
                "nf_conntrack_common",
                "nf_conntrack_sctp",
                "nf_conntrack_tcp",
                "nf_nat",
                "nf_tables",
                "nf_tables_compat",
            ),
            *("nfnetlink", "nfnetlink_conntrack", "nfnetlink_log", "nfnetlink_queue"),
        )
    },
}
"""Headers of modules that are not called after theirs."""

MORE_HEADERS = {
    "linux/veth.h": "VETH_INFO_*, declared beside IFLA_* because the peer is a whole link",
    "linux/can/vxcan.h": "VXCAN_INFO_*, likewise",
}
"""Headers to look names up in, which no module of ours mirrors."""

PARTIAL = {
    "sys/socket.h": "libc's; of interest are the types of sockets alone",
    "bits/socket.h": "libc's; of interest are the address families alone",
    "linux/if.h": "ioctls, which are no netlink",
    "linux/if_arp.h": "ioctls, which are no netlink",
    "linux/in.h": "socket options and addresses, which are no netlink",
    "linux/icmpv6.h": "packets and socket options, which are no netlink",
    "linux/batman_adv.h": "a generic netlink family of its own, not declared yet",
    "linux/cfm_bridge.h": "frames",
    "linux/filter.h": "socket filters, which are no netlink",
    "linux/devlink.h": "a generic netlink family of its own, not declared yet",
    "linux/dpll.h": "a generic netlink family of its own, not declared yet",
    "linux/if_bonding.h": "ioctls, which are no netlink",
    "linux/if_bridge.h": "ioctls, which are no netlink",
    "linux/if_ether.h": "frames",
    "linux/if_macsec.h": "a generic netlink family of its own, not declared yet",
    "linux/if_tun.h": "ioctls, which are no netlink",
    "linux/if_tunnel.h": "ioctls, which are no netlink; bit numbers inside the kernel",
    "linux/if_vlan.h": "ioctls, which are no netlink",
    "linux/ip.h": "packets and socket options, which are no netlink",
    "linux/ip6_tunnel.h": "ioctls, which are no netlink",
    "linux/ipv6.h": "packets and socket options, which are no netlink",
    "linux/mpls.h": "label stacks, a kind of their own in schema",
    "linux/mrp_bridge.h": "frames",
    "linux/netfilter.h": "verdicts and structs of iptables",
    "linux/netfilter/nf_conntrack_common.h": "events inside the kernel",
    "linux/netfilter/nf_nat.h": "structs of iptables",
    "linux/tcp.h": "packets and socket options, which are no netlink",
    "linux/tls.h": "socket options, which are no netlink",
    "linux/snmp.h": "counters of /proc/net/snmp, which no netlink message carries",
}
"""Headers of which only the prefixes we declare have to be complete."""

STRUCTS = {
    "br_mdb_addr": "nameless: a member of struct br_mdb_entry",
    "router_port": "nameless: br_mdb.c puts a bare u32 in front of MDBA_ROUTER_PATTR_*",
    "nlmsgdone": "in no header: af_netlink.c puts a bare int into NLMSG_DONE",
}
"""Structs of ours that C does not know by this name."""

CUT_SHORT = {
    "tc_fq_codel_xstats": "the union at its end is the tail of the payload, chosen by type",
}
"""Structs of ours that end before C's do."""

GROUPED = {
    "tc_u32_sel": "tc_u32_sel_hdr",
}
"""Structs whose holes the compiler finds in the struct that __struct_group() makes of their members."""

BITFIELDS = {
    ("inet_diag_sockopt", "recverr_nodefrag"): "eight options of one bit",
    ("inet_diag_sockopt", "bind_address_defer_connect"): "three options of one bit and five unused ones",
    ("tcp_info", "tcpi_wscale"): "tcpi_snd_wscale:4, tcpi_rcv_wscale:4",
    ("tcp_info", "tcpi_limited"): "tcpi_delivery_rate_app_limited:1, tcpi_fastopen_client_fail:2",
    ("tcp_info", "tcpi_ecn"): "tcpi_ecn_mode:2, tcpi_accecn_opt_seen:2, tcpi_accecn_fail_mode:4, tcpi_options2:24",
    ("ioam6_trace_hdr", "nodelen_overflow"): "nodelen:5, overflow:1 and two unused bits",
    ("ioam6_trace_hdr", "remlen"): "remlen:7 and an unused bit",
    ("ipv6_rpl_sr_hdr", "cmpri_cmpre"): "cmpri:4, cmpre:4",
    ("ipv6_rpl_sr_hdr", "pad_reserved"): "pad:4, the first four of reserved:20",
    ("ipv6_rpl_sr_hdr", "reserved1"): "the rest of reserved",
}
"""Fields of ours that stand for C's bitfields, of which nobody can ask the offset."""

UNIONS = {
    ("rta_session", "u"): "a union of ports, icmp and spi, all four bytes",
}
"""Fields of ours that stand for C's unions: offset and size agree, what is inside is shown in one of its ways."""

NETWORK_ORDER = {
    "TUNNEL_*": "spelled __cpu_to_be16(): only on a big-endian machine is the number C's compiler sees the one that is meant",
    "GRE_*": "spelled __cpu_to_be16()",
}
"""Numbers (patterns) that C keeps in network order."""

RENUMBERED = {
    "IPSTATS_MIB_*": "counted anew between Linux 6.1 and 7.2: hot counters now stand together",
}
"""Numbers (patterns) that changed between kernels, so that an older witness need not agree."""

FIELDS: dict[tuple[str, str], str] = {
    ("ifla_vlan_qos_mapping", "from_"): "from",
}
"""(struct, field of ours) -> the member's designator in C."""

UNKNOWN: dict[str, str] = {
    "IF_PREFIX_*": "include/net/if_inet6.h, the kernel's own; what prefix_flags holds",
    **dict.fromkeys(
        (
            f"TCP_{one}"
            for one in (
                *("ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT"),
                *("LAST_ACK", "LISTEN", "CLOSING", "NEW_SYN_RECV", "BOUND_INACTIVE"),
            )
        ),
        "include/net/tcp_states.h, the kernel's own; libc's netinet/tcp.h has some, and does not go with linux/tcp.h",
    ),
    "MAX_PHYS_ITEM_ID_LEN": "include/linux/netdevice.h; a limit of the kernel's policy for IFLA_PHYS_PORT_ID",
}
"""Enumerators of ours (patterns) that are in no uapi header."""

MISSING: dict[str, str] = {
    "AF_MAX": "counts the others",
    "BR_BOOLOPT_MAX": "counts the others",
    "CAKE_*_MAX": "counts the others",
    "BR_CFM_OPCODE_*": "frames",
    "CAN_STATE_MAX": "counts the others",
    "CTA_COUNTERS32_*": "counters of 32 bits, which no kernel tells any more",
    "CTA_NAT_SEQ_*": "CTA_SEQADJ_* by older names",
    "DEVCONF_MAX": "counts the others",
    "DEVLINK_ATTR_*": "a generic netlink family of its own, not declared yet; links carry the handle of a port alone",
    "DPLL_A_PIN_*": "a generic netlink family of its own, not declared yet; links carry the handle of a pin alone",
    "ETH_P_802_3_MIN": "a bound, no protocol",
    "GRE_PPTP_KEY_MASK": "PPTP, which is no netlink",
    "GRE_PROTO_PPP": "PPTP, which is no netlink",
    "GRE_VERSION_[01]": "values of the field GRE_VERSION masks",
    "HSR_PROTOCOL_MAX": "counts the others",
    "IFF_VOLATILE": "a mask of flags that userspace cannot set",
    "ILA_CMD_*": "a generic netlink family of its own, not declared yet",
    "IOAM6_IPTUNNEL_MODE_MIN": "counts the others",
    "IPPROTO_MAX": "counts the others",
    "IPS_*_BIT": "the numbers of the bits IPS_*",
    "IPS_*_MASK": "several bits",
    "IPCTNL_MSG*_MAX": "counts the others",
    "IPVLAN_MODE_MAX": "counts the others",
    "LWT_BPF_MAX_HEADROOM": "a limit, no attribute",
    "MDBA_[GS]ET_ENTRY*": "the numbers of MDBA_MDB and MDBA_ROUTER in requests, which go by those names here",
    "NETCONFA_ALL": "an index, NETCONFA_IFINDEX_ALL by an older name",
    "NETLINK_CONNECTED": "a state inside the kernel",
    "NETLINK_UNCONNECTED": "a state inside the kernel",
    "NETNSA_NONE": "0, which is no attribute",
    "NFNL_MSG_COMPAT_MAX": "counts the others",
    "NFPROTO_NUMPROTO": "counts the others",
    "NFQA_CFG_F_MAX": "counts the others",
    "NFQNL_MSG_MAX": "counts the others",
    "NFT_*MASK": "several bits",
    "NFT_*_MAXNAMELEN": "NFT_NAME_MAXLEN by other names",
    "NFT_CHAIN_FLAGS": "all of NFT_CHAIN_*",
    "NFT_MSG_MAX": "counts the others",
    "NFT_REG32_COUNT": "counts the others",
    "NFULA_VLAN_MAX": "counts the others",
    "NFULNL_MSG_MAX": "counts the others",
    "NF_*_NUMHOOKS": "counts the others",
    "NF_NAT_RANGE_MASK": "several bits",
    "NF_NAT_RANGE_PROTO_RANDOM_ALL": "two bits",
    "NLMSGERR_ATTR_UNUSED": "0, which is no attribute",
    "NLMSG_ALIGNTO": "a size, which the wire knows",
    "NLMSG_HDRLEN": "a size, which the wire knows",
    "NL_MMAP_STATUS_*": "memory mapped netlink, which Linux 4.6 took out",
    "RTAX_FEATURE_MASK": "all of RTAX_FEATURE_*",
    "RTA_ALIGNTO": "a size, which the wire knows",
    "RTM_BASE": "bookkeeping",
    "RTM_MAX": "bookkeeping",
    "RTM_NR_*": "bookkeeping",
    "RT_TABLE_MAX": "a limit, no table",
    **dict.fromkeys(
        (
            f"TCA_ACT_{one}"
            for one in (
                *("GACT", "IPT", "PEDIT", "MIRRED", "NAT", "XT", "SKBEDIT", "VLAN", "BPF", "CONNMARK", "SKBMOD"),
                *("CSUM", "TUNNEL_KEY", "SIMP", "IFE", "SAMPLE"),
            )
        ),
        "an older name of TCA_ID_*",
    ),
    "INET_DIAG_NONE": "0, which is no attribute",
    "INET_DIAG_REQ_NONE": "0, which is no attribute",
    "SK_DIAG_BPF_STORAGE*_NONE": "0, which is no attribute",
    "SK_MEMINFO_VARS": "counts the others",
    "SCTP_CONNTRACK_MAX": "counts the others",
    "TCP_CONNTRACK_*MAX": "counts the others",
    "TCA_ACT_*BIND": "a truth value inside the kernel",
    "TCA_ACT_*REPLACE": "a truth value inside the kernel",
    "TCA_ACT_TAB": "an older name of TCA_ROOT_TAB",
    "TCA_TAPRIO_PAD": "an older name of TCA_TAPRIO_ATTR_PAD",
    "TCF_EM_MAX": "counts the others",
    "TCF_EM_REL_MASK": "a mask",
    "TC_ACT_EXT_*": "masks of the verdicts that carry a number",
    "TC_ACT_VALUE_MAX": "counts the others",
}
"""Enumerators and macros of the headers (patterns) that we do not declare."""

MISSING_STRUCTS: dict[str, str] = {
    "inet_diag_req_raw": "inet_diag_req_v2 with another name for its pad",
    "igmpmsg": "read from the raw socket of a multicast router",
    "ioam6_hdr": "a header of packets",
    "mfcctl": "a socket option's",
    "nl_mmap_*": "memory mapped netlink, which Linux 4.6 took out",
    "rtattr": "struct nlattr by another name",
    "sioc_*_req": "an ioctl's",
    "sr6_tlv": "a header of packets",
    "tc_u32_sel_hdr": "what __struct_group() makes of tc_u32_sel's members",
    "vifctl": "a socket option's",
}
"""Structs of the headers (patterns) that we do not declare."""

TSHARK_WRONG: dict[str, str] = {
    "netlink-route.*_attr_type": "bytes at the end that are no attribute, for their length goes past it: tshark shows a type all"
    " the same; the kernel (nla_ok) stops there, and so do we",
    "netlink-route.ifla_linkstats.rx_errors.fifo_errs": "one name for rx_fifo_errors and tx_fifo_errors, both called Rx: if_link.h"
    " is right, and we are",
    "netlink-route.ifla_linkstats.rx_errors.abort_errs": "rx in its name, like carrier, heartbeat and window, though if_link.h has"
    " them as tx_*; the values agree",
    "netlink-sock_diag.inet_states": "in network order to tshark; the kernel reads it as it is, and so do we",
    "netlink-netfilter.queue.config.*": "queue_maxlen, mask and flags in the machine's own order to tshark; the kernel reads them in"
    " network order (nfqnl_recv_config), and so do we",
    "netlink-sock_diag.send_queue": "of AF_UNIX the receive queue once more; udiag_wqueue stands behind it, as unix_diag.h says",
    "netlink-sock_diag.*": "sockets that are destroyed are announced without a port, and tshark takes them for requests; flags tell"
    " (NLM_F_REQUEST), and we go by them",
    "netlink-netfilter.ct*": "counters (IPCTNL_MSG_CT_GET_STATS*, and those of expectations, which come with a type of this"
    " subsystem) are read with the numbers of a connection's attributes; CTA_STATS_* are right",
    "genl.family_id": "one byte in tshark 4.0, so the type of a family above 255 is cut; nlmsg_type has two",
}
"""Where tshark 4.0 and we differ: who is right, and why. Values of all other fields are the same, over all fixtures."""

TSHARK_SILENT: dict[str, str] = {
    "netlink-netfilter.ipset*": "a subsystem that is not declared",
    "netlink-netfilter.queue.timestamp": "a date, in the words of the place where tshark runs",
    "netlink.hatype": "of the cooked header, which is the capture's",
    "netlink.hdr_flags.*": "the high flags, of which tshark says what a GET means by them even of other messages",
    "netlink.attr_*": "of every attribute it descends into, in an order of its own; the types are compared where they have a name",
    "genl.reserved": "no value",
    "genl.ctrl.*_attr": "the types inside of nests; what they hold is compared",
    "genl.cmd": "of families made at run time, of which none is declared; the controller's has a field of its own",
}
"""Fields of tshark (patterns) that are not compared, each with its reason."""
