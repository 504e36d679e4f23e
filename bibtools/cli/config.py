"""`bibtools config`: which options hold for a file, and where they come from."""

from __future__ import annotations

from pathlib import Path

import click

from bibtools import config as rooms_config
from bibtools.cli import console

__all__ = ["config"]


@click.command()
@click.argument("path", required=False, default=".", type=click.Path())
def config(path: str) -> None:
    """Show which options hold for a file, and where they come from.

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
        console.err("no configuration: built-in defaults hold")
        return
    lines = [f"# {found.path}\n"]
    lines += [f"{name} = {value!r}\n" for name, value in found.common.items()]
    for command, options in found.commands.items():
        lines += [f"{command}.{name} = {value!r}\n" for name, value in options.items()]
    console.data(console.safe(line) for line in lines)
