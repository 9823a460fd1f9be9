"""Write docs/wrong-requests.md: ``python -m tests.kernel.wrong``, as root.

Asks every wrong request of the table with nlwire, with ip(8) and with pyroute2, in a network namespace, and notes what each says.

Knows: how the three are asked, the form of the page.
Never: what ought to be said.
"""

import os
import platform
import subprocess
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from pyroute2 import IPRoute

from nlwire.errors import NlwireError
from nlwire.session import Session
from tests.kernel.wrong.entry import Wrong
from tests.kernel.wrong.world import NOBODY, TABLE, make, rights

PAGE = Path(__file__).parents[3] / "docs" / "wrong-requests.md"
HEAD = """# What is said of wrong requests

{count} requests, each wrong in one way, and what one is told: by nlwire (`str(error)`), by `ip` on stderr, by pyroute2's exception.
An empty cell: there is no such command, or no such call. Written by `python -m tests.kernel.wrong` on Linux {release} with {ip}
and pyroute2 {pyroute2}; `tests/kernel/test_wrong_requests.py` asks all of them again.
"""


def by_nlwire(wrong: Wrong) -> str:
    """What our error says."""
    with Session(timeout=10) as nl, rights(wrong.unprivileged):
        return said(lambda: wrong.ask(nl), str)


def by_ip(wrong: Wrong) -> str:
    """What ip(8) prints."""
    if wrong.ip is None:
        return ""
    who = {"user": NOBODY, "group": NOBODY} if wrong.unprivileged else {}
    done = subprocess.run(["ip", *wrong.ip.split()], capture_output=True, text=True, check=False, timeout=10, **who)  # type: ignore[call-overload]
    words = [line for line in done.stderr.splitlines() if line and not line.startswith(("Usage", " "))]
    return " / ".join(words) if done.returncode else "(nothing; it succeeds)"


def by_pyroute2(wrong: Wrong) -> str:
    """What pyroute2 raises."""
    if wrong.peer is None:
        return ""
    ask = wrong.peer
    with IPRoute() as ip, rights(wrong.unprivileged), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return said(lambda: ask(ip), lambda error: f"{type(error).__name__}: {error}")


def said(ask: Callable[[], object], words: Callable[[Exception], str]) -> str:
    """The words of what ``ask`` raises."""
    try:
        ask()
    except Exception as error:  # noqa: BLE001 (whatever it is, it is what users see)
        return words(error)
    return "(nothing; it succeeds)"


def cell(text: str) -> str:
    """A cell of a Markdown table."""
    return f"`{text}`".replace("|", "\\|") if text else ""


def page() -> str:
    """The whole page."""
    tool = subprocess.run(["ip", "-V"], capture_output=True, text=True, check=True).stdout.split(",")[1].strip()
    count = sum(map(len, TABLE.values()))
    text = [HEAD.format(count=count, release=platform.release(), ip=tool, pyroute2=version("pyroute2"))]
    for title, rows in TABLE.items():
        text += [f"## {title}", "", "| request | nlwire | ip | pyroute2 |", "|---|---|---|---|"]
        for one in rows:
            cells = [one.what, *(cell(by(one)) for by in (by_nlwire, by_ip, by_pyroute2))]
            text.append(f"| {' | '.join(cells)} |")
        text.append("")
    return "\n".join(text)


def main() -> int:
    """Go into a new network namespace, make what is needed there, write the page."""
    if "--inside" not in sys.argv:
        command = ["unshare", "-n", sys.executable, "-m", "tests.kernel.wrong", "--inside"]
        return subprocess.run(command, check=False).returncode
    with Session(timeout=10) as nl:
        make(nl)
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("only root may try what it takes root to do")
    try:
        sys.exit(main())
    except NlwireError as error:
        sys.exit(str(error))
