"""`bibtools cited`: a .bib of only what a document cites."""

from __future__ import annotations

import os
from pathlib import PurePath

import click

from bibtools import bibfile, encoding, texfiles
from bibtools.cli import console, editing
from bibtools.texfiles import bib

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
@click.option(
    "-o",
    "--output",
    default="-",
    metavar="FILE",
    type=click.Path(),
    help="Write here; - is standard output.  [default: -]",
)
@click.option(
    "--order", type=click.Choice(["cited", "file"]), default="cited", show_default=True, help="Order of the entries."
)
@click.option("--keep-going", is_flag=True, help="Write what is there even if cited keys are missing (exit 1).")
def cited(papers: tuple[str, ...], bibs: tuple[str, ...], output: str, order: str, keep_going: bool) -> None:
    """Write a .bib of only what a document cites.

    \b
    Examples:
      bibtools cited samples/paper.tex --bib samples/refs.bib
      bibtools cited paper.aux --bib library.bib -o cited.bib

    PAPER is LaTeX (with the files it inputs), Markdown, or the .aux or .bcf that LaTeX wrote. Entries stand as they are in
    FILE, with the entries they inherit from and the @strings they use.
    """
    found = [_followed(paper) for paper in papers]
    paths = bibs or _named(papers, found)
    if not paths:
        console.fail(f"{papers[0]}: names no bibliography; say where the entries are with --bib")
    documents = [bibfile.parse(editing.read(path).data, path) for path in paths]
    keys = list(dict.fromkeys(key for each in found for key in each.keys))
    extract = bib.extract(documents, keys, everything=any(each.everything for each in found), order=order)
    doubtful = frozenset.intersection(*(each.doubtful | (set(keys) - set(each.keys)) for each in found))
    missing = _told(extract, documents, doubtful)
    if missing and not keep_going:
        console.fail(f"{editing.counted(missing, 'cited key')} missing, nothing written; --keep-going writes the rest")
    editing.save(output, extract.data)
    console.err(f"{editing.counted(len(extract.keys), 'entry', 'entries')} written")
    if missing:
        raise SystemExit(1)


def _is_file(name: str) -> bool:
    return os.path.isfile(name)  # noqa: PTH113 (Path.is_file raises for a name that is too long)


def _followed(paper: str) -> texfiles.Cited:
    texts = {paper: encoding.decode(editing.read(paper).data).text}

    def load(name: str) -> str | None:
        if name not in texts and _is_file(name):
            texts[name] = encoding.decode(editing.read(name).data).text
        return texts.get(name)

    found = texfiles.follow(paper, load)
    for name in found.unread:
        console.err(f"{paper}: {name} is not there: what it cites is not known", fg="yellow")
    return found


def _named(papers: tuple[str, ...], found: list[texfiles.Cited]) -> tuple[str, ...]:
    """The .bib files that the papers name, as far as they are there."""
    paths: dict[str, None] = {}
    for paper, each in zip(papers, found, strict=True):
        for name in each.bibliographies:
            for tried in (name, f"{name}.bib"):
                path = str(PurePath(paper).parent / tried)
                if _is_file(path):
                    paths[path] = None
                    break
    return tuple(paths)


def _told(extract: bib.Extract, documents: list[bibfile.Document], doubtful: frozenset[str]) -> int:
    """Say what is missing; how many of these are errors."""
    for key, parent in extract.lost:
        console.err(
            f"{console.shown_line(key)}: refers to {console.shown_line(parent)}, which is not there", fg="yellow"
        )
    keys = [entry.key for document in documents for entry in document.entries] if extract.missing else []
    errors = 0
    for key in extract.missing:
        near = ", ".join(map(console.shown_line, bib.nearest(key, keys)))
        words = f"{console.shown_line(key)}: cited, but in no .bib" + (f"; nearest: {near}" if near else "")
        if key in doubtful:
            console.err(f"{words} (perhaps not a citation)", fg="yellow")
        else:
            console.err(words, fg="red")
            errors += 1
    return errors
