"""DBLP: its whole data in XML (dblp.xml, several gigabytes, read as a stream), a record's or a person's XML, and the JSON of
its search.

Source: "DBLP - Some Lessons Learned" (Ley, 2009), https://dblp.org/xml/docu/, https://dblp.org/faq. Homonyms have a number of
four digits behind their name, which is no part of it; titles end in a stop. A paper of CoRR is arXiv's. Home pages of people and
records that only redirect are no works.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from bibtools import dates, identifiers
from bibtools.formats import marked, people
from bibtools.formats.draft import Draft
from bibtools.formats.jsonworks import Work, as_list, as_map, as_text, enclosed, json_format
from bibtools.formats.xmlworks import cleared, root_of, xml_format
from bibtools.record import Name

__all__ = ["JSON", "XML"]

TYPES = {
    "article": "article-journal",
    "inproceedings": "paper-conference",
    "proceedings": "book",
    "book": "book",
    "incollection": "chapter",
    "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "data": "dataset",
    "www": "webpage",
}
GENRES = {"phdthesis": "PhD thesis", "mastersthesis": "Master's thesis"}
SAID = {  # `type` of the search
    "Journal Articles": "article-journal",
    "Conference and Workshop Papers": "paper-conference",
    "Books and Theses": "book",
    "Informal and Other Publications": "article",
    "Informal Publications": "article",
    "Editorship": "book",
    "Parts in Books or Collections": "chapter",
    "Reference Works": "book",
    "Data and Artifacts": "dataset",
}
TEXT = {
    "journal": "container_title",
    "booktitle": "container_title",
    "volume": "volume",
    "publisher": "publisher",
    "school": "publisher",
    "address": "publisher_place",
    "series": "collection_title",
    "isbn": "isbn",
    "note": "note",
    "chapter": "chapter_number",
}
HOMONYM = re.compile(r" \d{4}$")
CORR = re.compile(r"abs/((?:\d{4}\.\d{4,5})|(?:[a-z-]+/\d{7}))")


def person(text: str) -> Name:
    return people.natural(HOMONYM.sub("", text))


def title(text: str) -> str:
    return text[:-1] if text.endswith(".") and not text.endswith("..") else text


def link(draft: Draft, address: str) -> None:
    """An electronic edition: a DOI, a paper of arXiv, or an address."""
    resolver, doi = identifiers.split_resolver(address)
    if resolver:
        draft.put("doi", doi, "ee")
    elif "arxiv.org/" in address and (found := identifiers.arxiv_id(address)):
        draft.put("arxiv_id", found, "ee")
    else:
        draft.put("url", address, "ee")


def corr(draft: Draft) -> None:
    """``CoRR`` with the volume ``abs/2103.04505`` is the preprint of that number."""
    found = CORR.fullmatch(draft.get("volume"))
    if draft.get("container_title") == "CoRR" and found:
        draft.put("arxiv_id", found[1], "volume")
        draft.fields.update(type="article", container_title="", volume="")


# --- XML --------------------------------------------------------------------------------------------------------------


def fill_xml(draft: Draft, element: Element) -> bool:
    kind, key = element.tag, element.attrib.pop("key", "")
    if kind in ("www", "person") and key.startswith(("homepages/", "persons/")):
        return False
    if kind not in TYPES:
        return False
    draft.fields["type"] = TYPES[kind]
    draft.put("genre", GENRES.get(kind, ""), "type")
    draft.put("id", f"DBLP:{key}" if key else "", "key")  # as in DBLP's own BibTeX
    year = month = ""
    for child in element:
        tag = child.tag
        if tag in ("author", "editor"):
            draft.add(tag, (person(child.text or ""),))
            child.text = None
        elif tag == "title":
            draft.put("title", title(cleared(child)), "title")
        elif tag in TEXT:
            draft.put(TEXT[tag], cleared(child), tag)
        elif tag == "year":
            year = cleared(child)
        elif tag == "month":
            month = cleared(child)
        elif tag == "ee":
            link(draft, cleared(child))
        elif tag == "pages":
            draft.put("page", cleared(child), "pages")
        elif tag == "number":
            draft.put("issue" if kind == "article" else "number", cleared(child), "number")
    if found := dates.parse(year, month):
        draft.fields["issued"] = found
    corr(draft)
    if not draft.get("title") and element.find("crossref") is None:
        return False
    element.attrib.pop("mdate", None)
    return True


DBLP_ROOTS = frozenset(("dblp", "dblpperson", "bht"))


def looks_like_xml(head: str) -> bool:
    return (
        root_of(head)[0] in DBLP_ROOTS
        and re.search(r"<(?:article|inproceedings|book|www|r|person|proceedings)\b", head) is not None
    )


XML = xml_format(
    name="dblp-xml",
    summary="DBLP's XML: dblp.xml, a record, a person's page",
    wanted=frozenset((*TYPES, "person")),
    fill=fill_xml,
    looks_like=looks_like_xml,
)


# --- JSON of the search -----------------------------------------------------------------------------------------------


def held(value: Any) -> Iterator[Any]:
    for each in enclosed(value, ("result", "hits", "hit"), ("result", "hits")):
        info = as_map(each).get("info")
        yield info if isinstance(info, dict) else each


def is_work(work: Work) -> bool:
    return (
        "title" in work and "key" in work and ("venue" in work or "authors" in work or "ee" in work or "access" in work)
    )


def told(value: Any) -> str:
    hits = as_map(as_map(as_map(value).get("result")).get("hits"))
    total, sent = as_text(hits.get("@total")), as_text(hits.get("@sent"))
    return (
        f"the query has {total} results; the answer holds {sent} of them" if total != sent and total.isdigit() else ""
    )


def fill(draft: Draft, work: Work) -> None:
    said = as_text(work.get("type"))
    draft.fields["type"] = SAID.get(said, "document")
    draft.put("title", title(marked.text(as_text(work.pop("title", None)))), "title")
    authors = as_list(as_map(work.pop("authors", None)).get("author"))
    named = [(each, as_text(each.get("text")) if isinstance(each, dict) else as_text(each)) for each in authors]
    editors = said == "Editorship"
    draft.add("editor" if editors else "author", (person(marked.text(name)) for _, name in named if name))
    work["pids"] = [pid for each, _ in named if (pid := as_text(as_map(each).get("@pid")))]
    venues = [marked.text(as_text(each)) for each in as_list(work.pop("venue", None))]
    for venue in venues:
        draft.put("collection_title" if draft.fields["type"] == "book" else "container_title", venue, "venue")
    draft.put("volume", as_text(work.pop("volume", None)), "volume")
    draft.put("issue" if said == "Journal Articles" else "number", as_text(work.pop("number", None)), "number")
    draft.put("page", as_text(work.pop("pages", None)), "pages")
    draft.put("publisher", marked.text(as_text(work.pop("publisher", None))), "publisher")
    draft.put_date("issued", as_text(work.pop("year", None)), "year")
    draft.put("doi", as_text(work.pop("doi", None)), "doi")
    for address in as_list(work.pop("ee", None)):
        link(draft, as_text(address))
    key = as_text(work.pop("key", None))
    draft.put("id", f"DBLP:{key}" if key else "", "key")
    if as_text(work.get("url")).endswith(f"/rec/{key}"):
        work.pop("url")
    corr(draft)


JSON = json_format(
    name="dblp",
    summary="results of DBLP's search (JSON)",
    held=held,
    is_work=is_work,
    fill=fill,
    told=told,
)
