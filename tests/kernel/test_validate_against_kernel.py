"""wire/validate.py against a running kernel: each verdict, with its words, the attribute it blames and the policy it tells."""

from collections.abc import Iterator
from random import Random

import pytest

from nlwire.errors import PolicyError
from nlwire.schema import UapiStruct
from nlwire.schema.attrs import NLA_F_NESTED
from nlwire.uapi.genetlink import genlmsghdr
from nlwire.uapi.if_addr import IFA, ifa_cacheinfo, ifaddrmsg
from nlwire.uapi.netlink import NETLINK, NLM_F
from nlwire.uapi.rtnetlink import AF, RTA, RTM, RTN, rtmsg, rtnexthop
from nlwire.wire import (
    NL_VALIDATE,
    NLA,
    NLA_VALIDATE,
    Ack,
    Policy,
    netlink_ext_ack,
    nla_nest_end,
    nla_nest_start_noflag,
    nla_policy,
    nla_put,
    nlmsg_end,
    nlmsg_hdr,
    nlmsg_new,
    nlmsg_parse,
    nlmsg_put,
    parse_ack,
    sk_buff,
    skb_put_data,
)
from nlwire.wire.policy import INTEGERS, resolve_policy
from tests.kernel.policies import Operation, operations
from tests.kernel.relay import Relay
from tests.kernel.requests import NEW

pytestmark = pytest.mark.kernel

WORDS = {
    "Attribute failed policy validation",
    "invalid attribute length",
    "NLA_F_NESTED is missing",
    "NLA_F_NESTED not expected",
    "integer out of range",
    "binary attribute size out of range",
    "reserved bit set",
    "Unknown attribute type",
    "Unsupported attribute",
    "Array element too short",
    "bytes leftover after parsing attributes",
    "allowed policy recursion depth exceeded",
}
"""All that lib/nlattr.c says."""


# --- generic netlink: every policy of this kernel ---------------------------------------------------------------------


def payload(random: Random, policy: nla_policy, depth: int) -> bytes:
    """Bytes that this policy may or may not like."""
    if policy.type in INTEGERS:
        integer = INTEGERS[policy.type]
        low, high = policy.range
        value = random.choice([low, high, low - 1, high + 1, random.randint(*integer.range)])
        return value.to_bytes(9, integer.order, signed=True)[-integer.size if integer.order == "big" else 0 :][
            : integer.size
        ]
    if policy.type in (NLA.NESTED, NLA.NESTED_ARRAY) and policy.nested is not None and depth < 4:
        skb = nlmsg_new(1024)
        inner = resolve_policy(policy.nested)
        for _ in range(random.randint(0, 2)):
            if policy.type is NLA.NESTED_ARRAY:
                start = nla_nest_start_noflag(skb, random.choice([0, 1, 5]) | random.choice([0, NLA_F_NESTED]))
                attribute(random, skb, inner, depth + 1)
                nla_nest_end(skb, start)
            else:
                attribute(random, skb, inner, depth + 1)
        return bytes(skb)
    size = random.choice([0, 1, 3, 4, 8, 12, 16, 17, policy.len, policy.len + 1, policy.min, max(policy.min - 1, 0)])
    return random.choice([bytes(size), random.randbytes(size), b"x" * size, b"x" * max(size - 1, 0) + b"\0"])


def attribute(random: Random, skb: sk_buff, policy: Policy, depth: int = 0) -> int:
    """Put an attribute, known or not, right or wrong in length, marked or not; returns its type."""
    number = random.choice([*policy.entries, random.choice([0, policy.maxtype + 1])] if depth else [*policy.entries])
    body = payload(random, policy[number], depth)
    if random.random() < 0.3 and policy[number].type is not NLA.BINARY:
        body = random.choice([body[:-1], body + b"\0", body + bytes(4), b""])
    nest = policy[number].type in (NLA.NESTED, NLA.NESTED_ARRAY)
    marked = nest != (random.random() < 0.2)
    nla_put(skb, number | (NLA_F_NESTED if marked else 0), body)
    return number


def undescribed(policy: nla_policy) -> bool:
    """Whether the controller tells less of a policy than the kernel checks."""
    described = policy.describe() or {}
    if policy.type is NLA.BINARY:
        return "max_len" not in described or policy.validation_type is not NLA_VALIDATE.RANGE
    return policy.type in INTEGERS and "min" not in described and "mask" not in described


def request(operation: Operation, random: Random) -> tuple[bytes, int]:
    skb = nlmsg_new(4096)
    nlh = nlmsg_put(skb, 0, 1, operation.id, genlmsghdr(cmd=operation.cmd, version=1), NLM_F.REQUEST | NLM_F.ACK)
    skb_put_data(skb, bytes(operation.hdrsize))
    number = attribute(random, skb, operation.policy)
    if random.random() < 0.1:
        skb_put_data(skb, random.choice([b"\0\0\0\0", b"\4\0", b"\x20\0\1\0", b"\0\0\0"]))
    nlmsg_end(skb, nlh)
    return bytes(skb), number


def agree(data: bytes, hdrlen: int, policy: Policy, level: NL_VALIDATE, ack: Ack) -> bool:
    """Whether our validation says what the kernel says. Where we let a request pass its handler speaks, but not in our words,
    except for a warning that is ours too.
    """
    extack = netlink_ext_ack()
    try:
        nlmsg_parse(nlmsg_hdr(data), hdrlen, policy, level, extack)
    except PolicyError as refusal:
        ours = -refusal.errno, extack.message, extack.bad_attr, extack.policy
        return ours == (ack.error, ack.message, ack.offset, ack.policy)
    return ack.message == extack.message or (ack.message is not None and ack.message not in WORDS)


def judged(relay: Relay, operation: Operation, count: int) -> Iterator[tuple[int, set[NL_VALIDATE], bytes, Ack]]:
    """(attribute type, levels at which we say what the kernel says, request, the kernel's answer)."""
    random = Random(f"{operation.family} {operation.cmd}")
    for _ in range(count):
        data, number = request(operation, random)
        ack = parse_ack(relay.ask(NETLINK.GENERIC, data)[-1])
        both = (NL_VALIDATE.STRICT, NL_VALIDATE.LIBERAL)
        hdrlen = genlmsghdr.sizeof + operation.hdrsize
        yield number, {level for level in both if agree(data, hdrlen, operation.policy, level, ack)}, data, ack


def test_every_policy_of_generic_netlink(relay: Relay) -> None:
    """Each attribute of each operation is validated at one level, and at that level we and the kernel always agree."""
    seen = 0
    for operation in operations(relay):
        operation.policy.entries = {n: one for n, one in operation.policy.entries.items() if not undescribed(one)}
        if not operation.policy.entries:
            continue
        agreed: dict[int, set[NL_VALIDATE]] = {}
        for number, levels, data, ack in judged(relay, operation, 12 * len(operation.policy.entries)):
            agreed[number] = agreed.get(number, levels) & levels
            assert agreed[number], (operation, data.hex(), ack)
            seen += ack.message in WORDS
    assert seen > 100


# --- rtnetlink --------------------------------------------------------------------------------------------------------

U32 = nla_policy(NLA.U32)
RTM_IPV4_POLICY = Policy(
    RTA,
    {
        RTA.DST: U32,
        RTA.SRC: U32,
        RTA.IIF: U32,
        RTA.OIF: U32,
        RTA.GATEWAY: U32,
        RTA.PRIORITY: U32,
        RTA.PREFSRC: U32,
        RTA.METRICS: nla_policy(NLA.NESTED),
        RTA.MULTIPATH: nla_policy(len=rtnexthop.sizeof),
        RTA.FLOW: U32,
        RTA.UID: U32,
        RTA.MARK: U32,
        RTA.TABLE: U32,
        RTA.IP_PROTO: nla_policy(NLA.U8),
        RTA.SPORT: nla_policy(NLA.U16),
        RTA.DPORT: nla_policy(NLA.U16),
        RTA.NH_ID: U32,
    },
    strict_start_type=RTA.DPORT.number + 1,
)
"""net/ipv4/fib_frontend.c: rtm_ipv4_policy, without the encapsulations."""

IFA_IPV4_POLICY = Policy(
    IFA,
    {
        IFA.LOCAL: U32,
        IFA.ADDRESS: U32,
        IFA.BROADCAST: U32,
        IFA.LABEL: nla_policy(NLA.STRING, len=15),
        IFA.CACHEINFO: nla_policy(len=ifa_cacheinfo.sizeof),
        IFA.FLAGS: U32,
        IFA.RT_PRIORITY: U32,
        IFA.TARGET_NETNSID: nla_policy(NLA.S32),
        IFA.PROTO: nla_policy(NLA.U8),
    },
)
"""net/ipv4/devinet.c: ifa_ipv4_policy."""


@pytest.mark.parametrize(
    ("kind", "header", "policy"),
    [
        (RTM.NEWROUTE, rtmsg(rtm_family=AF.INET, rtm_dst_len=8, rtm_type=RTN.UNICAST), RTM_IPV4_POLICY),
        (RTM.NEWADDR, ifaddrmsg(ifa_family=AF.INET, ifa_prefixlen=24, ifa_index=1), IFA_IPV4_POLICY),
    ],
)
def test_policies_of_rtnetlink(relay: Relay, kind: RTM, header: UapiStruct, policy: Policy) -> None:
    """Liberal validation by a kernel's own table, written out as C has it: we and the kernel always agree."""
    random = Random(str(kind))
    seen = 0
    for _ in range(400):
        skb = nlmsg_new(4096)
        nlh = nlmsg_put(skb, 0, 1, kind, header, NEW)
        for _ in range(random.randint(1, 3)):
            attribute(random, skb, policy)
        if random.random() < 0.1:
            nla_put(skb, random.choice([0, 200]), b"")
        skb_put_data(skb, random.choice([b"", b"", b"", b"\0\0\0\0", b"\4\0"]))
        nlmsg_end(skb, nlh)
        ack = parse_ack(relay.ask(NETLINK.ROUTE, bytes(skb))[-1])
        assert agree(bytes(skb), header.sizeof, policy, NL_VALIDATE.LIBERAL, ack), (bytes(skb).hex(), ack)
        seen += ack.message in WORDS
    assert seen > 50
