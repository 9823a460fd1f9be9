"""A session on a kernel in memory, in good times and in bad."""

import errno
import threading
import time
from collections.abc import Iterator

import pytest

from nlwire.codec.fast import encode
from nlwire.codec.message import Message, build
from nlwire.endpoint.base import Datagram
from nlwire.endpoint.fault import Fault
from nlwire.errors import BuildError, DialogError, DumpInterrupted, NetlinkError, Overrun, WireError
from nlwire.schema.family import Family
from nlwire.session import Session
from nlwire.session.filters import split_filter
from nlwire.uapi.fib_rules import rule
from nlwire.uapi.if_addrlabel import addrlabel
from nlwire.uapi.if_link import link
from nlwire.uapi.neighbour import NDA, neighbour
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF, RTA, RTM, nduseropt, route
from nlwire.wire.extack import netlink_ext_ack
from tests.unit.dialog.kernel_says import PORT, a_route, ack, dump_routes, get_route
from tests.unit.endpoint.scripted import Scripted
from tests.unit.session.routes import GROUP, Routes, add, number_of, remove


@pytest.fixture
def kernel() -> Routes:
    return Routes()


@pytest.fixture
def fault(kernel: Routes) -> Fault:
    return Fault(kernel)


@pytest.fixture
def nl(fault: Fault) -> Iterator[Session]:
    with Session(fault, timeout=5) as made:
        yield made


def numbers(nl: Session) -> list[int]:
    return [number_of(message) for message in nl.dump(route)]


def test_a_change_is_acknowledged(nl: Session, kernel: Routes) -> None:
    assert nl.portid == PORT
    assert nl.request(add(9)) == []
    assert 9 in kernel.table


def test_bytes_are_made_a_request_too(nl: Session, kernel: Routes) -> None:
    """A kernel passes over what has no NLM_F_REQUEST, and acknowledges it."""
    bare = encode(add(9).replace(nlmsg_flags=NLM_F.CREATE))
    assert nl.request(bare) == []
    assert nl.batch([encode(add(10).replace(nlmsg_flags=NLM_F.CREATE))]).ok
    assert {9, 10} <= kernel.table.keys()
    assert [data[6] & NLM_F.REQUEST for data in kernel.sent] == [NLM_F.REQUEST] * 2
    with pytest.raises(WireError, match="header does not fit"):
        nl.request(bare[:12])


def test_an_echo_comes_back(nl: Session) -> None:
    (made,) = nl.request(add(9), echo=True)
    assert made.nlmsg_type == RTM.NEWROUTE
    assert number_of(made) == 9


def test_a_refusal_is_raised(nl: Session, kernel: Routes) -> None:
    kernel.refuse.add(9)
    with pytest.raises(NetlinkError, match="EEXIST") as caught:
        nl.request(add(9))
    assert caught.value.errno == errno.EEXIST
    assert caught.value.request is not None
    assert numbers(nl) == [0, 1, 2, 3, 4]


def test_a_warning_is_told(kernel: Routes) -> None:
    kernel.answer = lambda request: [ack(request, 0, netlink_ext_ack("hm", cookie=b"1234"))]
    with Session(kernel, timeout=5) as nl:
        answer = nl.request(get_route())
    assert (answer.warning, answer.cookie) == ("hm", b"1234")


def test_get(nl: Session) -> None:
    assert number_of(nl.get(route, {RTA.DST: "10.0.0.3"}, rtm_family=AF.INET, rtm_dst_len=32)) == 3
    with pytest.raises(NetlinkError, match="ENETUNREACH"):
        nl.get(route, {RTA.DST: "10.0.0.77"}, rtm_family=AF.INET)
    with pytest.raises(DialogError, match="cannot be asked"):
        nl.get(nduseropt)


def test_an_acknowledged_question_without_an_answer() -> None:
    inner = Scripted(lambda request: [ack(request)])
    with Session(inner, timeout=5) as nl, pytest.raises(DialogError, match="did not answer"):
        nl.get(route)


def test_a_dump(nl: Session) -> None:
    assert numbers(nl) == [0, 1, 2, 3, 4]
    assert [number_of(message) for message in nl.dump(dump_routes())] == [0, 1, 2, 3, 4]
    assert [str(view.get(RTA.DST)) for view in nl.views(route)] == [f"10.0.0.{n}" for n in range(5)]
    with pytest.raises(DialogError, match="cannot be dumped"):
        next(nl.dump(nduseropt))


def test_a_filter_holds_whatever_the_kernel_does(nl: Session) -> None:
    assert [number_of(m) for m in nl.dump(route, filter={RTA.DST: "10.0.0.3", "rtm_dst_len": 32})] == [3]
    assert list(nl.dump(route, filter={"RTA_OIF": 3})) == []
    rules = build(rule, RTM.NEWRULE, family=AF.INET)
    assert rules.family is rule
    assert rules.field("family") == AF.INET
    for key in ("RTA_NONSENSE", 5, "ifi_index"):
        with pytest.raises(BuildError, match="no field and no attribute"):
            next(nl.dump(route, filter={key: 1}))


@pytest.mark.parametrize(
    ("family", "key", "asked", "told"),
    [
        (route, "table", {}, {RTA.TABLE: 7}),
        (route, "RTA_OIF", {}, {RTA.OIF: 7}),
        (route, "OIF", {}, {RTA.OIF: 7}),
        (route, "family", {"rtm_family": 7}, {}),
        (neighbour, "ifindex", {}, {NDA.IFINDEX: 7}),
        (neighbour, NDA.IFINDEX, {}, {NDA.IFINDEX: 7}),
        (neighbour, "ndm_ifindex", {}, {NDA.IFINDEX: 7}),
        (link, "index", {}, {}),
    ],
)
def test_keys_may_lack_their_prefix(
    family: Family, key: object, asked: dict[str, int], told: dict[object, int]
) -> None:
    assert split_filter(family, {key: 7})[:2] == (asked, told)


def test_neighbours_of_a_device_are_found_by_the_attribute_of_the_request() -> None:
    keep = split_filter(neighbour, {NDA.IFINDEX: 7})[2]
    assert keep is not None
    assert keep(build(neighbour, RTM.NEWNEIGH, ndm_ifindex=7))
    assert not keep(build(neighbour, RTM.NEWNEIGH, ndm_ifindex=8))


def test_a_key_nobody_knows_is_told_what_is_near() -> None:
    with pytest.raises(BuildError, match="'gatewya' is no field and no attribute of route; did you mean gateway"):
        split_filter(route, {"gatewya": 1})


def test_the_kernel_is_told_what_it_can_filter_by(nl: Session, kernel: Routes) -> None:
    list(nl.dump(route, filter={RTA.OIF: 2, "rtm_table": 0, RTA.DST: "10.0.0.3"}))
    asked = kernel.sent[-1]
    assert RTA.OIF.number in asked[28:]
    assert len(asked) == 16 + 12 + 8


def test_an_interrupted_dump_is_begun_again_unseen(nl: Session, kernel: Routes, fault: Fault) -> None:
    fault.interrupt(dumps=2)
    assert numbers(nl) == [0, 1, 2, 3, 4]
    assert kernel.dumps == 3


def test_a_dump_that_stays_interrupted_says_so_and_gives_what_it_has(nl: Session, fault: Fault) -> None:
    fault.interrupt(dumps=3)
    with pytest.raises(DumpInterrupted) as caught:
        list(nl.dump(route, retries=2))
    assert (len(caught.value.partial), caught.value.tries, caught.value.given) == (5, 3, False)
    assert numbers(nl) == [0, 1, 2, 3, 4]


def test_what_was_given_out_cannot_be_taken_back(nl: Session, kernel: Routes) -> None:
    kernel.end_flags = NLM_F.DUMP_INTR
    dump = nl.dump(route, window=0)
    assert [number_of(message) for _, message in zip(range(5), dump, strict=False)] == [0, 1, 2, 3, 4]
    with pytest.raises(DumpInterrupted, match="given out") as caught:
        next(dump)
    assert caught.value.given
    assert kernel.dumps == 1


def test_a_dump_that_nobody_reads_on_disturbs_nothing(nl: Session) -> None:
    for message in nl.dump(route, window=0):
        assert number_of(message) == 0
        break
    assert nl.request(add(9)) == []
    assert numbers(nl) == [0, 1, 2, 3, 4, 9]
    assert not nl.board.exchanges


def test_a_dump_within_a_dump(nl: Session) -> None:
    found = [(number_of(outer), len(list(nl.dump(route)))) for outer in nl.dump(route, window=0)]
    assert found == [(n, 5) for n in range(5)]


def test_a_request_within_a_dump(nl: Session) -> None:
    for message in nl.dump(route, window=0):
        nl.request(remove(number_of(message)))
    assert numbers(nl) == []


@pytest.mark.parametrize("order", ["split", "duplicate"])
def test_datagrams_cut_otherwise(nl: Session, fault: Fault, order: str) -> None:
    getattr(fault, order)()
    assert len(numbers(nl)) == (7 if order == "duplicate" else 5)


def test_forged_datagrams_are_ignored_and_counted(nl: Session, fault: Fault) -> None:
    fault.spoof(a_route(66, seq=1, flags=NLM_F.MULTI), sender=666)
    assert numbers(nl) == [0, 1, 2, 3, 4]
    assert nl.counts["foreign"] == 1


def test_a_session_survives_an_overrun(nl: Session, fault: Fault) -> None:
    fault.overrun()
    assert numbers(nl) == [0, 1, 2, 3, 4]
    assert nl.counts["overrun"] == 1


def test_an_answer_lost_to_an_overrun_is_not_waited_for(nl: Session, fault: Fault) -> None:
    fault.overrun(lose=1)
    with pytest.raises(Overrun, match="carried out"):
        nl.request(add(9))
    assert 9 in numbers(nl)
    fault.overrun(lose=99)
    with pytest.raises(Overrun):
        list(nl.dump(route))


def test_other_errors_of_the_endpoint_are_raised(nl: Session, kernel: Routes) -> None:
    kernel.push(OSError(errno.EIO, "broken"))
    with pytest.raises(OSError, match="broken"):
        nl.request(add(9))


def test_nothing_is_cut_silently(kernel: Routes) -> None:
    kernel.answer = lambda request: [bytes(5 << 20)]
    with Session(kernel, timeout=5) as nl, pytest.raises(DialogError, match="its rest is lost"):
        nl.request(add(9))


def test_a_request_that_cannot_be_sent_is_forgotten() -> None:
    class Full(Scripted):
        def put(self, data: bytes, address: tuple[int, int]) -> int:
            raise OSError(errno.EMSGSIZE, "too long")

    with Session(Full(), timeout=5) as nl:
        with pytest.raises(OSError, match="too long"):
            nl.request(add(1))
        assert not nl.board.exchanges
        assert not nl.board.dialog.pending


def test_silence_ends_with_a_timeout() -> None:
    with Session(Scripted(), timeout=0.02) as nl:
        with pytest.raises(TimeoutError):
            nl.request(add(9))
        with pytest.raises(TimeoutError):
            list(nl.dump(link))
        assert not nl.board.exchanges


def test_preflight_says_what_the_kernel_would(kernel: Routes) -> None:
    bad = a_route(1)[:-8] + b"\x05\0\4\0\1\0\0\0"
    bad = bad[:6] + b"\5\0" + bad[8:]
    with Session(kernel, timeout=5, check=True) as nl:
        with pytest.raises(NetlinkError) as caught:
            nl.request(bad)
        assert str(caught.value).startswith("ERANGE: Attribute failed policy validation (rtmsg/RTA_OIF at offset 36")
        assert not kernel.sent
        nl.request(bad, check=False)
        assert kernel.sent


def test_messages_are_sent_as_they_are(nl: Session) -> None:
    found = list(nl.send(a_route(1, type=RTM.GETROUTE, flags=NLM_F.REQUEST | NLM_F.ACK)))
    assert [number_of(message) for message in found] == [1]
    with pytest.raises(NetlinkError):
        list(nl.send(a_route(99, type=RTM.GETROUTE, flags=NLM_F.REQUEST)))


# --- subscriptions ---------------------------------------------------------------------------------------------------


def test_what_happens_is_heard_between_answers(nl: Session, kernel: Routes) -> None:
    with nl.subscribe(GROUP, timeout=0.02) as news:
        kernel.happen(7)
        nl.request(add(8))
        kernel.happen(7, RTM.DELROUTE)
        heard = [(one.message.nlmsg_type, number_of(one.message), one.group) for one in news if one.message]
    assert heard == [(RTM.NEWROUTE, 7, GROUP), (RTM.NEWROUTE, 8, GROUP), (RTM.DELROUTE, 7, GROUP)]
    assert kernel.groups == []


def test_a_gap_is_heard(nl: Session, kernel: Routes, fault: Fault) -> None:
    with nl.subscribe(GROUP, timeout=0.02) as news:
        fault.overrun()
        kernel.happen(7)
        assert [one.lost for one in news] == [True, False]


def test_a_slow_subscriber_loses_and_is_told(nl: Session, kernel: Routes) -> None:
    with nl.subscribe(GROUP, timeout=0.02, limit=3) as news:
        for number in range(5):
            kernel.happen(number)
        nl.request(remove(77))
        assert [one.lost for one in news] == [True, False]


def test_two_subscribers_share_a_group(nl: Session, kernel: Routes) -> None:
    first, second = nl.subscribe(GROUP, timeout=0.02), nl.subscribe(GROUP, 40, timeout=0.02)
    kernel.happen(7)
    assert (len(list(first)), len(list(second))) == (1, 1)
    first.close()
    first.close()
    assert kernel.groups == [GROUP, 40]
    kernel.push(Datagram(a_route(1), [(270, 3, b"\x28\0\0\0")], 0, (0, 0)))
    assert [one.group for one in second] == [40]
    second.close()
    assert kernel.groups == []


def test_groups_that_may_not_be_joined() -> None:
    class Forbidding(Routes):
        def setsockopt(self, level: int, option: int, value: int | bytes, /) -> None:
            if value == 30:
                raise PermissionError(errno.EPERM, "no")
            super().setsockopt(level, option, value)

    inner = Forbidding()
    with Session(inner) as nl:
        with pytest.raises(PermissionError):
            nl.subscribe(GROUP, 30)
        assert inner.groups == []


# --- batches ---------------------------------------------------------------------------------------------------------


def test_a_batch_attributes_its_errors(nl: Session, kernel: Routes) -> None:
    kernel.refuse |= {3, 50, 99}
    kernel.options[1, 8] = 4 * 1280 * 2
    result = nl.batch(add(number) for number in range(100))
    assert sorted(result.errors) == [3, 50, 99]
    assert result.errors[50].errno == errno.EEXIST
    assert (result.sent, result.lost, result.ok) == (100, [], False)
    assert len(kernel.sent) == 25
    assert len(kernel.table) == 97 + 1


def test_a_batch_without_errors_and_one_without_requests(nl: Session, kernel: Routes) -> None:
    kernel.options[1, 8] = 1 << 20
    assert nl.batch([add(number) for number in range(2000)]).ok
    assert len(kernel.sent) < 10
    assert nl.batch([]).sent == 0


def test_a_batch_knows_what_it_does_not_know(nl: Session, kernel: Routes, fault: Fault) -> None:
    kernel.options[1, 8] = 1 << 20
    kernel.refuse |= {1}
    fault.overrun(lose=1)
    result = nl.batch([add(number) for number in range(4)])
    assert (result.errors, result.lost, result.sent) == ({}, [0, 1, 2], 4)


# --- threads and the end ---------------------------------------------------------------------------------------------


def test_threads_share_a_session() -> None:
    kernel = Routes(50)
    found: list[list[int]] = []
    with Session(kernel, timeout=20) as nl:

        def work(base: int) -> None:
            for number in range(base, base + 20):
                nl.request(add(number))
            found.append(numbers(nl))

        threads = [threading.Thread(target=work, args=(base,)) for base in (100, 200, 300)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert len(kernel.table) == 110
    assert len(found) == 3
    assert not nl.board.exchanges


def test_closing_wakes_who_waits() -> None:
    nl = Session(Routes(), timeout=30)
    told: list[Exception] = []

    def wait() -> None:
        try:
            next(nl.subscribe(GROUP))
        except DialogError as error:
            told.append(error)

    threads = [threading.Thread(target=wait) for _ in range(2)]
    for one in threads:
        one.start()
    time.sleep(0.1)
    nl.close()
    nl.close()
    for one in threads:
        one.join(5)
    assert [str(one) for one in told] == ["the session is closed"] * 2


def test_a_closed_session_says_so(kernel: Routes) -> None:
    nl = Session(kernel)
    news = nl.subscribe(GROUP)
    nl.close()
    news.close()
    assert kernel.closed == 1
    for call in (lambda: nl.request(add(1)), lambda: nl.subscribe(GROUP), lambda: next(nl.dump(route))):
        with pytest.raises(DialogError, match="closed"):
            call()


def test_an_endpoint_without_a_name_gets_one() -> None:
    class Unbound(Routes):
        bound: object = None

        def getsockname(self) -> object:
            return (PORT, 0) if self.bound else (0, 0)

    with Session(Unbound()) as nl:
        assert nl.portid == PORT


class Restless(Routes):
    """Somebody changes a route in the middle of the next ``changes`` dumps; the kernel does not mark them."""

    changes = 0

    def dump(self, request: bytes, message: Message) -> Iterator[bytes]:
        parts = list(super().dump(request, message))
        yield from parts[:1]
        if self.changes:
            self.changes -= 1
            self.happen(100 + self.changes)
        yield from parts[1:]


@pytest.mark.parametrize("window", [None, 1 << 20])
def test_a_change_that_no_mark_tells_of_is_heard(window: int | None) -> None:
    kernel = Restless()
    with Session(kernel, timeout=5) as nl:
        kernel.changes = 1
        assert len(list(nl.dump(route, window=window))) == 5
        kernel.changes = 2
        assert len(list(nl.dump(route, window=window, consistent=True))) == 7
        assert (kernel.dumps, kernel.changes, kernel.groups) == (4, 0, [])
        kernel.changes = 99
        with pytest.raises(DumpInterrupted) as caught:
            list(nl.dump(route, window=window, consistent=True, retries=3))
        assert (caught.value.tries, len(caught.value.partial)) == (4, 9 + 1)
        assert kernel.groups == []
        with pytest.raises(DialogError, match="not announced"):
            list(nl.dump(addrlabel, consistent=True))


def test_what_was_given_out_before_a_change_was_heard() -> None:
    kernel = Restless()
    kernel.changes = 99
    with Session(kernel, timeout=5) as nl, pytest.raises(DumpInterrupted) as caught:
        list(nl.dump(route, window=0, consistent=True))
    assert caught.value.given
