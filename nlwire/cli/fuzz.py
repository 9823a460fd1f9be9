"""``nlwire fuzz``: mutants at a target until it fails or time is up.

Knows: how a campaign is asked for, shown while it runs, summed up.
Never: how inputs are made.
"""

import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from nlwire.cli.again import CONSENT, again
from nlwire.fuzz.engine import Finding, Report, Watcher
from nlwire.fuzz.finding import save
from nlwire.fuzz.guided import available
from nlwire.fuzz.jobs import work_together
from nlwire.fuzz.linux.duel import DuelFinding
from nlwire.fuzz.linux.evidence import save_duel
from nlwire.fuzz.plan import KERNEL, OWN, PYTHON, Plan, program_of, target_of
from nlwire.fuzz.rehearsal import PlayFinding
from nlwire.fuzz.script import save_play

EPILOG = f"""TARGET is one of {", ".join(OWN)} (nlwire's own), or python:MODULE.FUNCTION, which gets the bytes of a datagram, or a
COMMAND, which gets mutated answers from a mock kernel: nlwire fuzz --time 60 -- ip -d link. With --target kernel it is the
kernel this machine runs on, in a network namespace of its own, compared with the mock.
A finding is tried again on what its file names, or on the COMMAND that is named here: take no files from strangers.
Exit status: 0 nothing found, 1 findings, 2 wrong usage."""


@click.command(epilog=EPILOG, context_settings={"allow_interspersed_args": True})
@click.argument("target", nargs=-1, metavar="TARGET | -- COMMAND [ARGS]...")
@click.option(
    "--target",
    "consent",
    type=click.Choice([KERNEL]),
    help="The real kernel; it is never attacked without these words.",
)
@click.option(
    "--time", "seconds", type=click.FloatRange(0, min_open=True), help="Seconds to go on; 60 where nothing is said."
)
@click.option("--runs", type=click.IntRange(1), help="Inputs to try.")
@click.option("--seed", type=int, help="Where chance begins; the clock unless said.")
@click.option("--family", help="Only seeds of this family: route, link, …")
@click.option(
    "--corpus", type=click.Path(exists=True), multiple=True, help="Captures, fixtures, raw messages to start from."
)
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
@click.option(
    "--allow", multiple=True, metavar="EXCEPTION", help="An exception by which python: may say no (struct.error)."
)
@click.option("--blind", is_flag=True, help="Plain random bytes instead of faults of netlink, to compare.")
@click.option(
    "--load",
    type=click.Path(exists=True, dir_okay=False),
    help="COMMAND's mock kernel holds this snapshot; of a capture (nlwire run --record) it gets the answers.",
)
@click.option(
    "--guided/--unguided",
    default=None,
    help="Mutate further what reaches new code (python: targets; needs atheris, which is the extra fuzz).",
)
@click.option(
    "--findings", type=click.Path(file_okay=False), default="findings", show_default=True, help="Where they go."
)
@click.option(
    "--reproduce",
    type=click.Path(exists=True, dir_okay=False),
    help="Try a finding's .pcapng again: what it names is run.",
)
@click.option("--minimise", "smaller", type=click.Path(exists=True, dir_okay=False), help="Make a finding smaller.")
def fuzz(
    target: tuple[str, ...],
    consent: str | None,
    seconds: float | None,
    runs: int | None,
    seed: int | None,
    family: str | None,
    corpus: tuple[str, ...],
    jobs: int,
    allow: tuple[str, ...],
    blind: bool,
    load: str | None,
    guided: bool | None,
    findings: str,
    reproduce: str | None,
    smaller: str | None,
) -> None:
    """Attack TARGET with mutated netlink: nlwire's own readers, a Python callable, any program, the kernel."""
    if reproduce or smaller:
        again(Path(reproduce or smaller or ""), target, allow, smaller=bool(smaller), consent=consent is not None)
        return
    target = meant(target, consent)
    name, command = (target[0], ()) if is_own(target) else (shlex.join(target), target)
    if guided and not available():
        raise click.UsageError("coverage needs atheris: pip install 'nlwire[fuzz]'")
    guided = available() and name.startswith(PYTHON) and not blind if guided is None else guided
    plan = Plan(
        name,
        allow,
        corpus,
        family,
        int(time.time()) if seed is None else seed,
        "blind" if blind else "faults",
        runs,
        60.0 if seconds is None and runs is None else seconds,
        guided=guided,
        command=command,
        load=load,
    )
    finish(plan, campaign(plan, jobs), Path(findings))


def meant(target: tuple[str, ...], consent: str | None) -> tuple[str, ...]:
    """The target there is; the kernel only if it was asked for in so many words."""
    if consent is None and not target:
        raise click.UsageError("what shall be attacked? Name a target.")
    if consent is None and target == (KERNEL,):
        raise click.UsageError(CONSENT)
    if consent is not None and target not in ((), (KERNEL,)):
        raise click.UsageError(f"--target {consent} or {shlex.join(target)}? One target at a time.")
    return target if consent is None else (consent,)


def is_own(target: tuple[str, ...]) -> bool:
    """Whether a target is one in this process; a single word that names no program is meant to be."""
    word = target[0]
    return len(target) == 1 and (word in (*OWN, KERNEL) or word.startswith(PYTHON) or shutil.which(word) is None)


def campaign(plan: Plan, jobs: int) -> Report:
    """Carry a plan out; what cannot be attacked at all is wrong usage."""
    try:
        if not plan.command and plan.target != KERNEL:
            target_of(plan.target, plan.allowed)
        with status(plan.target) as shown:
            return work_together(plan, jobs, shown)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def line(report: Report) -> str:
    """A report in a line."""
    found = len(report.findings)
    return (
        f"{report.runs:,} runs in {report.seconds:.0f} s, {report.rate:,.0f}/s, corpus {report.corpus:,}, "
        f"depth {report.deepest}, {found} finding{'' if found == 1 else 's'}"
    )


@contextmanager
def status(target: str) -> Iterator[Watcher | None]:
    """A line on the terminal that is written anew while the campaign runs; wiped when done."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        yield lambda report: click.echo(f"\r\x1b[K{target}: {line(report)}", nl=False, err=True)
    finally:
        click.echo("\r\x1b[K", nl=False, err=True)


def write_down(plan: Plan, finding: Finding, directory: Path) -> Path:
    """A finding's files; the path of its capture."""
    if isinstance(finding, DuelFinding):
        return save_duel(directory, finding)
    if isinstance(finding, PlayFinding):
        return save_play(directory, program_of(plan), finding)
    return save(directory, plan.target, finding.case, finding.failure)


def finish(plan: Plan, report: Report, directory: Path) -> None:
    """Write the findings and sum up; ends with status 1 where there are any."""
    for finding in sorted(report.findings.values(), key=lambda one: one.run):
        path = write_down(plan, finding, directory)
        words = finding.failure.words.splitlines()[0] if finding.failure.words else ""
        click.echo(
            f"{finding.failure.signature}\n  {words}\n  first after {finding.run:,} runs, {finding.times:,} times; {path}"
        )
    for name, times in sorted(report.asides.items()):
        click.echo(f"{name}: {times:,} times")
    click.echo(f"{plan.target}, seed {plan.seed}: {line(report)}")
    if report.findings:
        raise SystemExit(1)
