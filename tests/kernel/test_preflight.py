"""What preflight says before a request is sent is what the running kernel says after: errno, words, place, value and policy."""

import asyncio
from collections.abc import Iterator
from struct import pack

import pytest

from nlwire.codec.fast import encode
from nlwire.codec.message import Message, build
from nlwire.endpoint.base import Address, Wrapper
from nlwire.endpoint.socket import open_socket
from nlwire.errors import NetlinkError
from nlwire.session import AsyncSession, Session
from nlwire.uapi.genetlink import CTRL_ATTR, CTRL_CMD, GENL_ID, genl_ctrl
from nlwire.uapi.netlink import NETLINK, NLM_F

pytestmark = pytest.mark.kernel
REQUEST, ACK = int(NLM_F.REQUEST), int(NLM_F.ACK)


class Counting(Wrapper):
    """``sent`` holds what went out to the kernel, but for questions to the controller."""

    sent: list[bytes]

    def put(self, data: bytes, address: Address) -> int:
        """Note it, send it."""
        self.sent.append(bytes(data))
        return super().put(data, address)


@pytest.fixture
def nl() -> Iterator[Session]:
    with Session(open_socket(NETLINK.GENERIC), protocol=NETLINK.GENERIC, timeout=20, wrap=Counting) as made:
        assert isinstance(made.endpoint, Counting)
        made.endpoint.sent = []
        yield made


def number_of(nl: Session, name: str) -> int:
    """A family's id; the test is skipped where this kernel has no such family."""
    try:
        (found,) = nl.request(build(genl_ctrl, GENL_ID.CTRL, {CTRL_ATTR.FAMILY_NAME: name}, cmd=CTRL_CMD.GETFAMILY))
    except NetlinkError:
        pytest.skip(f"this kernel has no generic family {name}")
    return found[CTRL_ATTR.FAMILY_ID]


def asked(family: int, cmd: int, *attrs: tuple[int, bytes], header: bytes | None = None) -> bytes:
    """A request with these attributes, whatever they are."""
    run = b"".join(pack("=HH", 4 + len(one), type) + one + bytes(-len(one) & 3) for type, one in attrs)
    body = (pack("=BBH", cmd, 1, 0) if header is None else header) + run
    return pack("=IHHII", 16 + len(body), family, REQUEST | ACK, 0, 0) + body


def verdict(nl: Session, data: bytes, check: bool) -> tuple[object, ...] | None:
    """What is refused, and how."""
    try:
        nl.request(data, check=check)
    except NetlinkError as error:
        return (
            error.errno,
            error.message,
            error.path,
            error.offset,
            error.value,
            error.policy,
            error.missing,
            str(error),
        )
    return None


NLCTRL = {
    "a number too short": [(1, b"\1")],
    "a name without its end": [(2, b"nlctrl")],
    "a name too long": [(2, b"a name that is too long\0")],
    "a text that is empty": [(2, b"")],
}


@pytest.mark.parametrize("attrs", NLCTRL.values(), ids=NLCTRL)
def test_the_controller(nl: Session, attrs: list[tuple[int, bytes]]) -> None:
    data = asked(GENL_ID.CTRL, CTRL_CMD.GETFAMILY, *attrs)
    said = verdict(nl, data, check=False)
    assert said is not None
    before = list(nl.endpoint.sent)  # type: ignore[attr-defined]
    assert verdict(nl, data, check=True) == said
    assert not [one for one in nl.endpoint.sent[len(before) :] if one[24:] == data[24:]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("family", "cmd", "attrs"),
    [
        ("netdev", 1, [(1, pack("=I", 0))]),  # NETDEV_A_DEV_IFINDEX counts from 1
        ("netdev", 1, [(1, b"12")]),
        ("netdev", 10, [(3, pack("=I", 1)), (1, pack("=I", 0))]),
        (
            "ethtool",
            2,
            [(0x8001, pack("=HHHH", 5, 1, 1, 0))],
        ),  # a short ETHTOOL_A_HEADER_DEV_INDEX in the header's nest
        ("ethtool", 2, [(0x8001, pack("=HH16s", 20, 2, b"sixteen letters!"))]),
        ("ethtool", 2, [(0x8001, pack("=HHI", 8, 3, 0xFFFF0000))]),  # ETHTOOL_A_HEADER_FLAGS nobody knows
        ("mptcp_pm", 3, [(0x8001, pack("=HHHxx", 6, 1, 99))]),
        ("SEG6", 1, [(1, b"1234567")]),
        ("TASKSTATS", 1, [(1, b"")]),
    ],
)
def test_families_nobody_declared(nl: Session, family: str, cmd: int, attrs: list[tuple[int, bytes]]) -> None:
    data = asked(number_of(nl, family), cmd, *attrs)
    said = verdict(nl, data, check=False)
    assert said is not None
    told = verdict(nl, data, check=True)
    assert told is not None
    assert told == said


def test_mistakes_that_an_old_family_forgives(nl: Session) -> None:
    """The kernel passes over a type that it does not know; a request that has one is wrong all the same."""
    data = asked(GENL_ID.CTRL, CTRL_CMD.GETFAMILY, (1, b"\x10\0"), (77, b"1234"))
    assert verdict(nl, data, check=False) is None
    said = verdict(nl, data, check=True)
    assert said is not None
    assert said[1:4] == ("Unknown attribute type", ("genlmsghdr", "77"), 28)


def test_what_is_no_matter_of_attributes(nl: Session) -> None:
    for data in (asked(GENL_ID.CTRL, 99), asked(1000, 1), asked(GENL_ID.CTRL, 3, header=b"\3")):
        said = verdict(nl, data, check=False)
        assert said is not None
        assert verdict(nl, data, check=True) == said


def test_what_is_right_passes_and_the_controller_is_asked_once(nl: Session) -> None:
    question = build(genl_ctrl, GENL_ID.CTRL, {CTRL_ATTR.FAMILY_NAME: "nlctrl"}, cmd=CTRL_CMD.GETFAMILY)
    for _ in range(3):
        (found,) = nl.request(question, check=True)
        assert found[CTRL_ATTR.FAMILY_ID] == GENL_ID.CTRL
    assert len(nl.endpoint.sent) == 3 + 2  # type: ignore[attr-defined]
    nl.check = True
    assert len(list(nl.dump(question.replace({CTRL_ATTR.FAMILY_NAME: None})))) > 1
    with pytest.raises(NetlinkError, match="CTRL_ATTR_OP"):
        list(nl.dump(encoded_wrong()))
    assert nl.batch([question, question]).ok
    with pytest.raises(NetlinkError, match="CTRL_ATTR_FAMILY_ID"):
        nl.batch([question, asked(GENL_ID.CTRL, CTRL_CMD.GETFAMILY, (1, b"\1"))])
    assert list(nl.send(encode(question.replace(nlmsg_flags=REQUEST)), check=True))


def encoded_wrong() -> Message:
    """A dump of policies that asks for no family's: CTRL_ATTR_OP too short."""
    return build(genl_ctrl, GENL_ID.CTRL, [{"nla_type": "CTRL_ATTR_OP", "opaque": "01"}], cmd=CTRL_CMD.GETPOLICY)


def test_the_same_for_asyncio() -> None:
    async def main() -> None:
        async with AsyncSession(protocol=NETLINK.GENERIC, check=True) as nl:
            with pytest.raises(NetlinkError, match="CTRL_ATTR_FAMILY_ID"):
                await nl.request(asked(GENL_ID.CTRL, CTRL_CMD.GETFAMILY, (1, b"\1")))

    asyncio.run(main())


@pytest.mark.parametrize(
    "attrs",
    [
        [(3, b"a-name-of-20-letters\0")],
        [(3, b"a-name-of-16-let")],
        [(3, b"")],
        [(4, b"\1\2")],
        [(18, pack("=HH", 4, 1))],
    ],
    ids=["too long", "too long, no NUL", "empty", "an MTU of two bytes", "an empty kind"],
)
def test_rtnetlink(attrs: list[tuple[int, bytes]]) -> None:
    """Attributes of links: the kernel's own policy (ifla_policy) says what the declarations say."""
    run = b"".join(pack("=HH", 4 + len(one), type) + one + bytes(-len(one) & 3) for type, one in attrs)
    data = pack("=IHHII", 32 + len(run), 16, REQUEST | ACK | NLM_F.CREATE, 0, 0) + bytes(16) + run
    with Session(timeout=20) as nl:
        said, told = verdict(nl, data, check=True), verdict(nl, data, check=False)
    assert said is not None
    assert told is not None
    assert said[0] == told[0]
    assert said == told or (
        told[1] is None and attrs[0][0] == 18
    )  # of what is in IFLA_LINKINFO the kernel says no more
