"""``python -m bench [--quick] [PART …]``: what nlwire costs, beside what people would use instead, in one run.

Knows: the parts, and that one that fails does not keep the others from being measured.
Never: a verdict; the bars are in the issues, the numbers here.
"""

import platform
import sys
import time
import traceback
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

import nlwire
from bench import capture, codec, columns, footprint, kernel, live, profiles, run, sessions

PARTS: dict[str, Callable[[], int | None]] = {
    "codec": codec.main,
    "columns": columns.main,
    "live": live.main,
    "sessions": sessions.main,
    "capture": capture.main,
    "kernel": kernel.main,
    "run": run.main,
    "footprint": footprint.main,
    "profiles": profiles.main,
}
PEERS = ("pyroute2", "scapy", "dpkt", "numpy")


def present(name: str) -> str:
    """A library and its version, if it is there."""
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"no {name}"


def main() -> int:
    """Run the parts that were asked for, or all; 1 when one of them failed."""
    asked = [word for word in sys.argv[1:] if not word.startswith("-")] or list(PARTS)
    unknown = [word for word in asked if word not in PARTS]
    if unknown:
        print(f"no part is called {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    print(f"Python {platform.python_version()}, nlwire {nlwire.__version__}, {', '.join(map(present, PEERS))}")
    begin, failed = time.monotonic(), []
    for name in asked:
        print(f"\n--- {name} ---", flush=True)
        try:
            status = PARTS[name]() or 0
        except Exception:  # noqa: BLE001 - whatever went wrong in one part, the others are measured
            traceback.print_exc()
            status = 1
        if status:
            failed.append(name)
    print(f"\n{time.monotonic() - begin:.0f} s; results, pictures and profiles in bench/results/")
    if failed:
        print(f"FAILED: {', '.join(failed)}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
