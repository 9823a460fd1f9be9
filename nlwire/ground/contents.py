"""What a mock kernel holds: filled from a snapshot of a real host, and written into one.

Knows: captures; which sessions to talk on.
Never: the order of things (session/snapshot, session/rebuild).
"""

from collections.abc import Iterator, Sequence
from functools import partial

from nlwire.capture.entry import Record
from nlwire.capture.files import Name, create, read
from nlwire.capture.record import Recorder
from nlwire.codec.fast import decode
from nlwire.codec.message import Message
from nlwire.errors import CaptureError, DialogError, NetlinkError
from nlwire.kernel import Kernel
from nlwire.session import Session
from nlwire.session.rebuild import rebuild
from nlwire.session.snapshot import snapshot
from nlwire.uapi.netlink import NETLINK

STAND_IN = "dummy"
"""What stands for a network card, of which the mock has none."""


def fill(kernel: Kernel, source: Name) -> Iterator[str]:
    """Make what a snapshot shows; says what could not be made. Raises CaptureError, OSError."""
    records = [one for one in read(source) if isinstance(one, Record) and one.protocol == NETLINK.ROUTE]
    found = [message for one in records for message in decode(one.data)]
    plan = rebuild(found, stand_in=STAND_IN)
    if not plan.requests and not plan.left_out:
        raise CaptureError("holds nothing that could be loaded (nlwire snapshot makes such files)")
    for message, why in plan.left_out:
        yield f"left out: {message.type.name}: {why}"
    with Session(kernel.socket(NETLINK.ROUTE)) as nl:
        result = nl.batch(plan.requests)
    for place, refused in sorted(result.errors.items()):
        yield f"refused: {plan.requests[place].type.name}: {refused}"


def save(kernel: Kernel, target: Name) -> None:
    """Write everything that is there. Raises OSError, BuildError."""
    sessions: dict[int, Session] = {}
    with create(target) as capture:

        def dump(request: Message) -> Sequence[Message]:
            protocol = request.protocol
            if protocol not in sessions:
                wrap = partial(Recorder, capture=capture, protocol=protocol)
                sessions[protocol] = Session(kernel.socket(protocol), protocol=protocol, timeout=10, wrap=wrap)
            try:
                return list(sessions[protocol].dump(request))
            except (NetlinkError, DialogError, TimeoutError):
                return []

        try:
            for _name, _objects in snapshot(dump):
                pass
        finally:
            for one in sessions.values():
                one.close()
