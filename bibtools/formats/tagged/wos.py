"""Web of Science's plain text export ("Other file formats: Plain text", ``savedrecs.txt``, .isi, .ciw).

Source: https://images.webofknowledge.com/images/help/WOS/hs_wos_fieldtags.html. Tags have two letters, lines that continue one
are indented; ``AF`` has the names in full and ``AU`` the same with initials.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools import dates
from bibtools.formats import people
from bibtools.formats.draft import Draft
from bibtools.formats.tagged.lines import Chunk, Tag, joined, records_of, tagged_format
from bibtools.record import Name

__all__ = ["FORMAT"]

LINE = re.compile(r"\ufeff?(?P<tag>[A-Z][A-Z0-9])(?: (?P<value>.*)|$)")
TABLE = {
    "TI": "title",
    "SO": "container_title",
    "SE": "collection_title",
    "JI": "container_title_short",
    "AB": "abstract",
    "VL": "volume",
    "IS": "issue",
    "PU": "publisher",
    "PI": "publisher_place",
    "PV": "publisher_place",
    "LA": "language",
    "SN": "issn",
    "BN": "isbn",
    "PM": "pmid",
    "CT": "event_title",
    "CL": "event_place",
}
FULL = {"AU": "AF", "BA": "BF"}
PEOPLE = {"AU": "author", "AF": "author", "BA": "author", "BF": "author", "BE": "editor", "ED": "editor"}
GROUPS = frozenset(("CA", "GP"))
INITIALS = re.compile(r"[A-Z]{1,4}")


def chunks(text: str) -> Iterator[Chunk]:
    return records_of(text, LINE, starts=lambda tag, _: tag == "PT", end="ER", skipped=frozenset(("FN", "VR", "EF")))


def prepare(draft: Draft, tags: tuple[Tag, ...]) -> tuple[Tag, ...]:
    values = {tag.name: joined(tag) for tag in tags}
    kind, stated = values.get("PT", ""), values.get("DT", "").lower()
    if kind == "P":
        type_ = "patent"
    elif "proceedings paper" in stated and kind != "J":
        type_ = "paper-conference"
    elif "book chapter" in stated:
        type_ = "chapter"
    elif kind == "B":
        type_ = "book" if "SO" not in values or "TI" not in values or stated == "book" else "chapter"
    elif kind == "S":
        type_ = "paper-conference" if "CT" in values else "chapter"
    else:
        type_ = "article-journal"
    draft.fields["type"] = type_
    _date(draft, values)
    _pages(draft, values)
    if type_ == "book" and "TI" not in values:
        draft.put("title", values.pop("SO", ""), "SO")
        tags = tuple(tag for tag in tags if tag.name != "SO")
    present = {tag.name for tag in tags}
    dropped = {"PT", "PY", "PD", "BP", "EP"} | ({"DT"} if stated in ("article", "book") else set())
    return tuple(tag for tag in tags if tag.name not in dropped and FULL.get(tag.name) not in present)


def _date(draft: Draft, values: dict[str, str]) -> None:
    year, day = values.get("PY", ""), values.get("PD", "")
    found = dates.parse(day if year in day else f"{day} {year}") if day and year else dates.parse(year or day)
    if found.literal and year:
        draft.keep("wos PD", day)
        found = dates.parse(year)
    if found:
        draft.fields["issued"] = found


def _pages(draft: Draft, values: dict[str, str]) -> None:
    begin, end = values.get("BP", ""), values.get("EP", "")
    if "-" in begin and end:
        draft.keep("wos EP", end)
        end = ""
    draft.put("page", f"{begin}–{end}" if begin and end and begin != end else begin or end, "pages")


def place(draft: Draft, tag: Tag) -> bool:
    match tag.name:
        case name if name in PEOPLE:
            names = [part for line in tag.lines for part in line.split("; ")]
            draft.add(PEOPLE[name], (person(each) for each in names))
        case name if name in GROUPS:
            draft.add("author", (people.organisation(each) for each in tag.lines))
        case "DE":
            draft.add_keywords(joined(tag).split(";"))
        case "AR" | "PS":
            if draft.get("page") and draft.get("page").replace("–", "-") != joined(tag):
                return False
            draft.put("page", joined(tag), f"wos {tag.name}")
        case "DI" if joined(tag).startswith("10."):
            draft.put("doi", joined(tag), "wos DI")
        case "EI" if not draft.get("issn"):
            draft.put("issn", joined(tag), "wos EI")
        case "CY":
            draft.put_date("event_date", joined(tag), "wos CY")
        case _:
            return False
    return True


def person(text: str) -> Name:
    """``Gnatenko, YP``, ``Gnatenko, Yurij P.``; ``[Anonymous]`` is none."""
    if text.strip() == "[Anonymous]":
        return Name()
    return people.inverted(text) if "," in text else people.with_initials(text)


HEAD = re.compile(r"\W*(?:FN (?:ISI|Clarivate|Thomson)|PT [JBSPK]\b)")
BODY = re.compile(r"^(?:AU|TI|SO|PY|UT|VR|ER) ", re.MULTILINE)


def looks_like(head: str) -> bool:
    return HEAD.match(head) is not None and len(set(BODY.findall(head))) >= 3


FORMAT = tagged_format(
    name="wos",
    summary="Web of Science's plain text (.isi, .ciw, savedrecs.txt)",
    suffixes=(".isi", ".ciw"),
    chunks=chunks,
    table=TABLE,
    place=place,
    prepare=prepare,
    looks_like=looks_like,
)
