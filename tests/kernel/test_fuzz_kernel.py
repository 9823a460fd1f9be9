"""``nlwire fuzz --target kernel``: a seeded share of it, what it makes of differences, and that a kernel in trouble is noticed."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result

from nlwire.cli.program import main
from nlwire.fuzz.linux import pair
from nlwire.fuzz.linux.duel import Duel, DuelFinding
from nlwire.fuzz.linux.evidence import load_duel, on_mock, save_duel
from nlwire.fuzz.linux.outside import Log, Outside
from nlwire.fuzz.linux.requests import requests, sendable
from nlwire.fuzz.mutator import Seed
from nlwire.kernel.rtnetlink import handlers_of
from nlwire.uapi.rtnetlink import RTM
from tests.conftest import require_or_skip
from tests.kernel.transcripts import text
from tests.kernel.transcripts.recordings import RECORDED, other_build
from tests.kernel.transcripts.stages import Real

pytestmark = pytest.mark.kernel
NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
RUNS = 50_000 if NIGHTLY else 2000
"""A few seconds where the machine is not busy."""


@pytest.fixture
def outside() -> Iterator[Outside]:
    try:
        made = Outside()
    except OSError as failure:
        require_or_skip(str(failure))
    yield made
    made.close()


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["fuzz", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def of_transcripts() -> list[Seed]:
    """Every request of every script."""
    sent = {entry.data for path in sorted(RECORDED.rglob("*.txt")) for entry in text.read(path) if entry.kind == "sent"}
    return sendable(Seed(0, one) for one in sorted(sent))


SEEDS = {"errands": lambda: requests(Random(1)), **({"transcripts": of_transcripts} if NIGHTLY else {})}
"""At night also what has been recorded, which grows, and reaches what nobody has tried yet."""


def built_otherwise() -> str:
    """Why this kernel may differ, where it may."""
    with closing(Real()) as real:
        return other_build(real)


@pytest.mark.parametrize("seeds", SEEDS.values(), ids=SEEDS)
def test_the_mock_and_the_kernel_take_the_same_requests_the_same_way(
    outside: Outside, seeds: Callable[[], list[Seed]]
) -> None:
    report = Duel(seeds(), 1, outside).run(runs=RUNS)
    if report.findings and (excuse := built_otherwise()):
        pytest.xfail(excuse)
    assert {one: (finding.failure.words, finding.case.data.hex()) for one, finding in report.findings.items()} == {}
    assert report.runs == RUNS
    assert report.asides["parted, and not again"] <= 3


def test_it_lives_in_a_namespace_of_its_own(outside: Outside) -> None:
    here = os.stat("/proc/self/ns/net").st_ino
    there = os.stat(f"/proc/{outside.pid}/ns/net").st_ino
    outside.fresh(strict=False)
    assert here not in (there, os.stat(f"/proc/{outside.pid}/ns/net").st_ino)


@pytest.fixture
def finding(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> DuelFinding:
    """What comes of a mock that has forgotten one thing: it takes no nexthops."""

    class Forgetful(pair.MockSide):
        def ask(self, data: bytes) -> list[bytes]:
            handlers_of(self.kernel)[0].pop(RTM.GETNEXTHOP - 16, None)
            return super().ask(data)

    monkeypatch.setattr(pair, "MockSide", Forgetful)
    seeds = [one for one in requests(Random(1)) if one.data[4] in (RTM.GETNEXTHOP, RTM.NEWROUTE)]
    report = Duel(seeds, 2, outside).run(runs=2000, first_only=True)
    monkeypatch.undo()
    return next(one for one in report.findings.values() if isinstance(one, DuelFinding))


def test_a_difference_is_found_made_small_written_down_and_tried_again(finding: DuelFinding, tmp_path: Path) -> None:
    assert finding.failure.signature.startswith("RTM_GETNEXTHOP")
    assert "mock EOPNOTSUPP" in finding.failure.signature
    assert finding.before == ()
    path = save_duel(tmp_path, finding)
    assert "Linux:" in path.with_suffix(".txt").read_text()
    found = load_duel(path)
    assert found is not None
    assert (found.requests[-1], found.linux) == (finding.case.data, finding.linux)
    assert on_mock(found) is None  # that of today has not forgotten it
    for options in ((), ("--target", "kernel")):
        assert "not any more" in run("--reproduce", str(path), *options).stdout
    test = subprocess.run([sys.executable, "-m", "pytest", "-q", next(tmp_path.glob("test_*.py"))], check=False)
    assert test.returncode == 0


def test_nobody_gets_there_by_chance() -> None:
    result = run("kernel")
    assert result.exit_code == 2
    assert "takes the whole machine down" in result.stderr
    assert "nlwire fuzz --target kernel" in result.stderr
    both = run("--target", "kernel", "decode")
    assert both.exit_code == 2
    assert "One target at a time" in both.stderr


def test_where_there_can_be_no_namespace_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets of this process' own namespace are never taken instead."""

    class Refusing:
        def __init__(self, arguments: list[str], pass_fds: list[int], **_: object) -> None:
            self.returncode = 0
            line = Connection(os.dup(pass_fds[0]))
            line.send("here")
            threading.Thread(target=self.refuse, args=(line,)).start()

        def refuse(self, line: Connection) -> None:
            with line:
                line.recv()
                line.send(PermissionError(1, "Operation not permitted"))

        def wait(self, _: float) -> int:
            return 0

    monkeypatch.setattr(subprocess, "Popen", Refusing)
    result = CliRunner().invoke(main, ["fuzz", "--target", "kernel", "--runs", "1"])
    assert result.exit_code != 0
    assert "no network namespace can be made" in result.output + str(result.stderr)


def test_a_kernel_that_does_not_answer_is_a_finding_and_the_last(outside: Outside, tmp_path: Path) -> None:
    """Its process is stopped, which looks the same from outside."""
    outside.patience = 0.5
    threading.Timer(0.5, os.kill, (outside.pid, signal.SIGSTOP)).start()
    report = Duel(requests(Random(1)), 1, outside).run(seconds=60)
    assert report.seconds < 30
    *_, last = report.findings.values()
    assert isinstance(last, DuelFinding)
    assert last.failure.signature.startswith("no answer to ")
    assert last.fatal
    path = save_duel(tmp_path, last)
    assert not list(tmp_path.glob("test_*.py"))
    again = run("--reproduce", str(path))
    assert again.exit_code == 2
    assert "takes the whole machine down" in again.stderr


def test_the_kernels_log_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "kmsg"
    path.write_bytes(b"4,1,1,-;WARNING: CPU: 0 PID: 1 at net/old.c:1\n")
    log = Log(path)
    assert log.mishaps() == []
    with path.open("ab") as file:
        file.write(b"4,2,2,-;memcpy: detected buffer overflow: 8 byte write of buffer size 0\n")
    assert log.mishaps() == ["memcpy: detected buffer overflow: 8 byte write of buffer size 0"]
    log.close()
    assert not Log(tmp_path / "none").readable
