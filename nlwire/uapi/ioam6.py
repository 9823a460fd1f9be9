"""include/uapi/linux/ioam6.h: in-situ operations, administration and maintenance of IPv6 (RFC 9197).

Knows: struct ioam6_trace_hdr.
Never: who inserts it (ioam6_iptunnel).
"""

from nlwire.schema import UapiStruct, be16, be32, u8


class ioam6_trace_hdr(UapiStruct):
    """Trace option. nodelen_overflow is C's nodelen:5 overflow:1 and two unused bits; bit i of the type is 1 << (31 - i)."""

    namespace_id: be16 = 0
    nodelen_overflow: u8 = 0
    remlen: u8 = 0
    type_be32: be32 = 0
