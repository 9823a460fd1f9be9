"""Several processes at one plan: each with its own chance, one shared corpus, one account of it all.

Knows: processes.
Never: the terminal.
"""

import multiprocessing
import queue
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nlwire.errors import NlwireError
from nlwire.fuzz.engine import OFTEN, Finding, Report
from nlwire.fuzz.plan import Plan, carry_out


@dataclass
class Total(Report):
    """The reports of all workers as one."""

    parts: dict[int, Report] = field(default_factory=dict)

    def add(self, worker: int, report: Report) -> None:
        """Take a worker's newest report."""
        self.parts[worker] = report
        self.runs = sum(one.runs for one in self.parts.values())
        self.seconds = max(one.seconds for one in self.parts.values())
        self.corpus = max(one.corpus for one in self.parts.values())
        self.deepest = max(one.deepest for one in self.parts.values())
        self.asides = sum((one.asides for one in self.parts.values()), Counter())
        merged: dict[str, Finding] = {}
        for one in self.parts.values():
            for signature, finding in one.findings.items():
                known = merged.get(signature)
                times = finding.times + (known.times if known else 0)
                first = finding if known is None or finding.run < known.run else known
                merged[signature] = replace(first, times=times)
        self.findings = merged


def work(plan: Plan, worker: int, accounts: Any) -> None:
    """What a worker process does: its part of the plan, telling of it now and then."""
    last = 0.0

    def tell(report: Report) -> None:
        nonlocal last
        if report.seconds - last >= OFTEN:
            last = report.seconds
            accounts.put((worker, report))

    def finish(report: Report) -> None:
        accounts.put((worker, report))
        accounts.close()
        accounts.join_thread()

    try:
        accounts.put((worker, carry_out(plan, worker, tell, finish)))
    except (ValueError, OSError, NlwireError) as error:
        accounts.put((worker, error))
    except KeyboardInterrupt:
        pass


def work_together(plan: Plan, jobs: int, watcher: Callable[[Report], None] | None = None) -> Report:
    """Carry out a plan with ``jobs`` processes (one, unless guided: this one); its runs are shared out.

    Raises what carry_out() does.
    """
    if jobs == 1 and not plan.guided:
        return carry_out(plan, 0, watcher)
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="nlwire-fuzz-") as directory:
        part = replace(
            plan,
            shared=plan.shared or str(Path(directory)),
            runs=None if plan.runs is None else -(-plan.runs // jobs),
        )
        accounts = context.Queue()
        workers = [context.Process(target=work, args=(part, number, accounts), daemon=True) for number in range(jobs)]
        for one in workers:
            one.start()
        try:
            return gather(workers, accounts, watcher)
        finally:
            for one in workers:
                one.terminate()
                one.join()


def gather(workers: list[Any], accounts: Any, watcher: Callable[[Report], None] | None) -> Report:
    """Add up what the workers tell until all have ended."""
    total = Total()
    while True:
        running = any(one.is_alive() for one in workers)
        try:
            worker, told = accounts.get(timeout=OFTEN)
        except queue.Empty:
            if running:
                continue
            return total
        if isinstance(told, Exception):
            raise told
        total.add(worker, told)
        if watcher is not None:
            watcher(total)
