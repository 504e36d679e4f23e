"""Ovid's export: ``<1>``, then the name of a field on a line and its value indented below.

Known from JabRef's samples. Behind an author stand degrees and the marks of affiliations; behind a title its kind, ``[Review]``.
What a citation (``Source``) says is taken where its form is sure, else it is kept as it is and told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools.formats import people
from bibtools.formats.draft import Draft
from bibtools.formats.tagged.lines import Chunk, Tag, joined, tagged_format

__all__ = ["FORMAT"]

NUMBER = re.compile(r"\s*<(\d+)>\s*")
LABEL = re.compile(r"[A-Z][A-Za-z-]*(?: [A-Za-z-]+){0,9}")
TABLE = {
    "DOI Number": "doi",
    "Digital Object Identifier": "doi",
    "ISSN": "issn",
    "ISSN Print": "issn",
    "ISBN": "isbn",
    "Abstract": "abstract",
    "Publisher": "publisher",
    "Place of Publication": "publisher_place",
    "Unique Identifier": "pmid",
    "Link to the Ovid Full Text or citation": "url",
    "Journal Name": "container_title",
}
TYPES = {
    "Journal Article": "article-journal",
    "Journal": "article-journal",
    "Article": "article-journal",
    "Original Article": "article-journal",
    "Review": "article-journal",
    "Book": "book",
    "Book Chapter": "chapter",
    "Chapter": "chapter",
    "Conference Paper": "paper-conference",
    "Conference": "paper-conference",
    "Dissertation": "thesis",
}
MONTHS = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Spring|Summer|Autumn|Fall|Winter)[a-z]*"
DATE = rf"(?P<date>(?:\d{{1,2}} )?(?:{MONTHS}(?:[-/ ]{MONTHS})? )?(?:\d{{1,2}},? )?\d{{4}})"
JOURNAL = re.compile(
    rf"(?P<journal>.+?)\.\s+(?P<volume>[A-Za-z]?\d+)(?:\((?P<issue>[^)]+)\))?:(?P<page>[\w-]+(?:, ?[\w-]+)?), {DATE}\.?"
)
VOLUME = re.compile(rf"(?P<journal>.+?)\.\s+Vol (?P<volume>\d+)(?:\((?P<issue>[^)]+)\))? {DATE}, (?P<page>[\w-]+)\.?")
CHAPTER = re.compile(
    r"(?P<editor>.*?)\((?P<date>\d{4})\)\. (?P<journal>.+?)\. \(pp\. (?P<page>[\w-]+)\)(?: (?P<pages>\w+) pp\.)?"
    r" (?P<place>[^:]+): (?P<publisher>.+?)\.?"
)
BARE = re.compile(r"(?P<journal>[^.()]{2,150})\.?")
DEGREES = re.compile(
    r"(?:[,;]? (?:MD|PhD|RN|FAAN|MSc|MPH|DrPH|DO|MS|BSc|BA|MA|MBA|FACS|FRCP|FRCS|DDS|DVM|PharmD|EdD|JD|BS|DSc|MBBS)\b)+$"
)
MARKS = re.compile(r"(?:[ ,]+(?:\d{1,2}|[*+#])|\s*\[(?:\w{1,3}|Ed\w*)\])+$")


def chunks(text: str) -> Iterator[Chunk]:
    """A label stands flush left; values are indented, and so are their further lines and paragraphs."""
    tags: list[tuple[str, list[str]]] = []
    begin, started = 0, False
    for number, raw in enumerate(re.sub(r"\r\n?", "\n", text).removeprefix("\ufeff").split("\n"), 1):
        if NUMBER.fullmatch(raw):
            if tags:
                yield Chunk(begin, tuple(Tag(name, tuple(lines)) for name, lines in tags))
            tags, begin, started = [], number, True
        elif not raw.strip():
            continue
        elif not started:
            yield Chunk(number, stray=raw)
        elif raw[0] not in " \t" and LABEL.fullmatch(raw.strip()):
            tags.append((raw.strip(), []))
        elif tags:
            tags[-1][1].append(raw.strip())
        else:
            yield Chunk(number, stray=raw)
    if tags:
        yield Chunk(begin, tuple(Tag(name, tuple(lines)) for name, lines in tags))


def prepare(draft: Draft, tags: tuple[Tag, ...]) -> tuple[Tag, ...]:
    values = {tag.name: joined(tag) for tag in tags}
    stated = [values.get(name, "").partition(":")[0] for name in ("Publication Type", "Document Type")]
    known = next((TYPES[each] for each in stated if each in TYPES), "")
    if "Chapter Title" in values:
        known = "chapter"
        draft.fields["title"] = values["Chapter Title"]
        draft.put("container_title", values.get("Title", ""), "ovid Title")
        tags = tuple(tag for tag in tags if tag.name not in ("Chapter Title", "Title"))
    draft.fields["type"] = known or ("article-journal" if "Source" in values or "ISSN" in values else "document")
    return tuple(tag for tag in tags if tag.name != "Publication Type" or joined(tag) not in (*TYPES, "-"))


def place(draft: Draft, tag: Tag) -> bool:
    text = joined(tag)
    match tag.name:
        case "Author" | "Authors" | "Editor" | "Editors":
            _people(draft, tag)
        case "Title":
            title = re.fullmatch(r"(.+?)\.?\s*\[([A-Z][\w ,:;-]*)\]\.?", text)
            draft.put("title", (title[1] if title else text).rstrip(" ."), "ovid Title")
            draft.keep("ovid Title", f"[{title[2]}]" if title else "")
        case "Source":
            return _source(draft, text)
        case "Author Keywords" | "Keywords" | "Keyword Heading":
            draft.add_keywords(text.rstrip(".").split(";"))
        case "Language":
            draft.put("language", text.rstrip("."), "ovid Language")
        case _:
            return False
    return True


def _people(draft: Draft, tag: Tag) -> None:
    """Names are two blanks apart from the next; the degrees of one by a single blank."""
    for each in re.split(r";\s{2,}|\n", "\n".join(tag.lines)):
        bare = each.strip().rstrip(";").strip()
        role = "editor" if tag.name.startswith("Editor") or re.search(r"\[Ed", bare) else "author"
        bare = MARKS.sub("", bare)
        while (shorter := DEGREES.sub("", bare)) != bare:
            bare = shorter
        draft.add(role, (people.natural(bare),))
        if bare != each.strip().rstrip(";").strip():
            draft.keep(f"ovid {tag.name}", each.strip())


def _source(draft: Draft, text: str) -> bool:
    text = text.strip()
    found = JOURNAL.fullmatch(text) or VOLUME.fullmatch(text) or CHAPTER.fullmatch(text) or BARE.fullmatch(text)
    if found is None:
        draft.tell("a Source of a form that is not known; kept as written", text=text)
        return False
    groups = {name: (value or "").strip() for name, value in found.groupdict().items()}
    draft.put("container_title", groups["journal"], "ovid Source")
    for name, field in (("volume", "volume"), ("issue", "issue"), ("page", "page"), ("publisher", "publisher")):
        draft.put(field, groups.get(name, ""), f"ovid {name}")
    draft.put("number_of_pages", groups.get("pages", ""), "ovid pages")
    draft.put("publisher_place", groups.get("place", ""), "ovid place")
    draft.put_date("issued", groups.get("date", ""), "ovid date")
    if editor := groups.get("editor", ""):
        draft.keep("ovid Source", editor)
    return True


def looks_like(head: str) -> bool:
    lines = [line for line in head.lstrip("\ufeff").splitlines()[:6] if line.strip()]
    return (
        len(lines) > 2
        and NUMBER.fullmatch(lines[0]) is not None
        and LABEL.fullmatch(lines[1].strip()) is not None
        and (lines[2][0] in " \t")
    )


FORMAT = tagged_format(
    name="ovid",
    summary="Ovid's export of fields under their names",
    suffixes=(),
    chunks=chunks,
    table=TABLE,
    place=place,
    prepare=prepare,
    looks_like=looks_like,
)
