"""Options of commands that talk with the kernel, and the session they talk on.

Knows: namespaces and tracing on the command line; NLWIRE_TRACE.
Never: what is said.
"""

import os
import socket
from collections.abc import Callable
from typing import Any, TypeVar

import click

from nlwire.cli.complaints import Complaint
from nlwire.cli.netns import which_netns
from nlwire.endpoint.base import Endpoint
from nlwire.endpoint.socket import open_socket
from nlwire.endpoint.trace import Trace, Traced
from nlwire.session import Session

F = TypeVar("F", bound=Callable[..., Any])
TIMEOUT = 5.0
"""Seconds after which a kernel that does not answer is given up."""
HINT = "nlwire decode reads recorded messages"


def talking(command: F) -> F:
    """The options of a command that talks with the kernel."""
    for option in (
        click.option(
            "--trace", is_flag=True, help="Print every datagram, byte by byte, on stderr (or NLWIRE_TRACE=1)."
        ),
        click.option("--netns", metavar="NAME|PATH|PID", help="In this network namespace."),
    ):
        command = option(command)
    return command


def session(protocol: int, netns: str | None, trace: bool) -> Session:
    """A session as the options ask for it. Raises Complaint."""
    if not hasattr(socket, "AF_NETLINK"):
        raise Complaint("", "this system has no netlink", HINT)
    traced = trace or os.environ.get("NLWIRE_TRACE", "0") not in ("", "0")
    try:
        endpoint: Endpoint = open_socket(protocol, netns=which_netns(netns))
    except OSError as error:
        words = error.strerror or str(error)
        if netns is None:
            raise Complaint("", f"no netlink socket here: {words}", HINT) from None
        raise Complaint(f"network namespace {netns}", words, "ip netns list shows names") from None
    return Session(Trace(endpoint, tell, protocol) if traced else endpoint, protocol=protocol, timeout=TIMEOUT)


def tell(traced: Traced) -> None:
    """One datagram, annotated."""
    click.echo(f"{traced}\n", err=True)
