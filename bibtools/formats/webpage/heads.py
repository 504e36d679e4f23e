"""The head of an article's page: its meta tags and its JSON-LD.

Sources: https://scholar.google.com/intl/en/scholar/inclusion.html#indexing (citation_*), the PRISM and Dublin Core element sets,
https://ogp.me, and what publishers write. Each vocabulary is a table of names; a name ends where a table knows it, with or
without its separator.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from bibtools import dates, fold, identifiers
from bibtools.formats import marked, people, schema_org
from bibtools.formats.draft import Draft
from bibtools.formats.jsonworks import left_over
from bibtools.record import Origin, Problem, Record

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["read"]


class Tag(NamedTuple):
    name: str  # lower case, ``dc:title`` and ``dc_title`` as ``dc.title``
    content: str
    line: int


TEXT = {  # by vocabulary, in the order of trust
    "citation_title": "title",
    "citation_journal_title": "container_title",
    "citation_inbook_title": "container_title",
    "citation_book_title": "container_title",
    "citation_series_title": "collection_title",
    "citation_collection_title": "collection_title",
    "citation_journal_abbrev": "container_title_short",
    "citation_volume": "volume",
    "citation_issue": "issue",
    "citation_pages": "page",
    "citation_publisher": "publisher",
    "citation_dissertation_institution": "publisher",
    "citation_technical_report_institution": "publisher",
    "citation_technical_report_number": "number",
    "citation_patent_number": "number",
    "citation_dissertation_name": "genre",
    "citation_language": "language",
    "citation_pmid": "pmid",
    "citation_pmcid": "pmcid",
    "citation_abstract": "abstract",
    "citation_issn": "issn",
    "citation_isbn": "isbn",
    "citation_edition": "edition",
    "citation_public_url": "url",
    "citation_abstract_html_url": "url",
    "citation_fulltext_html_url": "url",
    "bepress_citation_title": "title",
    "bepress_citation_journal_title": "container_title",
    "bepress_citation_volume": "volume",
    "bepress_citation_issue": "issue",
    "bepress_citation_publisher": "publisher",
    "bepress_citation_dissertation_institution": "publisher",
    "bepress_citation_dissertation_name": "genre",
    "bepress_citation_issn": "issn",
    "bepress_citation_abstract_html_url": "url",
    "eprints.title": "title",
    "eprints.publication": "container_title",
    "eprints.book_title": "container_title",
    "eprints.volume": "volume",
    "eprints.number": "issue",
    "eprints.pagerange": "page",
    "eprints.publisher": "publisher",
    "eprints.institution": "publisher",
    "eprints.issn": "issn",
    "eprints.isbn": "isbn",
    "eprints.abstract": "abstract",
    "eprints.official_url": "url",
    "eprints.event_title": "event_title",
    "eprints.event_location": "event_place",
    "prism.publicationname": "container_title",
    "prism.volume": "volume",
    "prism.number": "issue",
    "prism.issueidentifier": "issue",
    "prism.issn": "issn",
    "prism.isbn": "isbn",
    "prism.url": "url",
    "prism.pagerange": "page",
    "dc.title": "title",
    "dcterms.title": "title",
    "dc.publisher": "publisher",
    "dcterms.publisher": "publisher",
    "dc.language": "language",
    "dc.description.abstract": "abstract",
    "dcterms.abstract": "abstract",
    "dc.description": "abstract",
    "dc.source.issn": "issn",
    "dc.source.volume": "volume",
    "dc.source.issue": "issue",
    "dc.citation.volume": "volume",
    "dc.citation.issue": "issue",
    "dc.identifier.pagenumber": "page",
    "dc.identifier.isbn": "isbn",
    "dc.identifier.issn": "issn",
    "dcterms.ispartof": "container_title",
    "dc.relation.ispartof": "container_title",
    "og:url": "url",
}
PEOPLE = {
    "citation_author": "author",
    "citation_authors": "author",
    "citation_editor": "editor",
    "citation_inventor": "author",
    "bepress_citation_author": "author",
    "eprints.creators_name": "author",
    "eprints.editors_name": "editor",
    "dc.creator": "author",
    "dcterms.creator": "author",
    "dc.creator.personalname": "author",
    "dc.contributor.author": "author",
    "dc.contributor.editor": "editor",
}
DATED = (  # of several the first counts, and one more exact of the same year
    "citation_publication_date",
    "citation_date",
    "citation_cover_date",
    "citation_year",
    "bepress_citation_date",
    "eprints.date",
    "prism.publicationdate",
    "prism.coverdate",
    "dcterms.issued",
    "dc.date.issued",
    "dc.date",
    "dcterms.date",
    "citation_online_date",
    "article:published_time",
)
PAGES = (
    ("citation_firstpage", "citation_lastpage"),
    ("citation_first_page", "citation_last_page"),
    ("bepress_citation_firstpage", "bepress_citation_lastpage"),
    ("prism.startingpage", "prism.endingpage"),
    ("dc.citation.spage", "dc.citation.epage"),
)
DOIS = (
    *("citation_doi", "bepress_citation_doi", "prism.doi", "publication_doi", "dc.identifier.doi", "eprints.id_number"),
    *("dc.identifier", "dcterms.identifier", "evt-doipage", "doi"),
)
WORDS = (
    "citation_keywords",
    "citation_keyword",
    "eprints.keywords",
    "dc.subject",
    "dcterms.subject",
    "prism.keyword",
    "article:tag",
)
SAID = (  # a word of dc.type or eprints.type
    ("dataset", "dataset"),
    ("thesis", "thesis"),
    ("software", "software"),
    ("report", "report"),
    ("conference", "paper-conference"),
    ("chapter", "chapter"),
    ("book-part", "chapter"),
    ("book", "book"),
    ("article", "article-journal"),
)
ARTICLE = ("citation_title", "bepress_citation_title", "eprints.title")
PREPRINTS = frozenset("arxiv biorxiv medrxiv chemrxiv ssrn psyarxiv socarxiv preprints".split())
FAMILIES = re.compile(r"(?:citation_|bepress_citation_|eprints\.|prism\.|dc\.|dcterms\.|article:|publication_doi)")
OF_OTHERS = frozenset(
    ("citation_reference", "eprints.citation", "dc.references")
)  # works that this one cites, or itself in one line


def tags_of(page: HtmlElement) -> list[Tag]:
    found = []
    for element in page.iter("meta"):
        content = " ".join((element.get("content") or "").split())
        for key in ("name", "property", "itemprop"):
            name = (element.get(key) or "").strip().lower()
            if name and content:
                name = re.sub(r"^(dc|dcterms|prism|eprints)[:_]", r"\1.", name)
                if name == "dc.identifier" and (scheme := (element.get("scheme") or "").strip().lower()):
                    name = f"dc.identifier.{scheme}"
                found.append(Tag(name, content, element.sourceline or 0))
                break
    return found


def described(page: HtmlElement) -> list[dict[str, Any]]:
    """The works that JSON-LD on the page describes."""
    found: list[dict[str, Any]] = []
    for script in page.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        try:
            value = json.loads((script.text or "").strip().rstrip(";"), strict=False)
        except (ValueError, RecursionError):
            continue
        found += [node for node in schema_org.nodes(value) if schema_org.is_node(node)]
    return found


def read(page: HtmlElement, source: str) -> Iterator[Record | Problem]:
    """The record of the page's article, if its head has one."""
    tags = tags_of(page)
    works = described(page)
    names = {tag.name for tag in tags}
    kind = next((tag.content.lower() for tag in tags if tag.name == "og:type"), "")
    scholarly = names & {*ARTICLE, "prism.publicationname"} or (
        names & {"dc.title", "dcterms.title"}
        and names & {"dc.creator", "dcterms.creator", "dc.contributor.author", "publication_doi"}
    )
    titled = [work for work in works if any(isinstance(work.get(key), str) for key in ("headline", "name", "title"))]
    if not scholarly and not (len(titled) == 1 or (kind == "article" and "og:title" in names)):
        return
    line = next((tag.line for tag in tags if tag.name in ARTICLE), next((tag.line for tag in tags), 0))
    draft = Draft(Origin(source, line, 0))
    _placed(draft, tags, works)
    _described(draft, titled, alone=not scholarly)
    _shared(draft, tags, kind, alone=not scholarly and not titled)
    cited = sum(tag.name == "citation_reference" for tag in tags)
    yield draft.record()
    yield from draft.problems
    if cited:
        yield Problem(f"the page names {cited} works that the article cites; they are left out", draft.origin, "note")


def _placed(draft: Draft, tags: list[Tag], works: list[dict[str, Any]]) -> None:
    """The vocabularies of articles, each tag into its field or into ``extra``."""
    sites = {
        fold.text(tag.content)
        for tag in tags
        if tag.name in ("og:site_name", "application-name", "citation_publisher", "dc.publisher")
    }
    byname: dict[str, list[str]] = {}
    for tag in tags:
        byname.setdefault(tag.name, []).append(tag.content)
    _type(draft, byname, works)
    _people(draft, byname, sites)
    _dates(draft, byname)
    _identifiers(draft, byname)
    for begin, end in PAGES:
        first, last = byname.pop(begin, [""])[0], byname.pop(end, [""])[0]
        if first or last:
            whole = f"{first}–{last}" if first and last and first != last else first or last
            if not draft.get("page").startswith(whole):
                draft.put("page", whole, begin)
    for name in WORDS:
        words = byname.pop(name, [])
        if not draft.get("keyword"):
            joined = words[0] if len(words) == 1 else ""
            split = re.split(r"\s*;\s*", joined) if ";" in joined else re.split(r"\s*,\s*", joined) if joined else words
            draft.add_keywords(marked.text(each) for each in split)
    for name, field in TEXT.items():
        for value in byname.pop(name, []):
            text = marked.text(value)
            if field == "container_title" and re.match(r"https?:", text):
                draft.keep(f"webpage {name}", text)
                continue
            if field == "abstract" and draft.get("abstract"):
                continue  # a description is the beginning of the abstract, or says less
            if not _same(text, draft.get(field)):
                draft.put(field, text, f"webpage {name}")
    for name, values in byname.items():
        if FAMILIES.match(name) and name not in OF_OTHERS:
            for value in dict.fromkeys(values):
                draft.keep(f"webpage {name}", value)


def _same(text: str, standing: str) -> bool:
    return bool(text) and fold.text(text) == fold.text(standing)


def _type(draft: Draft, byname: dict[str, list[str]], works: list[dict[str, Any]]) -> None:
    kinds = {kind for work in works for kind in schema_org.kinds(work)}
    journal = (byname.get("citation_journal_title") or byname.get("prism.publicationname") or [""])[0]
    conference = byname.pop("citation_conference_title", []) + byname.pop("citation_conference", [])
    book = byname.get("citation_inbook_title") or byname.get("citation_book_title")
    if "citation_dissertation_institution" in byname or "bepress_citation_dissertation_institution" in byname:
        type_ = "thesis"
    elif "citation_technical_report_institution" in byname or "citation_technical_report_number" in byname:
        type_ = "report"
    elif "citation_patent_number" in byname:
        type_ = "patent"
    elif conference:
        type_ = "paper-conference"
    elif book:
        type_ = "chapter"
    elif "citation_arxiv_id" in byname or journal.lower() in PREPRINTS:
        type_ = "article"
    elif journal:
        type_ = "article-journal"
    elif "citation_isbn" in byname:
        type_ = "book"
    else:
        said = " ".join(byname.get("dc.type", []) + byname.get("eprints.type", [])).lower()
        type_ = next((type_ for word, type_ in SAID if word in said), "document")
        if type_ == "document" and "Dataset" in kinds:
            type_ = "dataset"
    draft.fields["type"] = type_
    for each in conference:
        field = "event_title" if book else "container_title"
        draft.put(field, marked.text(each), "webpage citation_conference_title")


def _people(draft: Draft, byname: dict[str, list[str]], sites: set[str]) -> None:
    """Of each role the first vocabulary that names people."""
    for name, role in PEOPLE.items():
        values = byname.pop(name, [])
        named = [each for value in values for each in _split(value, plural=name.endswith("authors"))]
        named = [each for each in named if fold.text(each) not in sites or name.startswith("citation_")]
        if named and not draft.get(role):
            found, cut = people.listed(map(marked.text, dict.fromkeys(named)))
            draft.add(role, found)
            if cut and role == "author":
                draft.fields["authors_truncated"] = True
        elif named:
            standing = {fold.text(each.surname) for each in draft.get(role)}
            for each in named:
                if not standing & set(_surnames(each)):
                    draft.keep(f"webpage {name}", each)


def _surnames(text: str) -> Iterator[str]:
    name = people.natural(text)
    yield fold.text(name.surname)
    yield fold.text(text)


def _split(value: str, *, plural: bool) -> list[str]:
    """Several names in one tag are parted by semicolons; by commas only where each part is a whole name."""
    if ";" in value:
        return [each for part in value.split(";") if (each := part.strip())]
    if " and " in value and value.count(",") != 1:
        value = re.sub(r",?\s+and\s+", ", ", value)
        plural = True
    parts = [each.strip() for each in value.split(",") if each.strip()]
    if plural and len(parts) > 2 and all(" " in each for each in parts):
        return parts
    return [value] if value.strip(" ,") else []


def day(text: str) -> str:
    """The day of a point in time, whatever form its clock has."""
    found = re.match(r"\d{4}-\d\d-\d\d(?=[T ]\d)", text)
    return found[0] if found else text


def _dates(draft: Draft, byname: dict[str, list[str]]) -> None:
    if "citation_arxiv_id" in byname:  # the day of version 1, and that of the highest
        draft.put_date("submitted", byname.get("citation_date", [""])[0], "citation_date")
        draft.put_date(
            "issued", (byname.pop("citation_online_date", None) or byname.get("citation_date", [""]))[0], "date"
        )
        byname.pop("citation_date", None)
    for name in DATED:
        for value in byname.pop(name, []):
            found = dates.parse(day(value))
            if not found:
                continue
            if found.literal and draft.get("issued"):
                draft.keep(f"webpage {name}", value)
            elif name == "citation_online_date" and draft.get("issued"):
                if found != draft.get("issued"):
                    draft.keep(f"webpage {name}", value)
            else:
                draft.put_parsed("issued", found, value, f"webpage {name}")


def _identifiers(draft: Draft, byname: dict[str, list[str]]) -> None:
    for name in DOIS:
        for value in byname.pop(name, []):
            if doi := identifiers.bare_doi(value):
                if doi.lower() != draft.get("doi").lower():
                    draft.put("doi", doi, f"webpage {name}")
            elif name.startswith("dc") and re.match(r"https?://", value):
                draft.put("url", value, f"webpage {name}")
            else:
                draft.keep(f"webpage {name}", value)
    for value in byname.pop("citation_arxiv_id", []):
        draft.put("arxiv_id", identifiers.arxiv_id(value) or value, "arxiv")
    for name in ("prism.eissn", "citation_eissn"):
        for value in byname.pop(name, []):
            if value != draft.get("issn"):
                draft.put("issn", value, f"webpage {name}") if "citation_issn" not in byname else draft.keep(
                    f"webpage {name}", value
                )


def _described(draft: Draft, works: list[dict[str, Any]], *, alone: bool) -> None:
    """What JSON-LD adds where the tags are silent; it is the article's where its title is, or where there is no other."""
    for work in works:
        title = marked.text(str(work.get("headline") or work.get("name") or work.get("title")))
        if (
            not alone
            and not _same(title, draft.get("title"))
            and not (len(works) == 1 and "ScholarlyArticle" in schema_org.kinds(work))
        ):
            continue
        found = Draft(draft.origin)
        schema_org.fill(found, dict(work))
        if alone or draft.fields["type"] == "document":
            draft.fields["type"] = found.fields["type"]
        for field, value in found.fields.items():
            if field == "title" and draft.get("title"):
                continue
            if (
                field != "type"
                and not draft.get(field)
                and not (field == "container_title" and draft.fields["type"] == "thesis")
            ):
                draft.fields[field] = value
        if remaining := left_over(dict(work), "@context") if alone else {}:
            kept = {key: value for key, value in remaining.items() if isinstance(value, str) and len(value) < 500}
            for key in ("articleSection", "dateModified"):
                if key in kept:
                    draft.keep(f"webpage {key}", kept[key])
        return


def _shared(draft: Draft, tags: Iterable[Tag], kind: str, *, alone: bool) -> None:
    """Open Graph, which every site writes for links to its pages: a title without the site's name, where there is no other."""
    said: dict[str, str] = {}
    for tag in tags:
        said.setdefault(tag.name, tag.content)
    if not draft.get("title"):
        title, site = marked.text(said.get("og:title", "")), said.get("og:site_name", "")
        if site:
            title = re.sub(rf"\s*[|\-–—:·]\s*{re.escape(site)}\s*$", "", title)
        draft.put("title", title, "og:title")
    if alone:
        draft.fields["type"] = "webpage"
        draft.put("container_title", said.get("og:site_name", ""), "og:site_name")
        author = said.get("author") or said.get("article:author") or ""
        site = fold.text(said.get("og:site_name", ""))
        if author and fold.text(author) != site and not re.match(r"https?:", author):
            draft.add("author", people.listed(_split(author, plural=True))[0])
            draft.extra = [pair for pair in draft.extra if pair[0] != "webpage article:author"]
        draft.put("abstract", said.get("og:description", ""), "og:description")
    if not draft.get("author") and not alone and (author := said.get("author", "")):
        draft.keep("webpage author", author)
