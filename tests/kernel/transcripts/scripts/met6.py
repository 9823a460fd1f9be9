"""What IPv6's random requests (tests/kernel/side_by_side) have found the kernels to part over, each as a script of its own."""

from nlwire.uapi.if_addr import IFA
from nlwire.uapi.rtnetlink import RTA, RTM_F
from tests.kernel.transcripts.play import Script
from tests.kernel.transcripts.words import LO, REPLACE, VA, VB, script
from tests.kernel.transcripts.words6 import addr6, lookup6, route6, two_ends6

NET = two_ends6(addr6("2001:db8::1/64", VA), addr6("2001:db8:f::1/64", VB))

SCRIPTS: list[Script] = [
    script(
        "address6/lifetimes_first",
        "lifetimes are looked at before the interface is",
        NET,
        addr6("fd00::1/64", 77, {IFA.CACHEINFO: {"ifa_prefered": 5, "ifa_valid": 0}}),
        addr6("fd00::1/64", 77, {IFA.CACHEINFO: {"ifa_prefered": 5, "ifa_valid": 4}}),
        addr6("2001:db8::1/64", VA, {IFA.CACHEINFO: {"ifa_prefered": 5, "ifa_valid": 0}}, REPLACE),
    ),
    script(
        "lookup6/match_for_packet",
        "the route itself, for a packet that comes in by a device",
        NET,
        route6("2001:db8:1::/48", via="2001:db8::2"),
        lookup6("2001:db8:1::1", {RTA.IIF: VB}, RTM_F.FIB_MATCH),
        lookup6("2001:db8::1", {RTA.IIF: VB}, RTM_F.FIB_MATCH),
        lookup6("ff02::1", {RTA.IIF: VB}, RTM_F.FIB_MATCH),
        lookup6("2001:db8:1::1", {RTA.IIF: LO}, RTM_F.FIB_MATCH),
    ),
]
