"""``python -m bench.profiles``: where the time of the hot paths goes, kept as bench/results/profile-*.txt.

Knows: cProfile. It counts calls of Python functions, of which a block of thousands of messages makes some hundred.
Never: what is done about it; bench/README.md says what the floor is.
"""

import cProfile
import io
import pstats
import time
from collections.abc import Callable
from typing import Any

import nlwire
from bench import streams
from bench.columns import MADE, ROUTE_FIELDS
from bench.history import RESULTS
from nlwire.uapi.rtnetlink import route

LINES = 18


def profiled(work: Callable[[], Any]) -> str:
    """The functions in which most processor time is spent."""
    work()
    profile = cProfile.Profile(time.process_time)
    profile.runcall(work)
    text = io.StringIO()
    pstats.Stats(profile, stream=text).strip_dirs().sort_stats("tottime").print_stats(LINES)
    return text.getvalue()


def main() -> None:
    """Profile each hot path and keep what is found."""
    folder = RESULTS
    folder.mkdir(exist_ok=True)
    for name, make in (("uniform", streams.uniform), ("mixed", streams.mixed), ("adversarial", streams.adversarial)):
        data = b"".join(make(MADE)) * 3
        whole = nlwire.columns(data[: len(data) // 3], route)
        works: dict[str, Callable[[], Any]] = {
            "columns": lambda data=data: nlwire.columns(data, route, ROUTE_FIELDS),  # type: ignore[misc]
            "encode": whole.encode,
        }
        for work, done in works.items():
            (folder / f"profile-{work}-{name}.txt").write_text(profiled(done), encoding="utf-8")
    one_by_one = b"".join(streams.uniform(MADE // 10))
    (folder / "profile-decode-uniform.txt").write_text(profiled(lambda: nlwire.decode(one_by_one)), encoding="utf-8")
    print(f"profiles: {folder}/profile-*.txt")


if __name__ == "__main__":
    main()
