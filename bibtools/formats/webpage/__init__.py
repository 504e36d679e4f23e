"""Saved web pages: what the head of an article's page says of it, or the works that a page lists.

A page of one article is known by its tags, in the order of trust: Highwire's ``citation_*``, bepress, EPrints, PRISM, Dublin
Core, JSON-LD, Open Graph. A further tag fills gaps only; what it says differently is kept. Without them, a page of many works is
read: COinS, h-cite, a volume of the ACL Anthology, a list of arXiv's. The names of sites are no authors; what no tag says is not
guessed. Needs lxml (the extra ``html``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bibtools import encoding
from bibtools.format import Format, ReadOptions, collect
from bibtools.formats.xmlworks import prolog_end
from bibtools.record import Batch, Origin, Problem, Record

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["FORMAT", "read"]

LARGEST = 100 << 20  # characters
HTML = re.compile(r"<(?:!doctype html|html|head|meta|title|body)\b", re.IGNORECASE)
TAGS = re.compile(
    r"""(?:name|property|itemprop)\s*=\s*["']?(?:citation_title|bepress_citation_title|eprints\.title|dc[.:]title|dcterms[.:]title|
    prism\.publicationname|og:type["']?\s+content\s*=\s*["']?article)|Z3988|\bh-cite\b|/ScholarlyArticle|"@type"\s*:\s*\[?\s*"
    (?:ScholarlyArticle|MedicalScholarlyArticle|Chapter|Thesis|Book|Dataset|Report|SoftwareSourceCode|BlogPosting|NewsArticle|Article)"|
    class=["']?align-middle["']?\s+href=["']?(?:https://aclanthology\.org)?/[A-Z0-9]|title=["']Abstract["']\s+id=""",
    re.IGNORECASE | re.VERBOSE,
)


def is_html(start: str) -> bool:
    """Whether a text begins as a page does; comments and an XML declaration may stand before."""
    blank = start.lstrip("\ufeff \t\r\n")
    return HTML.match(blank) is not None or HTML.match(start, prolog_end(start)) is not None


def looks_like(head: str) -> bool:
    """A page whose head says what it is a page of; one cut before its tags is known from the bytes (`magic`)."""
    return is_html(head[:4096]) and TAGS.search(head) is not None


def magic(data: bytes) -> bool:
    """The same question of a whole file: the tags can stand behind a hundred kilobytes of styles."""
    start = data[:4096].replace(b"\0", b"")
    if b"<" not in start[:512] or not is_html(start.decode("latin-1").removeprefix("ï»¿")):
        return False
    return TAGS.search(data.decode("latin-1")) is not None


def read_bytes(data: bytes, options: ReadOptions) -> Batch:
    """In the encoding that the page declares, unless it is UTF-8 whatever it declares."""
    decoded = encoding.decode(data)
    text = decoded.text
    if decoded.problem and (found := re.search(rb"charset\s*=\s*[\"']?\s*([\w-]+)", data[:4096], re.I)):
        try:
            text = data.decode(found[1].decode("ascii"))
            return read(text, options)
        except (LookupError, UnicodeDecodeError):
            pass
    problems = (Problem(decoded.problem, Origin(options.source), "warning"),) if decoded.problem else ()
    return Batch((), problems) + read(text, options)


def read(text: str, options: ReadOptions) -> Batch:
    return collect(_read(text, options))


def _read(text: str, options: ReadOptions) -> Iterator[Record | Problem]:
    try:
        import lxml.html  # noqa: F401  to tell its absence before anything else
    except ImportError:
        yield Problem("web pages need lxml; install the extra: bibtools-cm[html]", Origin(options.source))
        return
    from bibtools.formats.webpage import heads, lists

    if len(text) > LARGEST:
        yield Problem(f"a page of more than {LARGEST >> 20} MB is not read", Origin(options.source))
        return
    page = _parsed(text)
    if page is None:
        yield Problem("no page: nothing of it could be parsed", Origin(options.source))
        return
    found: list[Any] = list(heads.read(page, options.source)) or list(lists.read(page, options.source))
    yield from found
    if not any(isinstance(each, Record) for each in found):
        yield Problem("no tags of an article and no list of works on the page", Origin(options.source))


def _parsed(text: str) -> HtmlElement | None:
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        page = html.document_fromstring(text.encode("utf-8", "replace").replace(b"\0", b""), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    return page


FORMAT = Format(
    name="webpage",
    summary="saved pages of articles (citation_*, Dublin Core, PRISM, JSON-LD ...) and of lists (COinS ...); needs lxml",
    suffixes=(".html", ".htm"),
    looks_like=looks_like,
    read=read,
    magic=magic,
    read_bytes=read_bytes,
)
