"""DataCite's metadata in XML, kernel 2 to 4: turned into the shape of its JSON and read by `datacite`."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from bibtools.formats import datacite
from bibtools.formats.draft import Draft
from bibtools.formats.xmlworks import remaining, root_of, shown, take, xml_format

__all__ = ["FORMAT"]


def fill(draft: Draft, element: Element) -> None:
    work: dict[str, Any] = {"titles": [], "creators": [], "contributors": []}
    identifier = element.find("identifier")
    if identifier is not None:
        kind = identifier.get("identifierType", "DOI")
        if kind == "DOI":
            work["doi"] = shown(identifier)
        else:
            work["identifiers"] = [{"identifier": shown(identifier), "identifierType": kind}]
        element.remove(identifier)
    for each in element.findall("titles/title"):
        work["titles"].append({"title": shown(each), "titleType": each.get("titleType"), "lang": each.get("lang")})
    for each in element.findall("creators/creator"):
        work["creators"].append(_person(each, "creatorName"))
    for each in element.findall("contributors/contributor"):
        work["contributors"].append(
            {"contributorType": each.get("contributorType"), **_person(each, "contributorName")}
        )
    for each in element.findall("dates/date"):
        work.setdefault("dates", []).append({"date": shown(each), **{k: v for k, v in each.attrib.items() if v}})
    for each in element.findall("descriptions/description"):
        described = {
            "description": shown(each),
            "descriptionType": each.get("descriptionType"),
            "lang": each.get("lang"),
        }
        work.setdefault("descriptions", []).append({key: value for key, value in described.items() if value})
    for each in element.findall("subjects/subject"):
        work.setdefault("subjects", []).append({"subject": shown(each), **each.attrib})
    kind_of = element.find("resourceType")
    if kind_of is not None:
        work["types"] = {"resourceTypeGeneral": kind_of.get("resourceTypeGeneral"), "resourceType": shown(kind_of)}
        element.remove(kind_of)
    for tag in ("titles", "creators", "contributors", "dates", "descriptions", "subjects"):
        for each in element.findall(tag):
            element.remove(each)
    for tag in ("publisher", "publicationYear", "version", "language"):
        work[tag] = take(element, tag)
    datacite.fill(draft, work)
    for key, value in work.items():
        _put_back(element, key, value)
    element.attrib.pop("schemaLocation", None)
    element[:] = sorted(element, key=lambda child: child.tag)


def _person(element: Element, tag: str) -> dict[str, Any]:
    """A name in DataCite's JSON; what stands beside it (identifiers, affiliations) as it is."""
    found = element.find(tag)
    name_type = found.get("nameType") if found is not None else None
    person = {
        "name": take(element, tag),
        "nameType": name_type,
        "givenName": take(element, "givenName"),
        "familyName": take(element, "familyName"),
    }
    if found is not None:
        element.remove(found)
    element.attrib.pop("contributorType", None)
    rest = remaining(element)
    return {**person, **(rest if isinstance(rest, dict) else {})}


def _put_back(element: Element, key: str, value: Any) -> None:
    """What `datacite` did not place goes back into the element, as text."""
    if isinstance(value, dict):
        child = Element(key)
        for name, inner in value.items():
            _put_back(child, name.lstrip("@"), inner)
        if len(child):
            element.append(child)
    elif isinstance(value, list):
        for inner in value:
            _put_back(element, key, inner)
    elif value:
        child = Element(key)
        child.text = str(value)
        element.append(child)


FORMAT = xml_format(
    name="datacite-xml",
    summary="metadata of DataCite in XML",
    wanted=frozenset(("resource",)),
    fill=fill,
    looks_like=lambda head: root_of(head)[0] == "resource" and "datacite.org/schema" in head,
)
