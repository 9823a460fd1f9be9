"""A stage: the same program again and again, each time on another ground and as if it were the first time."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from nlwire.fuzz.program import Program
from nlwire.fuzz.replies import Play
from nlwire.fuzz.rest import resting, worked
from nlwire.fuzz.scenery import Scenery
from nlwire.fuzz.stage import Stage
from nlwire.ground.mock import Mock
from nlwire.supervise.processes import descendants


def staged(*command: str, patience: float = 5.0, memory: int | None = None) -> Stage:
    return Stage(command, Mock(), patience=patience, flood=1 << 20, memory=memory)


def shell(text: str, patience: float = 5.0) -> Stage:
    return staged("sh", "-c", text, patience=patience)


def test_every_run_is_the_first() -> None:
    stage = shell("ip link; echo word >&2; exit 3")
    try:
        ends = [stage.run(Mock()) for _ in range(5)]
    finally:
        stage.close()
    assert len(set(ends)) == 1
    end = ends[0]
    assert (end.status, end.how, end.errors) == (3, "exit", b"word\n")
    assert b"LOOPBACK" in end.output


def test_runs_leave_no_descriptor_and_no_process_behind() -> None:
    stage = shell("ip link")
    try:
        stage.run(Mock())
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(50):
            stage.run(Mock())
        assert len(list(Path("/proc/self/fd").iterdir())) == before
        assert descendants(stage.pid) == []
    finally:
        stage.close()
    assert not Path(f"/proc/{stage.pid}/fd").exists()


def test_what_cannot_be_started_is_an_oserror_and_the_stage_remains() -> None:
    stage = staged("/no/such/program")
    try:
        for _ in range(2):
            with pytest.raises(FileNotFoundError, match="/no/such/program"):
                stage.run(Mock())
    finally:
        stage.close()


def test_signals_that_python_ignores_do_their_work() -> None:
    stage = shell("yes | head -1 >/dev/null; kill -PIPE $$")
    try:
        assert stage.run(Mock()).status == -signal.SIGPIPE
    finally:
        stage.close()


def test_a_program_that_waits_is_ended_soon_and_one_that_computes_in_the_end() -> None:
    stage = shell("ip monitor", patience=30.0)
    began = time.monotonic()
    try:
        assert stage.run(Mock()).how == "wait"
    finally:
        stage.close()
    assert time.monotonic() - began < 15
    stage = shell("while :; do :; done", patience=0.3)
    try:
        assert stage.run(Mock()).how == "hang"
        assert descendants(stage.pid) == []
    finally:
        stage.close()


def test_what_a_program_leaves_behind_is_waited_for_and_ended() -> None:
    stage = shell("sleep 0.2 & sleep 0.1 & exit 4")
    began = time.monotonic()
    try:
        assert stage.run(Mock())[:2] == (4, "exit")
        assert time.monotonic() - began > 0.15
    finally:
        stage.close()
    stage = shell("setsid sleep 100 & exit 4", patience=0.5)
    try:
        assert stage.run(Mock())[:2] == (4, "wait")
        assert descendants(stage.pid) == []
    finally:
        stage.close()


@pytest.mark.parametrize(
    "waits",
    ["select.select([0], [], [])", "select.poll().poll(60_000)", "threading.Event().wait()", "select.epoll().poll(60)"],
)
def test_waiting_for_something_else_than_netlink_is_waiting(waits: str) -> None:
    program = f"import os, select, threading; r, w = os.pipe(); os.dup2(r, 0); print('x', flush=True); {waits}"
    stage = staged(sys.executable, "-c", program, patience=60.0)
    began = time.monotonic()
    try:
        end = stage.run(Mock())
    finally:
        stage.close()
    assert (end.how, end.output) == ("wait", b"x\n")
    assert time.monotonic() - began < 30


def test_processor_time_is_what_tells_a_hang_on_a_busy_machine() -> None:
    assert worked([os.getpid()]) > 0
    assert worked([1 << 30]) == 0


def test_what_has_not_begun_is_not_at_rest() -> None:
    assert resting([], 0) is None
    assert resting([1 << 30], 0) is None


def test_memory_is_limited() -> None:
    stage = staged("sh", "-c", "ulimit -v; ulimit -c", memory=1 << 30)
    try:
        assert stage.run(Mock()).output == b"1048576\n0\n"
    finally:
        stage.close()


def test_whoever_ends_the_starter_is_told_of() -> None:
    stage = shell("kill -KILL $PPID; sleep 1")
    try:
        with pytest.raises(RuntimeError, match="what starts sh has ended"):
            stage.run(Mock())
    finally:
        stage.close()


def test_files_of_the_ground_are_there_for_those_who_read_them() -> None:
    reads = Program(["cat", "/proc/net/dev"], Scenery())
    assert b"veth0" in reads.sound.output
    assert reads.perform(Play()).output == reads.sound.output
    looks = Program(["ip", "link"], Scenery())
    assert looks.perform(Play()).output == looks.sound.output
