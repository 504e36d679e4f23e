"""What an entry needs and nobody defines: a macro, a parent, its own end. What rests on it is not known.

Two entries that look alike because both lack the volume's title may be papers of two volumes, so a merge must not join them.
Not counted: months (many files write ``month = june``, which no style defines), and a parent that an entry names beside
everything it would take from it (as the entries of DBLP do).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bibtools.bibfile import Document, Entry
from bibtools.formats.bibtex.inheritance import DEEPEST, parents

__all__ = ["unresolved"]

MINOR = frozenset(("month", "day", "abstract", "keywords", "note", "annote", "file", "owner", "timestamp"))
DATES = ("year", "date")
CONTAINERS = ("booktitle", "maintitle", "journal", "journaltitle", "series")


def unresolved(document: Document, entry: Entry, values: Mapping[str, str]) -> tuple[str, ...]:
    """One text for each, the field first: ``journal: macro 'jcss' is not defined``. ``values`` are the entry's own."""
    return tuple(dict.fromkeys(_unresolved(document, entry, values, 0)))


def _unresolved(document: Document, entry: Entry, values: Mapping[str, str], depth: int) -> Iterator[str]:
    scan = entry.scan
    if not scan.closed:
        yield "the entry is cut off: its closing brace is missing"
    for field in entry.fields:
        if field.name not in MINOR:
            yield from (f"{field.name}: macro '{macro}' is not defined" for macro in field.undefined)
    if depth >= DEEPEST:
        return
    complete = any(map(values.get, DATES)) and any(map(values.get, CONTAINERS))
    for name, key, parent in parents(document, values):
        if parent is None:
            if name == "xdata" or not complete:
                yield f"{name}: there is no entry '{key}'"
        elif parent != entry:
            for text in _unresolved(document, parent, parent.values(), depth + 1):
                if not values.get(text.partition(":")[0]):
                    yield f"{text} (in {parent.key})"
