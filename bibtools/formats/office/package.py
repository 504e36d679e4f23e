"""The zip that a document is, opened with bounds, and what both kinds of document share: citations to records."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from bibtools import jsontext
from bibtools.format import ReadOptions
from bibtools.formats import endnote_xml
from bibtools.formats.csljson import from_csl
from bibtools.record import Origin, Problem, Record

__all__ = ["TooLargeError", "cited", "is_package", "parts", "references"]

LARGEST = 200 << 20  # bytes of all parts together, unpacked


class TooLargeError(ValueError):
    pass


def is_package(data: bytes, mark: bytes) -> bool:
    """Whether bytes are a zip that names a part: names stand in the clear."""
    return data[:4] == b"PK\x03\x04" and mark in data


def parts(data: bytes, wanted: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Name and text of the parts whose names match. Raises BadZipFile, TooLargeError."""
    left = LARGEST
    with ZipFile(BytesIO(data)) as package:
        for info in package.infolist():
            if not wanted.fullmatch(info.filename):
                continue
            try:
                with package.open(info) as part:
                    found = part.read(left + 1)
            except (RuntimeError, NotImplementedError, zlib.error, OSError, EOFError) as error:
                raise BadZipFile(str(error)) from error
            left -= len(found)
            if left < 0:
                raise TooLargeError(f"unpacked it is more than {LARGEST >> 20} MB")
            yield info.filename, found.decode("utf-8", "replace")


FIELD = re.compile(
    r"\s*(?:ADDIN\s+)?(?P<kind>ZOTERO_ITEM|ZOTERO_CITATION|CSL_CITATION|EN\.CITE(?:\.DATA)?)\b\s*(?P<rest>.*)",
    re.DOTALL,
)
RANDOM = re.compile(r"\s*RND\w+\s*$")


def cited(fields: Iterable[str], source: str) -> Iterator[Record | Problem]:
    """The works that the fields of a document cite, each once, in the order of the first citation."""
    seen: set[str] = set()
    index = 0
    for field in fields:
        found = FIELD.match(field)
        if found is None:
            continue
        if found["kind"].startswith("EN."):
            works: Iterable[Record | Problem] = _endnote(found["rest"], source)
        else:
            works = _csl(found["rest"], source)
        for work in works:
            key = repr(replace(work, origin=Origin())) if isinstance(work, Record) else str(work)
            if key in seen:
                continue
            seen.add(key)
            yield replace(work, origin=Origin(source, 0, index))
            index += isinstance(work, Record)


def _csl(text: str, source: str) -> Iterator[Record | Problem]:
    """The items of a citation; behind the JSON LibreOffice has a random mark."""
    at = text.find("{")
    try:
        value: Any = jsontext.decode_at(text, at)[0] if at >= 0 else None
    except jsontext.NotJSONError as error:
        yield Problem(f"a citation field that cannot be read: {error}", Origin(source), text=text[:2000])
        return
    items = value.get("citationItems") if isinstance(value, dict) else None
    for item in items if isinstance(items, list) else []:
        data = item.get("itemData") if isinstance(item, dict) else None
        if not isinstance(data, dict):
            yield Problem("a citation without data of the work", Origin(source), "warning", jsontext.dumps(item))
            continue
        record, problems = from_csl(data, Origin(source))
        uris = item.get("uris") or item.get("uri")
        if isinstance(uris, list) and uris and isinstance(uris[0], str):
            record = record.replace(extra=(*record.extra, ("item uri", uris[0])))
        yield record
        yield from problems


def _endnote(text: str, source: str) -> Iterator[Record | Problem]:
    """EndNote's own XML, in the field or (with many authors) in its data."""
    at = text.find("<EndNote")
    if at < 0:
        return
    assert endnote_xml.FORMAT.read is not None
    batch = endnote_xml.FORMAT.read(text[at : text.rfind(">") + 1], ReadOptions(source=source))
    yield from batch.records
    yield from batch.problems


HEADING = re.compile(
    r"(?:\d+\.?\s*)?(?:references|bibliography|works cited|literature(?: cited)?|literatur(?:verzeichnis)?|références)",
    re.I,
)


def references(paragraphs: list[str], source: str) -> Problem:
    """What a document without fields has to say: its list of references, if a heading tells where it begins."""
    at = next(
        (place for place in range(len(paragraphs) - 1, -1, -1) if HEADING.fullmatch(paragraphs[place].strip(" .:"))), -1
    )
    lines = [text for text in paragraphs[at + 1 :] if text.strip()] if at >= 0 else []
    message = "no fields of Zotero, Mendeley or EndNote and no sources of Word in the document"
    if lines:
        message += f"; its list of references has {len(lines)} lines, which can be copied into a text file and read"
    return Problem(message, Origin(source), text="\n".join(lines))
