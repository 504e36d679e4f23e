"""Pages of many works: COinS, h-cite, a volume of the ACL Anthology, a list of arXiv's.

Sources: ANSI/NISO Z39.88-2004 (OpenURL, KEV formats; COinS, https://web.archive.org/web/20170920/http://ocoins.info/),
http://microformats.org/wiki/h-cite, the templates of the Anthology and of arXiv.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from bibtools import identifiers
from bibtools.formats import people
from bibtools.formats.draft import Draft
from bibtools.formats.marked import INLINE
from bibtools.record import Name, Origin, Problem, Record

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["read"]

# --- COinS ------------------------------------------------------------------------------------------------------------

GENRES = {
    "article": "article-journal",
    "journal": "periodical",
    "issue": "periodical",
    "proceeding": "paper-conference",
    "conference": "book",
    "preprint": "article",
    "book": "book",
    "bookitem": "chapter",
    "report": "report",
    "document": "document",
    "dissertation": "thesis",
    "patent": "patent",
    "unknown": "document",
}
TEXT = {
    "rft.atitle": "title",
    "rft.stitle": "container_title_short",
    "rft.volume": "volume",
    "rft.issue": "issue",
    "rft.pub": "publisher",
    "rft.inst": "publisher",
    "rft.place": "publisher_place",
    "rft.edition": "edition",
    "rft.series": "collection_title",
    "rft.issn": "issn",
    "rft.eissn": "issn",
    "rft.isbn": "isbn",
    "rft.language": "language",
    "rft.description": "abstract",
    "rft.tpages": "number_of_pages",
}
DROPPED = frozenset(
    "ctx_ver ctx_enc rft_val_fmt rfr_id rfr.id url_ver rft.genre rft.type rft.format rft.btitle rft.title rft.jtitle".split()
)


def coins(page: HtmlElement, source: str) -> Iterator[Record]:
    index = 0
    for element in page.iter("span"):
        if "Z3988" not in (element.get("class") or "").split():
            continue
        pairs = parse_qsl((element.get("title") or "").strip(), keep_blank_values=False, max_num_fields=None)
        if not any(key.startswith("rft") for key, _ in pairs):
            continue
        yield _context(pairs, Origin(source, element.sourceline or 0, index))
        index += 1


def _context(pairs: list[tuple[str, str]], origin: Origin) -> Record:
    draft = Draft(origin)
    said: dict[str, str] = {}
    for key, value in pairs:
        said.setdefault(key, " ".join(value.split()))
    form = said.get("rft_val_fmt", "").rpartition(":")[2]
    type_ = GENRES.get(said.get("rft.genre", ""), "")
    if not type_:
        type_ = {"journal": "article-journal", "book": "book", "dissertation": "thesis", "patent": "patent"}.get(
            form, "document"
        )
    if type_ == "book" and "rft.atitle" in said:
        type_ = "chapter"
    draft.fields["type"] = type_
    whole = said.get("rft.jtitle") or said.get("rft.btitle") or said.get("rft.title") or ""
    if "rft.atitle" in said:
        draft.put("title", said["rft.atitle"], "rft.atitle")
        draft.put("container_title", whole, "title")
    else:
        draft.put("title", said.get("rft.btitle") or said.get("rft.title") or said.get("rft.jtitle") or "", "title")
        if "rft.title" in said:
            draft.put("title", said["rft.title"], "rft.title") if said["rft.title"] != whole else None
    _authors(draft, pairs, said)
    for key, value in pairs:
        text = " ".join(value.split())
        if key in TEXT:
            draft.put(TEXT[key], text, f"coins {key}")
        elif key == "rft.date":
            draft.put_date("issued", text, "coins rft.date")
        elif key in ("rft_id", "rft.identifier"):
            _identified(draft, text)
        elif key == "rft.subject":
            draft.add_keywords((text,))
        elif key not in DROPPED and not re.fullmatch(r"rft\.(?:au\w*|spage|epage|pages|artnum)", key):
            draft.keep(f"coins {key}", text)
    begin, end = said.get("rft.spage", ""), said.get("rft.epage", "")
    draft.put("page", f"{begin}–{end}" if begin and end and begin != end else begin or end, "pages")
    draft.put("page", said.get("rft.pages") or said.get("rft.artnum") or "", "coins rft.pages")
    return draft.record()


def _authors(draft: Draft, pairs: list[tuple[str, str]], said: dict[str, str]) -> None:
    """The first author in parts, who may stand among ``rft.au`` again."""
    first = Name(
        said.get("rft.aulast", ""),
        said.get("rft.aufirst") or said.get("rft.auinit") or "",
        suffix=said.get("rft.ausuffix", ""),
    )
    others = [people.natural(value) for key, value in pairs if key == "rft.au" and value.strip()]
    if first.family and not any(each.family == first.family for each in others[:1]):
        others.insert(0, first)
    draft.add("author", others)
    draft.add("author", (people.organisation(value) for key, value in pairs if key == "rft.aucorp"))


def _identified(draft: Draft, text: str) -> None:
    scheme, _, value = text.removeprefix("info:").partition("/") if text.startswith("info:") else ("", "", text)
    if doi := identifiers.bare_doi(text):
        draft.put("doi", doi, "doi")
    elif scheme in ("pmid", "oclcnum", "lccn", "bibcode", "sid", "hdl", "ofi"):
        draft.put("pmid", value, "pmid") if scheme == "pmid" else draft.keep(f"coins {scheme}", unquote(value))
    elif "arxiv" in text.lower() and (found := identifiers.arxiv_id(text)):
        draft.put("arxiv_id", found, "arxiv")
    elif re.match(r"https?://|urn:", text):
        draft.put("url", text, "coins rft_id")
    else:
        draft.keep("coins rft_id", text)


# --- h-cite -----------------------------------------------------------------------------------------------------------


def hcite(page: HtmlElement, source: str) -> Iterator[Record]:
    for index, element in enumerate(_classed(page, "h-cite")):
        draft = Draft(Origin(source, element.sourceline or 0, index), "article-journal")
        for part in element.iter():
            if not isinstance(part.tag, str):
                continue
            classes = set((part.get("class") or "").split())
            text = shown(part)
            if "p-name" in classes and not _within(part, element, ("p-author", "h-card", "p-publication")):
                draft.put("title", text, "p-name")
            elif "p-author" in classes or ("h-card" in classes and "p-publication" not in classes):
                draft.add("author", (people.natural(text),))
            elif "p-publication" in classes:
                draft.put("container_title", text, "p-publication")
            elif "dt-published" in classes:
                draft.put_date("issued", part.get("datetime") or text, "dt-published")
            elif "u-uid" in classes or "u-url" in classes:
                address = part.get("href") or text
                doi = identifiers.bare_doi(address)
                draft.put("doi", doi, "u-uid") if doi else draft.put("url", address, "u-url")
            elif "p-content" in classes or "p-abstract" in classes:
                draft.put("abstract", text, "p-content")
        if draft.get("title"):
            if not draft.get("container_title"):
                draft.fields["type"] = "webpage" if draft.get("url") else "document"
            yield draft.record()


def _classed(page: HtmlElement, name: str) -> Iterator[HtmlElement]:
    return (each for each in page.iter() if isinstance(each.tag, str) and name in (each.get("class") or "").split())


def _within(part: HtmlElement, outer: HtmlElement, classes: tuple[str, ...]) -> bool:
    parent = part.getparent()
    while parent is not None and parent is not outer:
        if set(classes) & set((parent.get("class") or "").split()):
            return True
        parent = parent.getparent()
    return False


# --- ACL Anthology ----------------------------------------------------------------------------------------------------

PAPER = re.compile(r"(?:https?://(?:www\.)?aclanthology\.org)?/(?P<id>(?:\d{4}\.[\w-]+\.\d+)|(?:[A-Z]\d\d-\d{4,5}))/?")
VOLUME = re.compile(r"(?:https?://(?:www\.)?aclanthology\.org)?/volumes/[\w.-]+/?")
PERSON = re.compile(r"(?:https?://(?:www\.)?aclanthology\.org)?/people/")


def anthology(page: HtmlElement, source: str) -> Iterator[Record]:
    """Papers under their volume; a volume's front matter, which is its first entry, is the volume itself."""
    heading = page.xpath("string(//h2[@id='title'])") or ""
    container = " ".join(str(heading).split())
    abstracts = {each.get("id"): shown(each) for each in _classed(page, "abstract-collapse")}
    index = 0
    for link in page.iter("a"):
        address = link.get("href") or ""
        if "align-middle" not in (link.get("class") or "").split():
            continue
        if VOLUME.fullmatch(address):
            container = shown(link)
            continue
        found = PAPER.fullmatch(address)
        if not found:
            continue
        draft = Draft(Origin(source, link.sourceline or 0, index), "paper-conference")
        identifier = found["id"]
        draft.put("title", shown(link), "title")
        names = [shown(each) for each in _same_block(link) if PERSON.match(each.get("href") or "")]
        front = identifier.endswith(".0") or (
            re.match(r"[A-Z]", identifier) is not None and identifier.endswith(("000", "-1000"))
        )
        draft.add("editor" if front else "author", map(people.natural, names))
        if front:
            draft.fields["type"] = "book"
        else:
            draft.put("container_title", container, "volume")
        if year := re.match(r"(\d{4})\.", identifier):
            draft.put_date("issued", year[1], "year")
        draft.put("url", f"https://aclanthology.org/{identifier}", "url")
        abstract = abstracts.get("abstract-" + identifier.replace("-", "--").replace(".", "--"), "")
        draft.put("abstract", re.sub(r"^Abstract[:\s]*", "", abstract), "abstract")
        yield draft.record()
        index += 1


def _same_block(link: HtmlElement) -> Iterator[HtmlElement]:
    block = link.getparent()
    for _ in range(4):
        if block is None or block.tag in ("p", "div", "li"):
            break
        block = block.getparent()
    return iter(block.iter("a")) if block is not None else iter(())


# --- arXiv ------------------------------------------------------------------------------------------------------------

SUBJECT = re.compile(r"\(([a-z-]+(?:\.[A-Za-z-]+)?)\)")


def arxiv_list(page: HtmlElement, source: str) -> Iterator[Record]:
    from bibtools import arxiv

    index = 0
    for term in page.iter("dt"):
        link = next((each for each in term.iter("a") if (each.get("title") or "") == "Abstract"), None)
        body = term.getnext()
        identifier = (
            identifiers.arxiv_id("https://arxiv.org" + (link.get("href") or "").removeprefix("https://arxiv.org"))
            if link is not None
            else ""
        )
        if not identifier or body is None:
            continue
        said = {
            name: re.sub(r"^[A-Z][\w-]+:\s*", "", shown(each))
            for name in ("list-title", "list-authors", "list-comments", "list-journal-ref", "list-subjects")
            for each in _classed(body, name)
        }
        paragraphs = [shown(each) for each in body.iter("p")]
        yield arxiv.record(
            identifier=identifier,
            title=said.get("list-title", ""),
            authors=said.get("list-authors", ""),
            abstract=paragraphs[0] if paragraphs else "",
            categories=tuple(SUBJECT.findall(said.get("list-subjects", ""))),
            comments=said.get("list-comments", ""),
            extra=(("journal-ref", said["list-journal-ref"]),) if said.get("list-journal-ref") else (),
            origin=Origin(source, term.sourceline or 0, index),
        )
        index += 1


# --- all --------------------------------------------------------------------------------------------------------------


def shown(element: HtmlElement) -> str:
    """The text of an element, its italics, raised and lowered text as CSL's tags."""
    parts = [element.text or ""]
    for child in element:
        inner = shown(child) if isinstance(child.tag, str) and child.tag not in ("script", "style") else ""
        before, behind = INLINE.get(child.tag, ("", "")) if inner.strip() else ("", "")
        parts += [before, inner, behind, " " if child.tag == "br" else "", child.tail or ""]
    return " ".join("".join(parts).split())


KINDS: tuple[Callable[[HtmlElement, str], Iterator[Record]], ...] = (anthology, arxiv_list, coins, hcite)


def read(page: HtmlElement, source: str) -> Iterator[Record | Problem]:
    """The works of the first kind of list that the page has."""
    for kind in KINDS:
        found = list(kind(page, source))
        if found:
            yield from found
            return
