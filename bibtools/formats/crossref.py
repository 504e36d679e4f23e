"""Works in Crossref's JSON: an answer of its REST API, its yearly public data file, or works one a line.

Source: https://github.com/CrossRef/rest-api-doc/blob/master/api_format.md and answers of the service. A work has its title and
container as lists; a chapter or a paper names its series before its book.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bibtools import dates, identifiers, notices
from bibtools.formats import marked
from bibtools.formats.draft import Draft
from bibtools.formats.jsonworks import Work, as_list, as_map, as_text, enclosed, json_format, left_over
from bibtools.notices import Notice
from bibtools.record import Date, Name

__all__ = ["FORMAT"]

TYPES = {
    "journal-article": "article-journal",
    "journal": "periodical",
    "journal-issue": "periodical",
    "journal-volume": "periodical",
    "proceedings-article": "paper-conference",
    "proceedings": "book",
    "proceedings-series": "book",
    "book": "book",
    "monograph": "book",
    "edited-book": "book",
    "reference-book": "book",
    "book-set": "book",
    "book-series": "book",
    "book-chapter": "chapter",
    "book-section": "chapter",
    "book-part": "chapter",
    "book-track": "chapter",
    "reference-entry": "entry",
    "dissertation": "thesis",
    "report": "report",
    "report-component": "report",
    "report-series": "report",
    "standard": "standard",
    "standard-series": "standard",
    "posted-content": "article",
    "dataset": "dataset",
    "database": "dataset",
    "peer-review": "review",
    "component": "document",
    "grant": "document",
    "other": "document",
    "article-journal": "article-journal",  # as content negotiation has it
    "article": "article",
    "chapter": "chapter",
    "thesis": "thesis",
    "paper-conference": "paper-conference",
}
WITHIN = frozenset(("chapter", "paper-conference", "entry"))
TEXT = (
    ("volume", "volume"),
    ("issue", "issue"),
    ("page", "page"),
    ("publisher", "publisher"),
    ("publisher-location", "publisher_place"),
    ("edition-number", "edition"),
    ("language", "language"),
    ("DOI", "doi"),
    ("URL", "url"),
    ("part-number", "chapter_number"),
)
ROLES = (("author", "author"), ("editor", "editor"), ("translator", "translator"), ("chair", "chair"))
OWN = frozenset(
    "is-referenced-by-count reference-count references-count content-domain indexed deposited member prefix "
    "short-container-title published-print published-online issn-type score published alternative-id".split()
)


def held(value: Any) -> Iterator[Any]:
    return enclosed(value, ("message", "items"), ("message",), ("items",))


def is_work(work: Work) -> bool:
    """Two keys that only Crossref writes beside a DOI, or the DOI and the title in a list, as answers of few fields have it."""
    return "DOI" in work and (len(OWN & work.keys()) >= 2 or (isinstance(work.get("title"), list) and "id" not in work))


def accepts(work: Work) -> bool:
    return "DOI" in work or isinstance(work.get("title"), list)


def told(value: Any) -> str:
    message = as_map(as_map(value).get("message"))
    total, shown = message.get("total-results"), len(as_list(message.get("items")))
    if isinstance(total, int) and "items" in message and total > shown:
        return f"the query has {total:,} results; the answer holds {shown:,} of them"
    return ""


def fill(draft: Draft, work: Work) -> None:
    put = draft.put
    kind = as_text(work.get("type"))
    draft.fields["type"] = type_ = TYPES.get(kind, "document")
    if type_ == kind:
        work.pop("type", None)
    _titles(draft, work)
    for role, field in ROLES:
        if role in work:
            work[role] = _people(draft, field, work.pop(role))
    _container(draft, work, type_)
    for key, field in TEXT:
        if key in work and (value := as_text(work[key])):
            put(field, value, key)
            del work[key]
    if (doi := draft.get("doi")) and draft.get("url").lower().endswith(f"doi.org/{doi.lower()}"):
        draft.fields["url"] = ""  # it says what the DOI says
    if number := as_text(work.pop("article-number", None)):
        if number == draft.get("page") or not draft.get("page"):
            put("page", number, "eid")
        else:
            draft.keep("eid", number)
    if isinstance(abstract := work.get("abstract"), str):
        put("abstract", marked.text(work.pop("abstract")), "abstract")
        if draft.get("abstract") and "<" in abstract and "math" in abstract:
            work["abstract"] = abstract  # formulas have lost their form
    _dates(draft, work)
    _numbers(draft, work)
    draft.add_keywords(as_text(each) for each in as_list(work.pop("subject", None)))
    _event(draft, work)
    if not draft.get("publisher"):
        institution = as_map(next(iter(as_list(work.get("institution"))), None))
        put("publisher", as_text(institution.get("name")), "institution")
    for degree in as_list(work.pop("degree", None)):
        put("genre", as_text(degree), "degree")
    _notices(draft, work)


def _notices(draft: Draft, work: Work) -> None:
    """``updated-by``: notices of retraction and the like about the work; other updates stay as they are."""
    rest = []
    for each in as_list(work.pop("updated-by", None)):
        update = as_map(each)
        if known := notices.nature(as_text(update.get("type"))):
            parts = next(iter(as_list(as_map(update.get("updated")).get("date-parts"))), None)
            numbers = tuple(number for number in as_list(parts) if isinstance(number, int))[:3]
            day = dates.edtf(Date(numbers)) if len(numbers) == 3 and dates.valid(*numbers) else ""
            draft.keep(notices.EXTRA, str(Notice(known, day, identifiers.doi(as_text(update.get("DOI"))))))
        else:
            rest.append(each)
    if rest:
        work["updated-by"] = rest


def _titles(draft: Draft, work: Work) -> None:
    title, *more = [marked.text(as_text(each)) for each in as_list(work.pop("title", None))] or [""]
    subtitle, *further = [marked.text(as_text(each)) for each in as_list(work.pop("subtitle", None))] or [""]
    if subtitle and subtitle.casefold() not in title.casefold():
        title = (
            f"{title}: {subtitle}" if title and not title.endswith((":", "?", "!")) else f"{title} {subtitle}".strip()
        )
        draft.keep("subtitle", subtitle)
    draft.put("title", title, "title")
    for each in (*more, *further):
        draft.keep("alternative-title", each)
    for each in as_list(work.pop("short-title", None)):
        draft.put("title_short", marked.text(as_text(each)), "short-title")
    for each in as_list(work.pop("original-title", None)):
        if (original := marked.text(as_text(each))) != title:
            draft.keep("original-title", original)


def _people(draft: Draft, field: str, value: Any) -> list[Work]:
    """Adds the names; what is said of the people besides (ORCID, affiliation) comes back."""
    remaining, names = [], []
    for each in as_list(value):
        person = as_map(each)
        family, given = as_text(person.get("family")), as_text(person.get("given"))
        if family and (given or " " not in family):
            names.append(Name(family, given, suffix=as_text(person.get("suffix"))))
        else:
            names.append(Name(literal=as_text(person.get("name")) or family or given))
        if more := left_over(person, "sequence", "family", "given", "suffix", "name"):
            remaining.append({"name": " ".join(filter(None, (given, family))) or names[-1].literal, **more})
    draft.add(field, names)
    return remaining


def _container(draft: Draft, work: Work, type_: str) -> None:
    containers = [marked.text(as_text(each)) for each in as_list(work.pop("container-title", None))]
    containers = list(dict.fromkeys(filter(None, containers)))
    if type_ in WITHIN and len(containers) > 1:
        draft.put("collection_title", containers.pop(0), "container-title")
    if type_ in ("book", "report") and containers:
        draft.put("collection_title", containers.pop(0), "container-title")
    for each in containers:
        draft.put("container_title", each, "container-title")
    for each in as_list(work.pop("short-container-title", None)):
        if (short := marked.text(as_text(each))) != draft.get("container_title"):
            draft.put("container_title_short", short, "short-container-title")


def _date(value: Any) -> Date:
    parts = next(iter(as_list(as_map(value).get("date-parts"))), None)
    numbers = []
    for each in as_list(parts)[:3]:
        if not isinstance(each, int) or isinstance(each, bool) or each <= 0:
            break
        numbers.append(each)
    return Date(tuple(numbers)) if numbers and (len(numbers) < 2 or 1 <= numbers[1] <= 12) else Date()


def _dates(draft: Draft, work: Work) -> None:
    """``issued`` is the earliest of print and online; the others stay among what has no field where they say more."""
    issued = _date(work.get("issued")) or _date(work.get("published"))
    if not issued:
        issued = _date(work.get("published-print")) or _date(work.get("published-online")) or _date(work.get("posted"))
    if issued:
        draft.fields["issued"] = issued
        for key in ("issued", "published", "published-print", "published-online", "posted"):
            if key in work and _date(work[key]) == issued:
                del work[key]
    elif work.get("issued") == {"date-parts": [[None]]}:
        del work["issued"]


def _numbers(draft: Draft, work: Work) -> None:
    for key, field in (("ISBN", "isbn"), ("ISSN", "issn")):
        first, *further = [as_text(each) for each in as_list(work.get(key))] or [""]
        if field == "isbn":
            first = first.rsplit("/", 1)[-1]  # http://id.crossref.org/isbn/978...
        draft.put(field, first, key)
        if not further:
            work.pop(key, None)
            types = as_list(work.get(f"{field}-type"))
            if len(types) == 1 and len(as_map(types[0])) < 2:
                del work[f"{field}-type"]


def _event(draft: Draft, work: Work) -> None:
    event = work.get("event")
    if isinstance(event, str):
        draft.put("event_title", marked.text(work.pop("event")), "event")
    if not isinstance(event, dict):
        return
    draft.put("event_title", marked.text(as_text(event.pop("name", None))), "event")
    draft.put("event_place", as_text(event.pop("location", None)), "event-place")
    start, end = _date(event.get("start")), _date(event.get("end"))
    if start:
        draft.fields["event_date"] = Date(start.parts, end.parts if end and end != start else None)
        event.pop("start"), event.pop("end", None)


FORMAT = json_format(
    name="crossref",
    summary="works of Crossref (JSON of its API or data file, or one a line)",
    held=held,
    is_work=is_work,
    accepts=accepts,
    fill=fill,
    told=told,
)
