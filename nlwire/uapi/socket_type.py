"""libc's sys/socket.h (include/linux/net.h): types of sockets.

Knows: SOCK_STREAM and the others.
Never: flags of socket(2).
"""

from nlwire.schema import UapiEnum


class SOCK_TYPE(UapiEnum, prefix="SOCK_"):
    """The second argument of socket(2)."""

    STREAM = 1
    DGRAM = 2
    RAW = 3
    RDM = 4
    SEQPACKET = 5
    DCCP = 6
    PACKET = 10
