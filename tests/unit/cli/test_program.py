"""The commands by name: help, suggestions and completion without them, and what a command brings with it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from nlwire.cli import main
from nlwire.cli.listed import Listed

ROOT = Path(__file__).parents[3]
LISTED = [one for one in main.commands.values() if isinstance(one, Listed)]
PROBE = """
import json, sys
from nlwire.cli import main
try:
    main(json.loads(sys.argv[1]), "nlwire")
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
LIST_ALONE = {
    "nlwire",
    "nlwire.cli",
    "nlwire.cli.complaints",
    "nlwire.cli.listed",
    "nlwire.cli.program",
    "nlwire.errors",
    "nlwire.later",
    "nlwire.printable",
}
"""All of nlwire that is needed to say which commands there are."""


def loaded(*arguments: str, **environment: str) -> tuple[str, list[str]]:
    """What ``nlwire`` prints, and what it has imported in the end."""
    ran = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(arguments)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    *said, modules = ran.stderr.splitlines()
    return ran.stdout + "\n".join(said), json.loads(modules)


def of_nlwire(modules: list[str]) -> set[str]:
    return {one for one in modules if one.partition(".")[0] == "nlwire"}


def test_all_commands_are_listed() -> None:
    assert [one.name for one in LISTED] == list(main.commands)
    assert {"decode", "fuzz", "load", "run"} <= main.commands.keys()


@pytest.mark.parametrize("listed", LISTED, ids=lambda one: one.name)
def test_a_command_says_of_itself_what_the_list_says(listed: Listed) -> None:
    command = listed.load()
    assert command.name == listed.name
    assert command.help is not None
    assert command.help.partition("\n\n")[0].replace("\n", " ") == listed.help
    assert (command.short_help, command.hidden, command.deprecated) == (None, False, False)
    assert listed.module.startswith("nlwire.cli.")


@pytest.mark.parametrize("width", [40, 80, 132])
def test_help_is_the_same_as_that_of_a_group_that_has_its_commands(width: int) -> None:
    commands = {str(one.name): one.load() for one in LISTED}
    settings: dict[str, Any] = {"context_settings": main.context_settings, "epilog": main.epilog, "help": main.help}
    whole = click.Group(main.name, commands, params=main.params, **settings)
    runner = CliRunner(env={"COLUMNS": str(width)})
    lazy, eager = (runner.invoke(one, ["--help"], prog_name="nlwire").output for one in (main, whole))
    assert lazy == eager
    assert all(f"\n  {name} " in lazy for name in main.commands)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--help"], "Run COMMAND with its netlink sockets"),
        (["--version"], "nlwire, version"),
        ([], "Usage: nlwire"),
        (["rn"], "Error: No such command 'rn'. Did you mean 'run'?"),
        (["--nothing"], "Error: No such option '--nothing'."),
    ],
)
def test_no_command_is_loaded_to_tell_which_there_are(arguments: list[str], words: str) -> None:
    said, modules = loaded(*arguments)
    assert words in said
    assert of_nlwire(modules) <= LIST_ALONE


def test_completing_a_commands_name_loads_none() -> None:
    said, modules = loaded(_NLWIRE_COMPLETE="bash_complete", COMP_WORDS="nlwire d", COMP_CWORD="1")
    assert said.split() == ["plain,decode", "plain,demo", "plain,diff", "plain,dump"]
    assert of_nlwire(modules) <= LIST_ALONE


def test_what_a_command_is_not_about_is_not_loaded() -> None:
    said, modules = loaded("run", "--", "true")
    assert said == ""
    assert {"nlwire.kernel", "nlwire.supervise"} <= of_nlwire(modules)
    others = (
        "asyncio",
        "construct",
        "hypothesis",
        "numpy",
        "rich",
        "nlwire.capture",
        "nlwire.codec.text",
        "nlwire.fuzz",
    )
    assert [one for one in modules if one.startswith(others)] == []
    asleep, modules = loaded("decode", "/dev/null")
    assert asleep == "nlwire: /dev/null: is empty"
    assert [
        one for one in modules if one.startswith(("asyncio", "nlwire.fuzz", "nlwire.kernel", "nlwire.session", "rich"))
    ] == []


def test_a_listed_command_tells_of_itself_as_the_command_does() -> None:
    listed = LISTED[0]
    command = listed.load()
    told = [one.to_info_dict(click.Context(command, info_name=command.name)) for one in (listed, command)]
    assert told[0] == told[1]
    assert len(told[0]["params"]) > 5
