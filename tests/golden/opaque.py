"""Which bytes of the fixtures stay opaque, and why they must.

A path names the attribute as to_dict does: message type, then attribute names (a number where nobody declared one); ``rest``
is what can be no attribute, ``_rest`` what a struct has beyond its declaration. A request that an error quotes counts as itself.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

LATER = "a family that is not declared yet"
WRONG = "a request that is wrong on purpose"
PADDED = "a header of one byte, padded, and nothing after it"

EXPECTED: dict[str, str] = {
    # families
    "[23][0-9]/rest": f"the netdev family of generic netlink, {LATER}",
    "1/rest": "NLMSG_NOOP, which means nothing",
    "999/rest": "a type that no kernel has",
    "1023/rest": "a type that no kernel has",
    "25344/rest": "a subsystem of netfilter that no kernel has",
    "99/rest": "a type that no kernel has",
    # messages that are not what their declaration says
    "RTM_GETNETCONF/rest": PADDED,
    "RTM_GETNSID/rest": PADDED,
    "RTM_NEWNETCONF/rest": PADDED,
    "RTM_GETNEIGH/rest": "struct ifinfomsg where newer programs send struct ndmsg",
    "RTM_NEWNDUSEROPT/rest": "options as they were in the packet stand between header and attributes, and no declaration can say so",
    # attributes
    "RTM_NEWRULE/FRA_SRC": "ip says `from all` as an address of no bytes",
    "RTM_NEWACTION/TCA_ROOT_TAB/*/TCA_IFE_METALST/*": "metadata that a packet shall carry: nothing, or two or four bytes",
    "RTM_NEWQDISC/TCA_OPTIONS/_rest": "tc puts an empty nest after struct tc_prio_qopt, which no kernel has read since 2.6",
    # what tests the kernel
    "GENL_ID_CTRL/77": WRONG,
    "GENL_ID_CTRL/CTRL_ATTR_FAMILY_ID": WRONG,
    "RTM_GETADDR/77": WRONG,
    "RTM_GETADDR/rest": WRONG,
    "RTM_GETLINK/200": WRONG,
    "RTM_GETLINK/rest": WRONG,
    "RTM_NEWADDR/IFA_LOCAL": WRONG,
    "RTM_NEWLINK/IFLA_AF_SPEC/99": WRONG,
    "RTM_NEWLINK/IFLA_LINKINFO/IFLA_INFO_DATA/IFLA_VXLAN_ID": WRONG,
    "RTM_NEWLINK/IFLA_MTU": WRONG,
    "RTM_NEWNEIGH/NDA_DST": WRONG,
    "RTM_NEWNEXTHOP/NHA_GROUP": WRONG,
    "RTM_NEWROUTE/0": WRONG,
    "RTM_NEWROUTE/16383": WRONG,
    "RTM_NEWROUTE/99": WRONG,
    "RTM_NEWROUTE/RTA_DST": WRONG,
    "RTM_NEWROUTE/RTA_METRICS/99": WRONG,
    "RTM_NEWROUTE/RTA_METRICS/RTAX_MTU": WRONG,
    "RTM_NEWROUTE/RTA_MULTIPATH/rest": WRONG,
    "RTM_NEWROUTE/RTA_OIF": WRONG,
    "RTM_NEWROUTE/RTA_VIA": WRONG,
    "RTM_NEWROUTE/rest": WRONG,
    "SOCK_DIAG_BY_FAMILY/rest": WRONG,
}
"""Path (a pattern) -> the reason why its payload is no typed value. A pattern that nothing matches is an error too."""


def excuse(path: str) -> str | None:
    """The pattern that a path falls under."""
    return next((one for one in EXPECTED if fnmatchcase(path, one)), None)


def opaque_paths(shown: dict[str, Any]) -> Iterator[str]:
    """The paths of everything opaque in a message's to_dict."""
    name = str(shown["nlmsg_type"])
    yield from _in_run(name, shown["header"])
    yield from _in_run(name, shown["attrs"])
    if "request" in shown:
        yield from opaque_paths(shown["request"])


def _in_run(path: str, run: Any) -> Iterator[str]:
    for one in run if isinstance(run, list) else ():
        if not isinstance(one, dict):
            continue
        if "rest" in one:
            yield f"{path}/rest"
        elif "opaque" in one:
            yield f"{path}/{one['nla_type']}"
        elif "nla_type" in one:
            yield from _in_run(f"{path}/{one['nla_type']}", one["value"])
        elif "attrs" in one:
            yield from _in_run(path, one["attrs"])
    if isinstance(run, dict):
        if "_rest" in run:
            yield f"{path}/_rest"
        yield from _in_run(path, run.get("head"))
        yield from _in_run(path, run.get("tail"))
