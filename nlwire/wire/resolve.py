"""From an offset to a name: what an extended acknowledgement points at.

    offset 36 of an RTM_NEWROUTE  ->  ("rtmsg", "RTA_GATEWAY"), "10.0.0.1"

    0          16        28                              nlmsg_len
    +----------+---------+------+------+------+- - - - - +
    | nlmsghdr | rtmsg   | nla  | nla  | nla (nest: …)   |
    +----------+---------+------+------+------+- - - - - +

The kernel blames the first byte of an attribute; any byte inside one is found too.

Knows: fixed headers, runs of attributes, what is nested in what.
Never: a concrete family.
"""

from typing import Any, NamedTuple

from nlwire.errors import NetlinkError, Path
from nlwire.schema.attrs import NLA_HDRLEN, AttrSet, nla_align
from nlwire.schema.family import inner_sets
from nlwire.schema.kinds import MAX_NEST_DEPTH, Kind
from nlwire.schema.layout import HOST, UapiStruct
from nlwire.schema.nests import REQUEST, SELECTORS, Nested, RecordsOf, Struct, StructThen
from nlwire.uapi.netlink import nlmsghdr
from nlwire.wire.extack import Ack
from nlwire.wire.nlattr import kind_in, nla_data, nla_for_each_attr, nla_type, nlattr_ptr, selector_in
from nlwire.wire.nlmsg import NLMSG_HDRLEN, nlmsg_align
from nlwire.wire.scope import header_scope
from nlwire.wire.skb import Buffer, memory_of

Scope = dict[str, Any]


class Found(NamedTuple):
    """What lies at an offset: its C names from the fixed header inward, its value as text (None for what holds attributes),
    the set whose attributes may stand inside (None for a leaf).
    """

    path: Path
    value: str | None = None
    attrs: type[AttrSet] | None = None


def attr_path(request: Buffer, header: type[UapiStruct], attrs: type[AttrSet], offset: int) -> Found:
    """What lies ``offset`` bytes from the start of the message ``request``: a header's field or an attribute.

    Never raises: where the bytes lead nowhere, the innermost thing that holds the offset is the answer.
    """
    data = memory_of(request)
    start = NLMSG_HDRLEN + nlmsg_align(header.sizeof)
    if offset < NLMSG_HDRLEN:
        return _field(nlmsghdr, data, 0, offset, (nlmsghdr.__name__,))
    path = (header.__name__,) if header.sizeof else ()
    if offset < start or len(data) < start:
        return _field(header, data, NLMSG_HDRLEN, offset, path)
    scope = {**header_scope(header, data[NLMSG_HDRLEN : NLMSG_HDRLEN + header.sizeof]), REQUEST: 1}
    return _in_run(nlattr_ptr(data, start, scope=scope), attrs, offset, path)


def missing_path(request: Buffer, header: type[UapiStruct], attrs: type[AttrSet], attr: int, nest: int | None) -> Path:
    """The C names of an attribute that should have been there: NLMSGERR_ATTR_MISS_TYPE in NLMSGERR_ATTR_MISS_NEST."""
    found = Found((header.__name__,), attrs=attrs) if nest is None else attr_path(request, header, attrs, nest)
    return (*found.path, str(attr) if found.attrs is None else found.attrs.name_of(attr))


def netlink_error(
    ack: Ack, header: type[UapiStruct], attrs: type[AttrSet], request: bytes | None = None
) -> NetlinkError:
    """The exception for a refusal, with its offsets resolved in ``request`` (or in what the acknowledgement quotes of it)."""
    whole = ack.request if request is None else request
    found = Found(()) if ack.offset is None or not whole else attr_path(whole, header, attrs, ack.offset)
    missing = None if ack.miss_type is None else missing_path(whole, header, attrs, ack.miss_type, ack.miss_nest)[-1]
    return NetlinkError(
        ack.errno,
        ack.message,
        path=found.path,
        offset=ack.offset,
        policy=ack.policy,
        missing=missing,
        value=found.value,
        request=whole or None,
    )


def _field(struct: type[UapiStruct], data: memoryview, start: int, offset: int, path: Path) -> Found:
    """The member of a struct at ``start`` that holds ``offset``."""
    for leaf in struct.leaves:
        at = start + leaf.offset
        if at <= offset < at + leaf.size:
            return Found((*path, leaf.name), _text(leaf.kind, bytes(data[at : at + leaf.size])))
    return Found(path)


def _text(kind: Kind[Any], payload: bytes) -> str:
    """A value for people; hex where the payload does not fit its kind."""
    try:
        return kind.text(kind.unpack(payload, HOST))
    except ValueError:
        return payload.hex()


def _in_run(head: nlattr_ptr[Any], attrs: type[AttrSet], offset: int, path: Path, depth: int = 0) -> Found:
    scope = dict(head.scope or {})
    at = None
    for nla in nla_for_each_attr(head, attrs):
        if nla.attr is not None and nla.attr.c_name in SELECTORS:
            scope[nla.attr.c_name] = selector_in(nla, nla.attr)
        if nla.offset <= offset < nla_align(nla.stop):
            at = nla
    if at is None:
        return Found(path, attrs=attrs)
    at.scope = scope
    return _in_attr(at, offset, (*path, attrs.name_of(nla_type(at))), depth)


def _in_attr(nla: nlattr_ptr[Any], offset: int, path: Path, depth: int) -> Found:
    """The attribute itself for a byte of its header, else what its payload has there."""
    payload = bytes(nla_data(nla))
    if nla.attr is None or depth >= MAX_NEST_DEPTH:
        return Found(path, payload.hex())
    kind = kind_in(nla.attr.kind, nla.scope)
    if offset < nla.offset + NLA_HDRLEN:
        inner = next(iter(inner_sets(kind)), None)
        return Found(path, None if isinstance(kind, _HOLDERS) else _text(kind, payload), inner)
    return _in_payload(
        kind, nlattr_ptr(nla.memory[: nla.stop], nla.offset + NLA_HDRLEN, scope=nla.scope), offset, path, depth
    )


_HOLDERS = Nested | StructThen | RecordsOf


def _in_payload(kind: Kind[Any], body: nlattr_ptr[Any], offset: int, path: Path, depth: int) -> Found:
    if isinstance(kind, Nested):
        return _in_run(body, kind.attrs, offset, path, depth + 1)
    if isinstance(kind, StructThen):
        return _in_pair(kind, body, offset, path, depth)
    if isinstance(kind, RecordsOf):
        return _in_records(kind, body, offset, path, depth)
    if isinstance(kind, Struct):
        return _field(kind.struct, body.memory, body.offset, offset, path)
    return Found(path, _text(kind, bytes(body.memory[body.offset :])))


def _in_pair(kind: StructThen, body: nlattr_ptr[Any], offset: int, path: Path, depth: int) -> Found:
    """A struct and its tail: the struct's field, or what the tail has there."""
    head = body.memory[body.offset : body.offset + kind.struct.sizeof]
    start = body.offset + kind.tail_offset
    if offset < start or len(head) < kind.struct.sizeof:
        return _field(kind.struct, body.memory, body.offset, offset, path)
    scope = {**(body.scope or {}), **header_scope(kind.struct, head)}
    return _in_payload(kind_in(kind.tail, scope), nlattr_ptr(body.memory, start, scope=scope), offset, path, depth)


def _in_records(kind: RecordsOf, body: nlattr_ptr[Any], offset: int, path: Path, depth: int) -> Found:
    """Records are named by their place: ``("rtmsg", "RTA_MULTIPATH", "1", "RTA_GATEWAY")``."""
    at, index, size = body.offset, 0, kind.struct.sizeof
    while len(body.memory) - at >= size:
        fields = header_scope(kind.struct, body.memory[at : at + size])
        stop = at + fields[kind.length]
        if not at + size <= stop <= len(body.memory):
            break
        if offset < at + size:
            return _field(kind.struct, body.memory, at, offset, (*path, str(index)))
        if offset < nla_align(stop):
            run: nlattr_ptr[Any] = nlattr_ptr(
                body.memory[:stop], nla_align(at + size), scope={**(body.scope or {}), **fields}
            )
            return _in_run(run, kind.attrs, offset, (*path, str(index)), depth + 1)
        at, index = nla_align(stop), index + 1
    return Found(path, attrs=kind.attrs)
