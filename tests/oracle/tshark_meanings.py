"""What tshark's fields of sockets and of netfilter mean to us: functions from a message to all values of a field, in order.

Knows: tshark 4.0's names, and where it reads otherwise (exceptions.TSHARK_WRONG).
Never: how tshark is asked.
"""

from collections.abc import Callable, Iterator
from typing import Any

from nlwire.codec.message import Message
from nlwire.codec.values import Attrs
from nlwire.schema.attrs import NLA_TYPE_MASK
from nlwire.uapi.nf_conntrack_common import IPS

Ours = Callable[[Message], list[str]]
INET, UNIX, NETLINK, PACKET = (f"{one}_diag" for one in ("inet", "unix", "netlink", "packet"))


def of(say: Ours, *families: str) -> Ours:
    """What messages of some families say; nothing of others."""

    def said(message: Message) -> list[str]:
        return say(message) if message.family.name in families else []

    return said


def text(raw: Any) -> str:
    """A raw value as tests compare it: bytes as hex digits."""
    return raw.hex() if isinstance(raw, bytes) else str(raw)


def leaf(*names: str, take: Callable[[Any], Any] = lambda raw: raw) -> Ours:
    """The header's field of one of these names."""

    def said(message: Message) -> list[str]:
        fields = zip(message.layout.leaves, message.fields, strict=True)
        return [text(take(raw)) for one, raw in fields if one.name in names]

    return said


def runs(run: Attrs) -> Iterator[tuple[str, Attrs]]:
    """Every run inside of a run with its attribute's name, however deep, in order."""
    for item in run.items:
        if isinstance(item[2], Attrs):
            yield run.set.name_of(item[0]), item[2]
            yield from runs(item[2])


def every_run(message: Message) -> list[Attrs]:
    """The runs of a message, from the outside in, each in order."""
    return [message.attrs, *(run for _, run in runs(message.attrs))]


def values(message: Message, *names: str) -> Iterator[Any]:
    """The raw values of attributes of these names, wherever they stand, in the order of the bytes."""
    yield from _values(message.attrs, names)


def _values(run: Attrs, names: tuple[str, ...]) -> Iterator[Any]:
    for item in run.items:
        if item[0] is not None and item[1] is not None and run.set.name_of(item[0]) in names:
            yield item[2]
        if isinstance(item[2], Attrs):
            yield from _values(item[2], names)


def attr(*names: str, take: Callable[[Any], Any] = lambda raw: raw) -> Ours:
    """The values of attributes of these names."""
    return lambda message: [text(take(raw)) for raw in values(message, *names)]


def bit(mask: int, *names: str) -> Ours:
    return attr(*names, take=lambda raw: int(bool(raw & mask)))


def types_in(*prefixes: str) -> Ours:
    """The attribute types of runs whose attributes' names begin so."""

    def said(message: Message) -> list[str]:
        chosen = [run for run in every_run(message) if run.set.c_prefix in prefixes]
        return [str(item[0] & NLA_TYPE_MASK) for run in chosen for item in run.items if item[0] is not None]

    return said


def both(*says: Ours) -> Ours:
    return lambda message: [one for say in says for one in say(message)]


def field(name: str) -> Callable[[Any], Any]:
    return lambda raw: getattr(raw, name)


def swapped(raw: int) -> int:
    return int.from_bytes(raw.to_bytes(4, "little"), "big")


MEMINFOS = ("INET_DIAG_SKMEMINFO", "UNIX_DIAG_MEMINFO", "NETLINK_DIAG_MEMINFO", "PACKET_DIAG_MEMINFO")
ASKED = tuple(f"{one}_request" for one in (INET, UNIX, NETLINK, PACKET))
SOCKETS = (INET, UNIX, NETLINK, PACKET)


def memory(place: int, short: str = "") -> Ours:
    """A figure of sock_diag_put_meminfo, after that of struct inet_diag_meminfo where it has it."""
    shorter = attr("INET_DIAG_MEMINFO", take=field(short)) if short else both()
    return of(both(shorter, attr(*MEMINFOS, take=lambda raw: raw[place])), *SOCKETS)


def show(name: str, mask: int) -> Ours:
    return leaf(name, take=lambda raw: int(bool(raw & mask)))


def cookie(raw: tuple[int, int]) -> int:
    return raw[0] | raw[1] << 32


def of_family(number: int, say: Ours) -> Ours:
    """What sockets of one address family say."""
    return of(lambda message: say(message) if message.fields[0] == number else [], INET, "inet_diag_request")


def address(name: str, size: int) -> Ours:
    return leaf(name, take=lambda raw: raw[:size])


_SOCK = {
    "family": of(lambda message: [str(message.fields[0])], *SOCKETS, *ASKED, "inet_diag_request_v1", "sock_diag"),
    "type": of(leaf("udiag_type", "ndiag_type", "pdiag_type"), *SOCKETS),
    "state": of(leaf("idiag_state", "udiag_state", "ndiag_state"), *SOCKETS),
    "inode": of(leaf("idiag_inode", "udiag_ino", "ndiag_ino", "pdiag_ino"), *SOCKETS, *ASKED),
    "recv_queue": both(of(leaf("idiag_rqueue"), INET), of(attr("UNIX_DIAG_RQLEN", take=field("udiag_rqueue")), UNIX)),
    "send_queue": both(of(leaf("idiag_wqueue"), INET), of(attr("UNIX_DIAG_RQLEN", take=field("udiag_rqueue")), UNIX)),
    "rmem_alloc": memory(0, "idiag_rmem"),
    "rcvbuf": memory(1),
    "wmem_alloc": memory(2, "idiag_tmem"),
    "sndbuf": memory(3),
    "fwd_alloc": memory(4, "idiag_fmem"),
    "wmem_queued": memory(5, "idiag_wmem"),
    "cookie": of(
        leaf("id.idiag_cookie", "udiag_cookie", "ndiag_cookie", "pdiag_cookie", take=cookie),
        *SOCKETS,
        *ASKED,
        "inet_diag_request_v1",
    ),
    "shutdown": of(attr("INET_DIAG_SHUTDOWN", "UNIX_DIAG_SHUTDOWN"), INET, UNIX),
    "unix_attr": of(types_in("UNIX_DIAG_"), UNIX),
    "unix_name": of(
        attr("UNIX_DIAG_NAME", take=lambda raw: raw.replace(b"\0", b"@", 1)[: -1 if raw[0] else None].decode()), UNIX
    ),
    "unix_peer_inode": of(attr("UNIX_DIAG_PEER"), UNIX),
    "unix_show": of(leaf("udiag_show"), "unix_diag_request"),
    **{
        f"unix_show.{name}": of(show("udiag_show", 1 << at), "unix_diag_request")
        for at, name in enumerate(("name", "vfs", "peer", "icons", "rqlen", "meminfo"))
    },
    "inet_attr": of(types_in("INET_DIAG_"), INET),
    "inet_sport": of(leaf("id.idiag_sport"), INET, "inet_diag_request"),
    "inet_dport": of(leaf("id.idiag_dport"), INET, "inet_diag_request"),
    "inet_src_ip4": of_family(2, address("id.idiag_src", 4)),
    "inet_dest_ip4": of_family(2, address("id.idiag_dst", 4)),
    "inet_src_ip6": of_family(10, address("id.idiag_src", 16)),
    "inet_dest_ip6": of_family(10, address("id.idiag_dst", 16)),
    "inet_interface": of(leaf("id.idiag_if"), INET, "inet_diag_request"),
    "inet_protocol": of(leaf("sdiag_protocol"), "inet_diag_request"),
    "inet_extended": of(leaf("idiag_ext"), "inet_diag_request"),
    "inet_padding": of(leaf("pad"), "inet_diag_request"),
    "inet_states": of(leaf("idiag_states", take=swapped), "inet_diag_request"),
    "netlink_attr": of(types_in("NETLINK_DIAG_", "PACKET_DIAG_"), NETLINK, PACKET),
    "netlink_protocol": of(leaf("ndiag_protocol", "sdiag_protocol"), NETLINK, "netlink_diag_request"),
    "netlink_portid": of(leaf("ndiag_portid"), NETLINK),
    "netlink_dst_portid": of(leaf("ndiag_dst_portid"), NETLINK),
    "netlink_show": of(leaf("ndiag_show"), "netlink_diag_request"),
    **{
        f"netlink_show.{name}": of(show("ndiag_show", 1 << at), "netlink_diag_request")
        for at, name in enumerate(("meminfo", "groups", "ring_cfg"))
    },
    "packet_protocol": of(leaf("pdiag_num", "sdiag_protocol"), PACKET, "packet_diag_request"),
    "packet_show": of(leaf("pdiag_show"), "packet_diag_request"),
    **{
        f"packet_show.{name}": of(show("pdiag_show", 1 << at), "packet_diag_request")
        for at, name in enumerate(("info", "mclist", "ring_cfg", "fanout", "meminfo", "filter"))
    },
    "nltype": lambda message: [str(message.nlmsg_type)] if message.protocol == 4 and message.nlmsg_type > 15 else [],
}
"""NETLINK_SOCK_DIAG."""

CT = ("conntrack", "expectation")
EXPECT = "expectation"
QUEUED, SETTINGS = "nfqueue_packet", "nfqueue_config"
COUNTED = ("conntrack_stats_cpu", "conntrack_stats", "expectation_stats_cpu", "expectation_stats_cpu_request")
HEADED = (*CT, *COUNTED, QUEUED, SETTINGS)
"""Families whose nfgenmsg tshark reads."""
TUPLES = (
    "CTA_TUPLE_ORIG",
    "CTA_TUPLE_REPLY",
    "CTA_TUPLE_MASTER",
    "CTA_EXPECT_MASTER",
    "CTA_EXPECT_TUPLE",
    "CTA_EXPECT_MASK",
)
STATUS = (
    *(
        "expected",
        "seen_reply",
        "assured",
        "confirmed",
        "src_nat",
        "dst_nat",
        "seq_adjust",
        "src_nat_done",
        "dst_nat_done",
    ),
    *("dying", "fixed_timeout", "template", "untracked", "helper", "offload"),
)


def subsystem(message: Message) -> list[str]:
    return [str(message.nlmsg_type >> 8)] if message.protocol == 12 and message.nlmsg_type > 15 else []


_NETFILTER = {
    "family": of(leaf("nfgen_family"), *HEADED),
    "version": of(leaf("version"), *HEADED),
    "res_id": of(leaf("res_id"), *HEADED),
    "subsys": subsystem,
    "nfct_tuple": of(types_in("CTA_TUPLE_"), *CT),
    "nfct_tuple.ip": of(types_in("CTA_IP_"), *CT),
    "nfct_tuple.ip.ip_addr": of(attr("CTA_IP_V4_SRC", "CTA_IP_V4_DST"), *CT),
    "nfct_tuple.ip.ip6_addr": of(attr("CTA_IP_V6_SRC", "CTA_IP_V6_DST"), *CT),
    "nfct_tuple.proto": of(types_in("CTA_PROTO_"), *CT),
    "nfct_tuple.proto.num": of(attr("CTA_PROTO_NUM"), *CT),
    "nfct_tuple.proto.src_port": of(attr("CTA_PROTO_SRC_PORT"), *CT),
    "nfct_tuple.proto.dst_port": of(attr("CTA_PROTO_DST_PORT"), *CT),
    "ct_attr.timeout": of(attr("CTA_TIMEOUT"), "conntrack"),
    "ct_attr.id": of(attr("CTA_ID"), "conntrack"),
    "ct_attr.status": of(attr("CTA_STATUS"), "conntrack"),
    **{f"ct_attr.status.{name}": of(bit(int(IPS[name.upper()]), "CTA_STATUS"), "conntrack") for name in STATUS},
    "ct.attr": of(types_in("CTA_"), "conntrack"),
    "exp.attr": of(types_in("CTA_EXPECT_"), "expectation"),
    "exp_type": of(lambda message: [str(message.nlmsg_type & 0xFF)], "expectation", "expectation_stats_cpu_request"),
    "nfexp.timeout": of(attr("CTA_EXPECT_TIMEOUT"), "expectation"),
}
"""NETLINK_NETFILTER, as far as a kernel told of it here."""

_BUILT = {
    "nfct_tuple.zone": of(attr("CTA_TUPLE_ZONE"), *CT),
    "ct_help_attr": of(types_in("CTA_HELP_"), "conntrack"),
    "ct_help_attr.help_name": of(attr("CTA_HELP_NAME"), "conntrack"),
    "ct_seqadj_attr": of(types_in("CTA_SEQADJ_"), "conntrack"),
    "ct_seqadj_correction_pos": of(attr("CTA_SEQADJ_CORRECTION_POS"), "conntrack"),
    "ct_seqadj_offset_before": of(attr("CTA_SEQADJ_OFFSET_BEFORE"), "conntrack"),
    "ct_seqadj_offset_after": of(attr("CTA_SEQADJ_OFFSET_AFTER"), "conntrack"),
    "nfexp.nat": of(types_in("CTA_EXPECT_NAT_"), EXPECT),
    "nfexp.nat.dir": of(attr("CTA_EXPECT_NAT_DIR"), EXPECT),
    "nfexp.id": of(attr("CTA_EXPECT_ID"), EXPECT),
    "nfexp.class": of(attr("CTA_EXPECT_CLASS"), EXPECT),
    "nfexp.zone": of(attr("CTA_EXPECT_ZONE"), EXPECT),
    "nfexp.fn": of(attr("CTA_EXPECT_FN"), EXPECT),
    "nfexp.flags": of(attr("CTA_EXPECT_FLAGS"), EXPECT),
    **{
        f"nfexp.flags.{name}": of(bit(1 << at, "CTA_EXPECT_FLAGS"), EXPECT)
        for at, name in enumerate(("permanent", "inactive", "userspace"))
    },
    "queue_type": of(lambda message: [str(message.nlmsg_type & 0xFF)], QUEUED, SETTINGS),
    "queue.attr": of(types_in("NFQA_"), QUEUED),
    "queue.config_attr": of(types_in("NFQA_CFG_"), SETTINGS),
    "queue.config.command.command": of(attr("NFQA_CFG_CMD", take=lambda raw: int(raw.command)), SETTINGS),
    "queue.config.command.pf": of(attr("NFQA_CFG_CMD", take=field("pf")), SETTINGS),
    "queue.config.params.copy_range": of(attr("NFQA_CFG_PARAMS", take=field("copy_range")), SETTINGS),
    "queue.config.params.copy_mode": of(
        attr("NFQA_CFG_PARAMS", take=lambda raw: int(raw.raw(raw.field_map["copy_mode"]))), SETTINGS
    ),
    "queue.config.queue_maxlen": of(attr("NFQA_CFG_QUEUE_MAXLEN", take=swapped), SETTINGS),
    "queue.config.mask": of(attr("NFQA_CFG_MASK", take=swapped), SETTINGS),
    "queue.config.flags": of(attr("NFQA_CFG_FLAGS", take=swapped), SETTINGS),
    "queue.verdict.verdict": of(attr("NFQA_VERDICT_HDR", take=field("verdict")), QUEUED),
    "queue.verdict.id": of(attr("NFQA_VERDICT_HDR", take=field("id")), QUEUED),
    "queue.packet.id": of(attr("NFQA_PACKET_HDR", take=field("packet_id")), QUEUED),
    "queue.packet.protocol": of(
        attr("NFQA_PACKET_HDR", take=lambda raw: int(raw.raw(raw.field_map["hw_protocol"]))), QUEUED
    ),
    "queue.packet.hook": of(attr("NFQA_PACKET_HDR", take=field("hook")), QUEUED),
    "queue.nfmark": of(attr("NFQA_MARK"), QUEUED),
    "queue.ifindex_indev": of(attr("NFQA_IFINDEX_INDEV"), QUEUED),
    "queue.ifindex_outdev": of(attr("NFQA_IFINDEX_OUTDEV"), QUEUED),
    "queue.ifindex_physindev": of(attr("NFQA_IFINDEX_PHYSINDEV"), QUEUED),
    "queue.ifindex_physoutdev": of(attr("NFQA_IFINDEX_PHYSOUTDEV"), QUEUED),
    "queue.hwaddr.len": of(attr("NFQA_HWADDR", take=field("hw_addrlen")), QUEUED),
    "queue.hwaddr.addr": of(attr("NFQA_HWADDR", take=lambda raw: bytes(raw.hw_addr)[:6]), QUEUED),
    "queue.ct_info": of(attr("NFQA_CT_INFO"), QUEUED),
    "queue.caplen": of(attr("NFQA_CAP_LEN"), QUEUED),
    "queue.uid": of(attr("NFQA_UID"), QUEUED),
    "queue.gid": of(attr("NFQA_GID"), QUEUED),
    "ulog_type": of(lambda message: [str(message.nlmsg_type & 0xFF)], "nflog_packet", "nflog_config"),
}
"""NETLINK_NETFILTER: what needs modules that the recording kernel has not, compared over messages made by us."""

RECORDED: dict[str, Ours] = {
    **{f"netlink-sock_diag.{name}": say for name, say in _SOCK.items()},
    **{f"netlink-netfilter.{name}": say for name, say in _NETFILTER.items()},
}
BUILT: dict[str, Ours] = {f"netlink-netfilter.{name}": say for name, say in _BUILT.items()}
