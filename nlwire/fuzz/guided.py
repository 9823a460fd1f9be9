"""Coverage as a guide, where atheris is installed (extra ``fuzz``): inputs that reach new code are mutated further.

atheris brings libFuzzer, which takes a process over for good: ``guided`` runs in a process of its own and ends it. The mutants
stay ours (libFuzzer's ``custom_mutator``); findings, signatures, minimising are the engine's.

Knows: atheris.
Never: how mutants are made, what a finding is.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from random import Random
from types import FunctionType, ModuleType
from typing import NamedTuple, NoReturn

from nlwire.fuzz.anatomy import Anatomy
from nlwire.fuzz.engine import Campaign, Report
from nlwire.fuzz.havoc import damaged
from nlwire.fuzz.mutator import DAMAGE, Case, Seed, broken

if find_spec("atheris") is not None:
    import atheris
else:
    atheris = None

LONGEST = 1 << 17
"""Bytes of an input at most: an attribute that wraps has 64 KiB."""


class Budget(NamedTuple):
    """How far to go, and where chance begins."""

    seed: int
    runs: int | None
    seconds: float | None


def available() -> bool:
    """Whether atheris is installed."""
    return atheris is not None


def packed(seed: Seed) -> bytes:
    """A seed as one of libFuzzer's inputs, which have no room for a protocol: it is the first byte."""
    return bytes([seed.protocol & 0xFF]) + seed.data


def case_of(data: bytes) -> Case:
    """The case in an input of libFuzzer's."""
    return Case(data[0] if data else 0, data[1:], data[1:], ("by coverage",))


def mutated(data: bytes, size: int, seed: int) -> bytes:
    """libFuzzer's custom_mutator: one known fault, at times plain damage."""
    random, case = Random(seed), case_of(data)
    mutant = broken(random, Anatomy(case.data, case.protocol)) if random.random() > DAMAGE else None
    made = damaged(random, case.data, case.data) if mutant is None and case.data else case.data
    made = made if mutant is None else mutant.data
    return (bytes([case.protocol]) + made)[:size]


def guided(
    campaign: Campaign,
    seeds: Sequence[Seed],
    budget: Budget,
    package: str,
    tell: Callable[[Report], None],
    finish: Callable[[Report], None],
) -> NoReturn:
    """Run a campaign under libFuzzer, guided by what is reached in a package, until a budget is spent.

    ``finish`` is told of the last report; then this process is gone.
    """
    began, report = time.monotonic(), campaign.report

    def one_input(data: bytes) -> None:
        report.runs += 1
        report.seconds = time.monotonic() - began
        campaign.try_one(case_of(data), began)
        tell(report)
        if report.runs >= (budget.runs or report.runs + 1) or report.seconds >= (budget.seconds or report.seconds + 1):
            finish(report)
            os._exit(0)

    with tempfile.TemporaryDirectory(prefix="nlwire-fuzz-") as directory:
        for number, one in enumerate(seeds):
            Path(directory, f"{number:06}").write_bytes(packed(one))
        silence()
        instrument(package)
        options = options_of(directory, budget.seed)
        atheris.Setup(options, one_input, custom_mutator=mutated)
        with campaign.watch:
            atheris.Fuzz()
    os._exit(0)


def options_of(directory: str, seed: int) -> list[str]:
    """libFuzzer's command line: our time-outs, silence, and nothing left outside the directory."""
    names = {
        "artifact_prefix": f"{directory}/",
        "seed": seed & 0x7FFFFFFF or 1,
        "timeout": 0,
        "verbosity": 0,
        "max_len": LONGEST,
    }
    return ["nlwire", directory, *(f"-{name}={value}" for name, value in names.items())]


def instrument(package: str) -> None:
    """Let every function of a package's loaded modules tell which of its branches are taken."""
    for name, module in sorted(sys.modules.items()):
        if name == package or name.startswith(f"{package}."):
            for function in functions_in(module):
                atheris.instrument_func(function)


def functions_in(module: ModuleType) -> Iterator[FunctionType]:
    """The functions and methods that a module defines."""
    for holder in (module, *(one for one in vars(module).values() if isinstance(one, type))):
        for one in list(vars(holder).values()):
            if isinstance(one, FunctionType) and one.__module__ == module.__name__:
                yield one


def silence() -> None:
    """libFuzzer tells its own story on standard error; the account is ours."""
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
