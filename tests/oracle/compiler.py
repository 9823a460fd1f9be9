"""C compilers as witnesses: what a header defines, what an expression is worth.

Nothing compiled here is ever run: the values are read out of the object file, from a table that stands between two magic
numbers. So a header for Linux can be judged on a machine that is no Linux.

Knows: command lines of C compilers, line markers of the preprocessor, ELF only as bytes to search.
Never: a concrete header or declaration.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

BEGIN, END = 0x6E6C77697265F00D, 0x6E6C77697265BEEF
"""Around the table of values in an object file."""

Finished = subprocess.CompletedProcess[str]

LANGUAGE = ("-std=gnu11", "-D_GNU_SOURCE", "-x", "c")


@dataclass(frozen=True)
class Witness:
    """A compiler with headers of its own. ``newest`` ones have to know every name; the others may be older."""

    name: str
    command: tuple[str, ...]
    newest: bool
    clang: bool
    """Whether it speaks clang's options and -Wpadded names the struct (gcc's does not)."""
    big_endian: bool = False

    def run(self, arguments: Sequence[str], source: str) -> Finished:
        """Give ``source`` to the compiler."""
        command = [*self.command, *LANGUAGE, *arguments, "-"]
        return subprocess.run(command, input=source, capture_output=True, text=True, check=False)

    def compile(self, arguments: Sequence[str], source: str) -> tuple[Finished, bytes]:
        """Compile ``source``; what the compiler said and the object file. (Not -fsyntax-only: zig builds a libc for that.)"""
        with TemporaryDirectory() as place:
            made = Path(place) / "made.o"
            done = self.run((*arguments, "-c", "-o", str(made)), source)
            return done, made.read_bytes() if made.exists() else b""


def witnesses() -> list[Witness]:
    """Every compiler found here: ziglang's, for a little and a big endian machine, and the system's."""
    found = []
    if find_spec("ziglang") is not None:
        for machine in ("x86_64", "s390x"):
            command = (sys.executable, "-m", "ziglang", "cc", "-target", f"{machine}-linux-gnu")
            found.append(Witness(f"ziglang {machine}", command, newest=True, clang=True, big_endian=machine == "s390x"))
    system = shutil.which("cc")
    if system is not None and Path("/usr/include/linux/netlink.h").exists():
        found.append(Witness("system cc", (system,), newest=False, clang=False))
    return found


def include_lines(headers: Iterable[str]) -> str:
    """The #include lines; headers that a compiler does not have are left out by the preprocessor."""
    # libc's socket.h goes first: linux/libc-compat.h makes the kernel's headers give way to it, not the other way round
    wanted = ("stddef.h", "sys/socket.h", *headers)
    lines = [f"#if __has_include(<{one}>)\n#include <{one}>\n#endif\n" for one in wanted]
    # linux/nexthop.h counts bits with the kernel's own macro, which no uapi header defines
    return "".join(lines) + "#ifndef BIT\n#define BIT(n) (1UL << (n))\n#endif\n"


def evaluate(witness: Witness, headers: Sequence[str], expressions: Sequence[str]) -> list[int | None]:
    """The value of each constant expression, modulo 2^64; None for one that does not compile."""
    known = list(range(len(expressions)))
    while True:
        values, complaints = _compile_table(witness, headers, [expressions[at] for at in known])
        if values is not None:
            found: list[int | None] = [None] * len(expressions)
            for at, value in zip(known, values, strict=True):
                found[at] = value
            return found
        bad = {int(line) for line in re.findall(r"^table\.c:(\d+):", complaints, re.MULTILINE)}
        bad = {line - 1 for line in bad if 1 <= line <= len(known)}
        if not bad:
            raise RuntimeError(f"{witness.name} cannot compile the headers:\n{complaints[:2000]}")
        known = [at for index, at in enumerate(known) if index not in bad]


def _compile_table(witness: Witness, headers: Sequence[str], expressions: list[str]) -> tuple[list[int] | None, str]:
    """The values, or None and the compiler's complaints, whose line N is about expression N - 1."""
    rows = "".join(f"(long long)({expression}),\n" for expression in expressions)
    limit = "-ferror-limit=0" if witness.clang else "-fmax-errors=0"
    source = (
        include_lines(headers)
        + f'const long long table[] = {{ {BEGIN:#x}LL,\n#line 1 "table.c"\n{rows}\n#line 1 "end.c"\n{END:#x}LL }};\n'
    )
    done, image = witness.compile(("-w", limit), source)
    return (None, done.stderr) if done.returncode else (_read_table(image, len(expressions)), "")


def _read_table(image: bytes, count: int) -> list[int]:
    orders: tuple[Literal["little", "big"], ...] = ("little", "big")
    for order in orders:
        at = image.find(BEGIN.to_bytes(8, order))
        words = [image[at + 8 * i : at + 8 * i + 8] for i in range(1, count + 2)]
        numbers = [int.from_bytes(word, order) for word in words]
        if at >= 0 and numbers[-1] == END:
            return numbers[:-1]
    raise RuntimeError("the table is not in the object file")


@dataclass
class Header:
    """What one header defines: enumerators and object-like macros with their text, tags of structs."""

    enumerators: dict[str, str] = field(default_factory=dict)
    macros: dict[str, str] = field(default_factory=dict)
    structs: list[str] = field(default_factory=list)


@lru_cache
def read_headers(witness: Witness, headers: tuple[str, ...]) -> dict[str, Header]:
    """What each of ``headers`` defines according to the compiler's own preprocessor."""
    done = witness.run(("-E", "-dD"), include_lines(headers))
    if done.returncode:
        raise RuntimeError(f"{witness.name} cannot read the headers:\n{done.stderr[:2000]}")
    found = {one: Header() for one in headers}
    texts: dict[str, list[str]] = {one: [] for one in headers}
    here: str | None = None
    for line in done.stdout.splitlines():
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            here = next((one for one in headers if marker[1].endswith("/" + one)), None)
        elif here is not None and (define := re.match(r"\s*#define (\w+)\s+(\S.*)", line)):
            found[here].macros[define[1]] = define[2]
        elif here is not None and not line.lstrip().startswith("#"):
            texts[here].append(line)
    for one, lines in texts.items():
        _read_definitions("\n".join(lines), found[one])
    return found


def _read_definitions(text: str, header: Header) -> None:
    for block in re.findall(r"\benum\b\s*\w*\s*\{([^}]*)\}", text):
        for item in block.split(","):
            name, _, value = item.partition("=")
            if name.strip():
                header.enumerators[name.strip()] = value.strip()
    header.structs = re.findall(r"\bstruct\s+(\w+)\s*\{", text)


def padding(witness: Witness, headers: Sequence[str], structs: Sequence[str]) -> dict[str, int]:
    """Bytes of padding the compiler put between and after the members of structs that have any, at least of those asked."""
    uses = "".join(f"char use{at}[sizeof(struct {name})];\n" for at, name in enumerate(structs))
    done, _ = witness.compile(("-Wpadded", "-Wsystem-headers"), include_lines(headers) + uses)
    if done.returncode:
        raise RuntimeError(done.stderr[:2000])
    pattern = r"warning: padding (?:struct|size of) 'struct (\w+)' with (\d+) bytes?"
    found: dict[str, int] = {}
    for name, count in re.findall(pattern, done.stderr):
        found[name] = found.get(name, 0) + int(count)
    return found
