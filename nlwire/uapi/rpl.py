"""include/uapi/linux/rpl.h: the RPL source routing header (RFC 6554).

Knows: struct ipv6_rpl_sr_hdr and what follows it.
Never: who inserts it (rpl_iptunnel).
"""

from nlwire.schema import UapiStruct, array_of, be16, binary, ipv6, selected, struct_then, u8


class ipv6_rpl_sr_hdr(UapiStruct):
    """Source routing header; what C calls cmpri:4 cmpre:4, then pad:4 reserved:4, are one octet each here, in that order."""

    nexthdr: u8 = 0
    hdrlen: u8 = 0
    type: u8 = 3
    segments_left: u8 = 0
    cmpri_cmpre: u8 = 0
    pad_reserved: u8 = 0
    reserved1: be16 = 0


# Compressed addresses (CmprI or CmprE not 0) have no fixed size; the kernel itself takes whole ones only (rpl_validate_srh).
rpl_srh = struct_then(ipv6_rpl_sr_hdr, selected("cmpri_cmpre", lambda: {0: array_of(ipv6)}, binary))
