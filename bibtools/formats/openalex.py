"""Works of OpenAlex: an answer of its API, or its snapshot, one work a line.

Source: https://docs.openalex.org/api-entities/works/work-object. What is the place of publication is the ``primary_location``
(of older files ``host_venue``); a repository is no container. An arXiv number is taken from any of the locations.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bibtools import dates, identifiers
from bibtools.formats import marked, people
from bibtools.formats.draft import Draft
from bibtools.formats.jsonworks import EMPTY, Work, as_list, as_map, as_text, enclosed, json_format
from bibtools.record import Name

__all__ = ["FORMAT"]

TYPES = {
    "journal-article": "article-journal",
    "proceedings-article": "paper-conference",
    "posted-content": "article",
    "preprint": "article",
    "book": "book",
    "monograph": "book",
    "edited-book": "book",
    "reference-book": "book",
    "book-chapter": "chapter",
    "book-section": "chapter",
    "dissertation": "thesis",
    "report": "report",
    "standard": "standard",
    "dataset": "dataset",
    "database": "dataset",
    "peer-review": "review",
    "review": "article-journal",
    "letter": "article-journal",
    "editorial": "article-journal",
    "erratum": "article-journal",
    "retraction": "article-journal",
    "reference-entry": "entry",
    "software": "software",
}
SOURCES = {
    "journal": "article-journal",
    "conference": "paper-conference",
    "repository": "article",
    "book series": "chapter",
}
BIBLIO = (("volume", "volume"), ("issue", "issue"))
IDS = (("pmid", "pmid"), ("pmcid", "pmcid"))
OWN = frozenset(
    "authorships display_name publication_year referenced_works primary_location host_venue open_access cited_by_count "
    "abstract_inverted_index biblio related_works concepts locations".split()
)


def held(value: Any) -> Iterator[Any]:
    return enclosed(value, ("results",))


def is_work(work: Work) -> bool:
    return len(OWN & work.keys()) >= 2 and ("authorships" in work or "openalex.org" in as_text(work.get("id")))


def told(value: Any) -> str:
    total, shown = as_map(as_map(value).get("meta")).get("count"), len(as_list(as_map(value).get("results")))
    if isinstance(total, int) and total > shown:
        return f"the query has {total:,} results; the answer holds {shown:,} of them"
    return ""


def fill(draft: Draft, work: Work) -> None:
    title = as_text(work.pop("title", None))
    shown = as_text(work.pop("display_name", None))
    draft.put("title", marked.text(title or shown), "title")
    if shown and title and shown != title:
        draft.keep("display-name", marked.text(shown))
    work["authorships"] = _authors(draft, work.pop("authorships", None))
    place = as_map(work.get("primary_location")) or as_map(work.get("host_venue"))
    source = as_map(place.get("source")) or ({} if "primary_location" in work else place)
    _type(draft, work, place, source)
    _place(draft, place, source)
    biblio = as_map(work.get("biblio"))
    for key, field in BIBLIO:
        draft.put(field, as_text(biblio.pop(key, None)), key)
    first, last = as_text(biblio.pop("first_page", None)), as_text(biblio.pop("last_page", None))
    draft.put("page", f"{first}–{last}" if first and last and first != last else first or last, "pages")
    _dates(draft, work)
    _identifiers(draft, work)
    if isinstance(index := work.get("abstract_inverted_index"), dict) and (abstract := _abstract(index)):
        draft.put("abstract", marked.text(abstract), "abstract")
        del work["abstract_inverted_index"]
    draft.put("language", as_text(work.pop("language", None)), "language")
    for key in ("biblio", "primary_location", "host_venue", "ids", "open_access"):
        if isinstance(inner := work.get(key), dict):
            work[key] = _said(inner)


def _said(value: Work) -> Work:
    return {key: inner for key, inner in value.items() if inner not in EMPTY}


def _authors(draft: Draft, value: Any) -> list[Work]:
    remaining, names = [], []
    for each in as_list(value):
        authorship = as_map(each)
        author = as_map(authorship.get("author"))
        raw = as_text(authorship.get("raw_author_name"))
        shown = as_text(author.get("display_name")) or raw
        names.append(people.natural(shown) if shown else Name())
        if raw in ("", shown):
            authorship.pop("raw_author_name", None)
        if more := _said(authorship):
            remaining.append(more)
    draft.add("author", names)
    return remaining


def _type(draft: Draft, work: Work, place: Work, source: Work) -> None:
    kind = as_text(work.get("type"))
    raw = as_text(work.get("type_crossref")) or as_text(place.get("raw_type"))
    found = TYPES.get(raw) if kind in ("", "article") else TYPES.get(kind) or TYPES.get(raw)
    if not found and kind == "article":
        found = SOURCES.get(as_text(source.get("type")), "article-journal" if source else "article")
    draft.fields["type"] = found or "document"


def _place(draft: Draft, place: Work, source: Work) -> None:
    kind = as_text(source.get("type"))
    name = as_text(source.get("display_name")) or as_text(place.get("raw_source_name"))
    if kind != "repository" and draft.fields["type"] not in ("article", "thesis"):
        field = "collection_title" if kind == "book series" or draft.fields["type"] == "book" else "container_title"
        draft.put(field, marked.text(name), "source")
        publisher = as_text(source.get("host_organization_name")) or as_text(source.get("publisher"))
        draft.put("publisher", publisher, "publisher")
        draft.put("issn", as_text(source.get("issn_l")) or as_text(next(iter(as_list(source.get("issn"))), "")), "issn")
    address = as_text(place.get("landing_page_url"))
    if address and "doi.org/" not in address:
        draft.put("url", address, "url")


def _dates(draft: Draft, work: Work) -> None:
    day, year = as_text(work.pop("publication_date", None)), as_text(work.pop("publication_year", None))
    found = dates.parse(day)
    if found.parts and (not year or str(found.year) == year):
        draft.fields["issued"] = found
    else:
        draft.put_date("issued", year, "publication_year")
        draft.keep("publication-date", day)


def _identifiers(draft: Draft, work: Work) -> None:
    ids = as_map(work.get("ids"))
    doi = as_text(work.pop("doi", None)) or as_text(ids.get("doi"))
    ids.pop("doi", None)
    draft.put("doi", doi.removeprefix("https://doi.org/"), "doi")
    for key, field in IDS:
        draft.put(field, as_text(ids.pop(key, None)).rstrip("/").rsplit("/", 1)[-1], key)
    locations = [as_map(each) for each in as_list(work.get("locations"))]
    for location in (*locations, as_map(work.get("primary_location"))):
        address = as_text(location.get("landing_page_url")) or as_text(location.get("pdf_url"))
        if "arxiv" in address.lower() and (found := identifiers.arxiv_id(address)):
            draft.put("arxiv_id", found, "arxiv")
            break


def _abstract(index: Work) -> str:
    """The words of an inverted index in their order; ``""`` where it is none."""
    words: dict[int, str] = {}
    for word, places in index.items():
        for at in as_list(places):
            if not isinstance(at, int):
                return ""
            words[at] = word
    return " ".join(words[at] for at in sorted(words))


FORMAT = json_format(
    name="openalex",
    summary="works of OpenAlex (JSON of its API, or its snapshot)",
    held=held,
    is_work=is_work,
    fill=fill,
    told=told,
)
