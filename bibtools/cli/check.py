"""`bibtools check`: say what is wrong with a bibliography."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from bibtools import api, bibfile
from bibtools.check import RULES, Finding
from bibtools.check.output import OUTPUTS
from bibtools.cli import completion, console, editing
from bibtools.cli.options import FileListCommand, companion_option, companions_of

__all__ = ["check"]


def _list_rules(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        wide = max(len(rule.name) for rule in RULES)
        console.data(f"{rule.name:<{wide}}  {rule.severity:<8} {rule.help}\n" for rule in RULES)
        ctx.exit(0)


_rules = completion.names(lambda: [rule.name for rule in RULES])


@click.command(cls=FileListCommand)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
@click.option(
    "--format", "format_", type=click.Choice(list(OUTPUTS)), default="text", help="How to print the findings."
)
@click.option("--fix", is_flag=True, help="Fix what can be fixed safely (`bibtools undo` takes it back).")
@click.option("--off", multiple=True, metavar="RULE", shell_complete=_rules, help="Rules to leave out (several: a,b).")
@click.option("--only", multiple=True, metavar="RULE", shell_complete=_rules, help="Only these rules (several: a,b).")
@click.option(
    "--level", type=click.Choice(["error", "warning", "note"]), default="warning", help="Exit 1 from this severity on."
)
@companion_option
@click.option("--together", is_flag=True, help="Read the files as one bibliography: no key and no work twice in them.")
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
    with_: tuple[str, ...],
    together: bool,
    no_duplicates: bool,
) -> None:
    """Say what is wrong with a bibliography.

    \b
    Examples:
      bibtools check samples/refs.bib
      bibtools check --format github refs.bib      # annotations in a pull request
      bibtools check --fix refs.bib
      bibtools check refs.bib --with strings.bib crossrefs.bib

    A macro or a crossref parent may be in any of the FILEs. A comment `% bibtools: off RULE`
    in the file turns a rule off, `% bibtools: off-next RULE` for the next entry. Whether the works exist, and are cited right,
    is for `bibtools verify` to say.
    Exit status: 0 nothing found, 1 something found, 2 a file could not be read.
    """
    off, only = (tuple(rule for names in given for rule in names.split(",") if rule) for given in (off, only))
    known = [rule.name for rule in RULES]
    if unknown := [name for name in (*off, *only) if name not in known]:
        near = console.nearest(unknown[0], known)
        raise click.UsageError(f"no rule '{unknown[0]}'{near}; `bibtools check --list-rules` lists them")
    companions = companions_of(with_, files)
    documents, failures = _read(files, companions)
    if fix:
        for document in documents:
            if document.source != STDIN:
                fixed = api.check_fix(document.source, off=off, only=only, companions=document.companions)
                taken_back = f" (`bibtools undo {document.source}` takes it back)"
                console.err(
                    f"{document.source}: {fixed} fixed{taken_back}" if fixed else f"{document.source}: nothing to fix"
                )
        documents, failures = _read(files, companions, documents)
    for failure in failures:
        console.err(f"bibtools: {failure}", fg="red")
    for document in documents:
        editing.doubt_empty(document.source, document)
    findings: list[Finding] = []
    for group in [documents] if together else [[document] for document in documents]:
        findings += api.check_together(group, off=off, only=only, duplicates=not no_duplicates)
    if format_ == "text":
        console.data(map(_coloured, OUTPUTS["text"](findings), findings))
    else:
        console.data(console.safe(piece) for piece in OUTPUTS[format_](findings))
    counts = {severity: sum(finding.severity == severity for finding in findings) for severity in SEVERITIES}
    if documents:
        _summary(counts, findings, format_ == "text")
    if failures:
        raise SystemExit(2)
    if any(counts[severity] for severity in SEVERITIES[: SEVERITIES.index(level) + 1]):
        raise SystemExit(1)


STDIN = "<stdin>"


def _read(
    files: Sequence[str], companions: bibfile.Companions, known: Sequence[bibfile.Document] = ()
) -> tuple[list[bibfile.Document], list[str]]:
    """The files that can be read, each with the others and the companions beside it, and what is wrong with the rest."""
    sources: list[tuple[bytes, str]] = [(each.to_bytes(), STDIN) for each in known if each.source == STDIN]
    failures = []
    for path in dict.fromkeys(files):
        try:
            if path != "-" or not sources or sources[0][1] != STDIN:
                sources.append((api.read_bytes(path), STDIN if path == "-" else path))
        except api.InputError as error:
            failures.append(str(error))
    whole = bibfile.companions([*sources, *((each.to_bytes(), each.source) for each in companions.documents)])
    pairs = zip(sources, whole.documents, strict=False)
    return [bibfile.parse(data, source, whole.without(document)) for (data, source), document in pairs], failures


SEVERITIES = ("error", "warning", "note")


def _coloured(line: str, finding: Finding) -> str:
    """A line of the text output, its severity in colour on a terminal."""
    line = console.safe(line)
    if not console.colour(sys.stdout):
        return line
    shown = click.style(f"{finding.severity}:", fg=console.SEVERITY_COLOUR[finding.severity], bold=True)
    place, _, rest = line.partition(f" {finding.severity}: ")
    return f"{click.style(place, bold=True)} {shown} {rest}"


def _summary(counts: dict[str, int], findings: Sequence[Finding], text: bool) -> None:
    if not findings:
        console.err("nothing found", fg="green")
        return
    console.err(", ".join(f"{count} {severity}{'s' * (count != 1)}" for severity, count in counts.items()), bold=True)
    if text:
        rule = findings[0].rule
        console.err(
            f"To accept one: `% bibtools: off-next {rule}` on a line above the entry, or `% bibtools: off {rule}` for the file."
        )
