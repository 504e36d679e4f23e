"""Data that an entry takes from others: ``crossref`` and ``xdata``, by biblatex's default rules (manual, appendix B).

BibTeX's own rule, every field that the child lacks, is the same but for the titles: biblatex turns the parent's ``title``
into the child's ``booktitle``, ``maintitle`` or ``journaltitle``. A parent that has a ``booktitle``, as BibTeX wants it, gives
that. Rings and parents that do not exist end the search.
"""

from __future__ import annotations

from bibtools.bibfile import Document, Entry

__all__ = ["inherited"]

NEVER = frozenset(
    """ids crossref xref entryset entrysubtype execute label options presort related relatedoptions relatedstring
    relatedtype shorthand shorthandintro sortkey xdata key file""".split()
)
TITLES = ("title", "subtitle", "titleaddon")
SHORT = frozenset(("shorttitle", "sorttitle", "indextitle", "indexsorttitle"))
WHOLE = frozenset("mvbook mvcollection mvreference mvproceedings".split())
PARTS: dict[str, frozenset[str]] = {
    "book": frozenset(("inbook", "bookinbook", "suppbook", "incollection", "inproceedings", "conference")),
    "collection": frozenset(("incollection", "inreference", "suppcollection", "inbook")),
    "reference": frozenset(("incollection", "inreference", "suppcollection")),
    "proceedings": frozenset(("inproceedings", "conference", "incollection")),
    "periodical": frozenset(("article", "suppperiodical")),
}
BOOK_PARTS = frozenset(("inbook", "bookinbook", "suppbook"))
DEEPEST = 4


def inherited(document: Document, entry: Entry, values: dict[str, str], depth: int = 0) -> dict[str, str]:
    """The values of an entry with those of its parents, its own first."""
    if depth >= DEEPEST:
        return values
    result = dict(values)
    for key in values.get("xdata", "").split(","):
        parent = document.find(key.strip()) if key.strip() else None
        if parent is not None and parent is not entry:
            for name, value in inherited(document, parent, parent.values(), depth + 1).items():
                result.setdefault(name, value)
    parent = document.find(values["crossref"].strip()) if values.get("crossref") else None
    if parent is not None and parent is not entry:
        given = inherited(document, parent, parent.values(), depth + 1)
        for name, value in passed_on(parent.type, entry.type, given).items():
            result.setdefault(name, value)
        if "date" in values or "year" in values:  # a date is one thing: no parent's month for the child's year
            for name in ("date", "year", "month", "day"):
                if name not in values:
                    result.pop(name, None)
    return result


def passed_on(parent: str, child: str, values: dict[str, str]) -> dict[str, str]:
    """What a parent of one type gives to a child of another."""
    result = {name: value for name, value in values.items() if name not in NEVER}
    if parent in ("mvbook", "book") and child in BOOK_PARTS and "author" in values:
        result.setdefault("bookauthor", values["author"])
    prefix = "main" if parent in WHOLE else ""
    if not prefix and child in PARTS.get(parent, ()):
        prefix = "journal" if parent == "periodical" else "book"
    if not prefix:
        return result
    for name in SHORT:
        result.pop(name, None)
    for name in TITLES:
        value = result.pop(name, "")
        target = prefix + name if prefix != "journal" or name != "title" else "journaltitle"
        if value and target not in values:
            result[target] = value
    return result
