"""``python -m bench.run``: what supervision costs a program: requests and replies natively, supervised, recorded, under strace.

Every row is the same C program (tests/programs/sources/roundtrips.c) in a network namespace of its own, in one run after another;
a machine that does other things disturbs them all, so the ratios say more than the numbers.

Knows: the program, the ways to run it.
Never: a verdict.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "tests" / "programs" / "sources" / "roundtrips.c"
NLWIRE = [sys.executable, "-m", "nlwire", "run"]
UNSHARE = ["unshare", "-n" if os.geteuid() == 0 else "-Urn"]
ROUNDS, BATCHES = 3, 2
ROUTES = 100_000
REFUSED = "127"
"""A message type that no kernel has: the cheapest request with a reply, so that what is left is the way there and back."""


def seconds(command: list[str]) -> float:
    """How long a command takes."""
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begin


def best_us(command: list[str]) -> float:
    """Microseconds that the program tells, the best of some rounds."""
    return min(float(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(ROUNDS))


def round_trips(program: str, folder: Path, count: int) -> dict[str, float]:
    """Microseconds for a request and its reply."""
    get, refused = [program, str(count)], [program, str(count), REFUSED]
    capture = str(folder / "talk.pcapng")
    rows = {
        "RTM_GETLINK, native": [*UNSHARE, *get],
        "RTM_GETLINK, --on kernel": [*UNSHARE, *NLWIRE, "--on", "kernel", "--", *get],
        "RTM_GETLINK, --on kernel --record": [*UNSHARE, *NLWIRE, "--on", "kernel", "--record", capture, "--", *get],
        "RTM_GETLINK, --on mock": [*NLWIRE, "--", *get],
        "refused request, native": [*UNSHARE, *refused],
        "refused request, --on kernel": [*UNSHARE, *NLWIRE, "--on", "kernel", "--", *refused],
        "refused request, --on mock": [*NLWIRE, "--", *refused],
    }
    if shutil.which("strace"):
        strace = ["strace", "-f", "-o", str(folder / "strace"), "-e", "trace=network"]
        rows["RTM_GETLINK, strace -e trace=network"] = [*UNSHARE, *strace, *get]
    return {name: best_us(command) for name, command in rows.items()}


def batch(folder: Path, routes: int) -> dict[str, float]:
    """Seconds for ``ip -batch`` with many route adds on the real kernel and on the mock, each the best of some rounds in turn."""
    lines = [f"route add {10 + (n >> 16)}.{n >> 8 & 255}.{n & 255}.0/24 dev lo" for n in range(routes)]
    text = folder / "routes"
    text.write_text("\n".join(["link set lo up", *lines]) + "\n")
    command = ["ip", "-batch", str(text)]
    rounds = [(seconds([*UNSHARE, *command]), seconds([*NLWIRE, "--", *command])) for _ in range(BATCHES)]
    native, mock = (min(times) for times in zip(*rounds, strict=True))
    return {"native (s)": native, "mock (s)": mock, "mock / native": mock / native}


def main() -> None:
    """Measure, print, write bench/results/run.json."""
    quick = "--quick" in sys.argv
    count, routes = (3_000, ROUTES // 5) if quick else (20_000, ROUTES)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = str(folder / "roundtrips")
        subprocess.run(["cc", "-O1", "-o", program, str(SOURCE)], check=True)
        rows = round_trips(program, folder, count)
        rows |= {f"ip -batch, {routes} routes, {what}": cost for what, cost in batch(folder, routes).items()}
    native = rows["RTM_GETLINK, native"]
    for work, cost in rows.items():
        print(f"{work:<45}{cost:10.2f}")
    strace = rows.get("RTM_GETLINK, strace -e trace=network")
    if strace:
        ratio = (rows["RTM_GETLINK, --on kernel --record"] - native) / (strace - native)
        print(f"{'overhead of recording / of strace':<45}{ratio:10.2f}")
    (ROOT / "bench" / "results").mkdir(exist_ok=True)
    (ROOT / "bench" / "results" / "run.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
