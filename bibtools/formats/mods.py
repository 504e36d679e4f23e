"""MODS, the Library of Congress's metadata for libraries, also what `bibutils` converts through.

Source: https://www.loc.gov/standards/mods/userguide/. The work that holds another is its ``relatedItem`` of type host; volume,
issue and pages are the host's ``part``. Of several titles the one without a type counts.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from bibtools import identifiers
from bibtools.formats import people
from bibtools.formats.draft import Draft
from bibtools.formats.xmlworks import cleared, root_of, shown, take, take_all, xml_format
from bibtools.record import Name

__all__ = ["FORMAT", "RELATORS"]

RELATORS = {  # https://www.loc.gov/marc/relators/: code or term, role
    **dict.fromkeys(("aut", "author", "cre", "creator", "verfasser", "verfasserin", "dissertant", "dis"), "author"),
    **dict.fromkeys(("edt", "editor", "herausgeber", "herausgeberin", "hrsg."), "editor"),
    **dict.fromkeys(("trl", "translator", "übersetzer"), "translator"),
    **dict.fromkeys(("ill", "illustrator"), "illustrator"),
    **dict.fromkeys(("com", "compiler"), "compiler"),
    **dict.fromkeys(("cmp", "composer"), "composer"),
    **dict.fromkeys(("drt", "director"), "director"),
    **dict.fromkeys(("ctb", "contributor"), "contributor"),
}
GENRES = {
    "article": "article-journal",
    "journal article": "article-journal",
    "academic journal": "article-journal",
    "newspaper article": "article-newspaper",
    "book": "book",
    "book chapter": "chapter",
    "chapter": "chapter",
    "conference publication": "paper-conference",
    "conference paper": "paper-conference",
    "proceeding": "paper-conference",
    "thesis": "thesis",
    "ph.d. thesis": "thesis",
    "masters thesis": "thesis",
    "dissertation": "thesis",
    "report": "report",
    "technical report": "report",
    "web page": "webpage",
    "web site": "webpage",
    "patent": "patent",
    "dataset": "dataset",
    "letter": "personal_communication",
    "periodical": "periodical",
    "journal": "periodical",
    "map": "map",
    "speech": "speech",
    "bibliography": "book",
}
RESOURCES = {
    "software, multimedia": "software",
    "cartographic": "map",
    "still image": "graphic",
    "moving image": "motion_picture",
    "sound recording": "song",
    "sound recording-musical": "song",
    "notated music": "musical_score",
}
IDENTIFIERS = {
    "doi": "doi",
    "isbn": "isbn",
    "issn": "issn",
    "pmid": "pmid",
    "pubmed": "pmid",
    "pmcid": "pmcid",
    "arxiv": "arxiv_id",
}
DETAILS = {"volume": "volume", "issue": "issue", "number": "issue", "chapter": "chapter_number", "article": "number"}
DATES = ("dateIssued", "copyrightDate", "dateCreated")


def fill(draft: Draft, element: Element) -> bool | None:
    host = next((each for each in element.findall("relatedItem") if each.get("type") == "host"), None)
    if not len(element):
        return False
    draft.put("id", take(element, "identifier[@type='citekey']"), "citekey")
    draft.put("id", element.attrib.pop("ID", ""), "ID")
    element.attrib.pop("version", None)
    element.attrib.pop("schemaLocation", None)
    draft.fields["type"] = _type(element, host)
    _titles(draft, element)
    for each in element.findall("name"):
        _person(draft, each)
    _origin(draft, element)
    if host is not None:
        host.attrib.pop("type")
        _host(draft, host)
    for each in element.findall("relatedItem"):
        if each.get("type") == "series":
            draft.put("collection_title", _title(each.find("titleInfo")), "series")
    _part(draft, element)
    _identifiers(draft, element)
    draft.put("abstract", "\n".join(take_all(element, "abstract")), "abstract")
    for path in ("language/languageTerm[@type='text']", "language/languageTerm", "language"):
        draft.put("language", take(element, path), "language")
    for note in element.findall("note"):
        if not note.get("type"):
            draft.put("note", cleared(note), "note")
    draft.add_keywords(
        text for each in element.findall("subject") for topic in each.findall("topic") if (text := cleared(topic))
    )
    for url in take_all(element, "location/url"):
        draft.put("url", url, "url")
    draft.put("number_of_pages", take(element, "physicalDescription/extent"), "extent")
    draft.keep("call-number", take(element, "classification"))
    return None


def _type(element: Element, host: Element | None) -> str:
    genres = [shown(each).lower() for each in element.findall("genre")]
    found = next((GENRES[each] for each in genres if each in GENRES), "")
    if not found and host is not None:
        inside = " ".join(shown(each).lower() for each in host.findall("genre"))
        periodical = (
            re.search("periodical|journal|magazine", inside) or host.find("identifier[@type='issn']") is not None
        )
        meeting = "conference" in inside
        found = "article-journal" if periodical else "paper-conference" if meeting else "chapter"
    if not found and (resource := element.find("typeOfResource")) is not None:
        found = RESOURCES.get(shown(resource).lower(), "")
    issuance = element.find("originInfo/issuance")
    return found or ("book" if issuance is not None and shown(issuance) == "monographic" else "document")


def _title(info: Element | None) -> str:
    if info is None:
        return ""
    before, title, sub = take(info, "nonSort"), take(info, "title"), take(info, "subTitle")
    number, name = take(info, "partNumber"), take(info, "partName")
    whole = f"{before} {title}".strip()
    whole = f"{whole}: {sub}" if sub else whole
    return ". ".join(filter(None, (whole, ", ".join(filter(None, (number, name))))))


def _titles(draft: Draft, element: Element) -> None:
    for info in sorted(element.findall("titleInfo"), key=lambda each: each.get("type") is not None):
        kind = info.attrib.pop("type", "")
        text = _title(info)
        if kind == "abbreviated":
            draft.put("title_short", text, "abbreviated-title")
        elif kind and draft.get("title"):
            draft.keep(f"{kind}-title", text)
        else:
            draft.put("title", text, "title")


def _person(draft: Draft, element: Element) -> None:
    kind = element.attrib.pop("type", "")
    element.attrib.pop("usage", None)
    roles = [shown(each).lower() for each in element.findall("role/roleTerm")]
    role = next((RELATORS[each] for each in roles if each in RELATORS), "" if roles else "author")
    for each in element.findall("role"):
        if all(shown(term).lower() in RELATORS for term in each.findall("roleTerm")):
            element.remove(each)
    parts: dict[str, list[str]] = {}
    for part in element.findall("namePart"):
        if part.get("type") not in ("date",):
            parts.setdefault(part.attrib.pop("type", ""), []).append(cleared(part))
    whole = " ".join(parts.get("", ())).rstrip(" ,")
    if parts.get("family"):
        suffix = " ".join(parts.get("termsOfAddress", ()))
        name = Name(" ".join(parts["family"]), " ".join(parts.get("given", ())), suffix=suffix)
    elif kind in ("corporate", "conference"):
        name = people.organisation(whole)
    else:
        name = people.inverted(whole) if "," in whole else people.natural(whole or " ".join(parts.get("given", ())))
    if kind == "conference":
        draft.put("event_title", whole, "conference")
    else:
        draft.add(role or (roles[0] if roles else "author"), (name,))


def _origin(draft: Draft, element: Element) -> None:
    for origin in element.findall("originInfo"):
        draft.put("publisher", take(origin, "publisher"), "publisher")
        for agent in origin.findall("agent"):
            draft.put("publisher", take(agent, "namePart"), "publisher")
        for place in origin.findall("place/placeTerm"):
            if place.get("type") == "text":
                draft.put("publisher_place", cleared(place), "place")
        draft.put("edition", take(origin, "edition"), "edition")
        for tag in DATES:
            for each in origin.findall(tag):
                text = shown(each)
                draft.put_date("issued", text.removeprefix("c") if re.fullmatch(r"c\d{4}", text) else text, tag)
                each.clear()
        for each in origin.findall("dateCaptured"):
            draft.put_date("accessed", cleared(each), "dateCaptured")


def _host(draft: Draft, host: Element) -> None:
    for info in host.findall("titleInfo"):
        short = info.attrib.pop("type", "") == "abbreviated"
        draft.put("container_title_short" if short else "container_title", _title(info), "host")
    _part(draft, host)
    _origin(draft, host)
    _identifiers(draft, host)
    for each in host.findall("name"):
        for term in each.findall("role/roleTerm"):
            if shown(term).lower() in ("aut", "author"):
                term.text = "container_author"
        roles = [shown(term).lower() for term in each.findall("role/roleTerm")]
        if "container_author" in roles:
            for role in each.findall("role"):
                each.remove(role)
            names = [cleared(part) for part in each.findall("namePart")]
            draft.add("container_author", (people.natural(" ".join(names)),))
            each.attrib.clear()
        else:
            _person(draft, each)


def _part(draft: Draft, element: Element) -> None:
    for part in element.findall("part"):
        for detail in part.findall("detail"):
            field = DETAILS.get(detail.get("type", ""))
            if field:
                draft.put(field, take(detail, "number"), detail.attrib.pop("type"))
        for extent in part.findall("extent"):
            if extent.get("unit", "page").rstrip("s") != "page":
                continue
            extent.attrib.clear()
            begin, end = take(extent, "start"), take(extent, "end")
            draft.put("page", f"{begin}–{end}" if begin and end and begin != end else begin or end, "pages")
            draft.put("page", take(extent, "list"), "pages")
            draft.put("number_of_pages", take(extent, "total"), "total")
        for each in part.findall("date"):
            draft.put_date("issued", cleared(each), "date")


def _identifiers(draft: Draft, element: Element) -> None:
    for each in element.findall("identifier"):
        kind = each.get("type", "").lower()
        text = shown(each)
        if kind in IDENTIFIERS and draft.get(IDENTIFIERS[kind]) in ("", text):
            draft.put(IDENTIFIERS[kind], identifiers.bare_doi(text) or text if kind == "doi" else text, kind)
        elif kind == "uri" and draft.get("url") in ("", text):
            draft.put("url", text, kind)
        else:
            continue
        each.clear()


FORMAT = xml_format(
    name="mods",
    summary="MODS, of libraries and bibutils",
    wanted=frozenset(("mods",)),
    fill=fill,
    looks_like=lambda head: (
        root_of(head)[0] in ("modsCollection", "mods") or ("http://www.loc.gov/mods" in head and "<mods" in head)
    ),
)
