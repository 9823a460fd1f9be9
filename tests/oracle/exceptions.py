"""Where declarations and headers differ on purpose, each with its reason; a test fails for a line nobody needs.

Knows: names of C and of ours.
Never: values.
"""

HEADERS = {
    "socket": "bits/socket.h",
    "rtnetlink_enums": "linux/rtnetlink.h",
    "can_netlink": "linux/can/netlink.h",
}
"""Headers of modules that are not called after theirs."""

MORE_HEADERS = {
    "linux/veth.h": "VETH_INFO_*, declared beside IFLA_* because the peer is a whole link",
    "linux/can/vxcan.h": "VXCAN_INFO_*, likewise",
}
"""Headers to look names up in, which no module of ours mirrors."""

PARTIAL = {
    "bits/socket.h": "libc's; of interest are the address families alone",
    "linux/if.h": "ioctls, which are no netlink",
    "linux/if_arp.h": "ioctls, which are no netlink",
    "linux/in.h": "socket options and addresses, which are no netlink",
    "linux/icmpv6.h": "packets and socket options, which are no netlink",
    "linux/batman_adv.h": "a generic netlink family of its own, not declared yet",
    "linux/cfm_bridge.h": "frames",
    "linux/devlink.h": "a generic netlink family of its own, not declared yet",
    "linux/dpll.h": "a generic netlink family of its own, not declared yet",
    "linux/if_bonding.h": "ioctls, which are no netlink",
    "linux/if_bridge.h": "ioctls, which are no netlink; the VLAN and multicast databases, families not declared yet",
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
    "linux/snmp.h": "counters of /proc/net/snmp, which no netlink message carries",
}
"""Headers of which only the prefixes we declare have to be complete."""

STRUCTS = {
    "nlmsgdone": "in no header: af_netlink.c puts a bare int into NLMSG_DONE",
}
"""Structs of ours that C does not know by this name."""

BITFIELDS = {
    (
        "ioam6_trace_hdr",
        "nodelen_overflow",
    ): "nodelen:5, overflow:1 and unused bits share this byte, its order is the machine's",
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
    "MAX_PHYS_ITEM_ID_LEN": "include/linux/netdevice.h; a limit of the kernel's policy for IFLA_PHYS_PORT_ID",
}
"""Enumerators of ours (patterns) that are in no uapi header."""

MISSING: dict[str, str] = {
    "BR_BOOLOPT_MAX": "counts the others",
    "BR_CFM_OPCODE_*": "frames",
    "CAN_STATE_MAX": "counts the others",
    "DEVCONF_MAX": "counts the others",
    "DEVLINK_ATTR_*": "a generic netlink family of its own, not declared yet; links carry the handle of a port alone",
    "DPLL_A_PIN_*": "a generic netlink family of its own, not declared yet; links carry the handle of a pin alone",
    "ETH_P_802_3_MIN": "a bound, no protocol",
    "GRE_PPTP_KEY_MASK": "PPTP, which is no netlink",
    "GRE_PROTO_PPP": "PPTP, which is no netlink",
    "GRE_VERSION_[01]": "values of the field GRE_VERSION masks",
    "HSR_PROTOCOL_MAX": "counts the others",
    "IPVLAN_MODE_MAX": "counts the others",
}
"""Enumerators and macros of the headers (patterns) that we do not declare."""

MISSING_STRUCTS: dict[str, str] = {}
"""Structs of the headers (patterns) that we do not declare."""
