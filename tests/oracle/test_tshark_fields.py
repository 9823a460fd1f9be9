"""Every netlink field that tshark knows is compared with ours over all fixtures, or a table says why it cannot be.

Numbers under the same name are compared in test_tshark_capture.py; here are those that tshark calls otherwise, splits, or says
of several attributes. exceptions.TSHARK_WRONG lists where both disagree and who is right, TSHARK_SILENT what nobody can compare.
"""

import re
import struct
from collections.abc import Callable
from contextlib import closing
from fnmatch import fnmatchcase
from ipaddress import ip_address
from pathlib import Path

import pytest

from nlwire.capture.entry import Record
from nlwire.capture.files import create, read, write
from nlwire.capture.record import record as recorded
from nlwire.capture.scan import heads_of
from nlwire.codec.message import Message
from nlwire.codec.values import Attrs
from nlwire.endpoint.socket import open_socket
from nlwire.schema.attrs import NLA_TYPE_MASK
from nlwire.uapi.genetlink import CTRL_ATTR, CTRL_ATTR_MCAST_GRP, CTRL_ATTR_OP
from nlwire.uapi.if_ import IFF
from nlwire.uapi.if_addr import IFA
from nlwire.uapi.if_link import IFLA
from nlwire.uapi.netlink import NETLINK
from tests.conftest import require_or_skip
from tests.oracle import exceptions
from tests.oracle.test_tshark_capture import (
    GENL_FIELDS,
    HEADER,
    NOT_THE_SAME,
    _programs,
    messages,
    number,
    ours,
    run,
    said_by_tshark,
)
from tests.oracle.tshark_meanings import BUILT, RECORDED

pytestmark = [pytest.mark.oracle, pytest.mark.usefixtures(_programs.__name__)]

Ours = Callable[[Message], list[str]]


def of(family: str, say: Ours) -> Ours:
    """What messages of one family say; nothing of others, or of those cut short."""

    def said(message: Message) -> list[str]:
        whole = message.layout is message.family.header
        return say(message) if whole and message.family.name == family else []

    return said


def types(message: Message) -> list[str]:
    """The attribute types of a message, without flag bits."""
    return [str(item[0] & NLA_TYPE_MASK) for item in message.items if item[0] is not None]


def hexes(message: Message, *wanted: int, size: int = 0) -> list[str]:
    """The payloads of some attributes, those of one size."""
    found = [item[2] for item in message.items if item[0] is not None and item[0] & NLA_TYPE_MASK in wanted]
    return [bytes(one).hex() for one in found if isinstance(one, bytes) and (not size or len(one) == size)]


def numbers(message: Message, *wanted: int) -> list[str]:
    """The values of some attributes that are numbers."""
    found = [item[2] for item in message.items if item[0] is not None and item[0] & NLA_TYPE_MASK in wanted]
    return [str(one) for one in found if isinstance(one, int)]


def in_structs(message: Message, name: str, *wanted: int) -> list[str]:
    """One field of the structs in some attributes."""
    found = [item for item in message.items if item[0] is not None and item[0] & NLA_TYPE_MASK in wanted]
    return [str(getattr(item[2], name)) for item in found if item[1] is not None]


def stats(name: str) -> Ours:
    return of("link", lambda message: in_structs(message, name, IFLA.STATS.number, IFLA.STATS64.number))


def fifo(message: Message) -> list[str]:
    """tshark has one name for rx_fifo_errors and tx_fifo_errors."""
    wanted = IFLA.STATS.number, IFLA.STATS64.number
    pairs = (in_structs(message, name, *wanted) for name in ("rx_fifo_errors", "tx_fifo_errors"))
    return [one for pair in zip(*pairs, strict=True) for one in pair]


def map_of(name: str) -> Ours:
    return of("link", lambda message: in_structs(message, name, IFLA.MAP.number))


ADDRESSES = (IFA.ADDRESS.number, IFA.LOCAL.number, IFA.BROADCAST.number)
STATS = {
    **{f"{way}packets": f"{way}_packets" for way in ("rx", "tx")},
    **{f"{way}bytes": f"{way}_bytes" for way in ("rx", "tx")},
    **{f"{way}errors": f"{way}_errors" for way in ("rx", "tx")},
    **{f"{way}dropped": f"{way}_dropped" for way in ("rx", "tx")},
    "multicast": "multicast",
    "collisions": "collisions",
    "rx_errors.length_errs": "rx_length_errors",
    "rx_errors.over_errs": "rx_over_errors",
    "rx_errors.crc_errs": "rx_crc_errors",
    "rx_errors.frame_errs": "rx_frame_errors",
    "rx_errors.miss_errs": "rx_missed_errors",
    "rx_errors.abort_errs": "tx_aborted_errors",
    "rx_errors.carrier_errs": "tx_carrier_errors",
    "rx_errors.heartbeat_errs": "tx_heartbeat_errors",
    "rx_errors.window_errs": "tx_window_errors",
}
"""tshark's name of a counter -> ours."""

FLAGS = {"request": 1, "multi": 2, "ack": 4, "echo": 8, "dump_intr": 16, "dump_filtered": 32}


def flag(bit: int) -> Ours:
    return lambda message: [str(int(bool(message.nlmsg_flags & bit)))]


def in_runs(message: Message, outer: int, number_: int) -> list[str]:
    """An attribute of each nest in an array of nests (CTRL_ATTR_OPS, CTRL_ATTR_MCAST_GROUPS)."""
    found: list[str] = []
    for item in message.items:
        if item[0] is not None and item[0] & NLA_TYPE_MASK == outer and isinstance(item[2], Attrs):
            inner = [one[2] for one in item[2].items if isinstance(one[2], Attrs)]
            found += [str(one[2]) for run_ in inner for one in run_.items if one[0] & NLA_TYPE_MASK == number_]
    return found


def ops(attr: int, bit: int = 0) -> Ours:
    def said(message: Message) -> list[str]:
        found = in_runs(message, CTRL_ATTR.OPS.number, attr)
        return [str(int(bool(int(one) & bit))) for one in found] if bit else found

    return of("genl_ctrl", said)


MEANINGS: dict[str, Ours] = {
    "netlink-route.ifla_attr_type": of("link", types),
    "netlink-route.ifa_attr_type": of("address", types),
    "netlink-route.rta_attr_type": of("route", types),
    "netlink-route.ifla_hwaddr": of("link", lambda message: hexes(message, IFLA.ADDRESS.number)),
    "netlink-route.ifla_broadcast": of("link", lambda message: hexes(message, IFLA.BROADCAST.number)),
    "netlink-route.ifla_txqnum": of("link", lambda message: numbers(message, IFLA.NUM_TX_QUEUES.number)),
    "netlink-route.ifla_rxqnum": of("link", lambda message: numbers(message, IFLA.NUM_RX_QUEUES.number)),
    "netlink-route.ifla_gso_maxsize": of("link", lambda message: numbers(message, IFLA.GSO_MAX_SIZE.number)),
    "netlink-route.ifla_gso_maxsegs": of("link", lambda message: numbers(message, IFLA.GSO_MAX_SEGS.number)),
    "netlink-route.ifla_carrier": of("link", lambda message: numbers(message, IFLA.CARRIER.number)),
    "netlink-route.ifi_flags.iff_up": of("link", lambda message: [str(int(bool(message.ifi_flags & IFF.UP)))]),
    "netlink-route.ifi_flags.iff_broadcast": of(
        "link", lambda message: [str(int(bool(message.ifi_flags & IFF.BROADCAST)))]
    ),
    "netlink-route.ifa_address.ipv4": of("address", lambda message: hexes(message, *ADDRESSES, size=4)),
    "netlink-route.ifa_address.ipv6": of("address", lambda message: hexes(message, *ADDRESSES, size=16)),
    **{f"netlink-route.ifla_map.{name}": map_of(name) for name in ("mem_start", "mem_end", "base_addr")},
    **{f"netlink-route.ifla_map.{name}": map_of(name) for name in ("irq", "dma", "port")},
    **{f"netlink-route.ifla_linkstats.{theirs}": stats(mine) for theirs, mine in STATS.items()},
    "netlink-route.ifla_linkstats.rx_errors.fifo_errs": of("link", fifo),
    **{f"netlink.hdr_flags.{name}": flag(bit) for name, bit in FLAGS.items()},
    "netlink.error": lambda message: [str(message.error)] if message.family.name == "error" else [],
    "netlink-route.nd_index": of("neighbour", lambda message: [str(message.ndm_ifindex)]),
    "genl.ctrl.cmd": of("genl_ctrl", lambda message: [str(int(message.cmd))]),
    "genl.ctrl_attr": of("genl_ctrl", types),
    "genl.ctrl.op_id": ops(CTRL_ATTR_OP.ID.number),
    "genl.ctrl.op_flags": ops(CTRL_ATTR_OP.FLAGS.number),
    "genl.ctrl.op_flags.admin_perm": ops(CTRL_ATTR_OP.FLAGS.number, 1),
    "genl.ctrl.op_flags.cmd_cap_do": ops(CTRL_ATTR_OP.FLAGS.number, 2),
    "genl.ctrl.op_flags.cmd_cap_dump": ops(CTRL_ATTR_OP.FLAGS.number, 4),
    "genl.ctrl.op_flags.cmd_cap_haspol": ops(CTRL_ATTR_OP.FLAGS.number, 8),
    "genl.ctrl.op_flags.uns_admin_perm": ops(CTRL_ATTR_OP.FLAGS.number, 16),
    "genl.ctrl.group_name": of(
        "genl_ctrl",
        lambda message: in_runs(message, CTRL_ATTR.MCAST_GROUPS.number, CTRL_ATTR_MCAST_GRP.NAME.number),
    ),
    "genl.ctrl.group_id": of(
        "genl_ctrl", lambda message: in_runs(message, CTRL_ATTR.MCAST_GROUPS.number, CTRL_ATTR_MCAST_GRP.ID.number)
    ),
}
MEANINGS |= RECORDED
"""tshark's name of a field -> what we say it is, all of its values in order."""


def plain(text: str) -> str:
    """Addresses and bytes as hex digits, truth values as numbers, numbers in decimal."""
    if text in ("True", "False"):
        return str(int(text == "True"))
    if re.fullmatch(r"[0-9a-f]{2}(:[0-9a-f]{2})+", text):
        return text.replace(":", "")
    try:
        return number(text) if text.isdecimal() else ip_address(text).packed.hex()
    except ValueError:
        return number(text)


def known_to_tshark() -> list[str]:
    """Every netlink field of this tshark."""
    lines = run("tshark", "-G", "fields").splitlines()
    names = {line.split("\t")[2] for line in lines if line.startswith("F\t")}
    return sorted(name for name in names if name.split(".")[0].split("-")[0] in ("netlink", "genl"))


TSHARK_STILL = "tshark reads messages as what they are not: take the lines out of TSHARK_WRONG and of misread"


def misread(name: str, message: Message) -> bool:
    """Whether tshark takes a message for what it is not (TSHARK_WRONG)."""
    if name.startswith(("netlink-netfilter.ct_attr.", "netlink-netfilter.ct.")):
        return "stats" in message.family.name
    told = name.startswith("netlink-sock_diag.") and not message.nlmsg_flags & 1
    return told and message.family.name == "inet_diag" and not message.nlmsg_pid


def test_tshark_says_the_same_of_every_field(tmp_path: Path) -> None:
    write(tmp_path / "x.pcapng", [one for one, _ in messages()])
    fields = tuple(MEANINGS)
    compared, differences, excused = dict.fromkeys(fields, 0), [], 0
    misreadings: dict[str, int] = {}
    for (_, message), theirs in zip(messages(), said_by_tshark(tmp_path / "x.pcapng", fields), strict=True):
        for name, values in theirs.items():
            mine, said = MEANINGS[name](message), [plain(one) for one in values]
            if name.startswith("netlink.hdr_flags."):  # tshark says each twice, and those of quoted requests too
                said = said[:1]
            if not mine and message.family.name in ("error", "unknown"):
                continue  # a request it quotes, compared as itself; a family that nobody declared
            if misread(name, message):
                misreadings[name] = misreadings.get(name, 0) + 1
                continue
            if name.endswith("_attr_type") and message.attrs.rest:
                excused += said != mine
                said = said[: len(mine)]  # TSHARK_WRONG
            compared[name] += 1
            if mine != said:
                differences.append((name, message.type.name, mine, said))
    assert differences == []
    assert [name for name, count in compared.items() if not count] == []
    assert {name.partition(".")[0] for name in misreadings} == {"netlink-sock_diag", "netlink-netfilter"}, TSHARK_STILL
    assert excused, "tshark stops at attributes that are none: take the line out of TSHARK_WRONG"


def test_the_other_disagreements_are_still_there() -> None:
    """TSHARK_WRONG names them."""
    lines = [line.split("\t") for line in run("tshark", "-G", "fields").splitlines() if line.startswith("F\t")]
    types_of = {line[2]: line[3] for line in lines}
    assert types_of["genl.family_id"] == "FT_UINT8"
    counters = [name for name in types_of if "ifla_linkstats" in name]
    assert len(counters) == len(STATS) + 1  # struct rtnl_link_stats has two fifo errors
    assert not any("tx_errors" in name for name in counters)
    assert len(exceptions.TSHARK_WRONG) == 9


def test_every_field_is_compared_or_excused() -> None:
    by_name = {name for _, message in messages() for name, _ in ours(message)} - {
        f"netlink-route.{name}" for name in NOT_THE_SAME
    }
    compared = {*MEANINGS, *BUILT, *GENL_FIELDS, "netlink.family", "netlink-route.nltype", *by_name}
    compared |= {f"netlink.{name}" for name in HEADER.values()}
    left = [name for name in known_to_tshark() if name not in compared]
    excuses = dict.fromkeys(exceptions.TSHARK_SILENT, 0)
    unexcused = []
    for name in left:
        found = next((one for one in excuses if fnmatchcase(name, one)), None)
        if found is None:
            unexcused.append(name)
        else:
            excuses[found] += 1
    assert unexcused == []
    assert [one for one, count in excuses.items() if not count] == []


def asked(kind: int, body: bytes, flags: int = 0x301) -> bytes:
    """A request."""
    return struct.pack("=IHHII", 16 + len(body), kind, flags, 7, 0) + body


OTHERS = {
    NETLINK.NETFILTER: [asked(6 << 8 | 1, bytes(4))],
    NETLINK.XFRM: [asked(0x25, bytes(4), 5), asked(0x12, b"")],
}
"""Requests of which no family is declared: ipset, xfrm_userpolicy_id, …"""


def test_tshark_headers_of_other_protocols(tmp_path: Path) -> None:
    """Conversations with this kernel: tshark finds no fault, and the same headers."""
    path = tmp_path / "x.pcapng"
    try:
        with create(path) as out:
            for protocol, requests in OTHERS.items():
                held = tmp_path / f"{protocol}.pcapng"
                talk(held, protocol, requests)
                for entry in read(held):
                    out.write(entry)
    except OSError as error:
        require_or_skip(f"no netlink here: {error}")
    fields = ("netlink.family", *(f"netlink.{name}" for name in HEADER.values()), "_ws.malformed")
    said = said_by_tshark(path, fields)
    records = [one for one in read(path) if isinstance(one, Record)]
    assert len(records) > 2 * len(OTHERS)
    compared = 0
    for record, theirs in zip(records, said, strict=True):
        assert "_ws.malformed" not in theirs
        assert theirs["netlink.family"][0] == str(record.protocol)
        (first, *_) = heads_of(record)
        for mine, name in HEADER.items():
            if f"netlink.{name}" in theirs:  # nfnetlink's types have a field of their own
                compared += 1
                assert theirs[f"netlink.{name}"][0] == str(getattr(first, mine)), (mine, record)
    assert compared > 4 * len(records)


def talk(path: Path, protocol: int, requests: list[bytes]) -> None:
    """Ask what changes nothing, and record what is answered. Raises OSError."""
    with closing(recorded(open_socket(protocol), path, protocol=protocol)) as nl:
        nl.settimeout(0.3)
        for one in requests:
            nl.send(one)
            try:
                while True:
                    nl.recv(1 << 20)
            except TimeoutError:
                pass
