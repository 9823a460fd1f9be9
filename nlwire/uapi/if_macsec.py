"""include/uapi/linux/if_macsec.h: ciphers of MACsec (IEEE 802.1AE).

Knows: cipher suites, lengths of integrity check values.
Never: keys, which the generic netlink family ``macsec`` carries.
"""

from nlwire.schema import UapiEnum

MACSEC_MIN_ICV_LEN = 8
MACSEC_STD_ICV_LEN = 16


class MACSEC_CIPHER(UapiEnum, prefix="MACSEC_"):
    """Cipher suites; DEFAULT_CIPHER_ID is the deprecated number of GCM_AES_128."""

    DEFAULT_CIPHER_ID = 0x0080020001000001
    CIPHER_ID_GCM_AES_128 = 0x0080C20001000001
    CIPHER_ID_GCM_AES_256 = 0x0080C20001000002
    CIPHER_ID_GCM_AES_XPN_128 = 0x0080C20001000003
    CIPHER_ID_GCM_AES_XPN_256 = 0x0080C20001000004
