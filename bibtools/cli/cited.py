"""`bibtools cited`: a .bib of only what a document cites."""

from __future__ import annotations

from collections.abc import Collection

import click

from bibtools import api
from bibtools.cli import console, editing
from bibtools.cli.options import output_option, selection_options
from bibtools.texfiles.bib import nearest

__all__ = ["cited"]


@click.command()
@click.argument("papers", nargs=-1, required=True, metavar="PAPER...", type=click.Path())
@click.option(
    "--bib",
    "bibs",
    multiple=True,
    metavar="FILE",
    type=click.Path(),
    help="Where the entries are; else what the paper names.",
)
@output_option("Write here; - is standard output.  [default: -]", "-")
@click.option(
    "--order", type=click.Choice(["cited", "file"]), default="cited", show_default=True, help="Order of the entries."
)
@selection_options
@click.option("--keep-going", is_flag=True, help="Write what is there even if cited keys are missing (exit 1).")
def cited(
    papers: tuple[str, ...],
    bibs: tuple[str, ...],
    output: str,
    order: str,
    omit: tuple[str, ...],
    only: tuple[str, ...],
    keep_going: bool,
) -> None:
    """Write a .bib of only what a document cites.

    \b
    Examples:
      bibtools cited samples/paper.tex --bib samples/refs.bib
      bibtools cited paper.aux --bib library.bib -o cited.bib

    PAPER is LaTeX (with the files it inputs), Markdown, or the .aux or .bcf that LaTeX wrote. Entries are copied as they are
    written, with the entries they inherit from and the @strings they use.
    """
    try:
        citations = api.read_citations(papers)
        excerpt = api.cited(citations, bibs, order=order, omit=omit, fields=only)
    except api.InputError as error:
        console.fail(str(error))
    for paper, name in citations.unread:
        console.err(f"{paper}: {name} is not there: what it cites is not known", fg="yellow")
    for name in () if bibs else citations.missing:
        console.err(f"{papers[0]}: names the bibliography {name}, which is not there", fg="yellow")
    missing = _report_missing(excerpt, citations.doubtful)
    if missing and not keep_going:
        console.fail(f"{editing.counted(missing, 'cited key')} missing, nothing written; --keep-going writes the rest")
    editing.save(output, excerpt.data)
    console.err(f"{editing.counted(len(excerpt.keys), 'entry', 'entries')} written")
    if missing:
        raise SystemExit(1)


def _report_missing(excerpt: api.Excerpt, doubtful: Collection[str]) -> int:
    """Say what is missing; how many of these are errors."""
    for key, parent in excerpt.lost:
        console.err(
            f"{console.shown_line(key)}: refers to {console.shown_line(parent)}, which is not there", fg="yellow"
        )
    errors = 0
    for key in excerpt.missing:
        near = ", ".join(map(console.shown_line, nearest(key, excerpt.known)))
        words = f"{console.shown_line(key)}: cited, but in no .bib" + (f"; nearest: {near}" if near else "")
        if key in doubtful:
            console.err(f"{words} (perhaps not a citation)", fg="yellow")
        else:
            console.err(words, fg="red")
            errors += 1
    return errors
