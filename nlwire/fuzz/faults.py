"""One fault at one place of a sound datagram, and what a right reader makes of it.

    fault.make(anatomy, site, random) -> Mutant(data, "nla_len 3", "RTA_METRICS/RTAX_MTU", offset, Verdict.REST)

The table follows the classes of mistakes that programs have made with netlink for twenty years: lengths nobody checked,
texts without an end, attributes that were not there, tables one entry short, counts from the wire.

Knows: how each rule of the format is broken.
Never: families by name; chance (that is the mutator's), conversations.
"""

from collections.abc import Callable
from enum import Enum
from random import Random
from typing import NamedTuple

from nlwire.fuzz.anatomy import Anatomy, Length, Site, What, read_length
from nlwire.fuzz.edit import nla_type_at, nlattr_bytes, overwrite, splice, with_payload, with_type
from nlwire.schema.attrs import NLA_F_NESTED, NLA_F_NET_BYTEORDER, NLA_HDRLEN, NLA_TYPE_MASK
from nlwire.schema.kinds import Array, Int, String
from nlwire.schema.layout import HOST


class Verdict(Enum):
    """What a right reader makes of the bytes."""

    READ = "read"
    """Sound, though perhaps not what it was: every message reads."""
    OPAQUE = "opaque"
    """The attribute does not fit its declaration and is kept as bytes."""
    REST = "rest"
    """From the place on there are no attributes in this run: bytes, kept."""
    REFUSED = "refused"
    """No message starts where one should: the datagram's framing ends."""


class Mutant(NamedTuple):
    """A datagram with one fault. ``site`` names the place, ``offset`` is its first byte in the sound datagram."""

    data: bytes
    fault: str
    site: str
    offset: int
    verdict: Verdict


Make = Callable[[Anatomy, Site, Random], tuple[bytes, str, Verdict] | None]
"""Breaks one place: the bytes, the fault in words, the verdict; None where this fault cannot be."""

FAULTS: dict[What, list[Make]] = {what: [] for what in What}
"""The faults by what they are put on."""


def on(*whats: What) -> Callable[[Make], Make]:
    """Enter a fault into the table."""

    def enter(make: Make) -> Make:
        for what in whats:
            FAULTS[what].append(make)
        return make

    return enter


BULKY: set[Make] = set()
"""Faults that make a datagram long: worth trying, and too slow to try as often as the others."""

ATTRS = (What.LEAF, What.NEST, What.RECORDS, What.STRUCT)
BIG = 0x10000


def bulky(make: Make) -> Make:
    """Enter a fault among those that are tried seldom."""
    BULKY.add(make)
    return make


def break_at(anatomy: Anatomy, site: Site, make: Make, random: Random) -> Mutant | None:
    """Put one fault on one place."""
    made = make(anatomy, site, random)
    return None if made is None else Mutant(made[0], made[1], site.name, site.offset, made[2])


# --- lengths ---------------------------------------------------------------------------------------------------------


@on(*ATTRS)
def nla_len_below_header(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict]:
    """nla_len 0 to 3: a loop that adds it never ends (§5.12)."""
    size = random.randrange(NLA_HDRLEN)
    return overwrite(anatomy.data, site.offset, size.to_bytes(2, HOST)), f"nla_len {size}", Verdict.REST


@on(*ATTRS)
def nla_len_past_end(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict] | None:
    """nla_len beyond what holds it."""
    holder = site.outer[0]
    room = holder.offset + read_length(anatomy.data, holder) - site.offset
    size = random.choice((room + 1, room + 4, room + 256, 0xFFFF))
    if not room < size <= 0xFFFF:
        return None
    return overwrite(anatomy.data, site.offset, size.to_bytes(2, HOST)), f"nla_len {size} of {room} bytes", Verdict.REST


@on(*ATTRS)
@bulky
def length_wraps(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict] | None:
    """A payload so long that nla_len wraps to less than the header (§5.4)."""
    if site.depth:
        return None
    size = BIG - random.choice((1, 2, 3, 4))
    changed = with_payload(anatomy, site, anatomy.data[site.payload : site.stop].ljust(size, b"\0"))
    return changed, f"{size} bytes of payload", Verdict.REST


@on(What.LEAF, What.STRUCT)
def payload_cut(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict] | None:
    """A payload shorter than it must be (§5.5, §5.11)."""
    if not site.size:
        return None
    size = random.choice((0, 1, site.size - 1, max(0, site.size - 4), site.size // 2))
    payload = anatomy.data[site.payload : site.payload + size]
    return with_payload(anatomy, site, payload), f"{size} of {site.size} bytes of payload", fits(site, payload)


@on(What.LEAF, What.STRUCT)
def payload_grown(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict]:
    """A payload longer than it may be: fixed arrays overflow (§5.5)."""
    more = random.choice((1, 1, 4, 4, 8, 16, 28, 252, 1020, 8192))
    payload = anatomy.data[site.payload : site.stop] + bytes([random.choice((0, 0x41, 0xFF))]) * more
    return with_payload(anatomy, site, payload), f"{more} bytes of payload more", fits(site, payload)


# --- payloads --------------------------------------------------------------------------------------------------------


@on(What.LEAF)
def text_without_end(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict] | None:
    """A text that fills its room, or all there is, without NUL (§5.8)."""
    if not isinstance(site.kind, String):
        return None
    size = random.choice((site.size - 1, site.size, 15, 16, 17, 255, 4095))
    payload = b"A" * max(1, size)
    return with_payload(anatomy, site, payload), f"{len(payload)} letters without NUL", fits(site, payload)


TEXTS = (b"%s%s%n\0", b"\0", b"\xff\xfe\xc0\x80\0", b"a\0b\0", b"\x1b]0;x\x07\0", b"../../x\0", b"a b;c'\"\n\0", b"")


@on(What.LEAF)
def odd_text(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict] | None:
    """A text of formats, control characters, bytes that are no UTF-8."""
    if not isinstance(site.kind, String):
        return None
    payload = random.choice(TEXTS)
    return with_payload(anatomy, site, payload), f"the text {payload!r}", fits(site, payload)


@on(What.LEAF, What.FIELD)
def extreme_value(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict] | None:
    """An integer at its ends, around its sign, one past its enumerators (§5.9)."""
    kind = site.kind
    if not isinstance(kind, Int) or site.size != kind.size:
        return None
    values = [0, 1, 2, kind.high, kind.high - 1, kind.high >> 1, (kind.high >> 1) + 1, kind.low, 255, 256, 128, 129]
    if kind.enumeration is not None:
        values += [int(max(kind.enumeration, default=0)) + 1, random.randint(kind.low, kind.high)]
    value = random.choice([one for one in values if kind.low <= one <= kind.high])
    new = kind.pack(value, HOST)
    return overwrite(anatomy.data, site.payload, new), f"the value {value}", Verdict.READ


@on(What.LEAF, What.RECORDS)
@bulky
def many_elements(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict] | None:
    """More elements than anybody has room for: counts from the wire (§5.7)."""
    payload = anatomy.data[site.payload : site.stop]
    if not payload or not (site.what is What.RECORDS or isinstance(site.kind, Array)):
        return None
    times = random.choice((2, 9, 17, 33, 65, 257))
    whole = (payload + bytes(-len(payload) % 4 if site.what is What.RECORDS else 0)) * times
    return (
        (with_payload(anatomy, site, whole), f"everything {times} times", fits(site, whole)) if fitting(whole) else None
    )


# --- attributes ------------------------------------------------------------------------------------------------------


@on(*ATTRS)
def absent(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict]:
    """An attribute left out (§5.10)."""
    return splice(anatomy.data, site.offset, site.next, b"", site.outer), "left out", Verdict.READ


@on(*ATTRS)
def duplicate(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict] | None:
    """An attribute twice, or very often."""
    own = anatomy.data[site.offset : site.next]
    own += bytes(-len(own) % 4)
    times = random.choice((2, 2, 2, 3, 3, 100))
    if len(own) * times > 0x8000:
        return None
    return splice(anatomy.data, site.offset, site.next, own * times, site.outer), f"{times} times", Verdict.READ


@on(*ATTRS)
def reordered(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict] | None:
    """Two siblings that have changed places."""
    run = anatomy.runs[site.run]
    other = random.choice(run)
    first, second = (site, other) if site.offset < other.offset else (other, site)
    if first is second or (second.next - second.offset) % 4:
        return None
    data = anatomy.data
    between = data[first.next : second.offset]
    new = data[second.offset : second.next] + between + data[first.offset : first.next]
    return overwrite(data, first.offset, new), f"in the place of {other.name}", Verdict.READ


@on(*ATTRS)
def another_type(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict]:
    """A type nobody declared, or one past the last: tables are one entry short (§5.6)."""
    last = max(site.owner.attrs, default=0) if site.owner is not None else 0
    number = random.choice((last - 1, last, last + 1, last + 2, 0, 255, 256, NLA_TYPE_MASK, random.randrange(last + 2)))
    bits = nla_type_at(anatomy.data, site) & ~NLA_TYPE_MASK
    return with_type(anatomy.data, site, bits | max(0, number)), f"of type {number}", Verdict.READ


@on(*ATTRS)
def flag_bits(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict]:
    """NLA_F_NESTED or NLA_F_NET_BYTEORDER where they were not, or not where they were (§5.8)."""
    bits = random.choice((NLA_F_NESTED, NLA_F_NET_BYTEORDER, NLA_F_NESTED | NLA_F_NET_BYTEORDER))
    changed = nla_type_at(anatomy.data, site) ^ bits
    return with_type(anatomy.data, site, changed), f"with the flag bits {changed & ~NLA_TYPE_MASK:#x}", Verdict.READ


# --- nests -----------------------------------------------------------------------------------------------------------


@on(What.NEST, What.RECORDS)
def emptied(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict]:
    """A nest with nothing in it."""
    return with_payload(anatomy, site, b""), "empty", Verdict.READ


@on(What.NEST, What.RECORDS, What.STRUCT)
def no_nest(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict]:
    """Other bytes where a nest should be."""
    payload = random.choice((b"\0", b"\1\0\0\0", b"\xff" * 4, b"\4\0\1\0", b"\xff\xff\1\0" * 2, b"A" * 15))
    return with_payload(anatomy, site, payload), f"the bytes {payload.hex()} inside", Verdict.READ


@on(What.LEAF)
def made_nest(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict]:
    """A nest where a plain value should be."""
    payload = nlattr_bytes(random.randrange(1, 4), anatomy.data[site.payload : site.stop])
    changed = with_payload(anatomy, site, payload)
    return with_type(changed, site, nla_type_at(changed, site) | NLA_F_NESTED), "a nest", fits(site, payload)


@on(What.NEST)
@bulky
def nested_deep(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict] | None:
    """A nest in itself, many times over: recursion without a bottom."""
    payload = anatomy.data[site.payload : site.stop]
    payload += bytes(-len(payload) % 4)
    nla_type = nla_type_at(anatomy.data, site)
    depth = random.choice((2, 10, 100, 1000))
    for _ in range(depth):
        payload = nlattr_bytes(nla_type, payload)
    return (with_payload(anatomy, site, payload), f"{depth} deep in itself", Verdict.READ) if fitting(payload) else None


# --- headers and messages --------------------------------------------------------------------------------------------


@on(What.MESSAGE)
def header_cut(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict] | None:
    """A message that ends in its fixed header, or right behind nlmsghdr (§5.11)."""
    if not site.size:
        return None
    size = random.randrange(min(site.size, 16))
    changed = splice(anatomy.data, site.payload + size, site.next, bytes(-size % 4), ())
    return overwrite(changed, site.offset, (16 + size).to_bytes(4, HOST)), f"only {size} bytes of body", Verdict.READ


@on(What.MESSAGE)
def header_longer(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict]:
    """A fixed header as a newer kernel may have it."""
    more = random.choice((4, 8, 64))
    at = min(site.payload + random.choice((4, 8, 12, 16)), site.stop)
    changed = splice(anatomy.data, at, at, bytes(more), (Length(site.offset, 4),))
    return changed, f"{more} bytes more of header", Verdict.READ


@on(What.MESSAGE)
def nlmsg_len_below_header(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict]:
    """nlmsg_len 0 to 15: a walk that adds it stands still (§5.12)."""
    size = random.choice((0, 1, 4, 15))
    return overwrite(anatomy.data, site.offset, size.to_bytes(4, HOST)), f"nlmsg_len {size}", Verdict.REFUSED


@on(What.MESSAGE)
def nlmsg_len_past_end(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict]:
    """nlmsg_len beyond the datagram; close to 2^32 it wraps when aligned (§5.3)."""
    room = len(anatomy.data) - site.offset
    size = random.choice((room + 1, room + 4, 0x7FFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF))
    return overwrite(anatomy.data, site.offset, size.to_bytes(4, HOST)), f"nlmsg_len {size} of {room}", Verdict.REFUSED


@on(What.MESSAGE)
def trailing_bytes(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict]:
    """Bytes after the last message that are none."""
    size = random.randrange(1, 16)
    whole = anatomy.data + bytes(-len(anatomy.data) % 4)
    return whole + bytes([random.choice((0, 0xFF))]) * size, f"{size} bytes behind the last message", Verdict.REFUSED


@on(What.MESSAGE)
def another_message_type(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict]:
    """A message of another type: NOOP, ERROR, DONE, OVERRUN, a neighbour's, one nobody has."""
    number = random.choice((0, 1, 2, 3, 4, 15, 16, 255, 0xFFFF, random.randrange(16, 128)))
    return overwrite(anatomy.data, site.offset + 4, number.to_bytes(2, HOST)), f"nlmsg_type {number}", Verdict.READ


@on(What.MESSAGE)
def message_twice(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict]:
    """A message twice in a datagram."""
    own = anatomy.data[site.offset : site.next]
    return splice(anatomy.data, site.next, site.next, bytes(-len(own) % 4) + own, ()), "twice", Verdict.READ


@on(What.MESSAGE)
def message_flags(anatomy: Anatomy, site: Site, random: Random) -> tuple[bytes, str, Verdict]:
    """nlmsg_flags that mean something else: MULTI, DUMP_INTR, CAPPED, ACK_TLVS, all, none."""
    flags = int.from_bytes(anatomy.data[site.offset + 6 : site.offset + 8], HOST)
    flags = random.choice((flags ^ 2, flags ^ 0x10, flags ^ 0x100, flags ^ 0x200, 0, 0xFFFF))
    return overwrite(anatomy.data, site.offset + 6, flags.to_bytes(2, HOST)), f"nlmsg_flags {flags:#x}", Verdict.READ


# --- verdicts --------------------------------------------------------------------------------------------------------


def fits(site: Site, payload: bytes) -> Verdict:
    """Whether a reader can take this payload for what the place declares."""
    if site.kind is None or site.what is not What.LEAF:
        return Verdict.READ
    for kind in (site.kind, *((site.kind.whole, site.kind.bare) if isinstance(site.kind, String) else ())):
        try:
            kind.unpack(payload, HOST)
        except ValueError:
            continue
        return Verdict.READ
    return Verdict.OPAQUE


def fitting(payload: bytes) -> bool:
    """Whether one attribute can carry this payload."""
    return len(payload) + NLA_HDRLEN < BIG
