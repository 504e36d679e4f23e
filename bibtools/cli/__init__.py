"""Words in, words out: the command line, a thin skin over `api`. One file per command, loaded when it is called."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bibtools import __version__, collector

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["main"]

COMMANDS: dict[str, tuple[str, str]] = {  # verb: (module:attribute, one line of help)
    "convert": ("bibtools.cli.convert:convert", "Convert records of any format into a bibliography."),
    "merge": ("bibtools.cli.merge:merge", "Merge records into a .bib; nothing else in it changes."),
    "complete": ("bibtools.cli.complete:complete", "Fill the gaps of a .bib from an index."),
    "dedupe": ("bibtools.cli.dedupe:dedupe", "Find, show and merge the duplicates within a .bib."),
    "match": ("bibtools.cli.match:match", "Show which records are the same work, and why."),
    "keys": ("bibtools.cli.keys:keys", "New citation keys; the documents that cite them follow."),
    "format": ("bibtools.cli.format:format_", "Tidy a .bib by small, safe rules."),
    "set": ("bibtools.cli.set:set_", "Set or remove fields of one entry."),
    "check": ("bibtools.cli.check:check", "Say what is wrong with a bibliography."),
    "verify": ("bibtools.cli.verify:verify", "Say which references are known works, and what differs."),
    "cited": ("bibtools.cli.cited:cited", "Write a .bib of only what a document cites."),
    "index": ("bibtools.cli.index:index", "Build and show the index of known works, asked offline."),
    "lookup": ("bibtools.cli.lookup:lookup", "Look known works up by title, identifier or reference."),
    "online": ("bibtools.cli.online:online", "Show or remove the answers of services that are kept."),
    "preview": ("bibtools.cli.preview:preview", "Show the bibliography as it will print."),
    "undo": ("bibtools.cli.undo:undo", "Take back the last change to a file."),
    "merge-driver": ("bibtools.cli.merge_driver:merge_driver", "Git's merge driver for .bib files."),
    "formats": ("bibtools.cli.formats:formats", "List the formats and what they read and write."),
    "config": ("bibtools.cli.config:config", "Show the effective options and where they come from."),
}


HELP = """\
Usage: bibtools COMMAND [OPTIONS] FILE...  (bibtools merge refs.bib listing.txt)
Commands (bibtools COMMAND --help: examples and options; bibtools --version):
"""


class LazyGroup(click.Group):
    """Knows each command's name and one line of help; imports its module only when it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *sorted({point.name for point in entry_points(group="bibtools.commands")})]

    def lines(self, ctx: click.Context) -> Iterator[tuple[str, str]]:
        """Every command and its line of help; one from outside has to be loaded for that."""
        for name in self.list_commands(ctx):
            if name in COMMANDS:
                yield name, COMMANDS[name][1]
                continue
            try:
                outside = self.get_command(ctx, name)
                yield name, outside.get_short_help_str(200) if outside else ""
            except Exception as error:  # noqa: BLE001 (somebody else's code)
                yield name, f"cannot be loaded: {error}"

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        options = click.Command.shell_complete(self, ctx, incomplete)
        return [
            CompletionItem(name, help=line) for name, line in self.lines(ctx) if name.startswith(incomplete)
        ] + options

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the command, and the configuration for the first file named after it (`config.py` says where)."""
        typed = args[0]
        if not typed.startswith("-") and not ctx.resilient_parsing and self.get_command(ctx, typed) is None:
            from difflib import get_close_matches

            near = get_close_matches(typed, self.list_commands(ctx), 1)
            ctx.fail(f"No such command '{typed}'." + (f" Did you mean '{near[0]}'?" if near else ""))
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and command is not None and name != "config" and not ctx.resilient_parsing:
            ctx.default_map = {name: configured(name, command, rest)}
        return name, command, rest

    def invoke(self, ctx: click.Context) -> object:
        """An interruption is no finding: 130, as shells have it, and not click's 1."""
        from bibtools.cli import console

        try:
            with collector.relaxed(), console.watching():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("\nbibtools: interrupted", err=True)
            raise SystemExit(130) from None

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS:
            module, attribute = COMMANDS[cmd_name][0].split(":")
            command: click.Command = getattr(import_module(module), attribute)
            return command
        for point in entry_points(group="bibtools.commands", name=cmd_name):
            outside: click.Command = point.load()
            return outside
        return None

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One screen of 80 x 24, the prompt included."""
        formatter.write(HELP)
        for name, line in self.lines(ctx):
            formatter.write(f"  {name:<13} {line}\n")


def configured(name: str, command: click.Command, args: list[str]) -> dict[str, object]:
    """The options that the configuration gives a command, by click's parameter names. Raises UsageError on a wrong one."""
    from bibtools import config

    files = [each for each in args if not each.startswith("-") and os.path.exists(each)]  # noqa: PTH110 (Path.exists raises for a name that is too long)
    try:
        found = config.load(Path(files[0] if files else "."))
    except config.ConfigError as error:
        raise click.UsageError(str(error)) from error
    known = {long.lstrip("-"): str(each.name) for each in command.params for long in (*each.opts, *each.secondary_opts)}
    wrong = sorted(found.commands.get(name, {}).keys() - known.keys())
    if wrong:
        raise click.UsageError(f"{found.path}: '{name}' has no option '{wrong[0]}'")
    several = {str(param.name) for param in command.params if isinstance(param, click.Option) and param.multiple}
    given = {known[option]: value for option, value in found.options(name).items() if option in known}
    return {
        option: [value] if option in several and isinstance(value, str) else value for option, value in given.items()
    }


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="bibtools")
def main() -> None:
    """Bring paper records from anywhere into one clean bibliography."""


if "_BIBTOOLS_COMPLETE" in os.environ:
    from bibtools.cli import completion  # noqa: F401 (registers our script for bash)
