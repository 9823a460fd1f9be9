"""The command group: what ``nlwire`` can do, and how every command ends when it cannot.

Knows: the commands; that bad input ends with one line and status 1, wrong usage with status 2.
Never: what a command does.
"""

from typing import Any

import click

from nlwire import __version__
from nlwire.cli.capture import convert
from nlwire.cli.complaints import Complaint
from nlwire.cli.decode import decode
from nlwire.cli.demo import demo
from nlwire.cli.diff import diff
from nlwire.cli.dump import dump
from nlwire.cli.explain import explain
from nlwire.cli.fuzz import fuzz
from nlwire.cli.inputs import BadInput
from nlwire.cli.monitor import monitor
from nlwire.cli.record import record
from nlwire.cli.run import run
from nlwire.cli.send import send
from nlwire.cli.snapshot import load, snapshot
from nlwire.cli.stats import stats
from nlwire.cli.top import top
from nlwire.errors import NlwireError

EPILOG = """Shell completion: eval "$(_NLWIRE_COMPLETE=bash_source nlwire)", or zsh_source, fish_source."""


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


@click.group(cls=Program, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nlwire")
def main() -> None:
    """Netlink messages: decoded, explained byte by byte, asked of the kernel."""


main.add_command(decode)
main.add_command(explain)
main.add_command(dump)
main.add_command(demo)
main.add_command(monitor)
main.add_command(top)
main.add_command(send)
main.add_command(convert)
main.add_command(stats)
main.add_command(diff)
main.add_command(fuzz)
main.add_command(record)
main.add_command(snapshot)
main.add_command(load)
main.add_command(run)
