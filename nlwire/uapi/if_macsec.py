"""include/uapi/linux/if_macsec.h: ciphers of MACsec (IEEE 802.1AE).

Knows: cipher suites, lengths of integrity check values.
Never: keys, which the generic netlink family ``macsec`` carries.
"""

from nlwire.schema import UapiEnum

MACSEC_MIN_ICV_LEN = 8
MACSEC_STD_ICV_LEN = 16


class MACSEC_CIPHER_ID(UapiEnum):
    """Cipher suites. The kernel still says GCM-AES-128 by its deprecated number, which C calls MACSEC_DEFAULT_CIPHER_ID."""

    MACSEC_DEFAULT_CIPHER_ID = 0x0080020001000001
    GCM_AES_128 = 0x0080C20001000001
    GCM_AES_256 = 0x0080C20001000002
    GCM_AES_XPN_128 = 0x0080C20001000003
    GCM_AES_XPN_256 = 0x0080C20001000004

    @property
    def c_name(self) -> str:
        """``MACSEC_CIPHER_ID_GCM_AES_256``; the deprecated number keeps its own prefix."""
        return self.name if self.name.startswith("MACSEC_") else super().c_name
