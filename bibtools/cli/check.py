"""`bibtools check`: say what is wrong with a bibliography."""

from __future__ import annotations

import click

from bibtools import api, bibfile
from bibtools.check import RULES, Finding
from bibtools.check.output import OUTPUTS
from bibtools.cli import completion, console, editing

__all__ = ["check"]


def _list_rules(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        wide = max(len(each.name) for each in RULES)
        console.data(f"{each.name:<{wide}}  {each.severity:<8} {each.help}\n" for each in RULES)
        ctx.exit(0)


_rules = completion.names(lambda: [each.name for each in RULES])


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
@click.option(
    "--format", "format_", type=click.Choice(list(OUTPUTS)), default="text", help="How to print the findings."
)
@click.option("--fix", is_flag=True, help="Mend what can be mended safely (`bibtools undo` takes it back).")
@click.option("--off", multiple=True, metavar="RULE", shell_complete=_rules, help="Rules to leave out (several: a,b).")
@click.option("--only", multiple=True, metavar="RULE", shell_complete=_rules, help="Only these rules (several: a,b).")
@click.option(
    "--level", type=click.Choice(["error", "warning", "note"]), default="warning", help="Exit 1 from this severity on."
)
@click.option("--no-duplicates", is_flag=True, help="Do not look for duplicates.")
@click.option(
    "--list-rules", is_flag=True, is_eager=True, expose_value=False, callback=_list_rules, help="List the rules."
)
def check(
    files: tuple[str, ...],
    format_: str,
    fix: bool,
    off: tuple[str, ...],
    only: tuple[str, ...],
    level: str,
    no_duplicates: bool,
) -> None:
    """Say what is wrong with a bibliography.

    \b
    Examples:
      bibtools check samples/refs.bib
      bibtools check --format github refs.bib      # annotations in a pull request
      bibtools check --fix refs.bib

    A comment `% bibtools: off RULE` in the file turns a rule off, `% bibtools: off-next RULE` for the next entry.
    Exit status: 0 nothing found, 1 something found, 2 a file could not be read.
    """
    off, only = (tuple(rule for each in given for rule in each.split(",") if rule) for given in (off, only))
    names = {each.name for each in RULES}
    if unknown := [each for each in (*off, *only) if each not in names]:
        raise click.UsageError(f"no rule '{unknown[0]}'; `bibtools check --list-rules` lists them")
    findings: list[Finding] = []
    failed = False
    for path in files:
        try:
            if fix and path != "-":
                mended = api.check_fix(path, off=off, only=only)
                console.err(f"{path}: {mended} mended" if mended else f"{path}: nothing to mend")
            data = api.read_bytes(path)
        except api.InputError as error:
            console.err(f"bibtools: {error}", fg="red")
            failed = True
            continue
        editing.doubt_empty(path, bibfile.parse(data))
        name = "<stdin>" if path == "-" else path
        findings += api.check(data, source=name, off=off, only=only, duplicates=not no_duplicates)
    console.data(console.safe(piece) for piece in OUTPUTS[format_](findings))
    ranks = ("error", "warning", "note")
    counts = {rank: sum(each.severity == rank for each in findings) for rank in ranks}
    console.err(", ".join(f"{count} {rank}{'s' * (count != 1)}" for rank, count in counts.items()))
    if failed:
        raise SystemExit(2)
    if any(counts[rank] for rank in ranks[: ranks.index(level) + 1]):
        raise SystemExit(1)
