"""`bibtools set`: one entry's fields, from a script."""

from __future__ import annotations

import re

import click

from bibtools import bibfile, dates
from bibtools.cli import completion, console, editing

__all__ = ["set_"]

# Two names of one field, BibTeX's and biblatex's (biblatex manual, section 2.2.5): the one that an entry has is changed.
OTHER_NAME = {
    name: other
    for one, two in (("journal", "journaltitle"), ("address", "location"), ("school", "institution"), ("annote", "annotation"),
                     ("archiveprefix", "eprinttype"), ("primaryclass", "eprintclass"))
    for name, other in ((one, two), (two, one))
}  # fmt: skip
DATE = re.compile(r"(-?\d{4})(?:-(\d\d)(?:-(\d\d))?)?\Z")


def _setting(file: str, entry: bibfile.Entry, name: str, value: str, raw: bool) -> list[bibfile.SetField]:
    """The edits that give a field its value; under the name, and in the form, that the entry has already."""
    index, lower = entry.index, name.lower()
    present = {field.name for field in entry.fields}
    if lower in present:
        return [bibfile.SetField(index, name, value, raw)]
    if lower == "year" and "date" in present:
        known = DATE.match(entry.get("date"))
        rest = known.string[known.end(1) :] if known and re.fullmatch(r"\d{4}", value) else ""
        console.err(f"{file}: {entry.key} has a date and no year: date = {value + rest}")
        return [bibfile.SetField(index, "date", value + rest)]
    if lower == "date" and "year" in present and (found := DATE.match(value)):
        month, day = found[2] and dates.MONTH_MACROS[int(found[2]) - 1 : int(found[2])], found[3]
        edits = [bibfile.SetField(index, "year", found[1])]
        edits += [bibfile.SetField(index, "month", month[0], raw=True)] if month else []
        edits += [bibfile.SetField(index, "day", str(int(day)))] if day else []
        console.err(f"{file}: {entry.key} has a year and no date: {', '.join(edit.name for edit in edits)} set")
        return edits
    other = OTHER_NAME.get(lower, "")
    if other in present:
        console.err(f"{file}: {entry.key} has {other} and no {lower}: {other} set")
        return [bibfile.SetField(index, other, value, raw)]
    return [bibfile.SetField(index, name, value, raw)]


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
            edits += _setting(file, entry, name, value, raw)
        elif any(field.name == name.lower() for field in entry.fields):
            edits.append(bibfile.RemoveField(entry.index, name))
    try:
        changed = document.edit(edits)
    except bibfile.EditError as error:
        console.fail(f"{file}: {error}")
    editing.finish([(snapshot, changed.to_bytes())], dry_run=dry_run, diff=diff)
