"""Write docs/programs.md from what the programs say: ``python -m tests.programs`` (namespaces needed).

Knows: the form of the page.
Never: a verdict of its own.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from tests.programs.building import build
from tests.programs.programs import PROGRAMS, Program, natively, on_the_mock, version
from tests.programs.test_programs import BUILT, PAGE, SUITES
from tests.programs.test_twin import DIFFERING, TABLE, TOLD

WIDTH = 60
HEAD = """# Programs on the mock kernel

Unmodified programs under `nlwire run`, as a user without privileges, each beside itself in a network namespace of the real kernel:
*the same* means that standard output, standard error and exit status were, byte for byte. This page is written by
`python -m tests.programs`; the tests (tests/programs) hold every row.

Of `ip` itself {same} of {lines} command lines say the same (tests/programs/twin.txt), and `ip monitor` tells the same of {told} of
{tellings} changes (twin_monitor.txt); twin_differs.txt lists the others with the reason.

| program | package | command | status | its last line | on the mock |
|---|---|---|---|---|---|
"""


def find(name: str) -> str:
    """Where a program is. Raises FileNotFoundError."""
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is not here, and some programs have to be built")
    return found


def row(program: Program, built: dict[str, str]) -> str:
    """A line of the table."""
    done = on_the_mock(program, built)
    same = natively(program, built) == done
    said = "the same" if same else f"differs: {program.differs or 'not known why'}"
    command = program.command if "python" not in program.command else "tests/programs/programs.py"
    last = (done.stdout or done.stderr).rstrip().rpartition("\n")[2].strip().expandtabs(1)
    cells = (program.name, f"{program.package} {version(program)}".strip(), code(command), str(done.status))
    return f"| {' | '.join(cells)} | {code(last[:WIDTH])} | {said} |"


def code(text: str) -> str:
    """As code, in a cell."""
    text = text.replace("|", "\\|").replace("\n", "\\n")
    return f"`{text}`" if text else ""


def main() -> int:
    """Write the page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        built = {name: build(name, folder, find) for name in BUILT}
        rows = [row(one, built) for one in PROGRAMS]
    differ = {line for line in (*TABLE, *TOLD) if (line.section, line.command) in DIFFERING}
    told = sum(line not in differ for line in TOLD)
    same = sum(line not in differ for line in TABLE)
    head = HEAD.format(same=same, lines=len(TABLE), told=told, tellings=len(TOLD))
    PAGE.write_text(head + "\n".join(rows) + "\n\n" + SUITES.read_text(encoding="utf-8"), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
