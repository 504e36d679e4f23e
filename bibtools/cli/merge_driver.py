"""`bibtools merge-driver`: git's merge driver for .bib files (gitattributes(5), "Defining a custom merge driver")."""

from __future__ import annotations

import subprocess
from pathlib import Path

import click

from bibtools import api
from bibtools.cli import console

__all__ = ["merge_driver"]

ATTRIBUTE = "*.bib merge=bibtools"
SETTINGS = {
    "merge.bibtools.name": "bibtools: .bib files entry by entry, field by field",
    "merge.bibtools.driver": "bibtools merge-driver %O %A %B --path %P --marker-size %L",
}


@click.command()
@click.argument("base", type=click.Path(), required=False)
@click.argument("ours", type=click.Path(), required=False)
@click.argument("theirs", type=click.Path(), required=False)
@click.option("--path", default="", metavar="NAME", help="The file's name, for messages (git's %P).")
@click.option("--marker-size", default=7, metavar="N", help="Length of conflict markers (git's %L).")
@click.option("--install", is_flag=True, help="Tell git of the driver, in this repository.")
@click.option("--global", "everywhere", is_flag=True, help="With --install: for all repositories of this user.")
def merge_driver(
    base: str | None, ours: str | None, theirs: str | None, path: str, marker_size: int, install: bool, everywhere: bool
) -> None:
    """Merge two branches of a .bib entry by entry and field by field.

    \b
    Examples:
      bibtools merge-driver --install
      bibtools merge-driver base.bib ours.bib theirs.bib

    Git calls it with %O %A %B; the result is written to the second file. Exit status 1: a field that both sides changed is
    marked as git marks conflicts.
    """
    if install:
        _install(everywhere)
        return
    if not (base and ours and theirs):
        console.fail("merge-driver takes the three files of git: %O %A %B (or --install)")
    try:
        merged = api.merge_branches(*(api.read_bytes(each) for each in (base, ours, theirs)), marker_size=marker_size)
        Path(ours).write_bytes(merged.data)  # git's own temporary file: nothing to keep or to lock
    except api.InputError as error:
        console.fail(str(error))
    except OSError as error:
        console.fail(f"{ours}: {error.strerror or error}")
    for each in merged.conflicts:
        console.err(f"{path or ours}: conflict: {each}", fg="yellow")
    if merged.conflicts:
        raise SystemExit(1)


def _install(everywhere: bool) -> None:
    scope = ["--global"] if everywhere else []
    for name, value in SETTINGS.items():
        _git("config", *scope, name, value)
    if everywhere:
        console.err(f"git knows the driver; a repository uses it with this line in .gitattributes: {ATTRIBUTE}")
        return
    attributes = Path(_git("rev-parse", "--show-toplevel")) / ".gitattributes"
    text = attributes.read_text(encoding="utf-8") if attributes.exists() else ""
    if ATTRIBUTE not in text.splitlines():
        attributes.write_text(
            text + ("\n" if text and not text.endswith("\n") else "") + ATTRIBUTE + "\n", encoding="utf-8"
        )
    console.err(f"git merges .bib files with bibtools here; commit {attributes.name} so that others do too")


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True)
    except FileNotFoundError:
        console.fail("git is not installed")
    except subprocess.CalledProcessError as error:
        console.fail(f"git {arguments[0]}: {error.stderr.strip() or 'failed'}")
    return done.stdout.strip()
