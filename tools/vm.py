"""Run a command on a kernel of its own, in a throw-away virtual machine: ``python -m tools.vm [--kernel PATH] -- COMMAND``.

    python -m tools.vm -- python -m pytest tests/kernel
    python -m tools.vm --write fixtures -- python -m tools.capture

For where the kernel at hand is out of reach: no root and no user namespaces, a sandbox, or a kernel that hangs. The guest
sees this machine's files, read-only but for the directories that ``--write`` names, and works in the directory it is called
from. What the command says and how it ends is passed on; 124 is a timeout, 125 a machine that did not come up.

Needs virtme-ng, qemu, a static busybox, and a kernel image with its modules. The processor is emulated unless ``--kvm`` asks
for more: where this machine is itself a virtual one, /dev/kvm may be there and yet not work.

Knows: virtme-ng's options, where distributions keep kernels.
Never: what is run.
"""

import argparse
import os
import platform
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

PROGRAMS = {
    "vng": "pip install virtme-ng",
    f"qemu-system-{platform.machine()}": "apt-get install qemu-system-x86 (or qemu-system-arm)",
    "busybox": "apt-get install busybox-static",
}
"""What must be there, and how it is had."""

OPTIONS = ("--cpus", "1", "--memory", "1G", "--append", "sysctl.net.core.fb_tunnels_only_for_init_net=1")
"""The sysctl keeps new network namespaces empty whatever modules are loaded (no gre0, no sit0)."""

TIMED_OUT, NOT_UP = 124, 125


class Missing(Exception):
    """There can be no virtual machine here; the words say what to install."""


def search_path() -> str:
    """PATH, the programs beside this Python first: an environment need not be activated, here or in the guest."""
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))


def find_kernel() -> Path:
    """The newest image in /boot that has its modules. Raises Missing."""
    images = [one for one in Path("/boot").glob("vmlinuz-*") if Path("/lib/modules", release(one)).is_dir()]
    if not images:
        raise Missing("no kernel image with modules in /boot: apt-get install linux-image-amd64, or say --kernel PATH")
    return max(
        images, key=lambda one: [int(part) for part in release(one).partition("-")[0].split(".") if part.isdigit()]
    )


def release(image: Path) -> str:
    """``6.18.15`` of ``vmlinuz-6.18.15``."""
    return image.name.partition("-")[2]


def check_programs() -> None:
    """Raise Missing for a program that is not there."""
    for program, remedy in PROGRAMS.items():
        if shutil.which(program, path=search_path()) is None:
            raise Missing(f"no {program}: {remedy}")


def script(command: Sequence[str], talk: Path) -> str:
    """What the guest's shell does. Its own ports for output need udev in the guest, so it writes into files."""
    environment = f"env PATH={shlex.quote(search_path())} PYTHONDONTWRITEBYTECODE=1"
    return f"{environment} {shlex.join(command)} > {talk}/stdout 2> {talk}/stderr; echo $? > {talk}/status"


def run(
    command: Sequence[str], kernel: Path, timeout: float = 600, writable: Sequence[Path] = (), kvm: bool = False
) -> int:
    """Run ``command`` in a guest, pass on what it says while it says it; its exit status."""
    with tempfile.TemporaryDirectory(prefix="vm-") as directory:
        talk = Path(directory)
        (talk / "stdout").touch()
        (talk / "stderr").touch()
        vng = [shutil.which("vng", path=search_path()) or "vng", "--run", str(kernel), *OPTIONS]
        vng += [] if kvm else ["--disable-kvm"]
        vng += [word for path in (talk, *writable) for word in ("--rwdir", str(path.resolve()))]
        with (talk / "vng").open("wb") as complaints:
            machine = subprocess.Popen(
                [*vng, "--", script(command, talk)],
                stdin=subprocess.DEVNULL,
                stdout=complaints,
                stderr=complaints,
                env={**os.environ, "PATH": search_path()},
                start_new_session=True,
            )
        try:
            in_time = follow(machine, talk, time.monotonic() + timeout)
        finally:
            end(machine)
        if not in_time:
            print(f"tools.vm: no end after {timeout:g} seconds", file=sys.stderr)
            return TIMED_OUT
        return status(talk)


def follow(machine: "subprocess.Popen[bytes]", talk: Path, deadline: float) -> bool:
    """Pass on what the command says until the machine is off; whether that was in time."""
    with (talk / "stdout").open("rb") as stdout, (talk / "stderr").open("rb") as stderr:
        while True:
            off = machine.poll() is not None
            for source, sink in ((stdout, sys.stdout), (stderr, sys.stderr)):
                sink.buffer.write(source.read())
                sink.flush()
            if off or time.monotonic() > deadline:
                return off
            time.sleep(0.2)


def end(machine: "subprocess.Popen[bytes]") -> None:
    """Switch off a machine that still runs: vng, and the qemu below it."""
    if machine.poll() is None:
        os.killpg(machine.pid, signal.SIGTERM)
        machine.wait()


def status(talk: Path) -> int:
    """How the command ended; if nobody wrote it down, what vng says of it."""
    try:
        return int((talk / "status").read_text())
    except (FileNotFoundError, ValueError):
        print((talk / "vng").read_text(errors="replace"), end="", file=sys.stderr)
        print("tools.vm: the virtual machine did not come up, or went down too early", file=sys.stderr)
        return NOT_UP


def main() -> int:
    """Parse the command line and do what it says."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.vm", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kernel", type=Path, metavar="PATH", help="a kernel image (default: the newest in /boot)")
    parser.add_argument("--timeout", type=float, default=600, metavar="SECONDS", help="give up after (default: 600)")
    parser.add_argument(
        "--write", type=Path, action="append", default=[], metavar="DIR", help="what the guest may write to"
    )
    parser.add_argument("--kvm", action="store_true", help="let the processor run the guest (fast, where it works)")
    parser.add_argument("command", nargs="+", metavar="COMMAND", help="after --: what to run")
    options = parser.parse_args()
    try:
        check_programs()
        kernel = options.kernel or find_kernel()
        if not kernel.is_file():
            raise Missing(f"no kernel image {kernel}")
    except Missing as missing:
        print(f"tools.vm: {missing}", file=sys.stderr)
        return NOT_UP
    return run(options.command, kernel, options.timeout, options.write, options.kvm)


if __name__ == "__main__":
    sys.exit(main())
