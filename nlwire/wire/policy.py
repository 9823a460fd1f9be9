"""Policies: struct nla_policy and the NLA_POLICY_*() macros of include/net/netlink.h, and the policy a declaration implies.

A declaration says what an attribute is; a policy says what a handler refuses. ``policy_of(IFA)`` makes the one from the
other, as a new family of the kernel would write it. Old families are laxer or odd (NLA_UNSPEC with a length where today one
writes NLA_POLICY_MIN_LEN): their handlers write the exact table as C does::

    rtm_ipv4_policy = Policy(RTA, {RTA.DST: nla_policy(NLA.U32), RTA.METRICS: nla_policy(NLA.NESTED), …}, strict_start_type=31)

Knows: types of policies, their ranges, how net/netlink/policy.c describes them.
Never: a concrete policy.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from nlwire.schema.attrs import NLA_HDRLEN, NLA_TYPE_MASK, Attr, AttrSet, IndexedAttrs
from nlwire.schema.enums import UapiEnum
from nlwire.schema.kinds import ByteOrder, Int, Kind, String, VarInt
from nlwire.schema.layout import HOST
from nlwire.schema.nests import REQUEST, Nested, Selected, Struct
from nlwire.uapi.netlink import NLA_TYPE, nla_bitfield32


class NLA(UapiEnum):
    """Types of policies, as the kernel numbers them for itself (include/net/netlink.h); userspace sees NL_ATTR_TYPE_*."""

    UNSPEC = 0
    U8 = 1
    U16 = 2
    U32 = 3
    U64 = 4
    STRING = 5
    FLAG = 6
    MSECS = 7
    NESTED = 8
    NESTED_ARRAY = 9
    NUL_STRING = 10
    BINARY = 11
    S8 = 12
    S16 = 13
    S32 = 14
    S64 = 15
    BITFIELD32 = 16
    REJECT = 17
    BE16 = 18
    BE32 = 19
    SINT = 20
    UINT = 21


class NLA_VALIDATE(UapiEnum):
    """What is checked beside the type (enum nla_policy_validation)."""

    NONE = 0
    RANGE = 1
    RANGE_WARN_TOO_LONG = 2
    MIN = 3
    MAX = 4
    MASK = 5
    RANGE_PTR = 6
    FUNCTION = 7


@dataclass(frozen=True)
class Integer:
    """How an integer type lies in a payload; ``exact`` where its length is checked (nla_attr_len)."""

    size: int
    signed: bool = False
    order: ByteOrder = HOST
    exact: bool = True

    @property
    def range(self) -> tuple[int, int]:
        """The least and the greatest value."""
        bits = self.size * 8
        return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if self.signed else (0, (1 << bits) - 1)


INTEGERS = {
    NLA.U8: Integer(1),
    NLA.U16: Integer(2),
    NLA.U32: Integer(4),
    NLA.U64: Integer(8),
    NLA.S8: Integer(1, signed=True),
    NLA.S16: Integer(2, signed=True),
    NLA.S32: Integer(4, signed=True),
    NLA.S64: Integer(8, signed=True),
    NLA.BE16: Integer(2, order="big"),
    NLA.BE32: Integer(4, order="big"),
    NLA.MSECS: Integer(8, exact=False),
    NLA.UINT: Integer(8, exact=False),
    NLA.SINT: Integer(8, signed=True, exact=False),
}

U16_MAX = 0xFFFF


@dataclass(frozen=True)
class nla_policy:
    """What one attribute has to be.

    ``len`` is the longest text (without NUL) or binary, or the least size of anything else; ``min`` and ``max`` bound an
    integer's value or a binary's length, as ``validation_type`` says; ``nested`` is the policy of what is inside;
    ``validate`` is called with the attribute and the extended acknowledgement and returns 0 or a negative errno.
    """

    type: NLA = NLA.UNSPEC
    validation_type: NLA_VALIDATE = NLA_VALIDATE.NONE
    len: int = 0
    min: int = 0
    max: int = 0
    mask: int = 0
    nested: "PolicyLike | None" = None
    bitfield32_valid: int = 0
    reject_message: str | None = None
    validate: Callable[[Any, Any], int] | None = None

    @property
    def range(self) -> tuple[int, int]:
        """What an integer's value or a binary's length may be (nla_get_range_unsigned, nla_get_range_signed)."""
        low, high = INTEGERS[self.type].range if self.type in INTEGERS else (0, U16_MAX)
        if self.validation_type in _RANGES:
            return self.min, self.max
        if self.validation_type is NLA_VALIDATE.MIN:
            low = self.min
        elif self.validation_type is NLA_VALIDATE.MAX:
            high = self.max
        return low, high

    @property
    def lengths(self) -> tuple[int, int]:
        """Payloads from the first length to the second are right whatever is in them; the first is greater where there are none."""
        if self.validation_type is NLA_VALIDATE.NONE:
            if self.type is NLA.FLAG:
                return 0, 0
            if self.type in (NLA.STRING, NLA.BINARY):
                return int(self.type is NLA.STRING), self.len or U16_MAX
            integer = INTEGERS.get(self.type)
            if integer is not None and integer.exact and self.len <= integer.size:
                return integer.size, integer.size
        return 1, 0

    def describe(self) -> dict[str, Any] | None:
        """What NLMSGERR_ATTR_POLICY says of this policy (__netlink_policy_dump_write_attr); None where it is not sent."""
        kind = _DESCRIBED.get(self.type)
        if kind is None:
            return None
        shown: dict[str, Any] = {}
        if self.type in INTEGERS:
            shown = self._describe_integer()
        elif self.type is NLA.BITFIELD32:
            shown = {"bitfield32_mask": self.bitfield32_valid}
        elif self.type in _SIZED:
            shown = self._describe_size()
        return {**shown, "type": kind}

    def _describe_integer(self) -> dict[str, Any]:
        if self.validation_type is NLA_VALIDATE.MASK:
            return {"mask": self.mask}
        if self.validation_type is NLA_VALIDATE.FUNCTION:
            return {}
        low, high = self.range
        return {"min": low, "max": high}

    def _describe_size(self) -> dict[str, Any]:
        if self.validation_type not in (NLA_VALIDATE.RANGE, NLA_VALIDATE.RANGE_WARN_TOO_LONG):
            return {"max_len": self.len} if self.len else {}
        shown = {"min_len": self.min} if self.min else {}
        return {**shown, "max_len": self.max} if self.max < U16_MAX else shown


_RANGES = {NLA_VALIDATE.RANGE, NLA_VALIDATE.RANGE_PTR, NLA_VALIDATE.RANGE_WARN_TOO_LONG}
_SIZED = {NLA.STRING, NLA.NUL_STRING, NLA.BINARY}
_DESCRIBED = {
    NLA.FLAG: NLA_TYPE.FLAG,
    NLA.U8: NLA_TYPE.U8,
    NLA.U16: NLA_TYPE.U16,
    NLA.U32: NLA_TYPE.U32,
    NLA.U64: NLA_TYPE.U64,
    NLA.S8: NLA_TYPE.S8,
    NLA.S16: NLA_TYPE.S16,
    NLA.S32: NLA_TYPE.S32,
    NLA.S64: NLA_TYPE.S64,
    NLA.BINARY: NLA_TYPE.BINARY,
    NLA.STRING: NLA_TYPE.STRING,
    NLA.NUL_STRING: NLA_TYPE.NUL_STRING,
    NLA.NESTED: NLA_TYPE.NESTED,
    NLA.NESTED_ARRAY: NLA_TYPE.NESTED_ARRAY,
    NLA.BITFIELD32: NLA_TYPE.BITFIELD32,
    NLA.SINT: NLA_TYPE.SINT,
    NLA.UINT: NLA_TYPE.UINT,
    NLA.MSECS: NLA_TYPE.UINT,
}
"""NLA_UNSPEC, NLA_REJECT, NLA_BE16 and NLA_BE32 are not described."""


class Policy:
    """``struct nla_policy policy[MAX + 1]``: what each attribute of a run has to be; ``entries`` by ``Attr`` or by number.

    ``maxtype`` is the greatest type that is known at all (that of the set unless said otherwise); a type below it without an
    entry is NLA_UNSPEC. From ``strict_start_type`` on (0: nowhere) attributes are validated strictly whatever the caller asks.
    """

    def __init__(
        self,
        attrs: type[AttrSet],
        entries: Mapping[Any, nla_policy],
        *,
        maxtype: int | None = None,
        strict_start_type: int = 0,
    ) -> None:
        self.attrs = attrs
        self.entries = {one.number if isinstance(one, Attr) else one: entry for one, entry in entries.items()}
        self.maxtype = max(attrs.attrs, default=0) if maxtype is None else maxtype
        self.strict_start_type = strict_start_type

    def __getitem__(self, number: int) -> nla_policy:
        return self.entries.get(number, _UNSPEC)

    @cached_property
    def lengths(self) -> dict[int, tuple[int, int]]:
        """By type: from which nla_len to which an attribute without flag bits is right, however strictly it is looked at.

        Others may be right too: of these the length alone tells, which is all that most attributes are judged by.
        """
        found = {number: entry.lengths for number, entry in self.entries.items() if 0 < number <= self.maxtype}
        return {number: (NLA_HDRLEN + low, NLA_HDRLEN + high) for number, (low, high) in found.items()}

    def __repr__(self) -> str:
        return f"<policy {self.attrs.__name__}>"


_UNSPEC = nla_policy()

PolicyLike = Policy | type[AttrSet]
"""A policy, or a set whose declarations imply one."""


# --- what C writes ---------------------------------------------------------------------------------------------------


def NLA_POLICY_RANGE(type: NLA, low: int, high: int) -> nla_policy:
    """An integer's value (a binary's length) from ``low`` to ``high``."""
    return nla_policy(type, NLA_VALIDATE.RANGE, min=low, max=high)


def NLA_POLICY_FULL_RANGE(type: NLA, low: int, high: int) -> nla_policy:
    """The same for limits beyond s16, which C keeps behind a pointer; a binary's are not described to userspace then."""
    return nla_policy(type, NLA_VALIDATE.RANGE_PTR, min=low, max=high)


def NLA_POLICY_MIN(type: NLA, low: int) -> nla_policy:
    """At least ``low``."""
    return nla_policy(type, NLA_VALIDATE.MIN, min=low)


def NLA_POLICY_MAX(type: NLA, high: int) -> nla_policy:
    """At most ``high``."""
    return nla_policy(type, NLA_VALIDATE.MAX, max=high)


def NLA_POLICY_MASK(type: NLA, mask: int) -> nla_policy:
    """No bit outside ``mask``."""
    return nla_policy(type, NLA_VALIDATE.MASK, mask=mask)


def NLA_POLICY_VALIDATE_FN(
    type: NLA,
    validate: Callable[[Any, Any], int],
    len: int = 0,
) -> nla_policy:
    """Whatever ``validate(nla, extack)`` says: 0 or a negative errno."""
    return nla_policy(type, NLA_VALIDATE.FUNCTION, len=len, validate=validate)


def NLA_POLICY_EXACT_LEN(size: int) -> nla_policy:
    """A binary of exactly ``size`` bytes."""
    return NLA_POLICY_RANGE(NLA.BINARY, size, size)


def NLA_POLICY_EXACT_LEN_WARN(size: int) -> nla_policy:
    """A binary of ``size`` bytes; a longer one only counts when validation is strict."""
    return nla_policy(NLA.BINARY, NLA_VALIDATE.RANGE_WARN_TOO_LONG, min=size, max=size)


def NLA_POLICY_MIN_LEN(size: int) -> nla_policy:
    """A binary of at least ``size`` bytes."""
    return NLA_POLICY_MIN(NLA.BINARY, size)


def NLA_POLICY_MAX_LEN(size: int) -> nla_policy:
    """A binary of at most ``size`` bytes."""
    return NLA_POLICY_MAX(NLA.BINARY, size)


def NLA_POLICY_NESTED(policy: PolicyLike) -> nla_policy:
    """A nest whose attributes obey ``policy``."""
    return nla_policy(NLA.NESTED, nested=policy)


def NLA_POLICY_NESTED_ARRAY(policy: PolicyLike) -> nla_policy:
    """A nest of nests, whose types count for nothing and whose attributes obey ``policy``."""
    return nla_policy(NLA.NESTED_ARRAY, nested=policy)


def NLA_POLICY_BITFIELD32(valid: int) -> nla_policy:
    """A struct nla_bitfield32 that uses no bit outside ``valid``."""
    return nla_policy(NLA.BITFIELD32, bitfield32_valid=valid)


# --- what a declaration implies --------------------------------------------------------------------------------------


def resolve_policy(like: PolicyLike) -> Policy:
    """The policy itself, or the one that a set's declarations imply."""
    return like if isinstance(like, Policy) else policy_of(like)


@cache
def policy_of(attrs: type[AttrSet]) -> Policy:
    """The policy that the declarations of ``attrs`` imply; made once for each set."""
    if issubclass(attrs, IndexedAttrs):
        return Policy(attrs, {}, maxtype=NLA_TYPE_MASK)
    return Policy(attrs, {attr: implied(attr) for attr in attrs})


def implied(attr: Attr[Any]) -> nla_policy:
    """The policy that one declaration implies: its kind's type and sizes, its own limits."""
    return implied_of(attr.kind, attr)


def implied_of(kind: Kind[Any], attr: Attr[Any]) -> nla_policy:
    """The policy that a kind implies, within an attribute's limits."""
    if isinstance(kind, Int | VarInt):
        return _integer(attr, kind)
    if isinstance(kind, String):
        return nla_policy(NLA[kind.policy.removeprefix("NLA_")], len=attr.max_len or 0)
    if isinstance(kind, Nested):
        return _nest(kind)
    if isinstance(kind, Selected):
        return _selected(attr, kind)
    if isinstance(kind, Struct) and kind.struct is nla_bitfield32:
        return NLA_POLICY_BITFIELD32(0xFFFFFFFF)
    if kind.policy == "NLA_FLAG":
        return nla_policy(NLA.FLAG)
    return _binary(attr, kind.min_size, kind.max_size)


def _integer(attr: Attr[Any], kind: Int | VarInt) -> nla_policy:
    if kind.policy == "NLA_BE64":
        return nla_policy(NLA.U64)  # the kernel has no NLA_BE64, and so no limits for one
    base = NLA[kind.policy.removeprefix("NLA_")]
    if attr.min is None and attr.max is None:
        return nla_policy(base)
    if attr.max is None:
        return NLA_POLICY_MIN(base, attr.min or 0)
    return NLA_POLICY_MAX(base, attr.max) if attr.min is None else NLA_POLICY_RANGE(base, attr.min, attr.max)


def _nest(kind: Nested) -> nla_policy:
    if not kind.indexed:
        return NLA_POLICY_NESTED(kind.attrs)
    each = getattr(kind.attrs, "each", None)
    if isinstance(each, Nested) and not each.indexed:
        return NLA_POLICY_NESTED_ARRAY(each.attrs)
    return nla_policy(NLA.NESTED)


def _selected(attr: Attr[Any], kind: Selected) -> nla_policy:
    """What holds for every choice; the chosen kind itself is for the handler to validate, once it knows which."""
    if kind.by == REQUEST:  # only requests are validated
        return implied_of(kind.table[1], attr)
    choices = list(kind.table.values())
    if all(isinstance(one, Nested) for one in choices):
        return nla_policy(
            NLA.NESTED
        )  # the default, for selectors nobody declared, is no nest; the kernel has none for those
    if any(isinstance(one, Nested) for one in choices):
        return _UNSPEC  # nothing can be said; under NL_VALIDATE.UNSPEC it is refused, as the kernel refuses it
    sizes = [(one.min_size, one.max_size) for one in (*choices, kind.default)]
    highest = [high for _, high in sizes if high is not None]
    return _binary(attr, min(low for low, _ in sizes), max(highest) if len(highest) == len(sizes) else None)


def _binary(attr: Attr[Any], least: int, most: int | None) -> nla_policy:
    low = least if attr.min_len is None else attr.min_len
    high = most if attr.max_len is None else attr.max_len
    if high is None:
        return NLA_POLICY_MIN_LEN(low) if low else nla_policy(NLA.BINARY)
    return NLA_POLICY_RANGE(NLA.BINARY, low, high) if low else nla_policy(NLA.BINARY, len=high)
