"""Inspec's export as Ovid and the IET send it: ``TI ~ ...`` under a line ``Record ... INSPEC``.

Known from the sample of JabRef's importer; the tags are those of Web of Science where they mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools.formats import people
from bibtools.formats.draft import Draft
from bibtools.formats.tagged.lines import Chunk, Tag, joined, records_of, tagged_format

__all__ = ["FORMAT"]

LINE = re.compile(r"(?P<tag>[A-Z]{2}) ~(?: (?P<value>.*)|$)")
TITLE = re.compile(r"(?P<tag>Record)(?P<value>\b.*INSPEC.*)")
TABLE = {"TI": "title", "AB": "abstract", "PU": "publisher", "ID": "id", "LA": "language", "DO": "doi"}
TYPES = {
    "journal-paper": "article-journal",
    "conference-paper": "paper-conference",
    "conference-proceedings": "book",
    "book": "book",
    "book-chapter": "chapter",
    "report": "report",
    "dissertation": "thesis",
    "patent": "patent",
}
SOURCE = re.compile(
    r"(?P<journal>.+?)\. (?P<year>\d{4})[,;] ?(?P<volume>[\w.]+)(?:\((?P<issue>[^)]+)\))?: ?(?P<page>[\w-]+)\.?"
)


def chunks(text: str) -> Iterator[Chunk]:
    return records_of(TITLE.sub("", text), LINE, starts=lambda _, blank: blank)


def place(draft: Draft, tag: Tag) -> bool:
    text = joined(tag)
    match tag.name:
        case "AU":
            draft.add("author", (people.inverted(each) for line in tag.lines for each in line.split(";")))
        case "RT" if text.lower() in TYPES:
            draft.fields["type"] = TYPES[text.lower()]
        case "PY":
            draft.put_date("issued", text, "inspec PY")
        case "SO":
            found = SOURCE.fullmatch(text)
            if found is None:
                return False
            draft.put("container_title", found["journal"], "inspec SO")
            draft.put_date("issued", found["year"], "inspec year")
            draft.put("volume", found["volume"], "volume")
            draft.put("issue", found["issue"] or "", "issue")
            draft.put("page", found["page"], "page")
        case "CT" | "DE" | "KW":
            draft.add_keywords(text.split(";"))
        case _:
            return False
    return True


def looks_like(head: str) -> bool:
    return (
        TITLE.match(head.lstrip("\ufeff \r\n")) is not None and LINE.search("\n" + head, 1) is not None
    ) or _untitled(head)


def _untitled(head: str) -> bool:
    lines = [line for line in head.splitlines()[:12] if line.strip()]
    return len(lines) > 2 and all(LINE.match(line) for line in lines[:3])


FORMAT = tagged_format(
    name="inspec",
    summary="Inspec's tagged export",
    suffixes=(),
    chunks=chunks,
    table=TABLE,
    place=place,
    looks_like=looks_like,
)
