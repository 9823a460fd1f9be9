"""Write docs/conformance.md from what the tests do: ``python -m tests.kernel.conformance``.

Runs the tests on the mock and on a real kernel (in a virtual machine where the one at hand is out of reach) and tables how every
statement fared. ``--check`` runs the mock's half only and fails when the table would say something else of it.

Knows: pytest's command line, tools.vm, the form of the table.
Never: a verdict of its own.
"""

import argparse
import json
import os
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
Verdicts = dict[int, dict[str, str]]

HEAD = """# How the mock kernel compares with Linux

Each statement is about what Linux does; most are tests that run, one and the same, on the mock kernel and on a real one
(tests/kernel/conformance). This table is written by `python -m tests.kernel.conformance` from what those tests did on Linux
{release}: *yes* passed, *not yet* is known to fail, an empty cell means that no test covers the statement.

{passed} of {all} statements hold on both.
"""


def run(world: str) -> Verdicts:
    """Run the tests on one kernel; how the statements fared."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as directory:
        told = Path(directory, "verdicts.json")
        tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=line", str(HERE), "-k", world]
        command = ["env", f"NLWIRE_CONFORMANCE={told}", *tests]
        if world == "real" and kernel_unusable():
            command = [sys.executable, "-m", "tools.vm", "--timeout", "900", "--write", directory, "--", *command]
        subprocess.run(command, cwd=ROOT, check=False)
        return {int(number): fared for number, fared in json.loads(told.read_text(encoding="utf-8")).items()}


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
            cells = [WORDS.get(fared.get(world, ""), "") for world in WORLDS]
            words = re.sub(r"^\[[VSM]\] ", "", words).replace("|", "\\|")
            text.append(f"| {number} | {words} | {' | '.join(cells)} |")
    return "\n".join(text) + "\n"


def said(world: str) -> dict[int, str]:
    """What the page says of one kernel."""
    column = 3 + WORLDS.index(world)
    rows = [re.split(r"(?<!\\)\|", line) for line in PAGE.read_text(encoding="utf-8").splitlines()]
    found = {int(row[1]): row[column].strip() for row in rows if len(row) > column and row[1].strip().isdigit()}
    return {number: word for number, word in found.items() if word}


def main() -> int:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(prog="python -m tests.kernel.conformance", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare the page with the mock's verdicts")
    parser.add_argument(
        "--real", type=Path, help="verdicts of a real kernel, from an earlier run with NLWIRE_CONFORMANCE"
    )
    parser.add_argument("--release", default="", help="which kernel that was")
    options = parser.parse_args()
    mock = run("mock")
    if options.check:
        return int({number: WORDS[fared["mock"]] for number, fared in mock.items()} != said("mock"))
    if options.real:
        real = {int(n): fared for n, fared in json.loads(options.real.read_text(encoding="utf-8")).items()}
    else:
        real = run("real")
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(merged(mock, real), options.release or os.uname().release), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
