"""A PDF, only where it is asked for (``--from pdf``) and poppler's ``pdftotext`` is there: what identifies the paper.

A PDF says nothing of its paper that one could rely on but a DOI or an arXiv number on its first page and its XMP. A page with
several DOIs (a list of references begins on it) identifies nothing. The record is to be completed from an index or a service.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator

from bibtools import identifiers
from bibtools.format import Format, ReadOptions, collect
from bibtools.formats import people
from bibtools.formats.draft import Draft
from bibtools.formats.xmlworks import elements, shown
from bibtools.record import Batch, Origin, Problem, Record

__all__ = ["FORMAT", "REFUSED", "is_pdf"]

REFUSED = "a PDF is not read; make it a text with `pdftotext -layout FILE.pdf`, or identify the paper with --from pdf"
XMP = re.compile(rb"<(?:x:xmpmeta|rdf:RDF)\b.{0,200000}?</(?:x:xmpmeta|rdf:RDF)>", re.DOTALL)
DOI = re.compile(r"(?:doi(?:\.org/|:)?\s*)(10\.\d{4,9}/[^\s\"<>]+)", re.IGNORECASE)
STAMP = re.compile(r"arXiv:\s?(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?\s*\[")
SECONDS = 30


def is_pdf(data: bytes) -> bool:
    return data[:1024].lstrip().startswith(b"%PDF-")


def read_bytes(data: bytes, options: ReadOptions) -> Batch:
    return collect(_read(data, options))


def _read(data: bytes, options: ReadOptions) -> Iterator[Record | Problem]:
    origin = Origin(options.source)
    if not is_pdf(data):
        yield Problem("no PDF", origin)
        return
    draft = Draft(origin)
    for found in XMP.finditer(data):
        _metadata(draft, found[0].decode("utf-8", "replace"))
    program = shutil.which("pdftotext")
    if program is None:
        yield Problem("pdftotext (of poppler) is not installed; only the XMP of the PDF was read", origin, "warning")
    else:
        _first_page(draft, _text(program, data))
    if len(draft.fields) == 1:
        yield Problem(
            "neither a DOI nor an arXiv number on the first page, and no XMP: the paper is not identified", origin
        )
        return
    yield draft.record()
    yield from draft.problems


def _text(program: str, data: bytes) -> str:
    try:
        run = subprocess.run(
            [program, "-layout", "-l", "1", "-", "-"], input=data, capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return run.stdout.decode("utf-8", "replace")


def _first_page(draft: Draft, text: str) -> None:
    dois = {found.lower(): found for match in DOI.finditer(text) if (found := identifiers.doi(match[1]))}
    stamps = {identifiers.arxiv_id(match[1]) for match in STAMP.finditer(text)} - {""}
    if len(dois) == 1:
        draft.put("doi", next(iter(dois.values())), "doi")
    elif dois:
        draft.tell(f"the first page has {len(dois)} DOIs: {', '.join(dois)}; none is taken for the paper's", "note")
    if len(stamps) == 1:
        draft.put("arxiv_id", stamps.pop(), "arxiv")


def _metadata(draft: Draft, text: str) -> None:
    """Dublin Core and PRISM in XMP. A title that is the name of a file says nothing."""
    for found in elements((text,), frozenset(("Description",)), ""):
        if isinstance(found, Problem):
            continue
        description, _ = found
        said = dict(description.attrib)
        for child in description:
            said.setdefault(child.tag, shown(child))
        title = said.get("title", "")
        if title and not re.search(
            r"\.(?:docx?|tex|dvi|indd|pdf|qxd)$|^untitled|^microsoft word", title, re.IGNORECASE
        ):
            draft.put("title", title, "title")
        doi = identifiers.doi(said.get("doi", "") or said.get("identifier", ""))
        draft.put("doi", doi, "doi")
        draft.put("container_title", said.get("publicationName", ""), "publicationName")
        if "author" not in draft.fields:
            for creator in description.iter("creator"):
                draft.add("author", (people.natural(shown(each)) for each in creator.iter("li")))


FORMAT = Format(
    name="pdf",
    summary="what identifies the paper of a PDF (only with --from pdf; needs poppler's pdftotext)",
    suffixes=(".pdf",),
    read_bytes=read_bytes,
)
