"""A decoded message: nlmsghdr, the fixed header, the attributes; complete, exact, without the bytes it came from.

    message.rtm_dst_len, message[RTA.DST], message.get(RTA.OIF), message.replace(rtm_table=100)

Knows: values and how users reach them.
Never: the wire; that is the machines' work.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, overload

from nlwire.codec.build import RunLike, accept_run, replace_in_run, run_to_json
from nlwire.codec.headers import leaves_of, plain_leaves, selector_leaves
from nlwire.codec.values import Attrs, Item, Scope, run_size, selectors_of
from nlwire.errors import BuildError
from nlwire.schema.attrs import Attr
from nlwire.schema.enums import enum_name, flag_names, flag_value
from nlwire.schema.family import Family, MessageType, Registry
from nlwire.schema.layout import HOST, Field, UapiStruct
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK, NLM_F, NLMSG

T = TypeVar("T")
D = TypeVar("D")
NLMSG_HDRLEN = 16
_SLOTS = ("type", "nlmsg_flags", "nlmsg_seq", "nlmsg_pid", "layout", "fields", "items", "quoted", "pad")


Folded = tuple[Any, ...]
"""Items not laid out yet: the shape (codec/fast/shapes.py) whose ``unfold`` lays them out, then the raw values in order.

As a mapping the shape has, for an ``Attr``, the function that reads its shown value from these, or None.
"""


class Message:
    """One netlink message as values.

    ``layout`` is the fixed header's struct as long as it really was; ``fields`` its leaves, raw; ``items`` the
    attributes (codec/values.py); ``quoted`` the request inside an NLMSG_ERROR; ``pad`` what follows up to the next
    message where that is not the usual zeros.
    """

    __slots__ = ("_items", *(name for name in _SLOTS if name != "items"))

    def __init__(
        self,
        type: MessageType,
        nlmsg_flags: int,
        nlmsg_seq: int,
        nlmsg_pid: int,
        layout: type[UapiStruct],
        fields: tuple[Any, ...],
        items: "list[Item] | Folded",
        quoted: "Message | None" = None,
        pad: bytes | None = None,
    ) -> None:
        self.type = type
        self.nlmsg_flags = nlmsg_flags
        self.nlmsg_seq = nlmsg_seq
        self.nlmsg_pid = nlmsg_pid
        self.layout = layout
        self.fields = fields
        self._items = items
        self.quoted = quoted
        self.pad = pad

    @property
    def items(self) -> list[Item]:
        """The attributes, exactly (codec/values.py)."""
        items = self._items
        if isinstance(items, tuple):
            items = self._items = items[0].unfold(items)
        return items

    @items.setter
    def items(self, items: list[Item]) -> None:
        self._items = items

    @property
    def family(self) -> Family:
        """What the message is about."""
        return self.type.family

    @property
    def protocol(self) -> int:
        """The netlink protocol it belongs to."""
        return self.type.protocol

    @property
    def nlmsg_type(self) -> int:
        """The type's number."""
        return self.type.number

    @property
    def nlmsg_len(self) -> int:
        """Bytes from nlmsghdr to the end of the last attribute."""
        return NLMSG_HDRLEN + self.body_size

    @property
    def body_size(self) -> int:
        """Bytes after nlmsghdr."""
        size = self.layout.sizeof
        if self.quoted is not None:
            body = self.quoted.body_size
            size += body + (-body % 4 if self.quoted.pad is None else len(self.quoted.pad))
        elif self.items and self.items[0][0] is not None:
            size += -size % 4
        return size + run_size(self.items)

    @property
    def header(self) -> UapiStruct:
        """The fixed header as a struct of its own; changing it does not change the message."""
        data = b"".join(
            leaf.kind.pack(value, HOST) for leaf, value in zip(self.layout.leaves, self.fields, strict=True)
        )
        return self.layout.from_buffer_copy(data)

    @property
    def attrs(self) -> Attrs:
        """The attributes."""
        return Attrs(self.type.family.attrs, self.items)

    def __getattr__(self, name: str) -> Any:
        """A field of the fixed header, shown: ``message.rtm_type`` is ``RTN_UNICAST``."""
        leaf = _leaf_index(self.layout).get(name)
        if leaf is None:
            if name in self.layout.field_map:
                return getattr(self.header, name)
            raise AttributeError(f"{self.type.name} has no field {name!r} (its header is {self.layout.sizeof} bytes)")
        at, field = leaf
        return field.kind.show(self.fields[at])

    def field(self, name: str) -> Any:
        """The same for fields that a message has another use for, and for all others. Raises AttributeError.

        ``message.family`` is what the message is about, ``message.field("family")`` a rule's fib_rule_hdr.family.
        """
        return self.__getattr__(name)

    def __getitem__(self, attr: Attr[T]) -> T:
        """The shown value of an attribute. Raises KeyError when absent, WireError when its payload does not fit."""
        items = self._items
        if isinstance(items, tuple):
            read = items[0][attr]
            if read is None:
                raise KeyError(attr)
            return read(items)  # type: ignore[no-any-return]
        return self.attrs[attr]

    @overload
    def get(self, attr: Attr[T]) -> T | None: ...
    @overload
    def get(self, attr: Attr[T], default: D) -> T | D: ...
    def get(self, attr: Attr[Any], default: Any = None) -> Any:
        """The shown value of an attribute or ``default``. Raises WireError when its payload does not fit."""
        items = self._items
        if isinstance(items, tuple):
            read = items[0][attr]
            return default if read is None else read(items)
        return self.attrs.get(attr, default)

    def getall(self, attr: Attr[T]) -> list[T]:
        """The shown values of every occurrence of an attribute."""
        return self.attrs.getall(attr)

    def __contains__(self, attr: Attr[Any]) -> bool:
        items = self._items
        return items[0][attr] is not None if isinstance(items, tuple) else attr in self.attrs

    def __iter__(self) -> Iterator[tuple[Attr[Any] | int, Any]]:
        return iter(self.attrs)

    @property
    def scope(self) -> Scope:
        """The selectors of this message: header fields and attributes that others' kinds hang on."""
        found = self.type.family.asked(self.nlmsg_flags)
        for name, at in selector_leaves(self.layout):
            found[name] = self.fields[at]
        return {**found, **selectors_of(self.type.family.attrs, self.items)} if self.items else found

    def replace(self, attrs: Mapping[Any, Any] | None = None, **fields: Any) -> "Message":
        """A copy with other values: header or nlmsghdr fields by keyword, attributes in ``attrs`` (None removes one).

        Only the bytes of those values and of the lengths around them change. Raises BuildError, TypeError.
        """
        made = Message(*(getattr(self, name) for name in _SLOTS))
        for name in ("nlmsg_flags", "nlmsg_seq", "nlmsg_pid"):
            if name in fields:
                setattr(made, name, int(fields.pop(name)))
        if fields:
            made.fields = leaves_of(self.header.replace(**fields))
        made.items = list(self.items)
        if attrs:
            if self.layout is not self.type.family.header:
                raise BuildError(
                    f"a header of {self.layout.sizeof} bytes has no attributes", path=(self.layout.__name__,)
                )
            made.items = _realigned(self, replace_in_run(self.attrs, attrs, made.scope).items)
            if (made.nlmsg_len - self.nlmsg_len) % 4:
                made.pad = None  # odd padding belongs to the old length
        return made

    def _key(self) -> tuple[Any, ...]:
        # not the layout itself: sized() may have forgotten a short one and made it anew
        identity = (self.type.protocol, self.type.number, self.layout.whole, self.layout.sizeof)
        return (*identity, *(getattr(self, name) for name in _SLOTS if name not in ("type", "layout")))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((self.type.number, self.nlmsg_seq, self.nlmsg_pid, self.fields))

    def __reduce__(self) -> Any:
        return Message.from_dict, (self.to_dict(),)

    def __repr__(self) -> str:
        flags = "|".join(nlm_flag_names(self.type, self.nlmsg_flags)) or "0"
        head = f"{self.type.name} {flags} seq={self.nlmsg_seq} pid={self.nlmsg_pid}"
        return f"<{head} {self.header!r} {self.attrs!r}>"

    def to_dict(self) -> dict[str, Any]:
        """A JSON form that loses nothing: ``Message.from_dict(m.to_dict()) == m``."""
        shown: dict[str, Any] = {
            "nlmsg_type": self.type.name if self.type.family.name != "unknown" else self.type.number,
            "nlmsg_flags": nlm_flag_names(self.type, self.nlmsg_flags),
            "nlmsg_seq": self.nlmsg_seq,
            "nlmsg_pid": self.nlmsg_pid,
        }
        if self.type.protocol != NETLINK.ROUTE:
            shown["protocol"] = enum_name(NETLINK, self.type.protocol) or self.type.protocol
        if self.type.shared:
            shown["family"] = self.type.family.name
        shown["header"] = self.header.to_dict()
        if self.quoted is not None:
            shown["request"] = self.quoted.to_dict()
        shown["attrs"] = run_to_json(self.attrs)
        if self.pad is not None:
            shown["pad"] = self.pad.hex()
        return shown

    @classmethod
    def from_dict(cls, shown: Mapping[str, Any], registry: Registry = FAMILIES) -> "Message":
        """The message that ``to_dict`` wrote, or one written by hand in its form. Raises BuildError."""
        try:
            return _from_dict(shown, registry)
        except BuildError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            detail = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise BuildError(f"no message: {detail}", value=dict(shown)) from None


def build(
    family: Family,
    type: int,
    /,
    attrs: RunLike = (),
    *,
    header: Mapping[str, Any] | None = None,
    nlmsg_flags: int = 0,
    flags: int | None = None,
    seq: int = 0,
    pid: int = 0,
    registry: Registry = FAMILIES,
    **fields: Any,
) -> Message:
    """A message from values: ``build(route, RTM.NEWROUTE, {RTA.DST: "10.0.0.0"}, rtm_family=AF.INET, rtm_dst_len=8)``.

    The fixed header's fields are keywords, or stand in ``header``, whatever they are called. ``flags`` is ``nlmsg_flags``, but
    for families whose header has flags of its own (a rule's): there it could mean either, and is an error. Raises BuildError
    for that, and for a value that does not fit, naming header field or attribute.
    """
    if header:
        fields = _header_fields(family, header, fields)
    if flags is not None:
        nlmsg_flags = _meant(family, flags, nlmsg_flags)
    leaves = plain_leaves(family.header, fields)
    if leaves is None:
        try:
            leaves = leaves_of(family.header(**fields))
        except (TypeError, ValueError) as error:
            raise BuildError(str(error), path=(family.header.__name__,)) from None
    known = registry.find(family.protocol, type).within(family)
    made = Message(known, nlmsg_flags, seq, pid, family.header, leaves, [])
    if attrs == ():
        return made
    try:
        made.items = accept_run(family.attrs, attrs, made.scope).items
    except BuildError as error:
        error.path = (family.header.__name__, *error.path)
        raise
    return made


def _header_fields(family: Family, header: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fixed header's fields, from both places where they may stand. Raises BuildError for one that stands in both."""
    for name in header.keys() & fields.keys():
        raise BuildError(f"{name} is given as a keyword and in header=", path=(family.header.__name__,))
    return {**header, **fields}


def _meant(family: Family, flags: int, nlmsg_flags: int) -> int:
    """What ``flags=`` is short for. Raises BuildError where it could be something else, or is given under its own name too."""
    own = f"{family.header.__name__}.flags"
    if "flags" in family.header.field_map:
        words = f"flags= could be nlmsg_flags or {own}: say nlmsg_flags=, or header={{'flags': …}}"
        raise BuildError(words, path=(family.header.__name__,), value=flags)
    if nlmsg_flags:
        raise BuildError("flags= and nlmsg_flags= are the same", path=("nlmsghdr",), value=flags)
    return flags


def opaque_type(type: MessageType, registry: Registry) -> MessageType:
    """The type of an acknowledgement that another one quotes: its body stays opaque, else they could quote without end."""
    return MessageType(type.protocol, type.number, type.name, registry.find(type.protocol, 0xFFFF).family)


def _realigned(message: Message, items: list[Item]) -> list[Item]:
    """New items of a message: after a header of odd size, bytes that are no attribute hold its alignment when they come first."""
    gap = bytes(-message.layout.sizeof & 3)
    if not gap or not items or message.quoted is not None:
        return items
    began, begins = (run[0][0] is None if run else True for run in (message.items, items))
    if begins and not began:
        return [(None, None, gap + items[0][2])]
    if began and not begins and items[-1][0] is None and items[-1][2].startswith(gap):
        rest = items[-1][2].removeprefix(gap)
        return items[:-1] + ([(None, None, rest)] if rest else [])
    return items


_HIGH_BITS = {
    "get": {0x100: "ROOT", 0x200: "MATCH", 0x400: "ATOMIC"},
    "new": {0x100: "REPLACE", 0x200: "EXCL", 0x400: "CREATE", 0x800: "APPEND"},
    "delete": {0x100: "NONREC", 0x200: "BULK"},
    "set": {0x100: "REPLACE", 0x200: "EXCL", 0x400: "CREATE", 0x800: "APPEND"},
    "ack": {0x100: "CAPPED", 0x200: "ACK_TLVS"},
}
"""nlmsg_flags from 0x100 up mean one thing in a get, another in a new, a delete or an acknowledgement."""


def nlm_flag_names(type: MessageType, value: int) -> list[str]:
    """The C names of nlmsg_flags as this message type means them; bits without a name as one hex number."""
    high = _HIGH_BITS["ack" if type.number in (NLMSG.ERROR, NLMSG.DONE) else type.verb or "get"]
    low = flag_names(NLM_F, value & 0xFF) if value & 0xFF else []
    names = low + [f"NLM_F_{name}" for bit, name in high.items() if value & bit]
    rest = value & 0xFF00 & ~sum(high)
    return names + ([f"{rest:#x}"] if rest else [])


_LEAF_INDEX: dict[type[UapiStruct], dict[str, tuple[int, Field]]] = {}


def _leaf_index(layout: type[UapiStruct]) -> dict[str, tuple[int, Field]]:
    index = _LEAF_INDEX.get(layout)
    if index is None:
        index = _LEAF_INDEX[layout] = {leaf.name: (at, leaf) for at, leaf in enumerate(layout.leaves)}
    return index


def _of_family(type: MessageType, name: str) -> MessageType:
    """The type as the family of this name has it. Raises ValueError where it has none of the name."""
    found = next((one for one in (type, *type.shared.values()) if one.family.name == name), None)
    if found is None:
        raise ValueError(f"{type.name} is no message of family {name}")
    return found


def _from_dict(shown: Mapping[str, Any], registry: Registry, quoted: bool = False) -> Message:
    protocol = shown.get("protocol", NETLINK.ROUTE)
    number = int(NETLINK[protocol.removeprefix("NETLINK_")]) if isinstance(protocol, str) else int(protocol)
    type = registry.named(number, str(shown["nlmsg_type"]))
    if "family" in shown:
        type = _of_family(type, str(shown["family"]))
    if quoted and type.family.quotes is not None:
        type = opaque_type(type, registry)
    header = type.family.header.accept(shown.get("header", {}))
    flags = shown.get("nlmsg_flags", 0)
    made = Message(
        type,
        flags if isinstance(flags, int) else flag_value(NLM_F, "|".join(flags)),
        int(shown.get("nlmsg_seq", 0)),
        int(shown.get("nlmsg_pid", 0)),
        header.__class__,
        leaves_of(header),
        [],
        _from_dict(shown["request"], registry, quoted=True) if "request" in shown else None,
        bytes.fromhex(shown["pad"]) if "pad" in shown else None,
    )
    made.items = accept_run(type.family.attrs, shown.get("attrs", ()), made.scope).items
    return made
