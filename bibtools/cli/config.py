"""`bibtools config`: the effective options for a file, and the file that gives them."""

from __future__ import annotations

from pathlib import Path

import click

from bibtools import config as rooms_config
from bibtools.cli import console

__all__ = ["config"]


@click.command()
@click.argument("path", required=False, default=".", type=click.Path())
def config(path: str) -> None:
    """Show the effective options for a file, and where they come from.

    \b
    Example:
      bibtools config samples/refs.bib

    Options are kept in [tool.bibtools] of pyproject.toml or in .bibtools.toml, the nearest upwards from the file.
    """
    try:
        found = rooms_config.load(Path(path))
    except rooms_config.ConfigError as error:
        console.fail(str(error))
    if found.path is None:
        console.err("no configuration file; using defaults")
        return
    lines = [f"# {found.path}\n"]
    lines += [f"{name} = {value!r}\n" for name, value in found.common.items()]
    for command, options in found.commands.items():
        lines += [f"{command}.{name} = {value!r}\n" for name, value in options.items()]
    console.data(console.safe(line) for line in lines)
    for name in _unknown(found):
        console.err(f"{found.path}: unknown option or command table '{name}'", fg="yellow")


def _unknown(found: rooms_config.Config) -> list[str]:
    """Names that mean nothing: probably mistyped."""
    from bibtools.cli import COMMANDS, main

    commands = {name: main.get_command(click.Context(main), name) for name in COMMANDS}
    known = {
        name: {
            long.lstrip("-")
            for each in (command.params if command else ())
            for long in (*each.opts, *each.secondary_opts)
        }
        for name, command in commands.items()
    }
    wrong = [name for name in found.common if not any(name in options for options in known.values())]
    for table, options in found.commands.items():
        if table in known:
            wrong += [f"{table}.{name}" for name in options if name not in known[table]]
        elif table not in main.list_commands(click.Context(main)):
            wrong.append(table)
    return wrong
