"""Data that an entry takes from others: ``crossref`` and ``xdata``, by biblatex's default rules (manual, appendix B).

BibTeX's own rule, every field that the child lacks, is the same but for the titles: biblatex turns the parent's ``title``
into the child's ``booktitle``, ``maintitle`` or ``journaltitle``. A parent that has a ``booktitle``, as BibTeX wants it, gives
that. Rings and parents that do not exist end the search.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bibtools.bibfile import Document, Entry

__all__ = ["DEEPEST", "inherited", "parents"]

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
    """The values of an entry with those of its parents (in the document or its companions), its own first."""
    if depth >= DEEPEST:
        return values
    result = dict(values)
    for link, _, parent in parents(document, values):
        if parent is None or parent == entry:
            continue
        given = inherited(document, parent, parent.values(), depth + 1)
        for name, value in (given if link == "xdata" else passed_on(parent.type, entry.type, given)).items():
            result.setdefault(name, value)
        if link == "crossref" and ("date" in values or "year" in values):
            for name in ("date", "year", "month", "day"):  # a date is one thing: no parent's month for the child's year
                if name not in values:
                    result.pop(name, None)
    return result


def parents(document: Document, values: Mapping[str, str]) -> Iterator[tuple[str, str, Entry | None]]:
    """What an entry takes data from: the field that names it, its key, and the entry if there is one."""
    for key in values.get("xdata", "").split(","):
        if key := key.strip():
            yield "xdata", key, document.find_parent(key)
    if key := values.get("crossref", "").strip():
        yield "crossref", key, document.find_parent(key)


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
