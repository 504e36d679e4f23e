"""LibreOffice's documents (.odt): reference marks of Zotero and Mendeley, and entries of LibreOffice's own bibliography.

Source: OpenDocument 1.3, part 3, 7.7 (reference marks) and 8.8 (bibliography). The name of a mark is
``ZOTERO_ITEM CSL_CITATION``, the JSON, and random letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from bibtools.format import Format, ReadOptions, collect
from bibtools.formats import people
from bibtools.formats.draft import Draft
from bibtools.formats.office import package
from bibtools.record import Batch, Origin, Problem, Record

if TYPE_CHECKING:
    from defusedxml.ElementTree import DefusedXMLParser

__all__ = ["FORMAT"]

PARTS = re.compile(r"content\.xml")
TYPES = {
    "article": "article-journal",
    "journal": "periodical",
    "book": "book",
    "booklet": "pamphlet",
    "conference": "paper-conference",
    "inproceedings": "paper-conference",
    "proceedings": "book",
    "inbook": "chapter",
    "incollection": "chapter",
    "mastersthesis": "thesis",
    "phdthesis": "thesis",
    "manual": "report",
    "techreport": "report",
    "unpublished": "manuscript",
    "www": "webpage",
    "email": "personal_communication",
    "misc": "document",
}
TEXT = {
    "identifier": "id",
    "title": "title",
    "journal": "container_title",
    "booktitle": "container_title",
    "series": "collection_title",
    "volume": "volume",
    "number": "issue",
    "pages": "page",
    "edition": "edition",
    "chapter": "chapter_number",
    "publisher": "publisher",
    "school": "publisher",
    "institution": "publisher",
    "organizations": "publisher",
    "address": "publisher_place",
    "isbn": "isbn",
    "issn": "issn",
    "url": "url",
    "note": "note",
    "annote": "annote",
    "report-type": "genre",
}


class _Marks:
    """Collects the names of reference marks, the attributes of bibliography marks, the text of paragraphs."""

    def __init__(self) -> None:
        self.fields: list[str] = []
        self.entries: list[dict[str, str]] = []
        self.paragraphs: list[str] = []
        self.paragraph: list[str] = []
        self.parser: DefusedXMLParser | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition("}")[2]
        values = {name.rpartition("}")[2]: value for name, value in attributes.items()}
        if local in ("reference-mark-start", "reference-mark", "bookmark-start"):
            self.fields.append(values.get("name", ""))
        elif local == "bibliography-mark" and values not in self.entries:
            self.entries.append(values)
        elif local in ("p", "h"):
            self.paragraph = []

    def data(self, text: str) -> None:
        self.paragraph.append(text)

    def end(self, tag: str) -> None:
        if tag.rpartition("}")[2] in ("p", "h"):
            self.paragraphs.append("".join(self.paragraph))

    def close(self) -> None:
        pass


def read_bytes(data: bytes, options: ReadOptions) -> Batch:
    return collect(_read(data, options))


def _read(data: bytes, options: ReadOptions) -> Iterator[Record | Problem]:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser, ParseError

    marks = _Marks()
    try:
        for _, text in package.parts(data, PARTS):
            parser = DefusedXMLParser(target=marks)
            parser.feed(text)
    except (BadZipFile, package.TooLargeError) as error:
        yield Problem(f"an .odt that cannot be opened: {error}", Origin(options.source))
        return
    except (ParseError, DefusedXmlException, RecursionError) as error:
        yield Problem(f"a part of the document is not whole XML ({str(error)[:80]})", Origin(options.source))
    count = 0
    for found in package.cited(marks.fields, options.source):
        count += isinstance(found, Record)
        yield found
    for entry in marks.entries:
        yield _entry(entry, Origin(options.source, 0, count))
        count += 1
    if not count:
        yield package.references(marks.paragraphs, options.source)


def _entry(values: dict[str, str], origin: Origin) -> Record:
    kind = values.pop("bibliography-type", "")
    draft = Draft(origin, TYPES.get(kind, "document"))
    if kind not in TYPES:
        draft.keep("entry-type", kind)
    month, year = values.pop("month", ""), values.pop("year", "")
    for role in ("author", "editor"):
        names = re.split(r"\s*;\s*|\s+and\s+", values.pop(role, ""))
        draft.add(role, (people.natural(each) for each in names if each))
    for name, value in values.items():
        if name in TEXT:
            draft.put(TEXT[name], value, name)
        else:
            draft.keep(name, value)
    draft.put_date("issued", f"{month} {year}".strip(), "year")
    return draft.record()


FORMAT = Format(
    name="odt",
    summary="LibreOffice documents with marks of Zotero or of its own bibliography",
    suffixes=(".odt",),
    magic=lambda data: package.is_package(data, b"application/vnd.oasis.opendocument.text"),
    read_bytes=read_bytes,
)
