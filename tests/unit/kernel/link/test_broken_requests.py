"""Requests about links, bridges and their tables, damaged: every one is answered, none gets through as a traceback.

The requests are those of the transcripts, in their order, with damaged ones between them: so there is always something to hit.
"""

import struct
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nlwire.uapi.netlink import NETLINK_OPT, NLM_F, NLMSG
from nlwire.wire import nlmsg_hdr
from tests.kernel.transcripts.play import Ask
from tests.kernel.transcripts.scripts import SCRIPTS
from tests.unit.kernel.talk import SOL_NETLINK, Talk, received

AREAS = {"link", "kind", "bridge", "stats", "nsid"}
TALKS = [[step.data for step in script.steps if isinstance(step, Ask)] for script in SCRIPTS if script.area in AREAS]
ACK = int(NLM_F.ACK)


@st.composite
def damaged(draw: Any, whole: bytes) -> bytes:
    """A request with bytes changed, a length wrong, its end cut off or something behind it."""
    data = bytearray(whole)
    if len(data) > 16:
        for _ in range(draw(st.integers(0, 3))):
            data[draw(st.integers(16, len(data) - 1))] = draw(st.sampled_from([0, 1, 2, 4, 8, 16, 32, 128, 255]))
    if draw(st.booleans()) and len(data) >= 36:
        at = draw(st.integers(8, len(data) // 4 - 1)) * 4
        struct.pack_into("=H", data, at, draw(st.sampled_from([0, 1, 3, 4, 5, 7, 8, 9, 12, 16, 65535])))
    data = data[: draw(st.integers(16, len(data)))] + draw(st.binary(max_size=9))
    struct.pack_into("=I", data, 0, len(data))
    data[6] |= ACK
    return bytes(data)


@st.composite
def talks(draw: Any) -> list[bytes]:
    """A script, each request with a damaged one before or behind it."""
    requests: list[bytes] = []
    for one in draw(st.sampled_from(TALKS)):
        requests += draw(st.sampled_from([[one], [one, draw(damaged(one))], [draw(damaged(one)), one]]))
    return requests


@given(talks(), st.booleans())
def test_every_broken_request_is_answered(requests: list[bytes], strict: bool) -> None:
    talk = Talk()
    talk.asker.setsockopt(SOL_NETLINK, NETLINK_OPT.GET_STRICT_CHK, int(strict))
    for one in requests:
        talk.asker.send(one)
        answers = [nlmsg_hdr(data[-max_end(data) :]).nlmsg_type for data in received(talk.asker)]
        if one[6] & ACK:
            assert answers[-1] in (NLMSG.ERROR, NLMSG.DONE)
        talk.heard()


def max_end(data: bytes) -> int:
    """How many bytes from the end the last message of a datagram begins."""
    at = last = 0
    while at < len(data):
        last = at
        at += struct.unpack_from("=I", data, at)[0] + 3 & ~3
    return len(data) - last
