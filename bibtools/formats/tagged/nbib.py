"""PubMed's format, which its "Send to: Citation manager" saves as .nbib.

Source: https://pubmed.ncbi.nlm.nih.gov/help/#pubmed-format. ``FAU`` has the names in full and ``AU`` the same with initials;
investigators (``IR``) are no authors. Keywords are the authors' (``OT``) and MeSH's (``MH``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools.formats import people
from bibtools.formats.draft import Draft
from bibtools.formats.tagged.lines import Chunk, Tag, joined, records_of, tagged_format

__all__ = ["FORMAT", "TYPES"]

LINE = re.compile(r"(?P<tag>[A-Z]{2,4}) {0,2}- ?(?P<value>.*)")
CONTINUED = re.compile(r"\s{2,}\S")
TABLE = {
    "AB": "abstract",
    "VI": "volume",
    "IP": "issue",
    "PG": "page",
    "JT": "container_title",
    "TA": "container_title_short",
    "PB": "publisher",
    "PL": "publisher_place",
    "LA": "language",
    "EN": "edition",
    "VTI": "volume_title",
    "CTI": "collection_title",
    "PMC": "pmcid",
    "PMID": "pmid",
    "CP": "chapter_number",
}
TYPES = {  # a publication type that is more than a kind of article
    "Book": "book",
    "Books": "book",
    "Book Chapter": "chapter",
    "Dataset": "dataset",
    "Preprint": "article",
    "Congress": "paper-conference",
    "Congresses": "paper-conference",
    "Academic Dissertation": "thesis",
    "Technical Report": "report",
    "Newspaper Article": "article-newspaper",
    "Webcast": "webpage",
}
FULL = {"AU": "FAU", "ED": "FED"}
PEOPLE = {"FAU": "author", "AU": "author", "FED": "editor", "ED": "editor"}
NUMBER = re.compile(r"(.+?)\s*\[(doi|pii|bookaccession)\]")
STANDARD = re.compile(r"([\dX-]+)\s*(?:\([^)]*\))?")


def chunks(text: str) -> Iterator[Chunk]:
    return records_of(text, LINE, starts=lambda tag, blank: tag == "PMID" or blank, continued=CONTINUED)


def prepare(draft: Draft, tags: tuple[Tag, ...]) -> tuple[Tag, ...]:
    present = {tag.name for tag in tags}
    kinds = [joined(tag) for tag in tags if tag.name == "PT"]
    known = next((TYPES[kind] for kind in kinds if kind in TYPES), "")
    if not known and "BTI" in present:
        known = "chapter" if "TI" in present else "book"
    draft.fields["type"] = known or ("article-journal" if present & {"JT", "TA"} else "document")
    return tuple(tag for tag in tags if FULL.get(tag.name) not in present)


def place(draft: Draft, tag: Tag) -> bool:
    text = joined(tag)
    match tag.name:
        case "FAU" | "FED":
            draft.add(PEOPLE[tag.name], (people.inverted(text) if "," in text else people.with_initials(text),))
        case "AU" | "ED":
            draft.add(PEOPLE[tag.name], (people.with_initials(text),))
        case "CN":
            draft.add("author", (people.organisation(text),))
        case "TI":
            draft.put("title", text[:-1] if text.endswith(".") and not text.endswith("..") else text, "nbib TI")
        case "DP":
            draft.put_date("issued", text, "nbib DP")
        case "BTI":
            draft.put("container_title" if draft.fields["type"] == "chapter" else "title", text, "nbib BTI")
        case "OT" | "MH":
            draft.add_keywords((text,))
        case "PT":
            return text == "Journal Article" and draft.fields["type"] == "article-journal"
        case "IS" | "ISBN":
            return number(draft, tag.name, text)
        case "LID" | "AID":
            found = NUMBER.fullmatch(text)
            if found is None or found[2] != "doi" or draft.get("doi") not in ("", found[1]):
                return False
            draft.put("doi", found[1], "doi")
        case _:
            return False
    return True


def number(draft: Draft, tag: str, text: str) -> bool:
    field = "issn" if tag == "IS" else "isbn"
    found = STANDARD.fullmatch(text.removeprefix("ISBN").strip())
    if found is None or draft.get(field):
        return bool(draft.get(field) == text)
    draft.put(field, found[1], tag)
    return found[0] == found[1]


START = re.compile(r"\ufeff?\s*PMID ?- ?\d", re.ASCII)
SECOND = re.compile(r"^(?:OWN|STAT|TI|DP|FAU|AU|JT|TA|SO|LID|DCOM|LR|IS|VI|BTI) {0,2}- ", re.MULTILINE)


def looks_like(head: str) -> bool:
    return START.match(head) is not None and SECOND.search(head) is not None


FORMAT = tagged_format(
    name="nbib",
    summary="PubMed's .nbib",
    suffixes=(".nbib",),
    chunks=chunks,
    table=TABLE,
    place=place,
    prepare=prepare,
    looks_like=looks_like,
)
