"""include/uapi/linux/filter.h: instructions of classic BPF.

Knows: sock_filter.
Never: what a program does.
"""

from nlwire.schema import UapiStruct, u8, u16, u32


class sock_filter(UapiStruct):
    """One instruction."""

    code: u16 = 0
    jt: u8 = 0
    jf: u8 = 0
    k: u32 = 0
