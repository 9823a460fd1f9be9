"""A session with a running kernel, recorded, gives the same results from its recording with no kernel at all."""

from pathlib import Path
from typing import Any

import pytest

import nlwire
from nlwire.codec.message import Message, build
from nlwire.endpoint.socket import open_socket
from nlwire.errors import NetlinkError
from nlwire.session import Session
from nlwire.uapi.genetlink import CTRL_ATTR, CTRL_CMD, GENL_ID, genl_ctrl
from nlwire.uapi.netlink import NETLINK
from tests.conftest import require_or_skip

pytestmark = pytest.mark.kernel


def asking(attrs: Any = ()) -> Message:
    return build(genl_ctrl, GENL_ID.CTRL, attrs, cmd=CTRL_CMD.GETFAMILY, version=2)


def talk(nl: Session) -> list[Any]:
    """A dump, an object, an error: without what differs from one conversation to the next."""
    families = list(nl.dump(asking()))
    answer = nl.request(asking({CTRL_ATTR.FAMILY_NAME: "nlctrl"}))
    with pytest.raises(NetlinkError) as caught:
        nl.request(asking({CTRL_ATTR.FAMILY_NAME: "no such family"}))
    said = [message.replace(nlmsg_seq=0, nlmsg_pid=0).to_dict() for message in [*families, *answer]]
    return [said, str(caught.value)]


@pytest.mark.parametrize("match", ["exact", "meaning"])
def test_a_recorded_session_replays_to_the_same_results(tmp_path: Path, match: str) -> None:
    try:
        live = open_socket(NETLINK.GENERIC)
    except OSError as error:
        require_or_skip(f"no netlink here: {error}")
    path = tmp_path / "talk.pcapng"
    with Session(nlwire.record(live, path), protocol=NETLINK.GENERIC, timeout=10) as nl:
        from_the_kernel = talk(nl)
    with Session(nlwire.replay(path, match=match), protocol=NETLINK.GENERIC, timeout=10) as nl:
        assert talk(nl) == from_the_kernel
