"""The fixture nl_cassette in a test session of its own: recorded first, replayed then, without asking again."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

TEST = """
import struct
import sys

import pytest

sys.path.insert(0, {root!r})
from tests.unit.capture.talk import Scripted, message
from nlwire.endpoint.base import Datagram

ASKED = []

def kernel():
    ASKED.append(1)
    return Scripted(Datagram(message(3, 5, 77, bytes(4))))

@pytest.mark.parametrize("name", ["", "other"])
def test_talk(nl_cassette, name):
    nl = nl_cassette(name, endpoint=kernel)
    nl.send(message(18, 5))
    answer = nl.recv(100)
    assert answer[:12] == message(3, 5, 77, bytes(4))[:12]
    assert len(ASKED) == {asked}
    ASKED.clear()
"""


def session(pytester: pytest.Pytester, asked: int, *options: str) -> pytest.RunResult:
    root = str(Path(__file__).parents[2])
    pytester.makepyfile(test_it=TEST.format(root=root, asked=asked))
    return pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", "-p", "nlwire.pytest_plugin", *options)


def test_recorded_once_then_replayed(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    session(pytester, 1).assert_outcomes(passed=2)
    made = sorted(one.name for one in (pytester.path / "cassettes" / "test_it").iterdir())
    assert made == ["other.pcapng", "test_talk.pcapng"]
    session(pytester, 0).assert_outcomes(passed=2)
    session(pytester, 0, "--nl-cassette=replay").assert_outcomes(passed=2)
    session(pytester, 1, "--nl-cassette=record").assert_outcomes(passed=2)
    session(pytester, 1, "--nl-cassette=live").assert_outcomes(passed=2)


def test_without_a_recording_there_is_nothing_to_replay(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    session(pytester, 1, "--nl-cassette=replay").assert_outcomes(failed=2)
    assert not (pytester.path / "cassettes").exists()
