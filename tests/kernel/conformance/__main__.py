"""Write docs/conformance.md from what the tests do: ``python -m tests.kernel.conformance``.

Runs the tests on the mock and on a real kernel (in a virtual machine where the one at hand is out of reach) and tables how every
statement fared. ``--real FILE`` takes a real kernel's verdicts from an earlier run with NLWIRE_CONFORMANCE=FILE.

Knows: pytest's command line, tools.vm, the form of the table.
Never: a verdict of its own.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.kernel_probe import kernel_unusable

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PAGE = ROOT / "docs" / "conformance.md"
WORLDS = ("mock", "real")
WORDS = {"passed": "yes", "xfailed": "not yet", "failed": "**no**"}
REAL_WORDS = {**WORDS, "xfailed": "not shown"}
"""A real kernel does it, but nothing here can make it."""
Verdicts = dict[int, dict[str, str]]

HEAD = """# How the mock kernel compares with Linux

Each statement is about what Linux does; most are tests that run, one and the same, on the mock kernel and on a real one
(tests/kernel/conformance). This table is written by `python -m tests.kernel.conformance` from what those tests did on Linux
{release}: *yes* passed, *not yet* is known to fail, *not shown* is what nothing could make that kernel do, an empty cell means
that no test covers the statement.

{passed} of {all} statements hold on both."""


def run(world: str) -> tuple[Verdicts, str]:
    """Run the tests on one kernel; how the statements fared, and which kernel that was."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as directory:
        told = Path(directory, "verdicts.json")
        tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=line", str(HERE), "-k", world]
        command = ["env", f"NLWIRE_CONFORMANCE={told}", *tests]
        if world == "real" and kernel_unusable():
            command = [sys.executable, "-m", "tools.vm", "--timeout", "900", "--write", directory, "--", *command]
        subprocess.run(command, cwd=ROOT, check=False)
        return read(told)


def read(path: Path) -> tuple[Verdicts, str]:
    """What a run wrote down."""
    told = json.loads(path.read_text(encoding="utf-8"))
    return {int(number): fared for number, fared in told["verdicts"].items()}, told["release"]


def merged(*runs: Verdicts) -> Verdicts:
    """Several kernels' verdicts in one."""
    numbers = sorted({number for one in runs for number in one})
    return {number: {world: it for one in runs for world, it in one.get(number, {}).items()} for number in numbers}


def statements() -> list[str]:
    """The lines of statements.md that are statements or headings."""
    lines = (HERE / "statements.md").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if re.match(r"\d+\. |## ", line)]


def page(verdicts: Verdicts, release: str) -> str:
    """docs/conformance.md."""
    both = sum(all(fared.get(world) == "passed" for world in WORLDS) for fared in verdicts.values())
    rows = statements()
    text = [HEAD.format(release=release, passed=both, all=sum(not row.startswith("##") for row in rows))]
    for row in rows:
        if row.startswith("## "):
            text += ["", row, "", "| | statement | mock | Linux |", "|---|---|---|---|"]
        else:
            number, _, words = row.partition(". ")
            fared = verdicts.get(int(number), {})
            cells = [WORDS.get(fared.get("mock", ""), ""), REAL_WORDS.get(fared.get("real", ""), "")]
            words = re.sub(r"^\[[VSM]\] ", "", words).replace("|", "\\|")
            text.append(f"| {number} | {words} | {' | '.join(cells)} |")
    return "\n".join(text) + "\n"


def main() -> int:
    """Write the page."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.kernel.conformance",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--real", type=Path, metavar="FILE", help="a real kernel's verdicts, from an earlier run")
    options = parser.parse_args()
    mock, _ = run("mock")
    real, release = read(options.real) if options.real else run("real")
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(merged(mock, real), release), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
