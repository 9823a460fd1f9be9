"""``nlwire diff``: two captures, or snapshots, as the objects they leave.

Knows: tables of captures; what a difference looks like.
Never: file formats.
"""

import json
from collections.abc import Iterator

import click

from nlwire.cli.captures import Broken, Wanted, entries, messages
from nlwire.cli.links import link_names
from nlwire.codec.message import Message
from nlwire.codec.text import text_line
from nlwire.session.lasting import lasting
from nlwire.session.table import Change, Table, message_of
from nlwire.uapi import FAMILIES
from nlwire.uapi.neighbour import neighbour
from nlwire.uapi.netlink import NLM_F
from nlwire.uapi.rtnetlink import AF

FDB = "fdb"
"""Neighbours of AF_BRIDGE: a table of their own."""


@click.command()
@click.argument("old", type=click.Path(allow_dash=True))
@click.argument("new", type=click.Path(allow_dash=True))
@click.option("--family", "families", multiple=True, metavar="NAME", help="Only these (route, link, fdb, …).")
@click.option("--all", "all_", is_flag=True, help="Counters, timers and statistics too.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines.")
@click.pass_context
def diff(ctx: click.Context, old: str, new: str, families: tuple[str, ...], all_: bool, as_json: bool) -> None:
    """What OLD's objects and NEW's have not in common: added (+), removed (-), changed (-, +).

    Each capture is taken as the tables it leaves: notifications change them, dumps fill them. What moves by itself does not count
    without --all: counters, timers, statistics, neighbours still being looked for. Status 1 if something differs.
    """
    for name in families:
        if name != FDB and name not in FAMILIES.families:
            known = ", ".join(sorted([*FAMILIES.families, FDB]))
            raise click.BadParameter(f"{name!r} is none of {known}", param_hint="--family")
    before, after = (tables(source, families, all_) for source in (old, new))
    names: dict[int, str] = {}
    for found in (before, after):
        if "link" in found:
            names.update(link_names(found["link"]))
    different = False
    for name, change in changes(before, after):
        different = True
        if as_json:
            said = {"what": change.what, "family": name, "object": message_of(change).to_dict()}
            if change.what == "change" and change.old is not None:
                said["was"] = change.old.to_dict()
            click.echo(json.dumps(said, ensure_ascii=False))
            continue
        for mark, message in (("-", change.old), ("+", change.new)):
            if message is not None:
                click.echo(f"{mark} {name}: {text_line(message, names, details=all_ or twins(change, names))}")
    if different:
        ctx.exit(1)


def twins(change: Change, names: dict[int, str]) -> bool:
    """Whether old and new differ in what is shown with details alone."""
    if change.old is None or change.new is None:
        return False
    return text_line(change.old, names, details=False) == text_line(change.new, names, details=False)


def changes(before: dict[str, Table], after: dict[str, Table]) -> Iterator[tuple[str, Change]]:
    """(family, change) of all tables."""
    for name in sorted(before.keys() | after.keys()):
        old, new = (found.get(name) or table_of(name) for found in (before, after))
        for change in old.reconcile(new):
            yield name, change


def table_of(name: str) -> Table:
    """An empty table."""
    return Table(neighbour, {"ndm_family": int(AF.BRIDGE)}) if name == FDB else Table(FAMILIES.families[name])


def tables(source: str, families: tuple[str, ...], all_: bool = False) -> dict[str, Table]:
    """The objects a capture leaves, by family; of each what lasts, unless ``all_`` is wanted."""
    made: dict[str, Table] = {}
    for _record, message in messages(entries(source), Wanted(), Broken()):
        if message is None or message.nlmsg_flags & NLM_F.REQUEST:
            continue
        if message.type.verb not in ("new", "delete") and message.family.name != "mdb":
            continue
        name = named(message)
        if families and name not in families:
            continue
        for shown in [message] if all_ else lasting(message):
            made.setdefault(name, table_of(name)).apply(shown)
    return made


def named(message: Message) -> str:
    """The family, or ``fdb``."""
    bridge = message.family is neighbour and message.layout is neighbour.header and message.ndm_family == AF.BRIDGE
    return FDB if bridge else message.family.name
