"""Laws of the dialog: where datagrams end changes nothing, and no bytes make it raise."""

from collections.abc import Iterator
from errno import EINVAL

from hypothesis import given
from hypothesis import strategies as st

from nlwire.dialog import Dialog, Event, Failure, Notification, Reply
from nlwire.uapi.netlink import NLM_F
from nlwire.wire.extack import netlink_ext_ack
from tests.unit.dialog.kernel_says import PORT, a_route, ack, done, dump_routes, get_route, part

Shown = tuple[object, ...]


def fresh() -> tuple[Dialog, list[bytes]]:
    """A dialog with three dumps, two acknowledged requests and a quiet one under way."""
    dialog = Dialog(portid=PORT)
    asked = [dump_routes(), get_route(), dump_routes(), get_route(NLM_F.REQUEST), dump_routes(), get_route()]
    return dialog, [request.data for request in dialog.send(asked)]


def shown(events: list[Event]) -> Iterator[Shown]:
    """Events as values: each message by itself, requests by number, errors by what they say."""
    for event in events:
        for one in event.split() if isinstance(event, Reply | Notification) else [event]:
            request = getattr(one, "request", None)
            said = str(one.error) if isinstance(one, Failure) else getattr(one, "data", None)
            yield type(one).__name__, request and request.seq, said, getattr(one, "message", None)


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """Messages as a kernel may send them, in any order; also answers to nobody."""
    requests = fresh()[1]
    flags = st.sampled_from([0, NLM_F.DUMP_INTR, NLM_F.DUMP_FILTERED, NLM_F.DUMP_INTR | NLM_F.DUMP_FILTERED])
    extacks = st.sampled_from([None, netlink_ext_ack("words"), netlink_ext_ack("bad", bad_attr=28)])
    request = st.sampled_from(requests)
    answers = st.one_of(
        st.builds(part, request, st.integers(0, 99), flags),
        st.builds(done, request, st.sampled_from([0, -EINVAL]), extacks, flags),
        st.builds(ack, request, st.sampled_from([0, -EINVAL]), extacks),
        st.builds(a_route, st.integers(0, 99), seq=st.integers(0, 9), pid=st.sampled_from([0, PORT, 99])),
    )
    return draw(st.lists(answers, max_size=30))


@given(streams(), st.data())
def test_datagrams_may_end_after_any_message(stream: list[bytes], data: st.DataObject) -> None:
    whole, _ = fresh()
    expected = list(shown(whole.receive(b"".join(stream))))
    parted, _ = fresh()
    ends = [data.draw(st.booleans()) for _ in stream]
    found: list[Shown] = []
    datagram = b""
    for message, ends_here in zip(stream, ends, strict=True):
        datagram += message
        if ends_here:
            found += shown(parted.receive(datagram))
            datagram = b""
    found += shown(parted.receive(datagram))
    assert found == expected
    assert parted.pending.keys() == whole.pending.keys()
    assert parted._unanswerable == whole._unanswerable


@given(streams(), st.binary(max_size=15))
def test_bytes_at_the_end_change_nothing_before(stream: list[bytes], tail: bytes) -> None:
    data = b"".join(stream)
    plain = list(shown(fresh()[0].receive(data)))
    found = list(shown(fresh()[0].receive(data + tail)))
    assert found[: len(plain)] == plain
    assert len(found) == len(plain) + bool(tail)


@given(streams(), st.data(), st.sampled_from([0, 0, 0, 7]))
def test_no_bytes_make_it_raise(stream: list[bytes], data: st.DataObject, group: int) -> None:
    buffer = bytearray(b"".join(stream))
    for _ in range(data.draw(st.integers(1, 8)) if buffer else 0):
        buffer[data.draw(st.integers(0, len(buffer) - 1))] = data.draw(st.integers(0, 255))
    dialog, _ = fresh()
    for event in dialog.receive(bytes(buffer), group=group):
        assert isinstance(event, Event)
        assert list(shown([event]))


@given(st.binary(max_size=200), st.integers(0, 40))
def test_neither_do_bytes_from_nowhere(data: bytes, group: int) -> None:
    assert sum(len(getattr(event, "data", b"")) for event in fresh()[0].receive(data, group=group)) <= len(data)
