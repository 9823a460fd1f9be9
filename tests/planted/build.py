"""The planted clients, and how they are built."""

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
PLAIN = ("-O1", "-g", "-fstack-protector-all", "-Wall", "-Wextra", "-Werror")
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")


class Client(NamedTuple):
    """One mistake: the number of its class, its name, its source."""

    number: int
    name: str
    source: Path

    @property
    def in_c(self) -> bool:
        """Whether it is a program; else it is a Python callable."""
        return self.source.suffix == ".c"

    @property
    def target(self) -> str:
        """The callable."""
        return f"python:tests.planted.{self.source.stem}.request"


CLIENTS = [
    *(Client(int(path.stem[:2]), path.stem[3:], path) for path in sorted(HERE.glob("[0-9]*.c"))),
    Client(13, "kernel", HERE / "kernel_13.py"),
]


TOLD = ("-O1", "-g", "-fsanitize-coverage=trace-pc")
EDGES, DEEP = HERE / "edges.c", HERE / "deep.c"


def deep(directory: Path, *, told: bool, compiler: str = "cc") -> Path:
    """Compile the client whose mistake is deep; ``told``: so that it tells AFL's map which edges it takes.

    With afl-cc as ``compiler`` nothing of ours makes it tell. Raises as ``build`` does.
    """
    made = directory / f"deep-{compiler}{'-told' if told else ''}"
    command: list[list[str | Path]]
    if compiler != "cc":
        command = [[compiler, "-O1", "-o", made, DEEP]]
    elif told:
        runtime = directory / "edges.o"
        command = [["cc", "-O1", "-c", "-o", runtime, EDGES], ["cc", *TOLD, "-o", made, DEEP, runtime]]
    else:
        command = [["cc", "-O1", "-g", "-o", made, DEEP]]
    for one in command:
        subprocess.run(one, check=True, capture_output=True, timeout=120, env={**os.environ, "AFL_QUIET": "1"})
    return made


def build(client: Client, directory: Path, *, sanitized: bool = False) -> Path:
    """Compile a client; the program's path. Raises CalledProcessError, FileNotFoundError where there is no compiler."""
    made = directory / f"{client.source.stem}{'-sanitized' if sanitized else ''}"
    options = (*PLAIN, *(SANITIZERS if sanitized else ()))
    subprocess.run(["cc", *options, "-o", made, client.source], check=True, capture_output=True, timeout=120)
    return made
