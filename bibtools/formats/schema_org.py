"""Works described with schema.org in JSON-LD: alone, in a graph, in a page, and CodeMeta, which describes software so.

Source: https://schema.org/ScholarlyArticle, https://codemeta.github.io/terms/. An issue is part of a volume and this of a
periodical: `isPartOf` is followed outwards. A description that is no abstract is kept as one, since pages use it so; the name of
a site is never an author.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bibtools import identifiers
from bibtools.formats import marked, people
from bibtools.formats.draft import Draft
from bibtools.formats.jsonworks import Work, as_list, as_map, as_text, json_format, left_over
from bibtools.record import Name

__all__ = ["CODEMETA", "SCHEMA_ORG", "fill", "is_work", "nodes"]

TYPES = {
    "ScholarlyArticle": "article-journal",
    "MedicalScholarlyArticle": "article-journal",
    "Article": "article",
    "NewsArticle": "article-newspaper",
    "TechArticle": "article",
    "Report": "report",
    "BlogPosting": "post-weblog",
    "SocialMediaPosting": "post",
    "Book": "book",
    "Chapter": "chapter",
    "Thesis": "thesis",
    "Dataset": "dataset",
    "DataDownload": "dataset",
    "SoftwareSourceCode": "software",
    "SoftwareApplication": "software",
    "PublicationIssue": "periodical",
    "Periodical": "periodical",
    "PresentationDigitalDocument": "speech",
    "VideoObject": "motion_picture",
    "ImageObject": "graphic",
    "Map": "map",
    "Legislation": "legislation",
}
WORKS = frozenset(TYPES) - {"ImageObject", "VideoObject", "PublicationIssue", "Periodical", "DataDownload"}
TEXT = (
    ("isbn", "isbn"),
    ("issn", "issn"),
    ("version", "version"),
    ("softwareVersion", "version"),
    ("inLanguage", "language"),
    ("pagination", "page"),
    ("bookEdition", "edition"),
    ("numberOfPages", "number_of_pages"),
    ("alternativeHeadline", "title_short"),
    ("volumeNumber", "volume"),
    ("issueNumber", "issue"),
)
PEOPLE = (
    ("author", "author"),
    ("authors", "author"),
    ("creator", "author"),
    ("agents", "author"),
    ("editor", "editor"),
    ("translator", "translator"),
)
NAMELESS = frozenset(("PublicationIssue", "PublicationVolume", "WebSite", "WebPage"))  # whose name is no container
CLUE = re.compile(r"schema\.org|codemeta|w3id\.org/ro", re.IGNORECASE)
INVERTED = re.compile(r"[^,]+, [^,]+")


def kinds(node: Work) -> list[str]:
    return [as_text(each).rpartition("/")[2].rpartition(":")[2] for each in as_list(node.get("@type"))]


def nodes(value: Any) -> Iterator[Any]:
    """The works of a text: members of lists and graphs that are works; the value itself where none is."""
    found = [each for member in as_list(value) for each in _graph(member)]
    works = [each for each in found if is_node(each)]
    yield from works or found


def _graph(value: Any) -> list[Any]:
    inner = as_map(value).get("@graph")
    members = inner if isinstance(inner, list) else [value]
    main = [each for member in members for each in as_list(as_map(member).get("mainEntity")) if is_node(each)]
    return main or members


def is_node(value: Any) -> bool:
    return isinstance(value, dict) and bool(WORKS & set(kinds(value)))


def is_work(work: Work) -> bool:
    context = str(work.get("@context", ""))
    return (
        is_node(work)
        and bool(CLUE.search(context))
        and any(key in work for key in ("name", "headline", "title", "author"))
    )


def fill(draft: Draft, work: Work) -> None:
    work.pop("@context", None)
    found = [each for each in kinds(work) if each in TYPES]
    draft.fields["type"] = TYPES[found[0]] if found else "document"
    if len(kinds(work)) == 1 and draft.fields["type"] not in ("document", "software"):
        work.pop("@type", None)
    for key in ("headline", "name", "title"):
        if isinstance(work.get(key), str):
            draft.put("title", marked.text(as_text(work.pop(key))), "alternative-title")
    for key, role in PEOPLE:
        if key in work:
            work[key] = _people(draft, role, work.pop(key))
    for key, field in TEXT:
        if text := as_text(_named(work.get(key))):
            draft.put(field, text, key)
            del work[key]
    for key in ("datePublished", "dateCreated"):
        if not draft.get("issued") and isinstance(work.get(key), str):
            draft.put_date("issued", re.sub(r"^(\d{4}-\d\d-\d\d)[T ]\d.*", r"\1", work.pop(key)), key)
    begin, end = as_text(work.pop("pageStart", None)), as_text(work.pop("pageEnd", None))
    draft.put("page", f"{begin}–{end}" if begin and end and begin != end else begin or end, "pages")
    for key in ("abstract", "description"):
        if isinstance(work.get(key), str):
            draft.put("abstract", marked.text(as_text(work.pop(key))), key)
    publisher = work.get("publisher") or work.get("provider")
    draft.put("publisher", as_text(_named(publisher)), "publisher")
    _within(draft, work.get("isPartOf"), draft.fields["type"])
    _identify(draft, work)
    for key in ("keywords", "tags"):
        words = [as_text(_named(each)) for each in as_list(work.pop(key, None))]
        draft.add_keywords(words[0].split(",") if len(words) == 1 else words)
    for key in ("codeRepository", "license"):
        if isinstance(work.get(key), str):
            draft.keep(key, as_text(work.pop(key)))


def _named(value: Any) -> Any:
    """The name of a thing, or the thing where it is text."""
    if isinstance(value, list) and value:
        value = value[0]
    return as_map(value).get("name") or as_map(value).get("@value") if isinstance(value, dict) else value


def _people(draft: Draft, role: str, value: Any) -> list[Any]:
    remaining = []
    names: list[Name] = []
    for each in as_list(as_map(value).get("@list") or value):
        person = each if isinstance(each, dict) else {"name": each}
        family, given = as_text(person.get("familyName")), as_text(person.get("givenName"))
        whole = marked.text(as_text(person.get("name")))
        organised = any("organi" in each.lower() for each in kinds(person))
        if family:
            names.append(Name(family, given))
        elif organised:
            names.append(people.organisation(whole))
        elif whole:
            names.append(people.natural(whole) if not INVERTED.fullmatch(whole) else people.inverted(whole))
        if more := left_over(person, "familyName", "givenName", "name", "@type", "additionalName"):
            remaining.append({"name": whole or family, **more})
    draft.add(role, names)
    return remaining


def _within(draft: Draft, value: Any, type_: str) -> None:
    """Issue, volume and periodical, or the book, from the inside outwards; at most so many."""
    for _ in range(6):
        outer = as_map(value[0] if isinstance(value, list) and value else value)
        if not outer:
            return
        inner = kinds(outer)
        draft.put("issue", as_text(outer.get("issueNumber")), "issueNumber")
        draft.put("volume", as_text(outer.get("volumeNumber")), "volumeNumber")
        if not inner or set(inner) - NAMELESS:
            draft.put("container_title", marked.text(as_text(outer.get("name"))), "isPartOf")
            if draft.get("container_title") and type_ == "article" and "Periodical" in inner:
                draft.fields["type"] = "article-journal"
        for number in as_list(outer.get("issn")):
            draft.put("issn", as_text(number), "issn")
        for number in as_list(outer.get("isbn")):
            draft.put("isbn", as_text(number), "isbn")
        value = outer.get("isPartOf")


def _identify(draft: Draft, work: Work) -> None:
    for said in (*as_list(work.get("identifier")), work.get("@id"), *as_list(work.get("sameAs")), work.get("url")):
        text = as_text(as_map(said).get("value") or as_map(said).get("@id") if isinstance(said, dict) else said)
        kind = as_text(as_map(said).get("propertyID")).lower()
        if doi := identifiers.bare_doi(text):
            draft.put("doi", doi, "doi") if not draft.get("doi") else None
        elif "pmid" in kind or "pubmed" in kind:
            draft.put("pmid", text, "pmid")
        elif "arxiv" in text.lower() and (found := identifiers.arxiv_id(text)):
            draft.put("arxiv_id", found, "arxiv")
    if isinstance(work.get("url"), str):
        address = as_text(work.pop("url"))
        if not identifiers.bare_doi(address):
            draft.put("url", address, "url")


def is_codemeta(work: Work) -> bool:
    return "codemeta" in str(work.get("@context", "")).lower() and is_node(work)


SCHEMA_ORG = json_format(
    name="schema-org",
    summary="works described with schema.org (JSON-LD)",
    held=nodes,
    is_work=lambda work: is_work(work) and not is_codemeta(work),
    accepts=is_node,
    fill=fill,
)
CODEMETA = json_format(
    name="codemeta",
    summary="CodeMeta of software (codemeta.json)",
    held=nodes,
    is_work=is_codemeta,
    accepts=is_node,
    fill=fill,
)
