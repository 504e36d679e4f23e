"""MARC 21 in XML: what libraries' catalogues answer (SRU, OAI).

Source: https://www.loc.gov/marc/bibliographic/. The punctuation that cataloguing rules put at the end of a subfield is no part of
it. Names end in dates, which are left among what has no field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from bibtools import dates
from bibtools.formats import people
from bibtools.formats.draft import Draft
from bibtools.formats.mods import RELATORS
from bibtools.formats.xmlworks import root_of, shown, xml_format

__all__ = ["FORMAT"]

KINDS = {  # leader, places 6 and 7
    "aa": "chapter",
    "ab": "article-journal",
    "am": "book",
    "as": "periodical",
    "e": "map",
    "c": "musical_score",
    "g": "motion_picture",
    "i": "song",
    "j": "song",
    "k": "graphic",
    "t": "manuscript",
}
TEXT: tuple[tuple[str, str, str], ...] = (  # field, subfield, field of the Record
    ("020", "a", "isbn"),
    ("022", "a", "issn"),
    ("250", "a", "edition"),
    ("300", "a", "number_of_pages"),
    ("490", "a", "collection_title"),
    ("490", "v", "collection_number"),
    ("830", "a", "collection_title"),
    ("830", "v", "collection_number"),
    ("520", "a", "abstract"),
    ("500", "a", "note"),
    ("041", "a", "language"),
    ("856", "u", "url"),
    ("502", "b", "genre"),
    ("502", "c", "publisher"),
)
END = re.compile(r"\s*(?:[/:;,=]|(?<!\b[A-Z])(?<!\b[A-Z][a-z])\.)\s*$")
ROLES = {**RELATORS, "aut": "author"}


def end(text: str) -> str:
    """Without the mark that only introduces the next subfield; an initial keeps its stop."""
    return END.sub("", text).strip()


def parts(element: Element) -> Iterable[Element]:
    """SRU wraps a record in a record."""
    return (element,) if element.find("leader") is not None else list(element.iter("record"))[1:] or (element,)


def subfields(element: Element, tag: str) -> Iterator[Element]:
    return (each for each in element.findall("datafield") if each.get("tag") == tag)


def take(field: Element, codes: str) -> list[str]:
    """The texts of subfields, in their order, which are cleared."""
    found = []
    for each in field.findall("subfield"):
        if each.get("code", "") in codes and (text := shown(each)):
            found.append(text)
            field.remove(each)
    return found


def fill(draft: Draft, element: Element) -> bool | None:
    if element.find("leader") is None and element.find("datafield") is None:
        return False
    leader = element.find("leader")
    code = (leader.text or "")[6:8] if leader is not None else ""
    if code[:1] == "m":  # a file: of a text, mostly
        code = f"a{code[1:]}"
    draft.fields["type"] = KINDS.get(code) or KINDS.get(code[:1], "book" if not code else "document")
    _titles(draft, element)
    _people(draft, element)
    _published(draft, element)
    _host(draft, element)
    for tag, subfield, field in TEXT:
        for found in subfields(element, tag):
            for text in take(found, subfield):
                draft.put(field, text if field in ("abstract", "note", "url") else end(text), field)
    for found in subfields(element, "502"):
        draft.fields["type"] = "thesis"
        draft.put("note", " ".join(take(found, "a")), "note")
    for tag in ("650", "653", "655"):
        for found in subfields(element, tag):
            draft.add_keywords(["--".join(end(text) for text in take(found, "axvyz"))])
    _controls(draft, element)
    for found in element.findall("datafield"):
        if not len(found):
            element.remove(found)
    return None


def _controls(draft: Draft, element: Element) -> None:
    for control in element.findall("controlfield"):
        text = control.text or ""
        if control.get("tag") == "001":
            draft.put("id", text.strip(), "001")
            element.remove(control)
        elif control.get("tag") == "008" and len(text) > 37:
            if not draft.get("issued") and text[7:11].isdigit():
                draft.put_date("issued", text[7:11], "008")
            if text[35:38].isalpha():
                draft.put("language", text[35:38], "008")
    for found in subfields(element, "024"):
        kinds = [shown(each) for each in found.findall("subfield") if each.get("code") == "2"]
        if kinds[:1] == ["doi"]:
            for text in take(found, "a"):
                draft.put("doi", text, "doi")


def _titles(draft: Draft, element: Element) -> None:
    for found in subfields(element, "245"):
        title, sub = [end(text) for text in take(found, "a")], [end(text) for text in take(found, "b")]
        part = [end(text) for text in take(found, "np")]
        whole = ": ".join(filter(None, (" ".join(title), " ".join(sub))))
        draft.put("title", ". ".join(filter(None, (whole, ", ".join(part)))), "title")
    for found in subfields(element, "246"):
        for text in take(found, "a"):
            draft.keep("alternative-title", end(text))


def _people(draft: Draft, element: Element) -> None:
    for tag in ("100", "110", "111", "700", "710", "711"):
        for found in subfields(element, tag):
            said = [
                shown(each).lower().rstrip(".") for each in found.findall("subfield") if each.get("code", "") in "4e"
            ]
            role = next((ROLES[each] for each in said if each in ROLES), "")
            names = [end(text) for text in take(found, "a")]
            if tag in ("111", "711"):
                draft.put("event_title", " ".join(names), tag)
                draft.put("event_place", " ".join(end(text) for text in take(found, "c")), tag)
                continue
            units = [end(text) for text in take(found, "b")] if tag in ("110", "710") else take(found, "b")
            whole = " ".join((*names, *units))
            name = people.organisation(whole) if tag in ("110", "710") else people.inverted(whole)
            draft.add(role or ("author" if tag[0] == "1" else "contributor"), (name,))


def _published(draft: Draft, element: Element) -> None:
    for tag in ("264", "260"):
        for found in subfields(element, tag):
            for text in take(found, "a"):
                draft.put("publisher_place", end(text), "place")
            for text in take(found, "b"):
                draft.put("publisher", end(text), "publisher")
            for text in take(found, "c"):
                year = re.search(r"\d{4}", text)
                bare = text.strip(" [].©c")
                parsed = dates.parse(bare)
                if year and parsed.literal:
                    draft.keep("date", text)
                    draft.put_date("issued", year[0], "date")
                else:
                    draft.put_date("issued", bare, "date")


RELATED = re.compile(r"(?:pages?:|Seiten?|S\.|p{1,2}\.) ?(?P<page>[\w-]+(?:[-–]\w+)?)", re.IGNORECASE)
VOLUME = re.compile(r"(?:volume:|Band|Vol\.|Bd\.) ?(?P<volume>[\w-]+)", re.IGNORECASE)
ISSUE = re.compile(r"(?:number:|Heft|Nr\.|No\.|H\.) ?(?P<issue>[\w-]+)", re.IGNORECASE)


def _host(draft: Draft, element: Element) -> None:
    """The work that holds this one; its place in it is free text in subfield g, which is kept."""
    for found in subfields(element, "773"):
        for text in take(found, "t"):
            draft.put("container_title", end(text), "773")
        for text in take(found, "x"):
            draft.put("issn", end(text), "773")
            if draft.fields["type"] == "chapter":
                draft.fields["type"] = "article-journal"
        for text in take(found, "z"):
            draft.put("isbn", end(text), "773")
        for each in found.findall("subfield"):
            if each.get("code") == "g":
                for pattern, field in ((RELATED, "page"), (VOLUME, "volume"), (ISSUE, "issue")):
                    if place := pattern.search(shown(each)):
                        draft.put(field, place[1], "773")


def looks_like(head: str) -> bool:
    name, rest = root_of(head)
    if name not in ("collection", "record", "searchRetrieveResponse", "OAI-PMH"):
        return False
    return "http://www.loc.gov/MARC21" in rest or ("<leader" in head and "<datafield" in head) or "<marc:leader" in head


FORMAT = xml_format(
    name="marcxml",
    summary="MARC 21 in XML, of libraries' catalogues",
    wanted=frozenset(("record",)),
    fill=fill,
    parts=parts,
    looks_like=looks_like,
)
