"""How sockets, tracked connections and rules are said: as ss(8), conntrack(8) and nft(8) --debug say them, without columns.

    listen 0/128 127.0.0.1:80 *:* uid 33 inode 4711
    inet t in handle 2 [ meta key l4proto dreg 1 ] [ cmp sreg 1 op eq data { value 0x06 } ]
    tcp established 431999s 192.0.2.1:1000 -> 192.0.2.2:80 back 192.0.2.2:80 -> 192.0.2.1:1000 assured confirmed

Knows: words.
Never: bytes. What a header or an attribute is: a name that is not there gives no words.
"""

from collections.abc import Iterator

from nlwire.codec.text.phrases import Look, Phrase, bits, says, silent
from nlwire.codec.text.reader import Reader, item_words, words_of
from nlwire.codec.values import Attrs, Item
from nlwire.schema.attrs import NoAttrs

NOWHERE = "*"


def joined(host: str, port: int) -> str:
    """``192.0.2.1:80``, ``[::1]:80``, ``*:*``."""
    return f"{f'[{host}]' if ':' in host else host}:{port or NOWHERE}"


def end(address: str, port: str) -> Phrase:
    """One end of a socket; nothing but zeros is anybody."""

    def phrase(reader: Reader) -> str:
        found = reader.peek(address)
        host = reader.say(address)
        nobody = found is None or not isinstance(found[1], bytes) or not any(found[1])
        return joined(NOWHERE if nobody else host, reader.number(port))

    return phrase


def queues(receive: str, send: str) -> Phrase:
    """``0/128``: bytes that wait; where a socket listens, connections that do and may."""
    return lambda reader: f"{reader.number(receive)}/{reader.number(send)}"


def rqlen(reader: Reader) -> str:
    """The same of a Unix socket, which has them in a struct."""
    found = reader.take("UNIX_DIAG_RQLEN")
    shown = {} if found is None else found[1].to_dict()
    return f"{shown.get('udiag_rqueue', 0)}/{shown.get('udiag_wqueue', 0)}" if found is not None else ""


def timer(reader: Reader) -> str:
    """``timer keepalive 7199920ms``."""
    which, left = reader.say("idiag_timer"), reader.number("idiag_expires")
    return f"timer {which} {left}ms" if which and which != "off" else ""


def port_of(reader: Reader) -> str:
    """``kernel``, or a port."""
    return str(reader.number("ndiag_portid") or "kernel")


def socket_groups(reader: Reader) -> str:
    """``groups 1,5,33``: the numbers of the bits."""
    found = reader.take("NETLINK_DIAG_GROUPS")
    words = found[1] if found is not None and isinstance(found[1], tuple) else ()
    groups = [at * 32 + bit + 1 for at, word in enumerate(words) for bit in range(32) if word >> bit & 1]
    return "groups " + ",".join(map(str, groups)) if groups else ""


def leaves(run: Attrs) -> Iterator[tuple[str, str]]:
    """(name, words) of what holds no other attributes, however deep."""
    for item in run.items:
        if isinstance(item[2], Attrs):
            yield from leaves(item[2])
        elif item[0] is not None and item[1] is not None:
            yield run.set.name_of(item[0]), words_of(item[1], item[2])


def tuple_words(run: Attrs) -> str:
    """``192.0.2.1:1000 -> 192.0.2.2:80``; of ICMP type, code and id."""
    found = dict(leaves(run))
    source, target = (found.get(f"CTA_IP_V4_{one}") or found.get(f"CTA_IP_V6_{one}") or "?" for one in ("SRC", "DST"))
    ports = [found.get(f"CTA_PROTO_{one}_PORT") for one in ("SRC", "DST")]
    if None not in ports:
        source, target = (joined(host, int(port or "0")) for host, port in zip((source, target), ports, strict=True))
    echo = [
        f"{label} {found[name]}"
        for label, part in (("type", "TYPE"), ("code", "CODE"), ("id", "ID"))
        for name in (f"CTA_PROTO_ICMP_{part}", f"CTA_PROTO_ICMPV6_{part}")
        if name in found
    ]
    zone = [f"zone {found['CTA_TUPLE_ZONE']}"] if "CTA_TUPLE_ZONE" in found else []
    return " ".join([f"{source} -> {target}", *echo, *zone])


def runs_of(reader: Reader, name: str) -> Attrs | None:
    """A nest, taken."""
    found = reader.peek(name)
    if found is None or not isinstance(found[1], Attrs):
        return None
    reader.take(name)
    return found[1]


def protocol(reader: Reader) -> str:
    """``tcp``, of the tuple; not taken, for the tuple is still to be said."""
    found = reader.peek("CTA_TUPLE_ORIG") or reader.peek("CTA_TUPLE_REPLY")
    if found is None or not isinstance(found[1], Attrs):
        return ""
    return next((text for name, text in leaves(found[1]) if name == "CTA_PROTO_NUM"), "")


def state(reader: Reader) -> str:
    """``established``, of CTA_PROTOINFO; the rest of it is details."""
    found = reader.peek("CTA_PROTOINFO")
    if found is None or not isinstance(found[1], Attrs):
        return ""
    return next((text for name, text in leaves(found[1]) if name.endswith("_STATE")), "")


def direction(label: str, name: str) -> Phrase:
    """One direction of a connection."""

    def phrase(reader: Reader) -> str:
        run = runs_of(reader, name)
        return "" if run is None else f"{label} {tuple_words(run)}".strip()

    return phrase


def seconds(name: str) -> Phrase:
    """``431999s``."""
    return lambda reader: "" if reader.peek(name) is None else f"{reader.number(name)}s"


def expressions(reader: Reader) -> str:
    """``[ meta key iifname dreg 1 ] [ cmp … ]``: what a rule does, one after the other."""
    run = runs_of(reader, "NFTA_RULE_EXPRESSIONS")
    return "" if run is None else " ".join(f"[ {expression(item)} ]" for item in run.items)


def expression(item: Item) -> str:
    """One of them: its name, then what it has; something else as it is."""
    if not isinstance(item[2], Attrs):
        return item_words(NoAttrs, item)
    run: Attrs = item[2]
    words = []
    for one in run.items:
        name, inside = run.set.name_of(one[0] or 0), one[2]
        if name == "NFTA_EXPR_NAME" and one[1] is not None:
            words.append(words_of(one[1], inside))
        elif name == "NFTA_EXPR_DATA" and isinstance(inside, Attrs):
            words += [item_words(inside.set, part) for part in inside.items]
        else:
            words.append(item_words(run.set, one))
    return " ".join(words)


def _quiet(names: str) -> frozenset[str]:
    return frozenset(names.split())


LOOKS: dict[str, Look] = {
    "inet_diag": Look(
        (
            says("", "idiag_state"),
            queues("idiag_rqueue", "idiag_wqueue"),
            end("id.idiag_src", "id.idiag_sport"),
            end("id.idiag_dst", "id.idiag_dport"),
            timer,
            says("proto", "INET_DIAG_PROTOCOL"),
            says("uid", "idiag_uid"),
            says("inode", "idiag_inode"),
            silent("idiag_family"),
        ),
        _quiet(
            "id.idiag_cookie INET_DIAG_SHUTDOWN INET_DIAG_TOS INET_DIAG_TCLASS INET_DIAG_SKV6ONLY INET_DIAG_MARK INET_DIAG_CLASS_ID "
            "INET_DIAG_CGROUP_ID INET_DIAG_SOCKOPT INET_DIAG_MEMINFO INET_DIAG_SKMEMINFO INET_DIAG_INFO INET_DIAG_PAD "
            "INET_DIAG_VEGASINFO INET_DIAG_DCTCPINFO INET_DIAG_BBRINFO"
        ),
    ),
    "unix_diag": Look(
        (
            says("", "udiag_type"),
            says("", "udiag_state"),
            rqlen,
            lambda reader: reader.say("UNIX_DIAG_NAME") or NOWHERE,
            says("inode", "udiag_ino"),
            says("peer", "UNIX_DIAG_PEER"),
            says("uid", "UNIX_DIAG_UID"),
            silent("udiag_family"),
        ),
        _quiet("udiag_cookie UNIX_DIAG_VFS UNIX_DIAG_MEMINFO UNIX_DIAG_SHUTDOWN UNIX_DIAG_ICONS"),
    ),
    "netlink_diag": Look(
        (
            lambda reader: reader.say("ndiag_protocol") or "route",
            port_of,
            says("", "ndiag_type"),
            says("to", "ndiag_dst_portid"),
            says("to group", "ndiag_dst_group"),
            socket_groups,
            bits("NETLINK_DIAG_FLAGS"),
            says("inode", "ndiag_ino"),
            silent("ndiag_family", "ndiag_state"),
        ),
        _quiet("ndiag_cookie NETLINK_DIAG_MEMINFO"),
    ),
    "packet_diag": Look(
        (
            says("", "pdiag_type"),
            says("proto", "pdiag_num"),
            says("inode", "pdiag_ino"),
            silent("pdiag_family"),
        ),
        _quiet("pdiag_cookie PACKET_DIAG_MEMINFO PACKET_DIAG_FILTER"),
    ),
    "nft_rule": Look(
        (
            says("", "nfgen_family"),
            says("", "NFTA_RULE_TABLE"),
            says("", "NFTA_RULE_CHAIN"),
            says("handle", "NFTA_RULE_HANDLE"),
            expressions,
            silent("res_id"),
        ),
        _quiet("NFTA_RULE_USERDATA NFTA_RULE_POSITION"),
    ),
    "conntrack": Look(
        (
            protocol,
            state,
            seconds("CTA_TIMEOUT"),
            direction("", "CTA_TUPLE_ORIG"),
            direction("back", "CTA_TUPLE_REPLY"),
            bits("CTA_STATUS"),
            says("mark", "CTA_MARK"),
            says("zone", "CTA_ZONE"),
            silent("nfgen_family"),
        ),
        _quiet("CTA_ID CTA_USE CTA_PROTOINFO CTA_TIMESTAMP CTA_TIMESTAMP_EVENT CTA_SYNPROXY"),
    ),
}
"""Family -> how it is said."""
