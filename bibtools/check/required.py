"""Fields that an entry cannot do without.

The union of what BibTeX (btxdoc.pdf, section 3.1) and biblatex (biblatex.pdf, section 2.1.1) ask for, an entry being complete
when either is content: alternatives stand in one tuple. A child inherits by `crossref` and `xdata`.
"""

from __future__ import annotations

from collections.abc import Iterator

from bibtools.bibfile import Document, Entry
from bibtools.check.finding import Found, Subject

__all__ = ["REQUIRED", "missing_fields", "unknown_types"]

Alternatives = tuple[str, ...]

AUTHOR: Alternatives = ("author", "editor")
DATE: Alternatives = ("year", "date")
VENUE: Alternatives = ("journal", "journaltitle")
SCHOOL: Alternatives = ("school", "institution")
LINK: Alternatives = ("url", "doi", "eprint", "howpublished")

REQUIRED: dict[str, tuple[Alternatives, ...]] = {
    "article": (("author",), ("title",), VENUE, DATE),
    "book": (AUTHOR, ("title",), DATE),
    "mvbook": (AUTHOR, ("title",), DATE),
    "booklet": (("title",),),
    "collection": (("title",), DATE),
    "mvcollection": (("title",), DATE),
    "conference": (("author",), ("title",), ("booktitle",), DATE),
    "dataset": (AUTHOR, ("title",), DATE),
    "inbook": (AUTHOR, ("title",), DATE),
    "incollection": (("author",), ("title",), ("booktitle",), DATE),
    "inproceedings": (("author",), ("title",), ("booktitle",), DATE),
    "manual": (("title",),),
    "mastersthesis": (("author",), ("title",), SCHOOL, DATE),
    "misc": (),
    "mvproceedings": (("title",), DATE),
    "online": (("title",), LINK),
    "patent": (("author",), ("title",), ("number",), DATE),
    "periodical": (("title",), DATE),
    "phdthesis": (("author",), ("title",), SCHOOL, DATE),
    "proceedings": (("title",), DATE),
    "reference": (("title",), DATE),
    "report": (("author",), ("title",), SCHOOL, DATE),
    "techreport": (("author",), ("title",), SCHOOL, DATE),
    "thesis": (("author",), ("title",), SCHOOL, DATE),
    "unpublished": (("author",), ("title",)),
}

# Known to BibTeX or biblatex and without demands here.
OTHER_TYPES = frozenset(
    "artwork audio bibnote bookinbook commentary electronic image inreference jurisdiction legal legislation letter movie music "
    "mvreference performance review set software standard suppbook suppcollection suppperiodical video www xdata custom "
    "customa customb customc customd custome customf".split()
)

# Where a child's field comes from when the parent has no field of that name.
INHERITED = {"booktitle": ("title",), "journaltitle": ("title",), "journal": ("title",)}


def _parents(document: Document, entry: Entry) -> list[Entry]:
    names = [entry.get("crossref"), *entry.get("xdata").split(",")]
    found = (document.find(name.strip()) for name in names if name.strip())
    return [parent for parent in found if parent is not None]


def _has(document: Document, entry: Entry, field: str, depth: int = 3) -> bool:
    if entry.get(field):
        return True
    wanted = (field, *INHERITED.get(field, ()))
    return depth > 0 and any(
        _has(document, parent, name, depth - 1) for parent in _parents(document, entry) for name in wanted
    )


def missing_fields(entry: Entry, subject: Subject) -> Iterator[Found]:
    for alternatives in REQUIRED.get(entry.type, ()):
        if not any(_has(subject.document, entry, field) for field in alternatives):
            yield Found(f"@{entry.type} without {' or '.join(alternatives)}", entry, field=alternatives[0])


def unknown_types(entry: Entry, _subject: Subject) -> Iterator[Found]:
    if entry.type not in REQUIRED and entry.type not in OTHER_TYPES:
        yield Found(f"@{entry.type} is neither a BibTeX nor a biblatex type: it is treated as @misc", entry)
