"""`bibtools undo`: the last change to a file taken back."""

from __future__ import annotations

from pathlib import Path

import click

from bibtools import storage
from bibtools.cli import console

__all__ = ["undo"]


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
@click.option("--redo", is_flag=True, help="Take back the last undo.")
@click.option("--force", is_flag=True, help="Even if the file was edited since; the edit can be had back with --redo.")
@click.option("--list", "listing", is_flag=True, help="Only show what can be taken back.")
def undo(files: tuple[str, ...], redo: bool, force: bool, listing: bool) -> None:
    """Take back the last change that bibtools made to a file, byte for byte.

    \b
    Example:
      bibtools format samples/refs.bib && bibtools undo samples/refs.bib

    Files that were changed in the same step (a .bib and the documents that cite it) go back together. Repeat it to go
    further back.
    """
    try:
        if listing:
            console.data(line for path in files for line in _listed(path))
            return
        done: set[str] = set()
        for path in files:
            if str(storage.read(path, missing=True).target) in done:
                continue  # went back together with another one
            for each in storage.undo(path, redo=redo, force=force):
                done.add(str(each))
                console.err(f"{_shown(each)}: {'done again' if redo else 'as it was before'}")
    except storage.StorageError as error:
        console.fail(str(error))


def _shown(path: Path) -> Path:
    """As one would type it here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _listed(path: str) -> list[str]:
    return [
        f"{console.shown_line(path)}  {state.when}  {f'{state.size:,} bytes' if state.existed else 'no file'}"
        f"{f'  with {len(state.together) - 1} other files' if len(state.together) > 1 else ''}\n"
        for state in storage.states(path)
    ]
