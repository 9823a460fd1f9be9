"""A program in a network namespace of its own, natively and supervised: ``python -m nlwire run`` beside nothing."""

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

UNSHARE = ["unshare", "-n" if os.geteuid() == 0 else "-Urn"]
SETUP = "ip link set lo up"
NLWIRE = [sys.executable, "-m", "nlwire", "run"]
PATIENCE = 60


def sh(script: str) -> list[str]:
    """A shell's command line."""
    return ["sh", "-c", script]


def in_namespace(command: Sequence[str], *, setup: str = SETUP, **options: Any) -> "subprocess.CompletedProcess[str]":
    """Run a command in a fresh namespace after ``setup``."""
    env = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin", "LC_ALL": "C"}
    words = [*UNSHARE, *sh(f'{setup}; exec "$@"'), "sh", *command]
    return subprocess.run(words, check=False, capture_output=True, text=True, timeout=PATIENCE, env=env, **options)


def nlwire_run(*words: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    """``nlwire run`` outside any namespace."""
    env = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin", "LC_ALL": "C"}
    return subprocess.run(
        [*NLWIRE, *words], check=False, capture_output=True, text=True, timeout=PATIENCE, env=env, **options
    )
