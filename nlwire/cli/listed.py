"""A command that is known by its name and a line of help until somebody uses it: only then is its module imported.

Knows: where a command stands; what click asks of commands that it only lists.
Never: which commands there are.
"""

from typing import Any

import click

from nlwire.later import imported


class Listed(click.Command):
    """Stands in for a command in help, completion and suggestions; as soon as there are arguments, the command takes over."""

    def __init__(self, name: str, module: str, line: str) -> None:
        """``line`` is the first paragraph of the command's own help."""
        super().__init__(name, help=line)
        self.module = module

    def load(self) -> click.Command:
        """The command itself, which its module has under its name."""
        command = imported(self.module, str(self.name))
        assert isinstance(command, click.Command)
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """The command's own context: what is parsed, completed and invoked is the command."""
        return self.load().make_context(info_name, args, parent, **extra)

    def to_info_dict(self, ctx: click.Context) -> dict[str, Any]:
        """The command's own."""
        return self.load().to_info_dict(ctx)
