"""Word's documents (.docx).

A field is cut over many runs: its instruction is what stands in ``w:instrText`` between the marks of its begin and its result,
fields within fields included. Mendeley Cite keeps its citations in the tags of content controls, Zotero (where fields are set to
bookmarks) in the document's properties, Word its own sources in a part of their own.
Source: ECMA-376, 17.16; what Zotero, Mendeley and EndNote write.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from bibtools.format import Format, ReadOptions, collect
from bibtools.formats import msbib
from bibtools.formats.office import package
from bibtools.record import Batch, Origin, Problem, Record

if TYPE_CHECKING:
    from defusedxml.ElementTree import DefusedXMLParser

__all__ = ["FORMAT"]

PARTS = re.compile(r"word/(?:document\d*|footnotes|endnotes)\.xml|customXml/item\d+\.xml|docProps/custom\.xml")
MENDELEY = "MENDELEY_CITATION_v3_"
BOOKMARK = re.compile(r"ZOTERO_BREF_(\w+?)_(\d+)")


class _Fields:
    """Collects the instructions of fields, the text of paragraphs, the tags of content controls, long properties."""

    def __init__(self) -> None:
        self.fields: list[str] = []
        self.paragraphs: list[str] = []
        self.bookmarks: dict[str, dict[int, str]] = {}
        self.open: list[list[str]] = []  # of each field that is open: its instruction so far
        self.results = 0  # open fields whose result has begun
        self.text: list[str] | None = None
        self.into = ""
        self.property = ""
        self.paragraph: list[str] = []
        self.parser: DefusedXMLParser | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition("}")[2]
        values = {name.rpartition("}")[2]: value for name, value in attributes.items()}
        match local:
            case "fldChar":
                self.mark(values.get("fldCharType", ""))
            case "fldSimple":
                self.fields.append(values.get("instr", ""))
            case "instrText" | "t" | "fldData" | "lpwstr":
                self.text, self.into = [], local
            case "tag" if values.get("val", "").startswith(MENDELEY):
                self.decoded(values["val"].removeprefix(MENDELEY))
            case "property":
                self.property = values.get("name", "")
            case "p":
                self.paragraph = []

    def mark(self, kind: str) -> None:
        if kind == "begin":
            self.open.append([])
        elif kind == "end" and self.open:
            instruction = "".join(self.open.pop())
            if self.open and package.FIELD.match("".join(self.open[-1])) and "EN.CITE.DATA" not in instruction:
                self.open[-1].append(instruction)
            self.fields.append(instruction)

    def data(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)

    def end(self, tag: str) -> None:
        local = tag.rpartition("}")[2]
        if local == "p":
            self.paragraphs.append("".join(self.paragraph))
        if self.text is None or local != self.into:
            return
        text = "".join(self.text)
        self.text = None
        if local == "instrText" and self.open:
            self.open[-1].append(text)
        elif local == "t":
            self.paragraph.append(text)
        elif local == "fldData":
            self.decoded(text, prefix="ADDIN EN.CITE ")
        elif local == "lpwstr" and (found := BOOKMARK.fullmatch(self.property)):
            self.bookmarks.setdefault(found[1], {})[int(found[2])] = text

    def decoded(self, encoded: str, prefix: str = "CSL_CITATION ") -> None:
        """Base64, as EndNote keeps its data and Mendeley its citations."""
        bare = re.sub(r"\s", "", encoded)
        try:
            text = base64.b64decode(bare + "=" * (-len(bare) % 4)).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return
        if "<EndNote" in text or text.lstrip().startswith("{"):
            self.fields.append(prefix + text.replace("\x00", ""))

    def close(self) -> None:
        for parts in self.bookmarks.values():
            self.fields.append("".join(parts[number] for number in sorted(parts)))


def fields_of(text: str, source: str) -> tuple[_Fields, tuple[Problem, ...]]:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser, ParseError

    target = _Fields()
    parser = DefusedXMLParser(target=target)
    try:
        parser.feed(text)
        parser.close()
    except (ParseError, DefusedXmlException, RecursionError) as error:
        target.close()
        return target, (Problem(f"a part of the document is not whole XML ({str(error)[:80]})", Origin(source)),)
    return target, ()


def read_bytes(data: bytes, options: ReadOptions) -> Batch:
    return collect(_read(data, options))


def _read(data: bytes, options: ReadOptions) -> Iterator[Record | Problem]:
    fields: list[str] = []
    paragraphs: list[str] = []
    sources: list[Record | Problem] = []
    try:
        for name, text in package.parts(data, PARTS):
            if name.startswith("customXml"):
                if "officeDocument/2006/bibliography" in text:
                    assert msbib.FORMAT.read is not None
                    batch = msbib.FORMAT.read(text, options)
                    sources += [*batch.records, *batch.problems]
                continue
            found, problems = fields_of(text, options.source)
            fields += found.fields
            if name == "word/document.xml":
                paragraphs = found.paragraphs
            yield from problems
    except (BadZipFile, package.TooLargeError) as error:
        yield Problem(f"a .docx that cannot be opened: {error}", Origin(options.source))
        return
    works = [*package.cited(fields, options.source), *sources]
    yield from works
    if not any(isinstance(each, Record) for each in works):
        yield package.references(paragraphs, options.source)


FORMAT = Format(
    name="docx",
    summary="Word documents with fields of Zotero, Mendeley or EndNote, or with Word's sources",
    suffixes=(".docx",),
    magic=lambda data: package.is_package(data, b"word/document"),
    read_bytes=read_bytes,
)
