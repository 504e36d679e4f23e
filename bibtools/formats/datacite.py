"""DataCite's metadata in JSON: answers of its REST API, its data file (one record a line), or the attributes alone.

Source: https://schema.datacite.org/meta/kernel-4.6/ and https://support.datacite.org/docs/api. Among DataCite's DOIs are
arXiv's and Zenodo's. ``types.citeproc`` or ``bibtex`` tells the type better than ``resourceTypeGeneral``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bibtools import dates
from bibtools.formats import marked, people
from bibtools.formats.draft import Draft
from bibtools.formats.jsonworks import Work, as_list, as_map, as_text, enclosed, json_format, left_over
from bibtools.record import Date, Name

__all__ = ["FORMAT", "ROLES", "TYPES"]

TYPES = {  # resourceTypeGeneral
    "Book": "book",
    "BookChapter": "chapter",
    "Collection": "collection",
    "ComputationalNotebook": "software",
    "ConferencePaper": "paper-conference",
    "ConferenceProceeding": "book",
    "DataPaper": "article-journal",
    "Dataset": "dataset",
    "Dissertation": "thesis",
    "Image": "graphic",
    "InteractiveResource": "webpage",
    "Journal": "periodical",
    "JournalArticle": "article-journal",
    "PeerReview": "review",
    "Preprint": "article",
    "Presentation": "speech",
    "Report": "report",
    "Software": "software",
    "Sound": "song",
    "Standard": "standard",
    "Audiovisual": "motion_picture",
}
CITEPROC = frozenset(
    "article article-journal article-magazine article-newspaper book chapter dataset paper-conference post-weblog report "
    "review software speech thesis webpage graphic song motion_picture".split()
)
ROLES = {"Editor": "editor", "Translator": "translator", "Producer": "producer", "DataCurator": "curator"}
OWN = frozenset(
    "publicationYear creators titles relatedIdentifiers rightsList schemaVersion nameIdentifiers fundingReferences "
    "alternateIdentifiers geoLocations contentUrl metadataVersion".split()
)


def held(value: Any) -> Iterator[Any]:
    for each in enclosed(value, ("data",)):
        inner = as_map(each).get("attributes")
        yield inner if isinstance(inner, dict) else each


def is_work(work: Work) -> bool:
    return "titles" in work and len(OWN & work.keys()) >= 2


def told(value: Any) -> str:
    total = as_map(as_map(value).get("meta")).get("total")
    shown = len(as_list(as_map(value).get("data")))
    if isinstance(total, int) and total > shown:
        return f"the query has {total:,} results; the answer holds {shown:,} of them"
    return ""


def fill(draft: Draft, work: Work) -> None:
    types = as_map(work.get("types"))
    general, citeproc = as_text(types.get("resourceTypeGeneral")), as_text(types.get("citeproc"))
    if general in ("", "Text", "Other") or general not in TYPES:
        draft.fields["type"] = citeproc if citeproc in CITEPROC and general not in ("Other",) else "document"
        if citeproc == "article-journal" and not as_map(work.get("container")).get("title"):
            draft.fields["type"] = "document"  # DataCite's word for any text
    else:
        draft.fields["type"] = TYPES[general]
    _titles(draft, work)
    work["creators"] = _people(draft, "author", work.pop("creators", None))
    _contributors(draft, work)
    publisher = work.pop("publisher", None)
    if isinstance(publisher, dict):
        draft.put("publisher", as_text(publisher.pop("name", None)), "publisher")
        work["publisher"] = left_over(publisher)
    else:
        draft.put("publisher", as_text(publisher), "publisher")
    _dates(draft, work)
    _container(draft, work)
    _identifiers(draft, work)
    _descriptions(draft, work)
    subjects = [each if isinstance(each, dict) else {"subject": each} for each in as_list(work.pop("subjects", None))]
    draft.add_keywords(as_text(each.get("subject")) for each in subjects)
    work["subjects"] = [each for each in subjects if left_over(each, "subject")]
    for key in ("version", "language", "url"):
        draft.put(key, as_text(work.pop(key, None)), key)


def _titles(draft: Draft, work: Work) -> None:
    titles = [each if isinstance(each, dict) else {"title": each} for each in as_list(work.pop("titles", None))]
    main = next((each for each in titles if not each.get("titleType")), titles[0] if titles else {})
    title = marked.text(as_text(main.get("title")))
    for each in titles:
        text = marked.text(as_text(each.get("title")))
        if each is main or not text:
            continue
        if each.get("titleType") == "Subtitle":
            title = title if text.casefold() in title.casefold() else f"{title}: {text}"
            draft.keep("subtitle", text)
        else:
            kind = as_text(each.get("titleType"))
            draft.keep("translated-title" if kind == "TranslatedTitle" else "alternative-title", text)
    draft.put("title", title, "title")
    work["titles"] = [each for each in titles if left_over(each, "title", "titleType")]


def _people(draft: Draft, field: str, value: Any) -> list[Work]:
    remaining, names = [], []
    for each in as_list(value):
        person = each if isinstance(each, dict) else {"name": each}
        family, given = as_text(person.get("familyName")), as_text(person.get("givenName"))
        whole = as_text(person.get("name"))
        kind = person.get("nameType") or person.get("type")
        if family and kind not in ("Organizational", "Organization"):
            names.append(Name(family, given))
        elif kind in ("Organizational", "Organization") or (whole and "," not in whole and kind != "Personal"):
            names.append(people.organisation(whole))
        else:
            names.append(people.inverted(whole))
        if more := left_over(person, "familyName", "givenName", "nameType", "type", "name"):
            remaining.append({"name": whole, **more})
    draft.add(field, names)
    return remaining


def _contributors(draft: Draft, work: Work) -> None:
    remaining = []
    for each in as_list(work.pop("contributors", None)):
        person = as_map(each)
        role = ROLES.get(as_text(person.get("contributorType")))
        if role:
            kind = person.pop("contributorType")
            remaining += [{"contributorType": kind, **more} for more in _people(draft, role, [person])]
        else:
            remaining.append(person)
    work["contributors"] = remaining


def _dates(draft: Draft, work: Work) -> None:
    """The date of issue, made exact by ``dates``; a preprint's first day is its submission."""
    year = as_text(work.pop("publicationYear", None)) or as_text(work.pop("publication-year", None))
    found = [(as_text(as_map(each).get("dateType")), as_map(each)) for each in as_list(work.get("dates"))]
    used = []
    issued = Date()
    for kind in ("Issued", "Available", "Created"):
        for type_, each in found:
            date = dates.parse(as_text(each.get("date"))) if type_ == kind else Date()
            if date.parts and not issued and (not year or str(date.year) == year) and (kind == "Issued" or year):
                issued = date
                used.append(each)
    if issued:
        draft.fields["issued"] = issued
    else:
        draft.put_date("issued", year, "publicationYear")
    for type_, each in found:
        if (
            type_ == "Submitted"
            and (date := dates.parse(as_text(each.get("date")))).parts
            and "submitted" not in draft.fields
        ):
            draft.fields["submitted"] = date
            used.append(each)
    if "dates" in work:
        work["dates"] = [each for each in as_list(work["dates"]) if not any(each is one for one in used)]


def _container(draft: Draft, work: Work) -> None:
    container = as_map(work.get("container"))
    if not container:
        return
    field = (
        "collection_title"
        if as_text(container.get("type")) in ("Series", "Book Series", "BookSeries")
        else "container_title"
    )
    draft.put(field, marked.text(as_text(container.pop("title", None))), "container")
    draft.put("volume", as_text(container.pop("volume", None)), "volume")
    draft.put("issue", as_text(container.pop("issue", None)), "issue")
    first, last = as_text(container.pop("firstPage", None)), as_text(container.pop("lastPage", None))
    draft.put("page", f"{first}–{last}" if first and last else first or last, "pages")
    if as_text(container.get("identifierType")) in ("ISSN", "ISBN"):
        draft.put_number(as_text(container.pop("identifier", None)), as_text(container.pop("identifierType")))
    work["container"] = left_over(container)


def _identifiers(draft: Draft, work: Work) -> None:
    doi = as_text(work.pop("doi", None))
    if not doi and "doi.org/" in (address := as_text(work.get("id"))):
        doi = address.partition("doi.org/")[2]
        del work["id"]
    draft.put("doi", doi, "doi")
    remaining = []
    for each in as_list(work.pop("identifiers", None)):
        identifier, kind = as_text(as_map(each).get("identifier")), as_text(as_map(each).get("identifierType"))
        if kind in ("ISBN", "ISSN"):
            draft.put_number(identifier, kind)
        elif kind != "DOI" or identifier.lower().removeprefix("https://doi.org/") != draft.get("doi").lower():
            remaining.append(each)
    work["identifiers"] = remaining


def _descriptions(draft: Draft, work: Work) -> None:
    remaining = []
    for each in as_list(work.pop("descriptions", None)):
        text = marked.text(as_text(as_map(each).get("description")))
        if as_text(as_map(each).get("descriptionType")) == "Abstract" and not draft.get("abstract"):
            draft.put("abstract", text, "abstract")
        else:
            remaining.append(each)
    work["descriptions"] = remaining


FORMAT = json_format(
    name="datacite",
    summary="metadata of DataCite (JSON of its API or data file)",
    held=held,
    is_work=is_work,
    fill=fill,
    told=told,
)
