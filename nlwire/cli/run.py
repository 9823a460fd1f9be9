"""``nlwire run``: any program on the mock kernel, on a recording, or on the real kernel while it is recorded.

Knows: options; that a wrapper's status, signals and terminal are the command's own.
Never: how programs are supervised.
"""

import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click

from nlwire import ground as grounds
from nlwire.cli.complaints import Complaint
from nlwire.cli.netns import which_netns
from nlwire.endpoint.socket import enter_netns, netns_path
from nlwire.errors import CaptureError
from nlwire.supervise import Ground, Refused, Supervised

NOT_FOUND, NOT_EXECUTABLE = 127, 126
PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
FROM_THE_TERMINAL = (signal.SIGINT, signal.SIGQUIT)


def say(text: str) -> None:
    """A line for the user, not mixed into the command's output."""
    click.echo(f"nlwire: {text}", err=True)


@click.command(
    "run",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    epilog="The exit status is the command's own. Several processes of one run share one kernel: "
    "nlwire run -- sh -c 'ip link; ip route'. SPEC is overrun[=LOSE], drop[=N], delay[=BY,N], duplicate[=N], split[=N] "
    "or interrupt[=N], done to each socket.",
)
@click.option(
    "--on", "where", default="mock", metavar="kernel|mock|FILE", help="Where its netlink sockets are: mock unless said."
)
@click.option("--load", type=click.Path(exists=True, dir_okay=False), help="Fill the mock from a snapshot first.")
@click.option(
    "--record", "target", type=click.Path(dir_okay=False), help="Write every call and datagram into this capture."
)
@click.option(
    "--save", type=click.Path(dir_okay=False), help="Write a snapshot of the mock into this capture in the end."
)
@click.option("--trace", is_flag=True, help="Print every datagram, byte by byte, on stderr.")
@click.option(
    "--fault", "faults", multiple=True, metavar="SPEC", help="Break something on demand; may be given several times."
)
@click.option("--netns", metavar="NAME|PATH|PID", help="Run the command in this network namespace.")
@click.option(
    "--report", is_flag=True, help="Say in the end what was asked, and what was refused because it is not there."
)
@click.argument("command", nargs=-1, required=True, metavar="-- COMMAND [ARGS]...")
def run(
    where: str,
    load: str | None,
    target: str | None,
    save: str | None,
    trace: bool,
    faults: tuple[str, ...],
    netns: str | None,
    report: bool,
    command: tuple[str, ...],
) -> None:
    """Run COMMAND with its netlink sockets on a mock kernel, on a recording, or on the real kernel.

    No root, no LD_PRELOAD, nothing in the command is changed: static binaries, Go programs and everything they start are
    caught alike.
    """
    if where != "mock" and (load or save):
        raise click.UsageError("--load and --save are for --on mock")
    if where != "kernel" and netns is not None:
        raise click.UsageError("--netns is for --on kernel")
    ground, in_the_end = ground_named(where, load, save, netns, bool(target))
    if faults:
        ground = grounds.Faulty(ground, [ordered(one) for one in faults])
    reporter, recorder = grounds.Reporter() if report else None, grounds.Recorder.into(target) if target else None
    watching = [one for one in (recorder, reporter, grounds.Tracer(traced) if trace else None) if one is not None]
    status = supervise(grounds.Tap(ground, watching) if watching else ground, command, netns)
    for line in reporter.lines() if reporter else ():
        say(line)
    complete = in_the_end()
    if recorder is not None:
        recorder.close()
    leave(status or (0 if complete else 1))


def ground_named(
    where: str, load: str | None, save: str | None, netns: str | None, recorded: bool
) -> tuple[Ground, Callable[[], bool]]:
    """The ground that ``--on`` means, and what is to be done with it in the end: whether it had all that was asked of it.

    Raises Complaint.
    """
    if where == "kernel":
        return grounds.Host(ioctls=recorded, netns=which_netns(netns)), lambda: True
    if where != "mock":
        try:
            recording = grounds.Recording(where, say)
        except CaptureError as error:
            raise Complaint(where, str(error)) from None
        return recording, lambda: not recording.missed
    mock = grounds.Mock()
    for line in grounds.fill(mock.kernel, load) if load else ():
        say(f"{load}: {line}")

    def kept() -> bool:
        if save:
            grounds.save(mock.kernel, save)
        return True

    return mock, kept


def ordered(text: str) -> "grounds.Order":
    """A fault. Raises click.BadParameter."""
    try:
        return grounds.order(text)
    except grounds.BadOrder as error:
        raise click.BadParameter(str(error), param_hint="--fault") from None


def traced(text: str) -> None:
    """What ``--trace`` prints."""
    click.echo(text, err=True)


def supervise(ground: Ground, command: Sequence[str], netns: str | None) -> int:
    """Run it to its end; its status as Popen gives it. Raises Complaint; exits as a shell does where it cannot be started."""
    where = which_netns(netns)
    if where is not None and not netns_path(where).exists():
        raise Complaint(f"network namespace {netns}", "is not there", "ip netns list shows names")
    try:
        running = Supervised(command, ground, before=None if where is None else lambda: enter_netns(where))
    except Refused as reason:
        raise Complaint("", f"programs cannot be supervised here: {reason}") from None
    except OSError as error:
        say(f"{command[0]}: {'command not found' if isinstance(error, FileNotFoundError) else error.strerror}")
        sys.exit(NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE)
    with running, signals(running):
        status = running.wait()
    for note in running.notes:
        say(note)
    return status


@contextmanager
def signals(running: Supervised) -> Iterator[None]:
    """While the command runs, what the terminal sends is its business; what is sent to us is passed on."""

    def on_terminal(number: int, _frame: FrameType | None) -> None:
        if running.process.poll() is not None:  # the command has ended, what it left behind has not
            running.kill()

    def on_request(number: int, _frame: FrameType | None) -> None:
        if running.process.poll() is None:
            running.process.send_signal(number)
        else:
            running.kill()

    before: dict[signal.Signals, Any] = {}
    for which, handler in ((FROM_THE_TERMINAL, on_terminal), (PASSED_ON, on_request)):
        for number in which:
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def leave(status: int) -> None:
    """End as the command did: with its status, or by its signal."""
    if status >= 0:
        sys.exit(status)
    sys.stdout.flush()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(-status, signal.SIG_DFL) if -status not in (signal.SIGKILL, signal.SIGSTOP) else None
    os.kill(os.getpid(), -status)
    sys.exit(128 - status)
