"""``nlwire fuzz``: mutants at a target until it fails or time is up.

Knows: how a campaign is asked for, shown while it runs, summed up.
Never: how inputs are made.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from nlwire.fuzz.engine import Report, Watcher
from nlwire.fuzz.finding import load, save
from nlwire.fuzz.guided import available
from nlwire.fuzz.jobs import work_together
from nlwire.fuzz.minimise import minimise
from nlwire.fuzz.mutator import Style
from nlwire.fuzz.plan import OWN, PYTHON, Plan, target_of
from nlwire.fuzz.targets import Watch

EPILOG = f"""TARGET is one of {", ".join(OWN)} (nlwire's own), or python:MODULE.FUNCTION, which gets the bytes of a datagram.
Exit status: 0 nothing found, 1 findings, 2 wrong usage."""


@click.command(epilog=EPILOG)
@click.argument("target", required=False)
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
    "--guided/--unguided",
    default=None,
    help="Mutate further what reaches new code (python: targets; needs atheris, which is the extra fuzz).",
)
@click.option(
    "--findings", type=click.Path(file_okay=False), default="findings", show_default=True, help="Where they go."
)
@click.option("--reproduce", type=click.Path(exists=True, dir_okay=False), help="Try a finding's .pcapng again.")
@click.option("--minimise", "smaller", type=click.Path(exists=True, dir_okay=False), help="Make a finding smaller.")
def fuzz(
    target: str | None,
    seconds: float | None,
    runs: int | None,
    seed: int | None,
    family: str | None,
    corpus: tuple[str, ...],
    jobs: int,
    allow: tuple[str, ...],
    blind: bool,
    guided: bool | None,
    findings: str,
    reproduce: str | None,
    smaller: str | None,
) -> None:
    """Attack TARGET with mutated netlink: nlwire's own readers, a Python callable."""
    if reproduce or smaller:
        again(Path(reproduce or smaller or ""), allow, make_smaller=bool(smaller))
        return
    if target is None:
        raise click.UsageError("what shall be attacked? Name a target.")
    seconds = 60.0 if seconds is None and runs is None else seconds
    seed = int(time.time()) if seed is None else seed
    if guided and not available():
        raise click.UsageError("coverage needs atheris: pip install 'nlwire[fuzz]'")
    guided = available() and target.startswith(PYTHON) and not blind if guided is None else guided
    style: Style = "blind" if blind else "faults"
    plan = Plan(target, allow, corpus, family, seed, style, runs, seconds, guided=guided)
    try:
        target_of(target, allow)
        with status(target) as shown:
            report = work_together(plan, jobs, shown)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    finish(plan, report, Path(findings))


def again(path: Path, allow: tuple[str, ...], *, make_smaller: bool) -> None:
    """Try a finding once more, from its file alone."""
    saved = load(path)
    target = target_of(saved.target, allow)
    with Watch() as watch:
        failure = watch.outcome(target, saved.case).failure
    if failure is None:
        click.echo(f"{saved.signature}: not any more")
        return
    if make_smaller:
        with Watch() as watch:
            case = minimise(
                saved.case, lambda one: fails_as(watch.outcome(target, one).failure, failure.signature), 20_000
            )
        path = save(path.parent, saved.target, case, failure)
        click.echo(f"{len(saved.case.data)} bytes -> {len(case.data)} bytes: {path}")
    click.echo(f"{failure.signature}\n{failure.words}")
    raise SystemExit(1)


def fails_as(failure: object, signature: str) -> bool:
    """Whether an input failed in a known way."""
    return getattr(failure, "signature", None) == signature


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


def finish(plan: Plan, report: Report, directory: Path) -> None:
    """Write the findings and sum up; ends with status 1 where there are any."""
    for finding in sorted(report.findings.values(), key=lambda one: one.run):
        path = save(directory, plan.target, finding.case, finding.failure)
        words = finding.failure.words.splitlines()[0] if finding.failure.words else ""
        click.echo(
            f"{finding.failure.signature}\n  {words}\n  first after {finding.run:,} runs, {finding.times:,} times; {path}"
        )
    click.echo(f"{plan.target}, seed {plan.seed}: {line(report)}")
    if report.findings:
        raise SystemExit(1)
