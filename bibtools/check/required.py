"""Fields that an entry cannot do without.

What both BibTeX (btxdoc.pdf, section 3.1) and biblatex (biblatex.pdf, section 2.1.1) ask for, alternatives in one tuple. An
entry inherits by `crossref` and `xdata`. A preprint needs no journal, and a collaboration is an author (INSPIRE, REVTeX).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from bibtools.bibfile import Entry, RemoveField
from bibtools.check.finding import Found, Subject

__all__ = ["PRINTED", "REQUIRED", "empty_entries", "empty_fields", "missing_fields", "unknown_types"]

Alternatives = tuple[str, ...]

AUTHOR: Alternatives = ("author", "editor", "collaboration", "organization", "institution", "translator", "shortauthor")
BOOK_AUTHOR: Alternatives = (*AUTHOR, "publisher")
TITLE: Alternatives = ("title", "maintitle", "shorttitle")
DATE: Alternatives = ("year", "date", "pubstate")
VENUE: Alternatives = ("journal", "journaltitle", "journalsubtitle", "shortjournal", "booktitle")
BOOK: Alternatives = ("booktitle", "maintitle", "journal", "journaltitle", "series", "eventtitle")
SCHOOL: Alternatives = ("school", "institution", "organization", "publisher")
LINK: Alternatives = ("url", "doi", "eprint", "howpublished", "note")

REQUIRED: dict[str, tuple[Alternatives, ...]] = {
    "article": (AUTHOR, TITLE, VENUE, DATE),
    "book": (BOOK_AUTHOR, TITLE, DATE),
    "mvbook": (BOOK_AUTHOR, TITLE, DATE),
    "booklet": (TITLE,),
    "collection": (TITLE, DATE),
    "mvcollection": (TITLE, DATE),
    "conference": (AUTHOR, TITLE, BOOK, DATE),
    "dataset": (BOOK_AUTHOR, TITLE, DATE),
    "inbook": (AUTHOR, (*TITLE, "chapter", "booktitle"), DATE),
    "incollection": (AUTHOR, TITLE, BOOK, DATE),
    "inproceedings": (AUTHOR, TITLE, BOOK, DATE),
    "manual": (TITLE,),
    "mastersthesis": (AUTHOR, TITLE, SCHOOL, DATE),
    "misc": (),
    "mvproceedings": (TITLE, DATE),
    "online": (TITLE, LINK),
    "patent": (("author", "holder"), TITLE, ("number",), DATE),
    "periodical": (TITLE,),
    "phdthesis": (AUTHOR, TITLE, SCHOOL, DATE),
    "proceedings": ((*TITLE, "booktitle"), DATE),
    "reference": (TITLE, DATE),
    "report": (AUTHOR, TITLE, SCHOOL, DATE),
    "techreport": (AUTHOR, TITLE, SCHOOL, DATE),
    "thesis": (AUTHOR, TITLE, SCHOOL, DATE),
    "unpublished": (AUTHOR, TITLE),
}

# Known to BibTeX's or biblatex's common styles, and without demands here.
OTHER_TYPES = frozenset(
    "artifactdataset artifactsoftware artwork audio bibnote bookinbook codefragment commentary control electronic game image "
    "inreference jurisdiction legal legislation letter map monograph movie music mvreference newspaper performance preprint "
    "presentation review set settings software softwaremodule softwareversion standard suppbook suppcollection "
    "suppperiodical underreview video webpage www xdata custom customa customb customc customd custome customf "
    "ieeetranbstctl".split()
)
# What a style prints; `key` only sorts, an abstract or a keyword is for the person who keeps the file.
PRINTED = frozenset(
    """author editor editora translator collaboration holder organization institution school publisher title subtitle booktitle
    maintitle journal journaltitle series eventtitle venue howpublished note addendum titleaddon year date month volume number
    issue pages chapter edition type address location url doi eprint isbn issn eid version entryset""".split()
)

# What no style prints; of any other field a style may make something.
FOR_THE_OWNER = frozenset(
    """key sortkey sortname sorttitle sortyear presort keywords keyword abstract annote annotation comment review file pdf
    local-url groups owner timestamp creationdate modificationdate date-added date-modified username __markedentry
    read readstatus rating ranking priority relevance qualityassured printed ids options langid language hyphenation
    urldate""".split()
)

INHERITED = {
    "booktitle": ("title",),
    "journaltitle": ("title",),
    "journal": ("title",),
}  # by another name in the parent
PREPRINT_FIELDS = frozenset("eprint archiveprefix eprinttype arxivid arxiv".split())
_PREPRINT = re.compile(r"rxiv|ssrn|preprint|10\.48550/", re.IGNORECASE)
_FORTHCOMING = re.compile(r"in press|to appear|forthcoming|submitted|accepted|in preparation", re.IGNORECASE)


def _filled(entry: Entry) -> set[str]:
    """The names of fields that have a value. One whose macro is not defined counts: that is another finding."""
    return {field.name for field in entry.fields if field.value or field.undefined}


def _parents(entry: Entry, subject: Subject, depth: int = 3, limit: int = 50) -> tuple[list[Entry], bool]:
    """The entries that an entry inherits from, and whether some are not in the files."""
    found: dict[Entry, None] = {}
    level, missing = [entry], False
    for _ in range(depth):
        keys = [
            key.strip()
            for child in level
            for key in (child.get("crossref"), *child.get("xdata").split(","))
            if key.strip()
        ]
        near = [subject.find(key) for key in keys[:limit]]
        missing |= None in near
        level = [parent for parent in near if parent is not None and parent not in found]
        found.update(dict.fromkeys(level))
    return list(found), missing


def missing_fields(entry: Entry, subject: Subject) -> Iterator[Found]:
    required = REQUIRED.get(entry.type)
    if not required:
        return
    present = entry.values().keys()  # an empty one is the finding of `empty-field`
    lacking = [fields for fields in required if present.isdisjoint(fields)]
    if not lacking or entry.scan.error is not None:
        return
    if (VENUE in lacking or BOOK in lacking) and _is_preprint(entry):
        lacking = [fields for fields in lacking if fields not in (VENUE, BOOK)]
    if DATE in lacking and _FORTHCOMING.search(entry.get("note") + entry.get("journal") + entry.get("howpublished")):
        lacking.remove(DATE)
    if lacking and ("crossref" in present or "xdata" in present):
        parents, unknown = _parents(entry, subject)
        if unknown:
            return  # `dangling-reference` says so
        inherited = set().union(*map(_filled, parents))
        inherited |= {field for field, names in INHERITED.items() if not inherited.isdisjoint(names)}
        lacking = [fields for fields in lacking if inherited.isdisjoint(fields)]
    if lacking and not _filled(entry) <= FOR_THE_OWNER and entry.key.lower() not in subject.parents:
        labels = ["author or editor" if fields is BOOK_AUTHOR else fields[0] for fields in lacking]
        yield Found(f"@{entry.type} without {', '.join(labels)}", entry, field=lacking[0][0])


def empty_fields(entry: Entry, _subject: Subject) -> Iterator[Found]:
    if "" not in entry.values().values() and entry.sound:
        return
    empty = [field for field in entry.fields if not field.value and not field.undefined and not field.recovered]
    if not empty:
        return
    counts = Counter(field.name for field in entry.fields)
    filled = _filled(entry)
    needed = {name for fields in REQUIRED.get(entry.type, ()) if filled.isdisjoint(fields) for name in fields}
    for field in empty:
        if field.name in needed:
            yield Found(
                f"{field.name} is empty, @{entry.type} needs it", entry, field.line, field.name, severity="warning"
            )
            continue
        # A repeated field is reported elsewhere; removing by name would take the first, which may be the full one.
        alone = counts[field.name] == 1 and field.raw[:1] in '{"'
        fix = (RemoveField(entry.index, field.name),) if alone else ()
        yield Found(f"{field.name} is empty", entry, field.line, field.name, fix)


def _is_preprint(entry: Entry) -> bool:
    values = entry.values()
    named = (values.get(name, "") for name in ("url", "doi", "note", "howpublished", "publisher"))
    return not PREPRINT_FIELDS.isdisjoint(values) or any(_PREPRINT.search(value) for value in named)


def empty_entries(entry: Entry, subject: Subject) -> Iterator[Found]:
    """Where BibTeX prints a citation without text."""
    values = entry.values()
    if values.get("title") or values.get("author") or not entry.key or entry.type not in REQUIRED:
        return  # of a type that we do not know, a style may print whatever it wants
    if entry.scan.error is not None or not _filled(entry) <= FOR_THE_OWNER | {"crossref", "xdata"}:
        return
    parents, unknown = _parents(entry, subject)
    if not unknown and all(_filled(parent) <= FOR_THE_OWNER for parent in parents):
        yield Found("nothing of this entry would be printed", entry)


def unknown_types(entry: Entry, _subject: Subject) -> Iterator[Found]:
    if entry.type not in REQUIRED and entry.type not in OTHER_TYPES:
        yield Found(f"@{entry.type} is not a type of BibTeX or biblatex: styles print it as @misc", entry)
