"""include/uapi/linux/seg6.h: the IPv6 segment routing header.

Knows: struct ipv6_sr_hdr and what follows it.
Never: who inserts it (seg6_iptunnel, seg6_local).
"""

from typing import Annotated

from nlwire.schema import UapiFlags, UapiStruct, array_of, be16, binary, ipv6, selected, struct_then, u8


class SR6_FLAG1(UapiFlags):
    """Flags of a segment routing header."""

    PROTECTED = 1 << 6
    OAM = 1 << 5
    ALERT = 1 << 4
    HMAC = 1 << 3


class ipv6_sr_hdr(UapiStruct):
    """Segment routing header (RFC 8754); first_segment is the index of the last entry of the list that follows."""

    nexthdr: u8 = 0
    hdrlen: u8 = 0
    type: u8 = 4
    segments_left: u8 = 0
    first_segment: u8 = 0
    flags: Annotated[u8, SR6_FLAG1] = 0
    tag: be16 = 0


# A header with an HMAC carries it in a TLV behind the segments; then what follows is kept as bytes.
segment_list = selected(
    "flags",
    lambda: {value: binary for value in range(256) if value & SR6_FLAG1.HMAC},
    array_of(ipv6),
)
srh = struct_then(ipv6_sr_hdr, segment_list)
