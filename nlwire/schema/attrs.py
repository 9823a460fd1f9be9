"""Attributes and the sets they live in.

    class IFA(AttrSet):
        ADDRESS = Attr(1, ip, "prefix address; the peer on point-to-point links")

``IFA.ADDRESS`` is typed (``Attr[IPAddress]``), prints as ``IFA_ADDRESS`` and knows its number, kind, limits and set.

Knows: struct nlattr's type field and its two flag bits (include/uapi/linux/netlink.h).
Never: a concrete attribute.
"""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Generic, TypeVar, overload

from nlwire.errors import DeclarationError
from nlwire.schema.enums import c_name
from nlwire.schema.kinds import Kind, KindLike, kind_of

T = TypeVar("T")

NLA_F_NESTED = 0x8000
NLA_F_NET_BYTEORDER = 0x4000
NLA_TYPE_MASK = 0x3FFF
NLA_HDRLEN = 4
NLA_ALIGNTO = 4


def nla_align(size: int) -> int:
    """NLA_ALIGN: ``size`` rounded up to a multiple of 4."""
    return (size + 3) & ~3


class Attr(Generic[T]):
    """One attribute type: its number, the kind of its payload, a line of documentation and the kernel policy's limits.

    ``multi`` says that a run may hold it more than once and that each counts (IFLA_ALT_IFNAME); of any other the last counts.
    ``min_len``/``max_len`` bound the payload's bytes (a text's without its NUL), ``min``/``max`` an integer's value,
    as the kernel's nla_policy does; they matter to validation, not to decoding.
    """

    name: str
    owner: "type[AttrSet]"

    @overload
    def __init__(
        self: "Attr[T]", number: int, kind: Kind[T], doc: str = "", *, multi: bool = False, **limits: int
    ) -> None: ...
    @overload
    def __init__(
        self: "Attr[int]", number: int, kind: KindLike, doc: str = "", *, multi: bool = False, **limits: int
    ) -> None: ...
    def __init__(self, number: int, kind: Any, doc: str = "", *, multi: bool = False, **limits: int) -> None:
        unknown = limits.keys() - {"min_len", "max_len", "min", "max"}
        if unknown:
            raise DeclarationError(f"attribute {number}: no limit is called {', '.join(unknown)}")
        self.number = number
        self.kind: Kind[T] = kind_of(kind)
        self.doc = doc or ("repeated" if multi else "")
        self.multi = multi
        self.min_len, self.max_len = limits.get("min_len"), limits.get("max_len")
        self.min, self.max = limits.get("min"), limits.get("max")

    @property
    def c_name(self) -> str:
        """The name in the uapi header: ``RTA_DST``."""
        return c_name(self.owner.c_prefix, self.name)

    def __repr__(self) -> str:
        return self.c_name


class _AttrSetMeta(type):
    """Makes a set iterable and countable: ``for attr in RTA``, ``len(RTA)``."""

    attrs: dict[int, Attr[Any]]

    def __iter__(cls) -> Iterator[Attr[Any]]:
        return iter(cls.attrs.values())

    def __len__(cls) -> int:
        return len(cls.attrs)

    def __bool__(cls) -> bool:
        return True


class AttrSet(metaclass=_AttrSetMeta):
    """The attributes one run may hold. The class name is the C prefix unless ``prefix=`` says otherwise.

    ``IF_NETNSID = TARGET_NETNSID`` gives an attribute a second name, which is read and never printed. A set made from another
    (``class TCA_TCLASS(TCA, prefix="TCA_")``) has the other's attributes and its own in the place of those.
    """

    c_prefix: ClassVar[str] = ""
    attrs: ClassVar[dict[int, Attr[Any]]] = {}
    aliases: ClassVar[dict[str, Attr[Any]]] = {}

    def __init_subclass__(cls, prefix: str | None = None) -> None:
        cls.c_prefix = f"{cls.__name__}_" if prefix is None else prefix
        cls.attrs, cls.aliases = dict(cls.attrs), dict(cls.aliases)
        own: set[int] = set()
        for name, attr in list(vars(cls).items()):
            if not isinstance(attr, Attr):
                continue
            if cls.attrs.get(attr.number) is attr:
                cls.aliases[name] = attr
                continue
            attr.name, attr.owner = name, cls
            if attr.number in own or not 0 <= attr.number <= NLA_TYPE_MASK:
                raise DeclarationError(f"{attr.c_name}: number {attr.number} is taken or no attribute type")
            own.add(attr.number)
            cls.attrs[attr.number] = attr

    @classmethod
    def find(cls, number: int) -> Attr[Any] | None:
        """The attribute with this number (flag bits masked off), or None."""
        return cls.attrs.get(number & NLA_TYPE_MASK)

    @classmethod
    def named(cls, text: str) -> int:
        """``RTA_DST``, ``DST`` or a number -> the number. Raises ValueError on an unknown name."""
        short = text.removeprefix(cls.c_prefix)
        for attr in cls:
            if attr.name in (short, f"_{short}"):
                return attr.number
        if short in cls.aliases:
            return cls.aliases[short].number
        try:
            return int(text, 0)
        except ValueError:
            raise ValueError(f"{text!r} is no attribute of {cls.__name__}") from None

    @classmethod
    def name_of(cls, number: int) -> str:
        """The C name of an attribute type, or its number as text."""
        attr = cls.find(number)
        return str(number & NLA_TYPE_MASK) if attr is None else attr.c_name


AttrSetLike = type[AttrSet] | Callable[[], type[AttrSet]]
"""A set, or a function giving one where it is not defined yet (``lambda: RTA`` inside RTA)."""


def set_of(like: AttrSetLike) -> type[AttrSet]:
    """Resolve an AttrSetLike."""
    return like if isinstance(like, _AttrSetMeta) else like()  # type: ignore[return-value]


class NoAttrs(AttrSet):
    """A run whose attributes nobody declared."""


class IndexedAttrs(AttrSet):
    """A run whose attribute types are indexes: every number holds the same kind (NLA_NESTED_ARRAY)."""

    each: ClassVar[Kind[Any]]
    _made: ClassVar[dict[int, Attr[Any]]]

    @classmethod
    def find(cls, number: int) -> Attr[Any] | None:
        number &= NLA_TYPE_MASK
        attr = cls._made.get(number)
        if attr is None:
            attr = cls._made[number] = Attr(number, cls.each)
            attr.name, attr.owner = str(number), cls
        return attr


def indexed_set(each: KindLike) -> type[AttrSet]:
    """The set of a run of numbered elements of kind ``each``."""
    kind = kind_of(each)
    body = {"each": kind, "_made": {}, "__doc__": f"Numbered elements: {kind.name}."}
    made: Any = _AttrSetMeta("IndexedAttrs", (IndexedAttrs,), body)
    made.c_prefix = ""
    return made  # type: ignore[no-any-return]
