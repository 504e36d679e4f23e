"""Edits of a .bib that are no merge: fields of one entry set, the whole file tidied."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bibtools import bibfile, dates, tidy
from bibtools.api.reading import InputError
from bibtools.bibfile import Document, EditError, Entry
from bibtools.tidy import Options, Tidied

__all__ = ["Changed", "format_bib", "set_fields"]


def format_bib(
    document: Document,
    rules: Collection[str] = tidy.DEFAULT,
    options: Options | None = None,
    middleware: Sequence[object] = (),
) -> Tidied:
    """The document tidied by the rules of these names (`tidy.RULES`); a second time changes nothing.

    `middleware` are bibtexparser middlewares that run before the rules, losslessly. Raises InputError where one of them
    fails, ValueError for a rule that does not exist.
    """
    for step in middleware:
        try:
            library = step.transform(document.library())  # type: ignore[attr-defined]
        except Exception as error:
            raise InputError(
                f"{document.source}: the middleware {type(step).__name__} failed: {type(error).__name__}: {error}"
            ) from error
        document = document.apply(library)
    return tidy.tidy(document, rules, options)


@dataclass(frozen=True, slots=True)
class Changed:
    """The document after `set_fields`, and where a field was written under another name than was asked for."""

    document: Document
    notes: tuple[str, ...] = ()


# Two names of one field, BibTeX's and biblatex's (biblatex manual, section 2.2.5): the one that an entry has is changed.
OTHER_NAME = {
    name: other
    for one, two in (("journal", "journaltitle"), ("address", "location"), ("school", "institution"), ("annote", "annotation"),
                     ("archiveprefix", "eprinttype"), ("primaryclass", "eprintclass"))
    for name, other in ((one, two), (two, one))
}  # fmt: skip
DATE = re.compile(r"(-?\d{4})(?:-(\d\d)(?:-(\d\d))?)?\Z")
FIELD_NAME = re.compile(r"[^\s\"#%'(),={}0-9][^\s\"#%'(),={}]*\Z")  # as BibTeX reads one


def set_fields(document: Document, key: str, values: Mapping[str, str], *, raw: bool = False) -> Changed:
    """The document with fields of one entry set, or removed where the value is empty; every other byte stays.

    With `raw` values are BibTeX source: a macro, a number, a concatenation. Raises InputError for a key that no entry has, a
    name that is none and a value that BibTeX could not read.
    """
    entry = document.find(key)
    if entry is None:
        raise InputError(f"{document.source}: no entry '{key}'")
    present = {field.name for field in entry.fields}
    edits: list[bibfile.Edit] = []
    notes: list[str] = []
    for name, value in values.items():
        if not FIELD_NAME.match(name):
            raise InputError(f"'{name}' is not the name of a field")
        if value:
            made, note = _setting(entry, present, name, value, raw)
            edits += made
            notes += [f"{entry.key} {note}"] if note else []
        elif name.lower() in present:
            edits.append(bibfile.RemoveField(entry.index, name))
    try:
        return Changed(document.edit(edits), tuple(notes))
    except EditError as error:
        raise InputError(f"{document.source}: {error}") from error


def _setting(
    entry: Entry, present: Collection[str], name: str, value: str, raw: bool
) -> tuple[list[bibfile.SetField], str]:
    """The edits that give a field its value, under the name and in the form that the entry has already; and what to say of it."""
    index, lower = entry.index, name.lower()
    if lower in present:
        return [bibfile.SetField(index, name, value, raw)], ""
    if lower == "year" and "date" in present:
        known = DATE.match(entry.get("date"))
        rest = known.string[known.end(1) :] if known and re.fullmatch(r"\d{4}", value) else ""
        return [bibfile.SetField(index, "date", value + rest)], f"has a date and no year: date = {value + rest}"
    if lower == "date" and "year" in present and (found := DATE.match(value)):
        month, day = found[2] and dates.MONTH_MACROS[int(found[2]) - 1 : int(found[2])], found[3]
        edits = [bibfile.SetField(index, "year", found[1])]
        edits += [bibfile.SetField(index, "month", month[0], raw=True)] if month else []
        edits += [bibfile.SetField(index, "day", str(int(day)))] if day else []
        return edits, f"has a year and no date: {', '.join(edit.name for edit in edits)} set"
    other = OTHER_NAME.get(lower, "")
    if other in present:
        return [bibfile.SetField(index, other, value, raw)], f"has {other} and no {lower}: {other} set"
    return [bibfile.SetField(index, name, value, raw)], ""
