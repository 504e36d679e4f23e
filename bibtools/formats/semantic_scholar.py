"""Papers of Semantic Scholar: answers of its Graph API, and its data set of papers, one a line, whose keys are in lower case.

Source: https://api.semanticscholar.org/api-docs/graph. ``venue`` is what it thinks the venue is called; ``journal`` is told by
the publisher and counts more. The venue "arXiv.org" is no container.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bibtools import dates
from bibtools.formats import marked, people
from bibtools.formats.draft import Draft
from bibtools.formats.jsonworks import Work, as_list, as_map, as_text, enclosed, json_format, left_over

__all__ = ["FORMAT"]

TYPES = {
    "Conference": "paper-conference",
    "JournalArticle": "article-journal",
    "Book": "book",
    "BookSection": "chapter",
    "Dataset": "dataset",
    "Review": "article-journal",
    "Editorial": "article-journal",
    "LettersAndComments": "article-journal",
    "News": "article-newspaper",
    "Study": "article-journal",
    "CaseReport": "article-journal",
    "ClinicalTrial": "article-journal",
    "MetaAnalysis": "article-journal",
}
IDS = (("DOI", "doi"), ("ArXiv", "arxiv_id"), ("PubMed", "pmid"), ("PubMedCentral", "pmcid"))
CAMEL = {  # the data set's keys
    each.lower(): each
    for each in (
        "paperId corpusId externalIds publicationVenueId publicationVenue publicationDate publicationTypes referenceCount "
        "citationCount influentialCitationCount isOpenAccess openAccessPdf s2FieldsOfStudy fieldsOfStudy authorId"
    ).split()
}
ID_NAMES = {each.lower(): each for each, _ in IDS}
OWN = frozenset(
    "paperId externalIds corpusId publicationVenue s2FieldsOfStudy influentialCitationCount openAccessPdf".split()
)
PREPRINTS = frozenset(("arxiv.org", "arxiv", "biorxiv", "medrxiv", "ssrn electronic journal", "ssrn"))


def held(value: Any) -> Iterator[Any]:
    for each in enclosed(value, ("data",), ("recommendedPapers",), ("matches",)):
        outer = as_map(each)
        wrap = next((key for key in ("citedPaper", "citingPaper", "paper") if isinstance(outer.get(key), dict)), "")
        yield {**outer[wrap], **{key: value for key, value in outer.items() if key != wrap}} if wrap else each


def is_work(work: Work) -> bool:
    keys = {CAMEL.get(key, key) for key in work}
    return "title" in work and ("paperId" in keys or len(OWN & keys) >= 2) and bool(keys & OWN)


def fill(draft: Draft, work: Work) -> None:
    for key in [key for key in work if key in CAMEL]:
        work[CAMEL[key]] = work.pop(key)
    draft.put("title", marked.text(as_text(work.pop("title", None))), "title")
    authors = [as_map(each) for each in as_list(work.pop("authors", None))]
    draft.add("author", (people.natural(name) for each in authors if (name := as_text(each.get("name")))))
    work["authors"] = [each for each in authors if left_over(each, "name")]
    draft.put("abstract", marked.text(as_text(work.pop("abstract", None))), "abstract")
    ids = as_map(work.get("externalIds"))
    for key in [key for key in ids if key in ID_NAMES]:
        ids[ID_NAMES[key]] = ids.pop(key)
    for key, field in IDS:
        draft.put(field, as_text(ids.pop(key, None)), key)
    _dates(draft, work)
    _venue(draft, work)
    draft.put("url", as_text(work.pop("url", None)), "url")


def _dates(draft: Draft, work: Work) -> None:
    day, year = as_text(work.pop("publicationDate", None)), as_text(work.pop("year", None))
    found = dates.parse(day)
    if found.parts and (not year or str(found.year) == year):
        draft.fields["issued"] = found
    else:
        draft.put_date("issued", year, "year")
        draft.keep("publication-date", day)


def _venue(draft: Draft, work: Work) -> None:
    """Container and type from what is said of the venue."""
    journal = as_map(work.get("journal"))
    venue = as_map(work.get("publicationVenue"))
    name = as_text(venue.get("name")) or as_text(work.get("venue"))
    kinds = [each for each in map(as_text, as_list(work.get("publicationTypes"))) if each]
    stated = as_text(venue.get("type"))
    type_ = {"journal": "article-journal", "conference": "paper-conference"}.get(stated, "")
    first = next((TYPES[each] for each in ("Conference", "Book", "BookSection", "Dataset") if each in kinds), "")
    if first and not (stated == "journal" and first == "paper-conference"):
        type_ = first
    type_ = type_ or next((TYPES[each] for each in kinds if each in TYPES), "")
    printed = as_text(journal.get("name"))
    preprint = (name or printed).lower() in PREPRINTS
    if preprint:
        draft.fields["type"] = "article"
    else:
        draft.fields["type"] = type_ or ("article-journal" if printed or name else "document")
        container = printed if type_ == "article-journal" and printed else name or printed
        draft.put("container_title", marked.text(container), "venue")
        if printed == container:
            journal.pop("name", None)
        if as_text(work.get("venue")) == container:
            work.pop("venue", None)
        draft.put("issn", as_text(venue.get("issn")), "issn")
        draft.put("volume", as_text(journal.pop("volume", None)), "volume")
    pages = re.sub(r"\s+", " ", as_text(journal.pop("pages", None)))
    draft.put("page", pages, "pages")


FORMAT = json_format(
    name="semantic-scholar",
    summary="papers of Semantic Scholar (JSON of its API or data set)",
    held=held,
    is_work=is_work,
    fill=fill,
)
