"""Records of arXiv as its OAI-PMH interface gives them (metadata formats ``arXivRaw`` and ``arXiv``), a page in a file.

``arXivRaw`` says what the snapshot of `arxiv_json` says, in the same words, and gives the same record. ``arXiv`` has names in
parts, and only the days of the first and the last version. A record that was deleted is told and is none.

Source: https://info.arxiv.org/help/oa/index.html, https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import Element

from bibtools.format import Format, ReadOptions, collect
from bibtools.formats import arxiv_json
from bibtools.formats.xmlworks import elements, root_of, shown
from bibtools.record import Batch, Origin, Problem, Record

__all__ = ["FORMAT"]

RAW, PARTS = "arXivRaw", "arXiv"
PIECE = 1 << 16
WHOLE = frozenset(("id", "title", "abstract", "categories", "comments", "doi", "journal-ref", "report-no", "license",
                   "submitter", "msc-class", "acm-class", "proxy"))  # fmt: skip


def read(text: str, options: ReadOptions) -> Batch:
    return collect(read_pieces((text[at : at + PIECE] for at in range(0, len(text), PIECE)), options))


def read_pieces(pieces: Iterable[str], options: ReadOptions) -> Iterator[Record | Problem]:
    """Each record of the pages; pieces of the text may be cut anywhere."""
    place = 0
    for found in elements(pieces, frozenset(("record", "error")), options.source):
        if isinstance(found, Problem):
            yield found
            continue
        element, line = found
        origin = Origin(options.source, line, place)
        each = _read(element, origin)
        place += isinstance(each, Record)
        yield each


def _read(element: Element, origin: Origin) -> Record | Problem:
    if element.tag == "error":
        return Problem(f"arXiv answers: {element.get('code', '')} {shown(element)}".strip(), origin, "warning")
    header = element.find("header")
    if header is not None and header.get("status") == "deleted":
        return Problem(f"deleted: {(header.findtext('identifier') or '').strip()}", origin, "note")
    for name in (RAW, PARTS):
        work = element.find(f"metadata/{name}")
        if work is not None:
            values = _values(work, name == RAW)
            if values.get("id") or values.get("title"):
                return arxiv_json.record_of(values, origin)
    return Problem("a record without metadata of arXiv", origin)


def _values(work: Element, raw: bool) -> dict[str, Any]:
    """What the snapshot would hold of the work."""
    values: dict[str, Any] = {}
    versions = []
    for child in work:
        if child.tag in WHOLE:
            values[child.tag] = "".join(child.itertext()).strip()
        elif child.tag == "version":
            versions.append({"version": child.get("version", ""), "created": (child.findtext("date") or "").strip()})
        elif child.tag == "authors":
            values["authors"] = "".join(child.itertext()).strip() if raw else ", ".join(filter(None, map(_name, child)))
    if not raw:
        days = [(work.findtext(name) or "").strip() for name in ("created", "updated")]
        versions = [{"version": f"v{number}", "created": day} for number, day in enumerate(days, 1) if day]
    return {**values, "versions": versions}


def _name(author: Element) -> str:
    return " ".join(
        filter(None, ((author.findtext(part) or "").strip() for part in ("forenames", "keyname", "suffix")))
    )


def looks_like(head: str) -> bool:
    return root_of(head)[0] == "OAI-PMH" and "http://arxiv.org/OAI/arXiv" in head


FORMAT = Format(
    name="arxiv-oai",
    summary="records of arXiv's OAI-PMH interface (arXivRaw, arXiv)",
    suffixes=(".xml",),
    looks_like=looks_like,
    read=read,
    read_lines=read_pieces,
)
