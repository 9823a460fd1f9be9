"""Parsing and validating attributes: __nla_validate_parse() and validate_nla() of lib/nlattr.c, check by check.

    nla_parse(RTA, data, NL_VALIDATE.LIBERAL)    the kernel's nla_parse_deprecated()
    nla_parse(RTA, data)                         the kernel's nla_parse(): everything is an error

The checks, their order, errnos and words are the kernel's, measured against a running one (tests/kernel). A failure is a
PolicyError; a ``netlink_ext_ack`` that is handed in is filled as the kernel fills it, warnings of a success included.

Knows: validation levels, policies.
Never: a concrete policy.
"""

from collections.abc import Callable
from errno import EINVAL, ERANGE
from struct import Struct
from typing import Any, NoReturn

from nlwire.errors import PolicyError
from nlwire.schema.attrs import NLA_F_NESTED, NLA_HDRLEN, NLA_TYPE_MASK, Attr, AttrSet
from nlwire.schema.enums import UapiFlags
from nlwire.schema.kinds import MAX_NEST_DEPTH
from nlwire.schema.layout import UapiStruct
from nlwire.uapi.netlink import nla_bitfield32, nlmsghdr
from nlwire.wire.extack import NL_SET_ERR_ATTR_MISS, NL_SET_ERR_MSG, NL_SET_ERR_MSG_ATTR, netlink_ext_ack
from nlwire.wire.nlattr import (
    Head,
    head_of,
    nla_data,
    nla_for_each_attr,
    nla_len,
    nla_nested,
    nla_type,
    nlattr_ptr,
    nlattr_table,
    nlmsg_attrdata,
)
from nlwire.wire.nlmsg import NLMSG_HDRLEN, header_size, nlmsg_bytes
from nlwire.wire.policy import INTEGERS, NLA, NLA_VALIDATE, Policy, PolicyLike, nla_policy, resolve_policy


class NL_VALIDATE(UapiFlags):
    """How strictly attributes are validated (enum netlink_validation)."""

    LIBERAL = 0
    TRAILING = 1
    """Refuse bytes that are left over after the last attribute."""
    MAXTYPE = 2
    """Refuse types that the policy does not reach."""
    UNSPEC = 4
    """Refuse types that the policy says nothing of."""
    STRICT_ATTRS = 8
    """Refuse integers of another length, and binaries that are too long, where liberal validation only warns."""
    NESTED = 16
    """Refuse a nest without NLA_F_NESTED and anything else with it."""
    DEPRECATED_STRICT = TRAILING | MAXTYPE
    STRICT = TRAILING | MAXTYPE | UNSPEC | STRICT_ATTRS | NESTED


# --- entry points ----------------------------------------------------------------------------------------------------


def nla_parse(
    policy: PolicyLike,
    head: Head,
    validate: NL_VALIDATE = NL_VALIDATE.STRICT,
    extack: netlink_ext_ack | None = None,
) -> nlattr_table:
    """Validate a run of attributes and table it by type. Raises PolicyError.

    ``policy`` is a set (whose declarations imply a policy) or a Policy; ``head`` the run: bytes, or a pointer into a message.
    """
    rules = policy if isinstance(policy, Policy) else resolve_policy(policy)
    start = head_of(head)
    table = nlattr_table(rules.attrs, start)
    if start.offset < len(start.memory):
        Judge(extack).run(rules, start, int(validate), 0, table)
    return table


def nla_validate(
    policy: PolicyLike,
    head: Head,
    validate: NL_VALIDATE = NL_VALIDATE.STRICT,
    extack: netlink_ext_ack | None = None,
) -> None:
    """Validate a run of attributes. Raises PolicyError."""
    Judge(extack).run(resolve_policy(policy), head_of(head), int(validate), 0, None)


def nla_parse_nested(
    policy: PolicyLike,
    nla: nlattr_ptr[Any],
    validate: NL_VALIDATE = NL_VALIDATE.STRICT,
    extack: netlink_ext_ack | None = None,
) -> nlattr_table:
    """Validate and table what is inside ``nla``. Raises PolicyError; with NL_VALIDATE.NESTED also when the nest is not marked."""
    if validate & NL_VALIDATE.NESTED and not nla.nla_type & NLA_F_NESTED:
        Judge(extack).refuse(EINVAL, "NLA_F_NESTED is missing", nla)
    return nla_parse(policy, nla_nested(nla), validate, extack)


def nlmsg_parse(
    nlh: nlmsghdr,
    header: type[UapiStruct] | int,
    policy: PolicyLike,
    validate: NL_VALIDATE = NL_VALIDATE.STRICT,
    extack: netlink_ext_ack | None = None,
) -> nlattr_table:
    """Validate and table a message's attributes. Raises PolicyError, with offsets that count from ``nlh``."""
    if nlh.nlmsg_len < NLMSG_HDRLEN + header_size(header):
        _short_header(nlh, header, "Invalid header length", extack)
    return nla_parse(policy, nlmsg_attrdata(nlh, header), validate, extack)


def nlmsg_validate(
    nlh: nlmsghdr,
    header: type[UapiStruct] | int,
    policy: PolicyLike,
    validate: NL_VALIDATE = NL_VALIDATE.STRICT,
    extack: netlink_ext_ack | None = None,
) -> None:
    """Validate a message's attributes. Raises PolicyError; for a short header the kernel has no words here."""
    if nlh.nlmsg_len < NLMSG_HDRLEN + header_size(header):
        _short_header(nlh, header)
    nla_validate(policy, nlmsg_attrdata(nlh, header), validate, extack)


def _short_header(
    nlh: nlmsghdr, header: type[UapiStruct] | int, message: str | None = None, extack: netlink_ext_ack | None = None
) -> NoReturn:
    data = bytes(nlmsg_bytes(nlh))
    if message is not None:
        NL_SET_ERR_MSG(extack, message)
    path = () if isinstance(header, int) else (header.__name__,)
    raise PolicyError(EINVAL, message, path=path, offset=NLMSG_HDRLEN, data=data)


def NL_REQ_ATTR_CHECK(
    extack: netlink_ext_ack | None, nest: nlattr_ptr[Any] | None, tb: nlattr_table, attr: Attr[Any] | int
) -> bool:
    """Whether ``attr`` is missing from ``tb``; if so ``extack`` says it, and the caller refuses with an errno of its own."""
    missing = attr not in tb
    if missing:
        NL_SET_ERR_ATTR_MISS(extack, nest, attr)
    return missing


# --- lib/nlattr.c ----------------------------------------------------------------------------------------------------


# Plain numbers: every attribute asks for these.
TRAILING, MAXTYPE, UNSPEC, STRICT_ATTRS, NESTED = (
    int(one)
    for one in (
        NL_VALIDATE.TRAILING,
        NL_VALIDATE.MAXTYPE,
        NL_VALIDATE.UNSPEC,
        NL_VALIDATE.STRICT_ATTRS,
        NL_VALIDATE.NESTED,
    )
)
STRICT = int(NL_VALIDATE.STRICT)
NLATTR = Struct("=HH")
"""struct nlattr: nla_len, nla_type."""
NEVER = (1, 0)
"""No nla_len is from here to there."""


class Judge:
    """One walk: where it is (for the path of an error) and what it has to say."""

    def __init__(self, extack: netlink_ext_ack | None) -> None:
        self.extack = netlink_ext_ack() if extack is None else extack
        self.path: list[tuple[type[AttrSet] | None, int]] = []
        """Sets and types from the outermost inward; no set where the type is a place in an array."""

    def run(
        self,
        policy: Policy,
        head: nlattr_ptr[Any],
        validate: int,
        depth: int,
        table: nlattr_table | None,
    ) -> None:
        """__nla_validate_parse()."""
        if depth >= MAX_NEST_DEPTH:
            NL_SET_ERR_MSG(self.extack, "allowed policy recursion depth exceeded")
            self.fail(EINVAL, head)
        memory, offset, scope, lengths = head.memory, head.offset, head.scope, policy.lengths
        found = {} if table is None else table.found
        end = len(memory)
        while end - offset >= NLA_HDRLEN:
            size, type = NLATTR.unpack_from(memory, offset)
            if not NLA_HDRLEN <= size <= end - offset:
                break
            nla: nlattr_ptr[Any] = nlattr_ptr(memory, offset, None, scope)
            low, high = lengths.get(type, NEVER)
            if low <= size <= high or self.known(policy, nla, validate, depth):
                found[type & NLA_TYPE_MASK] = nla
            offset += size + 3 & ~3
        if end > offset:
            NL_SET_ERR_MSG(self.extack, "bytes leftover after parsing attributes")
            if validate & TRAILING:
                self.fail(EINVAL, nlattr_ptr(memory, offset))

    def known(self, policy: Policy, nla: nlattr_ptr[Any], validate: int, depth: int) -> bool:
        """Whether the policy reaches the type; if so the attribute is judged by it."""
        number = nla_type(nla)
        self.path.append((policy.attrs, number))
        reached = 0 < number <= policy.maxtype
        if reached:
            self.attribute(policy, nla, validate, depth)
        elif validate & MAXTYPE:
            self.refuse(EINVAL, "Unknown attribute type", nla)
        self.path.pop()
        return reached

    def attribute(self, policy: Policy, nla: nlattr_ptr[Any], validate: int, depth: int) -> None:
        """validate_nla()."""
        number = nla_type(nla)
        if policy.strict_start_type and number >= policy.strict_start_type:
            validate |= STRICT
        pt = policy[number]
        integer = INTEGERS.get(pt.type)
        if integer and integer.exact and nla_len(nla) != integer.size and validate & STRICT_ATTRS:
            self.refuse(EINVAL, "invalid attribute length", nla, pt)
        if validate & NESTED:
            self.marking(pt, nla)
        _CHECKS.get(pt.type, Judge.size)(self, pt, nla, validate, depth)
        self.further(pt, nla, validate)

    def marking(self, pt: nla_policy, nla: nlattr_ptr[Any]) -> None:
        """NLA_F_NESTED is set on nests and on nothing else."""
        nest = pt.type in (NLA.NESTED, NLA.NESTED_ARRAY)
        marked = bool(nla.nla_type & NLA_F_NESTED)
        if nest and not marked:
            self.refuse(EINVAL, "NLA_F_NESTED is missing", nla, pt)
        if marked and not nest and pt.type is not NLA.UNSPEC:
            self.refuse(EINVAL, "NLA_F_NESTED not expected", nla, pt)

    # One check for each type of policy: C's first switch. All take the same arguments, so that a table can hold them.

    def reject(self, pt: nla_policy, nla: nlattr_ptr[Any], validate: int, depth: int) -> None:
        """NLA_REJECT."""
        if pt.reject_message:
            self.refuse(EINVAL, pt.reject_message, nla)
        self.broken(EINVAL, nla, pt)

    def flag(self, pt: nla_policy, nla: nlattr_ptr[Any], validate: int, depth: int) -> None:
        """NLA_FLAG."""
        if nla_len(nla) > 0:
            self.broken(ERANGE, nla, pt)

    def variable(self, pt: nla_policy, nla: nlattr_ptr[Any], validate: int, depth: int) -> None:
        """NLA_UINT, NLA_SINT."""
        if nla_len(nla) not in (4, 8):
            self.refuse(EINVAL, "invalid attribute length", nla, pt)

    def bitfield32(self, pt: nla_policy, nla: nlattr_ptr[Any], validate: int, depth: int) -> None:
        """NLA_BITFIELD32: only valid bits, and of the value only those selected."""
        if nla_len(nla) != nla_bitfield32.sizeof:
            self.broken(ERANGE, nla, pt)
        bits = nla_data(nla, nla_bitfield32)
        invalid = ~pt.bitfield32_valid
        if not pt.bitfield32_valid or bits.selector & invalid or bits.value & invalid or bits.value & ~bits.selector:
            self.broken(EINVAL, nla, pt)

    def nul_string(self, pt: nla_policy, nla: nlattr_ptr[Any], validate: int, depth: int) -> None:
        """NLA_NUL_STRING: a NUL within the longest text and its end; then as NLA_STRING."""
        text = bytes(nla_data(nla))
        if b"\0" not in (text[: pt.len + 1] if pt.len else text):
            self.broken(EINVAL, nla, pt)
        self.string(pt, nla, validate, depth)

    def string(self, pt: nla_policy, nla: nlattr_ptr[Any], validate: int, depth: int) -> None:
        """NLA_STRING: not empty; the longest text does not count one NUL at its end."""
        text = bytes(nla_data(nla))
        if not text or (pt.len and len(text.removesuffix(b"\0")) > pt.len):
            self.broken(ERANGE, nla, pt)

    def binary(self, pt: nla_policy, nla: nlattr_ptr[Any], validate: int, depth: int) -> None:
        """NLA_BINARY."""
        if pt.len and nla_len(nla) > pt.len:
            self.broken(ERANGE, nla, pt)

    def nested(self, pt: nla_policy, nla: nlattr_ptr[Any], validate: int, depth: int) -> None:
        """NLA_NESTED, NLA_NESTED_ARRAY: empty, or at least a header, and what is inside obeys its own policy."""
        if nla_len(nla) == 0:
            return
        if nla_len(nla) < NLA_HDRLEN:
            self.broken(ERANGE, nla, pt)
        if pt.nested is None:
            return
        inner = resolve_policy(pt.nested)
        if pt.type is NLA.NESTED:
            self.run(inner, nla_nested(nla), validate, depth + 1, None)
        else:
            self.array(inner, nla, validate, depth)

    def array(self, policy: Policy, nla: nlattr_ptr[Any], validate: int, depth: int) -> None:
        """nla_validate_array(): types are places, and an element may be empty."""
        for entry in nla_for_each_attr(nla_nested(nla)):
            if nla_len(entry) == 0:
                continue
            self.path.append((None, nla_type(entry)))
            if nla_len(entry) < NLA_HDRLEN:
                # The kernel passes the element policy's entry 0, which is NLA_UNSPEC and never described.
                self.refuse(ERANGE, "Array element too short", entry, policy[0])
            self.run(policy, nla_nested(entry), validate, depth + 1, None)
            self.path.pop()

    def unspec(self, pt: nla_policy, nla: nlattr_ptr[Any], validate: int, depth: int) -> None:
        """NLA_UNSPEC."""
        if validate & UNSPEC:
            self.refuse(EINVAL, "Unsupported attribute", nla)
        if nla_len(nla) < pt.len:
            self.broken(ERANGE, nla, pt)

    def size(self, pt: nla_policy, nla: nlattr_ptr[Any], validate: int, depth: int) -> None:
        """Everything else: long enough."""
        if nla_len(nla) < (pt.len or INTEGERS[pt.type].size):
            self.broken(ERANGE, nla, pt)

    # C's second switch.

    def further(self, pt: nla_policy, nla: nlattr_ptr[Any], validate: int) -> None:
        """Ranges, masks and functions."""
        how = pt.validation_type
        if how is NLA_VALIDATE.FUNCTION and pt.validate is not None:
            error = pt.validate(nla, self.extack)
            if error:
                self.fail(-error, nla)
        elif how is NLA_VALIDATE.MASK:
            if _value(pt, nla) & ~pt.mask:
                self.refuse(EINVAL, "reserved bit set", nla)
        elif how not in (NLA_VALIDATE.NONE, NLA_VALIDATE.FUNCTION):
            self.in_range(pt, nla, validate)

    def in_range(self, pt: nla_policy, nla: nlattr_ptr[Any], validate: int) -> None:
        """nla_validate_int_range(): an integer's value, or a binary's length."""
        low, high = pt.range
        if pt.type is NLA.BINARY:
            value = nla_len(nla)
            if pt.validation_type is NLA_VALIDATE.RANGE_WARN_TOO_LONG and value > high:
                if validate & STRICT_ATTRS:
                    self.refuse(EINVAL, "invalid attribute length", nla, pt)
                return
        else:
            value = _value(pt, nla)
        if not low <= value <= high:
            what = "binary attribute size" if pt.type is NLA.BINARY else "integer"
            self.refuse(ERANGE, f"{what} out of range", nla, pt)

    def broken(self, errno: int, nla: nlattr_ptr[Any], pt: nla_policy) -> NoReturn:
        """C's out_err."""
        self.refuse(errno, "Attribute failed policy validation", nla, pt)

    def refuse(self, errno: int, message: str, nla: nlattr_ptr[Any], pt: nla_policy | None = None) -> NoReturn:
        """Words, blame and (with ``pt``) the policy; then fail."""
        NL_SET_ERR_MSG_ATTR(self.extack, nla, message, None if pt is None else pt.describe())
        self.fail(errno, nla)

    def fail(self, errno: int, at: nlattr_ptr[Any]) -> NoReturn:
        """Raise what the extended acknowledgement says by now."""
        said = self.extack
        raise PolicyError(
            errno,
            said.message,
            path=tuple([str(number) if attrs is None else attrs.name_of(number) for attrs, number in self.path]),
            offset=at.offset,
            bad_attr=said.bad_attr,
            policy=said.policy,
            data=at.surroundings,
        )


_Check = Callable[[Judge, nla_policy, nlattr_ptr[Any], int, int], None]
_CHECKS: dict[NLA, _Check] = {
    NLA.REJECT: Judge.reject,
    NLA.FLAG: Judge.flag,
    NLA.UINT: Judge.variable,
    NLA.SINT: Judge.variable,
    NLA.BITFIELD32: Judge.bitfield32,
    NLA.NUL_STRING: Judge.nul_string,
    NLA.STRING: Judge.string,
    NLA.BINARY: Judge.binary,
    NLA.NESTED: Judge.nested,
    NLA.NESTED_ARRAY: Judge.nested,
    NLA.UNSPEC: Judge.unspec,
}


def _value(pt: nla_policy, nla: nlattr_ptr[Any]) -> int:
    """The integer; a shorter payload (``len`` may allow it) is filled up with zeros, a longer one is cut."""
    integer = INTEGERS[pt.type]
    payload = bytes(nla_data(nla))
    size = len(payload) if not integer.exact and len(payload) == 4 else integer.size
    return int.from_bytes(payload[:size].ljust(size, b"\0"), integer.order, signed=integer.signed)
