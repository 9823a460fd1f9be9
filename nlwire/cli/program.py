"""The command group: what ``nlwire`` can do, and how every command ends when it cannot.

Knows: the commands by name; that bad input ends with one line and status 1, wrong usage with status 2.
Never: what a command does; a command's module before that command is used.
"""

from typing import Any

import click

from nlwire import __version__
from nlwire.cli.complaints import BadInput, Complaint
from nlwire.cli.listed import Listed
from nlwire.errors import NlwireError

EPILOG = """Shell completion: eval "$(_NLWIRE_COMPLETE=bash_source nlwire)", or zsh_source, fish_source."""

COMMANDS = {
    "decode": (
        "nlwire.cli.decode",
        "Print the messages in FILE: a capture (pcap, pcapng, rtmon), raw bytes, hex, a hex dump, strace output or a C array.",
    ),
    "explain": (
        "nlwire.cli.explain",
        "Show every byte of the messages in FILE, or of HEX itself: offset, field or attribute, value.",
    ),
    "dump": (
        "nlwire.cli.dump",
        "Print all objects of one sort that the running kernel has; no root needed.",
    ),
    "demo": (
        "nlwire.cli.demo",
        "Dump this machine's links, addresses, routes and rules, explain one route, build all again byte for byte.",
    ),
    "monitor": (
        "nlwire.cli.monitor",
        "Print what changes until Ctrl-C; no root needed. Lost events are told on stderr.",
    ),
    "top": (
        "nlwire.cli.top",
        "Count what changes, by family and type, until Ctrl-C; no root needed. GROUP is as for nlwire monitor.",
    ),
    "send": (
        "nlwire.cli.send",
        "Send requests and print what the kernel answers.",
    ),
    "convert": (
        "nlwire.cli.capture",
        "Write FROM, in any format nlwire reads, as TO; the format is by name.",
    ),
    "stats": (
        "nlwire.cli.stats",
        "Count the messages of FILE: per family and type, by size, and how many a second over time.",
    ),
    "diff": (
        "nlwire.cli.diff",
        "What OLD's objects and NEW's have not in common: added (+), removed (-), changed (-, +).",
    ),
    "fuzz": (
        "nlwire.cli.fuzz",
        "Attack TARGET with mutated netlink: nlwire's own readers, a Python callable, any program, the kernel.",
    ),
    "record": (
        "nlwire.cli.record",
        "Record into OUT (.pcapng, .pcap): dumps of each WHAT, or, without any, what multicast groups are told, until Ctrl-C.",
    ),
    "snapshot": (
        "nlwire.cli.snapshot",
        "Dump everything that rtnetlink tells, and generic netlink's families, into OUT (.pcapng).",
    ),
    "load": (
        "nlwire.cli.snapshot",
        "Make again, in a fresh network namespace, what SNAPSHOT (of ``nlwire snapshot``) shows.",
    ),
    "run": (
        "nlwire.cli.run",
        "Run COMMAND with its netlink sockets on a mock kernel, on a recording, or on the real kernel.",
    ),
}
"""Every command: the module that has it, imported when it is used, and how its own help begins."""


class Program(click.Group):
    """A group whose commands complain instead of failing with a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BadInput as error:
            raise Complaint(error.where, error.reason, error.hint) from None
        except NlwireError as error:
            raise Complaint("", str(error)) from None
        except BrokenPipeError:
            raise  # click ends quietly
        except OSError as error:
            raise Complaint(error.filename or "", error.strerror or str(error)) from None


@click.group(
    cls=Program,
    commands={name: Listed(name, *told) for name, told in COMMANDS.items()},
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="nlwire")
def main() -> None:
    """Netlink messages: decoded, explained byte by byte, asked of the kernel."""
