"""fuzz_replies in a test session of its own: a careful client passes, a careless one fails, and says with which play."""

from pathlib import Path

import pytest

from nlwire.fuzz.marks import plots

pytest_plugins = ["pytester"]

TEST = """
import struct
import nlwire

DUMP = struct.pack("=IHHII16x", 32, 18, 0x301, 1, 0)

def careless(nl):
    nl.settimeout(0.5)
    nl.send(DUMP)
    names = []
    while True:
        data, at = nl.recv(1 << 16), 0
        while at < len(data):
            size, kind = struct.unpack_from("=IH", data, at)
            if kind == 3:
                return names
            length, kind = struct.unpack_from("=HH", data, at + 32)
            names.append(struct.unpack(f"{length - 5}sx", data[at + 36 : at + 32 + length])[0])
            at += max(4, (size + 3) & ~3)

@nlwire.fuzz_replies(n=90)
def test_careful(nl_endpoint):
    with nlwire.Session(nl_endpoint(), timeout=0.5) as nl:
        list(nl.dump(nlwire.link))

@nlwire.fuzz_replies(n=90, datagrams=2)
def test_careless(nl_endpoint):
    careless(nl_endpoint())

def test_without(nl_endpoint):
    assert careless(nl_endpoint()) == [b"lo"]

@nlwire.fuzz_replies(n=8)
def test_program(nl_run):
    nl_run(["ip", "link"], timeout=20)
"""


def test_a_client_under_plays(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    pytester.makepyfile(test_it=TEST)
    options = (
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "nlwire.pytest_plugin",
        "-k",
        "mock or program",
        "-x",
        "--maxfail=1000",
    )
    result = pytester.runpytest_subprocess(*options)
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] + outcomes["failed"] == 90 + 90 + 1 + 8
    failed = [line for line in result.outlines if line.startswith("FAILED")]
    assert failed
    assert all("test_careless" in line for line in failed), failed[:3]


def test_plays_follow_from_the_seed() -> None:
    assert plots(50, 1, 6) == plots(50, 1, 6)
    assert plots(50, 1, 6) != plots(50, 2, 6)
    assert {one.at for one in plots(50, 1, 3)} == {0, 1, 2}
