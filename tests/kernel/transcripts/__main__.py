"""``python -m tests.kernel.transcripts``: record, check, compare (see the package's own words).

Knows: its command line.
Never: what is compared.
"""

import argparse
import sys
from collections import Counter

from tests.kernel import transcripts
from tests.kernel.transcripts import recordings, text
from tests.kernel.transcripts.difference import difference, first_difference
from tests.kernel.transcripts.play import Script
from tests.kernel.transcripts.scripts import SCRIPTS
from tests.kernel.transcripts.stages import Real


def main() -> int:
    """Parse the command line and do what it says; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.kernel.transcripts",
        description=transcripts.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=["status", "diff", "run", "record", "check", "expect"])
    parser.add_argument("patterns", nargs="*", metavar="PATTERN")
    parser.add_argument("--real", action="store_true", help="run, diff: on this machine's kernel instead of the mock")
    options = parser.parse_intermixed_args()
    scripts = recordings.chosen(tuple(options.patterns))
    if not scripts:
        print(f"no script is called {' or '.join(options.patterns)}", file=sys.stderr)
        return 2
    if options.what in ("diff", "run"):
        return sum([show(script, options.what, Real() if options.real else None) for script in scripts]) > 0
    return {"status": status, "record": record, "check": check, "expect": expect}[options.what](scripts)


def show(script: Script, what: str, real: Real | None) -> bool:
    """Print a run; for ``diff`` where it parts from the recording. Whether it does."""
    said = recordings.on_real(script, real)[0] if real else recordings.on_mock(script)
    if what == "run":
        print(f"# {script.name}: {script.about}\n", *text.lines_of(said), sep="\n")
        return False
    print(f"=== {script.name}: {script.about}")
    lines = list(difference(recordings.recording(script), said))
    print(*lines or ["no difference"], sep="\n")
    return bool(lines)


def verdict(script: Script) -> str:
    """Why the mock fails a script; empty when it passes."""
    try:
        return first_difference(recordings.recording(script), recordings.on_mock(script))
    except Exception as failure:  # noqa: BLE001 (a handler may do anything)
        return f"{type(failure).__name__}: {failure}"


def status(scripts: list[Script]) -> int:
    """How the mock fares."""
    verdicts = {script.name: verdict(script) for script in scripts}
    for name, why in verdicts.items():
        if why:
            print(f"{name}: {why}")
    every = Counter(script.area for script in scripts)
    passed = Counter(script.area for script in scripts if not verdicts[script.name])
    for area, count in sorted(every.items()):
        print(f"{area:<12} {passed[area]:4} of {count:4}")
    print(f"{'all':<12} {passed.total():4} of {every.total():4}")
    return 0


def record(scripts: list[Script]) -> int:
    """Record on this machine's kernel."""
    real, failed = Real(), 0
    for script in scripts:
        try:
            if recordings.record(script, real):
                print(f"{script.name}: recorded")
        except RuntimeError as failure:
            failed += 1
            print(failure, file=sys.stderr)
    real.close()
    if len(scripts) == len(SCRIPTS):
        recordings.KERNEL.write_text(recordings.release() + "\n", encoding="utf-8")
    print(f"{len(scripts)} scripts, {failed} not to be relied on")
    return failed > 0


def check(scripts: list[Script]) -> int:
    """Whether this machine's kernel says what was recorded."""
    real, failed = Real(), 0
    for script in scripts:
        same, said = recordings.holds(script, real)
        if not same:
            failed += 1
            print(f"{script.name}: {first_difference(recordings.recording(script), said)}")
    real.close()
    print(f"{len(scripts) - failed} of {len(scripts)} recordings hold on this kernel")
    return failed > 0


def expect(scripts: list[Script]) -> int:
    """Write not_yet.txt anew."""
    others = {name: why for name, why in recordings.not_yet().items() if name not in {one.name for one in scripts}}
    found = {script.name: why for script in scripts if (why := verdict(script))}
    names = [one.name for one in SCRIPTS]
    lines = [f"{name}: {why}" for name, why in sorted({**others, **found}.items()) if name in names]
    head = "# What the mock cannot do yet: written by `python -m tests.kernel.transcripts expect`, a line a script.\n"
    recordings.NOT_YET.write_text(head + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(f"{len(lines)} of {len(names)} scripts are known to fail")
    return 0


if __name__ == "__main__":
    sys.exit(main())
