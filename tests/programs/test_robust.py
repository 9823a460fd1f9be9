"""What must not happen: a hang, a process or a descriptor left behind, a traceback."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from errno import EINVAL
from pathlib import Path

import pytest

from nlwire.ground.mock import Mock, MockPort
from nlwire.ground.running import run, start
from nlwire.kernel import Kernel
from nlwire.supervise import libc
from nlwire.supervise.base import Address, Caller, Received
from tests.programs.conftest import Build
from tests.programs.real import NLWIRE, nlwire_run

PATIENCE = 20.0


def gone(pid: int) -> bool:
    """Whether a process has ended within a while; a zombie that waits for somebody else's parent counts."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if "State:\tZ" in Path(f"/proc/{pid}/status").read_text():
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


def descriptors() -> set[str]:
    found = set()
    for one in Path("/proc/self/fd").iterdir():
        try:
            found.add(f"{one.name} {one.readlink()}")
        except FileNotFoundError:
            continue
    return found


@pytest.fixture
def nothing_left() -> Iterator[None]:
    """No descriptor of this process may be left open."""
    before = descriptors()
    yield
    end = time.monotonic() + PATIENCE
    while descriptors() - before and time.monotonic() < end:
        time.sleep(0.02)
    assert descriptors() - before == set()


@pytest.mark.usefixtures("nothing_left")
def test_sockets_are_closed_whatever_becomes_of_a_program(built: Build) -> None:
    """Only the kernel's own sockets are left."""
    kernel = Kernel()
    done = run([built("sockets"), "many", "children", "names"], on=kernel, timeout=PATIENCE)
    assert done.returncode == 0
    assert "made 1000 answered 1000" in done.stdout
    assert "children that did well: 100" in done.stdout
    assert [len(table.hash) for table in kernel.nl_table] == [len(table.hash) for table in Kernel().nl_table]


def test_a_killed_program_leaves_nothing(built: Build) -> None:
    kernel = Kernel()
    with start([built("waits")], on=kernel, stdout=subprocess.PIPE, text=True) as running:
        assert running.process.stdout is not None
        assert running.process.stdout.readline() == "waiting\n"
        assert len(kernel.nl_table[2].hash) == 1
        running.process.kill()
        assert running.wait(PATIENCE) == -signal.SIGKILL
        running.process.stdout.close()
    assert len(kernel.nl_table[2].hash) == 0


@pytest.mark.usefixtures("nothing_left")
def test_a_timeout_ends_everything_that_was_started(built: Build, tmp_path: Path) -> None:
    script = f"{built('waits')} & echo $! > {tmp_path}/one; {built('waits')} & echo $! > {tmp_path}/two; wait"
    with pytest.raises(subprocess.TimeoutExpired):
        run(["sh", "-c", script], timeout=1.0, capture_output=False, stdout=subprocess.DEVNULL)
    assert gone(int((tmp_path / "one").read_text()))
    assert gone(int((tmp_path / "two").read_text()))


def supervisor(*words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([*NLWIRE, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_killed_supervisor_takes_its_program_along(built: Build) -> None:
    with supervisor("--", built("waits"), "pid") as one:
        assert one.stdout is not None
        pid = int(one.stdout.readline())
        one.kill()
        assert gone(pid)


def test_without_a_supervisor_nobody_waits_for_ever(built: Build, tmp_path: Path) -> None:
    script = f"{built('waits')} > {tmp_path}/said & echo $!; wait"
    with supervisor("--", "sh", "-c", script) as one:
        assert one.stdout is not None
        pid = int(one.stdout.readline())
        while not (tmp_path / "said").exists() or "waiting" not in (tmp_path / "said").read_text():
            time.sleep(0.02)
        one.kill()
        assert gone(pid), "a grandchild is not killed, but its call fails"
    assert "recv: Function not implemented" in (tmp_path / "said").read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_signals_are_passed_on_and_the_end_is_the_programs(built: Build, number: signal.Signals) -> None:
    with supervisor("--", built("waits")) as one:
        assert one.stdout is not None
        assert one.stdout.readline() == "waiting\n"
        one.send_signal(number)
        assert one.wait(PATIENCE) == -number


def test_ctrl_c_is_the_programs_business(built: Build) -> None:
    """As from a terminal: the whole group is signalled; this program handles it, and its status is what counts."""
    with subprocess.Popen(
        [*NLWIRE, "--", "sh", "-c", "trap 'exit 7' INT; echo ready; while :; do sleep 0.05; done"],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as one:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
        os.killpg(one.pid, signal.SIGINT)
        assert one.wait(PATIENCE) == 7


@pytest.mark.parametrize("status", [0, 3, 255])
def test_the_exit_status_is_the_commands_own(status: int) -> None:
    assert nlwire_run("--", "sh", "-c", f"exit {status}").returncode == status


def test_a_command_that_kills_itself() -> None:
    assert nlwire_run("--", "sh", "-c", "kill -SEGV $$").returncode == -signal.SIGSEGV


def test_what_cannot_be_started_is_said_as_a_shell_says_it(tmp_path: Path) -> None:
    done = nlwire_run("--", "no-such-command")
    assert (done.returncode, done.stderr) == (127, "nlwire: no-such-command: command not found\n")
    (tmp_path / "plain").write_text("no program")
    done = nlwire_run("--", str(tmp_path / "plain"))
    assert (done.returncode, done.stderr) == (126, f"nlwire: {tmp_path}/plain: Permission denied\n")


def test_a_reader_that_goes_away_ends_the_program() -> None:
    script = f"{' '.join(NLWIRE)} -- yes | head -1"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.stdout, done.stderr) == ("y\n", "")


def test_a_full_pipe_stops_only_who_writes_into_it(built: Build) -> None:
    with supervisor("--trace", "--", "sh", "-c", f"yes | head -c 300000 & {built('roundtrips')} 200 127; wait") as one:
        time.sleep(0.5)
        out, err = one.communicate(timeout=PATIENCE)
    assert one.returncode == 0
    assert out.count("y\n") == 150000
    assert "NLMSG_ERROR" in err


def test_what_a_program_leaves_running_is_supervised_to_its_end(tmp_path: Path, built: Build) -> None:
    script = f"(sleep 0.3; {built('sockets')} names > {tmp_path}/late 2>&1) & exit 5"
    assert nlwire_run("--", "sh", "-c", script).returncode == 5
    assert "second: negative 1" in (tmp_path / "late").read_text()


def test_a_ground_with_a_bug_hangs_nobody(built: Build) -> None:
    class Broken(Mock):
        def socket(self, who: Caller, type: int, protocol: int) -> "MockPort":
            raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        run([built("roundtrips")], on=Broken(), timeout=PATIENCE)


class DisturbedPort(MockPort):
    """A socket whose user gets a signal in the middle of everything it sends and receives."""

    sent = received = 0

    def send(self, who: Caller, data: bytes, address: Address | None, flags: int) -> int:
        DisturbedPort.sent += 1
        disturb(who)
        return super().send(who, data, address, flags)

    def recv(self, who: Caller, size: int, control: int, flags: int) -> Received:
        DisturbedPort.received += 1
        disturb(who)
        return super().recv(who, size, control, flags)


def disturb(who: Caller) -> None:
    """A signal, and time for it to do what it can do."""
    os.kill(who.tgid, signal.SIGALRM)
    time.sleep(0.01)


class Disturbed(Mock):
    """Its sockets."""

    def socket(self, who: Caller, type: int, protocol: int) -> MockPort:
        return DisturbedPort(self, who, type, protocol)


ROUNDS = """
import signal, socket, struct
ticks = 0
def tick(*_):
    global ticks
    ticks += 1
signal.signal(signal.SIGALRM, tick)
one = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
answers = set()
for seq in range(20):
    one.send(struct.pack("=IHHII", 16, 127, 5, seq, 0))
    answers.add(struct.unpack_from("=I", one.recv(4096), 8)[0])
print(len(answers), ticks >= 20)
"""


def test_what_was_done_is_told_though_a_signal_comes_in_between() -> None:
    """Else the call, made again, would be done again."""
    DisturbedPort.sent = DisturbedPort.received = 0
    done = run([sys.executable, "-c", ROUNDS], on=Disturbed(), timeout=PATIENCE)
    assert (done.stdout, done.stderr) == ("20 True\n", "")
    assert (DisturbedPort.sent, DisturbedPort.received) == (20, 20)


def test_a_kernel_that_lets_signals_interrupt_calls_will_do(built: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux 5.14 to 5.18."""
    real = libc.set_filter

    def older(program: bytes, flags: int = 0) -> int:
        if flags & libc.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV:
            raise OSError(EINVAL, os.strerror(EINVAL))
        return real(program, flags)

    monkeypatch.setattr(libc, "set_filter", older)
    done = run([built("sockets"), "signals"], on=Kernel(), timeout=PATIENCE)
    assert done.stdout.startswith("recv(fd, room, sizeof(room), 0) = -1 EINTR\n")
    assert done.stdout.endswith("waited 1\n")
