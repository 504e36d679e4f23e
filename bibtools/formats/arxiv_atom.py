"""Responses of arXiv's API: an Atom feed with elements of arXiv's and OpenSearch's own.

Read by `defusedxml`, entry by entry, so that a feed cut short gives the entries that are whole and entity bombs give a
problem. Names come in parts and in Unicode; they are joined again and read by the rules of `arxiv`, so that a paper is the
same record from here and from the snapshot where both say the same. What the API adds (affiliations, links to the
publisher, classes that are no arXiv categories) goes to ``extra``.

Source: https://info.arxiv.org/help/api/user-manual.html, section 3.3 and 5.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING

from bibtools import arxiv, dates, identifiers
from bibtools.format import Format, ReadOptions, collect
from bibtools.record import Batch, Origin, Problem, Record

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["FORMAT"]

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
_PROLOG = re.compile(r"\s*<\?xml[^>]{0,200}\?>")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # https://www.w3.org/TR/xml/#charsets


def read(text: str, options: ReadOptions) -> Batch:
    """The entries of one or several feeds in a text."""
    return collect(_read(text, options.source))


def _read(text: str, source: str) -> Iterator[Record | Problem]:
    clean = _ILLEGAL.sub("", text.replace("\x00", ""))
    if clean != text.removeprefix("\ufeff"):
        yield Problem("control characters removed", Origin(source), "warning")
    starts = [
        0,
        *(match.start() for match in re.finditer(r"<\?xml\s", clean) if clean[: match.start()].strip()),
        len(clean),
    ]
    place = 0
    for start, end in pairwise(starts):
        for found in _feed(clean[start:end], source, clean.count("\n", 0, start)):
            if isinstance(found, Record):
                found = found.replace(origin=replace(found.origin, index=place))
                place += 1
            yield found


def _feed(text: str, source: str, before: int) -> Iterator[Record | Problem]:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    prolog = _PROLOG.match(text)  # the encoding that it names is undone already
    body = "\n" * prolog[0].count("\n") + text[prolog.end() :] if prolog else text
    lines = _entry_lines(body, before)
    shown = 0
    total = ""
    try:
        for _, element in iterparse(BytesIO(body.encode("utf-8", "replace")), events=("end",)):
            if element.tag == f"{_SEARCH}totalResults":
                total = (element.text or "").strip()
            elif element.tag == f"{_ATOM}entry":
                yield _entry(element, Origin(source, next(lines, 0)))
                shown += 1
                element.clear()
    except DefusedXmlException:
        yield Problem("the feed declares entities, which is not read", Origin(source, before + 1))
    except ParseError as error:
        line = getattr(error, "position", (0, 0))[0]
        yield Problem(f"not a whole feed: {error.msg}; {shown} entries were read", Origin(source, before + line))
    if total.isdigit() and int(total[:9]) > shown:
        yield Problem(
            f"the query has {total} results; the feed holds {shown} of them", Origin(source, before + 1), "note"
        )


def _entry_lines(body: str, before: int) -> Iterator[int]:
    line, position = before + 1, 0
    for match in re.finditer(r"<(?:\w+:)?entry[\s>]", body):
        line += body.count("\n", position, match.start())
        position = match.start()
        yield line


def _entry(element: Element, origin: Origin) -> Record | Problem:
    address = _content(element, f"{_ATOM}id")
    title = _content(element, f"{_ATOM}title")
    if "/api/errors" in address:
        return Problem(f"arXiv answers: {_content(element, f'{_ATOM}summary') or title}", origin)
    if not (address or title):
        return Problem("an entry without id and title", origin)
    categories, classes = _categories(element)
    submitted = dates.parse(_content(element, f"{_ATOM}published"))
    extra = [
        ("journal-ref", _content(element, f"{_ARXIV}journal_ref")),
        *(("affiliation", each) for each in _affiliations(element)),
        *(("class", each) for each in classes),
    ]
    return arxiv.record(
        identifier=identifiers.arxiv_id(address),
        title=title,
        authors=", ".join(filter(None, (_content(each, f"{_ATOM}name") for each in element.iter(f"{_ATOM}author")))),
        abstract=_content(element, f"{_ATOM}summary"),
        categories=categories,
        doi=_content(element, f"{_ARXIV}doi"),
        comments=_content(element, f"{_ARXIV}comment"),
        issued=dates.parse(_content(element, f"{_ATOM}updated")) or submitted,
        submitted=submitted,
        extra=tuple(pair for pair in extra if pair[1]),
        origin=origin,
    )


def _content(element: Element, tag: str) -> str:
    child = element.find(tag)
    return "".join(child.itertext()).strip() if child is not None else ""


def _affiliations(element: Element) -> list[str]:
    return ["".join(each.itertext()).strip() for each in element.iter(f"{_ARXIV}affiliation")]


def _categories(element: Element) -> tuple[tuple[str, ...], list[str]]:
    """arXiv categories, primary first, and classes of other schemes (MSC, ACM) that share the element."""
    primary = element.find(f"{_ARXIV}primary_category")
    terms = [primary.get("term", "")] if primary is not None else []
    terms += [each.get("term", "") for each in element.findall(f"{_ATOM}category")]
    unique = list(dict.fromkeys(filter(None, (each.strip() for each in terms))))
    known = [each for each in unique if each in arxiv.CATEGORIES or each == terms[0].strip()]
    return tuple(known), [each for each in unique if each not in known]


def looks_like(text: str) -> bool:
    head = text[:4096]
    return "<feed" in head and "http://www.w3.org/2005/Atom" in head and "arxiv.org" in text


FORMAT = Format(
    name="arxiv-atom",
    summary="responses of arXiv's API (Atom)",
    suffixes=(".xml", ".atom"),
    looks_like=looks_like,
    read=read,
)
