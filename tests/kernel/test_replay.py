"""Every kind of conversation, recorded on a running kernel, comes out the same from its recording: here, and for an unprivileged
user in a process that gets no netlink socket.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import nlwire
from nlwire.capture.entry import Event
from nlwire.capture.files import read
from nlwire.endpoint.fault import Fault
from nlwire.endpoint.socket import open_socket
from nlwire.session import Session
from tests.conftest import require_or_skip
from tests.kernel import talks
from tests.kernel.test_snapshot import Namespace

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).parents[2]
NOBODY = 65534


def plain(said: Any) -> Any:
    """As JSON would give it back."""
    return json.loads(json.dumps(said))


@pytest.fixture(scope="module")
def recorded() -> Iterator[tuple[Path, dict[str, Any]]]:
    """A folder that anybody may read, with a recording of each talk, and what was said."""
    if os.geteuid() != 0:
        require_or_skip("a network namespace that another process can enter needs root")
    namespace = Namespace()
    folder = Path(tempfile.mkdtemp(prefix="nlwire-talks-"))
    folder.chmod(0o755)
    said = {}
    try:
        namespace.run("ip link set lo up")
        for name, talk in talks.TALKS.items():
            protocol = talks.protocol_of(name)
            fault = Fault(open_socket(protocol, netns=namespace.child.pid))
            recorder = nlwire.record(fault, folder / f"{name}.pcapng", protocol=protocol)
            with Session(recorder, protocol=protocol, timeout=10) as nl:
                said[name] = plain(talk(nl, fault))
        yield folder, said
    finally:
        namespace.close()
        shutil.rmtree(folder)


def test_there_is_something_in_the_talks(recorded: tuple[Path, dict[str, Any]]) -> None:
    folder, said = recorded
    assert all(said.values())
    assert [one[1] for one in said["changes"] if isinstance(one, list)] == [17, 101, 19, 95]
    assert said["changes"][1]["nlmsg_type"] == "RTM_NEWROUTE"  # the echo
    assert said["changes"][3][2] == "Nexthop has invalid gateway"
    assert len(said["dumps"][1]) == 300
    assert len(said["batches"][1]) == 20
    assert len(said["subscriptions"]) == 10
    assert "interrupted" in said["interruptions"][1][0]
    assert "took the answer with it" in said["overruns"][0]
    assert ["overrun"] in [one[:1] for one in said["overruns"] if isinstance(one, list)]
    assert any(isinstance(one, Event) and one.kind == "overrun" for one in read(folder / "overruns.pcapng"))


@pytest.mark.parametrize("name", talks.TALKS)
def test_replayed_it_says_the_same(recorded: tuple[Path, dict[str, Any]], name: str) -> None:
    folder, said = recorded
    assert plain(talks.replayed(folder / f"{name}.pcapng")) == said[name]


def test_for_nobody_without_netlink_it_says_the_same(recorded: tuple[Path, dict[str, Any]]) -> None:
    """The package is copied to where nobody may read it: a checkout of root's may be closed to others."""
    folder, said = recorded
    if shutil.which("setpriv") is None:
        require_or_skip("setpriv is not installed")
    shutil.copytree(ROOT / "nlwire", folder / "nlwire", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "tests" / "kernel" / "talks.py", folder)
    python = os.path.realpath(sys.executable)
    who = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    clean = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*who, python, str(folder / "talks.py"), str(folder)],
        env=clean,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["uid"], found["socket"]) == (NOBODY, "EAFNOSUPPORT")
    assert found["said"] == said
