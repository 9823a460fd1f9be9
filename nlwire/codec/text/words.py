"""How ip(8) says what some families say: for each a list of phrases, in ip's order, and what it keeps quiet about.

Families that are not here read well without (line.py); one that changes here changes nothing but words.

Knows: words.
Never: bytes. What a header or an attribute is: a name that is not there gives no words.
"""

from typing import Any

from nlwire.codec.message import Message
from nlwire.codec.text.phrases import (
    Look,
    Phrase,
    between,
    bits,
    device,
    encap,
    inner,
    prefix,
    says,
    silent,
    via,
)
from nlwire.codec.text.reader import Reader, item_words
from nlwire.codec.text.sockets import LOOKS as SOCKETS
from nlwire.codec.text.values import errno_text
from nlwire.codec.values import Attrs, Records
from nlwire.printable import printable
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NLMSG

GATEWAY: tuple[Phrase, ...] = (
    encap("RTA_ENCAP_TYPE", "RTA_ENCAP"),
    says("via", "RTA_GATEWAY"),
    via("RTA_VIA"),
    device("dev", "RTA_OIF", "rtnh_ifindex"),
)


def nexthops(reader: Reader) -> str:
    """``nexthop via 10.0.0.1 dev 2 weight 1``, one after the other."""
    found = reader.peek("RTA_MULTIPATH")
    if found is None or not isinstance(found[1], Records):
        return ""
    records = reader.take("RTA_MULTIPATH")[1]  # type: ignore[index]
    said: list[str] = []
    for record in records:
        one = Reader.of_record(record, reader.names)
        one.take("rtnh_len")
        words = ["nexthop", *[text for phrase in GATEWAY if (text := phrase(one))]]
        words += [f"weight {one.number('rtnh_hops') + 1}", bits("rtnh_flags")(one), *one.rest()]
        said += filter(None, words)
    return " ".join(said + ([f"rest 0x{records.rest.hex()}"] if records.rest else []))


def link_flags(reader: Reader) -> str:
    """``<NO-CARRIER,BROADCAST,MULTICAST,UP>``: IFF_RUNNING is only said when it is missing."""
    reader.take("ifi_change")
    said = bits("ifi_flags", upper=True)(reader).split()
    carrier = ["NO-CARRIER"] if "UP" in said and "RUNNING" not in said else []
    state = [one for one in said if one in ("UP", "LOWER_UP")]
    return "<" + ",".join(carrier + [one for one in said if one not in ("RUNNING", *state)] + state) + ">"


def link_name(reader: Reader) -> str:
    """``2: eth0@3:``."""
    index, name, below = reader.number("ifi_index"), reader.say("IFLA_IFNAME"), reader.device("IFLA_LINK")
    return f"{index}: {name or '?'}{'@' + below if below else ''}:"


def link_address(reader: Reader) -> str:
    """``link/ether 52:54:00:00:00:01 brd ff:ff:ff:ff:ff:ff``."""
    kind = reader.say("ifi_type")
    words = [f"link/{kind}", reader.say("IFLA_ADDRESS"), says("brd", "IFLA_BROADCAST")(reader)]
    return " ".join(filter(None, words))


def link_kind(reader: Reader) -> str:
    """``kind vxlan``, of IFLA_LINKINFO; its data are details."""
    found = reader.peek("IFLA_LINKINFO")
    if found is None or not isinstance(found[1], Attrs):
        return ""
    said = dict(item_words(found[1].set, item).split(" ", 1) for item in found[1].items if item[1] is not None)
    return " ".join(
        f"{label} {said[name]}" for label, name in (("kind", "kind"), ("slave", "slave_kind")) if name in said
    )


def address_link(reader: Reader) -> str:
    """``2: eth0``."""
    index = reader.number("ifa_index")
    name = reader.names.get(index)
    return f"{index}: {name}" if name else f"{index}:"


def addresses(reader: Reader) -> str:
    """``inet 10.0.0.2/24``, ``inet 10.0.0.2 peer 10.0.0.3/32`` on point-to-point links."""
    family, length = reader.say("ifa_family"), reader.number("ifa_prefixlen")
    peer, local = reader.say("IFA_ADDRESS"), reader.say("IFA_LOCAL")
    if local and peer and local != peer:
        return f"{family} {local} peer {peer}/{length}"
    return f"{family} {local or peer or '?'}/{length}"


def lifetimes(reader: Reader) -> str:
    """``valid_lft forever preferred_lft forever``."""
    found = reader.take("IFA_CACHEINFO")
    if found is None:
        return ""
    shown = found[1].to_dict()
    pairs = (("valid_lft", "ifa_valid"), ("preferred_lft", "ifa_prefered"))
    times = [(label, shown.get(name)) for label, name in pairs]
    return " ".join(
        f"{label} {'forever' if time == 0xFFFFFFFF else f'{time}sec'}" for label, time in times if time is not None
    )


def rule_action(reader: Reader) -> str:
    """``lookup main``, ``goto 100``, ``blackhole``."""
    action, target = reader.say("action"), reader.say("FRA_GOTO")
    table = says("lookup", "FRA_TABLE", "table", unless=("unspec",))(reader)
    if action in ("to_tbl", "unspec", "0", ""):
        return table
    return " ".join(filter(None, [action, target, table]))


def fwmark(reader: Reader) -> str:
    """``fwmark 0x7``, ``fwmark 0x7/0xff``."""
    there = reader.peek("FRA_FWMARK") or reader.peek("FRA_FWMASK")
    mark, mask = reader.number("FRA_FWMARK"), reader.number("FRA_FWMASK")
    return "" if there is None else f"fwmark {mark:#x}" + ("" if mask in (0, 0xFFFFFFFF) else f"/{mask:#x}")


def group(reader: Reader) -> str:
    """``group 1/2,3``: members, with their weights where those are not 1."""
    found = reader.take("NHA_GROUP")
    members: list[str] = []
    for one in found[1] if found is not None else ():
        shown = one.to_dict()
        weight = (shown.get("weight_high", 0) << 8 | shown.get("weight", 0)) + 1
        members.append(f"{shown.get('id')}" + (f",{weight}" if weight > 1 else ""))
    return "group " + "/".join(members) if members else ""


def _quiet(names: str) -> frozenset[str]:
    return frozenset(names.split())


LOOKS: dict[str, Look] = {
    "route": Look(
        (
            says("", "rtm_type", unless=("unicast",)),
            prefix("", "RTA_DST", "rtm_dst_len", none="default"),
            prefix("from", "RTA_SRC", "rtm_src_len"),
            says("as to", "RTA_NEWDST"),
            says("nhid", "RTA_NH_ID"),
            GATEWAY[0],
            says("tos", "rtm_tos"),
            *GATEWAY[1:],
            says("table", "RTA_TABLE", "rtm_table", unless=("main",)),
            says("proto", "rtm_protocol"),
            says("scope", "rtm_scope"),
            says("src", "RTA_PREFSRC"),
            says("metric", "RTA_PRIORITY"),
            bits("rtm_flags"),
            inner("RTA_METRICS"),
            device("iif", "RTA_IIF"),
            says("pref", "RTA_PREF"),
            nexthops,
            silent("rtm_family"),
        ),
        _quiet("RTA_CACHEINFO"),
    ),
    "link": Look(
        (
            link_name,
            link_flags,
            says("mtu", "IFLA_MTU"),
            says("qdisc", "IFLA_QDISC"),
            device("master", "IFLA_MASTER"),
            says("state", "IFLA_OPERSTATE"),
            says("mode", "IFLA_LINKMODE"),
            says("group", "IFLA_GROUP"),
            says("qlen", "IFLA_TXQLEN"),
            link_kind,
            link_address,
            says("alias", "IFLA_IFALIAS"),
            says("promiscuity", "IFLA_PROMISCUITY"),
            says("allmulti", "IFLA_ALLMULTI"),
            silent("ifi_family"),
        ),
        _quiet(
            "IFLA_STATS IFLA_STATS64 IFLA_MAP IFLA_AF_SPEC IFLA_XDP IFLA_LINKINFO IFLA_CARRIER IFLA_CARRIER_CHANGES "
            "IFLA_CARRIER_UP_COUNT IFLA_CARRIER_DOWN_COUNT IFLA_PROTO_DOWN IFLA_NUM_TX_QUEUES IFLA_NUM_RX_QUEUES "
            "IFLA_GSO_MAX_SEGS IFLA_GSO_MAX_SIZE IFLA_GRO_MAX_SIZE IFLA_TSO_MAX_SIZE IFLA_TSO_MAX_SEGS IFLA_MIN_MTU "
            "IFLA_MAX_MTU IFLA_GSO_IPV4_MAX_SIZE IFLA_GRO_IPV4_MAX_SIZE IFLA_MAX_PACING_OFFLOAD_HORIZON IFLA_HEADROOM "
            "IFLA_TAILROOM IFLA_NETNS_IMMUTABLE IFLA_PERM_ADDRESS IFLA_EVENT IFLA_PAD IFLA_DEVLINK_PORT IFLA_DPLL_PIN"
        ),
        requests=False,
    ),
    "address": Look(
        (
            address_link,
            addresses,
            says("brd", "IFA_BROADCAST"),
            says("scope", "ifa_scope", unless=("universe",)),
            bits("IFA_FLAGS", "ifa_flags", without=("permanent",)),
            says("metric", "IFA_RT_PRIORITY"),
            says("", "IFA_LABEL"),
            lifetimes,
        )
    ),
    "neighbour": Look(
        (
            says("proxy", "NDA_PROXY"),
            says("", "NDA_DST"),
            device("dev", "NDA_IFINDEX", "ndm_ifindex"),
            says("lladdr", "NDA_LLADDR"),
            says("vlan", "NDA_VLAN"),
            device("master", "NDA_MASTER"),
            bits("ndm_flags"),
            bits("NDA_FLAGS_EXT"),
            bits("ndm_state", upper=True),
            silent("ndm_family", "ndm_type"),
        ),
        _quiet("NDA_CACHEINFO NDA_PROBES"),
    ),
    "rule": Look(
        (
            lambda reader: f"{reader.number('FRA_PRIORITY')}:",
            lambda reader: "not" if "invert" in (said := bits("flags")(reader)) else said.replace("permanent", ""),
            prefix("from", "FRA_SRC", "src_len", none="all"),
            prefix("to", "FRA_DST", "dst_len"),
            says("tos", "tos"),
            fwmark,
            says("iif", "FRA_IIFNAME"),
            says("oif", "FRA_OIFNAME"),
            between("uidrange", "FRA_UID_RANGE"),
            says("ipproto", "FRA_IP_PROTO"),
            between("sport", "FRA_SPORT_RANGE"),
            between("dport", "FRA_DPORT_RANGE"),
            rule_action,
            says("proto", "FRA_PROTOCOL", unless=("kernel",)),
            silent("family"),
        ),
        _quiet("FRA_SUPPRESS_PREFIXLEN"),
    ),
    **SOCKETS,
    "nexthop": Look(
        (
            says("id", "NHA_ID"),
            group,
            says("type", "NHA_GROUP_TYPE"),
            lambda reader: "blackhole" if reader.take("NHA_BLACKHOLE") else "",
            encap("NHA_ENCAP_TYPE", "NHA_ENCAP"),
            says("via", "NHA_GATEWAY"),
            device("dev", "NHA_OIF"),
            says("scope", "nh_scope"),
            says("proto", "nh_protocol"),
            bits("nh_flags"),
            inner("NHA_RES_GROUP"),
            silent("nh_family"),
        )
    ),
}
"""Family -> how ip(8) says it."""

ACKNOWLEDGEMENTS = {"error", "done"}
"""The control families of every protocol (uapi/netlink.py)."""


def acknowledgement(message: Message, reader: Reader) -> str:
    """``ack of RTM_NEWROUTE seq 1``, ``error -17 (EEXIST: File exists) …: "words of the kernel"``."""
    error = reader.take("error")
    code = error[1] if error is not None and isinstance(error[1], int) else 0
    fields = {name: value[1] for name, value in reader.fields.items()}
    reader.fields.clear()
    if message.nlmsg_type == NLMSG.DONE:
        words = ["done"]
    else:
        words = ["error" if code else "ack"]
    words += [errno_text(code)] if code else []
    if message.quoted is not None:
        words.append(f"of {message.quoted.type.name} seq {message.quoted.nlmsg_seq}")
    elif fields.get("msg.nlmsg_type"):
        request = FAMILIES.find(message.protocol, fields["msg.nlmsg_type"])
        words.append(f"of {request.name} seq {fields.get('msg.nlmsg_seq', 0)}")
    text: Any = reader.take("NLMSGERR_ATTR_MSG")
    said = " ".join(words) + (f': "{printable(text[1])}"' if text is not None else "")
    return " ".join([said, *reader.rest()])
