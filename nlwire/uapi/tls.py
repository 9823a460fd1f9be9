"""include/uapi/linux/tls.h: what the kernel tells of a TLS connection it encrypts.

Knows: TLS_INFO.
Never: socket options, records.
"""

from nlwire.schema import Attr, AttrSet, flag, u16


class TLS_INFO(AttrSet):
    """INET_ULP_INFO_TLS."""

    VERSION = Attr(1, u16)
    CIPHER = Attr(2, u16)
    TXCONF = Attr(3, u16)
    RXCONF = Attr(4, u16)
    ZC_RO_TX = Attr(5, flag)
    RX_NO_PAD = Attr(6, flag)
    TX_MAX_PAYLOAD_LEN = Attr(7, u16)
