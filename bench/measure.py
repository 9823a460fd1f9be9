"""How things are measured: medians of several rounds in this process, peaks and imports in processes of their own.

Knows: clocks, child processes.
Never: what is measured.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

ROUNDS = 7


def median_us(work: Callable[[], object], count: int, rounds: int = ROUNDS) -> float:
    """Microseconds of processor time per item of ``work``, which handles ``count`` items: the median, after one round to warm up."""
    work()
    times = []
    for _ in range(rounds):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return statistics.median(times) / count * 1e6


def child(code: str) -> float:
    """The number that a fresh interpreter prints when it runs ``code``."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)


def import_ms(module: str, rounds: int = ROUNDS) -> float:
    """Milliseconds of processor time that ``import module`` takes in a fresh interpreter, the interpreter's own start left out."""
    code = f"import time; a = time.process_time(); import {module}; print((time.process_time() - a) * 1e3)"
    return statistics.median(child(code) for _ in range(rounds))
