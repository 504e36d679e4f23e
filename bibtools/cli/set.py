"""`bibtools set`: one entry's fields, from a script."""

from __future__ import annotations

import click

from bibtools import api, bibfile
from bibtools.cli import completion, console, editing

__all__ = ["set_"]


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
    if document.find(key) is None:
        console.fail(f"{file}: no entry '{key}'{console.nearest(key, [entry.key for entry in document.entries])}")
    values: dict[str, str] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise click.UsageError(f"'{assignment}' is not FIELD=VALUE")
        values[name] = value
    try:
        changed = api.set_fields(document, key, values, raw=raw)
    except api.InputError as error:
        console.fail(str(error))
    for note in changed.notes:
        console.err(f"{file}: {note}")
    editing.finish([(snapshot, changed.document.to_bytes())], dry_run=dry_run, diff=diff)
