"""Write docs/programs.md from what the programs say: ``python -m tests.programs`` (namespaces needed).

Knows: the form of the page.
Never: a verdict of its own.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.programs.programs import PROGRAMS, Program, natively, on_the_mock, version
from tests.programs.test_programs import BUILT, PAGE
from tests.programs.test_twin import DIFFERING, TABLE, TOLD

SOURCES = Path(__file__).parent / "sources"
HEAD = """# Programs on the mock kernel

Unmodified programs under `nlwire run`, each beside itself in a network namespace of the real kernel: *the same* means that standard
output, standard error and exit status were, byte for byte. This page is written by `python -m tests.programs`; the tests
(tests/programs) hold every row.

Of `ip` itself {same} of {lines} command lines say the same (tests/programs/twin.txt), and `ip monitor` tells the same of {told} of
{tellings} changes (twin_monitor.txt); twin_differs.txt lists the others with the reason.

| program | package | command | on the mock |
|---|---|---|---|
"""


def build(folder: Path) -> dict[str, str]:
    """The programs of sources/."""
    found = {}
    for name in BUILT:
        target, plain = folder / name, name.partition("-")[0]
        if (SOURCES / f"{plain}.go").exists():
            command = ["env", "CGO_ENABLED=0", "go", "build", "-o", str(target), str(SOURCES / f"{plain}.go")]
        else:
            compiler = ["musl-gcc", "-static"] if name.endswith("-musl") else ["gcc"]
            command = [*compiler, "-o", str(target), str(SOURCES / f"{plain}.c")]
        subprocess.run(command, check=True)
        found[name] = str(target)
    return found


def row(program: Program, built: dict[str, str]) -> str:
    """A line of the table."""
    same = natively(program, built) == on_the_mock(program, built)
    said = "the same" if same else f"differs: {program.differs or 'not known why'}"
    command = program.command if "python" not in program.command else "tests/programs/programs.py"
    command = command.replace("|", "\\|").replace("\n", "\\n")
    return f"| {program.name} | {program.package} {version(program)} | `{command}` | {said} |"


def main() -> int:
    """Write the page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        built = build(folder)
        rows = [row(one, built) for one in PROGRAMS]
    differ = {line for line in (*TABLE, *TOLD) if (line.section, line.command) in DIFFERING}
    told = sum(line not in differ for line in TOLD)
    same = sum(line not in differ for line in TABLE)
    head = HEAD.format(same=same, lines=len(TABLE), told=told, tellings=len(TOLD))
    PAGE.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
