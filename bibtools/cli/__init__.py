"""Words in, words out: the command line, a thin skin over `api`. One file per command, loaded when it is called."""

from __future__ import annotations

import gc
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

import click

from bibtools import __version__

__all__ = ["main"]

COMMANDS: dict[str, tuple[str, str]] = {  # verb: (module:attribute, one line of help)
    "convert": ("bibtools.cli.convert:convert", "Convert records of any format into a bibliography."),
    "merge": ("bibtools.cli.merge:merge", "Merge records into a .bib without disturbing what stands there."),
    "dedupe": ("bibtools.cli.dedupe:dedupe", "Find, show and merge the duplicates within a .bib."),
    "match": ("bibtools.cli.match:match", "Show which records are the same work, and why."),
    "keys": ("bibtools.cli.keys:keys", "Give entries new citation keys; the documents that cite them follow."),
    "format": ("bibtools.cli.format:format_", "Tidy a .bib by small, safe rules."),
    "set": ("bibtools.cli.set:set_", "Set or remove fields of one entry."),
    "check": ("bibtools.cli.check:check", "Say what is wrong with a bibliography."),
    "cited": ("bibtools.cli.cited:cited", "Write a .bib of only what a document cites."),
    "preview": ("bibtools.cli.preview:preview", "Show the bibliography as it will print."),
    "undo": ("bibtools.cli.undo:undo", "Take back the last change to a file."),
    "merge-driver": ("bibtools.cli.merge_driver:merge_driver", "Git's merge driver for .bib files."),
    "formats": ("bibtools.cli.formats:formats", "List the formats and what they read and write."),
    "config": ("bibtools.cli.config:config", "Show which options hold and where they come from."),
}


class LazyGroup(click.Group):
    """Knows each command's name and one line of help; imports its module only when it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *sorted(point.name for point in entry_points(group="bibtools.commands"))]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the command, and the configuration for the first file named after it (`config.py` says where)."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and command is not None and name != "config":
            ctx.default_map = {name: configured(name, command, rest)}
        return name, command, rest

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS:
            module, attribute = COMMANDS[cmd_name][0].split(":")
            command: click.Command = getattr(import_module(module), attribute)
            return command
        for point in entry_points(group="bibtools.commands", name=cmd_name):
            outside: click.Command = point.load()
            return outside
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, line) for name, (_, line) in COMMANDS.items()]
        rows += [
            (p.name, f"From {p.dist.name if p.dist else 'a plugin'}.") for p in entry_points(group="bibtools.commands")
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def configured(name: str, command: click.Command, args: list[str]) -> dict[str, object]:
    """The options that the configuration gives a command, by click's parameter names. Raises UsageError on a wrong one."""
    from bibtools import config

    files = [each for each in args if not each.startswith("-") and Path(each).exists()]
    try:
        found = config.load(Path(files[0] if files else "."))
    except config.ConfigError as error:
        raise click.UsageError(str(error)) from error
    known = {long.lstrip("-"): str(each.name) for each in command.params for long in (*each.opts, *each.secondary_opts)}
    wrong = sorted(found.commands.get(name, {}).keys() - known.keys())
    if wrong:
        raise click.UsageError(f"{found.path}: '{name}' has no option '{wrong[0]}'")
    return {known[option]: value for option, value in found.options(name).items() if option in known}


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="bibtools")
def main() -> None:
    """Bring paper records from anywhere into one clean bibliography."""
    # A command makes millions of small objects that live until it ends: looking for garbage among them costs a third of the time.
    gc.freeze()
    gc.set_threshold(500_000, 50, 100)
