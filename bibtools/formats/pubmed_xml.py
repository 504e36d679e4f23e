"""PubMed's XML: what E-utilities and "Send to: File, XML" give, and NLM's yearly files, read as a stream.

Source: https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/190101/. Investigators are no authors; of the dates of a paper the one of its
issue is the date of issue, the electronic one stays among what has no field where it says something else.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from bibtools import dates
from bibtools.formats import people
from bibtools.formats.draft import Draft
from bibtools.formats.tagged.nbib import TYPES
from bibtools.formats.xmlworks import cleared, root_of, shown, take, take_all, xml_format
from bibtools.record import Date, Name

__all__ = ["FORMAT"]

ARTICLE = (
    ("Journal/JournalIssue/Volume", "volume"),
    ("Journal/JournalIssue/Issue", "issue"),
    ("Journal/Title", "container_title"),
    ("Journal/ISOAbbreviation", "container_title_short"),
    ("Journal/ISSN", "issn"),
    ("Pagination/MedlinePgn", "page"),
    ("Language", "language"),
)
BOOK = (
    ("Publisher/PublisherName", "publisher"),
    ("Publisher/PublisherLocation", "publisher_place"),
    ("CollectionTitle", "collection_title"),
    ("Volume", "volume"),
    ("Edition", "edition"),
    ("Isbn", "isbn"),
)


def fill(draft: Draft, element: Element) -> None:
    citation = element.find("MedlineCitation")
    book = element.find("BookDocument")
    if citation is not None:
        _identified(draft, citation)
        article = citation.find("Article")
        if article is not None:
            _article(draft, article)
        _keywords(draft, citation)
    elif book is not None:
        _identified(draft, book)
        _book(draft, book)
        _keywords(draft, book)
    for ids in (*element.findall("PubmedData/ArticleIdList"), *element.findall("*/ArticleIdList")):
        _ids(draft, ids)


def _identified(draft: Draft, element: Element) -> None:
    draft.put("pmid", take(element, "PMID"), "pmid")


def _ids(draft: Draft, element: Element) -> None:
    fields = {"pubmed": "pmid", "doi": "doi", "pmc": "pmcid"}
    for each in element.findall("ArticleId"):
        field = fields.get(each.get("IdType", ""))
        if field and draft.get(field) in ("", shown(each)):
            draft.put(field, cleared(each), field)


def _article(draft: Draft, article: Element) -> None:
    kinds = article.findall("PublicationTypeList/PublicationType")
    draft.fields["type"] = next((TYPES[text] for each in kinds if (text := shown(each)) in TYPES), "article-journal")
    for each in kinds:
        if shown(each) == "Journal Article":
            each.clear()
    title = take(article, "ArticleTitle")
    draft.put("title", title[:-1] if title.endswith(".") and not title.endswith("..") else title, "title")
    if not title:
        draft.put("title", take(article, "VernacularTitle"), "title")
    for path, field in ARTICLE:
        draft.put(field, take(article, path), field)
    _pages(draft, article)
    _date(draft, article.find("Journal/JournalIssue/PubDate"))
    for each in article.findall("ArticleDate"):
        _date(draft, each)
    for each in article.findall("ELocationID"):
        if each.get("EIdType") == "doi" and draft.get("doi") in ("", shown(each)):
            draft.put("doi", cleared(each), "doi")
    _abstract(draft, article)
    for people_ in article.findall("AuthorList"):
        _people(draft, people_)


def _pages(draft: Draft, article: Element) -> None:
    """`MedlinePgn` where there is one; older and newer files have begin and end."""
    begin, end = article.find("Pagination/StartPage"), article.find("Pagination/EndPage")
    if begin is None:
        return
    text = cleared(begin)
    if end is not None and (last := cleared(end)):
        text = f"{text}–{last}"
    if not draft.get("page") or text.partition("–")[0] != draft.get("page").partition("-")[0]:
        draft.put("page", text, "pages")


def _date(draft: Draft, element: Element | None) -> None:
    if element is None:
        return
    words = [shown(each) for tag in ("Day", "Month", "Season", "Year") for each in element.findall(tag)]
    medline = element.find("MedlineDate")
    text = " ".join(words) if words else shown(medline) if medline is not None else ""
    found = dates.parse(text)
    if not found:
        return
    standing: Date = draft.get("issued") or Date()
    if not standing or (
        len(found.parts) > len(standing.parts) and found.parts[: len(standing.parts)] == standing.parts
    ):
        draft.fields["issued"] = found
        cleared(element)
    elif found == standing:
        cleared(element)


def _abstract(draft: Draft, element: Element) -> None:
    parts = []
    for each in element.findall("Abstract/AbstractText"):
        label = each.attrib.pop("Label", "")
        each.attrib.pop("NlmCategory", None)
        text = cleared(each)
        parts.append(f"{label}: {text}" if label and text else text)
    draft.put("abstract", "\n".join(filter(None, parts)), "abstract")


def _people(draft: Draft, element: Element) -> None:
    kind = element.get("Type", "authors")
    role = "editor" if kind == "editors" else "author"
    if element.attrib.pop("CompleteYN", "Y") == "N":
        draft.fields["authors_truncated"] = True
    element.attrib.pop("Type", None)
    for each in element.findall("Author"):
        each.attrib.pop("ValidYN", None)
        family, given = take(each, "LastName"), take(each, "ForeName")
        initials = each.find("Initials")
        letters = "".join(part[0] for part in re.split(r"[\s-]+", given) if part)
        if initials is not None and family and (not given or shown(initials) == letters):
            given = given or shown(initials)
            initials.clear()
        collective = take(each, "CollectiveName")
        if collective and not family:
            draft.add(role, (people.organisation(collective),))
        else:
            draft.add(role, (Name(family, given, suffix=take(each, "Suffix")),))


def _book(draft: Draft, document: Element) -> None:
    book = document.find("Book")
    title = take(document, "ArticleTitle")
    draft.fields["type"] = "chapter" if title else "book"
    draft.put("title", title, "title")
    if book is not None:
        draft.put("container_title" if title else "title", take(book, "BookTitle"), "booktitle")
        for path, field in BOOK:
            draft.put(field, take(book, path), field)
        _date(draft, book.find("PubDate"))
        for each in book.findall("ELocationID"):
            if each.get("EIdType") == "doi":
                draft.put("doi", cleared(each), "doi")
        for people_ in book.findall("AuthorList"):
            _people(draft, people_)
    for people_ in document.findall("AuthorList"):
        _people(draft, people_)
    draft.put("page", take(document, "Pagination/MedlinePgn"), "pages")
    draft.put("language", take(document, "Language"), "language")
    _abstract(draft, document)


def _keywords(draft: Draft, element: Element) -> None:
    draft.add_keywords(take_all(element, "KeywordList/Keyword"))
    headings = element.find("MeshHeadingList")
    if headings is not None:
        words = []
        for each in headings.findall("MeshHeading"):
            name = take(each, "DescriptorName")
            qualifiers = take_all(each, "QualifierName")
            words += [f"{name}/{qualifier}" for qualifier in qualifiers] or [name]
        draft.add_keywords(words)


ROOTS = frozenset(
    ("PubmedArticleSet", "PubmedBookArticleSet", "PubmedArticle", "PubmedBookArticle", "MedlineCitationSet")
)

FORMAT = xml_format(
    name="pubmed-xml",
    summary="PubMed's XML",
    wanted=frozenset(("PubmedArticle", "PubmedBookArticle")),
    fill=fill,
    looks_like=lambda head: root_of(head)[0] in ROOTS,
)
