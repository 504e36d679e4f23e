"""EndNote's .enw, which is Refer with more tags; Google Scholar, Zotero and libraries' catalogues export it.

Source: EndNote's "EndNote Import" filter (https://www.cardiff.ac.uk/insrv/educationandtraining/guides/endnote/endnote_codes.html)
and refer(1). A record begins with ``%0``; in Refer, which has no ``%0``, behind a blank line. ``%E`` and ``%Y`` mean other people
by type; ``%@`` is an ISBN or an ISSN by its form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools import identifiers
from bibtools.formats import people
from bibtools.formats.draft import Draft
from bibtools.formats.tagged.lines import Chunk, Tag, joined, records_of, tagged_format
from bibtools.record import Name

__all__ = ["FORMAT", "TYPES"]

LINE = re.compile(r"%(?P<tag>[0-9A-Z@!#$&()*+<=>?\[\]^~:])(?:[ \t]+(?P<value>.*)|[ \t]*$)")
TYPES = {
    "Journal Article": "article-journal",
    "Journal": "article-journal",
    "Electronic Article": "article-journal",
    "Review": "article-journal",
    "Magazine Article": "article-magazine",
    "Newspaper Article": "article-newspaper",
    "Book": "book",
    "Edited Book": "book",
    "Electronic Book": "book",
    "Book Section": "chapter",
    "Electronic Book Section": "chapter",
    "Conference Paper": "paper-conference",
    "Conference Proceedings": "paper-conference",
    "Conference": "paper-conference",
    "Thesis": "thesis",
    "Report": "report",
    "Government Document": "report",
    "Unpublished Work": "manuscript",
    "Manuscript": "manuscript",
    "Web Page": "webpage",
    "Blog": "post-weblog",
    "Computer Program": "software",
    "Dataset": "dataset",
    "Online Database": "dataset",
    "Aggregated Database": "dataset",
    "Patent": "patent",
    "Standard": "standard",
    "Encyclopedia": "entry-encyclopedia",
    "Dictionary": "entry-dictionary",
    "Map": "map",
    "Music": "musical_score",
    "Film or Broadcast": "motion_picture",
    "Audiovisual Material": "motion_picture",
    "Artwork": "graphic",
    "Figure": "figure",
    "Case": "legal_case",
    "Statute": "legislation",
    "Legal Rule or Regulation": "regulation",
    "Bill": "bill",
    "Hearing": "hearing",
    "Personal Communication": "personal_communication",
    "Classical Work": "classic",
    "Ancient Text": "classic",
    "Pamphlet": "pamphlet",
    "Serial": "periodical",
    "Generic": "document",
}
TABLE = {
    "T": "title",
    "!": "title_short",
    "V": "volume",
    "N": "issue",
    "P": "page",
    "I": "publisher",
    "C": "publisher_place",
    "7": "edition",
    "6": "number_of_volumes",
    "&": "chapter_number",
    "X": "abstract",
    "G": "language",
    "9": "genre",
    "U": "url",
    "Z": "note",
    "F": "id",
}
WITHIN = frozenset(("chapter", "paper-conference", "entry-encyclopedia", "entry-dictionary"))
KEPT = {"L": "call-number", "W": "archive", "*": "rights", "~": "source", ">": "file", "M": "accession-number"}
FIRST = re.compile(r"\ufeff?\s*%(?:0\s|[A-Z] +\S)")


def chunks(text: str) -> Iterator[Chunk]:
    typed = re.search(r"^\ufeff?%0", text, re.MULTILINE) is not None
    return records_of(text, LINE, starts=lambda tag, blank: tag == "0" or (blank and not typed))


def prepare(draft: Draft, tags: tuple[Tag, ...]) -> tuple[Tag, ...]:
    kind = next((joined(tag) for tag in tags if tag.name == "0"), "")
    present = {tag.name for tag in tags}
    if kind:
        draft.fields["type"] = TYPES.get(kind, "document")
    else:  # Refer
        fallback = "chapter" if "B" in present else "book" if "I" in present else "document"
        draft.fields["type"] = "article-journal" if "J" in present else fallback
    return tags if kind not in TYPES else tuple(tag for tag in tags if tag.name != "0" or joined(tag) != kind)


def place(draft: Draft, tag: Tag) -> bool:
    text, kind = joined(tag), draft.fields["type"]
    match tag.name:
        case "A":
            draft.add("author", (_person(text),))
        case "E":
            draft.add("editor", (_person(text),))
        case "Y":
            draft.add("collection_editor" if kind in WITHIN or kind == "book" else "contributor", (_person(text),))
        case "?":
            draft.add("translator", (_person(text),))
        case "J":
            draft.put("container_title", text, "enw J")
        case "B":
            draft.put("collection_title" if kind in ("book", "report", "thesis") else "container_title", text, "enw B")
        case "S":
            draft.put("collection_title", text, "enw S")
        case "O":
            draft.put("note", text, "enw O")
        case "D" | "8":
            return _date(draft, tag.name, text)
        case "[":
            draft.put_date("accessed", text, "enw [")
        case "@":
            draft.put_number(text, "enw @")
        case "R":
            return _number(draft, text)
        case "K":
            draft.add_keywords(re.split(r"[;\n]", "\n".join(tag.lines)))
        case name if name in KEPT:
            draft.keep(KEPT[name], text)
        case _:
            return False
    return True


def _person(text: str) -> Name:
    return people.inverted(text) if "," in text else people.natural(text)


def _date(draft: Draft, tag: str, text: str) -> bool:
    """``%8`` makes ``%D`` exact; it may lack the year."""
    year = draft.get("issued").year if draft.get("issued") else None
    if tag == "8" and year and str(year) not in text:
        text = f"{text} {year}"
    draft.put_date("issued", text, f"enw {tag}")
    return bool(text)


def _number(draft: Draft, text: str) -> bool:
    """``%R`` is a DOI, or the number of a report."""
    if doi := identifiers.bare_doi(text) or (identifiers.doi(text) if text.lower().startswith("doi") else ""):
        draft.put("doi", doi, "enw R")
    elif draft.fields["type"] in ("report", "standard", "patent"):
        draft.put("number", text, "enw R")
    else:
        return False
    return True


def looks_like(head: str) -> bool:
    """Nearly every line is tagged, and among the tags are those of a work."""
    if not FIRST.match(head):
        return False
    lines = [line for line in head.splitlines()[:60] if line.strip()]
    tags = [found["tag"] for line in lines if (found := LINE.match(line.lstrip("\ufeff")))]
    return len(tags) >= 2 and 2 * len(tags) > len(lines) and ("0" in tags or bool({"A", "T"} <= set(tags)))


FORMAT = tagged_format(
    name="enw",
    summary="EndNote's .enw, and Refer",
    suffixes=(".enw", ".ref"),
    chunks=chunks,
    table=TABLE,
    place=place,
    prepare=prepare,
    looks_like=looks_like,
)
