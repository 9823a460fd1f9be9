"""The planted clients, and how they are built."""

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


def build(client: Client, directory: Path, *, sanitized: bool = False) -> Path:
    """Compile a client; the program's path. Raises CalledProcessError, FileNotFoundError where there is no compiler."""
    made = directory / f"{client.source.stem}{'-sanitized' if sanitized else ''}"
    options = (*PLAIN, *(SANITIZERS if sanitized else ()))
    subprocess.run(["cc", *options, "-o", made, client.source], check=True, capture_output=True, timeout=120)
    return made
