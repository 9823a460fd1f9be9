"""The one recorder: plays chapters and keeps what was said.

Three ears: programs are overheard (overhear.py), requests built by hand are asked on sockets of our own, and a listener joined
to every group hears the notifications. Whatever has a shape nobody had before becomes a sample of its case.

A message of the same shape for the same step keeps the bytes it already has in the fixture file, so that running the
recorder again changes a fixture only where the kernel says something else, not where a clock or a counter moved.

Knows: how steps are carried out, which messages are kept.
Never: what a message means.
"""

import os
import platform
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tools.capture import fixture, netlink
from tools.capture.fixture import Fixture, Sample
from tools.capture.netlink import split
from tools.capture.netns import Apart, insist_apart
from tools.capture.overhear import overhear
from tools.capture.scenarios.script import Ask, Case, Chapter, Do, commands
from tools.capture.shape import shape

QUIET = 0.03
"""Seconds after a case in which announcements still belong to it."""


class Stage:
    """A chapter's namespaces and the listener in them; carries out steps and gives every message it hears."""

    def __init__(self, apart: Apart, hears: int = 0) -> None:
        self.apart = apart
        self.hears = hears
        self.listener = netlink.open_listener(hears)
        self.release = platform.release().partition("-")[0]
        self.refused: list[str] = []
        self.keep: list[IO[bytes] | socket.socket] = []

    def setup(self, script: str) -> None:
        """Carry out the lines of a script, record nothing."""
        for line in commands(script):
            self.quietly(line.removeprefix("@ "))
        time.sleep(QUIET)
        self.forget()

    def play(self, case: Case) -> Iterator[Sample]:
        """Everything a case says and hears, in order."""
        for step in case.steps:
            if isinstance(step, str):
                for line in commands(step):
                    yield from self.command(line)
            elif isinstance(step, Ask):
                yield from self.ask(step)
            else:
                yield from self.do(step)
        time.sleep(QUIET)
        yield from self.announced("later")

    def command(self, line: str) -> Iterator[Sample]:
        """One line of a script."""
        mark, _space, rest = line.partition(" ")
        if mark in ("@", "peer", "sysctl", "wait"):
            self.quietly(line.removeprefix("@ "))
            if mark != "@":
                yield from self.announced(line)
            return
        shown = rest if mark == "-" else line
        insist_apart()
        heard = overhear(self.words(shown))
        if heard.returncode != 0 and mark != "-":
            self.refused.append(f"{shown}: {first_line(heard.stderr)}")
        for datagram in heard.datagrams:
            for message in split(datagram.protocol, datagram.data):
                yield Sample(message, datagram.direction, self.release, shown)
        yield from self.announced(shown)

    def ask(self, ask: Ask) -> Iterator[Sample]:
        """One request built by hand."""
        insist_apart()
        with netlink.open_socket(ask.protocol, *ask.options) as sock:
            datagrams = netlink.transact(sock, ask.request)
        for message in split(ask.protocol, ask.request):
            yield Sample(message, "request", self.release, ask.why)
        for datagram in datagrams:
            for message in split(ask.protocol, datagram):
                yield Sample(message, "reply", self.release, ask.why)
        yield from self.announced(ask.why)

    def do(self, do: Do) -> Iterator[Sample]:
        """Something no command does, what was said in it, and the requests it leaves to be asked."""
        insist_apart()
        try:
            left = do.action(self) or []
        except OSError as error:
            self.refused.append(f"{do.why}: {error}")
            return
        for one in left:
            if isinstance(one, Ask):
                yield from self.ask(one)
            else:
                for message in split(one.protocol, one.datagram):
                    yield Sample(message, one.direction, self.release, one.why)
        yield from self.announced(do.why)

    def announced(self, why: str) -> Iterator[Sample]:
        """The notifications that came since the last time."""
        for datagram, group in netlink.drain_groups(self.listener):
            for message in split(self.hears, datagram):
                yield Sample(message, "notification", self.release, why, group)

    def close(self) -> None:
        """The chapter is over."""
        for kept in (*self.keep, self.listener):
            kept.close()

    def forget(self) -> None:
        """Drop the notifications that wait."""
        for _datagram in netlink.drain(self.listener):
            pass

    def quietly(self, line: str) -> None:
        """A line that is not recorded: a command, ``peer`` command, ``sysctl`` or ``wait``."""
        insist_apart()
        mark, _space, rest = line.partition(" ")
        if mark == "wait":
            time.sleep(float(rest))
        elif mark == "sysctl":
            self.sysctl(rest)
        else:
            in_peer = mark == "peer"
            before_exec = self.apart.enter_peer if in_peer else None
            words = self.words(rest if in_peer else line)
            done = subprocess.run(words, check=False, preexec_fn=before_exec, capture_output=True, text=True)
            if done.returncode != 0:
                self.refused.append(f"{line}: {first_line(done.stderr)}")

    def sysctl(self, assignment: str) -> None:
        """``net/ipv4/ip_forward=1``."""
        name, _equals, value = assignment.partition("=")
        try:
            Path("/proc/sys", name).write_text(value)
        except OSError as error:
            self.refused.append(f"sysctl {assignment}: {error.strerror}")

    def send_to(self, address: str, count: int = 1) -> None:
        """Datagrams to an address, so that the kernel has something to resolve, queue and count."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for _ in range(count):
                sock.sendto(b"hello", (address, 9))

    def words(self, line: str) -> list[str]:
        """The argument vector of a command; PEER stands for the process that holds the second namespace."""
        return [str(self.apart.peer_pid) if word == "PEER" else word for word in shlex.split(line)]


class Recorder:
    """Plays chapters one after another; remembers the shapes that were there and the bytes that fixtures already have."""

    def __init__(self, root: Path, fresh: bool = False) -> None:
        self.root = root
        self.fresh = fresh
        self.seen: set[str] = set()
        self.refused: list[str] = []

    def record(self, chapter: Chapter) -> Iterator[Fixture]:
        """Play a chapter in namespaces of its own; its cases as they are done."""
        with Apart() as apart:
            stage = Stage(apart, chapter.hears)
            stage.setup(chapter.setup)
            for case in chapter.cases:
                made = Fixture(chapter.family, case.name, case.about, sys.byteorder)
                made.samples = self.settle(made, self.new(stage.play(case)))
                yield made
            self.refused += [f"{chapter.family}: {line}" for line in stage.refused]
            stage.close()

    def new(self, samples: Iterator[Sample]) -> Iterator[Sample]:
        """The samples whose shape nobody had."""
        for sample in samples:
            key = shape(sample.message)
            if key not in self.seen:
                self.seen.add(key)
                yield sample

    def settle(self, made: Fixture, samples: Iterator[Sample]) -> list[Sample]:
        """The samples, each with the bytes that its fixture file already has for its step and shape."""
        path = made.path(self.root)
        old = fixture.read(path) if path.exists() and not self.fresh else made
        made.expected = old.expected
        kept = {identity(sample): sample for sample in old.samples}
        return [kept.get(identity(sample), sample) for sample in samples]


def identity(sample: Sample) -> tuple[str, str, str]:
    """What makes two samples of one case the same sample; announcements come when they come."""
    why = "" if sample.direction == "notification" else sample.command
    return sample.direction, why, shape(sample.message)


def first_line(text: str) -> str:
    """What a command says first about why it failed."""
    return (text.strip() or "no reason given").splitlines()[0]


def size_of(root: Path) -> int:
    """Bytes in the fixture files below ``root``."""
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file() and os.access(path, os.R_OK))
