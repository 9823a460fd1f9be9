"""The conversation: whose an answer is, when it ends, what was lost."""

from errno import EBADMSG, EBUSY, EINVAL, ENOENT
from struct import pack

import pytest

from nlwire.codec.fast import decode
from nlwire.dialog import (
    Acked,
    Dialog,
    Done,
    Event,
    Failure,
    Ignored,
    Interrupted,
    Lost,
    Notification,
    Overran,
    Reply,
    Request,
)
from nlwire.errors import WireError
from nlwire.uapi.netlink import NETLINK, NLM_F, NLMSG
from nlwire.uapi.rtnetlink import RTA, RTM
from nlwire.wire.extack import netlink_ext_ack
from tests.unit.dialog.kernel_says import PORT, a_route, ack, done, dump_routes, get_route, part


@pytest.fixture
def dialog() -> Dialog:
    return Dialog(NETLINK.ROUTE, PORT)


def one(events: list[Event]) -> Event:
    (event,) = events
    return event


def ask(dialog: Dialog, flags: int = NLM_F.REQUEST | NLM_F.ACK) -> Request:
    (request,) = dialog.send(get_route(flags))
    return request


def ask_all(dialog: Dialog) -> Request:
    (request,) = dialog.send(dump_routes())
    return request


def test_each_request_has_a_number_of_its_own(dialog: Dialog) -> None:
    first, second = dialog.send([get_route(), get_route()])
    assert (first.seq, second.seq) == (1, 2)
    assert [m.nlmsg_seq for m in decode(first.data + second.data)] == [1, 2]
    assert repr(first) == f"<request 1: route, {len(first.data)} bytes>"


def test_numbers_begin_again_without_zero_and_without_those_in_use() -> None:
    dialog = Dialog(portid=PORT, seq=0xFFFFFFFF)
    assert [one.seq for one in dialog.send([get_route()] * 2)] == [0xFFFFFFFF, 1]
    dialog._next = 0xFFFFFFFF
    assert [one.seq for one in dialog.send([get_route()] * 1)] == [2]


def test_bytes_are_sent_as_they_are_but_for_the_number(dialog: Dialog) -> None:
    message = a_route(1, seq=99, pid=7, flags=NLM_F.REQUEST)
    (request,) = dialog.send(bytearray(message))
    assert request.data == message[:8] + b"\1\0\0\0" + message[12:]
    with pytest.raises(WireError):
        dialog.send(b"no message at all")


def test_an_answer_and_its_acknowledgement(dialog: Dialog) -> None:
    request = ask(dialog)
    answer = a_route(1, seq=request.seq)
    assert dialog.receive(answer) == [Reply(request, answer)]
    assert dialog.receive(ack(request.data)) == [Acked(request)]
    assert not dialog.pending


def test_success_with_a_warning_and_a_cookie(dialog: Dialog) -> None:
    request = ask(dialog)
    extack = netlink_ext_ack(message="bytes leftover after parsing attributes", cookie=b"abcd")
    assert dialog.receive(ack(request.data, 0, extack)) == [Acked(request, extack.message, b"abcd")]


@pytest.mark.parametrize("cap_ack", [False, True])
def test_a_refusal_names_the_attribute_and_its_value(dialog: Dialog, cap_ack: bool) -> None:
    request = ask(dialog)
    event = one(dialog.receive(ack(request.data, -EINVAL, netlink_ext_ack("wrong", bad_attr=28), cap_ack=cap_ack)))
    assert isinstance(event, Failure)
    assert str(event.error) == "EINVAL: wrong (rtmsg/RTA_DST at offset 28, value 10.0.0.1)"
    assert event.error.request == request.data


def test_a_refusal_whose_extended_part_is_broken_is_a_refusal(dialog: Dialog) -> None:
    request = ask(dialog)
    broken = bytearray(ack(request.data, -EINVAL, netlink_ext_ack("wrong"), cap_ack=True))
    broken[36:38] = pack("=H", 999)
    event = one(dialog.receive(bytes(broken)))
    assert isinstance(event, Failure)
    assert event.error.errno == EINVAL


def test_an_extended_part_that_does_not_begin_leaves_the_errno(dialog: Dialog) -> None:
    request = ask(dialog)
    short = pack("=IHHIIi", 20, NLMSG.ERROR, NLM_F.ACK_TLVS, request.seq, PORT, -EINVAL)
    event = one(dialog.receive(short))
    assert isinstance(event, Failure)
    assert event.error.errno == EINVAL


def test_an_error_without_errno_is_no_success(dialog: Dialog) -> None:
    request = ask(dialog)
    event = one(dialog.receive(pack("=IHHII", 16, NLMSG.ERROR, 0, request.seq, PORT)))
    assert isinstance(event, Failure)
    assert event.error.errno == EBADMSG


def test_a_dump_in_parts(dialog: Dialog) -> None:
    request = ask_all(dialog)
    parts = [part(request.data, n) for n in range(3)]
    assert dialog.receive(parts[0] + parts[1]) == [Reply(request, parts[0] + parts[1])]
    assert dialog.receive(parts[2]) == [Reply(request, parts[2])]
    assert [reply.data for reply in Reply(request, b"".join(parts)).split()] == parts
    assert dialog.receive(done(request.data)) == [Done(request)]
    assert not request.filtered
    assert not dialog.pending


def test_a_dump_that_ends_with_an_error(dialog: Dialog) -> None:
    request = ask_all(dialog)
    extack = netlink_ext_ack("ipv4: FIB table does not exist")
    event = one(dialog.receive(done(request.data, -ENOENT, extack, flags=NLM_F.DUMP_FILTERED)))
    assert isinstance(event, Failure)
    assert str(event.error) == "ENOENT: ipv4: FIB table does not exist"
    assert request.filtered


def test_a_dump_that_ends_with_a_warning_or_without_errno(dialog: Dialog) -> None:
    request = ask_all(dialog)
    assert dialog.receive(done(request.data, 0, netlink_ext_ack("hm"))) == [Done(request, "hm")]
    request = ask_all(dialog)
    assert dialog.receive(pack("=IHHII", 16, NLMSG.DONE, NLM_F.MULTI, request.seq, PORT)) == [Done(request)]


def test_a_filtered_dump(dialog: Dialog) -> None:
    request = ask_all(dialog)
    data = b"".join(part(request.data, n, NLM_F.DUMP_FILTERED) for n in range(3))
    assert dialog.receive(data) == [Reply(request, data)]
    assert request.filtered


def test_an_interruption_is_said_once_and_where_it_shows(dialog: Dialog) -> None:
    request = ask_all(dialog)
    first, second, third = part(request.data, 1), *(part(request.data, n, NLM_F.DUMP_INTR) for n in (2, 3))
    expected = [Reply(request, first), Interrupted(request), Reply(request, second + third)]
    assert dialog.receive(first + second + third) == expected
    assert dialog.receive(done(request.data, flags=NLM_F.DUMP_INTR)) == [Done(request)]
    assert request.interrupted


def test_an_interruption_that_only_the_end_tells(dialog: Dialog) -> None:
    request = ask_all(dialog)
    assert dialog.receive(done(request.data, flags=NLM_F.DUMP_INTR)) == [Interrupted(request), Done(request)]


def test_several_requests_at_a_time(dialog: Dialog) -> None:
    dump, get, second = ask_all(dialog), ask(dialog), ask_all(dialog)
    stream = part(dump.data, 1) + a_route(9, seq=get.seq) + ack(get.data) + ack(second.data, -EBUSY)
    events = dialog.receive(stream + part(dump.data, 2) + done(dump.data))
    assert [(type(event), getattr(event, "request", None)) for event in events] == [
        (Reply, dump),
        (Reply, get),
        (Acked, get),
        (Failure, second),
        (Reply, dump),
        (Done, dump),
    ]


def test_without_an_acknowledgement_the_answer_is_the_end(dialog: Dialog) -> None:
    request = ask(dialog, NLM_F.REQUEST)
    answer = a_route(1, seq=request.seq)
    assert dialog.receive(answer) == [Reply(request, answer), Done(request)]


def test_a_request_nobody_acknowledges_is_done_when_a_later_one_is(dialog: Dialog) -> None:
    quiet = ask(dialog, NLM_F.REQUEST)
    given_up = ask(dialog, NLM_F.REQUEST)
    dialog.abandon(given_up)
    dump = ask_all(dialog)
    last = ask(dialog)
    later = ask(dialog, NLM_F.REQUEST)
    assert dialog.receive(done(dump.data)) == [Done(dump)]
    assert dialog.receive(ack(last.data)) == [Done(quiet), Acked(last)]
    assert list(dialog.pending) == [later.seq]


def test_what_others_did_comes_between(dialog: Dialog) -> None:
    request = ask_all(dialog)
    news = a_route(7, seq=request.seq, pid=PORT) + a_route(8, type=RTM.DELROUTE)
    event = one(dialog.receive(news, group=7, nsid=3))
    assert event == Notification(news, 7, 3)
    assert isinstance(event, Notification)
    assert [n.group for n in event.split()] == [7, 7]


def test_an_echo_is_an_answer_that_looks_like_a_multicast(dialog: Dialog) -> None:
    other, request = ask(dialog), ask(dialog, NLM_F.REQUEST | NLM_F.ACK | NLM_F.ECHO)
    echo = a_route(1, seq=request.seq)
    assert dialog.receive(echo, group=7) == [Reply(request, echo), Notification(echo, 7)]
    for foreign in (a_route(1, seq=request.seq, pid=PORT + 1), a_route(1, seq=other.seq)):
        assert dialog.receive(foreign, group=7) == [Notification(foreign, 7)]
    assert dialog.receive(echo, group=7, nsid=1) == [Notification(echo, 7, 1)]
    quiet = ask(dialog, NLM_F.REQUEST | NLM_F.ECHO)
    echo = a_route(1, seq=quiet.seq) + a_route(2)
    first = a_route(1, seq=quiet.seq)
    assert dialog.receive(echo, group=7) == [Reply(quiet, first), Done(quiet), Notification(echo, 7)]


def test_what_is_sent_to_this_port_without_a_request(dialog: Dialog) -> None:
    assert dialog.receive(a_route(7, pid=0)) == [Notification(a_route(7, pid=0))]


@pytest.mark.parametrize("group", [0, 7])
def test_only_the_kernel_is_believed(dialog: Dialog, group: int) -> None:
    request = ask_all(dialog)
    forged = part(request.data, 1) + done(request.data)
    assert dialog.receive(forged, sender=666, group=group) == [Ignored("foreign", forged, 666)]
    assert dialog.counts["foreign"] == 1
    assert request.seq in dialog.pending


def test_answers_to_nobody(dialog: Dialog) -> None:
    request = ask_all(dialog)
    other = a_route(1, seq=77)
    wrong_port = a_route(1, seq=request.seq, pid=PORT + 1)
    mine = part(request.data, 1)
    assert dialog.receive(mine + wrong_port + other) == [
        Reply(request, mine),
        Ignored("stray", wrong_port),
        Ignored("stray", other),
    ]
    unknown_control = pack("=IHHII", 16, 9, 0, request.seq, PORT)
    assert dialog.receive(unknown_control) == [Ignored("stray", unknown_control)]
    assert dialog.counts["stray"] == 3


def test_any_port_is_believed_before_it_is_known() -> None:
    dialog = Dialog()
    request = ask(dialog)
    answer = a_route(1, seq=request.seq, pid=1)
    assert dialog.receive(answer) == [Reply(request, answer)]


@pytest.mark.parametrize("group", [0, 7])
@pytest.mark.parametrize("tail", [b"\0", bytes(16), pack("=IHHII", 17, 24, 0, 1, PORT)])
def test_bytes_that_are_no_message_are_left_over(dialog: Dialog, tail: bytes, group: int) -> None:
    data = a_route(1)
    expected = [Notification(data, group), Ignored("leftover", tail)]
    assert dialog.receive(data + tail, group=group) == expected
    assert dialog.receive(tail, group=group) == expected[1:]


def test_a_part_that_is_cut_short_is_left_over(dialog: Dialog) -> None:
    request = ask_all(dialog)
    whole, cut = part(request.data, 1), part(request.data, 2)[:20]
    assert dialog.receive(whole + cut) == [Reply(request, whole), Ignored("leftover", cut)]


def test_noop_says_nothing(dialog: Dialog) -> None:
    assert dialog.receive(pack("=IHHII", 16, NLMSG.NOOP, 0, 0, 0)) == []


def test_an_answer_nobody_waits_for(dialog: Dialog) -> None:
    request = ask_all(dialog)
    dialog.abandon(request)
    assert dialog.receive(part(request.data, 1, NLM_F.DUMP_INTR) + done(request.data)) == []
    assert request.interrupted
    assert not dialog.pending
    assert dialog.counts["abandoned"] == 1


def test_an_overrun_makes_answers_doubtful_until_the_queue_is_empty(dialog: Dialog) -> None:
    answered, lost, given_up, quiet = ask(dialog), ask(dialog), ask(dialog), ask(dialog, NLM_F.REQUEST)
    dialog.abandon(given_up)
    assert dialog.overrun() == [Overran((answered, lost, quiet))]
    after = ask(dialog)
    assert dialog.receive(ack(answered.data)) == [Acked(answered)]
    assert dialog.drained() == [Lost(lost), Lost(quiet)]
    assert list(dialog.pending) == [after.seq]
    assert dialog.drained() == []


def test_an_overrun_may_be_told_by_a_message(dialog: Dialog) -> None:
    assert dialog.receive(pack("=IHHII", 16, NLMSG.OVERRUN, 0, 0, 0)) == [Overran()]


def test_an_attribute_of_the_answer_is_there(dialog: Dialog) -> None:
    request = ask_all(dialog)
    (reply,) = dialog.receive(part(request.data, 5))
    assert isinstance(reply, Reply)
    assert str(decode(reply.data)[0][RTA.DST]) == "10.0.0.5"
