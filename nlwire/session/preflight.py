"""Validation before sending: a request judged by the declarations as the kernel's lib/nlattr.c would judge it.

The error has the shape of the kernel's own refusal: errno, words, the attribute's path, its value, the policy.

Knows: the kernel's validation; which level asks for no more than any kernel does.
Never: what a handler thinks of a valid request.
"""

from dataclasses import replace

from nlwire.codec.frames import NLMSG_HDRLEN, frames
from nlwire.errors import NetlinkError, PolicyError
from nlwire.schema.attrs import AttrSet
from nlwire.schema.family import Registry
from nlwire.schema.layout import HOST, UapiStruct
from nlwire.uapi import FAMILIES
from nlwire.uapi.netlink import NETLINK
from nlwire.wire import NL_VALIDATE, NLA, Policy, nlmsg_hdr, nlmsg_validate, policy_of
from nlwire.wire.resolve import Found, attr_path

LEVEL = NL_VALIDATE.TRAILING | NL_VALIDATE.MAXTYPE
"""Bytes left over and types nobody declared are mistakes in a request, although rtnetlink forgives them."""


_POLICIES: dict[type[AttrSet], Policy] = {}


def rtnetlink_policy(attrs: type[AttrSet]) -> Policy:
    """The policy that declarations imply, as rtnetlink's are: NLA_STRING for text, where a new family has NLA_NUL_STRING."""
    if attrs in _POLICIES:
        return _POLICIES[attrs]
    implied = policy_of(attrs)
    made = _POLICIES[attrs] = Policy(attrs, {}, maxtype=implied.maxtype)  # before its entries: a set may nest itself
    for number, entry in implied.entries.items():
        inner = rtnetlink_policy(entry.nested) if isinstance(entry.nested, type) else entry.nested
        kind = NLA.STRING if entry.type is NLA.NUL_STRING else entry.type
        made.entries[number] = replace(entry, type=kind, nested=inner)
    return made


def preflight(requests: bytes, protocol: int, level: NL_VALIDATE = LEVEL, registry: Registry = FAMILIES) -> None:
    """Raise what the kernel would answer, before it is asked. Raises NetlinkError, WireError (no message at all)."""
    for start, stop, _ in frames(requests, HOST):
        message = requests[start:stop]
        nlh = nlmsg_hdr(message)
        family = registry.find(protocol, nlh.nlmsg_type).of(nlh.nlmsg_flags, message[NLMSG_HDRLEN:]).family
        if family.name == "unknown":
            continue
        try:
            policy = rtnetlink_policy(family.attrs) if protocol == NETLINK.ROUTE else family.attrs
            nlmsg_validate(nlh, family.header, policy, level)
        except PolicyError as error:
            raise refusal(error, message, family.header, family.attrs) from None


def refusal(
    error: PolicyError, message: bytes, header: type[UapiStruct], attrs: type[AttrSet], further: int = 0
) -> NetlinkError:
    """A broken policy as the kernel would answer it; ``further``: bytes between the declared header and the attributes."""
    at = error.offset if error.bad_attr is None else error.bad_attr
    if further:
        found = Found((header.__name__, *error.path))
    else:
        found = attr_path(message, header, attrs, at)
    return NetlinkError(
        error.errno,
        error.message,
        path=found.path,
        offset=at,
        policy=error.policy,
        missing=error.missing,
        value=found.value,
        request=message,
    )
