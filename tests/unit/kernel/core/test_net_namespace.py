"""Numbers of namespaces on the mock kernel; the words were read off Linux 6.18."""

from errno import EBADF, EEXIST, EINVAL, ENOENT, ESRCH
from typing import Any

import pytest

from nlwire.kernel.core.net_namespace import peernet2id_alloc
from nlwire.uapi.net_namespace import NETNSA, nsid
from nlwire.uapi.rtnetlink import RTM, RTNLGRP
from tests.unit.kernel.talk import Talk


@pytest.fixture
def talk() -> Talk:
    talk = Talk(RTNLGRP.NSID)
    talk.kernel.ns_fds[40] = talk.kernel.unshare()
    talk.kernel.ns_pids[4000] = talk.kernel.unshare()
    return talk


def test_numbers_are_given_and_told_of(talk: Talk) -> None:
    talk.ask(nsid, RTM.NEWNSID, {NETNSA.NSID: 7, NETNSA.FD: 40})
    talk.ask(nsid, RTM.NEWNSID, {NETNSA.NSID: -1, NETNSA.PID: 4000})
    assert [one[NETNSA.NSID] for one in talk.heard()] == [7, 0]
    assert [one[NETNSA.NSID] for one in talk.dump(nsid)] == [0, 7]
    (one,) = talk.ask(nsid, RTM.GETNSID, {NETNSA.PID: 4000})
    assert one[NETNSA.NSID] == 0
    (one,) = talk.ask(nsid, RTM.GETNSID, {NETNSA.FD: 40, NETNSA.TARGET_NSID: 0})
    assert (one[NETNSA.NSID], one[NETNSA.CURRENT_NSID]) == (-1, 7)


@pytest.mark.parametrize(
    ("attrs", "errno", "words"),
    [
        ({NETNSA.FD: 40}, EINVAL, "nsid is missing"),
        ({NETNSA.NSID: 3}, EINVAL, "Peer netns reference is missing"),
        ({NETNSA.NSID: 3, NETNSA.FD: 99}, EBADF, "Peer netns reference is invalid"),
        ({NETNSA.NSID: 3, NETNSA.PID: 99}, ESRCH, "Peer netns reference is invalid"),
        ({NETNSA.NSID: 3, NETNSA.FD: 40}, EEXIST, "Peer netns already has a nsid assigned"),
        ({NETNSA.NSID: 7, NETNSA.PID: 4000}, EEXIST, "The specified nsid is already used"),
    ],
)
def test_what_is_refused(talk: Talk, attrs: Any, errno: int, words: str) -> None:
    talk.ask(nsid, RTM.NEWNSID, {NETNSA.NSID: 7, NETNSA.FD: 40})
    talk.ask(nsid, RTM.NEWNSID, attrs)
    assert (talk.ack.errno, talk.ack.message) == (errno, words)


def test_what_cannot_be_asked(talk: Talk) -> None:
    talk.ask(nsid, RTM.GETNSID, {NETNSA.NSID: 5})
    assert (talk.ack.errno, talk.ack.message) == (ENOENT, "Peer netns reference is invalid")
    talk.ask(nsid, RTM.GETNSID, {NETNSA.FD: 40, NETNSA.TARGET_NSID: 5})
    assert (talk.ack.errno, talk.ack.message) == (EINVAL, "Target netns reference is invalid")
    talk.strict()
    talk.ask(nsid, RTM.GETNSID, {NETNSA.FD: 40, NETNSA.CURRENT_NSID: 5})
    assert talk.ack.message == "Unsupported attribute in peer netns getid request"
    talk.dump(nsid, {NETNSA.FD: 40})
    assert talk.ack.errno == EINVAL
    talk.dump(nsid, {NETNSA.TARGET_NSID: 40})
    assert talk.ack.errno == EINVAL


def test_strict_dumps_in_another_numbering(talk: Talk) -> None:
    other = talk.kernel.ns_fds[40]
    peernet2id_alloc(talk.home, other)
    peernet2id_alloc(other, talk.home)
    talk.strict()
    (one,) = talk.dump(nsid, {NETNSA.TARGET_NSID: 0})
    assert (one[NETNSA.NSID], one[NETNSA.CURRENT_NSID]) == (0, -1)


def test_a_namespace_that_ends_loses_its_numbers(talk: Talk) -> None:
    other = talk.kernel.ns_fds[40]
    assert peernet2id_alloc(talk.home, other) == peernet2id_alloc(talk.home, other) == 0
    talk.heard()
    talk.kernel.cleanup_net(other)
    assert [(one.nlmsg_type, one[NETNSA.NSID]) for one in talk.heard()] == [(RTM.DELNSID, 0)]
    assert talk.dump(nsid) == []
