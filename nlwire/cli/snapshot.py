"""``nlwire snapshot`` and ``nlwire load``: all that a network namespace holds, into a capture and back.

Knows: options; what is said of objects that could not be had or made.
Never: the order of things (session/).
"""

from collections.abc import Sequence

import click

from nlwire.cli.captures import Broken, Wanted, entries, messages
from nlwire.cli.complaints import Complaint
from nlwire.cli.record import Dumps, until_ended
from nlwire.cli.talk import session, talking
from nlwire.codec.message import Message
from nlwire.codec.text import text_line
from nlwire.errors import DialogError, NetlinkError
from nlwire.session.rebuild import rebuild
from nlwire.session.snapshot import snapshot as take
from nlwire.uapi.netlink import NETLINK

ROOM = 100
"""Characters of a message in a complaint about it."""


@click.command()
@click.argument("target", metavar="OUT", type=click.Path(dir_okay=False))
@click.option("--netns", metavar="NAME|PATH|PID", help="Of this network namespace.")
def snapshot(target: str, netns: str | None) -> None:
    """Dump everything that rtnetlink tells, and generic netlink's families, into OUT (.pcapng).

    In the order in which it can be loaded again (nlwire load); what this kernel does not know is passed over.
    ``nlwire diff`` compares two.
    """
    counts: dict[str, int] = {}
    whole = False
    with until_ended(), Dumps(target, netns) as dumps:

        def if_told(request: Message) -> Sequence[Message]:
            try:
                return dumps.dump(request)
            except (NetlinkError, DialogError, TimeoutError):
                return []

        for name, objects in take(if_told):
            counts[name] = counts.get(name, 0) + len(objects)
        whole = True
    said = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
    click.echo(f"{target}: {said or 'nothing'}{'' if whole else ' (interrupted)'}", err=True)
    if not whole:
        raise SystemExit(1)


@click.command()
@click.argument("source", metavar="SNAPSHOT|-", type=click.Path(allow_dash=True))
@click.option(
    "--stand-in", metavar="KIND", help="Make links that cannot be made, as network cards, of this kind: dummy."
)
@click.option("--dry-run", is_flag=True, help="Send nothing; print the requests.")
@talking
def load(source: str, stand_in: str | None, dry_run: bool, netns: str | None, trace: bool) -> None:
    """Make again, in a fresh network namespace, what SNAPSHOT (of ``nlwire snapshot``) shows.

    Left out is what the kernel makes itself (lo, connected and local routes, link-local addresses, the rules it begins with) and
    what is set otherwise (sysctl). What cannot be made is said; status 1 if something could not.
    """
    found = [message for _, message in messages(entries(source), Wanted(), Broken()) if message is not None]
    plan = rebuild([one for one in found if one.protocol == NETLINK.ROUTE], stand_in=stand_in)
    if not found or not (plan.requests or plan.left_out):
        raise Complaint(source, "holds nothing that could be loaded", "nlwire snapshot makes such files")
    for message, why in plan.left_out:
        click.echo(f"nlwire: left out: {short(message)}: {why}", err=True)
    if dry_run:
        for request in plan.requests:
            click.echo(text_line(request, {}, details=False))
        return
    with session(NETLINK.ROUTE, netns, trace) as nl:
        result = nl.batch(plan.requests)
    for place, error in sorted(result.errors.items()):
        click.echo(f"nlwire: refused: {short(plan.requests[place])}: {error}", err=True)
    done = result.sent - len(result.errors) - len(result.lost)
    click.echo(f"{source}: {done} of {result.sent} requests done", err=True)
    if result.errors or result.lost or plan.left_out:
        raise SystemExit(1)


def short(message: Message) -> str:
    """As much of a message as a line has room for."""
    text = text_line(message, {}, details=False)
    return text if len(text) <= ROOM else text[: ROOM - 1] + "…"
