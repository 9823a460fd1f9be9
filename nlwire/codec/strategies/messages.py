"""Whole messages, and streams of them.

Knows: nlmsghdr's fields, struct nlmsgerr's quoted request.
Never: a concrete family.
"""

from typing import Any

from hypothesis import strategies as st

from nlwire.codec.headers import leaves_of, marked
from nlwire.codec.message import NLMSG_HDRLEN, Message
from nlwire.codec.strategies.leaves import choices_in, sized_structs, structs
from nlwire.codec.strategies.runs import items, odd_padding, rests
from nlwire.codec.values import Item
from nlwire.schema.family import Family, MessageType, Registry
from nlwire.schema.nests import SELECTORS
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NLM_F

U32 = st.integers(0, 0xFFFFFFFF)
Draw = Any


def messages(family: Family, *, odd: bool = False, registry: Registry = FAMILIES) -> st.SearchStrategy[Message]:
    """Messages of a family."""
    types = st.sampled_from([_type(registry, family, int(one)) for one in family.types])
    if family.quotes is not None:
        return types.flatmap(lambda type: _acknowledgements(type, registry, odd))
    return types.flatmap(lambda type: _messages(type, odd))


def streams(
    family: Family, *, odd: bool = False, registry: Registry = FAMILIES, max_size: int = 4
) -> st.SearchStrategy[list[Message]]:
    """Messages to be laid end to end; of an ``odd`` stream the last may lack its padding, wholly or in part."""
    several = st.lists(messages(family, odd=odd, registry=registry), max_size=max_size)
    return st.builds(_cut_short, several, st.binary(max_size=2)) | several if odd else several


def _cut_short(stream: list[Message], pad: bytes) -> list[Message]:
    missing = -stream[-1].nlmsg_len % 4 if stream else 0
    if missing:
        stream[-1].pad = pad[: missing - 1]
    return stream


def _type(registry: Registry, family: Family, number: int) -> MessageType:
    known = registry.find(family.protocol, number).within(family)
    return known if known.family is family else MessageType(family.protocol, number, str(number), family)


@st.composite
def _messages(draw: Draw, type: MessageType, odd: bool) -> Message:
    family = type.family
    flags = draw(st.integers(0, 0xFFFF))
    if odd and family.header.sizeof and draw(st.integers(0, 9)) == 9:
        least = int(bool(family.marks))  # of no byte nobody can say that it is of this family and not of another
        flags, header = marked(type, flags, draw(sized_structs(family.header, least, family.header.sizeof - 1)))
        run: list[Item] = []
    else:
        whole = draw(structs(family.header, choices=choices_in(family.attrs), odd=odd))
        flags, header = marked(type, flags, whole)
        fields = zip(header.leaves, leaves_of(header), strict=True)
        scope = {leaf.name: value for leaf, value in fields if leaf.name in SELECTORS} | family.asked(flags)
        run = draw(items(family.attrs, scope, 0, odd))
    seq, pid = draw(U32), draw(U32)
    layout = family.header.sized(header.sizeof)
    made = Message(type, flags, seq, pid, layout, leaves_of(header), _after(layout.sizeof, run))
    return draw(_padded(made)) if odd else made


def _after(size: int, run: list[Item]) -> list[Item]:
    """Bytes that are no attribute, right after a header of odd size, must not look like its alignment."""
    if size % 4 and run and run[0][0] is None:
        return [(None, None, b"\1" + run[0][2])]
    return run


@st.composite
def _padded(draw: Draw, message: Message) -> Message:
    missing = -message.nlmsg_len % 4
    if missing and draw(st.booleans()):
        message.pad = draw(odd_padding(missing))
    return message


@st.composite
def _acknowledgements(draw: Draw, type: MessageType, registry: Registry, odd: bool) -> Message:
    """Acknowledgements: capped or quoting a request, with attributes or without."""
    family = type.family
    plain = NLM_F.CAPPED | NLM_F.ACK_TLVS
    flags = draw(st.integers(0, 0xFFFF)) & ~plain | draw(st.sampled_from((0, NLM_F.CAPPED, NLM_F.ACK_TLVS, plain)))
    run = draw(items(family.attrs, {}, 0, odd)) if flags & NLM_F.ACK_TLVS else []
    if not flags & NLM_F.ACK_TLVS and odd and draw(st.booleans()):
        run = [(None, None, draw(rests()))]
    header = draw(structs(family.header, odd=odd))
    seq, pid = draw(U32), draw(U32)
    quoted = None
    if flags & NLM_F.CAPPED:
        pass
    elif draw(st.booleans()):
        quoted = draw(_requests(type.protocol, registry, odd))
        header = header.replace(**{family.quotes or "": _header_of(quoted)})
    elif run:
        header = header.replace(**{family.quotes or "": {"nlmsg_len": draw(st.integers(0, NLMSG_HDRLEN - 1))}})
    kept = quoted if quoted is not None and (quoted.body_size or run) else None  # of nothing, nothing is quoted
    return Message(type, flags, seq, pid, family.header, leaves_of(header), run, kept)


@st.composite
def _requests(draw: Draw, protocol: int, registry: Registry, odd: bool) -> Message:
    families = [one for one in registry if one.protocol == protocol and one.quotes is None and one.types]
    made: Message = draw(st.sampled_from(families).flatmap(lambda one: messages(one, odd=odd, registry=registry)))
    return made


def _header_of(message: Message) -> dict[str, int]:
    """nlmsghdr as a message's own."""
    return {
        "nlmsg_len": message.nlmsg_len,
        "nlmsg_type": message.nlmsg_type,
        "nlmsg_flags": message.nlmsg_flags,
        "nlmsg_seq": message.nlmsg_seq,
        "nlmsg_pid": message.nlmsg_pid,
    }
