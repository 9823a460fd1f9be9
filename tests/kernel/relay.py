"""A process in a network namespace of its own that sends requests to its kernel and hands the answers back.

One line of JSON in, ``{"protocol": 0, "options": {"11": 1}, "request": "…hex…"}``, one line out: the datagrams received, hex, up
to and with the first NLMSG_ERROR or NLMSG_DONE. Every request has a socket of its own.
"""

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
from typing import Any

SOL_NETLINK = 270
NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK = 10, 11, 12
STARTING = 20.0
"""Seconds for a namespace to be made."""
ANSWERING = 10.0
"""Seconds for an answer: much more than any takes, but an rtnl lock that somebody holds for ever must not hang the tests."""


def answer(protocol: int, options: dict[str, int], request: bytes) -> list[str]:
    """The datagrams that answer ``request``; what came so far when nothing more comes within a second."""
    replies: list[str] = []
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol) as sock:
        sock.bind((0, 0))
        sock.settimeout(1)
        for option, value in options.items():
            sock.setsockopt(SOL_NETLINK, int(option), value)
        sock.send(request)
        with contextlib.suppress(TimeoutError):
            while not replies or not last(bytes.fromhex(replies[-1])):
                replies.append(sock.recv(1 << 17).hex())
    return replies


def last(datagram: bytes) -> bool:
    """Whether an NLMSG_ERROR or NLMSG_DONE is in it."""
    at = 0
    while at + 16 <= len(datagram):
        if int.from_bytes(datagram[at + 4 : at + 6], sys.byteorder) in (2, 3):
            return True
        at += max(int.from_bytes(datagram[at : at + 4], sys.byteorder) + 3 & ~3, 16)
    return False


def serve() -> None:
    """Answer lines until there are no more."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=False)
    print("ready", flush=True)
    for line in sys.stdin:
        print(
            json.dumps(answer(**{**json.loads(line), "request": bytes.fromhex(json.loads(line)["request"])})),
            flush=True,
        )


class Unavailable(Exception):
    """No namespace, or no answer from it; the reason is what a skipped test says."""


class Relay:
    """The other end: ``relay.ask(NETLINK.ROUTE, request)``."""

    def __init__(self) -> None:
        flags = "-n" if os.geteuid() == 0 else "-Urn"
        command = ["unshare", flags, sys.executable, __file__]
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        except OSError as error:
            raise Unavailable(f"unshare: {error}") from None
        said = self._line(STARTING)
        if said != "ready":
            raise Unavailable(f"unshare {flags}: {said or self._complaint()}")

    def ask(
        self, protocol: int, request: bytes, *, cap_ack: bool = False, ext_ack: bool = True, strict: bool = False
    ) -> list[bytes]:
        """The datagrams that answer ``request``. Raises Unavailable when the kernel does not answer."""
        options = {NETLINK_CAP_ACK: int(cap_ack), NETLINK_EXT_ACK: int(ext_ack), NETLINK_GET_STRICT_CHK: int(strict)}
        question: dict[str, Any] = {"protocol": int(protocol), "options": options, "request": request.hex()}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        line = self._line(ANSWERING)
        if not line:
            raise Unavailable(f"the kernel does not answer: {self._complaint()}")
        return [bytes.fromhex(one) for one in json.loads(line)]

    def _line(self, seconds: float) -> str:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        return self.process.stdout.readline().strip() if ready else ""

    def _complaint(self) -> str:
        if self.process.poll() is None:
            return f"process {self.process.pid} hangs (somebody may hold the rtnl lock for ever)"
        assert self.process.stderr is not None
        return self.process.stderr.read().strip()

    def close(self) -> None:
        """End the process; one that hangs inside the kernel cannot be ended, and is left there."""
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        self.process.kill()
        try:
            self.process.wait(1)
        except subprocess.TimeoutExpired:
            self.process.returncode = -9  # else Popen's destructor warns of what nobody can change


if __name__ == "__main__":
    serve()
