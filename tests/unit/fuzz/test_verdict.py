"""How two kernels' answers are compared: what parts them is named by type, place and words, and nothing that may differ does."""

import pytest

from nlwire.fuzz.linux.errands import DEVICE, LO, ask, errands, up, world
from nlwire.fuzz.linux.inside import exchange
from nlwire.fuzz.linux.known import known
from nlwire.fuzz.linux.pair import MockSide
from nlwire.fuzz.linux.requests import is_request, sendable
from nlwire.fuzz.linux.verdict import Difference, Said, difference
from nlwire.fuzz.mutator import Seed
from nlwire.uapi.if_link import IFLA, link
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RTM, route


@pytest.fixture(scope="module")
def mock() -> MockSide:
    made = MockSide(strict=True)
    for request in world():
        made.ask(request)
    return made


def parted(mock: MockSide, request: bytes, another: bytes) -> Difference:
    """How the answer to a request parts from that to another."""
    found = difference(request, mock.ask(request), mock.ask(another))
    assert found is not None
    return found


SHORT = ask(link, RTM.GETLINK, {IFLA.EXT_MASK: 1}, ifi_index=LO)
SHORT = (len(SHORT) - 4).to_bytes(4, "little") + SHORT[4:32] + b"\x04\0" + SHORT[34:36]


def test_what_is_the_same_is_no_difference(mock: MockSide) -> None:
    for request in (up(LO), SHORT, ask(link, RTM.GETLINK, (), NLM_F.DUMP)):
        assert difference(request, mock.ask(request), mock.ask(request)) is None


def test_an_acknowledgement_is_told_by_errno_words_and_place(mock: MockSide) -> None:
    found = parted(mock, SHORT, up(LO))
    assert str(found.linux).startswith(
        "ERANGE 'Attribute failed policy validation' (ifinfomsg/IFLA_EXT_MASK) offset 32, policy"
    )
    assert found.mock.words == "ack"
    assert not found.goes_on
    told = "RTM_GETLINK ifinfomsg/IFLA_EXT_MASK: Linux ERANGE 'Attribute failed policy validation', mock ack"
    assert found.signature("somewhere") == told


def test_where_nobody_says_why_the_place_of_the_fault_tells_them_apart() -> None:
    found = Difference("RTM_NEWROUTE", Said("EINVAL"), Said("ESRCH"))
    assert found.signature("RTA_OIF") == "RTM_NEWROUTE RTA_OIF: Linux EINVAL, mock ESRCH"
    assert found.goes_on


def test_a_message_is_told_by_what_first_differs_in_it(mock: MockSide) -> None:
    one, other = (ask(link, RTM.GETLINK, (), ifi_index=index) for index in (LO, DEVICE))
    found = parted(mock, one, other)
    assert (found.linux.place, found.mock.place) == ("nlmsg_len", "nlmsg_len")
    assert found.linux.details != found.mock.details


def test_counters_and_clocks_may_differ(mock: MockSide) -> None:
    """IFLA_STATS64 is masked."""
    request = ask(link, RTM.GETLINK, (), ifi_index=LO)
    (answer, end) = mock.ask(request)
    at = next(at for at in range(32, len(answer), 4) if answer[at + 2 : at + 4] == bytes([IFLA.STATS64.number, 0]))
    counted = answer[: at + 4] + b"\7" + answer[at + 5 :]
    assert counted != answer
    assert difference(request, [answer, end], [counted, end]) is None


def test_nothing_is_an_answer_too(mock: MockSide) -> None:
    found = difference(up(LO), mock.ask(up(LO)), [])
    assert found is not None
    assert found.mock.words == "nothing"
    failed = difference(up(LO), mock.ask(up(LO)), [b"!ENOBUFS"])
    assert failed is not None
    assert failed.mock.words == "ENOBUFS"


def test_differences_by_design_are_known_by_name() -> None:
    multicast = ask(link, RTM.GETLINK, (), NLM_F.DUMP, ifi_family=AF.RTNL_FAMILY_IPMR)
    other = Difference("RTM_GETLINK", Said("end"), Said("EINVAL"))
    assert getattr(known(other, multicast), "name", None) == "multicast routing"
    assert known(other, up(LO)) is None
    lookup = ask(route, RTM.GETROUTE, (), rtm_family=AF.INET)
    told = Difference("RTM_GETROUTE", Said("RTM_NEWROUTE", "RTA_OIF", "2"), Said("RTM_NEWROUTE", "RTA_OIF", "3"))
    assert getattr(known(told, lookup), "name", None) == "lots"
    assert known(told, ask(route, RTM.GETROUTE, (), NLM_F.DUMP, rtm_family=AF.INET)) is None


def test_the_mock_answers_the_errands(mock: MockSide) -> None:
    """Every sound request is answered, and most are carried out: they get far before they are broken."""
    fresh = MockSide(strict=False)
    for request in world():
        fresh.ask(request)
    answers = [exchange(fresh.asker, one) for one in errands()]
    assert all(answers)
    done = [one for one in answers if one[-1][4:6] != b"\2\0" or one[-1][16:20] == bytes(4)]
    assert len(done) > len(answers) // 2


def test_only_requests_are_taken_from_a_capture() -> None:
    seeds = [Seed(0, one) for one in (up(LO), up(LO)[:6] + b"\0\0" + up(LO)[8:], b"short")]
    assert sendable(seeds) == seeds[:1]
    assert not is_request(b"")
