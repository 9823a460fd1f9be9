"""Extended acknowledgements: struct netlink_ext_ack (include/linux/netlink.h), and netlink_ack(), netlink_ack_tlv_fill() and
netlink_dump_done() of net/netlink/af_netlink.c; the reading of what they write.

    NLMSG_ERROR                                            NLMSG_DONE, the end of a dump
    +----------+-------+-----------+- - - - - -+- - - -+   +----------+-------+- - - -+
    | nlmsghdr | error | nlmsghdr  | request's | TLVs  |   | nlmsghdr | error | TLVs  |
    |          |  s32  | of request|  payload  |       |   |          |  s32  |       |
    +----------+-------+-----------+- - - - - -+- - - -+   +----------+-------+- - - -+
    0          16      20          36   (padded to 4)      0          16      20

The request's payload is left out of a success and, with NETLINK_CAP_ACK, of an error: NLM_F_CAPPED says so. NLM_F_ACK_TLVS
says that TLVs follow; only sockets with NETLINK_EXT_ACK are sent any.

Knows: nlmsgerr, NLMSGERR_ATTR, how a policy is described.
Never: what a request asked for.
"""

from dataclasses import dataclass, field
from typing import Any

from nlwire.errors import WireError
from nlwire.schema.attrs import Attr
from nlwire.uapi.netlink import (
    NL_POLICY_TYPE_ATTR,
    NLA_TYPE,
    NLM_F,
    NLMSG,
    NLMSGERR_ATTR,
    nlmsgdone,
    nlmsgerr,
    nlmsghdr,
)
from nlwire.wire.nlattr import nla_for_each_attr, nla_for_each_nested, nla_get, nla_total_size, nla_type, nlattr_ptr
from nlwire.wire.nlattr_put import nla_nest, nla_put, nla_put_string
from nlwire.wire.nlmsg import (
    NLMSG_HDRLEN,
    nlmsg_align,
    nlmsg_append,
    nlmsg_bytes,
    nlmsg_data,
    nlmsg_end,
    nlmsg_hdr,
    nlmsg_new,
    nlmsg_put,
)
from nlwire.wire.skb import Buffer, sk_buff, skb_tailroom

Policy = dict[str, Any]
"""A policy as NLMSGERR_ATTR_POLICY describes it: ``{"min": 68, "max": 65535, "type": NL_ATTR_TYPE_U32}``."""


@dataclass(slots=True)
class netlink_ext_ack:
    """What a handler says about a request beside the errno. Offsets count from the request's nlmsghdr, in bytes."""

    message: str | None = None
    bad_attr: int | None = None
    policy: Policy | None = None
    miss_type: int | None = None
    miss_nest: int | None = None
    cookie: bytes = b""


def NL_SET_ERR_MSG(extack: netlink_ext_ack | None, message: str) -> None:
    """Words only."""
    if extack is not None:
        extack.message = message


def NL_SET_BAD_ATTR(extack: netlink_ext_ack | None, nla: nlattr_ptr[Any], policy: Policy | None = None) -> None:
    """The attribute to blame, and the policy it broke; without words."""
    if extack is not None:
        extack.bad_attr = nla.offset
        extack.policy = policy


def NL_SET_ERR_MSG_ATTR(
    extack: netlink_ext_ack | None, nla: nlattr_ptr[Any], message: str, policy: Policy | None = None
) -> None:
    """Words, the attribute to blame, and the policy it broke (the kernel's NL_SET_ERR_MSG_ATTR_POL)."""
    NL_SET_ERR_MSG(extack, message)
    NL_SET_BAD_ATTR(extack, nla, policy)


def NL_SET_ERR_ATTR_MISS(extack: netlink_ext_ack | None, nest: nlattr_ptr[Any] | None, attr: Attr[Any] | int) -> None:
    """The type of an attribute that is missing, from ``nest`` or (None) from the message itself."""
    if extack is not None:
        extack.miss_nest = None if nest is None else nest.offset
        extack.miss_type = attr if isinstance(attr, int) else attr.number


# --- building --------------------------------------------------------------------------------------------------------


def build_ack(
    request: Buffer | nlmsghdr,
    error: int,
    extack: netlink_ext_ack | None = None,
    *,
    portid: int,
    cap_ack: bool = False,
    ext_ack: bool = True,
) -> sk_buff:
    """The NLMSG_ERROR that answers ``request``: netlink_ack().

    ``error`` is 0 or a negative errno; ``portid`` that of the socket which asked; ``cap_ack`` and ``ext_ack`` are its options
    NETLINK_CAP_ACK and NETLINK_EXT_ACK. Raises WireError when ``request`` is no whole message.
    """
    asked = _message(request)
    body = asked[NLMSG_HDRLEN:]
    capped = cap_ack or not error
    tlvs = netlink_ack_tlv_len(error, extack) if ext_ack else 0
    flags = (NLM_F.CAPPED if capped else 0) | (NLM_F.ACK_TLVS if tlvs else 0)
    skb = nlmsg_new(nlmsgerr.sizeof + (0 if capped else nlmsg_align(len(body))) + tlvs)
    header = nlmsghdr.from_buffer_copy(asked)
    nlh = nlmsg_put(skb, portid, header.nlmsg_seq, NLMSG.ERROR, nlmsgerr(error=error, msg=header), flags)
    if not capped:
        nlmsg_append(skb, len(body))[:] = body
    if tlvs:
        netlink_ack_tlv_fill(skb, len(asked), error, extack)
    nlmsg_end(skb, nlh)
    return skb


def put_done(
    skb: sk_buff,
    request: Buffer | nlmsghdr,
    error: int,
    extack: netlink_ext_ack | None = None,
    *,
    portid: int,
    flags: int = 0,
    ext_ack: bool = True,
) -> nlmsghdr:
    """Put the NLMSG_DONE that ends a dump: netlink_dump_done(). ``flags`` are further nlmsg_flags (NLM_F_DUMP_FILTERED, …).

    As in the kernel, where the TLVs do not fit any more the flag NLM_F_ACK_TLVS is set without them. Raises BufferFull.
    """
    asked = _message(request)
    header = nlmsghdr.from_buffer_copy(asked)
    nlh = nlmsg_put(skb, portid, header.nlmsg_seq, NLMSG.DONE, nlmsgdone(error=error), NLM_F.MULTI | flags)
    tlvs = netlink_ack_tlv_len(error, extack) if ext_ack else 0
    if tlvs:
        nlh.nlmsg_flags |= NLM_F.ACK_TLVS
        if skb_tailroom(skb) >= tlvs:
            netlink_ack_tlv_fill(skb, len(asked), error, extack)
            nlmsg_end(skb, nlh)
    return nlh


def _message(request: Buffer | nlmsghdr) -> memoryview:
    return nlmsg_bytes(request if isinstance(request, nlmsghdr) else nlmsg_hdr(request))


def netlink_ack_tlv_len(error: int, extack: netlink_ext_ack | None) -> int:
    """Bytes to set aside for the TLVs; blame is only sent with an error, words and cookie with a success too."""
    if extack is None:
        return 0
    size = 0
    if extack.message is not None:
        size += nla_total_size(len(extack.message.encode()) + 1)
    if extack.cookie:
        size += nla_total_size(len(extack.cookie))
    if not error:
        return size
    size += nla_total_size(4) * sum(one is not None for one in (extack.bad_attr, extack.miss_type, extack.miss_nest))
    return size + netlink_policy_dump_attr_size_estimate(extack.policy)


def netlink_ack_tlv_fill(skb: sk_buff, request_len: int, error: int, extack: netlink_ext_ack | None) -> None:
    """Put the TLVs in the kernel's order. An offset outside the request (nlmsg_check_in_payload) is left out."""
    if extack is None:
        return
    if extack.message is not None:
        nla_put_string(skb, NLMSGERR_ATTR.MSG, extack.message)
    if extack.cookie:
        nla_put(skb, NLMSGERR_ATTR.COOKIE, extack.cookie)
    if not error:
        return
    payload = range(NLMSG_HDRLEN, request_len)
    if extack.bad_attr is not None and extack.bad_attr in payload:
        nla_put(skb, NLMSGERR_ATTR.OFFS, extack.bad_attr)
    if extack.policy is not None:
        netlink_policy_dump_write_attr(skb, extack.policy, NLMSGERR_ATTR.POLICY)
    if extack.miss_type is not None:
        nla_put(skb, NLMSGERR_ATTR.MISS_TYPE, extack.miss_type)
    if extack.miss_nest is not None and extack.miss_nest in payload:
        nla_put(skb, NLMSGERR_ATTR.MISS_NEST, extack.miss_nest)


# --- policies as attributes (net/netlink/policy.c) -------------------------------------------------------------------

_SIGNED = {NLA_TYPE.S8, NLA_TYPE.S16, NLA_TYPE.S32, NLA_TYPE.S64, NLA_TYPE.SINT}
_LENGTHS = {NLA_TYPE.STRING, NLA_TYPE.NUL_STRING, NLA_TYPE.BINARY, NLA_TYPE.NESTED, NLA_TYPE.NESTED_ARRAY}
_WORDS = {
    NL_POLICY_TYPE_ATTR.POLICY_IDX: "policy_idx",
    NL_POLICY_TYPE_ATTR.POLICY_MAXTYPE: "maxtype",
    NL_POLICY_TYPE_ATTR.MASK: "mask",
    NL_POLICY_TYPE_ATTR.MIN_VALUE_U: "min",
    NL_POLICY_TYPE_ATTR.MAX_VALUE_U: "max",
    NL_POLICY_TYPE_ATTR.MIN_VALUE_S: "min",
    NL_POLICY_TYPE_ATTR.MAX_VALUE_S: "max",
    NL_POLICY_TYPE_ATTR.BITFIELD32_MASK: "bitfield32_mask",
    NL_POLICY_TYPE_ATTR.MIN_LENGTH: "min_len",
    NL_POLICY_TYPE_ATTR.MAX_LENGTH: "max_len",
    NL_POLICY_TYPE_ATTR.TYPE: "type",
}
"""What a policy's attributes are called in its dict, in the order the kernel puts them."""
_OTHER_SIGN = {
    True: {NL_POLICY_TYPE_ATTR.MIN_VALUE_U, NL_POLICY_TYPE_ATTR.MAX_VALUE_U},
    False: {NL_POLICY_TYPE_ATTR.MIN_VALUE_S, NL_POLICY_TYPE_ATTR.MAX_VALUE_S},
}


def netlink_policy_dump_attr_size_estimate(policy: Policy | None) -> int:
    """Bytes that the description of a policy takes at most; the kernel counts without padding, from the type alone."""
    if policy is None:
        return 0
    kind = policy["type"]
    if kind == NLA_TYPE.FLAG:
        return 16
    if kind == NLA_TYPE.BITFIELD32:
        return 24
    return 32 if kind in _LENGTHS else 48


def netlink_policy_dump_write_attr(skb: sk_buff, policy: Policy, attr: Attr[Any] | int) -> None:
    """Put the description of a policy as the nest ``attr``."""
    with nla_nest(skb, attr):
        skip = _OTHER_SIGN[policy["type"] in _SIGNED]
        for one, word in _WORDS.items():
            if word in policy and one not in skip:
                nla_put(skb, one, policy[word])


def policy_from(nla: nlattr_ptr[Any]) -> Policy:
    """The description of a policy, read from its nest. Raises WireError when an attribute in it is too short."""
    found = nla_for_each_nested(nla, NL_POLICY_TYPE_ATTR)
    return {_WORDS[one.attr]: nla_get(one) for one in found if one.attr in _WORDS}


# --- reading ---------------------------------------------------------------------------------------------------------


@dataclass
class Ack:
    """What an NLMSG_ERROR or NLMSG_DONE says.

    ``error`` is 0 or a negative errno. ``request`` is as much of the request as is quoted: all of it, its header, or nothing
    (NLMSG_DONE). Offsets count from the request's nlmsghdr, in bytes.
    """

    nlh: nlmsghdr
    error: int
    request: bytes = b""
    message: str | None = None
    offset: int | None = None
    cookie: bytes = b""
    policy: Policy | None = None
    miss_type: int | None = None
    miss_nest: int | None = None
    unknown: dict[int, bytes] = field(default_factory=dict)
    """Payloads of TLVs that are no NLMSGERR_ATTR known here, by type."""

    @property
    def errno(self) -> int:
        """The errno as C programs know it: 0 or positive."""
        return -self.error

    @property
    def request_header(self) -> nlmsghdr | None:
        """The header of the request, None in an NLMSG_DONE."""
        return nlmsg_hdr(self.request) if self.request else None

    @property
    def capped(self) -> bool:
        """Whether the request's payload was left out (NLM_F_CAPPED)."""
        return bool(self.request) and bool(self.nlh.nlmsg_flags & NLM_F.CAPPED)


def parse_ack(message: Buffer | nlmsghdr) -> Ack:
    """Read an NLMSG_ERROR or NLMSG_DONE.

    Raises WireError when it is neither or shorter than it says; ``partial`` is then an Ack with what could be read, the errno
    at least, wherever that much was there.
    """
    data = _message(message)
    nlh = nlmsg_hdr(data)
    if nlh.nlmsg_type == NLMSG.DONE:
        ack = Ack(nlh, nlmsg_data(nlh, nlmsgdone).error)
        tlvs = NLMSG_HDRLEN + nlmsgdone.sizeof
    elif nlh.nlmsg_type == NLMSG.ERROR:
        errmsg = nlmsg_data(nlh, nlmsgerr)
        quoted = 0 if nlh.nlmsg_flags & NLM_F.CAPPED else max(errmsg.msg.nlmsg_len - NLMSG_HDRLEN, 0)
        start = NLMSG_HDRLEN + nlmsgerr.sizeof
        ack = Ack(nlh, errmsg.error, bytes(data[_QUOTE : start + quoted]))
        tlvs = start + nlmsg_align(quoted)
    else:
        reason = f"nlmsg_type is {nlh.nlmsg_type}, neither NLMSG_ERROR nor NLMSG_DONE"
        raise WireError(reason, path=("nlmsghdr", "nlmsg_type"), offset=4, data=bytes(data))
    if nlh.nlmsg_flags & NLM_F.ACK_TLVS:
        _read_tlvs(ack, data, tlvs)
    return ack


_QUOTE = NLMSG_HDRLEN + nlmsgerr.field_map["msg"].offset
_FIELDS = {
    NLMSGERR_ATTR.MSG: "message",
    NLMSGERR_ATTR.OFFS: "offset",
    NLMSGERR_ATTR.COOKIE: "cookie",
    NLMSGERR_ATTR.MISS_TYPE: "miss_type",
    NLMSGERR_ATTR.MISS_NEST: "miss_nest",
}


def _read_tlvs(ack: Ack, data: memoryview, start: int) -> None:
    """Fill in what the TLVs say; the errors carry ``ack`` as it is by then."""
    if start > len(data):
        need, have = start - _QUOTE, len(data) - _QUOTE
        raise WireError(
            "the quoted request does not fit",
            path=("nlmsgerr", "msg"),
            offset=_QUOTE,
            need=need,
            have=have,
            partial=ack,
        )
    run = nla_for_each_attr(nlattr_ptr(data, start), NLMSGERR_ATTR)
    try:
        for nla in run:
            if nla.attr is NLMSGERR_ATTR.POLICY:
                ack.policy = policy_from(nla)
            elif nla.attr in _FIELDS:
                setattr(ack, _FIELDS[nla.attr], nla_get(nla))
            else:
                ack.unknown[nla_type(nla)] = bytes(nla.memory[nla.offset + 4 : nla.stop])
    except WireError as error:
        error.partial = ack
        raise
    if run.rem:
        raise WireError(
            "bytes leftover after the extended acknowledgement",
            offset=len(data) - run.rem,
            data=bytes(data),
            partial=ack,
        )
