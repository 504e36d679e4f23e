"""`bibtools set`: one entry's fields, from a script."""

from __future__ import annotations

import re

import click

from bibtools import bibfile
from bibtools.cli import completion, console, editing

__all__ = ["set_"]

_NAME = re.compile(r"[^\s\"#%'(),={}0-9][^\s\"#%'(),={}]*\Z")  # a field name, as BibTeX reads one


@click.command("set")
@click.argument("file", type=click.Path())
@click.argument("key", shell_complete=completion.citation_keys)
@click.argument("assignments", nargs=-1, required=True, metavar="FIELD=VALUE...")
@click.option("--raw", is_flag=True, help="VALUE is BibTeX source: a macro (jan), a number, a concatenation.")
@click.option("--dry-run", is_flag=True, help="Write nothing, only check that it could be done.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
def set_(file: str, key: str, assignments: tuple[str, ...], raw: bool, dry_run: bool, diff: bool) -> None:
    """Set or remove fields of one entry; every other byte of the file stays.

    \b
    Examples:
      bibtools set samples/refs.bib knuth84 note="the third printing" --diff
      bibtools set samples/refs.bib knuth84 month=jan --raw --diff
      bibtools set refs.bib knuth84 doi=10.1000/182 note=      # note goes
    """
    snapshot = editing.read(file)
    document = bibfile.parse(snapshot.data or b"", file)
    entry = document.find(key)
    if entry is None:
        console.fail(f"{file}: no entry '{key}'{console.nearest(key, [each.key for each in document.entries])}")
    edits: list[bibfile.Edit] = []
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals or not _NAME.match(name):
            raise click.UsageError(f"'{assignment}' is not FIELD=VALUE")
        if value:
            edits.append(bibfile.SetField(entry.index, name, value, raw))
        elif any(field.name == name.lower() for field in entry.fields):
            edits.append(bibfile.RemoveField(entry.index, name))
    try:
        changed = document.edit(edits)
    except bibfile.EditError as error:
        console.fail(f"{file}: {error}")
    editing.finish([(snapshot, changed.to_bytes())], dry_run=dry_run, diff=diff)
