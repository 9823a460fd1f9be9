"""How soon the fuzzer finds what was planted: ``python -m tests.planted [--seconds S]``.

Each client is built with and without sanitizers and attacked twice with the same budget: with faults of netlink, and with plain
random bytes. The table says after how many runs the mistake was found.
"""

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nlwire.fuzz.engine import Finding, Report
from nlwire.fuzz.plan import Plan, carry_out
from tests.planted.build import CLIENTS, Client, build

ROUTES = Path(__file__).parents[2] / "fixtures" / "route"
"""Seeds for the kernel's side: requests as programs make them."""


class Row(NamedTuple):
    """One client's result; None where nothing was found."""

    client: Client
    sanitized: bool
    aware: Report
    blind: Report

    @property
    def factor(self) -> float:
        """How many times fewer runs it took; what was not found counts with all that were made."""
        return runs_until_found(self.blind) / runs_until_found(self.aware)


def runs_until_found(report: Report) -> int:
    """Runs up to the first finding, all of them where there is none."""
    return min((one.run for one in report.findings.values()), default=max(1, report.runs))


def first(report: Report) -> Finding | None:
    """The first finding."""
    return min(report.findings.values(), key=lambda one: one.run, default=None)


def measure(client: Client, directory: Path, budget: argparse.Namespace) -> Iterator[Row]:
    """The rows of a client: as it is, and where it is C also with sanitizers."""
    for sanitized in (False, True) if client.source.suffix == ".c" else (False,):
        target, command = (
            ("program", (str(build(client, directory, sanitized=sanitized)),)) if client.in_c else (client.target, ())
        )
        plans = [
            Plan(
                target,
                command=command,
                corpus=() if client.in_c else (str(ROUTES),),
                seed=budget.seed,
                runs=budget.runs,
                seconds=budget.seconds,
                style=style,
                first_only=True,
            )
            for style in ("faults", "blind")
        ]
        yield Row(client, sanitized, *[carry_out(plan) for plan in plans])


def told(report: Report) -> str:
    """A report in a cell."""
    found = first(report)
    if found is None:
        return f"not in {report.runs}"
    return f"{found.run} runs, {found.seconds:.1f} s"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description=__doc__)
    parser.add_argument("--runs", type=int, default=1500, help="for each client and way")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each client and way, at most")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print(
        "| class | client | built | with faults of netlink | plain random bytes | times fewer |\n|---|---|---|---|---|---|"
    )
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        for client in CLIENTS:
            for row in measure(client, Path(directory), asked):
                rows.append(row)
                built = "sanitizers" if row.sanitized else "plain"
                cells = (
                    client.number,
                    client.name,
                    built,
                    told(row.aware),
                    told(row.blind),
                    ("" if first(row.blind) else "> ") + f"{row.factor:.1f}",
                )
                print("|" + "|".join(f" {one} " for one in cells) + "|", flush=True)
    found = sum(first(one.aware) is not None for one in rows)
    print(
        f"\n{found} of {len(rows)} found; {statistics.median(one.factor for one in rows):.1f} times fewer runs in the median"
    )


if __name__ == "__main__":
    main()
