"""include/linux/socket.h and libc's bits/socket.h: address families.

Knows: AF_*.
Never: sockets.
"""

from nlwire.schema import UapiEnum


class AF(UapiEnum):
    """Address families; with them rtnetlink's own two, which C calls RTNL_FAMILY_* and numbers after every AF_*."""

    UNSPEC = 0
    UNIX = 1
    LOCAL = 1
    FILE = 1
    INET = 2
    AX25 = 3
    IPX = 4
    APPLETALK = 5
    NETROM = 6
    BRIDGE = 7
    ATMPVC = 8
    X25 = 9
    INET6 = 10
    ROSE = 11
    DECnet = 12
    NETBEUI = 13
    SECURITY = 14
    KEY = 15
    NETLINK = 16
    ROUTE = 16
    PACKET = 17
    ASH = 18
    ECONET = 19
    ATMSVC = 20
    RDS = 21
    SNA = 22
    IRDA = 23
    PPPOX = 24
    WANPIPE = 25
    LLC = 26
    IB = 27
    MPLS = 28
    CAN = 29
    TIPC = 30
    BLUETOOTH = 31
    IUCV = 32
    RXRPC = 33
    ISDN = 34
    PHONET = 35
    IEEE802154 = 36
    CAIF = 37
    ALG = 38
    NFC = 39
    VSOCK = 40
    KCM = 41
    QIPCRTR = 42
    SMC = 43
    XDP = 44
    MCTP = 45
    RTNL_FAMILY_IPMR = 128
    RTNL_FAMILY_IP6MR = 129

    @property
    def c_name(self) -> str:
        """``AF_INET``; the two of linux/rtnetlink.h keep their own prefix."""
        return self.name if self.name.startswith("RTNL_") else super().c_name
