"""include/uapi/linux/snmp.h: the counters of IPv6 and ICMPv6 that links carry.

Knows: IPSTATS_MIB_* and ICMP6_MIB_*, the places of the arrays in IFLA_INET6_STATS and IFLA_INET6_ICMP6STATS.
Never: the other protocols' counters, which no netlink message carries.
"""

from nlwire.schema import UapiEnum


class IPSTATS_MIB(UapiEnum):
    """Counters of IP in the newest kernel's order, which has changed over the years; NUM holds how many there are."""

    NUM = 0
    INPKTS = 1
    INOCTETS = 2
    INDELIVERS = 3
    NOECTPKTS = 4
    ECT1PKTS = 5
    ECT0PKTS = 6
    CEPKTS = 7
    OUTREQUESTS = 8
    OUTPKTS = 9
    OUTOCTETS = 10
    OUTFORWDATAGRAMS = 11
    INHDRERRORS = 12
    INTOOBIGERRORS = 13
    INNOROUTES = 14
    INADDRERRORS = 15
    INUNKNOWNPROTOS = 16
    INTRUNCATEDPKTS = 17
    INDISCARDS = 18
    OUTDISCARDS = 19
    OUTNOROUTES = 20
    REASMTIMEOUT = 21
    REASMREQDS = 22
    REASMOKS = 23
    REASMFAILS = 24
    FRAGOKS = 25
    FRAGFAILS = 26
    FRAGCREATES = 27
    INMCASTPKTS = 28
    OUTMCASTPKTS = 29
    INBCASTPKTS = 30
    OUTBCASTPKTS = 31
    INMCASTOCTETS = 32
    OUTMCASTOCTETS = 33
    INBCASTOCTETS = 34
    OUTBCASTOCTETS = 35
    CSUMERRORS = 36
    REASM_OVERLAPS = 37


class ICMP6_MIB(UapiEnum):
    """Counters of ICMPv6; NUM holds how many there are."""

    NUM = 0
    INMSGS = 1
    INERRORS = 2
    OUTMSGS = 3
    OUTERRORS = 4
    CSUMERRORS = 5
    RATELIMITHOST = 6
