"""Where declarations and headers differ on purpose, each with its reason; a test fails for a line nobody needs.

Knows: names of C and of ours.
Never: values.
"""

HEADERS = {
    "socket": "bits/socket.h",
    "rtnetlink_enums": "linux/rtnetlink.h",
}
"""Headers of modules that are not called after theirs."""

MORE_HEADERS = {
    "linux/if_tunnel.h": "TUNNEL_*, which lwtunnel.h uses without declaring them",
}
"""Headers to look names up in, which no module of ours mirrors."""

PARTIAL = {
    "bits/socket.h": "libc's; of interest are the address families alone",
    "linux/if.h": "ioctls, which are no netlink",
    "linux/if_arp.h": "ioctls, which are no netlink",
    "linux/in.h": "socket options and addresses, which are no netlink",
    "linux/icmpv6.h": "packets and socket options, which are no netlink",
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
}
"""Numbers (patterns) that C keeps in network order."""

RENUMBERED = {
    "IPSTATS_MIB_*": "counted anew between Linux 6.1 and 7.2: hot counters now stand together",
}
"""Numbers (patterns) that changed between kernels, so that an older witness need not agree."""

FIELDS: dict[tuple[str, str], str] = {}
"""(struct, field of ours) -> the member's designator in C."""

UNKNOWN: dict[str, str] = {}
"""Enumerators of ours (patterns) that are in no uapi header."""

MISSING: dict[str, str] = {}
"""Enumerators and macros of the headers (patterns) that we do not declare."""

MISSING_STRUCTS: dict[str, str] = {}
"""Structs of the headers (patterns) that we do not declare."""
