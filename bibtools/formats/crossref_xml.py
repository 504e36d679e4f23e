"""Crossref's XML: answers of its XML queries ("UNIXREF", "UNIXSD") and deposit files.

Source: https://www.crossref.org/documentation/schema-library/. The works of a journal, a book or a conference stand beside what
is said of the whole; each becomes a record with both.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from xml.etree.ElementTree import Element

from bibtools.formats import people
from bibtools.formats.draft import Draft
from bibtools.formats.xmlworks import cleared, root_of, shown, take, take_all, xml_format
from bibtools.record import Date, Name

__all__ = ["FORMAT"]

TYPES = {
    "journal_article": "article-journal",
    "journal_issue": "periodical",
    "journal_metadata": "periodical",
    "conference_paper": "paper-conference",
    "proceedings_metadata": "book",
    "proceedings_series_metadata": "book",
    "content_item": "chapter",
    "book_metadata": "book",
    "book_series_metadata": "book",
    "book_set_metadata": "book",
    "dissertation": "thesis",
    "report-paper_metadata": "report",
    "report-paper_series_metadata": "report",
    "standard_metadata": "standard",
    "posted_content": "article",
    "dataset": "dataset",
    "database_metadata": "dataset",
    "peer_review": "review",
    "component": "document",
}
WHOLES = frozenset("journal conference book report-paper standard database".split())
SINGLE = frozenset("dissertation posted_content peer_review sa_component".split())
ITEMS = frozenset("journal_article conference_paper content_item dataset component".split())
CONTEXTS = (
    "journal_metadata",
    "journal_issue",
    "event_metadata",
    "proceedings_metadata",
    "proceedings_series_metadata",
)
BOOKS = (
    "book_metadata",
    "book_series_metadata",
    "book_set_metadata",
    "report-paper_metadata",
    "standard_metadata",
    "database_metadata",
)


def parts(element: Element) -> Iterable[Element]:
    """Each work within a whole, with a copy of what is said of the whole; the whole itself where it holds none."""
    items = [each for each in element if each.tag in ITEMS] if element.tag in WHOLES else []
    if len(items) < 2:
        return (element,)
    context = [each for each in element if each.tag not in ITEMS]
    found = []
    for item in items:
        one = Element(element.tag, element.attrib)
        one.extend([*(deepcopy(each) for each in context), item])
        found.append(one)
    return found


def fill(draft: Draft, element: Element) -> bool | None:
    if element.tag in SINGLE:
        draft.fields["type"] = TYPES.get(element.tag, "document")
        _item(draft, element)
        return None
    item = next((each for each in element if each.tag in ITEMS), None)
    wholes = [each for each in element if each.tag in (*CONTEXTS, *BOOKS)]
    main = item if item is not None else next((each for each in reversed(wholes) if each.tag != "event_metadata"), None)
    if main is None:
        return False
    draft.fields["type"] = TYPES.get(main.tag, "document")
    if main.tag == "content_item" and element.tag != "book":
        draft.fields["type"] = "report"
    _item(draft, main)
    for whole in wholes:
        if whole is not main:
            _context(draft, whole)
    return None


def _item(draft: Draft, element: Element) -> None:
    titles = element.find("titles")
    if titles is not None:
        _titles(draft, titles)
    draft.put("title", take(element, "full_title"), "title")
    draft.put("title", take(element, "proceedings_title"), "title")
    _people(draft, element)
    _common(draft, element)
    for path, field in (("pages", "page"), ("publisher_item", "page")):
        for pages in element.findall(path):
            _pages(draft, pages, field)
    draft.put("abstract", "\n".join(take_all(element, "abstract")), "abstract")
    draft.put("genre", take(element, "degree"), "degree")
    draft.put("chapter_number", take(element, "component_number"), "component_number")
    data = element.find("doi_data")
    if data is not None:
        draft.put("doi", take(data, "doi"), "doi")
        draft.put("url", take(data, "resource"), "resource")


def _titles(draft: Draft, titles: Element) -> None:
    title, *more = take_all(titles, "title") or [""]
    sub, *further = take_all(titles, "subtitle") or [""]
    if sub:
        draft.keep("subtitle", sub)
        title = f"{title}: {sub}" if title and sub.casefold() not in title.casefold() else title or sub
    draft.put("title", title, "title")
    for each in (*more, *further):
        draft.keep("alternative-title", each)
    for each in take_all(titles, "original_language_title"):
        draft.keep("original-title", each)


def _people(draft: Draft, element: Element) -> None:
    for person in element.findall("contributors/person_name"):
        role = person.attrib.pop("contributor_role", "author")
        person.attrib.pop("sequence", None)
        name = Name(take(person, "surname"), take(person, "given_name"), suffix=take(person, "suffix"))
        draft.add(role, (name,))
    for organisation in element.findall("contributors/organization"):
        role = organisation.attrib.pop("contributor_role", "author")
        organisation.attrib.clear()
        draft.add(role, (people.organisation(cleared(organisation)),))


def _pages(draft: Draft, element: Element, field: str) -> None:
    begin, end = take(element, "first_page"), take(element, "last_page")
    draft.put(field, f"{begin}–{end}" if begin and end and begin != end else begin or end, "pages")
    for each in element.findall("item_number"):
        if each.get("item_number_type") in ("article_number", "article-number", "e-location"):
            draft.put(field, cleared(each), "item_number")


def _date(element: Element) -> Date:
    numbers = []
    for tag in ("year", "month", "day"):
        found = element.find(tag)
        text = shown(found) if found is not None else ""
        if not text.isdigit() or (tag == "month" and not 1 <= int(text) <= 12):
            break
        numbers.append(int(text))
    return Date(tuple(numbers))


def _common(draft: Draft, element: Element) -> None:
    """What a work and the whole that holds it say in the same way. The print date counts, as in Crossref's own citations."""
    dated = [*element.findall("publication_date"), *element.findall("posted_date"), *element.findall("approval_date")]
    for each in sorted(dated, key=lambda date: date.get("media_type") != "print"):
        found = _date(each)
        if found and not draft.get("issued"):
            draft.fields["issued"] = found
            each.clear()
        elif found == draft.get("issued"):
            each.clear()
    draft.put("publisher", take(element, "publisher/publisher_name"), "publisher")
    draft.put("publisher_place", take(element, "publisher/publisher_place"), "publisher_place")
    draft.put("publisher", take(element, "institution/institution_name"), "institution")
    draft.put("publisher_place", take(element, "institution/institution_place"), "institution_place")
    for tag in ("issn", "isbn"):
        for each in element.findall(tag):
            if not draft.get(tag):
                each.attrib.clear()
                draft.put(tag, cleared(each), tag)
    draft.put("edition", take(element, "edition_number"), "edition")
    draft.put("volume", take(element, "volume"), "volume")
    draft.put("volume", take(element, "journal_volume/volume"), "volume")
    draft.put("issue", take(element, "issue"), "issue")
    draft.put("language", element.attrib.pop("language", ""), "language")


def _context(draft: Draft, element: Element) -> None:
    _common(draft, element)
    match element.tag:
        case "journal_metadata":
            for title in take_all(element, "full_title"):
                draft.put("container_title", title, "full_title")
            for short in take_all(element, "abbrev_title"):
                if short != draft.get("container_title"):
                    draft.put("container_title_short", short, "abbrev_title")
        case "proceedings_metadata" | "proceedings_series_metadata":
            draft.put("container_title", take(element, "proceedings_title"), "proceedings_title")
            draft.put("collection_title", take(element, "series_metadata/titles/title"), "series")
        case "event_metadata":
            draft.put("event_title", take(element, "conference_name"), "conference_name")
            draft.put("event_place", take(element, "conference_location"), "conference_location")
        case tag if tag in BOOKS:
            draft.put("container_title", take(element, "titles/title"), "title")
            draft.put("collection_title", take(element, "series_metadata/titles/title"), "series")
            for person in element.findall("contributors/person_name"):
                if person.get("contributor_role") == "editor":
                    person.attrib.clear()
                    draft.add("editor", (Name(take(person, "surname"), take(person, "given_name")),))
        case _:
            pass


ROOTS = frozenset(("crossref_result", "doi_batch", "doi_records", "doi_record", "crossref", "body"))

FORMAT = xml_format(
    name="crossref-xml",
    summary="Crossref's XML (answers and deposits)",
    wanted=WHOLES | SINGLE,
    fill=fill,
    parts=parts,
    looks_like=lambda head: root_of(head)[0] in ROOTS and "crossref.org" in head,
)
